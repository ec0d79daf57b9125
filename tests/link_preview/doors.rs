//! Doors that stand open to everybody: what they do for whoever proves nothing.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::tokens;
use crate::notion::OUR_CLIENT;
use crate::notion::town::Town;
use crate::oauth::seen::count;
use crate::world::gateway::{Gateway, client, reply};

#[tokio::test]
async fn without_the_settings_there_is_no_such_door() {
    let gateway = Gateway::start().await;
    let query = format!("client_id={}&response_type=code&code=x", OUR_CLIENT.0);
    for (method, path) in [
        (Method::GET, format!("/notion/authorize?{query}")),
        (Method::POST, "/notion/authorize".to_owned()),
        (Method::POST, "/notion/token".to_owned()),
        (Method::POST, "/notion/unfurl".to_owned()),
        (Method::DELETE, "/notion/unfurl".to_owned()),
        (Method::DELETE, "/notion/deleted-token".to_owned()),
        (Method::POST, "/notion/deleted-token".to_owned()),
    ] {
        let request = || client().request(method.clone(), format!("{}{path}", gateway.url));
        assert_eq!(reply(request()).await.status, 404, "{method} {path}");
        let token = "jna_0000000000000000000000000000000000000000000";
        let with_more = request().bearer_auth(token).json(&json!({"uri": "https://jira.example.com/browse/OPS-7"}));
        assert_eq!(reply(with_more).await.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn a_stranger_costs_neither_jira_nor_notion_anything() {
    let town = Town::start().await;
    let (_, refresh) = tokens(&town.redeem(&town.code().await).await);
    town.jira.forget_calls();
    town.notion.clear_log();
    let body = json!({ "uri": town.link("OPS-7") });
    let post = || client().post(town.at("/notion/unfurl")).json(&body);
    let api_token = town.gateway.api("ana").await.token;
    let no_token = reply(post()).await;
    assert_eq!((no_token.status.as_u16(), no_token.header("www-authenticate")), (401, "Bearer"));
    let cookie = format!("session={}", town.browser("ana").await.cookies["session"]);
    let session = reply(post().header("cookie", cookie)).await;
    assert_eq!(session.status, 401, "a browser's session is no token");
    let never = "jna_0000000000000000000000000000000000000000000";
    for token in ["x", &refresh, &api_token, never, &"x".repeat(4_000)] {
        let answer = reply(post().bearer_auth(token)).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"]["status"].as_u64()), (401, Some(401)));
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert!(!answer.text.contains("Safari") && !answer.text.contains(token), "{}", answer.text);
    }
    let (access, _) = tokens(&town.renew(&refresh).await);
    for value in [format!("Basic {access}"), access.clone(), "Bearer ".to_owned()] {
        assert_eq!(reply(post().header("authorization", value)).await.status, 401);
    }
    let two = post().header("authorization", format!("Bearer {access}")).header("authorization", "Bearer x");
    assert_eq!(reply(two).await.status, 401, "which of them is meant?");
    let query = client().post(town.at(&format!("/notion/unfurl?access_token={access}"))).json(&body);
    assert_eq!(reply(query).await.status, 401, "addresses are written down on the way");
    let large = client().post(town.at("/notion/unfurl")).bearer_auth(never).body("x".repeat(2 << 20));
    assert_eq!(reply(large).await.status, 401, "before anything else is looked at");
    assert_eq!((town.jira.calls().total, count(&town.gateway, "watches").await), (0, 0));
    assert!(town.notion.log().is_empty());
    town.later(SignedDuration::from_mins(60));
    assert!(!town.is_good(&access).await, "an hour is over");
}

#[tokio::test]
async fn a_question_that_is_none_is_told_so() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    town.jira.forget_calls();
    let ask = || client().post(town.at("/notion/unfurl")).bearer_auth(town.held());
    for body in ["", "x", "[]", "{}", "{\"uri\":7}", "{\"uri\":\"\"}", "{\"uri\":null}", "{\"url\":\"x\"}"] {
        let answer = reply(ask().header("content-type", "application/json").body(body)).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"]["status"].as_u64()), (400, Some(400)), "{body}");
    }
    let long = format!("{}?x={}", town.link("OPS-7"), "x".repeat(9_000));
    assert_eq!(town.unfurl(&town.held(), &long).await.status, 400);
    assert_eq!(reply(ask().body("x".repeat(2 << 20))).await.status, 413);
    // Other addresses are answered and never called, nor kept.
    for uri in ["http://127.0.0.1:1/browse/OPS-7", "file:///etc/passwd", "OPS-7", "javascript:alert(1)", "\u{0}"] {
        let answer = town.unfurl(&town.held(), uri).await;
        assert_eq!((answer.status.as_u16(), answer.json()["uri"].as_str()), (200, Some(uri)), "{uri}");
        assert!(super::said(&answer.text).starts_with("error"), "{}", answer.text);
    }
    assert_eq!(town.jira.calls().total, 0);
}

#[tokio::test]
async fn only_a_good_token_ends_a_watch() {
    let town = Town::start().await;
    let (old, refresh) = tokens(&town.redeem(&town.code().await).await);
    let link = town.link("OPS-7");
    assert_eq!(town.unfurl(&old, &link).await.status, 200);
    town.later(SignedDuration::from_mins(61));
    let (access, refresh) = tokens(&town.renew(&refresh).await);
    let forget = async |token: &str| {
        let request = client().delete(town.at("/notion/unfurl")).bearer_auth(token).json(&json!({ "uri": link }));
        let answer = reply(request).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
        town.watched().await
    };
    assert_eq!(forget(&old).await, 1, "it has ended");
    assert_eq!(forget(&refresh).await, 1, "it is for renewals");
    assert_eq!(forget(&access).await, 0);
    assert_eq!(forget(&access).await, 0);
}

#[tokio::test]
async fn a_token_of_before_does_not_end_what_was_allowed_since() {
    let town = Town::start().await;
    let delete = async |token: &str| {
        let request = client().delete(town.at("/notion/deleted-token")).json(&json!({"access_token": token}));
        assert_eq!(reply(request.timeout(Duration::from_secs(10))).await.status, 200);
    };
    let (old, _) = tokens(&town.redeem(&town.code().await).await);
    assert!(town.is_good(&old).await);
    let (new, refresh) = tokens(&town.redeem(&town.code().await).await);
    // Notion says late, or once more, that the older one was deleted.
    delete(&old).await;
    assert!(!town.is_good(&old).await && town.is_good(&new).await);
    assert_eq!((count(&town.gateway, "grants").await, town.watched().await), (1, 1));
    delete(&old).await;
    assert!(town.is_good(&new).await);
    delete(&refresh).await;
    assert!(!town.is_good(&new).await);
    assert_eq!((count(&town.gateway, "grants").await, town.watched().await), (0, 0));
}
