//! The value of a custom field as a line of text (jira-auth-and-rest §8). Pure.
//!
//! The schema decides where two types look alike; else the shape of the JSON does, so that fields of apps nobody has
//! heard of still read well.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::model::{Field, RichText};
use super::text;

/// Characters of a value.
const LONGEST: usize = 255;
/// Members of a list that are shown.
const MOST: usize = 50;

const TEAMS: [&str; 2] = [
    "com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team",
    "com.atlassian.teams:rm-teams-custom-field-team",
];

/// What a reader is shown, or nothing where the value is empty or says nothing to a person. Dates are ISO 8601.
pub fn display(field: &Field, value: &Value) -> Option<String> {
    let schema = field.schema.as_deref().unwrap_or_default();
    let text = match value {
        // A team that is told by its id alone has no name here.
        Value::String(_) if TEAMS.contains(&schema) => None,
        _ if schema.ends_with(":textarea") => Some(text::plain_text(&rich(value)?, LONGEST)),
        Value::String(json) if schema == "jira.polaris:interval" || json.starts_with('{') => {
            serde_json::from_str(json).ok().and_then(|value| range(&value)).or_else(|| words(value))
        }
        Value::String(instant) if field.value_type.as_deref() == Some("datetime") => Some(utc(instant).into_owned()),
        value => range(value).or_else(|| words(value)),
    };
    text.map(|text| text::clean_line(&text, LONGEST)).filter(|text| !text.is_empty())
}

/// Long text in the form in which this Jira keeps it.
fn rich(value: &Value) -> Option<RichText> {
    match value {
        Value::String(wiki) => Some(RichText::Wiki(wiki.clone())),
        Value::Object(_) => Some(RichText::Adf(value.clone())),
        _ => None,
    }
}

/// What a value of any shape says: a list by what its members say, an object by its name. Not cut, not cleaned.
pub fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(self::number(number)),
        Value::Bool(true) => Some("Yes".to_owned()),
        Value::Array(list) => {
            let shown: Vec<String> = list.iter().filter_map(words).filter(|it| !it.is_empty()).take(MOST).collect();
            (!shown.is_empty()).then(|| shown.join(", "))
        }
        Value::Object(object) => {
            // An ADF document where nothing said so.
            if object.get("type").and_then(Value::as_str) == Some("doc") {
                return Some(text::plain_text(&RichText::Adf(value.clone()), LONGEST));
            }
            // Options, people, versions, groups, projects, teams, issues.
            let name = ["value", "displayName", "name", "title", "key"]
                .into_iter()
                .find_map(|name| object.get(name)?.as_str())?;
            match object.get("child").and_then(words) {
                Some(child) => Some(format!("{name} → {child}")),
                None => Some(name.to_owned()),
            }
        }
        Value::Null | Value::Bool(false) => None,
    }
}

/// `3.0` is three.
fn number(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// `{"start": …, "end": …}`: an interval of Product Discovery.
fn range(value: &Value) -> Option<String> {
    let day = |name: &str| value.get(name)?.as_str()?.parse::<Date>().ok();
    span(day("start"), day("end"))
}

/// A span of days in words; either end may be open.
pub fn span<T: PartialEq + std::fmt::Display>(start: Option<T>, end: Option<T>) -> Option<String> {
    match (start, end) {
        (Some(start), Some(end)) if start == end => Some(start.to_string()),
        (Some(start), Some(end)) => Some(format!("{start} to {end}")),
        (Some(start), None) => Some(format!("from {start}")),
        (None, Some(end)) => Some(format!("until {end}")),
        (None, None) => None,
    }
}

/// An instant with any offset in UTC; what is none stays as it is.
fn utc(text: &str) -> Cow<'_, str> {
    match text.parse::<Timestamp>() {
        Ok(at) => at.to_string().into(),
        Err(_) => text.into(),
    }
}

/// A sprint as an issue names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SprintRef {
    /// Jira's number of it, where it tells one.
    pub id: Option<u64>,
    pub name: String,
    pub closed: bool,
    /// Whether it runs now.
    pub active: bool,
    /// When it ended, else when it began or shall begin.
    pub at: Option<Timestamp>,
}

