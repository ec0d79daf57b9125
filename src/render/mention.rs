//! A Jira object inside a line of text (paste-experience §6).

use askama::Template;

use super::aloud::{self, Spoken};
use super::icon::Icon;
use super::picture::{Avatar, Picture};
use super::step::{self, Step};
use super::when::When;
use super::{Html, time, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, Fact, FactId, Preview, ReasonCode, State, Status, category_str};

/// How much of an object stands in the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Density {
    /// Icon and key; what has no key is called by its name.
    Key,
    /// Icon, key, summary, status.
    #[default]
    Short,
    /// The same with a person or a date.
    Rich,
}

impl Density {
    pub const ALL: [Self; 3] = [Self::Key, Self::Short, Self::Rich];

    /// The value of the `density` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Short => "short",
            Self::Rich => "rich",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|density| density.as_str() == text)
    }
}

/// The mention as plain text: `OPS-7 Login fails on Safari · In Progress`. None for kind `none`.
pub fn text(answer: &Answer) -> Option<String> {
    let (mut text, rest) = pieces(answer)?;
    for part in rest {
        text.extend([" · ", &part]);
    }
    Some(text)
}

/// The same in pieces: the name of the object, which a link may hold, and what stands after it.
pub(super) fn pieces(answer: &Answer) -> Option<(String, Vec<String>)> {
    if answer.kind == Kind::None {
        return None;
    }
    let Some(preview) = &answer.preview else {
        let label = words::label(answer.kind, &answer.id, answer.canonical_url.as_deref())?;
        return Some((label, Vec::new()));
    };
    let head = match words::is_issue(answer.kind) {
        true => format!("{} {}", preview.identifier, preview.title),
        false => preview.title.clone(),
    };
    let status = preview.status.as_ref().map(|status| status.name.clone());
    let count = words::count(answer).map(str::to_owned);
    let said = said(answer).map(|(what, who)| format!("{what} {who}"));
    Some((head, [status, count, said].into_iter().flatten().collect()))
}

/// The mention as HTML: one link to the object, after it at most one link to the next step. None for kind `none`.
pub fn html(answer: &Answer, density: Density) -> Option<String> {
    let step = match answer.state {
        State::Connect | State::ChooseAccount | State::Reconnect => step::of(answer).into_iter().next(),
        _ => None,
    };
    drawn(answer, density, step)
}

/// The same without the next step: among many, that is said once for all.
pub fn alone(answer: &Answer, density: Density) -> Option<String> {
    drawn(answer, density, None)
}

fn drawn(answer: &Answer, density: Density, step: Option<Step>) -> Option<String> {
    let href = step::open_href(answer)?;
    let preview = answer.preview.as_ref();
    let full = preview.filter(|_| density != Density::Key);
    let rich = preview.filter(|_| density == Density::Rich);
    let person = rich.and_then(|preview| person(answer.kind, preview));
    let due = rich.filter(|_| person.is_none()).and_then(|preview| due(answer, preview));
    let mut spoken = aloud::of(answer);
    if let Some(fact) = person.filter(|fact| fact.id != FactId::Assignee) {
        spoken.after.extend([", ", &fact.name.to_lowercase(), " ", &fact.value]);
    }
    if let Some(due) = &due {
        spoken.after.extend([", ", due]);
    }
    let key = words::name(answer);
    // What has no key is called by its name, however short the mention. "avatar · name" is a project's whole mention.
    let title = preview.filter(|_| full.is_some() || key.is_empty()).map(|preview| preview.title.as_str());
    let by_name = key.is_empty() || (answer.kind == Kind::Project && title.is_some());
    let mention = Mention {
        href,
        state: answer.state,
        muted: preview.is_none() || answer.stale,
        gone: words::is_gone(answer),
        spoken,
        picture: Picture::of(answer),
        trouble: trouble(answer),
        key: Some(key).filter(|_| !by_name),
        title,
        was: words::moved_from(answer),
        pill: full.and_then(|preview| preview.status.as_ref()).map(|status| Pill::of(status, answer)),
        count: full.and_then(|_| words::count(answer)),
        said: said(answer),
        due,
        person: person.map(|fact| (fact.value.as_str(), Avatar::of_person(&fact.value, fact.picture_url.as_deref()))),
        step,
    };
    Some(mention.html())
}

