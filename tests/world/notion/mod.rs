//! Simulated Notion: `api.notion.com` and `www.notion.so` on one port of 127.0.0.1, with people who paste links, look at
//! pages and connect accounts (notion-link-preview §9). `tests/notion` shows what it refuses.

mod acts;
mod api;
mod authorize;
mod browser;
mod calls;
mod connecting;
mod integration;
mod log;
mod look;
mod oauth;
mod own_tokens;
mod pace;
mod rendered;
pub mod rest;
mod state;
mod switches;
mod tokens;
pub mod validator;

use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Body;
use hyper::Response;
use jiff::Timestamp;
use jira_notion_gateway::clock::Clock;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::gateway;
use super::jira::exchange::{Answer, Asked, Door};
use super::jira::faults::{Fault, Faults};
use super::jira::listener::{self, Host};
use super::oauth::mint;
use state::State;

pub use integration::{Integration, LinkPreview, Rule};
pub use log::{Caller, Exchange};
pub use rendered::Rendered;
pub use state::{Account, As, Connection, ConnectionId, PageId, PreviewId, User, UserId, WorkspaceId};
pub use switches::{
    DeletedToken, OAuthErrors, Owner, PushReply, RedirectUri, Strictness, Switches, UnfurlDelete, UnknownUri,
};

/// A running Notion. It stops when it is dropped.
pub struct FakeNotion {
    notion: Arc<Notion>,
    door: JoinHandle<()>,
}

impl FakeNotion {
    /// Without integrations and people.
    pub async fn start(clock: Clock) -> Self {
        Self::at_port(clock, 0).await
    }

    /// The same at a port that must be free; 0 = any.
    pub async fn at_port(clock: Clock, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let notion = Arc::new(Notion {
            url: format!("http://{}", listener.local_addr().expect("bound")),
            clock,
            client: gateway::client(),
            state: Mutex::default(),
            log: Mutex::default(),
            faults: Mutex::default(),
            due: Mutex::default(),
            flight: Arc::default(),
        });
        let inner = Arc::clone(&notion);
        let answer = move |asked| converse(Arc::clone(&inner), asked);
        Self { notion, door: tokio::spawn(listener::serve(listener, Door::Site, None, answer)) }
    }
}

impl Deref for FakeNotion {
    type Target = Notion;

    fn deref(&self) -> &Notion {
        &self.notion
    }
}

impl Drop for FakeNotion {
    fn drop(&mut self) {
        self.door.abort();
    }
}

/// What a test or a page of it does with Notion.
pub struct Notion {
    url: String,
    clock: Clock,
    client: reqwest::Client,
    state: Mutex<State>,
    log: Mutex<Vec<Exchange>>,
    faults: Mutex<Faults>,
    /// What happens before calls that are still to come.
    due: Mutex<Vec<rest::faults::Due>>,
    flight: Arc<Flight>,
}

impl Notion {
    /// For `GATEWAY_NOTION_API_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Registers an integration, or changes it; an error is what its form says.
    pub fn register(&self, integration: Integration) -> Result<(), String> {
        if let Some(forms) = &integration.link_preview {
            forms.check()?;
        }
        self.state(|state| {
            state.integrations.retain(|it| it.client.0 != integration.client.0);
            state.integrations.push(integration);
        });
        Ok(())
    }

    pub fn add_workspace(&self, name: &str) -> WorkspaceId {
        let workspace = state::Workspace { id: mint::uuid("workspace"), name: name.to_owned() };
        self.state(|state| {
            state.workspaces.push(workspace);
            WorkspaceId(state.workspaces.len() - 1)
        })
    }

    /// A new person in a workspace.
    pub fn add_user(&self, workspace: WorkspaceId, name: &str, email: &str) -> UserId {
        let (id, name, email) = (mint::uuid("user"), name.to_owned(), email.to_owned());
        self.person(User { id, name, email, workspace, is_guest: false })
    }

    /// The same person in another workspace.
    pub fn join(&self, user: UserId, workspace: WorkspaceId) -> UserId {
        self.person(User { workspace, ..self.user(user) })
    }

    fn person(&self, user: User) -> UserId {
        self.state(|state| {
            state.users.push(user);
            UserId(state.users.len() - 1)
        })
    }

    pub fn user(&self, user: UserId) -> User {
        self.state(|state| state.user(user).clone())
    }

    /// The id by which the public API knows a workspace.
    pub fn workspace_id(&self, workspace: WorkspaceId) -> String {
        self.state(|state| state.workspaces[workspace.0].id.clone())
    }

    pub fn add_page(&self, workspace: WorkspaceId, title: &str) -> PageId {
        let now = self.now();
        self.state(|state| state.add_page(workspace, title, now))
    }

    /// Somebody who is known by those who share a page, and listed nowhere (notion-rest-api §3.7).
    pub fn add_guest(&self, workspace: WorkspaceId, name: &str, email: &str) -> UserId {
        let user = self.add_user(workspace, name, email);
        self.state(|state| state.users[user.0].is_guest = true);
        user
    }

    /// "My connections".
    pub fn connections(&self, user: UserId) -> Vec<Connection> {
        self.state(|state| state.connections.iter().filter(|it| it.user == user).cloned().collect())
    }

    /// Notion's access token behind a connection, for tests that call the API themselves.
    pub fn notion_token(&self, id: ConnectionId) -> Option<String> {
        self.state(|state| state.tokens.access_of(state.connection(id)?.grant))
    }

