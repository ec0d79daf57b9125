//! What has changed in Jira is told to Notion without anybody looking (notion-link-preview §4H, §9).

use std::time::Duration;

use jiff::SignedDuration;
use jira_notion_gateway::jira::key::SiteUrl;
use reqwest::Method;
use serde_json::json;

use super::town::Town;
use crate::world::gateway::{client, reply};
use crate::world::jira::Fault;
use crate::world::jira::content::Browse;
use crate::world::notion::{Exchange, PushReply, UnfurlDelete, UnknownUri};

const OBJECT: (&str, &str) = ("PATCH", "/v1/external/object");

/// OPS-7 stands on Nora's page, as Ben sees it.
async fn shown() -> Town {
    let town = Town::start().await;
    town.connect(town.nora, "ben").await;
    assert_eq!(town.paste(town.nora, "OPS-7").await.title(), "Login fails on Safari");
    town.notion.clear_log();
    town
}

impl Town {
    /// The gateway's next look at what Notion shows.
    async fn next_round(&self) {
        self.later(SignedDuration::from_mins(6));
        self.round().await;
    }

    /// What is due now.
    async fn round(&self) {
        self.gateway.inner.link_previews.as_ref().unwrap().push.round().await.unwrap();
    }

    fn told(&self) -> Vec<Exchange> {
        self.notion.received(OBJECT.0, OBJECT.1)
    }

    fn rename(&self, summary: &str) {
        self.jira.change_issue("OPS-7", |issue| issue.summary = summary.into());
    }
}

#[tokio::test]
async fn a_change_is_told_once_and_nothing_else_is() {
    let town = shown().await;
    town.next_round().await;
    assert!(town.told().is_empty(), "nothing has changed");
    town.rename("Login works again");
    town.next_round().await;
    assert_eq!(town.shown().title(), "Login works again");
    town.next_round().await;
    let [told] = &town.told()[..] else { panic!("{:?}", town.told()) };
    assert_eq!(told.header("notion-version"), Some("2021-08-16"));
    assert!(
        told.body.contains(&format!("\"uri\":\"{}\"", town.link("OPS-7"))) && told.body.contains("\"dev\""),
        "all of it"
    );
    assert!(town.notion.sent("POST", "/notion/unfurl").is_empty(), "nobody has looked");
    town.nothing_was_refused();
}

#[tokio::test]
async fn an_error_takes_stale_content_away_and_attributes_take_the_error_away() {
    let town = shown().await;
    let only = |groups: &[&str]| {
        let groups = groups.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        town.jira.change_project("OPS", |project| {
            project.browse = if groups.is_empty() { Browse::LoggedIn } else { Browse::Groups(groups) };
        });
    };
    only(&["people-team"]);
    town.next_round().await;
    assert_eq!((town.shown().title(), town.shown().message()), ("", Some("Content not found")));
    only(&[]);
    town.next_round().await;
    assert_eq!((town.shown().title(), town.shown().message()), ("Login fails on Safari", None));
    assert_eq!(town.told().len(), 2);
    town.nothing_was_refused();
}

#[tokio::test]
async fn an_error_beside_attributes_shows_both() {
    let town = shown().await;
    let connection = town.notion.connections(town.nora)[0].id;
    let token = town.notion.notion_token(connection).unwrap();
    let title = json!({
        "id": "title", "name": "Title", "type": "inline", "inline": {"title": {"value": "Kept", "section": "title"}},
    });
    let body = json!({
        "uri": town.link("OPS-7"),
        "operations": [
            {"path": ["attributes"], "set": [title]},
            {"path": ["error"], "set": {"status": 404, "message": "Content not found"}},
        ],
    });
    let request = client().request(Method::PATCH, format!("{}{}", town.notion.url(), OBJECT.1));
    let answer = reply(request.bearer_auth(token).header("notion-version", "2021-08-16").json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((town.shown().title(), town.shown().message()), ("Kept", Some("Content not found")));
}

#[tokio::test]
async fn any_good_answer_to_a_push_counts() {
    let town = shown().await;
    town.notion.switch(|switches| switches.push_reply = PushReply::NoContent);
    town.rename("Second");
    town.next_round().await;
    town.next_round().await;
    assert_eq!((town.shown().title(), town.told().len()), ("Second", 1));
}

#[tokio::test]
async fn what_notion_did_not_take_or_did_not_say_is_told_again() {
    // A Notion that is away is left alone for a second, as clocks on the wall have it: all of them at once.
    tokio::join!(told_again(Fault::status(502)), told_again(Fault::Failed(503)), told_again(Fault::Lost));
}

async fn told_again(fault: Fault) {
    let town = shown().await;
    town.notion.fault(Some(1), OBJECT.1, fault);
    town.rename("Changed");
    town.next_round().await;
    let again = async {
        while town.told().len() < 2 {
            town.next_round().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), again).await.expect("it is told again");
    let told = town.told();
    assert_eq!((told[0].body == told[1].body, told[1].status), (true, 200));
    assert_eq!(town.shown().title(), "Changed");
}

#[tokio::test]
async fn a_token_that_notion_refuses_is_not_used_again_until_somebody_connects() {
    let town = shown().await;
    let connection = town.notion.connections(town.nora)[0].id;
    town.notion.expire_notion_token(connection);
    for summary in ["First", "Second"] {
        town.rename(summary);
        town.next_round().await;
    }
    let statuses: Vec<u16> = town.told().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [401]);
    town.connect(town.nora, "ben").await;
    town.notion.visit(town.nora, town.page).await;
    town.rename("Third");
    town.next_round().await;
    assert_eq!(town.shown().title(), "Third");
}

