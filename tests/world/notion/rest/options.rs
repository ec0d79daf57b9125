//! Options of `select`, `multi_select` and `status` (notion-rest-api §3.2).

use serde_json::{Value, json};

use super::id::Id;
use super::limits::{ITEMS, SHORT, TEXT};
use super::place::At;
use super::refusal::Refusal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
    /// Of a status.
    pub group: Group,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// Where all options go that the API makes.
    #[default]
    ToDo,
    InProgress,
    Complete,
}

impl Choice {
    pub fn new(name: &str, color: Option<&str>) -> Self {
        let color = color.unwrap_or("default").to_owned();
        Self {
            id: Id::mint("option").to_string(),
            name: name.to_owned(),
            color,
            description: None,
            group: Group::default(),
        }
    }

    pub fn json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "color": self.color})
    }
}

pub const COLOURS: [&str; 10] =
    ["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// What a new status has when nobody said anything.
pub fn usual_statuses() -> Vec<Choice> {
    let three = [
        ("Not started", "default", Group::ToDo),
        ("In progress", "blue", Group::InProgress),
        ("Done", "green", Group::Complete),
    ];
    three.map(|(name, color, group)| Choice { group, ..Choice::new(name, Some(color)) }).into()
}

/// A name that an option may have.
pub fn name<'a>(at: &At<'a>) -> Result<&'a str, Refusal> {
    let name = at.words(SHORT)?;
    match name.contains(',') {
        true => Err(Refusal::invalid(format!("Invalid select option, commas not allowed: {name}"))),
        false => Ok(name),
    }
}

pub fn same_name(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The options after an update: those of `before` that are named, and new ones. What is left out is gone.
pub fn updated(at: &At<'_>, before: &[Choice]) -> Result<Vec<Choice>, Refusal> {
    let mut after: Vec<Choice> = Vec::new();
    for item in at.items(ITEMS)? {
        let choice = one(&item, before)?;
        if after.iter().any(|it| it.id == choice.id || same_name(&it.name, &choice.name)) {
            return Err(item.wrong("should have a name that no other option has, ignoring case"));
        }
        after.push(choice);
    }
    Ok(after)
}

fn one(at: &At<'_>, before: &[Choice]) -> Result<Choice, Refusal> {
    at.members(&["id", "name", "color", "description"])?;
    let color = at.set("color").map(|it| it.one_of(&COLOURS)).transpose()?;
    let description = at.set("description").map(|it| it.words(TEXT).map(str::to_owned)).transpose()?;
    let wanted = at.get("name").map(|it| name(&it)).transpose()?;
    let known = match at.set("id") {
        Some(id) => {
            let text = id.words(SHORT)?;
            Some(before.iter().find(|it| it.id == text).ok_or_else(|| id.wrong("should be the id of an option"))?)
        }
        None => before.iter().find(|it| wanted.is_some_and(|name| it.name == name)),
    };
    let Some(known) = known else {
        let name = wanted.ok_or_else(|| at.wrong("should have a name or an id"))?;
        return Ok(Choice { description, ..Choice::new(name, color) });
    };
    if wanted.is_some_and(|name| name != known.name) {
        return Err(Refusal::invalid(format!("Cannot update name of select with name: {}.", known.name)));
    }
    if color.is_some_and(|color| color != known.color) {
        return Err(Refusal::invalid(format!("Cannot update color of select with name: {}.", known.name)));
    }
    Ok(Choice { description: description.or_else(|| known.description.clone()), ..known.clone() })
}

/// As a schema shows them.
pub fn shown(all: &[Choice], is_status: bool) -> Value {
    let one = |it: &Choice| json!({"id": it.id, "name": it.name, "color": it.color, "description": it.description});
    let mut shown = json!({ "options": all.iter().map(one).collect::<Vec<_>>() });
    if is_status {
        let groups = [
            ("To-do", "gray", Group::ToDo),
            ("In progress", "blue", Group::InProgress),
            ("Complete", "green", Group::Complete),
        ];
        let group = |(name, color, group)| {
            let ids: Vec<&String> = all.iter().filter(|it| it.group == group).map(|it| &it.id).collect();
            json!({"id": format!("group-{color}"), "name": name, "color": color, "option_ids": ids})
        };
        shown["groups"] = groups.map(group).into_iter().collect();
    }
    shown
}
