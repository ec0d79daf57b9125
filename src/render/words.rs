//! How the object of an answer is called: by its preview, by its link alone (paste-experience §6).

use super::icon::Icon;
use crate::jira::key::Kind;
use crate::jira::model::StatusCategory;
use crate::preview::{Answer, FactId, Preview, ReasonCode, State};

/// What people call an object of a kind; where a type says it better, [`type_name`] has it.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Issue => "Issue",
        Kind::Comment => "Comment",
        Kind::Worklog => "Work log",
        Kind::Project => "Project",
        Kind::Board => "Board",
        Kind::Sprint => "Sprint",
        Kind::Filter => "Filter",
        Kind::Search => "Search",
        Kind::Dashboard => "Dashboard",
        Kind::Version => "Version",
        Kind::Component => "Component",
        Kind::User => "Person",
        Kind::Request => "Request",
        Kind::Idea => "Idea",
        Kind::Attachment => "Attachment",
        Kind::Plan => "Plan",
        Kind::Portal => "Portal",
        Kind::Queue => "Queue",
        Kind::Site => "Site",
        Kind::None => "Link",
    }
}

/// How an object is called when nothing but its link is known: `OPS-7`, `Board 12`, `Jira search`.
///
/// A search's JQL and a person's name stay out. Kind `none` has no name.
pub fn label(kind: Kind, id: &str, canonical_url: Option<&str>) -> Option<String> {
    let word = kind_name(kind);
    Some(match kind {
        Kind::None => return None,
        Kind::Issue | Kind::Request | Kind::Idea if is_number(id) => format!("Issue {id}"),
        Kind::Project if is_number(id) => format!("Project {id}"),
        Kind::Issue | Kind::Request | Kind::Idea | Kind::Project if !id.is_empty() => id.to_owned(),
        Kind::Comment | Kind::Worklog => match canonical_url.and_then(issue_of_comment) {
            Some(key) => format!("{word} on {key}"),
            None => format!("{word} {id}"),
        },
        Kind::Search => "Jira search".to_owned(),
        Kind::User => "Jira profile".to_owned(),
        Kind::Site => canonical_url.map_or("Jira", host).to_owned(),
        _ if id.is_empty() => word.to_owned(),
        _ => format!("{word} {id}"),
    })
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key in `…/browse/KEY?focusedCommentId=n`.
fn issue_of_comment(canonical_url: &str) -> Option<&str> {
    let (_, rest) = canonical_url.rsplit_once("/browse/")?;
    rest.split_once('?').map(|(key, _)| key).filter(|key| !key.is_empty())
}

/// The identifier of the preview, else the name by the link alone. Empty for kind `none`.
pub fn name(answer: &Answer) -> String {
    match &answer.preview {
        Some(preview) => preview.identifier.clone(),
        None => label(answer.kind, &answer.id, answer.canonical_url.as_deref()).unwrap_or_default(),
    }
}

/// How an object is called in a list of many: by its identifier; else by its link alone.
pub(super) fn handle(answer: &Answer) -> String {
    match name(answer) {
        none if none.is_empty() => label(answer.kind, &answer.id, answer.canonical_url.as_deref()).unwrap_or_default(),
        name => name,
    }
}

/// What a reader without any rights is told: `OPS-7 · Jira (acme)` (contract §3, `/preview`).
pub fn redacted(kind: Kind, id: &str, canonical_url: Option<&str>, site_name: &str) -> String {
    match label(kind, id, canonical_url) {
        Some(label) => format!("{label} · Jira ({site_name})"),
        None => "Not a Jira link".to_owned(),
    }
}

/// Host and port of an address, without scheme and path.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The picture of a kind; an issue's is that of its type, also where a comment on it is shown.
pub fn icon(answer: &Answer) -> Icon {
    let of_type = || fact(answer.preview.as_ref(), &FactId::Type).map(Icon::of_type);
    match answer.kind {
        Kind::Issue => of_type().unwrap_or(Icon::Issue),
        Kind::Comment => of_type().unwrap_or(Icon::Comment),
        Kind::Worklog => of_type().unwrap_or(Icon::Clock),
        Kind::Request | Kind::Portal => Icon::Request,
        Kind::Idea => Icon::Idea,
        Kind::Project => Icon::Project,
        Kind::Board => Icon::Board,
        Kind::Sprint => Icon::Sprint,
        Kind::Filter => Icon::Filter,
        Kind::Search => Icon::Search,
        Kind::Dashboard => Icon::Dashboard,
        Kind::Version => Icon::Tag,
        Kind::Component => Icon::Component,
        Kind::User => Icon::Person,
        Kind::Attachment => Icon::Attachment,
        Kind::Plan => Icon::Plan,
        Kind::Queue => Icon::Queue,
        Kind::Site => Icon::Site,
        Kind::None => Icon::Link,
    }
}

/// The value of one fact.
pub fn fact<'p>(preview: Option<&'p Preview>, id: &FactId) -> Option<&'p str> {
    preview?.facts.iter().find(|fact| fact.id == *id).map(|fact| fact.value.as_str())
}

