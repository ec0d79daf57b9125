//! A run that writes nothing: it works on a copy of what is kept, and on a Notion that is only asked (synced-database §8,
//! "Dry run"). So it finds out by the very steps of a run what one would do.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde_json::Value as Json;

use super::super::badge;
use super::super::body::Append;
use super::super::cells::{Context, People, cells};
use super::super::change::{self, Change, Keys};
use super::super::columns::{Planned, Reading};
use super::super::halt::Halt;
use super::super::hold::{self, Hold};
use super::super::state::{Counts, HomeColumn};
use super::columns::BATCH;
use super::content::Content;
use super::index::Index;
use super::row::Job;
use super::{Going, Means, begin};
use crate::secret::ExposeSecret;
use crate::store::row_state::{ASKED, GONE, KEPT, LEAVING, MOVED, WITHHELD};
use crate::store::{Database, Pending, SyncedRow};

/// Rows that are told in full; the others are a number.
const MOST_TOLD: usize = 50;

/// What a run would do.
#[derive(Debug, Default)]
pub struct Rehearsed {
    /// Why it would stop before it writes anything.
    pub stops: Option<String>,
    pub counts: Counts,
    /// The first of those that something happens to.
    pub rows: Vec<RowLine>,
    /// What happens to each row, told in full or not.
    pub marks: Vec<String>,
    pub planned: Planned,
    /// Names of columns that are not there yet, by their keys.
    pub columns: BTreeMap<String, String>,
    /// Names of options that are not there yet, by the names of their columns.
    pub options: BTreeMap<String, Vec<String>>,
    pub jira: u64,
    pub notion: u64,
}

/// A row that something happens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowLine {
    /// Jira's key of the issue.
    pub key: String,
    pub action: Action,
    pub changes: Vec<Change>,
    /// The text of its page is written.
    pub text: bool,
    /// Why it leaves or stays, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    Trash,
    /// Its issue has left, but it stays.
    Keep,
    /// Its issue is missing; nothing happens before a second look says so, too.
    Wait,
}

/// What the next run of a database would do; with a look at all issues if `census`.
pub async fn rehearse(means: &Means, database: &Database, census: bool) -> Result<Rehearsed, Halt> {
    let asked = if census { "census" } else { "delta" };
    let store = means.store.copy_of_database(&database.id, asked).await?.ok_or(Halt::Lost)?;
    let copy = store.claim_database(&database.id, hold::until(&means.clock)).await?.ok_or(Halt::Lost)?;
    let hold = Hold::new(store.clone(), means.clock.clone(), copy.lease(), means.stopping.clone());
    let mut going = begin(&Means { store, ..means.clone() }, &Arc::new(hold), copy).await?;
    let calls = Arc::new(AtomicU64::new(0));
    going.writer.client = going.writer.client.rehearsing(calls.clone());
    let mut told = Rehearsed::default();
    if let Err(halt) = going.rehearse(&mut told).await {
        let passes =
            matches!(halt, Halt::Later { .. } | Halt::Store(_) | Halt::Refused { .. } | Halt::Stopping | Halt::Lost);
        let Some((_, reason)) = badge::of_halt(&halt).filter(|_| !passes) else { return Err(halt) };
        told = Rehearsed { stops: Some(reason.message), ..Rehearsed::default() };
    }
    told.planned = going.home.planned;
    told.jira = going.calls.load(Ordering::Relaxed);
    told.notion += calls.load(Ordering::Relaxed);
    Ok(told)
}

impl Going {
    async fn rehearse(&mut self, told: &mut Rehearsed) -> Result<(), Halt> {
        if !self.means.policy.allows(&self.jira.site, &self.database.project_key) {
            return Err(Halt::Policy);
        }
        let before = self.means.store.synced_rows(&self.database.id).await?;
        self.look().await?;
        let counts = self.means.store.row_counts(&self.database.id).await?;
        if counts.pending > 0 || counts.unsettled > 0 || self.home.data_source_id.is_empty() {
            let mut index = Index::load(&self.means.store, &self.database.id).await?;
            self.tell_departed(&before, told).await?;
            self.rehearse_columns(&index, told).await?;
            self.rehearse_rows(&mut index, told).await?;
            self.let_leave().await?;
        } else {
            self.tell_departed(&before, told).await?;
        }
        self.make_view().await?;
        self.end().await?;
        let of_run = self.status.counts;
        told.counts.trashed = of_run.trashed;
        told.counts.failed = of_run.failed;
        Ok(())
    }

    /// The rows whose issues are not there any more.
    async fn tell_departed(&self, before: &[SyncedRow], told: &mut Rehearsed) -> Result<(), Halt> {
        let before: HashMap<i64, &SyncedRow> = before.iter().map(|row| (row.issue_id, row)).collect();
        for row in self.means.store.synced_rows(&self.database.id).await? {
            let Some(was) = before.get(&row.issue_id).filter(|was| was.page_id.is_some()) else { continue };
            let action = match row.state.as_str() {
                state if state != was.state => match state {
                    GONE | LEAVING | WITHHELD => Action::Trash,
                    MOVED | KEPT | ASKED => Action::Keep,
                    _ => continue,
                },
                "" if row.missed > was.missed => Action::Wait,
                _ => continue,
            };
            let problem: Json = row.problem.as_deref().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
            let why = match action {
                Action::Wait => Some("Jira does not list it now. A second look has to confirm that.".to_owned()),
                _ => problem["message"].as_str().map(str::to_owned),
            };
            told.marks.push(format!("{} {action:?}", row.issue_id));
            told.tell(RowLine { key: row.issue_key, action, changes: Vec::new(), text: false, why });
        }
        Ok(())
    }

