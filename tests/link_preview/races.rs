//! A push under way, and what happens meanwhile: Notion asks, somebody allows anew, a grant ends, a process dies.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jira_notion_gateway::store::{Grant, GrantHealth};

use super::{look_now, said};
use crate::notion::town::Town;
use crate::world::gateway::Gateway;
use crate::world::jira::{Fault, Gate};

const OBJECT: &str = "/v1/external/object";

/// OPS-7 stands on Nora's page, as Ana sees it.
async fn shown() -> Town {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    assert_eq!(town.paste(town.nora, "OPS-7").await.title(), "Login fails on Safari");
    town.notion.clear_log();
    town
}

impl Town {
    fn call_it(&self, summary: &str) {
        self.jira.change_issue("OPS-7", |issue| issue.summary = summary.into());
    }

    /// Another process over the same database.
    async fn second(&self) -> Gateway {
        let config = self.gateway.folder.path().join("gateway.toml");
        let flags = ["--config", config.to_str().unwrap()];
        Gateway::at(Arc::clone(&self.gateway.folder), &flags, self.clock.clone()).await
    }

    /// As when Jira tells of a change.
    async fn hasten(&self) {
        let store = &self.gateway.inner.store;
        store.hasten_watches(&self.jira.url(), "OPS-7", self.clock.now_ms()).await.unwrap();
    }

    async fn grant(&self) -> Grant {
        let ana = self.gateway.inner.accounts.named("ana").await.unwrap();
        self.gateway.inner.store.grants(&ana).await.unwrap().remove(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_answers_from_memory_another_corrects() {
    let town = shown().await;
    let second = town.second().await;
    town.call_it("Changed");
    town.later(SignedDuration::from_secs(30));
    town.hasten().await;
    look_now(&second).await;
    assert_eq!(town.shown().title(), "Changed");
    // Whoever looks again now may be answered from the first one's memory, which is young enough.
    town.notion.visit(town.nora, town.page).await;
    town.look().await;
    assert_eq!(town.shown().title(), "Changed");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_notion_asks_for_during_a_push_is_not_taken_for_told() {
    let town = shown().await;
    let second = town.second().await;
    town.call_it("Changed");
    town.later(SignedDuration::from_secs(30));
    let gate = Gate::closed();
    town.notion.fault(Some(1), OBJECT, Fault::Withhold(gate.clone()));
    town.hasten().await;
    let opened = async {
        gate.wait_for(1).await;
        town.later(SignedDuration::from_secs(1));
        town.notion.visit(town.nora, town.page).await;
        gate.open();
    };
    tokio::join!(look_now(&second), opened);
    town.look().await;
    assert_eq!(town.shown().title(), "Changed");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_tell_a_change_once() {
    let town = shown().await;
    for key in ["OPS-8", "HR-1"] {
        town.paste(town.nora, key).await;
    }
    let second = town.second().await;
    for round in 0..5 {
        town.notion.clear_log();
        for key in ["OPS-7", "OPS-8", "HR-1"] {
            town.jira.change_issue(key, |issue| issue.summary = format!("{key} in round {round}"));
        }
        town.later(SignedDuration::from_mins(6));
        tokio::join!(look_now(&second), look_now(&town.gateway));
        assert_eq!(town.pushed().len(), 3, "{:#?}", town.pushed());
    }
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_ends_during_a_push_leaves_nothing() {
    let town = shown().await;
    let gate = Gate::closed();
    town.notion.fault(Some(1), OBJECT, Fault::Withhold(gate.clone()));
    town.call_it("Changed");
    town.later(SignedDuration::from_mins(6));
    let connection = town.notion.connections(town.nora)[0].id;
    let ended = async {
        gate.wait_for(1).await;
        town.notion.disconnect(town.nora, connection).await;
        gate.open();
    };
    tokio::join!(look_now(&town.gateway), ended);
    assert_eq!((town.watched().await, crate::oauth::seen::count(&town.gateway, "grants").await), (0, 0));
    town.call_it("Once more");
    town.look().await;
    assert_eq!(town.pushed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_told_before_a_restart_is_told_after_it() {
    let mut town = shown().await;
    // The answer never came: whether Notion has heard it, nobody knows.
    let gate = Gate::closed();
    town.notion.fault(Some(1), OBJECT, Fault::Wait(gate.clone()));
    town.call_it("Changed");
    town.later(SignedDuration::from_mins(6));
    {
        let looking = look_now(&town.gateway);
        tokio::select! {
            () = looking => panic!("it waits for Notion"),
            () = gate.wait_for(1) => {}
        }
    }
    town.gateway.halt().await;
    gate.cut();
    assert_eq!(town.shown().title(), "Login fails on Safari");
    let second = town.second().await;
    town.later(SignedDuration::from_mins(6));
    look_now(&second).await;
    assert_eq!(town.shown().title(), "Changed");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_perhaps_told_is_taken_back_when_it_is_not_true_any_more() {
    let town = shown().await;
    let gate = Gate::closed();
    town.notion.fault(Some(1), OBJECT, Fault::Withhold(gate.clone()));
    town.call_it("Changed by mistake");
    town.later(SignedDuration::from_mins(6));
    let undone = async {
        gate.wait_for(1).await;
        town.call_it("Login fails on Safari");
        gate.cut();
    };
    tokio::join!(look_now(&town.gateway), undone);
    assert_eq!(town.shown().title(), "Changed by mistake");
    let corrected = async {
        // A Notion that is away is left alone for a second, as clocks on the wall have it.
        while town.shown().title() != "Login fails on Safari" {
            town.look().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), corrected).await.expect("it is told");
}

#[tokio::test]
async fn a_refusal_of_a_token_of_before_does_not_end_what_was_allowed_since() {
    let town = shown().await;
    let grants = &town.gateway.inner.link_previews.as_ref().unwrap().grants;
    let before = town.grant().await;
    let (_, given_at) = grants.notion_token(&before.id).await.unwrap().unwrap();
    town.later(SignedDuration::from_secs(1));
    town.connect(town.nora, "ana").await;
    grants.refused(&before.id, given_at).await.unwrap();
    assert_eq!((town.grant().await.id, town.grant().await.health), (before.id.clone(), GrantHealth::Ok));
    let (_, given_at) = grants.notion_token(&before.id).await.unwrap().unwrap();
    grants.refused(&before.id, given_at).await.unwrap();
    assert_eq!(town.grant().await.health, GrantHealth::Reconnect);
    // Notion may go on asking: that is its own token, and ours is good.
    assert!(town.is_good(&town.held()).await);
}

#[tokio::test]
async fn an_outage_of_jira_is_not_written_into_pages() {
    let town = shown().await;
    town.jira.fault(Fault::status(503));
    town.look().await;
    assert!(town.pushed().is_empty(), "the last value stays");
    assert!(said(&town.unfurl(&town.held(), &town.link("OPS-8")).await.text).starts_with("error 503"));
    town.jira.heal();
    town.call_it("Changed");
    town.look().await;
    assert_eq!(town.shown().title(), "Changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_the_jira_of_another() {
    let town = shown().await;
    town.connect(town.omar, "ben").await;
    town.paste(town.omar, "OPS-8").await;
    let gate = Gate::closed();
    town.jira.fault(Fault::Wait(gate.clone()));
    town.later(SignedDuration::from_mins(6));
    let both = async {
        // Less than anybody waits for one of them.
        let both = tokio::time::timeout(Duration::from_secs(6), gate.wait_for(2)).await;
        gate.open();
        both.expect("both are asked at the same time");
    };
    tokio::join!(look_now(&town.gateway), both);
}
