//! Readers of single values. Each either gives the value or says what the setting takes; none repeats a value that may
//! hold a secret.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use tracing::level_filters::LevelFilter;
use url::{Host, Url};

use super::{LogFormat, SignIn, SiteRule};
use crate::jira::key::SiteUrl;
use crate::notion::redirect::RedirectHosts;
use crate::outbound::PrivateSites;

/// What a setting takes, as the end of the sentence "GATEWAY_X takes …".
pub type Takes = String;

pub fn listen(text: &str) -> Result<SocketAddr, Takes> {
    let port_of_localhost = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    if let Some(port) = port_of_localhost {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| "takes an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
}

/// Scheme, host and port with nothing behind.
pub fn origin(text: &str) -> Result<SiteUrl, Takes> {
    let takes = || "takes an origin without a path, such as https://gateway.example.com".to_owned();
    let url = web_url(text).ok_or_else(takes)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(takes());
    }
    SiteUrl::of_url(&url).map_err(|_| takes())
}

/// The base address of a service; a path is kept.
pub fn service(text: &str) -> Result<SiteUrl, Takes> {
    let takes = || "takes an address such as https://api.atlassian.com".to_owned();
    let url = web_url(text).filter(|url| url.query().is_none() && url.fragment().is_none()).ok_or_else(takes)?;
    SiteUrl::of_url(&url).map_err(|_| takes())
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A whole number with its unit. Ten years are enough for everything and keep sums from overflowing.
pub fn duration(text: &str) -> Result<Duration, Takes> {
    const LONGEST: Duration = Duration::from_secs(3650 * 86_400);
    let read = || {
        let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = text[..unit_at].parse().ok()?;
        let milliseconds = match &text[unit_at..] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let duration = Duration::from_millis(number.checked_mul(milliseconds)?);
        (duration <= LONGEST).then_some(duration)
    };
    read().ok_or_else(|| "takes a whole number with a unit (ms, s, m, h, d), such as 60s; at most 3650d".to_owned())
}

/// The same, where no time at all would never let go.
pub fn some_time(text: &str) -> Result<Duration, Takes> {
    const SHORTEST: Duration = Duration::from_secs(1);
    let long = duration(text)?;
    if long < SHORTEST { Err("takes at least 1s".to_owned()) } else { Ok(long) }
}

pub fn boolean(text: &str) -> Result<bool, Takes> {
    text.parse().map_err(|_| "takes true or false".to_owned())
}

pub fn site_rule(text: &str) -> Result<SiteRule, Takes> {
    match text {
        "any" => Ok(SiteRule::Any),
        "listed" => Ok(SiteRule::Listed),
        _ => Err("takes any or listed".to_owned()),
    }
}

/// Checked here so that the complaint names the setting; `outbound` reads the same text again.
pub fn private_sites(text: &str) -> Result<String, Takes> {
    PrivateSites::parse(text).map(|_| text.to_owned())
}

pub fn log_level(text: &str) -> Result<LevelFilter, Takes> {
    match text {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err("takes off, error, warn, info, debug or trace".to_owned()),
    }
}

pub fn log_format(text: &str) -> Result<LogFormat, Takes> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("takes text or json".to_owned()),
    }
}

/// The four words of the contract; which of them this version offers is judged by the caller.
pub fn sign_in(text: &str) -> Result<Vec<SignIn>, Takes> {
    let mut methods = Vec::new();
    for word in entries(text) {
        let method = SignIn::parse(word).ok_or("takes a list of local, jira, notion and proxy, such as local")?;
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    if methods.is_empty() { Err("takes at least one method, such as local".to_owned()) } else { Ok(methods) }
}

/// Address ranges; a single address is the range of itself.
pub fn ranges(text: &str) -> Result<Vec<IpNet>, Takes> {
    entries(text)
        .map(|entry| {
            entry
                .parse()
                .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("takes IP addresses and ranges such as 10.0.0.0/8; {entry:?} is neither"))
        })
        .collect()
}

/// The same, where none would be of no use.
pub fn some_ranges(text: &str) -> Result<Vec<IpNet>, Takes> {
    let ranges = ranges(text)?;
    if ranges.is_empty() { Err("takes IP addresses and ranges such as 10.0.0.0/8".to_owned()) } else { Ok(ranges) }
}

/// The name of a header (RFC 9110 §5.1), in lower case; none to which a request gives another meaning.
pub fn header_name(text: &str) -> Result<String, Takes> {
    const TAKEN: [&str; 6] = ["authorization", "cookie", "host", "origin", "x-csrf-token", "x-forwarded-for"];
    let name = text.to_ascii_lowercase();
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let good = !name.is_empty() && name.bytes().all(fits) && !TAKEN.contains(&name.as_str());
    good.then_some(name).ok_or_else(|| "takes the name of a header of its own, such as X-Forwarded-User".to_owned())
}

/// A client identifier (RFC 6749 appendix A.1), narrower: nobody issues one with a space.
pub fn client_id(text: &str) -> Result<String, Takes> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    good.then(|| text.to_owned()).ok_or_else(|| "takes the identifier that was issued, without spaces".to_owned())
}

/// Scopes, divided by one space each as they are sent (RFC 6749 §3.3).
pub fn scopes(text: &str) -> Result<String, Takes> {
    let scopes: Vec<_> = entries(text).collect();
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
    let good = !scopes.is_empty() && scopes.iter().all(|scope| scope.bytes().all(fits));
    good.then(|| scopes.join(" ")).ok_or_else(|| "takes scopes such as read:jira-work read:jira-user".to_owned())
}

/// Hosts to which Notion's people may be sent back.
pub fn redirect_hosts(text: &str) -> Result<RedirectHosts, Takes> {
    let hosts = RedirectHosts::parse(entries(text)).map_err(|error| error.to_string())?;
    if hosts.is_empty() { Err("takes at least one host, such as www.notion.so".to_owned()) } else { Ok(hosts) }
}

/// Sources for a `frame-ancestors` policy. They go into a header, so only what we have put together ourselves passes.
pub fn frame_ancestors(text: &str) -> Result<Vec<String>, Takes> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let sources: Vec<_> = entries(text).map(frame_ancestor).collect::<Result<_, _>>()?;
    if sources.is_empty() {
        Err("takes none or origins such as https://wiki.example.com".to_owned())
    } else {
        Ok(sources)
    }
}

fn frame_ancestor(entry: &str) -> Result<String, Takes> {
    let read = || {
        let (scheme, rest) = entry.split_once("://").unwrap_or(("https", entry));
        let (wildcard, rest) = rest.strip_prefix("*.").map_or(("", rest), |rest| ("*.", rest));
        let origin = origin(&format!("{scheme}://{rest}")).ok()?;
        // A host such as `a;b` is a host to nobody else; a policy must not be ended by one.
        let plain = origin.authority().bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        plain.then(|| {
            format!("{}://{wildcard}{}", origin.as_str().split("://").next().unwrap_or("https"), origin.authority())
        })
    };
    read().ok_or_else(|| format!("takes none or origins such as https://wiki.example.com; {entry:?} is none"))
}

/// The parts of a list; commas and white space both divide.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty())
}

/// Whether only programs on this machine can reach a listener on this address.
pub fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether this host names the machine itself for everybody: `localhost` and loopback addresses, no other name.
pub fn is_loopback_host(site: &SiteUrl) -> bool {
    match Host::parse(site.host()) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => is_loopback(address.into()),
        Ok(Host::Ipv6(address)) => is_loopback(address.into()),
        Err(_) => false,
    }
}
