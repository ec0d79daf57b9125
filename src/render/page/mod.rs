//! Every page as a struct of plain values (contract §3). Whoever serves pages fills one in and calls
//! [`Html::html`](super::Html::html).

mod account;
mod calendar;
mod card_fields;
mod connect;
mod connect_problem;
mod connections;
mod consent;
mod database;
mod database_settings;
mod database_why;
mod databases;
mod home;
mod new_database;
mod notion_account;
mod pace;
mod pile;
mod preview;
mod problem;
mod sync_plan;
mod trouble;
mod why;

pub use account::{Account, SignIn, SignOn, TokenRow};
pub use calendar::Soon;
pub use card_fields::{CardFields, FieldRow};
pub use connect::{Connect, ConnectForm, Method, Offer, OwnOauth};
pub use connect_problem::ConnectProblem;
pub use connections::{ConnectionRow, Connections, GrantRow, NotGranted};
pub use consent::{ConnectedJira, Consent};
pub use database::{
    Database, HandOver, IssueLosses, LossSum, MarkedColumn, Next, ParkedRow, RemoveDatabase, SyncReport,
};
pub use database_settings::{DatabaseSettings, FieldSwitch};
pub use database_why::{DatabaseWhy, WhyAct, WhyAnswer, WhyCause};
pub use databases::{DatabaseRow, Databases, SyncBadge, SyncProgress};
pub use home::Home;
pub use new_database::{Checked, Choice, First, NewDatabase, Planned};
pub use notion_account::{NotionProblem, NotionRow};
pub use pile::Pile;
pub use preview::{AllowFrame, Look, OpenGraph, Preview, Redacted};
pub use problem::Problem;
pub use sync_plan::{FieldLoss, FieldLosses, PlannedChange, PlannedColumn, PlannedRow, SyncPlan};
pub use trouble::Trouble;
pub use why::Why;

use super::assets;

/// Light, dark, or as the reader's system says (paste-experience §9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The value of the `theme` parameter; anything else means the system's.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `data-theme`; none for the system's.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// What every page with a head and a foot needs.
#[derive(Clone, Debug, Default)]
pub struct Base {
    pub theme: Theme,
    /// The name of the signed-in account; none when nobody is.
    pub account: Option<String>,
    /// Whether signing out makes sense; not so for the one local account.
    pub can_sign_out: bool,
    /// The CSRF value of the session; empty when there is none.
    pub csrf: String,
    /// A connection of the account that ends within days.
    pub soon: Option<Soon>,
}

impl Base {
    fn style(&self) -> &'static str {
        assets::style()
    }

    fn script(&self) -> &'static str {
        assets::script()
    }

    fn favicon(&self) -> &'static str {
        assets::favicon()
    }
}

/// Something that has just been done, said once on the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// "Connected as ana@acme", with the number of links on this page that were filled in.
    Connected {
        label: String,
        links: usize,
    },
    /// A Notion workspace, by its name for people.
    ConnectedNotion {
        workspace: String,
    },
    Removed(Removal),
    /// A personal access token has taken the place of a password.
    Replaced,
    /// The day on which a token ends.
    Noted,
    /// Whether this Jira tells of changes from now on.
    Told(bool),
    TokenRevoked,
    /// The fields on the cards of one Jira.
    FieldsChosen,
    /// Something about a synced database.
    Sync(SyncDone),
}

/// What was just done with a synced database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncDone {
    Created,
    Asked,
    Paused,
    Resumed,
    Reauthenticated,
    Saved,
    WillRestore,
    Recreated,
    WillTrash,
    WillKeep,
    WillRemoveColumn,
    /// The rows stay in Notion.
    Removed,
    /// The database went to Notion's trash.
    Trashed,
}

