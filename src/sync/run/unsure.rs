//! Rows of which nobody knows whether they were made: they are looked for before they are made again (S29, S30).

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::halt::Halt;
use super::super::hold::Hold;
use super::super::writer::{Again, Writer};
use super::Going;
use super::index::Index;
use crate::notion::databases::Part;

/// When to look, after a row may have been made. Notion's list of rows lags behind, so that not to find it proves
/// something only at the end.
const LOOKS: [SignedDuration; 3] =
    [SignedDuration::from_secs(5), SignedDuration::from_secs(20), SignedDuration::from_secs(60)];

/// By what a row is found.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    pub data_source: String,
    /// Notion's id of the column that holds Jira's id.
    pub jira_id: String,
}

/// The row of an issue, if there is one.
pub(super) async fn find(
    hold: &Hold,
    writer: &Writer,
    lookup: &Lookup,
    issue_id: i64,
    begun_at: Timestamp,
) -> Result<Option<String>, Halt> {
    for look in LOOKS {
        hold.wait_until(begun_at.checked_add(look).unwrap_or(Timestamp::MAX)).await?;
        let filter = json!({
            "filter": { "property": lookup.jira_id, "rich_text": { "equals": issue_id.to_string() } },
        });
        let part = Part { size: 2, cursor: None };
        let list = writer
            .call(hold, Again::Harmless, |client, token| {
                let (filter, columns, part) = (&filter, [lookup.jira_id.as_str()], &part);
                async move { client.query(&token, &lookup.data_source, filter, &columns, part).await }
            })
            .await
            .map_err(Halt::from)?;
        if let Some(page) = list.results.into_iter().next() {
            return Ok(Some(page.id));
        }
    }
    Ok(None)
}

impl Going {
    /// Sees to the rows that a run before this one has begun and of which it did not hear.
    pub(super) async fn settle_unsure(&mut self, lookup: &Lookup, index: &mut Index) -> Result<(), Halt> {
        for (issue_id, begun_at) in self.means.store.begun_rows(&self.database.id).await? {
            let begun_at = Timestamp::from_millisecond(begun_at).unwrap_or(Timestamp::UNIX_EPOCH);
            match find(&self.hold, &self.writer, lookup, issue_id, begun_at).await? {
                Some(page) => {
                    // Its content is not known to be the one that waits: it is written once more.
                    let stands = self.means.store.row_found(&self.database.id, issue_id, Some(&page)).await?;
                    index.pages.insert(issue_id.to_string(), stands.unwrap_or(page));
                }
                None => self.means.store.row_not_made(&self.database.id, issue_id).await?,
            }
        }
        Ok(())
    }
}
