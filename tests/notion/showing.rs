//! What pages of Notion show, and until when: the scenarios of notion-link-preview §9 about it.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::town::Town;
use super::{NOTION_CLIENT, OUR_CLIENT};
use crate::world::Issue;
use crate::world::gateway::{client, reply};
use crate::world::notion::{As, DeletedToken, UnfurlDelete};

#[tokio::test]
async fn an_expired_access_token_is_renewed_on_the_way() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    town.paste(town.nora, "OPS-7").await;
    let before = town.notion.connections(town.nora).remove(0);
    town.later(SignedDuration::from_secs(before.expires_in.unwrap() + 1));
    assert_eq!(town.unfurl(&before.access_token, &town.link("OPS-7")).await.status, 401);
    town.notion.clear_log();
    town.jira.change_issue("OPS-7", |issue| issue.summary = "Login works again".into());
    assert_eq!(town.notion.visit(town.nora, town.page).await[0].title(), "Login works again");
    let targets: Vec<String> = town.notion.log().iter().map(|it| format!("{} {}", it.method, it.target)).collect();
    assert_eq!(targets, [format!("POST {}", town.at("/notion/token")), format!("POST {}", town.at("/notion/unfurl"))]);
    assert_ne!(town.notion.connections(town.nora)[0].refresh_token, before.refresh_token);
    town.nothing_was_refused();
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_does_not_break_the_link() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    town.paste(town.nora, "OPS-7").await;
    let held = town.notion.connections(town.nora).remove(0);
    let refresh = held.refresh_token.unwrap();
    // Notion has asked, and does not know the answer: it goes on with the token that it has.
    let lost = town.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!(lost.status, 200, "{}", lost.text);
    town.later(SignedDuration::from_secs(held.expires_in.unwrap() + 1));
    assert!(town.notion.visit(town.nora, town.page).await[0].error.is_none());
    town.nothing_was_refused();
}

#[tokio::test]
async fn of_two_accounts_the_one_that_sees_it_answers() {
    let town = Town::start().await;
    let ben = town.connect(town.nora, "ben").await;
    assert_eq!(town.paste(town.nora, "HR-1").await.message(), Some("Content not found"));
    let ana = town.connect(town.nora, "ana").await;
    assert_ne!(ana, ben, "two accounts in one workspace are two connections");
    town.notion.clear_log();
    let shown = town.paste(town.nora, "HR-1").await;
    assert_eq!((shown.title(), shown.message()), ("Salaries 2027", None));
    assert_eq!(town.notion.sent("POST", "/notion/unfurl").len(), 2, "first Ben's, then Ana's");
    // A hidden link and a missing one are one answer.
    let tokens = town.notion.connections(town.nora);
    let of_ben = tokens.iter().find(|it| it.id == ben).unwrap();
    let mut answers = Vec::new();
    for key in ["HR-1", "HR-404"] {
        let answer = town.unfurl(&of_ben.access_token, &town.link(key)).await;
        answers.push((answer.status, answer.text.replace(key, "KEY")));
    }
    assert_eq!(answers[0], answers[1]);
    town.nothing_was_refused();
}

#[tokio::test]
async fn one_account_serves_two_workspaces_apart() {
    let town = Town::start().await;
    let beta = town.notion.add_workspace("Beta");
    let nora_there = town.notion.join(town.nora, beta);
    let there = town.notion.add_page(beta, "Roadmap");
    town.connect(town.nora, "ana").await;
    let second = town.connect(nora_there, "ana").await;
    assert_eq!(crate::oauth::seen::count(&town.gateway, "grants").await, 2);
    town.paste(town.nora, "OPS-7").await;
    let pasted = town.notion.paste(nora_there, there, &town.link("OPS-7"), As::Mention).await.unwrap();
    assert_eq!(pasted.mention(), "OPS-7 Login fails on Safari");
    assert_eq!(town.watched().await, 2);
    town.notion.disconnect(nora_there, second).await;
    assert_eq!((crate::oauth::seen::count(&town.gateway, "grants").await, town.watched().await), (1, 1));
    assert_eq!(town.notion.visit(town.nora, town.page).await[0].title(), "Login fails on Safari");
    town.nothing_was_refused();
}

