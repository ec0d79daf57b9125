//! A database as people and programs see it (contract §4, synced-database §2). Pure.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::badge::{Badge, Figures, Reason, State, of_halt};
use super::halt::Halt;
use super::pace::Pace;
use super::run::read_json;
use super::state::{Counts, Home, Phase, Status};
use crate::notion::Limit;
use crate::store::Database;

/// One database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    pub id: String,
    pub project: Project,
    pub state: State,
    pub badge: BadgeShown,
    /// With milliseconds.
    pub last_synced_at: Option<String>,
    pub progress: ProgressShown,
    /// Of the last run.
    pub counts: Counts,
    pub notion: Notion,
    pub reason: Option<Reason>,
    /// Notion has asked to wait, and why.
    #[serde(skip)]
    pub pause: Option<String>,
    #[serde(skip)]
    pub kind: Badge,
    #[serde(skip)]
    pub phase: Option<Phase>,
    #[serde(skip)]
    pub since: Option<Timestamp>,
    #[serde(skip)]
    pub synced_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    pub id: String,
    pub key: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadgeShown {
    pub text: String,
    pub color: &'static str,
    pub since: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgressShown {
    pub done: u64,
    pub total: u64,
    /// Writes left at the present allowance; none where nothing is being written.
    pub eta_seconds: Option<u64>,
}

/// Empty until it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notion {
    pub database_id: Option<String>,
    pub data_source_id: Option<String>,
    pub url: Option<String>,
}

impl Shown {
    /// `interval` is `GATEWAY_SYNC_INTERVAL`.
    pub fn of(database: &Database, now: Timestamp, interval: SignedDuration, pace: &Pace) -> Self {
        let status: Status = read_json(&database.status);
        let home: Home = read_json(&database.place);
        let is_at_work = database.lease_until > now.as_millisecond();
        let (kind, reason) = told(database, &status, is_at_work, now, interval);
        let phase = status.phase.filter(|_| is_at_work);
        let left = status.total.saturating_sub(status.done);
        let is_writing = phase == Some(Phase::Rows);
        let eta_seconds = is_writing.then(|| pace.seconds(left));
        let figures = Figures {
            read: (phase == Some(Phase::Reading)).then_some(status.done),
            written: phase.map(|_| (status.done, status.total)),
            ended: status.last_synced_at.map(|at| now.duration_since(at)),
        };
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: database.id.to_string(),
            project: Project {
                id: database.project_id.to_string(),
                key: database.project_key.clone(),
                name: database.project_name.clone(),
            },
            state: kind.state(),
            badge: BadgeShown { text: kind.words(&figures), color: kind.color(), since: status.since },
            last_synced_at: status.last_synced_at.map(|at| format!("{at:.3}")),
            progress: ProgressShown { done: status.done, total: status.total, eta_seconds },
            counts: status.counts,
            notion: Notion {
                database_id: filled(home.database_id),
                data_source_id: filled(home.data_source_id),
                url: filled(home.url),
            },
            reason,
            pause: database.notion_connection_id.as_ref().and_then(|id| pause(pace, id.as_str(), now)),
            kind,
            phase,
            since: status.since,
            synced_at: status.last_synced_at,
        }
    }
}

/// "Notion asked us to wait 40 s; another integration uses the same allowance"
fn pause(pace: &Pace, connection: &str, now: Timestamp) -> Option<String> {
    let (until, limit) = pace.pause_of(connection, now)?;
    let seconds = until.duration_since(now).as_secs().max(1);
    let why = if limit == Limit::Workspace { "; another integration uses the same allowance" } else { "" };
    Some(format!("Notion asked us to wait {seconds} s{why}"))
}

/// The badge, and why, as things are now: some of it no run has written down.
fn told(
    database: &Database,
    status: &Status,
    is_at_work: bool,
    now: Timestamp,
    interval: SignedDuration,
) -> (Badge, Option<Reason>) {
    let lost = match (&database.connection_id, &database.notion_connection_id) {
        (None, _) => Some(Halt::JiraGone),
        (_, None) => Some(Halt::NotionGone),
        _ if database.paused => Some(Halt::Paused),
        _ => None,
    };
    if let Some((badge, reason)) = lost.as_ref().and_then(of_halt) {
        return (badge, Some(reason));
    }
    let late = interval.checked_mul(3).unwrap_or(SignedDuration::MAX).max(SignedDuration::from_mins(5));
    // A first load that nobody goes on with has never ended.
    let last = status.last_synced_at.or(status.since);
    let is_late = last.is_some_and(|at| now.duration_since(at) > late);
    let is_going = matches!(status.badge, Badge::SettingUp | Badge::InProgress | Badge::Synced | Badge::Partly);
    if is_going && is_late && !is_at_work {
        let message = "No run has ended for a while. The gateway may not be running, or be busy with other databases.";
        return (Badge::Late, Some(Reason { code: "late".to_owned(), message: message.to_owned() }));
    }
    (status.badge, status.reason.clone())
}
