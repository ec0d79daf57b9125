//! One remembered answer of Jira, and how long it may be believed. Pure: time and settings come in as arguments.

use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};

use crate::jira::Error;
use crate::jira::key::Kind;
use crate::outbound::Failure;
use crate::preview::{ReasonCode, State};

use super::news::{Mark, Place};
use super::packed::Packed;
use super::tails::Slot;

/// A missing or hidden object is asked for again after this long.
const NOT_FOUND: SignedDuration = SignedDuration::from_secs(30);
/// First pause after Jira could not be reached; it doubles up to [`AWAY_MAX`].
const AWAY_FIRST: i64 = 5;
const AWAY_MAX: i64 = 30;
/// How long the last value may be shown while the person has to sign in again.
const LAST_UNDER_RECONNECT: SignedDuration = SignedDuration::from_hours(24);
/// No `Retry-After` is believed for longer than this: a wrong header must not blank a link for a day.
const RETRY_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Bytes that the cache and the allocator need for one entry besides its own (measured by the load benchmark).
const BOOK_KEEPING: usize = 750;

/// What Jira said when the object was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub preview: Packed,
    /// Of an issue known only once fetched: it may be an idea.
    pub kind: Kind,
    /// The key as Jira answers it, of what has one: issues with their comments and work logs, requests, projects.
    pub key: Option<String>,
    /// Whether the link named another key than Jira answers with (letter case aside).
    pub moved: bool,
    pub belongs: Belongs,
    /// Where changes of its issue are noted, whatever the link called that.
    pub place: Option<Place>,
    pub at: Timestamp,
}

/// The projects that an object belongs to, for the operator's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Belongs {
    /// To the project of its own key.
    ByKey,
    /// To these, by key.
    To(Box<[Box<str>]>),
    /// To none: people, dashboards, searches.
    Nowhere,
    /// To one that Jira does not tell.
    Unknown,
}

impl Belongs {
    pub fn to<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self::To(keys.into_iter().map(Box::from).collect())
    }
}

impl Found {
    /// The projects that it belongs to; `None` where Jira does not tell.
    pub fn projects(&self) -> Option<Vec<&str>> {
        match &self.belongs {
            Belongs::ByKey if self.kind == Kind::Project => Some(self.key.as_deref().into_iter().collect()),
            Belongs::ByKey => Some(self.key.as_deref().map(project_of).into_iter().collect()),
            Belongs::To(projects) => Some(projects.iter().map(AsRef::as_ref).collect()),
            Belongs::Nowhere => Some(Vec::new()),
            Belongs::Unknown => None,
        }
    }
}

/// The project of an issue key, or the key itself.
pub fn project_of(id: &str) -> &str {
    match id.split_once('-') {
        Some((project, _)) => project,
        None => id,
    }
}

/// Why there is no fresh value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub state: State,
    pub code: ReasonCode,
    pub detail: Detail,
    pub retry_at: Option<Timestamp>,
}

/// What the sentence for the reader needs beyond the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Detail {
    #[default]
    None,
    Failure(Failure),
    BasicAuthDisabled,
    /// Jira told so then.
    Deleted(Timestamp),
}

/// How long things are believed (contract §2).
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    pub fresh_for: SignedDuration,
    pub stale_for: SignedDuration,
}

/// What is known about one object through one connection.
#[derive(Debug)]
pub struct Entry {
    /// The value to show: of the last check, or the last known one when that check failed.
    pub found: Option<Found>,
    /// Set when the last check gave no value.
    pub refusal: Option<Refusal>,
    pub checked_at: Timestamp,
    /// Until then no call is made for it.
    pub fresh_until: Timestamp,
    /// Failed attempts to reach Jira in a row.
    failures: u32,
    /// The JSON of the answer, where it was asked for lately.
    pub tail: Slot,
    /// Set when a later check took its place.
    pub replaced: AtomicBool,
    /// What Jira had told when it was asked, and where it would tell of a change.
    pub asked: Mark,
    pub places: [Place; 2],
}

