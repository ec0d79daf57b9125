//! What people are told about a synced database in one glance, and what they can do (synced-database §2). Pure.

use std::str::FromStr;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::halt::Halt;
use crate::render::number::grouped;

/// The kinds of badges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    #[default]
    SettingUp,
    InProgress,
    Synced,
    Late,
    Partly,
    Failed,
    Stopped,
    Waiting,
    Paused,
}

/// The state of a database as the API names it (contract §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Syncing,
    Synced,
    Failed,
    Stopped,
}

/// What a badge may say beside its kind. Notion is told the kind alone: what is written there is written when that is
/// another one (§2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Issues that a run has read by now.
    pub read: Option<u64>,
    /// Rows that a run has written, of how many.
    pub written: Option<(u64, u64)>,
    /// How long ago a run has ended; none: none ever has.
    pub ended: Option<SignedDuration>,
}

/// One cause, and one next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Part of the API.
    pub code: String,
    pub message: String,
}

/// What a database that waits asks its person (S61, S62).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// So many issues are missing that their rows stay until somebody decides.
    Missing,
    /// Issues are missing whose rows hold something of a person's own.
    OwnContent,
}

impl Question {
    pub const ALL: [Self; 2] = [Self::Missing, Self::OwnContent];

    /// The code of the reason that asks. Part of the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "no_permission",
            Self::OwnContent => "own_content",
        }
    }
}

/// There is no such question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("What is answered is one of {}.", Question::ALL.map(Question::code).join(", "))]
pub struct NoQuestion;

impl FromStr for Question {
    type Err = NoQuestion;

    fn from_str(code: &str) -> Result<Self, NoQuestion> {
        Self::ALL.into_iter().find(|it| it.code() == code).ok_or(NoQuestion)
    }
}

impl Reason {
    /// Of Notion's refusal to make a row: by its limit of rows (406), or because the workspace is full or a right is lacking
    /// (403).
    pub(super) fn no_more_rows(code: &str, detail: &str) -> Self {
        let (code, what) = match code {
            "row_limit_exceeded" => ("row_limit", "Notion's row limit"),
            _ => ("notion_forbidden", "Notion takes no new rows"),
        };
        let detail = if detail.is_empty() { "it does not say why" } else { detail };
        let message = format!("{what}: {detail}. Rows that are there are kept up to date.");
        Self { code: code.to_owned(), message }
    }

    /// Rows whose issues are not in the project any more, and that nobody has decided about.
    pub(super) fn own_content(rows: i64) -> Self {
        let message = match rows {
            1 => "An issue is not in the project any more, but its row holds something of yours. Move the row to the \
                  trash, or keep it."
                .to_owned(),
            rows => format!(
                "{rows} issues are not in the project any more, but their rows hold something of yours. Move the rows to \
                 the trash, or keep them."
            ),
        };
        Self { code: Question::OwnContent.code().to_owned(), message }
    }
}

impl Badge {
    pub fn state(self) -> State {
        match self {
            Self::SettingUp | Self::InProgress => State::Syncing,
            Self::Synced | Self::Late | Self::Partly => State::Synced,
            Self::Failed => State::Failed,
            Self::Stopped | Self::Waiting | Self::Paused => State::Stopped,
        }
    }

    /// What people read, on the pages, in the API and in Notion.
    pub fn words(self, figures: &Figures) -> String {
        let kind = match self {
            Self::SettingUp => "Setting up",
            Self::InProgress => match (figures.read, figures.written) {
                (Some(read), _) => return format!("Sync in progress · {} issues read", grouped(read)),
                (None, Some((done, total))) if total > 0 => {
                    return format!("Sync in progress {} of {}", grouped(done), grouped(total));
                }
                _ => "Sync in progress",
            },
            Self::Synced => "Synced with Jira",
            Self::Late => match figures.ended {
                Some(ago) => return format!("Synced {} ago – late", age(ago)),
                // The first load: nothing was ever synced.
                None => "Sync in progress – late",
            },
            Self::Partly => "Partly synced",
            Self::Failed => "Sync failed",
            Self::Stopped => "Sync stopped",
            Self::Waiting => "Waiting for you",
            Self::Paused => "Paused",
        };
        kind.to_owned()
    }

    pub fn color(self) -> &'static str {
        match self {
            Self::SettingUp | Self::Paused => "grey",
            Self::InProgress | Self::Synced => "blue",
            Self::Late | Self::Partly | Self::Failed | Self::Stopped | Self::Waiting => "yellow",
        }
    }
}

