//! Issues and projects.

use crate::jira::catalogue::Catalogue;
use crate::jira::model::{Issue, IssueRef, Progress, Project, RichText};
use crate::jira::value;
use crate::preview::{Fact, FactId, Preview};

use super::{Facts, description, line, picture, status, title};

/// Fields of Product Discovery on the card of an idea.
const MOST_IDEA_FIELDS: usize = 4;

/// Which custom fields of a Jira tell what, and which of them this person wants to see.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    pub catalogue: &'a Catalogue,
    pub fields: &'a [String],
}

/// The card of an issue: type, people, dates and where it belongs; a missing value has no fact. `children` is how far
/// the issues below it have come, where they are no sub-tasks.
pub fn issue(issue: &Issue, chosen: Chosen<'_>, children: Option<Progress>, with_description: bool) -> Preview {
    let Chosen { catalogue, fields } = chosen;
    let custom = |id: &Option<String>| {
        let id = id.as_ref()?;
        issue.custom.iter().find(|(field, _)| field == id).map(|(_, value)| value)
    };
    let progress = children.or(issue.subtasks);
    let mut facts = Facts::default();
    facts.add(FactId::Type, issue.issue_type.as_ref().map(|it| it.name.as_str()));
    facts.person(FactId::Assignee, issue.assignee.as_ref());
    if let Some(priority) = &issue.priority {
        let picture_url = picture(priority.icon_url.as_ref());
        facts.push(Fact { picture_url, ..Fact::new(FactId::Priority, &*priority.name) });
    }
    facts.add(FactId::Due, issue.due.map(|it| it.to_string()).as_deref());
    facts.list(FactId::Sprint, &custom(&catalogue.sprint).map(value::sprints).unwrap_or_default());
    let above = custom(&catalogue.epic_link).or_else(|| custom(&catalogue.parent_link));
    let parent = issue.parent.as_ref().map(parent).or_else(|| key_of(above?));
    facts.add(FactId::Parent, parent.as_deref());
    facts.list(FactId::FixVersion, &issue.fix_versions);
    facts.list(FactId::Labels, &issue.labels);
    facts.add(FactId::Progress, progress.map(|it| it.to_string()).as_deref());
    facts.add(FactId::Resolution, issue.resolution.as_ref().map(|it| it.name.as_str()));
    facts.person(FactId::Reporter, issue.reporter.as_ref());
    let mut field = |id: &str| {
        let Some((field, (_, value))) = catalogue.field(id).zip(issue.custom.iter().find(|(it, _)| it == id)) else {
            return;
        };
        if facts.0.iter().all(|fact| fact.id != FactId::Field(id.into())) {
            facts.named(FactId::Field(id.into()), &field.name, value::display(field, value).as_deref());
        }
    };
    // Shown unasked; who has chosen it has also chosen its place.
    if let Some(points) = catalogue.story_points.as_ref().filter(|it| !fields.contains(it)) {
        field(points);
    }
    fields.iter().for_each(|id| field(id));
    if is_idea(issue) {
        let filled = |id: &str| issue.custom.iter().any(|(it, value)| it == id && !value.is_null());
        let shown = catalogue.ideas().filter(|it| filled(&it.id) && !fields.contains(&it.id));
        shown.take(MOST_IDEA_FIELDS).for_each(|it| field(&it.id));
        let votes = issue.votes.filter(|votes| *votes > 0).map(|votes| votes.to_string());
        facts.named(FactId::Field("votes".into()), "Votes", votes.as_deref());
    }
    Preview {
        title: title(&issue.summary),
        identifier: line(&issue.key),
        icon_url: issue.issue_type.as_ref().and_then(|it| picture(it.icon_url.as_ref())),
        status: issue.status.as_ref().map(status),
        facts: facts.0,
        progress,
        description: issue.description.as_ref().filter(|_| with_description).and_then(description),
        updated_at: issue.updated,
        restricted: issue.secured,
        ..Preview::default()
    }
}

/// Product Discovery has no API of its own: an idea is an issue of its kind of project (jira-auth-and-rest §6.5).
pub fn is_idea(issue: &Issue) -> bool {
    issue.project.as_ref().and_then(|it| it.type_key.as_deref()) == Some("product_discovery")
}

fn parent(parent: &IssueRef) -> String {
    match &parent.summary {
        Some(summary) => format!("{} {summary}", parent.key),
        None => parent.key.clone(),
    }
}

/// Epic Link is a key; Parent Link a key or an object that holds one.
fn key_of(value: &serde_json::Value) -> Option<String> {
    let key = value.as_str().or_else(|| value.get("data")?.get("key")?.as_str()).or_else(|| value.get("key")?.as_str());
    key.map(str::to_owned)
}

/// The card of a project.
pub fn project(project: &Project, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, project.type_key.as_deref().map(project_type));
    facts.person(FactId::Lead, project.lead.as_ref());
    facts.add(FactId::Category, project.category.as_ref().map(|it| it.name.as_str()));
    let text = project.description.clone().filter(|_| with_description).map(RichText::Wiki);
    Preview {
        title: title(&project.name),
        identifier: line(&project.key),
        icon_url: picture(project.avatar_url.as_ref()),
        facts: facts.0,
        description: text.as_ref().and_then(description),
        ..Preview::default()
    }
}

fn project_type(key: &str) -> &str {
    match key {
        "service_desk" => "service",
        "product_discovery" => "discovery",
        other => other,
    }
}
