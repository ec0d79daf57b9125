//! The first load: what is made, how it looks, how many calls it takes.

use jiff::SignedDuration;
use serde_json::json;

use jira_notion_gateway::sync::{Check, CheckResult};

use super::World;
use crate::pages::visitor::Visitor;
use crate::world::Issue;
use crate::world::jira::BLOCKS;
use crate::world::jira::content::{EPIC, SUB_TASK};
use crate::world::jira::fields::SPRINT_ON_CLOUD;
use crate::world::notion::rest::access::UserInformation;

#[tokio::test]
async fn a_project_becomes_a_database() {
    for world in World::both().await {
        world.jira.add_many("OPS", 120);
        let id = world.synced().await;
        world.assert_equal();
        let shown = world.shown(&id).await;
        assert_eq!((shown.counts.created, shown.counts.updated, shown.counts.failed), (120, 0, 0));
        assert_eq!((shown.progress.done, shown.progress.total), (120, 120));
        assert_eq!(shown.notion.database_id, Some(world.database().to_string()));
        assert_eq!(world.notion.refusals(), Vec::<String>::new());
        assert!(world.notion.most_at_once() <= 3, "{} calls at once", world.notion.most_at_once());
        let columns = world.columns();
        for (name, kind) in [
            ("Summary", "title"),
            ("Jira ID", "rich_text"),
            ("Key", "rich_text"),
            ("Status", "select"),
            ("Labels", "multi_select"),
            ("Created", "date"),
            ("Parent", "relation"),
            ("Children", "relation"),
        ] {
            assert_eq!(columns.get(name), Some(&kind), "{name} in {columns:?}");
        }
    }
}

/// As they are planned, and not by the alphabet: relations behind, since they need a database that is there.
#[tokio::test]
async fn the_columns_stand_in_the_order_in_which_people_read_them() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let sprints = json!([{"id": 1, "name": "One", "state": "active"}]);
    world.jira.add_issue(Issue::new("OPS-21", "x").field(SPRINT_ON_CLOUD, sprints));
    let found = world.look_at_project(None).await.unwrap();
    let planned = world.gateway.syncs.plan_of_new(&found).await.unwrap().columns;
    let planned: Vec<String> = planned.into_iter().filter(|it| it.kind != "relation").map(|it| it.name).collect();
    let first = ["Summary", "Key", "Link", "Status", "Status category", "Issue Type", "Priority", "Assignee"];
    assert_eq!(planned[..8], first);
    assert_eq!(planned.last().unwrap(), "Jira ID");
    let place = |name: &str| planned.iter().position(|it| it == name).unwrap();
    assert!(place("Due date") < place("Sprint") && place("Sprint") < place("Labels"), "{planned:?}");

    world.synced().await;
    let made = world.notion.columns(world.database()).into_iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(made[..planned.len()], planned);
    assert_eq!(made[planned.len()], "Parent");
    let mut browser = Visitor::of(world.notion.url());
    browser.post("/log-in", &[("user", "0")]).await;
    let page = browser.get(&format!("/p/{}", world.database())).await;
    assert_eq!(page.texts("thead th"), made);
    let row = browser.get(&format!("/p/{}", world.row("OPS-1").id)).await;
    assert_eq!(row.texts("dl.properties dt"), made[1..]);
}

#[tokio::test]
async fn the_first_load_takes_no_more_calls_than_it_must() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 300);
    let id = world.create().await;
    world.jira.forget_calls();
    world.notion.clear_log();
    world.run().await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.counts.created, 300);
    let calls = world.notion.calls();
    assert_eq!(calls.get("POST /v1/pages"), Some(&300));
    assert_eq!(calls.get("POST /v1/databases"), Some(&1));
    // The floor is fields, project and three pages of Jira; the database and its rows in Notion (§7).
    let (floor, made) = (5 + 301, world.jira.calls().total + calls.values().sum::<usize>());
    // What comes on top does not grow with the project: names, people, columns, a board, and what the database says.
    assert!(made <= floor + 10, "{made} calls for {floor}: {calls:?}");
}

#[tokio::test]
async fn those_above_are_there_before_those_below_name_them() {
    for world in World::both().await {
        world.jira.add_issue(Issue::new("OPS-1", "Part of a part").issue_type(SUB_TASK).parent("OPS-2"));
        world.jira.add_issue(Issue::new("OPS-2", "Part").parent("OPS-3"));
        world.jira.add_issue(Issue::new("OPS-3", "Whole").issue_type(EPIC));
        world.synced().await;
        let id = |key: &str| world.row(key).id.to_string();
        assert_eq!(world.row("OPS-1").text("Parent"), id("OPS-2"));
        assert_eq!(world.row("OPS-2").text("Parent"), id("OPS-3"));
        assert_eq!(world.row("OPS-3").text("Children"), id("OPS-2"));
        assert_eq!(world.notion.calls().get("PATCH /v1/pages/{page_id}"), None, "relations cost nothing extra");
    }
}

