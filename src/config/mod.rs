//! Everything that an operator can set: read once, checked once (contract §1 and §2).

mod cli;
mod notion;
mod oauth;
mod parse;
mod sign_in;
mod site;
mod sources;
pub mod table;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use tracing::level_filters::LevelFilter;

pub use cli::{AccountCommand, Cli, Command, DatabaseCommand, Flags, KeyCommand, TokenCommand};
pub use notion::{LinkPreview, Notion};
pub use oauth::{OAuth1Consumer, OAuthClient};
pub use parse::{is_loopback, is_loopback_host};
pub use sign_in::{ProxySignIn, SignIn};
pub use site::{ClientCertificate, Publish, Site};
pub use sources::{ConfigError, Variables};

use crate::jira::key::SiteUrl;
use crate::secret::MasterKeys;
use sources::Sources;

/// What the operator wants, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// `None`: the listener's own address, known once it listens.
    pub public_url: Option<SiteUrl>,
    pub data_dir: PathBuf,
    /// A PostgreSQL address; `None`: SQLite in the data folder.
    pub database_url: Option<SecretString>,
    /// `None`: the file `master.key` in the data folder.
    pub master_key: Option<SecretString>,
    pub tls: Option<TlsFiles>,
    pub sites: SiteRule,
    /// What may be private, as `outbound` reads it.
    pub private_sites: String,
    /// Empty only for commands that do not serve.
    pub sign_in: Vec<SignIn>,
    /// What stands in front; none unless it signs people in.
    pub proxy: Option<ProxySignIn>,
    /// Where people of Jira Cloud allow access (OAuth 2.0 (3LO)).
    pub atlassian_auth_url: SiteUrl,
    pub atlassian_api_url: SiteUrl,
    /// The 3LO app; `None`: Jira Cloud is connected with an API token only.
    pub jira_app: Option<OAuthClient>,
    /// What the 3LO app asks for, divided by spaces.
    pub jira_scopes: String,
    pub notion: Notion,
    /// Sources for the `frame-ancestors` of `/preview`; empty: nobody.
    pub frame_ancestors: Vec<String>,
    pub preview_ttl: Duration,
    pub preview_stale_for: Duration,
    pub preview_description: bool,
    /// How often what Notion shows is read again.
    pub sync_interval: Duration,
    /// The least time between two looks that confirm a disappearance.
    pub sync_confirm: Duration,
    pub metrics_from: MetricsFrom,
    /// Of the gateway's own messages.
    pub log: LevelFilter,
    pub log_format: LogFormat,
    /// The `[[site]]` tables.
    pub listed: Vec<Site>,
}

/// PEM files for our own listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Which Jira people may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteRule {
    /// Any that the outbound guard allows.
    Any,
    /// Only those with a `[[site]]` table.
    Listed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Who may read `/metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricsFrom {
    Loopback,
    Ranges(Vec<IpNet>),
}

impl MetricsFrom {
    /// Judges the socket's peer. A forwarded request is somebody else's, whatever the peer is.
    pub fn admits(&self, peer: IpAddr, forwarded: bool) -> bool {
        let peer = peer.to_canonical();
        !forwarded
            && match self {
                Self::Loopback => is_loopback(peer),
                Self::Ranges(ranges) => ranges.iter().any(|range| range.contains(&peer)),
            }
    }
}

/// Reads the settings of this process.
pub fn load(cli: &Cli) -> Result<Settings, ConfigError> {
    read(cli, &|name| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned()))
}

/// Reads the settings with these variables for an environment.
pub fn read(cli: &Cli, variables: Variables<'_>) -> Result<Settings, ConfigError> {
    let sources = Sources::open(&cli.flags, variables)?;
    let path = |text: &str| if text.is_empty() { Err("takes a path".to_owned()) } else { Ok(PathBuf::from(text)) };
    let listen = sources.get("listen", parse::listen)?;
    let public_url = sources.optional("public-url", parse::origin)?;
    let settings = Settings {
        listen,
        public_url,
        data_dir: sources.get("data-dir", path)?,
        database_url: sources.secret("database-url", |text| {
            let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
            if known { Ok(()) } else { Err("takes an address that begins with postgres://".to_owned()) }
        })?,
        master_key: sources
            .secret("master-key", |text| MasterKeys::parse(text).map(drop).map_err(|error| error.to_string()))?,
        tls: match (sources.optional("tls-cert", path)?, sources.optional("tls-key", path)?) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (Some(_), None) => return Err(sources.needs("tls-cert", "tls-key")),
            (None, Some(_)) => return Err(sources.needs("tls-key", "tls-cert")),
        },
        sites: sources.get("sites", parse::site_rule)?,
        private_sites: sources.optional("private-sites", parse::private_sites)?.unwrap_or_default(),
        sign_in: sources.optional("sign-in", parse::sign_in)?.unwrap_or_default(),
        proxy: ProxySignIn::read(&sources)?,
        atlassian_auth_url: sources.get("atlassian-auth-url", parse::service)?,
        atlassian_api_url: sources.get("atlassian-api-url", parse::service)?,
        jira_app: oauth::client(&sources, "jira-client-id", "jira-client-secret")?,
        jira_scopes: sources.get("jira-scopes", parse::scopes)?,
        notion: Notion::read(&sources)?,
        frame_ancestors: sources.get("frame-ancestors", parse::frame_ancestors)?,
        preview_ttl: sources.get("preview-ttl", parse::duration)?,
        preview_stale_for: sources.get("preview-stale-for", parse::duration)?,
        preview_description: sources.get("preview-description", parse::boolean)?,
        sync_interval: sources.get("sync-interval", parse::some_time)?,
        sync_confirm: sources.get("sync-confirm", parse::duration)?,
        metrics_from: sources
            .optional("metrics-from", parse::ranges)?
            .map_or(MetricsFrom::Loopback, MetricsFrom::Ranges),
        log: sources.get("log", parse::log_level)?,
        log_format: sources.get("log-format", parse::log_format)?,
        listed: site::read(&sources)?,
    };
    match cli.command_or_serve() {
        Command::Serve => fit_to_serve(settings, &sources),
        _ => Ok(settings),
    }
}

/// What must hold before anybody can reach the gateway; other commands reach nobody and work without.
fn fit_to_serve(mut settings: Settings, sources: &Sources<'_>) -> Result<Settings, ConfigError> {
    let error = |flag: &str, problem: &str| Err(ConfigError::new(sources.form(flag), problem));
    if settings.listen.ip().to_canonical().is_unspecified() && settings.public_url.is_none() {
        let listen = sources.form("listen");
        return error(
            "public-url",
            &format!("must be set, because {listen} names no address that a browser could use"),
        );
    }
    if settings.sites == SiteRule::Listed && settings.listed.is_empty() {
        return error("sites", "is listed, but there is no [[site]] in the TOML file");
    }
    sign_in::fit_to_serve(&mut settings, sources)?;
    Ok(settings)
}
