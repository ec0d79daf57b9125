//! Connections: an account's way into one Jira each. The secret lies apart, in `credentials.rs`.

use super::credentials::Place;
use super::db::{BUMP, Db, read, tx, write};
use super::error::{exact, shown};
use super::{AccountId, ConnectionId, CredentialId, Error, FieldIds, Result, Store};
use crate::jira::key::{Deployment, SiteUrl};
use crate::secret::Sealer;

/// A connection as it is kept. It carries no secret: see [`Store::credential`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Connection {
    pub id: ConnectionId,
    pub account_id: AccountId,
    /// What people click.
    #[sqlx(rename = "site_url", try_from = "String")]
    pub site: SiteUrl,
    /// Where we call: the site itself, or Atlassian's API host with the path of the site's cloud id.
    #[sqlx(rename = "api_url", try_from = "String")]
    pub api: SiteUrl,
    #[sqlx(try_from = "String")]
    pub deployment: Deployment,
    pub version: Option<String>,
    pub title: String,
    /// api_token, password, personal_access_token, oauth, oauth2 or oauth1.
    pub method: String,
    /// How the person knows it: e-mail address or user name.
    pub label: String,
    /// Jira's immutable id of the user.
    pub jira_user: String,
    #[sqlx(try_from = "String")]
    pub health: Health,
    pub health_since: i64,
    pub expires_at: Option<i64>,
    /// The same for all rows of one OAuth grant.
    pub grant_id: Option<String>,
    pub credential_id: CredentialId,
    /// Grows when the person connects again: what was fetched before may not be shown for it any more.
    pub generation: i64,
    pub last_ok_at: Option<i64>,
    pub created_at: i64,
    /// Custom fields that the person wants to see on cards of this Jira, by id.
    #[sqlx(try_from = "String")]
    pub card_fields: FieldIds,
    /// When its secret was given: typed, consented to, or last renewed.
    pub secret_since: i64,
}

/// A connection to be kept.
#[derive(Debug, Clone)]
pub struct NewConnection {
    pub account_id: AccountId,
    pub site: SiteUrl,
    pub api: SiteUrl,
    pub deployment: Deployment,
    pub version: Option<String>,
    pub title: String,
    pub method: String,
    pub label: String,
    pub jira_user: String,
    pub expires_at: Option<i64>,
    pub grant_id: Option<String>,
}

/// Whether a connection can be used (contract §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    Ok,
    Reconnect,
    Captcha,
    Unreachable,
    Expiring,
}

/// Not the name of a health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no health of a connection")]
pub struct HealthError;

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Reconnect => "reconnect",
            Self::Captcha => "captcha",
            Self::Unreachable => "unreachable",
            Self::Expiring => "expiring",
        }
    }
}

impl TryFrom<String> for Health {
    type Error = HealthError;
    fn try_from(text: String) -> Result<Self, HealthError> {
        let all = [Self::Ok, Self::Reconnect, Self::Captcha, Self::Unreachable, Self::Expiring];
        all.into_iter().find(|health| health.as_str() == text).ok_or(HealthError)
    }
}

impl Store {
    /// Keeps a connection and its secret. The same account, site and Jira user again keeps the row's id and replaces
    /// everything else; the flag says whether the row is new.
    pub async fn save_connection(
        &self,
        sealer: &Sealer,
        new: &NewConnection,
        secret: &[u8],
    ) -> Result<(Connection, bool)> {
        let mut saved = self.save_grant(sealer, &new.site, std::slice::from_ref(new), secret).await?;
        saved.pop().ok_or(Error::Gone)
    }

    /// Keeps the connections that one secret opens, all or none, in their order. They are one account's and of one
    /// method; `audience` is where the secret goes.
    pub async fn save_grant(
        &self,
        sealer: &Sealer,
        audience: &SiteUrl,
        new: &[NewConnection],
        secret: &[u8],
    ) -> Result<Vec<(Connection, bool)>> {
        let Some(first) = new.first() else { return Ok(Vec::new()) };
        let (account, method) = (&first.account_id, &first.method);
        let place = Place::new(account, audience.as_str(), method);
        let sealed = place.seal(sealer, secret);
        let now = self.clock.now_ms();
        let saved: Vec<(Connection, bool)> = tx!(self, |tx| {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            place.insert(&sealed, now).execute(&mut *tx).await?;
            let mut saved = Vec::with_capacity(new.len());
            for new in new {
                let id = ConnectionId::new();
                let row: Connection = sqlx::query_as(UPSERT)
                    .bind(&id)
                    .bind(account)
                    .bind(new.site.as_str())
                    .bind(new.api.as_str())
                    .bind(new.deployment.as_str())
                    .bind(new.version.as_deref().map(shown))
                    .bind(shown(&new.title))
                    .bind(method)
                    .bind(shown(&new.label))
                    .bind(exact(&new.jira_user)?)
                    .bind(Health::Ok.as_str())
                    .bind(now)
                    .bind(new.expires_at)
                    .bind(new.grant_id.as_deref())
                    .bind(&place.id)
                    .fetch_one(&mut *tx)
                    .await?;
                let created = row.id == id;
                saved.push((row, created));
            }
            sqlx::query(SWEEP).bind(account).execute(&mut *tx).await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
            saved
        });
        Ok(saved)
    }

    /// An account's connections, oldest first.
    pub async fn connections(&self, account: &AccountId) -> Result<Vec<Connection>> {
        let query =
            "SELECT c.*, r.changed_at AS secret_since FROM connections c JOIN credentials r ON r.id = c.credential_id
            WHERE c.account_id = $1 ORDER BY c.created_at, c.id";
        Ok(read!(self, |db| sqlx::query_as(query).bind(account).fetch_all(db).await)?)
    }

