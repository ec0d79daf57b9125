//! What a caller can do about a failed call to Notion.

use std::time::Duration;

use crate::outbound::Failure;

/// Why Notion did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The token is not good any more: the person has to allow it again.
    #[error("Notion does not accept the token any more")]
    Unauthorized,
    /// The code or the renewal token is used, too old or not ours: begin anew.
    #[error("Notion does not accept the code or token that was to be exchanged")]
    InvalidGrant,
    /// What the operator has set is refused (`invalid_client`, `unauthorized_client`, …).
    #[error("Notion refuses the client that is set ({0})")]
    Operator(&'static str),
    /// Not there, or not shown to this token.
    #[error("Notion does not know what was asked for")]
    NotFound,
    /// Too many requests; not before the given time, where Notion names one.
    #[error("Notion asks to wait")]
    RateLimited { retry_after: Option<Duration> },
    /// Refused for what it says: sending it again would not help. Notion's word for it.
    #[error("Notion refuses the request ({code})")]
    Refused { status: u16, code: String },
    /// Try again later.
    #[error("Notion does not answer as it should (status {0})")]
    Upstream(u16),
    #[error("Notion's answer is not understood")]
    Malformed,
    #[error("{0}")]
    Outbound(Failure),
}

impl Error {
    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Upstream(_) | Self::Malformed | Self::Outbound(_))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Outbound(failure)
    }
}
