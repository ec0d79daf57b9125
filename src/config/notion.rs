//! What the operator was given by Notion, and gives to Notion (contract §2).

use super::oauth::{self, OAuthClient};
use super::parse;
use super::sources::{ConfigError, Sources};
use crate::jira::key::SiteUrl;
use crate::notion::redirect::RedirectHosts;

/// The way to Notion.
#[derive(Clone, Debug)]
pub struct Notion {
    pub api_url: SiteUrl,
    /// Issued by Notion; `None`: no sign-in with Notion, no Link Previews.
    pub client: Option<OAuthClient>,
    /// `None`: there are no Link Previews here.
    pub link_preview: Option<LinkPreview>,
}

/// What Notion knows of us as an authorization server.
#[derive(Clone, Debug)]
pub struct LinkPreview {
    /// The pair that was typed into Notion's form.
    pub client: OAuthClient,
    pub redirect_hosts: RedirectHosts,
}

impl Notion {
    pub(super) fn read(sources: &Sources<'_>) -> Result<Self, ConfigError> {
        let api_url = sources.get("notion-api-url", parse::service)?;
        let client = oauth::client(sources, "notion-client-id", "notion-client-secret")?;
        let ours = oauth::client(sources, "link-preview-client-id", "link-preview-client-secret")?;
        let redirect_hosts = sources.get("link-preview-redirect-hosts", parse::redirect_hosts)?;
        if ours.is_some() && client.is_none() {
            // Without it no code of Notion's could be exchanged.
            return Err(sources.needs("link-preview-client-id", "notion-client-id"));
        }
        let link_preview = ours.map(|client| LinkPreview { client, redirect_hosts });
        Ok(Self { api_url, client, link_preview })
    }
}
