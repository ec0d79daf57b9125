//! What a reader is told about a Jira object ([`Preview`]), and the whole answer to one pasted link ([`Answer`]).

use std::borrow::Cow;

use jiff::Timestamp;

use crate::jira::key::{Deployment, Kind};
use crate::jira::model::StatusCategory;

pub use crate::jira::model::Progress;

/// Facts about one Jira object, in the order in which a reader sees them (paste-experience §7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    pub title: String,
    /// Issue key, project key, number of a board, …; empty where people know the object by its title alone.
    pub identifier: String,
    /// A picture of the object. In an answer its address lies on the gateway; before, it is Jira's own.
    pub icon_url: Option<String>,
    pub status: Option<Status>,
    pub facts: Vec<Fact>,
    /// How far the issues below this object have come.
    pub progress: Option<Progress>,
    /// The first issues of a search, a filter, a queue. Cards only.
    pub rows: Vec<Row>,
    /// The beginning of a comment. Only for the reader whom Jira showed it; never part of what is published to others.
    pub excerpt: Option<String>,
    /// Plain text; filled only where `GATEWAY_PREVIEW_DESCRIPTION` allows it.
    pub description: Option<String>,
    pub updated_at: Option<Timestamp>,
    /// Jira shows this to fewer people than its project, or does not tell whether it does: it must not be published to
    /// others than its reader.
    pub restricted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// As Jira names it for this reader.
    pub name: String,
    pub category: StatusCategory,
}

/// One issue in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub title: String,
    pub status: Option<Status>,
}

/// Bytes in decimal units: `3.9 MB`.
pub fn size_str(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

/// The word of the contract for a status category.
pub fn category_str(category: StatusCategory) -> &'static str {
    match category {
        StatusCategory::ToDo => "to_do",
        StatusCategory::InProgress => "in_progress",
        StatusCategory::Done => "done",
        StatusCategory::Unknown => "unknown",
    }
}

/// One labelled value. A missing value has no fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub id: FactId,
    /// The label that people read; usually [`FactId::name`].
    pub name: Cow<'static, str>,
    /// Display text; lists are joined by ", ", dates are ISO 8601.
    pub value: String,
    /// A picture of the value: the icon of a priority, the avatar of a person. Its address as in [`Preview::icon_url`].
    pub picture_url: Option<String>,
}

impl Fact {
    /// A fact under its usual label, without a picture.
    pub fn new(id: FactId, value: impl Into<String>) -> Self {
        Self { name: id.name().into(), id, value: value.into(), picture_url: None }
    }
}

/// What a fact tells (contract §4, `facts[].id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FactId {
    Type,
    Priority,
    Assignee,
    Reporter,
    Due,
    Sprint,
    Parent,
    FixVersion,
    Labels,
    Resolution,
    Lead,
    Category,
    Project,
    Owner,
    Jql,
    Count,
    Dates,
    Progress,
    /// A field of this Jira, by its id (`customfield_10016`, `timespent`).
    Field(Box<str>),
}

impl FactId {
    /// All but fields.
    pub const FIXED: [Self; 18] = [
        Self::Type,
        Self::Priority,
        Self::Assignee,
        Self::Reporter,
        Self::Due,
        Self::Sprint,
        Self::Parent,
        Self::FixVersion,
        Self::Labels,
        Self::Resolution,
        Self::Lead,
        Self::Category,
        Self::Project,
        Self::Owner,
        Self::Jql,
        Self::Count,
        Self::Dates,
        Self::Progress,
    ];

