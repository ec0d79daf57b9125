//! Starts that must not be: one line on standard error, an exit status, and nothing begun (issue "Bad input").

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use super::{Done, START, complaint, finish, program, run};
use crate::world::tls::Authority;

/// A start that fails with status 1 before it says that it listens.
fn refused(folder: &Path, flags: &[&str]) -> String {
    let done = run(folder, &[&START, flags].concat());
    assert_eq!(done.out, "", "{}", done.err);
    complaint(&done, 1).to_owned()
}

/// A folder in which the gateway has run before.
fn used() -> TempDir {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["token", "create", "--account", "ana"]).status, 0);
    folder
}

#[test]
fn a_value_that_is_not_understood_names_its_setting() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("bad.toml"), "preview_ttl = \"60\"\n").unwrap();
    std::fs::write(folder.path().join("unknown.toml"), "[[site]]\nurl = \"https://jira.example\"\ntypo = 1\n").unwrap();
    let table: [(&[&str], &str); 23] = [
        (&["--listen", "8080"], "--listen: takes an IP address and a port"),
        (&["--public-url", "https://gw.example/path"], "--public-url: takes an origin without a path"),
        (&["--public-url", "https://gw.example"], "GATEWAY_SIGN_IN: must be set, because --public-url"),
        (&["--listen", "0.0.0.0:0"], "GATEWAY_PUBLIC_URL: must be set, because --listen"),
        (&["--listen", "192.0.2.1:80"], "GATEWAY_SIGN_IN: must be set, because --listen"),
        (&["--sign-in", "local", "--listen", "192.0.2.1:80"], "--sign-in: local is for this machine alone"),
        (&["--sign-in", "proxy"], "--sign-in: proxy needs GATEWAY_PROXY_USER_HEADER and GATEWAY_TRUSTED_PROXIES"),
        (&["--sign-in", "jira"], "--sign-in: jira needs GATEWAY_SITES to be listed"),
        (
            &["--sign-in", "notion"],
            "--sign-in: notion needs GATEWAY_NOTION_CLIENT_ID and GATEWAY_NOTION_CLIENT_SECRET as well",
        ),
        (&["--jira-client-id", "ab12"], "--jira-client-id: needs GATEWAY_JIRA_CLIENT_SECRET as well"),
        (&["--jira-client-secret", "hunter2"], "--jira-client-secret: needs GATEWAY_JIRA_CLIENT_ID as well"),
        (&["--sign-in", "password"], "--sign-in: takes a list of local, jira, notion and proxy"),
        (&["--sign-in", ""], "--sign-in: takes at least one method"),
        (&["--database-url", "mysql://ana:hunter2@db/gateway"], "--database-url: takes an address that begins with"),
        (&["--sites", "some"], "--sites: takes any or listed"),
        (&["--sites", "listed"], "--sites: is listed, but there is no [[site]]"),
        (&["--private-sites", "http://jira.example/path"], "--private-sites: "),
        (&["--preview-ttl", "60"], "--preview-ttl: takes a whole number with a unit"),
        (&["--tls-cert", "tls.crt"], "--tls-cert: needs GATEWAY_TLS_KEY as well"),
        (&["--log", "loud"], "--log: takes off, error, warn, info, debug or trace"),
        (&["--config", "none.toml"], "--config: cannot read \"none.toml\""),
        (&["--config", "bad.toml"], "preview_ttl in bad.toml: takes a whole number with a unit"),
        (&["--config", "unknown.toml"], "[[site]] 1 in unknown.toml: \"typo\" is not a key of [[site]]"),
    ];
    for (flags, words) in table {
        let done = run(folder.path(), flags);
        assert!(complaint(&done, 2).starts_with(words), "{}", done.err);
        assert!(!done.err.contains("hunter2") && done.out.is_empty(), "{}", done.err);
    }
    let mut command = program(folder.path(), &["serve"]);
    command.env("GATEWAY_LISTEN", "192.0.2.1:80");
    assert!(complaint(&finish(command), 2).starts_with("GATEWAY_SIGN_IN: must be set, because GATEWAY_LISTEN"));
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_port_that_is_taken() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = run(folder.path(), &["--listen", &address]);
    assert_eq!(complaint(&done, 1), format!("cannot listen on {address}: another program already does"));
    assert!(done.out.is_empty() && !folder.path().join("data").exists());
}

