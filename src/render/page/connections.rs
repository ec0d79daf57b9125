//! `GET /connections`: the two tiles, and the accounts that are connected. How they fare is said in `calendar.rs`.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done, Method, NotionRow, Offer, Trouble};
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::limits::Standing;
use crate::render::icon::Icon;
use crate::render::time;

/// The page.
#[derive(Debug, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    pub base: Base,
    pub rows: Vec<ConnectionRow>,
    /// Notion workspaces that show previews with this account.
    pub grants: Vec<GrantRow>,
    /// Notion accounts for synced databases.
    pub notion: Vec<NotionRow>,
    /// Whether Notion can be connected by consent.
    pub can_connect_notion: bool,
    pub done: Option<Done>,
    /// Why what was asked for here did not work.
    pub trouble: Option<Trouble>,
    /// The site of the pasted link, when a grant did not include it.
    pub not_granted: Option<NotGranted>,
    /// What the tiles promise.
    pub offer: Offer,
    pub now: Timestamp,
}

impl Connections {
    fn plug(&self) -> Icon {
        Icon::Plug
    }

    fn warning(&self) -> Icon {
        Icon::Warning
    }
}

/// One Notion workspace that shows previews.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// `gra_…`
    pub id: String,
    /// As Notion calls the workspace; may be empty.
    pub workspace: String,
    /// Whether Notion takes what we tell it.
    pub is_ok: bool,
    pub since: Timestamp,
}

impl GrantRow {
    fn name(&self) -> &str {
        if self.workspace.is_empty() { "Notion workspace" } else { &self.workspace }
    }

    fn day(&self) -> String {
        time::date(self.since).to_string()
    }
}

/// A grant that leaves out what was wanted. Atlassian lets people choose among their sites.
#[derive(Clone, Debug)]
pub struct NotGranted {
    /// What the person let us in to.
    granted: String,
    /// Where the pasted link lies.
    host: String,
}

impl NotGranted {
    /// None unless `host` is a host, maybe with a port: it comes from the address of the page, which anybody may have
    /// written. `granted` are the addresses that grants of this person cover; without one there is nothing to say.
    pub fn new<'s>(host: &str, granted: impl Iterator<Item = &'s SiteUrl>) -> Option<Self> {
        let site = SiteUrl::parse(&format!("https://{host}")).ok().filter(|site| site.authority() == host)?;
        let mut names: Vec<&str> = granted.map(SiteUrl::authority).collect();
        names.sort_unstable();
        names.dedup();
        let last = names.pop().filter(|_| host.len() <= LONGEST_HOST)?;
        let granted = if names.is_empty() { last.to_owned() } else { format!("{} and {last}", names.join(", ")) };
        Some(Self { granted, host: site.authority().to_owned() })
    }
}

/// RFC 1035 §2.3.4, and a port.
const LONGEST_HOST: usize = 253 + 6;

/// One connected account at one site.
#[derive(Clone, Debug)]
pub struct ConnectionRow {
    /// `con_…`
    pub id: String,
    pub label: String,
    pub site_name: String,
    pub site_url: String,
    pub deployment: Option<Deployment>,
    /// A word of the contract: `api_token`, `password`, …
    pub method: String,
    /// A word of the contract: `ok`, `reconnect`, `captcha`, `unreachable`, `expiring`.
    pub health: String,
    pub expires_at: Option<Timestamp>,
    /// Since when nobody has used a grant that ends for that reason.
    pub unused_since: Option<Timestamp>,
    /// A personal access token may take the place of the password.
    pub password_can_go: bool,
    /// Whether this Jira tells of changes; none where its person cannot ask for that.
    pub tells_changes: Option<bool>,
    /// What its Jira lets us ask.
    pub limits: Standing,
}

impl ConnectionRow {
    /// The name of the site, where it says more than the address does.
    fn own_name(&self) -> Option<&str> {
        Some(self.site_name.as_str()).filter(|name| !self.site_url.ends_with(name))
    }

    fn method_name(&self) -> &'static str {
        match Method::parse(&self.method) {
            _ if self.is_grant() => "OAuth",
            Some(method) => method.name(self.deployment),
            None => "Sign-in",
        }
    }

    pub(super) fn is_grant(&self) -> bool {
        matches!(self.method.as_str(), "oauth" | "oauth2" | "oauth1")
    }

    /// Whether it signs in with a token of which its person can say when it ends.
    pub(super) fn is_token(&self) -> bool {
        matches!(self.method.as_str(), "api_token" | "personal_access_token")
    }

    fn deployment_name(&self) -> &'static str {
        self.deployment.map_or("Jira", Deployment::name)
    }

    /// The day of a token that has ended is of no use any more.
    fn day_can_be_noted(&self) -> bool {
        self.is_token() && self.health != "reconnect"
    }

    /// The value of the field for the day: `2026-12-01`, or empty.
    fn day_value(&self) -> String {
        self.expires_at.map(|at| time::date(at).to_string()).unwrap_or_default()
    }

    /// Where a person sees and revokes their tokens in Jira.
    fn tokens_page(&self) -> Option<String> {
        let has_page = self.method == "personal_access_token" || self.password_can_go;
        has_page.then(|| format!("{}/secure/ViewPersonalAccessTokens.jspa", self.site_url))
    }

    fn reconnect_first(&self) -> bool {
        match self.health.as_str() {
            "reconnect" => true,
            "expiring" => self.unused_since.is_none(),
            _ => false,
        }
    }

    /// After a CAPTCHA the secret that is kept is still good.
    fn can_try_again(&self) -> bool {
        self.health == "captcha"
    }
}
