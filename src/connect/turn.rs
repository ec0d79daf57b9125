//! Everybody's calls to all Jiras, on their way out: how many at once to one site, and the gate that each passes.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::pace::{By, Caller, Pace, Work};
use crate::clock::Clock;
use crate::jira::Error;
use crate::jira::auth::Method;
use crate::jira::endpoint::Endpoint;
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::limits::{Gate, Limits, Standing};
use crate::metrics::UpstreamCounters;
use crate::store::Connection;

/// Calls at once to one site over all connections: the upper end of what §10 of jira-auth-and-rest recommends. One
/// connection has fewer lanes, so that nobody takes them all; whoever comes first goes first.
const AT_ONCE: u32 = 10;
/// A site is forgotten when nobody has called it for so long, far longer than a call takes.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// The paces of all sites.
pub struct Turns {
    clock: Clock,
    pace: Mutex<Pace>,
    places: Cache<SiteUrl, Arc<Semaphore>>,
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").field("sites", &self.places.entry_count()).finish_non_exhaustive()
    }
}

impl Turns {
    pub fn new(clock: Clock) -> Self {
        let places = Cache::builder().max_capacity(10_000).time_to_idle(REMEMBERED).build();
        Self { clock, pace: Mutex::default(), places }
    }

    /// Waits for a place among the calls to a site. A site near its limit has half as many.
    pub async fn place(&self, site: &SiteUrl) -> Result<OwnedSemaphorePermit, Error> {
        let places = self.places.get_with_by_ref(site, || Arc::new(Semaphore::new(AT_ONCE as usize)));
        let width = if self.pace().is_near(site, self.clock.now()) { 2 } else { 1 };
        // The semaphore is never closed; were it, nothing may go out.
        places.acquire_many_owned(width).await.map_err(|_| Error::Upstream(503))
    }

    /// How a connection stands with its Jira's limits.
    pub fn standing(&self, caller: &Caller) -> Standing {
        self.pace().standing(caller, self.clock.now())
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<&Connection> for Caller {
    fn from(row: &Connection) -> Self {
        let by = match (row.deployment, Method::parse(&row.method)) {
            (Deployment::Cloud, Some(Method::Oauth)) => By::App,
            (Deployment::Cloud, _) => By::ApiToken,
            (Deployment::DataCenter | Deployment::Server, _) => By::Person,
        };
        Self { connection: row.id.clone(), site: row.site.clone(), by }
    }
}

/// One connection's turn to ask: maybe several calls.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    caller: Caller,
    work: Work,
    counters: UpstreamCounters,
    went_out: AtomicBool,
}

impl Turn {
    pub fn new(turns: Arc<Turns>, caller: Caller, work: Work, counters: UpstreamCounters) -> Self {
        Self { turns, caller, work, counters, went_out: AtomicBool::new(false) }
    }

    /// Whether anything was sent.
    pub fn went_out(&self) -> bool {
        self.went_out.load(Relaxed)
    }
}

impl Gate for Turn {
    fn pass(&self, endpoint: &Endpoint) -> Result<(), Duration> {
        let now = self.turns.clock.now();
        match self.turns.pace().pass(&self.caller, endpoint, self.work, now) {
            Ok(()) => self.went_out.store(true, Relaxed),
            Err(until) => {
                self.counters.paused();
                return Err(time_to(until, now));
            }
        }
        Ok(())
    }

    fn hear(&self, endpoint: &Endpoint, limits: &Limits) -> Option<Duration> {
        let now = self.turns.clock.now();
        self.turns.pace().hear(&self.caller, endpoint, limits, now).map(|until| time_to(until, now))
    }
}

fn time_to(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}
