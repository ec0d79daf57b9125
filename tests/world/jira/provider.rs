//! A self-managed Jira as an OAuth provider, from the outside: application links, what people do, what was counted.

use super::super::oauth::{AuthorizeRequest, TokenCounts};
use super::exchange::form;
use super::oauth2::{self, OAuth2};
use super::personality::Version;
use super::who::Gatekeeper;
use super::{FakeJira, Fault, Gate};

/// For [`FakeJira::fault_at`]: the token endpoint of OAuth 2.0 alone.
pub const OAUTH_2_TOKEN: &str = "/rest/oauth2/latest/token";

impl FakeJira {
    // OAuth 2.0, from 8.22.

    /// An incoming application link of OAuth 2.0.
    pub fn register_oauth2(&self, client_id: &str, secret: &str, redirect_uri: &str) {
        assert!(self.personality().since(Version::OAUTH_2), "Jira has been an OAuth 2.0 provider since 8.22");
        self.oauth2(|oauth2| oauth2.register(client_id, secret, redirect_uri));
    }

    /// The person allows it; the URL to which the browser goes back.
    #[track_caller]
    pub fn consent_oauth2(&self, authorize_url: &str, username: &str) -> String {
        let (request, name, now) = (self.oauth2_request(authorize_url), self.person(username).name, self.now());
        self.oauth2(|oauth2| oauth2.allow(request, &name, now))
    }

    /// Somebody presses "Deny".
    #[track_caller]
    pub fn deny_oauth2(&self, authorize_url: &str) -> String {
        oauth2::denied(&self.oauth2_request(authorize_url))
    }

    #[track_caller]
    fn oauth2_request(&self, authorize_url: &str) -> AuthorizeRequest {
        let (path, query) = authorize_url.split_once('?').expect("parameters");
        assert_eq!(path, self.at("/rest/oauth2/latest/authorize"));
        let checked = self.oauth2(|oauth2| oauth2.check(query));
        checked.unwrap_or_else(|answer| panic!("Jira refuses this: {}", String::from_utf8_lossy(&answer.body)))
    }

    /// The person removes all apps: their tokens are dead at once.
    pub fn revoke_oauth2(&self, username: &str) {
        self.oauth2(|oauth2| oauth2.revoke(username));
    }

    pub fn oauth2_counts(&self) -> TokenCounts {
        self.oauth2(|oauth2| oauth2.counts)
    }

    /// Token requests are processed, their answers wait at the gate: open it, or cut it.
    pub fn hold_token_answers(&self) -> Gate {
        let gate = Gate::closed();
        self.fault_at(OAUTH_2_TOKEN, Fault::Withhold(gate.clone()));
        gate
    }

    fn oauth2<T>(&self, act: impl FnOnce(&mut OAuth2) -> T) -> T {
        act(&mut self.gatekeeper().oauth2)
    }

    // OAuth 1.0a.

    /// An incoming application link of OAuth 1.0a; the key is PEM (`BEGIN PUBLIC KEY`).
    pub fn register_oauth1(&self, consumer_key: &str, public_key: &str) {
        assert!(!self.personality().is_cloud(), "Jira Cloud has no application links");
        self.gatekeeper().oauth1.register(consumer_key, public_key);
    }

    /// The person allows it; the URL to which the browser goes back, or for `oob` the verifier.
    #[track_caller]
    pub fn consent_oauth1(&self, authorize_url: &str, username: &str) -> String {
        let name = self.person(username).name;
        self.decide_oauth1(authorize_url, Some(&name))
    }

    /// Somebody presses "Deny".
    #[track_caller]
    pub fn deny_oauth1(&self, authorize_url: &str) -> String {
        self.decide_oauth1(authorize_url, None)
    }

    #[track_caller]
    fn decide_oauth1(&self, authorize_url: &str, name: Option<&str>) -> String {
        let (path, query) = authorize_url.split_once('?').expect("parameters");
        assert_eq!(path, self.at("/plugins/servlet/oauth/authorize"));
        let token = form(query).into_iter().find(|(name, _)| name == "oauth_token").expect("a request token").1;
        let now = self.now();
        let mut gatekeeper = self.gatekeeper();
        assert!(gatekeeper.oauth1.open_request(&token, now).is_some(), "this request is not valid any more");
        gatekeeper.oauth1.decide(&token, name).unwrap_or_else(|verifier| verifier)
    }

    /// The person removes all apps: their tokens are dead at once.
    pub fn revoke_oauth1(&self, username: &str) {
        self.gatekeeper().oauth1.revoke(username);
    }

    fn gatekeeper(&self) -> std::sync::MutexGuard<'_, Gatekeeper> {
        self.jira.gatekeeper.lock().unwrap()
    }
}
