//! The cache of what Jira said, and the one call that many readers wait for.
//!
//! A fetch runs in its own task: whoever asked first may hang up without starting it again. Readers only wait.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::Equivalent;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::connect::{Connect, Work};
use crate::jira::Error;
use crate::jira::change::Change;
use crate::jira::key::SiteUrl;
use crate::metrics::Metrics;
use crate::outbound::Failure;
use crate::store::{Connection, ConnectionId};

use super::changes::Changes;
use super::entry::{Entry, Lifetimes};
use super::fetch::{Flight, fetch};
use super::fields::Fields;
use super::news::News;
use super::plan::Object;

/// A reader never waits longer for Jira (paste-experience §10); the call itself goes on and fills the cache.
const PATIENCE: Duration = Duration::from_secs(8);
/// Bound of the cache, in bytes as [`Entry::weight`] counts them. With [`super::tails`] and the rest the process stays below 300 MB.
const CACHE_BYTES: u64 = 220_000_000;

/// Most objects that are fetched or wait for it at one time through one connection.
const MOST_IN_THE_AIR: usize = 20_000;

/// Nothing is shared between connections: the key begins with one, in the generation of its credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    connection: ConnectionId,
    generation: i64,
    object: Object,
}

/// The same without owning anything, to look up with.
#[derive(Hash)]
struct KeyRef<'a> {
    connection: &'a ConnectionId,
    generation: i64,
    object: &'a Object,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        (self.connection, self.generation, self.object) == (&key.connection, key.generation, &key.object)
    }
}

/// One object to be seen through one connection.
#[derive(Debug, Clone)]
pub struct Want {
    pub connection: Arc<Connection>,
    pub object: Object,
}

/// In what way something is to be seen.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Not as it was seen before.
    pub refresh: bool,
    pub work: Work,
}

impl Want {
    pub(super) fn key(&self) -> Key {
        Key {
            connection: self.connection.id.clone(),
            generation: self.connection.generation,
            object: self.object.clone(),
        }
    }
}

type Landing = watch::Receiver<Option<Arc<Entry>>>;

/// What is being fetched, and how much of it through each connection.
#[derive(Debug, Default)]
struct Air {
    landings: HashMap<Key, Landing>,
    by_connection: HashMap<ConnectionId, usize>,
}

impl Air {
    fn is_full_for(&self, connection: &ConnectionId) -> bool {
        self.by_connection.get(connection).is_some_and(|count| *count >= MOST_IN_THE_AIR)
    }

    fn enter(&mut self, key: Key, landing: Landing) {
        *self.by_connection.entry(key.connection.clone()).or_default() += 1;
        self.landings.insert(key, landing);
    }

    fn leave(&mut self, key: &Key) {
        if self.landings.remove(key).is_some()
            && let Some(count) = self.by_connection.get_mut(&key.connection)
        {
            *count -= 1;
            if *count == 0 {
                self.by_connection.remove(&key.connection);
            }
        }
    }
}

#[derive(Debug)]
pub struct Flights {
    pub(super) connect: Arc<Connect>,
    pub(super) clock: Clock,
    pub(super) lifetimes: Lifetimes,
    pub(super) with_description: bool,
    metrics: Arc<Metrics>,
    pub(super) cache: Cache<Key, Arc<Entry>>,
    pub(super) fields: Fields,
    pub(super) news: News,
    pub(super) changes: Changes,
    in_the_air: Mutex<Air>,
}

