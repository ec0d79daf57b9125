//! Towards Jira: how a person's Connection comes to be, and stays alive.

mod access;
mod admin_webhooks;
mod again;
pub mod calendar;
mod callbacks;
mod consent;
mod doors;
mod error;
mod finish;
pub mod health;
mod held;
mod kind;
mod lease;
mod limits;
mod pace;
mod providers;
mod refusal;
mod replace;
mod sites;
mod turn;
mod typed;
mod webhooks;
mod whose;

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::sync::Cache;
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::config::{Settings, SignIn};
use crate::jira::Error;
use crate::jira::auth::{Auth, Credential, Method};
use crate::jira::classify::Plane;
use crate::jira::client::Client;
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::limits::Standing;
use crate::jira::oauth::{Client as Provider, Signer, Stamp, Stamps};
use crate::link::KnownSite;
use crate::metrics::Metrics;
use crate::recall::Recall;
use crate::secret::{Sealer, new_id};
use crate::store::{self, AccountId, Connection, ConnectionId, CredentialId, FieldIds, Store};

use self::access::Access;
use self::lease::{Lease, Means};
use self::pace::Caller;
use self::providers::{Own, Providers};
use self::turn::Turns;
use self::webhooks::Webhooks;

pub use self::admin_webhooks::NotTold;
pub use self::callbacks::Registration;
pub use self::consent::{Begin, Completed, Incomplete, Return};
pub use self::doors::Door;
pub use self::error::ConnectError;
pub use self::held::Held;
pub use self::pace::Work;
pub use self::providers::Callback;
pub use self::replace::{Kept, NotReplaced, can_be_replaced};
pub use self::sites::{Sites, SitesError};
pub use self::typed::Typed;

/// How long an account's connections are remembered without a look at the database; a change drops them at once.
const REMEMBERED: Duration = Duration::from_secs(60);
/// An opened credential leaves memory after this long without use.
const OPEN_WHILE_USED: Duration = Duration::from_secs(15 * 60);

/// The connections of all accounts, and the only room that opens their secrets.
#[derive(Debug)]
pub struct Connect {
    store: Store,
    sealer: Sealer,
    sites: Sites,
    providers: Providers,
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Whether connecting a Jira signs in (`GATEWAY_SIGN_IN`).
    signs_in: bool,
    /// `GATEWAY_ATLASSIAN_API_URL`.
    atlassian_api_url: SiteUrl,
    listed: Vec<KnownSite>,
    default_site: Option<SiteUrl>,
    held: Recall<AccountId, Arc<Held>>,
    /// What listed sites were found to be; none: they did not answer in time.
    kinds: Cache<SiteUrl, Option<Deployment>>,
    /// By connection and the generation of its credential.
    accesses: Cache<(ConnectionId, i64), Arc<Access>>,
    /// One for all connections of a grant.
    leases: Cache<CredentialId, Arc<Lease>>,
    turns: Arc<Turns>,
    /// Held while a grant is renewed, or a password replaced.
    busy: Arc<tokio::sync::RwLock<()>>,
    webhooks: Webhooks,
}

