//! Issues change, come and go between two pages of a walk, whatever Cloud's page tokens are (S4 to S9): afterwards Notion
//! says what Jira says.

use jiff::SignedDuration;

use super::World;
use crate::world::Issue;
use crate::world::jira::Tokens;

const ISSUES: usize = 30;
/// Issues on a page.
const ROWS: usize = 6;

/// Each call finds another project than the one before: one of the first issues changes, which a first load has read by
/// then, and one of the last, which is still to come; or they go. In the next run it is others, so that no later change
/// makes good what was lost.
fn change(world: &World, run: usize, number: usize) {
    // A run takes longer than the index lags behind, and than what is read again for that reason.
    world.pass(SignedDuration::from_mins(2));
    let now = world.jira.now();
    let at = run * ROWS + number % ROWS;
    // So few are gone that nobody has to be asked about them.
    let (early, late) = (number % 6 == 1, number % 6 == 3);
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
    if number.is_multiple_of(3) {
        let key = format!("OPS-{}", 100 + run * 100 + number);
        world.jira.add_issue(Issue::new(&key, "New").created(now).updated(now));
    }
}

#[tokio::test]
async fn what_happens_between_two_pages_is_not_lost() {
    for (tokens, lag) in [(Tokens::Place, 0), (Tokens::Place, 90), (Tokens::List, 90)] {
        let world = World::cloud().await;
        world.jira.set_page_rows(ROWS);
        world.jira.set_page_tokens(tokens);
        world.jira.add_many("OPS", ISSUES);
        let id = world.create().await;
        world.jira.set_index_lag(lag);
        for run in 0..3 {
            let calls = world
                .run_while(|number| {
                    change(&world, run, number);
                    if run == 1 && number == 2 {
                        world.jira.expire_page_tokens();
                    }
                })
                .await;
            assert!(calls >= if run == 0 { 9 } else { 2 }, "{calls} calls");
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
