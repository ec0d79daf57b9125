//! What the connect window says when connecting did not work.

use jiff::Timestamp;

use super::Way;
use crate::jira::key::Deployment;
use crate::outbound::TlsProblem;
use crate::render::{step, time};

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
    /// The person pressed Cancel at Jira.
    Denied,
    /// The return from Jira came too late, twice, or with a code that Jira does not take.
    ConsentExpired,
    /// The return from Jira came to another browser than the one that left.
    OtherBrowser,
    /// The session ended while the person was at Jira.
    SignedOut,
    /// Nobody can be told by a Jira that anybody could answer for.
    Unidentified,
    /// The person let us in to no site.
    NoSite,
    /// The person let us in, and Jira does not.
    NotLetIn,
    /// The OAuth client of this gateway is refused.
    Operator,
    /// The page was open too long, or the form came from elsewhere.
    FormExpired,
}

impl ConnectProblem {
    pub(super) fn title(&self) -> &'static str {
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
            Self::Denied => "You did not let the gateway in",
            Self::ConsentExpired => "This sign-in is not good any more",
            Self::OtherBrowser => "This sign-in began somewhere else",
            Self::SignedOut => "You are not signed in any more",
            Self::Unidentified => "This Jira cannot sign you in",
            Self::NoSite => "No Jira site was chosen",
            Self::NotLetIn => "This Jira did not let the gateway in",
            Self::Operator => "Jira does not accept this gateway",
            Self::FormExpired => "This form had been open for too long",
        }
    }

    pub(super) fn advice(&self, now: &Timestamp) -> String {
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
                "Choose another way below. Personal access tokens need Jira 8.14 or newer; Jira Cloud takes API tokens. To \
                 sign in at Jira itself, whoever runs the gateway must first register it there."
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
            Self::Denied => "Nothing was connected and nothing is kept. Press Authenticate to be asked again, or choose another way below.",
            Self::ConsentExpired => "It took longer than ten minutes, or its last page was loaded twice. Press Authenticate to begin again.",
            Self::OtherBrowser => {
                "Connecting has to end in the browser in which it began, so that nobody can slip their Jira into your \
                 account. Press Authenticate to begin again here."
            }
            Self::SignedOut => {
                "Your session here ended while you were at Jira, so nothing was connected. Press Authenticate again: that \
                 signs you in as well."
            }
            Self::Unidentified => "The way to it is not encrypted, so anybody could claim to be you. Ask whoever runs the gateway.",
            Self::NoSite => {
                "Press Authenticate again and choose, on Atlassian's page, the site on which your link lies. If it is not \
                 offered there, its administrator may have blocked the app."
            }
            Self::NotLetIn => {
                "You allowed it, but Jira refused the first call. Its administrator may have blocked the app: ask them, or \
                 choose another way below."
            }
            Self::Operator => {
                "The OAuth client that is set up for it is refused, and no sign-in of yours can mend that. Ask whoever runs \
                 the gateway; its log names the reason. Another way to sign in below still works."
            }
            Self::FormExpired => "Nothing was sent to Jira. Type the secret again and press Authenticate.",
        }
        .to_owned()
    }

    pub(super) fn way(&self) -> Option<Way> {
        match self {
            Self::Captcha { login_url } => {
                let href = login_url.as_deref().and_then(step::safe_href)?;
                Some(Way::new("Open Jira", href))
            }
            _ => None,
        }
    }

    /// The fields to look at again.
    pub(super) fn fields(&self) -> &'static [&'static str] {
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
            Self::Captcha { .. }
            | Self::TooManyAttempts { .. }
            | Self::BelongsToOther
            | Self::Denied
            | Self::ConsentExpired
            | Self::OtherBrowser
            | Self::SignedOut
            | Self::Unidentified
            | Self::NoSite
            | Self::NotLetIn
            | Self::Operator => &[],
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
