//! The issues changed since an instant, by `updated` ascending (S2 to S9). Pure.
//!
//! Cloud goes on by page tokens. Data Center and Server begin each page anew at the last minute that was reached, and read
//! a minute that holds more than a page by keys.
//!
//! A search reads an index that lags behind the issues it shows, so an issue may stand at an older place than its own
//! `updated` says. How far a page reaches is therefore taken from issues that have not changed for the overlap.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::ScanError;
use super::keyset::{self, Keyset, Next};
use super::literal::{Bound, TimeForm};
use super::position::{Step, most_restarts};
use super::record::Record;
use super::search::{Answered, Question};
use crate::jira::client::Dialect;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delta {
    form: TimeForm,
    /// Every change before this has been received.
    reached: Timestamp,
    /// The newest change that has been received.
    seen: Timestamp,
    /// The latest watermark that the walk may end with, once a page other than the last has come so close to the present
    /// that the index may still add to it.
    cap: Option<Timestamp>,
    /// Seconds.
    overlap: i64,
    /// What time it is at Jira, as far as is known.
    now: Timestamp,
    /// Cloud: where it goes on.
    token: Option<Token>,
    /// Data Center: a range, from `reached` on, that is read by keys.
    crowded: Option<Keyset>,
    /// How many minutes such a range is long: twice as many each time that it comes to nothing to go on without.
    span: i64,
    zone_asked: bool,
    restarts: u32,
}

/// A page token, and the query that it belongs to, word by word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    token: String,
    tail: String,
    /// The lower bound of the query, and the time at Jira that was thought when it was made.
    from: Timestamp,
    now: Timestamp,
}

/// Minutes.
const LONGEST_SPAN: i64 = 64;
/// How long a bound has to be good that counts back from now: until the question is read, and while pages follow. After
/// each time that it was not long enough, so much longer.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(30);
const LONGER: SignedDuration = SignedDuration::from_mins(10);

impl Delta {
    pub(super) fn new(watermark: Timestamp, overlap: SignedDuration, form: TimeForm, now: Timestamp) -> Self {
        Self {
            form,
            reached: watermark.saturating_sub(overlap).unwrap_or(watermark),
            seen: watermark,
            cap: None,
            overlap: overlap.as_secs(),
            now,
            token: None,
            crowded: None,
            span: 1,
            zone_asked: false,
            restarts: 0,
        }
    }

    /// Whether the walk goes on better by the zone of whoever asks: bounds that count back from now are no whole minutes,
    /// and in a crowd each of them would bring much of it again.
    pub(super) fn wants_zone(&self) -> bool {
        self.crowded.is_some() && self.form == TimeForm::Relative && !self.zone_asked
    }

    pub(super) fn take_zone(self, name: Option<&str>) -> Self {
        let form = name.and_then(TimeForm::zone).unwrap_or(self.form);
        Self { form, zone_asked: true, ..self }
    }

    pub(super) fn question(&self) -> Question {
        if let Some(Token { tail, token, .. }) = &self.token {
            return Question { tail: tail.clone(), token: Some(token.clone()) };
        }
        let from = format!(" AND updated >= {}", self.lower().text);
        let tail = match &self.crowded {
            None => format!("{from} ORDER BY updated ASC, id ASC"),
            Some(keys) => {
                let until = self.upper().map_or_else(String::new, |until| format!(" AND updated < {}", until.text));
                format!("{from}{until}{}", keys.tail())
            }
        };
        Question { tail, token: None }
    }

    fn lower(&self) -> Bound {
        let restarts = i32::try_from(self.restarts).unwrap_or(i32::MAX);
        self.form.from(self.reached, self.now, GOOD_FOR.saturating_add(LONGER.saturating_mul(restarts)))
    }

    /// The end of a crowded range; none where it reaches to the present.
    fn upper(&self) -> Option<Bound> {
        let bound = self.form.until(self.range_end(), self.now)?;
        (self.surely_until(&bound) <= self.at_rest(self.now)).then_some(bound)
    }

    /// Up to where a range with this end has been read. In an hour that comes twice, a zone's bound lies later than meant.
    fn surely_until(&self, bound: &Bound) -> Timestamp {
        if self.form == TimeForm::Relative { self.range_end() } else { bound.at }
    }

