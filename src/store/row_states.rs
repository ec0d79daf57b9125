//! What becomes of the rows of a synced database that are not simply kept up to date.

use super::databases::Lease;
use super::db::{Db, tx, write};
use super::error::shown;
use super::synced_rows::{EMPTY, HOLD};
use super::{DatabaseId, Result, Store};

/// The words of [`super::SyncedRow::state`]; a row that is kept up to date has none.
pub mod row_state {
    /// Put into the trash by us.
    pub const GONE: &str = "gone";
    /// Put into the trash by a person.
    pub const HIDDEN: &str = "hidden";
    /// Not in the project or the filter any more.
    pub const MOVED: &str = "moved";
    /// Not in the project any more; stays until its person answers, because it holds something of theirs.
    pub const ASKED: &str = "asked";
    /// Stays because a person wants it.
    pub const KEPT: &str = "kept";
    /// Not to be shown to those who read the database; whatever row there was is away.
    pub const WITHHELD: &str = "withheld";
    /// The same, but its row is still to be put away.
    pub const LEAVING: &str = "leaving";
}

/// What became of a row that is not kept up to date, or is again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marked<'a> {
    pub issue_id: i64,
    /// Empty where it is kept up to date.
    pub state: &'a str,
    pub problem: Option<&'a str>,
    pub missed: i64,
    pub missed_at: Option<i64>,
}

/// In the place of a hash: of something that nobody knows any more, and that has to be written again even if it is
/// nothing.
pub const UNSURE: &[u8] = &[0];

