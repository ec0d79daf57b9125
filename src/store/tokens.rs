//! API tokens: only their hashes are kept, and using one writes nothing.

use super::db::{BUMP, Db, read, tx};
use super::error::shown;
use super::{AccountId, Result, Store, TokenId};
use crate::secret::Digest;

/// An API token, as its owner's list shows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    pub created_at: i64,
}

impl Store {
    /// Keeps the hash of a token that was made for an account.
    pub async fn create_token(&self, account: &AccountId, name: &str, hash: Digest) -> Result<ApiToken> {
        let token = ApiToken { id: TokenId::new(), name: shown(name).into_owned(), created_at: self.clock.now_ms() };
        tx!(self, |tx| {
            let query = "INSERT INTO api_tokens (id, account_id, hash, name, created_at) VALUES ($1, $2, $3, $4, $5)";
            sqlx::query(query)
                .bind(&token.id)
                .bind(account)
                .bind(hash.as_bytes())
                .bind(&token.name)
                .bind(token.created_at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(token)
    }

    /// Whose token has this hash.
    pub async fn account_by_token(&self, hash: Digest) -> Result<Option<AccountId>> {
        let query = "SELECT account_id FROM api_tokens WHERE hash = $1";
        Ok(read!(self, |db| sqlx::query_scalar(query).bind(hash.as_bytes()).fetch_optional(db).await)?)
    }

    /// An account's tokens, oldest first.
    pub async fn tokens(&self, account: &AccountId) -> Result<Vec<ApiToken>> {
        let query = "SELECT id, name, created_at FROM api_tokens WHERE account_id = $1 ORDER BY created_at, id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).fetch_all(db).await)?)
    }

    /// Makes an account's token invalid; `false` if it has no such token.
    pub async fn revoke_token(&self, account: &AccountId, token: &TokenId) -> Result<bool> {
        tx!(self, |tx| {
            let query = "DELETE FROM api_tokens WHERE id = $1 AND account_id = $2";
            let removed = sqlx::query(query).bind(token).bind(account).execute(&mut *tx).await?;
            if removed.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}
