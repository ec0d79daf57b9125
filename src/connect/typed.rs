//! Connecting with a secret that the person types: password, API token or personal access token.
//!
//! One failed sign-in stops: Jira locks accounts. A password is sent exactly once. Only a Cloud token may be tried a
//! second time, at Atlassian's API host, because a *scoped* token is refused by the site (jira-auth-and-rest §3).

use std::net::IpAddr;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::jira::auth::{Credential, Method};
use crate::jira::client::{Client, Dialect, Plane};
use crate::jira::discover::{self, DiscoverError, Found};
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::model::Person;
use crate::jira::{self};
use crate::outbound::{Failure, Url};
use crate::store::{Attempt, NewConnection};

use super::connection::Connection;
use super::error::ConnectError;
use super::{Connect, credential_kind};

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
struct Proven {
    api: String,
    person: Person,
}

impl Connect {
    /// Finds the Jira, proves the credential by `/myself`, and keeps it. `true` when the connection is new.
    pub async fn connect(
        &self,
        account: &std::sync::Arc<str>,
        peer: IpAddr,
        typed: Typed,
    ) -> Result<(std::sync::Arc<Connection>, bool), ConnectError> {
        let address = SiteUrl::parse(&typed.site).map_err(|error| ConnectError::Invalid(format!("site: {error}")))?;
        let address = if address.is_cloud_host() { address.to_https().root() } else { address };
        check_fields(&typed)?;
        if !self.sites.may_admit(&address) {
            return Err(ConnectError::SiteNotListed);
        }
        self.claim(&[Attempt::account(account), Attempt::address(peer)]).await?;
        let found = self.discover(&address).await?;
        if !self.sites.admits(&found.site) {
            return Err(ConnectError::SiteNotListed);
        }
        // An alias of a listed site is that site.
        let site = self.sites.listed(&found.site).map_or(&found.site, |it| &it.url).clone();
        let deployment = deployment(&found, typed.chosen);
        offered(typed.method, &found, deployment)?;
        let credential = Credential::typed(typed.method, &typed.username, &typed.secret);
        let proven = self.prove_within_limits(&site, &found, &typed, &credential).await?;
        self.keep(account, site, deployment, found, &typed, &credential, proven).await
    }

    /// What kind of Jira lives at an address. Anonymous.
    pub async fn discover(&self, address: &SiteUrl) -> Result<Found, ConnectError> {
        discover::discover(self.sites.http(address), address).await.map_err(|error| match error {
            DiscoverError::NotJira => ConnectError::NotJira,
            DiscoverError::SignInPage => ConnectError::SignInPage,
            DiscoverError::Outbound(failure) => failure.into(),
        })
    }

