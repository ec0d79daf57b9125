//! Pages of one project, shared by `projects/KEY/…` of every Jira and `/jira/PRODUCT/projects/KEY/…` of Cloud.

use super::key::{self, IssueId, IssueKey, ProjectId, ProjectKey};
use super::route::{self, Page};
use super::target::Target;

/// Which product's project it is, where that changes the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Any,
    ServiceDesk,
    /// Issues of Product Discovery are ideas.
    Discovery,
}

/// What follows `projects`: nothing, or a project.
pub(super) fn directory(page: &Page<'_>, at: usize, product: Product) -> Option<Target> {
    if page.ends_at(at) { Some(Target::Site) } else { project(page, at, product) }
}

/// A project and the page below it; its key stands at `at`.
fn project(page: &Page<'_>, at: usize, product: Product) -> Option<Target> {
    let area = page.word(at + 1);
    // Hook payloads write the number of the project in the place of its key.
    let project = ProjectId::parse(page.text(at))?;
    if *area == *"versions"
        && let Some(version) = page.number(at + 2)
    {
        return Some(Target::Version { version, project: Some(project) });
    }
    let ProjectId::Key(key) = project else { return None };
    // Settings are not for readers; the service desk's are listed among its ordinary pages.
    if *area == *"settings" && product != Product::ServiceDesk {
        return None;
    }
    if let Some(issue) = page.selected_issue() {
        return Some(selected(page, issue, product));
    }
    let whole = |key: ProjectKey| Some(Target::Project { project: ProjectId::Key(key) });
    match (&*area, page.number(at + 2)) {
        ("boards", Some(_)) => board(page, at + 2, Some(key)),
        ("components", Some(component)) => Some(Target::Component { component, project: Some(ProjectId::Key(key)) }),
        ("issues", _) => issues(page, at + 2, key),
        ("queues", _) => queues(page, at + 2, key),
        // A queue of a category: `section/incidents/custom/12/OPS-7`.
        ("section", _) if page.is(at + 3, "custom") => queues(page, at + 3, key),
        _ => whole(key),
    }
}

/// The issue that a view of a product has open, or its comment.
pub(super) fn selected(page: &Page<'_>, key: IssueKey, product: Product) -> Target {
    match route::issue_page(page, IssueId::Key(key)) {
        Target::Issue { issue: IssueId::Key(key) } if product == Product::Discovery => Target::Idea { key },
        target => target,
    }
}

/// A board or one of its views; its number stands at `at`. On a report a sprint is the object (jira-urls §11).
pub(super) fn board(page: &Page<'_>, at: usize, project: Option<ProjectKey>) -> Option<Target> {
    if let Some(key) = page.selected_issue() {
        return Some(route::issue_page(page, IssueId::Key(key)));
    }
    let board = page.number(at)?;
    match page.parameters().number("sprint").filter(|_| page.is(at + 1, "reports")) {
        Some(sprint) => Some(Target::Sprint { sprint }),
        None => Some(Target::Board { board, project }),
    }
}

/// The issues of a project: one of them, a search among them, or all.
fn issues(page: &Page<'_>, at: usize, project: ProjectKey) -> Option<Target> {
    if let Some(key) = page.issue_key(at) {
        return Some(route::issue_page(page, IssueId::Key(key)));
    }
    let whole = Target::Project { project: ProjectId::Key(project) };
    if !page.ends_at(at) {
        return (!key::looks_like_issue_key(page.text(at))).then_some(whole);
    }
    // An empty search in a project is all of the project.
    let searched = route::search(page, "filter", "jql")
        .filter(|target| !matches!(target, Target::Search { jql } if jql.is_empty()));
    Some(searched.unwrap_or(whole))
}

/// What follows `queues`: `custom/12/OPS-7`, `12/OPS-7`, `issue/OPS-7`, a part of these, or nothing.
pub(super) fn queues(page: &Page<'_>, at: usize, project: ProjectKey) -> Option<Target> {
    let at = if page.is(at, "custom") || page.is(at, "issue") { at + 1 } else { at };
    let queue = page.number(at);
    let issue_at = if queue.is_some() { at + 1 } else { at };
    if let Some(key) = page.issue_key(issue_at) {
        return Some(route::issue_page(page, IssueId::Key(key)));
    }
    if key::looks_like_issue_key(page.text(issue_at)) {
        return None;
    }
    Some(match queue {
        Some(queue) => Target::Queue { queue, project: Some(project) },
        None => Target::Project { project: ProjectId::Key(project) },
    })
}
