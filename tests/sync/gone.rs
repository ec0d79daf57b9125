//! Issues that are gone, hidden or moved; and those that come back.

use jira_notion_gateway::sync::Decision;
use jira_notion_gateway::sync::badge::Question;
use jira_notion_gateway::sync::state::OnLeft;
use serde_json::json;

use super::{World, connect};
use crate::world::Fault;
use crate::world::notion::rest::Id;

#[tokio::test]
async fn a_deleted_issue_goes_to_the_trash_after_two_looks() {
    for world in World::both().await {
        world.jira.add_many("OPS", 30);
        let id = world.synced().await;
        let row = world.row("OPS-7").id;
        world.jira.remove_issue("OPS-7");
        world.look(&id).await;
        assert!(!world.notion.row(row).in_trash, "one look proves nothing");
        world.look(&id).await;
        assert!(world.notion.row(row).in_trash);
        let shown = world.shown(&id).await;
        assert_eq!((shown.counts.trashed, shown.badge.text.as_str()), (1, "Synced with Jira"));
        world.assert_equal();
        world.look(&id).await;
        assert_eq!(world.shown(&id).await.counts.trashed, 0);
    }
}

#[tokio::test]
async fn a_list_that_lacks_an_issue_once_changes_nothing() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    world.jira.change_issue("OPS-7", |issue| issue.archived = true);
    world.look(&id).await;
    world.jira.change_issue("OPS-7", |issue| issue.archived = false);
    world.look(&id).await;
    world.look(&id).await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn an_issue_that_comes_back_gets_its_old_row() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    let row = world.row("OPS-7").id;
    // Hidden from Ana, whom Jira tells as if it were gone.
    world.jira.change_issue("OPS-7", |issue| issue.security = Some(("Board".to_owned(), Vec::new())));
    world.look(&id).await;
    world.look(&id).await;
    assert!(world.notion.row(row).in_trash);
    world.jira.change_issue("OPS-7", |issue| issue.security = None);
    world.look(&id).await;
    assert!(!world.notion.row(row).in_trash);
    world.assert_equal();
}

#[tokio::test]
async fn many_that_are_missing_at_once_are_asked_about() {
    for decision in [Decision::Trash, Decision::Keep] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 40);
        let id = world.synced().await;
        world.without(&id, 1..=15).await;
        let shown = world.shown(&id).await;
        assert_eq!((shown.badge.text.as_str(), shown.badge.color), ("Waiting for you", "yellow"));
        assert_eq!(world.rows().len(), 40, "nothing is removed unasked");
        world.gateway.syncs.answer(&world.ana, &id, Question::Missing, decision).await.unwrap();
        world.run().await;
        let left = if decision == Decision::Trash { 25 } else { 40 };
        assert_eq!(world.rows().len(), left, "{decision:?}");
        world.next_run().await;
        assert_eq!(world.rows().len(), left);
    }
}

#[tokio::test]
async fn a_project_that_cannot_be_read_any_more_loses_no_row_and_the_badge_says_why() {
    let hide: fn(&World) = |world| {
        world.jira.change_project("OPS", |project| *project = project.clone().only(&["nobody"]));
    };
    let show: fn(&World) =
        |world| world.jira.change_project("OPS", |project| *project = project.clone().only(&["people-team"]));
    let archive: fn(&World) = |world| world.jira.change_project("OPS", |project| project.archived = true);
    let restore: fn(&World) = |world| world.jira.change_project("OPS", |project| project.archived = false);
    for (there, back, code) in [(hide, show, "no_permission"), (archive, restore, "project_archived")] {
        for world in World::both().await {
            world.jira.add_many("OPS", 20);
            let id = world.synced().await;
            there(&world);
            // Both the next reading and the next look at all issues find it out.
            world.next_run().await;
            for _ in 0..3 {
                let shown = world.shown(&id).await;
                assert_eq!((shown.badge.text.as_str(), shown.reason.unwrap().code.as_str()), ("Sync stopped", code));
                world.look(&id).await;
            }
            assert_eq!(world.rows().len(), 20);
            back(&world);
            world.jira.edit_issue("OPS-1", |issue| issue.summary = "Meanwhile".to_owned());
            world.look(&id).await;
            assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
            world.assert_equal();
        }
    }
}

