//! A link that is asked for again is answered before the router. Nobody may notice, but by the time it takes.

use std::time::Instant;

use jira_notion_gateway::config::SignIn;
use jira_notion_gateway::store::AccountId;
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::gateway::{Api, Gateway};
use crate::world::{FakeJira, Issue, Person, Personality, Project};

struct Stage {
    gateway: Gateway,
    jira: FakeJira,
    api: Api,
    account: AccountId,
    cookie: String,
}

impl Stage {
    async fn new() -> Self {
        let jira = FakeJira::start(Personality::data_center().at("/jira")).await;
        jira.add_person(Person::new("ana", "Ana Costa").access_token("ana-access"));
        jira.add_project(Project::new("OPS", "Operations").lead("ana"));
        jira.add_issue(Issue::new("OPS-7", "\"Login\" fails on Safari"));
        let gateway = Gateway::start().await;
        let api = gateway.api("ana").await;
        api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
        let account = gateway.inner.accounts.named("ana").await.unwrap();
        let session = gateway.inner.accounts.start_session(&account, SignIn::Local).await.unwrap();
        let cookie = format!("Cookie: {}={}", gateway.inner.cookie_name(), session.cookie.expose_secret());
        Self { gateway, jira, api, account, cookie }
    }

    fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.api.token)
    }

    /// Everything that comes back but the time of day. Headers are sorted: their order means nothing (RFC 9110 §5.3).
    async fn bytes(&self, method: &str, query: &str, headers: &[&str]) -> String {
        let address = self.gateway.inner.listener;
        let host = if headers.iter().any(|it| it.starts_with("Host:")) {
            String::new()
        } else {
            format!("Host: {address}\r\n")
        };
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let request = format!("{method} /api/v1/resolve?{query} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let (status, headers) = head.split_once("\r\n").unwrap();
        let mut headers: Vec<&str> = headers.split("\r\n").filter(|line| !line.starts_with("date: ")).collect();
        headers.sort_unstable();
        format!("{status}\r\n{}\r\n\r\n{body}", headers.join("\r\n"))
    }

    fn query(&self, path: &str) -> String {
        url::form_urlencoded::Serializer::new(String::new()).append_pair("url", &self.jira.at(path)).finish()
    }

    fn lies_ready(&self, path: &str) -> bool {
        let held = self.gateway.inner.connect.held_now(&self.account, Instant::now());
        held.is_some_and(|held| self.gateway.inner.unfurl.ready_made(&held, &self.jira.at(path)).is_some())
    }
}

#[tokio::test]
async fn the_second_answer_is_the_first_one_byte_for_byte() {
    let stage = Stage::new().await;
    let bearer = stage.bearer();
    for path in ["/browse/OPS-7", "/projects/OPS", "/browse/OPS-4711"] {
        assert!(!stage.lies_ready(path));
        let query = stage.query(path);
        let first = stage.bytes("GET", &query, &[&bearer]).await;
        assert!(stage.lies_ready(path), "{path}");
        assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{first}");
        assert_eq!(stage.bytes("GET", &query, &[&bearer]).await, first);
        let head = stage.bytes("HEAD", &query, &[&bearer]).await;
        assert_eq!(head, first.split_inclusive("\r\n\r\n").next().unwrap());
    }
}

#[tokio::test]
async fn a_refresh_by_anybody_of_the_account_is_seen_at_once() {
    let stage = Stage::new().await;
    let (bearer, query) = (stage.bearer(), stage.query("/browse/OPS-7"));
    for _ in 0..3 {
        assert!(stage.bytes("GET", &query, &[&bearer]).await.contains("fails on Safari"));
    }
    stage.jira.change_issue("OPS-7", |issue| issue.summary = "Fixed".to_owned());
    let page = stage.api.client.get(format!("{}/?{query}&refresh=1", stage.gateway.url));
    let (name, value) = stage.cookie.split_once(": ").unwrap();
    assert_eq!(page.header(name, value).send().await.unwrap().status(), 200);
    assert!(stage.bytes("GET", &query, &[&bearer]).await.contains("Fixed"));
}

/// A browser's session always goes through the router, a known token does not.
#[tokio::test]
async fn both_ways_say_the_same_to_whatever_is_asked() {
    let stage = Stage::new().await;
    let bearer = stage.bearer();
    let query = stage.query("/browse/OPS-7");
    let answer = stage.bytes("GET", &query, &[&bearer]).await;
    let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let lowercase = stage.query("/browse/ops-7?focusedId=1#x");
    let connection =
        stage.api.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    let table: [(&str, &[&str], &str); 18] = [
        (&query, &[], "200"),
        (&lowercase, &[], "200"),
        (&query, &[&format!("If-None-Match: {tag}")], "304"),
        (&query, &[&format!("If-None-Match: \"x\", W/{tag}")], "304"),
        (&query, &["If-None-Match: \"x\"", &format!("If-None-Match: {tag}")], "304"),
        (&query, &["If-None-Match: *"], "304"),
        (&query, &["If-None-Match: \"x\""], "200"),
        (&format!("{query}&include="), &[], "200"),
        (&format!("{query}&include=attributes"), &[], "200"),
        (&format!("{query}&include=everything"), &[], "422"),
        (&format!("{query}&connection={connection}"), &[], "200"),
        (&format!("{query}&connection=con_00000000000000000000"), &[], "404"),
        (&format!("{query}&focusedId=7"), &[], "422"),
        (&format!("{query}&{query}"), &[], "422"),
        ("", &[], "422"),
        (&query, &["Host: evil.example"], "421"),
        (&query, &["X-Forwarded-For: 192.0.2.1"], "400"),
        (&query, &["Via: 1.1 proxy"], "400"),
    ];
    for (query, headers, status) in table {
        assert!(stage.lies_ready("/browse/OPS-7"));
        let with = |who: &'_ str| -> Vec<String> {
            headers.iter().map(|it| (*it).to_owned()).chain([who.to_owned()]).collect()
        };
        let (token, browser) = (with(&bearer), with(&stage.cookie));
        let at_once = stage.bytes("GET", query, &token.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let routed = stage.bytes("GET", query, &browser.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(at_once, routed, "{query} {headers:?}");
        assert_eq!(at_once.get(9..12), Some(status), "{query} {headers:?} {at_once}");
    }
}

#[tokio::test]
async fn what_lies_ready_is_nobody_elses() {
    let stage = Stage::new().await;
    let query = stage.query("/browse/OPS-7");
    let shown = stage.bytes("GET", &query, &[&stage.bearer()]).await;
    assert!(shown.contains("Login") && stage.lies_ready("/browse/OPS-7"));
    let stranger = stage.gateway.api("ben").await;
    let answer = stranger.get_one(&stage.jira.at("/browse/OPS-7"), &[]).await;
    assert_eq!(answer.json()["state"], "connect");
    for wrong in ["Authorization: Bearer jng_wrong", "Authorization: Basic YTpi", "Accept: */*"] {
        assert!(stage.bytes("GET", &query, &[wrong]).await.starts_with("HTTP/1.1 401 "), "{wrong}");
    }
    let twice = [&*stage.bearer(), "Authorization: Bearer jng_wrong"];
    assert!(stage.bytes("GET", &query, &twice).await.starts_with("HTTP/1.1 401 "));
    let connection =
        stage.api.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    stage.api.send(reqwest::Method::DELETE, &format!("/api/v1/connections/{connection}"), None).await;
    assert!(!stage.bytes("GET", &query, &[&stage.bearer()]).await.contains("Login"));
}
