//! A whole gateway on a port of its own, with SQLite in a temporary folder.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::config::{self, Cli, Settings};
use jira_notion_gateway::gateway::Gateway as Inner;
use jira_notion_gateway::http;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::FakeJira;

/// A running gateway; it stops on drop.
pub struct Gateway {
    pub inner: Arc<Inner>,
    pub url: String,
    pub folder: Arc<TempDir>,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

/// The flags of a gateway that may reach private addresses and has Link Previews; of a Notion that nobody answers for.
pub const WITH_NOTION: [&str; 6] = [
    "--private-sites=127.0.0.0/8",
    "--notion-api-url=http://127.0.0.1:9",
    "--notion-client-id=of-notion",
    "--notion-client-secret=secret-of-notion",
    "--link-preview-client-id=of-the-gateway",
    "--link-preview-client-secret=secret-of-the-gateway",
];

/// Settings of a gateway that keeps its data in a folder, and takes nothing from the environment.
pub fn settings(folder: impl AsRef<Path>, flags: &[&str]) -> Settings {
    let data = folder.as_ref().join("data");
    let own = ["gateway", "--data-dir", data.to_str().unwrap()];
    let cli = Cli::try_parse_from(own.iter().chain(flags)).unwrap();
    let none = HashMap::<String, String>::new();
    config::read(&cli, &|name| none.get(name).cloned()).unwrap()
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

impl Gateway {
    /// A gateway that may reach private addresses, with the clock of the system.
    pub async fn start() -> Self {
        Self::with(&["--private-sites", "127.0.0.0/8"], Clock::system()).await
    }

    /// A gateway with these flags.
    pub async fn with(flags: &[&str], clock: Clock) -> Self {
        Self::at(Arc::new(TempDir::new().unwrap()), flags, clock).await
    }

    /// A gateway over a folder that another one may have left.
    pub async fn at(folder: Arc<TempDir>, flags: &[&str], clock: Clock) -> Self {
        let listener = http::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        Self::on(listener, folder, flags, clock).await
    }

    pub async fn on(listener: tokio::net::TcpListener, folder: Arc<TempDir>, flags: &[&str], clock: Clock) -> Self {
        let settings = settings(folder.path(), flags);
        let inner = Inner::new(settings, clock, listener.local_addr().unwrap()).await.unwrap();
        let url = inner.listener_url().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = http::serve(inner.clone(), listener, async {
            let _ = stopped.await;
        });
        let served = tokio::spawn(async move { serving.await.unwrap() });
        Self { inner, url, folder, client: client(), stop: Some(stop), served: Some(served) }
    }

    /// As SIGTERM does: what is in flight is finished.
    pub async fn stop(mut self) {
        self.halt().await;
    }

    /// The same; what it left behind can still be looked at.
    pub async fn halt(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            served.await.unwrap();
        }
    }

    /// The API as the account of this name.
    pub async fn api(&self, account: &str) -> Api {
        let id = self.inner.accounts.named(account).await.unwrap();
        let token = self.inner.accounts.create_token(&id, "test").await.unwrap();
        Api { url: self.url.clone(), client: self.client.clone(), token: token.expose_secret().to_owned() }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            served.abort();
        }
    }
}

/// No proxy, no redirects, no cookies: what is seen is what was sent.
pub fn client() -> reqwest::Client {
    client_at([127, 0, 0, 1])
}

/// The same from another address of this machine.
#[expect(clippy::disallowed_methods, reason = "a test speaks to servers as any program would")]
pub fn client_at(address: [u8; 4]) -> reqwest::Client {
    // The library is told which TLS it uses; a test need not care.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    // Other servers of the tests may listen elsewhere, so the usual address is left to the system.
    let own = (address != [127, 0, 0, 1]).then(|| std::net::IpAddr::from(address));
    builder.local_address(own).build().unwrap()
}

/// The JSON API as one account.
#[derive(Clone)]
pub struct Api {
    pub url: String,
    pub client: reqwest::Client,
    pub token: String,
}

impl Api {
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        reply(request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Connects with a secret; panics unless it worked. Answers with the row.
    pub async fn connect(&self, site: &str, method: &str, username: &str, secret: &str) -> Value {
        let reply = self.try_connect(site, method, username, secret).await;
        assert!(reply.status.is_success(), "{} {}", reply.status, reply.text);
        reply.json()
    }

    /// Connects with a token of this person, as [`super::two_people`] gives them. Answers with the row.
    pub async fn connect_as(&self, jira: &FakeJira, who: &str) -> Value {
        let (email, token, access) = (format!("{who}@acme.example"), format!("{who}-token"), format!("{who}-access"));
        match jira.personality().is_cloud() {
            true => self.connect(&jira.url(), "api_token", &email, &token).await,
            false => self.connect(&jira.url(), "personal_access_token", "", &access).await,
        }
    }

    pub async fn try_connect(&self, site: &str, method: &str, username: &str, secret: &str) -> Reply {
        let body = json!({"site": site, "method": method, "username": username, "secret": secret});
        self.post("/api/v1/connections", &body).await
    }

    /// The results for many links.
    pub async fn resolve(&self, urls: &[&str]) -> Vec<Value> {
        let reply = self.post("/api/v1/resolve", &json!({ "urls": urls })).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["results"].as_array().unwrap().clone()
    }

    /// The result for one link.
    pub async fn one(&self, url: &str) -> Value {
        let reply = self.get_one(url, &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// `GET /api/v1/resolve` with headers.
    pub async fn get_one(&self, url: &str, headers: &[(&str, &str)]) -> Reply {
        let address = reqwest::Url::parse_with_params(&format!("{}/api/v1/resolve", self.url), [("url", url)]).unwrap();
        let request = self.client.get(address).bearer_auth(&self.token);
        reply(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }
}

pub async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}
