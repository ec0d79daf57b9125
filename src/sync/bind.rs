//! A row's cells with Notion's ids in the place of Jira's (S33, S39, S41). Pure.

use std::collections::{BTreeMap, HashMap};

use super::cell::{Cell, Choice};
use super::columns::Column;
use super::state::Home;
use crate::notion::property::Value;
use crate::notion::rich_text::RichText;

/// What a call can send, and what has to wait.
#[derive(Debug, Default)]
pub(super) struct Bound<'h> {
    /// By Notion's ids of the columns.
    pub values: BTreeMap<&'h str, Value>,
    /// Jira's ids of issues that stand above this one or are linked to it and have no row yet.
    pub absent: Vec<String>,
}

/// Binds what there are columns for. `pages` are the rows that are there, by Jira's ids.
pub(super) fn bind<'h>(home: &'h Home, cells: &[(String, Cell)], pages: &HashMap<String, String>) -> Bound<'h> {
    let mut bound = Bound::default();
    for (key, cell) in cells {
        let (Some(there), Some(column)) = (home.columns.get(key), home.planned.column(key)) else { continue };
        let value = value(home, column, cell, pages, &mut bound.absent);
        bound.values.insert(there.id.as_str(), value);
    }
    bound
}

fn value(
    home: &Home,
    column: &Column,
    cell: &Cell,
    pages: &HashMap<String, String>,
    absent: &mut Vec<String>,
) -> Value {
    let pick = |choice: &Choice| home.options.pick(&column.key, choice);
    match cell {
        Cell::Title(text) if text.is_empty() => Value::Title(Vec::new()),
        Cell::Title(text) => Value::Title(vec![RichText::plain(text)]),
        Cell::Text(text) => Value::RichText(text.clone()),
        Cell::Url(url) => Value::Url(url.clone()),
        Cell::Number(number) => Value::Number(*number),
        Cell::Select(choice) => Value::Select(choice.as_ref().map(pick)),
        Cell::Status(choice) => Value::Status(choice.as_ref().map(pick)),
        Cell::MultiSelect(choices) => Value::MultiSelect(choices.iter().map(pick).collect()),
        Cell::People(people) => Value::People(people.clone()),
        Cell::Date(date) => Value::Date(date.clone()),
        Cell::Relation(issues) => {
            let (there, missing): (Vec<&String>, Vec<&String>) = issues.iter().partition(|id| pages.contains_key(*id));
            absent.extend(missing.into_iter().cloned());
            Value::Relation(there.into_iter().filter_map(|id| pages.get(id).cloned()).collect())
        }
    }
}

/// What empties a cell, by Notion's word for what it holds; none where nobody writes such a cell.
pub(super) fn empty(kind: &str) -> Option<Value> {
    Some(match kind {
        "title" => Value::Title(Vec::new()),
        "rich_text" => Value::RichText(Vec::new()),
        "url" => Value::Url(None),
        "number" => Value::Number(None),
        "select" => Value::Select(None),
        "multi_select" => Value::MultiSelect(Vec::new()),
        "status" => Value::Status(None),
        "people" => Value::People(Vec::new()),
        "date" => Value::Date(None),
        "relation" => Value::Relation(Vec::new()),
        _ => return None,
    })
}
