//! Which columns a synced database has, and what its cells say (synced-database §3).

mod any_json;
mod cells;
mod names;
mod options;
mod people;
mod plan;
mod recorded;
mod relations;
mod texts;

use std::collections::BTreeMap;

use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::jira::model::Field;
use jira_notion_gateway::notion::rich_text::{Content, RichText};
use jira_notion_gateway::sync::cell::{Cell, Choice};
use jira_notion_gateway::sync::cells::{self as room, Context, Issue, Loss, People, Rendered, Rows};
use jira_notion_gateway::sync::columns::{self, Class, Occurring, Planned, Taken, Wish};
use serde_json::{Map, Value, json};

const P: &str = "com.atlassian.jira.plugin.system.customfieldtypes";

/// One row of `/field`.
fn field_of(row: &Value) -> Field {
    let text = |pointer: &str| row.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Field {
        id: text("/id").unwrap(),
        name: text("/name").unwrap(),
        custom: row["custom"] == true,
        schema: text("/schema/custom").or_else(|| text("/schema/system")),
        system: text("/schema/system"),
        value_type: text("/schema/type"),
        items: text("/schema/items"),
        project: text("/scope/project/id"),
    }
}

fn system(id: &str) -> Field {
    field_of(&json!({"id": id, "name": id, "schema": {"type": "any", "system": id}}))
}

/// A custom field; a type like `array(option)` has items.
fn custom(number: u32, name: &str, schema: &str, kind: &str) -> Field {
    let (kind, items) = match kind.strip_suffix(')').and_then(|kind| kind.split_once('(')) {
        Some((kind, items)) => (kind, Some(items)),
        None => (kind, None),
    };
    field_of(&json!({"id": format!("customfield_{number}"), "name": name, "custom": true,
        "schema": {"custom": schema, "type": kind, "items": items}}))
}

fn occurring(fields: &[Field]) -> Occurring {
    Occurring { fields: fields.iter().map(|field| field.id.clone()).collect(), ..Occurring::default() }
}

fn plan(fields: &[Field]) -> Planned {
    columns::plan(fields, &occurring(fields), &Taken::default(), &Wish { with_security: true, ..Wish::default() })
}

fn class<'p>(planned: &'p Planned, field: &str) -> &'p Class {
    &planned.fates.iter().find(|fate| fate.field == field).unwrap_or_else(|| panic!("no fate of {field}")).class
}

/// What cells depend on, for an issue 10001 of the project ACME with some neighbours.
struct Place {
    site: SiteUrl,
    people: People,
    rows: Rows,
    teams: BTreeMap<String, String>,
}

impl Place {
    fn new() -> Self {
        let mut people = People::default();
        people.set("acc-1", "notion-1");
        people.set("JIRAUSER2", "notion-2");
        people.add_member("Cleo@Example.com", "notion-3");
        let mut rows = Rows::default();
        for (id, key) in [("10001", "ACME-1"), ("10002", "ACME-2"), ("10003", "ACME-3")] {
            rows.add(id, key);
        }
        let teams = [("t-1".to_owned(), "Team One".to_owned())].into();
        Self { site: SiteUrl::parse("https://jira.example.com").unwrap(), people, rows, teams }
    }

    fn render(&self, planned: &Planned, fields: &Map<String, Value>) -> Rendered {
        let context = Context { site: &self.site, people: &self.people, rows: &self.rows, teams: &self.teams };
        room::cells(&Issue { id: "10001", key: "ACME-1", fields }, &planned.columns, &context)
    }
}

/// The row of an issue with these fields.
fn row(planned: &Planned, fields: Value) -> Rendered {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    Place::new().render(planned, &fields)
}

fn cell<'r>(row: &'r Rendered, key: &str) -> &'r Cell {
    &row.cells.iter().find(|(of, _)| of == key).unwrap_or_else(|| panic!("no cell of {key}")).1
}

/// The cell and the losses of one field with one value.
fn shown(field: &Field, value: Value) -> (String, Vec<Loss>) {
    let planned = plan(std::slice::from_ref(field));
    let key = if field.id == "issuekey" { "key" } else { &field.id };
    let row = row(&planned, json!({ &field.id: value }));
    let losses = row.losses.iter().filter(|loss| loss.column == key).cloned().collect();
    (say(cell(&row, key)), losses)
}

/// A cell in one line.
fn say(cell: &Cell) -> String {
    let option = |choice: &Choice| format!("{}={}", choice.id, choice.name);
    match cell {
        Cell::Title(text) => format!("title {text}"),
        Cell::Text(runs) => format!("text {}", runs.iter().map(say_run).collect::<String>()),
        Cell::Url(url) => format!("url {}", url.as_deref().unwrap_or("-")),
        Cell::Number(number) => number.map_or_else(|| "number -".to_owned(), |number| format!("number {number}")),
        Cell::Select(choice) => format!("select {}", choice.as_ref().map_or_else(|| "-".to_owned(), option)),
        Cell::Status(choice) => format!("status {}", choice.as_ref().map_or_else(|| "-".to_owned(), option)),
        Cell::MultiSelect(choices) => {
            format!("multi {}", choices.iter().map(option).collect::<Vec<_>>().join(" | "))
        }
        Cell::People(people) => format!("people {}", people.join(" ")),
        Cell::Date(None) => "date -".to_owned(),
        Cell::Date(Some(date)) => match &date.end {
            None => format!("date {}", date.start),
            Some(end) => format!("date {} to {end}", date.start),
        },
        Cell::Relation(ids) => format!("rows {}", ids.join(" ")),
    }
}

fn say_run(run: &RichText) -> String {
    let Content::Text { text, link } = &run.content else { return "(mention)".to_owned() };
    let mut said = text.clone();
    for (mark, sign) in [(run.marks.bold, "**"), (run.marks.italic, "_"), (run.marks.code, "`")] {
        if mark {
            said = format!("{sign}{said}{sign}");
        }
    }
    link.as_ref().map_or_else(|| said.clone(), |link| format!("[{said}]({link})"))
}
