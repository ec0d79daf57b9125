//! What Notion is showing, and what it was told last.

use super::db::{Db, read, write};
use super::error::{exact, shown};
use super::{AccountId, GrantId, Result, Store};
use crate::secret::Digest;

/// A link that Notion shows in a workspace, pasted by the person of a grant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Watch {
    pub grant_id: GrantId,
    pub account_id: AccountId,
    pub workspace_id: String,
    /// As Notion wrote it.
    pub uri: String,
    /// Hash of what Notion was told last; empty where nobody is sure.
    pub digest: Vec<u8>,
    /// When Notion last asked.
    pub seen_at: i64,
}

/// What Notion was just told about a link.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub uri: &'a str,
    /// Where a change of it would be told of; empty where none can be.
    pub site: &'a str,
    /// Its issue, by key in upper case; empty where it is on none.
    pub issue: &'a str,
    pub digest: Digest,
    /// When to look again.
    pub due_at: i64,
}

/// In the place of the hash of what Notion was told last: no hash of anything.
const UNSURE: &[u8] = &[];

impl Store {
    /// Notion asked about a link and was told. `most` bounds how many a grant watches; beyond, nothing is kept.
    pub async fn watch(&self, grant: &GrantId, told: Told<'_>, most: i64) -> Result<()> {
        let now = self.clock.now_ms();
        let query =
            "INSERT INTO watches (grant_id, uri_hash, uri, workspace_id, site_url, issue, digest, seen_at, due_at)
            SELECT id, $2, $3, workspace_id, $4, $5, $6, $7, $8 FROM grants WHERE id = $1
                AND (SELECT COUNT(*) FROM watches WHERE grant_id = $1 AND uri_hash <> $2) < $9
            ON CONFLICT (grant_id, uri_hash) DO UPDATE SET site_url = excluded.site_url, issue = excluded.issue,
                digest = excluded.digest, seen_at = excluded.seen_at, due_at = excluded.due_at";
        let (uri, hash) = (exact(told.uri)?, hash(told.uri));
        write!(
            self,
            sqlx::query(query)
                .bind(grant)
                .bind(hash.as_bytes())
                .bind(uri)
                .bind(told.site)
                .bind(shown(told.issue))
                .bind(told.digest.as_bytes())
                .bind(now)
                .bind(told.due_at)
                .bind(most)
        );
        Ok(())
    }

    /// Whether Notion asked since an instant and was told this: then there is nothing to write.
    pub async fn is_watched(&self, grant: &GrantId, uri: &str, digest: Digest, since: i64) -> Result<bool> {
        let query = "SELECT COUNT(*) FROM watches
            WHERE grant_id = $1 AND uri_hash = $2 AND digest = $3 AND seen_at >= $4";
        let (uri, digest) = (hash(uri), digest.as_bytes());
        let count: i64 = read!(self, |db| {
            let query = sqlx::query_scalar(query).bind(grant).bind(uri.as_bytes()).bind(digest).bind(since);
            query.fetch_one(db).await
        })?;
        Ok(count > 0)
    }

    /// Notion does not show a link any more, in the workspace of this grant. `false` if it was not known to.
    pub async fn unwatch(&self, grant: &GrantId, uri: &str) -> Result<bool> {
        let query = "DELETE FROM watches WHERE grant_id = $1 AND uri_hash = $2";
        Ok(write!(self, sqlx::query(query).bind(grant).bind(hash(uri).as_bytes())) > 0)
    }

    /// The same for all who pasted it there, as far as Notion has not asked again since [`Store::begin_telling`].
    pub async fn unwatch_in(&self, workspace: &str, uri: &str) -> Result<()> {
        let query = "DELETE FROM watches WHERE workspace_id = $1 AND uri_hash = $2 AND digest = $3";
        write!(self, sqlx::query(query).bind(workspace).bind(hash(uri).as_bytes()).bind(UNSURE));
        Ok(())
    }

