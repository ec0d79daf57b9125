//! Options: things with an id and a name, whatever Jira calls them. The id decides, the name is shown. Pure.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::value::{member, members, text};
use super::{Losses, What};
use crate::jira::model::StatusCategory;
use crate::jira::value::{SprintRef, sprint_refs};
use crate::notion::rich_text::Color;
use crate::sync::cell::{Cell, Choice};

/// Priorities as every Jira has them at first, from the highest on; Notion's colours for them.
const PRIORITIES: [(&str, Color); 5] =
    [("1", Color::Red), ("2", Color::Orange), ("3", Color::Yellow), ("4", Color::Blue), ("5", Color::Gray)];

/// The one thing that a field names.
pub(super) fn one(value: &Value, field: &str, losses: &mut Losses) -> Option<Choice> {
    let mut choices = several(value, losses);
    losses.add(What::Rest, choices.len().saturating_sub(1), "");
    choices.truncate(1);
    let mut choice = choices.pop()?;
    if field == "priority"
        && let Some((_, color)) = PRIORITIES.iter().find(|(id, _)| *id == choice.id)
    {
        choice.color = *color;
    }
    Some(choice)
}

/// All things that a field names, each once.
pub(super) fn several(value: &Value, losses: &mut Losses) -> Vec<Choice> {
    let mut seen = HashSet::new();
    let mut choices = Vec::new();
    for member in members(value) {
        match of(member) {
            Some(choice) if seen.insert(choice.id.clone()) => choices.push(choice),
            Some(_) => {}
            None if member.is_null() => {}
            None => losses.shape(member),
        }
    }
    choices
}

/// Options, groups, versions, projects, teams, statuses; a label or an old server's value is its own id.
fn of(value: &Value) -> Option<Choice> {
    let Value::Object(object) = value else {
        let said = text(value)?;
        return Some(choice(said.clone(), said, Color::Default));
    };
    let name = name_of(object)?;
    let id = member(object, &["id", "groupId"]).unwrap_or_else(|| name.clone());
    let color = object.get("statusCategory").map_or(Color::Default, |category| color_of(category_of(category)));
    let Some(second) = object.get("child").and_then(Value::as_object) else { return Some(choice(id, name, color)) };
    // A choice in two steps; Jira has no deeper ones.
    let Some(second_name) = name_of(second) else { return Some(choice(id, name, color)) };
    let second_id = member(second, &["id"]).unwrap_or_else(|| second_name.clone());
    Some(choice(format!("{id}>{second_id}"), format!("{name} → {second_name}"), color))
}

fn name_of(object: &Map<String, Value>) -> Option<String> {
    member(object, &["value", "name", "title", "displayName", "key"])
}

fn choice(id: String, name: String, color: Color) -> Choice {
    Choice { id, name, color }
}

/// The category of a status, by its key (S52).
pub(super) fn status_category(status: &Value) -> Option<Choice> {
    let category = category_of(status.get("statusCategory")?);
    let (id, name) = match category {
        StatusCategory::ToDo => ("new", "To Do"),
        StatusCategory::InProgress => ("indeterminate", "In Progress"),
        StatusCategory::Done => ("done", "Done"),
        StatusCategory::Unknown => return None,
    };
    Some(choice(id.to_owned(), name.to_owned(), color_of(category)))
}

fn category_of(value: &Value) -> StatusCategory {
    let key = value.get("key").and_then(Value::as_str).unwrap_or_default();
    StatusCategory::of(key, value.get("id").and_then(Value::as_i64))
}

/// As Jira shows them.
fn color_of(category: StatusCategory) -> Color {
    match category {
        StatusCategory::ToDo => Color::Gray,
        StatusCategory::InProgress => Color::Blue,
        StatusCategory::Done => Color::Green,
        StatusCategory::Unknown => Color::Default,
    }
}

/// A team. Searches may tell its id alone: then its name, if Jira told it when it was looked up.
pub(super) fn team(value: &Value, names: &BTreeMap<String, String>, losses: &mut Losses) -> Option<Choice> {
    let mut team = one(value, "", losses)?;
    if team.name == team.id {
        match names.get(&team.id) {
            Some(name) => team.name.clone_from(name),
            None => losses.add(What::TeamName, 1, &team.id),
        }
    }
    Some(team)
}

/// The request type of a service desk's request.
pub(super) fn request_type(value: &Value, losses: &mut Losses) -> Option<Choice> {
    match value.get("requestType") {
        Some(request_type) => one(request_type, "", losses),
        None => one(value, "", losses),
    }
}

/// The sprint that runs, else the next one, else the last one.
pub(super) fn sprint(value: &Value, losses: &mut Losses) -> Option<Choice> {
    let sprints: Vec<SprintRef> = all_sprints(value, losses);
    let next = || sprints.iter().filter(|it| !it.closed).min_by_key(|it| (it.at.is_none(), it.at, it.id));
    let last = || sprints.iter().max_by_key(|it| (it.at, it.id));
    let active = sprints.iter().filter(|it| it.active).max_by_key(|it| (it.at, it.id));
    active.or_else(next).or_else(last).cloned().map(of_sprint)
}

/// Every sprint that the issue has been in.
pub(super) fn sprints(value: &Value, losses: &mut Losses) -> Vec<Choice> {
    let mut seen = HashSet::new();
    let choices = all_sprints(value, losses).into_iter().map(of_sprint);
    choices.filter(|choice| seen.insert(choice.id.clone())).collect()
}

fn all_sprints(value: &Value, losses: &mut Losses) -> Vec<SprintRef> {
    let sprints: Vec<SprintRef> = sprint_refs(value).filter(|sprint| !sprint.name.trim().is_empty()).collect();
    if sprints.is_empty() && !super::value::is_empty(value) {
        losses.shape(value);
    }
    sprints
}

fn of_sprint(sprint: SprintRef) -> Choice {
    choice(sprint.id.map_or_else(|| sprint.name.clone(), |id| id.to_string()), sprint.name, Color::Default)
}

/// The names, where there are too many different ones for options.
pub(super) fn as_text(choices: &[Choice]) -> Cell {
    let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
    Cell::Text(super::text::runs(&names.join(", ")).0)
}
