//! Which issues are in the database, and which of them have a row. The only thing of a run that grows with the project.

use std::collections::HashMap;

use super::super::cells::Rows;
use crate::store::row_state::{GONE, HIDDEN, LEAVING, WITHHELD};
use crate::store::{DatabaseId, Result, Store, SyncedRow};

#[derive(Debug, Default)]
pub struct Index {
    /// All that have a row or shall have one.
    pub rows: Rows,
    /// Notion's pages by Jira's ids.
    pub pages: HashMap<String, String>,
    pub count: u64,
}

impl Index {
    pub async fn load(store: &Store, database: &DatabaseId) -> Result<Self> {
        let mut index = Self::default();
        for row in store.synced_rows(database).await? {
            index.add(row);
        }
        Ok(index)
    }

    fn add(&mut self, row: SyncedRow) {
        // What lies in the trash is nothing that others may name, until it comes back.
        let is_away = matches!(row.state.as_str(), GONE | HIDDEN | WITHHELD | LEAVING);
        let page = row.page_id.filter(|_| !is_away);
        let id = row.issue_id.to_string();
        self.count += 1;
        if page.is_some() || row.is_pending {
            self.rows.add(&id, &row.issue_key);
        }
        if let Some(page) = page {
            self.pages.insert(id, page);
        }
    }
}
