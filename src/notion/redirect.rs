//! Where Notion's people are sent back to (notion-link-preview §4A, "redirect_uri variants").
//!
//! Documents and implementations spell the address in several ways. It is never parsed: a text is one of these addresses
//! letter by letter, or it is none, so that no two programs can read it differently.

use std::fmt;
use std::net::IpAddr;

/// The one path of all spellings; letter case does not matter.
const PATH: &str = "/externalintegrationauthcallback";

/// The hosts that an operator lets people be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectHosts(Vec<RedirectHost>);

/// A host by https at its usual port; or a program on this machine, at any port and without TLS (RFC 8252 §7.3).
#[derive(Clone, Debug, PartialEq, Eq)]
enum RedirectHost {
    Https(String),
    Loopback(String),
}

/// Not a list of hosts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("takes host names without scheme, port or path, such as www.notion.so; {0:?} is none")]
pub struct RedirectHostError(String);

impl RedirectHosts {
    /// Reads entries such as `www.notion.so`; on this machine, `127.0.0.1:8086`.
    pub fn parse<'t>(entries: impl Iterator<Item = &'t str>) -> Result<Self, RedirectHostError> {
        entries.map(RedirectHost::parse).collect::<Result<_, _>>().map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address as it was received, if people may be sent there.
    pub fn admit(&self, text: &str) -> Option<RedirectUri> {
        let is_at = |host: &RedirectHost| {
            let (scheme, authority) = match host {
                RedirectHost::Https(host) => ("https://", host),
                RedirectHost::Loopback(authority) => ("http://", authority),
            };
            after(text, scheme)
                .and_then(|rest| after(rest, authority))
                .is_some_and(|path| path.eq_ignore_ascii_case(PATH))
        };
        self.0.iter().any(is_at).then(|| RedirectUri(text.to_owned()))
    }
}

impl RedirectHost {
    fn parse(entry: &str) -> Result<Self, RedirectHostError> {
        let host = entry.to_ascii_lowercase();
        if is_loopback(&host) {
            return Ok(Self::Loopback(host));
        }
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let is_name = host.contains('.') && host.len() <= 253 && host.split('.').all(label);
        // The last label of a name is never a number; an address is no host of Notion.
        let is_address = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        (is_name && !is_address).then_some(Self::Https(host)).ok_or_else(|| RedirectHostError(entry.to_owned()))
    }
}

/// `127.0.0.1:8086`, `[::1]:8086` or `localhost:8086`.
fn is_loopback(authority: &str) -> bool {
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let local = host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    local && port.parse::<u16>().is_ok_and(|number| number.to_string() == port && number != 0)
}

/// An address to which Notion's people may be sent back, as Notion wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `www.notion.so`, for people.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// Whether it has no TLS: a program on this machine.
    pub fn is_plain(&self) -> bool {
        after(&self.0, "http://").is_some()
    }

    /// Where people go with these parameters.
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("{}?{query}", self.0)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two texts mean the same address at the token step, where documents leave out the scheme (§4C). Whoever gets
/// that far has shown the client's secret and a code that was sent to the first of them.
pub fn same(left: &str, right: &str) -> bool {
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text).to_owned();
        text.strip_prefix("www.").map(str::to_owned).unwrap_or(text)
    };
    bare(left) == bare(right)
}