#[tokio::test]
async fn a_link_is_there_from_both_ends_whichever_row_came_first() {
    for world in World::both().await {
        for at in 1..=6 {
            world.jira.add_issue(Issue::new(&format!("OPS-{at}"), "x"));
        }
        world.jira.link(BLOCKS, "OPS-1", "OPS-2");
        world.jira.link(BLOCKS, "OPS-4", "OPS-3");
        world.jira.link(BLOCKS, "OPS-1", "OPS-6");
        world.synced().await;
        let id = |key: &str| world.row(key).id.to_string();
        let outward: Vec<String> =
            world.columns().into_keys().filter(|it| it.to_lowercase().contains("block")).collect();
        assert_eq!(outward.len(), 2, "{outward:?}");
        let named = |key: &str| {
            let row = world.row(key);
            outward.iter().flat_map(|column| row.all(column).to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(named("OPS-2"), [id("OPS-1")]);
        assert_eq!(named("OPS-3"), [id("OPS-4")]);
        let mut both = [id("OPS-2"), id("OPS-6")];
        both.sort();
        let mut of_one = named("OPS-1");
        of_one.sort();
        assert_eq!(of_one, both);
        assert_eq!(world.notion.calls().get("PATCH /v1/pages/{page_id}"), None);
    }
}

#[tokio::test]
async fn the_permitted_rate_is_used_and_not_exceeded() {
    let world = World::cloud().await;
    world.notion.switch(|it| it.rest.allowance = Some(180));
    world.jira.add_many("OPS", 400);
    let began = world.clock.now();
    world.synced().await;
    let took = world.clock.now().duration_since(began);
    assert_eq!(world.notion.refusals(), Vec::<String>::new(), "no call is answered with 429");
    // 404 calls at three a second.
    let floor = SignedDuration::from_secs(400 / 3);
    assert!(took >= floor - SignedDuration::from_secs(5), "{took:?}");
    assert!(took.as_secs_f64() <= floor.as_secs_f64() * 1.05, "{took:?} for {floor:?}");
}

#[tokio::test]
async fn issues_with_a_security_level_are_left_out() {
    for world in World::both().await {
        world.jira.add_issue(Issue::new("OPS-1", "Open"));
        world.jira.add_issue(Issue::new("OPS-2", "Secret").secured("Board only", &["ana"]));
        world.synced().await;
        assert_eq!(world.rows().into_values().map(|row| row.text("Key")).collect::<Vec<_>>(), ["OPS-1"]);
    }
}

#[tokio::test]
async fn a_filter_narrows_the_project() {
    for world in World::both().await {
        world.jira.add_issue(Issue::new("OPS-1", "One").labels(&["keep"]));
        world.jira.add_issue(Issue::new("OPS-2", "Two"));
        world.try_create(Some("labels = keep")).await.unwrap();
        world.run().await;
        assert_eq!(world.rows().into_values().map(|row| row.text("Key")).collect::<Vec<_>>(), ["OPS-1"]);
        let refused = world.try_create(Some("labels = keep) OR (project = HR")).await.unwrap_err();
        assert_eq!(refused.to_string(), "The filter cannot be used: the brackets in the filter do not match.");
    }
}

#[tokio::test]
async fn the_database_itself_says_how_it_is_going() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 6);
    let id = world.synced().await;
    let description = || world.notion.description(world.database());
    assert!(description().starts_with("Synced from Jira (OPS) · Synced with Jira · http://"), "{}", description());
    assert!(description().ends_with(&format!("/databases/{id}")), "{}", description());
    world.next_run().await;
    world.notion.clear_log();
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    assert_eq!(world.notion.writes(), 1, "it is written only when it is of another kind");
    let mut tokens = Vec::new();
    world.jira.change_person("ana", |person| tokens = std::mem::take(&mut person.api_tokens));
    world.next_run().await;
    assert!(description().contains("Sync stopped"), "{}", description());
    world.notion.hands(world.nora).describe_database(world.database(), "Our plan");
    world.jira.change_person("ana", |person| person.api_tokens = tokens);
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    super::connect(&world.gateway, &world.ana, &world.jira, "ana").await;
    world.gateway.syncs.reauthenticate(&world.ana, &database, None).await.unwrap();
    world.run().await;
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    assert_eq!(description(), "Our plan", "what a person has written stays");
}

#[tokio::test]
async fn what_a_first_run_needs_is_looked_at_before_the_first_write() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    let checks = world.checks().await;
    let results: Vec<_> = checks.iter().map(|it| (it.name, it.result)).collect();
    let names = ["Jira", "Changes", "Notion page", "People", "Workspace", "Size"];
    assert_eq!(results, names.map(|name| (name, CheckResult::Passed)));
    assert_eq!(world.notion.writes(), 0);
    let warns = |name: &'static str, checks: &[Check]| {
        let check = checks.iter().find(|it| it.name == name).unwrap();
        assert_eq!(check.result, CheckResult::Warning, "{check:?}");
    };
    world.notion.capabilities(world.nora, |it| it.users = UserInformation::WithoutEmail);
    warns("People", &world.checks().await);
    // As many rows as a free workspace may not take.
    world.jira.add_many("OPS", 600);
    warns("Workspace", &world.checks().await);
    world.notion.unshare(world.nora, world.page);
    let checks = world.checks().await;
    let page = checks.iter().find(|it| it.name == "Notion page").unwrap();
    assert_eq!(page.result, CheckResult::Failed);
    let refused = world.try_create(None).await.unwrap_err();
    assert_eq!(refused.to_string(), page.words);
    assert_eq!(world.notion.writes(), 0);
}
