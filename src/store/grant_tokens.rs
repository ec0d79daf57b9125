//! The codes and tokens that we issue to Notion. Only their hashes are kept; what they are good for is the caller's decision.

use super::db::{Db, read, tx, write};
use super::{Grant, GrantId, Result, Store};
use crate::secret::Digest;

/// An authorization code that was issued.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GrantCode {
    pub grant_id: GrantId,
    /// Of the tokens that it becomes.
    pub family: String,
    /// Where its person was sent with it.
    pub redirect_uri: String,
    pub expires_at: i64,
}

/// What became of a code that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// For the first time.
    First(GrantCode),
    /// Again: whoever shows it may have stolen it, or whoever showed it before.
    Again(GrantCode),
    Unknown,
}

/// A token that was issued.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GrantToken {
    pub grant_id: GrantId,
    /// `access` or `refresh`.
    pub kind: String,
    /// The same for all that came from one code.
    pub family: String,
    /// Grows with each pair of its grant.
    pub pair: i64,
    /// The pair that was renewed; none for the first of its family.
    pub parent: Option<i64>,
    pub expires_at: i64,
    /// When one of its pair was first used.
    pub used_at: Option<i64>,
    /// When a pair that came after it was first used.
    pub retired_at: Option<i64>,
}

/// A pair to be kept, by the hashes of its tokens.
#[derive(Debug, Clone, Copy)]
pub struct NewPair<'a> {
    pub grant: &'a GrantId,
    pub family: &'a str,
    /// The pair that is renewed.
    pub parent: Option<i64>,
    pub access: Digest,
    pub access_until: i64,
    pub refresh: Digest,
    pub refresh_until: i64,
}

impl Store {
    /// Keeps the hash of a code.
    pub async fn save_code(&self, hash: Digest, code: &GrantCode) -> Result<()> {
        let query = "INSERT INTO grant_codes (hash, grant_id, family, redirect_uri, expires_at)
            VALUES ($1, $2, $3, $4, $5)";
        write!(
            self,
            sqlx::query(query)
                .bind(hash.as_bytes())
                .bind(&code.grant_id)
                .bind(&code.family)
                .bind(&code.redirect_uri)
                .bind(code.expires_at)
        );
        Ok(())
    }

    /// Marks a code as used, whoever shows it: of several at once one is the first.
    pub async fn take_code(&self, hash: Digest) -> Result<Shown> {
        let query = "UPDATE grant_codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL
            RETURNING grant_id, family, redirect_uri, expires_at";
        let now = self.clock.now_ms();
        let first: Option<GrantCode> = match &self.db {
            Db::Sqlite { write, .. } => {
                sqlx::query_as(query).bind(hash.as_bytes()).bind(now).fetch_optional(write).await?
            }
            Db::Postgres(pool) => sqlx::query_as(query).bind(hash.as_bytes()).bind(now).fetch_optional(pool).await?,
        };
        if let Some(code) = first {
            return Ok(Shown::First(code));
        }
        let query = "SELECT grant_id, family, redirect_uri, expires_at FROM grant_codes WHERE hash = $1";
        let code = read!(self, |db| sqlx::query_as(query).bind(hash.as_bytes()).fetch_optional(db).await)?;
        Ok(code.map_or(Shown::Unknown, Shown::Again))
    }

