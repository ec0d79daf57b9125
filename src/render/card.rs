//! A Jira object as a block (paste-experience §7), in every state of §5.

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;

use super::icon::Icon;
use super::mention::{Avatar, DayValue, Pill};
use super::notice::{self, Notice};
use super::step::{self, Step};
use super::{Html, time, words};
use crate::jira::key::Kind;
use crate::jira::model::StatusCategory;
use crate::preview::{Answer, Fact, FactId, Preview, State};

/// The card as HTML: an `article` with a description list, the state in words, and what can be done next.
pub fn html(answer: &Answer, now: Timestamp) -> String {
    let preview = answer.preview.as_ref();
    let notice = notice::of(answer, now);
    let icon = words::icon(answer);
    let subtask_of = words::fact(preview, &FactId::Parent).filter(|_| icon == Icon::Subtask);
    let card = Card {
        state: answer.state,
        spoken: words::spoken(answer),
        muted: answer.stale,
        icon,
        notice_icon: notice.as_ref().map(|notice| notice.tone.icon(answer.state)),
        avatar: preview.filter(|_| answer.kind == Kind::Project).map(|preview| Avatar::of_key(&preview.identifier)),
        type_name: words::type_name(answer),
        key: words::name(answer),
        gone: words::is_gone(answer),
        was: words::moved_from(answer),
        pill: preview.and_then(|preview| preview.status.as_ref()).map(|status| Pill::of(status, answer)),
        subtask_of,
        title: preview.map(|preview| preview.title.as_str()),
        facts: preview.map(|preview| facts(answer, preview, subtask_of.is_some(), time::date(now))).unwrap_or_default(),
        description: preview.and_then(|preview| preview.description.as_deref()),
        notice,
        pasted: (answer.kind == Kind::None && !answer.url.is_empty()).then_some(answer.url.as_str()),
        open: step::open_href(answer),
        open_label: if answer.state == State::NotFound { "Open in Jira" } else { "Open" },
        steps: step::of(answer),
        site: answer.site.as_ref().map(|site| site.name.as_str()),
        via: answer.connection.as_ref().map(|via| via.label.as_str()),
        updated: preview.and_then(|preview| preview.updated_at).map(|at| Age::of(at, now)),
        checked: answer.checked_at.map(|at| Age::of(at, now)),
    };
    card.html()
}

#[derive(Template)]
#[template(path = "parts/card.html")]
struct Card<'a> {
    state: State,
    spoken: String,
    muted: bool,
    icon: Icon,
    avatar: Option<Avatar>,
    type_name: Option<&'a str>,
    key: String,
    gone: bool,
    was: Option<String>,
    pill: Option<Pill<'a>>,
    subtask_of: Option<&'a str>,
    title: Option<&'a str>,
    facts: Vec<Line<'a>>,
    description: Option<&'a str>,
    notice: Option<Notice>,
    notice_icon: Option<Icon>,
    /// The text of a link that is not Jira's; shown, never linked.
    pasted: Option<&'a str>,
    open: Option<&'a str>,
    open_label: &'static str,
    steps: Vec<Step>,
    site: Option<&'a str>,
    via: Option<&'a str>,
    updated: Option<Age>,
    checked: Option<Age>,
}

/// An instant as its distance from now.
struct Age {
    iso: String,
    text: String,
}

impl Age {
    fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { iso: time::rfc3339(at), text: time::ago(at, now) }
    }
}

/// One row of the description list.
struct Line<'a> {
    name: &'a str,
    value: Value<'a>,
}

enum Value<'a> {
    Text(&'a str),
    Person(&'a str, Avatar),
    Nobody,
    Priority(&'a str, Icon),
    Due { day: DayValue, overdue: bool },
    Labels { shown: Vec<&'a str>, more: usize },
}

/// The facts that are not in the head already, in the order of the preview; an issue without assignee says so.
fn facts<'a>(answer: &Answer, preview: &'a Preview, parent_is_shown: bool, today: Date) -> Vec<Line<'a>> {
    let done = preview.status.as_ref().is_some_and(|status| status.category == StatusCategory::Done);
    let mut lines: Vec<Line<'a>> = preview
        .facts
        .iter()
        .filter(|fact| fact.id != FactId::Type && !(parent_is_shown && fact.id == FactId::Parent))
        .map(|fact| Line { name: &fact.name, value: value(fact, done, today) })
        .collect();
    if words::is_issue(answer.kind) && words::fact(Some(preview), &FactId::Assignee).is_none() {
        lines.insert(0, Line { name: FactId::Assignee.name(), value: Value::Nobody });
    }
    lines
}

fn value(fact: &Fact, done: bool, today: Date) -> Value<'_> {
    let text = fact.value.as_str();
    match fact.id {
        FactId::Assignee | FactId::Reporter | FactId::Lead | FactId::Owner => {
            Value::Person(text, Avatar::of_name(text))
        }
        FactId::Priority => Value::Priority(text, Icon::of_priority(text)),
        FactId::Due => {
            let day = DayValue::on(text, today);
            let overdue = !done && day.iso.is_some_and(|date| date < today);
            Value::Due { day, overdue }
        }
        FactId::Labels => {
            let mut shown: Vec<&str> = text.split(", ").collect();
            let more = shown.len().saturating_sub(3);
            shown.truncate(3);
            Value::Labels { shown, more }
        }
        _ => Value::Text(text),
    }
}
