//! A page that could not be shown: what happened, and where to go from here.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Way};
use crate::render::time;

/// An error page. Its words are ours alone: no server message, no title, no secret.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    pub base: Base,
    pub status: u16,
    pub title: String,
    pub detail: String,
    pub ways: Vec<Way>,
    /// To be quoted when asking for help.
    pub reference: Option<String>,
}

impl Problem {
    pub(super) fn new(base: Base, status: u16, title: &str, detail: impl Into<String>) -> Self {
        let ways = vec![Way::new("Paste a link", "/"), Way::new("Connections", "/connections")];
        Self { base, status, title: title.to_owned(), detail: detail.into(), ways, reference: None }
    }

    pub fn bad_request(base: Base, detail: impl Into<String>) -> Self {
        Self::new(base, 400, "This request was not understood", detail)
    }

    /// Nobody is signed in; the way back is kept.
    pub fn sign_in_first(base: Base, return_to: &str) -> Self {
        let href = format!("/sign-in?return_to={}", crate::render::step::encode(return_to));
        let page = Self::new(base, 401, "Please sign in first", "This page belongs to an account.");
        Self { ways: vec![Way::new("Sign in", href)], ..page }
    }

    pub fn form_expired(base: Base) -> Self {
        Self::new(
            base,
            403,
            "This form had been open for too long",
            "Nothing was changed. Go back, load the page again and repeat the last step.",
        )
    }

    /// The page of another site sent the form.
    pub fn from_elsewhere(base: Base) -> Self {
        Self::new(
            base,
            403,
            "This did not come from a page of the gateway",
            "The browser says that the page of another site sent it. Nothing was changed.",
        )
    }

    /// Somebody was sent to the consent page by a link that is not Notion's.
    pub fn not_from_notion(base: Base, detail: impl Into<String>) -> Self {
        Self::new(base, 400, "This request does not come from Notion as it should", detail)
    }

    pub fn not_found(base: Base) -> Self {
        Self::new(base, 404, "There is no such page", "The address may be mistyped, or it belongs to another account.")
    }

    pub fn method_not_allowed(base: Base) -> Self {
        Self::new(base, 405, "This address does not work that way", "Use the forms of the pages instead.")
    }

    pub fn conflict(base: Base) -> Self {
        Self::new(
            base,
            409,
            "This Jira user belongs to another account here",
            "Accounts are never merged. Sign out and sign in to that account, or remove the connection there first.",
        )
    }

    pub fn too_large(base: Base) -> Self {
        Self::new(base, 413, "That was too much text", "Up to 100 links and 1 MiB can be pasted at once.")
    }

    /// The request's Host is neither that of the listener nor of the public URL.
    pub fn misdirected(base: Base, public_url: &str) -> Self {
        let page = Self::new(
            base,
            421,
            "This is not the address of the gateway",
            "For your protection it answers only under its own name. Whoever runs it can set another with GATEWAY_PUBLIC_URL.",
        );
        Self { ways: vec![Way::new("Go to the gateway", format!("{public_url}/"))], ..page }
    }

    pub fn too_many(base: Base, retry_at: Timestamp, now: Timestamp) -> Self {
        let detail = format!("The next try is possible at {}.", time::clock(retry_at, now));
        Self::new(base, 429, "Too many attempts", detail)
    }

    pub fn internal(base: Base, reference: impl Into<String>) -> Self {
        let page = Self::new(
            base,
            500,
            "Something went wrong on our side",
            "It is in the log. Nothing that you pasted was sent anywhere else.",
        );
        Self { reference: Some(reference.into()), ..page }
    }

    pub fn unavailable(base: Base) -> Self {
        Self::new(
            base,
            503,
            "The gateway is busy or being restarted",
            "Try again in a moment; your connections are safe.",
        )
    }
}
