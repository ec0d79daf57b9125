//! Which project a search is about (synced-database §1.1). Its JQL is not read here: only Jira knows what a saved filter,
//! a function or a field stands for.

use super::error::ScanError;
use super::filter::Filter;
use super::record::{self, Record};
use crate::jira::Error;
use crate::jira::client::Client;

/// Where the issues lie that a person finds by a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It finds none.
    Nowhere,
    /// All of them in this project, by its id.
    One(String),
    /// Keys of two of the projects.
    Several(String, String),
}

/// Pages that Cloud may send without an issue, and say that there are more.
const MOST_EMPTY: usize = 10;

impl Client {
    /// Which project the issues of a search lie in. Two requests.
    pub async fn bound(&self, search: &Filter) -> Result<Bound, ScanError> {
        let all = format!("({})", search.as_str());
        let Some((id, one)) = self.first_project(&all).await? else { return Ok(Bound::Nowhere) };
        Ok(match self.first_project(&format!("{all} AND project != {id}")).await? {
            None => Bound::One(id),
            Some((_, other)) => Bound::Several(one, other),
        })
    }

    /// Id and key of the project that the first issue lies in.
    async fn first_project(&self, jql: &str) -> Result<Option<(String, String)>, ScanError> {
        let mut token = None;
        for _ in 0..MOST_EMPTY {
            let (found, _) = self.found_by(jql, token.as_deref(), &["project"], 1).await?;
            if let Some(issue) = found.issues.first() {
                let id = record::id(issue.pointer("/fields/project/id")).ok_or(Error::Malformed)?;
                let record = Record::without_fields(issue).ok_or(Error::Malformed)?;
                let (key, _) = record.key.rsplit_once('-').ok_or(Error::Malformed)?;
                return Ok(Some((id, key.to_owned())));
            }
            match found.token {
                _ if found.truncated => return Err(ScanError::Cut("Jira says so")),
                None => return Ok(None),
                next => token = next,
            }
        }
        Err(ScanError::Cut("pages without an issue"))
    }
}
