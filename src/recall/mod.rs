//! What was read from the database, kept in memory until it changes.

mod recent;

use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub use recent::Recent;

/// A bounded memory of rows. A row that was read before a change and comes to be kept after it is not kept: it would
/// outlive what the change took away, a revoked token for instance.
pub struct Recall<K, V> {
    rows: Recent<K, V>,
    changes: AtomicU64,
}

impl<K, V> fmt::Debug for Recall<K, V> {
    /// Not the rows: they are somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recall").field("changes", &self.changes).finish_non_exhaustive()
    }
}

/// How many changes there had been when a reading began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Mark(u64);

impl<K, V> Recall<K, V>
where
    K: Clone + Eq + Hash,
    V: Clone,
{
    /// At most so many rows, each for so long after it was read.
    pub fn new(most: usize, time: Duration) -> Self {
        Self { rows: Recent::new(most, time), changes: AtomicU64::new(0) }
    }

    pub fn get(&self, key: &K) -> Option<V> {
        self.rows.get(key)
    }

    /// The same for whoever has just looked at the clock.
    pub fn get_at(&self, key: &K, now: Instant) -> Option<V> {
        self.rows.get_at(key, now)
    }

    /// To be taken before the database is asked.
    pub fn mark(&self) -> Mark {
        Mark(self.changes.load(Ordering::SeqCst))
    }

    /// Keeps what was read since the mark, unless something changed meanwhile.
    pub fn keep(&self, since: Mark, key: K, value: V) {
        if self.mark() == since {
            self.rows.insert(key.clone(), value);
            // The change may have come between the look and the insertion.
            if self.mark() != since {
                self.rows.forget(&key);
            }
        }
    }

    /// A row was changed.
    pub fn forget(&self, key: &K) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.rows.forget(key);
    }

    /// Any row may have been changed.
    pub fn forget_all(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.rows.forget_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let recall = Recall::new(10, Duration::from_secs(60));
        let mark = recall.mark();
        recall.keep(mark, 1, "row");
        assert_eq!(recall.get(&1), Some("row"));
        recall.forget(&1);
        recall.keep(mark, 1, "row");
        assert_eq!(recall.get(&1), None);
        let mark = recall.mark();
        recall.forget_all();
        recall.keep(mark, 2, "row");
        assert_eq!(recall.get(&2), None);
        recall.keep(recall.mark(), 2, "row");
        assert_eq!(recall.get(&2), Some("row"));
    }
}