    // Switches, and what goes wrong.

    pub fn switches(&self) -> Switches {
        self.state(|state| state.switches.clone())
    }

    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.state(|state| change(&mut state.switches));
    }

    /// At paths with this part, as often as told; `None`: always.
    pub fn fault(&self, times: Option<usize>, path: &str, fault: Fault) {
        self.faults.lock().unwrap().add(path, times, fault);
    }

    pub fn heal(&self) {
        self.faults.lock().unwrap().heal();
        self.due.lock().unwrap().clear();
    }

    // What was said.

    /// Both directions, in order.
    pub fn log(&self) -> Vec<Exchange> {
        self.log.lock().unwrap().clone()
    }

    pub fn clear_log(&self) {
        self.log.lock().unwrap().clear();
        self.flight.most.store(0, Ordering::SeqCst);
        self.state(|state| {
            state.rest.calls.clear();
            state.rest.kept.clear();
        });
    }

    /// What Notion sent to a path of the gateway.
    pub fn sent(&self, method: &str, path: &str) -> Vec<Exchange> {
        self.log().into_iter().filter(|it| it.by == Caller::Notion && it.is(method, path)).collect()
    }

    /// What came to a path of Notion.
    pub fn received(&self, method: &str, path: &str) -> Vec<Exchange> {
        self.log().into_iter().filter(|it| it.by == Caller::Gateway && it.is(method, path)).collect()
    }

    /// Everything that Notion took for wrong.
    pub fn refusals(&self) -> Vec<String> {
        self.log().into_iter().filter_map(|it| Some(format!("{} {}: {}", it.method, it.target, it.refused?))).collect()
    }

    /// Bodies of the REST side are kept for the last few thousand calls: a long sync makes many.
    fn forget_long_ago(&self, at: usize) {
        const KEPT: usize = 4096;
        let old = self.state(|state| {
            state.rest.kept.push_back(at);
            if state.rest.kept.len() > KEPT { state.rest.kept.pop_front() } else { None }
        });
        if let Some(exchange) = self.log.lock().unwrap().get_mut(old.unwrap_or(usize::MAX)) {
            (exchange.body, exchange.answer, exchange.refused) =
                (String::new(), String::new(), exchange.refused.take());
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.lock())
    }
}

async fn converse(notion: Arc<Notion>, asked: Asked) -> io::Result<Response<Body>> {
    match asked.path.starts_with("/v1/") {
        true => {
            let _on_its_way = is_rest(&asked.path).then(|| notion.flight.begin());
            // Others that were sent at the same time come in meanwhile, as they do before a server that takes its time.
            tokio::task::yield_now().await;
            listener::converse(asked, notion).await
        }
        false => Ok(listener::whole(notion.site(asked).await)),
    }
}

impl Host for Notion {
    type Ticket = ();

    fn fault(&self, target: &str) -> Option<Fault> {
        let (method, rest) = target.split_once(' ').unwrap_or_default();
        let path = rest.split('?').next().unwrap_or_default();
        let mark = if is_rest(path) && rest::is_write(method, path) { rest::faults::WRITE } else { "" };
        self.faults.lock().unwrap().take(&format!("{target} {mark}"))
    }

    fn arrived(&self, asked: &Asked) {
        if is_rest(&asked.path) {
            self.do_what_is_due(rest::is_write(&asked.method, &asked.path));
            let call = format!("{} {}", asked.method, rest::pattern(&asked.path));
            self.state(|state| *state.rest.calls.entry(call).or_default() += 1);
        }
    }

    fn broken(&self, asked: Asked, (): (), status: u16) {
        self.note(Exchange::incoming(&asked, None, status));
    }

    fn answer_to(&self, asked: Asked, (): ()) -> Answer {
        let answer = match (asked.method.as_str(), asked.path.as_str()) {
            ("GET" | "POST", "/v1/oauth/authorize") => self.authorize(&asked),
            ("POST", "/v1/oauth/token" | "/v1/oauth/revoke" | "/v1/oauth/introspect") => self.oauth(&asked),
            _ => self.api(&asked),
        };
        if is_rest(&asked.path) {
            rest::capture::note(&asked, &answer);
        }
        let at = self.note(Exchange::incoming(&asked, Some(&answer), answer.status));
        if is_rest(&asked.path) {
            self.forget_long_ago(at);
        }
        answer
    }

    fn sign_in_page(&self) -> String {
        super::oauth::html::page("Log in to Notion", "<p>Simulated.</p>")
    }

    fn maintenance_page(&self) -> String {
        super::oauth::html::page("Notion is away", "<p>Simulated.</p>")
    }
}

/// Whether a path is of the REST side: neither OAuth nor Link Previews.
fn is_rest(path: &str) -> bool {
    path.starts_with("/v1/") && !path.starts_with("/v1/oauth/") && path != PUSH
}

/// Where Link Previews are pushed to.
const PUSH: &str = "/v1/external/object";

/// How many calls are on their way.
#[derive(Default)]
struct Flight {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Flight {
    fn begin(self: &Arc<Self>) -> OnItsWay {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        OnItsWay(Arc::clone(self))
    }
}

struct OnItsWay(Arc<Flight>);

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The error of all API calls (§4H).
fn envelope(status: u16, code: &str, message: &str) -> Answer {
    let id = mint::uuid("request");
    let body = json!({"object": "error", "status": status, "code": code, "message": message, "request_id": id});
    Answer::json(status, &body).with("x-notion-request-id", &id)
}
