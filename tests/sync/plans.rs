//! Dry runs: what a run would do is what it then does, and to find that out changes nothing.

use std::pin::pin;

use jiff::SignedDuration;
use jira_notion_gateway::store::{DatabaseId, SyncedRow};
use jira_notion_gateway::sync::{Action, Change, CreateError, Forecast};
use serde_json::json;

use super::World;
use crate::world::Issue;
use crate::world::jira::{Fault, Gate};

impl World {
    async fn plan(&self, id: &DatabaseId, census: bool) -> Forecast {
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        self.gateway.syncs.plan(&database, census).await.unwrap()
    }

    async fn try_planned(&self, id: &DatabaseId, plan: &Forecast) -> Result<(), CreateError> {
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        self.gateway.syncs.sync_as_planned(&database, plan.plan.token.as_deref().unwrap()).await
    }

    /// All that is kept.
    async fn kept(&self, id: &DatabaseId) -> (String, Vec<SyncedRow>) {
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        (format!("{database:?}"), self.gateway.store.synced_rows(id).await.unwrap())
    }

    /// A plan that writes nothing, neither in Notion nor in Jira nor here.
    async fn plan_only(&self, id: &DatabaseId, census: bool) -> Forecast {
        let kept = self.kept(id).await;
        self.notion.clear_log();
        let plan = self.plan(id, census).await;
        assert_eq!((self.notion.writes(), self.kept(id).await), (0, kept));
        plan
    }

    fn minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
        self.jira.advance(SignedDuration::from_mins(minutes));
    }

    /// What the last run did: created, updated, to the trash.
    async fn did(&self, id: &DatabaseId) -> [u64; 3] {
        let counts = self.shown(id).await.counts;
        [counts.created, counts.updated, counts.trashed]
    }
}

fn rows(plan: &Forecast) -> [u64; 3] {
    [plan.plan.created, plan.plan.updated, plan.plan.trashed]
}

fn change(column: &str, old: Option<&str>, new: Option<&str>) -> Change {
    Change { column: column.to_owned(), old: old.map(str::to_owned), new: new.map(str::to_owned) }
}

#[tokio::test]
async fn a_plan_says_row_by_row_what_the_next_run_does() {
    for world in World::both().await {
        world.jira.add_many("OPS", 12);
        let id = world.synced().await;
        let was = world.row("OPS-3");
        world.minutes(1);
        world.jira.edit_issue("OPS-3", |issue| {
            issue.summary = "Quite another title".to_owned();
            issue.labels = vec!["brand-new".to_owned()];
        });
        let now = world.jira.now();
        world.jira.add_issue(Issue::new("OPS-900", "New").created(now).updated(now));
        world.minutes(4);
        let plan = world.plan_only(&id, false).await;
        assert_eq!(rows(&plan), [1, 1, 0], "{plan:#?}");
        let line = plan.rows.iter().find(|it| it.key == "OPS-3").unwrap();
        assert_eq!((line.action, line.text), (Action::Update, false));
        let labels = Some(was.text("Labels")).filter(|it| !it.is_empty());
        assert!(line.changes.contains(&change("Summary", Some(&was.text("Summary")), Some("Quite another title"))));
        assert!(line.changes.contains(&change("Labels", labels.as_deref(), Some("brand-new"))), "{line:?}");
        let others = line
            .changes
            .iter()
            .filter(|it| !["Summary", "Labels", "Updated", "Status Category Changed"].contains(&it.column.as_str()));
        assert_eq!(others.count(), 0, "{line:?}");
        assert!(plan.options["Labels"].contains(&"brand-new".to_owned()), "{:?}", plan.options);
        let new = plan.rows.iter().find(|it| it.action == Action::Create).unwrap();
        assert!(new.changes.iter().all(|it| it.old.is_none() && it.new.is_some()) && new.changes.len() > 5, "{new:?}");
        world.notion.clear_log();
        world.run().await;
        assert_eq!(world.did(&id).await, rows(&plan));
        let calls: usize = world.notion.calls().values().sum();
        // One row was read to tell what stands in it.
        assert_eq!(plan.requests.notion, calls as u64 + 1, "{:?}", world.notion.calls());
        world.assert_equal();
        let idle = world.plan_only(&id, false).await;
        assert_eq!((rows(&idle), idle.rows.len(), idle.requests.notion), ([0, 0, 0], 0, 0));
    }
}

