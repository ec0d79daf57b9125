//! Synced databases as the pages show them.

use jiff::Timestamp;

use crate::gateway::Gateway;
use crate::notion::page_url;
use crate::render::icon::Icon;
use crate::render::page::{
    Checked, DatabaseRow, FieldLoss, FieldLosses, IssueLosses, LossSum, MarkedColumn, ParkedRow, PlannedChange,
    PlannedColumn, PlannedRow, SyncBadge, SyncPlan, SyncProgress, SyncReport,
};
use crate::render::step;
use crate::store::Database;
use crate::sync::badge::Badge;
use crate::sync::shown::Shown;
use crate::sync::state::Phase;
use crate::sync::{Action, Check, CheckResult, DroppedColumn, Forecast, LossLine, Lost, Report, RowLine};

/// Rows that a report lists; the file has all.
const LISTED: usize = 50;

/// A database as its row in the list.
pub fn row(gateway: &Gateway, database: &Database, shown: &Shown) -> DatabaseRow {
    let progress = shown.phase.map(|phase| {
        // What was read is a number without an end.
        let total = if phase == Phase::Reading { 0 } else { shown.progress.total };
        let (done, eta_seconds) = (shown.progress.done, shown.progress.eta_seconds);
        SyncProgress { phase: phase.words(), done, total, eta_seconds, pause: shown.pause.clone() }
    });
    DatabaseRow {
        id: shown.id.clone(),
        project_key: shown.project.key.clone(),
        project_name: shown.project.name.clone(),
        site_name: gateway.site_name(&database.site).to_owned(),
        badge: badge(shown),
        synced_at: shown.synced_at,
        progress,
        reason: shown.reason.as_ref().map(|it| it.message.clone()),
        notion_url: shown.notion.url.clone(),
    }
}

/// Whether its page changes by itself: somebody works on it, or is about to.
pub fn is_working(database: &Database, shown: &Shown) -> bool {
    let begins = matches!(shown.kind, Badge::SettingUp | Badge::InProgress);
    shown.phase.is_some() || (!database.paused && (begins || !database.asked.is_empty()))
}

fn badge(shown: &Shown) -> SyncBadge {
    let icon = match shown.kind {
        Badge::SettingUp | Badge::Paused => Icon::Hollow,
        Badge::InProgress => Icon::Half,
        Badge::Synced => Icon::Tick,
        Badge::Late => Icon::Clock,
        Badge::Partly | Badge::Failed | Badge::Stopped | Badge::Waiting => Icon::Warning,
    };
    SyncBadge { text: shown.badge.text.clone(), color: shown.badge.color, icon }
}

pub fn plan(forecast: &Forecast) -> SyncPlan {
    let columns =
        forecast.columns.iter().map(|it| PlannedColumn { name: it.name.clone(), kind: it.kind, is_new: it.is_new });
    SyncPlan {
        created: forecast.plan.created,
        updated: forecast.plan.updated,
        trashed: forecast.plan.trashed,
        unchanged: forecast.plan.unchanged,
        columns: columns.collect(),
        losses: fields(&forecast.losses),
        options: forecast.options.iter().map(|(column, names)| (column.clone(), names.join(", "))).collect(),
        lines: forecast.rows.iter().map(line).collect(),
        token: forecast.plan.token.clone(),
        stops: forecast.stops.clone(),
        jira_requests: forecast.requests.jira,
        notion_requests: forecast.requests.notion,
        seconds: forecast.seconds,
    }
}

/// What was looked at before the first write.
pub fn checks(checks: &[Check]) -> Vec<Checked> {
    let checked = |check: &Check| Checked {
        name: check.name,
        is_good: match check.result {
            CheckResult::Passed => Some(true),
            CheckResult::Warning => Some(false),
            CheckResult::Failed => None,
        },
        words: check.words.clone(),
    };
    checks.iter().map(checked).collect()
}

