//! A server that answers by a script, for what even a bad Jira says seldom.

use std::sync::{Arc, Mutex};

use jira_notion_gateway::jira::auth::{Credential, Method};
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::client::Client;
use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::outbound::{Http, Outbound, PrivateSites, Profile};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const JSON: &str = "Content-Type: application/json";
pub const HTML: &str = "Content-Type: text/html";

/// A server on loopback that gives scripted answers (`404\nName: value\n\nbody`) and remembers what it was asked.
pub struct Script {
    pub url: SiteUrl,
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = SiteUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { url, asked }
    }

    /// `GET /path` of every call so far.
    pub fn calls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|call| call.split(" HTTP").next().unwrap().to_owned()).collect()
    }

    pub fn client(&self, plane: Plane, method: Method) -> Client {
        let auth = Credential::typed(method, "ana", &SecretString::from("s3cret")).unwrap().auth().unwrap();
        Client::new(http(), self.url.clone(), plane, auth)
    }
}

async fn converse(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(&str) -> String + Send + Sync + 'static>,
) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    let complete = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length =
            head.split_once("content-length: ").map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
        (body.len() >= length).then_some(())
    };
    while complete(&request).is_none() {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    let text = answer(&request);
    log.lock().unwrap().push(request);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let head = head.replace('\n', "\r\n");
    let reply = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    // A client that has read enough may be gone.
    let _ = stream.write_all(reply.as_bytes()).await;
}

pub fn http() -> Http {
    Outbound::new(PrivateSites::parse("127.0.0.1").unwrap()).unwrap().http(&Profile::default()).unwrap()
}
