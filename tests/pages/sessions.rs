//! Browser sessions, their cookie, and the API tokens that a person makes.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;

use super::cloud;
use super::visitor::{Page, Visitor};
use crate::world::gateway::{Gateway, Reply, client, reply};

fn clock() -> Clock {
    Clock::manual("2026-11-22T10:00:00Z".parse().unwrap())
}

/// The parts of a `Set-Cookie` after its value.
fn parts(page: &Page) -> Vec<String> {
    let line = page.reply.header("set-cookie");
    line.split("; ").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let page = visitor.get("/").await;
    assert_eq!(page.reply.headers.get_all("set-cookie").iter().count(), 1);
    let value = visitor.cookies["session"].clone();
    assert!(value.starts_with("jns_") && value.len() == 4 + 43, "256 random bits");
    assert_eq!(parts(&page), ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=2592000"]);
    assert!(!visitor.get("/").await.reply.headers.contains_key("set-cookie"), "the session goes on");

    let gateway = Gateway::with(&["--public-url", "https://localhost:9443"], Clock::system()).await;
    let mut visitor = Visitor::new(&gateway);
    let page = visitor.get("/").await;
    assert_eq!(visitor.cookies.keys().collect::<Vec<_>>(), ["__Host-session"]);
    assert_eq!(parts(&page), ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=2592000", "Secure"]);
}

#[tokio::test]
async fn only_the_hash_of_the_cookie_is_kept() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.get("/").await;
    let value = visitor.cookies["session"].clone();
    let folder = gateway.folder.clone();
    gateway.stop().await;
    let mut files = 0;
    for file in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(value.len()).any(|window| window == value.as_bytes()));
        files += 1;
    }
    assert!(files > 0);
}

#[tokio::test]
async fn a_cookie_that_the_client_invents_is_never_adopted() {
    let gateway = Gateway::start().await;
    for invented in ["jns_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "1", "null", "\"\""] {
        let mut visitor = Visitor::new(&gateway);
        visitor.cookies.insert("session".to_owned(), invented.to_owned());
        let page = visitor.get("/").await;
        assert!(page.reply.headers.contains_key("set-cookie"));
        assert_ne!(visitor.cookies["session"], invented);
        assert!(gateway.inner.accounts.of_cookie(invented).await.unwrap().is_none());
    }
    // Nor by a form, and an API token is no cookie, nor a cookie an API token.
    let mut visitor = Visitor::new(&gateway);
    visitor.get("/").await;
    let api = gateway.api("ana").await;
    let mut other = Visitor::new(&gateway);
    other.cookies.insert("session".to_owned(), api.token.clone());
    other.get("/").await;
    assert_ne!(other.cookies["session"], api.token);
    let bearer = client().get(format!("{}/api/v1/connections", gateway.url)).bearer_auth(&visitor.cookies["session"]);
    assert_eq!(reply(bearer).await.status, 401);
}

#[tokio::test]
async fn a_session_ends_after_a_week_of_silence_and_after_thirty_days() {
    let clock = clock();
    let gateway = Gateway::with(&[], clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    let value = |visitor: &Visitor| visitor.cookies["session"].clone();
    visitor.get("/").await;
    // A browser that comes back ends its old session itself; this one never does.
    Visitor::new(&gateway).get("/").await;
    let first = value(&visitor);
    clock.advance(SignedDuration::from_hours(7 * 24));
    visitor.get("/").await;
    assert_eq!(value(&visitor), first, "seven days of silence are allowed");
    clock.advance(SignedDuration::from_hours(7 * 24) + SignedDuration::from_secs(1));
    let form = [("csrf", "x"), ("label", "late")];
    assert_eq!(visitor.post("/account/tokens", &form).await.status, 403);
    visitor.get("/").await;
    let second = value(&visitor);
    assert_ne!(second, first);

    for _ in 0..6 {
        clock.advance(SignedDuration::from_hours(5 * 24));
        visitor.get("/").await;
        assert_eq!(value(&visitor), second, "a session in use goes on for thirty days");
    }
    clock.advance(SignedDuration::from_secs(1));
    visitor.get("/").await;
    assert_ne!(value(&visitor), second);
    assert!(gateway.inner.accounts.sweep().await.unwrap() >= 2, "what has ended is deleted");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let csrf = visitor.csrf().await;
    let before = visitor.cookies.clone();
    let page = visitor.post("/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!((page.status, page.location()), (303, "/sign-in"));
    assert!(page.reply.header("set-cookie").starts_with("session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    assert!(visitor.cookies.is_empty());
    let mut thief = Visitor::new(&gateway);
    thief.cookies = before.clone();
    assert_eq!(thief.post("/account/tokens", &[("csrf", &csrf), ("label", "thief")]).await.status, 403);
    thief.cookies = before.clone();
    thief.get("/account").await;
    assert_ne!(thief.cookies, before, "the old cookie is worth nothing");
}

async fn as_token(gateway: &Gateway, token: &str) -> Reply {
    reply(client().get(format!("{}/api/v1/connections", gateway.url)).bearer_auth(token)).await
}

#[tokio::test]
async fn a_token_is_shown_once_used_and_revoked() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.connect(&jira, "ana", "/connections").await;
    let page = visitor.get("/account").await;
    assert!(page.texts(".row").is_empty() && page.texts(".token").is_empty());
    for label in ["", "   ", &"x".repeat(101), "line\nbreak"] {
        let page = visitor.submit(&page, "/account/tokens", &[("label", label)]).await;
        assert_eq!(
            (page.status, page.texts("#label-problem").len(), page.texts(".row").len()),
            (422, 1, 0),
            "{label:?}"
        );
    }
    let made = visitor.submit(&page, "/account/tokens", &[("label", "Build <server>")]).await;
    let token = made.one(".token code");
    assert!(made.status == 200 && token.starts_with("jng_") && !token.starts_with("jng__"), "{token}");
    assert_eq!(made.reply.header("cache-control"), "no-store");
    let page = visitor.get("/account").await;
    assert_eq!(page.one(".row-title"), "Build <server>");
    assert!(!page.text.contains(&token), "it is shown this once");

    let rows = as_token(&gateway, &token).await;
    assert_eq!(rows.json()["connections"][0]["label"], "ana@acme.example", "it sees what its maker sees");
    let revoke = page.attributes("form[action$='/revoke']", "action").remove(0);
    let mut stranger = Visitor::signed_in(&gateway, "ben").await;
    let csrf = stranger.csrf().await;
    assert_eq!(stranger.post(&revoke, &[("csrf", &csrf)]).await.status, 404, "not somebody else's");
    assert_eq!(as_token(&gateway, &token).await.status, 200);
    let page = visitor.submit_and_follow(&page, &revoke, &[]).await;
    assert_eq!(page.one(".banner"), "The token is revoked. It stopped working at once.");
    assert!(page.texts(".row").is_empty());
    assert_eq!(as_token(&gateway, &token).await.status, 401, "at once");
}