#[tokio::test]
async fn with_the_last_preview_the_watch_ends_and_not_earlier() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    let first = town.paste(town.nora, "OPS-7").await.id;
    let other = town.notion.add_page(town.acme, "Other");
    let mention = town.notion.paste(town.nora, other, &town.link("OPS-7"), As::Mention).await.unwrap().id;
    town.notion.remove_preview(first).await;
    assert!(town.notion.sent("DELETE", "/notion/unfurl").is_empty());
    assert_eq!(town.watched().await, 1);
    town.notion.remove_preview(mention).await;
    assert_eq!(town.notion.sent("DELETE", "/notion/unfurl").len(), 1);
    assert_eq!(town.watched().await, 0);
    town.nothing_was_refused();
}

#[tokio::test]
async fn a_disconnected_account_is_forgotten_on_both_sides() {
    let town = Town::start().await;
    let connection = town.connect(town.nora, "ana").await;
    town.paste(town.nora, "OPS-7").await;
    let ours = town.notion.connections(town.nora).remove(0);
    let theirs = town.notion.notion_token(connection).unwrap();
    town.notion.disconnect(town.nora, connection).await;
    assert_eq!(town.notion.sent("DELETE", "/notion/deleted-token").len(), 1);
    assert_eq!(town.unfurl(&ours.access_token, &town.link("OPS-7")).await.status, 401);
    let refresh = ours.refresh_token.unwrap();
    let renewed = town.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!((renewed.status.as_u16(), renewed.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!((crate::oauth::seen::count(&town.gateway, "grants").await, town.watched().await), (0, 0));
    let push = client().patch(format!("{}/v1/external/object", town.notion.url())).bearer_auth(theirs);
    let push = push.header("notion-version", "2021-08-16").json(&json!({"uri": "u", "operations": []}));
    assert_eq!(reply(push).await.status, 401);
}

#[tokio::test]
async fn deletions_are_welcome_in_every_form() {
    for (unfurl, deleted, is_forgotten, is_ended) in [
        (UnfurlDelete::UriAndBearer, DeletedToken::AccessToken, true, true),
        (UnfurlDelete::Query, DeletedToken::Account, true, false),
        (UnfurlDelete::Empty, DeletedToken::Empty, false, false),
        (UnfurlDelete::NoAuth, DeletedToken::AccessToken, false, true),
    ] {
        let town = Town::start().await;
        town.notion.switch(|switches| (switches.unfurl_delete, switches.deleted_token) = (unfurl, deleted));
        let connection = town.connect(town.nora, "ana").await;
        let preview = town.paste(town.nora, "OPS-7").await.id;
        town.notion.remove_preview(preview).await;
        assert_eq!(town.watched().await == 0, is_forgotten, "{unfurl:?}");
        town.notion.disconnect(town.nora, connection).await;
        let ended = crate::oauth::seen::count(&town.gateway, "grants").await == 0;
        assert_eq!(ended, is_ended, "{deleted:?}: only a proof ends a grant");
        // Once more, as a network does it.
        for told in town.notion.log().into_iter().filter(|it| it.method == "DELETE") {
            let request = client().request(Method::DELETE, &told.target).body(told.body.clone());
            let request = told.headers.iter().fold(request, |it, (name, value)| it.header(name, value));
            assert_eq!(reply(request).await.status, 200, "{told:?}");
        }
        town.nothing_was_refused();
    }
}

#[tokio::test]
async fn deletions_without_a_proof_change_nothing() {
    let town = Town::start().await;
    let connection = town.connect(town.nora, "ana").await;
    town.paste(town.nora, "OPS-7").await;
    let held = town.notion.connections(town.nora).remove(0);
    let exchanged: Value = serde_json::from_str(&town.notion.received("POST", "/v1/oauth/token")[0].answer).unwrap();
    // Everything but a secret: an attacker may know it.
    let bot = json!({
        "external_account": {"key": held.external_account.key, "name": held.external_account.name},
        "bot_id": exchanged["bot_id"],
        "workspace_id": town.notion.workspace_id(town.acme), "user_id": town.notion.user(town.nora).id,
    });
    let with = |id: &str, secret: &str| {
        let mut body = bot.clone();
        (body["client_id"], body["client_secret"]) = (json!(id), json!(secret));
        body
    };
    // Notion's own token is no proof either: we did not issue it as ours.
    let theirs = json!({"access_token": town.notion.notion_token(connection).unwrap()});
    let link = town.link("OPS-7");
    for (path, body) in [
        ("/notion/deleted-token", bot.clone()),
        ("/notion/deleted-token", with(OUR_CLIENT.0, "guessed")),
        ("/notion/deleted-token", with(NOTION_CLIENT.0, NOTION_CLIENT.1)),
        ("/notion/deleted-token", theirs),
        ("/notion/deleted-token", json!({"user_id": "local"})),
        ("/notion/deleted-token", json!([])),
        ("/notion/unfurl", json!({ "uri": link })),
        ("/notion/unfurl", json!({})),
    ] {
        for bearer in ["", "guessed", "jna_0000000000000000000000000000000000000000000"] {
            let request = client().delete(town.at(path)).json(&body);
            let request = if bearer.is_empty() { request } else { request.bearer_auth(bearer) };
            assert_eq!(reply(request).await.status, 200, "{path} {body} {bearer}");
        }
    }
    assert_eq!((crate::oauth::seen::count(&town.gateway, "grants").await, town.watched().await), (1, 1));
    assert!(town.notion.visit(town.nora, town.page).await[0].error.is_none());
}

#[tokio::test]
async fn whoever_has_no_token_of_ours_is_told_nothing() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    let held = town.notion.connections(town.nora).remove(0);
    let refresh = held.refresh_token.unwrap();
    for token in ["", "guessed", &refresh, &format!("{}x", held.access_token)] {
        let answer = town.unfurl(token, &town.link("OPS-7")).await;
        assert_eq!((answer.status.as_u16(), answer.text.contains("Safari")), (401, false), "{}", answer.text);
    }
    // The uri comes back byte for byte, whatever it is.
    for uri in [format!("{}?focusedCommentId=1#x", town.link("OPS-7")), "https://other.example/".into(), "ä b".into()]
    {
        let answer = town.unfurl(&held.access_token, &uri).await;
        assert_eq!((answer.status.as_u16(), answer.json()["uri"].as_str()), (200, Some(uri.as_str())));
    }
}

/// A page with many links makes Notion ask for all of them at once.
#[tokio::test]
async fn links_that_are_asked_about_at_once_are_read_together() {
    let town = Town::start().await;
    for number in 100..160 {
        town.jira.add_issue(Issue::new(&format!("OPS-{number}"), &format!("Issue {number}")));
    }
    town.connect(town.nora, "ana").await;
    let ana = town.gateway.inner.accounts.named("ana").await.unwrap();
    let grant = Arc::new(town.gateway.inner.store.grants(&ana).await.unwrap().remove(0));
    let push = &town.gateway.inner.link_previews.as_ref().unwrap().push;
    town.jira.forget_calls();
    let mut asked = JoinSet::new();
    for number in 100..160 {
        let (push, grant, uri) = (push.clone(), grant.clone(), town.link(&format!("OPS-{number}")));
        asked.spawn(async move { (number, push.answer(&grant, &uri).await.unwrap()) });
    }
    for (number, operations) in asked.join_all().await {
        let operations = serde_json::to_string(&operations).unwrap();
        assert!(operations.contains(&format!("\"value\":\"Issue {number}\"")), "{operations}");
    }
    // 50 in one search.
    assert_eq!(town.jira.calls().total, 2);
    assert_eq!(town.watched().await, 60);
}
