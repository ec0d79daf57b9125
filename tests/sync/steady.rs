//! What later runs leave alone, and what they do not miss.

use jiff::SignedDuration;
use serde_json::json;

use super::World;
use crate::world::jira::fields::STAKEHOLDERS;
use crate::world::jira::{Custom, RELATES};
use crate::world::{Fault, Issue, Person, Text};

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

#[tokio::test]
async fn issues_above_each_other_in_a_circle_have_their_rows() {
    for world in World::both().await {
        for (key, above) in [("OPS-1", "OPS-2"), ("OPS-2", "OPS-1"), ("OPS-3", "OPS-3"), ("OPS-4", "OPS-1")] {
            world.jira.add_issue(Issue::new(key, key).parent(above));
        }
        world.synced().await;
        world.assert_equal();
        let row = |key: &str| world.row(key);
        assert_eq!(row("OPS-4").all("Parent"), [row("OPS-1").id.to_string()]);
        assert_eq!(row("OPS-2").all("Parent"), [row("OPS-1").id.to_string()]);
        world.notion.clear_log();
        world.next_run().await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
    }
}

#[tokio::test]
async fn an_issue_that_jira_tells_in_part_stays_as_it_was() {
    let world = World::data_center().await;
    world.jira.add_many("OPS", 20);
    let id = world.synced().await;
    let before = world.row("OPS-8").cells;
    assert!(before.contains_key("Parent") && before.contains_key("Status"), "{before:?}");
    world.jira.edit_issue("OPS-8", |issue| issue.summary = "x".repeat(8_500_000));
    world.jira.edit_issue("OPS-9", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    assert_eq!(world.row("OPS-8").cells, before);
    assert_eq!(world.row("OPS-9").text("Summary"), "Changed");
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.failed), ("Partly synced", 1));
    world.jira.edit_issue("OPS-8", |issue| issue.summary = "Short again".to_owned());
    world.next_run().await;
    assert_eq!(world.row("OPS-8").text("Summary"), "Short again");
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn thirty_links_and_people_are_written_once() {
    let world = World::cloud().await;
    let names: Vec<&'static str> = (0..30).map(|at| &*format!("person{at}").leak()).collect();
    for name in &names {
        world.jira.add_person(Person { email_shown: true, ..Person::new(name, name) });
        world.notion.add_user(world.acme, name, &format!("{name}@acme.example"));
    }
    let mut hub = Issue::new("OPS-1", "Hub").custom(STAKEHOLDERS, Custom::People(names.leak()));
    for at in 2..=31 {
        world.jira.add_issue(Issue::new(&format!("OPS-{at}"), "Spoke").link(RELATES, true, "OPS-1"));
        hub = hub.link(RELATES, false, &format!("OPS-{at}"));
    }
    world.jira.add_issue(hub);
    world.synced().await;
    let row = world.row("OPS-1");
    assert_eq!(row.all("Stakeholders").len(), 30, "{row:?}");
    assert!(row.cells.values().any(|cell| cell.len() == 30 && *cell != row.cells["Stakeholders"]), "{row:?}");
    world.notion.clear_log();
    world.hour().await;
    // Everything is read again.
    world.pass(WEEK);
    world.next_run().await;
    assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
    assert_eq!(world.row("OPS-1").cells, row.cells);
}

