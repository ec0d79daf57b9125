//! Simulated Atlassian: the authorization server of Jira Cloud (OAuth 2.0, 3LO) and the API host that serves many
//! sites, on two ports of 127.0.0.1 (jira-auth-and-rest §2). `tests/jira/oauth` shows each of these facts.

mod api;
mod auth;
mod pages;
mod state;
mod tokens;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::jira::exchange::Door;
use super::jira::{FakeJira, Fault, Gate, listener};
use super::oauth::{Application, AuthorizeRequest, Parameters};
use state::{Atlassian, State};

pub use state::{Counts, Seen};

/// A running Atlassian. It stops when it is dropped; its sites go on.
pub struct FakeAtlassian {
    atlassian: Arc<Atlassian>,
    doors: Vec<JoinHandle<()>>,
}

impl FakeAtlassian {
    /// Without sites and apps; its clock is its own.
    pub async fn start(now: Timestamp) -> Self {
        Self::at_ports(now, 0, 0).await
    }

    /// The same at ports that must be free; 0 = any.
    pub async fn at_ports(now: Timestamp, auth: u16, api: u16) -> Self {
        let auth = TcpListener::bind(("127.0.0.1", auth)).await.expect("a free port");
        let api = TcpListener::bind(("127.0.0.1", api)).await.expect("a free port");
        let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().expect("bound"));
        let atlassian = Arc::new(Atlassian {
            auth_url: url(&auth),
            api_url: url(&api),
            sites: RwLock::default(),
            state: Mutex::new(State::at(now)),
            faults: Mutex::default(),
            seen: Mutex::default(),
        });
        let door = |listener, door| {
            let atlassian = Arc::clone(&atlassian);
            let answer = move |asked| state::converse(Arc::clone(&atlassian), asked);
            tokio::spawn(listener::serve(listener, door, None, answer))
        };
        let doors = vec![door(auth, Door::Auth), door(api, Door::Api)];
        Self { atlassian, doors }
    }

    /// For `GATEWAY_ATLASSIAN_AUTH_URL`.
    pub fn auth_url(&self) -> String {
        self.atlassian.auth_url.clone()
    }

    /// For `GATEWAY_ATLASSIAN_API_URL`.
    pub fn api_url(&self) -> String {
        self.atlassian.api_url.clone()
    }

    /// Serves a Cloud site below `/ex/jira/{cloudId}`. Its people are the accounts; one e-mail address is one account
    /// everywhere. Its clock, faults, counters and log go on being its own.
    pub fn add_site(&self, jira: &FakeJira) {
        assert!(jira.personality().is_cloud(), "only Jira Cloud is behind Atlassian's hosts");
        self.atlassian.sites.write().unwrap().push(jira.inner());
    }

    /// Registers an app with its callback URLs, or changes it.
    pub fn register(&self, client_id: &str, client_secret: &str, callback_urls: &[&str]) {
        let redirect_uris = callback_urls.iter().map(|url| (*url).to_owned()).collect();
        let app = Application { secret: client_secret.into(), redirect_uris };
        self.state(|state| state.apps.insert(client_id.into(), app));
    }

    // What people do.

    /// The person of this e-mail address allows it, for these sites or (empty) for all of the account; answers with
    /// the URL to which the browser goes back.
    #[track_caller]
    pub fn consent(&self, authorize_url: &str, email: &str, site_urls: &[&str]) -> String {
        let request = self.request(authorize_url);
        let sites = site_urls.iter().map(|url| {
            let site = self.atlassian.sites().into_iter().find(|site| site.url == *url);
            state::cloud_id(&site.expect("a site of this Atlassian")).to_owned()
        });
        let sites = if site_urls.is_empty() { None } else { Some(sites.collect()) };
        self.atlassian.allow(request, email, sites).expect("this account is here")
    }

    /// Somebody presses "Cancel".
    #[track_caller]
    pub fn deny(&self, authorize_url: &str) -> String {
        auth::denied(&self.request(authorize_url))
    }

    #[track_caller]
    fn request(&self, authorize_url: &str) -> AuthorizeRequest {
        let query = authorize_url.strip_prefix(&format!("{}/authorize?", self.auth_url())).expect("our own address");
        let parameters = Parameters::of_form(query).expect("each parameter once");
        self.atlassian.check(&parameters).and_then(|it| self.atlassian.check_app(it)).unwrap_or_else(|refusal| {
            panic!("Atlassian shows an error page: {refusal:?}");
        })
    }

    /// The person removes all apps from the account: their tokens are dead at once.
    pub fn revoke_grants(&self, email: &str) {
        self.state(|state| state.tokens.revoke(email));
    }

    // Switches.

    pub fn now(&self) -> Timestamp {
        self.state(|state| state.now)
    }

    /// The clock of codes and tokens; sites have their own.
    pub fn set_time(&self, now: Timestamp) {
        self.state(|state| state.now = now);
    }

    pub fn advance(&self, by: SignedDuration) {
        self.state(|state| state.now += by);
    }

    /// `unauthorized_client` instead of `invalid_grant` for a refresh token that is not good any more.
    pub fn set_older_error_shape(&self, on: bool) {
        self.state(|state| state.older_error_shape = on);
    }

    // What goes wrong. `/ex/jira/…` also has the faults of its site.

    pub fn fault_at(&self, path: &str, fault: Fault) {
        self.atlassian.faults.lock().unwrap().add(path, None, fault);
    }

    pub fn fault_times(&self, times: usize, path: &str, fault: Fault) {
        self.atlassian.faults.lock().unwrap().add(path, Some(times), fault);
    }

    /// Token requests are processed, their answers wait at the gate: open it, or cut it.
    pub fn hold_token_answers(&self) -> Gate {
        let gate = Gate::closed();
        self.fault_at(TOKEN_ENDPOINT, Fault::Withhold(gate.clone()));
        gate
    }

    /// Token requests wait at the gate before they are processed.
    pub fn hold_token_requests(&self) -> Gate {
        let gate = Gate::closed();
        self.fault_at(TOKEN_ENDPOINT, Fault::Wait(gate.clone()));
        gate
    }

    /// All faults end; what waits goes on waiting.
    pub fn heal(&self) {
        self.atlassian.faults.lock().unwrap().heal();
    }

    // What was asked.

    pub fn counts(&self) -> Counts {
        self.state(|state| state.counts)
    }

    /// All requests at both hosts, with their secrets: for tests that look for leaks.
    pub fn seen(&self) -> Vec<Seen> {
        self.atlassian.seen.lock().unwrap().clone()
    }

    /// Who has seen this token (or any other secret): `auth`, `api`, and the URLs of sites that were asked directly.
    pub fn places_that_saw(&self, secret: &str) -> BTreeSet<String> {
        let own = self.seen().into_iter().filter(|seen| seen.asked.contains(secret));
        let mut places: BTreeSet<String> =
            own.map(|seen| if seen.asked.door == Door::Auth { "auth" } else { "api" }.to_owned()).collect();
        for site in self.atlassian.sites() {
            let directly = |asked: &super::jira::Asked| asked.door == Door::Site && asked.contains(secret);
            if site.log.lock().unwrap().requests().iter().any(|logged| directly(&logged.asked)) {
                places.insert(site.url.clone());
            }
        }
        places
    }

    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.atlassian.state.lock().unwrap())
    }
}

/// For [`FakeAtlassian::fault_at`]: the token endpoint alone.
pub const TOKEN_ENDPOINT: &str = "/oauth/token?";

impl Drop for FakeAtlassian {
    fn drop(&mut self) {
        self.doors.iter().for_each(JoinHandle::abort);
    }
}
