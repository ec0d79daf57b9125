//! The JSON of what was asked for lately. It takes more room than the preview that it is made from, and is made anew in
//! microseconds: a bound of its own leaves the cache's to what costs a call.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::render::json::Tail;

use super::entry::Entry;

/// Bound, in bytes: what was made first goes first.
const MOST_BYTES: usize = 60_000_000;
/// Bytes that the queue and the allocator need for one, besides its own.
const BOOK_KEEPING: usize = 150;

/// Where an entry has its JSON.
#[derive(Debug, Default)]
pub struct Slot(RwLock<Option<Arc<Tail>>>);

impl Slot {
    pub fn get(&self) -> Option<Arc<Tail>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, tail: Option<Arc<Tail>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tail;
    }
}

/// Which entries have their JSON, in the order in which it was made.
#[derive(Debug, Default)]
pub struct Tails(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<(Weak<Entry>, usize)>,
    bytes: usize,
}

impl Tails {
    /// The JSON of an entry; made where it has none.
    pub fn of(&self, entry: &Arc<Entry>, make: impl FnOnce() -> Tail) -> Arc<Tail> {
        if let Some(tail) = entry.tail.get() {
            return tail;
        }
        let tail = Arc::new(make());
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another reader may have made it meanwhile.
        if let Some(tail) = entry.tail.get() {
            return tail;
        }
        entry.tail.set(Some(tail.clone()));
        let weight = tail.weight() + BOOK_KEEPING;
        queue.entries.push_back((Arc::downgrade(entry), weight));
        queue.bytes += weight;
        while queue.bytes > MOST_BYTES
            && let Some((oldest, weight)) = queue.entries.pop_front()
        {
            queue.bytes -= weight;
            if let Some(oldest) = oldest.upgrade() {
                oldest.tail.set(None);
            }
        }
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::Error;
    use crate::render::json;
    use crate::unfurl::Lifetimes;
    use crate::unfurl::answer::not_ours;
    use jiff::{SignedDuration, Timestamp};

    fn entry() -> Arc<Entry> {
        let hour = SignedDuration::from_hours(1);
        let lifetimes = Lifetimes { fresh_for: hour, stale_for: hour };
        Arc::new(Entry::after(None, Err(Error::NotFound), Timestamp::UNIX_EPOCH, lifetimes))
    }

    fn tail(bytes: usize) -> Tail {
        let mut tail = json::without_url(&not_ours("x"));
        tail.body = vec![b'x'; bytes].into();
        tail
    }

    #[test]
    fn what_was_made_first_goes_first_and_is_made_anew() {
        let tails = Tails::default();
        let third = MOST_BYTES / 3;
        let entries = [entry(), entry(), entry()];
        for entry in &entries {
            let made = tails.of(entry, || tail(third));
            let again = tails.of(entry, || panic!("it is there"));
            assert!(Arc::ptr_eq(&made, &again));
        }
        let has = || entries.each_ref().map(|entry| entry.tail.get().is_some());
        assert_eq!(has(), [false, true, true]);
        tails.of(&entries[0], || tail(1000));
        assert_eq!(has(), [true, true, true]);
        // What the cache has dropped meanwhile is nobody's.
        drop(entries);
        let last = entry();
        tails.of(&last, || tail(MOST_BYTES + 1));
        let queue = tails.0.lock().unwrap();
        assert!(last.tail.get().is_none() && queue.entries.is_empty());
        assert_eq!(queue.bytes, 0);
    }
}
