//! The issues of a synced database: which row of Notion stands for which, what was written there, and what waits to be.
//!
//! What waits is sealed: it is what Jira told one person. Every write names the lease, so that somebody who lost the
//! right to work on a database changes nothing in it any more.

use secrecy::{ExposeSecret, SecretSlice};

use super::databases::Lease;
use super::db::{Db, read, tx, write};
use super::error::shown;
use super::{AccountId, DatabaseId, Result, Store};
use crate::jira::key::SiteUrl;
use crate::secret::{Context, Sealer};

/// An issue that was read and waits to be written.
#[derive(Debug)]
pub struct Queued<'a> {
    pub issue_id: i64,
    pub issue_key: &'a str,
    /// The issue above it: Jira's id or its key, as Jira tells; empty where there is none.
    pub parent: &'a str,
    /// Jira's time of its last change, in milliseconds.
    pub updated_at: i64,
    pub content: &'a [u8],
}

/// What is known of an issue without opening anything.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SyncedRow {
    pub issue_id: i64,
    pub issue_key: String,
    /// The row in Notion.
    pub page_id: Option<String>,
    pub parent: String,
    pub depth: i64,
    pub updated_at: i64,
    /// When making a row in Notion was begun, of which nobody knows how it ended.
    pub begun_at: Option<i64>,
    /// Of what was last written; empty where nobody is sure.
    pub hash: Vec<u8>,
    pub body_hash: Vec<u8>,
    /// How many lists of all issues in a row it was not in, and since when.
    pub missed: i64,
    pub missed_at: Option<i64>,
    /// Empty where it is kept up to date.
    pub state: String,
    /// Why it is not as it should be.
    pub problem: Option<String>,
    pub is_pending: bool,
}

impl SyncedRow {
    /// Whether nobody knows what stands in it, and nothing waits that will be written there.
    pub fn is_in_doubt(&self) -> bool {
        let is_kept = self.state.is_empty() && self.problem.is_none();
        is_kept && self.page_id.is_some() && self.hash.is_empty() && !self.is_pending
    }
}

/// One that waits, with what is to be written.
#[derive(Debug)]
pub struct Pending {
    pub row: SyncedRow,
    pub content: SecretSlice<u8>,
}

/// What was written of an issue.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    pub issue_id: i64,
    pub page_id: &'a str,
    pub hash: &'a [u8],
    /// None: the body is as it was.
    pub body_hash: Option<&'a [u8]>,
    /// JSON of what of it is not shown; none: as it was.
    pub losses: Option<&'a str>,
}

/// A row of which there is something to say.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReportedRow {
    pub issue_key: String,
    pub page_id: Option<String>,
    pub state: String,
    pub problem: Option<String>,
    pub losses: String,
}

/// How many rows there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct RowCounts {
    pub all: i64,
    /// That stand in Notion.
    pub placed: i64,
    pub pending: i64,
    /// Of which nobody knows whether they stand there, or that have to leave.
    pub unsettled: i64,
    /// Beside those that stay as their person wants.
    pub with_problem: i64,
    /// About which their person is asked.
    pub asked: i64,
}

/// A query that begins with the columns of [`SyncedRow`].
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT issue_id, issue_key, page_id, parent, depth, updated_at, begun_at, hash, body_hash, missed,
                missed_at, state, problem, (pending IS NOT NULL) AS is_pending",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    row: SyncedRow,
    pending: Vec<u8>,
}

/// Takes the lock of the row of the database first: whoever takes the lease over waits, and what comes after is refused.
pub(super) const HOLD: &str = "UPDATE databases SET fence = fence WHERE id = $1 AND fence = $2";

