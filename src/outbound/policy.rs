//! What the operator lists, and what a URL may therefore reach.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;
use url::Host;

use super::Failure;
use super::address::Reach;

/// The private places that the operator opens to site URLs (`GATEWAY_PRIVATE_SITES`, contract §2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateSites {
    origins: Vec<Origin>,
    hosts: Vec<String>,
    /// Each with its leading dot.
    suffixes: Vec<String>,
    ranges: Vec<IpNet>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: Host,
    port: u16,
}

/// What a connection for one URL may be made to. Each has connections of its own, so that none is borrowed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clearance {
    /// Public addresses and listed ranges.
    Public,
    /// Listed ranges alone: plain http to a name that is not listed itself.
    Ranges,
    /// Any address that is not refused to everybody: the URL itself is listed.
    Listed,
    /// Whatever the operator has set: Atlassian, Notion, a proxy.
    Operator,
}

const ACCEPTED: &str = "an origin (https://jira.corp:8443), a host (jira.corp), a suffix (*.corp), \
                        an IP address (10.1.2.3) or a range (10.0.0.0/8)";

/// They resolve to link-local addresses, which are refused anyway; behind a proxy only the name can be judged.
const METADATA_NAMES: [&str; 6] = [
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.tencentyun.com",
];

impl PrivateSites {
    /// Reads a list separated by commas or white space. The error names the bad entry and what is accepted.
    pub fn parse(entries: &str) -> Result<Self, String> {
        let mut sites = Self::default();
        for entry in entries.split([',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty()) {
            sites.add(entry).map_err(|problem| format!("`{entry}` {problem}"))?;
        }
        Ok(sites)
    }

    fn add(&mut self, entry: &str) -> Result<(), String> {
        let not_understood = || format!("is not understood: accepted are {ACCEPTED}");
        if entry.contains("://") {
            self.origins.push(Origin::parse(entry).ok_or_else(not_understood)?);
        } else if let Some(range) = range(entry) {
            self.ranges.push(checked(range)?);
        } else if let Some(name) = entry.strip_prefix("*.") {
            self.suffixes.push(format!(".{}", domain(name).ok_or_else(not_understood)?));
        } else {
            match Host::parse(entry).map_err(|_| not_understood())? {
                Host::Ipv4(address) => self.ranges.push(checked(IpAddr::from(address).into())?),
                Host::Ipv6(address) => self.ranges.push(checked(IpAddr::from(address).into())?),
                Host::Domain(_) => self.hosts.push(domain(entry).ok_or_else(not_understood)?),
            }
        }
        Ok(())
    }

    /// Judges a URL as it is written, before any name is looked up.
    pub fn admits(&self, url: &Url) -> Result<Clearance, Failure> {
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(Failure::BlockedAddress),
        };
        if !url.username().is_empty() || url.password().is_some() || url.port() == Some(0) {
            return Err(Failure::BlockedAddress);
        }
        match url.host().ok_or(Failure::BlockedAddress)? {
            Host::Domain(name) => self.admits_name(url, bare(name), plain),
            Host::Ipv4(address) => self.admits_literal(url, address.into(), plain),
            Host::Ipv6(address) => self.admits_literal(url, address.into(), plain),
        }
    }

    fn admits_literal(&self, url: &Url, address: IpAddr, plain: bool) -> Result<Clearance, Failure> {
        let reach = Reach::of(address);
        if reach != Reach::Never && (self.lists(address) || self.lists_origin(url)) {
            return Ok(Clearance::Listed);
        }
        match reach {
            Reach::Public if plain => Err(Failure::HttpsRequired),
            Reach::Public => Ok(Clearance::Public),
            Reach::Private | Reach::Never => Err(Failure::BlockedAddress),
        }
    }

    fn admits_name(&self, url: &Url, name: &str, plain: bool) -> Result<Clearance, Failure> {
        if METADATA_NAMES.contains(&name) {
            Err(Failure::BlockedAddress)
        } else if self.lists_name(name) || self.lists_origin(url) {
            Ok(Clearance::Listed)
        } else if name == "localhost" || name.ends_with(".localhost") {
            self.admits_literal(url, std::net::Ipv4Addr::LOCALHOST.into(), plain)
        } else if !plain {
            Ok(Clearance::Public)
        } else if self.ranges.is_empty() {
            Err(Failure::HttpsRequired)
        } else {
            Ok(Clearance::Ranges)
        }
    }

    /// Judges what a name resolved to. One refused address refuses them all: the name is not to be trusted.
    pub(super) fn judge(&self, clearance: Clearance, addresses: &[IpAddr]) -> Result<(), Failure> {
        if addresses.is_empty() {
            return Err(Failure::Unreachable);
        }
        let worst =
            addresses.iter().map(|&address| self.judge_one(clearance, address)).max_by_key(|verdict| match verdict {
                Ok(()) => 0,
                Err(Failure::HttpsRequired) => 1,
                Err(_) => 2,
            });
        worst.unwrap_or(Err(Failure::Unreachable))
    }

