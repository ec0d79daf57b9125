//! `GET /account` and `GET /sign-in`.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done};
use crate::render::icon::Icon;
use crate::render::{step, time};

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
    /// Connecting one of these signs in: address and name. Empty where that is not set.
    pub jira: Vec<(String, String)>,
    pub notion: bool,
    /// The company's own sign-on stands in front of the gateway, and this is what it said.
    pub proxy: Option<SignOn>,
    /// A path of ours.
    pub return_to: String,
}

/// What a sign-on in front of the gateway said of somebody who is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOn {
    /// Nothing.
    Silent,
    /// A name that no account can have, or two.
    Unclear,
}

impl SignIn {
    fn plug(&self) -> Icon {
        Icon::Plug
    }

    fn connect_href(&self, site: &str) -> String {
        format!("/connect?site={}&return_to={}", step::encode(site), step::encode(&self.return_to))
    }

    fn notion_href(&self) -> String {
        format!("/notion/connect?return_to={}", step::encode(&self.return_to))
    }

    fn is_unclear(&self) -> bool {
        self.proxy == Some(SignOn::Unclear)
    }
}
