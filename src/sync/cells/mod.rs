//! The cells of a row, computed from an issue as Jira answers it (synced-database §3, S35, S39, S40, S51 to S53). Pure.
//!
//! ```text
//! mod       the row: an issue and columns give cells and losses
//! value     what is in the JSON, whatever its shape is
//! choice    options: by id, with a colour
//! people    people of Jira, and who they are in Notion
//! time      days, instants, spans
//! number    numbers, hours, shares, counts
//! text      lines, long texts with their marks
//! relation  parents and links
//! hash      whether a row has to be written
//! ```
//!
//! Whatever a value looks like, its cell fits Notion's limits, and the row goes on: what does not fit is a [`Loss`].

mod choice;
pub mod hash;
mod number;
mod people;
mod relation;
mod text;
mod time;
mod value;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cell::Cell;
use super::columns::{Column, Kind, Reading};
use super::fit::line;
use super::why::Why;
use crate::jira::key::SiteUrl;
use crate::jira::text::Loss as TextLoss;
use crate::notion::rich_text::{ITEMS, RichText};

pub use people::People;
pub use relation::{Rows, linked_to, parent_of};
pub use text::is_address;
pub use value::is_empty;

/// An issue as an answer of Jira holds it.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// Never changes.
    pub id: &'a str,
    pub key: &'a str,
    pub fields: &'a Map<String, Value>,
}

/// What cells depend on beside the issue.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub site: &'a SiteUrl,
    pub people: &'a People,
    /// The issues that are in the database, or shall be.
    pub rows: &'a Rows,
    /// Names of teams by their ids, as far as they were looked up.
    pub teams: &'a BTreeMap<String, String>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// By the keys of the columns, in their order.
    pub cells: Vec<(String, Cell)>,
    pub rests: Vec<Rest>,
    pub losses: Vec<Loss>,
}

/// The end of a text for which its cell has no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The key of the column.
    pub column: String,
    pub text: Vec<RichText>,
}

/// Something of a value that its cell does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The key of the column.
    pub column: String,
    pub what: What,
    /// How often.
    pub count: u32,
    /// The beginning of what is missing, as one harmless line.
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The value is none of its field's type: the cell is empty.
    Shape,
    /// The end of a long text.
    End,
    /// The end of a long text, which is in the page instead.
    Continued,
    /// Values beyond a hundred.
    Rest,
    /// Headings, lists and such have become lines.
    Blocks,
    /// What an editor of Jira can do and the neutral form cannot.
    Text(TextLoss),
    /// Somebody whom Notion does not know: the name stands beside.
    Person,
    /// An issue that is not in the database: it is a link.
    Target,
    /// A team that Jira does not name: its id stands there.
    TeamName,
}

impl What {
    /// For the report.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shape => "values of another type than the field's",
            Self::End => "ends of long texts",
            Self::Continued => "ends of long texts, which stand in the page",
            Self::Rest => "values beyond a hundred",
            Self::Blocks => "blocks shown as lines",
            Self::Text(loss) => super::body::text_words(loss),
            Self::Person => "people who are not in Notion",
            Self::Target => "issues that are not in the database",
            Self::TeamName => "names of teams",
        }
    }

    /// The cause, where it is one of those that a person asks for; else it is a matter of looks.
    pub fn why(self) -> Option<Why> {
        match self {
            Self::Shape => Some(Why::TypeUnsupported),
            Self::End | Self::Rest => Some(Why::ValueTooLong),
            Self::Person => Some(Why::PersonUnmapped),
            Self::Target => Some(Why::TargetNotSynced),
            Self::Continued | Self::Blocks | Self::TeamName | Self::Text(_) => None,
        }
    }
}

/// UTF-16 units of what a loss quotes.
const WORDS_UNITS: usize = 200;

/// What of one row is not in its cells, while it is made.
#[derive(Debug, Default)]
struct Losses {
    column: String,
    all: Vec<Loss>,
    rests: Vec<Rest>,
}

impl Losses {
    fn add(&mut self, what: What, count: usize, words: &str) {
        self.count(what, count, || words.to_owned());
    }

    /// A value that is none of its field's type.
    fn shape(&mut self, value: &Value) {
        self.count(What::Shape, 1, || text::words(value));
    }

    /// What of a text goes into the page, if anything does.
    fn continued(&mut self, text: Vec<RichText>) {
        if !text.is_empty() {
            self.add(What::Continued, 1, "");
            self.rests.push(Rest { column: self.column.clone(), text });
        }
    }

