//! Many answers as one table: for the page, to be copied, and as Markdown (paste-experience §3).

use askama::Template;
use jiff::Timestamp;

use super::mention::Pill;
use super::step::{self, Step};
use super::value::{self, Value};
use super::when::When;
use super::{Html, markdown, mention, notice, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, Preview, State, Status};

const COLUMNS: [&str; 5] = ["Key", "Summary", "Status", "Assignee", "Due"];

/// The table as Markdown (the table extension of GitHub, which most editors read). A missing value is an empty cell.
pub fn markdown(answers: &[Answer]) -> String {
    let mut out = line(COLUMNS.map(str::to_owned));
    out.push_str(&line(COLUMNS.map(|_| "---".to_owned())));
    for answer in answers {
        let preview = answer.preview.as_ref();
        let title = preview.map(|preview| preview.title.as_str()).unwrap_or_default();
        let summary = match notes(answer).join(", ") {
            notes if notes.is_empty() => title.to_owned(),
            notes if title.is_empty() => notes,
            notes => format!("{title} ({notes})"),
        };
        let cell = |text: Option<&str>| text.map(markdown::inline).unwrap_or_default();
        let status = preview.and_then(|preview| preview.status.as_ref()).map(|status| status.name.as_str());
        let [assignee, due] = [FactId::Assignee, FactId::Due].map(|id| cell(words::fact(preview, &id)));
        out.push_str(&line([markdown::key(answer), cell(Some(&summary)), cell(status), assignee, due]));
    }
    out
}

fn line(cells: [String; 5]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// What is said beside the title: who wrote it, how many issues it has, and why it is not simply ready.
fn notes(answer: &Answer) -> Vec<String> {
    let beside = mention::pieces(answer).filter(|_| answer.preview.is_some()).map(|(_, rest)| rest).unwrap_or_default();
    let status = answer.preview.as_ref().and_then(|preview| preview.status.as_ref()).is_some();
    let mut notes: Vec<String> = beside.into_iter().skip(usize::from(status)).collect();
    if let Some(count) = words::count(answer) {
        notes
            .iter_mut()
            .filter(|note| *note == count)
            .for_each(|note| note.push_str(if count == "1" { " issue" } else { " issues" }));
    }
    match (answer.state, words::moved_from(answer)) {
        (State::Moved, Some(was)) => notes.push(format!("was {was}")),
        (State::Ready, _) if !answer.stale => {}
        _ => notes.push(notice::headline(answer).trim_end_matches('.').to_owned()),
    }
    if answer.stale {
        notes.push("last known values".to_owned());
    }
    notes
}

/// The table as HTML, in a box of its own that scrolls. What a reader can do with a row stands in its last cell, which
/// is left out when the table is copied.
pub fn html(answers: &[Answer], now: Timestamp) -> String {
    Table { rows: answers.iter().map(|answer| Row::of(answer, now)).collect() }.html()
}

#[derive(Template)]
#[template(path = "parts/table.html")]
struct Table<'a> {
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    state: State,
    muted: bool,
    gone: bool,
    key: String,
    href: Option<&'a str>,
    title: Option<&'a str>,
    notes: String,
    pill: Option<Pill<'a>>,
    assignee: Option<&'a str>,
    /// An issue that nobody works on says so.
    unassigned: bool,
    due: Option<Value<'a>>,
    steps: Vec<Step>,
}

impl<'a> Row<'a> {
    fn of(answer: &'a Answer, now: Timestamp) -> Self {
        let preview = answer.preview.as_ref();
        let assignee = words::fact(preview, &FactId::Assignee);
        let due = |preview: &'a Preview| Some(value::due(words::fact(Some(preview), &FactId::Due)?, preview, now));
        let status = |preview: &'a Preview| preview.status.as_ref();
        Self {
            state: answer.state,
            muted: answer.stale || preview.is_none(),
            gone: words::is_gone(answer),
            key: if answer.kind == Kind::None { answer.url.clone() } else { words::handle(answer) },
            href: step::open_href(answer),
            title: preview.map(|preview| preview.title.as_str()),
            notes: notes(answer).join(", "),
            pill: preview.and_then(status).map(|status: &Status| Pill::of(status, answer)),
            assignee,
            unassigned: assignee.is_none() && preview.is_some() && words::has_assignee(answer.kind),
            due: preview.and_then(due),
            steps: step::of_many(answer),
        }
    }

    /// `When`, where the value is one.
    fn when(&self) -> Option<(&'static str, &When, Option<&str>)> {
        match self.due.as_ref()? {
            Value::When { before, when, late, .. } => Some((before, when, late.as_deref())),
            _ => None,
        }
    }

    /// A word in the place of a day.
    fn due_word(&self) -> Option<&'a str> {
        match self.due.as_ref()? {
            Value::Text(text) | Value::Late(text) => Some(text),
            _ => None,
        }
    }
}
