//! Which issues are in the database, and which of them have a row. The only thing of a run that grows with the project.

use std::collections::HashMap;

use super::super::cells::Rows;
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
        let id = row.issue_id.to_string();
        self.count += 1;
        if row.page_id.is_some() || row.is_pending {
            self.rows.add(&id, &row.issue_key);
        }
        if let Some(page) = row.page_id {
            self.pages.insert(id, page);
        }
    }
}
