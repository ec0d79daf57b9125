//! Puts the services together: what one running gateway consists of.

mod notion;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::ExposeSecret;

use crate::account::{Accounts, LOCAL};
use crate::clock::Clock;
use crate::config::{Settings, SignIn, SiteRule as Allowed};
use crate::connect::{Connect, ConnectError, SitesError};
use crate::jira::key::SiteUrl;
use crate::metrics::Metrics;
use crate::secret::{IfMissing, KeyError, MasterKeys, Passes, Sealer};
use crate::store::{self, AccountId, Connection, ConnectionId, FieldIds, KeyCheckError, Resealed, Store};
use crate::sync::Syncs;
use crate::sync::policy::{Policy, SitePolicy};
use crate::unfurl::{Lifetimes, Rules, SiteRule, Unfurl};
use crate::workspace::Workspaces;

pub use self::notion::LinkPreviews;

/// How often changes by other processes are looked for.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// After this long a running gateway has taken over what a command changed.
pub const TAKEN_OVER_WITHIN: Duration = Duration::from_millis(1500);
/// How often ended sessions and old attempts are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// How often consents are deleted that nobody came back for.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// How often it is seen to that Jira tells of changes to what people look at.
const TEND_EVERY: Duration = Duration::from_secs(10);

/// Older attempts to connect lie before every limit's time.
const OLD_ATTEMPTS_MS: i64 = 24 * 3600 * 1000;

/// Everything that lives from start to stop.
#[derive(Debug)]
pub struct Gateway {
    pub settings: Settings,
    pub clock: Clock,
    pub store: Store,
    pub sealer: Sealer,
    pub metrics: Arc<Metrics>,
    pub accounts: Accounts,
    pub connect: Arc<Connect>,
    pub unfurl: Arc<Unfurl>,
    /// People's own accounts at Notion.
    pub workspaces: Arc<Workspaces>,
    /// None where they are not set up.
    pub link_previews: Option<LinkPreviews>,
    /// Projects that are kept as databases.
    pub syncs: Arc<Syncs>,
    /// Where the listener really is.
    pub listener: SocketAddr,
    /// Origin under which browsers and editors reach the gateway, without a trailing slash.
    pub public_url: SiteUrl,
    draining: AtomicBool,
    seen_revision: AtomicI64,
    seen_connections: Mutex<HashSet<ConnectionId>>,
}

