//! What became of single issues, by id (S59, S64, §5). No answer here is taken for a deletion unless Jira still knows us.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::error::ScanError;
use super::record::{self, Found, Record};
use crate::jira::Error;
use crate::jira::client::{Client, Dialect};
use crate::outbound::Failure;

/// What Jira says about one id.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It is there, perhaps in another project.
    Found(Record),
    /// Jira cannot say now.
    Unknown,
    /// Deleted or hidden: Jira does not say which.
    Missing,
}

/// Ids in one call.
const MOST_IDS: usize = 100;

impl Client {
    /// What became of these issues, in their order, with these fields of each that is there. Up to a hundred in one
    /// request; on Data Center and Server one more for each that the search does not find.
    pub async fn standing(&self, ids: &[&str], fields: &[&str]) -> Result<Vec<(String, Standing)>, ScanError> {
        let mut told: HashMap<String, Standing> = HashMap::new();
        let mut chunks: Vec<&[&str]> = ids.chunks(MOST_IDS).rev().collect();
        while let Some(chunk) = chunks.pop() {
            let settled = match self.dialect() {
                Dialect::Cloud => self.bulk_standing(chunk, fields).await,
                Dialect::Server => self.search_standing(chunk, fields).await,
            };
            match settled {
                Ok(settled) => told.extend(settled),
                Err(error) if is_of_size(&error) && chunk.len() > 1 => {
                    let (one, other) = chunk.split_at(chunk.len() / 2);
                    chunks.extend([other, one]);
                }
                // One issue that cannot be told must not stop the others.
                Err(error) if is_of_size(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(ids.iter().map(|id| ((*id).to_owned(), told.remove(*id).unwrap_or(Standing::Unknown))).collect())
    }

    async fn bulk_standing(&self, ids: &[&str], fields: &[&str]) -> Result<HashMap<String, Standing>, Error> {
        let body = json!({ "issueIdsOrKeys": ids, "fields": with_needed(fields) });
        let answer = self.request(self.post("issue/bulkfetch", &body)?).await?;
        let found = record::found(&answer.body)?;
        let mut told: HashMap<String, Standing> = HashMap::new();
        for id in found.errors.iter().flatten() {
            told.insert(id.clone(), Standing::Unknown);
        }
        let unclear = found.truncated || found.errors.contains(&None);
        told.extend(records(found, fields));
        let left_out: Vec<&&str> = ids.iter().filter(|id| !told.contains_key(**id)).collect();
        if !unclear && !left_out.is_empty() {
            if !answer.signed_in {
                self.myself().await?;
            }
            told.extend(left_out.into_iter().map(|id| ((*id).to_owned(), Standing::Missing)));
        }
        Ok(told)
    }

    /// The search reads an index, so whatever it does not find is asked for alone.
    async fn search_standing(&self, ids: &[&str], fields: &[&str]) -> Result<HashMap<String, Standing>, Error> {
        let wanted = with_needed(fields);
        let body = json!({
            "jql": format!("id in ({})", ids.join(",")),
            "fields": wanted,
            "maxResults": ids.len(),
            "validateQuery": false,
        });
        let found = match self.request(self.post("search", &body)?).await.map_err(Error::from) {
            Ok(answer) => Some(record::found(&answer.body)?),
            Err(Error::BadQuery) => None,
            Err(error) => return Err(error),
        };
        let mut told: HashMap<String, Standing> =
            found.map(|found| records(found, fields).collect()).unwrap_or_default();
        let query = format!("fields={}&updateHistory=false", wanted.join(","));
        for id in ids {
            if told.contains_key(*id) {
                continue;
            }
            let asked = match self.get(&format!("issue/{id}"), &query) {
                Ok(call) => self.request(Self::large(call)).await.map_err(Error::from),
                Err(error) => Err(error),
            };
            let standing = match asked {
                Ok(answer) => match record::issue(&answer.body, fields) {
                    Some(record) if record.id == **id => Standing::Found(record),
                    _ => Standing::Unknown,
                },
                Err(Error::NotFound | Error::Forbidden) => Standing::Missing,
                Err(error) if is_of_size(&error) => Standing::Unknown,
                Err(error) => return Err(error),
            };
            told.insert((*id).to_owned(), standing);
        }
        if told.values().any(|standing| *standing == Standing::Missing) {
            self.myself().await?;
        }
        Ok(told)
    }
}

fn records(found: Found, fields: &[&str]) -> impl Iterator<Item = (String, Standing)> {
    let record = |issue: Value| {
        let id = record::id(issue.get("id"))?;
        let standing = Record::with_fields(issue, fields).map_or(Standing::Unknown, Standing::Found);
        Some((id, standing))
    };
    found.issues.into_iter().filter_map(record)
}

fn with_needed<'a>(fields: &[&'a str]) -> Vec<&'a str> {
    let needed = record::NEEDED.into_iter().filter(|needed| !fields.contains(needed));
    fields.iter().copied().chain(needed).collect()
}

fn is_of_size(error: &Error) -> bool {
    matches!(error, Error::Malformed | Error::Outbound(Failure::TooLarge))
}
