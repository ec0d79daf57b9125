//! The REST API of personal access tokens (jira-auth-and-rest §4.2).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::super::As::{self, Basic, Bearer, Nobody};
use super::super::{MYSELF_2, Reply, data_center, get, post, request, send};
use crate::world::{FakeJira, Personality};

const ANA: As<'static> = Basic("ana", "ana's password");

async fn create(jira: &FakeJira, who: As<'_>, name: &str, days: Option<i64>) -> Reply {
    post(&jira.at("/rest/pat/latest/tokens"), who, json!({"name": name, "expirationDuration": days})).await
}

async fn revoke(jira: &FakeJira, who: As<'_>, id: &str) -> u16 {
    send(request(Method::DELETE, &jira.at(&format!("/rest/pat/latest/tokens/{id}")), who)).await.status
}

#[tokio::test]
async fn a_new_token_works_until_its_day() {
    let jira = data_center(Personality::server().version("8.14.0")).await;
    let reply = create(&jira, ANA, "gateway", Some(90)).await;
    let body = reply.json();
    assert_eq!((reply.status, &body["name"]), (201, &json!("gateway")));
    assert_eq!(body["expiringAt"], (jira.now() + SignedDuration::from_hours(90 * 24)).to_string());
    let token = body["rawToken"].as_str().unwrap();
    assert_eq!(token.len(), 44);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.header("x-ausername"), "ana");
    let list = get(&jira.at("/rest/pat/latest/tokens"), ANA).await;
    assert_eq!((list.json().as_array().unwrap().len(), list.text.contains(token)), (3, false));
    jira.advance(SignedDuration::from_hours(90 * 24));
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.status, 401);
    let endless = create(&jira, ANA, "endless", None).await.json();
    assert_eq!(endless["expiringAt"], json!(null));
}

#[tokio::test]
async fn one_revokes_ones_own_tokens() {
    let jira = data_center(Personality::data_center()).await;
    let body = create(&jira, ANA, "gateway", Some(1)).await.json();
    let (id, token) = (body["id"].to_string(), body["rawToken"].as_str().unwrap());
    let other = create(&jira, ANA, "other", Some(1)).await.json();
    assert_eq!(revoke(&jira, Basic("ben", "ben's password"), &id).await, 404);
    assert_eq!(revoke(&jira, Nobody, &id).await, 401);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.status, 200);
    assert_eq!(revoke(&jira, ANA, &id).await, 204);
    assert_eq!(revoke(&jira, ANA, &id).await, 404);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.status, 401);
    let list = get(&jira.at("/rest/pat/latest/tokens"), ANA).await.json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert!(ids.len() == 3 && ids.contains(&&other["id"]), "ids do not move: {ids:?}");
}

#[tokio::test]
async fn a_session_may_make_tokens_too() {
    let jira = data_center(Personality::data_center().version("11.3.0")).await;
    assert_eq!(create(&jira, ANA, "gateway", Some(1)).await.status, 403, "no passwords here");
    let fields = [("os_username", "ana"), ("os_password", "ana's password")];
    let signed_in = super::submit(&jira.at("/login.jsp"), &fields).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap();
    let body = json!({"name": "gateway", "expirationDuration": 1});
    let url = jira.at("/rest/pat/latest/tokens");
    assert_eq!(send(request(Method::POST, &url, Nobody).header("cookie", cookie).json(&body)).await.status, 201);
}

#[tokio::test]
async fn strangers_old_servers_and_nonsense_are_refused() {
    let jira = data_center(Personality::data_center()).await;
    assert_eq!(create(&jira, Nobody, "x", None).await.status, 401);
    assert_eq!(create(&jira, Basic("ana", "wrong"), "x", None).await.status, 401);
    for (name, days) in [("", Some(1)), (" ", None), ("x", Some(0)), ("x", Some(-1))] {
        assert_eq!(create(&jira, ANA, name, days).await.status, 400, "{name} {days:?}");
    }
    let url = jira.at("/rest/pat/latest/tokens");
    assert_eq!(send(request(Method::POST, &url, ANA).body("name=x")).await.status, 415);
    assert_eq!(send(request(Method::PUT, &url, ANA)).await.status, 405);
    let old = data_center(Personality::server().version("8.13.9")).await;
    assert_eq!((create(&old, ANA, "x", None).await.status, revoke(&old, ANA, "1").await), (404, 404));
}