/// The names of the sprints of an issue that run or are to come, else of the last one.
pub fn sprints(value: &Value) -> Vec<String> {
    let (closed, open): (Vec<_>, Vec<_>) = sprint_refs(value).partition(|sprint| sprint.closed);
    let shown = if open.is_empty() { closed.into_iter().next_back().into_iter().collect() } else { open };
    shown.into_iter().take(MOST).map(|sprint| sprint.name).collect()
}

/// The sprints of an issue: objects (Cloud, newer servers) or the printed form of a Java object (Data Center, Server),
/// whose order varies and whose names may hold commas, equals signs and brackets.
pub fn sprint_refs(value: &Value) -> impl Iterator<Item = SprintRef> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(sprint)
}

fn sprint(value: &Value) -> Option<SprintRef> {
    match value {
        Value::Object(object) => {
            let id = object.get("id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
            sprint_of(id, |name| object.get(name).and_then(Value::as_str))
        }
        Value::String(printed) => {
            let (_, members) = printed.split_once('[')?;
            let members = members.strip_suffix(']').unwrap_or(members);
            let id = member(members, "id").and_then(|id| id.parse().ok());
            sprint_of(id, |name| member(members, name))
        }
        _ => None,
    }
}

fn sprint_of<'t>(id: Option<u64>, text: impl Fn(&str) -> Option<&'t str>) -> Option<SprintRef> {
    let state = text("state").unwrap_or_default();
    let at = |name: &str| text(name)?.parse().ok();
    Some(SprintRef {
        id,
        name: text("name")?.to_owned(),
        closed: state.eq_ignore_ascii_case("closed"),
        active: state.eq_ignore_ascii_case("active"),
        at: at("completeDate").or_else(|| at("startDate")),
    })
}

/// What these objects print, and nothing else: a comma ends a value only if one of these names follows.
const MEMBERS: [&str; 14] = [
    "id",
    "rapidViewId",
    "state",
    "name",
    "startDate",
    "endDate",
    "completeDate",
    "activatedDate",
    "sequence",
    "goal",
    "autoStartStop",
    "synced",
    "incompleteIssuesDestinationId",
    "originBoardId",
];

