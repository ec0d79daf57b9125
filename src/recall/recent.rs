//! What was looked up a moment ago: a small bounded map for what every request needs. Reading it takes a tenth of the
//! time that a cache with an order of eviction takes, and there is nothing to keep in order here.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

/// Remembers values for a time. When it is full, it begins anew.
#[derive(Debug)]
pub struct Recent<K, V> {
    most: usize,
    time: Option<Duration>,
    values: RwLock<HashMap<K, (V, Instant)>>,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    pub fn new(most: usize, time: Duration) -> Self {
        Self { most, time: Some(time), values: RwLock::default() }
    }

    /// For what never becomes wrong.
    pub fn for_ever(most: usize) -> Self {
        Self { most, time: None, values: RwLock::default() }
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get_at(key, Instant::now())
    }

    /// The same for whoever has just looked at the clock.
    pub fn get_at<Q: Hash + Eq + ?Sized>(&self, key: &Q, now: Instant) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let values = self.read();
        let (value, since) = values.get(key)?;
        self.is_recent(*since, now).then(|| value.clone())
    }

    pub fn insert(&self, key: K, value: V) {
        let now = Instant::now();
        let mut values = self.write();
        if values.len() >= self.most {
            values.retain(|_, (_, since)| self.is_recent(*since, now));
        }
        if values.len() >= self.most {
            values.clear();
        }
        values.insert(key, (value, now));
    }

    pub fn forget<Q: Hash + Eq + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.write().remove(key);
    }

    pub fn forget_all(&self) {
        self.write().clear();
    }

    fn is_recent(&self, since: Instant, now: Instant) -> bool {
        self.time.is_none_or(|time| now.saturating_duration_since(since) < time)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<K, (V, Instant)>> {
        self.values.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, (V, Instant)>> {
        self.values.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_or_forgotten_is_gone() {
        let recent = Recent::new(10, Duration::from_secs(60));
        recent.insert("a".to_owned(), 1);
        recent.insert("b".to_owned(), 2);
        assert_eq!((recent.get("a"), recent.get("b"), recent.get("c")), (Some(1), Some(2), None));
        recent.forget("a");
        assert_eq!((recent.get("a"), recent.get("b")), (None, Some(2)));
        recent.forget_all();
        assert_eq!(recent.get("b"), None);
        let never = Recent::new(10, Duration::ZERO);
        never.insert("a".to_owned(), 1);
        assert_eq!(never.get("a"), None);
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let recent = Recent::new(3, Duration::from_secs(60));
        for number in 0..100 {
            recent.insert(number, number);
            assert_eq!(recent.get(&number), Some(number));
            assert!(recent.read().len() <= 3);
        }
    }
}
