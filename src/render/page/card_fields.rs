//! `GET /connections/{id}/fields`: which fields the cards of one Jira show (paste-experience §7).

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done};
use crate::preview::{Reason, ReasonCode};
use crate::render::icon::Icon;
use crate::render::time;

/// The page. One form, so that what is ticked stays while its person looks for more; only *Save* keeps it.
#[derive(Debug, Template)]
#[template(path = "card_fields.html")]
pub struct CardFields<'a> {
    pub base: Base,
    /// `con_…`
    pub id: &'a str,
    /// Who the connection is at its Jira.
    pub label: &'a str,
    pub site_name: &'a str,
    /// What was looked for.
    pub query: &'a str,
    /// What is ticked, in the order of the card.
    pub chosen: Vec<FieldRow>,
    /// What was found besides; the first of them.
    pub found: Vec<FieldRow>,
    /// How many more were found.
    pub more: usize,
    /// How many fields a card has room for.
    pub most: usize,
    /// Whether something else is ticked than was saved.
    pub is_draft: bool,
    /// Why Jira does not tell its fields.
    pub untold: Option<Reason>,
    /// Why what is ticked was not saved.
    pub problem: Option<String>,
    pub done: Option<Done>,
    pub now: Timestamp,
}

/// One field.
#[derive(Clone, Debug, Default)]
pub struct FieldRow {
    /// `customfield_10030`
    pub id: String,
    /// None where Jira does not tell it.
    pub name: Option<String>,
    /// What it holds, in plain words.
    pub kind: &'static str,
    /// The id of the one project that has it.
    pub project: Option<String>,
    /// The board that estimates with it.
    pub estimate_of: Option<String>,
    /// Cards show it unasked.
    pub is_usual: bool,
    /// Jira told its fields, and it is not among them.
    pub is_gone: bool,
}

impl CardFields<'_> {
    fn warning(&self) -> Icon {
        Icon::Warning
    }

    /// Where to act, when it is up to the person; else this page again.
    fn way_on(&self, reason: &Reason) -> (&'static str, String) {
        match reason.code {
            ReasonCode::Reconnect | ReasonCode::Captcha | ReasonCode::ScopeMissing => {
                ("Go to your connections", "/connections".to_owned())
            }
            _ => ("Try again", format!("/connections/{}/fields", self.id)),
        }
    }

    fn next_try(&self, reason: &Reason) -> Option<String> {
        // Elsewhere the time is a guess of ours.
        reason.retry_at.filter(|_| reason.code == ReasonCode::RateLimited).map(|at| time::clock(at, self.now))
    }
}
