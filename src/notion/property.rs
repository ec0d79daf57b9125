//! The columns of a data source and the values in them, as Notion's requests have them (notion-rest-api §3.1 to §3.3). Pure.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::rich_text::{Color, RichText};

/// UTF-16 units of the name of an option.
pub const OPTION_UNITS: usize = 100;

/// Columns by name or id, for the call that makes or changes them. They are sent in this order, since Notion shows new
/// ones in the order in which it met them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns<T>(Vec<(String, T)>);

impl<T> Columns<T> {
    /// Each column once: the latest word counts.
    pub fn insert(&mut self, column: String, what: T) {
        match self.0.iter_mut().find(|(known, _)| *known == column) {
            Some((_, known)) => *known = what,
            None => self.0.push((column, what)),
        }
    }

    pub fn has(&self, column: &str) -> bool {
        self.0.iter().any(|(known, _)| known == column)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> FromIterator<(String, T)> for Columns<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(all: I) -> Self {
        let mut columns = Self(Vec::new());
        all.into_iter().for_each(|(column, what)| columns.insert(column, what));
        columns
    }
}

impl<T: Serialize> Serialize for Columns<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(column, what)| (column, what)))
    }
}

/// What a column holds, for the call that makes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Schema {
    Title,
    RichText,
    Url,
    Number(NumberFormat),
    /// The full list: an option that is left out is removed from its rows, too.
    Select(Vec<OptionSchema>),
    MultiSelect(Vec<OptionSchema>),
    Status(Vec<OptionSchema>),
    People,
    Date,
    /// Rows of a data source; with a name: the column over there that shows the same from the other side.
    Relation {
        data_source_id: String,
        reverse: Option<String>,
    },
}

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    Number,
    Percent,
}

/// An option of a column: one that is there, by its id, or a new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum OptionSchema {
    Kept {
        id: String,
    },
    New {
        /// At most [`OPTION_UNITS`], without commas, unlike all others whatever their case.
        name: String,
        color: Color,
    },
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, config) = match self {
            Self::Title => ("title", json!({})),
            Self::RichText => ("rich_text", json!({})),
            Self::Url => ("url", json!({})),
            Self::Number(format) => ("number", json!({ "format": format })),
            Self::Select(options) => ("select", json!({ "options": options })),
            Self::MultiSelect(options) => ("multi_select", json!({ "options": options })),
            Self::Status(options) => ("status", json!({ "options": options })),
            Self::People => ("people", json!({})),
            Self::Date => ("date", json!({})),
            Self::Relation { data_source_id, reverse: None } => (
                "relation",
                json!({ "data_source_id": data_source_id, "type": "single_property", "single_property": {} }),
            ),
            Self::Relation { data_source_id, reverse: Some(name) } => (
                "relation",
                json!({
                    "data_source_id": data_source_id,
                    "type": "dual_property",
                    "dual_property": { "synced_property_name": name },
                }),
            ),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(name, &config)?;
        map.end()
    }
}

/// What a cell is to hold. It takes the place of whatever is there; what is empty empties it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Title(Vec<RichText>),
    RichText(Vec<RichText>),
    Url(Option<String>),
    Number(Option<f64>),
    Select(Option<Pick>),
    MultiSelect(Vec<Pick>),
    Status(Option<Pick>),
    /// By their ids.
    People(Vec<String>),
    Date(Option<Date>),
    /// Pages by their ids.
    Relation(Vec<String>),
}

/// An option of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// It is there, whatever people call it.
    Id(String),
    /// A select makes it if it is not there (§3.2); a status does not.
    Name(String),
}

/// A day (`2026-11-23`) or an instant with its offset, in ISO 8601; or a span of such.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Date {
    pub start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let by_id = |id: &String| json!({ "id": id });
        let list = |ids: &Vec<String>| ids.iter().map(by_id).collect::<Vec<_>>();
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Title(text) => map.serialize_entry("title", text)?,
            Self::RichText(text) => map.serialize_entry("rich_text", text)?,
            Self::Url(url) => map.serialize_entry("url", url)?,
            Self::Number(number) => map.serialize_entry("number", number)?,
            Self::Select(pick) => map.serialize_entry("select", pick)?,
            Self::MultiSelect(picks) => map.serialize_entry("multi_select", picks)?,
            Self::Status(pick) => map.serialize_entry("status", pick)?,
            Self::People(ids) => map.serialize_entry("people", &list(ids))?,
            Self::Date(date) => map.serialize_entry("date", date)?,
            Self::Relation(ids) => map.serialize_entry("relation", &list(ids))?,
        }
        map.end()
    }
}
