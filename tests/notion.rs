//! The simulated Notion refuses what the real one is known to refuse; then the gateway beside it, scenario by scenario.

mod consent;
mod forms;
mod own_oauth;
mod pages;
mod people;
mod pushes;
mod renewal;
mod secrets;
mod showing;
mod sign_in;
mod stand_in;
mod token;
mod told;
pub mod town;
mod typed;
mod validator;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use crate::world::FakeNotion;
use crate::world::gateway::{Reply, client, reply};
use crate::world::jira::MORNING;
use crate::world::notion::{Integration, LinkPreview, UserId};

/// As Notion gives it to the gateway, and the gateway to Notion.
const NOTION_CLIENT: (&str, &str) = ("id-1234", "secret-1234");
pub const OUR_CLIENT: (&str, &str) = ("mRkZGFjM", "ZGVmMjMz");
const CALLBACK: &str = "https://gateway.example/notion/callback";
const JIRA: &str = "https://jira.example.com";

/// Notion with one workspace, Nora in it, and an integration at a gateway that nobody runs.
struct Alone {
    clock: Clock,
    notion: FakeNotion,
    nora: UserId,
}

async fn alone() -> Alone {
    let clock = Clock::manual(MORNING.parse().unwrap());
    let notion = FakeNotion::start(clock.clone()).await;
    notion.register(integration(&[CALLBACK])).unwrap();
    let acme = notion.add_workspace("Acme");
    let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
    Alone { clock, notion, nora }
}

fn integration(callbacks: &[&str]) -> Integration {
    Integration {
        name: "Jira".into(),
        client: (NOTION_CLIENT.0.into(), NOTION_CLIENT.1.into()),
        redirect_uris: callbacks.iter().map(|it| (*it).to_owned()).collect(),
        link_preview: Some(LinkPreview::of_gateway("https://gateway.example", OUR_CLIENT, JIRA)),
    }
}

impl Alone {
    /// The code of a new attempt of Nora's to connect.
    fn code(&self) -> String {
        parameter(&self.notion.begin_connect(self.nora), "code")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, format!("{}{path}", self.notion.url()))
    }

    /// A call of the token endpoint as the gateway should make it.
    async fn token(&self, body: &Value) -> Reply {
        let (id, secret) = NOTION_CLIENT;
        reply(self.request(Method::POST, "/v1/oauth/token").basic_auth(id, Some(secret)).json(body)).await
    }

    async fn exchange(&self, code: &str) -> Reply {
        self.token(&exchange(code)).await
    }

    fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }
}

fn exchange(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code", "code": code,
        "external_account": {"key": "A83823453409384", "name": "Notion - team@makenotion.com"},
    })
}

/// A parameter of an address.
#[track_caller]
pub fn parameter(address: &str, name: &str) -> String {
    let url = Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
}

#[track_caller]
fn refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status.as_u16(), reply.json()["error"].as_str().unwrap()), (status, error), "{}", reply.text);
}
