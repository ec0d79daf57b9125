//! The REST side of the simulated Notion: what it takes and what it refuses. These tests are the record of what is known
//! about Notion; the sections are those of notion-rest-api.

mod around;
mod blocks;
mod pages;
mod people;
mod queries;
mod relations;
mod rows;
mod schema;
mod transport;
mod trouble;
mod values;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::FakeNotion;
use crate::world::gateway::{Reply, client, reply};
use crate::world::jira::MORNING;
use crate::world::notion::rest::{Id, VERSION};
use crate::world::notion::{UserId, WorkspaceId};

/// Notion with one workspace, Nora and Omar in it, an empty page, and a token of Nora's.
pub struct Office {
    pub clock: Clock,
    pub notion: FakeNotion,
    pub acme: WorkspaceId,
    pub nora: UserId,
    pub omar: UserId,
    pub page: Id,
    pub token: String,
    client: reqwest::Client,
}

impl Office {
    pub async fn open() -> Self {
        let clock = Clock::manual(MORNING.parse().unwrap());
        let notion = FakeNotion::start(clock.clone()).await;
        let acme = notion.add_workspace("Acme");
        let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
        let omar = notion.add_user(acme, "Omar Said", "omar@acme.example");
        let page = notion.page_id(notion.add_page(acme, "Plan"));
        let token = notion.make_token(nora);
        // Not what most of these tests are about.
        notion.switch(|it| it.rest.allowance = None);
        Self { clock, notion, acme, nora, omar, page, token, client: client() }
    }

    pub fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}/v1/{path}", self.notion.url()));
        request.bearer_auth(&self.token).header("notion-version", VERSION)
    }

    pub async fn get(&self, path: &str) -> Reply {
        reply(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        reply(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        reply(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        reply(self.request(Method::DELETE, path)).await
    }

    /// A database below the page, and its data source.
    pub async fn database(&self, properties: &Value) -> (Id, Id) {
        let made = good(&self.post("databases", &self.new_database(properties)).await);
        (id(&made["id"]), id(&made["data_sources"][0]["id"]))
    }

    pub fn new_database(&self, properties: &Value) -> Value {
        json!({
            "parent": {"type": "page_id", "page_id": self.page}, "title": text("ACME issues"),
            "initial_data_source": {"properties": properties},
        })
    }

    /// A row with these values.
    pub async fn row(&self, source: Id, properties: &Value) -> Id {
        id(&good(&self.try_row(source, properties).await)["id"])
    }

    pub async fn try_row(&self, source: Id, properties: &Value) -> Reply {
        self.post("pages", &json!({"parent": {"data_source_id": source}, "properties": properties})).await
    }

    pub async fn query(&self, source: Id, body: &Value) -> Value {
        good(&self.post(&format!("data_sources/{source}/query"), body).await)
    }

    pub async fn schema(&self, source: Id) -> Value {
        good(&self.get(&format!("data_sources/{source}")).await)["properties"].clone()
    }
}

/// The answer to a call that has to succeed.
#[track_caller]
pub fn good(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["request_id"], reply.header("x-notion-request-id"));
    answer
}

/// A call that Notion has to refuse in this way; gives its words.
#[track_caller]
pub fn refused(reply: &Reply, status: u16, code: &str) -> String {
    let answer = reply.json();
    assert_eq!((reply.status.as_u16(), &answer["code"]), (status, &json!(code)), "{}", reply.text);
    assert_eq!((&answer["object"], &answer["status"]), (&json!("error"), &json!(status)));
    assert_eq!(answer["request_id"], reply.header("x-notion-request-id"));
    answer["message"].as_str().unwrap().to_owned()
}

/// 400 `validation_error`, with these words in its message.
#[track_caller]
pub fn invalid(reply: &Reply, words: &str) {
    let message = refused(reply, 400, "validation_error");
    assert!(message.contains(words), "{words:?} is not in {message:?}");
}

#[track_caller]
pub fn id(value: &Value) -> Id {
    value.as_str().and_then(Id::parse).unwrap_or_else(|| panic!("no id: {value}"))
}

/// A rich text of one item.
pub fn text(content: &str) -> Value {
    json!([{"text": {"content": content}}])
}

/// So many letters.
pub fn letters(count: usize) -> String {
    "x".repeat(count)
}
