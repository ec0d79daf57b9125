//! How often Notion may be asked, by all syncs together (notion-rest-api §6, S28). Pure.
//!
//! Each connection and each workspace has its window. Whoever wants to ask books the next free moment in both and waits
//! for it; a refusal closes the window that it names.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::notion::Limit;
use crate::store::NotionConnection;

/// Calls in a window that Notion permits everybody (notion-rest-api §6). Higher plans may make more, but no answer of
/// Notion says how many: a refusal tells how long to wait and nothing else.
pub const ALLOWANCE: usize = 180;
/// One of so many calls is not made: calls take different times to arrive, so that a minute over there may begin a little
/// later and end a little earlier than here.
const SPARED: usize = 30;
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// As many may go at once; so the allowance is used evenly, and a few changes still go out without waiting.
const BURST: usize = 10;
/// A pause that Notion asks for without saying how long.
const UNNAMED_PAUSE: Duration = Duration::from_secs(10);
/// What nobody has used for so long is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_mins(10);

/// The windows of all connections and workspaces.
#[derive(Debug)]
pub struct Pace {
    allowance: usize,
    windows: HashMap<Key, Window>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Connection(String),
    Workspace(String),
}

#[derive(Debug, Default)]
struct Window {
    /// The moments that were booked, in order; those of one window at most.
    booked: VecDeque<Timestamp>,
    closed_until: Option<Timestamp>,
    /// The last refusal that a connection has heard: until when, and by which limit.
    heard: Option<(Timestamp, Limit)>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub connection: String,
    /// Empty where it is not known.
    pub workspace: String,
}

impl Caller {
    pub fn of(connection: &NotionConnection) -> Self {
        Self { connection: connection.id.to_string(), workspace: connection.workspace_id.clone() }
    }

    fn keys(&self) -> impl Iterator<Item = Key> + use<> {
        let workspace = (!self.workspace.is_empty()).then(|| Key::Workspace(self.workspace.clone()));
        std::iter::once(Key::Connection(self.connection.clone())).chain(workspace)
    }
}

impl Window {
    fn earliest(&self, now: Timestamp, used: usize) -> Timestamp {
        let after = |back: usize, time: SignedDuration| {
            let at = self.booked.len().checked_sub(back).and_then(|at| self.booked.get(at));
            at.and_then(|at| at.checked_add(time).ok())
        };
        let share = WINDOW * i32::try_from(BURST).unwrap_or(1) / i32::try_from(used).unwrap_or(i32::MAX);
        [after(used, WINDOW), after(BURST, share), self.closed_until].into_iter().flatten().fold(now, Timestamp::max)
    }

    fn book(&mut self, at: Timestamp, used: usize) {
        let place = self.booked.partition_point(|booked| *booked <= at);
        self.booked.insert(place, at);
        while self.booked.len() > used {
            self.booked.pop_front();
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(ALLOWANCE)
    }
}

impl Pace {
    /// `allowance`: calls a minute that Notion permits each connection and each workspace.
    pub fn new(allowance: usize) -> Self {
        Self { allowance, windows: HashMap::new() }
    }

    pub fn allowance(&self) -> usize {
        self.allowance
    }

    /// How many seconds so many calls take.
    pub fn seconds(&self, calls: u64) -> u64 {
        let window = WINDOW.as_secs().unsigned_abs();
        calls.saturating_mul(window).div_ceil(u64::try_from(self.allowance.max(1)).unwrap_or(u64::MAX))
    }

    /// What is used of the allowance.
    fn used(&self) -> usize {
        (self.allowance - self.allowance.div_ceil(SPARED)).max(1)
    }

    /// A call for which a person waits goes out before those that runs have booked, and those after it give way (S28).
    /// `Err`: not before then, because Notion has asked to wait, by which limit.
    pub fn go_first(&mut self, caller: &Caller, now: Timestamp) -> Result<(), (Timestamp, Limit)> {
        if let Some(until) = self.closed_until(caller, now) {
            let limit = self.pause_of(&caller.connection, now).map_or(Limit::Workspace, |(_, limit)| limit);
            return Err((until, limit));
        }
        let used = self.used();
        caller.keys().for_each(|key| self.windows.entry(key).or_default().book(now, used));
        Ok(())
    }

    /// Books a call: when it may go out.
    pub fn book(&mut self, caller: &Caller, now: Timestamp) -> Timestamp {
        let used = self.used();
        self.windows.retain(|_, window| {
            let last = window.booked.back().copied().max(window.closed_until);
            last.is_some_and(|last| now.duration_since(last) < FORGOTTEN)
        });
        let at =
            caller.keys().map(|key| self.windows.entry(key).or_default().earliest(now, used)).fold(now, Timestamp::max);
        caller.keys().for_each(|key| self.windows.entry(key).or_default().book(at, used));
        at
    }

    /// When a call may go out that was booked before, if a window was closed meanwhile.
    pub fn closed_until(&self, caller: &Caller, now: Timestamp) -> Option<Timestamp> {
        let closed = caller.keys().filter_map(|key| self.windows.get(&key)?.closed_until).max();
        closed.filter(|until| *until > now)
    }

    /// Until when a connection waits since Notion has asked it to, and by which limit.
    pub fn pause_of(&self, connection: &str, now: Timestamp) -> Option<(Timestamp, Limit)> {
        let window = self.windows.get(&Key::Connection(connection.to_owned()))?;
        window.heard.filter(|(until, _)| *until > now)
    }

