//! The service desk: portals as customers see them, and the agents' pages of self-managed servers (jira-urls §7).

use super::key::{self, IssueId, ProjectId};
use super::projects;
use super::route::{self, Page};
use super::target::Target;

/// `servicedesk/…`.
pub(super) fn service_desk(page: &Page<'_>) -> Option<Target> {
    match &*page.word(1) {
        "customer" | "customershim" => customer(page, 2),
        "agent" => agent(page),
        _ => None,
    }
}

/// `helpcenter/SLUG/…`: below the slug the same pages again.
pub(super) fn help_center(page: &Page<'_>) -> Option<Target> {
    customer(page, 2)
}

/// What customers see. Articles belong to Confluence.
pub(super) fn customer(page: &Page<'_>, at: usize) -> Option<Target> {
    match &*page.word(at) {
        "" => page.ends_at(at).then_some(Target::Site),
        "portals" | "user" | "requests" => Some(Target::Site),
        "portal" if page.ends_at(at + 1) => Some(Target::Site),
        "portal" => portal(page, at + 1),
        _ => None,
    }
}

/// A portal by its number, or a request in it.
pub(super) fn portal(page: &Page<'_>, at: usize) -> Option<Target> {
    let portal = page.number(at)?;
    if let Some(key) = page.issue_key(at + 1) {
        return Some(Target::Request { issue: IssueId::Key(key), portal: Some(portal) });
    }
    let is_nothing = page.is(at + 1, "article") || key::looks_like_issue_key(page.text(at + 1));
    (!is_nothing).then_some(Target::Portal { portal })
}

/// `servicedesk/agent/OPS/queues/12/OPS-7`.
fn agent(page: &Page<'_>) -> Option<Target> {
    if page.ends_at(2) {
        return Some(Target::Site);
    }
    let project = page.project_key(2)?;
    if let Some(key) = page.selected_issue() {
        return Some(route::issue_page(page, IssueId::Key(key)));
    }
    match page.is(3, "queues") {
        true => projects::queues(page, 4, project),
        false => Some(Target::Project { project: ProjectId::Key(project) }),
    }
}