/// What follows a beginning, letter case aside.
fn after<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(beginning.len())?;
    head.eq_ignore_ascii_case(beginning).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Result<RedirectHosts, RedirectHostError> {
        RedirectHosts::parse(text.split(','))
    }

    #[test]
    fn every_spelling_of_notion_is_let_in_and_nothing_that_looks_like_it() {
        let hosts = hosts("notion.so,www.notion.so,notion.com,www.notion.com,app.notion.com,127.0.0.1:8086").unwrap();
        let good = [
            "https://notion.so/externalIntegrationAuthCallback",
            "https://www.notion.so/externalintegrationauthcallback",
            "https://www.notion.so/externalIntegrationAuthCallback",
            "https://www.notion.com/externalintegrationauthcallback",
            "https://app.notion.com/externalintegrationauthcallback",
            "HTTPS://WWW.NOTION.SO/ExternalIntegrationAuthCallback",
            "http://127.0.0.1:8086/externalintegrationauthcallback",
        ];
        for text in good {
            assert_eq!(hosts.admit(text).unwrap().as_str(), text);
        }
        let bad = [
            "",
            "notion.so/externalIntegrationAuthCallback",
            "http://www.notion.so/externalintegrationauthcallback",
            "https://evilnotion.so/externalintegrationauthcallback",
            "https://notion.so.evil.com/externalintegrationauthcallback",
            "https://evil.com/notion.so/externalintegrationauthcallback",
            "https://www.notion.so@evil.com/externalintegrationauthcallback",
            "https://evil.com@www.notion.so/externalintegrationauthcallback",
            "https://www.notion.so:443/externalintegrationauthcallback",
            "https://www.notion.so:8443/externalintegrationauthcallback",
            "https://www.notion.so./externalintegrationauthcallback",
            "https://www.notion.so\\@evil.com/externalintegrationauthcallback",
            "https://www.notion.so/externalintegrationauthcallback/",
            "https://www.notion.so/externalintegrationauthcallback?next=https://evil.com",
            "https://www.notion.so/externalintegrationauthcallback#x",
            "https://www.notion.so/x/../externalintegrationauthcallback",
            "https://www.notion.so//externalintegrationauthcallback",
            "https://www.notion.so/externalintegrationauthcallbackx",
            "https://www.notion.so/",
            "https://www.notion.so",
            " https://www.notion.so/externalintegrationauthcallback",
            "https://www.notion.so/externalintegrationauthcallback\n",
            "https:www.notion.so/externalintegrationauthcallback",
            "https:///www.notion.so/externalintegrationauthcallback",
            "https://127.0.0.1:8086/externalintegrationauthcallback",
            "http://127.0.0.1:8087/externalintegrationauthcallback",
            "http://127.0.0.1/externalintegrationauthcallback",
            "javascript://www.notion.so/externalintegrationauthcallback",
            "https://www.nötion.so/externalintegrationauthcallback",
        ];
        for text in bad {
            assert_eq!(hosts.admit(text), None, "{text}");
        }
    }

    #[test]
    fn only_hosts_can_be_listed() {
        for good in ["notion.so", "WWW.Notion.so", "links.example.com", "localhost:8086", "[::1]:1"] {
            assert!(hosts(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "localhost",
            "*.notion.so",
            "https://notion.so",
            "notion.so/",
            "notion.so:443",
            "notion.so:8080",
            "10.0.0.1",
            "10.0.0.1:80",
            "127.0.0.1",
            "127.0.0.1:0",
            "127.0.0.1:080",
            "notion..so",
            ".so",
            "a b.so",
        ];
        for bad in bad {
            assert!(hosts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn at_the_token_step_the_spelling_may_differ() {
        let received = "https://www.notion.so/externalintegrationauthcallback";
        let same_as = [
            received,
            "https://notion.so/externalIntegrationAuthCallback",
            "notion.so/externalIntegrationAuthCallback",
            "www.notion.so/externalintegrationauthcallback",
        ];
        assert!(same_as.iter().all(|text| same(received, text)));
        let other = ["", "https://www.notion.com/externalintegrationauthcallback", "https://www.notion.so/other"];
        assert!(!other.iter().any(|text| same(received, text)));
    }

    #[test]
    fn what_comes_back_is_encoded_and_nothing_is_added() {
        let hosts = hosts("www.notion.so").unwrap();
        let uri = hosts.admit("https://www.notion.so/externalintegrationauthcallback").unwrap();
        assert_eq!(uri.host(), "www.notion.so");
        let back = uri.with(&[("code", "a b"), ("state", "tga@YNV9cfw4yrv0thw+%=&x")]);
        let url = url::Url::parse(&back).unwrap();
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs[1].1, "tga@YNV9cfw4yrv0thw+%=&x");
        assert_eq!((pairs.len(), pairs[0].1.as_ref()), (2, "a b"));
    }
}
