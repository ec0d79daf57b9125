//! In the gateway's place: says what a test tells it to, so that it can also be wrong.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{JIRA, NOTION_CLIENT, OUR_CLIENT, exchange, parameter};
use crate::world::FakeNotion;
use crate::world::gateway::{client, reply};
use crate::world::jira::exchange::{Answer, Asked, Door};
use crate::world::jira::listener;
use crate::world::notion::{ConnectionId, Integration, LinkPreview, UserId};

type Say = Box<dyn FnMut(&Asked) -> Answer + Send>;

/// It stops when it is dropped.
pub struct StandIn {
    pub url: String,
    say: Arc<Mutex<Vec<(&'static str, Say)>>>,
    door: JoinHandle<()>,
}

impl StandIn {
    /// Registered at Notion: gives out tokens without an end, shows a title for everything, and takes each deletion.
    pub async fn start(notion: &FakeNotion) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let say: Arc<Mutex<Vec<(&'static str, Say)>>> = Arc::default();
        let inner = Arc::clone(&say);
        let answer = move |asked: Asked| {
            let target = format!("{} {}", asked.method, asked.path);
            let mut all = inner.lock().unwrap();
            // The newest word counts.
            let answer = all.iter_mut().rev().find(|(it, _)| *it == target).map(|(_, say)| say(&asked));
            async move { io::Result::Ok(listener::whole(answer.unwrap_or_else(|| Answer::text(404, "")))) }
        };
        let door = tokio::spawn(listener::serve(listener, Door::Site, None, answer));
        let stand_in = Self { url, say, door };
        stand_in.on("POST /notion/token", |_| Answer::ok(&json!({"access_token": "ours"})));
        stand_in.on("POST /notion/unfurl", |asked| Answer::ok(&titled(&uri(asked), "Login fails on Safari")));
        stand_in.on("DELETE /notion/unfurl", |_| Answer::ok(&json!({})));
        stand_in.on("DELETE /notion/deleted-token", |_| Answer::ok(&json!({})));
        let forms = LinkPreview::of_gateway(&stand_in.url, OUR_CLIENT, JIRA);
        let integration = Integration {
            name: "Jira".into(),
            client: (NOTION_CLIENT.0.into(), NOTION_CLIENT.1.into()),
            redirect_uris: Vec::new(),
            link_preview: Some(forms),
        };
        notion.register(integration).unwrap();
        stand_in
    }

    /// What is said from now on to a method and path.
    pub fn on(&self, target: &'static str, say: impl FnMut(&Asked) -> Answer + Send + 'static) {
        self.say.lock().unwrap().push((target, Box::new(say)));
    }

    /// The person allows it: Notion's code is exchanged for this account, and the browser goes back.
    pub async fn connect(&self, notion: &FakeNotion, user: UserId, key: &str) -> Result<ConnectionId, String> {
        let url = notion.begin_connect(user);
        let mut body = exchange(&parameter(&url, "code"));
        body["external_account"]["key"] = json!(key);
        let (id, secret) = NOTION_CLIENT;
        let address = format!("{}/v1/oauth/token", notion.url());
        let answer = reply(client().post(address).basic_auth(id, Some(secret)).json(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        notion.land(user, &back(&url, &[("code", "our code")])).await
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.door.abort();
    }
}

/// The redirect to Notion with this answer and the state.
pub fn back(authorize_url: &str, answer: &[(&str, &str)]) -> String {
    let mut url = url::Url::parse(&parameter(authorize_url, "redirect_uri")).unwrap();
    url.query_pairs_mut().extend_pairs(answer).append_pair("state", &parameter(authorize_url, "state"));
    url.into()
}

/// What is asked for.
pub fn uri(asked: &Asked) -> String {
    serde_json::from_slice::<Value>(&asked.body).unwrap()["uri"].as_str().unwrap().to_owned()
}

pub fn bearer(asked: &Asked) -> &str {
    asked.header("authorization").unwrap_or_default().trim_start_matches("Bearer ")
}

pub fn title(value: &str) -> Value {
    json!({"id": "title", "name": "Title", "type": "inline", "inline": {"title": {"value": value, "section": "title"}}})
}

/// A good answer.
pub fn titled(uri: &str, value: &str) -> Value {
    let dev = json!({
        "id": "dev", "name": "Developer Name", "type": "inline",
        "inline": {"plain_text": {"value": "Acme Inc", "section": "secondary"}},
    });
    json!({"uri": uri, "operations": [{"path": ["attributes"], "set": [title(value), dev]}]})
}

pub fn error(uri: &str, status: u16, message: &str) -> Value {
    json!({"uri": uri, "operations": [{"path": ["error"], "set": {"status": status, "message": message}}]})
}