impl SyncDone {
    /// A word for the address of the next page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Asked => "asked",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Reauthenticated => "reauthenticated",
            Self::Saved => "saved",
            Self::WillRestore => "will-restore",
            Self::Recreated => "recreated",
            Self::WillTrash => "will-trash",
            Self::WillKeep => "will-keep",
            Self::WillRemoveColumn => "will-remove-column",
            Self::Removed => "removed",
            Self::Trashed => "trashed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Created, Self::Recreated, Self::Asked, Self::Paused, Self::Resumed, Self::Reauthenticated];
        let will = [Self::WillRestore, Self::WillTrash, Self::WillKeep, Self::WillRemoveColumn];
        let ends = [Self::Saved, Self::Removed, Self::Trashed];
        all.into_iter().chain(will).chain(ends).find(|it| it.as_str() == word)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Created => "The database is being made. Rows fill in by themselves, also after you close this page.",
            Self::Asked => "A run was asked for. It begins within seconds.",
            Self::Paused => "Paused. Nothing is read or written until you resume.",
            Self::Resumed => "It goes on.",
            Self::Reauthenticated => "It goes on with this connection: the same database, the same rows.",
            Self::Saved => "Saved. The next run takes it up.",
            Self::WillRestore => "The next run brings back rows from the trash and columns that were removed.",
            Self::Recreated => "A new database is being made in Notion. The old one is not touched.",
            Self::WillTrash => "The next run moves these rows to Notion's trash, where they can be restored.",
            Self::WillKeep => "The rows stay as they are, and are not kept up to date any more.",
            Self::WillRemoveColumn => "The next run removes this column, with all that stands in it.",
            Self::Removed => "The sync is removed. The database and its rows stay in Notion as they are.",
            Self::Trashed => "The sync is removed, and the database is in Notion's trash.",
        }
    }
}

/// What was removed with a connection, and what was not: no Jira lets a gateway give a grant back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The secret that was typed.
    Secret,
    /// The last connection of a grant of Atlassian's, with its tokens.
    Atlassian,
    /// One site of a grant that others go on using.
    OneSite,
    /// The tokens of a Jira of the operator's own.
    OwnJira,
    /// What a Notion workspace was allowed.
    Notion,
    /// The token of a Notion account.
    NotionAccount,
}

impl Removal {
    /// A word for the address of the next page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Atlassian => "atlassian",
            Self::OneSite => "one-site",
            Self::OwnJira => "own-jira",
            Self::Notion => "notion",
            Self::NotionAccount => "notion-account",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Secret, Self::Atlassian, Self::OneSite, Self::OwnJira, Self::Notion, Self::NotionAccount];
        all.into_iter().find(|it| it.as_str() == word)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Secret => "The connection is removed. Its previews and its secret are gone.",
            Self::Atlassian => {
                "The connection is removed. Its previews and its tokens are gone. To take back your consent as well, \
                 remove the app at id.atlassian.com → Connected apps."
            }
            Self::OneSite => {
                "The connection is removed, and its previews are gone. Your consent also covers the other sites below, so \
                 its tokens stay until the last of them is removed."
            }
            Self::OwnJira => {
                "The connection is removed. Its previews and its tokens are gone. To take back your consent as well, \
                 remove it in Jira: your picture, Profile, Authorized applications."
            }
            Self::Notion => {
                "This workspace gets no more previews. What its pages show by now stays until they are opened again."
            }
            Self::NotionAccount => {
                "The Notion account is disconnected. Its token is gone here. What stands in Notion stays there."
            }
        }
    }
}

impl Done {
    fn text(&self) -> String {
        match self {
            Self::Connected { label, links: 0 } => format!("Connected as {label}."),
            Self::Connected { label, links: 1 } => format!("Connected as {label}. 1 link on this page was filled in."),
            Self::Connected { label, links } => {
                format!("Connected as {label}. {links} links on this page were filled in.")
            }
            Self::ConnectedNotion { workspace } => format!("Connected to {workspace} in Notion."),
            Self::Removed(removal) => removal.text().to_owned(),
            Self::Replaced => {
                "The password is forgotten here; a personal access token of your own has taken its place.".to_owned()
            }
            Self::Told(true) => "This Jira now tells the gateway what has changed.".to_owned(),
            Self::Told(false) => "This Jira no longer tells the gateway what has changed.".to_owned(),
            Self::Noted => "The day is noted. You are told when it is near.".to_owned(),
            Self::TokenRevoked => "The token is revoked. It stopped working at once.".to_owned(),
            Self::FieldsChosen => "Saved. Cards show these fields from now on.".to_owned(),
            Self::Sync(done) => done.text().to_owned(),
        }
    }
}

/// A link that leads out of a page: a recovery, a way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub label: String,
    pub href: String,
}

impl Way {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}
