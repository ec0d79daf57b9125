//! What a person asks about one issue of a synced database.

use super::db::{Db, read};
use super::{DatabaseId, Result, Store};

impl Store {
    /// Jira's id of the issue that bears this key as far as is known here, and JSON of what of it is not shown. Of several
    /// that bore it, the one that has a row.
    pub async fn issue_of_key(&self, database: &DatabaseId, key: &str) -> Result<Option<(i64, String)>> {
        let query = "SELECT issue_id, losses FROM synced_rows WHERE database_id = $1 AND issue_key = $2
            ORDER BY CASE WHEN page_id IS NULL THEN 1 ELSE 0 END, updated_at DESC LIMIT 1";
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).bind(key).fetch_optional(db).await)?)
    }

    /// How many issues are written before the one at this depth.
    pub async fn pending_before(&self, database: &DatabaseId, depth: i64, issue_id: i64) -> Result<i64> {
        let query = "SELECT COUNT(*) FROM synced_rows WHERE database_id = $1 AND pending IS NOT NULL
            AND (depth < $2 OR (depth = $2 AND issue_id < $3))";
        Ok(read!(self, |db| {
            sqlx::query_scalar(query).bind(database).bind(depth).bind(issue_id).fetch_one(db).await
        })?)
    }
}
