//! Jira projects that are kept as databases in Notion, and who works on them now.
//!
//! Nobody keeps these rows in memory, so that no change of them has to be told to other processes.

use super::db::{Db, read, tx, write};
use super::error::{exact, shown};
use super::{AccountId, ConnectionId, DatabaseId, NotionConnectionId, Result, Store};
use crate::jira::key::SiteUrl;

/// One project as a database. What the texts hold is known to the room that does the work.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Database {
    pub id: DatabaseId,
    pub account_id: AccountId,
    /// To Jira; none once it is removed.
    pub connection_id: Option<ConnectionId>,
    /// None once it is removed.
    pub notion_connection_id: Option<NotionConnectionId>,
    #[sqlx(rename = "site_url", try_from = "String")]
    pub site: SiteUrl,
    pub project_id: i64,
    pub project_key: String,
    pub project_name: String,
    /// What was asked for.
    pub wish: String,
    /// What there is of it in Notion.
    pub place: String,
    /// How far the work is.
    pub progress: String,
    /// What people are told.
    pub status: String,
    /// Rests until its person wants it to go on.
    pub paused: bool,
    /// What its person wants the next run to do beyond what is due; may be empty.
    pub asked: String,
    /// When the next run is due.
    pub due_at: i64,
    pub lease_until: i64,
    fence: i64,
    pub created_at: i64,
}

/// A database to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewDatabase<'a> {
    pub account: &'a AccountId,
    pub connection: &'a ConnectionId,
    pub notion_connection: &'a NotionConnectionId,
    pub site: &'a SiteUrl,
    pub project_id: i64,
    pub project_key: &'a str,
    pub project_name: &'a str,
    pub wish: &'a str,
    pub place: &'a str,
    pub progress: &'a str,
    pub status: &'a str,
}

/// The right to work on a database. It ends when somebody else has got it: then every write that names it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub(super) database: DatabaseId,
    pub(super) fence: i64,
}

/// What its worker writes down of a database; what is none stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noted<'a> {
    pub place: Option<&'a str>,
    pub progress: Option<&'a str>,
    pub status: Option<&'a str>,
    /// The key and the name of its project.
    pub project: Option<(&'a str, &'a str)>,
}

impl Database {
    /// The right with which it was claimed.
    pub fn lease(&self) -> Lease {
        Lease { database: self.id.clone(), fence: self.fence }
    }
}

