//! Connecting by consent: the person goes to the provider and comes back with a code (jira-auth-and-rest §2, §4.3, §4.4).
//!
//! A consent is bound to the browser in which it began and to the account that was signed in there, lives ten minutes and is
//! used up by its first return, whatever comes of it. The site comes from what was begun, never from what comes back.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::error::ConnectError;
use super::providers::{Callback, Own};
use super::typed::LONGEST_SITE;
use super::{Connect, limits, refusal};
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::oauth::{Application, Client, Consumer};
use crate::outbound::Url;
use crate::secret::{Digest, new_token};
use crate::store::{AccountId, Connection, NewConsent, Returned};

/// How long a person may take at the provider.
const CONSENT_LIVES: SignedDuration = SignedDuration::from_mins(10);
/// Longest code or verifier that is passed on.
const LONGEST_CODE: usize = 8 * 1024;

/// A wish to connect by consent.
#[derive(Debug)]
pub struct Begin<'a> {
    /// Who is signed in; nobody where connecting is signing in.
    pub account: Option<&'a AccountId>,
    pub peer: IpAddr,
    /// The hash of a cookie of this browser.
    pub browser: Digest,
    /// As typed; may be empty for Cloud.
    pub site: &'a str,
    pub chosen: Option<Deployment>,
    /// A path of ours.
    pub return_to: &'a str,
}

/// What the provider sent back with the person.
#[derive(Debug)]
pub struct Return<'a> {
    pub callback: Callback,
    pub browser: Option<Digest>,
    pub account: Option<&'a AccountId>,
    pub state: &'a str,
    /// `code`, or `oauth_verifier` of OAuth 1.0a.
    pub code: &'a str,
    /// `error` of RFC 6749 §4.1.2.1; empty when there is none.
    pub error: &'a str,
}

/// What was connected.
#[derive(Debug)]
pub struct Completed {
    pub account: AccountId,
    /// Oldest wish first: the site that was asked for, if it was, and all others of the grant.
    pub connections: Vec<Connection>,
    pub return_to: String,
    /// The site that was asked for, but not let in to.
    pub missing: Option<SiteUrl>,
}

/// Why nothing was connected, with what is needed to begin again.
#[derive(Debug)]
pub struct Incomplete {
    pub error: ConnectError,
    pub site: String,
    pub return_to: String,
}

impl From<ConnectError> for Incomplete {
    fn from(error: ConnectError) -> Self {
        Self { error, site: String::new(), return_to: String::new() }
    }
}