/// Why the gateway does not start. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] store::OpenError),
    #[error(transparent)]
    Query(#[from] store::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    WrongKey(#[from] KeyCheckError),
    #[error(transparent)]
    Sites(#[from] SitesError),
    #[error("GATEWAY_NOTION_API_URL: no address can lie below it")]
    NotionUrl,
    #[error("GATEWAY_NOTION_CLIENT_ID, GATEWAY_NOTION_CLIENT_SECRET: they cannot be sent in a header")]
    NotionClient,
}

/// The database and the keys: what commands need that do not serve.
pub async fn open_store(settings: &Settings, clock: &Clock) -> Result<(Store, Sealer), StartError> {
    let url = settings.database_url.as_ref().map(ExposeSecret::expose_secret);
    let store = Store::open(url, &settings.data_dir, clock.clone()).await?;
    let sealer = match &settings.master_key {
        Some(keys) => Sealer::with_keys(MasterKeys::parse(keys.expose_secret())?),
        None => {
            // A new key beside a database that holds sealed secrets would only hide that the old one is lost.
            let missing = if store.is_sealed().await? { IfMissing::Refuse } else { IfMissing::Create };
            Sealer::with_file(&settings.data_dir.join("master.key"), missing)?
        }
    };
    store.check_key(&sealer).await?;
    Ok((store, sealer))
}

impl Gateway {
    /// Opens the database and builds every service. `listener` is the bound address.
    pub async fn new(settings: Settings, clock: Clock, listener: SocketAddr) -> Result<Arc<Self>, StartError> {
        let (store, sealer) = open_store(&settings, &clock).await?;
        let public_url = public_url(&settings, listener);
        let names = settings.listed.iter().map(|site| site.name.clone());
        let metrics = Arc::new(Metrics::new(names, clock.now()));
        let connect = Arc::new(Connect::new(
            &settings,
            &public_url,
            store.clone(),
            sealer.clone(),
            clock.clone(),
            metrics.clone(),
        )?);
        let unfurl = Arc::new(Unfurl::new(
            connect.clone(),
            clock.clone(),
            preview_settings(&settings, public_url.to_string()),
            Passes::new(sealer.clone(), "picture"),
            metrics.clone(),
        ));
        let means = notion::Means { store: &store, sealer: &sealer, clock: &clock, metrics: &metrics };
        let (workspaces, link_previews) = notion::ways(&settings, &public_url, connect.sites(), &unfurl, means)?;
        let syncs = Arc::new(Syncs::new(
            store.clone(),
            sealer.clone(),
            (clock.clone(), metrics.clone()),
            (connect.clone(), workspaces.clone()),
            sync_policy(&settings),
            public_url.clone(),
            (settings.sync_interval, settings.sync_confirm),
        ));
        finish_rotation(&store, &sealer).await?;
        connect.load_doors().await?;
        let seen_revision = AtomicI64::new(store.revision().await?);
        let seen_connections = Mutex::new(store.connection_ids().await?.into_iter().collect());
        Ok(Arc::new(Self {
            accounts: Accounts::new(store.clone(), clock.clone()),
            settings,
            clock,
            store,
            sealer,
            metrics,
            connect,
            unfurl,
            workspaces,
            link_previews,
            syncs,
            listener,
            public_url,
            draining: AtomicBool::new(false),
            seen_revision,
            seen_connections,
        }))
    }

    /// What the start prints: where the listener is.
    pub fn listener_url(&self) -> SiteUrl {
        origin_of(self.listener, self.settings.tls.is_some())
    }

    /// Whether the one account `local` is signed in by being there.
    pub fn signs_in_locally(&self) -> bool {
        self.settings.sign_in.contains(&SignIn::Local)
    }

    /// The account `local`.
    pub async fn local_account(&self) -> Result<AccountId, store::Error> {
        self.accounts.named(LOCAL).await
    }

    /// Browsers keep a `__Host-` cookie only over https (RFC 6265bis §4.1.3.2).
    pub fn cookie_name(&self) -> &'static str {
        if self.public_url.is_https() { "__Host-session" } else { "session" }
    }

    /// The name of a site for people.
    pub fn site_name<'s>(&'s self, site: &'s SiteUrl) -> &'s str {
        self.connect.sites().listed(site).map_or_else(|| site.short_name(), |listed| &listed.name)
    }

    /// Removes a connection, its secret and what was seen through it.
    pub async fn disconnect(&self, account: &AccountId, id: &ConnectionId) -> Result<bool, store::Error> {
        let removed = self.connect.remove(account, id).await?;
        if removed {
            self.unfurl.forget(id);
            self.look_again(account).await?;
        }
        Ok(removed)
    }

    /// Begins anew with connections that an account just made.
    pub async fn welcome(&self, connections: &[&Connection]) -> Result<(), store::Error> {
        self.unfurl.welcome(connections).await;
        match connections.first() {
            Some(first) => self.look_again(&first.account_id).await,
            None => Ok(()),
        }
    }

    /// What Notion shows with the eyes of an account is looked at again: it may see more by now, or less.
    async fn look_again(&self, account: &AccountId) -> Result<(), store::Error> {
        match &self.link_previews {
            Some(previews) => previews.push.look_again(account).await,
            None => Ok(()),
        }
    }

    /// Chooses the fields on the cards of one connection, and draws its cards anew from now on. Whether there was such a
    /// connection of this account.
    pub async fn set_card_fields(
        &self,
        account: &AccountId,
        id: &ConnectionId,
        fields: &FieldIds,
    ) -> Result<bool, store::Error> {
        let set = self.connect.set_card_fields(account, id, fields).await?;
        if set {
            self.unfurl.forget_cards(id);
        }
        Ok(set)
    }

    /// Tries a kept credential once more, after its person has solved Jira's CAPTCHA. Whether it works now; `None` if
    /// there is no such connection of this account.
    pub async fn try_again(&self, account: &AccountId, id: &ConnectionId) -> Result<Option<bool>, ConnectError> {
        let works = self.connect.try_again(account, id).await?;
        if works == Some(true) {
            // Its links must not go on saying what was true before.
            self.unfurl.forget(id);
        }
        Ok(works)
    }

    /// From now on `/readyz` says no.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Looks for changes that another process made (`account remove`, `token create`, a second gateway) and forgets
    /// what is remembered of the old state.
    pub async fn watch(&self) -> Result<(), store::Error> {
        let revision = self.store.revision().await?;
        if self.seen_revision.load(Ordering::SeqCst) == revision {
            return Ok(());
        }
        let present: HashSet<_> = self.store.connection_ids().await?.into_iter().collect();
        self.accounts.forget_all();
        self.connect.forget_all();
        if let Some(previews) = &self.link_previews {
            previews.grants.forget_all();
        }
        self.connect.load_doors().await?;
        let before = std::mem::replace(&mut *self.seen_connections(), present.clone());
        for gone in before.difference(&present) {
            self.connect.close(gone);
            self.unfurl.forget(gone);
        }
        self.seen_revision.store(revision, Ordering::SeqCst);
        Ok(())
    }

    fn seen_connections(&self) -> MutexGuard<'_, HashSet<ConnectionId>> {
        self.seen_connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps Jira telling of changes, until the task is dropped.
    pub async fn tend_webhooks(self: Arc<Self>) {
        let mut tend = tokio::time::interval(TEND_EVERY);
        loop {
            tend.tick().await;
            if let Err(error) = self.connect.tend_webhooks().await {
                tracing::error!(fault = "us", retry = true, %error, "webhooks were not seen to");
            }
        }
    }

    /// The work that goes on beside requests, until the task is dropped.
    pub async fn housekeeping(self: Arc<Self>) {
        let (mut watch, mut sweep) = (tokio::time::interval(WATCH_EVERY), tokio::time::interval(SWEEP_EVERY));
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let mut failing = false;
        loop {
            tokio::select! {
                _ = watch.tick() => {
                    let failed = self.watch().await.err();
                    if let (Some(error), false) = (&failed, failing) {
                        tracing::error!(fault = "us", retry = true, %error, "the database does not answer");
                    }
                    failing = failed.is_some();
                }
                _ = forget.tick() => {
                    if let Err(error) = self.connect.forget_consents().await {
                        tracing::error!(fault = "us", retry = true, %error, "old consents were not deleted");
                    }
                }
                _ = sweep.tick() => {
                    let swept = async {
                        self.accounts.sweep().await?;
                        if let Some(previews) = &self.link_previews {
                            previews.grants.sweep().await?;
                            previews.push.sweep().await?;
                        }
                        self.store.forget_attempts(self.clock.now_ms() - OLD_ATTEMPTS_MS).await
                    };
                    if let Err(error) = swept.await {
                        tracing::error!(fault = "us", retry = true, %error, "old rows were not deleted");
                    }
                }
            }
        }
    }
}

