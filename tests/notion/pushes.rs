//! `PATCH /v1/external/object` as Notion takes it (notion-link-preview §4H). That pages change is shown beside a gateway.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Alone, JIRA, alone};
use crate::world::gateway::{Reply, reply};
use crate::world::jira::Fault;
use crate::world::notion::UnknownUri;

/// A good push of a link that no page shows.
fn gone() -> Value {
    json!({
        "uri": format!("{JIRA}/browse/OPS-7"),
        "operations": [{"path": ["error"], "set": {"status": 404, "message": "Content not found"}}],
    })
}

async fn push(it: &Alone, token: &str, version: Option<&str>, body: &Value) -> Reply {
    let request = it.request(Method::PATCH, "/v1/external/object").bearer_auth(token).json(body);
    reply(version.into_iter().fold(request, |request, version| request.header("notion-version", version))).await
}

fn outcome(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn token(it: &Alone) -> String {
    it.exchange(&it.code()).await.json()["access_token"].as_str().unwrap().to_owned()
}

const VERSION: Option<&str> = Some("2021-08-16");

#[tokio::test]
async fn a_push_needs_a_live_token_a_version_and_good_operations() {
    let it = alone().await;
    let token = token(&it).await;
    assert_eq!(outcome(&push(&it, "ntn_other", VERSION, &gone()).await), (401, "unauthorized".into()));
    assert_eq!(outcome(&push(&it, &token, None, &gone()).await), (400, "missing_version".into()));
    assert_eq!(outcome(&push(&it, &token, Some("1999-01-01"), &gone()).await), (400, "validation_error".into()));
    let mut bad = gone();
    bad["operations"][0]["set"]["status"] = json!(200);
    let answer = push(&it, &token, VERSION, &bad).await;
    assert_eq!(outcome(&answer), (400, "validation_error".into()));
    assert!(answer.json()["message"].as_str().unwrap().contains("operations[0].status"), "{}", answer.text);
    assert_eq!(outcome(&push(&it, &token, VERSION, &gone()).await), (404, "object_not_found".into()));
    it.notion.switch(|switches| switches.unknown_uri = UnknownUri::Accepted);
    assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 200);
    let text = it.request(Method::PATCH, "/v1/external/object").bearer_auth(&token).body("uri");
    assert_eq!(outcome(&reply(text.header("notion-version", "2021-08-16")).await), (400, "invalid_json".into()));
    assert_eq!(it.notion.received("PATCH", "/v1/external/object").len(), 7);
}

#[tokio::test]
async fn three_pushes_a_second_pass_when_the_switch_is_on() {
    let it = alone().await;
    let token = token(&it).await;
    it.notion.switch(|switches| {
        switches.unknown_uri = UnknownUri::Accepted;
        switches.pushes_a_second = Some(3);
    });
    for _ in 0..3 {
        assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 200);
    }
    let answer = push(&it, &token, VERSION, &gone()).await;
    assert_eq!(outcome(&answer), (429, "rate_limited".into()));
    assert_eq!(answer.header("retry-after"), "1");
    it.later(SignedDuration::from_millis(400));
    assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 200);
    assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 429);
}

#[tokio::test]
async fn what_goes_wrong_is_in_the_log() {
    let it = alone().await;
    let token = token(&it).await;
    it.notion.switch(|switches| switches.unknown_uri = UnknownUri::Accepted);
    it.notion.clear_log();
    for fault in [Fault::status(502), Fault::Failed(503)] {
        it.notion.fault(Some(1), "/v1/external/object", fault);
    }
    assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 503, "the newest fault comes first");
    assert_eq!(push(&it, &token, VERSION, &gone()).await.status, 502);
    it.notion.fault(Some(1), "/v1/external/object", Fault::Lost);
    let request = it.request(Method::PATCH, "/v1/external/object").bearer_auth(&token).json(&gone());
    assert!(request.header("notion-version", "2021-08-16").send().await.is_err());
    let statuses: Vec<u16> = it.notion.log().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [200, 502, 200], "applied, not applied, applied");
}
