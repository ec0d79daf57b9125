//! Whatever a server sends, a call ends in time and in bounded memory.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use jira_notion_gateway::outbound::{Failure, Profile};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::{Server, head, ok};
use super::{get, open, outbound};

/// 64 MiB of zeros, compressed.
const BROTLI_BOMB: [u8; 53] = [
    207, 255, 255, 127, 248, 39, 0, 226, 177, 64, 32, 247, 254, 159, 255, 255, 255, 240, 79, 0, 196, 97, 1, 128, 238,
    253, 63, 255, 255, 255, 225, 159, 0, 136, 195, 34, 0, 221, 251, 255, 252, 255, 255, 199, 63, 1, 16, 135, 5, 0, 186,
    247, 255,
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn answered(answer: Vec<u8>, limit: usize) -> Result<Vec<u8>, Failure> {
    let server = Server::answering(answer).await;
    let mut call = get(server.url("jira.test"));
    call.limit = limit;
    open().send(call).await.map(|reply| reply.body)
}

#[tokio::test]
async fn a_body_is_counted_after_decompression() {
    let text = vec![b'x'; 1000];
    let encoded = [
        ok("", &text),
        ok("content-encoding: gzip\r\n", &gzip(&text)),
        ok("content-encoding: deflate\r\n", &deflate(&text)),
        [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".as_slice(), &text].concat(),
    ];
    for answer in encoded {
        assert_eq!(answered(answer.clone(), 1000).await, Ok(text.clone()));
        assert_eq!(answered(answer, 999).await, Err(Failure::TooLarge));
    }
}

#[tokio::test]
async fn bombs_are_put_out() {
    let zeros = vec![0; 8 * 1024 * 1024];
    let bombs = [
        ok("content-encoding: gzip\r\n", &gzip(&zeros)),
        ok("content-encoding: deflate\r\n", &deflate(&zeros)),
        ok("content-encoding: br\r\n", &BROTLI_BOMB),
        b"HTTP/1.1 200 OK\r\ncontent-length: 209715200\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n".to_vec(),
    ];
    for bomb in bombs {
        assert_eq!(answered(bomb, 2 * 1024 * 1024).await, Err(Failure::TooLarge));
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let server = Server::start("127.0.0.1:0", |mut stream| async move {
        head(&mut stream).await;
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    assert_eq!(open().send(get(server.url("jira.test"))).await.unwrap_err(), Failure::TooLarge);
}

#[tokio::test]
async fn headers_are_limited() {
    let heads = [
        format!("x-long: {}\r\n", "x".repeat(10 * 1024 * 1024)),
        format!("x-long: {}\r\n", "x".repeat(70 * 1024)),
        (0..2000).map(|n| format!("x-{n}: 1\r\n")).collect(),
        (0..90).map(|n| format!("x-{n}: {}\r\n", "x".repeat(1000))).collect(),
    ];
    for headers in heads {
        assert_eq!(answered(ok(&headers, b""), 1000).await, Err(Failure::TooLarge), "{:.20}", headers);
    }
    assert_eq!(answered(ok(&format!("x-long: {}\r\n", "x".repeat(32 * 1024)), b"ok"), 1000).await, Ok(b"ok".to_vec()));
}

#[tokio::test]
async fn slowness_ends_at_the_deadline() {
    let drip = Server::start("127.0.0.1:0", |mut stream| async move {
        head(&mut stream).await;
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let silent = Server::start("127.0.0.1:0", |stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    for url in [drip.url("jira.test"), silent.url("jira.test"), silent.url("jira.test").replace("http:", "https:")] {
        let mut call = get(url);
        call.timeout = Duration::from_millis(100);
        assert_eq!(open().send(call).await.unwrap_err(), Failure::Timeout);
    }
}

#[tokio::test]
async fn a_broken_answer_is_no_answer() {
    let broken: [&[u8]; 7] = [
        b"",
        b"HTTP/1.1",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example ESMTP\r\n",
    ];
    for answer in broken {
        assert_eq!(answered(answer.to_vec(), 1000).await, Err(Failure::Unreachable), "{:?}", answer.escape_ascii());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failure = open().send(get(format!("http://jira.test:{port}/"))).await.unwrap_err();
    assert_eq!(failure, Failure::Unreachable, "refused reads like every other absence");
    let unknown = outbound("*.example").http(&Profile::default()).unwrap().send(get("https://no.example/")).await;
    assert_eq!(unknown.unwrap_err(), Failure::Unreachable);
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::start("127.0.0.1:0", |mut stream| async move {
        while !head(&mut stream).await.is_empty() {
            let _gone = stream.write_all(&ok("", b"again")).await;
        }
    })
    .await;
    let outbound = outbound("*.test");
    for _ in 0..5 {
        // Equal profiles share connections.
        let http = outbound.http(&Profile::default()).unwrap();
        assert_eq!(http.send(get(server.url("jira.test"))).await.unwrap().body, b"again");
    }
    assert_eq!(server.connections(), 1);
}
