//! The master key: missing, wrong, short, rotated (contract §1 and §2).

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Done, START, Serving, complaint, finish, plant, program, run};
use crate::world::FakeJira;
use crate::world::gateway::Api;

const OLD: &str = "k9:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "k9:HxAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdI=";

fn with_key(folder: &Path, key: &str, arguments: &[&str]) -> Command {
    let mut command = program(folder, arguments);
    command.env("GATEWAY_MASTER_KEY", key);
    command
}

/// Ana's token at a gateway that has her connection.
async fn connect(folder: &Path, serving: &Serving, jira: &FakeJira, token: &Done) -> Api {
    assert_eq!(token.status, 0, "{} in {}", token.err, folder.display());
    let api = serving.api(&token.out);
    api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    api
}

async fn title(api: &Api, jira: &FakeJira) -> String {
    api.one(&jira.at("/browse/OPS-7")).await["preview"]["title"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_missing_or_wrong_key_stops_everything_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["token", "create", "--account", "ana"]).status, 0);
    let key = folder.path().join("data/master.key");
    let aside = folder.path().join("aside");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::rename(&key, &aside).unwrap();
    assert!(complaint(&run(folder.path(), &START), 1).contains("master.key is missing"));
    assert!(!key.exists(), "no new key hides that the old one is gone");

    let unknown = finish(with_key(folder.path(), OLD, &START));
    assert!(complaint(&unknown, 1).contains("was sealed with master key"), "{}", unknown.err);
    let same_name = OLD.replace("k9", text.split(':').next().unwrap());
    let wrong = finish(with_key(folder.path(), &same_name, &START));
    assert!(complaint(&wrong, 1).starts_with("the master key is not the one that sealed"), "{}", wrong.err);
    for done in [unknown, wrong] {
        assert!(done.out.is_empty() && !done.err.contains("AAECAw"), "{}", done.err);
    }

    std::fs::rename(&aside, &key).unwrap();
    assert_eq!(run(folder.path(), &["account", "list"]).out, "ana\t0 connections\t1 token\n");
}

#[test]
fn a_key_that_is_none_is_refused_without_showing_it() {
    let folder = TempDir::new().unwrap();
    let table = [
        ("k1:c2hvcnQ=", "GATEWAY_MASTER_KEY: master key k1 has 5 bytes; it needs 32"),
        ("k1:&&&&", "GATEWAY_MASTER_KEY: master key k1 is not base64"),
        ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "GATEWAY_MASTER_KEY: entry 1 of the master key is not id:"),
        (&format!("{OLD},{OTHER}"), "GATEWAY_MASTER_KEY: the master key id k9 occurs twice"),
    ];
    for (key, words) in table {
        let done = finish(with_key(folder.path(), key, &START));
        assert!(complaint(&done, 2).starts_with(words), "{}", done.err);
        assert!(!done.err.contains(key.split(':').next_back().unwrap()), "{}", done.err);
    }
    assert_eq!(run(folder.path(), &["account", "list"]).status, 0);
    let file = folder.path().join("data/master.key");
    std::fs::write(&file, "k1:c2hvcnQ=\n").unwrap();
    let done = run(folder.path(), &START);
    assert_eq!(complaint(&done, 1), "master key k1 has 5 bytes; it needs 32");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_environment_is_not_changed_but_its_successor_printed() {
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let with = |key: &str, arguments: &[&str]| finish(with_key(folder.path(), key, arguments));
    let mut serving = Serving::of(with_key(folder.path(), OLD, &START));
    let token = with(OLD, &["token", "create", "--account", "ana"]);
    let api = connect(folder.path(), &serving, &jira, &token).await;

    let rotated = with(OLD, &["key", "rotate"]);
    let new = rotated.out.trim_end();
    assert_eq!((rotated.status, rotated.err.as_str(), new.lines().count()), (0, "", 1));
    assert!(new.ends_with(&format!(",{OLD}")) && !new.starts_with(OLD), "the new key comes first");
    assert!(!folder.path().join("data/master.key").exists());
    assert_eq!(title(&api, &jira).await, "Login fails on Safari");
    assert_eq!(serving.terminate().status, 0);

    // The old value still opens everything: nothing has changed. The restart with the new one seals with it.
    assert_eq!(with(OLD, &["account", "list"]).status, 0);
    let mut serving = Serving::of(with_key(folder.path(), new, &START));
    assert_eq!(title(&serving.api(&token.out), &jira).await, "Login fails on Safari");
    let log = serving.terminate().err;
    assert!(log.contains("older keys may be removed") && log.contains("moved=1"), "{log}");
    let newest = new.split(',').next().unwrap();
    let serving = Serving::of(with_key(folder.path(), newest, &START));
    assert_eq!(title(&serving.api(&token.out), &jira).await, "Login fails on Safari");
    assert_eq!(with(OLD, &["account", "list"]).status, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_gateway_takes_over_a_new_key_and_the_old_one_may_go() {
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let mut first = Serving::start(folder.path(), &START);
    let token = run(folder.path(), &["token", "create", "--account", "ana"]);
    connect(folder.path(), &first, &jira, &token).await;
    assert_eq!(first.terminate().status, 0);

    // This one has opened no credential yet: it has to follow the key file.
    let serving = Serving::start(folder.path(), &START);
    let api = serving.api(&token.out);
    let rotated = run(folder.path(), &["key", "rotate"]);
    assert_eq!((rotated.status, rotated.err.as_str()), (0, ""));
    assert_eq!(rotated.out, "a new master key is in use; sealed 1 secret again\n");
    let file = folder.path().join("data/master.key");
    let keys = std::fs::read_to_string(&file).unwrap();
    assert_eq!(keys.lines().count(), 2);
    std::fs::write(&file, keys.lines().next().unwrap()).unwrap();
    assert_eq!(title(&api, &jira).await, "Login fails on Safari");

    // What it seals from now on opens with the new key alone.
    api.connect(&jira.url(), "personal_access_token", "", "ana-other").await;
    drop(serving);
    let again = Serving::start(folder.path(), &START);
    assert_eq!(title(&again.api(&token.out), &jira).await, "Login fails on Safari");
}
