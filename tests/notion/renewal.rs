//! A connection's token is renewed when Notion refuses it: once, kept before it is used, and not for ever
//! (notion-rest-api §2, "Refresh rule").

use std::sync::Arc;

use jira_notion_gateway::gateway::Gateway as Inner;
use jira_notion_gateway::notion::client::{Client, Me};
use jira_notion_gateway::outbound::Url;
use jira_notion_gateway::store::NotionConnectionId;
use jira_notion_gateway::workspace::TokenError;
use serde_json::json;
use tokio::task::JoinSet;

use super::town::Town;
use crate::oauth::seen::local;
use crate::pages::visitor::Visitor;
use crate::world::gateway::Gateway;
use crate::world::jira::Fault;

const TOKEN: (&str, &str) = ("POST", "/v1/oauth/token");

/// A call as the sync makes it.
async fn ask(gateway: &Arc<Inner>, town: &Town, id: &NotionConnectionId) -> Result<Me, TokenError> {
    calls(&[gateway], town, id, 1).await.remove(0)
}

/// So many at once, by each of these processes in turn.
async fn calls(
    gateways: &[&Arc<Inner>],
    town: &Town,
    id: &NotionConnectionId,
    times: usize,
) -> Vec<Result<Me, TokenError>> {
    let base = Url::parse(town.notion.url()).unwrap();
    let mut tasks = JoinSet::new();
    for gateway in gateways.iter().cycle().take(times) {
        let client = Client::new(gateway.connect.sites().operator().clone(), &base).unwrap();
        let (workspaces, id) = (gateway.workspaces.clone(), id.clone());
        tasks.spawn(async move {
            let client = &client;
            workspaces.ask(&id, |token| async move { client.me(&token).await }).await
        });
    }
    tasks.join_all().await
}

/// Nora's Notion, connected by consent for whoever is at this machine.
async fn connected() -> (Town, NotionConnectionId) {
    let town = Town::start().await;
    let mut browser = Visitor::new(&town.gateway);
    let away = browser.get("/notion/connect").await;
    assert_eq!(browser.open(&town.notion.allow(away.location(), town.nora)).await.status, 200);
    let rows = town.gateway.inner.workspaces.of(&local(&town.gateway).await).await.unwrap();
    town.notion.clear_log();
    (town, rows[0].id.clone())
}

async fn health(town: &Town) -> String {
    let rows = town.gateway.inner.workspaces.of(&local(&town.gateway).await).await.unwrap();
    rows[0].health.as_str().to_owned()
}

fn renewals(town: &Town) -> usize {
    town.notion.received(TOKEN.0, TOKEN.1).len()
}

#[tokio::test]
async fn however_many_are_refused_it_is_renewed_once() {
    let (town, id) = connected().await;
    let inner = &town.gateway.inner;
    assert_eq!(ask(inner, &town, &id).await.unwrap().workspace_name, "Acme");
    assert_eq!(renewals(&town), 0, "a good token is used as it is");
    town.notion.expire_tokens(town.nora);
    let asked = calls(&[inner], &town, &id, 20).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(renewals(&town), 1);
    // And again: the pair that was given is what is kept.
    town.notion.expire_tokens(town.nora);
    assert!(ask(inner, &town, &id).await.is_ok());
    assert_eq!((renewals(&town), health(&town).await), (2, "ok".to_owned()));
}

#[tokio::test]
async fn two_processes_renew_once_and_use_the_same() {
    let (town, id) = connected().await;
    let config = town.gateway.folder.path().join("gateway.toml");
    let flags = ["--config", config.to_str().unwrap()];
    let second = Gateway::at(town.gateway.folder.clone(), &flags, town.clock.clone()).await;
    town.notion.expire_tokens(town.nora);
    let asked = calls(&[&town.gateway.inner, &second.inner], &town, &id, 10).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(renewals(&town), 1);
    second.stop().await;
}

#[tokio::test]
async fn a_caller_who_goes_away_loses_nothing() {
    let (town, id) = connected().await;
    town.notion.expire_tokens(town.nora);
    let inner = town.gateway.inner.clone();
    let token = inner.workspaces.token(&id).await.unwrap();
    {
        let renewing = inner.workspaces.after_refusal(&token);
        tokio::pin!(renewing);
        // Begun, and dropped before its answer.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(1), &mut renewing).await;
    }
    inner.workspaces.settle().await;
    assert!(ask(&inner, &town, &id).await.is_ok());
    assert_eq!(renewals(&town), 1);
}

