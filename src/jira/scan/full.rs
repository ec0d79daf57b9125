//! All issues in scope, by id or key ascending, which no change during the walk disturbs (S6). Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ScanError;
use super::keyset::{self, Keyset, Next};
use super::position::{Step, most_restarts};
use super::search::{Answered, Question};
use crate::jira::client::Dialect;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Full {
    /// What time it was at Jira when the walk began: changes from then on are the first delta's (S4).
    began: Option<Timestamp>,
    token: Option<String>,
    keys: Keyset,
    restarts: u32,
}

impl Full {
    pub(super) fn question(&self, dialect: Dialect) -> Question {
        let tail = match dialect {
            Dialect::Cloud => " ORDER BY id ASC".to_owned(),
            Dialect::Server => self.keys.tail(),
        };
        Question { tail, token: self.token.clone() }
    }

    /// After a refusal of the query: another way, if this position has one. At its start the query itself is wrong.
    pub(super) fn refused(self) -> Result<Option<Self>, ScanError> {
        match self.keys.clone().without_anchor() {
            _ if self.token.is_some() => self.again().map(Some),
            Next::Again(keys) => Ok(Some(Self { keys, ..self })),
            _ if self.keys.is_start() => Ok(None),
            _ => self.again().map(Some),
        }
    }

    /// From the first issue: a page token has ended, or no issue is left to go on from. What time it began stays.
    fn again(self) -> Result<Self, ScanError> {
        let restarts = most_restarts(self.restarts)?;
        Ok(Self { began: self.began, restarts, ..Self::default() })
    }

    pub(super) fn after(self, answered: &Answered, dialect: Dialect) -> Result<Step<Self>, ScanError> {
        // An issue on the first page was changed before Jira answered, so this is late enough where no clock is told.
        let newest = || answered.records.iter().map(|record| record.updated).max();
        let began = self.began.or(answered.date).or_else(newest);
        let on = Self { began, ..self };
        let next = match dialect {
            Dialect::Cloud if answered.token.is_some() && answered.token == on.token => {
                return Err(ScanError::Cut("a page token came twice"));
            }
            Dialect::Cloud => answered.token.clone().map(|token| Self { token: Some(token), ..on }),
            Dialect::Server if !keyset::is_in_order(&answered.records) => {
                return Err(ScanError::Cut("the issues are not in the order that was asked for"));
            }
            Dialect::Server => match on.keys.clone().after(&answered.records, answered.total) {
                Next::End => None,
                Next::On(keys) => Some(Self { keys, ..on }),
                Next::Again(keys) => return Ok(Step::Again(Self { keys, ..on })),
                Next::Lost => return on.again().map(Step::Again),
            },
        };
        Ok(Step::Page { next, watermark: began })
    }
}