    /// The first one of a kind is quoted, the others are counted.
    fn count(&mut self, what: What, count: usize, words: impl FnOnce() -> String) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        // Those of the column at hand are the last ones.
        let of_column = self.all.iter_mut().rev().take_while(|loss| loss.column == self.column);
        match of_column.into_iter().find(|loss| loss.what == what) {
            _ if count == 0 => {}
            Some(loss) => loss.count = loss.count.saturating_add(count),
            None => {
                let words = line(&words(), WORDS_UNITS).0;
                self.all.push(Loss { column: self.column.clone(), what, count, words });
            }
        }
    }

    /// At most as many as Notion takes.
    fn first<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        self.add(What::Rest, list.len().saturating_sub(ITEMS), "");
        list.truncate(ITEMS);
        list
    }
}

/// The cells of an issue. The columns are those whose fields were asked for: a field that is absent, `null` or empty
/// empties its cell (§3.3), so a field that was not read must not be among them (S40).
pub fn cells<'c>(issue: &Issue<'_>, columns: impl IntoIterator<Item = &'c Column>, context: &Context<'_>) -> Rendered {
    let mut losses = Losses::default();
    let mut cells = Vec::new();
    for column in columns.into_iter().filter(|column| column.is_written()) {
        losses.column.clone_from(&column.key);
        cells.push((column.key.clone(), cell(issue, column, context, &mut losses)));
    }
    Rendered { cells, rests: losses.rests, losses: losses.all }
}

fn cell(issue: &Issue<'_>, column: &Column, context: &Context<'_>, losses: &mut Losses) -> Cell {
    let value = column.fields.first().and_then(|field| issue.fields.get(field)).unwrap_or(&Value::Null);
    match &column.reading {
        Reading::Summary => Cell::Title(text::one_line(value, losses)),
        Reading::IssueId => Cell::Text(text::plain(issue.id)),
        Reading::Key => Cell::Text(text::plain(issue.key)),
        Reading::Link => Cell::Url(Some(relation::address(context.site, issue.key))),
        Reading::StatusCategory => Cell::Select(choice::status_category(value)),
        Reading::Choice | Reading::RequestType | Reading::Team | Reading::Sprint => {
            let choice = match column.reading {
                Reading::RequestType => choice::request_type(value, losses),
                Reading::Team => choice::team(value, context.teams, losses),
                Reading::Sprint => choice::sprint(value, losses),
                _ => choice::one(value, &column.key, losses),
            };
            match column.kind {
                Kind::Text => choice::as_text(choice.as_slice()),
                Kind::Status => Cell::Status(choice),
                _ => Cell::Select(choice),
            }
        }
        Reading::Choices | Reading::Sprints => {
            let choices = match column.reading {
                Reading::Sprints => choice::sprints(value, losses),
                _ => choice::several(value, losses),
            };
            if column.kind == Kind::Text { choice::as_text(&choices) } else { Cell::MultiSelect(losses.first(choices)) }
        }
        Reading::People => Cell::People(people::in_notion(value, context.people, losses)),
        Reading::PeopleNames => Cell::Text(people::names(value)),
        Reading::Date => Cell::Date(time::day(value, losses)),
        Reading::DateTime => Cell::Date(time::instant(value, losses)),
        Reading::Interval => Cell::Date(time::interval(value, losses)),
        Reading::Number => Cell::Number(number::number(value, losses)),
        Reading::Hours => Cell::Number(number::hours(value, losses)),
        Reading::Percent => Cell::Number(number::share(value, losses)),
        Reading::Count => Cell::Number(number::count(value, losses)),
        Reading::Line | Reading::AddressText => Cell::Text(text::line_of(value, losses)),
        Reading::LongText => Cell::Text(text::long(value, context.site, context.people, losses)),
        Reading::Words => Cell::Text(text::of_anything(value)),
        Reading::Sla => Cell::Text(text::plain(&time::promise(value, losses))),
        Reading::Address => Cell::Url(text::address(value, losses)),
        Reading::Parent => Cell::Relation(relation::parent(issue, &column.fields, context.rows, losses)),
        Reading::Links { type_id, inward } => {
            let targets = relation::targets(value, type_id, *inward, context.rows);
            Cell::Relation(losses.first(targets))
        }
        Reading::OtherLinks => Cell::Text(relation::elsewhere(issue, &column.fields, context, losses)),
        // Written by the children.
        Reading::Children => Cell::Relation(Vec::new()),
    }
}
