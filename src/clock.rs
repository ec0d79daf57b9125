//! What time it is. The only place that asks the system; everything else is handed a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};

/// A clock that is either the system's or set by hand (tests, the demo).
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::advance`] is called. Clones share the time.
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(millis) => Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Milliseconds since 1970, the form in which the store keeps instants.
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Waits until an instant. On a manual clock that is at once: it is set to that instant, if it was before.
    pub async fn sleep_until(&self, instant: Timestamp) {
        match &self.0 {
            None => {
                let wait = Duration::try_from(instant.duration_since(self.now())).unwrap_or(Duration::ZERO);
                tokio::time::sleep(wait).await;
            }
            Some(millis) => {
                // An instant between two milliseconds is not reached by the earlier one.
                let whole = instant.round(Unit::Millisecond).unwrap_or(instant);
                let late = if whole < instant { 1 } else { 0 };
                millis.fetch_max(whole.as_millisecond() + late, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Moves a manual clock; does nothing to the system's.
    pub fn advance(&self, by: SignedDuration) {
        if let Some(millis) = &self.0 {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
