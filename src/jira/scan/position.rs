//! Where a walk through a project stands, and one page of it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::delta::Delta;
use super::error::ScanError;
use super::filter::Scope;
use super::full::Full;
use super::literal::TimeForm;
use super::record::Record;
use super::search::{Answered, PAGE, Question};
use crate::jira::client::{Client, Dialect};

/// Between two pages. The caller keeps it with what it made of the page before, and looks into it no further.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    walk: Walk,
    /// Issues to ask for; fewer after an answer was cut (S27).
    rows: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Walk {
    Full(Full),
    Delta(Delta),
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Position").field("walk", &self.walk).field("rows", &self.rows).finish()
    }
}

/// Some issues of the scope. One that stands on two pages is told twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub records: Vec<Record>,
    /// `None`: that was the last page, however few issues are on it (S8).
    pub next: Option<Position>,
    /// Where the next delta may begin once this page is saved (S4): nothing that changed before is missing. Always told
    /// by Jira; `None` where an empty project told no time at all.
    pub watermark: Option<Timestamp>,
    /// What time it was at Jira when it answered, as far as it said.
    pub now: Option<Timestamp>,
}

/// What an answer means for a walk.
pub(super) enum Step<W> {
    Page {
        next: Option<W>,
        watermark: Option<Timestamp>,
    },
    /// The answer is not to be used: ask so instead.
    Again(W),
}

/// Requests that one page may take when something goes wrong.
const MOST_QUESTIONS: usize = 12;
const MOST_RESTARTS: u32 = 5;

/// Counts one more restart, of which no walk needs many.
pub(super) fn most_restarts(restarts: u32) -> Result<u32, ScanError> {
    match restarts < MOST_RESTARTS {
        true => Ok(restarts + 1),
        false => Err(ScanError::Cut("the walk had to begin again too often")),
    }
}

impl Position {
    /// The beginning of a walk through all issues in scope.
    pub fn full() -> Self {
        Self { walk: Walk::Full(Full::default()), rows: PAGE }
    }

    /// The beginning of a walk through what changed since `watermark`, or up to `overlap` before it, as long as Jira's
    /// index may lag behind (S5): at least two minutes, three as a rule, ten for a cluster.
    ///
    /// `now` is what time it is at Jira, as far as is known ([`Page::now`]): it is needed for [`TimeForm::Relative`], and
    /// costs one request more where it is wrong.
    pub fn delta(watermark: Timestamp, overlap: SignedDuration, form: TimeForm, now: Timestamp) -> Self {
        let overlap = overlap.max(LEAST_OVERLAP);
        Self { walk: Walk::Delta(Delta::new(watermark, overlap, form, now)), rows: PAGE }
    }
}

const LEAST_OVERLAP: SignedDuration = SignedDuration::from_mins(2);

impl Walk {
    fn question(&self, dialect: Dialect) -> Question {
        match self {
            Self::Full(full) => full.question(dialect),
            Self::Delta(delta) => delta.question(),
        }
    }

    fn refused(self) -> Result<Option<Self>, ScanError> {
        Ok(match self {
            Self::Full(full) => full.refused()?.map(Self::Full),
            Self::Delta(delta) => delta.refused()?.map(Self::Delta),
        })
    }

    fn after(self, answered: &Answered, dialect: Dialect) -> Result<Step<Self>, ScanError> {
        Ok(match self {
            Self::Full(full) => full.after(answered, dialect)?.map(Self::Full),
            Self::Delta(delta) => delta.after(answered, dialect)?.map(Self::Delta),
        })
    }
}

impl<W> Step<W> {
    fn map<V>(self, make: impl FnOnce(W) -> V) -> Step<V> {
        match self {
            Self::Page { next, watermark } => Step::Page { next: next.map(make), watermark },
            Self::Again(walk) => Step::Again(make(walk)),
        }
    }
}

impl Client {
    /// The page at a position, with these fields of each issue (S11). One request where nothing goes wrong; where a page
    /// token has ended (S9), an issue to go on from is gone, an answer was cut (S27) or a bound was too late, some more.
    pub async fn scan_page(&self, scope: &Scope, fields: &[&str], position: &Position) -> Result<Page, ScanError> {
        let Position { mut walk, mut rows } = position.clone();
        if let Walk::Delta(delta) = &walk
            && delta.wants_zone()
        {
            let zone = self.myself().await?.time_zone;
            walk = Walk::Delta(delta.clone().take_zone(zone.as_deref()));
        }
        for _ in 0..MOST_QUESTIONS {
            let question = walk.question(self.dialect());
            let answered = match self.ask(scope, &question, fields, rows).await? {
                Some(answered) => answered,
                None => match walk.refused()? {
                    Some(other) => {
                        walk = other;
                        continue;
                    }
                    None => return Err(crate::jira::Error::BadQuery.into()),
                },
            };
            rows = answered.rows;
            match walk.after(&answered, self.dialect())? {
                Step::Again(other) => walk = other,
                Step::Page { next, watermark } => {
                    let rows = PAGE.min(rows.saturating_mul(2));
                    return Ok(Page {
                        next: next.map(|walk| Position { walk, rows }),
                        watermark,
                        now: answered.date,
                        records: answered.records.into_iter().filter(|it| scope.is_of(&it.project_id)).collect(),
                    });
                }
            }
        }
        Err(ScanError::Cut("no page came after many questions"))
    }
}
