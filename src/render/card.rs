//! A Jira object as a block (paste-experience §7), in every state of §5.

use askama::Template;
use jiff::Timestamp;

use super::icon::Icon;
use super::mention::Pill;
use super::notice::{self, Notice};
use super::picture::Picture;
use super::step::{self, Step};
use super::value::{self, Line, Value};
use super::when::Moment;
use super::{Html, aloud, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, Row, State};

/// The card as HTML: an `article` with a description list, the state in words, and what can be done next.
pub fn html(answer: &Answer, now: Timestamp) -> String {
    let preview = answer.preview.as_ref();
    let notice = notice::of(answer, now);
    let subtask_of = words::fact(preview, &FactId::Parent).filter(|_| words::icon(answer) == Icon::Subtask);
    let card = Card {
        state: answer.state,
        spoken: aloud::of(answer).to_string(),
        muted: answer.stale,
        picture: Picture::of(answer),
        notice_icon: notice.as_ref().map(|notice| notice.tone.icon(answer.state)),
        is_named: preview.is_some() && !words::is_issue(answer.kind),
        type_name: words::type_name(answer),
        key: words::name(answer),
        gone: words::is_gone(answer),
        was: words::moved_from(answer),
        pill: preview.and_then(|preview| preview.status.as_ref()).map(|status| Pill::of(status, answer)),
        subtask_of,
        title: preview.map(|preview| preview.title.as_str()),
        facts: preview.map(|preview| value::lines(answer, preview, subtask_of.is_some(), now)).unwrap_or_default(),
        rows: preview.map(|preview| rows(answer, &preview.rows)).unwrap_or_default(),
        counts: preview.is_some() && matches!(answer.kind, Kind::Filter | Kind::Search | Kind::Queue),
        excerpt: preview.and_then(|preview| preview.excerpt.as_deref()),
        description: preview.and_then(|preview| preview.description.as_deref()),
        notice,
        pasted: (answer.kind == Kind::None && !answer.url.is_empty()).then_some(answer.url.as_str()),
        open: step::open_href(answer),
        open_label: if answer.state == State::NotFound { "Open in Jira" } else { "Open" },
        steps: step::of(answer),
        site: answer.site.as_ref().map(|site| site.name.as_str()),
        via: answer.connection.as_ref().map(|via| via.label.as_str()),
        updated: preview.and_then(|preview| preview.updated_at).map(|at| Moment::past(at, now)),
        checked: answer.checked_at.map(|at| Moment::past(at, now)),
    };
    card.html()
}

#[derive(Template)]
#[template(path = "parts/card.html")]
struct Card<'a> {
    state: State,
    spoken: String,
    muted: bool,
    picture: Picture<'a>,
    /// Whether people know it by its name; what hangs on an issue has the issue's head, with the key first.
    is_named: bool,
    type_name: Option<String>,
    key: String,
    gone: bool,
    was: Option<String>,
    pill: Option<Pill<'a>>,
    subtask_of: Option<&'a str>,
    title: Option<&'a str>,
    facts: Vec<Line<'a>>,
    rows: Vec<Issue<'a>>,
    /// Whether what is counted here differs from reader to reader.
    counts: bool,
    excerpt: Option<&'a str>,
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
    updated: Option<Moment>,
    checked: Option<Moment>,
}

/// One of the first issues of a list.
struct Issue<'a> {
    key: &'a str,
    href: Option<String>,
    title: &'a str,
    pill: Option<Pill<'a>>,
}

fn rows<'a>(answer: &'a Answer, rows: &'a [Row]) -> Vec<Issue<'a>> {
    let site = answer.site.as_ref().and_then(|site| step::safe_href(&site.url));
    let issue = |row: &'a Row| Issue {
        key: &row.key,
        href: site.map(|site| format!("{site}/browse/{}", step::encode_key(&row.key))),
        title: &row.title,
        pill: row.status.as_ref().map(|status| Pill::of(status, answer)),
    };
    rows.iter().map(issue).collect()
}
