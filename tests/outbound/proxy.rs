//! A site's own proxy (R9): used for that site, exempt from the guard, named when it refuses.

use std::sync::{Arc, Mutex};

use jira_notion_gateway::outbound::{Failure, Http, Profile, Url};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::server::{Server, finish, head, ok};
use super::{get, outbound};

/// A proxy that writes down what it is asked and gives one answer to all.
async fn proxy(answer: &'static str) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = Server::start("127.0.0.1:0", move |mut stream| {
        let log = Arc::clone(&log);
        async move {
            let head = head(&mut stream).await;
            log.lock().unwrap().push(head);
            let _gone = stream.write_all(answer.as_bytes()).await;
            finish(stream).await;
        }
    })
    .await;
    (server, asked)
}

fn through(proxy: &Server, listed: &str) -> Http {
    let url = Url::parse(&format!("http://ana:pass@127.0.0.1:{}", proxy.port)).unwrap();
    outbound(listed).http(&Profile { proxy: Some(url), ..Profile::default() }).unwrap()
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    for answer in ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n", "nonsense"]
    {
        let (server, asked) = proxy(answer).await;
        let failure = through(&server, "").send(get("https://jira.example/")).await.unwrap_err();
        assert_eq!(failure, Failure::Proxy, "{answer}");
        let asked = asked.lock().unwrap().concat().to_lowercase();
        assert!(asked.starts_with("connect jira.example:443 "), "{asked}");
        assert!(asked.contains("proxy-authorization: basic yw5honbhc3m="), "{asked}");
    }
    let (server, _) = proxy("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    let failure = through(&server, "jira.test").send(get("http://jira.test/")).await.unwrap_err();
    assert_eq!(failure, Failure::Proxy, "also for plain http");

    let gone = { Server::start("127.0.0.1:0", |_| async {}).await.port };
    let url = Url::parse(&format!("http://127.0.0.1:{gone}")).unwrap();
    let http = outbound("").operator(&Profile { proxy: Some(url), ..Profile::default() }).unwrap();
    let failure = http.send(get("https://jira.example/")).await.unwrap_err();
    assert_eq!(failure, Failure::Proxy, "a proxy that is away");
}

#[tokio::test]
async fn a_proxy_is_used_for_the_listed_and_the_public() {
    let (server, asked) = proxy("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    let reply = through(&server, "jira.test").send(get("http://jira.test:8080/browse/A-1")).await.unwrap();
    assert_eq!(reply.body, b"hi");
    assert!(asked.lock().unwrap()[0].starts_with("GET http://jira.test:8080/browse/A-1 HTTP/1.1\r\n"));
    drop(reply);

    // A literal is judged here; a name that only its address could open cannot be judged by anybody.
    let refused = [
        ("", "https://127.0.0.1/", Failure::BlockedAddress),
        ("", "https://[::ffff:169.254.169.254]/", Failure::BlockedAddress),
        ("", "https://localhost/", Failure::BlockedAddress),
        ("", "https://metadata.google.internal/", Failure::BlockedAddress),
        ("", "http://jira.example/", Failure::HttpsRequired),
        ("10.0.0.0/8", "http://jira.example/", Failure::HttpsRequired),
    ];
    for (listed, url, failure) in refused {
        assert_eq!(through(&server, listed).send(get(url)).await.unwrap_err(), failure, "{url}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_tunnel_is_verified_end_to_end() {
    let authority = super::authority::Authority::new("ours");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(authority.issue("jira.example").server()));
    let seen = Arc::new(Mutex::new(String::new()));
    let site = Server::start("127.0.0.1:0", {
        let seen = Arc::clone(&seen);
        move |stream| {
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
            async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                *seen.lock().unwrap() = head(&mut stream).await;
                let _gone = stream.write_all(&ok("", b"inside")).await;
                let _gone = stream.shutdown().await;
            }
        }
    })
    .await;
    let port = site.port;
    let tunnel = Server::start("127.0.0.1:0", move |mut stream| async move {
        head(&mut stream).await;
        let _gone = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
        let mut onward = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let _gone = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await;
    let proxy = Some(Url::parse(&format!("http://ana:pass@proxy.test:{}", tunnel.port)).unwrap());
    let profile = Profile { ca_pem: Some(authority.pem()), proxy, ..Profile::default() };
    let http = outbound("").http(&profile).unwrap();
    assert_eq!(http.send(get("https://jira.example/")).await.unwrap().body, b"inside");
    assert!(!seen.lock().unwrap().to_lowercase().contains("proxy-authorization"), "it belongs to the proxy alone");
    let other = http.send(get("https://wiki.example/")).await.unwrap_err();
    assert_eq!(other, Failure::Tls(jira_notion_gateway::outbound::TlsProblem::WrongHost));
}
