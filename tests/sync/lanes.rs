//! What is looked at once an hour: names, and what people did to synced cells.

use jiff::SignedDuration;
use jira_notion_gateway::sync::state::OnEdit;
use serde_json::json;

use super::{World, gateway_with};

impl World {
    fn edit(&self, key: &str, column: &str, words: &str) {
        let value = json!({"rich_text": [{"text": {"content": words}}]});
        self.notion.hands(self.nora).edit(self.row(key).id, column, &value);
    }
}

#[tokio::test]
async fn a_renamed_status_changes_exactly_its_rows() {
    for world in World::both().await {
        world.jira.add_many("OPS", 40);
        let id = world.synced().await;
        let status = world.jira.issues()[0].status.clone();
        let mut count = 0;
        for issue in world.jira.issues().iter().filter(|issue| issue.status.id == status.id) {
            // Without touching `updated`, as in Jira.
            world.jira.change_issue(&issue.key, |issue| issue.status.name = "Quite another name".to_owned());
            count += 1;
        }
        assert!(count > 0 && count < 40, "{count}");
        world.hour().await;
        assert_eq!(world.shown(&id).await.counts.updated, count);
        let named = world.rows().into_values().filter(|row| row.text("Status") == "Quite another name").count();
        assert_eq!(u64::try_from(named).unwrap(), count);
        assert_eq!(world.notion.refusals(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_status_that_gets_its_name_back_is_what_it_was() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    let status = world.jira.issues()[0].status.clone();
    let rename = |name: &str| {
        for issue in world.jira.issues().iter().filter(|issue| issue.status.id == status.id) {
            world.jira.change_issue(&issue.key, |issue| issue.status.name = name.to_owned());
        }
    };
    let options = || {
        let columns = world.notion.columns(world.database());
        let column = columns.into_iter().find(|it| it.name == "Status").unwrap();
        let mut names: Vec<String> = column.options.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    };
    let before = options();
    rename("Quite another name");
    world.hour().await;
    assert!(options().contains(&"Quite another name".to_owned()) && options().len() == before.len(), "{:?}", options());
    rename(&status.name);
    world.hour().await;
    assert_eq!(options(), before);
    assert!(world.rows().values().any(|row| row.text("Status") == status.name));
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_project_with_a_new_key_keeps_its_rows() {
    for world in World::both().await {
        world.jira.add_many("OPS", 25);
        let id = world.synced().await;
        let before: Vec<_> = world.rows().into_iter().map(|(id, row)| (id, row.id)).collect();
        world.jira.rename_project("OPS", "NEW");
        world.hour().await;
        let after: Vec<_> = world.rows().into_iter().map(|(id, row)| (id, row.id)).collect();
        assert_eq!(after, before);
        assert!(world.rows().into_values().all(|row| row.text("Key").starts_with("NEW-")));
        let shown = world.shown(&id).await;
        assert_eq!((shown.project.key.as_str(), shown.counts.created, shown.counts.trashed), ("NEW", 0, 0));
    }
}

#[tokio::test]
async fn a_project_that_gets_a_forbidden_key_is_not_copied_any_more() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let rule = format!("[[site]]\nurl = '{}'\nblock_projects = ['NEW']\n", world.jira.url());
    let strict = gateway_with(world.folder.path(), world.notion.url(), &world.clock, &rule).await;
    world.jira.rename_project("OPS", "NEW");
    world.jira.edit_issue("NEW-3", |issue| issue.summary = "Not for everybody".to_owned());
    for _ in 0..2 {
        world.pass(SignedDuration::from_hours(1));
        strict.syncs.round().await.unwrap();
    }
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.reason.unwrap().code.as_str()), ("Sync stopped", "policy"));
    assert!(world.rows().values().all(|row| row.text("Summary") != "Not for everybody"));
}

#[tokio::test]
async fn a_cell_that_somebody_edited_is_as_jira_has_it_again() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    world.next_run().await;
    world.edit("OPS-3", "Reporter (Jira)", "somebody else");
    world.notion.clear_log();
    world.hour().await;
    assert_ne!(world.row("OPS-3").text("Reporter (Jira)"), "somebody else");
    assert_eq!(world.notion.writes(), 1, "{:?}", world.notion.calls());
    // And that is all.
    world.hour().await;
    assert_eq!(world.notion.writes(), 1, "{:?}", world.notion.calls());
}

