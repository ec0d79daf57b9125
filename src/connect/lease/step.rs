//! What to do about a grant, by what is known of it. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::jira::Error;
use crate::jira::oauth::{Flavour, Tokens};

/// A token is renewed so long before it ends: a call that begins with it must not end without it.
const AHEAD: SignedDuration = SignedDuration::from_secs(120);
/// A refresh token that is not used for so long ends (§2.3, §4.3) …
pub const IDLE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// … and Atlassian's ends so long after the consent in any case (performance-and-security 2.1).
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Why the last renewal failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The person has to consent again.
    Ended,
    /// Not to be tried before then.
    Later { error: Error, until: Timestamp, pause: SignedDuration },
}

/// What to do about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Use,
    /// `must`: the token has ended or was refused, so that it is of no use without a renewal.
    Renew {
        must: bool,
    },
    Refuse(Error),
}

/// Decides by what is known. `refused`: Jira has just refused this very token.
pub fn step(tokens: &Tokens, trouble: Option<&Trouble>, unsaved: bool, refused: bool, now: Timestamp) -> Step {
    let left = tokens.expires_at.saturating_sub(now.as_millisecond());
    let usable = left > 0 && !refused && !unsaved;
    match trouble {
        Some(Trouble::Ended) => return Step::Refuse(Error::BadCredentials),
        Some(Trouble::Later { error, until, .. }) if *until > now => {
            return if usable { Step::Use } else { Step::Refuse(error.clone()) };
        }
        _ => {}
    }
    match tokens.refresh {
        _ if usable && i128::from(left) > AHEAD.as_millis() => Step::Use,
        Some(_) => Step::Renew { must: !usable },
        None if usable => Step::Use,
        None => Step::Refuse(Error::BadCredentials),
    }
}

/// When a grant ends if nobody uses it any more.
pub fn grant_ends(tokens: &Tokens, flavour: Flavour, now: Timestamp) -> Option<i64> {
    tokens.refresh.as_ref()?;
    let idle = now.checked_add(IDLE).ok()?.as_millisecond();
    let absolute = i64::try_from(ABSOLUTE.as_millis()).unwrap_or(i64::MAX);
    Some(match flavour {
        Flavour::Cloud => idle.min(tokens.granted_at.saturating_add(absolute)),
        Flavour::DataCenter => idle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::auth::Secret;

    fn tokens(left_seconds: i64, refresh: bool) -> Tokens {
        let refresh = refresh.then(|| Secret::from("r"));
        Tokens { access: Secret::from("a"), refresh, expires_at: 1_000_000 + left_seconds * 1000, granted_at: 0 }
    }

    #[test]
    fn a_token_is_used_renewed_or_refused() {
        let now = Timestamp::from_millisecond(1_000_000).unwrap();
        let later = |seconds: i64| {
            let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            Some(Trouble::Later { error: Error::Upstream(500), until, pause: SignedDuration::from_secs(1) })
        };
        let (renew, must) = (Step::Renew { must: false }, Step::Renew { must: true });
        let busy = Step::Refuse(Error::Upstream(500));
        let gone = Step::Refuse(Error::BadCredentials);
        // seconds left, refresh token, trouble, unsaved, refused → step
        let table = [
            (3600, true, None, false, false, Step::Use),
            (121, true, None, false, false, Step::Use),
            (120, true, None, false, false, renew.clone()),
            (1, true, None, false, false, renew),
            (0, true, None, false, false, must.clone()),
            (-9999, true, None, false, false, must.clone()),
            (3600, true, None, false, true, must.clone()),
            (3600, true, None, true, false, must.clone()),
            (1, false, None, false, false, Step::Use),
            (0, false, None, false, false, gone.clone()),
            (3600, false, None, false, true, gone.clone()),
            (60, true, later(1), false, false, Step::Use),
            (60, true, later(1), true, false, busy.clone()),
            (0, true, later(1), false, false, busy.clone()),
            (3600, true, later(1), false, true, busy),
            (0, true, later(0), false, false, must),
            (3600, true, Some(Trouble::Ended), false, false, gone),
        ];
        for (left, refresh, trouble, unsaved, refused, expected) in table {
            let found = step(&tokens(left, refresh), trouble.as_ref(), unsaved, refused, now);
            assert_eq!(found, expected, "{left} {refresh} {trouble:?} {unsaved} {refused}");
        }
    }

    #[test]
    fn a_grant_ends_by_idleness_or_by_age() {
        let day = 24 * 3600 * 1000;
        let at = |days: i64| Timestamp::from_millisecond(days * day).unwrap();
        let grant = Tokens { granted_at: 0, ..tokens(0, true) };
        assert_eq!(grant_ends(&grant, Flavour::Cloud, at(10)), Some(100 * day));
        assert_eq!(grant_ends(&grant, Flavour::Cloud, at(300)), Some(365 * day));
        assert_eq!(grant_ends(&grant, Flavour::DataCenter, at(300)), Some(390 * day));
        assert_eq!(grant_ends(&tokens(0, false), Flavour::Cloud, at(0)), None);
    }
}