    /// Takes what is due, the longest waiting first, and is asked for it again not before `next`: of several processes
    /// one gets it. Nothing of grants that have to be allowed again.
    pub async fn claim_watches(&self, now: i64, next: i64, most: i64) -> Result<Vec<Watch>> {
        let query = "UPDATE watches SET due_at = $2 WHERE due_at <= $1 AND (grant_id, uri_hash) IN (
                SELECT w.grant_id, w.uri_hash FROM watches w JOIN grants g ON g.id = w.grant_id
                WHERE w.due_at <= $1 AND g.health = 'ok' ORDER BY w.due_at, w.grant_id, w.uri_hash LIMIT $3)
            RETURNING grant_id, (SELECT account_id FROM grants g WHERE g.id = watches.grant_id) AS account_id,
                workspace_id, uri, digest, seen_at";
        Ok(match &self.db {
            Db::Sqlite { write, .. } => sqlx::query_as(query).bind(now).bind(next).bind(most).fetch_all(write).await?,
            Db::Postgres(pool) => sqlx::query_as(query).bind(now).bind(next).bind(most).fetch_all(pool).await?,
        })
    }

    /// Everybody who pasted a link in a workspace, whoever was asked for it last first.
    pub async fn watches_in(&self, workspace: &str, uri: &str) -> Result<Vec<Watch>> {
        let query = "SELECT w.grant_id, g.account_id, w.workspace_id, w.uri, w.digest, w.seen_at
            FROM watches w JOIN grants g ON g.id = w.grant_id
            WHERE w.workspace_id = $1 AND w.uri_hash = $2 AND g.health = 'ok' ORDER BY w.seen_at DESC, w.grant_id";
        let hash = hash(uri);
        Ok(read!(self, |db| sqlx::query_as(query).bind(workspace).bind(hash.as_bytes()).fetch_all(db).await)?)
    }

    /// Notion is about to be told of a link in a workspace: from now on until [`Store::told`] nobody is sure what it shows,
    /// also if this process ends meanwhile. `false` where Notion has asked again after `seen_at`, and so was told.
    pub async fn begin_telling(&self, workspace: &str, uri: &str, seen_at: i64) -> Result<bool> {
        let query = "UPDATE watches SET digest = $3 WHERE workspace_id = $1 AND uri_hash = $2 AND seen_at <= $4";
        let hash = hash(uri);
        Ok(write!(self, sqlx::query(query).bind(workspace).bind(hash.as_bytes()).bind(UNSURE).bind(seen_at)) > 0)
    }

    /// Notion was told of a link in a workspace. Where its object is called otherwise by now, changes of that are heard.
    /// Whoever Notion has asked for since [`Store::begin_telling`] has been told something themselves, and nobody knows what
    /// came last.
    pub async fn told(&self, workspace: &str, told: Told<'_>) -> Result<()> {
        let query = "UPDATE watches SET digest = $3, site_url = $4, issue = $5
            WHERE workspace_id = $1 AND uri_hash = $2 AND digest = $6";
        let hash = hash(told.uri);
        write!(
            self,
            sqlx::query(query)
                .bind(workspace)
                .bind(hash.as_bytes())
                .bind(told.digest.as_bytes())
                .bind(told.site)
                .bind(shown(told.issue))
                .bind(UNSURE)
        );
        Ok(())
    }

    /// A link in a workspace is looked at again not before, but at that time.
    pub async fn postpone_watch(&self, workspace: &str, uri: &str, due_at: i64) -> Result<()> {
        let query = "UPDATE watches SET due_at = $3 WHERE workspace_id = $1 AND uri_hash = $2";
        write!(self, sqlx::query(query).bind(workspace).bind(hash(uri).as_bytes()).bind(due_at));
        Ok(())
    }

    /// An issue may have changed: whatever shows it is looked at as soon as that. Says how many.
    pub async fn hasten_watches(&self, site: &str, issue: &str, due_at: i64) -> Result<u64> {
        let query = "UPDATE watches SET due_at = $3 WHERE site_url = $1 AND issue = $2 AND due_at > $3";
        Ok(write!(self, sqlx::query(query).bind(site).bind(shown(issue)).bind(due_at)))
    }

    /// An account sees with other eyes: so does everything that it pasted.
    pub async fn hasten_watches_of(&self, account: &AccountId, due_at: i64) -> Result<u64> {
        let query = "UPDATE watches SET due_at = $2 WHERE due_at > $2
            AND grant_id IN (SELECT id FROM grants WHERE account_id = $1)";
        Ok(write!(self, sqlx::query(query).bind(account).bind(due_at)))
    }

    /// Forgets what nobody has looked at since. Notion asks anew when somebody does.
    pub async fn sweep_watches(&self, before: i64) -> Result<u64> {
        Ok(write!(self, sqlx::query("DELETE FROM watches WHERE seen_at < $1").bind(before)))
    }
}

fn hash(uri: &str) -> Digest {
    Digest::of_token(uri)
}
