//! Notion's own OAuth, by which a person signs in or lets the sync in (notion-rest-api §2).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Alone, CALLBACK, NOTION_CLIENT, alone, integration, parameter, refused};
use crate::world::gateway::{Reply, reply};

/// A good request; an empty value leaves a parameter out.
fn authorize(it: &Alone, changed: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", NOTION_CLIENT.0),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("owner", "user"),
        ("state", "s+1"),
    ];
    let kept = usual.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| name == other));
    let all = kept.chain(changed.iter().filter(|(_, value)| !value.is_empty()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    format!("{}/v1/oauth/authorize?{query}", it.notion.url())
}

async fn exchange(it: &Alone, code: &str, redirect_uri: Value) -> Reply {
    it.token(&json!({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})).await
}

#[tokio::test]
async fn a_request_that_is_not_right_ends_at_an_error_page() {
    let it = alone().await;
    for (name, value) in [
        ("client_id", "nobody's"),
        ("client_id", ""),
        ("redirect_uri", "https://gateway.example/notion/callback/"),
        ("redirect_uri", "https://evil.example/"),
        ("response_type", "token"),
        ("owner", ""),
        ("owner", "workspace"),
    ] {
        let url = authorize(&it, &[(name, value)]);
        let page = reply(it.request(Method::GET, url.strip_prefix(it.notion.url()).unwrap())).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{name}={value}");
    }
}

#[tokio::test]
async fn the_code_names_the_person_and_must_come_with_its_redirect_uri() {
    let it = alone().await;
    let back = it.notion.allow(&authorize(&it, &[]), it.nora);
    assert!(back.starts_with(CALLBACK) && parameter(&back, "state") == "s+1", "{back}");
    let code = parameter(&back, "code");
    refused(&exchange(&it, &code, json!(null)).await, 400, "invalid_grant");
    refused(&exchange(&it, &code, json!("https://gateway.example/")).await, 400, "invalid_grant");
    let answer = exchange(&it, &code, json!(CALLBACK)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let user = &answer.json()["owner"]["user"];
    assert_eq!((&user["id"], &user["name"]), (&json!(it.notion.user(it.nora).id), &json!("Nora Lind")));
    refused(&exchange(&it, &code, json!(CALLBACK)).await, 400, "invalid_grant");
}

#[tokio::test]
async fn the_only_redirect_uri_may_be_left_out_twice_but_not_once() {
    let it = alone().await;
    let short = authorize(&it, &[("redirect_uri", "")]);
    let code = || parameter(&it.notion.allow(&short, it.nora), "code");
    refused(&exchange(&it, &code(), json!(CALLBACK)).await, 400, "invalid_grant");
    assert_eq!(exchange(&it, &code(), json!(null)).await.status, 200);
    it.notion.register(integration(&[CALLBACK, "https://gateway.example/other"])).unwrap();
    let page = reply(it.request(Method::GET, short.strip_prefix(it.notion.url()).unwrap())).await;
    assert_eq!(page.status, 400);
}

#[tokio::test]
async fn a_browser_allows_or_refuses_without_script() {
    let it = alone().await;
    let url = authorize(&it, &[]);
    let page = reply(it.request(Method::GET, url.strip_prefix(it.notion.url()).unwrap())).await;
    assert!(page.status == 200 && page.text.contains("Nora Lind") && !page.text.contains("<script"));
    let query = url.split_once('?').unwrap().1;
    let press = |user: &'static str| {
        let fields = [("request", query), ("user", user)];
        reply(it.request(Method::POST, "/v1/oauth/authorize").form(&fields))
    };
    let back = press("0").await;
    assert_eq!(exchange(&it, &parameter(back.header("location"), "code"), json!(CALLBACK)).await.status, 200);
    for back in [press("").await.header("location"), &it.notion.refuse_access(&url)] {
        assert_eq!((parameter(back, "error"), parameter(back, "state")), ("access_denied".into(), "s+1".into()));
    }
}

#[tokio::test]
async fn whose_token_it_is() {
    let it = alone().await;
    let code = parameter(&it.notion.allow(&authorize(&it, &[]), it.nora), "code");
    let token = exchange(&it, &code, json!(CALLBACK)).await.json();
    let bearer = token["access_token"].as_str().unwrap();
    let ask = || it.request(Method::GET, "/v1/users/me").bearer_auth(bearer);
    let without = reply(ask()).await;
    assert_eq!((without.status.as_u16(), &without.json()["code"]), (400, &json!("missing_version")));
    let me = reply(ask().header("notion-version", "2026-03-11")).await.json();
    assert_eq!((&me["id"], &me["type"]), (&token["bot_id"], &json!("bot")));
    assert_eq!(me["bot"]["owner"]["user"]["person"]["email"], "nora@acme.example");
    assert_eq!(me["bot"]["workspace_id"], token["workspace_id"]);
}