    /// Notion has refused a call for their number; gives when calls go out again.
    pub fn refused(&mut self, caller: &Caller, limit: Limit, wait: Option<Duration>, now: Timestamp) -> Timestamp {
        let wait = wait.unwrap_or(UNNAMED_PAUSE).max(Duration::from_secs(1));
        let until = SignedDuration::try_from(wait).ok().and_then(|wait| now.checked_add(wait).ok()).unwrap_or(now);
        self.windows.entry(Key::Connection(caller.connection.clone())).or_default().heard = Some((until, limit));
        for key in caller.keys() {
            let named = match (&key, limit) {
                (_, Limit::Unknown) => true,
                (Key::Connection(_), Limit::Connection) | (Key::Workspace(_), Limit::Workspace) => true,
                // A workspace that is not known cannot be closed: then its connection is.
                (Key::Connection(_), Limit::Workspace) => caller.workspace.is_empty(),
                (Key::Workspace(_), Limit::Connection) => false,
            };
            if named {
                let window = self.windows.entry(key).or_default();
                window.closed_until = window.closed_until.max(Some(until));
            }
        }
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Caller {
        Caller { connection: "ana".to_owned(), workspace: "w".to_owned() }
    }

    fn ben() -> Caller {
        Caller { connection: "ben".to_owned(), workspace: "w".to_owned() }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    /// When each of some calls goes out, if each is made as soon as the one before it went.
    fn run(pace: &mut Pace, caller: &Caller, calls: usize, mut now: Timestamp) -> Vec<Timestamp> {
        let mut sent = Vec::new();
        for _ in 0..calls {
            now = pace.book(caller, now);
            sent.push(now);
        }
        sent
    }

    #[test]
    fn no_window_holds_more_than_the_allowance_and_nearly_all_of_it_is_used() {
        for allowance in [ALLOWANCE, 600] {
            let mut pace = Pace::new(allowance);
            let sent = run(&mut pace, &ana(), 3_000, at(0));
            for (first, last) in sent.iter().zip(sent.iter().skip(allowance)) {
                assert!(last.duration_since(*first) >= WINDOW);
            }
            let took = sent.last().unwrap().duration_since(sent[0]).as_secs_f64();
            let used = (sent.len() as f64 - 1.0) / (took / 60.0 * allowance as f64);
            assert!((0.955..=0.985).contains(&used), "{allowance}: {used}");
        }
    }

    #[test]
    fn time_follows_from_the_allowance() {
        assert_eq!([180, 600].map(|allowance| Pace::new(allowance).seconds(5_001)), [1_667, 501]);
        assert_eq!(Pace::default().seconds(0), 0);
    }

    #[test]
    fn a_few_calls_go_at_once() {
        let mut pace = Pace::default();
        let sent = run(&mut pace, &ana(), 11, at(0));
        assert!(sent[..10].iter().all(|it| *it == at(0)) && sent[10] > at(0));
    }

    #[test]
    fn whoever_waits_goes_first_and_counts() {
        let (mut pace, mut alone) = (Pace::default(), Pace::default());
        // They go out ten at a time: one is left of the third ten.
        let now = *run(&mut pace, &ana(), 29, at(0)).last().unwrap();
        run(&mut alone, &ana(), 29, at(0));
        assert_eq!(pace.go_first(&ben(), now), Ok(()));
        assert!(pace.book(&ana(), now) > alone.book(&ana(), now), "the run gives way");
        let until = pace.refused(&ana(), Limit::Workspace, Some(Duration::from_secs(40)), now);
        for caller in [ana(), ben()] {
            assert_eq!(pace.go_first(&caller, now), Err((until, Limit::Workspace)));
            assert_eq!(pace.go_first(&caller, until), Ok(()));
        }
    }

    #[test]
    fn a_workspace_is_shared_by_its_connections() {
        let mut pace = Pace::default();
        run(&mut pace, &ana(), BURST, at(0));
        assert!(pace.book(&ben(), at(0)) > at(0));
        let elsewhere = Caller { workspace: "v".to_owned(), ..ben() };
        assert!(Pace::default().book(&elsewhere, at(0)) == at(0));
    }

    #[test]
    fn a_refusal_closes_what_it_names() {
        let minute = Some(Duration::from_secs(60));
        for (limit, ana_waits, ben_waits) in
            [(Limit::Connection, true, false), (Limit::Workspace, true, true), (Limit::Unknown, true, true)]
        {
            let mut pace = Pace::default();
            assert_eq!(pace.refused(&ana(), limit, minute, at(0)), at(60));
            assert_eq!(pace.closed_until(&ana(), at(1)).is_some(), ana_waits, "{limit:?}");
            assert_eq!(pace.book(&ben(), at(1)) > at(1), ben_waits, "{limit:?}");
            assert_eq!(pace.closed_until(&ana(), at(60)), None);
        }
        let nobody_knows = Caller { workspace: String::new(), ..ana() };
        let mut pace = Pace::default();
        pace.refused(&nobody_knows, Limit::Workspace, None, at(0));
        assert_eq!(pace.book(&nobody_knows, at(0)), at(10));
    }

    #[test]
    fn people_are_told_what_is_waited_for() {
        let mut pace = Pace::default();
        assert_eq!(pace.pause_of("ana", at(0)), None);
        let until = pace.refused(&ana(), Limit::Workspace, Some(Duration::from_secs(40)), at(0));
        assert_eq!(pace.pause_of("ana", at(10)), Some((until, Limit::Workspace)));
        assert_eq!((pace.pause_of("ana", until), pace.pause_of("ben", at(10))), (None, None));
    }

    #[test]
    fn no_wait_is_no_second_try_at_once() {
        let mut pace = Pace::default();
        assert_eq!(pace.refused(&ana(), Limit::Connection, Some(Duration::ZERO), at(0)), at(1));
    }
}