/// Whether its status says so.
pub(super) fn is_done(preview: &Preview) -> bool {
    preview.status.as_ref().is_some_and(|status| status.category == StatusCategory::Done)
}

/// The type as people call it: `Bug`, `Software project`, `Scrum board`; without one, the word of a kind that people
/// know by name.
pub fn type_name(answer: &Answer) -> Option<String> {
    let kind = answer.kind;
    answer.preview.as_ref()?;
    let named = match fact(answer.preview.as_ref(), &FactId::Type) {
        None if is_issue(kind) => return None,
        None => kind_name(kind),
        Some(name) => match (kind, name) {
            (Kind::Project, "software") => "Software project",
            (Kind::Project, "business") => "Business project",
            (Kind::Project, "service") => "Service project",
            (Kind::Project, "discovery") => "Discovery project",
            (Kind::Board, "scrum") => "Scrum board",
            (Kind::Board, "kanban") => "Kanban board",
            (Kind::Board, _) => "Board",
            (Kind::User, "app") => "App",
            (Kind::User, "customer") => "Customer",
            (Kind::User, _) => "Person",
            _ => name,
        },
    };
    Some(named.to_owned())
}

/// Whether it is an issue or hangs on one: its key comes first.
pub fn is_issue(kind: Kind) -> bool {
    matches!(kind, Kind::Issue | Kind::Request | Kind::Idea | Kind::Comment | Kind::Worklog)
}

/// Whether a missing assignee is worth a word. A customer is not told who works on a request.
pub fn has_assignee(kind: Kind) -> bool {
    matches!(kind, Kind::Issue | Kind::Idea)
}

/// How many issues a list has, as its reader sees it.
pub(super) fn count(answer: &Answer) -> Option<&str> {
    let is_list = matches!(answer.kind, Kind::Filter | Kind::Search | Kind::Queue);
    fact(answer.preview.as_ref(), &FactId::Count).filter(|_| is_list)
}

/// Who wrote a comment or a worklog.
pub(super) fn author(answer: &Answer) -> Option<&str> {
    let preview = answer.preview.as_ref().filter(|_| matches!(answer.kind, Kind::Comment | Kind::Worklog))?;
    Some(fact(Some(preview), &FactId::Owner).unwrap_or("somebody"))
}

/// The reason's code.
pub(super) fn code(answer: &Answer) -> Option<ReasonCode> {
    answer.reason.as_ref().map(|reason| reason.code)
}

/// Whether the reader saw this before and it is no longer there.
pub fn is_gone(answer: &Answer) -> bool {
    answer.state == State::NotFound && code(answer) == Some(ReasonCode::Gone)
}

/// The key in the pasted link of a moved issue: the last one that is not the new key.
pub fn moved_from(answer: &Answer) -> Option<String> {
    if answer.state != State::Moved {
        return None;
    }
    let path = answer.url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path)?;
    path.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')))
        .filter(|word| is_key(word))
        .map(str::to_uppercase)
        .rfind(|key| *key != answer.id)
}

fn is_key(word: &str) -> bool {
    word.rsplit_once('-').is_some_and(|(project, number)| {
        project.starts_with(|first: char| first.is_ascii_alphabetic())
            && project.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && is_number(number)
    })
}
