//! `GET /notion/authorize`: a person decides whether Notion may show what they see in Jira.

use askama::Template;

use super::Base;
use crate::config::Publish;
use crate::render::icon::Icon;
use crate::render::step;

/// The page. It says who, where to, and who will read it; nothing happens before the click.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    pub base: Base,
    /// Where the person goes back to: `www.notion.so`.
    pub host: &'a str,
    /// What the form carries: the request, sealed for this browser.
    pub page: String,
    /// With whose eyes Notion will see.
    pub connected: Vec<ConnectedJira>,
    /// Workspaces that were allowed before.
    pub workspaces: Vec<String>,
    /// The path of this very page, to come back to.
    pub here: &'a str,
    /// Whether descriptions are shown too.
    pub with_description: bool,
}

/// An account at a Jira.
#[derive(Clone, Debug)]
pub struct ConnectedJira {
    pub label: String,
    /// Host and port.
    pub site: String,
    /// What the administrator lets out.
    pub publishes: Publish,
}

impl ConnectedJira {
    /// What of it the page will show, where that is not everything.
    fn narrowed(&self) -> Option<&'static str> {
        match self.publishes {
            Publish::Full => None,
            Publish::KeyStatus => Some("key and status only"),
            Publish::Key => Some("key only"),
            Publish::Nothing => Some("nothing: the administrator keeps it out of pages"),
        }
    }
}

impl Consent<'_> {
    fn lock(&self) -> Icon {
        Icon::Lock
    }

    fn warning(&self) -> Icon {
        Icon::Warning
    }

    fn plug(&self) -> Icon {
        Icon::Plug
    }

    fn connect_href(&self) -> String {
        format!("/connect?return_to={}", step::encode(self.here))
    }

    /// `Acme and Beta`
    fn known(&self) -> Option<String> {
        let mut names = self.workspaces.clone();
        names.sort_unstable();
        names.dedup();
        let last = names.pop()?;
        Some(if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) })
    }
}
