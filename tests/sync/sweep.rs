//! Issues with two rows, whatever has made the second one.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jira_notion_gateway::notion::property::Value;
use jira_notion_gateway::notion::rich_text::RichText;
use serde_json::json;

use super::World;
use crate::world::notion::rest::Id;

impl World {
    /// A second row for the issue of a row, as a lost answer of long ago may have left it.
    async fn plant(&self, row: Id) -> Id {
        let source = self.notion.source(self.database()).to_string();
        let jira_id = self.notion.row(row).text("Jira ID");
        let client = self.gateway.workspaces.client().clone();
        let cells = BTreeMap::from([("Jira ID", Value::RichText(vec![RichText::plain(&jira_id)]))]);
        let made = self.gateway.workspaces.ask(&self.to_notion, |token| {
            let (client, source, cells) = (client.clone(), &source, &cells);
            async move { client.create_page(&token, source, cells, &[]).await }
        });
        Id::parse(&made.await.unwrap().id).unwrap()
    }

    async fn night(&self) {
        self.clock.advance(SignedDuration::from_hours(24));
        self.jira.advance(SignedDuration::from_hours(24));
        self.next_run().await;
    }
}

#[tokio::test]
async fn of_two_rows_for_one_issue_the_one_stays_that_somebody_uses() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let (used, unused) = (world.row("OPS-2").id, world.row("OPS-3").id);
    let (other, younger) = (world.plant(used).await, world.plant(unused).await);
    world.notion.hands(world.nora).write(other, "my notes");
    world.night().await;
    let is_there = |id| !world.notion.row(id).in_trash;
    assert_eq!([used, other, unused, younger].map(is_there), [false, true, true, false]);
    assert_eq!(world.row("OPS-2").id, other, "and it is kept up to date");
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn what_a_person_has_copied_is_theirs() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let ours = world.row("OPS-2");
    let source = world.notion.source(world.database());
    let cells = json!({"Jira ID": {"rich_text": [{"text": {"content": ours.text("Jira ID")}}]}});
    let copy = world.notion.hands(world.nora).add_row(source, &cells);
    world.night().await;
    assert!(!world.notion.row(copy).in_trash && !world.notion.row(ours.id).in_trash);
    let shown = world.shown(&id).await;
    assert_eq!(shown.badge.text, "Partly synced");
    let reported = world.gateway.store.reported_rows(&id, 100).await.unwrap();
    let problems: Vec<&str> = reported.iter().filter_map(|it| it.problem.as_deref()).collect();
    assert!(problems.len() == 1 && problems[0].contains("duplicate"), "{problems:?}");
}
