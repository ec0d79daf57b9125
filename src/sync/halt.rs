//! Why a run does not go on: one variant per thing that somebody can do about it.

use std::time::Duration;

use super::badge::Reason;
use crate::jira;
use crate::jira::scan::ScanError;
use crate::notion;
use crate::store;
use crate::workspace::TokenError;

/// Nothing is lost by any of them: what was read and begun is kept, and the next run goes on there.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// Somebody else works on the database now, or it was removed.
    #[error("another process has taken over")]
    Lost,
    /// The gateway stops: the next one to start goes on.
    #[error("the gateway stops")]
    Stopping,
    /// Its person wants it to rest.
    #[error("it was paused")]
    Paused,
    /// The connection to Jira was removed.
    #[error("there is no connection to Jira any more")]
    JiraGone,
    /// Jira does not accept the credential any more: its person has to act.
    #[error("Jira does not accept the connection any more")]
    JiraReconnect,
    /// Jira wants a CAPTCHA before it accepts the credential again.
    #[error("Jira wants a CAPTCHA")]
    JiraCaptcha,
    /// The project is not there, or not for this person any more.
    #[error("the project cannot be seen in Jira")]
    ProjectHidden,
    /// The project is archived, or in Jira's trash.
    #[error("the project is archived in Jira")]
    ProjectArchived,
    /// More issues are missing than anybody deletes: its person has to decide.
    #[error("many issues are missing")]
    Brake(Reason),
    /// Jira refuses the question itself: the filter, or the project in it.
    #[error("Jira refuses the query")]
    BadQuery,
    /// More issues than any project has, or than a database of Notion could hold.
    #[error("there are more issues than a synced database holds")]
    TooManyIssues,
    /// The operator does not let the project be copied any more.
    #[error("the operator does not let this project be copied into Notion")]
    Policy,
    /// The connection to Notion was removed.
    #[error("there is no connection to Notion any more")]
    NotionGone,
    #[error("Notion does not accept the connection any more")]
    NotionReconnect,
    /// The page that is to hold the database is not shared with the connection, or gone.
    #[error("the page for the database cannot be seen in Notion")]
    ParentHidden,
    /// The database is not shared with the connection any more, or gone for good.
    #[error("the database cannot be seen in Notion")]
    DatabaseHidden,
    #[error("the database is in the trash of Notion")]
    DatabaseTrashed,
    /// A right is lacking that the connection to Notion needs.
    #[error("the connection may not do this in Notion ({code})")]
    Forbidden { code: String, detail: String },
    /// Notion takes no more rows.
    #[error("Notion takes no more rows")]
    RowLimit { detail: String },
    /// Notion refuses what a call says.
    #[error("Notion refuses a request ({code})")]
    Refused { code: String, detail: String },
    /// It may go better later; not before the given time, where one was named.
    #[error("{why}")]
    Later { why: String, wait: Option<Duration> },
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Halt {
    /// Whether Notion can be told of it now: it was not Notion itself, and we still may.
    pub(super) fn leaves_notion_open(&self) -> bool {
        matches!(
            self,
            Self::JiraReconnect
                | Self::JiraCaptcha
                | Self::ProjectHidden
                | Self::ProjectArchived
                | Self::Brake(_)
                | Self::BadQuery
                | Self::TooManyIssues
                | Self::Policy
                | Self::RowLimit { .. }
        )
    }

    /// What Jira says to somebody who reads a project.
    pub(super) fn of_scan(error: ScanError) -> Self {
        match error {
            ScanError::Configuration(jira::Error::NotFound) => Self::ProjectHidden,
            ScanError::Configuration(jira::Error::BadQuery) => Self::BadQuery,
            ScanError::SignIn(jira::Error::BadCredentials | jira::Error::BasicAuthDisabled) => Self::JiraReconnect,
            ScanError::SignIn(jira::Error::Captcha { .. }) => Self::JiraCaptcha,
            ScanError::SignIn(jira::Error::Forbidden) => Self::ProjectHidden,
            ScanError::Later { wait, .. } => Self::Later { why: error.to_string(), wait },
            // A page to sign in may come from whatever stands before Jira for a while: the credential is not proven bad.
            ScanError::SignIn(_) | ScanError::Configuration(_) | ScanError::Cut(_) => {
                Self::Later { why: error.to_string(), wait: None }
            }
        }
    }
}

impl From<TokenError> for Halt {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Gone => Self::NotionGone,
            TokenError::Reconnect => Self::NotionReconnect,
            TokenError::Store(error) => Self::Store(error),
            TokenError::Notion(error) => error.into(),
        }
    }
}

impl From<notion::Error> for Halt {
    fn from(error: notion::Error) -> Self {
        match error {
            notion::Error::Unauthorized | notion::Error::InvalidGrant => Self::NotionReconnect,
            notion::Error::NotFound => Self::DatabaseHidden,
            notion::Error::Refused { code, detail, .. } if code == "row_limit_exceeded" => Self::RowLimit { detail },
            notion::Error::Refused { status: 403, code, detail } => Self::Forbidden { code, detail },
            notion::Error::Refused { code, detail, .. } => Self::Refused { code, detail },
            notion::Error::RateLimited { retry_after, .. } => Self::Later { why: error.to_string(), wait: retry_after },
            error => Self::Later { why: error.to_string(), wait: None },
        }
    }
}