impl Entry {
    /// What follows from the result of a check, given what was known before.
    pub fn after(previous: Option<&Self>, result: Result<Found, Error>, now: Timestamp, lifetimes: Lifetimes) -> Self {
        let error = match result {
            Ok(found) => {
                return Self {
                    found: Some(found),
                    refusal: None,
                    checked_at: now,
                    fresh_until: plus(now, lifetimes.fresh_for),
                    failures: 0,
                    tail: Slot::default(),
                    replaced: AtomicBool::new(false),
                    asked: Mark::NEVER,
                    places: [Place::default(); 2],
                };
            }
            Err(error) => error,
        };
        let failures = previous.map_or(0, |entry| entry.failures).saturating_add(1);
        let asked_to_wait = match &error {
            Error::RateLimited { retry_after: Some(wait) } => SignedDuration::try_from(*wait).unwrap_or(RETRY_MAX),
            _ => SignedDuration::from_secs(AWAY_FIRST),
        };
        let mut refusal = refuse(error);
        let (pause, keep) = match refusal.state {
            // Each check proves access again: a refusal of the object ends the last value at once.
            State::NotFound => (NOT_FOUND, SignedDuration::ZERO),
            State::Reconnect | State::Captcha => (lifetimes.fresh_for, LAST_UNDER_RECONNECT),
            State::RateLimited => (asked_to_wait.clamp(SignedDuration::from_secs(1), RETRY_MAX), lifetimes.stale_for),
            State::Unreachable => (away(failures, lifetimes.fresh_for), lifetimes.stale_for),
            _ => (away(1, lifetimes.fresh_for), SignedDuration::ZERO),
        };
        // An error never lives as long as an answer, but a time that Jira itself named is kept.
        let pause = match refusal.state {
            State::RateLimited => pause,
            _ => pause.min(half(lifetimes.fresh_for)),
        };
        if matches!(refusal.state, State::Unreachable | State::RateLimited) {
            refusal.retry_at = Some(plus(now, pause));
        }
        let found = previous
            .and_then(|entry| entry.found.clone())
            .filter(|found| now.duration_since(found.at) <= keep && !keep.is_zero());
        Self {
            found,
            refusal: Some(refusal),
            checked_at: now,
            fresh_until: plus(now, pause),
            failures,
            tail: Slot::default(),
            replaced: AtomicBool::new(false),
            asked: Mark::NEVER,
            places: [Place::default(); 2],
        }
    }

    /// Notes that what is not found any more was deleted: for those who saw it before, and for nobody else.
    pub fn mark_deleted(&mut self, previous: Option<&Self>, at: Option<Timestamp>) {
        let Some(refusal) = self.refusal.as_mut().filter(|it| it.state == State::NotFound) else { return };
        let before = previous.and_then(|entry| entry.refusal.as_ref()).filter(|it| it.code == ReasonCode::Gone);
        let seen = previous.is_some_and(|entry| entry.found.is_some());
        match (before, at) {
            (Some(before), _) => refusal.clone_from(before),
            (None, Some(at)) if seen => {
                refusal.code = ReasonCode::Gone;
                refusal.detail = Detail::Deleted(at);
            }
            _ => {}
        }
    }

    /// Whether a change in Jira makes it worth asking again: not where Jira could not be asked, or wants to be left alone.
    pub fn heeds_news(&self) -> bool {
        self.refusal.as_ref().is_none_or(|it| it.state == State::NotFound)
    }

    /// Whether the object may be shown without asking Jira.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    /// Whether even a person's *Refresh* must wait: Jira named a time, or wants the person first.
    pub fn must_wait(&self, now: Timestamp) -> bool {
        let named = self.refusal.as_ref().is_some_and(|it| it.state == State::RateLimited);
        named && self.is_fresh(now)
    }

    /// Size in memory, for the bound of the cache; without the JSON, which has a bound of its own.
    pub fn weight(&self) -> usize {
        let found =
            self.found.as_ref().map_or(0, |found| found.preview.weight() + found.key.as_ref().map_or(0, String::len));
        size_of::<Self>() + BOOK_KEEPING + found
    }
}

fn away(failures: u32, fresh_for: SignedDuration) -> SignedDuration {
    let doubled = AWAY_FIRST.saturating_mul(1_i64 << failures.saturating_sub(1).min(4));
    SignedDuration::from_secs(doubled.min(AWAY_MAX)).min(half(fresh_for)).max(SignedDuration::from_secs(1))
}

fn half(time: SignedDuration) -> SignedDuration {
    (time / 2).max(SignedDuration::from_secs(1))
}

fn plus(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The state and code for a failed call (contract §4).
fn refuse(error: Error) -> Refusal {
    let (state, code) = match &error {
        Error::BadCredentials | Error::BasicAuthDisabled => (State::Reconnect, ReasonCode::Reconnect),
        Error::Captcha { .. } => (State::Captcha, ReasonCode::Captcha),
        Error::NotFound | Error::Forbidden | Error::BadQuery => (State::NotFound, ReasonCode::NotFound),
        Error::OperatorConfiguration => (State::Error, ReasonCode::OperatorConfiguration),
        Error::MissingScope => (State::Unsupported, ReasonCode::ScopeMissing),
        Error::MissingLicense => (State::Unsupported, ReasonCode::LicenseMissing),
        Error::ApiRemoved => (State::Error, ReasonCode::ApiRemoved),
        Error::Malformed => (State::Error, ReasonCode::UpstreamError),
        Error::RateLimited { .. } => (State::RateLimited, ReasonCode::RateLimited),
        Error::SignInPage => (State::Unreachable, ReasonCode::SignInPage),
        Error::Upstream(_) => (State::Unreachable, ReasonCode::UpstreamError),
        Error::Outbound(Failure::TooLarge) => (State::Error, ReasonCode::TooLarge),
        Error::Outbound(Failure::Tls(_)) => (State::Unreachable, ReasonCode::Tls),
        Error::Outbound(_) => (State::Unreachable, ReasonCode::Unreachable),
    };
    let detail = match error {
        Error::Outbound(failure) => Detail::Failure(failure),
        Error::BasicAuthDisabled => Detail::BasicAuthDisabled,
        _ => Detail::None,
    };
    Refusal { state, code, detail, retry_at: None }
}
