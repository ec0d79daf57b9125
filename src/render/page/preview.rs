//! `GET /preview`: one card or mention alone, fit for a frame.

use askama::Template;

use super::Theme;
use crate::jira::key::Kind;
use crate::render::{assets, step, words};

/// The page without head and foot. Its own title and OpenGraph tags are redacted for everybody: whoever fetches a link
/// to unfurl it has no identity (paste-experience §2, route B).
#[derive(Debug, Template)]
#[template(path = "preview.html")]
pub struct Preview<'a> {
    pub theme: Theme,
    /// `OPS-7 · Jira (acme)`, from [`words::redacted`].
    pub title: String,
    pub canonical_url: Option<&'a str>,
    pub look: Look,
}

/// What is drawn.
#[derive(Debug)]
pub enum Look {
    /// From [`card::html`](crate::render::card::html).
    Card(String),
    /// From [`mention::html`](crate::render::mention::html).
    Mention(String),
    Redacted(Redacted),
}

/// For readers without a session: nothing but what the link itself says.
#[derive(Clone, Debug, Default)]
pub struct Redacted {
    /// The page that signs a reader in from within a frame, in a window of its own.
    pub sign_in_href: Option<String>,
}

impl<'a> Preview<'a> {
    /// The page for a reader who is not signed in.
    pub fn redacted(theme: Theme, kind: Kind, id: &str, url: Option<&'a str>, site_name: &str, how: Redacted) -> Self {
        Self { theme, title: words::redacted(kind, id, url, site_name), canonical_url: url, look: Look::Redacted(how) }
    }

    fn style(&self) -> &'static str {
        assets::style()
    }

    fn favicon(&self) -> &'static str {
        assets::favicon()
    }

    fn link(&self) -> Option<&str> {
        self.canonical_url.and_then(step::safe_href)
    }
}
