//! One run: read Jira completely into the queue, make what columns are lacking, write rows (synced-database §1, §4).
//!
//! ```text
//! claimed  a run from its claim to its end, and what people are told then
//! home     the database itself
//! rehearsal a run that writes nothing
//! read     pages of Jira into the queue, and where reading goes on after a crash
//! lanes    names and edits, once an hour
//! columns  the database itself, its columns and options
//! dropped  columns of fields that were deleted
//! census   the list of all issues: who is new, who is missing
//! rows     the queue into rows, parents first
//! row      the calls of one row
//! away     rows that leave
//! body     what stands in a row's page
//! people   who is who
//! teams    what teams are called
//! said     what Notion's readers are told
//! sweep    issues with two rows
//! near     issues that name one that is new
//! by_age   all rows of the database
//! unsure   rows of which nobody knows whether they were made
//! notice   what rows say of issues that are not there any more
//! index    which issues have which rows
//! content  what is kept of an issue between reading and writing it
//! ```
//!
//! Every step is written down before the next one begins; a run that ends anywhere is gone on with from there.

mod away;
mod body;
mod by_age;
mod census;
mod claimed;
mod columns;
mod content;
mod dropped;
mod home;
mod index;
mod lanes;
pub mod losses;
mod near;
mod notice;
mod people;
mod read;
mod rehearsal;
mod row;
mod rows;
mod said;
mod sweep;
mod teams;
mod unsure;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::census::Decision;
use self::census::Extra;
pub(super) use self::claimed::run;
use self::claimed::tell;
use self::index::Index;
use self::people::Known;
pub(super) use self::read::overlap;
pub use self::rehearsal::{Action, RowLine};
pub(super) use self::rehearsal::{Rehearsed, rehearse};

use super::badge::{Badge, Reason};
use super::halt::Halt;
use super::hold::{self, Hold};
use super::pace::{Caller, Pace};
use super::policy::Policy;
use super::state::{Asked, Home, Phase, Progress, RunKind, Status};
use super::writer::Writer;
use crate::clock::Clock;
use crate::connect::{Connect, Work};
use crate::jira::client::Client;
use crate::jira::key::SiteUrl;
use crate::jira::model::Field;
use crate::jira::scan::{ProjectStanding, ScanError};
use crate::metrics::Metrics;
use crate::secret::Sealer;
use crate::store::{Connection, Database, Noted, NotionConnectionId, Store};
use crate::workspace::Workspaces;

/// What all runs work with.
#[derive(Debug, Clone)]
pub(super) struct Means {
    pub store: Store,
    pub sealer: Sealer,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub connect: Arc<Connect>,
    pub workspaces: Arc<Workspaces>,
    pub pace: Arc<Mutex<Pace>>,
    /// `GATEWAY_SYNC_INTERVAL`.
    pub interval: SignedDuration,
    /// `GATEWAY_SYNC_CONFIRM`.
    pub confirm: SignedDuration,
    /// Who is who in each workspace, for a while.
    pub people: Arc<Mutex<HashMap<NotionConnectionId, Known>>>,
    pub policy: Policy,
    /// Where people find the gateway.
    pub public_url: SiteUrl,
    /// Set when the gateway stops.
    pub stopping: Arc<AtomicBool>,
}

/// A run under way.
#[derive(Debug)]
pub(super) struct Going {
    means: Means,
    hold: Arc<Hold>,
    writer: Writer,
    jira: Connection,
    /// Notion's names for whoever we are there, and were before.
    bots: Arc<BTreeSet<String>>,
    database: Database,
    asked: Asked,
    home: Home,
    progress: Progress,
    status: Status,
    noted_at: Timestamp,
    /// Jira's fields, once they were asked for.
    fields: Option<Vec<Field>>,
    /// Calls to Jira.
    calls: Arc<AtomicU64>,
    /// Why Notion takes no more rows.
    full: Option<Reason>,
}

/// Pauses that Jira asks for that one run waits out; and the longest of them.
const WAITS: u32 = 20;
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// Pauses after an answer that did not come.
const PAUSES: [SignedDuration; 3] =
    [SignedDuration::from_secs(2), SignedDuration::from_secs(10), SignedDuration::from_secs(30)];
/// So often at most people are told how far a run is.
const TELL: SignedDuration = SignedDuration::from_secs(2);

