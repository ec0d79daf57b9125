//! One call within its limits.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode, Url};

use super::guard::Guard;
use super::{Clearance, Failure, Names, PrivateSites, Profile, ProfileError, TlsProblem};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const BODY_LIMIT: usize = 2 * 1024 * 1024;
const HEADER_LIMIT: usize = 64 * 1024;
/// Room made for a body before its first byte has come; what is announced is only a claim.
const BODY_ROOM: usize = 64 * 1024;
const IDLE_CONNECTIONS_PER_HOST: usize = 32;
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const USER_AGENT: &str = concat!("jira-notion-gateway/", env!("CARGO_PKG_VERSION"));

/// The way out: hands out one [`Http`] for each profile, so that equal profiles share connections.
#[derive(Debug)]
pub struct Outbound {
    sites: Arc<PrivateSites>,
    names: Names,
    guarded: Mutex<HashMap<Profile, Http>>,
    operator: Mutex<HashMap<Profile, Http>>,
}

impl Outbound {
    /// Opens to site URLs the public internet and the places listed in `private`.
    pub fn new(private: PrivateSites) -> Result<Self, Failure> {
        Self::with_names(private, Names::system())
    }

    /// The same with another way to turn names into addresses.
    pub fn with_names(private: PrivateSites, names: Names) -> Result<Self, Failure> {
        let (guarded, operator) = (Mutex::default(), Mutex::default());
        let outbound = Self { sites: Arc::new(private), names, guarded, operator };
        // Whatever stands in the way of every call is better known at the start.
        outbound.http(&Profile::default()).map_err(|_| Failure::Tls(TlsProblem::Other))?;
        Ok(outbound)
    }

    /// For URLs that people typed: every address is judged.
    pub fn http(&self, profile: &Profile) -> Result<Http, ProfileError> {
        shared(&self.guarded, profile, || self.make(profile, true))
    }

    /// For endpoints that the operator has set (Atlassian, Notion): no address is refused, all limits hold.
    pub fn operator(&self, profile: &Profile) -> Result<Http, ProfileError> {
        shared(&self.operator, profile, || self.make(profile, false))
    }

    fn make(&self, profile: &Profile, guarded: bool) -> Result<Http, ProfileError> {
        let tls = profile.tls()?;
        let proxy = profile.proxy()?;
        let client = |clearance| {
            let guard = Guard { names: self.names.clone(), sites: Arc::clone(&self.sites), clearance };
            build(tls.clone(), proxy.clone(), guard)
        };
        let ways = if !guarded {
            Ways::Operator(client(Clearance::Operator)?)
        } else if proxy.is_some() {
            // The only name that is looked up here is the proxy's, which the operator has set.
            Ways::Proxy(client(Clearance::Operator)?)
        } else {
            Ways::Guarded {
                public: client(Clearance::Public)?,
                ranges: client(Clearance::Ranges)?,
                listed: client(Clearance::Listed)?,
            }
        };
        let through_proxy = proxy.is_some();
        Ok(Http(Arc::new(Inner { sites: Arc::clone(&self.sites), ways, through_proxy })))
    }
}

fn shared(
    made: &Mutex<HashMap<Profile, Http>>,
    profile: &Profile,
    make: impl FnOnce() -> Result<Http, ProfileError>,
) -> Result<Http, ProfileError> {
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(http) = made.get(profile) {
        return Ok(http.clone());
    }
    let http = make()?;
    made.insert(profile.clone(), http.clone());
    Ok(http)
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes HTTP clients")]
fn build(tls: rustls::ClientConfig, proxy: Option<reqwest::Proxy>, guard: Guard) -> Result<Client, ProfileError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(guard))
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never()) // a password is sent exactly once
        .referer(false)
        .no_proxy() // none from the environment
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
        .http2_max_header_list_size(HEADER_LIMIT as u32);
    let builder = match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    builder.build().map_err(|_| ProfileError::Setup)
}

/// Makes calls. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Http(Arc<Inner>);

struct Inner {
    sites: Arc<PrivateSites>,
    ways: Ways,
    through_proxy: bool,
}

/// One client for each clearance: a kept connection is never lent to a URL that could not have opened it.
enum Ways {
    Guarded { public: Client, ranges: Client, listed: Client },
    Proxy(Client),
    Operator(Client),
}

impl Inner {
    fn client(&self, url: &Url) -> Result<&Client, Failure> {
        match &self.ways {
            Ways::Operator(client) => Ok(client),
            Ways::Guarded { public, ranges, listed } => Ok(match self.sites.admits(url)? {
                Clearance::Public => public,
                Clearance::Ranges => ranges,
                Clearance::Listed | Clearance::Operator => listed,
            }),
            Ways::Proxy(client) => match self.sites.admits(url)? {
                // The proxy looks the name up, so nobody here can tell that it lies in a listed range.
                Clearance::Ranges => Err(Failure::HttpsRequired),
                _ => Ok(client),
            },
        }
    }
}

/// One request, with the limits of its answer.
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
    /// Bytes of body that are accepted, after decompression.
    pub limit: usize,
    /// From the first look-up to the last byte.
    pub timeout: Duration,
}

impl Call {
    /// A GET with the usual limits: 2 MiB, 10 s.
    pub fn get(url: Url) -> Self {
        let headers = HeaderMap::new();
        Self { method: Method::GET, url, headers, body: None, limit: BODY_LIMIT, timeout: CALL_TIMEOUT }
    }
}

/// An answer of any status: redirects are not followed.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Http {
    /// Sends one request exactly once and reads the whole answer.
    pub async fn send(&self, call: Call) -> Result<Reply, Failure> {
        let client = self.0.client(&call.url)?;
        let Call { method, url, headers, body, limit, timeout } = call;
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = body.map(Into::into);
        tokio::time::timeout(timeout, self.exchange(client, request, limit)).await.unwrap_or(Err(Failure::Timeout))
    }

    async fn exchange(&self, client: &Client, request: reqwest::Request, limit: usize) -> Result<Reply, Failure> {
        let failure = |error: reqwest::Error| Failure::of(&error, self.0.through_proxy);
        let mut response = client.execute(request).await.map_err(failure)?;
        let status = response.status();
        if self.0.through_proxy && status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(Failure::Proxy);
        }
        let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        let announced = response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if size > HEADER_LIMIT || announced > limit {
            return Err(Failure::TooLarge);
        }
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::with_capacity(announced.min(BODY_ROOM));
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if chunk.len() > limit - body.len() {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        if status == StatusCode::BAD_REQUEST && wants_client_certificate(&body) {
            return Err(Failure::Tls(TlsProblem::ClientCertificateWanted));
        }
        Ok(Reply { status, headers, body })
    }
}

/// nginx finishes the handshake without a certificate and says so in a page of its own.
fn wants_client_certificate(body: &[u8]) -> bool {
    [b"<center>No required SSL certificate was sent</center>".as_slice(), b"<center>The SSL certificate error</center>"]
        .into_iter()
        .any(|sentence| body.windows(sentence.len()).take(2048).any(|window| window == sentence))
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("through_proxy", &self.0.through_proxy).finish_non_exhaustive()
    }
}

impl fmt::Debug for Call {
    /// Neither path nor headers nor body: any of them may carry a secret or a title.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
