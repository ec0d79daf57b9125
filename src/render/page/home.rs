//! `GET /`: the paste box, and what came of it, as Notion would draw it.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done};
use crate::preview::Answer;
use crate::render::{attributes, card, mention, words};

/// The paste box with its results.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    pub base: Base,
    /// What stands in the box.
    pub text: &'a str,
    pub answers: &'a [Answer],
    /// Why the text could not be used at all ("101 links; at most 100 at once").
    pub problem: Option<String>,
    pub done: Option<Done>,
    /// Whether there is a connection already; without one the page says what comes first.
    pub connected: bool,
    pub now: Timestamp,
}

impl Home<'_> {
    fn results(&self) -> Vec<Shown<'_>> {
        self.answers.iter().map(|answer| Shown::of(answer, self.now)).collect()
    }

    fn title(&self) -> String {
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

/// One answer in all its looks.
struct Shown<'a> {
    /// As it was pasted, so that it is found again among many.
    pasted: &'a str,
    /// The link to copy.
    url: &'a str,
    mention: Option<String>,
    mention_text: Option<String>,
    rich: Option<String>,
    key: Option<String>,
    card: String,
    attributes: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(answer: &'a Answer, now: Timestamp) -> Self {
        let attributes = attributes::of(answer, &attributes::Limits::default());
        let has_preview = answer.preview.is_some();
        Self {
            pasted: &answer.url,
            url: answer.canonical_url.as_deref().unwrap_or(&answer.url),
            mention: mention::html(answer, mention::Density::Short),
            mention_text: mention::text(answer),
            rich: mention::html(answer, mention::Density::Rich).filter(|_| has_preview),
            key: mention::html(answer, mention::Density::Key).filter(|_| has_preview),
            card: card::html(answer, now),
            attributes: (!attributes.is_empty()).then(|| serde_json::to_string_pretty(&attributes).unwrap_or_default()),
        }
    }
}
