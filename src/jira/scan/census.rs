//! All ids in scope and nothing else (S58): up to five thousand in one request on Cloud, a thousand elsewhere.

use serde::{Deserialize, Serialize};

use super::error::ScanError;
use super::filter::Scope;
use super::keyset::{self, Keyset, Next};
use super::position::most_restarts;
use super::record::{Found, Record};
use super::search::Question;
use crate::jira::Error;
use crate::jira::client::{Client, Dialect};
use crate::outbound::Failure;

/// Between two pages of a census. The default is its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusPosition {
    token: Option<String>,
    keys: Keyset,
    restarts: u32,
}

/// Some ids of the scope. One that stands on two pages is told twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusPage {
    pub ids: Vec<String>,
    pub next: Option<CensusPosition>,
}

const MOST_QUESTIONS: usize = 12;

impl Client {
    /// The page of a census at a position. An id that is on none of the pages is missing from the search, which is not
    /// yet a deletion (S59): ask for its [`super::Standing`].
    pub async fn census_page(&self, scope: &Scope, position: &CensusPosition) -> Result<CensusPage, ScanError> {
        let mut at = position.clone();
        let mut rows = match self.dialect() {
            Dialect::Cloud => 5_000,
            Dialect::Server => 1_000,
        };
        for _ in 0..MOST_QUESTIONS {
            let question = at.question(self.dialect());
            let found = match self.found(scope, &question, &["id"], rows).await {
                Ok((found, _)) => found,
                Err(Error::BadQuery) => {
                    at = at.refused()?.ok_or(Error::BadQuery)?;
                    continue;
                }
                Err(Error::Malformed | Error::Outbound(Failure::TooLarge | Failure::Timeout)) if rows > 1 => {
                    rows /= 2;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            match at.after(found, self.dialect())? {
                Step::Page(page) => return Ok(page),
                Step::Again(other) => at = other,
            }
        }
        Err(ScanError::Cut("no page came after many questions"))
    }
}

enum Step {
    Page(CensusPage),
    Again(CensusPosition),
}

impl CensusPosition {
    fn question(&self, dialect: Dialect) -> Question {
        let tail = match dialect {
            Dialect::Cloud => " ORDER BY id ASC".to_owned(),
            Dialect::Server => self.keys.tail(),
        };
        Question { tail, token: self.token.clone() }
    }

    fn refused(self) -> Result<Option<Self>, ScanError> {
        match self.keys.clone().without_anchor() {
            Next::Again(keys) => Ok(Some(Self { keys, ..self })),
            _ if self.token.is_some() || !self.keys.is_start() => self.again().map(Some),
            _ => Ok(None),
        }
    }

    fn again(self) -> Result<Self, ScanError> {
        Ok(Self { restarts: most_restarts(self.restarts)?, ..Self::default() })
    }

    fn after(self, found: Found, dialect: Dialect) -> Result<Step, ScanError> {
        if found.truncated {
            return Err(ScanError::Cut("Jira says so"));
        }
        let issues: Option<Vec<Record>> = found.issues.iter().map(Record::without_fields).collect();
        let issues = issues.ok_or(Error::Malformed)?;
        let next = match dialect {
            Dialect::Cloud if found.token.is_some() && found.token == self.token => {
                return Err(ScanError::Cut("a page token came twice"));
            }
            Dialect::Cloud => found.token.map(|token| Self { token: Some(token), ..self }),
            Dialect::Server if !keyset::is_in_order(&issues) => {
                return Err(ScanError::Cut("the issues are not in the order that was asked for"));
            }
            Dialect::Server => match self.keys.clone().after(&issues, found.total) {
                Next::End => None,
                Next::On(keys) => Some(Self { keys, ..self }),
                Next::Again(keys) => return Ok(Step::Again(Self { keys, ..self })),
                Next::Lost => return self.again().map(Step::Again),
            },
        };
        let ids = issues.into_iter().map(|issue| issue.id).collect();
        Ok(Step::Page(CensusPage { ids, next }))
    }
}
