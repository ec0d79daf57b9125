//! Columns whose fields are renamed, deleted, or hold something else by now.

use jira_notion_gateway::store::DatabaseId;
use jira_notion_gateway::sync::CreateError;
use jira_notion_gateway::sync::state::OnDropped;
use serde_json::json;

use super::World;
use crate::world::jira::fields::{self, TAGS};
use crate::world::notion::rest::Refusal;
use crate::world::{Fault, Issue};

#[tokio::test]
async fn a_renamed_field_renames_its_column() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    let before = world.row("OPS-3");
    let name = fields::name(TAGS).to_owned();
    assert!(world.columns().contains_key(&name), "{:?}", world.columns());
    world.jira.rename(TAGS, "Topics");
    world.hour().await;
    assert!(world.columns().contains_key("Topics") && !world.columns().contains_key(&name), "{:?}", world.columns());
    assert_eq!(world.row("OPS-3").id, before.id);
    assert_eq!(world.row("OPS-3").all("Topics"), before.all(&name));
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_renamed_priority_changes_its_rows() {
    for world in World::both().await {
        world.jira.add_many("OPS", 20);
        let id = world.synced().await;
        let high: Vec<_> = world.rows().into_values().filter(|row| row.text("Priority") == "High").collect();
        assert!(!high.is_empty());
        world.jira.rename("2", "Soon");
        world.hour().await;
        assert!(high.iter().all(|row| world.notion.row(row.id).text("Priority") == "Soon"));
        assert_eq!(world.shown(&id).await.counts.updated, u64::try_from(high.len()).unwrap());
    }
}

#[tokio::test]
async fn a_deleted_field_is_looked_for_twice_and_then_its_column_says_so() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    let name = fields::name(TAGS).to_owned();
    let before = world.row("OPS-3").all(&name).to_vec();
    world.jira.delete_field(TAGS, true);
    world.hour().await;
    assert!(world.columns().contains_key(&name), "one look proves nothing");
    world.hour().await;
    let marked = format!("{name} (deleted in Jira)");
    assert!(world.columns().contains_key(&marked), "{:?}", world.columns());
    world.jira.edit_issue("OPS-3", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    assert_eq!(world.row("OPS-3").all(&marked), before, "what is there stays");
    // And back again.
    world.jira.delete_field(TAGS, false);
    world.hour().await;
    assert!(world.columns().contains_key(&name) && !world.columns().contains_key(&marked), "{:?}", world.columns());
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn who_wants_it_sees_the_column_go_with_its_field() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 10);
    world.synced_as(|asked| asked.rules.dropped = OnDropped::Remove).await;
    let name = fields::name(TAGS).to_owned();
    world.jira.delete_field(TAGS, true);
    world.hour().await;
    assert!(world.columns().contains_key(&name), "one look proves nothing");
    world.hour().await;
    assert!(!world.columns().keys().any(|it| it.starts_with(&name)), "{:?}", world.columns());
    world.hour().await;
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

/// With a column of a person's own, and a field that was deleted in Jira so long ago that its column says so; its name.
async fn marked(world: &World, id: &DatabaseId) -> String {
    let (hands, source) = (world.notion.hands(world.nora), world.notion.source(world.database()));
    hands.add_column(source, "My notes", &json!({"rich_text": {}}));
    hands.edit(world.row("OPS-3").id, "My notes", &json!({"rich_text": [{"text": {"content": "mine"}}]}));
    world.jira.delete_field(TAGS, true);
    world.hour().await;
    let early = remove(world, id, TAGS).await;
    assert!(matches!(early, Err(CreateError::NotMarked)), "one look proves nothing: {early:?}");
    world.hour().await;
    let name = format!("{} (deleted in Jira)", fields::name(TAGS));
    assert!(world.columns().contains_key(&name), "{:?}", world.columns());
    name
}

async fn remove(world: &World, id: &DatabaseId, key: &str) -> Result<(), CreateError> {
    let database = world.gateway.syncs.one(&world.ana, id).await.unwrap().unwrap();
    world.gateway.syncs.remove_column(&world.ana, &database, key).await
}

