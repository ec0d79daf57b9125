//! The simulated Jira is as strict as the real one: every fact that the gateway relies on is shown here by raw HTTP.
//! Then the room `jira` itself: decoders, client, discovery.

mod access_tokens;
mod client;
mod cloud;
mod decode;
mod demo;
mod described;
mod discover;
mod faults;
mod oauth;
pub mod objects;
mod pictures;
mod room;
pub mod script;
mod self_managed;

use std::sync::LazyLock;

use jira_notion_gateway::jira::client::Wish;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use serde_json::Value;

use crate::world::jira::content::{BUG, EPIC, IN_PROGRESS, SUB_TASK};
use crate::world::{FakeJira, Issue, Person, Personality, Project, Status};

/// What is asked of an issue.
const PLAIN: Wish = Wish { description: false, fields: Vec::new() };
const DESCRIBED: Wish = Wish { description: true, fields: Vec::new() };

/// An answer, whole.
struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn is_html(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// The only error message.
    #[track_caller]
    fn message(&self) -> String {
        self.json()["errorMessages"][0].as_str().unwrap().to_owned()
    }
}

/// How a call proves who it is.
#[derive(Clone, Copy)]
enum As<'a> {
    Nobody,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

use As::{Basic, Bearer, Nobody};

#[expect(clippy::disallowed_methods, reason = "the fake is looked at without the gateway's own client")]
fn builder(identity: Option<&str>) -> ClientBuilder {
    // Another test may have done it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A connection must not outlive the runtime of the test that made it.
    let builder = Client::builder().redirect(Policy::none()).no_proxy().pool_max_idle_per_host(0);
    match identity {
        Some(pem) => builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap()),
        None => builder,
    }
}

fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| builder(None).build().unwrap());
    &CLIENT
}

fn request(method: Method, url: &str, who: As<'_>) -> RequestBuilder {
    let request = client().request(method, url);
    match who {
        Nobody => request,
        Basic(name, password) => request.basic_auth(name, Some(password)),
        Bearer(token) => request.bearer_auth(token),
    }
}

async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}

async fn get(url: &str, who: As<'_>) -> Reply {
    send(request(Method::GET, url, who)).await
}

async fn post(url: &str, who: As<'_>, body: Value) -> Reply {
    send(request(Method::POST, url, who).json(&body)).await
}

const ANA: As<'static> = Basic("ana@acme.example", "ana-token");
const BEN: As<'static> = Basic("ben@acme.example", "ben-token");

/// Ana sees everything; Ben sees neither the restricted project nor the secured issue.
fn fill(jira: &FakeJira) {
    jira.add_person(
        Person::new("ana", "Ana Costa")
            .groups(&["people-team"])
            .api_token("ana-token")
            .scoped_token("ana-scoped", &["read:jira-work", "read:jira-user"])
            .scoped_token("ana-work-only", &["read:jira-work"])
            .access_token("ana-access-token")
            .access_token_until("ana-expired", Some("2026-01-01T00:00:00Z".parse().unwrap())),
    );
    jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token"));
    jira.add_project(Project::new("OPS", "Operations").lead("ana").former_key("OLDOPS").versions(&["1.0!", "2.0"]));
    jira.add_project(Project::new("HR", "People").only(&["people-team"]));
    jira.add_project(Project::new("PUB", "Public things").public());
    jira.add_issue(Issue::new("OPS-1", "Checkout is slow").issue_type(EPIC));
    jira.add_issue(
        Issue::new("OPS-7", "Login fails on Safari")
            .issue_type(BUG)
            .status(Status::new(3, "In Arbeit", IN_PROGRESS))
            .assignee("ana")
            .reporter("ben")
            .parent("OPS-1")
            .labels(&["safari", "login"])
            .fix_versions(&["2.0"])
            .due("2026-10-15".parse().unwrap())
            .description("It spins.\nFor ever.")
            .former_key("WEB-3"),
    );
    jira.add_issue(Issue::new("OPS-8", "Write the test").issue_type(SUB_TASK).parent("OPS-7"));
    jira.add_issue(Issue::new("OPS-9", "Not for everybody").secured("Management", &["ana"]));
    jira.add_issue(Issue::new("HR-1", "Salaries"));
    jira.add_issue(Issue::new("PUB-1", "Hello world"));
}

async fn cloud() -> FakeJira {
    let jira = FakeJira::start(Personality::cloud()).await;
    fill(&jira);
    jira
}

async fn data_center(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality.at("/jira")).await;
    fill(&jira);
    jira
}

fn api(jira: &FakeJira, path: &str) -> String {
    format!("{}/ex/jira/3036c423-78e7-442a-8bed-47870b5a7526{path}", jira.api_host_url())
}

const MYSELF_3: &str = "/rest/api/3/myself";
const MYSELF_2: &str = "/rest/api/2/myself";