#[tokio::test]
async fn what_is_missing_is_no_trash_before_the_second_look() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    let id = world.synced().await;
    world.notion.hands(world.nora).write(world.row("OPS-8").id, "mine");
    world.jira.remove_issue("OPS-7");
    world.jira.remove_issue("OPS-8");
    world.minutes(11);
    let first = world.plan_only(&id, true).await;
    let told: Vec<(&str, Action)> = first.rows.iter().map(|it| (it.key.as_str(), it.action)).collect();
    assert_eq!((rows(&first), told), ([0, 0, 0], vec![("OPS-7", Action::Wait), ("OPS-8", Action::Wait)]));
    world.look(&id).await;
    world.minutes(11);
    let second = world.plan_only(&id, true).await;
    let told: Vec<(&str, Action)> = second.rows.iter().map(|it| (it.key.as_str(), it.action)).collect();
    assert_eq!((rows(&second), told), ([0, 0, 1], vec![("OPS-7", Action::Trash), ("OPS-8", Action::Keep)]));
    assert!(second.rows[1].why.as_ref().unwrap().contains("something of yours"), "{second:?}");
    world.look(&id).await;
    assert_eq!(world.did(&id).await, [0, 0, 1]);
}

#[tokio::test]
async fn issues_that_only_a_look_at_all_finds_are_counted_as_created() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.jira.change_issue("OPS-7", |issue| issue.security = Some(("Board".to_owned(), Vec::new())));
    let id = world.synced().await;
    world.jira.change_issue("OPS-7", |issue| issue.security = None);
    // So long ago that no look at what changed sees it.
    world.minutes(40);
    assert_eq!(rows(&world.plan_only(&id, false).await), [0, 0, 0]);
    let plan = world.plan_only(&id, true).await;
    assert_eq!((rows(&plan), plan.rows[0].key.as_str()), ([1, 0, 0], "OPS-7"));
}

#[tokio::test]
async fn a_run_that_would_stop_says_why() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 40);
    let id = world.synced().await;
    (1..=15).for_each(|at| world.jira.remove_issue(&format!("OPS-{at}")));
    world.minutes(11);
    let plan = world.plan_only(&id, true).await;
    assert_eq!(rows(&plan), [0, 0, 0]);
    assert!(plan.stops.as_ref().unwrap().contains("15 of 40"), "{:?}", plan.stops);
    assert!(matches!(world.try_planned(&id, &plan).await, Err(CreateError::Moved)));
}

#[tokio::test]
async fn a_plan_is_done_exactly_or_not_at_all() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    let id = world.synced().await;
    world.minutes(1);
    world.jira.edit_issue("OPS-3", |issue| issue.summary = "One".to_owned());
    world.minutes(4);
    let plan = world.plan(&id, true).await;
    // What stands in Notion is a part of it, as what stands in Jira is.
    let hands = world.notion.hands(world.nora);
    let title = |text: &str| json!({"title": [{"text": {"content": text}}]});
    let was = world.row("OPS-3").text("Summary");
    hands.edit(world.row("OPS-3").id, "Summary", &title("Something else"));
    let before = world.kept(&id).await;
    assert!(matches!(world.try_planned(&id, &plan).await, Err(CreateError::Moved)));
    assert_eq!(world.kept(&id).await, before, "no run was asked for");
    hands.edit(world.row("OPS-3").id, "Summary", &title(&was));
    world.jira.edit_issue("OPS-4", |issue| issue.summary = "Two".to_owned());
    assert!(matches!(world.try_planned(&id, &plan).await, Err(CreateError::Moved)));
    let plan = world.plan(&id, true).await;
    world.try_planned(&id, &plan).await.unwrap();
    world.run().await;
    assert_eq!(world.did(&id).await, rows(&plan));
    world.assert_equal();
}

#[tokio::test]
async fn of_many_rows_the_first_fifty_are_read_and_the_others_counted() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 70);
    let id = world.synced().await;
    world.minutes(1);
    (1..=70).for_each(|at| world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary.push('!')));
    world.minutes(4);
    let plan = world.plan_only(&id, false).await;
    assert_eq!((rows(&plan), plan.rows.len()), ([0, 70, 0], 50));
    assert_eq!(world.notion.calls()["GET /v1/pages/{page_id}"], 50);
    assert_eq!((plan.requests.notion, plan.seconds), (70 + 50, 40));
}

#[tokio::test]
async fn of_dry_runs_at_one_time_the_third_is_asked_to_come_back() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 3);
    let id = world.synced().await;
    let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
    let plan = || world.gateway.syncs.plan(&database, false);
    let gate = Gate::closed();
    world.jira.fault_times(2, "", Fault::Wait(gate.clone()));
    let (mut first, mut second) = (pin!(plan()), pin!(plan()));
    tokio::select! {
        _ = &mut first => panic!("it waits for Jira"),
        _ = &mut second => panic!("it waits for Jira"),
        () = gate.wait_for(2) => {}
    }
    assert_eq!(plan().await.unwrap_err().to_string(), CreateError::Busy.to_string());
    gate.open();
    let (first, second) = tokio::join!(first, second);
    assert_eq!((rows(&first.unwrap()), rows(&second.unwrap())), ([0, 0, 0], [0, 0, 0]));
    plan().await.unwrap();
}
