//! Connecting by the API: what is answered, and how often Jira is asked.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};

use crate::openapi;
use crate::world::gateway::{Gateway, Reply};
use crate::world::jira::SingleSignOn;
use crate::world::{FakeJira, Fault, Person, Personality};

const FLAGS: [&str; 2] = ["--private-sites", "127.0.0.0/8"];
const SECRET: &str = "correct-horse-battery-staple";

fn clock() -> Clock {
    Clock::manual("2026-11-22T10:00:00Z".parse().unwrap())
}

async fn jira(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(Person::new("ana", "Ana Costa").api_token("ana-token").access_token("ana-access"));
    jira
}

fn code(reply: &Reply) -> (u16, String) {
    assert!(!reply.text.contains(SECRET), "{}", reply.text);
    let body: Value = reply.json();
    if !reply.status.is_success() {
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], reply.status.as_u16());
    }
    openapi::validate("addConnection", reply.status.as_u16(), &body);
    (reply.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let sso = jira(Personality::data_center().single_sign_on(SingleSignOn::Page)).await;
    let captcha = jira(Personality::data_center()).await;
    captcha.demand_captcha("ana");
    let (acme, own) = (jira(Personality::cloud()).await, jira(Personality::data_center().at("/jira")).await);
    let old = jira(Personality::server().version("8.5.0")).await;
    let strict = jira(Personality::data_center()).await;
    strict.set_basic_disabled(true);
    let page_only = jira(Personality::data_center()).await;
    page_only.fault(Fault::status(404));
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let clock = clock();
    let api_host = acme.api_host_url();
    let flags = [&FLAGS[..], &["--atlassian-api-url", &api_host]].concat();
    let gateway = Gateway::with(&flags, clock.clone()).await;
    let api = gateway.api("ana").await;
    let (token, password) = ("personal_access_token", "password");
    for (site, method, username, expected) in [
        (own.url(), password, "ana", "wrong_credentials"),
        (own.url(), token, "", "wrong_credentials"),
        (acme.url(), "api_token", "ana@acme.example", "wrong_credentials"),
        (captcha.url(), password, "ana", "captcha"),
        (page_only.url(), token, "", "not_jira"),
        (sso.url(), token, "", "unreachable"),
        (gone, token, "", "unreachable"),
        ("https://169.254.169.254".to_owned(), token, "", "blocked_address"),
        ("http://9.9.9.9".to_owned(), token, "", "https_required"),
        (strict.url(), password, "ana", "basic_auth_disabled"),
        (old.url(), token, "", "method_not_supported"),
        (acme.url(), password, "ana", "method_not_supported"),
        ("not an address".to_owned(), token, "", "invalid_request"),
        (own.url(), password, "", "invalid_request"),
    ] {
        clock.advance(SignedDuration::from_secs(601));
        let reply = api.try_connect(&site, method, username, SECRET).await;
        assert_eq!(code(&reply), (422, expected.to_owned()), "{site} {method}");
    }
    assert_eq!(own.calls().failed_logins["ana"], 1, "a wrong password goes out once");
    let rows = api.get("/api/v1/connections").await.json();
    assert_eq!(rows, json!({"connections": []}));
}

#[tokio::test]
async fn the_same_person_again_is_the_same_connection() {
    let jira = jira(Personality::data_center()).await;
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let first = api.try_connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(code(&first), (201, String::new()));
    let second = api.try_connect(&jira.url(), "password", "ana", "ana's password").await;
    assert_eq!(code(&second), (200, String::new()));
    let (first, second) = (first.json(), second.json());
    assert_eq!((&first["id"], &second["method"], &second["label"]), (&second["id"], &json!("password"), &json!("ana")));
    let rows = api.get("/api/v1/connections").await;
    assert_eq!(rows.json(), json!({"connections": [second]}));
    assert!(!rows.text.contains("ana-access") && !rows.text.contains("ana's"));
}

#[tokio::test]
async fn a_wrong_password_three_times_by_three_people_is_three_tries() {
    let (jira, clock) = (jira(Personality::data_center()).await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    for who in ["one", "two", "three"] {
        // However the name is written: Jira counts for one account.
        let reply = gateway.api(who).await.try_connect(&jira.url(), "password", " ANA ", SECRET).await;
        assert_eq!(code(&reply), (422, "wrong_credentials".to_owned()), "{who}");
    }
    assert_eq!(jira.calls().failed(), 3);
    let before = jira.calls().with_credential;
    let four = gateway.api("four").await;
    let reply = four.try_connect(&jira.url(), "password", "ana", "ana's password").await;
    assert_eq!(code(&reply), (429, "too_many_requests".to_owned()));
    assert_eq!(reply.json()["retry_at"], "2026-11-22T11:00:00Z");
    assert_eq!(jira.calls().with_credential, before, "even the right one does not reach Jira");
    // Another person at the same Jira is not held up.
    jira.add_person(Person::new("ben", "Ben Okafor"));
    assert_eq!(code(&four.try_connect(&jira.url(), "password", "ben", "ben's password").await).0, 201);
    clock.advance(SignedDuration::from_secs(3600));
    jira.browser_login("ana");
    let reply = four.try_connect(&jira.url(), "password", "ana", "ana's password").await;
    assert_eq!(code(&reply).0, 201, "{}", reply.text);
}

#[tokio::test]
async fn parallel_wrong_passwords_are_three_tries_as_well() {
    let jira = jira(Personality::data_center()).await;
    let gateway = Gateway::start().await;
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (api, site) = (gateway.api(&format!("person {n}")).await, jira.url());
        tries.spawn(async move { api.try_connect(&site, "password", "ana", SECRET).await.status.as_u16() });
    }
    let mut statuses: Vec<_> = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [422, 422, 422, 429, 429, 429, 429, 429]);
    assert_eq!(jira.calls().with_credential, 3);
}

#[tokio::test]
async fn a_success_is_no_failure() {
    let jira = jira(Personality::data_center()).await;
    let gateway = Gateway::start().await;
    for n in 0..4 {
        let api = gateway.api(&format!("person {n}")).await;
        let reply = api.try_connect(&jira.url(), "password", "ana", "ana's password").await;
        assert_eq!(code(&reply).0, 201, "{}", reply.text);
    }
}

#[tokio::test]
async fn attempts_are_limited_by_account_and_by_address() {
    let (jira, clock) = (jira(Personality::data_center()).await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let attempt = async |who: &str| {
        let api = gateway.api(who).await;
        let secret = if who == "right" { "ana-access" } else { SECRET };
        code(&api.try_connect(&jira.url(), "personal_access_token", "", secret).await).0
    };
    for _ in 0..5 {
        assert_eq!(attempt("one").await, 422);
    }
    assert_eq!(attempt("one").await, 429, "the sixth of one account");
    for _ in 0..5 {
        assert_eq!(attempt("two").await, 422, "a refused attempt does not count for the address");
    }
    let calls = jira.calls().total;
    assert_eq!(attempt("right").await, 429, "the eleventh of one address");
    assert_eq!(jira.calls().total, calls, "Jira is not asked");
    clock.advance(SignedDuration::from_secs(600));
    assert_eq!(attempt("right").await, 201);
    // They outlive a restart.
    for _ in 0..5 {
        attempt("one").await;
    }
    let folder = gateway.folder.clone();
    gateway.stop().await;
    let gateway = Gateway::at(folder, &FLAGS, clock).await;
    let reply = gateway.api("one").await.try_connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    assert_eq!(code(&reply), (429, "too_many_requests".to_owned()));
}