    fn judge_one(&self, clearance: Clearance, address: IpAddr) -> Result<(), Failure> {
        match (Reach::of(address), clearance) {
            (_, Clearance::Operator) => Ok(()),
            (Reach::Never, _) => Err(Failure::BlockedAddress),
            (_, Clearance::Listed) | (Reach::Public, Clearance::Public) => Ok(()),
            _ if self.lists(address) => Ok(()),
            (Reach::Public, Clearance::Ranges) => Err(Failure::HttpsRequired),
            (Reach::Private, _) => Err(Failure::BlockedAddress),
        }
    }

    fn lists(&self, address: IpAddr) -> bool {
        let address = address.to_canonical(); // a mapped address is the IPv4 address
        self.ranges.iter().any(|range| range.contains(&address))
    }

    fn lists_name(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host == name)
            || self.suffixes.iter().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix.as_str()))
    }

    fn lists_origin(&self, url: &Url) -> bool {
        self.origins.iter().any(|origin| origin.is_of(url))
    }
}

impl Origin {
    fn parse(entry: &str) -> Option<Self> {
        let url = Url::parse(entry).ok()?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_origin {
            return None;
        }
        let host = match url.host()?.to_owned() {
            Host::Domain(name) => Host::Domain(domain(&name)?),
            literal => literal,
        };
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default()? })
    }

    fn is_of(&self, url: &Url) -> bool {
        let same_host = match (&self.host, url.host()) {
            (Host::Domain(ours), Some(Host::Domain(theirs))) => ours == bare(theirs),
            (Host::Ipv4(ours), Some(Host::Ipv4(theirs))) => *ours == theirs,
            (Host::Ipv6(ours), Some(Host::Ipv6(theirs))) => *ours == theirs,
            _ => false,
        };
        same_host && self.scheme == url.scheme() && Some(self.port) == url.port_or_known_default()
    }
}

/// A host name in the form in which `url` writes it.
fn domain(text: &str) -> Option<String> {
    match Host::parse(text).ok()? {
        Host::Domain(name) if !bare(&name).is_empty() && !name.contains('*') && !name.starts_with('.') => {
            Some(bare(&name).to_owned())
        }
        _ => None,
    }
}

/// `jira.corp.` and `jira.corp` are one name.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn range(entry: &str) -> Option<IpNet> {
    entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from)).ok()
}

