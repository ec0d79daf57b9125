//! `GET /preview`: one card or mention alone, fit for a frame, and the window that lets a frame show it.

use askama::Template;

use super::{Base, Theme};
use crate::render::icon::Icon;
use crate::render::{assets, step};

/// The page without head and foot. Its own title and OpenGraph tags are redacted for everybody: whoever fetches a link
/// to unfurl it has no identity (paste-experience §2, route B).
#[derive(Debug, Template)]
#[template(path = "preview.html")]
pub struct Preview<'a> {
    pub theme: Theme,
    /// `OPS-7 · Jira (acme)`, from [`words::redacted`](crate::render::words::redacted).
    pub title: String,
    /// The same for everybody, whoever reads.
    pub open_graph: OpenGraph,
    pub canonical_url: Option<&'a str>,
    pub look: Look,
}

/// What a program learns that unfurls the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenGraph {
    pub title: String,
    /// Where it asks what to embed; none for what is not ours.
    pub oembed_href: Option<String>,
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
    /// The page that signs a reader in, in a window of its own, and comes back to this preview there.
    pub sign_in_href: Option<String>,
    /// Whether a frame can get a session of its own: only over https.
    pub can_allow_frame: bool,
}

impl<'a> Preview<'a> {
    fn style(&self) -> &'static str {
        assets::style()
    }

    fn favicon(&self) -> &'static str {
        assets::favicon()
    }

    fn frame_script(&self) -> &'static str {
        assets::frame_script()
    }

    /// Whether the page needs the script by which a frame gets its session.
    fn asks(&self) -> bool {
        matches!(&self.look, Look::Redacted(how) if how.can_allow_frame)
    }

    fn link(&self) -> Option<&str> {
        self.canonical_url.and_then(step::safe_href)
    }
}

/// `/preview/allow`: the window of ours in which a reader lets a frame show previews.
#[derive(Debug, Template)]
#[template(path = "allow.html")]
pub struct AllowFrame {
    pub base: Base,
    /// What the window hands to the frame, once the reader has said yes.
    pub code: Option<String>,
}

impl AllowFrame {
    fn lock(&self) -> Icon {
        Icon::Lock
    }

    fn frame_script(&self) -> &'static str {
        assets::frame_script()
    }
}
