//! How the store opens, and in which words it refuses to.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::store::{Error, Identity, OpenError, Store};

use super::World;
use crate::world::postgres::Database;

on_both_engines!(
    what_was_kept_is_there_after_a_restart,
    eight_first_starts_at_once_all_succeed,
    a_newer_schema_stops_the_start,
    a_changed_schema_stops_the_start,
    a_closed_store_does_not_answer,
);

async fn what_was_kept_is_there_after_a_restart(world: &World) {
    let ana = world.account("ana").await;
    world.store.ping().await.unwrap();
    world.store.close().await;
    let again = world.another_store().await;
    again.ping().await.unwrap();
    assert_eq!(again.account_by_identity(&Identity::new("name", "ana")).await.unwrap(), Some(ana));
    again.close().await;
}

async fn eight_first_starts_at_once_all_succeed(world: &World) {
    let rounds = if world.database.is_some() { 3 } else { 30 };
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let database = match world.database {
            Some(_) => Database::create().await,
            None => None,
        };
        let url = database.as_ref().map(|database| database.url.clone());
        let (start_line, data) = (Barrier::new(8), folder.path().join("data"));
        // Threads with a runtime each: as near to processes as a test comes.
        let start = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            start_line.wait();
            runtime.block_on(async {
                let store = Store::open(url.as_deref(), &data, Clock::system()).await.unwrap();
                let account = store.ensure_account(&Identity::new("local", "local")).await.unwrap();
                store.close().await;
                account
            })
        };
        let accounts: HashSet<_> = thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(accounts.len(), 1);
        if let Some(database) = database {
            database.remove().await;
        }
    }
}

async fn refusal(world: &World) -> OpenError {
    let url = world.database.as_ref().map(|database| database.url.as_str());
    let error = Store::open(url, world.folder.path(), Clock::system()).await.unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

async fn a_newer_schema_stops_the_start(world: &World) {
    world.account("ana").await;
    world
        .execute(
            "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)",
        )
        .await;
    let error = refusal(world).await;
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error}");
    assert!(error.to_string().contains("newer version of this program"), "{error}");
    assert_eq!(world.count("accounts").await, 1);
}

async fn a_changed_schema_stops_the_start(world: &World) {
    let other = if world.database.is_some() { "'\\x00'" } else { "x'00'" };
    world.execute(&format!("UPDATE _sqlx_migrations SET checksum = {other}")).await;
    assert!(matches!(refusal(world).await, OpenError::OtherSchema { version: 1, .. }));
}

async fn a_closed_store_does_not_answer(world: &World) {
    world.store.close().await;
    assert!(matches!(world.store.ping().await, Err(Error::Unavailable(_))));
}

async fn open_sqlite(folder: &Path) -> Result<Store, OpenError> {
    Store::open(None, folder, Clock::system()).await
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn sqlite_files_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let store = open_sqlite(&data).await.unwrap();
    store.ensure_account(&Identity::new("name", "ana")).await.unwrap();
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await;
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "the log is written back at the end");
}

#[tokio::test]
async fn what_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.db");
    let text = "Dear diary, ".repeat(1000);
    std::fs::write(&path, &text).unwrap();
    let error = open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open_sqlite(&file).await.unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }), "{error}");
    assert!(error.to_string().starts_with("the data folder "), "{error}");
}

#[tokio::test]
async fn a_read_only_file_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    open_sqlite(folder.path()).await.unwrap().close().await;
    let path = folder.path().join("gateway.db");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        eprintln!("skipped: this user may write into read-only files");
        return;
    }
    let error = open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_database_url_is_refused_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let table = [
        ("mysql://user:hunter2@localhost/db".to_owned(), "GATEWAY_DATABASE_URL is not understood"),
        ("postgres://user:hunter2@local host/db".to_owned(), "GATEWAY_DATABASE_URL is not understood"),
        ("postgres://user:hunter2@localhost/db?sslmode=hunter2".to_owned(), "GATEWAY_DATABASE_URL is not understood"),
        ("hunter2".to_owned(), "GATEWAY_DATABASE_URL is not understood"),
        (format!("postgres://user:hunter2@{closed}/db"), "cannot be reached"),
        ("postgres://user:hunter2@no-such-host.invalid/db".to_owned(), "cannot be reached"),
    ];
    for (url, expected) in table {
        let error = Store::open(Some(&url), folder.path(), Clock::system()).await.unwrap_err();
        let line = error.to_string();
        assert!(line.contains(expected), "{url}: {line}");
        assert!(!format!("{line} {error:?}").contains("hunter2") && !line.contains('\n'), "{error:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn postgres_that_refuses_is_named() {
    let Some(database) = Database::create().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}_of_nobody", database.url);
    let error = Store::open(Some(&url), folder.path(), Clock::system()).await.unwrap_err();
    assert!(matches!(error, OpenError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("does not exist"), "{error}");
    database.remove().await;
}
