//! The token calendar: when what a connection signs in with ends, and who knows it (paste-experience §14).
//!
//! Of an API token only its person can say it (jira-auth-and-rest §3). Of personal access tokens Jira tells all of a
//! person's, but not which one asks. A grant ends when nobody uses it, or by its age. What is noted here only warns: whether
//! a connection still works is for Jira to say.

use jiff::{SignedDuration, Timestamp};

use super::error::ConnectError;
use super::lease::IDLE;
use super::typed::{Proven, Typed};
use super::{Connect, health};
use crate::jira::access_tokens::AccessToken;
use crate::jira::auth::{Credential, Method};
use crate::jira::classify::Plane;
use crate::store::{self, AccountId, Connection, ConnectionId};

/// Between a renewal and the keeping of it passes less than this.
const SLACK: SignedDuration = SignedDuration::from_mins(10);
/// Nobody means a day so far away.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 10);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whether a day can be that on which a working token ends: today or later, and not in another century.
pub fn is_to_come(day: Timestamp, now: Timestamp) -> bool {
    let left = day.duration_since(now);
    left > -DAY && left < FARTHEST
}

/// Since when nobody has used a grant that ends for that reason: the next use gives it a new day. `None` where use changes
/// nothing: a token, or a grant that ends by its age.
pub fn unused_since(connection: &Connection) -> Option<Timestamp> {
    unused(&connection.method, connection.secret_since, connection.expires_at?)
}

fn unused(method: &str, secret_since: i64, expires_at: i64) -> Option<Timestamp> {
    let renews = matches!(Method::parse(method), Some(Method::Oauth | Method::Oauth2));
    let since = Timestamp::from_millisecond(secret_since).ok()?;
    let ends = Timestamp::from_millisecond(expires_at).ok()?;
    let idle = since.checked_add(IDLE).ok()?;
    (renews && ends.duration_since(idle) > -SLACK).then_some(since)
}

/// When the token ends that has just been accepted, by the list of its person's tokens: only if all that may be meant end
/// at one time.
fn the_end_of_all(tokens: &[AccessToken], now: Timestamp) -> Option<Timestamp> {
    let mut alive = tokens.iter().map(|token| token.expires_at).filter(|end| end.is_none_or(|end| end > now));
    let first = alive.next()??;
    alive.all(|end| end == Some(first)).then_some(first)
}

impl Connect {
    /// An account's connections as they are kept now, oldest first. A renewal that happened a moment ago is in it.
    pub async fn rows(&self, account: &AccountId) -> Result<Vec<Connection>, store::Error> {
        let now = self.clock.now();
        let rows = self.store.connections(account).await?;
        Ok(rows.into_iter().map(|row| health::seen(row, now)).collect())
    }

    /// Notes the day on which a typed token ends; `None` where it is not known any more. `false`: the account has no such
    /// connection, or it ends for other reasons.
    pub async fn set_expiry(
        &self,
        account: &AccountId,
        id: &ConnectionId,
        expires_at: Option<Timestamp>,
    ) -> Result<bool, ConnectError> {
        let now = self.clock.now();
        if expires_at.is_some_and(|day| !is_to_come(day, now)) {
            return Err(ConnectError::Invalid("expires_at: this day is not one to come".to_owned()));
        }
        let noted = self.store.set_expiry(account, id, expires_at.map(Timestamp::as_millisecond)).await?;
        self.changed(account);
        Ok(noted)
    }

    /// What the person typed; else what Jira tells of a personal access token. That it tells nothing spoils nothing.
    pub(super) async fn end_of(&self, typed: &Typed, credential: &Credential, proven: &Proven) -> Option<Timestamp> {
        if typed.expires_at.is_some() || typed.method != Method::PersonalAccessToken {
            return typed.expires_at;
        }
        let tokens = self.client(&proven.api, Plane::SelfManaged, credential.auth().ok()?).access_tokens().await;
        the_end_of_all(&tokens.ok()?, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_taken_when_it_is_to_come() {
        let now = at("2026-11-22T10:00:00Z");
        for (day, expected) in [
            ("2026-11-21T00:00:00Z", false),
            ("2026-11-21T10:00:00Z", false),
            // The beginning of today is past, its end is not.
            ("2026-11-22T00:00:00Z", true),
            ("2026-12-01T00:00:00Z", true),
            ("2036-11-20T00:00:00Z", true),
            ("2036-11-30T00:00:00Z", false),
            ("9999-01-01T00:00:00Z", false),
        ] {
            assert_eq!(is_to_come(at(day), now), expected, "{day}");
        }
    }

    #[test]
    fn the_end_is_taken_from_the_list_only_when_there_is_no_doubt() {
        let now = at("2026-11-22T10:00:00Z");
        let (past, soon, later) =
            (Some("2026-11-01T00:00:00Z"), Some("2026-12-01T00:00:00Z"), Some("2027-12-01T00:00:00Z"));
        let table: [(&[Option<&str>], Option<&str>); 9] = [
            (&[], None),
            (&[None], None),
            (&[soon], soon),
            (&[past], None),
            (&[past, soon], soon),
            (&[soon, past, soon], soon),
            (&[soon, later], None),
            (&[soon, None], None),
            (&[None, soon], None),
        ];
        for (ends, expected) in table {
            let token = |end: &Option<&str>| AccessToken { id: "1".into(), name: "x".into(), expires_at: end.map(at) };
            let tokens: Vec<_> = ends.iter().map(token).collect();
            assert_eq!(the_end_of_all(&tokens, now), expected.map(at), "{ends:?}");
        }
    }

    #[test]
    fn a_grant_that_is_not_used_is_told_from_one_that_is_old() {
        let day = 24 * 3600 * 1000;
        // method, kept and ending on these days
        let table = [
            ("oauth", 10, 100, true),
            ("oauth2", 10, 100, true),
            ("oauth", 300, 365, false),
            ("oauth1", 10, 100, false),
            ("api_token", 10, 100, false),
            ("personal_access_token", 10, 100, false),
        ];
        for (method, kept, ends, expected) in table {
            // A moment passes between what the provider says and the keeping of it.
            let since = kept * day + 5_000;
            let found = unused(method, since, ends * day).map(Timestamp::as_millisecond);
            assert_eq!(found, expected.then_some(since), "{method} {kept} {ends}");
        }
    }
}