impl Store {
    /// Keeps a new database; its first run is due at once.
    pub async fn save_database(&self, new: NewDatabase<'_>) -> Result<Database> {
        let query = "INSERT INTO databases (id, account_id, connection_id, notion_connection_id, site_url, project_id,
                project_key, project_name, wish, place, progress, status, paused, asked, due_at, lease_until, fence,
                created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE, '', $13, 0, 0, $13) RETURNING *";
        let (key, now) = (exact(new.project_key)?, self.clock.now_ms());
        Ok(tx!(self, |tx| {
            sqlx::query_as(query)
                .bind(DatabaseId::new())
                .bind(new.account)
                .bind(new.connection)
                .bind(new.notion_connection)
                .bind(new.site.as_str())
                .bind(new.project_id)
                .bind(key)
                .bind(shown(new.project_name))
                .bind(shown(new.wish))
                .bind(shown(new.place))
                .bind(shown(new.progress))
                .bind(shown(new.status))
                .bind(now)
                .fetch_one(&mut *tx)
                .await?
        }))
    }

    /// One of an account's databases; `None` if it has no such.
    pub async fn database(&self, account: &AccountId, id: &DatabaseId) -> Result<Option<Database>> {
        let query = "SELECT * FROM databases WHERE id = $1 AND account_id = $2";
        Ok(read!(self, |db| sqlx::query_as(query).bind(id).bind(account).fetch_optional(db).await)?)
    }

    /// An account's databases, oldest first.
    pub async fn databases(&self, account: &AccountId) -> Result<Vec<Database>> {
        let query = "SELECT * FROM databases WHERE account_id = $1 ORDER BY created_at, id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).fetch_all(db).await)?)
    }

    /// Those of everybody, oldest first: for whoever holds the command line.
    pub async fn all_databases(&self) -> Result<Vec<Database>> {
        let query = "SELECT * FROM databases ORDER BY created_at, id";
        Ok(read!(self, |db| sqlx::query_as(query).fetch_all(db).await)?)
    }

    /// Who has any.
    pub async fn database_owners(&self) -> Result<Vec<AccountId>> {
        let query = "SELECT DISTINCT account_id FROM databases";
        Ok(read!(self, |db| sqlx::query_scalar(query).fetch_all(db).await)?)
    }

    /// The right to work on the one that has been due for longest and that nobody works on, until `until`. Of several
    /// processes one gets it.
    pub async fn claim_due_database(&self, until: i64) -> Result<Option<Database>> {
        let query = "UPDATE databases SET lease_until = $2, fence = fence + 1
            WHERE due_at <= $1 AND lease_until <= $1 AND NOT paused AND id = (
                SELECT id FROM databases WHERE due_at <= $1 AND lease_until <= $1 AND NOT paused
                ORDER BY due_at, id LIMIT 1)
            RETURNING *";
        let now = self.clock.now_ms();
        Ok(tx!(self, |tx| { sqlx::query_as(query).bind(now).bind(until).fetch_optional(&mut *tx).await? }))
    }

    /// The same for one of them, due or not.
    pub async fn claim_database(&self, id: &DatabaseId, until: i64) -> Result<Option<Database>> {
        let query = "UPDATE databases SET lease_until = $3, fence = fence + 1
            WHERE id = $2 AND lease_until <= $1 RETURNING *";
        let now = self.clock.now_ms();
        Ok(tx!(self, |tx| { sqlx::query_as(query).bind(now).bind(id).bind(until).fetch_optional(&mut *tx).await? }))
    }

    /// Goes on working: the row as it is now, or `None` where somebody else works on it or it is gone.
    pub async fn keep_lease(&self, lease: &Lease, until: i64) -> Result<Option<Database>> {
        let query = "UPDATE databases SET lease_until = $3 WHERE id = $1 AND fence = $2 RETURNING *";
        let (id, fence) = (&lease.database, lease.fence);
        Ok(tx!(self, |tx| { sqlx::query_as(query).bind(id).bind(fence).bind(until).fetch_optional(&mut *tx).await? }))
    }

    /// Ends the work; the next run is due then. What its person asked for meanwhile is due at once; `asked` is what the run
    /// began with, which waits for the next one unless it `is_done`. `false`: somebody else works on it, or it is gone.
    pub async fn release_database(&self, lease: &Lease, due_at: i64, asked: &str, is_done: bool) -> Result<bool> {
        let query = "UPDATE databases SET lease_until = 0,
                due_at = CASE WHEN asked = '' OR asked = $4 THEN $3 ELSE 0 END,
                asked = CASE WHEN asked = $4 AND $5 THEN '' ELSE asked END
            WHERE id = $1 AND fence = $2";
        let (id, fence) = (&lease.database, lease.fence);
        Ok(write!(self, sqlx::query(query).bind(id).bind(fence).bind(due_at).bind(asked).bind(is_done)) == 1)
    }

    /// A run has seen to what was asked, but for `rest`; what is asked meanwhile stays. `false`: the lease is lost.
    pub async fn seen_to(&self, lease: &Lease, asked: &str, rest: &str) -> Result<bool> {
        let query = "UPDATE databases SET asked = CASE WHEN asked = $3 THEN $4 ELSE asked END
            WHERE id = $1 AND fence = $2";
        let (id, fence) = (&lease.database, lease.fence);
        Ok(write!(self, sqlx::query(query).bind(id).bind(fence).bind(asked).bind(rest)) == 1)
    }

    /// What its worker has to write down. `false`: somebody else works on it, or it is gone, and nothing was written.
    pub async fn note_database(&self, lease: &Lease, noted: Noted<'_>) -> Result<bool> {
        let Noted { place, progress, status, project } = noted;
        let query = "UPDATE databases SET place = COALESCE($3, place), progress = COALESCE($4, progress),
                status = COALESCE($5, status), project_key = COALESCE($6, project_key),
                project_name = COALESCE($7, project_name)
            WHERE id = $1 AND fence = $2";
        let (key, name) = project.unzip();
        Ok(write!(
            self,
            sqlx::query(query)
                .bind(&lease.database)
                .bind(lease.fence)
                .bind(place.map(shown))
                .bind(progress.map(shown))
                .bind(status.map(shown))
                .bind(key.map(shown))
                .bind(name.map(shown))
        ) == 1)
    }

    /// Its person wants a run now, with what `asked` says. An answer that waits is not forgotten over the wish for a run.
    /// `false` if the account has no such database.
    pub async fn ask_for_run(&self, account: &AccountId, id: &DatabaseId, asked: &str) -> Result<bool> {
        let query = "UPDATE databases SET due_at = $4, asked = CASE
                WHEN $3 IN ('delta', 'census') AND asked NOT IN ('', 'delta', 'settings') THEN asked ELSE $3 END
            WHERE id = $1 AND account_id = $2";
        let now = self.clock.now_ms();
        Ok(write!(self, sqlx::query(query).bind(id).bind(account).bind(asked).bind(now)) == 1)
    }

    /// What its person wants it to be from now on; the next run is due at once. A run under way goes on with what it has
    /// begun with. `false` if the account has no such database.
    pub async fn set_wish(&self, account: &AccountId, id: &DatabaseId, wish: &str) -> Result<bool> {
        // What else was asked for and nobody has begun is not forgotten.
        let query = "UPDATE databases SET wish = $3, due_at = $4,
                asked = CASE WHEN asked <> '' AND lease_until <= $4 THEN asked ELSE 'settings' END
            WHERE id = $1 AND account_id = $2";
        let now = self.clock.now_ms();
        Ok(write!(self, sqlx::query(query).bind(id).bind(account).bind(shown(wish)).bind(now)) == 1)
    }

    /// Forgets all that is in Notion, so that the next run, which is due at once, begins anew. Whoever works on it loses the
    /// lease. `false` if the account has no such database.
    pub async fn begin_database_anew(
        &self,
        account: &AccountId,
        id: &DatabaseId,
        [place, progress, status]: [&str; 3],
    ) -> Result<bool> {
        let query = "UPDATE databases SET place = $3, progress = $4, status = $5, asked = '', due_at = $6,
                lease_until = 0, fence = fence + 1
            WHERE id = $1 AND account_id = $2";
        let now = self.clock.now_ms();
        Ok(tx!(self, |tx| {
            let anew = sqlx::query(query).bind(id).bind(account).bind(place).bind(progress).bind(status).bind(now);
            let is_there = anew.execute(&mut *tx).await?.rows_affected() == 1;
            if is_there {
                sqlx::query("DELETE FROM synced_rows WHERE database_id = $1").bind(id).execute(&mut *tx).await?;
            }
            is_there
        }))
    }

    /// It rests, or goes on at once. `false` if the account has no such database.
    pub async fn pause_database(&self, account: &AccountId, id: &DatabaseId, paused: bool) -> Result<bool> {
        let query = "UPDATE databases SET paused = $3, due_at = $4 WHERE id = $1 AND account_id = $2";
        let now = self.clock.now_ms();
        Ok(write!(self, sqlx::query(query).bind(id).bind(account).bind(paused).bind(now)) == 1)
    }

    /// It goes on with these connections, at once; `site` is where the one to Jira leads. `false` if the account has no such
    /// database.
    pub async fn hand_over_database(
        &self,
        account: &AccountId,
        id: &DatabaseId,
        connection: &ConnectionId,
        notion: &NotionConnectionId,
        site: &SiteUrl,
    ) -> Result<bool> {
        let query = "UPDATE databases SET connection_id = $3, notion_connection_id = $4, site_url = $5, due_at = $6
            WHERE id = $1 AND account_id = $2";
        let now = self.clock.now_ms();
        Ok(write!(
            self,
            sqlx::query(query).bind(id).bind(account).bind(connection).bind(notion).bind(site.as_str()).bind(now)
        ) == 1)
    }

    /// Forgets a database and its rows; in Notion everything stays. Whoever works on it notices. `false` if the account has
    /// no such.
    pub async fn remove_database(&self, account: &AccountId, id: &DatabaseId) -> Result<bool> {
        let query = "DELETE FROM databases WHERE id = $1 AND account_id = $2";
        Ok(write!(self, sqlx::query(query).bind(id).bind(account)) == 1)
    }
}
