//! What a row says of its issue that is not in the project any more: a column of its own, made when the first such row
//! is there (§5, S62).

use std::collections::BTreeMap;

use serde_json::json;

use super::super::fit::folded;
use super::super::halt::Halt;
use super::super::state::HomeColumn;
use super::super::writer::{Again, Failed};
use super::Going;
use crate::notion::Error;
use crate::notion::property::Value;
use crate::notion::rich_text::RichText;
use crate::store::SyncedRow;

/// Among the columns that are there; no field of Jira has such an id.
const KEY: &str = "notice";
const NAME: &str = "Jira notice";

impl Going {
    /// Says in a row what became of its issue. The row counts as unknown from then on, so that an issue that comes back is
    /// written anew, and the notice goes.
    pub(super) async fn notice(&mut self, row: &SyncedRow, words: &str) -> Result<(), Halt> {
        let Some(page) = row.page_id.as_deref() else { return Ok(()) };
        if !self.means.store.doubt_rows(&self.hold.lease, &[row.issue_id]).await? {
            return Err(Halt::Lost);
        }
        let noticed = match self.notice_column().await {
            Ok(None) => return Ok(()),
            Ok(Some(column)) => {
                let values = BTreeMap::from([(column.as_str(), Value::RichText(vec![RichText::plain(words)]))]);
                let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
                    let values = &values;
                    async move { client.update_page(&token, page, values).await }
                });
                call.await.map(drop)
            }
            Err(failed) => Err(failed),
        };
        match noticed {
            Ok(()) => Ok(()),
            // The report says it, too: a row that takes no notice stops no run.
            Err(Failed::Notion(error @ (Error::NotFound | Error::Refused { status: 400, .. }))) => {
                tracing::info!(fault = "notion", retry = false, database = %self.database.id, %error, "a row takes no notice");
                Ok(())
            }
            Err(Failed::Notion(error)) => Err(error.into()),
            Err(Failed::Halt(halt)) => Err(halt),
        }
    }

    /// What empties the notice of a row that is written anew; nothing where no row has ever had one.
    pub(super) fn no_notice(&self) -> Option<(String, Value)> {
        self.home.columns.get(KEY).map(|column| (column.id.clone(), Value::RichText(Vec::new())))
    }

    /// Notion's id of the column; none where its person has removed it.
    async fn notice_column(&mut self) -> Result<Option<String>, Failed> {
        if let Some(there) = self.home.columns.get(KEY) {
            return Ok(Some(there.id.clone()));
        }
        if self.home.stopped.contains_key(KEY) {
            return Ok(None);
        }
        let source = self.data_source().await.map_err(Failed::Halt)?;
        let is_free = |name: &String| !source.properties.keys().any(|other| folded(other) == folded(name));
        let numbered = (2_u32..).map(|number| format!("{NAME} {number}"));
        let Some(name) = std::iter::once(NAME.to_owned()).chain(numbered).find(is_free) else { return Ok(None) };
        let changes = BTreeMap::from([(name.clone(), json!({ "rich_text": {} }))]);
        let data_source = &self.home.data_source_id;
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
            let changes = &changes;
            async move { client.update_columns(&token, data_source, changes).await }
        });
        let answer = call.await?;
        // Notion takes the name in the place of the id.
        let id = answer.properties.get(&name).map_or_else(|| name.clone(), |property| property.id.clone());
        let column = HomeColumn { id: id.clone(), name, kind: "rich_text".to_owned() };
        self.home.made.insert(id.clone());
        self.home.columns.insert(KEY.to_owned(), column);
        self.save_home().await.map_err(Failed::Halt)?;
        Ok(Some(id))
    }
}
