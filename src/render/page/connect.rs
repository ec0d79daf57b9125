//! `GET /connect`: the connect window, and what it says when connecting did not work.

use askama::Template;
use jiff::Timestamp;

use super::{Base, ConnectProblem};
use crate::jira::key::{Deployment, SiteUrl};
use crate::render::icon::Icon;
use crate::render::words;

/// The connect window.
#[derive(Debug, Template)]
#[template(path = "connect.html")]
pub struct Connect {
    pub base: Base,
    pub form: ConnectForm,
    pub offer: Offer,
    pub problem: Option<ConnectProblem>,
    pub now: Timestamp,
}

impl Connect {
    fn lock(&self) -> Icon {
        Icon::Lock
    }

    fn host(&self) -> Option<&str> {
        let host = words::host(self.form.site.trim());
        (!host.is_empty()).then_some(host)
    }

    /// The method that is chosen at first: where Jira itself can ask, nothing has to be copied.
    fn chosen(&self) -> Method {
        match self.form.method {
            None | Some(Method::Oauth) if self.offer.asks(&self.form) => Method::Oauth,
            None | Some(Method::Oauth) => Method::first_typed(self.form.chosen_version()),
            Some(_) => self.form.chosen_method(),
        }
    }

    /// Where a person can be asked, of the operator's own: all such sites, or the one that the form names.
    fn own_oauth(&self) -> Vec<&str> {
        self.offer.own_at(&self.form.site).map(|own| own.name.as_str()).collect()
    }

    fn is_method(&self, method: &Method) -> bool {
        self.chosen() == *method
    }

    fn is_oauth(&self) -> bool {
        self.chosen() == Method::Oauth
    }

    fn is_bad(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.fields().contains(&field))
    }

    /// Whether this is where one goes on typing. A browser passes over a field that the chosen method hides.
    fn is_next(&self, field: &str) -> bool {
        match field {
            // Atlassian asks which site it shall be.
            "site" if self.is_oauth() && self.form.chosen_version() == Deployment::Cloud => self.is_bad("site"),
            "site" => self.form.site.is_empty() || self.is_bad("site"),
            "username" => !self.is_next("site") && self.form.username.is_empty(),
            "secret" => !self.is_next("site"),
            "authenticate" => !self.is_next("site") && self.is_oauth(),
            _ => false,
        }
    }

    fn methods(&self) -> [(Method, &'static str, &'static str); 3] {
        Method::TYPED.map(|method| (method, method.as_str(), method.class()))
    }
}

/// The fields as the person filled them in. There is no secret: it is never sent back.
#[derive(Clone, Debug, Default)]
pub struct ConnectForm {
    pub version: Option<Deployment>,
    pub site: String,
    pub method: Option<Method>,
    pub username: String,
    /// `2027-05-01`, or empty.
    pub expires_at: String,
    /// A path of ours.
    pub return_to: String,
}

impl ConnectForm {
    /// The version to choose at first: as given, else by the host, else Cloud.
    pub fn chosen_version(&self) -> Deployment {
        self.version.unwrap_or_else(|| {
            let site = self.site.trim();
            let is_cloud = site.is_empty() || SiteUrl::parse(site).is_ok_and(|site| site.is_cloud_host());
            if is_cloud { Deployment::Cloud } else { Deployment::DataCenter }
        })
    }

    /// The method to use: as given where that version has it, else the version's first. So the form works without
    /// script, where a radio button that the version hides may still be the chosen one.
    pub fn chosen_method(&self) -> Method {
        let version = self.chosen_version();
        self.method.filter(|method| method.fits(version)).unwrap_or_else(|| Method::first_typed(version))
    }

    fn is_version(&self, version: &str) -> bool {
        self.chosen_version().as_str() == version
    }
}

/// How a person proves who they are at a Jira (contract §3, field `method`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    ApiToken,
    PersonalAccessToken,
    Password,
    Oauth,
}

impl Method {
    /// Those with a secret that the person types, in the order of the form.
    const TYPED: [Self; 3] = [Self::ApiToken, Self::PersonalAccessToken, Self::Password];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiToken => "api_token",
            Self::PersonalAccessToken => "personal_access_token",
            Self::Password => "password",
            Self::Oauth => "oauth",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::ApiToken, Self::PersonalAccessToken, Self::Password, Self::Oauth]
            .into_iter()
            .find(|method| method.as_str() == text)
    }

    pub fn fits(self, version: Deployment) -> bool {
        match self {
            Self::ApiToken => version == Deployment::Cloud,
            Self::PersonalAccessToken | Self::Password => version != Deployment::Cloud,
            Self::Oauth => true,
        }
    }

    /// The best of those with a secret.
    fn first_typed(version: Deployment) -> Self {
        match version {
            Deployment::Cloud => Self::ApiToken,
            Deployment::DataCenter | Deployment::Server => Self::PersonalAccessToken,
        }
    }

    /// For people.
    pub fn name(self, deployment: Option<Deployment>) -> &'static str {
        match self {
            Self::ApiToken => "E-mail and API token",
            Self::PersonalAccessToken => "Personal access token",
            Self::Password => "User name and password",
            Self::Oauth if deployment == Some(Deployment::Cloud) => "Sign in with Atlassian",
            Self::Oauth => "Sign in at Jira (OAuth)",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::ApiToken => "only-cloud",
            Self::PersonalAccessToken | Self::Password => "only-own",
            Self::Oauth => "",
        }
    }
}

/// What this installation can offer besides typed secrets.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// An OAuth app for Cloud is set up.
    pub cloud_oauth: bool,
    /// The operator's own Jiras that can ask as well.
    pub own_oauth: Vec<OwnOauth>,
    /// The sites of the settings file (url, name), offered as suggestions.
    pub sites: Vec<(String, String)>,
    /// Only those sites may be connected.
    pub only_listed: bool,
}

/// A Jira of the operator's own in which the gateway is registered.
#[derive(Clone, Debug)]
pub struct OwnOauth {
    pub name: String,
    /// Its own one and its aliases.
    pub addresses: Vec<SiteUrl>,
}

impl Offer {
    /// Whether Jira itself can ask the person, as far as the form tells. An address may lack its context path yet.
    pub fn asks(&self, form: &ConnectForm) -> bool {
        match form.chosen_version() {
            Deployment::Cloud => self.cloud_oauth,
            Deployment::DataCenter | Deployment::Server => self.own_at(&form.site).next().is_some(),
        }
    }

    fn own_at(&self, site: &str) -> impl Iterator<Item = &OwnOauth> {
        let typed = SiteUrl::parse(site).ok();
        let is_typed = move |address: &SiteUrl| typed.as_ref().is_none_or(|typed| typed.origin() == address.origin());
        self.own_oauth.iter().filter(move |own| own.addresses.iter().any(&is_typed))
    }
}
