//! What was asked of a fake Jira: counters for ever, the requests themselves for the last few thousand.

use std::collections::{BTreeMap, VecDeque};

use super::exchange::Asked;
use super::route::Route;
use super::who::{self, Login, Scheme};

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Logged {
    pub asked: Asked,
    /// `/rest/api/3/issue/{key}`
    pub pattern: String,
    /// The user name of the caller; `None`: without a log-in, or refused.
    pub who: Option<String>,
    /// 0 when a fault left the request without an answer of Jira's own.
    pub status: u16,
}

/// Counters of one fake, as they stand now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    pub total: usize,
    /// By `GET /rest/api/3/issue/{key}`.
    pub by_call: BTreeMap<String, usize>,
    /// Requests that carried a credential.
    pub with_credential: usize,
    /// Credentials that were refused or ignored, by user name or e-mail ("" for tokens).
    pub failed_logins: BTreeMap<String, usize>,
}

impl Calls {
    /// How often this was called: `calls.of("GET /rest/api/3/issue/{key}")`.
    pub fn of(&self, call: &str) -> usize {
        self.by_call.get(call).copied().unwrap_or(0)
    }

    pub fn failed(&self) -> usize {
        self.failed_logins.values().sum()
    }
}

#[derive(Default)]
pub struct Log {
    calls: Calls,
    requests: VecDeque<Logged>,
}

/// Enough for any test; the load benchmark asks more.
const KEPT: usize = 4096;

impl Log {
    pub fn arrived(&mut self, asked: &Asked, route: &Route) {
        self.calls.total += 1;
        *self.calls.by_call.entry(format!("{} {}", asked.method, route.pattern)).or_default() += 1;
        self.calls.with_credential += usize::from(asked.header("authorization").is_some());
    }

    pub fn answered(&mut self, asked: Asked, route: Route, login: Option<&Login>, status: u16) {
        let person = login.and_then(Login::person);
        if person.is_none() && login.is_some() && asked.header("authorization").is_some() {
            let name = match who::credential(&asked) {
                Some((Scheme::Basic, value)) => who::basic(&value).map_or_else(String::new, |(name, _)| name),
                _ => String::new(),
            };
            *self.calls.failed_logins.entry(name).or_default() += 1;
        }
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        let who = person.map(|person| person.name.clone());
        self.requests.push_back(Logged { asked, pattern: route.pattern, who, status });
    }

    pub fn total(&self) -> usize {
        self.calls.total
    }

    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    pub fn requests(&self) -> Vec<Logged> {
        self.requests.iter().cloned().collect()
    }

    pub fn forget(&mut self) {
        *self = Self::default();
    }
}
