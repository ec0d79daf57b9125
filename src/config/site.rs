//! `[[site]]` tables: what one Jira needs besides its address (contract §2).

use std::path::PathBuf;

use secrecy::SecretString;
use toml::{Table, Value};
use url::Url;

use super::oauth::{OAuth1Consumer, OAuthClient};
use super::sources::{ConfigError, Sources, text_of};
use crate::jira::key::SiteUrl;

/// One Jira that the operator has described.
#[derive(Clone, Debug)]
pub struct Site {
    pub url: SiteUrl,
    /// Short name for people and for the label `site` of the metrics.
    pub name: String,
    /// Other addresses of the same Jira.
    pub aliases: Vec<SiteUrl>,
    /// Bare keys such as `OPS-7` belong to it.
    pub default: bool,
    /// Further certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
    pub client_certificate: Option<ClientCertificate>,
    /// May hold a password.
    pub proxy: Option<SecretString>,
    /// As which the gateway is registered in this Jira Data Center (OAuth 2.0).
    pub oauth2: Option<OAuthClient>,
    /// The same in one that only has OAuth 1.0a.
    pub oauth1: Option<OAuth1Consumer>,
    /// Keys of projects that are never shown, upper case.
    pub block_projects: Vec<String>,
    pub publish: Publish,
}

impl Site {
    /// Whether the gateway is registered in this Jira, so that it can ask people for consent.
    pub fn has_oauth(&self) -> bool {
        self.oauth2.is_some() || self.oauth1.is_some()
    }
}

/// PEM files of the certificate that the gateway shows to a Jira.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    pub cert_file: PathBuf,
    pub key_file: PathBuf,
}

/// What of an issue may be written into pages that others read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Publish {
    #[default]
    Full,
    KeyStatus,
    Key,
    Nothing,
}

impl Publish {
    /// The narrower of this and [`Self::Key`].
    pub fn at_most_key(self) -> Self {
        if self == Self::Nothing { Self::Nothing } else { Self::Key }
    }
}

/// Reads all tables and what must hold between them.
pub fn read(sources: &Sources<'_>) -> Result<Vec<Site>, ConfigError> {
    let mut sites: Vec<Site> = Vec::new();
    for (index, table) in sources.sites.iter().enumerate() {
        let form = sources.site_form(index + 1);
        let site = Entry { form: form.clone(), table: table.clone() }.site()?;
        let taken =
            |address: &&SiteUrl| sites.iter().any(|other| other.url == **address || other.aliases.contains(address));
        if let Some(address) = site.aliases.iter().chain([&site.url]).find(taken) {
            return Err(ConfigError::new(form, format!("{address} belongs to another [[site]] already")));
        }
        if sites.iter().any(|other| other.name == site.name) {
            return Err(ConfigError::new(form, "name is that of another [[site]]; give it one of its own"));
        }
        if site.default && sites.iter().any(|other| other.default) {
            return Err(ConfigError::new(form, "default is true for another [[site]] already"));
        }
        sites.push(site);
    }
    Ok(sites)
}

/// One table, from which key after key is taken; what is left at the end is unknown.
pub(super) struct Entry {
    /// How messages call it.
    pub(super) form: String,
    table: Table,
}

impl Entry {
    fn site(mut self) -> Result<Site, ConfigError> {
        let url = self.required("url")?;
        let url = self.site_url("url", &url)?;
        let name = self.text("name")?.unwrap_or_else(|| url.short_name().to_owned());
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(self.error("name takes 1 to 60 characters"));
        }
        let aliases =
            self.list("aliases")?.iter().map(|alias| self.site_url("aliases", alias)).collect::<Result<_, _>>()?;
        let default = match self.table.remove("default") {
            None => false,
            Some(Value::Boolean(default)) => default,
            Some(_) => return Err(self.error("default takes true or false")),
        };
        let site = Site {
            url,
            name,
            aliases,
            default,
            ca_file: self.text("ca_file")?.map(PathBuf::from),
            client_certificate: self.client_certificate()?,
            proxy: self.proxy()?,
            oauth2: self.inner("oauth2")?.map(OAuthClient::of_site).transpose()?,
            oauth1: self.inner("oauth1")?.map(OAuth1Consumer::of_site).transpose()?,
            block_projects: self.block_projects()?,
            publish: self.publish()?,
        };
        if site.url.is_cloud_host() && site.has_oauth() {
            return Err(self.error("oauth2 and oauth1 are for Data Center; Jira Cloud takes GATEWAY_JIRA_CLIENT_ID"));
        }
        self.end()?;
        Ok(site)
    }

    /// Nothing may be left that is not understood.
    pub(super) fn end(&self) -> Result<(), ConfigError> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.error(&format!("{key:?} is not a key of [[site]]; --help lists them"))),
        }
    }

    /// A table within this one.
    fn inner(&mut self, key: &str) -> Result<Option<Self>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(Self { form: format!("{key} of {}", self.form), table })),
            Some(_) => Err(self.error(&format!("{key} takes a table in braces"))),
        }
    }

    fn client_certificate(&mut self) -> Result<Option<ClientCertificate>, ConfigError> {
        match (self.text("client_cert_file")?, self.text("client_key_file")?) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some(ClientCertificate { cert_file: cert.into(), key_file: key.into() })),
            (Some(_), None) => Err(self.error("client_cert_file needs client_key_file as well")),
            (None, Some(_)) => Err(self.error("client_key_file needs client_cert_file as well")),
        }
    }

    fn proxy(&mut self) -> Result<Option<SecretString>, ConfigError> {
        let Some(text) = self.text("proxy")? else { return Ok(None) };
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(SecretString::from(text))),
            _ => Err(self.error("proxy takes an address such as http://proxy.example.com:3128")),
        }
    }

    fn block_projects(&mut self) -> Result<Vec<String>, ConfigError> {
        let keys = self.list("block_projects")?;
        let good = |key: &String| {
            key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if !keys.iter().all(good) {
            return Err(self.error("block_projects takes project keys such as [\"HR\", \"SEC\"]"));
        }
        Ok(keys.iter().map(|key| key.to_ascii_uppercase()).collect())
    }

    fn publish(&mut self) -> Result<Publish, ConfigError> {
        match self.text("publish")?.as_deref() {
            None => Ok(Publish::default()),
            Some("full") => Ok(Publish::Full),
            Some("key_status") => Ok(Publish::KeyStatus),
            Some("key") => Ok(Publish::Key),
            Some("nothing") => Ok(Publish::Nothing),
            Some(_) => Err(self.error("publish takes full, key_status, key or nothing")),
        }
    }

    fn site_url(&self, key: &str, text: &str) -> Result<SiteUrl, ConfigError> {
        SiteUrl::parse(text).map_err(|_| {
            self.error(&format!("{key} takes the address of a Jira, such as https://jira.example.com/jira"))
        })
    }

    pub(super) fn required(&mut self, key: &str) -> Result<String, ConfigError> {
        self.text(key)?.filter(|text| !text.is_empty()).ok_or_else(|| self.error(&format!("{key} is missing")))
    }

    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(&format!("{key} takes text in quotes"))),
        }
    }

    fn list(&mut self, key: &str) -> Result<Vec<String>, ConfigError> {
        match self.table.remove(key) {
            None => Some(Vec::new()),
            Some(Value::Array(items)) => items.into_iter().map(text_of).collect::<Option<_>>(),
            Some(_) => None,
        }
        .ok_or_else(|| self.error(&format!("{key} takes a list in brackets")))
    }

    pub(super) fn error(&self, problem: &str) -> ConfigError {
        ConfigError::new(&self.form, problem)
    }
}
