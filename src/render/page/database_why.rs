//! `GET /databases/{id}/why`: why something is not in a synced database as it is in Jira (synced-database §8).

use askama::Template;
use jiff::Timestamp;

use super::{Base, DatabaseRow, Way};
use crate::render::icon::Icon;
use crate::render::time;

/// The page.
#[derive(Debug, Template)]
#[template(path = "database_why.html")]
pub struct DatabaseWhy<'a> {
    pub base: Base,
    pub row: DatabaseRow,
    /// What stands in the box.
    pub of: &'a str,
    /// None until something is asked for.
    pub answer: Option<WhyAnswer>,
    /// Why there is no answer.
    pub problem: Option<String>,
    pub now: Timestamp,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct WhyAnswer {
    /// What it is called here.
    pub of: String,
    /// It lies elsewhere, where no row can be.
    pub is_link: bool,
    /// Its row in Notion.
    pub page_href: Option<String>,
    /// None: it is as it is in Jira.
    pub causes: Vec<WhyCause>,
}

#[derive(Clone, Debug)]
pub struct WhyCause {
    pub message: String,
    pub since: Option<Timestamp>,
    /// The next step, in words.
    pub next: &'static str,
    pub act: WhyAct,
}

/// How the next step is done.
#[derive(Clone, Debug)]
pub enum WhyAct {
    None,
    /// On another page.
    Open(Way),
    /// By a button.
    Press(Way),
}

impl DatabaseWhy<'_> {
    fn warning(&self) -> Icon {
        Icon::Warning
    }

    fn tick(&self) -> Icon {
        Icon::Tick
    }
}

impl WhyCause {
    fn since(&self, now: &Timestamp) -> Option<String> {
        Some(format!("Since {}.", time::clock(self.since?, *now)))
    }

    fn open(&self) -> Option<&Way> {
        if let WhyAct::Open(way) = &self.act { Some(way) } else { None }
    }

    fn press(&self) -> Option<&Way> {
        if let WhyAct::Press(way) = &self.act { Some(way) } else { None }
    }
}