fn line(row: &RowLine) -> PlannedRow {
    PlannedRow {
        key: row.key.clone(),
        what: match row.action {
            Action::Create => "created",
            Action::Update => "updated",
            Action::Trash => "moved to the trash",
            Action::Keep => "stays as it is",
            Action::Wait => "stays for now",
        },
        why: row.why.clone(),
        changes: row
            .changes
            .iter()
            .map(|it| PlannedChange { column: it.column.clone(), old: it.old.clone(), new: it.new.clone() })
            .collect(),
        text: row.text,
    }
}

fn fields(lines: &[LossLine]) -> FieldLosses {
    let (unused, told): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.is_unused());
    let told = told.into_iter().map(|line| FieldLoss {
        name: line.name.clone(),
        is_partly: line.is_partly(),
        message: line.message.clone(),
    });
    FieldLosses { told: told.collect(), unused: unused.into_iter().map(|line| line.name.clone()).collect() }
}

pub fn report(database: &Database, report: &Report) -> SyncReport {
    let rows = report.rows.iter().take(LISTED).map(|row| ParkedRow {
        issue_key: row.issue_key.clone(),
        href: issue_url(database, &row.issue_key),
        page_href: row.page_id.as_deref().map(page_url),
        message: row.message.clone(),
        since: row.since,
    });
    let sums = report.sums.iter().map(|sum| LossSum {
        place: sum.place.clone(),
        what: sum.what.clone(),
        count: sum.count,
        issues: sum.issues,
    });
    SyncReport {
        rows: rows.collect(),
        more_rows: u64::try_from(report.rows.len().saturating_sub(LISTED)).unwrap_or_default(),
        sums: sums.collect(),
        losses: by_issue(database, &report.losses),
        fields: fields(&report.fields),
        dropped: report.dropped.iter().map(dropped).collect(),
        can_restore: report.can_restore(),
    }
}

fn dropped(column: &DroppedColumn) -> MarkedColumn {
    let DroppedColumn { key, name, since, is_unwanted } = column.clone();
    MarkedColumn { key, name, since, is_unwanted }
}

/// What of each issue is not shown, in the order of the report; the first of them.
fn by_issue(database: &Database, losses: &[Lost]) -> Vec<IssueLosses> {
    let mut issues: Vec<IssueLosses> = Vec::new();
    for lost in losses {
        if issues.last().is_none_or(|last| last.issue_key != lost.issue_key) {
            if issues.len() == LISTED {
                break;
            }
            let (issue_key, href) = (lost.issue_key.clone(), issue_url(database, &lost.issue_key));
            issues.push(IssueLosses { issue_key, href, lost: Vec::new() });
        }
        let place = if lost.place == "body" { "the text".to_owned() } else { format!("“{}”", lost.place) };
        if let Some(issue) = issues.last_mut() {
            issue.lost.push(format!("{} × {} in {place}", lost.count, lost.what));
        }
    }
    issues
}

/// Where an issue opens in Jira.
fn issue_url(database: &Database, key: &str) -> String {
    format!("{}/browse/{}", database.site, step::encode_key(key))
}

/// The whole report for a table calculation (RFC 4180).
pub fn csv(database: &Database, report: &Report) -> String {
    let mut text = String::from("issue,kind,place,what,count,since,link\r\n");
    let mut line = |cells: [&str; 7]| {
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    for row in &report.rows {
        let since = row.since.as_ref().map(Timestamp::to_string).unwrap_or_default();
        line([&row.issue_key, "row", "", &row.message, "", &since, &issue_url(database, &row.issue_key)]);
    }
    for lost in &report.losses {
        let (count, link) = (lost.count.to_string(), issue_url(database, &lost.issue_key));
        line([&lost.issue_key, "loss", &lost.place, &lost.what, &count, "", &link]);
    }
    text
}

/// In quotes where it has to be. What a program would take for a formula becomes a text: it comes from whoever writes
/// issues.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_file_is_a_formula_or_breaks_out_of_its_place() {
        for (text, expected) in [
            ("Login fails", "Login fails"),
            ("a, b", "\"a, b\""),
            ("5\" disk", "\"5\"\" disk\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM", "'@SUM"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
