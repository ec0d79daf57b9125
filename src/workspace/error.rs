//! Why Notion was not connected, or cannot be asked: one variant per thing that somebody can do.

use jiff::Timestamp;

use crate::notion;
use crate::store;

/// Why nothing was connected.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("{0}.")]
    Invalid(&'static str),
    #[error("Notion does not accept this token. Copy it again from the settings of the connection, and try once more.")]
    WrongToken,
    #[error("Notion could not be asked. Try again in a moment.")]
    Unreachable,
    /// The log says more.
    #[error("Notion refuses the client of this gateway. Ask whoever runs it.")]
    Operator,
    #[error("You did not let the gateway in, so nothing was connected.")]
    Denied,
    #[error("This sign-in took too long or was used already. Begin again.")]
    Expired,
    #[error("This sign-in began in another browser or window. Begin again in this one.")]
    OtherBrowser,
    #[error("You are not signed in here any more. Sign in, then connect again.")]
    SignedOut,
    /// Accounts are never merged (contract §5).
    #[error("This Notion user belongs to another account of this gateway.")]
    OtherAccount,
    /// The token belongs to the workspace and not to a person.
    #[error("Notion did not say who you are, so nobody can be signed in.")]
    Nobody,
    #[error("Too many attempts. Try again later.")]
    TooManyAttempts { retry_at: Timestamp },
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl WorkspaceError {
    /// Notion's answer to a typed token.
    pub(super) fn of_typed(error: notion::Error) -> Self {
        match error {
            notion::Error::Unauthorized | notion::Error::Refused { .. } | notion::Error::NotFound => Self::WrongToken,
            error => {
                tracing::warn!(fault = "notion", retry = true, %error, "Notion did not say whose a token is");
                Self::Unreachable
            }
        }
    }

    /// Notion's answer to a code.
    pub(super) fn of_code(error: notion::Error) -> Self {
        match error {
            notion::Error::InvalidGrant => Self::Expired,
            error if error.is_transient() => {
                tracing::warn!(fault = "notion", retry = true, %error, "Notion's code was not exchanged");
                Self::Unreachable
            }
            error => {
                tracing::error!(
                    fault = "operator", retry = false, %error,
                    "Notion refuses the gateway's client; check its id, secret and redirect URI"
                );
                Self::Operator
            }
        }
    }
}

/// Why there is no answer of Notion's by a connection.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no such connection any more.
    #[error("this connection to Notion is gone")]
    Gone,
    /// Its person has to connect again; until then Notion is not asked.
    #[error("Notion does not accept the token any more; its person has to connect again")]
    Reconnect,
    /// What Notion, or the way to it, says; [`notion::Error::is_transient`] tells whether to try again.
    #[error(transparent)]
    Notion(#[from] notion::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}
