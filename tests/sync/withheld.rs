//! Issues with a security level: who reads the database need not be among those who may read them.

use jira_notion_gateway::sync::state::Asked;
use secrecy::SecretString;

use super::{HERE, World};
use crate::world::Personality;

impl World {
    /// Gives an issue a level that lets Ana read it.
    fn restrict(&self, key: &str) {
        let level = Some(("Leads".to_owned(), vec!["ana".to_owned()]));
        self.jira.edit_issue(key, |issue| issue.security = level);
    }

    fn page_text(&self, row: crate::world::notion::rest::Id) -> String {
        format!("{:?}", self.notion.blocks(row))
    }
}

#[tokio::test]
async fn an_issue_that_gets_a_level_leaves() {
    for world in World::both().await {
        world.jira.add_many("OPS", 20);
        let id = world.synced().await;
        let row = world.row("OPS-7").id;
        world.restrict("OPS-7");
        world.next_run().await;
        assert!(world.notion.row(row).in_trash);
        assert_eq!(world.rows().len(), 19);
        let shown = world.shown(&id).await;
        assert_eq!((shown.badge.text.as_str(), shown.progress.total), ("Synced with Jira", 19));
        // And that is all: neither a later run nor a look at all issues touches it again.
        world.notion.clear_log();
        world.look(&id).await;
        world.look(&id).await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
        world.jira.edit_issue("OPS-7", |issue| issue.security = None);
        world.next_run().await;
        assert!(!world.notion.row(row).in_trash, "it comes back to its old row");
        world.assert_equal();
    }
}

#[tokio::test]
async fn of_a_page_with_something_of_a_persons_own_only_what_came_from_jira_goes() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let words = "Nobody else may read this.";
    world.jira.edit_issue("OPS-7", |issue| {
        issue.summary = "The secret plan".to_owned();
        issue.description = Some(words.into());
    });
    world.synced().await;
    let row = world.row("OPS-7").id;
    assert!(world.page_text(row).contains(words), "{}", world.page_text(row));
    world.notion.hands(world.nora).write(row, "my own words");
    world.restrict("OPS-7");
    world.next_run().await;
    let there = world.notion.row(row);
    assert!(!there.in_trash);
    assert_eq!((there.text("Summary").as_str(), there.text("Key").as_str()), ("OPS-7", "OPS-7"));
    assert_eq!((there.text("Status").as_str(), there.text("Reporter (Jira)").as_str()), ("", ""));
    assert!(!world.page_text(row).contains(words) && world.page_text(row).contains("my own words"));
    world.jira.edit_issue("OPS-7", |issue| issue.security = None);
    world.next_run().await;
    assert_eq!(world.row("OPS-7").text("Summary"), "The secret plan");
    assert!(world.page_text(row).contains(words) && world.page_text(row).contains("my own words"));
}

#[tokio::test]
async fn one_that_had_a_level_from_the_beginning_is_known_and_not_shown() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    world.restrict("OPS-7");
    let id = world.synced().await;
    assert_eq!(world.rows().len(), 9);
    world.next_run().await;
    world.jira.forget_calls();
    world.look(&id).await;
    // The list of all issues names it; it is not asked for again and again.
    assert_eq!(world.jira.calls().of("POST /rest/api/3/issue/bulkfetch"), 0, "{:?}", world.jira.calls());
    let reported = world.gateway.store.reported_rows(&id, 20).await.unwrap();
    let problems: Vec<&str> = reported.iter().filter_map(|it| it.problem.as_deref()).collect();
    assert!(problems.len() == 1 && problems[0].contains("security_level"), "{problems:?}");
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_level_is_seen_of_issues_that_have_left_the_filter() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let world = World::of(personality).await;
        world.jira.add_many("OPS", 30);
        for at in 1..=30 {
            world.jira.change_issue(&format!("OPS-{at}"), |issue| issue.labels = vec!["keep".to_owned()]);
        }
        let id = world.try_create(Some("labels = keep")).await.unwrap().id;
        world.run().await;
        let (at_once, later) = (world.row("OPS-7").id, world.row("OPS-8").id);
        let leave = |key: &str| world.jira.edit_issue(key, |issue| issue.labels.clear());
        leave("OPS-7");
        leave("OPS-8");
        world.restrict("OPS-7");
        world.look(&id).await;
        assert!(world.notion.row(at_once).in_trash, "one look is enough: it is known who may read it");
        world.look(&id).await;
        assert_eq!(world.notion.row(later).text("Jira notice"), "Archived in Jira, or out of the filter");
        world.restrict("OPS-8");
        world.look(&id).await;
        assert!(world.notion.row(later).in_trash, "also of a row that stays");
        world.notion.clear_log();
        world.look(&id).await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
    }
}

