//! `plugins/servlet/…`, and the exports `si/…` and `sr/…`.

use super::key::{self, IssueId, ProjectId, ProjectKey};
use super::portal;
use super::route::{self, Page};
use super::target::Target;

/// Pages that plugins serve. Most of them administer something.
pub(super) fn target(page: &Page<'_>) -> Option<Target> {
    match (&*page.word(1), &*page.word(2)) {
        ("servlet", "mobile") => mobile(page),
        ("servlet", "ac") => Some(connect_app(page)),
        ("servlet", "desk") if page.is(3, "portal") => portal::portal(page, 4),
        _ => None,
    }
}

/// The old mobile pages keep their object in the fragment, which no server ever sees: `#issue/OPS-7`.
fn mobile(page: &Page<'_>) -> Option<Target> {
    let mut parts = page.address.fragment.split(['/', '?', '&']).filter(|part| !part.is_empty());
    let (kind, id) = (parts.next()?, parts.next()?);
    match &*kind.to_ascii_lowercase() {
        "issue" => page.read_issue_key(id).map(|key| Target::Issue { issue: IssueId::Key(key) }),
        "project" => ProjectKey::parse(id).map(|key| Target::Project { project: ProjectId::Key(key) }),
        "filter" => key::filter_of(id).map(|filter| Target::Filter { filter }),
        _ => None,
    }
}

/// A page of a Connect app, opened from an issue, from a project, or from nowhere.
fn connect_app(page: &Page<'_>) -> Target {
    if let Some(issue) = page.issue_in(&["issue.key", "issue.id"]) {
        return route::issue_page(page, issue);
    }
    let project = ["project.key", "project.id"].iter().find_map(|name| ProjectId::parse(page.parameters().word(name)?));
    project.map_or(Target::Site, |project| Target::Project { project })
}

/// `si/jira.issueviews:issue-xml/OPS-7/OPS-7.xml`.
pub(super) fn issue_export(page: &Page<'_>) -> Option<Target> {
    let key = page.issue_key(2).filter(|_| page.word(1).contains("issue-"))?;
    Some(Target::Issue { issue: IssueId::Key(key) })
}

/// `sr/jira.issueviews:searchrequest-xml/10100/SearchRequest-10100.xml`, or `…/temp/…?jqlQuery=…`.
pub(super) fn search_export(page: &Page<'_>) -> Option<Target> {
    if !page.word(1).contains("searchrequest-") {
        return None;
    }
    if let Some(search) = route::search(page, "requestId", "jqlQuery") {
        return Some(search);
    }
    match key::filter_of(page.text(2)) {
        Some(filter) => Some(Target::Filter { filter }),
        None => page.is(2, "temp").then(|| Target::Search { jql: String::new() }),
    }
}
