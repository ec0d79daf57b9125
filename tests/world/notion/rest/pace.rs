//! How many calls a connection and a workspace may make in a window of a minute (notion-rest-api §6).

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::super::state::WorkspaceId;
use super::refusal::Refusal;

const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// The windows that are open. The first call opens one.
#[derive(Default)]
pub struct Allowances {
    connections: HashMap<String, Window>,
    workspaces: HashMap<WorkspaceId, Window>,
}

#[derive(Clone, Copy)]
struct Window {
    since: Timestamp,
    calls: u32,
}

impl Window {
    /// Seconds until the next window, if this one is used up.
    fn is_full(&mut self, most: Option<u32>, now: Timestamp) -> Option<i64> {
        if now.duration_since(self.since) >= WINDOW {
            *self = Self { since: now, calls: 0 };
        }
        let left = (self.since + WINDOW).duration_since(now);
        // A whole second too many rather than a part too few.
        most.is_some_and(|most| self.calls >= most).then(|| left.as_secs() + i64::from(left.subsec_nanos() > 0))
    }
}

impl Allowances {
    /// Counts a call, or tells how long to wait. A call that is refused is not counted.
    pub fn pass(
        &mut self,
        (connection, most): (&str, Option<u32>),
        (workspace, most_of_all): (WorkspaceId, Option<u32>),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let new = Window { since: now, calls: 0 };
        let own = self.connections.entry(connection.to_owned()).or_insert(new);
        let all = self.workspaces.entry(workspace).or_insert(new);
        if let Some(seconds) = own.is_full(most, now) {
            return Err(Refusal::rate_limited("connection", seconds));
        }
        if let Some(seconds) = all.is_full(most_of_all, now) {
            return Err(Refusal::rate_limited("workspace", seconds));
        }
        own.calls += 1;
        all.calls += 1;
        Ok(())
    }
}
