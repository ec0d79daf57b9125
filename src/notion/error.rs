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
    RateLimited { retry_after: Option<Duration>, limit: Limit },
    /// Somebody else was changing the same thing: nothing was done, and it may be tried again.
    #[error("Notion was changing the same thing at that moment")]
    Conflict,
    /// Refused for what it says: sending it again would not help. Notion's word for it.
    #[error("Notion refuses the request ({code})")]
    Refused {
        status: u16,
        code: String,
        /// Notion's sentence and the number under which Notion finds the request, as one line for the person whose
        /// data it is about: it may repeat what was sent, so it belongs into no log.
        detail: String,
    },
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
        self.may_be_done() || matches!(self, Self::RateLimited { .. } | Self::Conflict)
    }

    /// Whether Notion may do the same for less at a time: it took too long, or there is too much in it (notion-rest-api §3.4,
    /// §6).
    pub fn is_too_much(&self) -> bool {
        let by_size = matches!(self, Self::Refused { status: 413, .. } | Self::Outbound(Failure::TooLarge));
        by_size || matches!(self, Self::Upstream(503 | 504) | Self::Outbound(Failure::Timeout))
    }

    /// Whether Notion may have done what was asked all the same: what must not be done twice has to be looked up first.
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Upstream(_) | Self::Malformed | Self::Outbound(_))
    }
}

/// Which of Notion's limits was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// That of one connection.
    Connection,
    /// That of all connections to a workspace.
    Workspace,
    /// Not told, or in a word that nobody has heard of.
    Unknown,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Outbound(failure)
    }
}
