//! Jira's own fields (synced-database §3.1). Pure.

use super::custom::by_type;
use super::reading::{Lost, Reading};
use crate::jira::model::Field;
use crate::sync::why::Why;

/// The key of the issue; a search gives it unasked.
pub(super) const KEY: &str = "issuekey";
pub(super) const STATUS_CATEGORY: &str = "status_category";
pub(super) const PARENT: &str = "parent";
pub(super) const LINKS: &str = "issuelinks";
/// The schema of the field that people plan by.
pub(super) const SPRINT: &str = "com.pyxis.greenhopper.jira:gh-sprint";

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// A column of its own.
    Read(Reading, Option<Lost>),
    /// The same, read weekly.
    Slow(Reading),
    /// The same, for machines.
    Hidden(Reading),
    /// What stands above the issue.
    Parent,
    /// A column for each type of link.
    Links,
    /// It is in the column of this key.
    In(&'static str),
    /// It is in the page's body.
    Body,
    /// Its values are in other fields.
    Elsewhere,
    Not(Why),
}

/// In the order in which people read them.
const TABLE: [(&str, Rule); 39] = [
    ("summary", Rule::Read(Reading::Summary, None)),
    (KEY, Rule::Read(Reading::Key, None)),
    ("status", Rule::Read(Reading::Choice, None)),
    ("statusCategory", Rule::In(STATUS_CATEGORY)),
    ("issuetype", Rule::Read(Reading::Choice, Some(Lost::Icon))),
    ("priority", Rule::Read(Reading::Choice, Some(Lost::Icon))),
    ("assignee", Rule::Read(Reading::People, None)),
    ("reporter", Rule::Read(Reading::People, None)),
    ("creator", Rule::Read(Reading::People, None)),
    (PARENT, Rule::Parent),
    ("subtasks", Rule::In(PARENT)),
    ("duedate", Rule::Read(Reading::Date, None)),
    ("labels", Rule::Read(Reading::Choices, None)),
    ("components", Rule::Read(Reading::Choices, None)),
    ("fixVersions", Rule::Read(Reading::Choices, None)),
    ("versions", Rule::Read(Reading::Choices, None)),
    ("resolution", Rule::Read(Reading::Choice, None)),
    ("resolutiondate", Rule::Read(Reading::DateTime, None)),
    ("created", Rule::Read(Reading::DateTime, None)),
    ("updated", Rule::Read(Reading::DateTime, None)),
    ("statuscategorychangedate", Rule::Read(Reading::DateTime, None)),
    ("timeoriginalestimate", Rule::Read(Reading::Hours, None)),
    ("timeestimate", Rule::Read(Reading::Hours, None)),
    ("timespent", Rule::Read(Reading::Hours, None)),
    ("aggregatetimeoriginalestimate", Rule::Read(Reading::Hours, None)),
    ("aggregatetimeestimate", Rule::Read(Reading::Hours, None)),
    ("aggregatetimespent", Rule::Read(Reading::Hours, None)),
    ("timetracking", Rule::Elsewhere),
    ("progress", Rule::Read(Reading::Percent, None)),
    ("aggregateprogress", Rule::Read(Reading::Percent, None)),
    ("workratio", Rule::Read(Reading::Percent, None)),
    ("votes", Rule::Slow(Reading::Count)),
    ("watches", Rule::Slow(Reading::Count)),
    ("project", Rule::Read(Reading::Choice, Some(Lost::Icon))),
    ("security", Rule::Read(Reading::Choice, None)),
    ("environment", Rule::Read(Reading::LongText, Some(Lost::Blocks))),
    (LINKS, Rule::Links),
    ("comment", Rule::Read(Reading::Count, None)),
    ("attachment", Rule::Read(Reading::Count, None)),
];

/// Nothing in them is shared by all who read the database; the hours of `worklog` are in `timespent`.
const NEVER: [&str; 4] = ["worklog", "thumbnail", "issuerestriction", "lastViewed"];

/// The fields of the page's body, the attachments' names among them.
pub(super) fn is_in_body(field: &str) -> bool {
    matches!(field, "description" | "attachment")
}

pub(super) fn rule(field: &Field) -> Rule {
    let id = identity(field);
    if let Some((_, rule)) = TABLE.iter().find(|(name, _)| *name == id) {
        return rule.clone();
    }
    match id {
        "description" => Rule::Body,
        id if NEVER.contains(&id) => Rule::Not(Why::TypeUnsupported),
        // Jira may get new fields of its own.
        _ => by_type(field).map_or(Rule::Not(Why::TypeUnsupported), |reading| Rule::Read(reading, None)),
    }
}

/// Where a field stands among the columns: a custom one behind all others, but the sprint with the due date.
pub(super) fn place(field: &Field) -> usize {
    let name = match field.schema.as_deref() {
        Some(SPRINT) => "duedate",
        _ if field.custom => return TABLE.len() + 1,
        _ => identity(field),
    };
    TABLE.iter().position(|(known, _)| *known == name).unwrap_or(TABLE.len())
}

fn identity(field: &Field) -> &str {
    field.system.as_deref().unwrap_or(&field.id)
}

/// The names of columns that say more, or other things, than Jira's names of the fields.
pub(super) fn name(field: &Field, reading: &Reading) -> Option<String> {
    match (identity(field), reading) {
        (KEY, _) => Some("Key".to_owned()),
        ("comment", _) => Some("Comments".to_owned()),
        ("attachment", _) => Some("Attachments".to_owned()),
        (_, Reading::Hours) => Some(format!("{} (hours)", field.name)),
        _ => None,
    }
}
