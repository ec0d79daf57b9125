//! `GET /databases/{id}`: one synced database, what it does, what is wrong with it, and what can be done.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Choice, DatabaseRow, Done, FieldLosses, SyncPlan, Way};
use crate::render::icon::Icon;
use crate::render::number::grouped;
use crate::render::{step, time};

/// The page.
#[derive(Debug, Template)]
#[template(path = "database.html")]
pub struct Database {
    pub base: Base,
    pub row: DatabaseRow,
    /// Something goes on: the page is loaded again in a moment.
    pub is_working: bool,
    pub is_paused: bool,
    pub next: Next,
    pub counts: Vec<(u64, &'static str)>,
    pub report: SyncReport,
    /// What a run would do, where that was asked for.
    pub plan: Option<SyncPlan>,
    /// Why something that was asked for was not done.
    pub problem: Option<String>,
    pub done: Option<Done>,
    pub now: Timestamp,
}

/// The one next step of its person.
#[derive(Clone, Debug, Default)]
pub enum Next {
    #[default]
    None,
    /// Go on with one of these connections.
    Reauthenticate(Vec<Choice>),
    /// Something has to be done on another page first.
    Elsewhere(Way),
    /// Issues are missing: what shall become of their rows? With the code of the reason that asks.
    Answer(&'static str),
    /// What was in the way is done in Jira or Notion.
    SyncNow,
    /// The same; or the database is gone for good, and is made anew.
    Recreate,
    Resume,
}

/// What is not as it is in Jira.
#[derive(Clone, Debug, Default)]
pub struct SyncReport {
    pub rows: Vec<ParkedRow>,
    /// Rows that are not listed.
    pub more_rows: u64,
    pub sums: Vec<LossSum>,
    /// The same for each of the first issues.
    pub losses: Vec<IssueLosses>,
    pub fields: FieldLosses,
    pub dropped: Vec<MarkedColumn>,
    /// Whether a press brings something of it back.
    pub can_restore: bool,
}

/// A row that is not kept up to date.
#[derive(Clone, Debug)]
pub struct ParkedRow {
    pub issue_key: String,
    /// In Jira.
    pub href: String,
    /// In Notion.
    pub page_href: Option<String>,
    pub message: String,
    pub since: Option<Timestamp>,
}

/// A column whose field was deleted in Jira.
#[derive(Clone, Debug)]
pub struct MarkedColumn {
    pub key: String,
    pub name: String,
    pub since: Timestamp,
    /// The next run removes it.
    pub is_unwanted: bool,
}

/// What of one issue is not shown.
#[derive(Clone, Debug)]
pub struct IssueLosses {
    pub issue_key: String,
    /// In Jira.
    pub href: String,
    /// "2 × macro in the text"
    pub lost: Vec<String>,
}

/// One kind of loss in all issues.
#[derive(Clone, Debug)]
pub struct LossSum {
    /// The column, or `body`.
    pub place: String,
    pub what: String,
    pub count: u64,
    pub issues: u64,
}

/// Before the sync is forgotten.
#[derive(Debug, Template)]
#[template(path = "database_remove.html")]
pub struct RemoveDatabase {
    pub base: Base,
    pub row: DatabaseRow,
    pub problem: Option<String>,
}

/// Before somebody else's eyes read Jira, whom it shows other issues.
#[derive(Debug, Template)]
#[template(path = "database_handover.html")]
pub struct HandOver<'a> {
    pub base: Base,
    pub row: DatabaseRow,
    /// `con_…`
    pub connection: &'a str,
    /// Who that is in Jira.
    pub label: &'a str,
    pub disappear: u64,
    pub appear: u64,
}

impl HandOver<'_> {
    /// "12 issues would disappear, 3 would appear."
    fn difference(&self) -> String {
        let issues = |count| if count == 1 { "1 issue".to_owned() } else { format!("{} issues", grouped(count)) };
        match (self.disappear, self.appear) {
            (gone, 0) => format!("{} would disappear.", issues(gone)),
            (0, new) => format!("{} would appear.", issues(new)),
            (gone, new) => format!("{} would disappear, {} would appear.", issues(gone), grouped(new)),
        }
    }
}

impl Database {
    fn warning(&self) -> Icon {
        Icon::Warning
    }

    fn external(&self) -> Icon {
        Icon::External
    }

    fn counts(&self) -> Vec<(String, &'static str)> {
        self.counts.iter().map(|(count, what)| (grouped(*count), *what)).collect()
    }

    fn question(&self) -> Option<&'static str> {
        if let Next::Answer(about) = self.next { Some(about) } else { None }
    }

    /// Where the step is to do it again, that button comes first.
    fn sync_is_next(&self) -> bool {
        matches!(self.next, Next::SyncNow | Next::Recreate)
    }

    fn is_recreated(&self) -> bool {
        matches!(self.next, Next::Recreate)
    }

    fn resume_is_next(&self) -> bool {
        matches!(self.next, Next::Resume)
    }

    fn elsewhere(&self) -> Option<&Way> {
        if let Next::Elsewhere(way) = &self.next { Some(way) } else { None }
    }

    fn ways_in(&self) -> Option<&[Choice]> {
        if let Next::Reauthenticate(choices) = &self.next { Some(choices) } else { None }
    }

    fn synced(&self) -> Option<String> {
        let at = self.row.synced_at?;
        Some(format!("{} ({})", time::ago(at, self.now), time::clock(at, self.now)))
    }

    fn link(&self) -> Option<&str> {
        step::safe_href(self.row.notion_url.as_deref()?)
    }
}

impl SyncReport {
    fn is_empty(&self) -> bool {
        let no_fields = self.fields.told.is_empty() && self.fields.unused.is_empty() && self.dropped.is_empty();
        self.rows.is_empty() && self.sums.is_empty() && no_fields
    }
}

impl ParkedRow {
    fn since(&self, now: &Timestamp) -> Option<String> {
        Some(format!("since {}", time::clock(self.since?, *now)))
    }
}

impl MarkedColumn {
    fn since(&self, now: &Timestamp) -> String {
        format!("missing since {}", time::clock(self.since, *now))
    }
}

impl LossSum {
    /// "3 × macro in the body of 2 issues"
    fn words(&self) -> String {
        let place = if self.place == "body" { "the text".to_owned() } else { format!("“{}”", self.place) };
        let issues = if self.issues == 1 { "1 issue".to_owned() } else { format!("{} issues", grouped(self.issues)) };
        format!("{} × {} in {place} of {issues}", grouped(self.count), self.what)
    }
}

impl RemoveDatabase {
    fn warning(&self) -> Icon {
        Icon::Warning
    }
}
