//! A company's proxy: tunnels wherever it is asked to go to one and the same server, and writes down the names.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A running proxy. It stops when it is dropped.
pub struct Tunnel {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Tunnel {
    /// A proxy whose tunnels all end at the server of this URL on 127.0.0.1.
    pub async fn start(to: &str) -> Self {
        let to = url::Url::parse(to).expect("an address").port().expect("a port of its own");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            // They end with the proxy.
            let mut tunnels = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                tunnels.spawn(tunnel(stream, to, Arc::clone(&log)));
            }
        });
        Self { port, asked, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it was asked to go, each place once: `jira.example:443`.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.dedup();
        asked
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn tunnel(mut stream: TcpStream, to: u16, log: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split_whitespace();
    if words.next() != Some("CONNECT") {
        let _gone = stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n").await;
        return;
    }
    log.lock().unwrap().push(words.next().unwrap_or_default().to_owned());
    let Ok(mut onward) = TcpStream::connect(("127.0.0.1", to)).await else { return };
    let _gone = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
    let _gone = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
}
