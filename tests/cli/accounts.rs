//! Tokens and accounts from the command line, also beside a running gateway (contract §1).

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use super::{START, Serving, complaint, plant, run};

fn mode(path: PathBuf) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_token_is_printed_once_and_alone_before_the_first_start() {
    let folder = TempDir::new().unwrap();
    // The sign-in settings would not let this serve.
    let create = ["token", "create", "--account", "ana", "--listen", "0.0.0.0:80"];
    let first = run(folder.path(), &create);
    assert_eq!((first.status, first.err.as_str()), (0, ""));
    let token = first.out.strip_suffix('\n').unwrap();
    assert!(token.len() > 40 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
    assert_ne!(run(folder.path(), &create).out, first.out, "each is a new one");
    let list = run(folder.path(), &["account", "list"]);
    assert_eq!(list.out, "ana\t0 connections\t2 tokens\n");
    assert!(!list.out.contains(token));
    assert_eq!(mode(folder.path().join("data")), 0o700);
    assert_eq!(mode(folder.path().join("data/master.key")), 0o600);
    assert_eq!(mode(folder.path().join("data/gateway.db")), 0o600);
}

#[test]
fn an_unknown_or_impossible_name_is_one_line() {
    let folder = TempDir::new().unwrap();
    let done = run(folder.path(), &["account", "remove", "nobody"]);
    assert_eq!(complaint(&done, 1), "there is no account named nobody; account list shows them");
    for name in ["a\nb", "", " ana", &"x".repeat(101)] {
        let done = run(folder.path(), &["token", "create", "--account", name]);
        assert!(complaint(&done, 1).starts_with("an account name needs"), "{}", done.err);
    }
    assert_eq!(run(folder.path(), &["account", "list"]).out, "", "a refused name leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_beside_a_running_gateway_is_good_at_once() {
    let folder = TempDir::new().unwrap();
    let before = run(folder.path(), &["token", "create", "--account", "ana"]).out;
    let serving = Serving::start(folder.path(), &START);
    for token in [before, run(folder.path(), &["token", "create", "--account", "ana"]).out] {
        assert_eq!(serving.api(&token).get("/api/v1/connections").await.status, 200);
    }
    assert_eq!(run(folder.path(), &["account", "list"]).out, "ana\t0 connections\t2 tokens\n", "the same account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_is_gone_from_a_running_gateway() {
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &START);
    let api = serving.api(&run(folder.path(), &["token", "create", "--account", "ana"]).out);
    api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(run(folder.path(), &["account", "list"]).out, "ana\t1 connection\t1 token\n");
    let removed = run(folder.path(), &["account", "remove", "ana"]);
    assert_eq!((removed.status, removed.err.as_str()), (0, ""));
    // At once: when the command has ended, not some time later.
    assert_eq!(api.get("/api/v1/connections").await.status, 401);
    let calls = jira.calls().total;
    let resolved = api.post("/api/v1/resolve", &json!({"urls": [jira.at("/browse/OPS-7")]})).await;
    assert_eq!((resolved.status.as_u16(), jira.calls().total), (401, calls));
    assert_eq!(run(folder.path(), &["account", "list"]).out, "");
    // The name may come back, with nothing of the one before.
    let again = serving.api(&run(folder.path(), &["token", "create", "--account", "ana"]).out);
    assert_eq!(again.get("/api/v1/connections").await.json(), json!({"connections": []}));
}
