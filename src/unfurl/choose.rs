//! Which of a person's connections answers a link. Pure.

use crate::preview::State;

/// What came of asking one connection, as far as choosing needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// A value, fresh or last known.
    Value {
        stale: bool,
    },
    NotFound,
    /// Anything else: Jira away, asked to wait, sign-in ended meanwhile, …
    Trouble(State),
}

/// The decision once every healthy connection has been asked and none gave a fresh value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Show what this connection said.
    Show(usize),
    /// Nobody answered, and several connections could be asked for a new secret.
    ChooseAccount,
    /// Show the sign-in trouble of this connection (an index into the unhealthy ones).
    SignIn(usize),
}

/// Decides among `heard` (healthy connections, in the order in which they were asked) and the number of connections
/// that wait for their person. `not_found` only when every connection says so (contract §4).
pub fn decide(heard: &[Heard], waiting: usize) -> Verdict {
    let best = |wanted: fn(&Heard) -> bool| heard.iter().position(wanted);
    if let Some(at) = best(|it| matches!(it, Heard::Value { stale: false }))
        .or_else(|| best(|it| matches!(it, Heard::Value { .. })))
        .or_else(|| best(|it| matches!(it, Heard::Trouble(_))))
    {
        return Verdict::Show(at);
    }
    match waiting {
        0 => Verdict::Show(0),
        1 => Verdict::SignIn(0),
        _ => Verdict::ChooseAccount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_counts() {
        let fresh = Heard::Value { stale: false };
        let stale = Heard::Value { stale: true };
        let away = Heard::Trouble(State::Unreachable);
        let cases: [(&[Heard], usize, Verdict); 9] = [
            (&[Heard::NotFound, fresh], 0, Verdict::Show(1)),
            (&[stale, fresh], 2, Verdict::Show(1)),
            (&[Heard::NotFound, stale], 0, Verdict::Show(1)),
            (&[Heard::NotFound, away], 0, Verdict::Show(1)),
            (&[Heard::NotFound, Heard::NotFound], 0, Verdict::Show(0)),
            (&[Heard::NotFound], 1, Verdict::SignIn(0)),
            (&[], 1, Verdict::SignIn(0)),
            (&[], 2, Verdict::ChooseAccount),
            (&[Heard::NotFound], 2, Verdict::ChooseAccount),
        ];
        for (heard, waiting, verdict) in cases {
            assert_eq!(decide(heard, waiting), verdict, "{heard:?} with {waiting} waiting");
        }
    }
}
