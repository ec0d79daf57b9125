//! Where each provider must be told that people come back to: ready to be copied by the operator.

use super::Callback;
use crate::config::{Settings, Site};
use crate::jira::key::SiteUrl;

/// Atlassian's console, where the app of the gateway is kept.
const CONSOLE: &str = "https://developer.atlassian.com/console/myapps";

/// One provider in which the gateway is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Where the operator registers the callback.
    pub at: String,
    /// What kind of client it is there, for people.
    pub kind: &'static str,
    pub callback: String,
}

impl Registration {
    /// All that are configured. `public_url` is the origin under which browsers reach the gateway.
    pub fn all(settings: &Settings, public_url: &SiteUrl) -> Vec<Self> {
        let own = settings.listed.iter().filter_map(|site| Self::of_site(site, public_url));
        Self::of_cloud(settings, public_url).into_iter().chain(own).collect()
    }

    /// The app for Jira Cloud, if there is one.
    pub fn of_cloud(settings: &Settings, public_url: &SiteUrl) -> Option<Self> {
        settings.jira_app.as_ref()?;
        Some(Self { at: CONSOLE.to_owned(), kind: "OAuth 2.0 (3LO)", callback: Callback::Cloud.url(public_url) })
    }

    /// The application link in one Jira of the operator's own, if there is one.
    pub fn of_site(site: &Site, public_url: &SiteUrl) -> Option<Self> {
        let (kind, callback) = match (&site.oauth2, &site.oauth1) {
            (Some(_), _) => ("OAuth 2.0", Callback::DataCenter),
            (None, Some(_)) => ("OAuth 1.0a", Callback::Server),
            (None, None) => return None,
        };
        Some(Self { at: site.url.to_string(), kind, callback: callback.url(public_url) })
    }
}