    /// The word of the contract, or the id of the field.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Type => "type",
            Self::Priority => "priority",
            Self::Assignee => "assignee",
            Self::Reporter => "reporter",
            Self::Due => "due",
            Self::Sprint => "sprint",
            Self::Parent => "parent",
            Self::FixVersion => "fix_version",
            Self::Labels => "labels",
            Self::Resolution => "resolution",
            Self::Lead => "lead",
            Self::Category => "category",
            Self::Project => "project",
            Self::Owner => "owner",
            Self::Jql => "jql",
            Self::Count => "count",
            Self::Dates => "dates",
            Self::Progress => "progress",
            Self::Field(id) => id,
        }
    }

    /// The usual label. Fields have none: each Jira names its own.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Type => "Type",
            Self::Priority => "Priority",
            Self::Assignee => "Assignee",
            Self::Reporter => "Reporter",
            Self::Due => "Due",
            Self::Sprint => "Sprint",
            Self::Parent => "Parent",
            Self::FixVersion => "Fix version",
            Self::Labels => "Labels",
            Self::Resolution => "Resolution",
            Self::Lead => "Lead",
            Self::Category => "Category",
            Self::Project => "Project",
            Self::Owner => "Owner",
            Self::Jql => "JQL",
            Self::Count => "Issues",
            Self::Dates => "Dates",
            Self::Progress => "Progress",
            Self::Field(_) => "",
        }
    }
}

/// The state of one link for one reader (contract §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Ready,
    Connect,
    Reconnect,
    ChooseAccount,
    NotFound,
    Moved,
    Unreachable,
    RateLimited,
    Captcha,
    Blocked,
    Unsupported,
    Error,
}

impl State {
    pub const ALL: [Self; 12] = [
        Self::Ready,
        Self::Connect,
        Self::Reconnect,
        Self::ChooseAccount,
        Self::NotFound,
        Self::Moved,
        Self::Unreachable,
        Self::RateLimited,
        Self::Captcha,
        Self::Blocked,
        Self::Unsupported,
        Self::Error,
    ];

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::ChooseAccount => "choose_account",
            Self::NotFound => "not_found",
            Self::Moved => "moved",
            Self::Unreachable => "unreachable",
            Self::RateLimited => "rate_limited",
            Self::Captcha => "captcha",
            Self::Blocked => "blocked",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        }
    }
}

/// Why an answer is not simply `ready` (contract §4, `reason.code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonCode {
    Connect,
    Reconnect,
    Captcha,
    NotFound,
    Gone,
    Moved,
    Unreachable,
    Tls,
    SignInPage,
    RateLimited,
    Policy,
    ScopeMissing,
    LicenseMissing,
    OperatorConfiguration,
    ApiRemoved,
    UpstreamError,
    TooLarge,
    Unsupported,
}

impl ReasonCode {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::Captcha => "captcha",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::Moved => "moved",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::SignInPage => "sign_in_page",
            Self::RateLimited => "rate_limited",
            Self::Policy => "policy",
            Self::ScopeMissing => "scope_missing",
            Self::LicenseMissing => "license_missing",
            Self::OperatorConfiguration => "operator_configuration",
            Self::ApiRemoved => "api_removed",
            Self::UpstreamError => "upstream_error",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A code for programs and a sentence for people. The sentence never holds a title, a name or a server's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    pub message: String,
    pub retry_at: Option<Timestamp>,
    /// Where Jira itself told that the object was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// The site of a link as readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub url: String,
    pub name: String,
    /// `None` until somebody has connected or the host says Cloud.
    pub deployment: Option<Deployment>,
}

/// The reader's own connection that an answer was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    pub id: String,
    pub label: String,
}

/// What a reader can do next; `id` is a word for programs (`open`, `connect`, `reconnect`, `why`, …).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub id: &'static str,
    pub href: String,
}

/// Everything that is said about one pasted link to one reader. JSON, card, mention and Notion attributes are all made
/// from this one value, so that one permission rule and one leak test cover them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The link as it was given.
    pub url: String,
    /// `None` for kind `none`.
    pub canonical_url: Option<String>,
    pub kind: Kind,
    /// By the table "Kinds" of jira-urls; empty for kind `none` and `site`.
    pub id: String,
    pub site: Option<Site>,
    pub state: State,
    pub stale: bool,
    pub checked_at: Option<Timestamp>,
    pub connection: Option<Via>,
    pub preview: Option<Preview>,
    pub reason: Option<Reason>,
    pub actions: Vec<Action>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (12_449, "12.4 kB"), (3_999_999, "3.9 MB")]
        {
            assert_eq!(size_str(bytes), text);
        }
    }
}
