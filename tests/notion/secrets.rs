//! States, codes and tokens of Notion: none of them stands in a log, a page, an answer or the database.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::parameter;
use super::town::Town;
use crate::pages::leaks::Log;
use crate::pages::visitor::Visitor;
use crate::world::jira::Fault;

/// Whatever was said to Notion or by it that nobody else may see.
fn secrets(town: &Town) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for exchange in town.notion.log() {
        found.extend(exchange.header("authorization").and_then(|it| it.split_once(' ')).map(|it| it.1.to_owned()));
        for text in [&exchange.body, &exchange.answer] {
            let Ok(Value::Object(object)) = serde_json::from_str(text) else { continue };
            let names = ["code", "token", "access_token", "refresh_token"];
            let given = names.iter().filter(|name| exchange.status == 200 || **name != "code");
            found.extend(given.filter_map(|name| object.get(*name)?.as_str()).map(str::to_owned));
        }
    }
    found
}

#[tokio::test]
async fn no_secret_of_notion_comes_out_anywhere() {
    let (log, _captured) = Log::capture();
    let town = Town::with(|_, _| "sign_in = 'notion'\nlog = 'trace'\n".to_owned()).await;
    let mut nora = Visitor::new(&town.gateway);
    let (mut seen, mut canaries) = (Vec::new(), BTreeSet::new());
    // There and back, in every way that goes wrong and in the one that does not.
    for fault in [Some(Fault::status(503)), Some(Fault::MalformedJson), Some(Fault::status(401)), None] {
        let away = nora.get("/notion/connect?return_to=/connections").await;
        let back = town.notion.allow(away.location(), town.nora);
        canaries.extend(["state", "code"].map(|name| parameter(&back, name)));
        if let Some(fault) = fault {
            town.notion.fault(Some(1), "/v1/oauth/token", fault);
        }
        seen.push(nora.open(&back).await.text);
        seen.push(nora.open(&back).await.text);
    }
    // A token that is renewed, and one that is not; typed ones, good and bad.
    let api = town.gateway.api("ana").await;
    for token in ["ntn_canary-wrong", &town.notion.make_token(town.omar)] {
        seen.push(api.post("/api/v1/notion-connections", &json!({ "token": token })).await.text);
    }
    let inner = &town.gateway.inner;
    let rows = nora.get("/api/v1/notion-connections").await;
    let id = rows.reply.json()["notion_connections"][0]["id"].as_str().unwrap().to_owned();
    let connection = jira_notion_gateway::store::NotionConnectionId::parse(&id).unwrap();
    let token = inner.workspaces.token(&connection).await.unwrap();
    seen.push(format!("{token:?} {:?}", inner.workspaces));
    town.notion.fault(Some(1), "/v1/oauth/token", Fault::status(503));
    assert!(inner.workspaces.after_refusal(&token).await.is_err());
    let token = inner.workspaces.after_refusal(&token).await.unwrap();
    town.notion.end_tokens(town.nora);
    assert!(inner.workspaces.after_refusal(&token).await.is_err());
    let page = nora.get("/connections").await;
    seen.extend([page.text.clone(), rows.text, api.get("/api/v1/notion-connections").await.text]);
    seen.push(nora.submit_and_follow(&page, &format!("/notion/connections/{id}/remove"), &[]).await.text);
    canaries.extend(secrets(&town));
    assert!(canaries.len() >= 14, "{canaries:?}");

    let Town { gateway, .. } = town;
    let folder = gateway.folder.clone();
    gateway.stop().await;
    let log = log.text();
    assert!(
        log.contains("a person connected Notion by consent") && log.contains("does not accept a connection any more")
    );
    seen.push(log);
    for file in std::fs::read_dir(folder.path().join("data")).unwrap() {
        seen.push(String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned());
    }
    for text in &seen {
        let found = canaries.iter().find(|it| text.contains(it.as_str()));
        assert!(found.is_none(), "{found:?} in {text}");
    }
}
