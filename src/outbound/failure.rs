//! Why no answer came, and what the HTTP client's errors mean.

use std::error::Error;
use std::{fmt, io, iter};

use rustls::{AlertDescription, CertificateError};

/// Why no answer came. Shown to people only by kind, never with addresses: the gateway is no port scanner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address may not be reached from here (private, loopback, link-local, metadata).
    #[error("this address may not be reached from the gateway")]
    BlockedAddress,
    /// A public site must be reached by https.
    #[error("a public site must be reached by https")]
    HttpsRequired,
    /// Name not found, connection refused or reset, no route.
    #[error("the server could not be reached")]
    Unreachable,
    #[error("the server did not answer in time")]
    Timeout,
    #[error("the server's certificate cannot be trusted: {0}")]
    Tls(TlsProblem),
    #[error("the proxy refused the connection")]
    Proxy,
    /// Header or body over the limit, after decompression.
    #[error("the answer is too large")]
    TooLarge,
}

/// Which of the things that go wrong with certificates (paste-experience §5, *unreachable*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsProblem {
    /// With the day on which it ended, where known (seconds since 1970).
    Expired {
        not_after: Option<i64>,
    },
    NotYetValid,
    UnknownIssuer,
    WrongHost,
    ClientCertificateWanted,
    Other,
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired { .. } => "it has expired",
            Self::NotYetValid => "it is not valid yet",
            Self::UnknownIssuer => "its issuer is not trusted",
            Self::WrongHost => "it belongs to another host name",
            Self::ClientCertificateWanted => "the server wants a client certificate",
            Self::Other => "the secure connection failed",
        })
    }
}

impl Failure {
    /// What an error of the HTTP client means. The reason may lie deep in its chain of causes.
    pub(super) fn of(error: &reqwest::Error, through_proxy: bool) -> Self {
        if let Some(known) = causes(error).find_map(named) {
            known
        } else if error.is_timeout() {
            Self::Timeout
        } else if through_proxy && error.is_connect() {
            Self::Proxy
        } else {
            Self::Unreachable
        }
    }
}

/// An I/O error hides the error that it carries from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(carried) => Some(carried as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn named(cause: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        Some(failure.clone())
    } else if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        Some(Failure::Tls(TlsProblem::of(error)))
    } else {
        cause.downcast_ref::<hyper::Error>().filter(|error| error.is_parse_too_large()).map(|_| Failure::TooLarge)
    }
}

impl TlsProblem {
    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(problem) => Self::of_certificate(problem),
            rustls::Error::AlertReceived(alert) if is_about_our_certificate(*alert) => Self::ClientCertificateWanted,
            _ => Self::Other,
        }
    }

    fn of_certificate(problem: &CertificateError) -> Self {
        match problem {
            CertificateError::Expired => Self::Expired { not_after: None },
            CertificateError::ExpiredContext { not_after, .. } => {
                Self::Expired { not_after: i64::try_from(not_after.as_secs()).ok() }
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongHost,
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            // What `openssl req -x509` makes: its own issuer, so there is none to trust.
            CertificateError::Other(other) if is_authority_used_as_server(other) => Self::UnknownIssuer,
            _ => Self::Other,
        }
    }
}

/// A self-signed certificate that calls itself an authority (the default of common tools).
pub(super) fn is_authority_used_as_server(error: &rustls::OtherError) -> bool {
    error.0.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity)
}

/// A server can only mean ours: it has no other certificate to complain about (RFC 8446, 6.2).
fn is_about_our_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}
