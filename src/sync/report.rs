//! What is not as it is in Jira, and why (synced-database §8, "Loss report").

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Syncs;
use super::forecast::{LossLine, losses};
use super::run::losses::Line;
use super::run::read_json;
use super::state::{Asked, Home};
use crate::store::{self, Database, ReportedRow};

/// Rows of a report that are read; a database with more of them has another problem.
const MOST_ROWS: i64 = 10_000;

/// All that there is to say of one database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that are not kept up to date, by issue.
    pub rows: Vec<Parked>,
    /// What of issues is not shown, each for itself.
    pub losses: Vec<Lost>,
    /// The same per kind, the most frequent first.
    pub sums: Vec<Sum>,
    /// Fields that do not come, or not wholly.
    pub fields: Vec<LossLine>,
    /// Columns that say that their fields were deleted in Jira.
    pub dropped: Vec<DroppedColumn>,
}

/// A column whose field was deleted in Jira: it is not written any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedColumn {
    /// As [`Syncs::remove_column`] takes it.
    pub key: String,
    pub name: String,
    pub since: Timestamp,
    /// The next run removes it.
    pub is_unwanted: bool,
}

/// What a person did in Notion, or somebody in Jira, and the next run can undo when it is asked to.
const RESTORED: [&str; 3] = ["hidden_by_you", "column_removed", "column_retyped"];

impl Report {
    /// Whether there is anything that [`Syncs::restore`] brings back.
    pub fn can_restore(&self) -> bool {
        let codes = self.rows.iter().map(|row| &row.code).chain(self.fields.iter().map(|field| &field.code));
        codes.into_iter().any(|code| RESTORED.contains(&code.as_str()))
    }
}

/// A row that is not kept up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    pub issue_key: String,
    pub page_id: Option<String>,
    pub code: String,
    pub message: String,
    pub since: Option<Timestamp>,
}

/// Something of an issue that Notion does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub issue_key: String,
    /// The column, or `body`.
    pub place: String,
    pub what: String,
    pub count: u32,
}

/// One kind of loss in all issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    pub place: String,
    pub what: String,
    pub count: u64,
    pub issues: u64,
}

/// Why a row is not as it should be, as a run wrote it down.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub code: String,
    pub message: String,
    pub since: Option<Timestamp>,
}

impl Syncs {
    /// What of a database is not as it is in Jira.
    pub async fn report(&self, database: &Database) -> Result<Report, store::Error> {
        let rows = self.means.store.reported_rows(&database.id, MOST_ROWS).await?;
        let home: Home = read_json(&database.place);
        // A loss names its column by the key that it has here.
        let name = |place: String| home.planned.column(&place).map_or(place, |column| column.name.clone());
        let stopped = home.stopped.iter().map(|(key, why)| LossLine {
            field: key.clone(),
            name: name(key.clone()),
            code: why.code().to_owned(),
            message: why.sentence().to_owned(),
        });
        let unwanted = read_json::<Asked>(&database.wish).unwanted;
        let dropped = home.marked().map(|(key, column, since)| DroppedColumn {
            key: key.to_owned(),
            name: column.name.clone(),
            since,
            is_unwanted: unwanted.contains(&column.id),
        });
        let (fields, dropped) = (stopped.chain(losses(&home.planned)).collect(), dropped.collect());
        Ok(Report { fields, dropped, ..Report::of(&rows, name) })
    }
}

impl Report {
    /// Of rows alone; `name` is that of a column by its key.
    fn of(rows: &[ReportedRow], name: impl Fn(String) -> String) -> Self {
        let mut report = Self::default();
        let mut sums: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
        for row in rows {
            if let Some(problem) = &row.problem {
                let Problem { code, message, since } = read_json(problem);
                let (issue_key, page_id) = (row.issue_key.clone(), row.page_id.clone());
                report.rows.push(Parked { issue_key, page_id, code, message, since });
            }
            for Line { place, what, count } in read_json::<Vec<Line>>(&row.losses) {
                let place = name(place);
                let sum = sums.entry((place.clone(), what.clone())).or_default();
                *sum = (sum.0.saturating_add(u64::from(count)), sum.1.saturating_add(1));
                report.losses.push(Lost { issue_key: row.issue_key.clone(), place, what, count });
            }
        }
        let sum = |((place, what), (count, issues))| Sum { place, what, count, issues };
        report.sums = sums.into_iter().map(sum).collect();
        report.sums.sort_by_key(|sum| std::cmp::Reverse(sum.count));
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_summed_by_kind_and_problems_are_told_by_issue() {
        let row = |key: &str, problem: Option<&str>, losses: &str| ReportedRow {
            issue_key: key.to_owned(),
            page_id: None,
            state: String::new(),
            problem: problem.map(str::to_owned),
            losses: losses.to_owned(),
        };
        let macros = r#"[{"place":"body","what":"macro","count":2}]"#;
        let more = r#"[{"place":"assignee","what":"person","count":1},{"place":"body","what":"macro","count":3}]"#;
        let parked = r#"{"code":"rejected_by_notion","message":"No.","since":"2026-11-22T10:00:00Z"}"#;
        let rows = [row("OPS-1", None, macros), row("OPS-2", Some(parked), more), row("X", None, "?")];
        let report = Report::of(&rows, |key| key.replace("assignee", "Assignee"));
        let sums: Vec<_> =
            report.sums.iter().map(|it| (it.place.as_str(), it.what.as_str(), it.count, it.issues)).collect();
        assert_eq!(sums, [("body", "macro", 5, 2), ("Assignee", "person", 1, 1)]);
        let told: Vec<_> = report.rows.iter().map(|it| (it.issue_key.as_str(), it.code.as_str())).collect();
        assert_eq!(told, [("OPS-2", "rejected_by_notion")]);
        assert!(report.rows[0].since.is_some());
    }
}
