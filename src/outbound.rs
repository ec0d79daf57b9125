//! Every outgoing connection.
use std::fmt;

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
