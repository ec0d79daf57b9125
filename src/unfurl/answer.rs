//! A plan and what Jira said about it → the [`Answer`] for the reader. Pure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::connect::health;
use crate::jira::key::{Deployment, Kind};
use crate::link::Link;
use crate::preview::{Action, Answer, Reason, ReasonCode, State, Via};
use crate::store::Connection;

use super::entry::{Entry, Found};
use super::pictures::Pictures;
use super::plan::Recognised;
use super::words;

/// Where the gateway's own pages live, for the actions of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Pages<'a> {
    /// Origin without a trailing slash.
    pub public_url: &'a str,
    pub pictures: &'a Pictures,
}

impl Pages<'_> {
    fn page(&self, path: &str, parameter: &str, value: &str) -> String {
        format!("{}{path}?{parameter}={}", self.public_url, encode(value))
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The answer to a text that is no link to Jira.
pub fn not_ours(url: &str) -> Answer {
    Answer {
        url: url.to_owned(),
        canonical_url: None,
        kind: Kind::None,
        id: String::new(),
        site: None,
        state: State::Unsupported,
        stale: false,
        checked_at: None,
        connection: None,
        preview: None,
        reason: Some(words::reason(ReasonCode::Unsupported)),
        actions: Vec::new(),
    }
}

/// The answer from the URL alone: no connection, no policy, no preview for this kind.
pub fn without_asking(url: &str, recognised: &Recognised, state: State, code: ReasonCode, pages: Pages<'_>) -> Answer {
    let Recognised { link, site, deployment } = recognised;
    let canonical = link.canonical_url(*deployment);
    Answer {
        url: url.to_owned(),
        actions: actions(&canonical, &site.url, state, pages),
        canonical_url: Some(canonical),
        kind: link.kind(),
        id: link.id(),
        site: Some(site.clone()),
        state,
        stale: false,
        checked_at: None,
        connection: None,
        preview: None,
        reason: Some(words::about(link, code)),
    }
}

/// The same for a connection whose person has to act before anything can be asked.
pub fn needs_person(url: &str, recognised: &Recognised, connection: &Connection, pages: Pages<'_>) -> Answer {
    let (state, code) = health::trouble(connection.health);
    Answer { connection: Some(via(connection)), ..without_asking(url, recognised, state, code, pages) }
}

/// The answer for what Jira said, or last said.
pub fn of_entry(
    url: &str,
    recognised: &Recognised,
    connection: &Connection,
    entry: &Entry,
    pages: Pages<'_>,
) -> Answer {
    let Recognised { link, site, deployment } = recognised;
    let reason = entry.refusal.as_ref().map(|refusal| words::of(refusal, link));
    let (state, stale) = state(entry);
    let found = entry.found.as_ref();
    let kind = found.map_or_else(|| link.kind(), |found| found.kind);
    let id = found.and_then(|found| id(kind, found)).unwrap_or_else(|| link.id());
    let canonical = found.and_then(|found| canonical(link, found, *deployment));
    let canonical = canonical.unwrap_or_else(|| link.canonical_url(*deployment));
    Answer {
        url: url.to_owned(),
        actions: actions(&canonical, &site.url, if stale { trouble(entry) } else { state }, pages),
        canonical_url: Some(canonical),
        kind,
        id,
        site: Some(site.clone()),
        state,
        stale,
        checked_at: Some(found.map_or(entry.checked_at, |found| found.at)),
        connection: Some(via(connection)),
        preview: found.map(|found| {
            let mut preview = found.preview.unpack();
            pages.pictures.readdress(&mut preview, connection, matches!(state, State::Ready | State::Moved));
            preview
        }),
        reason: reason.or_else(|| (state == State::Moved).then(|| moved(link))),
    }
}

/// `ready` may be stale; sign-in trouble keeps its own state beside the last value (contract §4).
fn state(entry: &Entry) -> (State, bool) {
    match (&entry.found, &entry.refusal) {
        (Some(found), None) => (if found.moved { State::Moved } else { State::Ready }, false),
        (Some(_), Some(refusal)) => match refusal.state {
            State::Unreachable | State::RateLimited => (State::Ready, true),
            other => (other, true),
        },
        (None, Some(refusal)) => (refusal.state, false),
        (None, None) => (State::Error, false),
    }
}

fn trouble(entry: &Entry) -> State {
    entry.refusal.as_ref().map_or(State::Ready, |refusal| refusal.state)
}

/// Where the key is the id.
fn id(kind: Kind, found: &Found) -> Option<String> {
    matches!(kind, Kind::Issue | Kind::Idea | Kind::Project | Kind::Request).then(|| found.key.clone()).flatten()
}

/// The address by the key that Jira answered with. Issues, ideas and projects have one form everywhere: `/browse/KEY`.
fn canonical(link: &Link, found: &Found, deployment: Option<Deployment>) -> Option<String> {
    let key = found.key.as_ref()?;
    match found.kind {
        Kind::Issue | Kind::Idea | Kind::Project => Some(link.site().join(&format!("/browse/{key}"))),
        _ if found.moved => Some(link.with_issue_key(key)?.canonical_url(deployment)),
        _ => None,
    }
}

fn moved(link: &Link) -> Reason {
    let was = link.target().issue().map_or_else(|| link.id(), |issue| issue.to_string());
    Reason { message: format!("This was {was} and has a new key."), ..words::reason(ReasonCode::Moved) }
}

fn via(connection: &Connection) -> Via {
    Via { id: connection.id.to_string(), label: connection.label.clone() }
}

fn actions(canonical: &str, site: &str, state: State, pages: Pages<'_>) -> Vec<Action> {
    let mut actions = vec![Action { id: "open", href: canonical.to_owned() }];
    let back = format!("/?url={}", encode(canonical));
    let connect =
        |id| Action { id, href: format!("{}&return_to={}", pages.page("/connect", "site", site), encode(&back)) };
    match state {
        State::Connect => actions.push(connect("connect")),
        State::Reconnect => actions.push(connect("reconnect")),
        State::Captcha => {
            actions.push(Action { id: "sign_in", href: site.to_owned() });
            actions.push(Action { id: "reconnect", href: format!("{}/connections", pages.public_url) });
        }
        State::ChooseAccount => {
            actions.push(Action { id: "choose_account", href: pages.page("/why", "url", canonical) });
        }
        State::Unreachable | State::RateLimited | State::Error | State::NotFound => {
            actions.push(Action { id: "retry", href: format!("{}&refresh=1", pages.page("/", "url", canonical)) });
        }
        State::Ready => {
            actions.push(Action { id: "refresh", href: format!("{}&refresh=1", pages.page("/", "url", canonical)) });
        }
        State::Moved => actions.push(Action { id: "update_link", href: pages.page("/", "url", canonical) }),
        _ => {}
    }
    if !matches!(state, State::Ready | State::Moved) {
        actions.push(Action { id: "why", href: pages.page("/why", "url", canonical) });
    }
    actions
}
