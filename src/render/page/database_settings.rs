//! `GET·POST /databases/{id}/settings`: what can be changed of a synced database (synced-database §1.2 to §1.4).

use askama::Template;

use super::sync_plan::kind_name;
use super::{Base, Choice, DatabaseRow};
use crate::render::icon::Icon;

/// The form: what is not ticked in it is off.
#[derive(Debug, Template)]
#[template(path = "database_settings.html")]
pub struct DatabaseSettings {
    pub base: Base,
    pub row: DatabaseRow,
    pub jql: String,
    pub with_security: bool,
    pub all_sprints: bool,
    pub with_comments: bool,
    pub status_as_status: bool,
    /// `restore`, `keep` or `flag`
    pub edited: &'static str,
    /// `keep` or `trash`
    pub left: &'static str,
    /// `mark` or `remove`
    pub dropped: &'static str,
    /// Who is who, a line each.
    pub people: String,
    /// Who of the account can read this Jira; several are chosen from.
    pub ways_in: Vec<Choice>,
    pub fields: Vec<FieldSwitch>,
    /// Why nothing was saved.
    pub problem: Option<String>,
}

/// A field of Jira that can be switched off.
#[derive(Clone, Debug)]
pub struct FieldSwitch {
    pub key: String,
    pub name: String,
    /// Notion's word for its column; `page` where it has none and stands in the page of the row.
    pub kind: &'static str,
    pub is_on: bool,
    /// Why it is not there although it is on.
    pub note: Option<&'static str>,
    /// The name under which it can be created.
    pub offer: Option<String>,
}

impl DatabaseSettings {
    fn warning(&self) -> Icon {
        Icon::Warning
    }

    /// Which fields the form speaks of: a field that appears meanwhile is not switched off by it.
    fn listed(&self) -> String {
        self.fields.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join(",")
    }
}

impl FieldSwitch {
    fn kind_name(&self) -> &'static str {
        if self.kind == "page" { "in the page of the row" } else { kind_name(self.kind) }
    }
}
