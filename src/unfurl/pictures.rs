//! Icons and avatars, served again by the gateway: Jira is never hot-linked, and what a reader sees was fetched with the
//! reader's own connection (paste-experience §7, §11).
//!
//! In the cache a preview has Jira's own addresses. In an answer each becomes an address of ours with a pass that names
//! connection and picture and lives for one to two hours.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moka::{future, sync};
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::connect::{Connect, health};
use crate::jira::client::Client;
use crate::jira::picture::{self, Source, Told};
use crate::jira::{Error, key::SiteUrl};
use crate::picture::{LARGEST, Picture};
use crate::preview::Preview;
use crate::recall::Recent;
use crate::secret::Passes;
use crate::store::{self, AccountId, Connection, ConnectionId};

use super::rules::Rules;

/// Seconds. A pass ends with the period after the one in which it was made, so that an address stays the same for a
/// while and an answer's tag with it.
const PERIOD: i64 = 3600;
/// After this long Jira is asked again whether the reader may see it.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// What is not there, or not to be had now, is asked for again after this long.
const ABSENT: SignedDuration = SignedDuration::from_secs(30);
/// While Jira is away, the last picture is shown for this long.
const LAST: SignedDuration = SignedDuration::from_hours(24);
/// Bound of the memory, in bytes of pictures and of what is kept beside each.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;
const BOOK_KEEPING: usize = 500;
/// Addresses that are remembered; each takes less than a kilobyte.
const MOST_ADDRESSES: usize = 10_000;
/// Pictures that are fetched at a time through one connection: previews come first.
const AT_ONCE: usize = 2;

/// A picture as a reader gets it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub picture: Arc<Picture>,
    /// A strong tag in quotes.
    pub etag: Box<str>,
    /// For how many seconds it may be kept.
    pub max_age: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    connection: ConnectionId,
    generation: i64,
    source: Box<str>,
}

/// What is known of one picture through one connection.
#[derive(Debug)]
struct Seen {
    picture: Option<Arc<Picture>>,
    /// When the picture came from Jira.
    at: Timestamp,
    fresh_until: Timestamp,
}

#[derive(Debug)]
pub struct Pictures {
    connect: Arc<Connect>,
    clock: Clock,
    passes: Passes,
    rules: Rules,
    /// `https://gateway.example.com/picture/`
    address: String,
    period: i64,
    /// The same few icons and faces stand on many cards, and a signature costs more than a look.
    addresses: Recent<String, String>,
    cache: future::Cache<Key, Arc<Seen>>,
    lanes: sync::Cache<ConnectionId, Arc<Semaphore>>,
}