#[tokio::test]
async fn a_level_is_acted_on_whatever_else_stops_the_run() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 40);
    let id = world.synced().await;
    // So many at once that somebody is asked, and nobody answers.
    world.without(&id, 1..=15).await;
    assert_eq!(world.shown(&id).await.badge.text, "Waiting for you");
    let row = world.row("OPS-30").id;
    world.restrict("OPS-30");
    world.look(&id).await;
    assert_eq!(world.shown(&id).await.badge.text, "Waiting for you");
    assert!(world.notion.row(row).in_trash);
}

#[tokio::test]
async fn what_another_token_has_written_for_us_goes_as_well() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    for key in ["OPS-1", "OPS-2", "OPS-3"] {
        world.jira.edit_issue(key, |issue| issue.description = Some("the first words".into()));
    }
    let id = world.synced().await;
    let [changed, noted, bare] = ["OPS-1", "OPS-2", "OPS-3"].map(|key| world.row(key).id);
    // Another integration goes on, whose blocks bear another name.
    world.notion.end_tokens(world.nora);
    world.jira.edit_issue("OPS-9", |issue| issue.summary = "So that something is written".to_owned());
    world.next_run().await;
    assert_eq!(world.shown(&id).await.badge.text, "Sync stopped");
    let token = SecretString::from(world.notion.make_personal_token(world.nora));
    world.gateway.workspaces.add_token(&world.ana, HERE, &token).await.unwrap();
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    world.gateway.syncs.reauthenticate(&world.ana, &database, None).await.unwrap();
    world.jira.edit_issue("OPS-1", |issue| issue.description = Some("the second words".into()));
    let hands = world.notion.hands(world.nora);
    hands.write(noted, "my own words");
    world.restrict("OPS-2");
    world.restrict("OPS-3");
    world.run().await;
    let shown = world.shown(&id).await;
    assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
    let text = world.page_text(changed);
    assert!(text.contains("the second words") && !text.contains("the first words"), "{text}");
    let text = world.page_text(noted);
    assert!(text.contains("my own words") && !text.contains("the first words"), "{text}");
    assert!(world.notion.row(bare).in_trash);
}

#[tokio::test]
async fn of_columns_that_are_not_kept_up_any_more_the_values_go_as_well() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    let id = world.synced().await;
    let [noted, bare] = ["OPS-2", "OPS-3"].map(|key| world.row(key).id);
    assert_ne!(world.row("OPS-2").text("Status"), "");
    world.notion.hands(world.nora).write(noted, "my own words");
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    let mut asked: Asked = serde_json::from_str(&database.wish).unwrap();
    asked.wish.off.insert("status".to_owned());
    let wish = serde_json::to_string(&asked).unwrap();
    world.gateway.store.set_wish(&world.ana, &id, &wish).await.unwrap();
    world.run().await;
    world.restrict("OPS-2");
    world.restrict("OPS-3");
    world.next_run().await;
    assert_eq!(world.notion.row(noted).text("Status"), "");
    assert!(world.notion.row(bare).in_trash, "what came from Jira is nothing of a person's own");
}
