//! `GET /`: the paste box, and what came of it, as Notion would draw it.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done, Pile};
use crate::jira::key::Kind;
use crate::preview::{Answer, State};
use crate::render::mention::{self, Density};
use crate::render::{attributes, card, step, words};

/// The paste box with its results.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    pub base: Base,
    /// What stands in the box.
    pub text: &'a str,
    pub answers: &'a [Answer],
    /// How long the mentions are.
    pub density: Density,
    /// More links than are shown one by one.
    pub pile: Option<Pile<'a>>,
    /// Why the text could not be used at all ("101 links; at most 100 at once").
    pub problem: Option<String>,
    pub done: Option<Done>,
    /// Whether there is a connection already; without one the page says what comes first.
    pub connected: bool,
    pub now: Timestamp,
}

impl Home<'_> {
    fn results(&self) -> Vec<Shown<'_>> {
        let one_by_one = self.answers.iter().filter(|_| self.pile.is_none());
        one_by_one.map(|answer| Shown::of(answer, self.density, self.now)).collect()
    }

    fn densities(&self) -> &'static [(Density, &'static str)] {
        if self.pile.is_some() { &[] } else { densities(self.answers) }
    }

    fn pile(&self) -> Option<String> {
        Some(self.pile?.html(self.answers, self.density, self.now))
    }

    fn title(&self) -> String {
        if let Some(pile) = self.pile {
            return format!("{} links", pile.links.len());
        }
        match self.answers {
            [] => "Paste a Jira link".to_owned(),
            // A title ends up in histories and task bars: the name by the link alone is enough.
            [one] => {
                words::label(one.kind, &one.id, one.canonical_url.as_deref()).unwrap_or_else(|| "Result".to_owned())
            }
            many => format!("{} links", many.len()),
        }
    }
}

/// The lengths of a mention to choose from, as soon as there is something to see them on.
pub(super) fn densities(answers: &[Answer]) -> &'static [(Density, &'static str)] {
    match answers.iter().any(|answer| answer.preview.is_some()) {
        true => &[(Density::Key, "Key"), (Density::Short, "Short"), (Density::Rich, "Rich")],
        false => &[],
    }
}

/// One answer in all its looks.
struct Shown<'a> {
    /// As it was pasted, so that it is found again among many.
    pasted: &'a str,
    /// The link to copy.
    url: &'a str,
    mention: Option<String>,
    mention_text: Option<String>,
    card: String,
    attributes: Option<String>,
    /// Where the project can become a synced database, and what that holds.
    database: Option<(String, &'static str)>,
    /// The row of the issue in Notion, and what its database is called.
    row: Option<(&'a str, String)>,
}

impl<'a> Shown<'a> {
    fn of(answer: &'a Answer, density: Density, now: Timestamp) -> Self {
        let attributes = attributes::of(answer, &attributes::Limits::default());
        Self {
            pasted: &answer.url,
            url: answer.canonical_url.as_deref().unwrap_or(&answer.url),
            mention: mention::html(answer, density),
            mention_text: mention::text(answer),
            card: card::html(answer, now),
            attributes: (!attributes.is_empty()).then(|| serde_json::to_string_pretty(&attributes).unwrap_or_default()),
            database: database(answer),
            row: row(answer),
        }
    }
}

/// A project can be kept as a database, or a list of issues that shows nothing else. Which project that is, is asked when
/// it is chosen.
fn database(answer: &Answer) -> Option<(String, &'static str)> {
    let what = match answer.kind {
        Kind::Project | Kind::Board => "All issues of this project, kept up to date in Notion",
        Kind::Filter | Kind::Search => "What it finds in one project, kept up to date in Notion",
        _ => return None,
    };
    let url = answer.canonical_url.as_deref().filter(|_| answer.state == State::Ready)?;
    Some((format!("/databases/new?project_url={}", step::encode(url)), what))
}

fn row(answer: &Answer) -> Option<(&str, String)> {
    let row = answer.actions.iter().find(|action| action.id == "row")?;
    let (project, _) = answer.id.rsplit_once('-')?;
    Some((step::safe_href(&row.href)?, format!("{project} issues")))
}