fn member<'t>(members: &'t str, wanted: &str) -> Option<&'t str> {
    let starts = |at: usize| {
        let rest = members.get(at..)?;
        let name = MEMBERS.into_iter().find(|name| rest.strip_prefix(name).is_some_and(|it| it.starts_with('=')))?;
        Some((name, at + name.len() + 1))
    };
    let boundaries = std::iter::once(0).chain(members.match_indices(',').map(|(at, _)| at + 1));
    let mut found = None;
    for at in boundaries {
        let Some((name, value_at)) = starts(at) else { continue };
        match found {
            Some(begin) => return members.get(begin..at - 1),
            None if name == wanted => found = Some(value_at),
            None => {}
        }
    }
    members.get(found?..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(schema: &str, value_type: &str, value: Value) -> Option<String> {
        let field = Field {
            id: "customfield_1".to_owned(),
            name: "F".to_owned(),
            custom: true,
            schema: Some(schema.to_owned()),
            system: None,
            value_type: Some(value_type.to_owned()),
            items: None,
            project: None,
        };
        display(&field, &value)
    }

    #[test]
    fn every_type_of_the_table_reads_well() {
        const P: &str = "com.atlassian.jira.plugin.system.customfieldtypes";
        let adf = json!({"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]});
        let table = [
            ("select", "option", json!({"value": "Red", "id": "10010"}), Some("Red")),
            ("multiselect", "array", json!([{"value": "Red"}, {"value": "Blue"}]), Some("Red, Blue")),
            ("cascadingselect", "option-with-child", json!({"value": "A", "child": {"value": "B"}}), Some("A → B")),
            ("textfield", "string", json!("x"), Some("x")),
            ("textarea", "string", json!("h1. Hi\n*there*"), Some("Hi there")),
            ("textarea", "string", adf, Some("Hello")),
            ("float", "number", json!(3.0), Some("3")),
            ("float", "number", json!(2.5), Some("2.5")),
            ("float", "number", json!(-1e21), Some("-1e+21")),
            ("datepicker", "date", json!("2026-10-15"), Some("2026-10-15")),
            ("datetime", "datetime", json!("2026-10-15T09:00:00.000+0200"), Some("2026-10-15T07:00:00Z")),
            ("labels", "array", json!(["a", "b"]), Some("a, b")),
            ("userpicker", "user", json!({"accountId": "5b", "displayName": "Mia"}), Some("Mia")),
            ("userpicker", "user", json!({"name": "mia", "key": "JIRAUSER1", "displayName": "Mia"}), Some("Mia")),
            ("multigrouppicker", "array", json!([{"name": "devs"}]), Some("devs")),
            ("project", "project", json!({"id": "1", "key": "OPS", "name": "Operations"}), Some("Operations")),
            ("multiversion", "array", json!([{"name": "1.0"}, {"name": "1.1"}]), Some("1.0, 1.1")),
            ("atlassian-team", "team", json!({"id": "u", "name": "Team A"}), Some("Team A")),
            ("atlassian-team", "team", json!("36885b3c-1bf0-4f85-a357-c5b858c31de4"), None),
            ("select", "option", Value::Null, None),
            ("multiselect", "array", json!([]), None),
            ("unknown-app", "any", json!({"some": {"deep": 1}}), None),
            ("unknown-app", "any", json!({"title": "Shown"}), Some("Shown")),
        ];
        for (schema, value_type, value, expected) in table {
            let schema = format!("{P}:{schema}");
            assert_eq!(shown(&schema, value_type, value.clone()).as_deref(), expected, "{schema} {value}");
        }
        let interval = json!({"start": "2026-01-01", "end": "2026-03-31"});
        let text = json!(interval.to_string());
        for value in [interval, text] {
            assert_eq!(shown("jira.polaris:interval", "string", value).as_deref(), Some("2026-01-01 to 2026-03-31"));
        }
        assert_eq!(shown("jira.polaris:rating", "number", json!(4)).as_deref(), Some("4"));
    }

    #[test]
    fn the_sprint_that_runs_is_found_behind_many_that_are_closed() {
        let mut all: Vec<Value> = (0..80).map(|at| json!({"name": format!("S {at}"), "state": "closed"})).collect();
        assert_eq!(sprints(&json!(all)), ["S 79"]);
        all.push(json!({"name": "S 80", "state": "active"}));
        assert_eq!(sprints(&json!(all)), ["S 80"]);
        assert_eq!(sprints(&json!(vec![json!({"name": "S", "state": "future"}); 80])).len(), MOST);
    }

    #[test]
    fn a_printed_sprint_of_any_length_is_read_in_one_go() {
        let printed = format!("Sprint[name={},state=CLOSED]", ",".repeat(2_000_000));
        assert_eq!(sprints(&json!([printed]))[0].len(), 2_000_000);
    }

    #[test]
    fn sprints_are_read_in_both_forms() {
        let printed = |members: &str| json!(format!("com.atlassian.greenhopper.service.sprint.Sprint@1f[{members}]"));
        let table = [
            (json!([{"id": 37, "name": "S 4", "state": "active"}, {"name": "S 3", "state": "closed"}]), vec!["S 4"]),
            (json!([{"name": "S 2", "state": "closed"}, {"name": "S 3", "state": "closed"}]), vec!["S 3"]),
            (json!([printed("id=37,rapidViewId=5,state=ACTIVE,name=S 4,startDate=<null>,goal=")]), vec!["S 4"]),
            (json!([printed("name=A, b=c] [x,state=FUTURE,id=1")]), vec!["A, b=c] [x"]),
            (json!([printed("id=1,state=CLOSED,name=Old"), printed("goal=g,state=ACTIVE,name=New")]), vec!["New"]),
            (json!([printed("state=ACTIVE,name=last]")]), vec!["last]"]),
            (json!(["Sprint", 7, null, "x[", {"state": "active"}]), vec![]),
            (json!("x"), vec![]),
        ];
        for (value, expected) in table {
            assert_eq!(sprints(&value), expected, "{value}");
        }
    }
}
