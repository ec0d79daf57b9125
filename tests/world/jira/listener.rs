//! The doors of a fake on the network: accepts, reads a request, answers it, or fails as it was told to.

use std::convert::Infallible;
use std::io;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::exchange::{Answer, Asked, Door};
use super::faults::{Drip, Fault};

/// Who answers behind a door. Its behaviour is written without `async`.
pub trait Host: Send + Sync + 'static {
    /// What is known of a request before it is answered.
    type Ticket: Send;

    /// The fault for this method and path with its query, if any.
    fn fault(&self, target: &str) -> Option<Fault>;
    fn arrived(&self, asked: &Asked) -> Self::Ticket;
    fn answer_to(&self, asked: Asked, ticket: Self::Ticket) -> Answer;
    /// A fault spoke instead.
    fn broken(&self, asked: Asked, ticket: Self::Ticket, status: u16);
    fn sign_in_page(&self) -> String;
    fn maintenance_page(&self) -> String;
}

/// Serves until the task is aborted; all its connections go with it.
pub async fn serve<A, F>(listener: TcpListener, door: Door, tls: Option<Arc<rustls::ServerConfig>>, answer: A)
where
    A: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = io::Result<Response<Body>>> + Send + 'static,
{
    let tls = tls.map(TlsAcceptor::from);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        connections.spawn(connection(stream, tls.clone(), door, answer.clone()));
    }
}

async fn connection<A, F>(stream: TcpStream, tls: Option<TlsAcceptor>, door: Door, answer: A)
where
    A: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = io::Result<Response<Body>>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, door, answer).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                speak(stream, door, answer).await;
            }
        }
    }
}

async fn speak<S, A, F>(stream: S, door: Door, answer: A)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = io::Result<Response<Body>>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = answer.clone();
        async move { answer(read(request, door).await?).await }
    });
    // A client that goes away, or a fault that breaks the connection, is no failure of the fake.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The answer of a host, or what its faults make of it.
pub async fn converse<H: Host>(asked: Asked, host: Arc<H>) -> io::Result<Response<Body>> {
    let fault = host.fault(&format!("{} {}?{}", asked.method, asked.path, asked.query));
    // Counted before it waits, so that a stampede can be seen.
    let ticket = host.arrived(&asked);
    match fault {
        None => Ok(whole(host.answer_to(asked, ticket))),
        Some(Fault::Wait(gate)) => {
            gate.pass().await?;
            Ok(whole(host.answer_to(asked, ticket)))
        }
        Some(Fault::Withhold(gate)) => {
            let answer = host.answer_to(asked, ticket);
            gate.pass().await?;
            Ok(whole(answer))
        }
        Some(Fault::Close) => {
            host.broken(asked, ticket, 0);
            Err(io::Error::other("closed by a fault"))
        }
        Some(Fault::Lost) => {
            host.answer_to(asked, ticket);
            Err(io::Error::other("lost by a fault"))
        }
        Some(Fault::After(answer)) => {
            host.answer_to(asked, ticket);
            Ok(whole(answer))
        }
        Some(Fault::Failed(status)) => {
            host.answer_to(asked, ticket);
            Ok(whole(Answer::html(status, &host.maintenance_page())))
        }
        Some(Fault::Hang) => {
            host.broken(asked, ticket, 0);
            std::future::pending().await
        }
        Some(fault) => Ok(broken(fault, asked, ticket, &*host)),
    }
}

async fn read(request: Request<Incoming>, door: Door) -> io::Result<Asked> {
    let (head, body) = request.into_parts();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
    Ok(Asked {
        door,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        granted: None,
    })
}

/// An answer of a host, as it is.
pub fn whole(answer: Answer) -> Response<Body> {
    respond(answer.status, answer.headers, Body::from(answer.body))
}

fn respond(status: u16, headers: Vec<(String, String)>, body: Body) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(body).expect("the fake writes good headers")
}

