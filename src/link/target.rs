//! What a link names, with the parts that the link carries.

use crate::jira::key::Kind;

use super::key::{IssueId, IssueKey, ProjectId, ProjectKey};

/// The object of a link: one variant for each kind of contract §4 but `none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Issue {
        issue: IssueId,
    },
    Comment {
        issue: IssueId,
        comment: u64,
    },
    Worklog {
        issue: IssueId,
        worklog: u64,
    },
    Project {
        project: ProjectId,
    },
    /// The project is context: it is there when the path names it.
    Board {
        board: u64,
        project: Option<ProjectKey>,
    },
    Sprint {
        sprint: u64,
    },
    /// Negative ids are built in: -1 my open issues, …
    Filter {
        filter: i64,
    },
    /// Decoded JQL; empty for a search that has none (the forms from before JQL).
    Search {
        jql: String,
    },
    /// `None` is everybody's default dashboard.
    Dashboard {
        dashboard: Option<u64>,
    },
    Version {
        version: u64,
        project: Option<ProjectId>,
    },
    Component {
        component: u64,
        project: Option<ProjectId>,
    },
    User {
        user: UserId,
    },
    /// An issue as the customer of a service desk sees it.
    Request {
        issue: IssueId,
        portal: Option<u64>,
    },
    /// An issue of a Product Discovery project, opened from a view.
    Idea {
        key: IssueKey,
    },
    /// The file name is there where the link is a download link.
    Attachment {
        attachment: u64,
        name: Option<String>,
    },
    Plan {
        plan: u64,
    },
    Portal {
        portal: u64,
    },
    Queue {
        queue: u64,
        project: Option<ProjectKey>,
    },
    /// A page of Jira that names no object, or the bare site.
    Site,
}

/// How a link names a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserId {
    /// Jira Cloud's opaque id.
    Account(String),
    /// The user name of a self-managed Jira.
    Name(String),
    /// The reader's own profile.
    Own,
}

impl Target {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Issue { .. } => Kind::Issue,
            Self::Comment { .. } => Kind::Comment,
            Self::Worklog { .. } => Kind::Worklog,
            Self::Project { .. } => Kind::Project,
            Self::Board { .. } => Kind::Board,
            Self::Sprint { .. } => Kind::Sprint,
            Self::Filter { .. } => Kind::Filter,
            Self::Search { .. } => Kind::Search,
            Self::Dashboard { .. } => Kind::Dashboard,
            Self::Version { .. } => Kind::Version,
            Self::Component { .. } => Kind::Component,
            Self::User { .. } => Kind::User,
            Self::Request { .. } => Kind::Request,
            Self::Idea { .. } => Kind::Idea,
            Self::Attachment { .. } => Kind::Attachment,
            Self::Plan { .. } => Kind::Plan,
            Self::Portal { .. } => Kind::Portal,
            Self::Queue { .. } => Kind::Queue,
            Self::Site => Kind::Site,
        }
    }

    /// The id that goes with the kind (the table "Kinds" of jira-urls §11); empty where there is none.
    pub fn id(&self) -> String {
        match self {
            Self::Issue { issue } | Self::Request { issue, .. } => issue.to_string(),
            Self::Comment { comment, .. } => comment.to_string(),
            Self::Worklog { worklog, .. } => worklog.to_string(),
            Self::Project { project } => project.to_string(),
            Self::Board { board, .. } => board.to_string(),
            Self::Sprint { sprint } => sprint.to_string(),
            Self::Filter { filter } => filter.to_string(),
            Self::Search { jql } => jql.clone(),
            Self::Dashboard { dashboard } => dashboard.map(|id| id.to_string()).unwrap_or_default(),
            Self::Version { version, .. } => version.to_string(),
            Self::Component { component, .. } => component.to_string(),
            Self::User { user: UserId::Account(text) | UserId::Name(text) } => text.clone(),
            Self::Idea { key } => key.to_string(),
            Self::Attachment { attachment, .. } => attachment.to_string(),
            Self::Plan { plan } => plan.to_string(),
            Self::Portal { portal } => portal.to_string(),
            Self::Queue { queue, .. } => queue.to_string(),
            Self::User { user: UserId::Own } | Self::Site => String::new(),
        }
    }

    /// The issue that the link names, alone or with a comment, a worklog, a portal.
    pub fn issue(&self) -> Option<IssueId> {
        match self {
            Self::Issue { issue }
            | Self::Comment { issue, .. }
            | Self::Worklog { issue, .. }
            | Self::Request { issue, .. } => Some(issue.clone()),
            Self::Idea { key } => Some(IssueId::Key(key.clone())),
            _ => None,
        }
    }

    /// The key of the project, where the link says it.
    pub fn project_key(&self) -> Option<&str> {
        match self {
            Self::Issue { issue }
            | Self::Comment { issue, .. }
            | Self::Worklog { issue, .. }
            | Self::Request { issue, .. } => issue.key().map(IssueKey::project),
            Self::Idea { key } => Some(key.project()),
            Self::Project { project }
            | Self::Version { project: Some(project), .. }
            | Self::Component { project: Some(project), .. } => project.key().map(ProjectKey::as_str),
            Self::Board { project: Some(project), .. } | Self::Queue { project: Some(project), .. } => {
                Some(project.as_str())
            }
            _ => None,
        }
    }
}