#[tokio::test]
async fn an_issue_that_is_archived_and_restored_is_kept_up_again() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    let row = world.row("OPS-8").id;
    world.jira.change_issue("OPS-8", |issue| issue.archived = true);
    world.look(&id).await;
    world.look(&id).await;
    assert_eq!(notice(&world, row), "Archived in Jira, or out of the filter");
    world.jira.change_issue("OPS-8", |issue| issue.archived = false);
    world.look(&id).await;
    assert_eq!(notice(&world, row), "");
    world.jira.remove_issue("OPS-8");
    world.look(&id).await;
    world.look(&id).await;
    assert!(world.notion.row(row).in_trash, "its deletion is acted on");
}

#[tokio::test]
async fn an_answer_waits_until_jira_is_there_and_is_given_once() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 40);
    let id = world.synced().await;
    world.without(&id, 1..=15).await;
    world.gateway.syncs.answer(&world.ana, &id, Question::Missing, Decision::Trash).await.unwrap();
    world.jira.fault(Fault::Status { status: 503, retry_after: None });
    world.run().await;
    assert_eq!(world.rows().len(), 40);
    world.jira.heal();
    world.next_run().await;
    assert_eq!(world.rows().len(), 25);
    world.without(&id, 16..=35).await;
    assert_eq!(world.rows().len(), 25, "that answer was to another question");
}

#[tokio::test]
async fn a_row_with_something_of_a_persons_own_is_never_thrown_away() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    let hands = world.notion.hands(world.nora);
    let source = world.notion.source(world.database());
    hands.add_column(source, "My notes", &json!({"rich_text": {}}));
    let row = |key: &str| world.row(key).id;
    let (block, comment, cell, bare) = (row("OPS-1"), row("OPS-2"), row("OPS-3"), row("OPS-4"));
    hands.write(block, "call them back");
    hands.comment(comment, "really?");
    hands.edit(cell, "My notes", &json!({"rich_text": [{"text": {"content": "mine"}}]}));
    world.without(&id, 1..=4).await;
    let is_there = |id| !world.notion.row(id).in_trash;
    assert_eq!([block, comment, cell, bare].map(is_there), [true, true, true, false]);
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.reason.unwrap().code.as_str()), ("Waiting for you", "own_content"));
    for kept in [block, comment, cell] {
        assert_eq!(notice(&world, kept), "Deleted in Jira");
    }
    // The question about many missing issues is another one.
    let syncs = &world.gateway.syncs;
    syncs.answer(&world.ana, &id, Question::Missing, Decision::Trash).await.unwrap();
    world.run().await;
    assert_eq!([block, comment, cell].map(is_there), [true, true, true]);
    syncs.answer(&world.ana, &id, Question::OwnContent, Decision::Trash).await.unwrap();
    world.run().await;
    assert_eq!([block, comment, cell].map(is_there), [false, false, false]);
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_row_that_its_person_keeps_is_asked_about_once_and_comes_back_with_its_issue() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    let row = world.row("OPS-1").id;
    world.notion.hands(world.nora).write(row, "call them back");
    // Somebody else's column has the name already.
    let source = world.notion.source(world.database());
    world.notion.hands(world.nora).add_column(source, "jira notice", &json!({"rich_text": {}}));
    world.jira.change_issue("OPS-1", |issue| issue.security = Some(("Board".to_owned(), Vec::new())));
    world.look(&id).await;
    world.look(&id).await;
    assert_eq!(world.shown(&id).await.badge.text, "Waiting for you");
    world.gateway.syncs.answer(&world.ana, &id, Question::OwnContent, Decision::Keep).await.unwrap();
    world.run().await;
    world.look(&id).await;
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    assert_eq!(world.notion.row(row).text("Jira notice 2"), "Deleted in Jira");
    world.jira.change_issue("OPS-1", |issue| issue.security = None);
    world.look(&id).await;
    assert_eq!(world.notion.row(row).text("Jira notice 2"), "");
    world.assert_equal();
}

/// What a row says of its issue.
fn notice(world: &World, row: Id) -> String {
    world.notion.row(row).text("Jira notice")
}

#[tokio::test]
async fn an_issue_in_another_project_stays_and_says_so() {
    for world in World::both().await {
        world.jira.add_many("OPS", 30);
        let id = world.synced().await;
        let row = world.row("OPS-7").id;
        world.jira.move_issue("OPS-7", "HR-1");
        world.look(&id).await;
        world.look(&id).await;
        assert!(!world.notion.row(row).in_trash);
        let reported = world.gateway.store.reported_rows(&id, 10).await.unwrap();
        let problems: Vec<&str> = reported.iter().filter_map(|it| it.problem.as_deref()).collect();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("Moved to HR-1"), "{problems:?}");
        assert_eq!(notice(&world, row), "Moved to HR-1");
        let writes = world.notion.writes();
        world.look(&id).await;
        assert_eq!(world.notion.writes(), writes, "it is said once");
        assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
        world.jira.move_issue("HR-1", "OPS-7");
        world.look(&id).await;
        assert_eq!(notice(&world, row), "");
        world.assert_equal();
    }
}