impl Connect {
    /// `public_url` is the origin under which browsers reach the gateway.
    pub fn new(
        settings: &Settings,
        public_url: &SiteUrl,
        store: Store,
        sealer: Sealer,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Result<Self, SitesError> {
        let sites = Sites::new(settings)?;
        Ok(Self {
            listed: sites.known(),
            default_site: sites.default_site(),
            providers: Providers::new(settings, public_url, &sites)?,
            signs_in: settings.sign_in.contains(&SignIn::Jira),
            sites,
            turns: Arc::new(Turns::new(clock.clone())),
            store,
            sealer,
            clock,
            metrics,
            atlassian_api_url: settings.atlassian_api_url.clone(),
            held: Recall::new(20_000, REMEMBERED),
            kinds: kind::memory(),
            accesses: Cache::builder().max_capacity(10_000).time_to_idle(OPEN_WHILE_USED).build(),
            leases: Cache::builder().max_capacity(10_000).time_to_idle(OPEN_WHILE_USED).build(),
            busy: Arc::default(),
            webhooks: Webhooks::new(settings, public_url),
        })
    }

    /// What an account holds, if it is remembered; touches no database.
    pub fn held_now(&self, account: &AccountId, now: Instant) -> Option<Arc<Held>> {
        self.held.get_at(account, now)
    }

    /// What an account holds.
    pub async fn held(&self, account: &AccountId) -> Result<Arc<Held>, store::Error> {
        if let Some(held) = self.held.get(account) {
            return Ok(held);
        }
        let mark = self.held.mark();
        let now = self.clock.now();
        let rows = self.store.connections(account).await?;
        let connections = rows.into_iter().map(|row| Arc::new(health::seen(row, now))).collect();
        let held = Arc::new(Held::new(connections, &self.listed, self.default_site.clone()));
        self.held.keep(mark, account.clone(), held.clone());
        Ok(held)
    }

    /// Waits until no grant is being renewed and no password replaced: what a provider has given must be kept before the process ends.
    pub async fn settle(&self) {
        drop(self.busy.write().await);
    }

    /// The sites that everybody's links may lie on.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Whether a connection has not been removed, replaced or given other fields to show meanwhile.
    pub async fn still_holds(&self, connection: &Connection) -> bool {
        let same = |it: &Arc<Connection>| {
            it.id == connection.id && it.generation == connection.generation && it.card_fields == connection.card_fields
        };
        self.held(&connection.account_id).await.is_ok_and(|held| held.connections.iter().any(same))
    }

    /// How a connection stands with its Jira's limits, as far as Jira has told.
    pub fn standing(&self, connection: &Connection) -> Standing {
        self.turns.standing(&Caller::from(connection))
    }

    /// Makes one call to Jira with a connection's credential, for somebody who waits. A refusal of the credential stops
    /// its further use and is remembered until the person acts. With OAuth 2.0 a refused token is renewed first, and the
    /// call made once more.
    pub async fn ask<T, F>(&self, connection: &Connection, call: impl Fn(Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.ask_for(Work::Preview, connection, call).await
    }

    /// The same for somebody, or for nobody. A credential that Jira has refused does not go out again before its person has
    /// acted, whichever process it was that heard it (contract §4).
    pub async fn ask_for<T, F>(
        &self,
        work: Work,
        connection: &Connection,
        call: impl Fn(Client) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        if !health::may_be_used(connection.health) {
            return Err(health::cause(connection.health));
        }
        let access = self.access(connection).await?;
        let result = access.ask(&self.clock, work, call).await;
        if let Err(error) = &result {
            self.learn(connection, error).await;
        }
        result
    }

    /// The same by a way that has been opened before, even if the connection has been removed since.
    async fn ask_by<T, F>(
        &self,
        access: &Access,
        connection: &Connection,
        call: impl Fn(Client) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let result = access.ask(&self.clock, Work::Preview, call).await;
        if let Err(error) = &result {
            self.learn(connection, error).await;
        }
        result
    }

    async fn access(&self, connection: &Connection) -> Result<Arc<Access>, Error> {
        let key = (connection.id.clone(), connection.generation);
        if let Some(access) = self.accesses.get(&key) {
            if access.is_for(connection) {
                return Ok(access);
            }
            self.accesses.invalidate(&key);
        }
        if !self.is_its_api(connection) {
            tracing::error!(fault = "us", retry = false, connection = %connection.id, "a connection names a foreign API");
            return Err(Error::BadCredentials);
        }
        let opened = self.credential(connection).await?;
        let credential = read_credential(&opened)?;
        let plane = match connection.deployment {
            Deployment::Cloud if connection.api == connection.site => Plane::CloudSite,
            Deployment::Cloud => Plane::CloudApiHost,
            Deployment::DataCenter | Deployment::Server => Plane::SelfManaged,
        };
        let client = self.client(&connection.api, plane, self.auth(&connection.site, &credential)?);
        let lease = self.lease(connection, &credential, &opened)?;
        let site = self.sites.listed(&connection.site).map_or("other", |site| &site.name);
        let one_by_one = credential.method() == Method::Password;
        let (counters, turns) = (self.metrics.upstream(site), self.turns.clone());
        let access = Arc::new(Access::new(connection, client, lease, one_by_one, counters, turns));
        // Two that open at once must share one gate, or two wrong passwords would go out.
        Ok(self.accesses.get_with(key, || access))
    }

    /// A secret goes to the site that it was typed for, or to Atlassian's API host; whatever else a row may say.
    fn is_its_api(&self, connection: &Connection) -> bool {
        let at_atlassian = connection.api.as_str().strip_prefix(self.atlassian_api_url.as_str());
        connection.api == connection.site
            || (connection.deployment == Deployment::Cloud
                && at_atlassian.is_some_and(|path| path.starts_with("/ex/jira/")))
    }

    async fn credential(&self, connection: &Connection) -> Result<store::Credential, Error> {
        let opened = self.store.credential(&self.sealer, &connection.id).await.map_err(|error| {
            tracing::error!(fault = "us", retry = true, connection = %connection.id, %error, "a credential cannot be opened");
            Error::Upstream(503)
        })?;
        // Gone, or replaced since the connection was read: then this is the wrong one to use.
        opened.filter(|opened| opened.is_of(connection)).ok_or(Error::BadCredentials)
    }

    /// What a credential puts on the wire at a site.
    fn auth(&self, site: &SiteUrl, credential: &Credential) -> Result<Auth, Error> {
        match (credential, self.providers.own(site)) {
            (Credential::Oauth1 { token }, Some(Own::One(consumer))) => {
                Ok(Auth::signed(Signer::new(consumer.clone(), token.clone(), self.stamps())))
            }
            (credential, _) => credential.auth(),
        }
    }

    /// Time and randomness for signatures.
    fn stamps(&self) -> Stamps {
        let clock = self.clock.clone();
        Arc::new(move || Stamp { timestamp: clock.now().as_second(), nonce: new_id("n") })
    }

    /// What keeps a credential of OAuth 2.0 valid; none for those that do not end by themselves.
    fn lease(
        &self,
        connection: &Connection,
        credential: &Credential,
        opened: &store::Credential,
    ) -> Result<Option<Arc<Lease>>, Error> {
        let provider: Option<&Provider> = match (credential, self.providers.own(&connection.site)) {
            (Credential::Oauth(_), _) => self.providers.cloud(),
            (Credential::Oauth2(_), Some(Own::Two(provider))) => Some(provider),
            (Credential::Oauth2(_), _) => None,
            _ => return Ok(None),
        };
        if let Some(lease) = self.leases.get(opened.id()) {
            return Ok(Some(lease));
        }
        // The client that the grant was given to is not set any more.
        let provider = provider.ok_or(Error::OperatorConfiguration)?.clone();
        let means = Means {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            busy: self.busy.clone(),
        };
        let lease = Lease::new(means, provider, opened).ok_or(Error::BadCredentials)?;
        // Two that open at once must share one, or two renewals would go out.
        Ok(Some(self.leases.get_with(opened.id().clone(), || Arc::new(lease))))
    }

    /// Remembers that Jira refused the credential, and says so once.
    async fn learn(&self, connection: &Connection, error: &Error) {
        let Some(health) = health::after(error) else { return };
        match self.store.set_health(&connection.id, connection.generation, health).await {
            Ok(true) => {
                tracing::warn!(
                    fault = "user", retry = false, connection = %connection.id, health = health.as_str(),
                    "Jira refused a connection; it is not used again until its person acts"
                );
            }
            Ok(false) => {}
            Err(error) => tracing::error!(fault = "us", retry = true, %error, "a connection's health was not saved"),
        }
        self.held.forget(&connection.account_id);
    }

    /// Removes a connection with its secret. Whether there was such a connection of this account.
    pub async fn remove(&self, account: &AccountId, id: &ConnectionId) -> Result<bool, store::Error> {
        let before = self.held(account).await?;
        if let Some(connection) = before.find(id) {
            self.end_webhook(connection).await?;
        }
        let removed = self.store.remove_connection(account, id).await?;
        self.changed(account);
        self.close(id);
        if let Some(gone) = before.find(id).filter(|_| removed) {
            // The grant's tokens leave memory with it; where another site still uses them, they are read again.
            self.leases.invalidate(&gone.credential_id);
            before
                .connections
                .iter()
                .filter(|it| it.credential_id == gone.credential_id)
                .for_each(|it| self.close(&it.id));
        }
        Ok(removed)
    }

    /// Chooses the fields on the cards of one connection. Whether there was such a connection of this account.
    pub async fn set_card_fields(
        &self,
        account: &AccountId,
        id: &ConnectionId,
        fields: &FieldIds,
    ) -> Result<bool, store::Error> {
        let set = self.store.set_card_fields(account, id, fields).await?;
        self.changed(account);
        Ok(set)
    }

    /// Takes an opened credential out of memory.
    pub fn close(&self, id: &ConnectionId) {
        let keys: Vec<_> = self.accesses.iter().map(|(key, _)| key).filter(|key| key.0 == *id).collect();
        for key in keys {
            self.accesses.invalidate(&*key);
        }
    }

    /// Drops what is remembered of an account after a change to its connections.
    fn changed(&self, account: &AccountId) {
        self.held.forget(account);
    }

    /// Drops what is remembered, after a change by another process.
    pub fn forget_all(&self) {
        self.held.forget_all();
    }
}

fn read_credential(opened: &store::Credential) -> Result<Credential, Error> {
    serde_json::from_slice(opened.secret.expose_secret()).map_err(|error| {
        tracing::error!(fault = "us", retry = false, credential = %opened.id(), %error, "a credential cannot be read");
        Error::Upstream(503)
    })
}
