//! The accept loop: how connections come in, how long they may take, and how they end.
//!
//! Our own, because no request may hold a connection for ever: `axum::serve` closes none of a slowloris's half-sent
//! headers (performance-and-security 2.2). Plain connections speak HTTP/1.1, TLS ones also HTTP/2.
//!
//! ```text
//! server       bind, accept, refuse when full, stop
//! connection   one connection from its first byte to its last
//! patience     when a connection has to end
//! body         a request's body within its time and size
//! tls          the certificate, read again when it is renewed
//! ```

mod body;
mod connection;
mod patience;
mod tls;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval};
use tower::ServiceExt;

use connection::Guest;
use patience::LOOKS_FOR_HEADERS;

pub use body::BodyTimeout;
pub use tls::{Tls, TlsError};

/// Whoever is at the other end of the connection. An extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What a client may use up.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at one time; one more is told to come back.
    pub connections: u16,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// At most this long half-sent headers are waited for. Connections are looked at twice in this time.
    pub headers: Duration,
    pub header_bytes: u16,
    /// For a whole request body, from when it is waited for.
    pub body: Duration,
    pub body_bytes: usize,
    /// Between requests, and when nothing of an answer is fetched any more.
    pub idle: Duration,
    /// For what is in flight when the server stops.
    pub drain: Duration,
    /// How often the certificate's files are looked at.
    pub certificate: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            handshake: Duration::from_secs(5),
            headers: Duration::from_secs(10),
            header_bytes: 32 * 1024,
            body: Duration::from_secs(30),
            body_bytes: 1024 * 1024,
            idle: Duration::from_secs(75),
            drain: Duration::from_secs(30),
            certificate: Duration::from_secs(60),
        }
    }
}

impl Limits {
    fn look(&self) -> Duration {
        (self.headers / LOOKS_FOR_HEADERS).max(Duration::from_millis(1))
    }

    fn looks_for_idle(&self) -> u32 {
        u32::try_from(self.idle.as_nanos().div_ceil(self.look().as_nanos())).unwrap_or(u32::MAX)
    }
}

/// What all connections are told.
#[derive(Debug, Clone, Copy)]
enum Signal {
    /// See whether you have to end.
    Look,
    /// Finish what is in flight.
    Stop,
}

/// What a connection can serve.
pub trait App: Clone + Send + 'static {
    fn answer(&self, peer: Peer, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send;
}

impl App for Router {
    async fn answer(&self, peer: Peer, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(peer);
        match self.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The address cannot be listened on.
#[derive(Debug)]
pub struct BindError {
    address: SocketAddr,
    cause: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: ", self.address)?;
        match self.cause.kind() {
            io::ErrorKind::AddrInUse => f.write_str("another program already does"),
            io::ErrorKind::AddrNotAvailable => f.write_str("this machine has no such address"),
            io::ErrorKind::PermissionDenied => f.write_str("permission denied (ports below 1024 need a privilege)"),
            _ => self.cause.fmt(f),
        }
    }
}

impl std::error::Error for BindError {}

/// Opens the port. Port 0 takes any free one; ask the listener which.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|cause| BindError { address, cause })
}

/// Serves `app` until `shutdown` is done and what is in flight has ended, or [`Limits::drain`] has passed.
/// Dropping this future cuts all connections.
pub async fn serve(
    listener: TcpListener,
    mut tls: Option<Tls>,
    app: impl App,
    shutdown: impl Future<Output = ()>,
    limits: Limits,
) {
    let places = Arc::new(Semaphore::new(limits.connections.into()));
    // When it is gone, connections go too. A new one hears only what is said from now on.
    let signals = watch::Sender::new(Signal::Look);
    let mut looks = interval(limits.look());
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let http = connection::Http::new(&limits);
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            _ = looks.tick() => {
                signals.send_replace(Signal::Look);
                continue;
            }
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    pause_after(&error).await;
                    continue;
                }
            },
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            refuse(&stream, tls.is_none());
            continue;
        };
        let _unimportant = stream.set_nodelay(true);
        let guest =
            Guest { peer: Peer(peer), app: app.clone(), http: http.clone(), signal: signals.subscribe(), place };
        match &mut tls {
            None => drop(tokio::spawn(guest.serve_plain(stream))),
            Some(tls) => {
                let acceptor = tls.acceptor(limits.certificate).await;
                drop(tokio::spawn(guest.serve_secure(stream, acceptor)));
            }
        }
    }
    drop(listener);
    signals.send_replace(Signal::Stop);
    let all = places.acquire_many(limits.connections.into());
    if tokio::time::timeout(limits.drain, all).await.is_err() {
        tracing::warn!("connections still in flight after the time to drain; they are cut");
    }
}

/// A client that is gone already is no reason to wait; a machine out of file descriptors is.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(fault = "us", retry = true, %error, "cannot accept connections");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn refuse(stream: &TcpStream, plain: bool) {
    const BUSY: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    if plain {
        let _best_effort = stream.try_write(BUSY);
    }
    tracing::debug!("refused a connection: all places are taken");
}
