//! Addresses that hold another address: sign-in pages, and the wrappers of mail filters and search engines.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::jira::key::SiteUrl;

use super::address::Address;
use super::route::Page;

/// How many wrappers may lie around each other.
pub(super) const MOST_HOPS: usize = 3;

/// What a wrapper leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hop {
    To(String),
    /// Nowhere, or to a place where it must not lead.
    Nowhere,
}

/// Hosts whose pages only lead elsewhere (a leading dot means any subdomain), where on them, and the parameters with the target.
const WRAPPERS: [(&str, &str, &[&str]); 16] = [
    ("id.atlassian.com", "/", &["dest-url", "continue"]),
    (".safelinks.protection.outlook.com", "/", &["url"]),
    ("statics.teams.cdn.office.net", "/evergreen-assets/safelinks/", &["url"]),
    ("urldefense.proofpoint.com", "/v1/url", &["u"]),
    ("linkprotect.cudasvc.com", "/url", &["a"]),
    (".fireeye.com", "/", &["u"]),
    ("clicktime.symantec.com", "/", &["u"]),
    (".trendmicro.com", "/wis/clicktime/", &["url"]),
    ("slack-redir.net", "/link", &["url"]),
    ("www.linkedin.com", "/redir/redirect", &["url"]),
    ("www.linkedin.com", "/safety/go", &["url"]),
    ("l.facebook.com", "/l.php", &["u"]),
    ("www.youtube.com", "/redirect", &["q"]),
    ("duckduckgo.com", "/l/", &["uddg"]),
    ("yandex.com", "/clck/jsredir", &["url"]),
    ("out.reddit.com", "/", &["url"]),
];

/// The target of a wrapper that belongs to no Jira site. Both ends must be https.
pub(super) fn of_host(address: &Address<'_>) -> Option<Hop> {
    let inner = inner_address(address)?;
    let is_https = |text: &str| text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    let inner = inner.filter(|inner| address.url.scheme() == "https" && is_https(inner) && is_clean(inner));
    Some(inner.map_or(Hop::Nowhere, |inner| Hop::To(inner.trim().to_owned())))
}

/// `None`: no wrapper; `Some(None)`: a wrapper around nothing.
fn inner_address(address: &Address<'_>) -> Option<Option<String>> {
    let (host, path) = (address.host, address.url.path());
    let is_host = |pattern: &str| match pattern.starts_with('.') {
        true => host.ends_with(pattern),
        false => host == pattern,
    };
    if let Some((_, _, names)) = WRAPPERS.iter().find(|(pattern, start, _)| is_host(pattern) && path.starts_with(start))
    {
        return Some(names.iter().find_map(|name| address.parameters.get(name)).map(str::to_owned));
    }
    if is_google(host) && path == "/url" {
        return Some(["q", "url"].iter().find_map(|name| address.parameters.get(name)).map(str::to_owned));
    }
    // Proofpoint's second form writes `-` for `%` and `_` for `/`; its third puts the address into the path as it is.
    if host == "urldefense.proofpoint.com" && path.starts_with("/v2/url") {
        let written = address.parameters.get("u").map(|text| text.replace('-', "%").replace('_', "/"));
        return Some(written.and_then(|text| Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned())));
    }
    if matches!(host, "urldefense.com" | "urldefense.us") && path.starts_with("/v3/__") {
        let (_, rest) = address.url.as_str().split_once("/v3/__")?;
        return Some(rest.rsplit_once("__;").map(|(inner, _)| inner.to_owned()));
    }
    // Cisco puts it into the last segment of the path, encoded.
    if host == "secure-web.cisco.com" {
        return Some(address.segments.last().map(|segment| segment.text.clone().into_owned()));
    }
    None
}

/// The destination of a sign-in page of the site itself (jira-urls 1.11, 1.12, 7.12).
pub(super) fn of_site(page: &Page<'_>, base: &SiteUrl) -> Option<Hop> {
    let (below, names): (String, &[&str]) = match page.segments {
        [login] if login.is("login.jsp") || login.is("login") => {
            (String::new(), &["os_destination", "dest-url", "continue"])
        }
        [.., user, login] if user.is("user") && login.is("login") => (portal_root(page)?, &["destination"]),
        _ => return None,
    };
    let destination = names.iter().find_map(|name| page.parameters().get(name));
    // A portal's sign-in page without a destination still names the portal.
    let Some(destination) = destination.map(str::trim) else {
        return below.is_empty().then_some(Hop::Nowhere);
    };
    Some(absolute(page, base, &below, destination).map_or(Hop::Nowhere, Hop::To))
}

/// What destinations of a portal are relative to.
fn portal_root(page: &Page<'_>) -> Option<String> {
    let depth =
        if page.is(0, "servicedesk") && page.is(1, "customer") || page.is(0, "helpcenter") { 2 } else { return None };
    Some(page.segments.iter().take(depth).map(|segment| format!("/{}", segment.raw)).collect())
}

/// A destination made absolute. It must stay on the site: anything else is a trap.
fn absolute(page: &Page<'_>, base: &SiteUrl, below: &str, destination: &str) -> Option<String> {
    if !is_clean(destination) {
        return None;
    }
    // Without a scheme of its own it is relative, whatever else stands in it.
    if let Ok(url) = Url::parse(destination) {
        let pasted = page.address.url;
        let is_same = url.host() == pasted.host() && url.port_or_known_default() == pasted.port_or_known_default();
        return is_same.then(|| destination.to_owned());
    }
    let context = base.context_path();
    let path = match destination.strip_prefix(context) {
        // Some pages write the context path although the destination is relative to it.
        Some(rest) if !context.is_empty() && rest.starts_with('/') => rest.to_owned(),
        _ if destination.starts_with('/') => destination.to_owned(),
        _ => format!("{below}/{destination}"),
    };
    // Browsers carry the fragment over a sign-in.
    let fragment = page.address.fragment;
    let carried = if path.contains('#') || fragment.is_empty() { String::new() } else { format!("#{fragment}") };
    Some(format!("{base}{path}{carried}"))
}

/// The URL parser would silently drop line ends inside.
fn is_clean(text: &str) -> bool {
    !text.trim().contains(char::is_control)
}

fn is_google(host: &str) -> bool {
    let name = host.strip_prefix("www.").unwrap_or(host);
    name.strip_prefix("google.").is_some_and(|end| {
        let mut labels = end.split('.');
        end.len() <= 6 && labels.clone().count() <= 2 && labels.all(|label| (2..=3).contains(&label.len()))
    })
}
