//! Holding on to a database while it is worked on (S55): the lease is prolonged as time goes by, and whoever lost it stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::halt::Halt;
use crate::clock::Clock;
use crate::store::{Lease, Noted, Store};

/// How long others leave a database alone whose worker does not say anything. Longer than any call takes.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// So often it is said that somebody still works on it.
const KEEP: SignedDuration = SignedDuration::from_secs(20);

/// The right to work on one database, in one run.
#[derive(Debug)]
pub struct Hold {
    pub store: Store,
    pub clock: Clock,
    pub lease: Lease,
    /// Set when the gateway stops.
    stopping: Arc<AtomicBool>,
    kept_at: Mutex<Timestamp>,
}

/// So long at most it is not seen that the gateway stops.
const STEP: SignedDuration = SignedDuration::from_secs(5);

/// When a lease that is taken now ends.
pub fn until(clock: &Clock) -> i64 {
    clock.now().checked_add(LEASE).unwrap_or(Timestamp::MAX).as_millisecond()
}

impl Hold {
    pub fn new(store: Store, clock: Clock, lease: Lease, stopping: Arc<AtomicBool>) -> Self {
        let kept_at = Mutex::new(clock.now());
        Self { store, clock, lease, stopping, kept_at }
    }

    /// To be called before everything that changes something, and now and then while waiting.
    pub async fn firm(&self) -> Result<(), Halt> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(Halt::Stopping);
        }
        let now = self.clock.now();
        {
            let mut kept_at = self.kept_at.lock().unwrap_or_else(PoisonError::into_inner);
            if now.duration_since(*kept_at) < KEEP {
                return Ok(());
            }
            *kept_at = now;
        }
        match self.store.keep_lease(&self.lease, until(&self.clock)).await? {
            None => Err(Halt::Lost),
            Some(database) if database.paused => Err(Halt::Paused),
            Some(_) => Ok(()),
        }
    }

    /// Waits, and holds on meanwhile.
    pub async fn wait_until(&self, instant: Timestamp) -> Result<(), Halt> {
        loop {
            let now = self.clock.now();
            if now >= instant {
                return Ok(());
            }
            let next = now.checked_add(STEP).unwrap_or(instant).min(instant);
            self.clock.sleep_until(next).await;
            self.firm().await?;
        }
    }

    /// Writes down how the work is going.
    pub async fn note(&self, noted: Noted<'_>) -> Result<(), Halt> {
        if self.store.note_database(&self.lease, noted).await? { Ok(()) } else { Err(Halt::Lost) }
    }
}
