//! Which part of an address is the site (jira-urls §1): a known site, else a Cloud host, else what stands before the
//! leftmost word that only Jira's addresses have. Hosts are compared as parsed hosts, never by substring.

use std::collections::HashMap;

use crate::jira::key::{CLOUD_SUFFIXES, Deployment, SiteUrl};

use super::KnownSite;
use super::address::{Address, Segment};

/// Atlassian's API host; its addresses name a Cloud site by id.
pub(super) const API_HOST: &str = "api.atlassian.com";

/// Hosts of Atlassian whose addresses look like Jira's and are not (jira-urls §9).
const NOT_JIRA: [&str; 7] = [
    API_HOST,
    "home.atlassian.com",
    "team.atlassian.com",
    "id.atlassian.com",
    "admin.atlassian.com",
    "start.atlassian.com",
    "bitbucket.org",
];

/// First path segments that Jira's addresses have below the site.
const MARKERS: [&str; 9] = ["browse", "projects", "issues", "secure", "rest", "plugins", "servicedesk", "si", "sr"];

/// What follows `/jira/` only on Cloud. `/jira/issues` and `/jira/projects` are missing: on an unknown host they are
/// as well a Data Center under `/jira`, which is what such hosts mostly are.
const CLOUD_AREAS: [&str; 19] = [
    "software",
    "core",
    "servicedesk",
    "polaris",
    "discovery",
    "plans",
    "your-work",
    "for-you",
    "people",
    "dashboards",
    "filters",
    "apps",
    "boards",
    "search",
    "recent",
    "goals",
    "teams",
    "settings",
    "ops",
];

/// Where the site of an address ends, and what is known about it.
pub(super) struct Place {
    pub site: SiteUrl,
    pub deployment: Option<Deployment>,
    /// How many path segments belong to the site.
    pub depth: usize,
    pub certainty: Certainty,
}

/// Why an address is taken for one of a Jira site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Configured or connected.
    Known,
    /// The host has a suffix of Jira Cloud.
    CloudHost,
    /// Atlassian's API host: real, but without pages.
    Api,
    /// The path has Jira's shape, no more.
    Guessed,
}

/// The sites that are known, by host.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    /// The longest context path first.
    by_host: HashMap<String, Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    port: Option<u16>,
    context: Vec<String>,
    site: SiteUrl,
    deployment: Option<Deployment>,
}

impl Directory {
    pub fn new(sites: Vec<KnownSite>) -> Self {
        let mut by_host = HashMap::<_, Vec<Entry>>::new();
        for KnownSite { url, aliases, deployment } in sites {
            let deployment = deployment.or(url.is_cloud_host().then_some(Deployment::Cloud));
            for address in std::iter::once(&url).chain(&aliases) {
                by_host.entry(address.host().to_owned()).or_default().push(Entry {
                    port: port_of(address),
                    context: address.context_path().split('/').skip(1).map(str::to_owned).collect(),
                    site: url.clone(),
                    deployment,
                });
            }
        }
        for entries in by_host.values_mut() {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.context.len()));
        }
        Self { by_host }
    }

    /// The known site that the address lies in: equal host and port, whatever the scheme, and whole path segments.
    pub fn find(&self, address: &Address<'_>) -> Option<Place> {
        let port = significant(address.url.port());
        let entry = self.by_host.get(address.host)?.iter().find(|entry| {
            entry.port == port
                && entry.context.len() <= address.segments.len()
                && entry.context.iter().zip(&address.segments).all(|(known, segment)| known == segment.raw)
        })?;
        let depth = entry.context.len();
        let deployment =
            entry.deployment.or_else(|| cloud_area(&address.segments[depth..]).then_some(Deployment::Cloud));
        Some(Place { site: entry.site.clone(), deployment, depth, certainty: Certainty::Known })
    }

    pub fn deployment_of(&self, site: &SiteUrl) -> Option<Deployment> {
        let entries = self.by_host.get(site.host())?;
        entries.iter().find(|entry| entry.site == *site)?.deployment
    }

    /// Whether a host is made to look like one of ours: `jira.example.com.evil.example`.
    fn is_imitated_by(&self, host: &str) -> bool {
        let ends = host.match_indices('.').map(|(at, _)| &host[..at]);
        ends.filter(|start| start.contains('.')).any(|start| self.by_host.contains_key(start))
    }
}

