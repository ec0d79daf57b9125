//! A Jira object inside a line of text (paste-experience §6).

use askama::Template;
use jiff::civil::Date;

use super::icon::Icon;
use super::step::{self, Step};
use super::{Html, time, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, ReasonCode, State, Status, category_str};

/// How much of an object stands in the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Density {
    /// Icon and key.
    Key,
    /// Icon, key, summary, status.
    #[default]
    Short,
    /// The same with the assignee or the due date.
    Rich,
}

impl Density {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "key" => Some(Self::Key),
            "short" => Some(Self::Short),
            "rich" => Some(Self::Rich),
            _ => None,
        }
    }
}

/// The mention as plain text: `OPS-7 Login fails on Safari · In Progress`. None for kind `none`.
pub fn text(answer: &Answer) -> Option<String> {
    if answer.kind == Kind::None {
        return None;
    }
    let Some(preview) = &answer.preview else {
        return words::label(answer.kind, &answer.id, answer.canonical_url.as_deref());
    };
    let mut text = match answer.kind {
        Kind::Project => preview.title.clone(),
        _ => format!("{} {}", preview.identifier, preview.title),
    };
    if let Some(status) = &preview.status {
        text.push_str(" · ");
        text.push_str(&status.name);
    }
    Some(text)
}

/// The mention as HTML: one link to the object, after it at most one link to the next step. None for kind `none`.
pub fn html(answer: &Answer, density: Density) -> Option<String> {
    let href = step::open_href(answer)?;
    let preview = answer.preview.as_ref();
    let full = density != Density::Key;
    let is_project = answer.kind == Kind::Project;
    let step = match answer.state {
        State::Connect | State::ChooseAccount | State::Reconnect => step::of(answer).into_iter().next(),
        _ => None,
    };
    let rich = preview.filter(|_| density == Density::Rich);
    let person = words::fact(rich, &FactId::Assignee);
    let mention = Mention {
        href,
        state: answer.state,
        muted: preview.is_none() || answer.stale,
        gone: words::is_gone(answer),
        spoken: words::spoken(answer),
        icon: words::icon(answer),
        avatar: preview.filter(|_| is_project).map(|preview| Avatar::of_key(&preview.identifier)),
        trouble: trouble(answer),
        key: words::name(answer),
        // "avatar · name" is a project's whole mention; its key stands there only when the name does not.
        show_key: !(is_project && full && preview.is_some()),
        title: preview.filter(|_| full).map(|preview| preview.title.as_str()),
        was: words::moved_from(answer),
        pill: preview
            .filter(|_| full)
            .and_then(|preview| preview.status.as_ref())
            .map(|status| Pill::of(status, answer)),
        person: person.map(|name| (name, Avatar::of_name(name))),
        due: words::fact(rich, &FactId::Due).filter(|_| person.is_none()).map(|value| DayValue::of(value, answer)),
        step,
    };
    Some(mention.html())
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
    spoken: String,
    icon: Icon,
    avatar: Option<Avatar>,
    trouble: Option<Icon>,
    key: String,
    show_key: bool,
    title: Option<&'a str>,
    was: Option<String>,
    pill: Option<Pill<'a>>,
    person: Option<(&'a str, Avatar)>,
    due: Option<DayValue>,
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

/// Initials on a tint that stays the same for the same name; pictures are never loaded from Jira.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="avatar {{ shape }} tint-{{ tint }}" aria-hidden="true">{{ initials }}</span>"#
)]
pub(super) struct Avatar {
    shape: &'static str,
    tint: usize,
    initials: String,
}

impl Avatar {
    pub(super) fn of_name(name: &str) -> Self {
        let mut initials =
            name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
        let first = initials.next();
        let last = initials.next_back();
        Self::new("round", name, first.into_iter().chain(last).collect())
    }

    pub(super) fn of_key(key: &str) -> Self {
        Self::new("square", key, key.chars().take(2).collect())
    }

    fn new(shape: &'static str, seed: &str, initials: String) -> Self {
        let tint = seed.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % 6;
        Self { shape, tint, initials: initials.to_uppercase() }
    }
}

impl askama::filters::HtmlSafe for Avatar {}

/// A day as people write it; what is not a date stays as Jira said it.
pub(super) struct DayValue {
    pub(super) iso: Option<Date>,
    pub(super) text: String,
}

impl DayValue {
    /// Without a clock at hand the year is left out when it is that of the last check.
    fn of(value: &str, answer: &Answer) -> Self {
        let iso = value.parse::<Date>().ok();
        let text = match (iso, answer.checked_at) {
            (Some(date), Some(at)) => time::day(date, time::date(at)),
            _ => value.to_owned(),
        };
        Self { iso, text }
    }

    pub(super) fn on(value: &str, today: Date) -> Self {
        let iso = value.parse::<Date>().ok();
        Self { iso, text: iso.map_or_else(|| value.to_owned(), |date| time::day(date, today)) }
    }
}
