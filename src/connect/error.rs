//! Why a Jira could not be connected: one variant per thing that the person can do (contract §4, `POST /connections`).

use jiff::Timestamp;

use crate::jira;
use crate::jira::auth::Method;
use crate::jira::discover::DiscoverError;
use crate::jira::key::SiteUrl;
use crate::outbound::{Failure, TlsProblem};
use crate::store;

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("{0}")]
    Invalid(String),
    #[error(
        "Jira does not accept this user name and password or token. Nothing was tried a second time; check them before you try again."
    )]
    WrongCredentials,
    #[error(
        "Jira wants a CAPTCHA. We stopped after one try so that your account is not locked. \
         Sign in to Jira in the browser once, then try again."
    )]
    Captcha { login_url: Option<String> },
    #[error("There is no Jira at this address. Copy the address from the browser in which you use Jira.")]
    NotJira,
    #[error(
        "A sign-in page of your company stands in front of this address, so the gateway cannot reach Jira's API. \
         Ask your administrator to let the gateway through."
    )]
    SignInPage,
    #[error(
        "The gateway cannot reach this address. Check it, or ask your administrator whether the gateway may reach it."
    )]
    Unreachable,
    #[error("The secure connection cannot be trusted: {problem}. {advice}", problem = .0, advice = advice(.0))]
    UntrustedCertificate(TlsProblem),
    #[error(
        "This address lies in a private network, which the gateway may not reach. \
         Ask your administrator to list it in GATEWAY_PRIVATE_SITES."
    )]
    BlockedAddress,
    #[error("A public Jira must be reached by https: the secret would travel in the open.")]
    HttpsRequired,
    #[error("Only the Jira sites that your administrator has listed can be connected.")]
    SiteNotListed,
    #[error("This Jira does not accept a user name and password over its API. Use a personal access token.")]
    BasicAuthDisabled,
    #[error(
        "This Jira does not offer this way to sign in. Jira Cloud takes an e-mail and API token; Data Center and Server a personal access token (8.14 and later) or a user name and password."
    )]
    MethodNotSupported,
    #[error(
        "The token works but may not read who you are. Make one with the scopes read:jira-work and read:jira-user."
    )]
    MissingScope,
    #[error("You did not let the gateway in, so nothing was connected.")]
    Denied,
    #[error("This sign-in took too long or was used already. Begin again.")]
    ConsentExpired,
    #[error("This sign-in began in another browser or window. Begin again in this one.")]
    OtherBrowser,
    #[error("You are not signed in here any more. Sign in, then connect again.")]
    SignedOut,
    /// 409: accounts are never merged (contract §5).
    #[error(
        "This Jira user belongs to another account of this gateway. Sign in to that one, or use another Jira user."
    )]
    OtherAccount,
    /// Without verified TLS nobody can be told who answered.
    #[error("This Jira cannot sign you in, because the connection to it is not encrypted. Ask your administrator.")]
    Unidentified,
    #[error("You let the gateway in to no Jira site. Begin again and choose the site of your link.")]
    NoSite,
    #[error(
        "The gateway is not set up as this Jira expects, so nobody can connect in this way. Ask your administrator; the log says what is refused."
    )]
    Operator,
    #[error("Too many attempts. Try again later.")]
    TooManyAttempts { retry_at: Timestamp },
    /// Another failure of the call that should have proven the credential.
    #[error("Jira could not answer. Try again in a moment.")]
    Jira(#[from] jira::Error),
    #[error("the database does not answer")]
    Store(#[from] store::Error),
}

/// Who can mend a certificate, and how.
fn advice(problem: &TlsProblem) -> &'static str {
    match problem {
        TlsProblem::Expired { .. } | TlsProblem::NotYetValid | TlsProblem::WrongHost => {
            "The administrator of this Jira has to give it another certificate."
        }
        TlsProblem::UnknownIssuer => "Ask your administrator to add the certificate authority for this site.",
        TlsProblem::ClientCertificateWanted => "Ask your administrator to set one for this site.",
        TlsProblem::Other => "Ask your administrator whether this address speaks https.",
    }
}

impl ConnectError {
    /// The word of the contract; empty for failures that are not about the connection.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_request",
            Self::WrongCredentials | Self::MissingScope => "wrong_credentials",
            Self::Captcha { .. } => "captcha",
            Self::NotJira => "not_jira",
            Self::SignInPage | Self::Unreachable | Self::Jira(_) => "unreachable",
            Self::UntrustedCertificate(_) => "untrusted_certificate",
            Self::BlockedAddress => "blocked_address",
            Self::HttpsRequired => "https_required",
            Self::SiteNotListed => "site_not_listed",
            Self::BasicAuthDisabled => "basic_auth_disabled",
            Self::MethodNotSupported => "method_not_supported",
            Self::Denied | Self::ConsentExpired | Self::OtherBrowser | Self::NoSite => "wrong_credentials",
            Self::SignedOut => "unauthenticated",
            Self::OtherAccount => "conflict",
            Self::Unidentified => "https_required",
            Self::Operator => "method_not_supported",
            Self::TooManyAttempts { .. } => "too_many_requests",
            Self::Store(_) => "unavailable",
        }
    }

    /// The same failure in terms of what the person typed.
    pub(super) fn said_by(self, site: &SiteUrl, method: Method) -> Self {
        match self {
            Self::Jira(jira::Error::Captcha { login_url }) => {
                Self::Captcha { login_url: Some(login_url.unwrap_or_else(|| site.join("/login.jsp"))) }
            }
            Self::Jira(jira::Error::BasicAuthDisabled) => Self::BasicAuthDisabled,
            Self::Jira(jira::Error::MissingScope) => Self::MissingScope,
            Self::Jira(jira::Error::OperatorConfiguration) => Self::Operator,
            Self::Jira(jira::Error::Forbidden) if method == Method::Password => Self::BasicAuthDisabled,
            Self::Jira(jira::Error::BadCredentials | jira::Error::Forbidden) => Self::WrongCredentials,
            Self::Jira(jira::Error::SignInPage) => Self::SignInPage,
            Self::Jira(jira::Error::NotFound | jira::Error::Malformed) => Self::NotJira,
            Self::Jira(jira::Error::Outbound(failure)) => failure.into(),
            other => other,
        }
    }
}

impl From<DiscoverError> for ConnectError {
    fn from(error: DiscoverError) -> Self {
        match error {
            DiscoverError::NotJira => Self::NotJira,
            DiscoverError::SignInPage => Self::SignInPage,
            DiscoverError::Unavailable => Self::Unreachable,
            DiscoverError::Outbound(failure) => failure.into(),
        }
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::BlockedAddress => Self::BlockedAddress,
            Failure::HttpsRequired => Self::HttpsRequired,
            Failure::Tls(problem) => Self::UntrustedCertificate(problem),
            Failure::TooLarge => Self::NotJira,
            Failure::Unreachable | Failure::Timeout | Failure::Proxy => Self::Unreachable,
        }
    }
}
