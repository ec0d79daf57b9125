//! `GET /connections`: the two tiles, and the accounts that are connected, with their health.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done, Method};
use crate::jira::key::Deployment;
use crate::render::icon::Icon;
use crate::render::time;

/// The page.
#[derive(Debug, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    pub base: Base,
    pub rows: Vec<ConnectionRow>,
    pub done: Option<Done>,
    /// The kept credential was tried again, and it did not help.
    pub still_refused: bool,
    /// The host of a site that was asked for, but not among those that the person let us in to.
    pub not_granted: Option<String>,
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
}

impl ConnectionRow {
    /// The name of the site, where it says more than the address does.
    fn own_name(&self) -> Option<&str> {
        Some(self.site_name.as_str()).filter(|name| !self.site_url.ends_with(name))
    }

    fn method_name(&self) -> &'static str {
        match self.method.as_str() {
            "oauth" | "oauth2" | "oauth1" => "OAuth",
            other => Method::parse(other).map_or("Sign-in", |method| method.name(self.deployment)),
        }
    }

    fn health_name(&self) -> &'static str {
        match self.health.as_str() {
            "ok" => "Working",
            "reconnect" => "Sign-in has ended",
            "captcha" => "Jira wants a CAPTCHA",
            "unreachable" => "Not reachable",
            "expiring" => "Expires soon",
            _ => "Unknown",
        }
    }

    fn health_class(&self) -> &'static str {
        match self.health.as_str() {
            "ok" => "good",
            "reconnect" => "bad",
            _ => "warn",
        }
    }

    fn health_icon(&self) -> Icon {
        match self.health.as_str() {
            "ok" => Icon::Tick,
            "reconnect" => Icon::Key,
            "unreachable" => Icon::CloudOff,
            "expiring" => Icon::Clock,
            _ => Icon::Warning,
        }
    }

    /// What to do about it; nothing when all is well.
    fn advice(&self) -> Option<&'static str> {
        match self.health.as_str() {
            "reconnect" => Some("Previews show the last known values until you reconnect."),
            "captcha" => Some(
                "We stopped after one try so that your account is not locked. Sign in to Jira in the browser once, then press Try again.",
            ),
            "unreachable" => Some("The gateway will try again by itself. You may still be able to open it yourself."),
            "expiring" => Some("Make a new token in Jira and reconnect with it before then."),
            _ => None,
        }
    }

    fn deployment_name(&self) -> &'static str {
        self.deployment.map_or("Jira", Deployment::name)
    }

    fn expiry(&self, now: &Timestamp) -> Option<String> {
        let at = self.expires_at?;
        let day = time::day(time::date(at), time::date(*now));
        Some(if at < *now { format!("expired on {day}") } else { format!("expires on {day}") })
    }

    fn reconnect_first(&self) -> bool {
        matches!(self.health.as_str(), "reconnect" | "expiring")
    }

    /// After a CAPTCHA the secret that is kept is still good.
    fn can_try_again(&self) -> bool {
        self.health == "captcha"
    }
}
