//! `/api/v1/notion-connections`: a token that is typed is proven, kept, listed and taken away (contract §4).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::town::Town;
use crate::openapi::validate;
use crate::world::gateway::{Api, Reply};
use crate::world::jira::Fault;

const PATH: &str = "/api/v1/notion-connections";

async fn add(api: &Api, token: &str) -> Reply {
    api.post(PATH, &json!({ "token": token })).await
}

fn told(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_good_token_becomes_a_row_until_it_is_taken_away() {
    let town = Town::start().await;
    let (ana, ben) = (town.gateway.api("ana").await, town.gateway.api("ben").await);
    let token = town.notion.make_token(town.nora);
    let added = add(&ana, &format!(" {token}\n")).await;
    let id = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((added.status.as_u16(), added.json()), (201, json!({"id": id, "workspace": "Acme"})));
    assert!(id.starts_with("ncn_"));
    validate("addNotionConnection", 201, &added.json());
    // The same bot again: another token takes the place of the first.
    let again = add(&ana, &town.notion.make_token(town.nora)).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, added.json()));
    validate("addNotionConnection", 200, &again.json());
    town.later(SignedDuration::from_secs(1));
    assert_eq!(add(&ana, &town.notion.make_token(town.omar)).await.status, 201);
    let rows = ana.get(PATH).await;
    validate("listNotionConnections", 200, &rows.json());
    assert_eq!(rows.json()["notion_connections"].as_array().unwrap().len(), 2);
    let first = json!({"id": id, "workspace": "Acme", "kind": "token", "health": "ok"});
    assert_eq!(rows.json()["notion_connections"][0], first);
    assert!(!rows.text.contains(&token));
    // It is nobody else's.
    let own = format!("{PATH}/{id}");
    assert_eq!(ben.get(PATH).await.json(), json!({"notion_connections": []}));
    for path in [&own, &format!("{PATH}/ncn_00000000000000000000"), &format!("{PATH}/x")] {
        let reply = ben.send(Method::DELETE, path, None).await;
        assert_eq!(told(&reply), (404, "not_found".to_owned()));
        validate("removeNotionConnection", 404, &reply.json());
    }
    let good = town.notion.good_tokens(town.nora);
    assert_eq!(ana.send(Method::DELETE, &own, None).await.status, 204);
    assert_eq!(ana.send(Method::DELETE, &own, None).await.status, 404);
    assert_eq!(ana.get(PATH).await.json()["notion_connections"].as_array().unwrap().len(), 1);
    assert_eq!(town.notion.good_tokens(town.nora), good, "a typed token is its person's own");
    town.nothing_was_refused();
}

#[tokio::test]
async fn what_is_no_good_token_is_refused_and_nothing_is_kept() {
    let town = Town::start().await;
    let ana = town.gateway.api("ana").await;
    let refused = async |token: &str, code: &str| {
        let reply = add(&ana, token).await;
        assert_eq!(told(&reply), (422, code.to_owned()), "{}", reply.text);
        validate("addNotionConnection", 422, &reply.json());
        assert!(token.len() < 9 || !reply.text.contains(token), "{}", reply.text);
    };
    refused("ntn_canary-wrong", "wrong_credentials").await;
    assert_eq!(town.notion.received("GET", "/v1/users/me").len(), 1, "tried once");
    town.notion.clear_log();
    refused("", "invalid_request").await;
    refused(" \n", "invalid_request").await;
    refused(&"x".repeat(5000), "invalid_request").await;
    refused("ntn_\u{e4}\r\nx", "wrong_credentials").await;
    assert!(town.notion.log().is_empty(), "what cannot be a token is not sent");
    let good = town.notion.make_token(town.nora);
    for fault in [Fault::status(503), Fault::status(429), Fault::Close, Fault::MalformedJson, Fault::SignInPage] {
        town.notion.fault(Some(1), "/v1/users/me", fault);
        refused(&good, "unreachable").await;
    }
    for body in [json!({}), json!({"token": 1}), json!({"token": good, "more": 1})] {
        assert_eq!(told(&ana.post(PATH, &body).await), (422, "invalid_request".to_owned()), "{body}");
    }
    assert_eq!(ana.get(PATH).await.json(), json!({"notion_connections": []}));
    assert_eq!(add(&ana, &good).await.status, 201);
}

#[tokio::test]
async fn nobody_may_try_as_often_as_they_like() {
    let town = Town::start().await;
    let ana = town.gateway.api("ana").await;
    let good = town.notion.make_token(town.nora);
    for _ in 0..30 {
        assert!(add(&ana, &good).await.status.is_success());
    }
    let reply = add(&ana, &good).await;
    assert_eq!(told(&reply), (429, "too_many_requests".to_owned()));
    validate("addNotionConnection", 429, &reply.json());
}
