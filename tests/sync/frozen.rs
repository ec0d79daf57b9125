//! Two processes on one database, of which one is frozen for five minutes in the middle of its calls (S55): whatever
//! becomes of them when it thaws, nothing is doubled, and nothing old stays.

use jiff::SignedDuration;

use super::World;
use crate::world::jira::{Fault, Gate, Issue, Text};

/// What a process does that freezes.
#[derive(Debug, Clone, Copy)]
enum At {
    /// The n-th call to Jira.
    Reading(usize),
    /// Three rows are being made.
    Making(Calls),
    /// Three rows are being changed.
    Changing(Calls),
    /// Three long texts are being written.
    Writing(Calls),
}

/// Calls to Notion.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Calls {
    /// They were done at once, and nobody hears of it before the thaw.
    Done,
    /// They are on their way until the thaw.
    Sent,
}

/// Calls that a process has under way at most: when all of them wait, it does nothing.
const AT_ONCE: usize = 3;

impl At {
    /// Freezes those calls. How many there are.
    fn hold(self, world: &World, gate: &Gate) -> usize {
        let (path, calls) = match self {
            Self::Reading(number) => {
                world.jira.fault_at_call(number, Fault::Wait(gate.clone()));
                return 1;
            }
            Self::Making(calls) => ("POST /v1/pages?", calls),
            Self::Changing(calls) => ("PATCH /v1/pages/", calls),
            Self::Writing(calls) => ("PATCH /v1/blocks/", calls),
        };
        for number in 1..=AT_ONCE {
            let gate = gate.clone();
            let fault = if calls == Calls::Sent { Fault::Wait(gate) } else { Fault::Withhold(gate) };
            world.notion.fault_at(number, path, fault);
        }
        AT_ONCE
    }

    /// What is new when the first process begins, and again when the other one does.
    fn change(self, world: &World, text: &str) {
        for at in 1..=3 {
            world.jira.edit_issue(&format!("OPS-{at}"), |issue| match self {
                Self::Writing(_) => issue.description = Some(Text::from(text)),
                _ => issue.summary = text.to_owned(),
            });
        }
    }
}

#[tokio::test]
async fn whoever_is_frozen_does_no_harm_when_it_thaws() {
    for at in [
        At::Reading(3),
        At::Reading(5),
        At::Making(Calls::Done),
        At::Making(Calls::Sent),
        At::Changing(Calls::Done),
        At::Changing(Calls::Sent),
        At::Writing(Calls::Done),
        At::Writing(Calls::Sent),
    ] {
        let world = World::cloud().await;
        // None above another, so that as many calls as may be go at once.
        for at in 1..=7 {
            world.jira.add_issue(Issue::new(&format!("OPS-{at}"), &format!("Issue {at}")));
        }
        if let At::Changing(_) | At::Writing(_) = at {
            world.synced().await;
            world.pass(SignedDuration::from_mins(5));
            at.change(&world, "First");
        } else {
            world.create().await;
        }
        let gate = Gate::closed();
        let count = at.hold(&world, &gate);
        let frozen = world.gateway.syncs.clone();
        let frozen = tokio::spawn(async move { frozen.round().await });
        gate.wait_for(count).await;
        world.pass(SignedDuration::from_mins(1));
        at.change(&world, "Second");
        // Something later, or the next run would read them again because the index may lag.
        world.pass(SignedDuration::from_mins(6));
        world.jira.edit_issue("OPS-7", |issue| issue.summary = "Later".to_owned());
        let other = world.another_process().await;
        assert_eq!(other.syncs.round().await.unwrap(), 1, "{at:?}: it takes over");
        world.assert_equal();
        world.jira.forget_calls();
        gate.open();
        frozen.await.unwrap().unwrap();
        assert_eq!(world.jira.calls().total, 0, "{at:?}: it goes on with nothing");
        // Rows that it may have spoilt are written again, an hour later at most.
        world.hour().await;
        world.assert_as_new().await;
    }
}
