//! Which Jira people may connect, and the way out to each: the operator's `[[site]]` entries and the guard for the rest.

use std::fs;

use secrecy::{ExposeSecret, SecretString};

use crate::config::{self, Settings, SiteRule};
use crate::jira::key::SiteUrl;
use crate::link::KnownSite;
use crate::outbound::{Http, Outbound, PrivateSites, Profile, Url};

/// The sites of the settings, each with its own way out.
#[derive(Debug)]
pub struct Sites {
    listed: Vec<(config::Site, Http)>,
    only_listed: bool,
    /// For every Jira without an entry.
    guarded: Http,
    /// For Atlassian's own API host, which the operator set.
    operator: Http,
}

/// Why the settings cannot be used; the start stops with it.
#[derive(Debug, thiserror::Error)]
pub enum SitesError {
    #[error("GATEWAY_PRIVATE_SITES: {0}")]
    PrivateSites(String),
    #[error("[[site]] {site}: {key} takes a file that can be read; {file} cannot ({error})")]
    File { site: String, key: &'static str, file: String, error: std::io::Error },
    #[error("[[site]] {site}: {error}")]
    Profile { site: String, error: String },
}

impl Sites {
    pub fn new(settings: &Settings) -> Result<Self, SitesError> {
        let private = PrivateSites::parse(&settings.private_sites).map_err(SitesError::PrivateSites)?;
        let outbound = Outbound::new(private).map_err(|error| SitesError::PrivateSites(error.to_string()))?;
        let plain = |error: crate::outbound::ProfileError| SitesError::Profile {
            site: "(none)".to_owned(),
            error: error.to_string(),
        };
        let mut listed = Vec::new();
        for site in &settings.listed {
            let broken = |error: String| SitesError::Profile { site: site.name.clone(), error };
            let http = outbound.http(&profile(site)?).map_err(|error| broken(error.to_string()))?;
            listed.push((site.clone(), http));
        }
        Ok(Self {
            listed,
            only_listed: settings.sites == SiteRule::Listed,
            guarded: outbound.http(&Profile::default()).map_err(plain)?,
            operator: outbound.operator(&Profile::default()).map_err(plain)?,
        })
    }

    /// The entry for a site, by its own address or an alias.
    pub fn listed(&self, site: &SiteUrl) -> Option<&config::Site> {
        self.entry(site).map(|(listed, _)| listed)
    }

    /// The listed site that a typed address names by an alias. The old address itself need not answer any more.
    pub fn of_alias(&self, typed: &SiteUrl) -> Option<&SiteUrl> {
        let holds = |site: &SiteUrl| {
            site.authority() == typed.authority() && site.strip_context(typed.context_path()).is_some()
        };
        if self.listed.iter().any(|(listed, _)| holds(&listed.url)) {
            return None;
        }
        self.listed.iter().find(|(listed, _)| listed.aliases.iter().any(holds)).map(|(listed, _)| &listed.url)
    }

    fn entry(&self, site: &SiteUrl) -> Option<&(config::Site, Http)> {
        self.listed.iter().find(|(listed, _)| listed.url == *site || listed.aliases.contains(site))
    }

    /// The entry whose origin (or an alias's) is the one of a typed address: it decides certificates and proxy before
    /// the context path is known.
    fn entry_at_origin(&self, site: &SiteUrl) -> Option<&(config::Site, Http)> {
        let is_at = |listed: &config::Site| {
            listed.aliases.iter().chain([&listed.url]).any(|address| address.origin() == site.origin())
        };
        self.listed.iter().find(|(listed, _)| is_at(listed))
    }

    pub fn admits(&self, site: &SiteUrl) -> bool {
        !self.only_listed || self.entry(site).is_some()
    }

    /// Whether a typed address may lead to a listed site, before its context path is known.
    pub fn may_admit(&self, typed: &SiteUrl) -> bool {
        !self.only_listed || self.entry(typed).is_some() || self.entry_at_origin(typed).is_some()
    }

    /// The way out to a site.
    pub fn http(&self, site: &SiteUrl) -> &Http {
        let entry = self.entry(site).or_else(|| self.entry_at_origin(site));
        entry.map_or(&self.guarded, |(_, http)| http)
    }

    /// The way out to what the operator has set: Atlassian, Notion.
    pub fn operator(&self) -> &Http {
        &self.operator
    }

    pub fn known(&self) -> Vec<KnownSite> {
        let known = |(site, _): &(config::Site, Http)| KnownSite {
            url: site.url.clone(),
            aliases: site.aliases.clone(),
            deployment: None,
        };
        self.listed.iter().map(known).collect()
    }

    pub fn default_site(&self) -> Option<SiteUrl> {
        self.listed.iter().find(|(site, _)| site.default).map(|(site, _)| site.url.clone())
    }
}

fn profile(site: &config::Site) -> Result<Profile, SitesError> {
    let read = |key: &'static str, file: &std::path::Path| {
        fs::read(file).map_err(|error| SitesError::File {
            site: site.name.clone(),
            key,
            file: file.display().to_string(),
            error,
        })
    };
    let certificate = site.client_certificate.as_ref();
    let proxy = site.proxy.as_ref().map(|proxy| Url::parse(proxy.expose_secret()));
    Ok(Profile {
        ca_pem: site.ca_file.as_deref().map(|file| read("ca_file", file)).transpose()?,
        client_cert_pem: certificate.map(|it| read("client_cert_file", &it.cert_file)).transpose()?,
        client_key_pem: certificate.map(|it| read("client_key_file", &it.key_file)).transpose()?.map(secret_text),
        proxy: proxy.transpose().map_err(|_| SitesError::Profile {
            site: site.name.clone(),
            error: "proxy is not an address".to_owned(),
        })?,
    })
}

/// A PEM file is ASCII; anything else is refused when the key is read.
fn secret_text(bytes: Vec<u8>) -> SecretString {
    SecretString::from(String::from_utf8(bytes).unwrap_or_default())
}
