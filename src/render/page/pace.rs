//! How a connection stands with its Jira's limits, in words (paste-experience R17).

use jiff::{SignedDuration, Timestamp};

use super::ConnectionRow;
use crate::jira::limits::{Bucket, Quota};
use crate::render::number::grouped;
use crate::render::time;

impl ConnectionRow {
    /// Until when Jira wants us to wait.
    pub(super) fn waits(&self, now: &Timestamp) -> Option<String> {
        let until = |at: Timestamp| time::clock(at, *now);
        match (self.limits.all_wait_until, self.limits.some_wait_until) {
            (Some(at), _) => {
                Some(format!("Jira asked us to wait until {}. Previews show the last known values.", until(at)))
            }
            (None, Some(at)) => Some(format!(
                "Jira asked us to slow down. Some previews show the last known values until {}.",
                until(at)
            )),
            (None, None) => None,
        }
    }

    /// What is left of what Jira allows, where it tells.
    pub(super) fn left(&self, now: &Timestamp) -> Option<String> {
        match (self.limits.bucket, self.limits.quota) {
            (Some(bucket), _) => Some(of_bucket(bucket)),
            (None, Some(quota)) => Some(of_quota(quota, *now)),
            (None, None) => None,
        }
    }
}

fn of_bucket(Bucket { left, gain, every, .. }: Bucket) -> String {
    let requests = if left == 1 { "request" } else { "requests" };
    let every = match every.as_secs() {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        seconds => format!("{} seconds", grouped(seconds)),
    };
    match gain {
        0 => format!("Jira allows {} more {requests}", grouped(left)),
        _ => format!("Jira allows {} more {requests} now, and {} more every {every}", grouped(left), grouped(gain)),
    }
}

fn of_quota(quota: Quota, now: Timestamp) -> String {
    let resets_in = SignedDuration::try_from(quota.resets_in).unwrap_or_default();
    let until = time::clock(now.checked_add(resets_in).unwrap_or(now), now);
    let place = if quota.site_only { "at this site" } else { "at all sites together" };
    format!("Jira allows this gateway {} more points {place} until {until}", grouped(quota.left))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_have_their_words() {
        let bucket = |left, gain, every| Bucket { size: 70, left, gain, every: Duration::from_secs(every) };
        let table = [
            (bucket(12, 10, 60), "Jira allows 12 more requests now, and 10 more every minute"),
            (bucket(1, 5, 1), "Jira allows 1 more request now, and 5 more every second"),
            (bucket(0, 1, 3600), "Jira allows 0 more requests now, and 1 more every hour"),
            (bucket(69, 100, 10), "Jira allows 69 more requests now, and 100 more every 10 seconds"),
            (bucket(1_000_000, 0, 1), "Jira allows 1,000,000 more requests"),
        ];
        for (bucket, words) in table {
            assert_eq!(of_bucket(bucket), words);
        }
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let quota = |site_only| Quota { site_only, left: 11_000, size: None, resets_in: Duration::from_secs(600) };
        let words = "Jira allows this gateway 11,000 more points at all sites together until 10:10 UTC";
        assert_eq!(of_quota(quota(false), now), words);
        assert_eq!(of_quota(quota(true), now), words.replace("all sites together", "this site"));
    }
}
