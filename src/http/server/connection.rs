//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use http_body_util::Limited;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, interval_at, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::body::Timed;
use super::{App, Limits, Peer};

/// How HTTP is spoken, ready to be used for each connection.
#[derive(Clone)]
pub(super) struct Http {
    one: http1::Builder,
    two: http2::Builder<TokioExecutor>,
    handshake: Duration,
    idle: Duration,
    body: Duration,
    body_bytes: usize,
}

impl Http {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut one = http1::Builder::new();
        one.timer(TokioTimer::new())
            .header_read_timeout(limits.headers)
            .max_header_size(limits.header_bytes.into())
            .half_close(true);
        let mut two = http2::Builder::new(TokioExecutor::new());
        two.timer(TokioTimer::new()).max_header_list_size(limits.header_bytes.into()).max_concurrent_streams(100);
        let Limits { handshake, idle, body, body_bytes, .. } = *limits;
        Self { one, two, handshake, idle, body, body_bytes }
    }
}

/// A client that has been given a place.
pub(super) struct Guest<A> {
    pub(super) peer: Peer,
    pub(super) app: A,
    pub(super) http: Http,
    pub(super) stopping: watch::Receiver<bool>,
    /// Given back when the connection ends.
    pub(super) place: OwnedSemaphorePermit,
}

impl<A: App> Guest<A> {
    pub(super) async fn serve_plain(self, stream: TcpStream) {
        let Self { peer, app, http, stopping, place } = self;
        serve_one(stream, peer, app, &http, stopping).await;
        drop(place);
    }

    pub(super) async fn serve_secure(self, stream: TcpStream, acceptor: TlsAcceptor) {
        let Self { peer, app, http, stopping, place } = self;
        if let Ok(Ok(stream)) = timeout(http.handshake, acceptor.accept(stream)).await {
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let work = Work::default();
                let connection = http.two.serve_connection(TokioIo::new(stream), service(peer, app, &http, &work));
                until_the_end(connection, &work, http.idle, stopping).await;
            } else {
                serve_one(stream, peer, app, &http, stopping).await;
            }
        }
        drop(place);
    }
}

async fn serve_one<IO>(stream: IO, peer: Peer, app: impl App, http: &Http, stopping: watch::Receiver<bool>)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let work = Work::default();
    let connection = http.one.serve_connection(TokioIo::new(stream), service(peer, app, http, &work));
    until_the_end(connection, &work, http.idle, stopping).await;
}

/// Hands each request to the app: with its peer, and with a body that has limits.
fn service<A: App>(
    peer: Peer,
    app: A,
    http: &Http,
    work: &Work,
) -> impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + use<A> {
    let (time, bytes, work) = (http.body, http.body_bytes, work.clone());
    service_fn(move |request: hyper::Request<Incoming>| {
        let (app, busy) = (app.clone(), work.begin());
        let mut request = request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(Limited::new(Timed::new(body, time), bytes)),
        });
        request.extensions_mut().insert(peer);
        async move {
            let answer = app.oneshot(request).await;
            drop(busy);
            answer
        }
    })
}

/// Drives a connection until the client ends it, nothing has happened on it for a while, or the server stops.
async fn until_the_end<C>(connection: C, work: &Work, idle: Duration, mut stopping: watch::Receiver<bool>)
where
    C: GracefulConnection,
    C::Error: std::error::Error,
{
    let mut connection = pin!(connection);
    let mut looks = interval_at(Instant::now() + idle, idle);
    let (mut seen, mut asked_to_end) = (0, false);
    loop {
        tokio::select! {
            biased;
            end = connection.as_mut() => {
                if let Err(error) = end {
                    tracing::debug!(%error, "connection ended early");
                }
                return;
            }
            stop = stopping.changed() => match stop {
                Ok(()) => connection.as_mut().graceful_shutdown(),
                Err(_) => return, // the time to drain is over
            },
            _ = looks.tick() => match work.began_besides(seen) {
                Some(began) => seen = began,
                // An answer that nobody fetches does not end by being asked to.
                None if asked_to_end => return,
                None => {
                    asked_to_end = true;
                    connection.as_mut().graceful_shutdown();
                }
            },
        }
    }
}

/// Counts the requests of one connection.
#[derive(Clone, Default)]
struct Work(Arc<Counters>);

#[derive(Default)]
struct Counters {
    began: AtomicUsize,
    ended: AtomicUsize,
}

impl Work {
    fn begin(&self) -> Busy {
        self.0.began.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(&self.0))
    }

    /// How many requests have begun, unless that is `seen` already and all of them have ended.
    fn began_besides(&self, seen: usize) -> Option<usize> {
        let began = self.0.began.load(Ordering::Relaxed);
        let quiet = began == seen && self.0.ended.load(Ordering::Relaxed) == began;
        (!quiet).then_some(began)
    }
}

/// Ends with the work on the request, also when the client goes away meanwhile.
struct Busy(Arc<Counters>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}
