//! A Jira that has another address by now (S17).

use std::collections::BTreeMap;

use jira_notion_gateway::sync::CreateError;

use super::{World, connect};
use crate::world::notion::rest::Id;
use crate::world::{Issue, Personality, two_people};

impl World {
    fn pages(&self) -> BTreeMap<String, Id> {
        self.rows().into_iter().map(|(issue, row)| (issue, row.id)).collect()
    }
}

#[tokio::test]
async fn only_the_links_change_with_the_address() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let world = World::of(personality.clone()).await;
        world.jira.add_many("OPS", 12);
        let id = world.synced().await;
        let before = world.pages();
        // The same issues at another address; what it says of itself is not asked.
        let there = two_people(personality).await;
        there.add_many("OPS", 12);
        let connection = connect(&world.gateway, &world.ana, &there, "ana").await;
        let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
        world.gateway.syncs.reauthenticate(&world.ana, &database, Some(&connection)).await.unwrap();
        world.run().await;
        assert_eq!(world.pages(), before);
        assert_eq!(world.row("OPS-3").text("Link"), there.at("/browse/OPS-3"));
        let shown = world.shown(&id).await;
        assert_eq!((shown.counts.created, shown.badge.text.as_str()), (0, "Synced with Jira"), "{:?}", shown.reason);
    }
}

#[tokio::test]
async fn another_jira_is_no_new_address() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    let id = world.synced().await;
    let other = two_people(Personality::cloud()).await;
    // As many issues with the same ids, under other keys.
    for at in 1..=12 {
        other.add_issue(Issue::new(&format!("OPS-{}", 100 + at), "Something else"));
    }
    let connection = connect(&world.gateway, &world.ana, &other, "ana").await;
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    let refused = world.gateway.syncs.reauthenticate(&world.ana, &database, Some(&connection)).await.unwrap_err();
    assert!(matches!(refused, CreateError::OtherJira(_)), "{refused}");
    let kept = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    assert_eq!((kept.connection_id, kept.site), (database.connection_id, database.site));
}
