//! How people sign in, and what must hold for each way (contract §2).

use std::net::IpAddr;

use ipnet::IpNet;

use super::sources::{ConfigError, Sources};
use super::{Settings, SiteRule, is_loopback, parse};

/// How people sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Whoever reaches the listener is the one account.
    Local,
    /// Whoever proves to be somebody at a Jira.
    Jira,
    /// Whoever proves to be somebody at Notion.
    Notion,
    /// Whomever the company's own sign-on names in a header.
    Proxy,
}

impl SignIn {
    pub const ALL: [Self; 4] = [Self::Local, Self::Jira, Self::Notion, Self::Proxy];

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Jira => "jira",
            Self::Notion => "notion",
            Self::Proxy => "proxy",
        }
    }

    /// The way that the contract calls so.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == word)
    }
}

/// The sign-on that stands in front of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySignIn {
    /// Name of the header in which it says who somebody is, in lower case.
    pub header: String,
    /// Where it may stand.
    pub trusted: Vec<IpNet>,
}

impl ProxySignIn {
    /// Both settings or neither.
    pub(super) fn read(sources: &Sources<'_>) -> Result<Option<Self>, ConfigError> {
        let header = sources.optional("proxy-user-header", parse::header_name)?;
        let trusted = sources.optional("trusted-proxies", parse::some_ranges)?;
        match (header, trusted) {
            (None, None) => Ok(None),
            (Some(header), Some(trusted)) => Ok(Some(Self { header, trusted })),
            (Some(_), None) => Err(sources.needs("proxy-user-header", "trusted-proxies")),
            (None, Some(_)) => Err(sources.needs("trusted-proxies", "proxy-user-header")),
        }
    }

    /// Whether whoever is at the other end of the socket may say who somebody is.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|range| range.contains(&peer))
    }
}

/// What must hold for the ways that are set; on loopback `local` when none is.
pub(super) fn fit_to_serve(settings: &mut Settings, sources: &Sources<'_>) -> Result<(), ConfigError> {
    let error = |problem: &str| Err(ConfigError::new(sources.form("sign-in"), problem));
    let public_elsewhere = settings.public_url.as_ref().is_some_and(|url| !parse::is_loopback_host(url));
    let exposed =
        if !is_loopback(settings.listen.ip()) { Some("listen") } else { public_elsewhere.then_some("public-url") };
    let exposed = exposed.map(|flag| sources.form(flag));
    match (settings.sign_in.as_slice(), exposed) {
        ([], Some(exposed)) => {
            return error(&format!(
                "must be set, because {exposed} is not a loopback address; it takes jira, notion or proxy there"
            ));
        }
        ([SignIn::Local], Some(exposed)) => {
            return error(&format!("local is for this machine alone, but {exposed} is not a loopback address"));
        }
        ([], None) => settings.sign_in = vec![SignIn::Local],
        ([SignIn::Local], None) => {}
        (methods, _) if methods.contains(&SignIn::Local) => return error("local takes no other method beside it"),
        _ => {}
    }
    if settings.sign_in.contains(&SignIn::Jira) && settings.sites != SiteRule::Listed {
        // Else whoever runs a Jira of their own could be anybody.
        return error(&format!("jira needs {} to be listed", sources.form("sites")));
    }
    if settings.sign_in.contains(&SignIn::Notion) && settings.notion.client.is_none() {
        let (id, secret) = (sources.form("notion-client-id"), sources.form("notion-client-secret"));
        return error(&format!("notion needs {id} and {secret} as well"));
    }
    match settings.sign_in.contains(&SignIn::Proxy) {
        true if settings.proxy.is_none() => {
            let (header, trusted) = (sources.form("proxy-user-header"), sources.form("trusted-proxies"));
            error(&format!("proxy needs {header} and {trusted} as well"))
        }
        true => Ok(()),
        // Then the header means nothing.
        false => {
            settings.proxy = None;
            Ok(())
        }
    }
}