fn said(answer: &Answer) -> Option<(String, &str)> {
    let who = words::author(answer)?;
    Some((format!("{} by", words::kind_name(answer.kind).to_lowercase()), who))
}

/// Who stands beside a rich mention.
fn person(kind: Kind, preview: &Preview) -> Option<&Fact> {
    let id = match kind {
        Kind::Issue | Kind::Idea => FactId::Assignee,
        Kind::Request => FactId::Reporter,
        Kind::Project | Kind::Component => FactId::Lead,
        Kind::Filter | Kind::Dashboard => FactId::Owner,
        _ => return None,
    };
    preview.facts.iter().find(|fact| fact.id == id)
}

/// `due 3 May`, `until 14 Nov`. Without a clock at hand the year is left out when it is that of the last check.
fn due(answer: &Answer, preview: &Preview) -> Option<String> {
    let now = answer.checked_at?;
    let fact = |id| words::fact(Some(preview), &id).and_then(|value| When::read(value, now));
    let day = |when: When| when.end().map(|end| time::day(end, time::date(now)));
    match answer.kind {
        // What is over has no end to wait for.
        Kind::Board | Kind::Sprint | Kind::Version if words::is_done(preview) => None,
        Kind::Issue | Kind::Idea => fact(FactId::Due).and_then(day).map(|day| format!("due {day}")),
        Kind::Board | Kind::Sprint | Kind::Version => {
            fact(FactId::Dates).and_then(day).map(|day| format!("until {day}"))
        }
        _ => None,
    }
}

fn trouble(answer: &Answer) -> Option<Icon> {
    match answer.state {
        State::NotFound if !words::is_gone(answer) => Some(Icon::Lock),
        State::Unreachable => Some(Icon::CloudOff),
        State::Captcha => Some(Icon::Warning),
        State::RateLimited => Some(Icon::Clock),
        State::Ready if answer.stale => match answer.reason.as_ref().map(|reason| reason.code) {
            Some(ReasonCode::RateLimited) => Some(Icon::Clock),
            _ => Some(Icon::CloudOff),
        },
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "parts/mention.html")]
struct Mention<'a> {
    href: &'a str,
    state: State,
    muted: bool,
    gone: bool,
    /// The whole name of the link. What the line does not show of it is there for those who hear it.
    spoken: Spoken<'a>,
    picture: Picture<'a>,
    trouble: Option<Icon>,
    key: Option<String>,
    title: Option<&'a str>,
    was: Option<String>,
    pill: Option<Pill<'a>>,
    count: Option<&'a str>,
    /// `comment by`, and who.
    said: Option<(String, &'a str)>,
    person: Option<(&'a str, Avatar<'a>)>,
    due: Option<String>,
    step: Option<Step>,
}

/// The coloured status: colour by category, the word always beside it, a second cue for those who see no colour (§9).
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="pill pill-{{ category }}{% if stale %} pill-stale{% endif %}">{% if let Some(icon) = icon %}{{ icon }}{% endif %}<bdi>{{ name }}</bdi></span>"#
)]
pub(super) struct Pill<'a> {
    name: &'a str,
    category: &'static str,
    icon: Option<Icon>,
    stale: bool,
}

impl<'a> Pill<'a> {
    pub(super) fn of(status: &'a Status, answer: &Answer) -> Self {
        Self {
            name: &status.name,
            category: category_str(status.category),
            icon: Icon::of_category(status.category),
            stale: answer.stale,
        }
    }
}

impl askama::filters::HtmlSafe for Pill<'_> {}
