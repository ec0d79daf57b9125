//! `serve`: one line when it can be reached, TLS, PostgreSQL, and how it ends (contract §1, §2, §7).

use reqwest::Version;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{START, Serving, complaint, eventually, finish, plant, program, run};
use crate::world::gateway::client;
use crate::world::postgres::Database;
use crate::world::tls::Authority;
use crate::world::{Fault, Gate};

#[tokio::test(flavor = "multi_thread")]
async fn it_says_where_it_listens_and_nothing_else() {
    for name in ["TERM", "INT"] {
        let folder = TempDir::new().unwrap();
        let mut serving = Serving::start(folder.path(), &["--listen", "127.0.0.1:0"]);
        let port = serving.url.strip_prefix("http://127.0.0.1:").expect("the whole line");
        assert_ne!(port.parse::<u16>().unwrap(), 0);
        for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
            let answer = client().get(format!("{}{path}", serving.url)).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, text));
        }
        serving.signal(name);
        let done = serving.end();
        assert_eq!((done.status, done.out.as_str()), (0, ""), "{name}: {}", done.err);
        assert!(!folder.path().join("data/gateway.db-wal").exists(), "all is saved");
    }
}

#[test]
fn a_signal_right_after_the_line_is_heard() {
    let folder = TempDir::new().unwrap();
    for _ in 0..5 {
        assert_eq!(Serving::start(folder.path(), &START).terminate().status, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_flight_is_finished_before_the_end() {
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &START);
    let api = serving.api(&run(folder.path(), &["token", "create", "--account", "ana"]).out);
    api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    let gate = Gate::closed();
    jira.fault_at("/issue/OPS-7", Fault::Wait(gate.clone()));
    let reading = tokio::spawn({
        let (api, url) = (api.clone(), jira.at("/browse/OPS-7"));
        async move { api.one(&url).await }
    });
    gate.wait_for(1).await;
    serving.signal("TERM");
    let address = serving.url.strip_prefix("http://").unwrap().to_owned();
    eventually(async || TcpStream::connect(&address).await.is_err()).await;
    assert!(serving.child.try_wait().unwrap().is_none(), "somebody still waits for an answer");
    gate.open();
    assert_eq!(reading.await.unwrap()["preview"]["title"], "Login fails on Safari");
    assert_eq!(serving.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_gateway_still_has_its_connections() {
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let mut first = Serving::start(folder.path(), &START);
    let token = run(folder.path(), &["token", "create", "--account", "ana"]).out;
    let row = first.api(&token).connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(first.terminate().status, 0);
    let second = Serving::start(folder.path(), &START);
    let rows = second.api(&token).get("/api/v1/connections").await.json();
    assert_eq!(rows["connections"], Value::from(vec![row]));
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_takes_the_place_of_the_data_folder() {
    let Some(database) = Database::create().await else { return };
    let jira = plant().await;
    let folder = TempDir::new().unwrap();
    let url = database.url.clone();
    // With the key from the environment no folder is needed; here there cannot even be one.
    std::fs::write(folder.path().join("data"), "no folder").unwrap();
    let command = |arguments: &[&str]| {
        let mut command = program(folder.path(), arguments);
        command.env("GATEWAY_DATABASE_URL", &url);
        command.env("GATEWAY_MASTER_KEY", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        command
    };
    let token = finish(command(&["token", "create", "--account", "ana"]));
    assert_eq!((token.status, token.err.as_str()), (0, ""));
    let mut first = Serving::of(command(&START));
    let api = first.api(&token.out);
    let row = api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(api.one(&jira.at("/browse/OPS-7")).await["preview"]["title"], "Login fails on Safari");
    assert_eq!(first.terminate().status, 0);

    let mut second = Serving::of(command(&START));
    let api = second.api(&token.out);
    assert_eq!(api.get("/api/v1/connections").await.json()["connections"], Value::from(vec![row]));
    assert_eq!(api.one(&jira.at("/browse/OPS-7")).await["preview"]["title"], "Login fails on Safari");
    let removed = finish(command(&["account", "remove", "ana"]));
    assert_eq!((removed.status, removed.err.as_str()), (0, ""));
    eventually(async || api.get("/api/v1/connections").await.status == 401).await;
    assert_eq!(second.terminate().status, 0);
    database.remove().await;
    let gone = finish(command(&["account", "list"]));
    assert!(complaint(&gone, 1).starts_with("the database "), "{}", gone.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_it_speaks_https_in_both_versions() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let pair = authority.server_pair(&["127.0.0.1", "localhost"]);
    std::fs::write(folder.path().join("tls.crt"), &pair.certificate).unwrap();
    std::fs::write(folder.path().join("tls.key"), &pair.key).unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--tls-cert", "tls.crt", "--tls-key", "tls.key"];
    let mut serving = Serving::start(folder.path(), &flags);
    assert!(serving.url.starts_with("https://127.0.0.1:"), "{}", serving.url);
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let named = serving.url.replace("127.0.0.1", "localhost");
    for (version, only_first) in [(Version::HTTP_11, true), (Version::HTTP_2, false)] {
        let builder = builder().tls_certs_only([root.clone()]);
        let client = if only_first { builder.http1_only() } else { builder }.build().unwrap();
        for url in [&serving.url, &named] {
            let answer = client.get(format!("{url}/")).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (200, version), "{url}");
            let cookie = answer.headers()["set-cookie"].to_str().unwrap();
            assert!(cookie.starts_with("__Host-session=") && cookie.contains("; Secure"), "{cookie}");
            assert!(cookie.contains("; Path=/") && cookie.contains("; HttpOnly") && !cookie.contains("Domain"));
        }
    }
    assert!(builder().build().unwrap().get(&serving.url).send().await.is_err(), "a certificate of nobody's authority");
    assert_eq!(serving.terminate().status, 0);
}

#[expect(clippy::disallowed_methods, reason = "a test speaks to servers as any program would")]
fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy()
}