    /// The connections that there are, of all accounts.
    pub async fn connection_ids(&self) -> Result<Vec<ConnectionId>> {
        Ok(read!(self, |db| sqlx::query_scalar("SELECT id FROM connections").fetch_all(db).await)?)
    }

    /// One of an account's connections; another account's is not found.
    pub async fn connection(&self, account: &AccountId, id: &ConnectionId) -> Result<Option<Connection>> {
        let query =
            "SELECT c.*, r.changed_at AS secret_since FROM connections c JOIN credentials r ON r.id = c.credential_id
            WHERE c.id = $1 AND c.account_id = $2";
        Ok(read!(self, |db| sqlx::query_as(query).bind(id).bind(account).fetch_optional(db).await)?)
    }

    /// Records how a connection fares, unless the person has connected again since `generation` was read: then what was
    /// seen concerns a credential that is no longer there. Says whether anything changed.
    pub async fn set_health(&self, id: &ConnectionId, generation: i64, health: Health) -> Result<bool> {
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE connections SET health = $3, health_since = $4
                WHERE id = $1 AND generation = $2 AND health <> $3";
            let updated =
                sqlx::query(query).bind(id).bind(generation).bind(health.as_str()).bind(now).execute(&mut *tx).await?;
            if updated.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }

    /// Records that Jira has just accepted this connection. Call it seldom: every call writes.
    pub async fn set_last_ok(&self, id: &ConnectionId) -> Result<()> {
        let now = self.clock.now_ms();
        let query = "UPDATE connections SET last_ok_at = $2 WHERE id = $1";
        write!(self, sqlx::query(query).bind(id).bind(now));
        Ok(())
    }

    /// Records the day on which one of an account's typed tokens ends, or that none is known. `false`: the account has no
    /// such connection, or it signs in with something whose end is not for a person to say.
    pub async fn set_expiry(&self, account: &AccountId, id: &ConnectionId, expires_at: Option<i64>) -> Result<bool> {
        tx!(self, |tx| {
            let query = "UPDATE connections SET expires_at = $3 WHERE id = $1 AND account_id = $2
                AND method IN ('api_token', 'personal_access_token')";
            if sqlx::query(query).bind(id).bind(account).bind(expires_at).execute(&mut *tx).await?.rows_affected() == 0
            {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }

    /// Lets a connection sign in with another secret from now on, under another method, and forgets the one before. `None`
    /// when the person has removed the connection or connected again since it was read: what they did then counts.
    pub async fn change_secret(
        &self,
        sealer: &Sealer,
        read: &Connection,
        method: &str,
        secret: &[u8],
        expires_at: Option<i64>,
    ) -> Result<Option<Connection>> {
        let account = &read.account_id;
        let place = Place::new(account, read.site.as_str(), method);
        let sealed = place.seal(sealer, secret);
        let now = self.clock.now_ms();
        let changed: Connection = tx!(self, |tx| {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            place.insert(&sealed, now).execute(&mut *tx).await?;
            let query = "UPDATE connections SET method = $3, credential_id = $4, expires_at = $5, health = $6,
                    health_since = $7, generation = generation + 1, grant_id = NULL
                WHERE id = $1 AND generation = $2 RETURNING *, CAST($7 AS BIGINT) AS secret_since";
            let changed: Option<Connection> = sqlx::query_as(query)
                .bind(&read.id)
                .bind(read.generation)
                .bind(method)
                .bind(&place.id)
                .bind(expires_at)
                .bind(Health::Ok.as_str())
                .bind(now)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(changed) = changed else { return Ok(None) };
            sqlx::query(SWEEP).bind(account).execute(&mut *tx).await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
            changed
        });
        Ok(Some(changed))
    }

    /// Removes one of an account's connections, and its secret when no other connection uses it.
    pub async fn remove_connection(&self, account: &AccountId, id: &ConnectionId) -> Result<bool> {
        tx!(self, |tx| {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let query = "DELETE FROM connections WHERE id = $1 AND account_id = $2";
            if sqlx::query(query).bind(id).bind(account).execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(SWEEP).bind(account).execute(&mut *tx).await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}

/// Lets the changes to one account's connections happen one after the other. (`FOR UPDATE` is unknown to SQLite.)
const LOCK_ACCOUNT: &str = "UPDATE accounts SET created_at = created_at WHERE id = $1";

/// Drops the credentials that no connection uses any more.
const SWEEP: &str = "DELETE FROM credentials WHERE account_id = $1
    AND NOT EXISTS (SELECT 1 FROM connections WHERE connections.credential_id = credentials.id)";

const UPSERT: &str = "INSERT INTO connections (id, account_id, site_url, api_url, deployment, version, title, method,
        label, jira_user, health, health_since, expires_at, grant_id, credential_id, generation, last_ok_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $12, $12)
    ON CONFLICT (account_id, site_url, jira_user) DO UPDATE SET
        api_url = excluded.api_url, deployment = excluded.deployment, version = excluded.version,
        title = excluded.title, method = excluded.method, label = excluded.label,
        health = excluded.health, health_since = excluded.health_since, expires_at = excluded.expires_at,
        grant_id = excluded.grant_id, credential_id = excluded.credential_id,
        generation = connections.generation + 1, last_ok_at = excluded.last_ok_at
    RETURNING *, CAST($12 AS BIGINT) AS secret_since";
