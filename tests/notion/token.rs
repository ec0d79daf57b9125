//! Notion's code in exchange for its token (notion-link-preview §4B).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{Alone, NOTION_CLIENT, alone, exchange, parameter, refused};
use crate::world::gateway::{Reply, reply};
use crate::world::notion::{OAuthErrors, Owner};

#[tokio::test]
async fn a_code_is_good_for_a_token_of_the_workspace() {
    let it = alone().await;
    let answer = it.exchange(&it.code()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert!(body["access_token"].as_str().unwrap().starts_with("ntn_"));
    assert!(body["refresh_token"].is_string() && body["request_id"].is_string());
    assert_eq!((&body["token_type"], &body["workspace_name"]), (&json!("bearer"), &json!("Acme")));
    assert_eq!(body["owner"], json!({"type": "workspace", "workspace": true}));
    assert!(body.get("expires_in").is_none(), "how long it lives is not told");

    it.notion.switch(|switches| (switches.owner, switches.refresh_tokens) = (Owner::User, false));
    let again = it.exchange(&it.code()).await.json();
    assert_eq!(again["owner"]["user"]["person"]["email"], "nora@acme.example");
    assert!(again["refresh_token"].is_null());
    assert_eq!(again["bot_id"], body["bot_id"], "one bot for one person and integration");
    assert_ne!(again["access_token"], body["access_token"]);
}

#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    let it = alone().await;
    let code = it.code();
    it.later(SignedDuration::from_mins(10));
    assert_eq!(it.exchange(&code).await.status, 200);
    refused(&it.exchange(&code).await, 400, "invalid_grant");
    let old = it.code();
    it.later(SignedDuration::from_secs(601));
    refused(&it.exchange(&old).await, 400, "invalid_grant");
    refused(&it.exchange("e202e8c9-0990-40af-855f-ff8f872b1ec6").await, 400, "invalid_grant");
    assert_eq!(it.notion.refusals().len(), 3);
}

#[tokio::test]
async fn only_http_basic_proves_the_client() {
    let it = alone().await;
    let body = exchange(&it.code());
    let post = || it.request(Method::POST, "/v1/oauth/token").json(&body);
    refused(&reply(post()).await, 401, "invalid_client");
    refused(&reply(post().basic_auth(NOTION_CLIENT.0, Some("secret-1235"))).await, 401, "invalid_client");
    refused(&reply(post().basic_auth("id-1235", Some(NOTION_CLIENT.1))).await, 401, "invalid_client");
    refused(&reply(post().bearer_auth(NOTION_CLIENT.1)).await, 401, "invalid_client");
    // The check vector of §4B; none of these refusals has used the code up.
    assert_eq!(reply(post().header("authorization", "Basic aWQtMTIzNDpzZWNyZXQtMTIzNA==")).await.status, 200);
}

#[tokio::test]
async fn a_body_that_lacks_something_says_what() {
    let it = alone().await;
    let code = it.code();
    let without_code = it.token(&json!({"grant_type": "authorization_code"})).await;
    // Proven byte for byte by a recording.
    let words = "{\"error\":\"invalid_request\",\"error_description\":\"body failed validation: body.code should be \
                 defined, instead was `undefined`.\"}";
    assert_eq!((without_code.status.as_u16(), without_code.text.as_str()), (400, words));
    for (name, value) in [
        ("external_account", json!(null)),
        ("external_account", json!({"key": "A1"})),
        ("external_account", json!({"name": "Ana"})),
        ("external_account", json!({"key": "", "name": "Ana"})),
        ("external_account", json!({"key": 7, "name": "Ana"})),
        ("redirect_uri", json!("https://www.notion.so/externalintegrationauthcallback")),
        ("grant_type", json!(null)),
    ] {
        let mut body = exchange(&code);
        body[name] = value.clone();
        refused(&it.token(&body).await, 400, "invalid_request");
    }
    let mut body = exchange(&code);
    body["grant_type"] = json!("client_credentials");
    refused(&it.token(&body).await, 400, "unsupported_grant_type");
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let (id, secret) = NOTION_CLIENT;
    let form = it.request(Method::POST, "/v1/oauth/token").basic_auth(id, Some(secret)).form(&form);
    refused(&reply(form).await, 400, "invalid_request");
    // Whether it may be missing is not known.
    it.notion.switch(|switches| switches.external_account_required = false);
    assert_eq!(it.token(&json!({"grant_type": "authorization_code", "code": code})).await.status, 200);
}

#[tokio::test]
async fn errors_have_either_shape() {
    let it = alone().await;
    it.notion.switch(|switches| switches.oauth_errors = OAuthErrors::Envelope);
    let answer = it.exchange("nothing").await;
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), &body["code"]), (400, &json!("invalid_grant")));
    assert!(body["object"] == "error" && body["status"] == 400 && body["request_id"].is_string());
}

#[tokio::test]
async fn a_refresh_rotates_both_tokens() {
    let it = alone().await;
    let first = it.exchange(&it.code()).await;
    assert_eq!(me(&it, &access(&first)).await.status, 200);
    let refresh = |token: String| json!({"grant_type": "refresh_token", "refresh_token": token});
    let token = first.json()["refresh_token"].as_str().unwrap().to_owned();
    let second = it.token(&refresh(token.clone())).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_eq!(me(&it, &access(&first)).await.status, 401);
    assert_eq!(me(&it, &access(&second)).await.status, 200);
    refused(&it.token(&refresh(token)).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_says_so() {
    let it = alone().await;
    let token = access(&it.exchange(&it.code()).await);
    let (id, secret) = NOTION_CLIENT;
    let ask = |path, token: &str| {
        reply(it.request(Method::POST, path).basic_auth(id, Some(secret)).json(&json!({ "token": token })))
    };
    assert_eq!(ask("/v1/oauth/introspect", &token).await.json()["active"], true);
    assert_eq!(ask("/v1/oauth/revoke", &token).await.status, 200);
    assert_eq!(ask("/v1/oauth/introspect", &token).await.json()["active"], false);
    let answer = me(&it, &token).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("unauthorized")));
    assert_eq!(ask("/v1/oauth/revoke", &token).await.status, 200, "once more does no harm");
}

#[tokio::test]
async fn the_authorize_url_carries_the_documented_parameters() {
    let it = alone().await;
    let url = it.notion.begin_connect(it.nora);
    assert!(url.starts_with("https://gateway.example/notion/authorize?"), "{url}");
    assert!(!url.contains('+') && url.contains("scope=unfurl%20user"), "{url}");
    assert_eq!(parameter(&url, "redirect_uri"), "https://www.notion.so/externalintegrationauthcallback");
    assert_eq!((parameter(&url, "client_id"), parameter(&url, "response_type")), ("mRkZGFjM".into(), "code".into()));
    let state = parameter(&url, "state");
    assert!(["@", "+", "%", "=", " "].iter().all(|it| state.contains(it)), "{state}");
    assert_ne!(parameter(&it.notion.begin_connect(it.nora), "state"), state);
}

fn access(reply: &Reply) -> String {
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

async fn me(it: &Alone, token: &str) -> Reply {
    let request = it.request(Method::GET, "/v1/users/me").bearer_auth(token).header("notion-version", "2026-03-11");
    reply(request).await
}