    async fn prove_within_limits(
        &self,
        site: &SiteUrl,
        found: &Found,
        typed: &Typed,
        credential: &Credential,
    ) -> Result<Proven, ConnectError> {
        // A wrong bearer token locks nobody's account, so only sign-ins with a name are counted per name.
        let failure = (typed.method != Method::PersonalAccessToken)
            .then(|| Attempt::sign_in(site.as_str(), &typed.username.trim().to_lowercase()));
        if let Some(failure) = &failure {
            self.claim(std::slice::from_ref(failure)).await?;
        }
        let proven = self.prove(site, found, typed.method, credential).await;
        // The claim stands as a failure unless Jira did not refuse the credential.
        if let Some(failure) = &failure
            && !matches!(proven, Err(ConnectError::WrongCredentials | ConnectError::Captcha { .. }))
        {
            self.store.release_attempt(failure, self.clock.now()).await?;
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
        let cloud = found.deployment == Deployment::Cloud;
        let (dialect, plane) =
            if cloud { (Dialect::Cloud, Plane::CloudSite) } else { (Dialect::Server, Plane::SelfManaged) };
        let at_site = self.myself(site.as_str(), dialect, plane, credential).await;
        let refused = matches!(
            at_site,
            Err(ConnectError::Jira(jira::Error::BadCredentials | jira::Error::Forbidden | jira::Error::MissingScope))
        );
        let proven = match (&found.cloud_id, method) {
            (Some(cloud_id), Method::ApiToken) if cloud && refused => {
                let api = format!("{}/ex/jira/{cloud_id}", self.atlassian_api_url);
                self.myself(&api, Dialect::Cloud, Plane::CloudApiHost, credential).await
            }
            _ => at_site,
        };
        proven.map_err(|error| error.said_by(site, method))
    }

    async fn myself(
        &self,
        api: &str,
        dialect: Dialect,
        plane: Plane,
        credential: &Credential,
    ) -> Result<Proven, ConnectError> {
        let client = self.client(api, dialect, plane, credential)?;
        let person = client.myself().await?;
        Ok(Proven { api: api.to_owned(), person })
    }

    pub(super) fn client(
        &self,
        api: &str,
        dialect: Dialect,
        plane: Plane,
        credential: &Credential,
    ) -> Result<Client, jira::Error> {
        let http = match plane {
            Plane::CloudApiHost => self.sites.atlassian().clone(),
            Plane::CloudSite | Plane::SelfManaged => {
                let site = SiteUrl::parse(api).map_err(|_| jira::Error::Outbound(Failure::Unreachable))?;
                self.sites.http(&site).clone()
            }
        };
        let base = Url::parse(api).map_err(|_| jira::Error::Outbound(Failure::Unreachable))?;
        Ok(Client::new(http, base, dialect, plane, credential.auth()?))
    }

    #[expect(clippy::too_many_arguments, reason = "each is one column of the row that is written here")]
    async fn keep(
        &self,
        account: &std::sync::Arc<str>,
        site: SiteUrl,
        deployment: Deployment,
        found: Found,
        typed: &Typed,
        credential: &Credential,
        proven: Proven,
    ) -> Result<(std::sync::Arc<Connection>, bool), ConnectError> {
        let label = match (deployment, &proven.person.email, &proven.person.name) {
            (Deployment::Cloud, Some(email), _) if typed.username.is_empty() => email.clone(),
            (Deployment::Cloud, ..) => typed.username.trim().to_owned(),
            (_, _, Some(name)) => name.clone(),
            _ => proven.person.display_name.clone(),
        };
        let plain = serde_json::to_vec(credential).map_err(|_| ConnectError::Invalid("secret".to_owned()))?;
        let new = NewConnection {
            account_id: account.to_string(),
            site_url: site.to_string(),
            api_url: proven.api,
            deployment: deployment.as_str().to_owned(),
            version: found.version,
            title: found.title,
            method: typed.method.as_str().to_owned(),
            label,
            jira_user: proven.person.id,
            expires_at: typed.expires_at.map(|at| at.as_millisecond()),
        };
        let (row, created) =
            self.store.save_connection(new, &self.sealer, credential_kind(typed.method), &plain).await?;
        self.changed(account);
        let id = row.id.clone();
        let connection = Connection::of_row(row, self.clock.now());
        tracing::info!(connection = %id, created, "a person connected a Jira");
        connection.map(|it| (std::sync::Arc::new(it), created)).ok_or(ConnectError::NotJira)
    }

    async fn claim(&self, attempts: &[Attempt]) -> Result<(), ConnectError> {
        match self.store.claim_attempts(attempts, self.clock.now()).await? {
            None => Ok(()),
            Some(retry_at) => Err(ConnectError::TooManyAttempts { retry_at }),
        }
    }
}

fn check_fields(typed: &Typed) -> Result<(), ConnectError> {
    use secrecy::ExposeSecret as _;
    let missing = |what: &str| Err(ConnectError::Invalid(format!("{what} is missing")));
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
        (Deployment::Server, Some(Deployment::DataCenter)) => Deployment::DataCenter,
        (found, _) => found,
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
