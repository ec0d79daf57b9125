//! `/jira/…`: the addresses of Cloud's own pages (jira-urls §4 to §8).

use super::key::IssueId;
use super::projects::{self, Product};
use super::route::{self, Page};
use super::target::Target;

/// A page below `/jira`. Areas that name no object are the site.
pub(super) fn target(page: &Page<'_>) -> Option<Target> {
    // A Data Center has none of these pages; with these words it is another Jira, installed under `/jira`.
    if page.is_self_managed() && matches!(&*page.word(1), "browse" | "issues" | "projects" | "") {
        return None;
    }
    let selected = || page.selected_issue().map(|key| route::issue_page(page, IssueId::Key(key)));
    match &*page.word(1) {
        "browse" => page.issue_key(2).map(|key| route::issue_page(page, IssueId::Key(key))),
        "issues" | "search" => route::issues(page, 2),
        "projects" => projects::directory(page, 2, Product::Any),
        "people" => people(page, 2),
        "boards" => boards(page, 2),
        "dashboards" => Some(match page.number(2) {
            Some(dashboard) => Target::Dashboard { dashboard: Some(dashboard) },
            None => Target::Site,
        }),
        "plans" => Some(selected().unwrap_or(match page.number(2) {
            Some(plan) => Target::Plan { plan },
            None => Target::Site,
        })),
        "filters" => Some(match page.number(2) {
            Some(filter) => Target::Filter { filter: i64::try_from(filter).ok()? },
            None => Target::Site,
        }),
        // Apps give their parameters their own meaning.
        "apps" => Some(Target::Site),
        "assets" => None,
        "secure" | "rest" | "plugins" | "si" | "sr" => None,
        _ => product(page),
    }
}

/// `/jira/PRODUCT[/c]/…`; the `c` marks projects that the company manages.
fn product(page: &Page<'_>) -> Option<Target> {
    let product = match &*page.word(1) {
        "servicedesk" => Product::ServiceDesk,
        "polaris" | "discovery" => Product::Discovery,
        _ => Product::Any,
    };
    let at = if page.is(2, "c") { 3 } else { 2 };
    match &*page.word(at) {
        "projects" => projects::directory(page, at + 1, product),
        "boards" => boards(page, at + 1),
        "assets" | "insight" => None,
        "customer" | "customershim" | "agent" if product == Product::ServiceDesk => None,
        _ => Some(page.selected_issue().map_or(Target::Site, |key| projects::selected(page, key, product))),
    }
}

/// A board that belongs to no project; without a number the list of boards.
fn boards(page: &Page<'_>, at: usize) -> Option<Target> {
    if page.ends_at(at) { Some(Target::Site) } else { projects::board(page, at, None) }
}

/// A person, and what is theirs; what follows `people`. A team is not an object that Jira itself shows.
pub(super) fn people(page: &Page<'_>, at: usize) -> Option<Target> {
    match &*page.word(at) {
        "" => page.ends_at(at).then_some(Target::Site),
        "search" | "team" | "teams" => Some(Target::Site),
        _ if page.is(at + 1, "boards") && !page.ends_at(at + 2) => projects::board(page, at + 2, None),
        _ => route::account(page.text(at)),
    }
}
