//! What a run of a synced database would do, for people (synced-database §8, "Dry run").

use super::databases::duration;
use crate::render::number::grouped;

/// The plan, as the page of a new database and a dry run show it.
#[derive(Clone, Debug, Default)]
pub struct SyncPlan {
    pub created: u64,
    pub updated: u64,
    pub trashed: u64,
    pub unchanged: u64,
    pub columns: Vec<PlannedColumn>,
    /// New options: the column, and their names.
    pub options: Vec<(String, String)>,
    /// The first rows that something happens to.
    pub lines: Vec<PlannedRow>,
    /// By which a run does just this; none of a database that is not there yet.
    pub token: Option<String>,
    /// Why nothing would be written.
    pub stops: Option<String>,
    /// What does not come, or not wholly.
    pub losses: FieldLosses,
    pub jira_requests: u64,
    pub notion_requests: u64,
    pub seconds: u64,
}

/// A row that something happens to.
#[derive(Clone, Debug)]
pub struct PlannedRow {
    /// Jira's key of the issue.
    pub key: String,
    /// "updated"
    pub what: &'static str,
    pub why: Option<String>,
    pub changes: Vec<PlannedChange>,
    /// The text of its page is written.
    pub text: bool,
}

/// A cell that gets another value; none is empty.
#[derive(Clone, Debug)]
pub struct PlannedChange {
    pub column: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

#[derive(Clone, Debug)]
pub struct PlannedColumn {
    pub name: String,
    /// Notion's word.
    pub kind: &'static str,
    pub is_new: bool,
}

/// Fields of Jira that are not in Notion as they are in Jira.
#[derive(Clone, Debug, Default)]
pub struct FieldLosses {
    pub told: Vec<FieldLoss>,
    /// Names of fields that no issue uses: nothing of them can be missing.
    pub unused: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct FieldLoss {
    pub name: String,
    /// It comes, but not all of it.
    pub is_partly: bool,
    pub message: String,
}

impl SyncPlan {
    pub(super) fn is_idle(&self) -> bool {
        self.created + self.updated + self.trashed == 0
    }

    /// By which it can be done; none where there is nothing to do.
    pub(super) fn way(&self) -> Option<&str> {
        let is_work = !self.is_idle() || !self.options.is_empty() || self.new_columns() > 0;
        self.token.as_deref().filter(|_| is_work && self.stops.is_none())
    }

    pub(super) fn new_columns(&self) -> usize {
        self.columns.iter().filter(|column| column.is_new).count()
    }

    /// Rows that are a number only.
    pub(super) fn more_rows(&self) -> Option<String> {
        let all = self.created + self.updated + self.trashed;
        let told = u64::try_from(self.lines.iter().filter(|it| it.is_change()).count()).unwrap_or_default();
        let more = all.saturating_sub(told);
        (more > 0 && told > 0).then(|| grouped(more))
    }

    /// "60 rows are created, 2 are updated"
    pub(super) fn rows(&self) -> Vec<(String, &'static str)> {
        let rows = [
            (self.created, "created"),
            (self.updated, "updated"),
            (self.trashed, "moved to the trash"),
            (self.unchanged, "unchanged"),
        ];
        rows.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| (grouped(count), what)).collect()
    }

    pub(super) fn cost(&self) -> String {
        format!("{} to Jira, {} to Notion", calls(self.jira_requests), calls(self.notion_requests))
    }

    pub(super) fn time(&self) -> String {
        duration(self.seconds)
    }
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{} calls", grouped(count)) }
}

impl PlannedRow {
    fn is_change(&self) -> bool {
        !self.what.starts_with("stays")
    }
}

impl PlannedColumn {
    pub(super) fn kind_name(&self) -> &'static str {
        kind_name(self.kind)
    }
}

/// A kind of column as Notion's own menus call it, by the word of its API.
pub(super) fn kind_name(kind: &'static str) -> &'static str {
    match kind {
        "title" => "Title",
        "rich_text" => "Text",
        "url" => "URL",
        "number" => "Number",
        "select" => "Select",
        "multi_select" => "Multi-select",
        "status" => "Status",
        "people" => "Person",
        "date" => "Date",
        "relation" => "Relation",
        other => other,
    }
}
