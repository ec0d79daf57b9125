//! `secure/…`: the pages of the old interface, which name their object in parameters (jira-urls §3 to §8).

use super::key::{self, IssueId, ProjectId, ProjectKey};
use super::route::{self, Page};
use super::target::{Target, UserId};

/// Issue actions that do not say so in their name.
const ISSUE_ACTIONS: [&str; 20] = [
    "workflowuidispatcher",
    "attachfile",
    "attachscreenshot",
    "manageattachments",
    "deleteattachment",
    "managelinks",
    "deletelink",
    "addcomment",
    "editcomment",
    "deletecomment",
    "editlabels",
    "managewatchers",
    "viewwatchers",
    "viewvoters",
    "addvote",
    "createworklog",
    "updateworklog",
    "deleteworklog",
    "convertsubtask",
    "logwork",
];

/// Pages that administer kinds of issues; their `id` is not an issue's.
const ISSUE_SCHEMES: [&str; 4] = ["issuetype", "issuesecurityscheme", "issuefield", "issuelinktype"];

/// A page below `secure`. Pages that name no object are the site.
pub(super) fn target(page: &Page<'_>) -> Option<Target> {
    let word = page.word(1);
    match &*word {
        "" => page.ends_at(1).then_some(Target::Site),
        "attachment" | "thumbnail" => attachment(page),
        "project" if page.is(2, "viewproject.jspa") => project_number(page, &["pid"]),
        _ => {
            let page_name = word.strip_suffix(".jspa");
            // Commands follow an exclamation mark: `EditIssue!default.jspa`.
            let name = page_name.and_then(|name| name.split('!').next());
            match name {
                Some(name) => action(page, name),
                None => word.starts_with("quickbrowse").then(|| quick_search(page)),
            }
        }
    }
}

fn action(page: &Page<'_>, name: &str) -> Option<Target> {
    if is_never_shown(name) {
        return None;
    }
    if let Some(key) = page.selected_issue() {
        return Some(route::issue_page(page, IssueId::Key(key)));
    }
    match name {
        "rapidboard" => Some(rapid_board(page)),
        "portfolioplanview" => Some(page.parameters().number("id").map_or(Target::Site, |plan| Target::Plan { plan })),
        "dashboard" => Some(Target::Dashboard { dashboard: page.parameters().number("selectPageId") }),
        "viewprofile" => profile(page),
        "issuenavigator" => Some(navigator(page)),
        "quicksearch" | "quickbrowse" => Some(quick_search(page)),
        "browseproject" => Some(project_number(page, &["id", "pid"]).unwrap_or(Target::Site)),
        "releasenote" => Some(release_note(page)),
        "createsubtaskissue" => issue(page, &["parentIssueId"]),
        _ => Some(by_parameters(page, name)),
    }
}

/// Create forms (they may carry long texts), pictures, Assets, signing in and out.
fn is_never_shown(name: &str) -> bool {
    name.starts_with("createissue")
        || name.starts_with("quickcreateissue")
        || name.starts_with("viewavatar")
        || name.contains("insight")
        || matches!(name, "showobject" | "objectschema" | "manageobjectschema" | "login" | "logout" | "signup")
}

/// A page whose own rule is not written down: the most particular id that it carries.
fn by_parameters(page: &Page<'_>, name: &str) -> Target {
    let parameters = page.parameters();
    let is_issue_action = ISSUE_ACTIONS.contains(&name)
        || (name.contains("issue") && !ISSUE_SCHEMES.iter().any(|scheme| name.contains(scheme)));
    let key = || Some(IssueId::Key(page.read_issue_key(parameters.word("key")?)?));
    if let Some(id) = page.issue_in(&["issueKey", "issueId"]).or_else(key) {
        return issue_part(page, id);
    }
    if let Some(target) = issue(page, &["id"]).filter(|_| is_issue_action) {
        return target;
    }
    if let Some(sprint) = parameters.number("sprintId") {
        return Target::Sprint { sprint };
    }
    if let Some(board) = parameters.number_in(&["rapidViewId", "rapidView"]) {
        return Target::Board { board, project: None };
    }
    if let Some(filter) = parameters.word("filterId").and_then(key::filter_of) {
        return Target::Filter { filter };
    }
    let project = || parameters.number_in(&["projectId", "pid", "id"]).map(ProjectId::Number);
    if let Some(version) = parameters.number("versionId") {
        return Target::Version { version, project: project() };
    }
    if let Some(component) = parameters.number("componentId") {
        return Target::Component { component, project: project() };
    }
    project_number(page, &["selectedProjectId", "projectId", "pid"]).unwrap_or(Target::Site)
}

/// The board of old Cloud and of self-managed servers. A sprint on it is the object, the board context.
fn rapid_board(page: &Page<'_>) -> Target {
    let parameters = page.parameters();
    if let Some(sprint) = parameters.number("sprint") {
        return Target::Sprint { sprint };
    }
    let project = parameters.word("projectKey").and_then(ProjectKey::parse);
    match (parameters.number("rapidView"), project) {
        (Some(board), project) => Target::Board { board, project },
        (None, Some(key)) => Target::Project { project: ProjectId::Key(key) },
        (None, None) => Target::Site,
    }
}

fn profile(page: &Page<'_>) -> Option<Target> {
    if let Some(account) = page.parameters().word("accountId") {
        return route::account(account);
    }
    let user = page.parameters().get("name").map_or(UserId::Own, |name| UserId::Name(name.trim().to_owned()));
    Some(Target::User { user })
}

/// The navigator before `issues/`. Its oldest form has no JQL: a plain search.
fn navigator(page: &Page<'_>) -> Target {
    let plain = if page.parameters().is_empty() { Target::Site } else { Target::Search { jql: String::new() } };
    route::search(page, "requestId", "jqlQuery").unwrap_or(plain)
}

/// The search box: a key in it opens the issue.
fn quick_search(page: &Page<'_>) -> Target {
    match page.parameters().word("searchString") {
        Some(text) => match page.read_issue_key(text) {
            Some(key) => Target::Issue { issue: IssueId::Key(key) },
            None => Target::Search { jql: String::new() },
        },
        None => Target::Site,
    }
}

fn release_note(page: &Page<'_>) -> Target {
    let project = page.parameters().number("projectId").map(ProjectId::Number);
    match (page.parameters().number("version"), project) {
        (Some(version), project) => Target::Version { version, project },
        (None, Some(project)) => Target::Project { project },
        (None, None) => Target::Site,
    }
}

fn attachment(page: &Page<'_>) -> Option<Target> {
    let attachment = page.number(2)?;
    // The name of a thumbnail is Jira's own, not the file's.
    let name = Some(page.text(3)).filter(|name| !name.is_empty() && !name.starts_with("_thumb"));
    Some(Target::Attachment { attachment, name: name.map(str::to_owned) })
}

fn issue(page: &Page<'_>, names: &[&str]) -> Option<Target> {
    page.issue_in(names).map(|issue| issue_part(page, issue))
}

/// The issue, or what an action does to a part of it.
fn issue_part(page: &Page<'_>, issue: IssueId) -> Target {
    let parameters = page.parameters();
    match (parameters.number("commentId"), parameters.number("worklogId")) {
        (Some(comment), _) => Target::Comment { issue, comment },
        (None, Some(worklog)) => Target::Worklog { issue, worklog },
        (None, None) => route::issue_page(page, issue),
    }
}

fn project_number(page: &Page<'_>, names: &[&str]) -> Option<Target> {
    let number = page.parameters().number_in(names)?;
    Some(Target::Project { project: ProjectId::Number(number) })
}
