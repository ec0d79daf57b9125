//! How much each person may ask of a Data Center (jira-auth-and-rest §4.8): so many calls at once, and some more after
//! each interval of the fake's clock.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::exchange::Answer;

pub struct Bucket {
    size: i64,
    gain: i64,
    every: i64,
    /// What was left, by user name, and when.
    left: BTreeMap<String, (i64, Timestamp)>,
}

impl Bucket {
    pub fn new(size: i64, gain: i64, every: i64) -> Self {
        Self { size, gain, every, left: BTreeMap::new() }
    }

    /// What is left to this person.
    pub fn left(&self, person: &str, now: Timestamp) -> i64 {
        self.filled(person, now).0
    }

    /// With the time of the last whole interval.
    fn filled(&self, person: &str, now: Timestamp) -> (i64, Timestamp) {
        let (left, at) = self.left.get(person).copied().unwrap_or((self.size, now));
        let intervals = now.duration_since(at).as_secs() / self.every;
        let filled = (left + intervals * self.gain).min(self.size);
        (filled, at + jiff::SignedDuration::from_secs(intervals * self.every))
    }

    /// Counts a call; the answer is that it is one too many.
    pub fn take(&mut self, person: &str, now: Timestamp) -> Option<Answer> {
        let (left, at) = self.filled(person, now);
        self.left.insert(person.to_owned(), ((left - 1).max(0), at));
        if left > 0 {
            return None;
        }
        let wait = self.every - now.duration_since(at).as_secs();
        let page = Answer::html(429, "<html><head><title>429 Too Many Requests</title></head></html>");
        Some(self.dress(page, person, now, wait))
    }

    /// The headers of a healthy answer, with `Retry-After: 0`.
    pub fn on(&self, answer: Answer, person: &str, now: Timestamp) -> Answer {
        self.dress(answer, person, now, 0)
    }

    fn dress(&self, answer: Answer, person: &str, now: Timestamp, wait: i64) -> Answer {
        answer
            .with("x-ratelimit-limit", &self.size.to_string())
            .with("x-ratelimit-remaining", &self.left(person, now).to_string())
            .with("x-ratelimit-fillrate", &self.gain.to_string())
            .with("x-ratelimit-interval-seconds", &self.every.to_string())
            .with("retry-after", &wait.to_string())
    }
}
