//! What the cells of a row say, in Jira's ids: options, people and rows get Notion's ids only when they are written. So
//! a row's hash does not depend on what Notion already has. Pure.

use crate::notion::property::Date;
use crate::notion::rich_text::{Color, RichText};

/// The value of one column for one issue. Empty is a value, too: it empties the cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// One line.
    Title(String),
    Text(Vec<RichText>),
    Url(Option<String>),
    Number(Option<f64>),
    Select(Option<Choice>),
    /// The same in a column of Notion's own type for it.
    Status(Option<Choice>),
    MultiSelect(Vec<Choice>),
    /// Notion's ids of people.
    People(Vec<String>),
    Date(Option<Date>),
    /// Jira's ids of issues.
    Relation(Vec<String>),
}

impl Cell {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Title(text) => text.is_empty(),
            Self::Text(text) => text.is_empty(),
            Self::Url(url) => url.is_none(),
            Self::Number(number) => number.is_none(),
            Self::Select(choice) | Self::Status(choice) => choice.is_none(),
            Self::MultiSelect(choices) => choices.is_empty(),
            Self::People(ids) | Self::Relation(ids) => ids.is_empty(),
            Self::Date(date) => date.is_none(),
        }
    }
}

/// An option of a select.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Choice {
    /// Jira's id of it within its column; where Jira has none, what it says.
    pub id: String,
    /// As Jira has it; Notion's rules for names are another's concern.
    pub name: String,
    pub color: Color,
}
