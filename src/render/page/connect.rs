//! `GET /connect`: the connect window, and what it says when connecting did not work.

use askama::Template;
use jiff::Timestamp;

use super::{Base, Way};
use crate::jira::key::Deployment;
use crate::outbound::TlsProblem;
use crate::render::icon::Icon;
use crate::render::{time, words};

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
        let can_ask = match self.form.chosen_version() {
            Deployment::Cloud => self.offer.cloud_oauth,
            Deployment::DataCenter | Deployment::Server => self.offer.own_oauth,
        };
        if self.form.method.is_none() && can_ask { Method::Oauth } else { self.form.chosen_method() }
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
            let is_cloud =
                site.is_empty() || crate::jira::key::SiteUrl::parse(site).is_ok_and(|site| site.is_cloud_host());
            if is_cloud { Deployment::Cloud } else { Deployment::DataCenter }
        })
    }

    /// The method to use: as given where that version has it, else the version's first. So the form works without
    /// script, where a radio button that the version hides may still be the chosen one.
    pub fn chosen_method(&self) -> Method {
        let version = self.chosen_version();
        self.method.filter(|method| method.fits(version)).unwrap_or(match version {
            Deployment::Cloud => Method::ApiToken,
            Deployment::DataCenter | Deployment::Server => Method::PersonalAccessToken,
        })
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
    /// At least one Data Center site with OAuth is set up.
    pub own_oauth: bool,
    /// The sites of the settings file (url, name), offered as suggestions.
    pub sites: Vec<(String, String)>,
    /// Only those sites may be connected.
    pub only_listed: bool,
}

/// Why connecting did not work, by what the person can do about it (contract §4, connections).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectProblem {
    WrongCredentials {
        version: Deployment,
    },
    /// With Jira's own sign-in page where it is known to lie on the site.
    Captcha {
        login_url: Option<String>,
    },
    NotJira,
    /// A sign-in page of a single sign-on stands in front of the API.
    SignInPage,
    Unreachable,
    UntrustedCertificate(TlsProblem),
    BlockedAddress,
    HttpsRequired,
    SiteNotListed,
    BasicAuthDisabled,
    MethodNotSupported,
    TooManyAttempts {
        retry_at: Timestamp,
    },
    /// The site is no address.
    BadSite {
        reason: String,
    },
    MissingSite,
    MissingUsername,
    MissingSecret,
    BadExpiry,
    /// This Jira user belongs to another account here.
    BelongsToOther,
    /// The page was open too long, or the form came from elsewhere.
    FormExpired,
}

