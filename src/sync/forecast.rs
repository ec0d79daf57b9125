//! What a run would do, without doing it (synced-database §8, "Dry run"). It reads Jira and our own database, and writes
//! nothing anywhere.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::Serialize;

use super::cells::{Context, Issue, People, cells, hash};
use super::columns::{Class, Column, Occurring, Planned, Taken, Wish, plan};
use super::pace::ALLOWANCE;
use super::run::{Index, has_security_level, overlap, read_json};
use super::state::{Asked, Home, Progress};
use super::why::Why;
use super::{Check, CreateError, Found, Syncs};
use crate::jira::model::Field;
use crate::jira::scan::{CensusPosition, Position, Record, ScanError, Scope, TimeForm};
use crate::store::{Connection, Database};

/// What would be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    pub plan: Rows,
    pub columns: Vec<ColumnLine>,
    pub losses: Vec<LossLine>,
    pub requests: Requests,
    /// At the present allowance.
    pub seconds: u64,
    /// What was looked at before the first write; of a database that is there, nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    pub created: u64,
    pub updated: u64,
    pub trashed: u64,
    pub unchanged: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    pub jira: u64,
    pub notion: u64,
}

/// A column, as it is or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnLine {
    pub name: String,
    /// Notion's word for what it holds.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Jira's fields.
    pub fields: Vec<String>,
    /// Not there yet.
    pub is_new: bool,
}

/// Something that does not come, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LossLine {
    pub field: String,
    pub name: String,
    pub code: String,
    pub message: String,
}

impl LossLine {
    /// It comes, but not all of it.
    pub fn is_partly(&self) -> bool {
        self.code == WITH_LOSS
    }

    /// No issue in scope has a value, so nothing is missing.
    pub fn is_unused(&self) -> bool {
        self.code == Why::OutOfScope.code()
    }
}

const WITH_LOSS: &str = "with_loss";

/// Pages of a forecast that are read; what changed on more of them is told as a number at least.
const MOST_PAGES: usize = 20;

impl Syncs {
    /// What the first run of a database would do that is not kept yet.
    pub async fn plan_of_new(&self, found: &Found) -> Result<Forecast, CreateError> {
        let scope = Scope::new(u64::try_from(found.project_id).unwrap_or_default(), found.asked.filter.clone());
        let fields = self.fields_of(&found.jira, found.project_id).await?;
        let named = named(&fields, &found.asked.wish);
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let (scope, named) = (&scope, &named);
        let page = self
            .ask(&found.jira, |client| async move { client.scan_page(scope, named, &Position::full()).await })
            .await?;
        let count = match page.next {
            None => u64::try_from(page.records.len()).unwrap_or_default(),
            Some(_) => {
                let jql = scope.to_string();
                let hits = self.ask(&found.jira, |client| {
                    let jql = &jql;
                    async move { client.hits(jql, 1).await.map_err(ScanError::from) }
                });
                hits.await?.count.unwrap_or_default()
            }
        };
        let mut occurring = Occurring::default();
        page.records.iter().for_each(|record| occurring.note(&issue(record)));
        let planned = plan(&fields, &occurring, &Taken::default(), &found.asked.wish);
        let checks = self.preflight(found, count, planned.columns.len()).await?;
        // The database, its ids, its relations; and the rows.
        let notion = 3 + count;
        Ok(Forecast {
            plan: Rows { created: count, ..Rows::default() },
            columns: lines(&planned, &Home::default()),
            losses: losses(&planned),
            requests: Requests { jira: count.div_ceil(100) + 2, notion },
            seconds: seconds(notion),
            checks,
        })
    }