    fn range_end(&self) -> Timestamp {
        self.reached.saturating_add(SignedDuration::from_mins(self.span)).unwrap_or(self.reached)
    }

    /// What has not changed since then stands in the index where its `updated` says.
    fn at_rest(&self, now: Timestamp) -> Timestamp {
        now.saturating_sub(SignedDuration::from_secs(self.overlap)).unwrap_or(now)
    }

    /// After a refusal of the query: another way, if this position has one.
    pub(super) fn refused(self) -> Result<Option<Self>, ScanError> {
        match &self.crowded {
            _ if self.token.is_some() => self.again().map(Some),
            Some(keys) if !keys.is_start() => match keys.clone().without_anchor() {
                Next::Again(keys) => Ok(Some(Self { crowded: Some(keys), ..self })),
                _ => self.again().map(Some),
            },
            _ => Ok(None),
        }
    }

    /// From what has been reached.
    fn again(self) -> Result<Self, ScanError> {
        let restarts = most_restarts(self.restarts)?;
        Ok(Self { token: None, crowded: None, restarts, ..self })
    }

    pub(super) fn after(self, answered: &Answered, dialect: Dialect) -> Result<Step<Self>, ScanError> {
        let newest = answered.records.iter().map(|record| record.updated).max();
        let now = answered.date.max(newest).unwrap_or(self.now);
        if self.form == TimeForm::Relative && !self.held(now) {
            return Self { now, ..self }.again().map(Step::Again);
        }
        let seen = newest.map_or(self.seen, |newest| newest.max(self.seen));
        if let Some(keys) = self.crowded.clone() {
            let until = self.upper().map(|bound| self.surely_until(&bound));
            return Self { seen, now, ..self }.after_crowded(keys, until, answered);
        }
        let reached = self.reach(&answered.records, now);
        let restarts = if reached > self.reached { 0 } else { self.restarts };
        let close = newest.is_some_and(|newest| newest > self.at_rest(now));
        let cap = self.cap.or(close.then_some(seen));
        let next = match dialect {
            Dialect::Cloud => match &answered.token {
                None => None,
                Some(token) if self.token.as_ref().is_some_and(|used| used.token == *token) => {
                    return Err(ScanError::Cut("a page token came twice"));
                }
                Some(token) => {
                    let used = self.token.clone().unwrap_or_else(|| self.token_of_this_query());
                    let token = Some(Token { token: token.clone(), ..used });
                    Some(Self { token, reached, seen, cap, now, restarts, ..self.clone() })
                }
            },
            Dialect::Server => {
                let rows = u64::try_from(answered.records.len()).unwrap_or(u64::MAX);
                let is_end = rows == 0 || answered.total.is_some_and(|total| total <= rows);
                let moved = self.form.start(reached) > self.form.start(self.reached);
                let on = Self { seen, cap, now, restarts, ..self.clone() };
                let next = match moved {
                    true => Self { reached, span: 1, ..on },
                    // Begun again at the same minute, the same page would come.
                    false => on.into_crowd(),
                };
                (!is_end).then_some(next)
            }
        };
        let watermark = next.as_ref().map_or_else(|| self.end(seen), |next| next.reached);
        Ok(Step::Page { next, watermark: Some(watermark) })
    }

    /// The watermark of a walk that has come to its end.
    fn end(&self, seen: Timestamp) -> Timestamp {
        self.cap.map_or(seen, |cap| cap.min(seen))
    }

    fn into_crowd(self) -> Self {
        let crowd = Self { crowded: Some(Keyset::default()), ..self };
        // A range without an end is read by keys while changes go on, also behind the walk.
        let cap = crowd.cap.or(crowd.upper().is_none().then_some(crowd.seen));
        Self { cap, ..crowd }
    }

    /// How far the page reaches.
    fn reach(&self, page: &[Record], now: Timestamp) -> Timestamp {
        let at_rest = self.at_rest(now);
        let settled = page.iter().map(|record| record.updated).filter(|updated| *updated <= at_rest).max();
        settled.map_or(self.reached, |settled| settled.max(self.reached))
    }

