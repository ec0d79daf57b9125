//! What follows a consent: the code becomes tokens, the tokens say who their person is and where, and all of it is kept
//! (jira-auth-and-rest §2.3, §2.4, §4.3, §4.4).

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::consent::{Completed, Return};
use super::error::ConnectError;
use super::lease::grant_ends;
use super::providers::{Callback, Own};
use super::typed::{LONGEST_NAME, Proven};
use super::{Connect, health, refusal, whose};
use crate::jira::auth::{Auth, Credential, Method, Secret};
use crate::jira::classify::Plane;
use crate::jira::discover::Found;
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::oauth::{Flavour, Resource, resources};
use crate::jira::text::clean_line;
use crate::secret::new_id;
use crate::store::{AccountId, Connection, Consent, Identity, NewConnection};

impl Connect {
    pub(super) async fn finish_cloud(&self, back: &Return<'_>, consent: &Consent) -> Result<Completed, ConnectError> {
        let client = self.providers.cloud().ok_or(ConnectError::MethodNotSupported)?;
        let now = self.clock.now();
        let tokens = client.exchange(back.code, &verifier(consent), now).await.map_err(refusal::of_code)?;
        let auth = Auth::bearer(&tokens.access)?;
        let sites = resources(self.sites.operator(), &self.atlassian_api_url, &auth).await?;
        if sites.is_empty() {
            return Err(ConnectError::NoSite);
        }
        let asked = SiteUrl::parse(&consent.site).ok();
        let sites = self.with_own_name(asked.as_ref(), sites).await;
        let sites: Vec<Resource> = sites.into_iter().filter(|it| self.sites.admits(&it.site)).collect();
        if sites.is_empty() {
            return Err(ConnectError::SiteNotListed);
        }
        let person = self.person_of(&sites, &auth).await?;
        let identities: Vec<Identity> = sites.iter().map(|it| whose::of_cloud(&it.cloud_id, &person.id)).collect();
        let account = self.whose(back.account, &identities).await?;
        let grant = new_id("grt");
        let label = person.email.unwrap_or(person.display_name);
        let expires_at = grant_ends(&tokens, Flavour::Cloud, now);
        let new: Vec<NewConnection> = sites
            .iter()
            .map(|resource| {
                let site = self.sites.listed(&resource.site).map_or(&resource.site, |listed| &listed.url);
                Ok(NewConnection {
                    account_id: account.clone(),
                    title: if resource.name.is_empty() { site.short_name().to_owned() } else { resource.name.clone() },
                    site: site.clone(),
                    api: self.api_of(resource)?,
                    deployment: Deployment::Cloud,
                    version: None,
                    method: Method::Oauth.as_str().to_owned(),
                    label: clean_line(&label, LONGEST_NAME),
                    jira_user: person.id.clone(),
                    expires_at,
                    grant_id: Some(grant.clone()),
                })
            })
            .collect::<Result<_, ConnectError>>()?;
        let missing = asked.filter(|asked| !new.iter().any(|it| it.site == *asked));
        let connections = self.keep_grant(&self.atlassian_api_url, new, &Credential::Oauth(tokens)).await?;
        Ok(Completed { account, connections, return_to: consent.return_to.clone(), missing })
    }

    /// A Cloud site under a name of its own is the site of the grant only if that address, asked itself, says so
    /// (contract §5).
    async fn with_own_name(&self, asked: Option<&SiteUrl>, mut sites: Vec<Resource>) -> Vec<Resource> {
        let Some(asked) = asked.filter(|asked| !sites.iter().any(|it| it.site == **asked)) else { return sites };
        let Ok(found) = self.discover(asked).await else { return sites };
        if let Some(same) = sites.iter().find(|it| Some(&it.cloud_id) == found.cloud_id.as_ref()).cloned() {
            sites.insert(0, Resource { site: found.site, ..same });
        }
        sites
    }

    /// One `/myself` is enough: a person is the same at all sites. A site whose administrator blocks the app is passed over.
    async fn person_of(&self, sites: &[Resource], auth: &Auth) -> Result<crate::jira::model::Person, ConnectError> {
        let mut refused = None;
        for resource in sites {
            match self.client(&self.api_of(resource)?, Plane::CloudApiHost, auth.clone()).myself().await {
                Ok(person) => return Ok(person),
                Err(error) => refused = Some((error, &resource.site)),
            }
        }
        Err(refused.map_or(ConnectError::NoSite, |(error, site)| refusal::of_person(error, site, Method::Oauth)))
    }

