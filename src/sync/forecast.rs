//! What a run would do, for people who want to know before (synced-database §8, "Dry run"). Nothing is written anywhere.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cells::Issue;
use super::columns::{Class, Column, Occurring, Planned, Taken, Wish, plan};
use super::run::{Rehearsed, RowLine, json, read_json, rehearse};
use super::state::{Counts, Home};
use super::why::Why;
use super::{Check, CreateError, Found, Syncs};
use crate::jira::model::Field;
use crate::jira::scan::{Position, Record, ScanError, Scope};
use crate::secret::Digest;
use crate::store::{Connection, Database};

/// What would be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    pub plan: Rows,
    pub columns: Vec<ColumnLine>,
    /// Options that are made, by the names of their columns.
    pub options: BTreeMap<String, Vec<String>>,
    pub losses: Vec<LossLine>,
    /// The first rows that something happens to; the others are in the numbers.
    pub rows: Vec<RowLine>,
    /// With those that making this plan took.
    pub requests: Requests,
    /// At the present allowance.
    pub seconds: u64,
    /// What was looked at before the first write; of a database that is there, nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Why nothing would be written, where something keeps a run from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    pub created: u64,
    pub updated: u64,
    pub trashed: u64,
    pub unchanged: u64,
    /// Stands for the whole plan: whoever hands it in gets this or nothing. None of a database that is not kept yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
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

/// How the token of a plan begins that was made with a look at all issues; and of one without.
const WITH_CENSUS: &str = "all-";
const WITHOUT_CENSUS: &str = "new-";

/// Everything that a person sees in a plan, but for what it costs, and what happens to the rows beyond.
fn token(told: &Rehearsed, columns: &[ColumnLine], census: bool) -> String {
    let Counts { created, updated, trashed, unchanged, .. } = told.counts;
    let seen = json(&(created, updated, trashed, unchanged, columns, &told.options, &told.rows, &told.stops));
    let parts: Vec<&str> = std::iter::once(seen.as_str()).chain(told.marks.iter().map(String::as_str)).collect();
    let begin = if census { WITH_CENSUS } else { WITHOUT_CENSUS };
    format!("{begin}{}", Digest::of(&parts).to_hex())
}

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
            seconds: self.pace().seconds(notion),
            checks,
            ..Forecast::default()
        })
    }

    /// What the next run of a database would do; with a look at all issues if `census`.
    pub async fn plan(&self, database: &Database, census: bool) -> Result<Forecast, CreateError> {
        let home: Home = read_json(&database.place);
        // Each holds a copy of all rows.
        let Ok(_turn) = self.rehearsals.try_acquire() else { return Err(CreateError::Busy) };
        let told = rehearse(&self.means, database, census).await.map_err(CreateError::of_rehearsal)?;
        let Counts { created, updated, trashed, unchanged, .. } = told.counts;
        let columns = match told.planned.columns.is_empty() {
            true => lines(&home.planned, &home),
            false => lines(&told.planned, &home),
        };
        let token = token(&told, &columns, census);
        let seconds = self.pace().seconds(told.notion);
        Ok(Forecast {
            plan: Rows { created, updated, trashed, unchanged, token: Some(token) },
            columns,
            options: told.options,
            losses: losses(&told.planned),
            rows: told.rows,
            requests: Requests { jira: told.jira, notion: told.notion },
            seconds,
            checks: Vec::new(),
            stops: told.stops,
        })
    }

    /// Runs a database as a plan says that was shown before, if a plan that is made now says the same.
    pub async fn sync_as_planned(&self, database: &Database, token: &str) -> Result<(), CreateError> {
        let census = token.starts_with(WITH_CENSUS);
        let plan = self.plan(database, census).await?;
        if plan.stops.is_some() || plan.plan.token.as_deref() != Some(token) {
            return Err(CreateError::Moved);
        }
        self.sync_now(&database.account_id, &database.id, census).await?;
        Ok(())
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
