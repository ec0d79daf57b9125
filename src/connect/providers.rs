//! The OAuth clients that the operator has registered: one 3LO app for Cloud, and per Jira of their own an OAuth 2.0 client
//! or a consumer of an application link.

use std::fs;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

use super::sites::{Sites, SitesError};
use crate::config::Settings;
use crate::jira::key::SiteUrl;
use crate::jira::oauth::{Client, Consumer};
use crate::outbound::Url;

/// Where a provider sends the person back to (contract §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    Cloud,
    DataCenter,
    Server,
}

impl Callback {
    /// The last part of the callback's path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::DataCenter => "data-center",
            Self::Server => "server",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cloud, Self::DataCenter, Self::Server].into_iter().find(|it| it.as_str() == text)
    }

    /// The address that the operator registers at the provider.
    pub fn url(self, public_url: &SiteUrl) -> String {
        public_url.join(&format!("/connect/callback/{}", self.as_str()))
    }
}

/// How a person can be asked for consent at a Jira of the operator's own.
#[derive(Clone, Debug)]
pub enum Own {
    Two(Box<Client>),
    One(Arc<Consumer>),
}

#[derive(Debug)]
pub struct Providers {
    cloud: Option<Client>,
    own: Vec<(SiteUrl, Own)>,
    /// Where OAuth 1.0a comes back to; it carries our state in its query.
    pub server_callback: Url,
}

impl Providers {
    pub fn new(settings: &Settings, public_url: &SiteUrl, sites: &Sites) -> Result<Self, SitesError> {
        let callback = |callback: Callback| address(&callback.url(public_url));
        let broken = |site: &str, error: &str| SitesError::Profile { site: site.to_owned(), error: error.to_owned() };
        let cloud = match &settings.jira_app {
            None => None,
            Some(app) => {
                let auth_url = address(settings.atlassian_auth_url.as_str())?;
                let redirect = callback(Callback::Cloud)?;
                let http = sites.operator().clone();
                let client = Client::cloud(http, &auth_url, &app.id, &app.secret, &redirect, &settings.jira_scopes);
                Some(client.ok_or_else(|| broken("(none)", "GATEWAY_ATLASSIAN_AUTH_URL is no address of a service"))?)
            }
        };
        let mut own = Vec::new();
        for site in &settings.listed {
            if let Some(client) = &site.oauth2 {
                let redirect = callback(Callback::DataCenter)?;
                let (http, base) = (sites.http(&site.url).clone(), address(site.url.as_str())?);
                let client = Client::data_center(http, &base, &client.id, &client.secret, &redirect);
                let client = client.ok_or_else(|| broken(&site.name, "url is no address of a Jira"))?;
                own.push((site.url.clone(), Own::Two(Box::new(client))));
            } else if let Some(consumer) = &site.oauth1 {
                let file = &consumer.private_key_file;
                let pem = fs::read_to_string(file).map(Zeroizing::new).map_err(|error| SitesError::File {
                    site: site.name.clone(),
                    key: "oauth1.private_key_file",
                    file: file.display().to_string(),
                    error,
                })?;
                let consumer = Consumer::new(&consumer.key, &pem)
                    .map_err(|error| broken(&site.name, &format!("oauth1.private_key_file: {error}")))?;
                own.push((site.url.clone(), Own::One(Arc::new(consumer))));
            }
        }
        Ok(Self { cloud, own, server_callback: callback(Callback::Server)? })
    }

    pub fn cloud(&self) -> Option<&Client> {
        self.cloud.as_ref()
    }

    /// What is registered at one Jira, by its own address.
    pub fn own(&self, site: &SiteUrl) -> Option<&Own> {
        self.own.iter().find(|(url, _)| url == site).map(|(_, own)| own)
    }
}

fn address(text: &str) -> Result<Url, SitesError> {
    Url::parse(text)
        .map_err(|_| SitesError::Profile { site: "(none)".to_owned(), error: format!("{text} is no address") })
}
