//! `GET /account` and `GET /sign-in`.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done};
use crate::render::icon::Icon;
use crate::render::time;

/// API tokens: make, list, revoke. Forms: `POST /account/tokens` (`label`, `csrf`) and `POST /account/tokens/{id}/revoke`.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct Account {
    pub base: Base,
    pub name: String,
    pub tokens: Vec<TokenRow>,
    /// A token that has just been made; shown this once.
    pub new_token: Option<String>,
    pub done: Option<Done>,
    /// Why a token was not made.
    pub problem: Option<String>,
    pub now: Timestamp,
}

impl Account {
    fn key(&self) -> Icon {
        Icon::Key
    }
}

/// One API token; the token itself is not known any more.
#[derive(Clone, Debug)]
pub struct TokenRow {
    pub id: String,
    pub label: String,
    pub created_at: Timestamp,
}

impl TokenRow {
    fn created(&self, now: &Timestamp) -> String {
        time::ago(self.created_at, *now)
    }
}

/// The ways to sign in that this installation has.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    pub base: Base,
    /// Connecting a Jira signs in.
    pub jira: bool,
    pub notion: bool,
    /// The company's own sign-on stands in front of the gateway.
    pub proxy: bool,
    /// A path of ours.
    pub return_to: String,
}

impl SignIn {
    fn plug(&self) -> Icon {
        Icon::Plug
    }

    fn connect_href(&self) -> String {
        format!("/connect?return_to={}", crate::render::step::encode(&self.return_to))
    }
}