/// An answer that goes wrong on its way.
fn broken<H: Host>(fault: Fault, asked: Asked, ticket: H::Ticket, host: &H) -> Response<Body> {
    let instead = match &fault {
        Fault::TooMany { headers, html } => {
            let body = match html {
                true => Answer::html(429, "<html><head><title>429 Too Many Requests</title></head></html>"),
                false => Answer::error(429, "Rate limit exceeded."),
            };
            Some(headers.iter().fold(body, |answer, (name, value)| answer.with(name, value)))
        }
        Fault::Status { status, retry_after } => {
            let page = Answer::html(*status, &host.maintenance_page());
            Some(retry_after.iter().fold(page, |answer, value| answer.with("retry-after", value)))
        }
        Fault::Instead(answer) => Some(answer.clone()),
        Fault::SignInPage => Some(Answer::html(200, &host.sign_in_page())),
        Fault::Redirect(to) => Some(Answer::redirect(to)),
        _ => None,
    };
    if let Some(answer) = instead {
        host.broken(asked, ticket, answer.status);
        return whole(answer);
    }
    let mut answer = host.answer_to(asked, ticket);
    match fault {
        Fault::Edit(change) => {
            if let Ok(mut value) = serde_json::from_slice(&answer.body) {
                change(&mut value);
                answer.body = value.to_string().into_bytes();
            }
            whole(answer)
        }
        Fault::Body(name, body) => {
            answer.headers.retain(|(it, _)| it != "content-type");
            (answer.status, answer.body) = (200, body);
            whole(answer.with("content-type", name))
        }
        Fault::ContentType(name) => {
            answer.headers.retain(|(it, _)| it != "content-type");
            whole(answer.with("content-type", name))
        }
        Fault::MalformedJson => {
            answer.body.truncate(answer.body.len() / 2);
            whole(answer)
        }
        Fault::Truncated => {
            answer.body.truncate(answer.body.len() / 2);
            let body = Stream::of(|sender| async move {
                let _ = sender.send(Ok(answer.body.into())).await;
                let _ = sender.send(Err(io::Error::other("cut by a fault"))).await;
            });
            respond(answer.status, answer.headers, body)
        }
        Fault::LongLength => {
            let length = answer.body.len() + 1000;
            let body = Stream::of(|sender| async move {
                let _ = sender.send(Ok(answer.body.into())).await;
            });
            answer.headers.push(("content-length".into(), length.to_string()));
            respond(answer.status, answer.headers, body)
        }
        Fault::Slow(drip) => respond(answer.status, answer.headers, slowly(answer.body, drip)),
        Fault::Huge(bytes) => respond(answer.status, answer.headers, huge(bytes)),
        Fault::GzipBomb(bytes) => {
            answer.headers.push(("content-encoding".into(), "gzip".into()));
            respond(answer.status, answer.headers, Body::from(bomb(bytes)))
        }
        _ => whole(answer),
    }
}

fn slowly(body: Vec<u8>, drip: Drip) -> Body {
    Stream::of(|sender| async move {
        for (at, byte) in body.into_iter().enumerate() {
            drip.pass(at).await;
            if sender.send(Ok(Bytes::from(vec![byte]))).await.is_err() {
                return;
            }
        }
    })
}

/// `{"summary":"aaaa…"`: looks like JSON to the last byte.
fn huge(bytes: usize) -> Body {
    Stream::of(move |sender| async move {
        let block = Bytes::from(vec![b'a'; 64 * 1024]);
        let mut left = bytes;
        if sender.send(Ok(Bytes::from_static(b"{\"summary\":\""))).await.is_err() {
            return;
        }
        while left > 0 {
            let next = block.slice(..left.min(block.len()));
            left -= next.len();
            if sender.send(Ok(next)).await.is_err() {
                return;
            }
        }
    })
}

/// A JSON text of so many spaces, packed.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = [b' '; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let size = left.min(block.len());
        packer.write_all(&block[..size]).expect("to memory");
        left -= size;
    }
    packer.finish().expect("to memory")
}

/// A body that a task writes. The task ends when nobody reads any more.
struct Stream(mpsc::Receiver<io::Result<Bytes>>);

impl Stream {
    fn of<W, F>(write: W) -> Body
    where
        W: FnOnce(mpsc::Sender<io::Result<Bytes>>) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(1);
        let closed = sender.clone();
        let writing = write(sender);
        tokio::spawn(async move {
            tokio::select! {
                () = writing => {}
                () = closed.closed() => {}
            }
        });
        Body::new(Self(receiver))
    }
}

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }
}