    fn token_of_this_query(&self) -> Token {
        Token { token: String::new(), tail: self.question().tail, from: self.lower().at, now: self.now }
    }

    /// After a page of a crowded range. When that is read, the walk goes on behind it, if there is anything behind it.
    fn after_crowded(
        self,
        keys: Keyset,
        until: Option<Timestamp>,
        answered: &Answered,
    ) -> Result<Step<Self>, ScanError> {
        if !keyset::is_in_order(&answered.records) {
            return Err(ScanError::Cut("the issues are not in the order that was asked for"));
        }
        let next = match (keys.after(&answered.records, answered.total), until) {
            (Next::On(keys), _) => Self { crowded: Some(keys), ..self },
            (Next::Again(keys), _) => return Ok(Step::Again(Self { crowded: Some(keys), ..self })),
            (Next::Lost, _) => return self.again().map(Step::Again),
            (Next::End, None) => {
                let watermark = Some(self.end(self.seen));
                return Ok(Step::Page { next: None, watermark });
            }
            (Next::End, Some(reached)) => {
                let span = (self.span * 2).min(LONGEST_SPAN);
                Self { crowded: None, reached, span, restarts: 0, ..self }
            }
        };
        let watermark = Some(next.reached);
        Ok(Step::Page { next: Some(next), watermark })
    }

    /// Whether bounds that count back from Jira's clock let in what they were to let in, now that its time is known.
    fn held(&self, now: Timestamp) -> bool {
        let (from, then) = match &self.token {
            Some(token) => (token.from, token.now),
            None => (self.lower().at, self.now),
        };
        let really = |bound: Timestamp| bound.saturating_add(now.duration_since(then)).unwrap_or(now);
        let until = self.crowded.as_ref().and_then(|_| self.upper());
        really(from) <= self.reached && until.is_none_or(|until| really(until.at) >= self.range_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// A page with issues that were changed then, read at that time.
    fn page(changed: &[i64], token: Option<&str>, total: u64, now: i64) -> Answered {
        let record = |second: &i64| {
            let id = (1_000 + second).to_string();
            Record { updated: at(*second), project_id: "7".to_owned(), ..Record::bare(&id, "OPS-1") }
        };
        let records = changed.iter().map(record).collect();
        Answered { records, token: token.map(str::to_owned), total: Some(total), date: Some(at(now)), rows: 100 }
    }

    /// Changes since the second 0, with an index that lags by no more than 180.
    fn delta(form: TimeForm) -> Delta {
        Delta::new(at(0), SignedDuration::from_secs(180), form, at(1_000))
    }

    fn turned(step: Step<Delta>) -> (Option<Delta>, i64) {
        match step {
            Step::Page { next, watermark } => (next, watermark.unwrap().as_second() - at(0).as_second()),
            Step::Again(_) => panic!("the page is asked for again"),
        }
    }

    #[test]
    fn a_walk_ends_with_its_newest_change_unless_the_index_may_add_something_before_it() {
        // What the first page holds, and up to where the walk after this one may trust it.
        for (first, expected) in [([400, 500], 1_400), ([400, 820], 1_400), ([400, 821], 821), ([400, 950], 950)] {
            let form = TimeForm::Millis;
            let (next, _) = turned(delta(form).after(&page(&first, Some("a"), 0, 1_000), Dialect::Cloud).unwrap());
            let last = page(&[1_300, 1_400], None, 0, 1_500);
            let (next, watermark) = turned(next.unwrap().after(&last, Dialect::Cloud).unwrap());
            assert_eq!((next.is_none(), watermark), (true, expected), "{first:?}");
        }
    }

    #[test]
    fn between_pages_only_what_is_at_rest_counts_as_reached() {
        for (token, dialect) in [(Some("a"), Dialect::Cloud), (None, Dialect::Server)] {
            // The index shows an issue at the place of an older change of it, behind which others follow.
            let answer = page(&[300, 500, 950], token, 500, 1_000);
            let (next, watermark) = turned(delta(TimeForm::Millis).after(&answer, dialect).unwrap());
            assert_eq!(watermark, 500, "{dialect:?}");
            assert_eq!(next.unwrap().reached, at(500), "{dialect:?}");
        }
    }
}
