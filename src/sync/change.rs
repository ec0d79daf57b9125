//! What a cell shows and what it is to show, in words for people, before anything is written (synced-database §8). Pure.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value as Json;

use super::cell::Cell;
use super::fit::line;
use crate::notion::property::{Date, Pick, Value};
use crate::notion::rich_text::{Content, RichText};

/// A cell that gets another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub column: String,
    /// None: it is empty.
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Keys of issues: by Jira's ids, and by the ids of their rows.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub by_issue: HashMap<String, String>,
    pub by_page: HashMap<String, String>,
}

/// UTF-16 units of a value that is shown.
const UNITS: usize = 200;

/// Whether a cell already holds a value, as far as an answer of Notion tells: `there` is one of its properties.
pub(super) fn holds(there: &Json, value: &Value) -> bool {
    let held = held(there);
    match value {
        Value::Title(text) | Value::RichText(text) => words(text) == plain(held),
        Value::Url(url) => held.as_str() == url.as_deref(),
        Value::Number(number) => held.as_f64() == *number,
        Value::Select(None) | Value::Status(None) => held.is_null(),
        Value::Select(Some(pick)) | Value::Status(Some(pick)) => is_pick(held, pick),
        Value::MultiSelect(picks) => {
            let all = list(held);
            all.len() == picks.len() && picks.iter().all(|pick| all.iter().any(|it| is_pick(it, pick)))
        }
        Value::People(ids) => ids_of(held) == ids.iter().map(String::as_str).collect(),
        Value::Relation(ids) => {
            let (shown, wanted) = (ids_of(held), ids.iter().map(String::as_str).collect::<BTreeSet<_>>());
            // Notion tells the first ones only.
            if there["has_more"] == true { shown.is_subset(&wanted) } else { shown == wanted }
        }
        Value::Date(None) => held.is_null(),
        Value::Date(Some(Date { start, end })) => {
            let end = end.as_deref();
            held["start"].as_str().is_some_and(|it| is_same_time(it, start))
                && match (held["end"].as_str(), end) {
                    (Some(there), Some(end)) => is_same_time(there, end),
                    (there, end) => there.is_none() && end.is_none(),
                }
        }
    }
}

/// What stands in a cell, as an answer of Notion tells. `None`: nothing.
pub(super) fn old(there: &Json, keys: &Keys) -> Option<String> {
    let held = held(there);
    let name = |it: &Json| it["name"].as_str().or(it["id"].as_str()).unwrap_or_default().to_owned();
    let kind = there["type"].as_str().unwrap_or_default();
    shown(match kind {
        "title" | "rich_text" => plain_with_mentions(held),
        "relation" => join(list(held).iter().map(|it| {
            let id = it["id"].as_str().unwrap_or_default();
            keys.by_page.get(id).cloned().unwrap_or_else(|| id.to_owned())
        })),
        "date" => span(held["start"].as_str().unwrap_or_default(), held["end"].as_str()),
        _ => match held {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
            Json::Array(all) => join(all.iter().map(name)),
            Json::Object(_) => name(held),
            Json::Null | Json::Bool(_) => String::new(),
        },
    })
}

/// What a cell is to show; `people` are the names of those in it. `None`: nothing.
pub(super) fn new(cell: &Cell, people: Option<&str>, keys: &Keys) -> Option<String> {
    shown(match cell {
        Cell::Title(text) => text.clone(),
        Cell::Text(runs) => words(runs),
        Cell::Url(url) => url.clone().unwrap_or_default(),
        Cell::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
        Cell::Select(choice) | Cell::Status(choice) => {
            choice.as_ref().map(|choice| choice.name.clone()).unwrap_or_default()
        }
        Cell::MultiSelect(choices) => join(choices.iter().map(|choice| choice.name.clone())),
        Cell::People(ids) if ids.is_empty() => String::new(),
        Cell::People(ids) => people.map_or_else(|| join(ids.iter().cloned()), str::to_owned),
        Cell::Date(date) => date.as_ref().map(|date| span(&date.start, date.end.as_deref())).unwrap_or_default(),
        Cell::Relation(ids) => join(ids.iter().map(|id| keys.by_issue.get(id).cloned().unwrap_or_else(|| id.clone()))),
    })
}

fn shown(text: String) -> Option<String> {
    let (mut line, is_cut) = line(&text, UNITS);
    if is_cut {
        line.push('…');
    }
    Some(line).filter(|line| !line.is_empty())
}

fn held(there: &Json) -> &Json {
    there["type"].as_str().map_or(&Json::Null, |kind| &there[kind])
}

