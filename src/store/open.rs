//! How the store is opened: the file or the server, its settings, its schema.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::Store;
use super::db::Db;
use super::error::reason;
use crate::clock::Clock;
use crate::secret::private_folder;

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

const FILE_NAME: &str = "gateway.db";
/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;
/// Turning on the write-ahead log cannot wait for a lock, so of several first starts all but one try again.
const OPEN_ATTEMPTS: u32 = 100;
const OPEN_PAUSE: Duration = Duration::from_millis(50);

/// Why there is no store. Each is one line for the operator; none shows the password of the database URL.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("GATEWAY_DATABASE_URL is not understood; expected postgres://user:password@host:port/database")]
    Url,
    #[error("the data folder {folder} cannot be written: {reason}")]
    Folder { folder: String, reason: String },
    #[error("the database {at} is read-only")]
    ReadOnly { at: String },
    #[error("{at} is not a database of this program, or is damaged")]
    NotADatabase { at: String },
    #[error(
        "the database {at} was made by a newer version of this program (schema {found}, known up to {known}): update the program"
    )]
    Newer { at: String, found: i64, known: i64 },
    #[error("the database {at} has another schema {version} than this program: it was made by another version")]
    OtherSchema { at: String, version: i64 },
    #[error("the database {at} is in use by another program that does not let go of it")]
    Busy { at: String },
    #[error("the database {at} cannot be reached: {reason}")]
    Unreachable { at: String, reason: String },
    #[error("the database {at} refuses: {reason}")]
    Refused { at: String, reason: String },
}

impl Store {
    /// Opens the database and brings its schema up to date: the given PostgreSQL, else a SQLite file in the data folder.
    /// Both are made when missing (the file 0600, the folder 0700); any number of processes may do this at once.
    pub async fn open(database_url: Option<&str>, data_folder: &Path, clock: Clock) -> Result<Self, OpenError> {
        let db = match database_url {
            Some(url) => open_postgres(url).await?,
            None => open_sqlite(data_folder).await?,
        };
        Ok(Self { db, clock })
    }
}

impl Db {
    /// One that nobody else sees. It is gone when its one connection is; what it refers to need not be in it.
    pub(super) async fn temporary() -> Result<Self, sqlx::Error> {
        // SQLite's own kind of temporary database: in memory, and in a file without a name where it grows large.
        let options = SqliteConnectOptions::new().filename("").create_if_missing(true).foreign_keys(false);
        let options = options.disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let write = pool.test_before_acquire(false).connect_with(options).await?;
        let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
        MIGRATIONS.run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        Ok(Self::Sqlite { read: write.clone(), write })
    }
}

async fn open_sqlite(folder: &Path) -> Result<Db, OpenError> {
    let unwritable = |error: &dyn std::fmt::Display| OpenError::Folder {
        folder: folder.display().to_string(),
        reason: error.to_string(),
    };
    private_folder(folder).map_err(|error| unwritable(&error))?;
    let path = folder.join(FILE_NAME);
    let at = path.display().to_string();
    // SQLite would make the file readable for everybody; its side files take over the mode that they find.
    let existed = path.exists();
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    file.map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => OpenError::NotADatabase { at: at.clone() },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if existed => {
            OpenError::ReadOnly { at: at.clone() }
        }
        _ => unwritable(&error),
    })?;
    let failed = |error: sqlx::Error| classify_sqlite(error, &at, folder);

    let options = SqliteConnectOptions::new()
        .filename(&path)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .pragma("case_sensitive_like", "ON")
        .disable_statement_logging();
    let writing = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // A rotated refresh token that is lost is a lost connection, and writes are few.
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON");
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let mut attempt = 1;
    let write = loop {
        match pool().max_connections(1).connect_with(writing.clone()).await {
            Ok(write) => break write,
            Err(error) if is_busy(&error) && attempt < OPEN_ATTEMPTS => tokio::time::sleep(OPEN_PAUSE).await,
            Err(error) => return Err(failed(error)),
        }
        attempt += 1;
    };
    // The migrations' own lock does nothing on SQLite; this one keeps other first starts out.
    let mut tx = write.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    MIGRATIONS.run_direct(None, &mut *tx, false).await.map_err(|error| classify_migration(error, &at, failed))?;
    tx.commit().await.map_err(failed)?;
    let read = pool().max_connections(READERS).connect_with(options.read_only(true)).await.map_err(failed)?;
    Ok(Db::Sqlite { write, read })
}

