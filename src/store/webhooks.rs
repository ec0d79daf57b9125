//! What Jira was asked to tell us of, and by which connection. Such a row goes with its connection.

use super::db::{BUMP, Db, read, tx, write};
use super::{AccountId, Connection, ConnectionId, Result, Store};
use crate::jira::key::SiteUrl;
use crate::secret::{Context, ExposeSecret, Sealer, SecretSlice, new_id};

/// Who may ask a Jira to tell of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookKind {
    /// The app of the operator, at Cloud.
    App,
    /// An administrator of the Jira.
    Administrator,
}

/// Not the name of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no kind of webhook")]
pub struct WebhookKindError;

impl WebhookKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Administrator => "administrator",
        }
    }
}

impl TryFrom<String> for WebhookKind {
    type Error = WebhookKindError;
    fn try_from(text: String) -> Result<Self, WebhookKindError> {
        [Self::App, Self::Administrator].into_iter().find(|kind| kind.as_str() == text).ok_or(WebhookKindError)
    }
}

/// Keys of projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectKeys(Vec<String>);

impl ProjectKeys {
    /// More are not kept: an address of Jira's search must hold them all.
    pub const MOST: usize = 50;

    /// The first different ones that can stand in JQL.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for key in keys {
            let letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            let is_key = (1..=255).contains(&key.len()) && key.bytes().all(letter);
            if is_key && kept.len() < Self::MOST && kept.iter().all(|it| it != key) {
                kept.push(key.to_owned());
            }
        }
        Self(kept)
    }
}

impl std::ops::Deref for ProjectKeys {
    type Target = [String];
    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl From<String> for ProjectKeys {
    fn from(row: String) -> Self {
        Self::new(row.split(','))
    }
}

/// A registration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Webhook {
    pub connection_id: ConnectionId,
    pub account_id: AccountId,
    #[sqlx(rename = "site_url", try_from = "String")]
    pub site: SiteUrl,
    #[sqlx(try_from = "String")]
    pub kind: WebhookKind,
    /// The last part of the address that Jira sends to. Nobody else knows it.
    pub id: String,
    #[sqlx(try_from = "String")]
    pub projects: ProjectKeys,
    #[sqlx(try_from = "String")]
    pub registered: ProjectKeys,
    /// What Jira calls it; none until it has it.
    pub remote_id: Option<i64>,
    /// When Jira will forget it.
    pub expires_at: Option<i64>,
    /// When there is something to do for it; none: never again.
    pub due_at: Option<i64>,
    /// With what Jira signs, sealed; none: it does not, or signs with the app's own secret.
    sealed: Option<Vec<u8>>,
}

impl Webhook {
    /// Whether Jira tells of it now.
    pub fn is_live(&self, now: i64) -> bool {
        self.remote_id.is_some() && self.expires_at.is_none_or(|at| now < at)
    }

    pub fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }

    /// The secret with which Jira signs.
    pub fn secret(&self, sealer: &Sealer) -> Result<Option<SecretSlice<u8>>> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        Ok(Some(sealer.open(context(&self.connection_id, &self.account_id, &self.site), sealed)?))
    }
}

fn context<'a>(row: &'a ConnectionId, account: &'a AccountId, site: &'a SiteUrl) -> Context<'a> {
    Context { table: "webhooks", row: row.as_str(), account: account.as_str(), site: site.as_str(), kind: "signature" }
}

