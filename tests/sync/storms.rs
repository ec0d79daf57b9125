//! Jira and Notion fail at random, over a first load and what comes after it: it takes longer, and that is all (§7, S23,
//! S28, S29, S32).

use jiff::SignedDuration;

use super::World;
use super::dice::Dice;
use crate::world::jira::Fault;
use crate::world::notion::rest::faults::{after, before, rate_limited};
use crate::world::{Issue, Personality};

/// Calls that the weather is made for.
const CALLS: usize = 300;

/// Every fourth call to Notion and every fifth to Jira fails.
fn storm(world: &World, dice: &mut Dice) {
    for number in (1..CALLS).filter(|_| dice.below(4) == 0).collect::<Vec<_>>() {
        let seconds = 1 + dice.below(40) as i64;
        let status = *dice.pick(&[500, 502, 503, 504, 529]);
        let fault = match dice.below(8) {
            0 | 1 => rate_limited("connection", seconds),
            2 => rate_limited("workspace", seconds),
            3 => before(409),
            4 | 5 => before(status),
            // Notion has too much to do to do anything: 529 is never said of what was done.
            6 => after(if status == 529 { 504 } else { status }),
            _ => Fault::Lost,
        };
        world.notion.fault_at(number, "", fault);
    }
    for number in (1..CALLS).filter(|_| dice.below(5) == 0).collect::<Vec<_>>() {
        let fault = match (dice.below(4), world.jira.personality().is_cloud()) {
            (0, true) => Fault::too_many_on_cloud(Some("5"), "jira-burst-based"),
            (1, true) => Fault::too_many_on_cloud(None, "jira-cost-based"),
            (0 | 1, false) => Fault::too_many("5"),
            (2, _) => Fault::unavailable(Some("7")),
            _ => Fault::status(*dice.pick(&[500, 502, 504])),
        };
        world.jira.fault_at_call(number, fault);
    }
}

/// Goes on until all is there.
async fn outlast(world: &World, id: &jira_notion_gateway::store::DatabaseId) {
    for _ in 0..40 {
        world.pass(SignedDuration::from_mins(5));
        world.run().await;
        let waiting = world.gateway.syncs.rows(id).await.unwrap().pending;
        if waiting == 0 && world.shown(id).await.badge.text == "Synced with Jira" {
            return;
        }
    }
    let problems: Vec<_> = world.gateway.store.synced_rows(id).await.unwrap();
    let problems: Vec<_> = problems.iter().filter_map(|row| row.problem.as_ref()).collect();
    panic!("it does not end: {:?} {problems:?}", world.shown(id).await);
}

#[tokio::test]
async fn a_storm_of_all_errors_only_takes_time() {
    for seed in 0..4 {
        let personality = if seed % 2 == 0 { Personality::cloud() } else { Personality::data_center() };
        let world = World::of(personality).await;
        let mut dice = Dice::new(seed);
        world.notion.switch(|it| it.rest.query_lag = SignedDuration::from_secs(45));
        world.jira.set_page_rows(4);
        world.jira.add_many("OPS", 8);
        let id = world.create().await;
        storm(&world, &mut dice);
        outlast(&world, &id).await;
        world.assert_equal();
        for round in 0..3 {
            let now = world.jira.now();
            for at in 1..=3 {
                world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = format!("Edit {round}"));
            }
            let key = format!("OPS-{}", 100 + round);
            world.jira.add_issue(Issue::new(&key, "New").created(now).updated(now));
            outlast(&world, &id).await;
        }
        world.jira.heal();
        world.notion.heal();
        world.pass(SignedDuration::from_mins(5));
        world.run().await;
        world.assert_as_new().await;
    }
}

/// Whoever waits is told how long Notion wants to be left alone, by a run or by them; and leaves it alone.
#[tokio::test]
async fn a_person_asks_nothing_while_notion_wants_to_be_left_alone() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 3);
    let found = world.look_at_project(None).await.unwrap();
    world.notion.fault_at(1, "/v1/pages/", rate_limited("workspace", 40));
    for (seconds, asked) in [(40, 1), (25, 0)] {
        world.notion.clear_log();
        let refused = world.gateway.syncs.plan_of_new(&found).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("Notion asks to wait. Try again in {seconds} s."));
        assert_eq!(world.notion.calls().values().sum::<usize>(), asked);
        world.clock.advance(SignedDuration::from_secs(15));
    }
    world.clock.advance(SignedDuration::from_secs(25));
    world.gateway.syncs.plan_of_new(&found).await.unwrap();
}
