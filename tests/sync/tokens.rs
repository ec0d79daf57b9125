//! Issues change, come and go between two pages of a walk, whatever Cloud's page tokens are (S6, S8, S9): afterwards Notion
//! says what Jira says.

use jiff::SignedDuration;

use super::World;
use super::dice::Dice;
use crate::world::jira::Tokens;
use crate::world::{Issue, Personality};

/// Each call finds another project than the one before.
fn change(world: &World, dice: &mut Dice, number: usize) {
    world.pass(SignedDuration::from_secs(20));
    let now = world.jira.now();
    let keys: Vec<String> = world.jira.issues().into_iter().map(|it| it.key).collect();
    // One of the first, which was read, and one of the last, which is still to come.
    for at in [dice.below(5), keys.len() - 1 - dice.below(5)] {
        world.jira.edit_issue(&keys[at], |issue| issue.summary = format!("Edit {number} at {now}"));
    }
    // So few are gone at once that nobody has to be asked about them.
    match number % 6 {
        0 => {
            let key = format!("OPS-{}", 500 + number);
            world.jira.add_issue(Issue::new(&key, "New").created(now).updated(now));
        }
        3 if keys.len() > 16 => world.jira.remove_issue(&keys[dice.below(keys.len())]),
        _ => {}
    }
}

#[tokio::test]
async fn what_happens_between_two_pages_is_not_lost() {
    for (tokens, lag, personality) in [
        (Tokens::Place, 0, Personality::cloud()),
        (Tokens::Place, 90, Personality::cloud()),
        (Tokens::List, 90, Personality::cloud()),
        (Tokens::Place, 90, Personality::data_center()),
    ] {
        let world = World::of(personality).await;
        let mut dice = Dice::new(7);
        world.jira.set_page_rows(4);
        world.jira.set_page_tokens(tokens);
        world.jira.add_many("OPS", 20);
        let id = world.create().await;
        world.jira.set_index_lag(lag);
        for run in 0..3 {
            let calls = world
                .run_while(|number| {
                    change(&world, &mut dice, run * 100 + number);
                    if run == 0 && number == 4 {
                        world.jira.expire_page_tokens();
                    }
                })
                .await;
            assert!(calls >= if run == 0 { 8 } else { 2 }, "{calls} calls");
            // Several pages for the next run.
            for number in 0..5 {
                world.pass(SignedDuration::from_secs(20));
                change(&world, &mut dice, run * 100 + 50 + number);
            }
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
