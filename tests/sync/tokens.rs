//! Issues change, come and go between two pages of a walk, whatever Cloud's page tokens are (S4 to S9): afterwards Notion
//! says what Jira says.

use jiff::SignedDuration;

use super::World;
use crate::world::Issue;
use crate::world::jira::Tokens;

const ISSUES: usize = 42;
/// Issues that belong to one run, from either end.
const BAND: usize = 7;
/// Issues on a page of the first load: it takes longer than what is read again because the index may lag.
const ROWS: usize = 3;
/// Between two calls. More, and a bound that counts back from now does not hold: Jira would be asked for so much more that
/// nothing could be lost.
const STEP: SignedDuration = SignedDuration::from_secs(20);
/// Calls of a run before which something happens.
const BUSY: usize = 2 * BAND;

/// Each call finds another project than the one before: one of the first issues changes, which a first load has read by
/// then, and one of the last, which is still to come; or they go. Each changes twice in a run; in the next run it is
/// others, so that no later change makes good what was lost.
fn change(world: &World, run: usize, number: usize, lag: i64) {
    world.pass(STEP);
    if number > BUSY {
        return;
    }
    // Not in the order of their changes do they come into the index.
    world.jira.set_index_lag(if number.is_multiple_of(2) { 0 } else { lag });
    let now = world.jira.now();
    let at = run * BAND + number % BAND;
    // So few are gone that nobody has to be asked about them.
    let (early, late) = (number % BAND == 1, number % BAND == 3);
    for (key, goes) in [(at + 1, early), (ISSUES - at, late)] {
        let key = format!("OPS-{key}");
        if !world.jira.issues().iter().any(|it| it.key == key) {
            continue;
        }
        match goes {
            true => world.jira.remove_issue(&key),
            false => world.jira.edit_issue(&key, |issue| issue.summary = format!("Edit {number} of run {run}")),
        }
    }
    if number.is_multiple_of(5) {
        let key = format!("OPS-{}", 100 + run * 100 + number);
        world.jira.add_issue(Issue::new(&key, "New").created(now).updated(now));
    }
}

#[tokio::test]
async fn what_happens_between_two_pages_is_not_lost() {
    // Nearly as long as what is read again.
    for (tokens, lag) in [(Tokens::Place, 0), (Tokens::Place, 150), (Tokens::List, 150)] {
        let world = World::cloud().await;
        world.jira.set_page_tokens(tokens);
        world.jira.add_many("OPS", ISSUES);
        let id = world.create().await;
        for run in 0..3 {
            world.jira.set_page_rows(if run == 0 { ROWS } else { 2 * ROWS });
            // A page may be short, or empty, with more behind it.
            world.jira.set_page_sizes(&[2 * ROWS, 1, 0, ROWS]);
            let calls = world
                .run_while(|number| {
                    change(&world, run, number, lag);
                    if (run, number) == (0, BAND + 2) || (run, number) == (1, 4) {
                        world.jira.expire_page_tokens();
                    }
                })
                .await;
            assert!(calls >= if run == 0 { BUSY } else { 5 }, "{calls} calls");
            world.pass(SignedDuration::from_mins(5));
        }
        // Jira comes to rest; what is gone is missed twice.
        world.look(&id).await;
        world.look(&id).await;
        let shown = world.shown(&id).await;
        assert_eq!(shown.badge.text, "Synced with Jira", "{tokens:?} {lag}: {:?}", shown.reason);
        world.assert_as_new().await;
    }
}
