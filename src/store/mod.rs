//! What is remembered, and the only SQL. SQLite in the data folder, or PostgreSQL: one SQL text and one migrations folder
//! for both. The store knows no use case: it keeps records, and each of its changes happens wholly or not at all.
//!
//! Rules that the two engines impose (all of them were learned by trial):
//! - `$n` placeholders; BIGINT for every number, milliseconds since 1970 for every instant; only blobs go into BYTEA.
//! - Read, decide, write loses updates on PostgreSQL without any error. A change is one statement, a compare-and-swap on a
//!   version, or is preceded by a statement that locks the row that it hangs on.
//! - A transaction is left at its first error (see `tx!`).

mod accounts;
mod attempts;
mod card_fields;
mod connections;
mod copy;
mod credentials;
mod databases;
mod db;
mod error;
mod grant_tokens;
mod grants;
mod id;
mod keys;
mod notion_connections;
mod oauth;
mod open;
mod row_questions;
mod row_states;
mod sessions;
mod synced_rows;
mod tokens;
mod watches;
mod webhooks;

use std::fmt;
use std::time::Duration;

use crate::clock::Clock;
use db::{Db, read};

pub use accounts::{Account, AddedIdentity, Identity};
pub use attempts::{Attempt, AttemptLimit, Claim};
pub use card_fields::FieldIds;
pub use connections::{Connection, Health, NewConnection};
pub use credentials::{Credential, Renewal};
pub use databases::{Database, Lease, NewDatabase, Noted};
pub use error::Error;
pub use grant_tokens::{GrantCode, GrantToken, NewPair, Shown};
pub use grants::{Grant, GrantHealth, NewGrant};
pub use id::{AccountId, ConnectionId, CredentialId, DatabaseId, GrantId, NotionConnectionId, TokenId};
pub use keys::{KeyCheckError, Resealed};
pub use notion_connections::{NewNotionConnection, NotionConnection, NotionKind};
pub use oauth::{Consent, NewConsent, Returned};
pub use open::OpenError;
pub use row_states::{Marked, UNSURE, row_state};
pub use sessions::Session;
pub use synced_rows::{Pending, Queued, ReportedRow, RowCounts, SyncedRow, Written};
pub use tokens::ApiToken;
pub use watches::{Told, Watch};
pub use webhooks::{ProjectKeys, Webhook, WebhookKind};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How long [`Store::ping`] waits.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
}

impl Store {
    /// Whether the database answers now (contract §7, `/readyz`).
    pub async fn ping(&self) -> Result<()> {
        match tokio::time::timeout(PING_TIMEOUT, self.revision()).await {
            Ok(answer) => answer.map(drop),
            Err(_) => Err(Error::Unavailable("no answer in time".to_owned())),
        }
    }

    /// Grows with every change to accounts, identities, tokens, connections, credentials and with every ended session,
    /// by whichever process: when it differs from the last look, drop what is cached in memory.
    pub async fn revision(&self) -> Result<i64> {
        Ok(read!(self, |db| sqlx::query_scalar("SELECT value FROM revision").fetch_one(db).await)?)
    }

    /// Ends all connections to the database; SQLite's log is written back into its file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.db {
            Db::Sqlite { .. } => "Store(SQLite)",
            Db::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}
