//! Cells that people edit at any time (S44).

use jiff::SignedDuration;
use serde_json::json;

use super::World;
use crate::world::notion::rest::Id;

const COLUMN: &str = "Reporter (Jira)";

impl World {
    fn scribble(&self, row: Id) {
        self.notion.hands(self.nora).edit(row, COLUMN, &json!({"rich_text": [{"text": {"content": "scribble"}}]}));
    }

    fn scribbles(&self) -> usize {
        self.rows().values().filter(|row| row.text(COLUMN) == "scribble").count()
    }
}

#[tokio::test]
async fn an_edit_in_the_minute_of_our_write_or_look_is_found() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    world.jira.edit_issue("OPS-3", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    // Time stands still: this is the minute of the write.
    let row = world.row("OPS-3");
    world.scribble(row.id);
    assert_eq!(world.notion.row(row.id).edited, row.edited);
    world.hour().await;
    assert_eq!(world.scribbles(), 0);
    // And this is the minute of the look.
    world.scribble(world.row("OPS-4").id);
    world.scribble(row.id);
    world.hour().await;
    assert_eq!(world.scribbles(), 0);
}

#[tokio::test]
async fn an_edit_before_everything_is_read_anew_is_found() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    world.pass(SignedDuration::from_hours(7 * 24));
    world.scribble(world.row("OPS-3").id);
    world.next_run().await;
    world.hour().await;
    assert_eq!(world.scribbles(), 0);
}

#[tokio::test]
async fn an_edit_during_the_first_load_is_found() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let (nora, acme) = (world.nora, world.acme);
    world.notion.before_write(15, move |notion| {
        // Nobody is below it or linked to it: no later row touches it.
        let rows = notion.rows(notion.databases(acme)[0]);
        let row = rows.into_iter().find(|row| row.text("Key") == "OPS-11").unwrap().id;
        let words = json!({"rich_text": [{"text": {"content": "scribble"}}]});
        notion.hands(nora).edit(row, COLUMN, &words);
    });
    world.synced().await;
    assert_eq!(world.scribbles(), 1);
    world.hour().await;
    assert_eq!(world.scribbles(), 0);
}

#[tokio::test]
async fn all_rows_of_a_load_are_looked_at_once_also_beyond_where_notion_ends_its_list() {
    let world = World::cloud().await;
    // More than are made in a minute.
    world.notion.switch(|it| it.rest.query_cap = 200);
    world.jira.add_many("OPS", 230);
    world.synced().await;
    let last = world.notion.rows(world.database()).last().unwrap().id;
    world.scribble(last);
    world.notion.clear_log();
    world.hour().await;
    assert_eq!(world.scribbles(), 0);
    let looks =
        || world.notion.calls().get("POST /v1/data_sources/{data_source_id}/query").copied().unwrap_or_default();
    assert_eq!(looks(), 3);
    world.notion.clear_log();
    world.hour().await;
    world.hour().await;
    assert_eq!(looks(), 2, "{:?}", world.notion.calls());
}
