//! How the value of a fact is drawn: a person with a face, a day as people write it, a bar (paste-experience §7).

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;

use super::icon::Icon;
use super::picture::{Avatar, Picture};
use super::when::When;
use super::{time, words};
use crate::jira::key::Kind;
use crate::jira::model::StatusCategory;
use crate::preview::{Answer, Fact, FactId, Preview, Progress};

/// One row of the description list.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) value: Value<'a>,
}

impl Line<'_> {
    /// Whether it takes a whole line of the card.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self.value, Value::Jql(_) | Value::Bar(_))
    }
}

/// A value as its part of the template draws it.
pub(super) enum Value<'a> {
    Text(&'a str),
    /// One line, however long.
    Jql(&'a str),
    Person(&'a str, Avatar<'a>),
    Nobody,
    Priority(&'a str, Picture<'a>),
    When {
        before: &'static str,
        when: When,
        /// `3 days left`
        after: Option<String>,
        /// `overdue`, `breached`, `2 days over`
        late: Option<String>,
    },
    /// A word that warns.
    Late(&'a str),
    Labels {
        shown: Vec<&'a str>,
        more: usize,
    },
    Bar(Bar<'a>),
}

/// The facts that are not in the head already, in the order of the preview; an issue without assignee says so.
pub(super) fn lines<'a>(answer: &Answer, preview: &'a Preview, parent_is_shown: bool, now: Timestamp) -> Vec<Line<'a>> {
    let shown = |fact: &&Fact| fact.id != FactId::Type && !(parent_is_shown && fact.id == FactId::Parent);
    let mut lines: Vec<Line<'a>> = preview
        .facts
        .iter()
        .filter(shown)
        .map(|fact| Line { name: &fact.name, value: value(fact, answer, preview, now) })
        .collect();
    if words::has_assignee(answer.kind) && words::fact(Some(preview), &FactId::Assignee).is_none() {
        lines.insert(0, Line { name: FactId::Assignee.name(), value: Value::Nobody });
    }
    lines
}

fn value<'a>(fact: &'a Fact, answer: &Answer, preview: &'a Preview, now: Timestamp) -> Value<'a> {
    let text = fact.value.as_str();
    let plain = |when: Option<When>| match when {
        Some(when) => Value::When { before: "", when, after: None, late: None },
        None => Value::Text(text),
    };
    match fact.id {
        FactId::Assignee | FactId::Reporter | FactId::Lead | FactId::Owner => {
            Value::Person(text, Avatar::of_person(text, fact.picture_url.as_deref()))
        }
        FactId::Priority => Value::Priority(text, Picture::of_priority(fact)),
        FactId::Due => due(text, preview, now),
        FactId::Dates => match When::read(text, now) {
            Some(when) if is_running(answer.kind, preview) => running(when, now),
            when => plain(when),
        },
        FactId::Labels => {
            let mut shown: Vec<&str> = text.split(", ").collect();
            let more = shown.len().saturating_sub(3);
            shown.truncate(3);
            Value::Labels { shown, more }
        }
        FactId::Jql => Value::Jql(text),
        FactId::Progress => {
            let in_three = matches!(answer.kind, Kind::Board | Kind::Sprint);
            Value::Bar(Bar::of(text, preview.progress, in_three))
        }
        FactId::Field(_) => plain(When::read(text, now)),
        _ => Value::Text(text),
    }
}

/// A day that an issue is due on, or the instant until which a service desk has promised something.
pub(super) fn due<'a>(text: &'a str, preview: &Preview, now: Timestamp) -> Value<'a> {
    let done = words::is_done(preview);
    let Some(when) = When::read(text, now) else {
        return if text == "breached" { Value::Late(text) } else { Value::Text(text) };
    };
    let (before, late) = match text.parse::<Timestamp>() {
        Ok(at) if at <= now => ("", Some("breached")),
        Ok(_) => ("due ", None),
        Err(_) => ("", when.end().filter(|end| *end < time::date(now)).map(|_| "overdue")),
    };
    Value::When { before, when, after: None, late: late.filter(|_| !done).map(str::to_owned) }
}

/// A board tells the dates of its active sprint alone.
fn is_running(kind: Kind, preview: &Preview) -> bool {
    let in_progress =
        |preview: &Preview| preview.status.as_ref().is_some_and(|status| status.category == StatusCategory::InProgress);
    kind == Kind::Board || (kind == Kind::Sprint && in_progress(preview))
}

fn running<'a>(when: When, now: Timestamp) -> Value<'a> {
    let today = time::date(now);
    let left = when.end().map(|end| time::left(end, today));
    let (late, after) = if when.end().is_some_and(|end| end < today) { (left, None) } else { (None, left) };
    Value::When { before: "", when, after, late }
}

/// How far it has come: a picture of it, and always the words.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"{% if total > 0 %}<svg class="bar" width="100%" height="6" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="bar-to_do" width="1000" height="6" fill="#DDE1E7"/><rect class="bar-in_progress" x="{{ done }}" width="{{ in_progress }}" height="6" fill="#4C8DF0"/><rect class="bar-done" width="{{ done }}" height="6" fill="#22843F"/></svg>{% endif %}<span class="bar-text">{% match parts %}{% when Some(parts) %}{% for (icon, word, count) in parts %}{% if !loop.first %} · {% endif %}<span>{{ icon }}{{ word }} {{ count }}</span>{% endfor %}{% when None %}<bdi>{{ text }}</bdi>{% endmatch %}</span>"##
)]
pub(super) struct Bar<'a> {
    text: &'a str,
    parts: Option<[(Icon, &'static str, u32); 3]>,
    total: u32,
    /// Thousandths of the whole.
    done: u64,
    in_progress: u64,
}

impl HtmlSafe for Bar<'_> {}

impl<'a> Bar<'a> {
    fn of(text: &'a str, progress: Option<Progress>, in_three: bool) -> Self {
        let Some(progress) = progress else { return Self { text, parts: None, total: 0, done: 0, in_progress: 0 } };
        let total = progress.total();
        let share = |count: u32| u64::from(count) * 1000 / u64::from(total.max(1));
        let parts = [
            (Icon::Hollow, "to do", progress.to_do),
            (Icon::Half, "in progress", progress.in_progress),
            (Icon::Tick, "done", progress.done),
        ];
        Self {
            text,
            parts: in_three.then_some(parts),
            total,
            done: share(progress.done),
            in_progress: share(progress.in_progress),
        }
    }
}
