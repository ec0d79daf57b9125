//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use http_body_util::Limited;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::body::Timed;
use super::patience::{Counted, Patience, Protocol, Work};
use super::{App, Limits, Peer, Signal};

/// For the last words of HTTP/2, which tell a client that has to go what was still heard; HTTP/1 has none.
const GOODBYE: Duration = Duration::from_secs(1);

/// How HTTP is spoken, ready to be used for each connection.
#[derive(Clone)]
pub(super) struct Http {
    one: http1::Builder,
    two: http2::Builder<TokioExecutor>,
    handshake: Duration,
    looks_for_idle: u32,
    body: Duration,
    body_bytes: usize,
}

impl Http {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut one = http1::Builder::new();
        one.max_header_size(limits.header_bytes.into()).half_close(true);
        let mut two = http2::Builder::new(TokioExecutor::new());
        two.max_header_list_size(limits.header_bytes.into()).max_concurrent_streams(100);
        let Limits { handshake, body, body_bytes, .. } = *limits;
        Self { one, two, handshake, looks_for_idle: limits.looks_for_idle(), body, body_bytes }
    }
}

/// A client that has been given a place.
pub(super) struct Guest<A> {
    pub(super) peer: Peer,
    pub(super) app: A,
    pub(super) http: Http,
    pub(super) signal: watch::Receiver<Signal>,
    /// Given back when the connection ends.
    pub(super) place: OwnedSemaphorePermit,
}

impl<A: App> Guest<A> {
    pub(super) async fn serve_plain(self, stream: TcpStream) {
        let Self { peer, app, http, signal, place } = self;
        serve_one(stream, peer, app, &http, signal).await;
        drop(place);
    }

    pub(super) async fn serve_secure(self, stream: TcpStream, acceptor: TlsAcceptor) {
        let Self { peer, app, http, signal, place } = self;
        if let Ok(Ok(stream)) = timeout(http.handshake, acceptor.accept(stream)).await {
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let work = Work::default();
                let io = TokioIo::new(Counted::new(stream, work.clone()));
                let connection = http.two.serve_connection(io, service(peer, app, &http, &work));
                until_the_end(connection, Patience::new(work, Protocol::Http2, http.looks_for_idle), signal).await;
            } else {
                serve_one(stream, peer, app, &http, signal).await;
            }
        }
        drop(place);
    }
}

async fn serve_one<IO>(stream: IO, peer: Peer, app: impl App, http: &Http, signal: watch::Receiver<Signal>)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let work = Work::default();
    let io = TokioIo::new(Counted::new(stream, work.clone()));
    let connection = http.one.serve_connection(io, service(peer, app, http, &work));
    until_the_end(connection, Patience::new(work, Protocol::Http1, http.looks_for_idle), signal).await;
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
        let request = request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(Limited::new(Timed::new(body, time), bytes)),
        });
        async move {
            let answer = app.answer(peer, request).await;
            drop(busy);
            Ok(answer)
        }
    })
}

/// Drives a connection until the client ends it, patience with it ends, or the server stops.
async fn until_the_end<C>(connection: C, mut patience: Patience, mut signal: watch::Receiver<Signal>)
where
    C: GracefulConnection,
    C::Error: std::error::Error,
{
    let mut connection = pin!(connection);
    loop {
        let signal = tokio::select! {
            biased;
            end = connection.as_mut() => {
                if let Err(error) = end {
                    tracing::debug!(%error, "connection ended early");
                }
                return;
            }
            changed = signal.changed() => match changed {
                Ok(()) => *signal.borrow_and_update(),
                Err(_) => return, // the time to drain is over
            },
        };
        match signal {
            Signal::Stop => connection.as_mut().graceful_shutdown(),
            Signal::Look if patience.is_over() => {
                if patience.protocol() == Protocol::Http2 {
                    connection.as_mut().graceful_shutdown();
                    let _stuck = timeout(GOODBYE, connection).await;
                }
                return;
            }
            Signal::Look => {}
        }
    }
}
