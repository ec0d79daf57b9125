//! Nothing lost, nothing doubled, whatever goes wrong on the way.

use std::sync::Arc;

use jiff::SignedDuration;

use super::World;
use super::killed::kills;
use crate::world::jira::{Fault, Gate};
use crate::world::notion::rest::faults::{after, before, rate_limited};

#[tokio::test]
async fn an_answer_that_is_lost_makes_no_second_row() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 12);
    for (number, fault) in [(3, after(500)), (6, after(504)), (9, before(503)), (12, before(409)), (13, after(502))] {
        world.notion.fault_at_write(number, fault);
    }
    world.create().await;
    // A write of unknown outcome may end the run; the next one goes on.
    for _ in 0..4 {
        world.run().await;
        world.clock.advance(SignedDuration::from_mins(5));
    }
    world.assert_equal();
}

#[tokio::test]
async fn a_line_that_is_cut_after_the_row_was_made_makes_no_second_row() {
    for number in 1..=8 {
        let world = World::cloud().await;
        world.notion.switch(|it| it.rest.query_lag = SignedDuration::from_secs(45));
        world.jira.add_many("OPS", 5);
        world.notion.fault_at_write(number, Fault::Lost);
        world.create().await;
        for _ in 0..3 {
            world.run().await;
            world.clock.advance(SignedDuration::from_mins(5));
        }
        world.assert_equal();
    }
}

#[tokio::test]
async fn a_storm_of_429_only_takes_time() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    for number in [2, 3, 4, 9, 15, 16, 17] {
        let reason = if number % 2 == 0 { "connection" } else { "workspace" };
        world.notion.fault_at_write(number, rate_limited(reason, 7));
    }
    world.synced().await;
    world.assert_equal();
}

/// A process that dies while a write is on its way: before Notion has heard of it, or before it has heard Notion's answer.
async fn killed_at(write: usize, is_done: bool, issues: usize) {
    let world = World::cloud().await;
    world.jira.add_many("OPS", issues);
    let id = world.create().await;
    let gate = Gate::closed();
    world.notion.fault_at_write(write, if is_done { Fault::Withhold(gate.clone()) } else { Fault::Wait(gate.clone()) });
    let syncs = world.gateway.syncs.clone();
    let run = tokio::spawn(async move { syncs.round().await });
    let stop = run.abort_handle();
    tokio::select! {
        _ = run => {}
        () = gate.wait_for(1) => stop.abort(),
    }
    gate.open();
    let another = world.another_process().await;
    for _ in 0..3 {
        world.clock.advance(SignedDuration::from_mins(5));
        another.syncs.round().await.unwrap();
    }
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira", "killed at write {write}, done {is_done}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_at_any_write_is_gone_on_with() {
    // Half as many as of whole processes: each write once before it is done or after, then the other way round.
    for number in 0..kills() / 2 {
        let (write, issues) = (number % 11 + 1, 8 + number / 22);
        killed_at(write, number % 2 == 0, issues).await;
    }
}

#[tokio::test]
async fn two_processes_make_one_database() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    world.create().await;
    let (one, other) = (world.gateway.syncs.clone(), Arc::clone(&world.another_process().await.syncs));
    let (first, second) = tokio::join!(one.round(), other.round());
    assert_eq!(first.unwrap() + second.unwrap(), 1, "one of them works on it");
    world.assert_equal();
}

#[tokio::test]
async fn a_dead_token_stops_it_and_says_so() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 6);
    let id = world.synced().await;
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Changed".to_owned());
    world.jira.change_person("ana", |person| person.api_tokens.clear());
    world.next_run().await;
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.badge.color), ("Sync stopped", "yellow"));
    assert_eq!(shown.reason.unwrap().code, "reconnect");
    assert_eq!(world.rows().len(), 6, "rows stay");
}

#[tokio::test]
async fn a_row_that_a_person_threw_away_stays_away() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 4);
    let id = world.synced().await;
    let row = world.row("OPS-2").id;
    world.notion.hands(world.nora).trash(row);
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Changed".to_owned());
    world.next_run().await;
    assert!(world.notion.row(row).in_trash);
    assert_eq!(world.rows().len(), 3);
    assert_eq!(world.shown(&id).await.badge.text, "Partly synced");
}
