//! "Why is this not synced?" of an issue, a field, a person or a link: always with cause, since when, and the next step
//! (synced-database §8). What only Jira or Notion can tell is asked with the owner's own connections, so that nobody
//! learns more than they see there themselves.
//!
//! ```text
//! mod     what is asked for, and what an answer is
//! issue   its row, what waits, what Jira shows
//! field   its column
//! person  who that is in Notion
//! ```

mod field;
mod issue;
mod person;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::badge::{Badge, Reason};
use super::run::read_json;
use super::state::{Asked, Home, Progress};
use super::why::Why;
use super::{CreateError, Syncs};
use crate::connect::Held;
use crate::link::{self, Known, Target, UserId};
use crate::store::{Connection, Database};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// What was asked for, as it is called here.
    pub of: String,
    pub kind: About,
    /// The row in Notion.
    pub page_id: Option<String>,
    /// None: it is in Notion as it is in Jira.
    pub causes: Vec<Cause>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Issue,
    Field,
    Person,
    /// Something in another Jira.
    Link,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    pub code: String,
    pub message: String,
    /// None where nobody has noted it.
    pub since: Option<Timestamp>,
    pub next_step: Step,
}

/// What its person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Nothing,
    Wait,
    Sync,
    Resume,
    Restore,
    Settings,
    Access,
    Jira,
    People,
    /// As the reason of the database's badge says.
    Database,
}

impl Step {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "There is nothing to do about it.",
            Self::Wait => "Nothing to do: it comes by itself.",
            Self::Sync => "Press Sync now, or wait for the next run.",
            Self::Resume => "Resume the sync.",
            Self::Restore => "Press Restore.",
            Self::Settings => "Change it in the settings.",
            Self::Access => "Ask for access in Jira, or re-authenticate with another account.",
            Self::Jira => "Change it in Jira; then it is tried again by itself.",
            Self::People => "Invite them to the Notion workspace, or say in the settings who they are there.",
            Self::Database => "See to the sync first.",
        }
    }

    /// What is done about a cause that a run has noted.
    fn of(code: &str) -> Self {
        match code {
            "hidden_by_you" | "column_removed" | "column_retyped" => Self::Restore,
            "security_level" | "name_taken" | "switched_off" | "column_dropped" | "out_of_scope" | "edited"
            | "row_limit" => Self::Settings,
            "person_unmapped" => Self::People,
            "rejected_by_notion" | "value_too_long" => Self::Jira,
            "no_permission" => Self::Access,
            "waiting" | "slow_lane" => Self::Wait,
            _ => Self::Nothing,
        }
    }
}

impl Cause {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), since: None, next_step: Step::of(code) }
    }

    fn why(why: Why) -> Self {
        Self::new(why.code(), why.sentence())
    }

    fn since(self, since: Option<Timestamp>) -> Self {
        Self { since, ..self }
    }

    fn next(self, next_step: Step) -> Self {
        Self { next_step, ..self }
    }
}

/// What is known of the database that is asked about.
struct Scene<'d> {
    database: &'d Database,
    asked: Asked,
    home: Home,
    progress: Progress,
    held: Arc<Held>,
}

impl Scene<'_> {
    /// The owner's own way into Jira.
    fn jira(&self) -> Option<&Arc<Connection>> {
        self.held.find(self.database.connection_id.as_ref()?)
    }
}

impl Syncs {
    /// Why something is not in a database as it is in Jira. None: what is asked for is nothing that is known here.
    pub async fn explain(&self, database: &Database, of: &str) -> Result<Option<Explained>, CreateError> {
        let of = of.trim();
        if of.is_empty() {
            return Ok(None);
        }
        let scene = Scene {
            database,
            asked: read_json(&database.wish),
            home: read_json(&database.place),
            progress: read_json(&database.progress),
            held: self.means.connect.held(&database.account_id).await?,
        };
        if let Some(answer) = field::explain(&scene, of) {
            return Ok(Some(answer));
        }
        let alone = Known::new(Vec::new(), Some(database.site.clone()));
        let link = if of.contains("://") { link::parse(of, &scene.held.known) } else { link::parse(of, &alone) };
        let Some(link) = link else { return self.explain_person(&scene, of).await };
        if *link.site() != database.site {
            let causes = vec![Cause::why(Why::TargetNotSynced)];
            return Ok(Some(Explained { of: of.to_owned(), kind: About::Link, page_id: None, causes }));
        }
        match link.target() {
            Target::Issue { issue }
            | Target::Comment { issue, .. }
            | Target::Worklog { issue, .. }
            | Target::Request { issue, .. } => self.explain_issue(&scene, &issue.to_string()).await.map(Some),
            Target::Idea { key } => self.explain_issue(&scene, key.as_str()).await.map(Some),
            Target::User { user: UserId::Account(who) | UserId::Name(who) } => self.explain_person(&scene, who).await,
            _ => Ok(None),
        }
    }

    /// What keeps the whole database from going on, if anything does.
    fn standstill(&self, database: &Database) -> Option<Cause> {
        let shown = self.shown(database);
        let Reason { code, message } = shown.reason?;
        let next = match shown.kind {
            Badge::Paused => Step::Resume,
            Badge::Partly if code == "row_limit" => Step::Settings,
            Badge::Failed | Badge::Stopped | Badge::Waiting | Badge::Late => Step::Database,
            _ => return None,
        };
        Some(Cause::new(&code, message).since(shown.since).next(next))
    }
}
