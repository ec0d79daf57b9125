//! OAuth towards Jira: how a person lets us in, and how that stays valid (jira-auth-and-rest §2, §4.3, §4.4).
//!
//! ```text
//! two      OAuth 2.0: 3LO of Jira Cloud, and Data Center's own provider
//! one      OAuth 1.0a: application links of Server and Data Center
//! sign     the signature of OAuth 1.0a                                     pure
//! sites    which Cloud sites a 3LO grant opens
//! ```

mod one;
mod sign;
mod sites;
mod two;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Error;
use super::auth::Secret;

pub(super) use one::Problem;
pub use one::{Application, RequestToken};
pub use sign::{Consumer, ConsumerError, Signer, Stamp, Stamps};
pub use sites::{Resource, resources};
pub use two::{Client, Flavour, Flow};

/// What a provider gave us: tokens of OAuth 2.0 with the instants that matter, in milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tokens {
    pub access: Secret,
    /// Without one the access token cannot be renewed.
    pub refresh: Option<Secret>,
    /// When the access token ends.
    pub expires_at: i64,
    /// When the person consented.
    pub granted_at: i64,
}

/// Why a provider gave no tokens: one variant per thing that can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// The grant or the code is used up, expired or revoked: the person has to consent again.
    #[error("the provider does not know this grant any more")]
    InvalidGrant,
    /// What the operator has set is refused: client id, secret, key, scope, redirect URL, clock. No consent helps.
    #[error("the provider refuses the gateway itself: {0}")]
    Operator(&'static str),
    /// The provider is away, busy, or did not answer as one: try again later and drop nothing.
    #[error("the provider did not answer as it should: {0}")]
    Unavailable(Error),
}

impl OAuthError {
    /// How long the provider asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(Error::RateLimited { retry_after }) => *retry_after,
            _ => None,
        }
    }
}

impl From<OAuthError> for Error {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::InvalidGrant => Self::BadCredentials,
            OAuthError::Operator(_) => Self::OperatorConfiguration,
            OAuthError::Unavailable(error) => error,
        }
    }
}
