//! What the operator lists is reached; nothing beside it is.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jira_notion_gateway::outbound::{Failure, HeaderValue, Names, Outbound, PrivateSites, Profile, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::{Server, finish, head, ok};
use super::{get, open, outbound};

#[tokio::test]
async fn a_listed_place_is_reached_in_all_its_forms() {
    let server = Server::answering(ok("", b"hello")).await;
    let port = server.port;
    let reached = [
        ("jira.test", "jira.test"),
        ("*.test", "a.b.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.0/8", "0x7f.1"),
        ("127.0.0.0/8", "[::ffff:127.0.0.1]"),
        ("127.0.0.0/8", "jira.test"),
    ];
    for (listed, host) in reached {
        let http = outbound(listed).http(&Profile::default()).unwrap();
        let reply = http.send(get(server.url(host))).await;
        assert_eq!(reply.map(|reply| reply.body), Ok(b"hello".to_vec()), "[{listed}] {host}");
    }
    let exact = outbound(&format!("http://jira.test:{port}"));
    assert!(exact.http(&Profile::default()).unwrap().send(get(server.url("jira.test"))).await.is_ok());
    assert_eq!(server.connections(), reached.len() + 1);

    let refused = [
        ("", "jira.test", Failure::HttpsRequired),
        ("other.test", "jira.test", Failure::HttpsRequired),
        ("10.0.0.0/8", "jira.test", Failure::BlockedAddress),
        ("127.0.0.2", "127.0.0.1", Failure::BlockedAddress),
        ("http://jira.test:1", "jira.test", Failure::HttpsRequired),
        ("0.0.0.0/0", "unknown.example", Failure::Unreachable),
    ];
    for (listed, host, failure) in refused {
        let http = outbound(listed).http(&Profile::default()).unwrap();
        assert_eq!(http.send(get(server.url(host))).await.unwrap_err(), failure, "[{listed}] {host}");
    }
    assert_eq!(server.connections(), reached.len() + 1);
}

#[tokio::test]
async fn what_the_operator_sets_needs_no_listing() {
    let server = Server::answering(ok("", b"hello")).await;
    let outbound = outbound("");
    let operator = outbound.operator(&Profile::default()).unwrap();
    assert!(operator.send(get(server.url("127.0.0.1"))).await.is_ok());
    assert!(operator.send(get(server.url("api.test"))).await.is_ok());
    // The same profile does not lend this freedom to site URLs.
    let guarded = outbound.http(&Profile::default()).unwrap();
    assert_eq!(guarded.send(get(server.url("127.0.0.1"))).await.unwrap_err(), Failure::BlockedAddress);
}

/// The name answers with an open address first and with a closed one for ever after.
#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let open = Server::on(first, |mut stream| async move {
        head(&mut stream).await;
        let _gone = stream.write_all(&ok("connection: close\r\n", b"open")).await;
        finish(stream).await;
    });
    let closed = Server::start(&format!("127.0.0.2:{port}"), |_| async {}).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let names = Names::answered_by({
        let lookups = Arc::clone(&lookups);
        move |_| -> Vec<IpAddr> {
            let nth = lookups.fetch_add(1, Ordering::SeqCst);
            vec![if nth == 0 { [127, 0, 0, 1] } else { [127, 0, 0, 2] }.into()]
        }
    });
    let outbound = Outbound::with_names(PrivateSites::parse("127.0.0.1").unwrap(), names).unwrap();
    let http = outbound.http(&Profile::default()).unwrap();
    let url = open.url("rebinding.example");

    assert_eq!(http.send(get(&url)).await.unwrap().body, b"open");
    assert_eq!(lookups.load(Ordering::SeqCst), 1, "resolved once for a call");
    for _ in 0..1_000 {
        assert_eq!(http.send(get(&url)).await.unwrap_err(), Failure::BlockedAddress);
    }
    assert_eq!((open.connections(), closed.connections()), (1, 0));
}

#[tokio::test]
async fn one_closed_address_closes_the_name() {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let servers = [Server::on(first, |_| async {}), Server::start(&format!("127.0.0.2:{port}"), |_| async {}).await];
    let names = Names::answered_by(|_| vec![[127, 0, 0, 1].into(), [127, 0, 0, 2].into()]);
    let outbound = Outbound::with_names(PrivateSites::parse("127.0.0.1").unwrap(), names).unwrap();
    let http = outbound.http(&Profile::default()).unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://mixed.example:{port}/");
        assert_eq!(http.send(get(url)).await.unwrap_err(), Failure::BlockedAddress);
    }
    assert_eq!(servers.map(|server| server.connections()), [0, 0]);
}

#[tokio::test]
async fn a_credential_stays_with_its_host() {
    let other = Server::answering(ok("", b"thanks")).await;
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let place = other.url("other.test");
        let answer = format!("HTTP/1.1 {status}\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::answering(answer).await;
        let mut call = get(server.url("jira.test"));
        call.headers.insert("authorization", HeaderValue::from_static("Bearer secret"));
        assert!(open().send(call).await.unwrap().status.is_redirection());
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_request_is_sent_once_as_it_is() {
    let server = Server::start("127.0.0.1:0", |mut stream| async move {
        let head = head(&mut stream).await;
        let mut body = [0; 4];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut body).await.unwrap();
        let echo = format!("{head}{}", String::from_utf8_lossy(&body));
        let _gone = stream.write_all(&ok("x-one: 1\r\nx-one: 2\r\n", echo.as_bytes())).await;
        finish(stream).await;
    })
    .await;
    let mut call = get(format!("{}a%20b?jql=x%3D1", server.url("jira.test")));
    call.method = jira_notion_gateway::outbound::Method::POST;
    call.body = Some(b"{\"\"}".to_vec());
    call.headers.insert("accept", HeaderValue::from_static("application/json"));
    let debug = format!("{call:?}");
    assert!(!debug.contains("jql") && !debug.contains("accept"), "{debug}");
    let reply = open().send(call).await.unwrap();
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers.get_all("x-one").iter().count(), 2);
    let echo = String::from_utf8(reply.body).unwrap().to_lowercase();
    assert!(echo.starts_with("post /a%20b?jql=x%3d1 http/1.1\r\n"), "{echo}");
    for line in ["accept: application/json\r\n", "content-length: 4\r\n", "user-agent: jira-notion-gateway/"] {
        assert!(echo.contains(line), "{line} in {echo}");
    }
    assert!(!echo.contains("referer") && !echo.contains("cookie") && echo.ends_with("{\"\"}"), "{echo}");
    assert_eq!(server.connections(), 1);
}
