//! Which Jira the fake plays: deployment, version, where it lives, how it looks from outside.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;

/// What kind of Jira answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deployment {
    Cloud {
        cloud_id: String,
    },
    /// Data Center and Server: from outside only the version tells them apart (jira-auth-and-rest §1).
    SelfManaged {
        version: Version,
    },
}

/// `9.12.5`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Personal access tokens (jira-auth-and-rest §4.2).
    pub const ACCESS_TOKENS: Self = Self(8, 14, 0);
    /// The OAuth 2.0 provider (jira-auth-and-rest §4.3).
    pub const OAUTH_2: Self = Self(8, 22, 0);
    /// The per-user token bucket (jira-auth-and-rest §4.8).
    pub const RATE_LIMITS: Self = Self(8, 6, 0);
    /// Basic authentication is off by default (jira-auth-and-rest §4.1).
    pub const BASIC_OFF: Self = Self(11, 0, 0);

    pub fn parse(text: &str) -> Self {
        let mut numbers = text.split('.').map(|part| part.parse().expect("a version is three numbers"));
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next(), next())
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What stands before Jira and answers everything itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SingleSignOn {
    /// 302 to an identity provider.
    Redirect(String),
    /// A sign-in page with status 200.
    Page,
}

/// Everything about a fake Jira that is decided before it starts.
#[derive(Clone)]
pub struct Personality {
    pub deployment: Deployment,
    /// `""`, `"/jira"`, `"/a/b"`
    pub context_path: String,
    pub title: String,
    /// The host name in [`super::FakeJira::url`]; it must lead to 127.0.0.1.
    pub host: String,
    /// 0 = any free one.
    pub port: u16,
    /// `baseUrl` of serverInfo and of all links in answers, where it differs from the address.
    pub base_url: Option<String>,
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The zone in which answers write instants; people have their own.
    pub zone: Offset,
    /// What time it is when the fake starts ([`super::FakeJira::set_time`] moves it).
    pub now: Timestamp,
    /// The title of the sign-in page, in the site's language.
    pub sign_in_title: String,
    /// Hardened servers do not say who they are to strangers.
    pub server_info_hidden: bool,
    pub single_sign_on: Option<SingleSignOn>,
    /// Failed Basic log-ins before a CAPTCHA is wanted.
    pub captcha_after: u32,
    /// The most rows that a search of a self-managed server returns (`jira.search.views.default.max`).
    pub most_rows: usize,
}

/// A Sunday morning; everything lifelike is told relative to it.
pub const MORNING: &str = "2026-11-22T10:00:00Z";

impl Personality {
    /// Jira Cloud with its two hosts: the site and Atlassian's API host.
    pub fn cloud() -> Self {
        Self::of(Deployment::Cloud { cloud_id: "3036c423-78e7-442a-8bed-47870b5a7526".into() }, "Acme")
    }

    /// A current Data Center.
    pub fn data_center() -> Self {
        Self::of(Deployment::SelfManaged { version: Version(10, 3, 19) }, "Plant Jira")
    }

    /// The last line of the discontinued Server.
    pub fn server() -> Self {
        Self::of(Deployment::SelfManaged { version: Version(9, 12, 5) }, "Old Jira")
    }

    fn of(deployment: Deployment, title: &str) -> Self {
        Self {
            deployment,
            context_path: String::new(),
            title: title.into(),
            host: "127.0.0.1".into(),
            port: 0,
            base_url: None,
            tls: None,
            zone: Offset::constant(-7),
            now: MORNING.parse().expect("an instant"),
            sign_in_title: "Log in".into(),
            server_info_hidden: false,
            single_sign_on: None,
            captcha_after: 3,
            most_rows: 1000,
        }
    }

    pub fn version(mut self, version: &str) -> Self {
        self.deployment = Deployment::SelfManaged { version: Version::parse(version) };
        self
    }

    pub fn cloud_id(mut self, id: &str) -> Self {
        self.deployment = Deployment::Cloud { cloud_id: id.into() };
        self
    }

    /// Below which path it lives: `/jira`.
    pub fn at(mut self, context_path: &str) -> Self {
        assert!(!self.is_cloud(), "Jira Cloud has no context path");
        self.context_path = context_path.into();
        self
    }

    pub fn title(mut self, title: &str) -> Self {
        self.title = title.into();
        self
    }

    pub fn host(mut self, host: &str) -> Self {
        self.host = host.into();
        self
    }

    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = Some(url.into());
        self
    }

    pub fn tls(mut self, config: Arc<rustls::ServerConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// `Anmelden` instead of `Log in`.
    pub fn sign_in_title(mut self, title: &str) -> Self {
        self.sign_in_title = title.into();
        self
    }

    pub fn hidden_server_info(mut self) -> Self {
        self.server_info_hidden = true;
        self
    }

    pub fn single_sign_on(mut self, single_sign_on: SingleSignOn) -> Self {
        self.single_sign_on = Some(single_sign_on);
        self
    }

    pub fn is_cloud(&self) -> bool {
        matches!(self.deployment, Deployment::Cloud { .. })
    }

    pub fn self_managed_version(&self) -> Option<Version> {
        match self.deployment {
            Deployment::Cloud { .. } => None,
            Deployment::SelfManaged { version } => Some(version),
        }
    }

    /// Whether this is a self-managed server of that version or a later one.
    pub fn since(&self, version: Version) -> bool {
        self.self_managed_version().is_some_and(|own| own >= version)
    }
}