#[test]
fn files_that_the_settings_name_are_read_before_anything_is_promised() {
    let folder = TempDir::new().unwrap();
    let (ours, others) = (Authority::new(), Authority::new());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("tls.crt", &ours.server_pair(&["127.0.0.1"]).certificate);
    write("tls.key", &others.server_pair(&["127.0.0.1"]).key);
    write("text.txt", "no PEM");
    write("ca.toml", "[[site]]\nurl = \"https://jira.example\"\nca_file = \"none.pem\"\n");
    write("text.toml", "[[site]]\nurl = \"https://jira.example\"\nca_file = \"text.txt\"\n");
    let table: [(&[&str], &str); 5] = [
        (&["--tls-cert", "none.crt", "--tls-key", "tls.key"], "none.crt: "),
        (&["--tls-cert", "text.txt", "--tls-key", "tls.key"], "text.txt: no certificate in PEM form"),
        (&["--tls-cert", "tls.crt", "--tls-key", "tls.key"], "tls.crt and tls.key do not belong together"),
        (&["--config", "ca.toml"], "[[site]] jira.example: ca_file takes a file that can be read; none.pem cannot"),
        (&["--config", "text.toml"], "[[site]] jira.example: "),
    ];
    for (flags, words) in table {
        let line = refused(folder.path(), flags);
        assert!(line.starts_with(words), "{line}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_stays_as_it_is() {
    let folder = used();
    let file = folder.path().join("data/gateway.db");
    let mut database = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    let newer =
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    database.execute(newer).await.unwrap();
    database.close().await.unwrap();
    let before = std::fs::read(&file).unwrap();
    let line = refused(folder.path(), &[]);
    assert!(line.contains("was made by a newer version of this program (schema 9999"), "{line}");
    assert!(complaint(&run(folder.path(), &["account", "list"]), 1).contains("newer version"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_database_of_ours_is_left_alone() {
    let folder = used();
    let file = folder.path().join("data/gateway.db");
    let text = "Dear diary, ".repeat(1000);
    std::fs::write(&file, &text).unwrap();
    let line = refused(folder.path(), &[]);
    assert!(line.contains("is not a database of this program, or is damaged"), "{line}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_data_folder_that_cannot_be() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let line = refused(folder.path(), &["--data-dir", "file/data"]);
    assert!(line.starts_with("the data folder file/data cannot be written: "), "{line}");
}

/// For root nothing is read-only, so the program runs as nobody then.
fn run_as_nobody(folder: &Path, arguments: &[&str]) -> Done {
    const NOBODY: u32 = 65534;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return run(folder, arguments);
    }
    // Where the tests were built nobody may not be allowed to look.
    let copy = folder.join("gateway");
    if !copy.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_jira-notion-gateway"), &copy).unwrap();
    }
    for path in [folder.to_owned(), folder.join("data"), folder.join("data/gateway.db"), folder.join("data/master.key")]
    {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mut command = Command::new(copy);
    command.env_clear().current_dir(folder).args(arguments).uid(NOBODY).gid(NOBODY);
    finish(command)
}

#[test]
fn a_read_only_database_or_folder_is_said() {
    let folder = used();
    let (data, file) = (folder.path().join("data"), folder.path().join("data/gateway.db"));
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(run_as_nobody(folder.path(), &["account", "list"]).out, "ana\t0 connections\t1 token\n");
    set(&file, 0o400);
    let done = run_as_nobody(folder.path(), &START);
    assert_eq!(complaint(&done, 1), "the database ./data/gateway.db is read-only");
    set(&file, 0o600);
    set(&data, 0o500);
    let done = run_as_nobody(folder.path(), &START);
    let line = complaint(&done, 1);
    assert!(line.starts_with("the d") && (line.contains("cannot be written") || line.contains("read-only")), "{line}");
    set(&data, 0o700);
    assert_eq!(run_as_nobody(folder.path(), &["account", "list"]).out, "ana\t0 connections\t1 token\n");
}
