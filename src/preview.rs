//! What a reader is told about a Jira object ([`Preview`]), and the whole answer to one pasted link ([`Answer`]).

use jiff::Timestamp;

use crate::jira::key::{Deployment, Kind};
use crate::jira::model::StatusCategory;

/// Facts about one Jira object, in the order in which a reader sees them (paste-experience §7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub title: String,
    /// Issue key, project key, …
    pub identifier: String,
    pub icon_url: Option<String>,
    pub status: Option<Status>,
    pub facts: Vec<Fact>,
    /// Plain text; filled only where `GATEWAY_PREVIEW_DESCRIPTION` allows it.
    pub description: Option<String>,
    pub updated_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// As Jira names it for this reader.
    pub name: String,
    pub category: StatusCategory,
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
    /// A word of the contract (`assignee`, `due`, …) or a Jira field id.
    pub id: FactId,
    /// Display text; lists are joined by ", ", dates are ISO 8601.
    pub value: String,
}

/// The facts that are shown until custom fields are chosen per site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactId {
    Type,
    Assignee,
    Priority,
    Due,
    Parent,
    FixVersion,
    Reporter,
    Labels,
    Resolution,
    Lead,
    Category,
}

impl FactId {
    /// The word of the contract (`facts[].id`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Assignee => "assignee",
            Self::Priority => "priority",
            Self::Due => "due",
            Self::Parent => "parent",
            Self::FixVersion => "fix_version",
            Self::Reporter => "reporter",
            Self::Labels => "labels",
            Self::Resolution => "resolution",
            Self::Lead => "lead",
            Self::Category => "category",
        }
    }

    /// The label that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "Type",
            Self::Assignee => "Assignee",
            Self::Priority => "Priority",
            Self::Due => "Due",
            Self::Parent => "Parent",
            Self::FixVersion => "Fix version",
            Self::Reporter => "Reporter",
            Self::Labels => "Labels",
            Self::Resolution => "Resolution",
            Self::Lead => "Lead",
            Self::Category => "Category",
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