#[tokio::test]
async fn after_disconnecting_nothing_is_told() {
    let town = shown().await;
    let connection = town.notion.connections(town.nora)[0].id;
    town.notion.disconnect(town.nora, connection).await;
    town.rename("Changed");
    town.next_round().await;
    assert!(town.told().is_empty(), "{:?}", town.told());
    assert_eq!(town.shown().title(), "Login fails on Safari");
}

#[tokio::test]
async fn what_notion_does_not_show_any_more_is_not_watched() {
    for unknown in [UnknownUri::NotFound, UnknownUri::Accepted] {
        let town = shown().await;
        town.notion.switch(|switches| (switches.unfurl_delete, switches.unknown_uri) = (UnfurlDelete::NoAuth, unknown));
        town.notion.remove_preview(town.shown().id).await;
        assert_eq!(town.watched().await, 1, "a deletion without a proof changes nothing");
        town.rename("Changed");
        town.next_round().await;
        assert_eq!(town.told().len(), 1);
        assert_eq!(town.watched().await, i64::from(unknown == UnknownUri::Accepted));
    }
}

#[tokio::test]
async fn the_rate_is_kept() {
    let town = shown().await;
    town.paste(town.nora, "OPS-8").await;
    town.notion.clear_log();
    town.notion.switch(|switches| switches.pushes_a_second = Some(1));
    town.rename("First");
    town.jira.change_issue("OPS-8", |issue| issue.summary = "Second".into());
    town.next_round().await;
    let statuses: Vec<u16> = town.told().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [200, 429], "told to wait, the gateway waits");
}

#[tokio::test]
async fn two_workspaces_are_told_each_once() {
    let town = shown().await;
    let beta = town.notion.add_workspace("Beta");
    let there = town.notion.join(town.nora, beta);
    let page = town.notion.add_page(beta, "Roadmap");
    town.connect(there, "ben").await;
    town.notion.paste(there, page, &town.link("OPS-7"), crate::world::notion::As::Preview).await;
    // In the first workspace somebody else pasted it as well.
    town.connect(town.omar, "ana").await;
    town.paste(town.omar, "OPS-7").await;
    town.notion.clear_log();
    town.rename("Changed");
    town.next_round().await;
    assert_eq!((town.told().len(), town.shown().title()), (2, "Changed"));
    assert_eq!(town.notion.rendered(page)[0].title(), "Changed");
    town.nothing_was_refused();
}

#[tokio::test]
async fn a_change_of_which_jira_tells_is_passed_on_at_once() {
    let town = shown().await;
    town.rename("Login works again");
    let site = SiteUrl::parse(&town.jira.url()).unwrap();
    let body = json!({"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": {"id": "1", "key": "OPS-7"}});
    town.gateway.inner.unfurl.hear(&site, None, body.to_string().as_bytes());
    town.round().await;
    assert_eq!((town.shown().title(), town.told().len()), ("Login works again", 1));
    // Another issue is nothing that Notion shows.
    let body = json!({"webhookEvent": "jira:issue_updated", "timestamp": 2, "issue": {"id": "2", "key": "OPS-8"}});
    town.gateway.inner.unfurl.hear(&site, None, body.to_string().as_bytes());
    town.jira.forget_calls();
    town.round().await;
    assert_eq!((town.told().len(), town.jira.calls().total), (1, 0));
    town.nothing_was_refused();
}

#[tokio::test]
async fn a_change_that_any_reader_sees_is_passed_on_at_once() {
    let town = shown().await;
    let ana = town.gateway.api("ana").await;
    assert_eq!(ana.one(&town.link("OPS-7")).await["preview"]["title"], "Login fails on Safari");
    town.rename("Login works again");
    // Long before the next look at what Notion shows.
    town.later(SignedDuration::from_secs(61));
    town.round().await;
    assert!(town.told().is_empty());
    assert_eq!(ana.one(&town.link("OPS-7")).await["preview"]["title"], "Login works again");
    town.round().await;
    assert_eq!((town.shown().title(), town.told().len()), ("Login works again", 1));
    // The look that found it out for Notion is no news to Notion.
    town.jira.forget_calls();
    town.round().await;
    assert_eq!((town.told().len(), town.jira.calls().total), (1, 0));
    town.nothing_was_refused();
}