fn list(held: &Json) -> &[Json] {
    held.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn ids_of(held: &Json) -> BTreeSet<&str> {
    list(held).iter().filter_map(|it| it["id"].as_str()).collect()
}

fn is_pick(option: &Json, pick: &Pick) -> bool {
    match pick {
        Pick::Id(id) => option["id"].as_str() == Some(id),
        Pick::Name(name) => option["name"].as_str() == Some(name),
    }
}

/// Notion keeps times of the minute.
fn is_same_time(one: &str, other: &str) -> bool {
    match (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
        (Ok(one), Ok(other)) => one.duration_since(other).abs() < SignedDuration::from_mins(1),
        _ => one == other,
    }
}

/// Words alone: what a mention shows is Notion's concern.
fn words(runs: &[RichText]) -> String {
    let text =
        |run: &RichText| if let Content::Text { text, .. } = &run.content { text.clone() } else { String::new() };
    runs.iter().map(text).collect()
}

fn plain(held: &Json) -> String {
    let all = list(held).iter().filter(|it| it["type"] != "mention");
    all.filter_map(|it| it["plain_text"].as_str()).collect()
}

fn plain_with_mentions(held: &Json) -> String {
    list(held).iter().filter_map(|it| it["plain_text"].as_str()).collect()
}

fn span(start: &str, end: Option<&str>) -> String {
    let minute = |text: &str| text.replace('T', " ").replace(".000", "");
    end.map_or_else(|| minute(start), |end| format!("{} → {}", minute(start), minute(end)))
}

fn join(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn date(start: &str) -> Value {
        Value::Date(Some(Date { start: start.to_owned(), end: None }))
    }

    #[test]
    fn a_cell_holds_a_value_whatever_notion_makes_of_it() {
        let pick = |id: &str| Pick::Id(id.to_owned());
        let text = |text: &str| Value::RichText(vec![RichText::plain(text)]);
        let option = |id: &str, name: &str| json!({ "id": id, "name": name, "color": "red" });
        let day = |start: &str| json!({ "type": "date", "date": { "start": start, "end": null } });
        let several = json!({ "type": "multi_select", "multi_select": [option("1", "a"), option("2", "b")] });
        let related = json!({ "type": "relation", "relation": [{ "id": "p" }], "has_more": true });
        for (there, value, expected) in [
            (json!({ "type": "rich_text", "rich_text": [{ "plain_text": "one" }] }), text("one"), true),
            (json!({ "type": "rich_text", "rich_text": [] }), text("one"), false),
            (json!({ "type": "number", "number": 3 }), Value::Number(Some(3.0)), true),
            (json!({ "type": "number", "number": null }), Value::Number(None), true),
            (json!({ "type": "select", "select": option("1", "mine") }), Value::Select(Some(pick("1"))), true),
            (json!({ "type": "select", "select": null }), Value::Select(Some(pick("1"))), false),
            (several.clone(), Value::MultiSelect(vec![pick("2"), Pick::Name("a".to_owned())]), true),
            (several, Value::MultiSelect(vec![pick("2")]), false),
            (day("2026-11-22T10:00:00.000+01:00"), date("2026-11-22T09:00:31.000+00:00"), true),
            (day("2026-11-22"), date("2026-11-23"), false),
            (related.clone(), Value::Relation(vec!["p".to_owned(), "q".to_owned()]), true),
            (related, Value::Relation(vec!["q".to_owned()]), false),
        ] {
            assert_eq!(holds(&there, &value), expected, "{there} {value:?}");
        }
    }

    #[test]
    fn values_are_said_in_short_lines() {
        let keys = Keys {
            by_issue: HashMap::from([("7".to_owned(), "OPS-7".to_owned())]),
            by_page: HashMap::from([("p".to_owned(), "OPS-7".to_owned())]),
        };
        let related = json!({ "type": "relation", "relation": [{ "id": "p" }, { "id": "q" }] });
        assert_eq!(old(&related, &keys).as_deref(), Some("OPS-7, q"));
        assert_eq!(new(&Cell::Relation(vec!["7".to_owned()]), None, &keys).as_deref(), Some("OPS-7"));
        let people = json!({ "type": "people", "people": [{ "id": "u", "name": "Ana" }] });
        assert_eq!(old(&people, &keys).as_deref(), Some("Ana"));
        assert_eq!(new(&Cell::People(vec!["u".to_owned()]), Some("Ana"), &keys).as_deref(), Some("Ana"));
        assert_eq!(new(&Cell::People(Vec::new()), Some(""), &keys), None);
        let long = new(&Cell::Title("x".repeat(500)), None, &keys).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (201, true));
        let whole = json!({ "type": "number", "number": 3.0 });
        assert_eq!(old(&whole, &keys), new(&Cell::Number(Some(3.0)), None, &keys));
    }
}
