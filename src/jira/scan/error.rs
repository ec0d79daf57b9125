//! Why a page did not come, as what the sync can do about it.

use std::time::Duration;

use crate::jira::Error;

/// One variant per thing that a caller can do. After any of them the last saved position is still good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Ask again from the same position, not before this long where Jira says it.
    #[error("Jira cannot answer now: {why}")]
    Later { wait: Option<Duration>, why: Error },
    /// The person has to sign in again, or lacks a right of the account as a whole (S15).
    #[error("sign in to Jira again: {0}")]
    SignIn(Error),
    /// Jira refuses the project or the filter: the settings have to change. It never means "no issues" (S13).
    #[error("Jira refuses the project or the filter: {0}")]
    Configuration(Error),
    /// Jira says or shows that issues were left out: this run is worth nothing and must not decide on deletion (S14).
    #[error("Jira cut its answer short: {0}")]
    Cut(&'static str),
}

impl From<Error> for ScanError {
    fn from(error: Error) -> Self {
        match error {
            Error::RateLimited { retry_after } => Self::Later { wait: retry_after, why: error },
            Error::Upstream(_) | Error::Malformed | Error::Outbound(_) => Self::Later { wait: None, why: error },
            Error::BadCredentials
            | Error::Captcha { .. }
            | Error::BasicAuthDisabled
            | Error::MissingScope
            | Error::MissingLicense
            | Error::Forbidden
            | Error::SignInPage => Self::SignIn(error),
            Error::BadQuery | Error::NotFound | Error::ApiRemoved | Error::OperatorConfiguration => {
                Self::Configuration(error)
            }
        }
    }
}
