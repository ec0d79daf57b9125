//! What connections sign in with, sealed. Each opens only in its own row, for its own account, site and kind.

use sqlx::query::Query;
use sqlx::{Encode, Type};

use super::db::{BUMP, Db, read, tx, write};
use super::{AccountId, Connection, ConnectionId, CredentialId, Health, Result, Store};
use crate::jira::key::SiteUrl;
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
            && self.is_for(&connection.site, &connection.api)
            && self.place.kind == connection.method
    }

    /// The secret goes to one site, or to the host through which one grant reaches several.
    fn is_for(&self, site: &SiteUrl, api: &SiteUrl) -> bool {
        let below = api.as_str().strip_prefix(&self.place.site);
        self.place.site == site.as_str() || (api != site && below.is_some_and(|path| path.starts_with('/')))
    }

    /// The row in which it lies.
    pub fn id(&self) -> &CredentialId {
        &self.place.id
    }
}

/// What became of a wish to renew a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Nobody else renews it until the given time.
    Claimed {
        /// Somebody began before and never finished: what they were given is lost.
        interrupted: bool,
    },
    /// Somebody else does: look again soon.
    Elsewhere,
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

    /// The statement that keeps a new secret here.
    pub(super) fn insert<'q, D>(&'q self, sealed: &'q Sealed, now: i64) -> Query<'q, D, D::Arguments>
    where
        D: sqlx::Database,
        CredentialId: Encode<'q, D> + Type<D>,
        AccountId: Encode<'q, D> + Type<D>,
        String: Encode<'q, D> + Type<D>,
        Vec<u8>: Encode<'q, D> + Type<D>,
        i64: Encode<'q, D> + Type<D>,
    {
        let query = "INSERT INTO credentials (id, account_id, site, kind, key_id, sealed, version, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, 1, $7)";
        sqlx::query(query)
            .bind(&self.id)
            .bind(&self.account_id)
            .bind(&self.site)
            .bind(&self.kind)
            .bind(&sealed.key_id)
            .bind(&sealed.bytes)
            .bind(now)
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

    /// Puts a renewed secret in the place of one that was read before, and ends its renewal. Of several who renew at once
    /// the first wins; `false` says that this was not the first, or that the credential is gone: read again. Once it says
    /// `true` the new secret survives a power cut. `expires_at`, where given, becomes that of its connections.
    ///
    /// Other processes are not told: they find out when the older secret is refused or ends, and look here.
    pub async fn replace_credential(
        &self,
        sealer: &Sealer,
        read: &Credential,
        secret: &[u8],
        expires_at: Option<i64>,
    ) -> Result<bool> {
        let sealed = read.place.seal(sealer, secret);
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE credentials SET key_id = $3, sealed = $4, version = version + 1, changed_at = $5,
                renewal = NULL, renewal_until = NULL WHERE id = $1 AND version = $2";
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
            if let Some(expires_at) = expires_at {
                let query = "UPDATE connections SET expires_at = $2 WHERE credential_id = $1";
                sqlx::query(query).bind(&read.place.id).bind(expires_at).execute(&mut *tx).await?;
            }
        });
        Ok(true)
    }

    /// Opens a credential by its own id; `None` when no connection uses it any more. Its `generation` is 0.
    pub async fn credential_by_id(&self, sealer: &Sealer, id: &CredentialId) -> Result<Option<Credential>> {
        let query = "SELECT id, account_id, site, kind, sealed, version, CAST(0 AS BIGINT) AS generation
            FROM credentials WHERE id = $1";
        let row: Option<CredentialRow> = read!(self, |db| sqlx::query_as(query).bind(id).fetch_optional(db).await)?;
        let Some(row) = row else { return Ok(None) };
        let secret = row.place.open(sealer, &row.sealed)?;
        Ok(Some(Credential { version: row.version, generation: row.generation, secret, place: row.place }))
    }

    /// Takes the right to renew a credential as it was read, for `for_ms`: whoever dies meanwhile holds nobody up for longer.
    /// `who` is different for every renewal.
    pub async fn claim_renewal(&self, read: &Credential, who: &str, for_ms: i64) -> Result<Renewal> {
        let now = self.clock.now_ms();
        let query = "SELECT renewal IS NOT NULL FROM credentials WHERE id = $1 AND version = $2";
        let interrupted: Option<bool> = read!(self, |db| sqlx::query_scalar(query)
            .bind(&read.place.id)
            .bind(read.version)
            .fetch_optional(db)
            .await)?;
        let query = "UPDATE credentials SET renewal = $3, renewal_until = $4
            WHERE id = $1 AND version = $2 AND (renewal IS NULL OR renewal_until <= $5)";
        let claimed = write!(
            self,
            sqlx::query(query).bind(&read.place.id).bind(read.version).bind(who).bind(now + for_ms).bind(now)
        );
        Ok(match claimed {
            0 => Renewal::Elsewhere,
            _ => Renewal::Claimed { interrupted: interrupted == Some(true) },
        })
    }

    /// Gives the right back without a new secret: the provider has not changed anything.
    pub async fn release_renewal(&self, id: &CredentialId, who: &str) -> Result<()> {
        let query = "UPDATE credentials SET renewal = NULL, renewal_until = NULL WHERE id = $1 AND renewal = $2";
        write!(self, sqlx::query(query).bind(id).bind(who));
        Ok(())
    }

    /// Records how all connections fare that sign in with a credential as it was read, and whether anything changed. One
    /// that was renewed or replaced meanwhile is left alone.
    pub async fn set_health_of(&self, read: &Credential, health: Health) -> Result<bool> {
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let query = "UPDATE connections SET health = $2, health_since = $3 WHERE health <> $2 AND credential_id IN
                (SELECT id FROM credentials WHERE id = $1 AND version = $4)";
            let updated = sqlx::query(query)
                .bind(&read.place.id)
                .bind(health.as_str())
                .bind(now)
                .bind(read.version)
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