    /// Keeps a pair of tokens beside those that its grant has; [`Error::Gone`](super::Error::Gone) if its family was revoked
    /// meanwhile. Of several pairs that renewed one and the same, the one that is renewed first retires the others: no
    /// client goes on with two.
    pub async fn save_pair(&self, new: NewPair<'_>) -> Result<()> {
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE grants SET pairs = pairs + 1 WHERE id = $1 RETURNING pairs";
            let pair: Option<i64> = sqlx::query_scalar(query).bind(new.grant).fetch_optional(&mut *tx).await?;
            let pair = pair.ok_or(super::Error::Gone)?;
            // The row of the grant is locked now, so a revocation has happened wholly or comes after this.
            let query = "SELECT (SELECT COUNT(*) FROM grant_codes WHERE grant_id = $1 AND family = $2)
                + (SELECT COUNT(*) FROM grant_tokens WHERE grant_id = $1 AND family = $2)";
            let known: i64 = sqlx::query_scalar(query).bind(new.grant).bind(new.family).fetch_one(&mut *tx).await?;
            if known == 0 {
                return Err(super::Error::Gone);
            }
            let query =
                "UPDATE grant_tokens SET retired_at = $3 WHERE grant_id = $1 AND pair <> $2 AND retired_at IS NULL
                AND parent = (SELECT MIN(parent) FROM grant_tokens WHERE grant_id = $1 AND pair = $2)";
            sqlx::query(query).bind(new.grant).bind(new.parent).bind(now).execute(&mut *tx).await?;
            let rows = [("access", new.access, new.access_until), ("refresh", new.refresh, new.refresh_until)];
            for (kind, hash, until) in rows {
                let query = "INSERT INTO grant_tokens (hash, grant_id, kind, family, pair, parent, expires_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)";
                sqlx::query(query)
                    .bind(hash.as_bytes())
                    .bind(new.grant)
                    .bind(kind)
                    .bind(new.family)
                    .bind(pair)
                    .bind(new.parent)
                    .bind(until)
                    .execute(&mut *tx)
                    .await?;
            }
        });
        Ok(())
    }

    /// What is known of a token, with its grant.
    pub async fn grant_by_token(&self, hash: Digest) -> Result<Option<(GrantToken, Grant)>> {
        let query = "SELECT grant_id, kind, family, pair, parent, expires_at, used_at, retired_at
            FROM grant_tokens WHERE hash = $1";
        let token: Option<GrantToken> =
            read!(self, |db| sqlx::query_as(query).bind(hash.as_bytes()).fetch_optional(db).await)?;
        let Some(token) = token else { return Ok(None) };
        let grant = self.grant(&token.grant_id).await?;
        Ok(grant.map(|grant| (token, grant)))
    }

    /// A pair is used for the first time: the pair that it renewed has had its day, and the first of a family takes the
    /// place of all families before.
    pub async fn use_pair(&self, token: &GrantToken) -> Result<()> {
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE grant_tokens SET used_at = $3 WHERE grant_id = $1 AND pair = $2 AND used_at IS NULL";
            sqlx::query(query).bind(&token.grant_id).bind(token.pair).bind(now).execute(&mut *tx).await?;
            let query = "UPDATE grant_tokens SET retired_at = $3 WHERE grant_id = $1 AND retired_at IS NULL
                AND (pair = $4 OR ($4 IS NULL AND pair < $2 AND family <> $5))";
            sqlx::query(query)
                .bind(&token.grant_id)
                .bind(token.pair)
                .bind(now)
                .bind(token.parent)
                .bind(&token.family)
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Whether its person has allowed something anew after a token was issued.
    pub async fn is_outlived(&self, token: &GrantToken) -> Result<bool> {
        let query = "SELECT (SELECT COUNT(*) FROM grant_tokens WHERE grant_id = $1 AND family <> $2 AND pair > $3)
            + (SELECT COUNT(*) FROM grant_codes
                WHERE grant_id = $1 AND family <> $2 AND used_at IS NULL AND expires_at > $4)";
        let (now, pair) = (self.clock.now_ms(), token.pair);
        let later: i64 = read!(self, |db| {
            let query = sqlx::query_scalar(query).bind(&token.grant_id).bind(&token.family).bind(pair).bind(now);
            query.fetch_one(db).await
        })?;
        Ok(later > 0)
    }

    /// Revokes all tokens that came from one code, and the code: whoever is just being given one gets none. Says how many.
    pub async fn revoke_family(&self, grant: &GrantId, family: &str) -> Result<u64> {
        let removed = tx!(self, |tx| {
            let lock = "UPDATE grants SET pairs = pairs WHERE id = $1";
            sqlx::query(lock).bind(grant).execute(&mut *tx).await?;
            let query = "DELETE FROM grant_codes WHERE grant_id = $1 AND family = $2";
            sqlx::query(query).bind(grant).bind(family).execute(&mut *tx).await?;
            let query = "DELETE FROM grant_tokens WHERE grant_id = $1 AND family = $2";
            let removed = sqlx::query(query).bind(grant).bind(family).execute(&mut *tx).await?.rows_affected();
            sqlx::query(super::db::BUMP).execute(&mut *tx).await?;
            removed
        });
        Ok(removed)
    }

    /// Forgets codes that ended, access tokens that ended and pairs that were retired before an instant.
    pub async fn sweep_tokens(&self, before: i64) -> Result<u64> {
        let codes = write!(self, sqlx::query("DELETE FROM grant_codes WHERE expires_at < $1").bind(before));
        let query = "DELETE FROM grant_tokens WHERE expires_at < $1 OR retired_at < $1";
        Ok(codes + write!(self, sqlx::query(query).bind(before)))
    }
}