impl ConnectProblem {
    fn title(&self) -> &'static str {
        match self {
            Self::WrongCredentials { .. } => "Jira did not accept this sign-in",
            Self::Captcha { .. } => "Jira wants a CAPTCHA",
            Self::NotJira => "There is no Jira at this address",
            Self::SignInPage => "A sign-in page stands in front of this Jira",
            Self::Unreachable => "The gateway cannot reach this Jira",
            Self::UntrustedCertificate(_) => "The gateway cannot trust this Jira's certificate",
            Self::BlockedAddress => "The gateway may not go to this address",
            Self::HttpsRequired => "This address needs https",
            Self::SiteNotListed => "This Jira is not on the list",
            Self::BasicAuthDisabled => "This Jira takes no passwords here",
            Self::MethodNotSupported => "This Jira does not know this way to sign in",
            Self::TooManyAttempts { .. } => "Too many attempts",
            Self::BadSite { .. } => "The site URL is not an address",
            Self::MissingSite => "The site URL is missing",
            Self::MissingUsername => "The user name or e-mail address is missing",
            Self::MissingSecret => "The password or token is missing",
            Self::BadExpiry => "The expiry date is not a date to come",
            Self::BelongsToOther => "This Jira user belongs to another account here",
            Self::FormExpired => "This form had been open for too long",
        }
    }

    fn advice(&self, now: &Timestamp) -> String {
        match self {
            Self::WrongCredentials { version: Deployment::Cloud } => {
                "Check the e-mail address, and that the token was copied whole, has not expired and was not revoked. \
                 A password does not work at Jira Cloud. We tried once and saved nothing."
            }
            Self::WrongCredentials { .. } => {
                "Check user name and password, or that the token was copied whole and has not expired. We tried once, so \
                 that your account is not locked, and saved nothing."
            }
            Self::Captcha { .. } => {
                "We stopped after one try so that your account is not locked. Sign in to Jira in the browser once, then \
                 press Authenticate again."
            }
            Self::NotJira => {
                "Open Jira in your browser and copy its address, with a path such as /jira when there is one."
            }
            Self::SignInPage => {
                "Jira answered with a sign-in page instead of data. A personal access token often gets through where a \
                 password does not; else ask your Jira administrator to let API calls pass."
            }
            Self::Unreachable => {
                "Check the address for a typing mistake. A Jira inside your company network must be reachable from where \
                 the gateway runs; you may still be able to open it yourself."
            }
            Self::UntrustedCertificate(problem) => return certificate(problem, *now),
            Self::BlockedAddress => {
                "It lies in a private network. Whoever runs the gateway can allow it with GATEWAY_PRIVATE_SITES."
            }
            Self::HttpsRequired => "Write the address with https:// in front. Over plain http your secret could be read on its way.",
            Self::SiteNotListed => "Whoever runs the gateway decides which Jira may be connected, and can add this one.",
            Self::BasicAuthDisabled => "Its administrator has switched them off for programs. Use a personal access token instead.",
            Self::MethodNotSupported => {
                "Choose another way below. Personal access tokens need Jira 8.14 or newer; Jira Cloud takes API tokens."
            }
            Self::TooManyAttempts { retry_at } => {
                return format!(
                    "To keep your account from being locked, the next try is possible at {}.",
                    time::clock(*retry_at, *now)
                );
            }
            Self::BadSite { reason } => return format!("The site URL is not usable: {reason}."),
            Self::MissingSite => "Write the address at which you open Jira, such as https://jira.example.com.",
            Self::MissingUsername => "Jira Cloud wants the e-mail address of your Atlassian account; others want your user name.",
            Self::MissingSecret => "It is not kept between tries, so it has to be typed or pasted again.",
            Self::BadExpiry => "Leave the field empty when you do not know the day.",
            Self::BelongsToOther => "Sign out and sign in to that account, or remove the connection there first.",
            Self::FormExpired => "Nothing was sent to Jira. Type the secret again and press Authenticate.",
        }
        .to_owned()
    }

    fn way(&self) -> Option<Way> {
        match self {
            Self::Captcha { login_url } => {
                let href = login_url.as_deref().and_then(words::safe_href)?;
                Some(Way::new("Open Jira", href))
            }
            _ => None,
        }
    }

    /// The fields to look at again.
    fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::WrongCredentials { .. } | Self::BasicAuthDisabled => &["username", "secret"],
            Self::NotJira
            | Self::SignInPage
            | Self::Unreachable
            | Self::UntrustedCertificate(_)
            | Self::BlockedAddress
            | Self::HttpsRequired
            | Self::SiteNotListed
            | Self::BadSite { .. }
            | Self::MissingSite => &["site"],
            Self::MissingUsername => &["username"],
            Self::MissingSecret | Self::FormExpired => &["secret"],
            Self::BadExpiry => &["expires_at"],
            Self::MethodNotSupported => &["method"],
            Self::Captcha { .. } | Self::TooManyAttempts { .. } | Self::BelongsToOther => &[],
        }
    }
}

/// The five different reasons of paste-experience §5, each with who can mend it.
fn certificate(problem: &TlsProblem, now: Timestamp) -> String {
    let what = match problem {
        TlsProblem::Expired { not_after } => match not_after.and_then(|second| Timestamp::from_second(second).ok()) {
            Some(at) => {
                let day = time::day(time::date(at), time::date(now));
                return format!("It expired on {day}. Ask your Jira administrator to renew it.");
            }
            None => "It has expired. Ask your Jira administrator to renew it.",
        },
        TlsProblem::NotYetValid => "It is not valid yet. Ask your Jira administrator to look at it.",
        TlsProblem::UnknownIssuer => {
            "Its issuer is not trusted. Whoever runs the gateway can name your company's CA file for this site."
        }
        TlsProblem::WrongHost => {
            "It belongs to another host name. Use the name that your browser shows when you open Jira."
        }
        TlsProblem::ClientCertificateWanted => {
            "This Jira wants a client certificate. Whoever runs the gateway can set one for this site."
        }
        TlsProblem::Other => "The secure connection failed. Ask whoever runs the gateway to look at it.",
    };
    what.to_owned()
}
