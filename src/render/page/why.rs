//! `GET /why`: why do I not see it, as a walk from the link to the next step (paste-experience §5).

use askama::Template;
use jiff::Timestamp;

use super::{Base, Way};
use crate::jira::key::{Deployment, Kind};
use crate::preview::{Answer, ReasonCode, State, Via};
use crate::render::icon::Icon;
use crate::render::{step, time, words};

/// The page. It holds no secret and no title, so that it can go into a ticket as it is.
#[derive(Debug, Template)]
#[template(path = "why.html")]
pub struct Why<'a> {
    pub base: Base,
    /// What stands in the box: the link as it was given.
    pub url: &'a str,
    /// None until a link is given.
    pub answer: Option<&'a Answer>,
    /// The reader's own connections at the site of the link.
    pub connections: &'a [Via],
    pub now: Timestamp,
}

/// One question, answered.
struct Stage {
    question: &'static str,
    mark: Mark,
    text: String,
    ways: Vec<Way>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Open,
    Bad,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Open => "open",
            Self::Bad => "bad",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Tick,
            Self::Open => Icon::Hollow,
            Self::Bad => Icon::Error,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Good => "Yes",
            Self::Open => "Not yet",
            Self::Bad => "Here it stops",
        }
    }
}

impl Why<'_> {
    fn stages(&self) -> Vec<Stage> {
        let Some(answer) = self.answer else { return Vec::new() };
        let mut stages = vec![recognised(answer)];
        if answer.kind != Kind::None {
            stages.push(site(answer));
            stages.push(self.connection(answer));
            stages.push(self.last_check(answer));
            stages.push(said(answer, self.now));
        }
        stages.push(next(answer));
        stages
    }

    fn connection(&self, answer: &Answer) -> Stage {
        let question = "Which of my accounts?";
        let choice = |via: &Via| {
            let url = step::encode(answer.canonical_url.as_deref().unwrap_or(&answer.url));
            Way::new(format!("Use {}", via.label), format!("/?url={url}&connection={}", step::encode(&via.id)))
        };
        match (&answer.connection, self.connections) {
            (Some(via), _) => {
                let others = self.connections.iter().filter(|other| other.id != via.id).map(choice).collect();
                Stage { question, mark: Mark::Good, text: format!("Asked as {}.", via.label), ways: others }
            }
            (None, []) => Stage {
                question,
                mark: Mark::Bad,
                text: "None of your accounts is connected to this Jira.".to_owned(),
                ways: Vec::new(),
            },
            (None, several) => Stage {
                question,
                mark: Mark::Open,
                text: match several.len() {
                    1 => "One of your accounts can open this Jira; it was not asked.".to_owned(),
                    n => format!("{n} of your accounts can open this Jira. Choose the one to use here."),
                },
                ways: several.iter().map(choice).collect(),
            },
        }
    }

    fn last_check(&self, answer: &Answer) -> Stage {
        let question = "When was Jira asked last?";
        match answer.checked_at {
            Some(at) => Stage {
                question,
                mark: Mark::Good,
                text: format!("{} ({}).", time::clock(at, self.now), time::ago(at, self.now)),
                ways: Vec::new(),
            },
            None => Stage { question, mark: Mark::Open, text: "Not yet.".to_owned(), ways: Vec::new() },
        }
    }
}

fn recognised(answer: &Answer) -> Stage {
    let question = "Is the link recognised?";
    match words::label(answer.kind, &answer.id, answer.canonical_url.as_deref()) {
        Some(label) => {
            let kind = answer.kind.as_str();
            Stage { question, mark: Mark::Good, text: format!("Yes: {label} (kind: {kind})."), ways: Vec::new() }
        }
        None => Stage {
            question,
            mark: Mark::Bad,
            text:
                "No: this does not name anything in a Jira. Confluence pages and addresses that only look like a known \
                   Jira are no Jira links."
                    .to_owned(),
            ways: Vec::new(),
        },
    }
}

fn site(answer: &Answer) -> Stage {
    let question = "Which Jira is it?";
    match &answer.site {
        Some(site) => {
            let kind = site.deployment.map_or("version not known before somebody connects", Deployment::name);
            Stage {
                question,
                mark: Mark::Good,
                text: format!("{} at {} ({kind}).", site.name, site.url),
                ways: Vec::new(),
            }
        }
        None => Stage {
            question,
            mark: Mark::Bad,
            text: "It could not be told from the link.".to_owned(),
            ways: Vec::new(),
        },
    }
}

fn said(answer: &Answer, now: Timestamp) -> Stage {
    let question = "What did Jira answer?";
    let code = answer.reason.as_ref().map(|reason| reason.code);
    let (mark, text) = match answer.state {
        State::Ready if !answer.stale => (Mark::Good, "It showed the object.".to_owned()),
        State::Moved => (Mark::Good, "It showed the object under its new key.".to_owned()),
        State::Connect | State::ChooseAccount => (Mark::Open, "It was not asked.".to_owned()),
        State::Blocked => (Mark::Bad, "It was not asked: previews are off for this project.".to_owned()),
        State::Unsupported if code.is_none_or(|code| code == ReasonCode::Unsupported) => {
            (Mark::Open, "It was not asked: there is no preview for this kind of link yet.".to_owned())
        }
        State::Captcha => (Mark::Bad, "It wants a CAPTCHA before it accepts this account again.".to_owned()),
        _ => {
            (Mark::Bad, answer.reason.as_ref().map_or("No usable answer.".to_owned(), |reason| reason.message.clone()))
        }
    };
    let text = match answer.reason.as_ref().and_then(|reason| reason.retry_at) {
        Some(at) => format!("{text} Next try at {}.", time::clock(at, now)),
        None => text,
    };
    Stage { question, mark, text, ways: Vec::new() }
}

fn next(answer: &Answer) -> Stage {
    let mut ways: Vec<Way> = step::of(answer)
        .into_iter()
        .filter(|step| !step.href.starts_with("/why"))
        .map(|step| Way::new(step.label, step.href))
        .collect();
    if let Some(href) = step::open_href(answer) {
        ways.push(Way::new("Open in Jira", href));
    }
    let text = match answer.state {
        State::Ready if !answer.stale => "Nothing: all is well.",
        State::Ready => "Wait a little, or try again now.",
        State::Connect => "Connect your Jira.",
        State::Reconnect => "Sign in again.",
        State::ChooseAccount => "Choose one of the accounts above.",
        State::NotFound => "Open it in Jira to see whether you may, or connect another account.",
        State::Moved => "Replace the old link by the new one.",
        State::Unreachable => "Try again; if it stays so, pass this page on to whoever runs the gateway.",
        State::RateLimited => "Wait. The gateway goes on by itself.",
        State::Captcha => "Sign in to Jira in the browser once, then try again here.",
        State::Blocked => "Ask whoever runs the gateway, if this project should show previews.",
        State::Unsupported => match answer.reason.as_ref().map(|reason| reason.code) {
            Some(ReasonCode::ScopeMissing) => "Connect again with a token that may read issues and projects.",
            Some(ReasonCode::LicenseMissing) => "Ask your Jira administrator for access to the product.",
            _ if answer.kind == Kind::None => "Use it as a plain link.",
            _ => "Use it as a plain link, or paste a link to an issue or a project.",
        },
        State::Error => "Try again; if it stays so, pass this page on to whoever runs the gateway.",
    };
    Stage { question: "What can I do next?", mark: Mark::Open, text: text.to_owned(), ways }
}
