//! The master key and the database belong together: checked at the start, and moved to a new key by `key rotate`.

use super::credentials::SealedRow;
use super::db::{BUMP, Db, read, tx, write};
use super::{Error, Result, Store};
use crate::secret::{Context, ExposeSecret, SealError, Sealer};

/// The value that is kept sealed, so that a wrong master key is noticed before anybody's connection fails.
const KNOWN: &[u8] = b"jira-notion-gateway";
const CHECK: Context<'static> = Context { table: "key_check", row: "1", account: "", site: "", kind: "check" };
const PAGE: i64 = 100;

/// Why the start must stop. Each is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum KeyCheckError {
    #[error(
        "the database was sealed with master key {id}, which is not among the given ones: put back master.key, or set GATEWAY_MASTER_KEY"
    )]
    Missing { id: String },
    #[error(
        "the master key is not the one that sealed the database: put back master.key, or set GATEWAY_MASTER_KEY to the right one"
    )]
    Wrong,
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a re-sealing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Secrets that are on the newest key now and were not before.
    pub moved: u64,
    /// Secrets that no key opens; they stay as they are.
    pub unreadable: u64,
}

impl From<SealError> for KeyCheckError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::UnknownKey { id } => Self::Missing { id },
            SealError::Corrupt => Self::Wrong,
        }
    }
}

impl Store {
    /// Whether anything was ever sealed here: then a missing master key must be put back, not made anew.
    pub async fn is_sealed(&self) -> Result<bool> {
        Ok(self.key_check().await?.is_some())
    }

    /// Refuses a master key that is not the one of this database. The first key that comes along is the right one.
    pub async fn check_key(&self, sealer: &Sealer) -> Result<(), KeyCheckError> {
        let sealed = match self.key_check().await? {
            Some(sealed) => sealed,
            None => self.first_key_check(&sealer.seal(CHECK, KNOWN).bytes).await?,
        };
        sealer.open(CHECK, &sealed)?;
        Ok(())
    }

    /// Moves every secret to the newest master key, beside a running server. What cannot be opened is left and counted.
    pub async fn reseal(&self, sealer: &Sealer) -> Result<Resealed> {
        let mut result = Resealed::default();
        let newest = sealer.newest();
        let mut after = String::new();
        loop {
            let page = self.credentials_on_other_keys(&newest, &after).await?;
            let Some(last) = page.last() else { break };
            after = last.place.id.as_str().to_owned();
            for row in &page {
                if row.place.open(sealer, &row.sealed).is_err() {
                    result.unreadable += 1;
                } else if self.reseal_row(sealer, row).await? {
                    result.moved += 1;
                }
            }
        }
        for (moved, unreadable) in [
            self.reseal_webhooks(sealer, &newest).await?,
            self.reseal_grants(sealer, &newest).await?,
            self.reseal_notion_connections(sealer, &newest).await?,
            self.reseal_synced_rows(sealer, &newest).await?,
        ] {
            result.moved += moved;
            result.unreadable += unreadable;
        }
        let check = sealer.seal(CHECK, KNOWN).bytes;
        let query = "UPDATE key_check SET sealed = $2 WHERE id = $1";
        tx!(self, |tx| {
            sqlx::query(query).bind(CHECK.row).bind(&check).execute(&mut *tx).await?;
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(result)
    }

    async fn credentials_on_other_keys(&self, newest: &str, after: &str) -> Result<Vec<SealedRow>> {
        let query = "SELECT id, account_id, site, kind, key_id, sealed, version FROM credentials
            WHERE key_id <> $1 AND id > $2 ORDER BY id LIMIT $3";
        Ok(read!(self, |db| sqlx::query_as(query).bind(newest).bind(after).bind(PAGE).fetch_all(db).await)?)
    }

    /// The version stays: whoever is renewing this very secret at Jira must still be able to keep the new one.
    async fn reseal_row(&self, sealer: &Sealer, row: &SealedRow) -> Result<bool> {
        let secret = row.place.open(sealer, &row.sealed)?;
        let sealed = row.place.seal(sealer, secret.expose_secret());
        let query = "UPDATE credentials SET key_id = $4, sealed = $5 WHERE id = $1 AND version = $2 AND key_id = $3";
        let rows = write!(
            self,
            sqlx::query(query)
                .bind(&row.place.id)
                .bind(row.version)
                .bind(&row.key_id)
                .bind(&sealed.key_id)
                .bind(&sealed.bytes)
        );
        Ok(rows == 1)
    }

    async fn key_check(&self) -> Result<Option<Vec<u8>>> {
        let query = "SELECT sealed FROM key_check WHERE id = $1";
        Ok(read!(self, |db| sqlx::query_scalar(query).bind(CHECK.row).fetch_optional(db).await)?)
    }

    /// Keeps this value unless another process was quicker, and gives the one that is kept.
    async fn first_key_check(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let query = "INSERT INTO key_check (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        write!(self, sqlx::query(query).bind(CHECK.row).bind(sealed));
        Ok(self.key_check().await?.unwrap_or_default())
    }
}