impl Store {
    /// Forgets what waits: it was read for other wishes, or by other eyes. `false`: the lease is lost.
    pub async fn forget_queue(&self, lease: &Lease) -> Result<bool> {
        let nowhere = "DELETE FROM synced_rows
            WHERE database_id = $1 AND pending IS NOT NULL AND page_id IS NULL AND begun_at IS NULL";
        let waiting = "UPDATE synced_rows SET pending = NULL, key_id = NULL
            WHERE database_id = $1 AND pending IS NOT NULL";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            sqlx::query(nowhere).bind(&lease.database).execute(&mut *tx).await?;
            sqlx::query(waiting).bind(&lease.database).execute(&mut *tx).await?;
            true
        }))
    }

    /// What became of rows. What waits to be written for them waits no more. `false`: the lease is lost.
    pub async fn mark_rows(&self, lease: &Lease, rows: &[Marked<'_>]) -> Result<bool> {
        let query = "UPDATE synced_rows SET state = $3, problem = $4, missed = $5, missed_at = $6, pending = NULL,
                key_id = NULL
            WHERE database_id = $1 AND issue_id = $2";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for row in rows {
                sqlx::query(query)
                    .bind(&lease.database)
                    .bind(row.issue_id)
                    .bind(row.state)
                    .bind(row.problem.map(shown))
                    .bind(row.missed)
                    .bind(row.missed_at)
                    .execute(&mut *tx)
                    .await?;
            }
            true
        }))
    }

    /// Nobody is sure what stands in these rows any more. `false`: the lease is lost.
    pub async fn doubt_rows(&self, lease: &Lease, issues: &[i64]) -> Result<bool> {
        let query = "UPDATE synced_rows SET hash = $3 WHERE database_id = $1 AND issue_id = $2";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for issue in issues {
                sqlx::query(query).bind(&lease.database).bind(issue).bind(EMPTY).execute(&mut *tx).await?;
            }
            true
        }))
    }

    /// Why an issue is not as it should be; it waits no more, until Jira tells something new. `false`: the lease is lost.
    pub async fn park_row(&self, lease: &Lease, issue_id: i64, problem: &str) -> Result<bool> {
        let query = "UPDATE synced_rows SET problem = $4, pending = NULL, key_id = NULL
            WHERE database_id = $1 AND issue_id = $3 AND $2 = (SELECT fence FROM databases WHERE id = $1)";
        let (id, fence) = (&lease.database, lease.fence);
        Ok(write!(self, sqlx::query(query).bind(id).bind(fence).bind(issue_id).bind(shown(problem))) == 1)
    }

    /// Issues that must not be shown: what waits of them is forgotten, and rows that stand for them have to leave. `false`:
    /// the lease is lost.
    pub async fn withhold_rows(&self, lease: &Lease, rows: &[(i64, &str)], problem: &str) -> Result<bool> {
        let query = "INSERT INTO synced_rows (database_id, issue_id, issue_key, parent, depth, updated_at, hash,
                body_hash, missed, state, problem, losses)
            VALUES ($1, $2, $3, '', 0, 0, $4, $5, 0, 'withheld', $6, '[]')
            ON CONFLICT (database_id, issue_id) DO UPDATE SET issue_key = excluded.issue_key, pending = NULL,
                key_id = NULL, hash = excluded.hash, body_hash = excluded.body_hash, missed = 0, missed_at = NULL,
                losses = '[]',
                problem = CASE WHEN synced_rows.state IN ('withheld', 'leaving') THEN synced_rows.problem
                    ELSE excluded.problem END,
                state = CASE WHEN synced_rows.page_id IS NULL OR synced_rows.state IN ('gone', 'withheld')
                    THEN 'withheld' ELSE 'leaving' END";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for (issue_id, key) in rows {
                sqlx::query(query)
                    .bind(&lease.database)
                    .bind(issue_id)
                    .bind(shown(key))
                    .bind(EMPTY)
                    .bind(UNSURE)
                    .bind(shown(problem))
                    .execute(&mut *tx)
                    .await?;
            }
            true
        }))
    }

    /// Nobody knows what stands in a row: it was found after a call of which nobody knew how it ended, or the lease was lost
    /// while it was written. `page`: one that was made. It is kept whoever holds the lease by now; the page that stands for
    /// the issue, the first that was noted.
    pub async fn row_found(&self, database: &DatabaseId, issue_id: i64, page: Option<&str>) -> Result<Option<String>> {
        let query = "UPDATE synced_rows SET page_id = COALESCE(page_id, $3), hash = $4, body_hash = $5,
                begun_at = CASE WHEN $3 IS NULL THEN begun_at ELSE NULL END,
                state = CASE WHEN state = 'withheld' AND page_id IS NULL AND $3 IS NOT NULL THEN 'leaving'
                    ELSE state END
            WHERE database_id = $1 AND issue_id = $2 RETURNING page_id";
        let found: Option<(Option<String>,)> = tx!(self, |tx| {
            sqlx::query_as(query)
                .bind(database)
                .bind(issue_id)
                .bind(page)
                .bind(EMPTY)
                .bind(UNSURE)
                .fetch_optional(&mut *tx)
                .await?
        });
        Ok(found.and_then(|(page,)| page))
    }

    /// Another page stands for an issue from now on; what stands in it is not known. `false`: the lease is lost.
    pub async fn replace_row(&self, lease: &Lease, issue_id: i64, page_id: &str) -> Result<bool> {
        let query = "UPDATE synced_rows SET page_id = $4, hash = $5, body_hash = $6
            WHERE database_id = $1 AND issue_id = $3 AND $2 = (SELECT fence FROM databases WHERE id = $1)";
        let (id, fence) = (&lease.database, lease.fence);
        Ok(write!(self, sqlx::query(query).bind(id).bind(fence).bind(issue_id).bind(page_id).bind(EMPTY).bind(UNSURE))
            == 1)
    }

    /// The page of a row is not in Notion any more, not even in the trash: the next run makes another one.
    pub async fn row_vanished(&self, database: &DatabaseId, issue_id: i64) -> Result<()> {
        let query = "UPDATE synced_rows SET page_id = NULL, hash = $3, body_hash = $3, state = ''
            WHERE database_id = $1 AND issue_id = $2";
        write!(self, sqlx::query(query).bind(database).bind(issue_id).bind(EMPTY));
        Ok(())
    }

    /// Rows that a person has put into the trash come back when their issues are read next. `false`: the lease is lost.
    pub async fn restore_rows(&self, lease: &Lease) -> Result<bool> {
        let query = "UPDATE synced_rows SET state = 'gone', problem = NULL WHERE database_id = $1 AND state = 'hidden'";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            sqlx::query(query).bind(&lease.database).execute(&mut *tx).await?;
            true
        }))
    }
}
