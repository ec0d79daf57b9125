//! The one address of an object (contract §4, `canonical_url`), below its site.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::base::Certainty;
use super::key::{self, IssueId, IssueKey, ProjectId};
use super::route::Page;
use super::target::{Target, UserId};

/// Everything but RFC 3986's unreserved characters.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Account ids keep their colon.
const ACCOUNT: &AsciiSet = &COMPONENT.remove(b':');

/// Parameters that carry ids: all that is kept of a query in a reduced link.
const ID_PARAMETERS: [&str; 20] = [
    "id",
    "key",
    "issueId",
    "issueKey",
    "parentIssueId",
    "issue.id",
    "issue.key",
    "selectedIssue",
    "commentId",
    "worklogId",
    "projectId",
    "selectedProjectId",
    "pid",
    "project.id",
    "version",
    "versionId",
    "componentId",
    "sprintId",
    "rapidViewId",
    "rapidView",
];

/// Whether the target lacks a part of its canonical form, so that the pasted link has to stand for it.
pub(super) fn needs_pasted(target: &Target, certainty: Certainty) -> bool {
    match target {
        // There are no pages below the API host.
        _ if certainty == Certainty::Api => true,
        // The address of an unknown host alone says nothing of Jira.
        Target::Site => certainty == Certainty::Guessed,
        Target::Issue { issue } | Target::Comment { issue, .. } | Target::Worklog { issue, .. } => {
            issue.key().is_none()
        }
        Target::Request { issue, portal } => issue.key().is_none() || portal.is_none(),
        Target::Idea { .. } => true,
        Target::Project { project } => project.key().is_none(),
        Target::Version { project, .. } | Target::Component { project, .. } => {
            project.as_ref().and_then(ProjectId::key).is_none()
        }
        Target::Queue { project, .. } => project.is_none(),
        Target::Attachment { name, .. } => name.is_none(),
        _ => false,
    }
}

/// The canonical form; called for targets that have all its parts.
pub(super) fn path(target: &Target, cloud: bool) -> String {
    match target {
        Target::Issue { issue } => format!("/browse/{issue}"),
        Target::Idea { key } => format!("/browse/{key}"),
        Target::Comment { issue, comment } => format!("/browse/{issue}?focusedCommentId={comment}"),
        Target::Worklog { issue, worklog } => format!("/browse/{issue}?focusedWorklogId={worklog}"),
        Target::Project { project } => format!("/browse/{project}"),
        Target::Board { board, .. } => format!("/secure/RapidBoard.jspa?rapidView={board}"),
        Target::Sprint { sprint } => format!("/secure/GHGoToBoard.jspa?sprintId={sprint}"),
        Target::Filter { filter } => format!("/issues/?filter={filter}"),
        Target::Search { jql } => format!("/issues/?jql={}", utf8_percent_encode(jql, COMPONENT)),
        Target::Dashboard { dashboard: None } => "/secure/Dashboard.jspa".to_owned(),
        Target::Dashboard { dashboard: Some(id) } if cloud => format!("/jira/dashboards/{id}"),
        Target::Dashboard { dashboard: Some(id) } => format!("/secure/Dashboard.jspa?selectPageId={id}"),
        Target::Version { version, project } => match project {
            Some(project) => format!("/projects/{project}/versions/{version}"),
            None => format!("/rest/api/2/version/{version}"),
        },
        Target::Component { component, project } => match project {
            Some(project) => format!("/browse/{project}/component/{component}"),
            None => format!("/rest/api/2/component/{component}"),
        },
        Target::User { user } => self::user(user, cloud),
        Target::Request { issue, portal: Some(portal) } => format!("/servicedesk/customer/portal/{portal}/{issue}"),
        Target::Request { issue, portal: None } => format!("/rest/servicedeskapi/request/{issue}"),
        Target::Attachment { attachment, name } => {
            format!(
                "/secure/attachment/{attachment}/{}",
                utf8_percent_encode(name.as_deref().unwrap_or_default(), COMPONENT)
            )
        }
        Target::Plan { plan } if cloud => format!("/jira/plans/{plan}"),
        Target::Plan { plan } => format!("/secure/PortfolioPlanView.jspa?id={plan}"),
        Target::Portal { portal } => format!("/servicedesk/customer/portal/{portal}"),
        Target::Queue { queue, project } => match project {
            Some(project) if cloud => format!("/jira/servicedesk/projects/{project}/queues/custom/{queue}"),
            Some(project) => format!("/projects/{project}/queues/custom/{queue}"),
            None => String::new(),
        },
        Target::Site => String::new(),
    }
}

/// A user name is no account id, nor the other way round: each keeps the form that says which it is.
fn user(user: &UserId, cloud: bool) -> String {
    match user {
        UserId::Account(id) if cloud => format!("/jira/people/{}", utf8_percent_encode(id, ACCOUNT)),
        UserId::Account(id) => format!("/secure/ViewProfile.jspa?accountId={}", utf8_percent_encode(id, COMPONENT)),
        UserId::Name(name) => format!("/secure/ViewProfile.jspa?name={}", utf8_percent_encode(name, COMPONENT)),
        UserId::Own => "/secure/ViewProfile.jspa".to_owned(),
    }
}

/// The pasted link reduced to its path and the parameters that carry ids. Nothing else of the query survives.
pub(super) fn reduce(page: &Page<'_>, target: &Target) -> String {
    let mut out = String::new();
    for segment in page.segments {
        out.push('/');
        out.push_str(segment.raw);
    }
    if *target == Target::Site {
        return out;
    }
    let mut separator = '?';
    let mut push = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{separator}{name}={}", utf8_percent_encode(value, COMPONENT));
        separator = '&';
    };
    let parameters = page.parameters();
    for name in ID_PARAMETERS {
        let Some(value) = parameters.word(name) else { continue };
        if let Some(issue) = IssueKey::parse(value, true) {
            push(name, issue.as_str());
        } else if key::number_of(value).is_some() {
            push(name, value);
        }
    }
    // The comment may have been named in the fragment, or in words that only a browser understands.
    let is_named = page.is(0, "rest") || parameters.number_in(&["commentId", "worklogId"]).is_some();
    match target {
        Target::Comment { comment, .. } if !is_named => push("focusedCommentId", &comment.to_string()),
        Target::Worklog { worklog, .. } if !is_named => push("focusedWorklogId", &worklog.to_string()),
        Target::Search { jql } => push("jql", jql),
        Target::User { user: UserId::Account(id) } => push("accountId", id),
        Target::User { user: UserId::Name(name) } => push("username", name),
        _ => {}
    }
    out
}

/// Where an issue lies below Atlassian's API host.
pub(super) fn api_path(issue: &IssueId) -> String {
    format!("/rest/api/3/issue/{issue}")
}