    fn api_of(&self, resource: &Resource) -> Result<SiteUrl, ConnectError> {
        let api = self.atlassian_api_url.join(&format!("/ex/jira/{}", resource.cloud_id));
        SiteUrl::parse(&api).map_err(|_| ConnectError::Operator)
    }

    pub(super) async fn finish_own(&self, back: &Return<'_>, consent: &Consent) -> Result<Completed, ConnectError> {
        let site = SiteUrl::parse(&consent.site).map_err(|_| ConnectError::ConsentExpired)?;
        let now = self.clock.now();
        let (credential, expires_at) = match (back.callback, self.providers.own(&site)) {
            (Callback::DataCenter, Some(Own::Two(client))) => {
                // First of all: the code lives ten seconds (§4.3).
                let tokens = client.exchange(back.code, &verifier(consent), now).await.map_err(refusal::of_code)?;
                let expires_at = grant_ends(&tokens, Flavour::DataCenter, now);
                (Credential::Oauth2(tokens), expires_at)
            }
            (Callback::Server, Some(Own::One(consumer))) => {
                let token: Secret =
                    serde_json::from_slice(consent.secret.expose_secret()).map_err(|_| ConnectError::ConsentExpired)?;
                let application = self.application(&site, consumer.clone());
                let given = application.access_token(&token, back.code, now).await;
                let (token, ends) = given.map_err(|error| refusal::of_link(error, &site))?;
                (Credential::Oauth1 { token }, Some(ends.as_millisecond()))
            }
            _ => return Err(ConnectError::MethodNotSupported),
        };
        let auth = self.auth(&site, &credential)?;
        let method = credential.method();
        let person = self.client(&site, Plane::SelfManaged, auth).myself().await;
        let person = person.map_err(|error| refusal::of_person(error, &site, method))?;
        let found = self.discover(&site).await?;
        let identities: Vec<Identity> = whose::of_site(&site, &person.id).into_iter().collect();
        let account = self.whose(back.account, &identities).await?;
        let new = self.row(&account, &found, &site, Proven { api: site.clone(), person }, method, expires_at);
        let connections = self.keep_grant(&site, vec![new], &credential).await?;
        Ok(Completed { account, connections, return_to: consent.return_to.clone(), missing: None })
    }

    fn row(
        &self,
        account: &AccountId,
        found: &Found,
        site: &SiteUrl,
        proven: Proven,
        method: Method,
        expires_at: Option<i64>,
    ) -> NewConnection {
        let Proven { api, person } = proven;
        NewConnection {
            account_id: account.clone(),
            title: found.title.clone().unwrap_or_else(|| site.short_name().to_owned()),
            site: site.clone(),
            api,
            deployment: found.deployment.unwrap_or(Deployment::Server),
            version: found.version.clone(),
            method: method.as_str().to_owned(),
            label: clean_line(&person.name.unwrap_or(person.display_name), LONGEST_NAME),
            jira_user: person.id,
            expires_at,
            grant_id: Some(new_id("grt")),
        }
    }

    async fn keep_grant(
        &self,
        audience: &SiteUrl,
        new: Vec<NewConnection>,
        credential: &Credential,
    ) -> Result<Vec<Connection>, ConnectError> {
        let plain = Zeroizing::new(serde_json::to_vec(credential).unwrap_or_default());
        let saved = self.store.save_grant(&self.sealer, audience, &new, &plain).await?;
        let now = self.clock.now();
        let mut connections = Vec::with_capacity(saved.len());
        for (connection, created) in saved {
            self.changed(&connection.account_id);
            // The credential that was there before is of no use any more.
            self.close(&connection.id);
            tracing::info!(connection = %connection.id, created, "a person connected a Jira by consent");
            connections.push(health::seen(connection, now));
        }
        Ok(connections)
    }
}

fn verifier(consent: &Consent) -> SecretString {
    SecretString::from(String::from_utf8_lossy(consent.secret.expose_secret()).into_owned())
}
