//! What connections sign in with, sealed. Each opens only in its own row, for its own account, site and kind.

use super::db::{BUMP, Db, read, tx};
use super::{AccountId, Connection, ConnectionId, CredentialId, Result, Store};
use crate::secret::{Context, Sealed, Sealer, SecretSlice};

/// An opened credential.
#[derive(Debug)]
pub struct Credential {
    /// Grows with every [`Store::replace_credential`]; whoever read an older one lost the race.
    pub version: i64,
    /// The connection's generation when this was read.
    pub generation: i64,
    pub secret: SecretSlice<u8>,
    place: Place,
}

impl Credential {
    /// Whether it was sealed for this very connection as it was read. The rows of the two lie apart: one that was changed
    /// behind our back must not carry a secret to another site.
    pub fn is_of(&self, connection: &Connection) -> bool {
        self.generation == connection.generation
            && self.place.account_id == connection.account_id
            && self.place.site == connection.site.as_str()
            && self.place.kind == connection.method
    }
}

/// Where a credential lies and whose it is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Place {
    pub(super) id: CredentialId,
    pub(super) account_id: AccountId,
    pub(super) site: String,
    pub(super) kind: String,
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    #[sqlx(flatten)]
    place: Place,
    sealed: Vec<u8>,
    version: i64,
    generation: i64,
}

/// A sealed credential on its way to another master key.
#[derive(sqlx::FromRow)]
pub(super) struct SealedRow {
    #[sqlx(flatten)]
    pub(super) place: Place,
    pub(super) key_id: String,
    pub(super) sealed: Vec<u8>,
    pub(super) version: i64,
}

impl Place {
    pub(super) fn new(account: &AccountId, site: &str, kind: &str) -> Self {
        Self { id: CredentialId::new(), account_id: account.clone(), site: site.to_owned(), kind: kind.to_owned() }
    }

    pub(super) fn seal(&self, sealer: &Sealer, secret: &[u8]) -> Sealed {
        sealer.seal(self.context(), secret)
    }

    pub(super) fn open(&self, sealer: &Sealer, sealed: &[u8]) -> Result<SecretSlice<u8>> {
        Ok(sealer.open(self.context(), sealed)?)
    }

    fn context(&self) -> Context<'_> {
        Context {
            table: "credentials",
            row: self.id.as_str(),
            account: self.account_id.as_str(),
            site: &self.site,
            kind: &self.kind,
        }
    }
}

impl Store {
    /// Opens what a connection signs in with; `None` when the connection is no longer there.
    pub async fn credential(&self, sealer: &Sealer, connection: &ConnectionId) -> Result<Option<Credential>> {
        let query = "SELECT r.id, r.account_id, r.site, r.kind, r.sealed, r.version, c.generation
            FROM connections c JOIN credentials r ON r.id = c.credential_id WHERE c.id = $1";
        let row: Option<CredentialRow> =
            read!(self, |db| sqlx::query_as(query).bind(connection).fetch_optional(db).await)?;
        let Some(row) = row else { return Ok(None) };
        let secret = row.place.open(sealer, &row.sealed)?;
        Ok(Some(Credential { version: row.version, generation: row.generation, secret, place: row.place }))
    }

    /// Puts a renewed secret in the place of one that was read before. Of several who renew at once the first wins;
    /// `false` says that this was not the first, or that the credential is gone: read again. Once it says `true` the new
    /// secret survives a power cut.
    pub async fn replace_credential(&self, sealer: &Sealer, read: &Credential, secret: &[u8]) -> Result<bool> {
        let sealed = read.place.seal(sealer, secret);
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE credentials SET key_id = $3, sealed = $4, version = version + 1, changed_at = $5
                WHERE id = $1 AND version = $2";
            let updated = sqlx::query(query)
                .bind(&read.place.id)
                .bind(read.version)
                .bind(&sealed.key_id)
                .bind(&sealed.bytes)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if updated.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}

/// Keeps a new credential.
pub(super) const INSERT: &str =
    "INSERT INTO credentials (id, account_id, site, kind, key_id, sealed, version, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, 1, $7)";
