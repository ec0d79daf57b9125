//! What accounts let Notion do: their grants, and Notion's own tokens for us, sealed.

use std::fmt;

use secrecy::ExposeSecret;

use super::db::{BUMP, Db, read, tx, write};
use super::error::{exact, shown};
use super::{AccountId, GrantId, Result, Store};
use crate::secret::{Context, Sealer, SecretSlice};

/// One person in one Notion workspace, who sees what one account of ours may see. It carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    pub id: GrantId,
    pub account_id: AccountId,
    /// Notion's name for the person in the workspace.
    pub bot_id: String,
    pub workspace_id: String,
    /// May be empty.
    pub workspace_name: String,
    #[sqlx(try_from = "String")]
    pub health: GrantHealth,
    /// How many pairs of tokens were issued for it.
    pub pairs: i64,
    pub created_at: i64,
    /// When its person last allowed it.
    pub changed_at: i64,
}

/// Whether Notion still accepts the token that it gave us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantHealth {
    Ok,
    /// It does not: the person has to allow it again.
    Reconnect,
}

impl GrantHealth {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Reconnect => "reconnect",
        }
    }
}

/// Not the name of such a health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no health of a grant")]
pub struct GrantHealthError;

impl TryFrom<String> for GrantHealth {
    type Error = GrantHealthError;
    fn try_from(text: String) -> Result<Self, GrantHealthError> {
        [Self::Ok, Self::Reconnect].into_iter().find(|health| health.as_str() == text).ok_or(GrantHealthError)
    }
}

/// A grant to be kept.
#[derive(Clone, Copy)]
pub struct NewGrant<'a> {
    pub account: &'a AccountId,
    pub bot_id: &'a str,
    pub workspace_id: &'a str,
    pub workspace_name: &'a str,
    /// Notion's token for us.
    pub token: &'a [u8],
}

impl fmt::Debug for NewGrant<'_> {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewGrant").field("account", &self.account).field("bot_id", &self.bot_id).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    id: GrantId,
    account_id: AccountId,
    bot_id: String,
    sealed: Vec<u8>,
    changed_at: i64,
}

impl Store {
    /// Keeps a grant. The same account and bot again keeps the row's id and takes the new token.
    pub async fn save_grant_to_notion(&self, sealer: &Sealer, new: NewGrant<'_>) -> Result<Grant> {
        let now = self.clock.now_ms();
        let (bot_id, workspace_id) = (exact(new.bot_id)?, exact(new.workspace_id)?);
        Ok(tx!(self, |tx| {
            // The id is part of what the token is sealed with, so it has to be known before.
            let known = "SELECT id FROM grants WHERE account_id = $1 AND bot_id = $2";
            let lock = "UPDATE accounts SET created_at = created_at WHERE id = $1";
            sqlx::query(lock).bind(new.account).execute(&mut *tx).await?;
            let known: Option<GrantId> =
                sqlx::query_scalar(known).bind(new.account).bind(bot_id).fetch_optional(&mut *tx).await?;
            let id = known.unwrap_or_else(GrantId::new);
            let sealed = sealer.seal(context(&id, new.account, bot_id), new.token);
            let query = "INSERT INTO grants (id, account_id, bot_id, workspace_id, workspace_name, health, pairs,
                    key_id, sealed, created_at, changed_at)
                VALUES ($1, $2, $3, $4, $5, 'ok', 0, $6, $7, $8, $8)
                ON CONFLICT (account_id, bot_id) DO UPDATE SET workspace_id = excluded.workspace_id,
                    workspace_name = excluded.workspace_name, health = 'ok', key_id = excluded.key_id,
                    sealed = excluded.sealed, changed_at = excluded.changed_at
                RETURNING *";
            let row: Grant = sqlx::query_as(query)
                .bind(&id)
                .bind(new.account)
                .bind(bot_id)
                .bind(workspace_id)
                .bind(shown(new.workspace_name))
                .bind(&sealed.key_id)
                .bind(&sealed.bytes)
                .bind(now)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
            row
        }))
    }

    /// One grant, whosever it is.
    pub async fn grant(&self, id: &GrantId) -> Result<Option<Grant>> {
        let query = "SELECT * FROM grants WHERE id = $1";
        Ok(read!(self, |db| sqlx::query_as(query).bind(id).fetch_optional(db).await)?)
    }

    /// An account's grants, oldest first.
    pub async fn grants(&self, account: &AccountId) -> Result<Vec<Grant>> {
        let query = "SELECT * FROM grants WHERE account_id = $1 ORDER BY created_at, id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).fetch_all(db).await)?)
    }

    /// The grant of an account for one of Notion's bots.
    pub async fn grant_of_bot(&self, account: &AccountId, bot_id: &str) -> Result<Option<Grant>> {
        let query = "SELECT * FROM grants WHERE account_id = $1 AND bot_id = $2";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).bind(bot_id).fetch_optional(db).await)?)
    }

    /// Notion's token for us, and when its person allowed it; `None` if there is no such grant.
    pub async fn notion_token(&self, sealer: &Sealer, id: &GrantId) -> Result<Option<(SecretSlice<u8>, i64)>> {
        let query = "SELECT id, account_id, bot_id, sealed, changed_at FROM grants WHERE id = $1";
        let row: Option<SealedRow> = read!(self, |db| sqlx::query_as(query).bind(id).fetch_optional(db).await)?;
        let Some(row) = row else { return Ok(None) };
        let token = sealer.open(context(id, &row.account_id, &row.bot_id), &row.sealed)?;
        Ok(Some((token, row.changed_at)))
    }

    /// Moves Notion's tokens to the newest master key: how many were moved, and how many no key opens.
    pub(super) async fn reseal_grants(&self, sealer: &Sealer, newest: &str) -> Result<(u64, u64)> {
        let query = "SELECT id, account_id, bot_id, sealed, changed_at FROM grants WHERE key_id <> $1";
        let rows: Vec<SealedRow> = read!(self, |db| sqlx::query_as(query).bind(newest).fetch_all(db).await)?;
        let (mut moved, mut unreadable) = (0, 0);
        for row in rows {
            let place = context(&row.id, &row.account_id, &row.bot_id);
            let Ok(token) = sealer.open(place, &row.sealed) else {
                unreadable += 1;
                continue;
            };
            let sealed = sealer.seal(place, token.expose_secret());
            let query = "UPDATE grants SET key_id = $2, sealed = $3 WHERE id = $1 AND sealed = $4";
            let (key_id, bytes) = (&sealed.key_id, &sealed.bytes);
            moved += write!(self, sqlx::query(query).bind(&row.id).bind(key_id).bind(bytes).bind(&row.sealed));
        }
        Ok((moved, unreadable))
    }

    /// Notion does not accept its token any more, unless the person has allowed it again since `changed_at` was read.
    pub async fn end_grant(&self, id: &GrantId, changed_at: i64) -> Result<bool> {
        let query = "UPDATE grants SET health = 'reconnect' WHERE id = $1 AND changed_at = $2 AND health = 'ok'";
        Ok(write!(self, sqlx::query(query).bind(id).bind(changed_at)) > 0)
    }

    /// Removes a grant with its tokens and watches; `false` if there was none.
    pub async fn remove_grant(&self, id: &GrantId) -> Result<bool> {
        tx!(self, |tx| {
            let query = "DELETE FROM grants WHERE id = $1";
            if sqlx::query(query).bind(id).execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}

fn context<'a>(id: &'a GrantId, account: &'a AccountId, bot_id: &'a str) -> Context<'a> {
    Context { table: "grants", row: id.as_str(), account: account.as_str(), site: bot_id, kind: "notion" }
}