/// Refuses a range that could never have an effect, so that nobody relies on it.
fn checked(range: IpNet) -> Result<IpNet, String> {
    if range.addr().to_canonical() != range.addr() {
        return Err("is an IPv4 address written as IPv6: write it as IPv4".to_owned());
    }
    if Reach::is_never_in(range) {
        return Err(
            "is never allowed: link-local, metadata, multicast and unspecified addresses stay closed".to_owned()
        );
    }
    Ok(range.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(sites: &str, url: &str) -> Result<Clearance, Failure> {
        PrivateSites::parse(sites).unwrap().admits(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_url_is_judged_before_any_lookup() {
        use Clearance::{Listed, Public, Ranges};
        const BLOCKED: Result<Clearance, Failure> = Err(Failure::BlockedAddress);
        const HTTPS: Result<Clearance, Failure> = Err(Failure::HttpsRequired);
        let table = [
            ("", "https://acme.atlassian.net/x", Ok(Public)),
            ("", "https://jira.corp:8443", Ok(Public)),
            ("", "https://8.8.8.8", Ok(Public)),
            ("", "http://jira.corp", HTTPS),
            ("", "http://8.8.8.8", HTTPS),
            ("", "http://10.0.0.1", BLOCKED),
            ("", "https://10.0.0.1", BLOCKED),
            ("", "https://localhost", BLOCKED),
            ("", "http://a.localhost.", BLOCKED),
            ("", "https://metadata.google.internal", BLOCKED),
            ("", "https://ana:secret@jira.corp", BLOCKED),
            ("", "https://ana@jira.corp", BLOCKED),
            ("", "ftp://jira.corp", BLOCKED),
            ("", "file:///etc/passwd", BLOCKED),
            ("", "https://jira.corp:0", BLOCKED),
            ("jira.corp", "http://jira.corp", Ok(Listed)),
            ("jira.corp", "http://JIRA.corp.:8080/jira", Ok(Listed)),
            ("jira.corp", "https://sub.jira.corp", Ok(Public)),
            ("jira.corp", "http://notjira.corp", HTTPS),
            ("*.corp", "http://a.b.corp", Ok(Listed)),
            ("*.corp", "http://corp", HTTPS),
            ("*.corp", "http://evilcorp", HTTPS),
            ("*.corp", "http://x.corp.evil.example", HTTPS),
            ("*.internal", "http://metadata.google.internal", BLOCKED),
            ("metadata", "http://metadata.", BLOCKED),
            ("https://jira.corp:8443", "https://jira.corp:8443/browse/A-1", Ok(Listed)),
            ("https://jira.corp:8443", "https://jira.corp", Ok(Public)),
            ("https://jira.corp:8443", "http://jira.corp:8443", HTTPS),
            ("https://jira.corp:443/", "https://jira.corp", Ok(Listed)),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", Ok(Listed)),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8081", BLOCKED),
            ("http://[::1]:8080", "http://[0:0::1]:8080", Ok(Listed)),
            ("10.0.0.0/8", "http://10.1.2.3:99", Ok(Listed)),
            ("10.0.0.0/8", "http://0x0a010203", Ok(Listed)),
            ("10.0.0.0/8", "http://[::ffff:10.1.2.3]", Ok(Listed)),
            ("10.0.0.0/8", "http://11.1.2.3", HTTPS),
            ("10.0.0.0/8", "http://jira.corp", Ok(Ranges)),
            ("10.0.0.0/8", "https://jira.corp", Ok(Public)),
            ("127.0.0.0/8", "http://localhost:8080", Ok(Listed)),
            ("127.0.0.1", "http://127.0.0.2", BLOCKED),
            ("::1", "http://[::1]", Ok(Listed)),
            ("fd00::/8", "http://[fd12::1]", Ok(Listed)),
            ("fd00::/8", "http://[fd00:ec2::254]", BLOCKED),
            ("0.0.0.0/0 ::/0", "http://169.254.169.254", BLOCKED),
            ("0.0.0.0/0 ::/0", "http://[fe80::1]", BLOCKED),
            ("0.0.0.0/0 ::/0", "http://[64:ff9b::a9fe:a9fe]", BLOCKED),
            ("http://169.254.169.254", "http://169.254.169.254", BLOCKED),
            ("bücher.corp", "http://xn--bcher-kva.corp", Ok(Listed)),
        ];
        for (sites, url, expected) in table {
            assert_eq!(admits(sites, url), expected, "[{sites}] {url}");
        }
    }

    #[test]
    fn resolved_addresses_are_judged_together() {
        use Clearance::{Listed, Operator, Public, Ranges};
        const BLOCKED: Result<(), Failure> = Err(Failure::BlockedAddress);
        let table = [
            ("", Public, "8.8.8.8 2606:4700::1111", Ok(())),
            ("", Public, "8.8.8.8 10.0.0.1", BLOCKED),
            ("", Public, "::1", BLOCKED),
            ("", Public, "", Err(Failure::Unreachable)),
            ("10.0.0.0/8", Public, "8.8.8.8 10.0.0.1", Ok(())),
            ("10.0.0.0/8", Public, "::ffff:10.0.0.1", Ok(())),
            ("10.0.0.0/8", Public, "10.0.0.1 192.168.0.1", BLOCKED),
            ("10.0.0.0/8", Ranges, "10.0.0.1", Ok(())),
            ("10.0.0.0/8", Ranges, "10.0.0.1 8.8.8.8", Err(Failure::HttpsRequired)),
            ("10.0.0.0/8", Ranges, "192.168.0.1 8.8.8.8", BLOCKED),
            ("0.0.0.0/0", Public, "169.254.169.254", BLOCKED),
            ("", Listed, "10.0.0.1 127.0.0.1 8.8.8.8", Ok(())),
            ("", Listed, "10.0.0.1 169.254.169.254", BLOCKED),
            ("", Operator, "127.0.0.1", Ok(())),
        ];
        for (sites, clearance, addresses, expected) in table {
            let list: Vec<IpAddr> = addresses.split_whitespace().map(|address| address.parse().unwrap()).collect();
            assert_eq!(
                PrivateSites::parse(sites).unwrap().judge(clearance, &list),
                expected,
                "[{sites}] {clearance:?} {addresses}"
            );
        }
    }

    #[test]
    fn entries_are_read_or_named() {
        let good =
            "jira.corp, *.lan\thttps://a.example:8443\n10.0.0.0/8,fd00::/8 10.1.2.3 ::1 [::1] JIRA.Corp. 127.1,,";
        assert_eq!(PrivateSites::parse(good).map(|sites| sites.ranges.len()), Ok(6));
        let bad = [
            "*",
            "*.",
            "*.*.corp",
            "a*.corp",
            "jira.corp:8443",
            "jira.corp/x",
            "https://jira.corp/jira",
            "https://a@jira.corp",
            "ftp://x",
            "https://",
            "https://*.corp",
            "10.0.0.0/33",
            "10.0.0/8",
            "::ffff:10.0.0.1",
            "::ffff:10.0.0.0/104",
            "169.254.169.254",
            "169.254.0.0/16",
            "fe80::/10",
            "224.0.0.0/4",
            "0.0.0.0",
            "..",
            ".corp",
            "a b/c",
            "http://a:99999",
        ];
        for entry in bad {
            let error = PrivateSites::parse(&format!("ok.corp {entry}")).unwrap_err();
            let named = entry.split(' ').next_back().unwrap_or(entry);
            assert!(error.starts_with(&format!("`{named}` is")), "{entry}: {error}");
        }
    }
}
