//! `rest/…`: API addresses, which people paste from logs and from `self` fields. Only resources that a reader could
//! look at are links.

use super::key::{self, IssueId, ProjectId};
use super::route::{self, Page};
use super::target::{Target, UserId};

/// `rest/API/VERSION/RESOURCE/…`; `servicedeskapi` has no version.
pub(super) fn target(page: &Page<'_>) -> Option<Target> {
    match &*page.word(1) {
        "api" => platform(page),
        "agile" => agile(page),
        "greenhopper" => greenhopper(page),
        "servicedeskapi" => service_desk(page),
        _ => None,
    }
}

fn platform(page: &Page<'_>) -> Option<Target> {
    match &*page.word(3) {
        "issue" => issue_resource(page, page.issue(4)?),
        "project" => project(page),
        "version" => page.number(4).map(|version| Target::Version { version, project: None }),
        "component" => page.number(4).map(|component| Target::Component { component, project: None }),
        "filter" => key::filter_of(page.text(4)).map(|filter| Target::Filter { filter }),
        "dashboard" => page.number(4).map(|dashboard| Target::Dashboard { dashboard: Some(dashboard) }),
        "attachment" => attachment(page),
        "search" => route::search(page, "filter", "jql"),
        "user" if page.ends_at(4) => user(page),
        _ => None,
    }
}

/// An issue, or a comment or worklog below it; every other resource below it is the issue.
fn issue_resource(page: &Page<'_>, issue: IssueId) -> Option<Target> {
    Some(match (&*page.word(5), page.number(6)) {
        ("comment", Some(comment)) => Target::Comment { issue, comment },
        ("worklog", Some(worklog)) => Target::Worklog { issue, worklog },
        _ => Target::Issue { issue },
    })
}

fn project(page: &Page<'_>) -> Option<Target> {
    // Lists, and pictures.
    let is_list = matches!(&*page.word(4), "search" | "recent" | "type");
    if is_list || page.word(5).starts_with("avatar") {
        return None;
    }
    ProjectId::parse(page.text(4)).map(|project| Target::Project { project })
}

/// `attachment/10200`, `attachment/content/10200`, `attachment/thumbnail/10200`.
fn attachment(page: &Page<'_>) -> Option<Target> {
    let at = if page.is(4, "content") || page.is(4, "thumbnail") { 5 } else { 4 };
    page.number(at).map(|attachment| Target::Attachment { attachment, name: None })
}

fn user(page: &Page<'_>) -> Option<Target> {
    if let Some(account) = page.parameters().word("accountId") {
        return route::account(account);
    }
    let name = page.parameters().word("username")?;
    Some(Target::User { user: UserId::Name(name.to_owned()) })
}

fn agile(page: &Page<'_>) -> Option<Target> {
    match &*page.word(3) {
        "board" => match (page.word(5) == "sprint", page.number(6)) {
            (true, Some(sprint)) if page.number(4).is_some() => Some(Target::Sprint { sprint }),
            _ => page.number(4).map(|board| Target::Board { board, project: None }),
        },
        "sprint" => page.number(4).map(|sprint| Target::Sprint { sprint }),
        // An epic is an issue.
        "issue" | "epic" => page.issue(4).map(|issue| Target::Issue { issue }),
        _ => None,
    }
}

/// The private API of older boards.
fn greenhopper(page: &Page<'_>) -> Option<Target> {
    let parameters = page.parameters();
    let in_path = |name: &str| page.number(4).filter(|_| page.is(3, name));
    if let Some(sprint) = in_path("sprint").or_else(|| parameters.number("sprintId")) {
        return Some(Target::Sprint { sprint });
    }
    if page.is(3, "epic") || page.is(3, "issue") {
        return page.issue(4).map(|issue| Target::Issue { issue });
    }
    let board = in_path("rapidview").or_else(|| in_path("rapidviewconfig")).or_else(|| in_path("board"));
    let board = board.or_else(|| parameters.number_in(&["rapidViewId", "rapidView"]))?;
    Some(Target::Board { board, project: None })
}

fn service_desk(page: &Page<'_>) -> Option<Target> {
    match &*page.word(2) {
        "request" => {
            let issue = page.issue(3)?;
            match page.number(5).filter(|_| page.is(4, "comment")) {
                Some(comment) => Some(Target::Comment { issue, comment }),
                None => Some(Target::Request { issue, portal: None }),
            }
        }
        "servicedesk" => match (page.number(3)?, page.number(5).filter(|_| page.is(4, "queue"))) {
            (_, Some(queue)) => Some(Target::Queue { queue, project: None }),
            (portal, None) => Some(Target::Portal { portal }),
        },
        _ => None,
    }
}
