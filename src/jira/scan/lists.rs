//! Lists that a search cuts: of comments and work logs an issue brings the first twenty or so, and says how many there
//! are (S12).

use serde_json::Value;

use super::error::ScanError;
use super::record::Record;
use crate::jira::Error;
use crate::jira::client::Client;

/// A field that is a list with a count of its own: the field's id, which is also the list's name in the API, and the name
/// of the list inside.
const LISTS: [(&str, &str); 2] = [("comment", "comments"), ("worklog", "worklogs")];
/// Entries of one request.
const PAGE: usize = 100;

impl Client {
    /// Fetches what is missing in the lists of this issue, a hundred entries in one request; none where nothing is.
    pub async fn complete(&self, record: &mut Record) -> Result<(), ScanError> {
        for (field, list) in LISTS {
            let Some(value) = record.fields.get_mut(field) else { continue };
            let mut total = count(value);
            while let Some(Value::Array(entries)) = value.get_mut(list)
                && entries.len() < total
            {
                let query = format!("startAt={}&maxResults={PAGE}", entries.len());
                let call = self.get(&format!("issue/{}/{field}", record.id), &query)?;
                let mut page: Value = self.read(Self::large(call)).await?;
                let Some(Value::Array(more)) = page.get_mut(list).map(Value::take) else {
                    return Err(Error::Malformed.into());
                };
                // Some were deleted meanwhile.
                total = if more.is_empty() { entries.len() } else { count(&page) };
                entries.extend(more);
            }
        }
        Ok(())
    }
}

impl Record {
    /// Whether one of its lists is cut, so that [`Client::complete`] would ask for more.
    pub fn is_cut(&self) -> bool {
        LISTS.iter().any(|(field, list)| {
            let value = self.fields.get(*field);
            let there = value.and_then(|value| value.get(list)).and_then(Value::as_array).map(Vec::len);
            value.is_some_and(|value| there.is_some_and(|there| there < count(value)))
        })
    }
}

fn count(list: &Value) -> usize {
    list.get("total").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok()).unwrap_or(0)
}