impl Flights {
    pub fn new(
        connect: Arc<Connect>,
        clock: Clock,
        lifetimes: Lifetimes,
        with_description: bool,
        metrics: Arc<Metrics>,
    ) -> Self {
        let stale_for = Duration::try_from(lifetimes.stale_for).unwrap_or(Duration::from_secs(60));
        let cache = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|key: &Key, entry: &Arc<Entry>| {
                u32::try_from(entry.weight() + key.object.weight()).unwrap_or(u32::MAX)
            })
            .time_to_live(stale_for.max(Duration::from_secs(3600)))
            .support_invalidation_closures()
            .build();
        Self {
            connect,
            clock,
            lifetimes,
            with_description,
            metrics,
            cache,
            fields: Fields::new(),
            news: News::new(),
            changes: Changes::new(),
            in_the_air: Mutex::default(),
        }
    }

    /// Whether an entry that was kept elsewhere is still what the cache would give.
    pub fn is_current(&self, entry: &Entry) -> bool {
        !entry.replaced.load(Relaxed) && self.is_fresh(entry)
    }

    /// Whether the object may be shown without asking Jira.
    fn is_fresh(&self, entry: &Entry) -> bool {
        entry.is_fresh(self.clock.now()) && !self.is_outdated(entry)
    }

    /// Whether Jira has told of a change since.
    fn is_outdated(&self, entry: &Entry) -> bool {
        entry.heeds_news() && self.news.has_since(entry.asked, entry.places)
    }

    /// Jira tells of a change.
    pub fn hear(&self, site: &SiteUrl, delivery: Option<&str>, change: &Change) {
        self.news.hear(site, delivery, change, self.clock.now());
        if let Some(key) = &change.key {
            self.changes.note(site, key);
        }
    }

    /// The entry if it needs no call. Touches no lock but the cache's own.
    pub fn fresh(&self, connection: &Connection, object: &Object) -> Option<Arc<Entry>> {
        let key = KeyRef { connection: &connection.id, generation: connection.generation, object };
        self.cache.get(&key).filter(|entry| self.is_fresh(entry))
    }

    /// The entries for `wants`, in their order; what is not fresh is fetched, objects of one connection together.
    pub async fn entries(self: &Arc<Self>, wants: &[Want], how: How) -> Vec<Arc<Entry>> {
        let mut waiting: Vec<Result<Arc<Entry>, Landing>> = Vec::with_capacity(wants.len());
        let mut to_fetch: Vec<(Want, watch::Sender<Option<Arc<Entry>>>)> = Vec::new();
        let now = self.clock.now();
        {
            let mut air = self.air();
            for want in wants {
                let key = want.key();
                // Looked up under the lock: a flight lands in the cache before it leaves `air`.
                if let Some(entry) = self.cache.get(&key)
                    && match how.refresh {
                        true => entry.must_wait(now) || (entry.checked_at == now && !self.is_outdated(&entry)),
                        false => self.is_fresh(&entry),
                    }
                {
                    self.metrics.previews.hits.inc();
                    waiting.push(Ok(entry));
                } else if let Some(landing) = air.landings.get(&key) {
                    self.metrics.previews.coalesced.inc();
                    waiting.push(Err(landing.clone()));
                } else if air.is_full_for(&key.connection) {
                    waiting.push(Ok(self.last_known(want, Error::Outbound(Failure::Timeout))));
                } else {
                    self.metrics.previews.misses.inc();
                    let (sender, landing) = watch::channel(None);
                    air.enter(key, landing.clone());
                    to_fetch.push((want.clone(), sender));
                    waiting.push(Err(landing));
                }
            }
        }
        self.depart(to_fetch, how.work);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut entries = Vec::with_capacity(wants.len());
        for (want, slot) in wants.iter().zip(waiting) {
            entries.push(match slot {
                Ok(entry) => entry,
                Err(mut landing) => {
                    let landed = tokio::time::timeout_at(deadline, landing.wait_for(Option::is_some)).await;
                    let entry = landed.ok().and_then(Result::ok).and_then(|entry| entry.clone());
                    entry.unwrap_or_else(|| self.last_known(want, Error::Outbound(Failure::Timeout)))
                }
            });
        }
        entries
    }

    /// What was last known, marked with the reason why it cannot be checked now. Nothing is asked or stored.
    pub fn last_known(&self, want: &Want, why: Error) -> Arc<Entry> {
        let previous = self.cache.get(&want.key());
        Arc::new(Entry::after(previous.as_deref(), Err(why), self.clock.now(), self.lifetimes))
    }

    fn depart(self: &Arc<Self>, to_fetch: Vec<(Want, watch::Sender<Option<Arc<Entry>>>)>, work: Work) {
        let mut by_connection: HashMap<ConnectionId, Vec<Flight>> = HashMap::new();
        for (want, sender) in to_fetch {
            let flight = Flight { flights: self.clone(), asked: self.news.mark(), want, work, sender };
            by_connection.entry(flight.want.connection.id.clone()).or_default().push(flight);
        }
        for group in by_connection.into_values() {
            tokio::spawn(fetch(group));
        }
    }

    /// Forgets everything that was seen through a connection.
    pub fn forget(&self, connection: &ConnectionId) {
        self.fields.forget(connection);
        self.forget_cards(connection);
    }

    /// Forgets the objects that were seen through a connection, but not which fields its Jira has.
    pub fn forget_cards(&self, connection: &ConnectionId) {
        let connection = connection.clone();
        // The closure form is refused only on a cache built without support for it.
        let _ = self.cache.invalidate_entries_if(move |key, _| key.connection == connection);
    }

    /// Lets others start a fetch of this object.
    pub(super) fn leave(&self, want: &Want) {
        self.air().leave(&want.key());
    }

    /// Learns the fields of a connection's Jira before anybody waits for them.
    pub async fn prepare(&self, connection: &Connection) {
        // Who looks at a link asks again, and hears what is wrong.
        let _ = self.fields.of(&self.connect, connection).await;
    }

    fn air(&self) -> MutexGuard<'_, Air> {
        self.in_the_air.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::key::Kind;
    use crate::jira::model::StatusCategory;
    use crate::preview::{Fact, FactId, Preview, Status};
    use crate::unfurl::entry::{Belongs, Found};
    use crate::unfurl::packed::Packed;

    /// The load benchmark says what such a weight is in memory.
    #[test]
    fn a_hundred_thousand_issues_in_full_have_room() {
        let picture = format!("https://acme.atlassian.net/{}", "x".repeat(70));
        let mut facts: Vec<Fact> = FactId::FIXED.map(|id| Fact::new(id, "Ana Lindqvist")).into();
        facts.iter_mut().take(3).for_each(|fact| fact.picture_url = Some(picture.clone()));
        let texts = 88 + 4 * picture.len() + FactId::FIXED.len() * "Ana Lindqvist".len();
        let preview = Preview {
            title: "Login on Safari fails ".repeat(4),
            identifier: "OPS-100000".to_owned(),
            icon_url: Some(picture),
            status: Some(Status { name: "In Progress".to_owned(), category: StatusCategory::InProgress }),
            facts,
            ..Preview::default()
        };
        let now = jiff::Timestamp::UNIX_EPOCH;
        let found = Found {
            preview: Packed::of(&preview),
            kind: Kind::Issue,
            key: Some("OPS-100000".to_owned()),
            moved: false,
            belongs: Belongs::ByKey,
            place: None,
            at: now,
        };
        let lifetimes = Lifetimes { fresh_for: jiff::SignedDuration::ZERO, stale_for: jiff::SignedDuration::ZERO };
        let weight = Entry::after(None, Ok(found), now, lifetimes).weight();
        assert!(weight > size_of::<Entry>() + texts, "{weight}");
        assert!(weight as u64 * 100_000 <= CACHE_BYTES, "{weight}");
    }

    #[test]
    fn the_air_is_bounded_for_each_connection() {
        let connection = |letter: char| ConnectionId::parse(&format!("con_{}", letter.to_string().repeat(20))).unwrap();
        let key = |letter, number: usize| Key {
            connection: connection(letter),
            generation: 1,
            object: Object::Issue(format!("OPS-{number}").into()),
        };
        let mut air = Air::default();
        let (_sender, landing) = watch::channel(None);
        for number in 0..MOST_IN_THE_AIR {
            assert!(!air.is_full_for(&connection('a')));
            air.enter(key('a', number), landing.clone());
        }
        assert!(air.is_full_for(&connection('a')) && !air.is_full_for(&connection('b')));
        air.leave(&key('a', 7));
        air.leave(&key('a', 7));
        assert!(!air.is_full_for(&connection('a')));
        for number in 0..MOST_IN_THE_AIR {
            air.leave(&key('a', number));
        }
        assert!(air.landings.is_empty() && air.by_connection.is_empty());
    }
}