/// A site by its host alone: Jira Cloud or Atlassian's API host. Plain http on a Cloud host is read as https.
pub(super) fn by_host(address: &Address<'_>) -> Option<Place> {
    if address.host == API_HOST {
        let [ex, jira, id, ..] = &address.segments[..] else { return None };
        let path = (ex.is("ex") && jira.is("jira") && is_uuid(&id.text)).then(|| format!("/ex/jira/{}", id.raw))?;
        let site = SiteUrl::with_path(address.url, &path).ok()?;
        return Some(Place { site, deployment: Some(Deployment::Cloud), depth: 3, certainty: Certainty::Api });
    }
    let site = SiteUrl::with_path(address.url, "").ok().filter(SiteUrl::is_cloud_host)?.to_https();
    Some(Place { site, deployment: Some(Deployment::Cloud), depth: 0, certainty: Certainty::CloudHost })
}

/// A site that nobody has named, from the shape of the path.
pub(super) fn guess(address: &Address<'_>, directory: &Directory) -> Option<Place> {
    let host = address.host;
    let trap = NOT_JIRA.contains(&host) || imitates_cloud(host) || directory.is_imitated_by(host);
    if trap || has_host_as_user(address, directory) {
        return None;
    }
    let segments = &address.segments;
    let is_cloud = cloud_area(segments);
    let depth = if is_cloud { 0 } else { segments.iter().position(is_marker)? };
    let context = &segments[..depth];
    if !context.iter().all(|segment| may_be_context(segment.raw)) {
        return None;
    }
    let path: String = context.iter().flat_map(|segment| ["/", segment.raw]).collect();
    let site = SiteUrl::with_path(address.url, &path).ok()?;
    Some(Place { site, deployment: is_cloud.then_some(Deployment::Cloud), depth, certainty: Certainty::Guessed })
}

/// Whether the path below the site is one that only Jira Cloud has (jira-urls §13).
fn cloud_area(segments: &[Segment<'_>]) -> bool {
    let word = |at: usize| segments.get(at).map_or("", |segment| segment.text.as_ref());
    let is = |at: usize, words: &[&str]| words.iter().any(|it| word(at).eq_ignore_ascii_case(it));
    if is(0, &["helpcenter"]) {
        return is(2, &["portal"]);
    }
    // `/jira/servicedesk/customer` is a Data Center under `/jira`.
    let under_context = is(1, &["servicedesk"]) && is(2, &["customer", "customershim", "agent"]);
    is(0, &["jira"]) && is(1, &CLOUD_AREAS) && !under_context
}

/// A whole address or another host in the path is no context path.
fn may_be_context(raw: &str) -> bool {
    let is_plain = raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.'));
    // `jira-9.12` is a name, `jira.example.com` a host.
    let is_host = raw.rsplit_once('.').is_some_and(|(_, end)| !end.bytes().any(|byte| byte.is_ascii_digit()));
    is_plain && !is_host
}

fn is_marker(segment: &Segment<'_>) -> bool {
    segment.is("login.jsp") || MARKERS.iter().any(|word| segment.is(word))
}

/// `acme.atlassian.net.evil.example`, `evil-atlassian.net`, the bare suffix.
fn imitates_cloud(host: &str) -> bool {
    CLOUD_SUFFIXES.iter().any(|suffix| {
        let name = &suffix[1..];
        let in_front = host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let inside = host.match_indices(suffix).any(|(at, _)| host[at + suffix.len()..].starts_with('.'));
        // Nobody but Atlassian ends a name like this; `.jira.com` is too plain to say so.
        in_front || inside || (name != "jira.com" && host.ends_with(name))
    })
}

/// `https://acme.atlassian.net@evil.example/`: a host where a user name belongs.
fn has_host_as_user(address: &Address<'_>, directory: &Directory) -> bool {
    let (user, password) = (address.url.username(), address.url.password().unwrap_or_default());
    let is_ours = |text: &str| {
        let text = text.to_ascii_lowercase();
        let start = text.split(['%', '/']).next().unwrap_or_default();
        CLOUD_SUFFIXES.iter().any(|suffix| text.contains(suffix)) || directory.by_host.contains_key(start)
    };
    let is_host = user.contains('.') && !user.contains("%40") && password.bytes().all(|byte| byte.is_ascii_digit());
    is_host || is_ours(user) || is_ours(password)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn port_of(site: &SiteUrl) -> Option<u16> {
    let port = site.authority().get(site.host().len()..)?.strip_prefix(':')?;
    significant(port.parse().ok())
}

/// The port unless it is one that a scheme stands for, as http and https of a site are the same.
fn significant(port: Option<u16>) -> Option<u16> {
    port.filter(|port| !matches!(port, 80 | 443))
}