/// Everything is on the newest master key once the gateway runs: a key from the environment is changed by a restart, and
/// a rotation may have been cut off.
async fn finish_rotation(store: &Store, sealer: &Sealer) -> Result<(), store::Error> {
    let Resealed { moved, unreadable } = store.reseal(sealer).await?;
    if moved > 0 {
        tracing::info!(moved, "sealed secrets again with the newest master key; older keys may be removed");
    }
    if unreadable > 0 {
        tracing::warn!(fault = "operator", retry = false, unreadable, "no master key opens these secrets");
    }
    Ok(())
}

/// The origin under which browsers reach a gateway that listens there.
pub fn public_url(settings: &Settings, listener: SocketAddr) -> SiteUrl {
    settings.public_url.clone().unwrap_or_else(|| origin_of(listener, settings.tls.is_some()))
}

fn origin_of(listener: SocketAddr, tls: bool) -> SiteUrl {
    let scheme = if tls { "https" } else { "http" };
    // A socket address is always a valid authority; the fallback only spares a panic.
    SiteUrl::parse(&format!("{scheme}://{listener}")).unwrap_or_else(|_| unreachable_origin())
}

#[expect(clippy::expect_used, reason = "a constant that parses")]
fn unreachable_origin() -> SiteUrl {
    SiteUrl::parse("http://localhost").expect("a constant address")
}

fn sync_policy(settings: &Settings) -> Policy {
    let rule = |site: &crate::config::Site| SitePolicy {
        site: site.url.clone(),
        block_projects: site.block_projects.clone(),
        publish: site.publish,
    };
    let sites = settings.listed.iter().map(rule).collect();
    Policy { sites, only_listed: settings.sites == Allowed::Listed }
}

fn preview_settings(settings: &Settings, public_url: String) -> crate::unfurl::Settings {
    let rule = |site: &crate::config::Site| SiteRule {
        site: site.url.clone(),
        name: Some(site.name.clone()),
        block_projects: site.block_projects.clone(),
        publish: site.publish,
    };
    let seconds = |time: Duration| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    crate::unfurl::Settings {
        rules: Rules {
            sites: settings.listed.iter().map(rule).collect(),
            only_listed: settings.sites == Allowed::Listed,
        },
        lifetimes: Lifetimes {
            fresh_for: seconds(settings.preview_ttl),
            stale_for: seconds(settings.preview_stale_for),
        },
        with_description: settings.preview_description,
        public_url,
    }
}
