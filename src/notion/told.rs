//! What Notion tells of databases, rows, blocks and people (notion-rest-api §3). Pure.
//!
//! Answers are read leniently: whatever Notion adds is passed over, and a type that nobody has heard of is kept by name.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// What is there; nothing where it is null, or not what it used to be: one column or block that nobody knows spoils no
/// answer.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(there: D) -> Result<T, D::Error> {
    let there = Json::deserialize(there)?;
    Ok(serde_json::from_value(there).unwrap_or_default())
}

/// The same of each member of a list.
fn all_known<'de, D: Deserializer<'de>, T: DeserializeOwned>(there: D) -> Result<Vec<T>, D::Error> {
    let there: Vec<Json> = known(there)?;
    Ok(there.into_iter().filter_map(|it| serde_json::from_value(it).ok()).collect())
}

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
    #[serde(default, deserialize_with = "known")]
    pub url: String,
    #[serde(default, deserialize_with = "all_known")]
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
    #[serde(default, deserialize_with = "known")]
    pub name: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default, deserialize_with = "known")]
    select: Options,
    #[serde(default, deserialize_with = "known")]
    multi_select: Options,
    #[serde(default, deserialize_with = "known")]
    status: Options,
    #[serde(default, deserialize_with = "known")]
    relation: RelationJson,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Options {
    #[serde(deserialize_with = "all_known")]
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
    #[serde(default, deserialize_with = "known")]
    pub url: String,
    #[serde(default)]
    pub created_time: String,
    #[serde(default, deserialize_with = "known")]
    pub created_by: Named,
    #[serde(default)]
    pub last_edited_time: String,
    #[serde(default, deserialize_with = "known")]
    pub last_edited_by: Named,
    #[serde(default, deserialize_with = "known")]
    pub properties: BTreeMap<String, Json>,
}

impl Page {
    /// The ids of its columns, with Notion's words for what they hold.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.values().filter_map(|value| Some((value.get("id")?.as_str()?, value.get("type")?.as_str()?)))
    }

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
    #[serde(default, deserialize_with = "known")]
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
    #[serde(default, deserialize_with = "known")]
    pub created_by: Named,
    #[serde(default, deserialize_with = "known")]
    pub child_database: ChildDatabase,
    #[serde(default)]
    callout: Callout,
}

impl BlockState {
    /// The emoji of a callout.
    pub fn emoji(&self) -> Option<&str> {
        self.callout.icon.get("emoji")?.as_str()
    }

    /// The words in the frame of a callout; empty for any other block.
    pub fn words(&self) -> String {
        self.callout.rich_text.iter().map(|run| run.plain_text.as_str()).collect()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Callout {
    #[serde(default)]
    rich_text: Vec<Plain>,
    #[serde(default)]
    icon: Json,
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
    #[serde(default, deserialize_with = "known")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "known")]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_of_kinds_that_nobody_has_heard_of_spoil_nothing() {
        let status = json!({"id": "st", "name": "Status", "type": "select",
            "select": {"options": [{"id": "o1", "name": "Done", "color": "new"}, {"text": "no id"}], "groups": 7}});
        for strange in [
            json!({"id": "x", "name": "X", "type": "hologram", "hologram": {"depth": 3}}),
            json!({"id": "x", "name": null, "type": "place", "place": null, "select": null, "relation": null}),
            json!({"id": "x", "type": "select", "select": [1, 2]}),
            json!({"id": "x", "type": "relation", "relation": {"dual_property": "somewhere"}}),
            json!({"id": "x", "type": "status", "status": {"options": "none"}}),
        ] {
            let told = json!({"object": "data_source", "id": "s", "in_trash": false, "is_holographic": {"x": []},
                "properties": {"Status": status, "X": strange}});
            let source: DataSource = serde_json::from_value(told).unwrap();
            let [known] = source.properties["Status"].options() else { panic!("{source:?}") };
            assert_eq!((known.id.as_str(), known.name.as_str()), ("o1", "Done"));
            let (column, kind) = (&source.properties["X"], strange["type"].as_str().unwrap());
            assert_eq!((column.id.as_str(), column.kind.as_str()), ("x", kind));
            assert!(column.options().is_empty() && column.reverse().is_none(), "{column:?}");
        }
    }

    #[test]
    fn rows_blocks_and_people_with_something_new_are_read() {
        let row = json!({"object": "page", "id": "p", "in_trash": false, "last_edited_by": null, "mood": "good",
            "created_by": {"object": "agent", "id": "a", "name": 7}, "url": null,
            "properties": {"X": {"id": "x", "type": "hologram", "hologram": {"depth": 3}}, "Y": null}});
        let page: Page = serde_json::from_value(row).unwrap();
        assert_eq!((page.id.as_str(), page.created_by.id.as_str(), page.last_edited_by.id.as_str()), ("p", "a", ""));
        // What it is, nobody knows: it is somebody's own.
        assert_eq!(page.own_values().collect::<Vec<_>>(), [("x", true)]);
        let blocks = json!({"object": "list", "type": "block", "block": {}, "next_cursor": null, "has_more": false,
            "request_status": "fine", "results": [
                {"object": "block", "id": "b", "type": "hologram", "hologram": {}, "has_children": false},
                {"object": "block", "id": "c", "type": "child_database", "child_database": null, "created_by": null}]});
        let list: List<BlockState> = serde_json::from_value(blocks).unwrap();
        let kinds: Vec<&str> = list.results.iter().map(|block| block.kind.as_str()).collect();
        assert_eq!((kinds, list.next(), list.is_cut()), (vec!["hologram", "child_database"], None, false));
        for (told, email) in [
            (json!({"object": "user", "id": "u", "type": "agent", "agent": {}, "name": null}), None),
            (json!({"object": "user", "id": "u", "person": {"email": null, "age": 7}, "name": {}}), None),
            (json!({"object": "user", "id": "u", "person": {"email": "a@b.example", "age": 7}}), Some("a@b.example")),
        ] {
            let user: User = serde_json::from_value(told).unwrap();
            assert_eq!((user.id.as_str(), user.email()), ("u", email));
        }
        let database = json!({"id": "d", "in_trash": true, "description": [{"type": "hologram"}, 7],
            "data_sources": [{"id": "s", "name": "x", "kind": "external"}], "views": []});
        let database: DatabaseState = serde_json::from_value(database).unwrap();
        assert_eq!((database.in_trash, database.words().as_str(), database.data_sources.len()), (true, "", 1));
    }
}
