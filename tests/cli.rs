//! The program itself, as an operator runs it: commands, exit statuses, one line for what went wrong.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::gateway::{Api, client, reply};
use crate::world::{FakeJira, Issue, Person, Personality, Project};

/// Its settings come from here alone, whatever the environment of the tests holds.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jira-notion-gateway"));
    command.env_clear().current_dir(folder).args(arguments);
    command
}

struct Done {
    status: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Done {
    finish(program(folder, arguments))
}

fn finish(mut command: Command) -> Done {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The single line on standard error of a command that failed with this status and said nothing else.
fn complaint(done: &Done, status: i32) -> &str {
    assert_eq!((done.status, done.err.lines().count()), (status, 1), "{}{}", done.out, done.err);
    done.err.trim_end().strip_prefix("jira-notion-gateway: ").unwrap()
}

/// A running `serve`, which is killed when dropped.
struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    url: String,
}

impl Serving {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program(folder, arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, out, url }
    }

    fn api(&self, token: &str) -> Api {
        Api { url: self.url.clone(), client: client(), token: token.trim_end().to_owned() }
    }

    /// Asks it to stop, as a service manager does; its exit status.
    fn terminate(&mut self) -> Option<i32> {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries again until it holds: another process needs a moment to notice.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < end, "it never came to hold");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

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
fn wrong_use_ends_with_2_and_says_what_is_accepted() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["nonsense"][..], &["--nonsense"], &["token", "create"], &["check"], &["account", "remove"]] {
        let done = run(folder.path(), arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}");
        assert!(done.err.contains("Usage: "), "{}", done.err);
    }
    let done = run(folder.path(), &["--preview-ttl", "60"]);
    assert!(complaint(&done, 2).starts_with("--preview-ttl: takes a whole number with a unit"));
    let mut command = program(folder.path(), &["serve"]);
    command.env("GATEWAY_LISTEN", "192.0.2.1:80");
    let done = finish(command);
    assert!(complaint(&done, 2).starts_with("GATEWAY_SIGN_IN: must be set, because GATEWAY_LISTEN"));
    assert!(!folder.path().join("data").exists(), "nothing was begun");
    for arguments in [["--help"], ["--version"]] {
        let done = run(folder.path(), &arguments);
        assert_eq!((done.status, done.err.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_done_ends_with_1_and_one_line() {
    let folder = TempDir::new().unwrap();
    let done = run(folder.path(), &["account", "remove", "nobody"]);
    assert_eq!(complaint(&done, 1), "there is no account named nobody; account list shows them");
    let done = run(folder.path(), &["token", "create", "--account", "a\nb"]);
    assert!(complaint(&done, 1).starts_with("an account name needs"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = run(folder.path(), &["--listen", &address]);
    assert!(complaint(&done, 1).contains(&address), "{}", done.err);
    assert_eq!(done.out, "");
}

#[test]
fn a_missing_or_wrong_master_key_stops_everything_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["token", "create", "--account", "ana"]).status, 0);
    let key = folder.path().join("data/master.key");
    let aside = folder.path().join("aside");
    std::fs::rename(&key, &aside).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    assert!(complaint(&run(folder.path(), &serve), 1).contains("master.key is missing"));
    assert!(!key.exists(), "no new key hides that the old one is gone");

    let mut command = program(folder.path(), &serve);
    command.env("GATEWAY_MASTER_KEY", "k9:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let done = finish(command);
    assert!(complaint(&done, 1).contains("was sealed with master key"), "{}", done.err);
    assert!(!done.err.contains("AAECAw"));

    std::fs::rename(&aside, &key).unwrap();
    assert_eq!(run(folder.path(), &["account", "list"]).out, "ana\t0 connections\t1 token\n");
}

#[test]
fn a_key_of_the_environment_is_not_changed_but_its_successor_printed() {
    let folder = TempDir::new().unwrap();
    let old = "k9:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let with = |key: &str, arguments: &[&str]| {
        let mut command = program(folder.path(), arguments);
        command.env("GATEWAY_MASTER_KEY", key);
        finish(command)
    };
    assert_eq!(with(old, &["token", "create", "--account", "ana"]).status, 0);
    let rotated = with(old, &["key", "rotate"]);
    let new = rotated.out.trim_end();
    assert!(new.ends_with(&format!(",{old}")) && !new.starts_with(old), "the new key comes first");
    assert_eq!(with(old, &["account", "list"]).status, 0, "nothing has changed");
    assert_eq!(with(new, &["account", "list"]).status, 0);
    assert!(!folder.path().join("data/master.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_gateway_follows_what_the_commands_do() {
    let jira = FakeJira::start(Personality::data_center().at("/jira")).await;
    jira.add_person(Person::new("ana", "Ana Costa").access_token("ana-access"));
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari"));
    let folder = TempDir::new().unwrap();
    let start = ["serve", "--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8", "--preview-ttl", "0s"];
    let mut serving = Serving::start(folder.path(), &start);
    assert!(serving.url.starts_with("http://127.0.0.1:"), "{}", serving.url);
    let api = serving.api(&run(folder.path(), &["token", "create", "--account", "ana"]).out);
    assert_eq!((api.get("/healthz").await.status.as_u16(), api.get("/readyz").await.status.as_u16()), (200, 200));

    api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    let title = async || {
        let answer = api.post("/api/v1/resolve", &json!({"urls": [jira.at("/browse/OPS-7")]})).await.json();
        answer["results"][0]["preview"]["title"].clone()
    };
    assert_eq!(title().await, "Login fails on Safari");

    // The credential is sealed again with a key that the running gateway has not seen.
    let rotated = run(folder.path(), &["key", "rotate"]);
    assert_eq!((rotated.status, rotated.err.as_str()), (0, ""));
    assert!(rotated.out.contains("sealed 1 secret"), "{}", rotated.out);
    assert_eq!(title().await, "Login fails on Safari");

    let removed = run(folder.path(), &["account", "remove", "ana"]);
    assert_eq!(removed.status, 0, "{}", removed.err);
    eventually(async || api.get("/api/v1/connections").await.status.as_u16() == 401).await;
    assert_eq!(run(folder.path(), &["account", "list"]).out, "");

    assert_eq!(serving.terminate(), Some(0));
    let mut rest = String::new();
    serving.out.read_line(&mut rest).unwrap();
    assert_eq!(rest, "", "standard output holds the one line");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_gateway_still_has_its_connections() {
    let jira = FakeJira::start(Personality::data_center()).await;
    jira.add_person(Person::new("ana", "Ana Costa").access_token("ana-access"));
    let folder = TempDir::new().unwrap();
    let start = ["--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8"];
    let mut first = Serving::start(folder.path(), &start);
    let token = run(folder.path(), &["token", "create", "--account", "ana"]).out;
    let row = first.api(&token).connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(first.terminate(), Some(0));
    let second = Serving::start(folder.path(), &start);
    let rows = second.api(&token).get("/api/v1/connections").await.json();
    assert_eq!(rows["connections"], Value::from(vec![row]));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_becomes_of_a_url_and_holds_no_title() {
    let jira = FakeJira::start(Personality::data_center().at("/jira")).await;
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari"));
    let folder = TempDir::new().unwrap();
    let url = jira.at("/browse/OPS-7?token=hunter2");
    let check = |extra: &[&str]| run(folder.path(), &[&["check", &url], extra].concat());

    let done = check(&["--private-sites", "127.0.0.0/8"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let lines: Vec<_> = done.out.lines().collect();
    for line in ["kind: issue".to_owned(), "reachable: yes".to_owned(), "deployment: data_center".to_owned()] {
        assert!(lines.contains(&line.as_str()), "{line} in {}", done.out);
    }
    assert!(done.out.contains(&jira.url()) && done.out.contains("version: ") && done.out.contains("sign-in methods: "));

    let refused = check(&[]);
    assert!(complaint(&refused, 1).contains("private network"), "{}", refused.err);
    assert!(refused.out.contains("reachable: no"));
    for text in [&done.out, &refused.out, &refused.err] {
        assert!(!text.contains("hunter2") && !text.contains("Safari"), "{text}");
    }
    let done = run(folder.path(), &["check", "not a url"]);
    assert!(!complaint(&done, 1).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_json_when_asked_and_hold_no_secret() {
    let jira = FakeJira::start(Personality::data_center()).await;
    jira.add_person(Person::new("ana", "Ana Costa").access_token("canary-access"));
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_issue(Issue::new("OPS-7", "canary-title"));
    let folder = TempDir::new().unwrap();
    let arguments =
        ["--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8", "--log", "trace", "--log-format", "json"];
    let mut serving = Serving::start(folder.path(), &arguments);
    let mut errors = serving.child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || std::io::read_to_string(&mut errors).unwrap());
    let token = run(folder.path(), &["token", "create", "--account", "ana"]).out;
    let api = serving.api(&token);
    api.connect(&jira.url(), "personal_access_token", "", "canary-access").await;
    let body = json!({"site": jira.url(), "method": "personal_access_token", "secret": "canary-wrong"});
    assert_eq!(api.post("/api/v1/connections", &body).await.json()["code"], "wrong_credentials");
    let answer = reply(
        api.client
            .get(format!("{}/api/v1/resolve?url={}/browse/OPS-7%3Fcanary-query=1", api.url, jira.url()))
            .bearer_auth(&api.token),
    );
    assert_eq!(answer.await.json()["preview"]["title"], "canary-title");
    assert_eq!(serving.terminate(), Some(0));
    let log = reading.join().unwrap();
    assert!(log.lines().count() > 0, "something is said at trace");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
    for secret in ["canary", token.trim_end()] {
        assert!(!log.contains(secret), "{log}");
    }
}
