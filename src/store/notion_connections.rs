//! What accounts may do in Notion: their connections with the tokens, sealed.
//!
//! No process keeps these rows in memory, so that no change of them has to be told to others.

use std::fmt;

use secrecy::ExposeSecret;

use super::db::{Db, read, tx, write};
use super::error::{exact, shown};
use super::{AccountId, GrantHealth, NotionConnectionId, Result, Store};
use crate::secret::{Context, Sealer, SecretSlice};

/// One account's way into one Notion workspace. It carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NotionConnection {
    pub id: NotionConnectionId,
    pub account_id: AccountId,
    #[sqlx(try_from = "String")]
    pub kind: NotionKind,
    /// May be empty where Notion did not tell.
    pub workspace_id: String,
    /// May be empty.
    pub workspace_name: String,
    /// Notion's name for whoever uses the token.
    pub bot_id: String,
    /// Whose token it is; none where it belongs to the workspace.
    pub user_id: Option<String>,
    /// May be empty.
    pub user_name: String,
    #[sqlx(try_from = "String")]
    pub health: GrantHealth,
    /// Grows with every change of the tokens; whoever read an older one lost the race.
    pub version: i64,
    pub created_at: i64,
}

/// How its token came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotionKind {
    /// By a person's consent; it can be renewed.
    Oauth,
    /// It was typed: that of an internal connection, or a personal access token.
    Token,
}

impl NotionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Token => "token",
        }
    }
}

/// Not the name of such a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no kind of connection to Notion")]
pub struct NotionKindError;

impl TryFrom<String> for NotionKind {
    type Error = NotionKindError;
    fn try_from(text: String) -> Result<Self, NotionKindError> {
        [Self::Oauth, Self::Token].into_iter().find(|kind| kind.as_str() == text).ok_or(NotionKindError)
    }
}

/// A connection to be kept.
#[derive(Clone, Copy)]
pub struct NewNotionConnection<'a> {
    pub account: &'a AccountId,
    pub kind: NotionKind,
    pub workspace_id: &'a str,
    pub workspace_name: &'a str,
    pub bot_id: &'a str,
    pub user_id: Option<&'a str>,
    pub user_name: &'a str,
    pub secret: &'a [u8],
}

impl fmt::Debug for NewNotionConnection<'_> {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, kind, workspace_id, bot_id, .. } = self;
        let mut shown = f.debug_struct("NewNotionConnection");
        shown.field("account", account).field("kind", kind).field("workspace_id", workspace_id);
        shown.field("bot_id", bot_id).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    row: NotionConnection,
    sealed: Vec<u8>,
}