#[tokio::test]
async fn a_marked_column_goes_when_its_person_says_so_and_no_other_does() {
    for world in World::both().await {
        world.jira.add_many("OPS", 20);
        let id = world.synced().await;
        let name = marked(&world, &id).await;
        let before = world.columns();
        for other in ["labels", "summary", "customfield_1", "My notes", ""] {
            assert!(matches!(remove(&world, &id, other).await, Err(CreateError::NotMarked)), "{other}");
        }
        // The person has given it a name of their own, which changes nothing.
        let source = world.notion.source(world.database());
        world.notion.hands(world.nora).rename_column(source, &name, "Old tags");
        remove(&world, &id, TAGS).await.unwrap();
        world.notion.clear_log();
        world.run().await;
        let mut left = before.clone();
        left.remove(&name);
        assert_eq!(world.columns(), left, "this column, and no other");
        assert_eq!(world.notion.writes(), 1, "{:?}", world.notion.calls());
        assert_eq!(world.row("OPS-3").text("My notes"), "mine");
        let edit = |words: &'static str| world.jira.edit_issue("OPS-3", |issue| issue.summary = words.to_owned());
        // It is not made again, neither by a row nor when everything is read anew.
        edit("Changed");
        world.next_run().await;
        world.hour().await;
        assert_eq!((world.columns(), world.row("OPS-3").text("Summary")), (left.clone(), "Changed".to_owned()));

        // A field that comes back has a column again, which is another one: what was said of the old one is forgotten.
        world.jira.delete_field(TAGS, false);
        world.hour().await;
        assert!(world.columns().contains_key(fields::name(TAGS)), "{:?}", world.columns());
        world.jira.delete_field(TAGS, true);
        world.hour().await;
        world.hour().await;
        world.next_run().await;
        assert_eq!(world.columns(), before, "marked, and there");
        assert_eq!(world.notion.refusals(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_wish_for_a_column_to_go_outlives_a_run_that_fails_but_not_the_return_of_its_field() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let id = world.synced().await;
    let name = marked(&world, &id).await;
    let refusal = Refusal::invalid("body failed validation.").answer();
    world.notion.fault_at(1, "PATCH /v1/data_sources", Fault::Instead(refusal));
    remove(&world, &id, TAGS).await.unwrap();
    world.run().await;
    assert!(world.columns().contains_key(&name), "the call was refused");
    world.next_run().await;
    assert!(!world.columns().contains_key(&name), "{:?}", world.columns());

    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let id = world.synced().await;
    let name = marked(&world, &id).await;
    remove(&world, &id, TAGS).await.unwrap();
    world.jira.delete_field(TAGS, false);
    world.run().await;
    assert!(world.columns().contains_key(&name), "Jira has the field");
    world.hour().await;
    assert!(world.columns().contains_key(fields::name(TAGS)), "{:?}", world.columns());
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn labels_without_number_become_text_beside_the_old_column() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 15);
    let id = world.synced().await;
    assert_eq!(world.columns().get("Labels"), Some(&"multi_select"));
    for at in 1..=12 {
        let labels = (0..100).map(|label| format!("label-{at}-{label}")).collect();
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.labels = labels);
    }
    world.next_run().await;
    let columns = world.columns();
    let kinds = (columns.get("Labels").copied(), columns.get("Labels (old)").copied());
    assert_eq!(kinds, (Some("rich_text"), Some("multi_select")), "{:?}", world.shown(&id).await.reason);
    assert!(world.row("OPS-2").text("Labels").contains("label-2-7"));
    assert_eq!(world.shown(&id).await.counts.failed, 0);
}

/// Issues of Data Center tell the number of a team alone.
#[tokio::test]
async fn a_team_is_called_by_its_name_which_is_asked_for_once() {
    const TEAM: &str = "customfield_10400";
    let world = World::data_center().await;
    let custom = "com.atlassian.teams:rm-teams-custom-field-team";
    world.jira.add_field(json!({
        "id": TEAM, "name": "Team", "custom": true, "orderable": true, "navigable": true, "searchable": true,
        "clauseNames": ["cf[10400]", "Team"], "schema": {"type": "any", "custom": custom, "customId": 10_400},
    }));
    world.jira.name_team(7, "Payments");
    for (at, team) in ["7", "8", "7"].into_iter().enumerate() {
        world.jira.add_issue(Issue::new(&format!("OPS-{}", at + 1), "x").field(TEAM, json!(team)));
    }
    let asked = || world.jira.calls().of("GET /rest/teams-api/1.0/team/{id}");
    let id = world.synced().await;
    let teams = ["OPS-1", "OPS-2", "OPS-3"].map(|key| world.row(key).text("Team"));
    assert_eq!((teams.join(" "), asked()), ("Payments 8 Payments".to_owned(), 2));
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    let row = world.gateway.syncs.explain(&database, "OPS-2").await.unwrap();
    assert!(format!("{row:?}").contains("names of teams"), "{row:?}");

    // What is known is not asked for again; nor is anything in a run in which nobody tells of a team.
    world.jira.edit_issue("OPS-1", |issue| issue.summary = "y".to_owned());
    world.next_run().await;
    world.next_run().await;
    assert_eq!((world.row("OPS-1").text("Team").as_str(), asked()), ("Payments", 2));
    world.jira.name_team(8, "Search");
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "y".to_owned());
    world.next_run().await;
    assert_eq!((world.row("OPS-2").text("Team").as_str(), asked()), ("Search", 3));
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_renamed_person_changes_their_rows_within_the_hour() {
    for world in World::both().await {
        for at in 1..=20 {
            let mut issue = Issue::new(&format!("OPS-{at}"), "Something");
            issue.assignee = (at % 4 == 0).then(|| "ben".to_owned());
            world.jira.add_issue(issue);
        }
        let id = world.synced().await;
        let of_ben =
            || world.rows().into_values().filter(|row| row.text("Assignee (Jira)") == "Benedict Okafor").count();
        // No issue is touched by it.
        world.jira.change_person("ben", |ben| ben.display_name = "Benedict Okafor".to_owned());
        world.next_run().await;
        assert_eq!(of_ben(), 0);
        world.hour().await;
        assert_eq!((of_ben(), world.shown(&id).await.counts.updated), (5, 5));
        world.notion.clear_log();
        world.hour().await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
    }
}
