//! A run from its claim to its end: what people are told then, and when the next one is due (§2).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::super::badge::{self, Badge, Reason};
use super::super::halt::Halt;
use super::super::hold::Hold;
use super::super::state::{Counts, Progress, Status};
use super::{Means, begin, json, read_json};
use crate::store::{Database, Noted};

/// So many failed runs are nobody's concern.
const FAILURES: u32 = 3;

/// Works on a database that was claimed, and lets go of it.
pub async fn run(means: Means, database: Database) {
    let id = database.id.clone();
    let hold = Arc::new(Hold::new(means.store.clone(), means.clock.clone(), database.lease(), means.stopping.clone()));
    let asked = database.asked.clone();
    let mut status: Status = read_json(&database.status);
    let mut progress: Progress = read_json(&database.progress);
    let (ended, mut begun) = match begin(&means, &hold, database).await {
        Ok(mut going) => (going.go().await, Some(going)),
        Err(halt) => (Err(halt), None),
    };
    if let Some(going) = &mut begun {
        (status, progress) = (std::mem::take(&mut going.status), std::mem::take(&mut going.progress));
    }
    if ended.is_ok() {
        let Counts { created, updated, trashed, unchanged, failed } = status.counts;
        means.metrics.synced([created, updated, trashed, unchanged, failed]);
    }
    let next = settle(&mut status, &mut progress, ended.as_ref().err(), means.clock.now(), means.interval);
    if let Some(going) = &mut begun
        && ended.as_ref().err().is_none_or(Halt::leaves_notion_open)
    {
        going.status = status.clone();
        if let Err(halt) = going.say().await {
            tracing::info!(database = %id, %halt, "the description of a database was not written");
        }
    }
    if let Err(halt) = &ended {
        tracing::info!(database = %id, %halt, "a run of a synced database did not end");
    }
    let (progress, status) = (json(&progress), json(&status));
    let noted = Noted { progress: Some(&progress), status: Some(&status), ..Noted::default() };
    let let_go = async {
        hold.note(noted).await?;
        // What a run did not come to is asked of the next one; a question is as good as an answer to what was asked.
        let is_done = matches!(ended, Ok(()) | Err(Halt::Brake(_)));
        let asked = begun.as_ref().map_or(&asked, |going| &going.database.asked);
        let due = next.as_millisecond();
        means.store.release_database(&hold.lease, due, asked, is_done).await.map_err(Halt::from)
    };
    match let_go.await {
        Ok(_) | Err(Halt::Lost) => {}
        Err(halt) => tracing::error!(fault = "us", retry = true, database = %id, %halt, "a run was not written down"),
    }
}

/// What people are told after a run, and when the next one is due.
fn settle(
    status: &mut Status,
    progress: &mut Progress,
    halt: Option<&Halt>,
    now: Timestamp,
    interval: SignedDuration,
) -> Timestamp {
    let later = |by: SignedDuration| now.checked_add(by).unwrap_or(Timestamp::MAX);
    let Some(halt) = halt else {
        progress.failures = 0;
        return later(interval);
    };
    if matches!(halt, Halt::Stopping) {
        return now;
    }
    progress.failures = progress.failures.saturating_add(1);
    if let Some((badge, reason)) = badge::of_halt(halt) {
        // What passes by itself is told when it does not.
        let passes = matches!(halt, Halt::Later { .. } | Halt::Store(_) | Halt::Refused { .. });
        if !passes || progress.failures >= FAILURES {
            tell(status, badge, Some(reason), now);
        }
    }
    match halt {
        Halt::Later { wait, .. } => {
            let wait = wait.and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
            later(wait.max(interval.min(SignedDuration::from_secs(30))))
        }
        _ => later(interval),
    }
}

/// Shows another badge, if it is another one.
pub(super) fn tell(status: &mut Status, badge: Badge, reason: Option<Reason>, now: Timestamp) {
    if (status.badge, &status.reason) != (badge, &reason) || status.since.is_none() {
        (status.badge, status.reason, status.since) = (badge, reason, Some(now));
    }
    if badge != Badge::InProgress {
        status.phase = None;
    }
}
