//! Every page as a struct of plain values (contract §3). Whoever serves pages fills one in and calls
//! [`Html::html`](super::Html::html).

mod account;
mod calendar;
mod connect;
mod connect_problem;
mod connections;
mod home;
mod preview;
mod problem;
mod trouble;
mod why;

pub use account::{Account, SignIn, SignOn, TokenRow};
pub use calendar::Soon;
pub use connect::{Connect, ConnectForm, Method, Offer};
pub use connect_problem::ConnectProblem;
pub use connections::{ConnectionRow, Connections};
pub use home::Home;
pub use preview::{AllowFrame, Look, Preview, Redacted};
pub use problem::Problem;
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
    Removed,
    /// A personal access token has taken the place of a password.
    Replaced,
    /// The day on which a token ends.
    Noted,
    TokenRevoked,
}

impl Done {
    fn text(&self) -> String {
        match self {
            Self::Connected { label, links: 0 } => format!("Connected as {label}."),
            Self::Connected { label, links: 1 } => format!("Connected as {label}. 1 link on this page was filled in."),
            Self::Connected { label, links } => {
                format!("Connected as {label}. {links} links on this page were filled in.")
            }
            Self::Removed => "The connection is removed. Its previews and its secret are gone.".to_owned(),
            Self::Replaced => {
                "The password is forgotten here; a personal access token of your own has taken its place.".to_owned()
            }
            Self::Noted => "The day is noted. You are told when it is near.".to_owned(),
            Self::TokenRevoked => "The token is revoked. It stopped working at once.".to_owned(),
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
