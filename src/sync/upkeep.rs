//! What becomes of columns that are there when Jira's fields are not what they were (§1.4, S41). Pure.
//!
//! A name that a person has given to a column of ours stays, and no name is taken that another column has.

use super::fit::folded;
use super::state::Home;
use crate::notion::told::DataSource;

/// A column that gets another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Renamed {
    /// Ours.
    pub key: String,
    /// Notion's.
    pub id: String,
    pub name: String,
}

/// The names of columns that people have made, or have given to ours.
pub(super) fn own_names(home: &Home, source: &DataSource) -> Vec<String> {
    let is_as_given = |id: &str, name: &str| home.columns.values().any(|it| it.id == id && it.name == name);
    let names = source.properties.iter().filter(|(name, it)| !is_as_given(&it.id, name));
    names.map(|(name, _)| name.clone()).collect()
}

/// Columns whose fields hold something else than before: they stay as they are under a name that says so, and make room.
pub(super) fn retired(home: &Home, source: &DataSource) -> Vec<Renamed> {
    let of_other_kind = home.columns.iter().filter(|(key, there)| {
        let planned = home.planned.column(key).map(|it| it.kind.name());
        !there.kind.is_empty() && planned.is_some_and(|kind| kind != there.kind)
    });
    of_other_kind.map(|(key, there)| marked(key, &there.id, &there.name, "old", source)).collect()
}

/// Columns whose fields have other names in Jira now.
pub(super) fn renamed(home: &Home, source: &DataSource) -> Vec<Renamed> {
    let columns = home.planned.columns.iter().filter(|column| column.reverse_of.is_none());
    let renamed = columns.filter_map(|column| {
        let there = home.columns.get(&column.key)?;
        let is_as_given = source.properties.get(&there.name).is_some_and(|it| it.id == there.id);
        let is_new = there.name != column.name && there.kind == column.kind.name();
        (is_new && is_as_given && !is_taken(&column.name, &there.id, source)).then(|| Renamed {
            key: column.key.clone(),
            id: there.id.clone(),
            name: column.name.clone(),
        })
    });
    renamed.collect()
}

/// A column under a name that says what is the matter with it, and that no other column has. The name that a person has
/// given it stays a part of it.
pub(super) fn marked(key: &str, id: &str, given: &str, what: &str, source: &DataSource) -> Renamed {
    let now = source.properties.iter().find(|(_, it)| it.id == id).map_or(given, |(name, _)| name);
    let numbered = (2_u32..).map(|number| format!("{now} ({what} {number})"));
    let mut names = std::iter::once(format!("{now} ({what})")).chain(numbered);
    let name = names.find(|name| !is_taken(name, id, source)).unwrap_or_default();
    Renamed { key: key.to_owned(), id: id.to_owned(), name }
}

/// Whether another column has the name, whatever its case.
fn is_taken(name: &str, id: &str, source: &DataSource) -> bool {
    let name = folded(name);
    source.properties.iter().any(|(other, it)| it.id != id && folded(other) == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sync::columns::{Column, Kind, Reading};
    use crate::sync::state::HomeColumn;

    fn source(columns: &[(&str, &str)]) -> DataSource {
        let properties: serde_json::Map<String, serde_json::Value> =
            columns.iter().map(|(name, id)| ((*name).to_owned(), json!({"id": id, "type": "select"}))).collect();
        serde_json::from_value(json!({"id": "source", "properties": properties})).unwrap()
    }

    fn home(columns: &[(&str, &str, Kind)]) -> Home {
        let mut home = Home::default();
        for (key, name, kind) in columns {
            home.planned.columns.push(Column {
                key: (*key).to_owned(),
                name: (*name).to_owned(),
                kind: *kind,
                reading: Reading::Choice,
                fields: Vec::new(),
                hidden: false,
                slow: false,
                reverse_of: None,
                lost: None,
            });
            let (id, name, kind) = (format!("id-{key}"), (*key).to_owned(), "select".to_owned());
            home.columns.insert((*key).to_owned(), HomeColumn { id, name, kind });
        }
        home
    }

    #[test]
    fn a_renamed_field_renames_its_column_unless_a_person_has() {
        let home = home(&[("Team", "Squad", Kind::Select)]);
        let table = [
            (source(&[("Team", "id-Team")]), Some("Squad")),
            (source(&[("Our team", "id-Team")]), None),
            // Somebody's own column has the name.
            (source(&[("Team", "id-Team"), ("squad", "own")]), None),
        ];
        for (source, expected) in table {
            let names: Vec<String> = renamed(&home, &source).into_iter().map(|it| it.name).collect();
            assert_eq!(names, expected.into_iter().collect::<Vec<_>>(), "{source:?}");
        }
    }

    #[test]
    fn a_column_of_another_kind_makes_room_under_a_name_that_says_so() {
        let home = home(&[("Labels", "Labels", Kind::Text), ("Team", "Team", Kind::Select)]);
        let table = [
            (source(&[("Labels", "id-Labels")]), "Labels (old)"),
            (source(&[("Tags", "id-Labels")]), "Tags (old)"),
            (source(&[("Labels", "id-Labels"), ("labels (OLD)", "own")]), "Labels (old 2)"),
        ];
        for (source, expected) in table {
            let retired = retired(&home, &source);
            assert_eq!(retired.len(), 1, "{retired:?}");
            assert_eq!((retired[0].key.as_str(), retired[0].name.as_str()), ("Labels", expected));
        }
    }

    #[test]
    fn names_that_people_have_given_are_their_own() {
        let home = home(&[("Team", "Team", Kind::Select), ("Labels", "Labels", Kind::Select)]);
        let source = source(&[("Team", "id-Team"), ("Tags", "id-Labels"), ("Notes", "own")]);
        assert_eq!(own_names(&home, &source), ["Notes", "Tags"]);
    }
}
