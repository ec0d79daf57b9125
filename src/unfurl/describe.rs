//! A Jira object as a [`Preview`]: which facts, in which order (paste-experience §7).

use crate::jira::model::{Issue, Project, RichText};
use crate::jira::text;
use crate::preview::{Fact, FactId, Preview, Status};

/// Longest description that leaves the gateway, in characters (contract, `GATEWAY_PREVIEW_DESCRIPTION`).
const DESCRIPTION_MAX: usize = 255;
/// Longest name or title that is kept. Jira's own limit for a summary is 255; what is longer comes from something else.
const LINE_MAX: usize = 1_000;

/// The card of an issue: type, people, dates and where it belongs; a missing value has no fact.
pub fn issue(issue: &Issue, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, issue.issue_type.as_ref().map(|it| it.name.as_str()));
    facts.add(FactId::Assignee, issue.assignee.as_ref().map(|it| it.display_name.as_str()));
    facts.add(FactId::Priority, issue.priority.as_ref().map(|it| it.name.as_str()));
    facts.add(FactId::Due, issue.due.map(|it| it.to_string()).as_deref());
    facts.add(FactId::Parent, issue.parent.as_ref().map(parent).as_deref());
    facts.list(FactId::FixVersion, &issue.fix_versions);
    facts.list(FactId::Labels, &issue.labels);
    facts.add(FactId::Resolution, issue.resolution.as_ref().map(|it| it.name.as_str()));
    facts.add(FactId::Reporter, issue.reporter.as_ref().map(|it| it.display_name.as_str()));
    Preview {
        title: line(&issue.summary),
        identifier: line(&issue.key),
        status: issue.status.as_ref().map(|it| Status { name: line(&it.name), category: it.category }),
        facts: facts.0,
        description: issue.description.as_ref().filter(|_| with_description).and_then(description),
        updated_at: issue.updated,
        ..Preview::default()
    }
}

/// The card of a project.
pub fn project(project: &Project, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, project.type_key.as_deref().map(project_type));
    facts.add(FactId::Lead, project.lead.as_ref().map(|it| it.display_name.as_str()));
    facts.add(FactId::Category, project.category.as_ref().map(|it| it.name.as_str()));
    let text = project.description.clone().filter(|_| with_description).map(RichText::Wiki);
    Preview {
        title: line(&project.name),
        identifier: line(&project.key),
        facts: facts.0,
        description: text.as_ref().and_then(description),
        ..Preview::default()
    }
}

fn parent(parent: &crate::jira::model::IssueRef) -> String {
    match &parent.summary {
        Some(summary) => format!("{} {summary}", parent.key),
        None => parent.key.clone(),
    }
}

fn project_type(key: &str) -> &str {
    match key {
        "service_desk" => "service",
        "product_discovery" => "discovery",
        other => other,
    }
}

fn description(text: &RichText) -> Option<String> {
    Some(text::plain_text(text, DESCRIPTION_MAX)).filter(|it| !it.is_empty())
}

fn line(text: &str) -> String {
    text::clean_line(text, LINE_MAX)
}

#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, id: FactId, value: Option<&str>) {
        if let Some(value) = value.map(line).filter(|it| !it.is_empty()) {
            self.0.push(Fact::new(id, value));
        }
    }

    fn list(&mut self, id: FactId, values: &[String]) {
        self.add(id, Some(&values.join(", ")));
    }
}
