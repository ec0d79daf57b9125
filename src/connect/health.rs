//! What a connection's health means: whether it may be used, and what follows from a failed call. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::jira;
use crate::preview::{ReasonCode, State};
use crate::store::{Connection, Health};

/// How far ahead a connection is shown as `expiring`.
const EXPIRING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Health as people see it: a token that ends soon is said ahead.
pub fn seen(connection: Connection, now: Timestamp) -> Connection {
    let ends = connection.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let soon = ends.is_some_and(|at| at.duration_since(now) <= EXPIRING);
    match connection.health {
        Health::Ok if soon => Connection { health: Health::Expiring, ..connection },
        _ => connection,
    }
}

/// Whether Jira may be asked with it; otherwise the person has to act first.
pub fn may_be_used(health: Health) -> bool {
    matches!(health, Health::Ok | Health::Expiring | Health::Unreachable)
}

/// What a link answers while the person has to act.
pub fn trouble(health: Health) -> (State, ReasonCode) {
    match health {
        Health::Captcha => (State::Captcha, ReasonCode::Captcha),
        _ => (State::Reconnect, ReasonCode::Reconnect),
    }
}

/// The failure that leads to a health.
pub fn cause(health: Health) -> jira::Error {
    match health {
        Health::Captcha => jira::Error::Captcha { login_url: None },
        _ => jira::Error::BadCredentials,
    }
}

/// The health that follows from a failed call; `None` where the connection itself is not to blame.
pub fn after(error: &jira::Error) -> Option<Health> {
    match error {
        jira::Error::BadCredentials | jira::Error::BasicAuthDisabled => Some(Health::Reconnect),
        jira::Error::Captcha { .. } => Some(Health::Captcha),
        _ => None,
    }
}