    /// What the next run of a database would do.
    pub async fn plan(&self, database: &Database, census: bool) -> Result<Forecast, CreateError> {
        let id = database.connection_id.clone().ok_or(CreateError::UnknownConnection)?;
        let held = self.means.connect.held(&database.account_id).await?;
        let jira = held.find(&id).cloned().ok_or(CreateError::UnknownConnection)?;
        let asked: Asked = read_json(&database.wish);
        let home: Home = read_json(&database.place);
        let progress: Progress = read_json(&database.progress);
        let scope = Scope::new(u64::try_from(database.project_id).unwrap_or_default(), asked.filter.clone());
        let index = Index::load(&self.means.store, &database.id).await?;
        let mut forecast = Forecast::default();
        let fields = self.fields_of(&jira, database.project_id).await?;
        let names = named(&fields, &asked.wish);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut position = match progress.watermark {
            Some(at) => {
                let now = self.means.clock.now();
                let now = now.saturating_add(progress.jira_ahead()).unwrap_or(now);
                Some(Position::delta(at, overlap(jira.deployment), TimeForm::Relative, now))
            }
            None => Some(Position::full()),
        };
        let mut occurring = progress.occurring.clone();
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        for _ in 0..MOST_PAGES {
            let Some(at) = &position else { break };
            let (scope, names) = (&scope, &names);
            let page = self.ask(&jira, |client| async move { client.scan_page(scope, names, at).await }).await?;
            forecast.requests.jira += 1;
            let shown = page.records.into_iter().filter(|it| asked.wish.with_security || !has_security_level(it));
            for record in shown {
                occurring.note(&issue(&record));
                records.insert(record.id.clone(), record);
            }
            position = page.next;
        }
        let ours = home.columns.iter().map(|(key, column)| (key.clone(), column.name.clone())).collect();
        let planned = plan(&fields, &occurring, &Taken { by_person: Vec::new(), ours }, &asked.wish);
        let mut rows = index.rows;
        records.values().for_each(|record| rows.add(&record.id, &record.key));
        let (people, teams) = (People::default(), BTreeMap::new());
        let context = Context { site: &jira.site, people: &people, rows: &rows, teams: &teams };
        for record in records.values() {
            let Ok(id) = record.id.parse() else { continue };
            let row = self.means.store.synced_row(&database.id, id).await?;
            let cells = cells(&issue(record), planned.read(true), &context).cells;
            match row.filter(|row| row.page_id.is_some()) {
                None => forecast.plan.created += 1,
                Some(row) if row.hash == hash::row(&cells).as_bytes() => forecast.plan.unchanged += 1,
                Some(_) => forecast.plan.updated += 1,
            }
        }
        if census {
            let there = self.census(&jira, &scope, &mut forecast.requests).await?;
            let gone = index.pages.keys().filter(|id| !there.contains(*id)).count();
            forecast.plan.trashed = u64::try_from(gone).unwrap_or_default();
        }
        let Rows { created, updated, trashed, .. } = forecast.plan;
        forecast.columns = lines(&planned, &home);
        forecast.losses = losses(&planned);
        let new_columns = forecast.columns.iter().any(|column| column.is_new);
        forecast.requests.notion = created + updated + trashed + u64::from(new_columns);
        forecast.seconds = seconds(forecast.requests.notion);
        Ok(forecast)
    }

    pub(super) async fn census(
        &self,
        jira: &Connection,
        scope: &Scope,
        requests: &mut Requests,
    ) -> Result<BTreeSet<String>, CreateError> {
        let (mut there, mut next) = (BTreeSet::new(), Some(CensusPosition::default()));
        while let Some(at) = &next {
            let page = self.ask(jira, |client| async move { client.census_page(scope, at).await }).await?;
            requests.jira += 1;
            there.extend(page.ids);
            next = page.next;
        }
        Ok(there)
    }

    async fn fields_of(&self, jira: &Connection, project_id: i64) -> Result<Vec<Field>, CreateError> {
        let project = project_id.to_string();
        let mut fields =
            self.ask(jira, |client| async move { client.field_list().await.map_err(ScanError::from) }).await?;
        fields.retain(|field| field.project.as_ref().is_none_or(|it| *it == project));
        Ok(fields)
    }
}

fn issue(record: &Record) -> Issue<'_> {
    Issue { id: &record.id, key: &record.key, fields: &record.fields }
}

/// All fields that may have a column.
fn named(fields: &[Field], wish: &Wish) -> Vec<String> {
    let all = Occurring { fields: fields.iter().map(|it| it.id.clone()).collect(), ..Occurring::default() };
    plan(fields, &all, &Taken::default(), wish).jira_fields(true)
}

fn lines(planned: &Planned, home: &Home) -> Vec<ColumnLine> {
    let line = |column: &Column| ColumnLine {
        name: column.name.clone(),
        kind: column.kind.name(),
        fields: column.fields.clone(),
        is_new: !home.columns.contains_key(&column.key),
    };
    planned.columns.iter().map(line).collect()
}

/// What does not come, or not wholly.
pub(super) fn losses(planned: &Planned) -> Vec<LossLine> {
    let line = |fate: &super::columns::Fate| {
        let (code, message) = match &fate.class {
            Class::Synced => return None,
            Class::WithLoss(lost) => (WITH_LOSS, lost.sentence().to_owned()),
            Class::NotSynced { why, offer: Some(offer) } => (why.code(), why.with_offer(offer)),
            Class::NotSynced { why, offer: None } => (why.code(), why.sentence().to_owned()),
        };
        let (field, name) = (fate.field.clone(), fate.name.clone());
        Some(LossLine { field, name, code: code.to_owned(), message })
    };
    planned.fates.iter().filter_map(line).collect()
}

/// How long so many calls to Notion take.
fn seconds(calls: u64) -> u64 {
    let window = SignedDuration::from_secs(60).as_secs().unsigned_abs();
    calls.saturating_mul(window).div_ceil(u64::try_from(ALLOWANCE).unwrap_or(u64::MAX))
}
