//! Browser sessions: only the hashes of their cookies are kept. How long one is good is the caller's decision.

use super::db::{BUMP, Db, read, tx, write};
use super::{AccountId, Error, Result, Store};
use crate::secret::Digest;

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    pub account_id: AccountId,
    /// The bare name of its account (contract §5), if it has one.
    pub name: Option<String>,
    /// In what way it was opened, in the caller's words.
    pub signed_in_by: String,
    pub created_at: i64,
    /// Coarse: see [`Store::touch_session`].
    pub seen_at: i64,
}

impl Store {
    /// Remembers a new session by the hash of its cookie.
    pub async fn create_session(&self, account: &AccountId, hash: Digest, signed_in_by: &str) -> Result<Session> {
        let now = self.clock.now_ms();
        let query = "INSERT INTO sessions (hash, account_id, signed_in_by, created_at, seen_at)
            VALUES ($1, $2, $3, $4, $4)";
        write!(self, sqlx::query(query).bind(hash.as_bytes()).bind(account).bind(signed_in_by).bind(now));
        self.session(hash).await?.ok_or(Error::Gone)
    }

    /// Remembers a session inside a frame, as the session that opened it; `None` if that one has ended.
    pub async fn create_frame_session(&self, hash: Digest, opened_by: Digest) -> Result<Option<Session>> {
        let now = self.clock.now_ms();
        let query = "INSERT INTO sessions (hash, account_id, signed_in_by, created_at, seen_at, opened_by)
            SELECT $1, account_id, signed_in_by, $2, $2, hash FROM sessions WHERE hash = $3 AND opened_by IS NULL";
        let made = write!(self, sqlx::query(query).bind(hash.as_bytes()).bind(now).bind(opened_by.as_bytes()));
        if made == 0 { Ok(None) } else { self.session(hash).await }
    }

    /// The session of a cookie, also an expired one.
    pub async fn session(&self, hash: Digest) -> Result<Option<Session>> {
        let query = "SELECT account_id, signed_in_by, created_at, seen_at,
            (SELECT MIN(subject) FROM identities i
                WHERE i.account_id = s.account_id AND provider IN ('local', 'name')) AS name
            FROM sessions s WHERE hash = $1";
        Ok(read!(self, |db| sqlx::query_as(query).bind(hash.as_bytes()).fetch_optional(db).await)?)
    }

    /// Remembers that a session is in use. Call it seldom (hourly, say): every call writes.
    pub async fn touch_session(&self, hash: Digest) -> Result<()> {
        let now = self.clock.now_ms();
        let query = "UPDATE sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2";
        write!(self, sqlx::query(query).bind(hash.as_bytes()).bind(now));
        Ok(())
    }

    /// Ends a session and those that it opened inside frames; `false` if there was none.
    pub async fn delete_session(&self, hash: Digest) -> Result<bool> {
        tx!(self, |tx| {
            let query = "DELETE FROM sessions WHERE hash = $1 OR opened_by = $1";
            if sqlx::query(query).bind(hash.as_bytes()).execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }

    /// Forgets the sessions not seen since `idle_since` or made before `made_before`, and says how many.
    pub async fn delete_sessions(&self, idle_since: i64, made_before: i64) -> Result<u64> {
        let query = "DELETE FROM sessions WHERE seen_at < $1 OR created_at < $2";
        Ok(write!(self, sqlx::query(query).bind(idle_since).bind(made_before)))
    }
}
