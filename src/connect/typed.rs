//! Connecting with a secret that the person types: password, API token or personal access token.
//!
//! One failed sign-in stops: Jira locks accounts. A password is sent exactly once. Only a Cloud token may be tried a
//! second time, at Atlassian's API host, because a *scoped* token is refused by the site (jira-auth-and-rest §3).

use std::net::IpAddr;

use jiff::Timestamp;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::jira;
use crate::jira::auth::{Auth, Credential, Method};
use crate::jira::classify::Plane;
use crate::jira::client::Client;
use crate::jira::discover::{self, Found};
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::model::Person;
use crate::jira::text::clean_line;
use crate::store::{AccountId, Attempt, AttemptLimit, Claim, Connection, Identity, NewConnection};

use super::error::ConnectError;
use super::{Connect, health, limits, whose};

/// What the person typed into the connect window.
#[derive(Debug)]
pub struct Typed {
    pub site: String,
    pub method: Method,
    /// E-mail on Cloud, user name elsewhere; empty for a personal access token.
    pub username: String,
    pub secret: SecretString,
    pub expires_at: Option<Timestamp>,
    /// What the person believes it is; decides only between Data Center and Server.
    pub chosen: Option<Deployment>,
}

/// A sign-in that Jira has confirmed.
pub(super) struct Proven {
    pub(super) api: SiteUrl,
    pub(super) person: Person,
}

impl Connect {
    /// Finds the Jira, proves the credential by `/myself`, and keeps it. `true` when the connection is new. `account` is who
    /// is signed in; nobody where connecting is signing in.
    pub async fn connect(
        &self,
        account: Option<&AccountId>,
        peer: IpAddr,
        typed: Typed,
    ) -> Result<(Connection, bool), ConnectError> {
        let address = SiteUrl::parse(&typed.site).map_err(|error| ConnectError::Invalid(format!("site: {error}")))?;
        let address = if address.is_cloud_host() { address.to_https().root() } else { address };
        if address.as_str().len() > LONGEST_SITE {
            return Err(ConnectError::Invalid("site: this address is too long".to_owned()));
        }
        let address = self.sites.of_alias(&address).cloned().unwrap_or(address);
        check_fields(&typed)?;
        if !self.sites.may_admit(&address) {
            return Err(ConnectError::SiteNotListed);
        }
        // Every attempt counts, whatever comes of it: the window must not serve to look around in a network.
        if account.is_none() && !self.signs_in {
            return Err(ConnectError::SignedOut);
        }
        let mut counted = vec![limits::address(peer)];
        counted.extend(account.map(limits::account));
        let _counted = self.claim(&counted).await?;
        let found = self.discover(&address).await?;
        if !self.sites.admits(&found.site) {
            return Err(ConnectError::SiteNotListed);
        }
        // An alias of a listed site is that site.
        let site = self.sites.listed(&found.site).map_or(&found.site, |it| &it.url).clone();
        let deployment = deployment(&found, typed.chosen);
        offered(typed.method, &found, deployment)?;
        let credential =
            Credential::typed(typed.method, &typed.username, &typed.secret).ok_or(ConnectError::MethodNotSupported)?;
        let proven = self.prove_within_limits(&site, &found, &typed, &credential).await?;
        let typed = Typed { expires_at: self.end_of(&typed, &credential, &proven).await, ..typed };
        let identities: Vec<Identity> = whose::of_site(&site, &proven.person.id).into_iter().collect();
        let account = self.whose(account, &identities).await?;
        self.keep(&account, site, deployment, found, &typed, &credential, proven).await
    }

    /// What kind of Jira lives at an address. Anonymous.
    pub async fn discover(&self, address: &SiteUrl) -> Result<Found, ConnectError> {
        Ok(discover::discover(self.sites.http(address), address).await?)
    }

    async fn prove_within_limits(
        &self,
        site: &SiteUrl,
        found: &Found,
        typed: &Typed,
        credential: &Credential,
    ) -> Result<Proven, ConnectError> {
        // A wrong bearer token locks nobody's account, so only sign-ins with a name are counted per name.
        let claim = match typed.method {
            Method::ApiToken | Method::Password => {
                Some(self.claim(&[limits::failure(site, typed.username.trim())]).await?)
            }
            _ => None,
        };
        let proven = self.prove(site, found, typed.method, credential).await;
        let refused = matches!(proven, Err(ConnectError::WrongCredentials | ConnectError::Captcha { .. }));
        // The claim counts as a failure until Jira has not refused the credential.
        if let (Some(claim), false) = (&claim, refused) {
            self.store.release_attempt(claim, limits::FAILURE).await?;
        }
        proven
    }

