//! What people and programs are told of a database, from what is written down of it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::notion::Limit;
use jira_notion_gateway::store::Database;
use jira_notion_gateway::sync::badge::{Badge, Reason, State};
use jira_notion_gateway::sync::pace::{Caller, Pace};
use jira_notion_gateway::sync::shown::Shown;
use jira_notion_gateway::sync::state::{Phase, Status};

use super::World;

const INTERVAL: SignedDuration = SignedDuration::from_mins(5);

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

/// A database that says so of itself; no run is at work.
async fn of(status: &Status) -> Database {
    let mut database = World::cloud().await.try_create(None).await.unwrap();
    database.status = serde_json::to_string(status).unwrap();
    database.lease_until = 0;
    database
}

fn shown(database: &Database) -> Shown {
    Shown::of(database, now(), INTERVAL, &Pace::default())
}

fn minutes_ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn what_is_late_says_when_a_run_has_ended_or_that_none_has() {
    let mut database = of(&Status::default()).await;
    // Badge, minutes since it has it, minutes since a run has ended; what is shown.
    let table = [
        (Badge::Synced, 180, Some(14), "Synced with Jira", "blue", None),
        (Badge::Synced, 180, Some(16), "Synced 16 min ago – late", "yellow", Some("late")),
        (Badge::Synced, 180, Some(180), "Synced 3 h ago – late", "yellow", Some("late")),
        (Badge::Partly, 9_000, Some(4_400), "Synced 3 days ago – late", "yellow", Some("late")),
        (Badge::InProgress, 16, Some(60), "Synced 60 min ago – late", "yellow", Some("late")),
        // Never synced: nothing says that it is.
        (Badge::InProgress, 14, None, "Sync in progress", "blue", None),
        (Badge::InProgress, 16, None, "Sync in progress – late", "yellow", Some("late")),
        (Badge::SettingUp, 16, None, "Sync in progress – late", "yellow", Some("late")),
        // What has another cause says that one.
        (Badge::Failed, 900, Some(900), "Sync failed", "yellow", Some("test")),
        (Badge::Stopped, 900, None, "Sync stopped", "yellow", Some("test")),
        (Badge::Waiting, 900, Some(900), "Waiting for you", "yellow", Some("test")),
    ];
    for (badge, since, ended, text, color, reason) in table {
        let has_reason = matches!(badge, Badge::Failed | Badge::Stopped | Badge::Waiting);
        let status = Status {
            badge,
            since: Some(minutes_ago(since)),
            last_synced_at: ended.map(minutes_ago),
            reason: has_reason.then(|| Reason { code: "test".to_owned(), message: "Test.".to_owned() }),
            ..Status::default()
        };
        database.status = serde_json::to_string(&status).unwrap();
        let told = shown(&database);
        let code = told.reason.as_ref().map(|it| it.code.as_str());
        assert_eq!((told.badge.text.as_str(), told.badge.color, code), (text, color, reason), "{status:?}");
        assert_eq!(told.last_synced_at.is_some(), ended.is_some(), "{status:?}");
    }
    // Whoever works on it is not late.
    let status = Status { badge: Badge::InProgress, since: Some(minutes_ago(900)), ..Status::default() };
    (database.status, database.lease_until) = (serde_json::to_string(&status).unwrap(), now().as_millisecond() + 1);
    assert_eq!((shown(&database).badge.text.as_str(), shown(&database).state), ("Sync in progress", State::Syncing));
    // Nor what rests, or has lost its way to Jira.
    (database.lease_until, database.paused) = (0, true);
    assert_eq!((shown(&database).badge.text.as_str(), shown(&database).state), ("Paused", State::Stopped));
    (database.connection_id, database.paused) = (None, false);
    assert_eq!(shown(&database).reason.map(|it| it.code).as_deref(), Some("disconnected"));
}

#[tokio::test]
async fn a_run_under_way_says_how_far_it_is() {
    let status = |phase, done, total| Status {
        badge: Badge::InProgress,
        since: Some(minutes_ago(1)),
        phase: Some(phase),
        done,
        total,
        ..Status::default()
    };
    let mut database = of(&Status::default()).await;
    database.lease_until = now().as_millisecond() + 60_000;
    for (status, text, eta_seconds) in [
        (status(Phase::Reading, 1_240, 0), "Sync in progress · 1,240 issues read", None),
        (status(Phase::Columns, 0, 0), "Sync in progress", None),
        // 180 calls a minute.
        (status(Phase::Rows, 1_240, 5_000), "Sync in progress 1,240 of 5,000", Some(1_254)),
    ] {
        database.status = serde_json::to_string(&status).unwrap();
        let told = shown(&database);
        assert_eq!((told.badge.text.as_str(), told.progress.eta_seconds), (text, eta_seconds), "{status:?}");
    }
}

#[tokio::test]
async fn a_pause_that_notion_asks_for_is_named_with_its_cause() {
    let database = of(&Status::default()).await;
    let connection = database.notion_connection_id.as_ref().unwrap().to_string();
    let own = Caller { connection, workspace: "acme".to_owned() };
    let neighbour = Caller { connection: "another".to_owned(), ..own.clone() };
    let other = "Notion asked us to wait 40 s; another integration uses the same allowance";
    let refused = |caller: &Caller, limit, wait| {
        let mut pace = Pace::default();
        pace.refused(caller, limit, Some(Duration::from_secs(wait)), now());
        pace
    };
    for (pace, words) in [
        (Pace::default(), None),
        (refused(&own, Limit::Connection, 40), Some("Notion asked us to wait 40 s")),
        (refused(&own, Limit::Unknown, 40), Some("Notion asked us to wait 40 s")),
        (refused(&own, Limit::Workspace, 40), Some(other)),
        (refused(&neighbour, Limit::Connection, 40), None),
    ] {
        let told = |after| Shown::of(&database, now() + SignedDuration::from_secs(after), INTERVAL, &pace).pause;
        assert_eq!(told(0).as_deref(), words);
        let later = words.map(|words| words.replace("40 s", "1 s"));
        assert_eq!((told(39), told(40)), (later, None), "it counts down, and ends");
    }
}