#[tokio::test]
async fn an_edit_stays_where_its_person_wants_it() {
    for (edited, badge) in [(OnEdit::Keep, "Synced with Jira"), (OnEdit::Flag, "Partly synced")] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 20);
        let id = world.synced_as(|asked| asked.rules.edited = edited).await;
        world.next_run().await;
        world.edit("OPS-3", "Reporter (Jira)", "somebody else");
        world.notion.clear_log();
        world.hour().await;
        assert_eq!(world.row("OPS-3").text("Reporter (Jira)"), "somebody else");
        assert_eq!(world.notion.calls().get("PATCH /v1/pages/{page_id}"), None);
        assert_eq!(world.shown(&id).await.badge.text, badge);
        // Until the issue changes.
        world.jira.edit_issue("OPS-3", |issue| issue.summary = "Changed".to_owned());
        world.next_run().await;
        assert_ne!(world.row("OPS-3").text("Reporter (Jira)"), "somebody else");
        assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    }
}

#[tokio::test]
async fn what_changes_without_its_issue_being_touched_arrives_within_a_week() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    let before = world.row("OPS-3").text("Watchers");
    world.jira.change_issue("OPS-3", |issue| issue.watchers += 7);
    world.hour().await;
    assert_eq!(world.row("OPS-3").text("Watchers"), before);
    let week = SignedDuration::from_hours(7 * 24);
    world.clock.advance(week);
    world.jira.advance(week);
    world.notion.clear_log();
    world.next_run().await;
    assert_ne!(world.row("OPS-3").text("Watchers"), before);
    assert_eq!(world.notion.writes(), 1, "{:?}", world.notion.calls());
}

#[tokio::test]
async fn what_people_removed_comes_back_when_they_want_it() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let hands = world.notion.hands(world.nora);
    hands.remove_column(world.notion.source(world.database()), "Environment");
    let row = world.row("OPS-4").id;
    hands.trash(row);
    world.jira.edit_issue("OPS-4", |issue| issue.summary = "Changed".to_owned());
    world.hour().await;
    assert!(!world.columns().contains_key("Environment") && world.notion.row(row).in_trash);
    assert!(world.gateway.syncs.restore(&world.ana, &id).await.unwrap());
    world.run().await;
    assert!(world.columns().contains_key("Environment"));
    assert!(!world.notion.row(row).in_trash);
    assert_eq!(world.row("OPS-4").text("Summary"), "Changed");
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    world.assert_equal();
}

#[tokio::test]
async fn a_row_that_a_person_takes_out_of_the_trash_is_kept_up_to_date_again() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let row = world.row("OPS-4").id;
    let hands = world.notion.hands(world.nora);
    hands.trash(row);
    world.jira.edit_issue("OPS-4", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    assert_eq!(world.shown(&id).await.badge.text, "Partly synced");
    hands.restore(row);
    world.look(&id).await;
    assert_eq!(world.row("OPS-4").text("Summary"), "Changed");
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn columns_that_people_change_are_theirs() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let source = world.notion.source(world.database());
    let hands = world.notion.hands(world.nora);
    hands.rename_column(source, "Reporter (Jira)", "Who said it");
    hands.remove_column(source, "Resolved");
    hands.retype_column(source, "Environment", &json!({"number": {}}));
    world.hour().await;
    let wanted = |at: usize| format!("Summary {at}");
    for at in 1..=10 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = wanted(at));
    }
    world.next_run().await;
    let columns = world.columns();
    assert_eq!(columns.get("Who said it"), Some(&"rich_text"));
    assert!(!columns.contains_key("Resolved"), "it is not made again unasked");
    assert_eq!(columns.get("Environment"), Some(&"number"));
    assert!((1..=10).all(|at| world.row(&format!("OPS-{at}")).text("Summary") == wanted(at)));
    assert!(world.rows().values().any(|row| !row.text("Who said it").is_empty()));
    assert_eq!(world.shown(&id).await.counts.failed, 0);
}

#[tokio::test]
async fn a_database_in_the_trash_stops_the_sync_until_it_is_back() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    let id = world.synced().await;
    world.notion.hands(world.nora).trash(world.database());
    world.hour().await;
    let shown = world.shown(&id).await;
    assert_eq!(shown.badge.text, "Sync stopped", "{shown:?} {:?}", world.notion.calls());
    assert_eq!(shown.reason.unwrap().code, "database_trashed");
    world.notion.hands(world.nora).restore(world.database());
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Meanwhile".to_owned());
    world.next_run().await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_board_is_made_once() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    world.synced().await;
    for _ in 0..3 {
        world.hour().await;
    }
    assert_eq!(world.notion.calls().get("POST /v1/views"), Some(&1));
    let looks = world.notion.view_looks(world.database(), "Board");
    for name in ["Summary", "Priority", "Assignee", "Due date"] {
        let columns = world.notion.columns(world.database());
        let column = columns.into_iter().find(|it| it.name == name).unwrap();
        assert!(looks.contains(&format!("\"{}\"", column.id)), "{name} {}: {looks}", column.id);
    }
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}