    async fn prove(
        &self,
        site: &SiteUrl,
        found: &Found,
        method: Method,
        credential: &Credential,
    ) -> Result<Proven, ConnectError> {
        let plane = found.plane();
        let at_site = self.myself(site, plane, credential).await;
        let refused = matches!(
            at_site,
            Err(ConnectError::Jira(jira::Error::BadCredentials | jira::Error::Forbidden | jira::Error::MissingScope))
        );
        let proven = match &found.cloud_id {
            Some(cloud_id) if plane == Plane::CloudSite && refused => {
                let api = SiteUrl::parse(&self.atlassian_api_url.join(&format!("/ex/jira/{cloud_id}")));
                let at_api_host = match api {
                    Ok(api) => self.myself(&api, Plane::CloudApiHost, credential).await,
                    Err(_) => return at_site.map_err(|error| error.said_by(site, method)),
                };
                // A firewall before the API host must not hide that the site refused a mistyped token.
                match at_api_host {
                    Err(ConnectError::Jira(jira::Error::Outbound(_))) => at_site,
                    answered => answered,
                }
            }
            _ => at_site,
        };
        proven.map_err(|error| error.said_by(site, method))
    }

    async fn myself(&self, api: &SiteUrl, plane: Plane, credential: &Credential) -> Result<Proven, ConnectError> {
        let person = self.client(api, plane, credential.auth()?).myself().await?;
        Ok(Proven { api: api.clone(), person })
    }

    pub(super) fn client(&self, api: &SiteUrl, plane: Plane, auth: Auth) -> Client {
        let http = match plane {
            Plane::CloudApiHost => self.sites.operator(),
            Plane::CloudSite | Plane::SelfManaged => self.sites.http(api),
        };
        Client::new(http.clone(), api.clone(), plane, auth)
    }

    #[expect(clippy::too_many_arguments, reason = "each is one column of the row that is written here")]
    async fn keep(
        &self,
        account: &AccountId,
        site: SiteUrl,
        deployment: Deployment,
        found: Found,
        typed: &Typed,
        credential: &Credential,
        proven: Proven,
    ) -> Result<(Connection, bool), ConnectError> {
        let Proven { api, person } = proven;
        let typed_name = typed.username.trim().to_owned();
        let label = match deployment {
            Deployment::Cloud if typed_name.is_empty() => person.email.unwrap_or(person.display_name),
            Deployment::Cloud => typed_name,
            _ => person.name.unwrap_or(person.display_name),
        };
        let plain = Zeroizing::new(serde_json::to_vec(credential).unwrap_or_default());
        let new = NewConnection {
            account_id: account.clone(),
            title: found.title.unwrap_or_else(|| site.short_name().to_owned()),
            site,
            api,
            deployment,
            version: found.version,
            method: typed.method.as_str().to_owned(),
            // Jira's own words, or what was typed: one line, without marks that turn the text around it.
            label: clean_line(&label, LONGEST_NAME),
            jira_user: person.id,
            expires_at: typed.expires_at.map(Timestamp::as_millisecond),
            grant_id: None,
        };
        let (connection, created) = self.store.save_connection(&self.sealer, &new, &plain).await?;
        self.changed(account);
        // The credential that was there before is of no use any more.
        self.close(&connection.id);
        tracing::info!(connection = %connection.id, created, "a person connected a Jira");
        Ok((health::seen(connection, self.clock.now()), created))
    }

    pub(super) async fn claim(&self, attempts: &[AttemptLimit]) -> Result<Claim, ConnectError> {
        match self.store.claim_attempt(attempts).await? {
            Attempt::Allowed(claim) => Ok(claim),
            Attempt::Refused { retry_at, .. } => Err(ConnectError::TooManyAttempts {
                retry_at: Timestamp::from_millisecond(retry_at).unwrap_or(Timestamp::MAX),
            }),
        }
    }
}

/// Longest user name, e-mail address or label; and longest address of a site. Both stand in every answer.
pub(super) const LONGEST_NAME: usize = 255;
pub(super) const LONGEST_SITE: usize = 500;

fn check_fields(typed: &Typed) -> Result<(), ConnectError> {
    use secrecy::ExposeSecret as _;
    let missing = |what: &str| Err(ConnectError::Invalid(format!("{what} is missing")));
    let fields =
        [("username", typed.username.len(), LONGEST_NAME), ("secret", typed.secret.expose_secret().len(), 8_192)];
    if let Some((what, _, _)) = fields.iter().find(|(_, length, most)| length > most) {
        return Err(ConnectError::Invalid(format!("{what} is too long")));
    }
    if typed.secret.expose_secret().trim().is_empty() {
        return missing("secret");
    }
    if typed.method != Method::PersonalAccessToken && typed.username.trim().is_empty() {
        return missing("username");
    }
    Ok(())
}

/// Data Center from 9.13 on; before that the two cannot be told apart, and the person's choice counts.
fn deployment(found: &Found, chosen: Option<Deployment>) -> Deployment {
    match (found.deployment, chosen) {
        (Some(Deployment::Server) | None, Some(Deployment::DataCenter)) => Deployment::DataCenter,
        (found, _) => found.unwrap_or(Deployment::Server),
    }
}

fn offered(method: Method, found: &Found, deployment: Deployment) -> Result<(), ConnectError> {
    let fits = (method == Method::ApiToken) == (deployment == Deployment::Cloud);
    match (fits, method) {
        (false, _) => Err(ConnectError::MethodNotSupported),
        (true, Method::PersonalAccessToken) if !found.methods.contains(&method) => {
            Err(ConnectError::MethodNotSupported)
        }
        // Whether passwords are switched off is for Jira to say: an administrator may have allowed them.
        _ => Ok(()),
    }
}
