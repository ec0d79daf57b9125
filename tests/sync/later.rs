//! Later runs: what changed, and nothing else.

use super::World;
use crate::world::Issue;

#[tokio::test]
async fn an_idle_cycle_is_one_call_to_jira_and_none_to_notion() {
    for world in World::both().await {
        world.jira.add_many("OPS", 60);
        world.synced().await;
        for _ in 0..3 {
            world.next_run().await;
            world.jira.forget_calls();
            world.notion.clear_log();
            world.next_run().await;
            assert_eq!(world.jira.calls().total, 1);
            assert_eq!(world.notion.calls().len(), 0, "{:?}", world.notion.calls());
        }
    }
}

#[tokio::test]
async fn what_changed_is_written_once() {
    for world in World::both().await {
        world.jira.add_many("OPS", 60);
        let id = world.synced().await;
        world.next_run().await;
        world.notion.clear_log();
        world.jira.edit_issue("OPS-7", |issue| issue.summary = "Another summary".to_owned());
        world.jira.edit_issue("OPS-9", |issue| issue.assignee = None);
        let now = world.jira.now();
        world.jira.add_issue(Issue::new("OPS-900", "New").created(now).updated(now));
        world.next_run().await;
        let shown = world.shown(&id).await;
        assert_eq!((shown.counts.created, shown.counts.updated), (1, 2), "{:?}", shown.counts);
        assert_eq!(world.notion.writes(), 3, "{:?}", world.notion.calls());
        world.assert_equal();
        assert_eq!(world.row("OPS-9").text("Assignee (Jira)"), "");
        // What was read again because the index may lag is not written again.
        world.notion.clear_log();
        world.next_run().await;
        assert_eq!(world.notion.writes(), 0);
    }
}

#[tokio::test]
async fn an_issue_that_moves_out_and_back_keeps_its_row() {
    for world in World::both().await {
        world.jira.add_many("OPS", 5);
        world.synced().await;
        let before = world.row("OPS-3").id;
        world.jira.move_issue("OPS-3", "OPS-77");
        world.jira.edit_issue("OPS-77", |issue| issue.summary = "Back again".to_owned());
        world.next_run().await;
        assert_eq!(world.row("OPS-77").id, before);
        world.assert_equal();
    }
}

#[tokio::test]
async fn a_status_that_nobody_had_before_gets_an_option_in_one_call() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    world.synced().await;
    world.next_run().await;
    world.notion.clear_log();
    for at in 1..=3 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.labels = vec!["brand-new, label".to_owned()]);
    }
    world.next_run().await;
    assert_eq!(world.notion.calls().get("PATCH /v1/data_sources/{data_source_id}"), Some(&1));
    assert_eq!(world.notion.writes(), 4, "{:?}", world.notion.calls());
    assert_eq!(world.row("OPS-2").all("Labels"), ["brand-new; label"]);
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}
