//! How a column reads its field, what it is in Notion, and what of the field is lost on the way. Pure.

use serde::{Deserialize, Serialize};

/// What a column is in Notion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Title,
    Text,
    Url,
    Number,
    /// A number of which 1 is shown as 100 %.
    Percent,
    Select,
    MultiSelect,
    /// Holds one option, as a select does.
    Status,
    People,
    Date,
    Relation,
}

impl Kind {
    /// Notion's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "rich_text",
            Self::Url => "url",
            Self::Number | Self::Percent => "number",
            Self::Select => "select",
            Self::MultiSelect => "multi_select",
            Self::Status => "status",
            Self::People => "people",
            Self::Date => "date",
            Self::Relation => "relation",
        }
    }
}

/// How a value of Jira becomes a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Summary,
    IssueId,
    Key,
    /// The address of the issue.
    Link,
    StatusCategory,
    /// One thing with an id and a name, also in two steps.
    Choice,
    Choices,
    /// A team, which searches may name by its id alone.
    Team,
    RequestType,
    /// The sprint that runs, else the next one, else the last one.
    Sprint,
    Sprints,
    /// One or several.
    People,
    /// The same by their names in Jira.
    PeopleNames,
    Date,
    DateTime,
    /// Two days.
    Interval,
    Number,
    /// From seconds.
    Hours,
    /// A share, or hundredths; below zero is none.
    Percent,
    /// How many: votes, watchers, comments, files.
    Count,
    /// One line.
    Line,
    LongText,
    /// Whatever it is, as text.
    Words,
    /// A promise of a service desk.
    Sla,
    Address,
    /// What was typed where an address should be.
    AddressText,
    /// What stands above the issue, from whichever field tells it.
    Parent,
    /// The other side of it.
    Children,
    /// Issues that links of one type point to, or come from.
    Links {
        type_id: String,
        inward: bool,
    },
    /// Whatever is linked and not in the database.
    OtherLinks,
}

impl Reading {
    /// What it is in Notion, as long as nothing speaks against it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Summary => Kind::Title,
            Self::IssueId
            | Self::Key
            | Self::PeopleNames
            | Self::Line
            | Self::LongText
            | Self::Words
            | Self::Sla
            | Self::AddressText
            | Self::OtherLinks => Kind::Text,
            Self::Link | Self::Address => Kind::Url,
            Self::StatusCategory | Self::Choice | Self::Team | Self::RequestType | Self::Sprint => Kind::Select,
            Self::Choices | Self::Sprints => Kind::MultiSelect,
            Self::People => Kind::People,
            Self::Date | Self::DateTime | Self::Interval => Kind::Date,
            Self::Number | Self::Hours | Self::Count => Kind::Number,
            Self::Percent => Kind::Percent,
            Self::Parent | Self::Children | Self::Links { .. } => Kind::Relation,
        }
    }
}

/// What of a whole field no cell can show; what single values lose is told with the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// The picture of a choice.
    Icon,
    /// Headings, tables and such of a long text.
    Blocks,
    /// What the words of a value do not say.
    Details,
    /// That the values are options: there are too many.
    Options,
}

impl Lost {
    /// In words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Icon => "The pictures of the values are not shown.",
            Self::Blocks => "Headings, lists and tables become lines of text.",
            Self::Details => "Shown as text; details of the value are not shown.",
            Self::Options => "More than 1,000 different values; shown as text.",
        }
    }
}
