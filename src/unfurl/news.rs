//! What Jira told of changes, and whether something that was fetched is older than that.
//!
//! A change is noted by the name of its issue, in one of a fixed number of places: it costs the same however much is told,
//! and takes no more memory. Two names that share a place cost a call that was not needed, and nothing else.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::jira::change::Change;
use crate::jira::key::SiteUrl;
use crate::recall::Recent;

const PLACES: usize = 1 << 16;
/// Jira repeats itself for an hour or so when it believes that it was not heard.
const REPEATED: Duration = Duration::from_secs(2 * 3600);
const MOST_REPEATED: usize = 20_000;
/// Deleted issues whose readers are told so; later than that they hear what everybody hears.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
const MOST_DELETED: usize = 10_000;

/// How much had been told when something was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u64);

impl Mark {
    /// Of what is not to be fetched again for any news.
    pub const NEVER: Self = Self(u64::MAX);
}

/// Where changes of an issue are noted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place(u16);

#[derive(Debug)]
pub struct News {
    hasher: RandomState,
    told: AtomicU64,
    /// By place: how much had been told when something was told there last.
    places: Box<[AtomicU64]>,
    /// Hashes of what was told already.
    heard: Recent<u64, ()>,
    /// By hash of site and name.
    deleted: Recent<u64, Timestamp>,
}

impl News {
    pub fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            told: AtomicU64::new(0),
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            heard: Recent::new(MOST_REPEATED, REPEATED),
            deleted: Recent::new(MOST_DELETED, REMEMBERED),
        }
    }

    /// To be taken before Jira is asked.
    pub fn mark(&self) -> Mark {
        Mark(self.told.load(Ordering::Acquire))
    }

    /// The place of an issue, by number or by key in any case.
    pub fn place(&self, site: &SiteUrl, name: &str) -> Place {
        // The remainder of a division by their number.
        #[expect(clippy::cast_possible_truncation, reason = "only these bits are wanted")]
        let place = self.hash(site, name) as u16;
        Place(place)
    }

    /// Whether something was told at one of these places since the mark.
    pub fn has_since(&self, mark: Mark, places: [Place; 2]) -> bool {
        places.iter().any(|place| self.places[usize::from(place.0)].load(Ordering::Acquire) > mark.0)
    }

    /// A Jira tells of a change. `delivery` is how it calls this telling, if it does. What it told before is not heard again.
    pub fn hear(&self, site: &SiteUrl, delivery: Option<&str>, change: &Change, now: Timestamp) {
        let name = change.names().next().unwrap_or_default();
        let event = self.hasher.hash_one(("event", site, name, &change.event, change.timestamp));
        let delivery = delivery.map(|delivery| self.hasher.hash_one(("delivery", site, delivery)));
        let repeated = [Some(event).filter(|_| change.timestamp != 0), delivery];
        let mut known = false;
        for told in repeated.into_iter().flatten() {
            known |= self.heard.get(&told).is_some();
            self.heard.insert(told, ());
        }
        if known {
            return;
        }
        let told = self.told.fetch_add(1, Ordering::AcqRel) + 1;
        for name in change.names() {
            self.places[usize::from(self.place(site, name).0)].fetch_max(told, Ordering::AcqRel);
            match change.deleted {
                true => self.deleted.insert(self.hash(site, name), now),
                false => self.deleted.forget(&self.hash(site, name)),
            }
        }
    }

    /// When Jira told that this issue was deleted.
    pub fn deleted_at(&self, site: &SiteUrl, name: &str) -> Option<Timestamp> {
        self.deleted.get(&self.hash(site, name))
    }

    fn hash(&self, site: &SiteUrl, name: &str) -> u64 {
        match name.bytes().any(|byte| byte.is_ascii_lowercase()) {
            true => self.hasher.hash_one((site, name.to_ascii_uppercase().as_str())),
            false => self.hasher.hash_one((site, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> SiteUrl {
        SiteUrl::parse(text).unwrap()
    }

    fn change(id: &str, key: &str, event: &str, timestamp: i64) -> Change {
        Change {
            id: Some(id.to_owned()),
            key: Some(key.to_owned()),
            deleted: event == "deleted",
            event: event.to_owned(),
            timestamp,
        }
    }

    #[test]
    fn what_was_fetched_before_is_old_and_what_comes_after_is_not() {
        let (news, acme, beta) = (News::new(), site("https://a.example"), site("https://b.example"));
        let places = |site: &SiteUrl, name: &str| [news.place(site, name); 2];
        let before = news.mark();
        news.hear(&acme, None, &change("7", "OPS-7", "updated", 1), Timestamp::UNIX_EPOCH);
        for name in ["OPS-7", "ops-7", "7"] {
            assert!(news.has_since(before, places(&acme, name)), "{name}");
            assert!(!news.has_since(news.mark(), places(&acme, name)), "{name}");
            assert!(!news.has_since(Mark::NEVER, places(&acme, name)), "{name}");
        }
        // Places are shared by chance, and seldom.
        let touched = (0..1000).filter(|n| news.has_since(before, places(&acme, &format!("DEV-{n}")))).count();
        assert!(touched < 5 && usize::from(news.has_since(before, places(&beta, "OPS-7"))) < 2);
    }

    #[test]
    fn what_is_told_again_is_not_heard_again() {
        let (news, acme) = (News::new(), site("https://a.example"));
        let hear = |delivery: Option<&str>, event: &str, timestamp| {
            let before = news.mark();
            news.hear(&acme, delivery, &change("7", "OPS-7", event, timestamp), Timestamp::UNIX_EPOCH);
            news.mark() != before
        };
        assert!(hear(Some("d1"), "updated", 1));
        assert!(!hear(Some("d1"), "updated", 1), "the same delivery");
        assert!(!hear(Some("d2"), "updated", 1), "the same event by another registration");
        assert!(!hear(Some("d1"), "updated", 2), "the same delivery, made up anew");
        assert!(hear(Some("d3"), "updated", 3) && hear(None, "deleted", 3) && hear(None, "x", 0) && hear(None, "x", 0));
        for _ in 0..1000 {
            assert!(!hear(Some("d3"), "updated", 3));
        }
    }

    #[test]
    fn a_deletion_is_remembered_until_the_issue_is_back() {
        let (news, acme) = (News::new(), site("https://a.example"));
        let at = Timestamp::from_second(5).unwrap();
        news.hear(&acme, None, &change("7", "OPS-7", "deleted", 1), at);
        assert_eq!((news.deleted_at(&acme, "OPS-7"), news.deleted_at(&acme, "7")), (Some(at), Some(at)));
        assert_eq!(news.deleted_at(&acme, "OPS-8"), None);
        assert_eq!(news.deleted_at(&site("https://b.example"), "OPS-7"), None);
        news.hear(&acme, None, &change("7", "OPS-7", "created", 2), at);
        assert_eq!(news.deleted_at(&acme, "OPS-7"), None);
    }
}