/// Where the person is asked.
enum At<'p> {
    /// With the site that was asked for, if one was.
    Cloud(&'p Client, Option<SiteUrl>),
    Two(&'p Client, SiteUrl),
    One(Application, SiteUrl),
}

impl Connect {
    /// The address at which the person consents.
    pub async fn begin_consent(&self, begin: Begin<'_>) -> Result<Url, ConnectError> {
        let typed = self.typed_site(begin.site)?;
        if begin.account.is_none() && !self.signs_in {
            return Err(ConnectError::SignedOut);
        }
        let mut counted = vec![limits::address(begin.peer)];
        counted.extend(begin.account.map(limits::account));
        let _counted = self.claim(&counted).await?;
        let at = self.at(typed.as_ref(), begin.chosen).await?;
        let state = new_token("jno");
        let (callback, site, authorize_url, secret) = match &at {
            At::Cloud(client, site) => {
                let flow = client.begin(state.expose_secret());
                let site = site.as_ref().map_or("", SiteUrl::as_str);
                (Callback::Cloud, site, flow.authorize_url, flow.verifier)
            }
            At::Two(client, site) => {
                let flow = client.begin(state.expose_secret());
                (Callback::DataCenter, site.as_str(), flow.authorize_url, flow.verifier)
            }
            At::One(application, site) => {
                let mut callback = self.providers.server_callback.clone();
                callback.query_pairs_mut().append_pair("state", state.expose_secret());
                let given =
                    application.request_token(&callback).await.map_err(|error| refusal::of_link(error, site))?;
                let token = Zeroizing::new(serde_json::to_string(&given.token).unwrap_or_default());
                (Callback::Server, site.as_str(), given.authorize_url, SecretString::from(token.as_str()))
            }
        };
        let new = NewConsent {
            state: Digest::of_token(state.expose_secret()),
            browser: begin.browser,
            account: begin.account,
            provider: callback.as_str(),
            site,
            return_to: begin.return_to,
            secret: secret.expose_secret().as_bytes(),
        };
        self.store.begin_consent(&self.sealer, new).await?;
        Ok(authorize_url)
    }

    /// Drops what nobody came back for: no verifier is kept for longer than it is good (performance-and-security 2.3).
    pub async fn forget_consents(&self) -> Result<(), crate::store::Error> {
        self.store.forget_consents(self.oldest_consent()).await.map(drop)
    }

    /// Milliseconds since 1970.
    fn oldest_consent(&self) -> i64 {
        self.clock.now().checked_sub(CONSENT_LIVES).map_or(0, Timestamp::as_millisecond)
    }

    fn typed_site(&self, text: &str) -> Result<Option<SiteUrl>, ConnectError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let address = SiteUrl::parse(text).map_err(|error| ConnectError::Invalid(format!("site: {error}")))?;
        let address = if address.is_cloud_host() { address.to_https().root() } else { address };
        if address.as_str().len() > LONGEST_SITE {
            return Err(ConnectError::Invalid("site: this address is too long".to_owned()));
        }
        let address = self.sites.of_alias(&address).cloned().unwrap_or(address);
        if !self.sites.may_admit(&address) {
            return Err(ConnectError::SiteNotListed);
        }
        Ok(Some(address))
    }

    /// The provider for a site. Only where the operator registered us anybody is asked; an address that may be a Cloud site
    /// under a name of its own is looked at first.
    async fn at(&self, typed: Option<&SiteUrl>, chosen: Option<Deployment>) -> Result<At<'_>, ConnectError> {
        let cloud = self.providers.cloud();
        let Some(typed) = typed else {
            return match (cloud, chosen) {
                (Some(client), None | Some(Deployment::Cloud)) => Ok(At::Cloud(client, None)),
                (None, None | Some(Deployment::Cloud)) => Err(ConnectError::MethodNotSupported),
                _ => Err(ConnectError::Invalid("site is missing".to_owned())),
            };
        };
        if typed.is_cloud_host() {
            let at = |client| At::Cloud(client, Some(typed.clone()));
            return cloud.map(at).ok_or(ConnectError::MethodNotSupported);
        }
        let found = self.discover(typed).await?;
        if !self.sites.admits(&found.site) {
            return Err(ConnectError::SiteNotListed);
        }
        let site = self.sites.listed(&found.site).map_or(&found.site, |listed| &listed.url).clone();
        match (found.deployment, self.providers.own(&site)) {
            (Some(Deployment::Cloud), _) => {
                cloud.map(|client| At::Cloud(client, Some(site))).ok_or(ConnectError::MethodNotSupported)
            }
            (_, Some(Own::Two(_))) if !found.may_have_oauth2() => Err(ConnectError::MethodNotSupported),
            (_, Some(Own::Two(client))) => Ok(At::Two(client, site)),
            (_, Some(Own::One(consumer))) => Ok(At::One(self.application(&site, consumer.clone()), site)),
            (_, None) => Err(ConnectError::MethodNotSupported),
        }
    }

    pub(super) fn application(&self, site: &SiteUrl, consumer: Arc<Consumer>) -> Application {
        Application::new(self.sites.http(site).clone(), site.clone(), consumer, self.stamps())
    }

    /// The person is back.
    pub async fn complete_consent(&self, back: Return<'_>) -> Result<Completed, Incomplete> {
        let (state, since) = (Digest::of_token(back.state), self.oldest_consent());
        let taken = self.store.take_consent(&self.sealer, state, back.browser, back.callback.as_str(), since).await;
        let consent = match taken.map_err(ConnectError::from)? {
            Returned::Consent(consent) => consent,
            Returned::Unknown => return Err(ConnectError::ConsentExpired.into()),
            Returned::Foreign => return Err(ConnectError::OtherBrowser.into()),
        };
        let again = |error| Incomplete { error, site: consent.site.clone(), return_to: consent.return_to.clone() };
        // Whoever is signed in now must be who began: else one person's Jira would end up in another's account.
        if consent.account.as_ref() != back.account {
            let error = if back.account.is_none() { ConnectError::SignedOut } else { ConnectError::OtherAccount };
            return Err(again(error));
        }
        if back.code == "denied" {
            return Err(again(ConnectError::Denied));
        }
        if !back.error.is_empty() {
            return Err(again(refusal::of_return(back.error)));
        }
        if back.code.is_empty() || back.code.len() > LONGEST_CODE {
            return Err(again(ConnectError::ConsentExpired));
        }
        let finished = match back.callback {
            Callback::Cloud => self.finish_cloud(&back, &consent).await,
            Callback::DataCenter | Callback::Server => self.finish_own(&back, &consent).await,
        };
        finished.map_err(again)
    }
}
