//! Issues that may have changed, for whoever wants to look at them again: told by Jira, or seen by any reader.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use std::time::Duration;

use jiff::Timestamp;

use crate::jira::key::SiteUrl;
use crate::recall::Recent;

/// More than that are found when everything is looked at again.
const MOST: usize = 10_000;
/// For so long it is known up to which change an issue was seen.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// Collects names until they are taken; each once, however often it is told.
#[derive(Debug)]
pub struct Changes {
    is_wanted: AtomicBool,
    names: Mutex<HashSet<(SiteUrl, String)>>,
    /// When each was last changed, as far as anybody has seen: many readers see the same change.
    seen: Recent<(SiteUrl, String), Timestamp>,
}

impl Changes {
    pub fn new() -> Self {
        Self { is_wanted: AtomicBool::new(false), names: Mutex::default(), seen: Recent::new(5 * MOST, REMEMBERED) }
    }

    /// From now on somebody takes them; before, nothing is kept.
    pub fn want(&self) {
        self.is_wanted.store(true, Relaxed);
    }

    /// An issue may have changed; by its key.
    pub fn note(&self, site: &SiteUrl, key: &str) {
        if self.is_wanted.load(Relaxed) {
            let mut names = self.names();
            if names.len() < MOST {
                names.insert((site.clone(), key.to_ascii_uppercase()));
            }
        }
    }

    /// A reader sees that an issue was changed then. `is_news` unless whoever reads does so for the one who takes the names.
    pub fn note_seen(&self, site: &SiteUrl, key: &str, changed: Timestamp, is_news: bool) {
        if self.is_wanted.load(Relaxed) {
            let name = (site.clone(), key.to_ascii_uppercase());
            if self.seen.get(&name).is_none_or(|seen| seen < changed) {
                self.seen.insert(name, changed);
                if is_news {
                    self.note(site, key);
                }
            }
        }
    }

    /// Those that were noted since.
    pub fn take(&self) -> HashSet<(SiteUrl, String)> {
        std::mem::take(&mut *self.names())
    }

    fn names(&self) -> MutexGuard<'_, HashSet<(SiteUrl, String)>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_only_where_it_is_wanted() {
        let (changes, site) = (Changes::new(), SiteUrl::parse("https://a.example").unwrap());
        changes.note(&site, "OPS-7");
        assert!(changes.take().is_empty());
        changes.want();
        for key in ["OPS-7", "ops-7", "OPS-8"] {
            changes.note(&site, key);
        }
        assert_eq!(changes.take().len(), 2);
        assert!(changes.take().is_empty());
        for number in 0..2 * MOST {
            changes.note(&site, &format!("OPS-{number}"));
        }
        assert_eq!(changes.take().len(), MOST);
    }

    #[test]
    fn a_change_that_many_see_is_noted_once() {
        let (changes, site) = (Changes::new(), SiteUrl::parse("https://a.example").unwrap());
        changes.want();
        let at = |second| Timestamp::from_second(second).unwrap();
        let noted = |second, is_news| {
            changes.note_seen(&site, "OPS-7", at(second), is_news);
            changes.take().len()
        };
        assert_eq!([noted(1, true), noted(1, true), noted(2, false), noted(2, true), noted(3, true)], [1, 0, 0, 0, 1]);
    }
}
