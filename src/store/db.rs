//! One SQL text, two engines: the pools, and the three macros that run an expression on whichever it is.

use sqlx::{PgPool, SqlitePool};

/// The database behind the store. One writer for SQLite: its writes queue here instead of failing there.
#[derive(Clone)]
pub(super) enum Db {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

/// Adds to the count by which other processes notice a change. Last in its transaction: until the end it holds up every
/// other change.
pub(super) const BUMP: &str = "UPDATE revision SET value = value + 1";

/// Runs an expression on a pool that may only read.
macro_rules! read {
    ($store:expr, |$db:ident| $query:expr) => {
        match &$store.db {
            Db::Sqlite { read: $db, .. } => $query,
            Db::Postgres($db) => $query,
        }
    };
}

/// Executes a query on a pool that may write, for a change that is one statement; gives the number of rows.
macro_rules! write {
    ($store:expr, $query:expr) => {
        match &$store.db {
            Db::Sqlite { write, .. } => $query.execute(write).await?.rows_affected(),
            Db::Postgres(pool) => $query.execute(pool).await?.rows_affected(),
        }
    };
}

/// Runs a block in a transaction and commits it. Leaving the block early (`?`, `return`, `continue`) rolls back, and that
/// is the only right thing after an error: PostgreSQL would accept the commit and keep nothing.
macro_rules! tx {
    ($store:expr, |$tx:ident| $body:block) => {
        match &$store.db {
            Db::Sqlite { write, .. } => {
                let mut $tx = write.begin_with("BEGIN IMMEDIATE").await?;
                let value = $body;
                $tx.commit().await?;
                value
            }
            Db::Postgres(pool) => {
                let mut $tx = pool.begin().await?;
                let value = $body;
                $tx.commit().await?;
                value
            }
        }
    };
}

pub(super) use {read, tx, write};