#[tokio::test]
async fn a_row_that_notion_refuses_stops_no_other() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 60);
    let id = world.synced().await;
    let poisoned = world.row("OPS-30").id;
    world.notion.fault(None, &format!("PATCH /v1/pages/{poisoned}"), refused("This value is cursed."));
    for at in 1..=60 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = format!("Changed {at}"));
    }
    world.notion.clear_log();
    world.next_run().await;
    let shown = world.shown(&id).await;
    assert_eq!((shown.counts.updated, shown.counts.failed, shown.badge.text.as_str()), (59, 1, "Partly synced"));
    assert_eq!(world.notion.calls().get("GET /v1/data_sources/{data_source_id}"), Some(&1), "the schema is read once");
    let reported = world.gateway.store.reported_rows(&id, 100).await.unwrap();
    let told: Vec<_> = reported.iter().filter_map(|it| Some((it.issue_key.as_str(), it.problem.as_deref()?))).collect();
    assert!(matches!(told[..], [("OPS-30", words)] if words.contains("This value is cursed.")), "{told:?}");
    world.notion.heal();
    world.jira.edit_issue("OPS-30", |issue| issue.summary = "Once more".to_owned());
    world.next_run().await;
    assert_eq!(world.row("OPS-30").text("Summary"), "Once more");
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_text_that_notion_refuses_stops_no_other_row() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    let id = world.synced().await;
    let page = |key: &str| world.row(key).id;
    let (poisoned, gone) = (page("OPS-3"), page("OPS-11"));
    world.notion.fault(None, &format!("PATCH /v1/blocks/{poisoned}/children"), refused("This text is cursed."));
    // Mentioned by one of them, and not there any more.
    world.notion.unshare(world.nora, gone);
    let link = json!({"type": "inlineCard", "attrs": {"url": world.jira.at("/browse/OPS-11")}});
    for at in 2..=8 {
        let words = json!({"type": "text", "text": "Quite another text"});
        let content = if at == 5 { json!([words, link]) } else { json!([words]) };
        let adf = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": content}]});
        let text = Text::Given { adf, wiki: String::new(), html: String::new() };
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.description = Some(text));
    }
    world.next_run().await;
    let shown = world.shown(&id).await;
    assert_eq!(shown.badge.text, "Partly synced", "{:?}", shown.reason);
    for at in [2, 4, 6, 7, 8] {
        let blocks = format!("{:?}", world.notion.blocks(page(&format!("OPS-{at}"))));
        assert!(blocks.contains("Quite another text"), "OPS-{at}: {blocks}");
    }
    let reported = world.gateway.store.reported_rows(&id, 100).await.unwrap();
    let told: Vec<&str> = reported.iter().filter(|it| it.problem.is_some()).map(|it| it.issue_key.as_str()).collect();
    assert_eq!(told, ["OPS-3", "OPS-5"], "{reported:?}");
}

/// 400 with this message.
fn refused(words: &str) -> Fault {
    let body = json!({"object": "error", "status": 400, "code": "validation_error", "message": words});
    Fault::Instead(crate::world::jira::exchange::Answer::json(400, &body))
}

#[tokio::test]
async fn whoever_reads_jira_in_german_changes_nothing() {
    for world in World::both().await {
        world.jira.add_many("OPS", 40);
        world.synced().await;
        world.next_run().await;
        world.jira.change_person("ana", |person| person.locale = "de_DE".to_owned());
        world.notion.clear_log();
        world.hour().await;
        world.pass(WEEK);
        world.next_run().await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
        assert!(world.columns().contains_key("Priority"));
    }
}

#[tokio::test]
async fn sixty_edits_between_two_runs_are_one_write() {
    for world in World::both().await {
        world.jira.add_many("OPS", 20);
        world.synced().await;
        world.next_run().await;
        world.notion.clear_log();
        for at in 0..60 {
            world.pass(SignedDuration::from_secs(2));
            world.jira.edit_issue("OPS-3", |issue| issue.summary = format!("Edit {at}"));
        }
        world.next_run().await;
        assert_eq!(world.row("OPS-3").text("Summary"), "Edit 59");
        assert_eq!(world.notion.writes(), 1, "{:?}", world.notion.calls());
    }
}

#[tokio::test]
async fn an_issue_that_may_be_seen_again_comes_with_the_next_list_of_all() {
    for world in World::both().await {
        world.jira.add_many("OPS", 20);
        world.jira.change_issue("OPS-7", |issue| issue.security = Some(("Board".to_owned(), Vec::new())));
        let id = world.synced().await;
        assert_eq!(world.rows().len(), 19);
        // Nobody touches the issue.
        world.jira.change_issue("OPS-7", |issue| issue.security = None);
        world.next_run().await;
        assert_eq!(world.rows().len(), 19);
        world.hour().await;
        world.assert_equal();
        assert_eq!(world.shown(&id).await.counts.created, 1);
    }
}

#[tokio::test]
async fn a_view_that_its_person_changed_stays_as_it_is() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    let board = world.notion.views(world.database()).into_iter().find(|(_, name, _)| name == "Board").unwrap().0;
    let sorts = json!([{"property": "Due date", "direction": "descending"}]);
    world.notion.hands(world.nora).change_view(board, &json!({"name": "Mine", "sorts": sorts}));
    let (views, looks) = (world.notion.views(world.database()), world.notion.view_looks(world.database(), "Mine"));
    assert!(looks.contains("descending"), "{looks}");
    world.notion.clear_log();
    world.jira.edit_issue("OPS-3", |issue| issue.labels = vec!["brand-new".to_owned()]);
    world.hour().await;
    world.pass(WEEK);
    world.next_run().await;
    assert_eq!(world.notion.views(world.database()), views);
    assert_eq!(world.notion.view_looks(world.database(), "Mine"), looks);
    assert!(world.notion.calls().keys().all(|call| !call.contains("views")), "{:?}", world.notion.calls());
}
