//! Why an answer is not simply ready, in two sentences: the wording of paste-experience §5.

use jiff::Timestamp;

use super::icon::Icon;
use super::time;
use super::words::{code, host, name};
use crate::jira::key::Kind;
use crate::preview::{Answer, ReasonCode, State};

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
    Error,
}

impl Tone {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    pub fn icon(self, state: State) -> Icon {
        match (state, self) {
            (State::NotFound, _) => Icon::Lock,
            (State::Unreachable, _) => Icon::CloudOff,
            (State::RateLimited, _) => Icon::Clock,
            (State::Connect | State::ChooseAccount, _) => Icon::Plug,
            (State::Reconnect, _) => Icon::Key,
            (State::Moved, _) => Icon::Moved,
            (State::Blocked, _) => Icon::Ban,
            (_, Self::Error) => Icon::Error,
            (_, Self::Warning) => Icon::Warning,
            (State::Unsupported, _) => Icon::Link,
            _ => Icon::Refresh,
        }
    }
}

/// Why an answer is not simply ready, in two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub title: String,
    pub detail: String,
}

/// The notice of an answer; none when it is ready and fresh.
pub fn of(answer: &Answer, now: Timestamp) -> Option<Notice> {
    let tone = match answer.state {
        State::Ready if !answer.stale => return None,
        State::Error => Tone::Error,
        State::Connect | State::ChooseAccount | State::Moved | State::Blocked | State::NotFound => Tone::Plain,
        State::Unsupported if !is_missing_right(answer) => Tone::Plain,
        _ => Tone::Warning,
    };
    Some(Notice { tone, title: title(answer, now), detail: detail(answer, now) })
}

fn is_missing_right(answer: &Answer) -> bool {
    matches!(code(answer), Some(ReasonCode::ScopeMissing | ReasonCode::LicenseMissing))
}

/// The first sentence, where no date is wanted.
pub(super) fn headline(answer: &Answer) -> String {
    match answer.state {
        State::Ready if !answer.stale => String::new(),
        _ => title(answer, Timestamp::UNIX_EPOCH),
    }
}

fn title(answer: &Answer, now: Timestamp) -> String {
    let checked_on = answer.checked_at.filter(|_| now > Timestamp::UNIX_EPOCH).map(|at| on_day(at, now));
    match answer.state {
        State::Ready => match code(answer) {
            Some(ReasonCode::RateLimited) => wait_title(answer, now),
            Some(ReasonCode::SignInPage) => "Jira sent a sign-in page".to_owned(),
            Some(ReasonCode::UpstreamError) => "Jira has trouble of its own".to_owned(),
            _ => "The gateway cannot reach this Jira".to_owned(),
        },
        State::Connect => "Connect your Jira to see this".to_owned(),
        State::Reconnect => "Your Jira sign-in has ended".to_owned(),
        State::ChooseAccount => "Several of your accounts can open this Jira".to_owned(),
        State::NotFound if code(answer) == Some(ReasonCode::Gone) => match (deleted_at(answer), checked_on) {
            (Some(at), Some(_)) => format!("Deleted in Jira on {}", on_day(at, now)),
            (Some(_), None) => "Deleted in Jira".to_owned(),
            (None, Some(day)) => format!("Not visible in Jira since {day}"),
            (None, None) => "Not visible in Jira any more".to_owned(),
        },
        State::NotFound => "Not found, or not visible to you".to_owned(),
        State::Moved => format!("Moved to {}", name(answer)),
        State::Unreachable => "The gateway cannot reach this Jira".to_owned(),
        State::RateLimited => wait_title(answer, now),
        State::Captcha => "Jira wants a CAPTCHA".to_owned(),
        State::Blocked => "Previews are off for this project".to_owned(),
        State::Unsupported => match code(answer) {
            Some(ReasonCode::ScopeMissing) => "This sign-in may not read this".to_owned(),
            Some(ReasonCode::LicenseMissing) => "This needs a Jira product that you have no licence for".to_owned(),
            _ => by_link_alone(answer).0.to_owned(),
        },
        State::Error => match code(answer) {
            Some(ReasonCode::ApiRemoved) => "The gateway needs an update for this Jira".to_owned(),
            Some(ReasonCode::TooLarge) => "Jira's answer was too large".to_owned(),
            Some(ReasonCode::OperatorConfiguration) => "The gateway is not set up for this Jira".to_owned(),
            _ => "Something went wrong on our side".to_owned(),
        },
    }
}