impl Pictures {
    /// `fresh_for` is how long a ready-made answer may be given again: its passes must outlive it.
    pub fn new(
        connect: Arc<Connect>,
        clock: Clock,
        passes: Passes,
        rules: Rules,
        public_url: &str,
        fresh_for: SignedDuration,
    ) -> Self {
        let weigh = |key: &Key, seen: &Arc<Seen>| {
            let bytes = seen.picture.as_ref().map_or(0, |picture| picture.bytes.len());
            u32::try_from(bytes + key.source.len() + BOOK_KEEPING).unwrap_or(u32::MAX)
        };
        Self {
            connect,
            clock,
            passes,
            rules,
            address: format!("{public_url}/picture/"),
            period: fresh_for.as_secs().max(PERIOD),
            addresses: Recent::new(MOST_ADDRESSES, Duration::from_secs(PERIOD.unsigned_abs())),
            cache: future::Cache::builder()
                .max_capacity(CACHE_BYTES)
                .weigher(weigh)
                .time_to_live(Duration::from_secs(24 * 3600))
                .support_invalidation_closures()
                .build(),
            lanes: sync::Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_secs(60)).build(),
        }
    }

    /// Puts our own addresses in the place of Jira's, and none where there is nothing to be shown. `may_be_shown`: the
    /// reader's connection still works.
    pub fn readdress(&self, preview: &mut Preview, connection: &Connection, may_be_shown: bool) {
        let facts = preview.facts.iter_mut().map(|fact| &mut fact.picture_url);
        for address in facts.chain([&mut preview.icon_url]) {
            let told = address.take().filter(|_| may_be_shown);
            *address = told.and_then(|told| self.own_address(&told, connection));
        }
    }

    fn own_address(&self, told: &str, connection: &Connection) -> Option<String> {
        let source = Source::of(told, &connection.site, &connection.api)?;
        let Connection { account_id, id, generation, .. } = connection;
        let now = self.clock.now().as_second();
        let ends = (now.div_euclid(self.period) + 2) * self.period;
        let content = format!("{account_id}\n{id}\n{generation}\n{source}");
        let question = format!("{ends}\n{content}");
        if let Some(address) = self.addresses.get(&question) {
            return Some(address);
        }
        let address = format!("{}{}", self.address, self.passes.write(content.as_bytes(), ends));
        self.addresses.insert(question, address.clone());
        Some(address)
    }

    /// The picture that a pass names. `None`, whatever the reason: forged, ended, of a connection that is gone, was made
    /// anew or waits for its person, or no picture.
    pub async fn show(self: &Arc<Self>, pass: &str) -> Result<Option<Shown>, store::Error> {
        let now = self.clock.now();
        let Some((content, ends)) = self.passes.read(pass, now.as_second()) else { return Ok(None) };
        let Some((account, id, generation, source)) = read(&content) else { return Ok(None) };
        let held = self.connect.held(&account).await?;
        let usable = |it: &&Arc<Connection>| {
            it.generation == generation && health::may_be_used(it.health) && self.rules.admits(&it.site)
        };
        let Some(connection) = held.find(&id).filter(usable) else { return Ok(None) };
        let key = Key { connection: id, generation, source: source.to_string().into() };
        let seen = self.seen(key.clone(), connection, source).await;
        // A connection that was removed meanwhile leaves nothing behind.
        if !self.connect.still_holds(connection).await {
            self.cache.invalidate(&key).await;
            return Ok(None);
        }
        Ok(seen.and_then(|seen| {
            let picture = seen.picture.clone()?;
            // What a browser keeps is not asked for again, so it keeps it for no longer than it is believed here.
            let fresh = seen.fresh_until.duration_since(now).as_secs().clamp(0, FRESH.as_secs());
            Some(Shown { etag: tag(&picture), picture, max_age: fresh.min(ends - now.as_second()) })
        }))
    }

    /// Forgets what was seen through a connection.
    pub fn forget(&self, connection: &ConnectionId) {
        let connection = connection.clone();
        // The closure form is refused only on a cache built without support for it.
        let _ = self.cache.invalidate_entries_if(move |key, _| key.connection == connection);
    }

    /// Fetched once for many readers. The fetch is a task of its own: whoever asked first may hang up.
    async fn seen(self: &Arc<Self>, key: Key, connection: &Arc<Connection>, source: Source) -> Option<Arc<Seen>> {
        let now = self.clock.now();
        let previous = self.cache.get(&key).await;
        if let Some(seen) = previous.as_ref().filter(|seen| now < seen.fresh_until) {
            return Some(seen.clone());
        }
        let (pictures, connection) = (self.clone(), connection.clone());
        let fetching = tokio::spawn(async move {
            let fetch = async {
                let result = pictures.fetch(&connection, &source).await;
                Arc::new(Seen::after(previous.as_deref(), result, pictures.clock.now()))
            };
            let entry = pictures.cache.entry(key).or_insert_with_if(fetch, |seen| seen.fresh_until <= now).await;
            entry.into_value()
        });
        fetching.await.ok()
    }

    async fn fetch(&self, connection: &Connection, source: &Source) -> Result<Option<Picture>, Error> {
        let lanes = self.lanes.get_with(connection.id.clone(), || Arc::new(Semaphore::new(AT_ONCE)));
        // The semaphore is never closed; were it, nothing may go out.
        let _lane = lanes.acquire().await.map_err(|_| Error::Upstream(503))?;
        let bytes = match source {
            Source::Public(url) => self.public(&connection.site, url.clone()).await?,
            Source::Jira(path) => {
                let path = path.as_str();
                let call = |jira: Client| async move { jira.picture(path, LARGEST).await };
                match self.connect.ask(connection, call).await? {
                    Told::Here(bytes) => bytes,
                    Told::Elsewhere(url) => self.public(&connection.site, url).await?,
                }
            }
        };
        Ok(Picture::of(bytes))
    }

    /// The same way out as to the site: where a company's proxy stands before the one, it stands before the other.
    async fn public(&self, site: &SiteUrl, url: crate::outbound::Url) -> Result<Vec<u8>, Error> {
        picture::of_public(self.connect.sites().http(site), url, LARGEST).await
    }
}

impl Seen {
    /// What follows from the result of a fetch, given what was known before.
    fn after(previous: Option<&Self>, result: Result<Option<Picture>, Error>, now: Timestamp) -> Self {
        let plus = |time| now.checked_add(time).unwrap_or(Timestamp::MAX);
        match result {
            Ok(Some(picture)) => Self { picture: Some(Arc::new(picture)), at: now, fresh_until: plus(FRESH) },
            Err(error) if is_away(&error) => {
                let last = previous.filter(|seen| now.duration_since(seen.at) <= LAST);
                let picture = last.and_then(|seen| seen.picture.clone());
                Self { picture, at: last.map_or(now, |seen| seen.at), fresh_until: plus(ABSENT) }
            }
            // Each fetch proves access again: a refusal ends the last picture at once.
            Ok(None) | Err(_) => Self { picture: None, at: now, fresh_until: plus(ABSENT) },
        }
    }
}

/// Whether Jira said nothing about the picture itself.
fn is_away(error: &Error) -> bool {
    matches!(error, Error::Outbound(_) | Error::Upstream(_) | Error::RateLimited { .. })
}

fn read(content: &[u8]) -> Option<(AccountId, ConnectionId, i64, Source)> {
    let mut lines = std::str::from_utf8(content).ok()?.splitn(4, '\n');
    let account = AccountId::parse(lines.next()?)?;
    let connection = ConnectionId::parse(lines.next()?)?;
    Some((account, connection, lines.next()?.parse().ok()?, Source::parse(lines.next()?)?))
}

fn tag(picture: &Picture) -> Box<str> {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), picture.format.content_type(), &picture.bytes).hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish()).into()
}