impl Store {
    /// Keeps what was read from Jira, together with how far the reading is. An issue that waits already waits with its
    /// newer content. `false`: the lease is lost, nothing was kept.
    pub async fn queue_rows(
        &self,
        sealer: &Sealer,
        lease: &Lease,
        rows: &[Queued<'_>],
        progress: &str,
    ) -> Result<bool> {
        let held = "UPDATE databases SET progress = $3 WHERE id = $1 AND fence = $2";
        let query = "INSERT INTO synced_rows (database_id, issue_id, issue_key, parent, depth, updated_at, key_id,
                pending, hash, body_hash, missed, state, losses)
            VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $8, 0, '', '[]')
            ON CONFLICT (database_id, issue_id) DO UPDATE SET issue_key = excluded.issue_key,
                parent = excluded.parent, updated_at = excluded.updated_at, key_id = excluded.key_id,
                pending = excluded.pending, missed = 0, missed_at = NULL";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(held).bind(&lease.database).bind(lease.fence).bind(shown(progress));
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for row in rows {
                let sealed = seal(sealer, &lease.database, row.issue_id, row.content);
                sqlx::query(query)
                    .bind(&lease.database)
                    .bind(row.issue_id)
                    .bind(shown(row.issue_key))
                    .bind(shown(row.parent))
                    .bind(row.updated_at)
                    .bind(sealed.0)
                    .bind(sealed.1)
                    .bind(EMPTY)
                    .execute(&mut *tx)
                    .await?;
            }
            true
        }))
    }

    /// Everything that is known of the issues of a database, by id.
    pub async fn synced_rows(&self, database: &DatabaseId) -> Result<Vec<SyncedRow>> {
        let query = select!(" FROM synced_rows WHERE database_id = $1 ORDER BY issue_id");
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).fetch_all(db).await)?)
    }

    /// The same of one issue.
    pub async fn synced_row(&self, database: &DatabaseId, issue_id: i64) -> Result<Option<SyncedRow>> {
        let query = select!(" FROM synced_rows WHERE database_id = $1 AND issue_id = $2");
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).bind(issue_id).fetch_optional(db).await)?)
    }

    /// What waits to be written, from the top of the tree down, after a place in that order; at most `most`.
    pub async fn pending_rows(
        &self,
        sealer: &Sealer,
        database: &DatabaseId,
        after: (i64, i64),
        most: i64,
    ) -> Result<Vec<Pending>> {
        let query = select!(
            ", pending FROM synced_rows WHERE database_id = $1 AND pending IS NOT NULL
                AND (depth > $2 OR (depth = $2 AND issue_id > $3))
            ORDER BY depth, issue_id LIMIT $4"
        );
        let rows: Vec<SealedRow> = read!(self, |db| {
            sqlx::query_as(query).bind(database).bind(after.0).bind(after.1).bind(most).fetch_all(db).await
        })?;
        let open = |SealedRow { row, pending }| {
            let content = sealer.open(context(database, &row.issue_id.to_string()), &pending)?;
            Ok(Pending { row, content })
        };
        rows.into_iter().map(open).collect()
    }

    /// Says how deep issues lie. `false`: the lease is lost.
    pub async fn order_rows(&self, lease: &Lease, depths: &[(i64, i64)]) -> Result<bool> {
        let query = "UPDATE synced_rows SET depth = $3 WHERE database_id = $1 AND issue_id = $2";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for (issue_id, depth) in depths {
                sqlx::query(query).bind(&lease.database).bind(issue_id).bind(depth).execute(&mut *tx).await?;
            }
            true
        }))
    }

    /// A row is about to be made in Notion: from now on until [`Store::row_written`] nobody knows whether it is there, also
    /// if this process ends meanwhile. `false`: the lease is lost, and it must not be made.
    pub async fn begin_row(&self, lease: &Lease, issue_id: i64) -> Result<bool> {
        let query = "UPDATE synced_rows SET begun_at = $4
            WHERE database_id = $1 AND issue_id = $3 AND page_id IS NULL AND $2 = (
                SELECT fence FROM databases WHERE id = $1 AND lease_until > $4)";
        let now = self.clock.now_ms();
        let (id, fence) = (&lease.database, lease.fence);
        Ok(write!(self, sqlx::query(query).bind(id).bind(fence).bind(issue_id).bind(now)) == 1)
    }

    /// A row stands in Notion with this content, and waits no more unless Jira told something newer since `updated_at`.
    /// `false`: the lease is lost, or another row stands for the issue by now, and nothing was kept ([`Store::row_found`]).
    pub async fn row_written(&self, lease: &Lease, written: Written<'_>, updated_at: i64) -> Result<bool> {
        let query = "UPDATE synced_rows SET page_id = $3, begun_at = NULL, hash = $4,
                body_hash = COALESCE($5, body_hash), losses = COALESCE($7, losses), problem = NULL, state = '',
                key_id = CASE WHEN updated_at = $6 THEN NULL ELSE key_id END,
                pending = CASE WHEN updated_at = $6 THEN NULL ELSE pending END
            WHERE database_id = $1 AND issue_id = $2 AND (page_id IS NULL OR page_id = $3)
                AND $8 = (SELECT fence FROM databases WHERE id = $1)";
        Ok(write!(
            self,
            sqlx::query(query)
                .bind(&lease.database)
                .bind(written.issue_id)
                .bind(written.page_id)
                .bind(written.hash)
                .bind(written.body_hash)
                .bind(updated_at)
                .bind(written.losses.map(shown))
                .bind(lease.fence)
        ) == 1)
    }

    /// The rows with a problem or a loss: issue, key, page, problem, losses; by key, at most `most`.
    pub async fn reported_rows(&self, database: &DatabaseId, most: i64) -> Result<Vec<ReportedRow>> {
        let query = "SELECT issue_key, page_id, state, problem, losses FROM synced_rows
            WHERE database_id = $1 AND (problem IS NOT NULL OR losses <> '[]') ORDER BY issue_id LIMIT $2";
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).bind(most).fetch_all(db).await)?)
    }

    /// The rows that were begun and of which nobody knows how that ended: issue, and when.
    pub async fn begun_rows(&self, database: &DatabaseId) -> Result<Vec<(i64, i64)>> {
        let query = "SELECT issue_id, begun_at FROM synced_rows WHERE database_id = $1 AND begun_at IS NOT NULL
            ORDER BY issue_id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).fetch_all(db).await)?)
    }

    /// What waits says what stands in Notion already: issues, with Jira's time of their last change. `false`: the lease is
    /// lost.
    pub async fn rows_unchanged(&self, lease: &Lease, rows: &[(i64, i64)]) -> Result<bool> {
        let query = "UPDATE synced_rows SET pending = NULL, key_id = NULL, problem = NULL, state = ''
            WHERE database_id = $1 AND issue_id = $2 AND updated_at = $3";
        Ok(tx!(self, |tx| {
            let held = sqlx::query(HOLD).bind(&lease.database).bind(lease.fence);
            if held.execute(&mut *tx).await?.rows_affected() != 1 {
                return Ok(false);
            }
            for (issue_id, updated_at) in rows {
                sqlx::query(query).bind(&lease.database).bind(issue_id).bind(updated_at).execute(&mut *tx).await?;
            }
            true
        }))
    }

    /// A row was surely not made in Notion.
    pub async fn row_not_made(&self, database: &DatabaseId, issue_id: i64) -> Result<()> {
        let query = "UPDATE synced_rows SET begun_at = NULL WHERE database_id = $1 AND issue_id = $2";
        write!(self, sqlx::query(query).bind(database).bind(issue_id));
        Ok(())
    }

    /// What its rows are, by number.
    pub async fn row_counts(&self, database: &DatabaseId) -> Result<RowCounts> {
        let query = "SELECT COUNT(CASE WHEN state NOT IN ('gone', 'withheld') THEN 1 END) AS \"all\",
                COUNT(CASE WHEN state NOT IN ('gone', 'withheld') THEN page_id END) AS placed,
                COUNT(pending) AS pending,
                COUNT(CASE WHEN state = 'leaving' OR begun_at IS NOT NULL THEN 1 END) AS unsettled,
                COUNT(CASE WHEN state NOT IN ('gone', 'withheld', 'moved', 'kept') THEN problem END) AS with_problem,
                COUNT(CASE WHEN state = 'asked' THEN 1 END) AS asked
            FROM synced_rows WHERE database_id = $1";
        Ok(read!(self, |db| sqlx::query_as(query).bind(database).fetch_one(db).await)?)
    }

    /// The rows of an account that stand for an issue of a site: in which database, and which page.
    pub async fn pages_of_issue(
        &self,
        account: &AccountId,
        site: &SiteUrl,
        issue_key: &str,
    ) -> Result<Vec<(DatabaseId, String)>> {
        let query = "SELECT d.id, r.page_id FROM synced_rows r JOIN databases d ON d.id = r.database_id
            WHERE r.issue_key = $3 AND d.account_id = $1 AND d.site_url = $2 AND r.page_id IS NOT NULL AND r.state = ''
            ORDER BY d.created_at, d.id";
        Ok(read!(self, |db| {
            sqlx::query_as(query).bind(account).bind(site.as_str()).bind(shown(issue_key)).fetch_all(db).await
        })?)
    }

    /// Moves what waits to the newest master key: how many were moved, and how many no key opens.
    pub(super) async fn reseal_synced_rows(&self, sealer: &Sealer, newest: &str) -> Result<(u64, u64)> {
        let query = "SELECT database_id, issue_id, pending FROM synced_rows
            WHERE pending IS NOT NULL AND key_id <> $1
                AND (database_id > $2 OR (database_id = $2 AND issue_id > $3))
            ORDER BY database_id, issue_id LIMIT 200";
        let (mut moved, mut unreadable) = (0, 0);
        let mut after = (String::new(), 0_i64);
        loop {
            let rows: Vec<(DatabaseId, i64, Vec<u8>)> = read!(self, |db| {
                sqlx::query_as(query).bind(newest).bind(&after.0).bind(after.1).fetch_all(db).await
            })?;
            let Some((database, issue_id, _)) = rows.last() else { return Ok((moved, unreadable)) };
            after = (database.as_str().to_owned(), *issue_id);
            for (database, issue_id, old) in rows {
                let Ok(content) = sealer.open(context(&database, &issue_id.to_string()), &old) else {
                    unreadable += 1;
                    continue;
                };
                let (key_id, bytes) = seal(sealer, &database, issue_id, content.expose_secret());
                let query = "UPDATE synced_rows SET key_id = $3, pending = $4
                    WHERE database_id = $1 AND issue_id = $2 AND pending = $5";
                let (key_id, bytes) = (&key_id, &bytes);
                moved +=
                    write!(self, sqlx::query(query).bind(&database).bind(issue_id).bind(key_id).bind(bytes).bind(&old));
            }
        }
    }
}

/// In the place of the hash of what was written: no hash of anything.
pub(super) const EMPTY: &[u8] = &[];

/// The key's name, and what may lie in the database.
fn seal(sealer: &Sealer, database: &DatabaseId, issue_id: i64, content: &[u8]) -> (String, Vec<u8>) {
    let sealed = sealer.seal(context(database, &issue_id.to_string()), content);
    (sealed.key_id, sealed.bytes)
}

fn context<'a>(database: &'a DatabaseId, issue_id: &'a str) -> Context<'a> {
    Context { table: "synced_rows", row: issue_id, account: "", site: database.as_str(), kind: "issue" }
}
