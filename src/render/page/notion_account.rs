//! A person's own Notion accounts: how they are listed, and why one could not be connected.

use jiff::Timestamp;

use super::{Base, Problem, Way};
use crate::render::{step, time};

/// One Notion account, on the page of connections.
#[derive(Clone, Debug)]
pub struct NotionRow {
    /// `ncn_…`
    pub id: String,
    /// As people call it.
    pub workspace: String,
    /// May be empty.
    pub person: String,
    /// By consent; else by a token that was typed.
    pub by_consent: bool,
    /// Whether Notion accepts its token.
    pub is_ok: bool,
    pub since: Timestamp,
}

impl NotionRow {
    pub(super) fn kind(&self) -> &'static str {
        if self.by_consent { "By consent" } else { "By token" }
    }

    pub(super) fn day(&self) -> String {
        time::date(self.since).to_string()
    }

    pub(super) fn advice(&self) -> &'static str {
        match self.by_consent {
            true => "Notion does not accept it any more. Connect Notion again.",
            false => "Notion does not accept its token any more. Connect with a new one below.",
        }
    }
}

/// Why a person came back from Notion without being connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotionProblem {
    /// The person said no.
    Denied,
    /// They came back too late, twice, or with a code that Notion does not take.
    Expired,
    /// They came back to another browser, or as somebody else.
    OtherBrowser,
    /// Their Notion user is known as another account's.
    OtherAccount,
    /// Notion named no person.
    Nobody,
    /// Notion does not answer as it should.
    Unreachable,
    /// Notion refuses the client of this gateway.
    Operator,
}

impl NotionProblem {
    const fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Denied => (
                422,
                "You did not let the gateway in",
                "Nothing was connected and nothing is kept. You can begin again.",
            ),
            Self::Expired => (
                422,
                "This sign-in is not good any more",
                "It took longer than ten minutes, or its last page was loaded twice. Begin again.",
            ),
            Self::OtherBrowser => (
                403,
                "This sign-in began somewhere else",
                "It has to end in the browser in which it began, and as the same person, so that nobody can slip their \
                 Notion into your account. Begin again here.",
            ),
            Self::OtherAccount => (
                409,
                "This Notion user belongs to another account here",
                "Accounts are never merged. Sign out and sign in with Notion to use that account, or choose another \
                 workspace in Notion.",
            ),
            Self::Nobody => (
                422,
                "Notion did not say who you are",
                "What it allowed belongs to a workspace and not to a person, so nobody can be signed in with it. Whoever \
                 runs the gateway has to register it at Notion as a public connection.",
            ),
            Self::Unreachable => {
                (422, "Notion did not answer", "Nothing was connected. Wait a moment, then begin again.")
            }
            Self::Operator => (
                422,
                "Notion does not accept this gateway",
                "Its client ID, secret or redirect URI are not as Notion has them. Ask whoever runs the gateway; its log \
                 says more.",
            ),
        }
    }
}

impl Problem {
    /// Notion was not connected; `return_to` is where it had begun.
    pub fn notion(base: Base, problem: NotionProblem, return_to: &str) -> Self {
        let (status, title, detail) = problem.words();
        let again = Way::new("Connect Notion again", format!("/notion/connect?return_to={}", step::encode(return_to)));
        let other = match base.account {
            Some(_) => Way::new("Connections", "/connections"),
            None => Way::new("Other ways to sign in", format!("/sign-in?return_to={}", step::encode(return_to))),
        };
        Self { ways: vec![again, other], ..Self::new(base, status, title, detail) }
    }

    /// A typed token was not kept; `return_to` is where it was typed.
    pub fn notion_token(base: Base, detail: impl Into<String>, return_to: &str) -> Self {
        let ways = vec![Way::new("Back to the form", return_to), Way::new("Connections", "/connections")];
        Self { ways, ..Self::new(base, 422, "Notion was not connected", detail) }
    }
}