/// A new pair that cannot be kept is not used; it waits in memory, since Notion has ended the one before.
#[tokio::test]
async fn a_database_that_fails_meanwhile_loses_nothing() {
    let (town, id) = connected().await;
    let inner = &town.gateway.inner;
    town.notion.expire_tokens(town.nora);
    // Refuses every change of a token, as a full disk would.
    let trigger =
        "CREATE TRIGGER full BEFORE UPDATE OF sealed ON notion_connections BEGIN SELECT RAISE(ABORT, 'full'); END";
    let file = town.gateway.folder.path().join("data").join("gateway.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut writer = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::query(trigger).execute(&mut writer).await.unwrap();
    let Err(TokenError::Notion(_)) = ask(inner, &town, &id).await else { panic!("a token is used that is not kept") };
    assert_eq!((renewals(&town), health(&town).await), (1, "ok".to_owned()));
    sqlx::query("DROP TRIGGER full").execute(&mut writer).await.unwrap();
    assert!(ask(inner, &town, &id).await.is_ok());
    assert_eq!((renewals(&town), health(&town).await), (1, "ok".to_owned()), "the pair that was given is used");
}

#[tokio::test]
async fn what_notion_has_ended_is_not_asked_again() {
    let (town, id) = connected().await;
    let inner = &town.gateway.inner;
    town.notion.end_tokens(town.nora);
    assert!(matches!(ask(inner, &town, &id).await, Err(TokenError::Reconnect)));
    assert_eq!((renewals(&town), health(&town).await), (1, "reconnect".to_owned()));
    town.notion.clear_log();
    assert!(matches!(ask(inner, &town, &id).await, Err(TokenError::Reconnect)));
    assert!(town.notion.log().is_empty());
    let mut browser = Visitor::new(&town.gateway);
    let page = browser.get("/connections").await;
    assert_eq!(page.one("section[aria-labelledby=notion-accounts] .row-title"), "Acme Connect again");
    // Its person allows it again: the same row, and it works.
    let away = browser.get(&page.link("Connect Notion")).await;
    browser.open(&town.notion.allow(away.location(), town.nora)).await;
    assert_eq!((ask(inner, &town, &id).await.is_ok(), health(&town).await), (true, "ok".to_owned()));
}

#[tokio::test]
async fn while_notion_is_away_nothing_is_given_up() {
    let (town, id) = connected().await;
    let inner = &town.gateway.inner;
    town.notion.expire_tokens(town.nora);
    for fault in [Fault::status(503), Fault::status(429), Fault::Close, Fault::status(401)] {
        town.notion.fault(Some(1), TOKEN.1, fault);
        let Err(TokenError::Notion(_)) = ask(inner, &town, &id).await else { panic!("it was not renewed") };
        assert_eq!(health(&town).await, "ok");
    }
    assert!(ask(inner, &town, &id).await.is_ok());
    assert_eq!(town.notion.good_tokens(town.nora), 2);
}

#[tokio::test]
async fn a_typed_token_ends_at_its_first_refusal() {
    let town = Town::start().await;
    let api = town.gateway.api("local").await;
    let token = town.notion.make_token(town.nora);
    let row = api.post("/api/v1/notion-connections", &json!({ "token": token })).await.json();
    let id = NotionConnectionId::parse(row["id"].as_str().unwrap()).unwrap();
    let inner = &town.gateway.inner;
    assert!(ask(inner, &town, &id).await.is_ok());
    town.notion.expire_tokens(town.nora);
    assert!(matches!(ask(inner, &town, &id).await, Err(TokenError::Reconnect)));
    assert_eq!((renewals(&town), health(&town).await), (0, "reconnect".to_owned()));
    // Removed: there is nothing to ask with.
    api.send(reqwest::Method::DELETE, &format!("/api/v1/notion-connections/{id}"), None).await;
    assert!(matches!(ask(inner, &town, &id).await, Err(TokenError::Gone)));
}