    async fn rehearse_columns(&mut self, index: &Index, told: &mut Rehearsed) -> Result<(), Halt> {
        let choices = self.decide_columns(index).await?;
        if self.home.data_source_id.is_empty() {
            // It is made, and looked at.
            told.notion += 2;
        }
        let lacking = self.lacking(&choices);
        told.notion += u64::from(lacking.is_call());
        for (key, new) in lacking.options {
            let name = self.home.planned.column(&key).map_or_else(|| key.clone(), |column| column.name.clone());
            told.options.insert(name, new.iter().map(|option| option.name.clone()).collect());
            new.into_iter().for_each(|option| self.home.options.promise(&key, option));
        }
        for (key, name) in &lacking.columns {
            let kind = self.home.planned.column(key).map(|it| it.kind.name().to_owned()).unwrap_or_default();
            let column = HomeColumn { id: format!("new {key}"), name: name.clone(), kind };
            self.home.columns.insert(key.clone(), column);
        }
        told.columns = lacking.columns;
        Ok(())
    }

    async fn rehearse_rows(&mut self, index: &mut Index, told: &mut Rehearsed) -> Result<(), Halt> {
        let people = self.people().await?;
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let mut keys = Keys::default();
        for row in &rows {
            keys.by_issue.insert(row.issue_id.to_string(), row.issue_key.clone());
            keys.by_page.extend(row.page_id.clone().map(|page| (page, row.issue_key.clone())));
        }
        let mut after = (-1, 0);
        loop {
            let (store, sealer) = (&self.means.store, &self.means.sealer);
            let batch = store.pending_rows(sealer, &self.database.id, after, BATCH).await?;
            if batch.is_empty() {
                return Ok(());
            }
            for pending in batch {
                after = (pending.row.depth, pending.row.issue_id);
                let Some(job) = self.job(&pending, index, &people).await? else { continue };
                if job.page_id.is_some() && job.values.is_empty() && job.body.is_none() && !job.is_gone {
                    told.counts.unchanged += 1;
                    continue;
                }
                let action = if job.page_id.is_some() { Action::Update } else { Action::Create };
                match action {
                    Action::Create => told.counts.created += 1,
                    _ => told.counts.updated += 1,
                }
                told.notion += calls_of(&job, &pending);
                let body = job.body.as_ref().map(|body| body.hash.as_slice()).unwrap_or_default();
                told.marks.push(format!("{} {action:?} {:?} {body:?}", job.issue_id, job.hash));
                if told.rows.len() < MOST_TOLD {
                    let changes = self.changes(&pending, &job, index, &people, &keys).await?;
                    let (key, text) = (pending.row.issue_key.clone(), job.body.is_some());
                    told.tell(RowLine { key, action, changes, text, why: None });
                }
                index.pages.entry(job.issue_id.to_string()).or_insert_with(|| format!("new {}", job.issue_id));
            }
        }
    }

    /// The cells that get another value.
    async fn changes(
        &self,
        pending: &Pending,
        job: &Job,
        index: &Index,
        people: &People,
        keys: &Keys,
    ) -> Result<Vec<Change>, Halt> {
        let Ok(content) = serde_json::from_slice::<Content>(pending.content.expose_secret()) else {
            return Ok(Vec::new());
        };
        let there = match &job.page_id {
            Some(page) if !job.values.is_empty() => self.page(page).await?,
            _ => None,
        };
        let teams = &self.progress.teams;
        let context = Context { site: &self.jira.site, people, rows: &index.rows, teams };
        let cells = cells(&content.issue(), self.home.planned.read(true), &context).cells;
        let mut changes = Vec::new();
        for (key, cell) in &cells {
            let Some(column) = self.home.columns.get(key) else { continue };
            let Some(value) = job.values.get(&column.id) else { continue };
            let held =
                there.as_ref().and_then(|page| page.properties.values().find(|it| it["id"] == column.id.as_str()));
            if held.map_or_else(|| cell.is_empty(), |held| change::holds(held, value)) {
                continue;
            }
            // Who they are stands in the column beside.
            let field = self.home.planned.column(key).and_then(|column| column.fields.first());
            let beside = self
                .home
                .planned
                .columns
                .iter()
                .find(|it| it.reading == Reading::PeopleNames && it.fields.first() == field);
            let names = beside.and_then(|it| cells.iter().find(|(key, _)| *key == it.key));
            let names = names.and_then(|(_, cell)| change::new(cell, None, keys));
            let old = held.and_then(|held| change::old(held, keys));
            changes.push(Change { column: column.name.clone(), old, new: change::new(cell, names.as_deref(), keys) });
        }
        Ok(changes)
    }
}

impl Rehearsed {
    fn tell(&mut self, line: RowLine) {
        if self.rows.len() < MOST_TOLD {
            self.rows.push(line);
        }
    }
}

/// The calls that write a row.
fn calls_of(job: &Job, pending: &Pending) -> u64 {
    let calls = |calls: &[Append]| u64::try_from(calls.len()).unwrap_or_default();
    let Some(body) = &job.body else { return u64::from(job.is_gone) + u64::from(!job.values.is_empty()) };
    match job.page_id {
        // Its first part goes with the row.
        None => 1 + calls(body.later()),
        // What is there is looked at, and what was ours is taken away.
        Some(_) => {
            let old = u64::from(!pending.row.body_hash.is_empty());
            u64::from(job.is_gone) + u64::from(!job.values.is_empty()) + 1 + calls(&body.calls) + old
        }
    }
}