#[tokio::test]
async fn who_wants_it_sees_rows_go_with_their_issues() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced_as(|asked| asked.rules.left = OnLeft::Trash).await;
    let (moved, archived) = (world.row("OPS-7").id, world.row("OPS-8").id);
    world.jira.move_issue("OPS-7", "HR-1");
    world.jira.change_issue("OPS-8", |issue| issue.archived = true);
    world.look(&id).await;
    assert!(!world.notion.row(moved).in_trash, "one look proves nothing");
    world.look(&id).await;
    assert!(world.notion.row(moved).in_trash && world.notion.row(archived).in_trash);
    world.jira.move_issue("HR-1", "OPS-7");
    world.look(&id).await;
    assert!(!world.notion.row(moved).in_trash, "and come back with them");
}

#[tokio::test]
async fn rows_of_many_issues_that_leave_together_go_only_when_somebody_says_so() {
    // Archived together, they are still there; nobody has to decide.
    for (left, badge) in [(OnLeft::Keep, "Synced with Jira"), (OnLeft::Trash, "Waiting for you")] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 40);
        let id = world.synced_as(|asked| asked.rules.left = left).await;
        for at in 1..=15 {
            world.jira.change_issue(&format!("OPS-{at}"), |issue| issue.archived = true);
        }
        for _ in 0..3 {
            world.look(&id).await;
        }
        assert_eq!((world.shown(&id).await.badge.text.as_str(), world.rows().len()), (badge, 40));
    }
}

#[tokio::test]
async fn a_new_owner_who_sees_less_throws_nothing_away_unasked() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 40);
    world.jira.change_issue("OPS-5", |issue| issue.security = Some(("Ana".to_owned(), vec!["ana".to_owned()])));
    let id = world.synced_as(|asked| asked.wish.with_security = true).await;
    assert_eq!(world.rows().len(), 40);
    let ben = connect(&world.gateway, &world.ana, &world.jira, "ben").await;
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    world.gateway.syncs.reauthenticate(&world.ana, &database, Some(&ben)).await.unwrap();
    for _ in 0..3 {
        world.look(&id).await;
    }
    assert_eq!(world.shown(&id).await.badge.text, "Waiting for you");
    assert_eq!(world.rows().len(), 40);
    world.gateway.syncs.answer(&world.ana, &id, Question::Missing, Decision::Keep).await.unwrap();
    world.run().await;
    world.next_run().await;
    assert_eq!(world.rows().len(), 40);
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn who_keeps_rows_of_issues_that_have_left_keeps_them() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 40);
    let id = world.synced_as(|asked| asked.rules.left = OnLeft::Trash).await;
    for at in 1..=15 {
        world.jira.move_issue(&format!("OPS-{at}"), &format!("HR-{at}"));
    }
    world.look(&id).await;
    assert_eq!(world.shown(&id).await.badge.text, "Waiting for you");
    // Jira is away when the answer comes.
    world.gateway.syncs.answer(&world.ana, &id, Question::Missing, Decision::Keep).await.unwrap();
    world.jira.fault_at("bulkfetch", Fault::Status { status: 503, retry_after: None });
    world.run().await;
    world.jira.heal();
    for _ in 0..3 {
        world.look(&id).await;
    }
    assert_eq!((world.rows().len(), world.shown(&id).await.badge.text.as_str()), (40, "Synced with Jira"));
}

#[tokio::test]
async fn what_was_read_for_another_filter_is_not_written() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.jira.change_issue("OPS-3", |issue| issue.labels = vec!["keep".to_owned()]);
    let id = world.create().await;
    // Everything is read, and nothing is written yet.
    world.notion.fault(None, "POST /v1/databases", Fault::Status { status: 503, retry_after: None });
    world.run().await;
    world.notion.heal();
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    let mut asked: serde_json::Value = serde_json::from_str(&database.wish).unwrap();
    asked["filter"] = json!("labels = keep");
    world.gateway.store.set_wish(&world.ana, &id, &asked.to_string()).await.unwrap();
    world.run().await;
    world.next_run().await;
    assert_eq!(world.rows().into_values().map(|row| row.text("Key")).collect::<Vec<_>>(), ["OPS-3"]);
}