/// Why there is nothing to preview, and what the link is good for all the same.
fn by_link_alone(answer: &Answer) -> (&'static str, &'static str) {
    match answer.kind {
        Kind::None => ("Not a Jira link", "It stays as you pasted it."),
        Kind::Plan => ("Plans have no preview", "Jira shows a plan on its own pages only. The link opens it there."),
        Kind::Site => ("A page of Jira itself", "It names no issue and no list, so there is nothing to preview."),
        Kind::Dashboard if answer.id.is_empty() => {
            ("The default dashboard of this Jira", "It has no number by which Jira could be asked for it.")
        }
        Kind::User if answer.id.is_empty() => {
            ("Whoever opens this sees their own profile", "So there is no one person to preview.")
        }
        Kind::Search if answer.id.is_empty() => {
            ("A search without a query", "The link does not say what is searched for.")
        }
        _ => ("No preview for this kind of link", "The link works as before."),
    }
}

fn wait_title(answer: &Answer, now: Timestamp) -> String {
    match answer.reason.as_ref().and_then(|reason| reason.retry_at).filter(|_| now > Timestamp::UNIX_EPOCH) {
        Some(at) => format!("Jira asked us to wait. Next try at {}.", time::clock(at, now)),
        None => "Jira asked us to wait.".to_owned(),
    }
}

/// When the object was deleted, where Jira has told it: without that it may as well be hidden.
fn deleted_at(answer: &Answer) -> Option<Timestamp> {
    answer.reason.as_ref().and_then(|reason| reason.deleted_at)
}

fn on_day(at: Timestamp, now: Timestamp) -> String {
    time::day(time::date(at), time::date(now))
}

fn detail(answer: &Answer, now: Timestamp) -> String {
    let last_checked = answer.checked_at.map(|at| format!("Last checked {}.", time::clock(at, now)));
    let checked_as = answer.connection.as_ref().map(|via| format!("Checked as {}.", via.label));
    match answer.state {
        State::Ready => match code(answer) {
            Some(ReasonCode::RateLimited) => sentences([last_checked, None]),
            _ => sentences([last_checked, Some("Refreshing…".to_owned())]),
        },
        State::Connect => {
            let host = answer.site.as_ref().map_or("This Jira", |site| host(&site.url));
            format!("{host} is not linked to your account yet.")
        }
        State::Reconnect => sentences([
            answer.checked_at.map(|at| format!("It stopped working on {}.", on_day(at, now))),
            (code(answer) == Some(ReasonCode::SignInPage)).then(|| "Jira sent a sign-in page.".to_owned()),
            Some(match answer.preview {
                Some(_) => "Previews show the last known values.".to_owned(),
                None => "Sign in again and the preview comes back.".to_owned(),
            }),
        ]),
        State::ChooseAccount => "Choose the one to use here. Nothing was asked yet.".to_owned(),
        State::NotFound if deleted_at(answer).is_some() => sentences([checked_as]),
        State::NotFound if code(answer) == Some(ReasonCode::Gone) => "It was deleted or made private.".to_owned(),
        State::NotFound => sentences([checked_as, Some("It may be private, deleted or mistyped.".to_owned())]),
        State::Moved => "The old key still leads here.".to_owned(),
        State::Unreachable => match code(answer) {
            Some(ReasonCode::SignInPage) => {
                "You may still be able to open it yourself. Jira sent a sign-in page instead of data.".to_owned()
            }
            _ => {
                let reason = answer.reason.as_ref().map(|reason| format!("Reason: {}", clause(&reason.message)));
                sentences([Some("You may still be able to open it yourself.".to_owned()), reason])
            }
        },
        State::RateLimited => "The preview appears by itself then.".to_owned(),
        State::Captcha => {
            "We stopped after one try so that your account is not locked. Sign in to Jira in the browser \
                           once, then press Try again."
                .to_owned()
        }
        State::Blocked => "Set by your administrator.".to_owned(),
        State::Unsupported => match code(answer) {
            Some(ReasonCode::ScopeMissing) => {
                "Connect again with a token that may read issues and projects (read:jira-work).".to_owned()
            }
            Some(ReasonCode::LicenseMissing) => "Ask your Jira administrator for access to the product.".to_owned(),
            _ => by_link_alone(answer).1.to_owned(),
        },
        State::Error => match code(answer) {
            Some(ReasonCode::ApiRemoved) => {
                "Jira has removed the call that we use. Tell whoever runs the gateway.".to_owned()
            }
            Some(ReasonCode::TooLarge) => "We stopped reading so that others are not held up.".to_owned(),
            Some(ReasonCode::OperatorConfiguration) => {
                "Tell whoever runs the gateway; Details says what to pass on.".to_owned()
            }
            other => format!("Reference: {}", other.map_or("error", ReasonCode::as_str)),
        },
    }
}

fn sentences<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A sentence as it stands after a colon: "The name is unknown" → "the name is unknown." Abbreviations stay.
fn clause(sentence: &str) -> String {
    let sentence = sentence.trim();
    let mut letters = sentence.chars();
    let out = match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && (second.is_lowercase() || second == ' ') => {
            first.to_lowercase().chain(sentence.chars().skip(1)).collect()
        }
        _ => sentence.to_owned(),
    };
    if out.ends_with(['.', '!', '?']) { out } else { out + "." }
}
