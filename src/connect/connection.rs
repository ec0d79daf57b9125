//! A person's sign-in to one Jira, as everybody but this room sees it: without the secret.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::jira;
use crate::jira::auth::Method;
use crate::jira::key::{Deployment, SiteUrl};
use crate::preview::{ReasonCode, State};
use crate::store;

/// How far ahead a connection is shown as `expiring`.
const EXPIRING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whether a connection still works (contract §4, `health`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ok,
    /// Works, but its token ends within 14 days.
    Expiring,
    /// Jira no longer accepts the credential.
    Reconnect,
    /// Jira wants a CAPTCHA before it looks at the credential again.
    Captcha,
    /// Jira could not be reached when it was last checked by hand.
    Unreachable,
}

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Expiring => "expiring",
            Self::Reconnect => "reconnect",
            Self::Captcha => "captcha",
            Self::Unreachable => "unreachable",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "reconnect" => Self::Reconnect,
            "captcha" => Self::Captcha,
            "unreachable" => Self::Unreachable,
            _ => Self::Ok,
        }
    }

    /// Whether Jira may be asked with it; otherwise the person has to act first.
    pub fn may_be_used(self) -> bool {
        matches!(self, Self::Ok | Self::Expiring | Self::Unreachable)
    }

    /// What a link answers while the person has to act.
    pub fn trouble(self) -> (State, ReasonCode) {
        match self {
            Self::Captcha => (State::Captcha, ReasonCode::Captcha),
            _ => (State::Reconnect, ReasonCode::Reconnect),
        }
    }

    /// The failure that led to this health.
    pub fn as_error(self) -> jira::Error {
        match self {
            Self::Captcha => jira::Error::Captcha { login_url: None },
            _ => jira::Error::BadCredentials,
        }
    }

    /// The health that follows from a failed call; `None` where the connection itself is not to blame.
    pub fn after(error: &jira::Error) -> Option<Self> {
        match error {
            jira::Error::BadCredentials | jira::Error::BasicAuthDisabled => Some(Self::Reconnect),
            jira::Error::Captcha { .. } => Some(Self::Captcha),
            _ => None,
        }
    }
}

/// An account's credential at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub id: Arc<str>,
    pub account: Arc<str>,
    /// What people click.
    pub site: SiteUrl,
    /// Where calls go: the site itself, or Atlassian's API host for scoped tokens.
    pub api: String,
    pub deployment: Deployment,
    pub method: Method,
    /// E-mail on Cloud, user name elsewhere.
    pub label: String,
    pub health: Health,
    pub health_since: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub grant: Option<String>,
    /// Counts up whenever the credential is replaced; part of every cache key.
    pub generation: i64,
}

impl Connection {
    /// Reads a stored row; `None` for a row of a later version of the gateway that this one cannot use.
    pub(super) fn of_row(row: store::Connection, now: Timestamp) -> Option<Self> {
        let expires_at = row.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let health = match Health::parse(&row.health) {
            Health::Ok if expires_at.is_some_and(|at| at.duration_since(now) <= EXPIRING) => Health::Expiring,
            health => health,
        };
        Some(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            site: SiteUrl::parse(&row.site_url).ok()?,
            api: row.api_url,
            deployment: Deployment::parse(&row.deployment)?,
            method: Method::parse(&row.method)?,
            label: row.label,
            health,
            health_since: Timestamp::from_millisecond(row.health_since).unwrap_or(Timestamp::UNIX_EPOCH),
            expires_at,
            grant: row.grant_id,
            generation: row.generation,
        })
    }
}