async fn begin(means: &Means, hold: &Arc<Hold>, database: Database) -> Result<Going, Halt> {
    let to_jira = database.connection_id.clone().ok_or(Halt::JiraGone)?;
    let to_notion = database.notion_connection_id.clone().ok_or(Halt::NotionGone)?;
    let held = means.connect.held(&database.account_id).await?;
    let jira = held.connections.iter().find(|row| row.id == to_jira).ok_or(Halt::JiraGone)?;
    let ways = means.workspaces.of(&database.account_id).await?;
    let notion = ways.into_iter().find(|row| row.id == to_notion).ok_or(Halt::NotionGone)?;
    let writer = Writer {
        workspaces: means.workspaces.clone(),
        client: means.workspaces.client().clone(),
        pace: means.pace.clone(),
        caller: Caller::of(&notion),
        connection: notion.id,
    };
    let mut home: Home = read_json(&database.place);
    if home.bots.insert(notion.bot_id) {
        hold.note(Noted { place: Some(&json(&home)), ..Noted::default() }).await?;
    }
    Ok(Going {
        means: means.clone(),
        hold: hold.clone(),
        writer,
        jira: jira.as_ref().clone(),
        bots: Arc::new(home.bots.clone()),
        asked: read_json(&database.wish),
        home,
        progress: read_json(&database.progress),
        status: read_json(&database.status),
        noted_at: Timestamp::MIN,
        fields: None,
        calls: Arc::default(),
        full: None,
        database,
    })
}

impl Going {
    async fn go(&mut self) -> Result<(), Halt> {
        match self.work().await {
            Err(Halt::BadQuery) => Err(self.why_bad_query().await),
            ended => ended,
        }
    }

    /// Jira has one answer to a question about a project that is archived, hidden or not there, and to one about anything
    /// else that it does not know (S13).
    async fn why_bad_query(&self) -> Halt {
        let id = self.scope().project_id();
        match self.ask(|client| async move { client.project_standing(id).await }).await {
            Ok(ProjectStanding::Hidden) => Halt::ProjectHidden,
            Ok(ProjectStanding::Visible(project)) if project.archived || project.deleted => Halt::ProjectArchived,
            Ok(ProjectStanding::Visible(_)) => Halt::BadQuery,
            Err(halt) => halt,
        }
    }

    async fn work(&mut self) -> Result<(), Halt> {
        if !self.means.policy.allows(&self.jira.site, &self.database.project_key) {
            return Err(Halt::Policy);
        }
        if Extra::parse(&self.database.asked).restore {
            self.restore().await?;
            self.seen_to("census").await?;
        }
        self.look().await?;
        self.write().await?;
        if self.progress.run.as_ref().is_some_and(|run| run.kind == RunKind::Full) {
            self.drop_old_options().await?;
        }
        self.make_view().await?;
        self.end().await
    }

    /// All that is read before anything is written in Notion, but for rows whose issues are gone.
    async fn look(&mut self) -> Result<(), Halt> {
        self.remove_unwanted().await?;
        self.look_at_names().await?;
        self.read().await?;
        // Before anything that may end the run: what must not be shown is shown no longer than it takes to know it.
        self.let_leave().await?;
        self.census().await?;
        self.look_at_edits().await?;
        self.sweep().await?;
        self.read_neighbours().await
    }

    /// What is asked once is not done twice, also if this run does not come to its end.
    async fn seen_to(&mut self, rest: &str) -> Result<(), Halt> {
        if !self.means.store.seen_to(&self.hold.lease, &self.database.asked, rest).await? {
            return Err(Halt::Lost);
        }
        rest.clone_into(&mut self.database.asked);
        Ok(())
    }

    /// Everything is read anew; columns and rows that people have removed or changed in Notion come back with it.
    async fn restore(&mut self) -> Result<(), Halt> {
        if !self.means.store.restore_rows(&self.hold.lease).await? {
            return Err(Halt::Lost);
        }
        // A column that is made again has none of its old options.
        for key in std::mem::take(&mut self.home.stopped).into_keys() {
            self.home.options.forget(&key, |_| false);
        }
        self.save_home().await?;
        (self.progress.run, self.progress.watermark) = (None, None);
        self.save_progress().await
    }

