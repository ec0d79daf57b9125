//! What Notion tells of databases, rows, blocks and people (notion-rest-api §3). Pure.
//!
//! Answers are read leniently: whatever Notion adds is passed over, and a type that nobody has heard of is kept by name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

/// A database that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub database_id: String,
    pub data_source_id: String,
    /// For people.
    pub url: String,
}

/// A database as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct DatabaseState {
    pub id: String,
    #[serde(default)]
    pub in_trash: bool,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub description: Vec<Plain>,
    #[serde(default)]
    pub data_sources: Vec<Named>,
}

impl DatabaseState {
    /// What its description says.
    pub fn words(&self) -> String {
        self.description.iter().map(|run| run.plain_text.as_str()).collect()
    }
}

/// Something with an id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Named {
    pub id: String,
}

/// A run of text as it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Plain {
    #[serde(default)]
    pub plain_text: String,
}

/// The columns of a data source, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct DataSource {
    pub id: String,
    #[serde(default)]
    pub in_trash: bool,
    #[serde(default)]
    pub properties: BTreeMap<String, Property>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Property {
    /// Stays when people rename the column.
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    select: Options,
    #[serde(default)]
    multi_select: Options,
    #[serde(default)]
    status: Options,
    #[serde(default)]
    relation: RelationJson,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Options {
    options: Vec<OptionState>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RelationJson {
    dual_property: Option<Reverse>,
}

/// The column that shows a relation from the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Reverse {
    #[serde(rename = "synced_property_id", default)]
    pub id: String,
    #[serde(rename = "synced_property_name", default)]
    pub name: String,
}

/// An option of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct OptionState {
    pub id: String,
    pub name: String,
}

impl Property {
    /// Its options, where it has any.
    pub fn options(&self) -> &[OptionState] {
        let all = [&self.select, &self.multi_select, &self.status];
        all.into_iter().map(|it| it.options.as_slice()).find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// For a relation that two columns show.
    pub fn reverse(&self) -> Option<&Reverse> {
        self.relation.dual_property.as_ref()
    }
}

/// A row, with the values that were asked for, by the name of their column.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Page {
    pub id: String,
    #[serde(default)]
    pub in_trash: bool,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub created_time: String,
    #[serde(default)]
    pub created_by: Named,
    #[serde(default)]
    pub last_edited_time: String,
    #[serde(default)]
    pub last_edited_by: Named,
    #[serde(default)]
    pub properties: BTreeMap<String, Json>,
}

impl Page {
    /// The ids of its columns, and whether there is something in them that people have put there.
    pub fn own_values(&self) -> impl Iterator<Item = (&str, bool)> {
        self.properties.values().filter_map(|value| {
            let kind = value.get("type")?.as_str()?;
            let computed = ["formula", "rollup", "unique_id", "button", "created_time", "created_by"];
            let edited = ["last_edited_time", "last_edited_by"];
            let held = value.get(kind)?;
            let is_empty = match held {
                Json::Null | Json::Bool(false) => true,
                Json::Array(list) => list.is_empty(),
                _ => false,
            };
            let counts = !computed.contains(&kind) && !edited.contains(&kind);
            Some((value.get("id")?.as_str()?, counts && !is_empty))
        })
    }
}

/// Some of a longer list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct List<T> {
    pub results: Vec<T>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(default)]
    request_status: Option<RequestStatus>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct RequestStatus {
    #[serde(rename = "type", default)]
    kind: String,
}

impl<T> List<T> {
    /// Where the list goes on.
    pub fn next(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }

    /// Whether Notion keeps a part of it back, beyond its 10,000 rows (§3.4).
    pub fn is_cut(&self) -> bool {
        self.request_status.as_ref().is_some_and(|it| it.kind == "incomplete")
    }
}

/// What is in a page or below a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct BlockState {
    pub id: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub has_children: bool,
    #[serde(default)]
    pub created_by: Named,
    #[serde(default)]
    pub child_database: ChildDatabase,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ChildDatabase {
    #[serde(default)]
    pub title: String,
}

/// A member of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct User {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    person: Option<PersonJson>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct PersonJson {
    #[serde(default)]
    email: Option<String>,
}

impl User {
    /// None of bots, and where the connection may not see it.
    pub fn email(&self) -> Option<&str> {
        self.person.as_ref()?.email.as_deref()
    }
}
