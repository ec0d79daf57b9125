//! What Jira tells us, in one shape for Cloud, Data Center and Server.
//!
//! Decoders (`cloud`, `server`) build these values by id and category, never by localised name. Everything that a
//! server may leave out is optional here: a missing field is a missing fact, not an error.

use std::fmt;

use jiff::{Timestamp, civil::Date};

/// Jira's four status categories, by `statusCategory.key` (jira-auth-and-rest §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusCategory {
    ToDo,
    InProgress,
    Done,
    /// `undefined`, or a key that Jira has never had.
    Unknown,
}

impl StatusCategory {
    /// By key; the id only where a server left the key out. Names are localised and never looked at.
    pub fn of(key: &str, id: Option<i64>) -> Self {
        match (key, id) {
            ("new", _) | ("", Some(2)) => Self::ToDo,
            ("indeterminate", _) | ("", Some(4)) => Self::InProgress,
            ("done", _) | ("", Some(3)) => Self::Done,
            _ => Self::Unknown,
        }
    }
}

/// Numbers of issues by status category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Also issues of an unknown category: they are not done.
    pub to_do: u32,
    pub in_progress: u32,
    pub done: u32,
}

impl Progress {
    /// Counts one more issue.
    pub fn add(&mut self, category: StatusCategory) {
        let count = match category {
            StatusCategory::Done => &mut self.done,
            StatusCategory::InProgress => &mut self.in_progress,
            StatusCategory::ToDo | StatusCategory::Unknown => &mut self.to_do,
        };
        *count = count.saturating_add(1);
    }

    pub fn total(self) -> u32 {
        self.to_do.saturating_add(self.in_progress).saturating_add(self.done)
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} done", self.done, self.total())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub id: String,
    pub name: String,
    pub category: StatusCategory,
}

/// A thing with an id and a display name: priority, resolution, component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: String,
    /// A priority's picture, at Jira.
    pub icon_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueType {
    pub id: String,
    pub name: String,
    pub subtask: bool,
    /// Cloud: -1 sub-task, 0 issue, 1 epic, above what the site has named itself.
    pub level: Option<i64>,
    /// Its picture, at Jira.
    pub icon_url: Option<String>,
}

/// A Jira user as an answer shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `accountId` on Cloud; the immutable user `key` elsewhere (`name` where a server has no key).
    /// Empty where an issue names somebody by the display name alone; never empty in the answer to `/myself`.
    pub id: String,
    /// The user name; Cloud has none.
    pub name: Option<String>,
    pub display_name: String,
    pub email: Option<String>,
    pub active: bool,
    /// IANA name of the person's time zone, where told (`/myself`).
    pub time_zone: Option<String>,
    /// The avatar, at Jira or at a public service.
    pub avatar_url: Option<String>,
}

/// A project as other objects mention it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRef {
    pub id: String,
    pub key: String,
    pub name: String,
    /// `software`, `business`, `service_desk`, `product_discovery`; absent on old servers.
    pub type_key: Option<String>,
}

/// An issue as other issues mention it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueRef {
    pub key: String,
    pub summary: Option<String>,
}

/// Long text in the form in which the server keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum RichText {
    /// Atlassian Document Format (REST v3).
    Adf(serde_json::Value),
    /// Wiki markup, or HTML where an administrator chose such a renderer (REST v2).
    Wiki(String),
    /// HTML that Jira rendered (`renderedFields`).
    Html(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    pub id: String,
    /// As Jira answers it: for a moved issue the new key.
    pub key: String,
    pub summary: String,
    pub issue_type: Option<IssueType>,
    pub status: Option<Status>,
    pub priority: Option<Named>,
    pub assignee: Option<Person>,
    pub reporter: Option<Person>,
    pub project: Option<ProjectRef>,
    pub parent: Option<IssueRef>,
    pub due: Option<Date>,
    pub resolution: Option<Named>,
    pub fix_versions: Vec<String>,
    pub labels: Vec<String>,
    pub description: Option<RichText>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// Whether a security level hides the issue from some who see the project.
    pub secured: bool,
    /// How far the sub-tasks have come.
    pub subtasks: Option<Progress>,
    pub votes: Option<u64>,
    /// The custom fields that were asked for, by id, as Jira writes them.
    pub custom: Vec<(String, serde_json::Value)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub id: String,
    pub key: String,
    pub name: String,
    pub type_key: Option<String>,
    /// Plain text.
    pub description: Option<String>,
    pub lead: Option<Person>,
    pub category: Option<Named>,
    pub archived: bool,
    /// Its picture, at Jira.
    pub avatar_url: Option<String>,
}

/// One page of `/rest/api/2/search` or `/rest/api/3/search/jql`.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuePage {
    pub issues: Vec<Issue>,
    /// Cloud's continuation; `None` on the last page and on self-managed servers.
    pub next_page_token: Option<String>,
    /// Self-managed servers only.
    pub total: Option<u64>,
}

/// `/rest/api/2/serverInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    pub base_url: Option<String>,
    pub version: String,
    /// `Cloud`, `Server`; absent on old servers. Data Center says `Server` too.
    pub deployment_type: Option<String>,
    pub title: Option<String>,
}

/// One entry of `/field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub id: String,
    pub name: String,
    pub custom: bool,
    /// `schema.custom`, the type of a custom field, or `schema.system`.
    pub schema: Option<String>,
    /// `schema.system` alone: what a field of Jira's own is, whatever its id.
    pub system: Option<String>,
    pub value_type: Option<String>,
    /// What a list holds.
    pub items: Option<String>,
    /// The id of the one project that has it: a team-managed one of Cloud.
    pub project: Option<String>,
}
