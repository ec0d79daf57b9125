//! What a caller can do about a failed call to Jira.

use std::time::Duration;

use crate::outbound::Failure;

/// One variant per thing that a caller can do. Made by one classifier for all deployments (jira-auth-and-rest §5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Jira does not accept the credential: stop using it and ask the person.
    #[error("Jira refused the credential")]
    BadCredentials,
    /// Jira wants a CAPTCHA: every further attempt makes it worse.
    #[error("Jira wants a CAPTCHA")]
    Captcha {
        /// Jira's own sign-in page, only if it lies on the site's own host.
        login_url: Option<String>,
    },
    /// Basic authentication is switched off at this Jira: use a personal access token or OAuth.
    #[error("Jira does not accept user name and password over its API")]
    BasicAuthDisabled,
    /// The token is good but lacks a scope: a refresh does not help.
    #[error("the token lacks a scope")]
    MissingScope,
    /// The operator's side is refused: OAuth client, consumer key, redirect URL, clock. No person can mend it.
    #[error("the gateway's own registration at this Jira is refused")]
    OperatorConfiguration,
    /// Jira Software / Service Management is not licensed for this person or site.
    #[error("a licence is missing")]
    MissingLicense,
    /// The person may not do this, or policy forbids it.
    #[error("Jira refused access")]
    Forbidden,
    /// Missing or hidden: Jira does not say which.
    #[error("not found, or not visible")]
    NotFound,
    /// Jira rejected the query itself.
    #[error("Jira did not understand the query")]
    BadQuery,
    /// The call was removed from Jira: the gateway needs an update.
    #[error("Jira has removed this API")]
    ApiRemoved,
    /// Asked to wait (429, or 503 with Retry-After).
    #[error("Jira asked to wait")]
    RateLimited { retry_after: Option<Duration> },
    /// A sign-in page or another HTML page came where JSON was asked.
    #[error("a sign-in page came instead of data")]
    SignInPage,
    /// Status and type are right, the content is not what Jira would send.
    #[error("the answer could not be read")]
    Malformed,
    /// Jira had a fault of its own (5xx).
    #[error("Jira failed with status {0}")]
    Upstream(u16),
    /// No usable answer came: name, connection, TLS, time, size, policy.
    #[error(transparent)]
    Outbound(#[from] Failure),
}

impl Error {
    /// The same; a wait that is known better takes the place of the one that Jira named.
    pub(super) fn with_wait(self, wait: Option<Duration>) -> Self {
        match self {
            Self::RateLimited { retry_after } => Self::RateLimited { retry_after: wait.or(retry_after) },
            error => error,
        }
    }
}

impl Error {
    /// Whether only this one call is refused, so that others to the same Jira may go better. What is left concerns all of
    /// them: the credential, the network, a Jira that wants to wait.
    pub fn concerns_one_call(&self) -> bool {
        match self {
            Self::NotFound
            | Self::BadQuery
            | Self::ApiRemoved
            | Self::Malformed
            | Self::Forbidden
            | Self::MissingScope
            | Self::MissingLicense
            | Self::Upstream(_) => true,
            Self::Outbound(failure) => *failure == Failure::TooLarge,
            Self::BadCredentials
            | Self::Captcha { .. }
            | Self::BasicAuthDisabled
            | Self::OperatorConfiguration
            | Self::RateLimited { .. }
            | Self::SignInPage => false,
        }
    }
}