impl Store {
    /// All that Jira was asked to tell of.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>> {
        let query = "SELECT * FROM webhooks ORDER BY connection_id";
        Ok(read!(self, |db| sqlx::query_as(query).fetch_all(db).await)?)
    }

    /// What Jira was asked to tell of through one connection.
    pub async fn webhook(&self, connection: &ConnectionId) -> Result<Option<Webhook>> {
        let query = "SELECT * FROM webhooks WHERE connection_id = $1";
        Ok(read!(self, |db| sqlx::query_as(query).bind(connection).fetch_optional(db).await)?)
    }

    /// Notes what an app shall be told of through a connection. It is due at `due_at`, if not before; but what Jira has
    /// refused stays due when it was.
    pub async fn want_webhook(&self, connection: &Connection, projects: &ProjectKeys, due_at: i64) -> Result<()> {
        let query = "INSERT INTO webhooks (connection_id, account_id, site_url, kind, id, projects, registered, due_at)
            VALUES ($1, $2, $3, $4,
                COALESCE((SELECT MIN(id) FROM webhooks WHERE site_url = $3 AND kind = $4), $5), $6, '', $7)
            ON CONFLICT (connection_id) DO UPDATE SET projects = excluded.projects,
                due_at = CASE
                    WHEN webhooks.remote_id IS NULL THEN COALESCE(webhooks.due_at, excluded.due_at)
                    WHEN webhooks.due_at <= excluded.due_at THEN webhooks.due_at ELSE excluded.due_at END";
        tx!(self, |tx| {
            sqlx::query(query)
                .bind(&connection.id)
                .bind(&connection.account_id)
                .bind(connection.site.as_str())
                .bind(WebhookKind::App.as_str())
                .bind(new_id("whk"))
                .bind(projects.join(","))
                .bind(due_at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Notes what an administrator wants, before Jira is asked; with the secret that Jira shall sign with. The row as it
    /// is now.
    pub async fn begin_webhook(
        &self,
        sealer: &Sealer,
        connection: &Connection,
        secret: Option<&[u8]>,
    ) -> Result<Webhook> {
        let place = context(&connection.id, &connection.account_id, &connection.site);
        let sealed = secret.map(|secret| sealer.seal(place, secret));
        let query = "INSERT INTO webhooks
                (connection_id, account_id, site_url, kind, id, projects, registered, key_id, sealed)
            VALUES ($1, $2, $3, $4, $5, '', '', $6, $7)
            ON CONFLICT (connection_id) DO UPDATE SET kind = excluded.kind, id = excluded.id, projects = '',
                registered = '', remote_id = NULL, expires_at = NULL, due_at = NULL,
                key_id = excluded.key_id, sealed = excluded.sealed
            RETURNING *";
        let row: Webhook = tx!(self, |tx| {
            let row = sqlx::query_as(query)
                .bind(&connection.id)
                .bind(&connection.account_id)
                .bind(connection.site.as_str())
                .bind(WebhookKind::Administrator.as_str())
                .bind(new_id("whk"))
                .bind(sealed.as_ref().map(|sealed| &sealed.key_id))
                .bind(sealed.as_ref().map(|sealed| &sealed.bytes))
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
            row
        });
        Ok(row)
    }

    /// Takes what is due, until `until`: of several processes one gets it, and if it dies, it is due again then.
    pub async fn claim_webhook(&self, read: &Webhook, until: i64) -> Result<bool> {
        let query = "UPDATE webhooks SET due_at = $3 WHERE connection_id = $1 AND due_at = $2";
        Ok(write!(self, sqlx::query(query).bind(&read.connection_id).bind(read.due_at).bind(until)) == 1)
    }

    /// Keeps what Jira has now, and when there will be something to do again. `false`: the row is gone meanwhile.
    pub async fn set_webhook(&self, row: &Webhook) -> Result<bool> {
        let updated = tx!(self, |tx| {
            // What was wished for meanwhile stays wished for.
            let query = "UPDATE webhooks SET registered = $3, remote_id = $4, expires_at = $5, due_at = $6
                WHERE connection_id = $1 AND id = $2";
            let updated = sqlx::query(query)
                .bind(&row.connection_id)
                .bind(&row.id)
                .bind(row.registered.join(","))
                .bind(row.remote_id)
                .bind(row.expires_at)
                .bind(row.due_at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
            updated.rows_affected()
        });
        Ok(updated == 1)
    }

    /// Wishes for nothing any more through this connection; what it was refused for may not be there.
    pub async fn clear_webhook(&self, row: &Webhook, due_at: i64) -> Result<()> {
        let query =
            "UPDATE webhooks SET projects = '', registered = '', remote_id = NULL, expires_at = NULL, due_at = $2
            WHERE connection_id = $1";
        write!(self, sqlx::query(query).bind(&row.connection_id).bind(due_at));
        Ok(())
    }

    /// Forgets a registration. What still comes for it is nobody's.
    pub async fn remove_webhook(&self, connection: &ConnectionId) -> Result<()> {
        tx!(self, |tx| {
            let query = "DELETE FROM webhooks WHERE connection_id = $1";
            sqlx::query(query).bind(connection).execute(&mut *tx).await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Moves the secrets of webhooks to the newest master key; those that no key opens are left. How many were moved, and
    /// how many left.
    pub(super) async fn reseal_webhooks(&self, sealer: &Sealer, newest: &str) -> Result<(u64, u64)> {
        let query = "SELECT * FROM webhooks WHERE key_id <> $1";
        let rows: Vec<Webhook> = read!(self, |db| sqlx::query_as(query).bind(newest).fetch_all(db).await)?;
        let (mut moved, mut unreadable) = (0, 0);
        for row in rows {
            let Ok(Some(secret)) = row.secret(sealer) else {
                unreadable += 1;
                continue;
            };
            let place = context(&row.connection_id, &row.account_id, &row.site);
            let sealed = sealer.seal(place, secret.expose_secret());
            let query = "UPDATE webhooks SET key_id = $2, sealed = $3 WHERE connection_id = $1 AND sealed = $4";
            let (id, old) = (&row.connection_id, &row.sealed);
            moved += write!(self, sqlx::query(query).bind(id).bind(&sealed.key_id).bind(&sealed.bytes).bind(old));
        }
        Ok((moved, unreadable))
    }
}