    /// The queue, if there is anything in it.
    async fn write(&mut self) -> Result<(), Halt> {
        self.let_leave().await?;
        let counts = self.means.store.row_counts(&self.database.id).await?;
        if counts.pending == 0 && counts.unsettled == 0 && !self.home.data_source_id.is_empty() {
            return Ok(());
        }
        let mut index = Index::load(&self.means.store, &self.database.id).await?;
        self.make_columns(&index).await?;
        self.write_rows(&mut index).await?;
        // A row that was being made may be one of them by now.
        self.let_leave().await
    }

    /// Everything that was read is written.
    async fn end(&mut self) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        if let Some(run) = self.progress.run.take() {
            self.progress.watermark = run.reached.or(self.progress.watermark);
            if std::mem::take(&mut self.progress.is_renamed) && run.kind == RunKind::Delta {
                self.progress.watermark = None;
            }
            self.status.counts = run.counts;
        }
        let counts = self.means.store.row_counts(&self.database.id).await?;
        self.status.last_synced_at = Some(now);
        (self.status.done, self.status.total) = (number(counts.placed), number(counts.all));
        let full = self.full.take();
        match (counts.asked, counts.with_problem) {
            (0, _) if full.is_some() => tell(&mut self.status, Badge::Partly, full, now),
            (0, 0) => tell(&mut self.status, Badge::Synced, None, now),
            (0, count) => {
                let message = format!("{count} issues are not as they should be; the report says which and why.");
                let reason = Reason { code: "rows".to_owned(), message };
                tell(&mut self.status, Badge::Partly, Some(reason), now);
            }
            (asked, _) => tell(&mut self.status, Badge::Waiting, Some(Reason::own_content(asked)), now),
        }
        Ok(())
    }

    /// Makes a call to Jira, and waits out what Jira asks to be waited for (S23).
    async fn ask<T, F>(&self, call: impl Fn(Client) -> F) -> Result<T, Halt>
    where
        F: Future<Output = Result<T, ScanError>>,
    {
        let (mut waits, mut pauses) = (0, PAUSES.iter());
        loop {
            self.hold.firm().await?;
            let asked = self.means.connect.ask_for(Work::Background, &self.jira, |client| {
                let call = call(client.counted(self.calls.clone()));
                async move {
                    match call.await {
                        // What the way to Jira has to learn of goes through it.
                        Err(ScanError::Later { why, .. } | ScanError::SignIn(why)) => Err(why),
                        other => Ok(other),
                    }
                }
            });
            let error = match asked.await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(error) => error.into(),
            };
            let pause = match &error {
                ScanError::Later { wait: Some(wait), .. } if waits < WAITS => {
                    waits += 1;
                    SignedDuration::try_from(*wait).ok().filter(|wait| *wait <= LONGEST_WAIT)
                }
                ScanError::Later { wait: None, .. } => pauses.next().copied(),
                _ => None,
            };
            let Some(pause) = pause else { return Err(Halt::of_scan(error)) };
            let until = self.hold.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX);
            self.hold.wait_until(until).await?;
        }
    }

    /// Tells people how far the run is; not every time.
    async fn tell(&mut self, phase: Phase, done: u64, total: u64) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        let is_news = self.status.phase != Some(phase);
        if !is_news && self.noted_at.checked_add(TELL).is_ok_and(|again| now < again) {
            return Ok(());
        }
        self.noted_at = now;
        (self.status.phase, self.status.done, self.status.total) = (Some(phase), done, total);
        let is_long = self.progress.run.as_ref().is_some_and(|run| run.kind == RunKind::Full);
        if is_long || !self.database.asked.is_empty() {
            tell(&mut self.status, Badge::InProgress, None, now);
        }
        let status = json(&self.status);
        self.hold.note(Noted { status: Some(&status), ..Noted::default() }).await
    }

    async fn save_home(&self) -> Result<(), Halt> {
        let place = json(&self.home);
        self.hold.note(Noted { place: Some(&place), ..Noted::default() }).await
    }

    async fn save_progress(&self) -> Result<(), Halt> {
        let progress = json(&self.progress);
        self.hold.note(Noted { progress: Some(&progress), ..Noted::default() }).await
    }
}

/// Takes a database as nobody's for as long as a run needs to say something.
pub(super) fn lease_until(clock: &Clock) -> i64 {
    hold::until(clock)
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// Texts, numbers and maps with texts for keys: they always become JSON.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What an older version wrote, or nobody.
pub(super) fn read_json<T: DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}