async fn open_postgres(url: &str) -> Result<Db, OpenError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(OpenError::Url);
    }
    // The parser's own words could quote the URL.
    let options: PgConnectOptions = url.parse().map_err(|_| OpenError::Url)?;
    let options = options.application_name("jira-notion-gateway").disable_statement_logging();
    let at = match options.get_socket() {
        Some(socket) => format!("{}/{}", socket.display(), options.get_database().unwrap_or_default()),
        None => {
            format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or_default())
        }
    };
    let failed = |error: sqlx::Error| classify_postgres(error, &at);

    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let mut connection = connecting
        .map_err(|_| OpenError::Unreachable { at: at.clone(), reason: "no answer in time".to_owned() })?
        .map_err(failed)?;
    MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| classify_migration(error, &at, failed))?;
    connection.close().await.map_err(failed)?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(true)
        .connect_lazy_with(options);
    Ok(Db::Postgres(pool))
}

fn classify_migration(error: MigrateError, at: &str, failed: impl Fn(sqlx::Error) -> OpenError) -> OpenError {
    let at = at.to_owned();
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    match error {
        MigrateError::VersionMissing(found) if found > known => OpenError::Newer { at, found, known },
        MigrateError::VersionMissing(version)
        | MigrateError::VersionMismatch(version)
        | MigrateError::Dirty(version) => OpenError::OtherSchema { at, version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
        other => failed(sqlx::Error::from(other)),
    }
}

fn classify_sqlite(error: sqlx::Error, at: &str, folder: &Path) -> OpenError {
    let at = at.to_owned();
    match sqlite_code(&error) {
        Some(SQLITE_READONLY) => OpenError::ReadOnly { at },
        Some(SQLITE_NOTADB | SQLITE_CORRUPT) => OpenError::NotADatabase { at },
        Some(SQLITE_BUSY) => OpenError::Busy { at },
        Some(SQLITE_CANTOPEN | SQLITE_FULL | SQLITE_IOERR) => {
            OpenError::Folder { folder: folder.display().to_string(), reason: reason(&error) }
        }
        _ => OpenError::Refused { at, reason: reason(&error) },
    }
}

fn classify_postgres(error: sqlx::Error, at: &str) -> OpenError {
    let at = at.to_owned();
    match error.as_database_error().map(|error| error.code().unwrap_or_default().into_owned()) {
        // read_only_sql_transaction: a standby server.
        Some(code) if code == "25006" => OpenError::ReadOnly { at },
        Some(_) => OpenError::Refused { at, reason: reason(&error) },
        None => OpenError::Unreachable { at, reason: reason(&error) },
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    sqlite_code(error) == Some(SQLITE_BUSY)
}

// SQLite's primary result codes (sqlite.org/rescode.html).
const SQLITE_BUSY: u32 = 5;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

/// The primary code of an error: extended ones carry it in their lowest byte.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A read-only mount cannot be had in a test; a read-only connection fails with the same code.
    #[tokio::test]
    async fn writing_into_a_read_only_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        open_sqlite(folder.path()).await.unwrap();
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let error = sqlx::query("UPDATE revision SET value = 1").execute(&mut connection).await.unwrap_err();
        let error = classify_sqlite(error, "gateway.db", folder.path());
        assert_eq!(error.to_string(), "the database gateway.db is read-only");
    }
}
