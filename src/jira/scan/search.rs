//! One request of a walk. An answer that is too large or breaks off is asked again for half as many issues (S27).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::ScanError;
use super::filter::Scope;
use super::record::{self, Found, NEEDED, Record};
use crate::jira::Error;
use crate::jira::client::{Client, Dialect};
use crate::outbound::Failure;

/// Issues of a page with fields. The server may give fewer.
pub(super) const PAGE: usize = 100;

/// What a walk asks for next.
pub(super) struct Question {
    /// Behind the clause of the scope: what bounds the page, and the order.
    pub tail: String,
    /// Cloud.
    pub token: Option<String>,
}

/// What Jira answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub records: Vec<Record>,
    /// Cloud: there is more.
    pub token: Option<String>,
    /// Data Center: how many issues the question finds, with those on the page.
    pub total: Option<u64>,
    /// What time it was at Jira.
    pub date: Option<Timestamp>,
    /// How many issues were asked for when it went well.
    pub rows: usize,
}

impl Client {
    /// Asks until the answer is whole. `None`: Jira refuses the query.
    pub(super) async fn ask(
        &self,
        scope: &Scope,
        question: &Question,
        fields: &[&str],
        rows: usize,
    ) -> Result<Option<Answered>, ScanError> {
        let named: Vec<&str> =
            NEEDED.into_iter().chain(fields.iter().copied().filter(|field| !NEEDED.contains(field))).collect();
        let mut asked = Asked { rows: rows.clamp(1, PAGE), patience: 1, bare: false };
        loop {
            let wanted = if asked.bare { &NEEDED[..] } else { &named };
            let found = match self.found(scope, question, wanted, asked.rows).await {
                Ok((found, _)) if found.truncated => return Err(ScanError::Cut("Jira says so")),
                Ok((found, date)) => read(found, date, fields, &asked),
                Err(Error::BadQuery) => return Ok(None),
                Err(error) => Err(error),
            };
            match found {
                Ok(answered) => return Ok(Some(answered)),
                Err(error) => asked = asked.smaller(&error).ok_or(error)?,
            }
        }
    }

    /// Whether this Jira reads milliseconds as an instant: it must find an issue changed since 1970, and none changed
    /// since 2100. Two requests; `false` for an empty project, which shows nothing.
    pub async fn takes_millis(&self, scope: &Scope) -> Result<bool, ScanError> {
        for (millis, has_some) in [("86400000", true), ("4102444800000", false)] {
            let tail = format!(" AND updated >= {millis} ORDER BY id ASC");
            match self.found(scope, &Question { tail, token: None }, &["id"], 1).await {
                Ok((found, _)) if found.issues.is_empty() == has_some => return Ok(false),
                Ok(_) => {}
                Err(Error::BadQuery) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// One search in the scope.
    pub(super) async fn found(
        &self,
        scope: &Scope,
        question: &Question,
        fields: &[&str],
        rows: usize,
    ) -> Result<(Found, Option<Timestamp>), Error> {
        self.found_by(&format!("{scope}{}", question.tail), question.token.as_deref(), fields, rows).await
    }

    /// One search.
    pub(super) async fn found_by(
        &self,
        jql: &str,
        token: Option<&str>,
        fields: &[&str],
        rows: usize,
    ) -> Result<(Found, Option<Timestamp>), Error> {
        let mut body = json!({ "jql": jql, "fields": fields, "maxResults": rows });
        if let Some(token) = token {
            body["nextPageToken"] = token.into();
        }
        let path = match self.dialect() {
            Dialect::Cloud => "search/jql",
            Dialect::Server => "search",
        };
        let answer = self.request(self.post(path, &body)?).await?;
        let found = record::found(&answer.body)?;
        if found.issues.is_empty() && !answer.signed_in {
            // A stranger is told nothing, too.
            self.myself().await?;
        }
        Ok((found, answer.date))
    }
}

fn read(found: Found, date: Option<Timestamp>, fields: &[&str], asked: &Asked) -> Result<Answered, Error> {
    let record = |issue: Value| {
        let record = Record::with_fields(issue, if asked.bare { &[] } else { fields })?;
        Some(Record { oversized: asked.bare, ..record })
    };
    let records: Option<Vec<Record>> = found.issues.into_iter().map(record).collect();
    Ok(Answered {
        records: records.ok_or(Error::Malformed)?,
        token: found.token,
        total: found.total,
        date,
        rows: asked.rows,
    })
}

/// How a search is asked.
struct Asked {
    rows: usize,
    /// How often a smaller answer is tried where it may not be the size that was wrong.
    patience: u32,
    /// Without the fields of the caller: the one issue that is asked for is too large with them.
    bare: bool,
}

impl Asked {
    /// After this error; `None` where asking for less does not help.
    fn smaller(self, error: &Error) -> Option<Self> {
        let by_size = matches!(error, Error::Malformed | Error::Outbound(Failure::TooLarge));
        let perhaps = matches!(error, Error::Upstream(504) | Error::Outbound(Failure::Timeout | Failure::Unreachable));
        let rows = (self.rows / 2).max(1);
        match self {
            Self { patience: 1.., .. } if perhaps => Some(Self { rows, patience: self.patience - 1, ..self }),
            Self { rows: 2.., .. } if by_size => Some(Self { rows, ..self }),
            Self { bare: false, .. } if by_size => Some(Self { bare: true, ..self }),
            _ => None,
        }
    }
}
