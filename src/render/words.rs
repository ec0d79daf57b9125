//! How the object of an answer is called: by its preview, by its link alone, aloud (paste-experience §6, §9).

use super::icon::Icon;
use super::notice;
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, Preview, ReasonCode, State};

/// How an object is called when nothing but its link is known: `OPS-7`, `Board 12`, `Jira search`.
///
/// A search's JQL and a person's name stay out. Kind `none` has no name.
pub fn label(kind: Kind, id: &str, canonical_url: Option<&str>) -> Option<String> {
    let numbered = |word: &str| if id.is_empty() { word.to_owned() } else { format!("{word} {id}") };
    let on_issue = |word: &str| match canonical_url.and_then(issue_of_comment) {
        Some(key) => format!("{word} on {key}"),
        None => numbered(word),
    };
    Some(match kind {
        Kind::Issue | Kind::Request | Kind::Idea if is_number(id) => numbered("Issue"),
        Kind::Project if is_number(id) => numbered("Project"),
        Kind::Issue | Kind::Request | Kind::Idea | Kind::Project if !id.is_empty() => id.to_owned(),
        Kind::Issue => "Issue".to_owned(),
        Kind::Request => "Request".to_owned(),
        Kind::Idea => "Idea".to_owned(),
        Kind::Project => "Project".to_owned(),
        Kind::Comment => on_issue("Comment"),
        Kind::Worklog => on_issue("Work log"),
        Kind::Board => numbered("Board"),
        Kind::Sprint => numbered("Sprint"),
        Kind::Filter => numbered("Filter"),
        Kind::Search => "Jira search".to_owned(),
        Kind::Dashboard => numbered("Dashboard"),
        Kind::Version => numbered("Version"),
        Kind::Component => numbered("Component"),
        Kind::User => "Jira profile".to_owned(),
        Kind::Attachment => numbered("Attachment"),
        Kind::Plan => numbered("Plan"),
        Kind::Portal => numbered("Portal"),
        Kind::Queue => numbered("Queue"),
        Kind::Site => canonical_url.map_or("Jira", host).to_owned(),
        Kind::None => return None,
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

/// The picture of a kind; an issue's is that of its type.
pub fn icon(answer: &Answer) -> Icon {
    match answer.kind {
        Kind::Issue | Kind::Request | Kind::Idea => {
            fact(answer.preview.as_ref(), &FactId::Type).map_or(Icon::Issue, Icon::of_type)
        }
        Kind::Comment => Icon::Comment,
        Kind::Worklog => Icon::Clock,
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
        Kind::Portal => Icon::Request,
        Kind::Queue => Icon::Queue,
        Kind::Site => Icon::Site,
        Kind::None => Icon::Link,
    }
}

/// The value of one fact.
pub fn fact<'p>(preview: Option<&'p Preview>, id: &FactId) -> Option<&'p str> {
    preview?.facts.iter().find(|fact| fact.id == *id).map(|fact| fact.value.as_str())
}

/// The type as people call it: `Bug`, `Software project`.
pub fn type_name(answer: &Answer) -> Option<&str> {
    let name = fact(answer.preview.as_ref(), &FactId::Type)?;
    Some(match (answer.kind, name) {
        (Kind::Project, "software") => "Software project",
        (Kind::Project, "business") => "Business project",
        (Kind::Project, "service") => "Service project",
        (Kind::Project, "discovery") => "Discovery project",
        _ => name,
    })
}

/// Whether the object is an issue, so that a missing assignee is worth a word.
pub fn is_issue(kind: Kind) -> bool {
    matches!(kind, Kind::Issue | Kind::Request | Kind::Idea | Kind::Comment | Kind::Worklog)
}

/// The accessible name: "Bug ACME-12, Login fails on Safari, status In progress, assigned to Ana" (§9).
pub fn spoken(answer: &Answer) -> String {
    let Some(preview) = &answer.preview else {
        return match (name(answer), notice::headline(answer)) {
            (name, title) if name.is_empty() => title,
            (name, title) if title.is_empty() => name,
            (name, title) => format!("{name}: {title}"),
        };
    };
    let what = match answer.kind {
        Kind::Project => "Project",
        _ => fact(Some(preview), &FactId::Type).unwrap_or("Issue"),
    };
    let mut text = format!("{what} {}, {}", preview.identifier, preview.title);
    if let Some(status) = &preview.status {
        text.push_str(", status ");
        text.push_str(&status.name);
    }
    if is_issue(answer.kind) {
        match fact(Some(preview), &FactId::Assignee) {
            Some(person) => {
                text.push_str(", assigned to ");
                text.push_str(person);
            }
            None => text.push_str(", unassigned"),
        }
    }
    if answer.stale {
        text.push_str(", last known values");
    }
    text
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
