//! Jira's names for things: where a Jira lives, what its projects and issues are called. Values of these types cannot be wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// Host suffixes that are Jira Cloud without asking (jira-urls §13); a custom domain is found by discovery.
pub const CLOUD_SUFFIXES: [&str; 4] = [".atlassian.net", ".jira.com", ".jira-dev.com", ".atlassian-us-gov-mod.net"];

/// The base address of one Jira: scheme, host, port and context path, without a trailing slash.
///
/// `https://acme.atlassian.net`, `https://issues.example.org:8443/jira`. Host and scheme are lower case, default
/// ports are left out, and the context path keeps its case (Tomcat compares it exactly).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteUrl {
    url: String,
    /// Where the context path begins in `url`; equal to its length when there is none.
    path_at: usize,
}

/// Why a text is not the address of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteUrlError {
    #[error("this is not a web address; it should look like https://jira.example.com")]
    NotAUrl,
    #[error("only https and http addresses can be a Jira site")]
    Scheme,
    #[error("the address must not contain a user name or a password")]
    UserInfo,
}

impl SiteUrl {
    /// Reads an address as a person types it: a missing scheme means https, query and fragment are dropped, the whole
    /// path is kept as the context path.
    pub fn parse(text: &str) -> Result<Self, SiteUrlError> {
        let text = text.trim();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&with_scheme).map_err(|_| SiteUrlError::NotAUrl)?;
        Self::of_url(&url)
    }

    /// The same for a parsed URL. User-info is refused: it is either a secret or an attempt to look like another host.
    pub fn of_url(url: &Url) -> Result<Self, SiteUrlError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SiteUrlError::UserInfo);
        }
        Self::with_path(url, url.path())
    }

    /// The site at `path` of the origin of `url`; empty segments are dropped.
    pub fn with_path(url: &Url, path: &str) -> Result<Self, SiteUrlError> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(SiteUrlError::Scheme);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SiteUrlError::NotAUrl)?;
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.is_empty() {
            return Err(SiteUrlError::NotAUrl);
        }
        let mut out = format!("{}://{host}", url.scheme());
        if let Some(port) = url.port() {
            out.push(':');
            out.push_str(&port.to_string());
        }
        let path_at = out.len();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            out.push('/');
            out.push_str(segment);
        }
        Ok(Self { url: out, path_at })
    }

    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port: `https://issues.example.org:8443`.
    pub fn origin(&self) -> &str {
        &self.url[..self.path_at]
    }

    /// `""` or `"/jira"`.
    pub fn context_path(&self) -> &str {
        &self.url[self.path_at..]
    }

    /// Host and port as in the address.
    pub fn authority(&self) -> &str {
        let start = self.url.find("://").map_or(0, |at| at + 3);
        &self.url[start..self.path_at]
    }

    /// The host alone, lower case; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        match authority.rfind(':') {
            Some(at) if !authority[at..].contains(']') => &authority[..at],
            _ => authority,
        }
    }

    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// Whether the host alone says Jira Cloud, by a dot-boundary suffix.
    pub fn is_cloud_host(&self) -> bool {
        let host = self.host();
        CLOUD_SUFFIXES.iter().any(|suffix| host.len() > suffix.len() && host.ends_with(suffix))
    }

    /// The same address with https.
    pub fn to_https(&self) -> Self {
        match self.url.strip_prefix("http://") {
            Some(rest) => Self { url: format!("https://{rest}"), path_at: self.path_at + 1 },
            None => self.clone(),
        }
    }

    /// The site one segment further up, `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let at = self.context_path().rfind('/')?;
        Some(Self { url: self.url[..self.path_at + at].to_owned(), path_at: self.path_at })
    }

    /// The site at the root of the same origin.
    pub fn root(&self) -> Self {
        Self { url: self.origin().to_owned(), path_at: self.path_at }
    }

    /// An absolute address below the site; `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What follows the site in `path` when the path lies below the context path at a segment boundary.
    ///
    /// `path` is the path of a URL whose origin has been compared already, with single slashes.
    pub fn strip_context<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.context_path())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// Short name for people: the first label of a Cloud host, else host, port and context path.
    pub fn short_name(&self) -> &str {
        if self.is_cloud_host() {
            self.host().split('.').next().unwrap_or_else(|| self.host())
        } else {
            let start = self.url.find("://").map_or(0, |at| at + 3);
            &self.url[start..]
        }
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl TryFrom<String> for SiteUrl {
    type Error = SiteUrlError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SiteUrl> for String {
    fn from(site: SiteUrl) -> Self {
        site.url
    }
}

/// Which Jira answers: it decides the REST dialect and the form of canonical links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployment {
    Cloud,
    DataCenter,
    Server,
}

impl Deployment {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::DataCenter => "data_center",
            Self::Server => "server",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cloud, Self::DataCenter, Self::Server].into_iter().find(|it| it.as_str() == text)
    }

    /// How the product calls itself, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cloud => "Jira Cloud",
            Self::DataCenter => "Jira Data Center",
            Self::Server => "Jira Server",
        }
    }
}

/// Not the name of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected cloud, data_center or server")]
pub struct DeploymentError;

impl TryFrom<String> for Deployment {
    type Error = DeploymentError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(DeploymentError)
    }
}

/// What kind of Jira object a link names (contract §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Issue,
    Comment,
    Worklog,
    Project,
    Board,
    Sprint,
    Filter,
    Search,
    Dashboard,
    Version,
    Component,
    User,
    Request,
    Idea,
    Attachment,
    Plan,
    Portal,
    Queue,
    Site,
    None,
}

impl Kind {
    pub const ALL: [Self; 20] = [
        Self::Issue,
        Self::Comment,
        Self::Worklog,
        Self::Project,
        Self::Board,
        Self::Sprint,
        Self::Filter,
        Self::Search,
        Self::Dashboard,
        Self::Version,
        Self::Component,
        Self::User,
        Self::Request,
        Self::Idea,
        Self::Attachment,
        Self::Plan,
        Self::Portal,
        Self::Queue,
        Self::Site,
        Self::None,
    ];

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Comment => "comment",
            Self::Worklog => "worklog",
            Self::Project => "project",
            Self::Board => "board",
            Self::Sprint => "sprint",
            Self::Filter => "filter",
            Self::Search => "search",
            Self::Dashboard => "dashboard",
            Self::Version => "version",
            Self::Component => "component",
            Self::User => "user",
            Self::Request => "request",
            Self::Idea => "idea",
            Self::Attachment => "attachment",
            Self::Plan => "plan",
            Self::Portal => "portal",
            Self::Queue => "queue",
            Self::Site => "site",
            Self::None => "none",
        }
    }
}
