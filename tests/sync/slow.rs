//! A Notion that takes too long for much at once, and is asked for less (S48).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::World;
use crate::world::Issue;
use crate::world::notion::rest::faults::{after, before};

impl World {
    /// How many rows each query asked for, and whether it was answered.
    fn queries(&self) -> Vec<(u64, bool)> {
        let calls = self.notion.log().into_iter().filter(|it| it.is("POST", "/query"));
        let size = |body: &str| serde_json::from_str::<Value>(body).unwrap()["page_size"].as_u64().unwrap();
        calls.map(|it| (size(&it.body), it.status == 200)).collect()
    }
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_asked_for_half_as_many_rows() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 60);
    let id = world.synced().await;
    for key in ["OPS-1", "OPS-40", "OPS-60"] {
        let row = world.row(key).id;
        world.notion.hands(world.nora).edit(row, "Summary", &json!({"title": [{"text": {"content": "by hand"}}]}));
    }
    world.notion.switch(|it| it.rest.slow_page = Some(30));
    world.notion.clear_log();
    // A look at what people have edited, and one at all rows.
    world.pass(SignedDuration::from_hours(25));
    world.run().await;
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    world.assert_equal();
    // All rows were edited in the minute of the last look: by us.
    let list = [(100, false), (50, false), (25, true), (25, true), (25, true)];
    assert_eq!(world.queries(), [list, list].concat());
}

#[tokio::test]
async fn it_is_never_asked_for_less_than_ten() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    let id = world.synced().await;
    let row = world.row("OPS-1").id;
    world.notion.hands(world.nora).edit(row, "Summary", &json!({"title": [{"text": {"content": "by hand"}}]}));
    world.notion.switch(|it| it.rest.slow_page = Some(9));
    world.notion.clear_log();
    world.hour().await;
    let sizes: Vec<u64> = world.queries().into_iter().map(|(size, _)| size).collect();
    assert!(sizes.starts_with(&[100, 50, 25, 12, 10, 10]) && sizes[5..].iter().all(|size| *size == 10), "{sizes:?}");
    assert!(sizes.len() <= 12, "it gives up for now, {sizes:?}");
    // Notion feels better: nothing was lost.
    world.notion.switch(|it| it.rest.slow_page = None);
    world.next_run().await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_text_that_takes_too_long_is_written_in_smaller_parts_and_once() {
    let world = World::cloud().await;
    let lines = |word: &str| (0..130).map(|at| format!("{word} {at}")).collect::<Vec<_>>().join("\n\n");
    world.jira.add_issue(Issue::new("OPS-1", "Long").description(lines("first").as_str()));
    world.jira.add_issue(Issue::new("OPS-2", "Short").description("a word"));
    world.notion.switch(|it| it.rest.slow_blocks = Some(30));
    let id = world.synced().await;
    let shows = |word: &str| {
        let blocks = world.notion.blocks(world.row("OPS-1").id);
        assert_eq!(blocks.len(), 1, "one block is ours: {blocks:?}");
        let told: Vec<&str> =
            blocks[0].children.iter().map(|it| it.text.as_str()).filter(|it| it.starts_with(word)).collect();
        let wanted: Vec<String> = (0..130).map(|at| format!("{word} {at}")).collect();
        assert_eq!(told, wanted);
    };
    shows("first");
    let text = lines("second");
    world.jira.edit_issue("OPS-1", |issue| issue.description = Some(text.as_str().into()));
    world.next_run().await;
    shows("second");
    world.assert_equal();
    world.notion.clear_log();
    world.look(&id).await;
    assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
}

#[tokio::test]
async fn a_bad_moment_of_notions_costs_no_text() {
    for fault in [before(503), before(504), after(504)] {
        let world = World::cloud().await;
        world.jira.add_issue(Issue::new("OPS-1", "Short").description("first"));
        let id = world.synced().await;
        world.jira.edit_issue("OPS-1", |issue| issue.description = Some("second".into()));
        world.notion.fault_at(1, "PATCH /v1/blocks/", fault);
        world.next_run().await;
        let shown = world.shown(&id).await;
        assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
        let blocks = world.notion.blocks(world.row("OPS-1").id);
        let told: Vec<&str> = blocks.iter().flat_map(|it| &it.children).map(|it| it.text.as_str()).collect();
        assert_eq!(told, ["second"]);
    }
}

#[tokio::test]
async fn a_text_that_is_always_too_much_is_named_and_stops_nothing_else() {
    let world = World::cloud().await;
    let lines = (0..130).map(|at| format!("line {at}")).collect::<Vec<_>>().join("\n\n");
    world.jira.add_issue(Issue::new("OPS-1", "Long").description(lines.as_str()));
    world.jira.add_issue(Issue::new("OPS-2", "Short").description("a word"));
    world.notion.switch(|it| it.rest.slow_blocks = Some(5));
    let id = world.create().await;
    world.run().await;
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.failed), ("Partly synced", 1), "{:?}", shown.reason);
    assert_eq!(world.rows().len(), 2);
    assert_eq!(world.notion.blocks(world.row("OPS-2").id).len(), 1);
}
