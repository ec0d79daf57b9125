//! What is kept of one synced database, copied: whoever wants to know what a run would do lets it run on the copy.

use sqlx::FromRow;

use super::databases::Database;
use super::db::{Db, read, tx};
use super::{DatabaseId, Result, Store};

/// A row with all that is kept of it; what waits stays sealed.
#[derive(FromRow)]
struct Kept {
    issue_id: i64,
    issue_key: String,
    page_id: Option<String>,
    parent: String,
    depth: i64,
    updated_at: i64,
    key_id: Option<String>,
    pending: Option<Vec<u8>>,
    begun_at: Option<i64>,
    hash: Vec<u8>,
    body_hash: Vec<u8>,
    missed: i64,
    missed_at: Option<i64>,
    state: String,
    problem: Option<String>,
    losses: String,
}

impl Store {
    /// A store for a while that holds this database and its rows and nothing else; it is gone with its last clone. In it
    /// nobody works on the database, it does not rest, and `asked` is what its next run is to do. `None`: there is none.
    pub async fn copy_of_database(&self, id: &DatabaseId, asked: &str) -> Result<Option<Self>> {
        let (of_database, of_rows) =
            ("SELECT * FROM databases WHERE id = $1", "SELECT * FROM synced_rows WHERE database_id = $1");
        let found: Option<Database> = read!(self, |db| sqlx::query_as(of_database).bind(id).fetch_optional(db).await)?;
        let Some(found) = found else { return Ok(None) };
        let rows: Vec<Kept> = read!(self, |db| sqlx::query_as(of_rows).bind(id).fetch_all(db).await)?;
        let copy = Self { db: Db::temporary().await?, clock: self.clock.clone() };
        let into_databases = "INSERT INTO databases (id, account_id, connection_id, notion_connection_id, site_url,
                project_id, project_key, project_name, wish, place, progress, status, paused, asked, due_at,
                lease_until, fence, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE, $13, 0, 0, 0, $14)";
        let into_rows = "INSERT INTO synced_rows (database_id, issue_id, issue_key, page_id, parent, depth, updated_at,
                key_id, pending, begun_at, hash, body_hash, missed, missed_at, state, problem, losses)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        tx!(copy, |tx| {
            sqlx::query(into_databases)
                .bind(id)
                .bind(&found.account_id)
                .bind(&found.connection_id)
                .bind(&found.notion_connection_id)
                .bind(found.site.as_str())
                .bind(found.project_id)
                .bind(&found.project_key)
                .bind(&found.project_name)
                .bind(&found.wish)
                .bind(&found.place)
                .bind(&found.progress)
                .bind(&found.status)
                .bind(asked)
                .bind(found.created_at)
                .execute(&mut *tx)
                .await?;
            for row in &rows {
                sqlx::query(into_rows)
                    .bind(id)
                    .bind(row.issue_id)
                    .bind(&row.issue_key)
                    .bind(&row.page_id)
                    .bind(&row.parent)
                    .bind(row.depth)
                    .bind(row.updated_at)
                    .bind(&row.key_id)
                    .bind(&row.pending)
                    .bind(row.begun_at)
                    .bind(&row.hash)
                    .bind(&row.body_hash)
                    .bind(row.missed)
                    .bind(row.missed_at)
                    .bind(&row.state)
                    .bind(&row.problem)
                    .bind(&row.losses)
                    .execute(&mut *tx)
                    .await?;
            }
        });
        Ok(Some(copy))
    }
}
