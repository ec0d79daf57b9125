//! The accept loop with real connections.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Request};
use axum::http::StatusCode;
use axum::routing::{get, post};
use jira_notion_gateway::http::server::{BodyTimeout, Limits, Peer, Tls, bind, serve};
use jira_notion_gateway::outbound::{Call, Failure, Names, Outbound, PrivateSites, Profile, TlsProblem, Url};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::outbound::authority::{Authority, Pair};

const SOON: Duration = Duration::from_millis(50);
const BIG: usize = 16 * 1024 * 1024;

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    /// Lets one request to `/wait` go on.
    go: Arc<Notify>,
    /// Says that a request to `/wait` has come.
    came: Arc<Notify>,
}

impl Running {
    async fn start(limits: Limits, tls: Option<Tls>) -> Self {
        let (go, came) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let app = app(Arc::clone(&go), Arc::clone(&came));
        let shutdown = async { drop(stopped.await) };
        let task = tokio::spawn(serve(listener, tls, app, shutdown, limits));
        Self { address, stop: Some(stop), task, go, came }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn stop(&mut self) {
        drop(self.stop.take());
    }
}

fn app(go: Arc<Notify>, came: Arc<Notify>) -> Router {
    let wait = async move || {
        came.notify_one();
        go.notified().await;
        "waited"
    };
    Router::new()
        .route("/", get(async |Extension(Peer(peer)): Extension<Peer>| peer.to_string()))
        .route("/version", get(async |request: Request| format!("{:?}", request.version())))
        .route("/big", get(async || vec![b'x'; BIG]))
        .route("/wait", get(wait))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/patience", post(patience))
}

async fn patience(body: Body) -> StatusCode {
    let error = axum::body::to_bytes(body, usize::MAX).await.unwrap_err();
    let mut causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    match causes.any(|cause| cause.is::<BodyTimeout>()) {
        true => StatusCode::REQUEST_TIMEOUT,
        false => StatusCode::IM_A_TEAPOT,
    }
}

/// Sends these bytes, then reads until the other side ends.
async fn said(stream: impl AsyncRead + AsyncWrite, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = std::pin::pin!(stream);
    let _gone = stream.write_all(bytes.as_ref()).await;
    let mut answer = Vec::new();
    let _gone = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

fn last(path: &str) -> String {
    request("GET", path, "connection: close\r\n")
}

fn post_of(length: usize, path: &str) -> Vec<u8> {
    let head = request("POST", path, &format!("content-length: {length}\r\nconnection: close\r\n"));
    [head.as_bytes(), &vec![b'x'; length]].concat()
}

#[tokio::test]
async fn a_request_knows_its_peer() {
    let server = Running::start(Limits::default(), None).await;
    let stream = server.connect().await;
    let own = stream.local_addr().unwrap().to_string();
    let answer = said(stream, last("/")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(&format!("\r\n\r\n{own}")), "{answer}");
}

#[tokio::test]
async fn requests_may_come_together_and_the_client_may_finish_first() {
    let server = Running::start(Limits::default(), None).await;
    let mut stream = server.connect().await;
    stream.write_all(format!("{0}{0}{0}", request("GET", "/version", "")).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3, "{answer}");
}

#[tokio::test]
async fn headers_that_do_not_come_end_the_connection() {
    let server = Running::start(Limits { headers: SOON, ..Limits::default() }, None).await;
    for begin in ["", "G", "GET / HTTP/1.1\r\nhost: loc"] {
        let answer = said(server.connect().await, begin).await;
        assert!(!answer.contains("200"), "{answer}");
    }
    let mut second = server.connect().await;
    second.write_all(request("GET", "/", "").as_bytes()).await.unwrap();
    second.read_exact(&mut [0; 12]).await.unwrap();
    let rest = said(second, "GET / HTTP/1.1\r\nho").await;
    assert!(!rest.contains("HTTP"), "{rest}");
}

/// It is looked at twice, however long after a look it comes, so it lives at least from one look to the next.
#[tokio::test]
async fn a_new_connection_has_time_to_ask() {
    let server = Running::start(Limits { headers: 4 * SOON, ..Limits::default() }, None).await;
    for _ in 0..3 {
        tokio::time::sleep(SOON).await; // now a look lies behind, another one ahead
        let stream = server.connect().await;
        let begin = Instant::now();
        said(stream, "GET").await;
        assert!(begin.elapsed() > Duration::from_millis(80), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn headers_are_limited_in_size() {
    let server = Running::start(Limits::default(), None).await;
    for (bytes, status) in [(30 * 1024, "200"), (40 * 1024, "431"), (1024 * 1024, "431")] {
        let long = format!("x-long: {}\r\nconnection: close\r\n", "x".repeat(bytes));
        let answer = said(server.connect().await, request("GET", "/", &long)).await;
        // A reset may overtake the answer to what was never read.
        assert!(answer.contains(status) || (answer.is_empty() && bytes > 100_000), "{bytes}: {answer}");
    }
}

#[tokio::test]
async fn a_body_is_limited_in_size() {
    let server = Running::start(Limits { body_bytes: 1000, ..Limits::default() }, None).await;
    let fits = said(server.connect().await, post_of(1000, "/length")).await;
    assert!(fits.contains("200 OK") && fits.ends_with("\r\n\r\n1000"), "{fits}");
    let over = said(server.connect().await, post_of(1001, "/length")).await;
    assert!(over.contains("413 Payload Too Large"), "{over}");
    let chunked = request("POST", "/length", "transfer-encoding: chunked\r\nconnection: close\r\n");
    let chunk = format!("200\r\n{}\r\n", "x".repeat(0x200));
    let over = said(server.connect().await, format!("{chunked}{chunk}{chunk}0\r\n\r\n")).await;
    assert!(over.contains("413 Payload Too Large"), "{over}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let server = Running::start(Limits { body: SOON, ..Limits::default() }, None).await;
    let half = request("POST", "/patience", "content-length: 100\r\n") + "half";
    let answer = said(server.connect().await, half).await;
    assert!(answer.contains("408 Request Timeout"), "{answer}");

    // A steady trickle does not buy more time.
    let mut stream = server.connect().await;
    stream.write_all(request("POST", "/patience", "content-length: 1000000\r\n").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let mut answer = [0; 12];
    reading.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    trickle.abort();
}

#[tokio::test]
async fn a_quiet_connection_ends_and_a_busy_one_does_not() {
    let server = Running::start(Limits { headers: SOON, idle: SOON, connections: 2, ..Limits::default() }, None).await;
    let waiting = tokio::spawn(said(server.connect().await, last("/wait")));
    server.came.notified().await;
    let quiet = said(server.connect().await, request("GET", "/", "")).await;
    assert!(quiet.contains("200 OK"), "{quiet}");

    // An answer that nobody fetches: its place is given to another before it is whole.
    let mut stream = loop {
        let mut stream = server.connect().await;
        let _refused = stream.write_all(last("/big").as_bytes()).await;
        let mut begin = [0; 12];
        let _refused = stream.read_exact(&mut begin).await;
        if &begin == b"HTTP/1.1 200" {
            break stream;
        }
    };
    while !said(server.connect().await, last("/")).await.contains("200 OK") {}
    let mut rest = Vec::new();
    let _reset = stream.read_to_end(&mut rest).await;
    assert!(rest.len() < BIG, "{}", rest.len());

    server.go.notify_one();
    let waited = waiting.await.unwrap();
    assert!(waited.ends_with("waited"), "work in progress is not quiet: {waited}");
}

#[tokio::test]
async fn when_all_places_are_taken_one_more_is_told_to_come_back() {
    let server = Running::start(Limits { connections: 1, ..Limits::default() }, None).await;
    let first = tokio::spawn(said(server.connect().await, last("/wait")));
    server.came.notified().await;
    let second = said(server.connect().await, "").await;
    assert!(second.starts_with("HTTP/1.1 503 ") && second.contains("retry-after: 1\r\n"), "{second}");
    server.go.notify_one();
    assert!(first.await.unwrap().ends_with("waited"));
    // The place is free again, if not at the very instant of the answer's last byte.
    while !said(server.connect().await, last("/")).await.contains("200 OK") {}
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight() {
    let mut server = Running::start(Limits::default(), None).await;
    let mut idle = server.connect().await;
    idle.write_all(request("GET", "/", "").as_bytes()).await.unwrap();
    idle.read_exact(&mut [0; 12]).await.unwrap();
    let busy = tokio::spawn(said(server.connect().await, request("GET", "/wait", "")));
    server.came.notified().await;
    server.stop();
    said(idle, "").await; // an idle connection is closed
    while TcpStream::connect(server.address).await.is_ok() {}
    assert!(!server.task.is_finished());
    server.go.notify_one();
    let answer = busy.await.unwrap();
    assert!(answer.ends_with("waited") && answer.contains("connection: close"), "{answer}");
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let mut server = Running::start(Limits { drain: SOON, ..Limits::default() }, None).await;
    let busy = tokio::spawn(said(server.connect().await, request("GET", "/wait", "")));
    server.came.notified().await;
    server.stop();
    server.task.await.unwrap();
    assert_eq!(busy.await.unwrap(), "");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = bind(address).await.unwrap_err().to_string();
    assert_eq!(error, format!("cannot listen on {address}: another program already does"));
}

struct Files {
    folder: tempfile::TempDir,
    age: u64,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), age: 0 }
    }

    /// Writes with a time of its own: two writes may fall into one tick of the file system's clock.
    fn write(&mut self, name: &str, text: &str) {
        self.age += 1;
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.age);
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    fn put(&mut self, pair: &Pair) {
        self.write("cert.pem", &pair.certificate);
        self.write("key.pem", &pair.key);
    }

    fn tls(&self) -> Result<Tls, String> {
        let path = |name: &str| self.folder.path().join(name);
        Tls::load(&path("cert.pem"), &path("key.pem")).map_err(|error| error.to_string())
    }

    fn strip(&self, message: &str) -> String {
        message.replace(&format!("{}/", Path::display(self.folder.path())), "")
    }
}

/// Asks once on a new connection, the way the gateway itself asks.
async fn ask(server: &Running, authority: &Authority, path: &str) -> Result<String, Failure> {
    let names = Names::answered_by(|_| vec![[127, 0, 0, 1].into()]);
    let outbound = Outbound::with_names(PrivateSites::parse("*.test").unwrap(), names).unwrap();
    let http = outbound.http(&Profile { ca_pem: Some(authority.pem()), ..Profile::default() }).unwrap();
    let url = Url::parse(&format!("https://gateway.test:{}{path}", server.address.port())).unwrap();
    http.send(Call::get(url)).await.map(|reply| String::from_utf8(reply.body).unwrap())
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls() {
    let authority = Authority::new("ours");
    let mut files = Files::new();
    files.put(&authority.issue("gateway.test"));
    let mut server = Running::start(Limits::default(), Some(files.tls().unwrap())).await;
    assert_eq!(ask(&server, &authority, "/version").await, Ok("HTTP/2.0".to_owned()));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&authority.pem()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("gateway.test").unwrap();
    let stream = connector.connect(name, server.connect().await).await.unwrap();
    let answer = said(stream, last("/version")).await;
    assert!(answer.ends_with("\r\n\r\nHTTP/1.1"), "{answer}");

    // HTTP/2 finishes what is in flight as well.
    let stop = server.stop.take();
    let waiting = ask(&server, &authority, "/wait");
    let stop = async {
        server.came.notified().await;
        drop(stop);
        server.go.notify_one();
    };
    assert_eq!(tokio::join!(waiting, stop).0, Ok("waited".to_owned()));
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_handshake_that_does_not_come_ends_the_connection() {
    let mut files = Files::new();
    files.put(&Authority::new("ours").issue("gateway.test"));
    let limits = Limits { handshake: SOON, ..Limits::default() };
    let server = Running::start(limits, Some(files.tls().unwrap())).await;
    assert_eq!(said(server.connect().await, "").await, "");
    let plain = said(server.connect().await, last("/")).await;
    assert!(!plain.contains("HTTP"), "{plain}");
}

#[tokio::test]
async fn a_renewed_certificate_is_picked_up_and_a_bad_one_is_not() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let (first, second) = (old.issue("gateway.test"), new.issue("gateway.test"));
    let unknown = Err(Failure::Tls(TlsProblem::UnknownIssuer));
    let mut files = Files::new();
    files.put(&first);
    let limits = Limits { certificate: Duration::ZERO, ..Limits::default() };
    let server = Running::start(limits, Some(files.tls().unwrap())).await;
    assert!(ask(&server, &old, "/").await.is_ok());

    // Half-way through a renewal, and after a bad one, the old pair stays.
    files.write("cert.pem", &second.certificate);
    assert!(ask(&server, &old, "/").await.is_ok());
    files.write("key.pem", "nonsense");
    assert!(ask(&server, &old, "/").await.is_ok());
    fs::remove_file(files.folder.path().join("key.pem")).unwrap();
    assert!(ask(&server, &old, "/").await.is_ok());

    files.write("key.pem", &second.key);
    assert!(ask(&server, &new, "/").await.is_ok());
    assert_eq!(ask(&server, &old, "/").await, unknown);
}

#[tokio::test]
async fn a_bad_certificate_stops_the_start_with_one_line() {
    let authority = Authority::new("ours");
    let (one, two) = (authority.issue("gateway.test"), authority.issue("gateway.test"));
    let mut files = Files::new();
    let expect = |files: &Files, message: &str| {
        let error = files.strip(&files.tls().unwrap_err());
        assert!(error.starts_with(message) && !error.contains('\n'), "{error}");
    };
    expect(&files, "cert.pem: No such file");
    files.write("cert.pem", "nonsense");
    expect(&files, "cert.pem: no certificate in PEM form");
    files.write("cert.pem", &one.certificate);
    expect(&files, "key.pem: No such file");
    files.write("key.pem", &one.certificate);
    expect(&files, "key.pem: no private key in PEM form");
    files.write("key.pem", &two.key);
    expect(&files, "cert.pem and key.pem do not belong together");
    files.write("key.pem", &one.key);
    assert!(files.tls().is_ok());
}

#[tokio::test]
async fn dropping_the_server_cuts_all_connections() {
    let server = Running::start(Limits::default(), None).await;
    let busy = tokio::spawn(said(server.connect().await, request("GET", "/wait", "")));
    server.came.notified().await;
    server.task.abort();
    assert_eq!(busy.await.unwrap(), "");
}
