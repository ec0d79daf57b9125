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

pub use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode, Url};

/// One call.
#[derive(Debug)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
    pub limit: usize,
    pub timeout: std::time::Duration,
}

impl Call {
    pub fn get(url: Url) -> Self {
        let timeout = std::time::Duration::from_secs(10);
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None, limit: 2 << 20, timeout }
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Http;

impl Http {
    #[expect(clippy::disallowed_methods, reason = "stands in until the room is there")]
    pub async fn send(&self, call: Call) -> Result<Reply, Failure> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| Failure::Unreachable)?;
        let mut request = client.request(call.method, call.url).headers(call.headers).timeout(call.timeout);
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(|_| Failure::Unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|_| Failure::Unreachable)?.to_vec();
        if body.len() > call.limit {
            return Err(Failure::TooLarge);
        }
        Ok(Reply { status, headers, body })
    }
}