/// What ended a run, for people: whether it stops until somebody acts, or is tried again; and why. None: nothing that they
/// have to know.
pub fn of_halt(halt: &Halt) -> Option<(Badge, Reason)> {
    let (badge, code, message) = match halt {
        Halt::Lost | Halt::Stopping => return None,
        Halt::Paused => {
            return Some((Badge::Paused, reason("paused", "Paused. Nothing is read or written until you resume.")));
        }
        Halt::JiraGone => (
            Badge::Stopped,
            "disconnected",
            "The connection to Jira was removed. The rows stay as they are. Connect Jira again, then re-authenticate.",
        ),
        Halt::JiraReconnect => (
            Badge::Stopped,
            "reconnect",
            "Jira does not accept the connection any more. Sign in to Jira again, then re-authenticate.",
        ),
        Halt::JiraCaptcha => (
            Badge::Stopped,
            "captcha",
            "Jira wants a CAPTCHA, and is not asked before you have solved it: sign in to Jira in your browser, then press \
             Try again on the page of connections.",
        ),
        Halt::ProjectHidden => (
            Badge::Stopped,
            "no_permission",
            "This Jira account cannot see the project any more. The rows stay as they are. Ask for access in Jira, or \
             re-authenticate with another account.",
        ),
        Halt::Brake(reason) => return Some((Badge::Waiting, reason.clone())),
        Halt::ProjectArchived => (
            Badge::Stopped,
            "project_archived",
            "The project is archived, or in Jira's trash. The rows stay as they are. Restore it in Jira, then press Sync now.",
        ),
        Halt::TooManyIssues => (
            Badge::Failed,
            "configuration",
            "There are more issues than a synced database holds. Narrow them with a filter in the settings.",
        ),
        Halt::Policy => (
            Badge::Stopped,
            "policy",
            "Whoever runs this gateway does not let this project be copied into Notion any more. The rows stay as they are.",
        ),
        Halt::BadQuery => (
            Badge::Failed,
            "configuration",
            "Jira refuses the project or the filter. Change the filter in the settings; nothing was removed in Notion.",
        ),
        Halt::NotionGone => (
            Badge::Stopped,
            "notion_disconnected",
            "The connection to Notion was removed. The rows stay as they are. Connect Notion again, then re-authenticate.",
        ),
        Halt::NotionReconnect => (
            Badge::Stopped,
            "notion_reconnect",
            "Notion does not accept the connection any more. Connect Notion again, then re-authenticate.",
        ),
        Halt::ParentHidden => (
            Badge::Stopped,
            "parent_not_shared",
            "Notion does not show the page for the database to this connection. Share it (••• → Connections), then \
             press Sync now.",
        ),
        Halt::DatabaseHidden => (
            Badge::Stopped,
            "database_not_shared",
            "Notion does not show the database to this connection any more. Share it (••• → Connections), then press \
             Sync now; or, if it was deleted for good, make a new one.",
        ),
        Halt::DatabaseTrashed => (
            Badge::Stopped,
            "database_trashed",
            "The database is in Notion's trash. Take it out of the trash, then press Sync now; or make a new one, or \
             remove the sync here.",
        ),
        Halt::Forbidden { detail, .. } => {
            let message =
                format!("The connection may not do this in Notion: {detail}. Give it the right, then press Sync now.");
            return Some((Badge::Failed, reason("notion_forbidden", &message)));
        }
        Halt::RowLimit { detail } => {
            return Some((Badge::Partly, Reason::no_more_rows("row_limit_exceeded", detail)));
        }
        Halt::Refused { detail, .. } if detail.contains("schema size") => {
            let message =
                format!("The columns and their options are more than Notion takes: {detail}. Switch fields off.");
            return Some((Badge::Failed, reason("configuration", &message)));
        }
        Halt::Refused { detail, .. } => {
            let message = format!("Notion refuses a request: {detail}. It is tried again.");
            return Some((Badge::Failed, reason("rejected_by_notion", &message)));
        }
        Halt::Later { why, .. } => {
            let message = format!("The last run did not end: {why}. It is tried again by itself.");
            return Some((Badge::Failed, reason("unavailable", &message)));
        }
        Halt::Store(_) => {
            let message = "The gateway's own database does not answer. It is tried again by itself.";
            return Some((Badge::Failed, reason("unavailable", message)));
        }
    };
    Some((badge, reason(code, message)))
}

/// "3 h".
fn age(since: SignedDuration) -> String {
    match since.as_mins() {
        minutes @ ..120 => format!("{} min", minutes.max(0)),
        minutes @ ..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

fn reason(code: &str, message: &str) -> Reason {
    Reason { code: code.to_owned(), message: message.to_owned() }
}
