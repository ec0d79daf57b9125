//! Icons and avatars through the running gateway.

mod credentials;
mod public;
mod rights;
mod serving;
mod svg;

use std::sync::Arc;

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::preview::{Answer, FactId};
use jira_notion_gateway::unfurl::Ask;
use reqwest::Method;
use reqwest::header::HeaderMap;
use tempfile::TempDir;

use crate::world::gateway::{Api, Gateway, client};
use crate::world::{FakeJira, Issue, Personality, Priority, two_people};

/// A Jira with two people: Ana sees everything, Ben not the project HR.
async fn jira(personality: Personality) -> FakeJira {
    let jira = two_people(personality).await;
    jira.add_issue(
        Issue::new("OPS-7", "Login fails on Safari").assignee("ana").reporter("ben").priority(Some(Priority::High)),
    );
    jira.add_issue(Issue::new("OPS-8", "Write the test").assignee("ben"));
    jira
}

async fn cloud() -> FakeJira {
    jira(Personality::cloud()).await
}

async fn data_center() -> FakeJira {
    jira(Personality::data_center().at("/jira")).await
}

const PRIVATE: [&str; 2] = ["--private-sites", "127.0.0.0/8"];

async fn gateway(clock: &Clock) -> Gateway {
    Gateway::with(&PRIVATE, clock.clone()).await
}

fn morning() -> Clock {
    Clock::manual("2026-11-22T10:00:00Z".parse().unwrap())
}

async fn connected(gateway: &Gateway, jira: &FakeJira, who: &str) -> Api {
    let api = gateway.api(who).await;
    api.connect_as(jira, who).await;
    api
}

/// The answer as every drawing of it is made.
async fn answer(gateway: &Gateway, who: &str, url: &str) -> Answer {
    let account = gateway.inner.accounts.named(who).await.unwrap();
    let ask = Ask::by(&account);
    gateway.inner.unfurl.resolve(ask, &[url]).await.unwrap().remove(0)
}

/// The address of the picture of a fact.
fn of_fact(answer: &Answer, id: &FactId) -> Option<String> {
    answer.preview.as_ref()?.facts.iter().find(|fact| fact.id == *id)?.picture_url.clone()
}

/// What a browser gets that has nothing but the address.
struct Got {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    fn ends_with(&self, mark: &str) -> bool {
        self.status == 200 && self.bytes.ends_with(mark.as_bytes())
    }
}

async fn get(address: &str) -> Got {
    get_with(address, &[]).await
}

async fn get_with(address: &str, headers: &[(&str, &str)]) -> Got {
    let request = client().request(Method::GET, address);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
}

/// Requests to Jira for pictures.
fn asked_for(jira: &FakeJira) -> usize {
    let is_picture = |pattern: &str| pattern == "/images" || pattern.ends_with("universal_avatar");
    jira.log().iter().filter(|logged| is_picture(&logged.pattern)).count()
}

fn folder() -> Arc<TempDir> {
    Arc::new(TempDir::new().unwrap())
}