impl Store {
    /// Keeps a connection, and says whether it is new. The same account, workspace and bot again keeps the row's id and
    /// takes the new secret.
    pub async fn save_notion_connection(
        &self,
        sealer: &Sealer,
        new: NewNotionConnection<'_>,
    ) -> Result<(NotionConnection, bool)> {
        let now = self.clock.now_ms();
        let (bot_id, workspace_id) = (exact(new.bot_id)?, exact(new.workspace_id)?);
        let user_id = new.user_id.map(exact).transpose()?;
        Ok(tx!(self, |tx| {
            // The id is part of what the secret is sealed with, so it has to be known before.
            let lock = "UPDATE accounts SET created_at = created_at WHERE id = $1";
            sqlx::query(lock).bind(new.account).execute(&mut *tx).await?;
            let known = "SELECT id FROM notion_connections
                WHERE account_id = $1 AND kind = $2 AND workspace_id = $3 AND bot_id = $4";
            let known: Option<NotionConnectionId> = sqlx::query_scalar(known)
                .bind(new.account)
                .bind(new.kind.as_str())
                .bind(workspace_id)
                .bind(bot_id)
                .fetch_optional(&mut *tx)
                .await?;
            let created = known.is_none();
            let id = known.unwrap_or_else(NotionConnectionId::new);
            let sealed = sealer.seal(context(&id, new.account, bot_id, new.kind), new.secret);
            let query = "INSERT INTO notion_connections (id, account_id, kind, workspace_id, workspace_name, bot_id,
                    user_id, user_name, health, key_id, sealed, version, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'ok', $9, $10, 1, $11)
                ON CONFLICT (account_id, kind, workspace_id, bot_id) DO UPDATE SET
                    workspace_name = excluded.workspace_name, user_id = excluded.user_id,
                    user_name = excluded.user_name, health = 'ok', key_id = excluded.key_id, sealed = excluded.sealed,
                    version = notion_connections.version + 1, renewing_until = NULL
                RETURNING *";
            let row: NotionConnection = sqlx::query_as(query)
                .bind(&id)
                .bind(new.account)
                .bind(new.kind.as_str())
                .bind(workspace_id)
                .bind(shown(new.workspace_name))
                .bind(bot_id)
                .bind(user_id)
                .bind(shown(new.user_name))
                .bind(&sealed.key_id)
                .bind(&sealed.bytes)
                .bind(now)
                .fetch_one(&mut *tx)
                .await?;
            (row, created)
        }))
    }

    /// An account's connections to Notion, oldest first.
    pub async fn notion_connections(&self, account: &AccountId) -> Result<Vec<NotionConnection>> {
        let query = "SELECT * FROM notion_connections WHERE account_id = $1 ORDER BY created_at, id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).fetch_all(db).await)?)
    }

    /// One connection with its secret, as they are now; `None` if there is none.
    pub async fn notion_connection(
        &self,
        sealer: &Sealer,
        id: &NotionConnectionId,
    ) -> Result<Option<(NotionConnection, SecretSlice<u8>)>> {
        let query = "SELECT * FROM notion_connections WHERE id = $1";
        let row: Option<SealedRow> = read!(self, |db| sqlx::query_as(query).bind(id).fetch_optional(db).await)?;
        let Some(SealedRow { row, sealed }) = row else { return Ok(None) };
        let secret = sealer.open(place(&row), &sealed)?;
        Ok(Some((row, secret)))
    }

    /// Takes the right to renew the tokens of a connection as it was read, for `for_ms`: whoever dies meanwhile holds
    /// nobody up for longer. `false`: somebody else renews them, or has done so.
    pub async fn claim_notion_renewal(&self, read: &NotionConnection, for_ms: i64) -> Result<bool> {
        let now = self.clock.now_ms();
        let query = "UPDATE notion_connections SET renewing_until = $3
            WHERE id = $1 AND version = $2 AND (renewing_until IS NULL OR renewing_until <= $4)";
        Ok(write!(self, sqlx::query(query).bind(&read.id).bind(read.version).bind(now + for_ms).bind(now)) == 1)
    }

    /// Gives that right back: nothing was renewed.
    pub async fn release_notion_renewal(&self, read: &NotionConnection) -> Result<()> {
        let query = "UPDATE notion_connections SET renewing_until = NULL WHERE id = $1 AND version = $2";
        write!(self, sqlx::query(query).bind(&read.id).bind(read.version));
        Ok(())
    }

    /// Puts a renewed secret in the place of one that was read before. Of several who renew at once the first wins;
    /// `false` says that this was not the first, or that the connection is gone. Once it says `true` the new secret
    /// survives a power cut.
    pub async fn renew_notion_connection(
        &self,
        sealer: &Sealer,
        read: &NotionConnection,
        secret: &[u8],
    ) -> Result<bool> {
        let sealed = sealer.seal(place(read), secret);
        let query = "UPDATE notion_connections SET health = 'ok', key_id = $3, sealed = $4, version = version + 1,
            renewing_until = NULL WHERE id = $1 AND version = $2";
        let (key_id, bytes) = (&sealed.key_id, &sealed.bytes);
        Ok(write!(self, sqlx::query(query).bind(&read.id).bind(read.version).bind(key_id).bind(bytes)) == 1)
    }

    /// Notion does not accept the tokens any more that were read; those that took their place meanwhile are left alone.
    /// Whether these are still what is kept.
    pub async fn end_notion_connection(&self, id: &NotionConnectionId, version: i64) -> Result<bool> {
        let query = "UPDATE notion_connections SET health = 'reconnect', renewing_until = NULL
            WHERE id = $1 AND version = $2";
        Ok(write!(self, sqlx::query(query).bind(id).bind(version)) == 1)
    }

    /// Removes one of an account's connections with its secret; `false` if there was none.
    pub async fn remove_notion_connection(&self, account: &AccountId, id: &NotionConnectionId) -> Result<bool> {
        let query = "DELETE FROM notion_connections WHERE id = $1 AND account_id = $2";
        Ok(write!(self, sqlx::query(query).bind(id).bind(account)) == 1)
    }

    /// Moves the secrets to the newest master key: how many were moved, and how many no key opens. The version stays:
    /// whoever is renewing this very secret must still be able to keep the new one.
    pub(super) async fn reseal_notion_connections(&self, sealer: &Sealer, newest: &str) -> Result<(u64, u64)> {
        let query = "SELECT * FROM notion_connections WHERE key_id <> $1";
        let rows: Vec<SealedRow> = read!(self, |db| sqlx::query_as(query).bind(newest).fetch_all(db).await)?;
        let (mut moved, mut unreadable) = (0, 0);
        for SealedRow { row, sealed: old } in rows {
            let Ok(secret) = sealer.open(place(&row), &old) else {
                unreadable += 1;
                continue;
            };
            let sealed = sealer.seal(place(&row), secret.expose_secret());
            let query = "UPDATE notion_connections SET key_id = $2, sealed = $3 WHERE id = $1 AND sealed = $4";
            let (key_id, bytes) = (&sealed.key_id, &sealed.bytes);
            moved += write!(self, sqlx::query(query).bind(&row.id).bind(key_id).bind(bytes).bind(&old));
        }
        Ok((moved, unreadable))
    }
}

fn place(row: &NotionConnection) -> Context<'_> {
    context(&row.id, &row.account_id, &row.bot_id, row.kind)
}

fn context<'a>(id: &'a NotionConnectionId, account: &'a AccountId, bot_id: &'a str, kind: NotionKind) -> Context<'a> {
    let (row, account) = (id.as_str(), account.as_str());
    Context { table: "notion_connections", row, account, site: bot_id, kind: kind.as_str() }
}
