//! Which columns a database has: one plan from Jira's fields, what occurs in the issues, and what the person wants
//! (synced-database §3). Pure.
//!
//! ```text
//! mod        the columns, and the class that every field of Jira ends in
//! reading    how a column reads its field, and what it is in Notion
//! system     Jira's own fields
//! custom     custom fields, by schema, then by type
//! occurring  what the issues hold
//! drafts     the columns of a field, without names
//! plan       puts them together
//! names      one name for each, which people understand
//! ```

mod custom;
mod drafts;
mod names;
mod occurring;
mod plan;
mod reading;
mod system;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::why::Why;
use crate::notion::property::{NumberFormat, OptionSchema, Schema};

pub use occurring::{LinkType, Occurring};
pub use plan::plan;
pub use reading::{Kind, Lost, Reading};

/// A column that the gateway owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it is called here for ever: `summary`, `customfield_10010`, `assignee:text`, `links:10003`.
    pub key: String,
    /// As Notion shall show it; unlike all other names whatever their case.
    pub name: String,
    pub kind: Kind,
    pub reading: Reading,
    /// Jira's fields that it reads, the first one first. None: the issue's own id.
    pub fields: Vec<String>,
    /// For the gateway or for the curious: no view shows it.
    pub hidden: bool,
    /// Changes without the issue being touched: read weekly.
    pub slow: bool,
    /// The relation whose other side it is: made with that one, by the name that stands here.
    pub reverse_of: Option<String>,
    /// What of the field no cell can show.
    pub lost: Option<Lost>,
}

impl Column {
    /// Whether it holds options, which have to be made before rows name them.
    pub fn has_options(&self) -> bool {
        matches!(self.kind, Kind::Select | Kind::MultiSelect | Kind::Status)
    }

    /// Whether cells are computed for it. The children of an issue are written by the children.
    pub fn is_written(&self) -> bool {
        self.reading != Reading::Children
    }
}

/// Where the person's columns stand in the way, and which names ours have.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Names of the person's own columns.
    pub by_person: Vec<String>,
    /// Names that the gateway has given, by the key of the column: they stay, unless Jira has renamed the field.
    pub ours: BTreeMap<String, String>,
}

/// What the person wants of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Fields, or columns by their keys, that are switched off.
    pub off: BTreeSet<String>,
    /// Issues with a security level, and the column that names it.
    pub with_security: bool,
    /// What people say about an issue, in its page; but not what only some of them may read.
    pub with_comments: bool,
    /// Every sprint of an issue instead of the one that matters now.
    pub all_sprints: bool,
    /// Status as Notion's own type, whose groups no program can set.
    pub status_as_status: bool,
    /// Names for fields or columns whose own name the person has taken.
    pub create_as: BTreeMap<String, String>,
    /// Who is who: of people in Jira their e-mail address, account id or user name, and the e-mail address or the id of
    /// the member of Notion.
    pub people: BTreeMap<String, String>,
}

/// What becomes of one field of Jira.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Synced,
    /// It comes, but not all of it.
    WithLoss(Lost),
    NotSynced {
        why: Why,
        /// A name under which it could be created.
        offer: Option<String>,
    },
}

/// One field of Jira, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// The id of the field; where only a part of a field is not synced, the key of the column that is missing.
    pub field: String,
    pub name: String,
    pub class: Class,
}

/// The plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The title first.
    pub columns: Vec<Column>,
    /// One for each field of Jira.
    pub fates: Vec<Fate>,
}

/// What every run asks for, whatever the columns are: time, place, rights, and what comes before what.
const ALWAYS: [&str; 5] = ["issuetype", "parent", "project", "security", "updated"];

impl Planned {
    pub fn column(&self, key: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.key == key)
    }

    /// Custom fields that no issue has used so far. A run that asks for them, too, and shows its issues to
    /// [`Occurring::note`] learns when one does.
    pub fn may_occur(&self) -> impl Iterator<Item = &str> {
        self.not_synced().filter(|(_, why)| *why == Why::OutOfScope).map(|(fate, _)| fate.field.as_str())
    }

    /// The columns that a run reads: all, or those that change with the issue.
    pub fn read(&self, with_slow: bool) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| with_slow || !column.slow)
    }

    /// What is missing, and why.
    pub fn not_synced(&self) -> impl Iterator<Item = (&Fate, Why)> {
        self.fates.iter().filter_map(|fate| match fate.class {
            Class::NotSynced { why, .. } => Some((fate, why)),
            Class::Synced | Class::WithLoss(_) => None,
        })
    }

    /// The fields that a search has to name (S11): those of the columns, of the body, and what every run needs. The
    /// id and the key of an issue come without being asked for.
    pub fn jira_fields(&self, with_slow: bool) -> Vec<String> {
        let read = self.read(with_slow).flat_map(|column| &column.fields);
        let body = self
            .fates
            .iter()
            .filter(|fate| system::is_in_body(&fate.field) && !matches!(fate.class, Class::NotSynced { .. }));
        let named: BTreeSet<&str> = read
            .chain(body.map(|fate| &fate.field))
            .map(String::as_str)
            .chain(ALWAYS)
            .filter(|field| *field != system::KEY)
            .collect();
        named.into_iter().map(str::to_owned).collect()
    }
}

impl Column {
    /// How Notion is told to make the column; `options` is the full list where it has any. None for the other side of
    /// a relation, and for the title, which is there from the beginning: both are only renamed.
    pub fn schema(&self, options: Vec<OptionSchema>, data_source_id: &str, planned: &Planned) -> Option<Schema> {
        Some(match self.kind {
            _ if self.reverse_of.is_some() => return None,
            Kind::Title => Schema::Title,
            Kind::Text => Schema::RichText,
            Kind::Url => Schema::Url,
            Kind::Number => Schema::Number(NumberFormat::Number),
            Kind::Percent => Schema::Number(NumberFormat::Percent),
            Kind::Select => Schema::Select(options),
            Kind::MultiSelect => Schema::MultiSelect(options),
            Kind::Status => Schema::Status(options),
            Kind::People => Schema::People,
            Kind::Date => Schema::Date,
            Kind::Relation => {
                let reverse = planned.columns.iter().find(|it| it.reverse_of.as_deref() == Some(&self.key));
                Schema::Relation {
                    data_source_id: data_source_id.to_owned(),
                    reverse: reverse.map(|it| it.name.clone()),
                }
            }
        })
    }
}
