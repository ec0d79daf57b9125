//! Connections through the whole gateway: ways to sign in, and what the operator says about single sites.

mod policy;
mod profiles;
mod refusals;
mod ways;

use std::fmt::Write;
use std::sync::Arc;

use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::gateway::{Api, Gateway, Reply};
use crate::world::{FakeJira, Issue, Person, Personality, Project};

/// A Jira with Ana, who sees everything.
async fn filled(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(
        Person::new("ana", "Ana Costa")
            .api_token("ana-token")
            .scoped_token("ana-scoped", &["read:jira-work", "read:jira-user"])
            .access_token("ana-access")
            .access_token("ana-other"),
    );
    jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token").access_token("ben-access"));
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_project(Project::new("HR", "People matters"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari"));
    jira.add_issue(Issue::new("OPS-8", "Write the test"));
    jira.add_issue(Issue::new("HR-1", "Salaries 2027"));
    jira
}

/// A gateway with this TOML file, which may name other files of its folder by their bare names.
async fn gateway_with(folder: TempDir, toml: &str, flags: &[&str], clock: Clock) -> Gateway {
    let config = folder.path().join("gateway.toml");
    let mut text = String::new();
    for line in toml.lines() {
        // The tests' own folder is not the working directory.
        let (key, value) = line.split_once(" = ").unwrap_or((line, ""));
        match key.ends_with("_file") {
            true => writeln!(text, "{key} = {:?}", folder.path().join(value.trim_matches('"'))).unwrap(),
            false => writeln!(text, "{line}").unwrap(),
        }
    }
    std::fs::write(&config, text).unwrap();
    let flags = [&["--config", config.to_str().unwrap()], flags].concat();
    Gateway::at(Arc::new(folder), &flags, clock).await
}

/// The same without further files, for Jiras on loopback.
async fn gateway(toml: &str, flags: &[&str]) -> Gateway {
    let flags = [&["--private-sites", "127.0.0.0/8, localhost", "--preview-ttl", "0s"], flags].concat();
    gateway_with(TempDir::new().unwrap(), toml, &flags, Clock::system()).await
}

/// The problem's code of an attempt that was refused.
fn code(reply: &Reply) -> String {
    assert_eq!(reply.status, 422, "{}", reply.text);
    reply.json()["code"].as_str().unwrap().to_owned()
}

async fn pat(api: &Api, site: &str) -> Reply {
    api.try_connect(site, "personal_access_token", "", "ana-access").await
}

async fn rows(api: &Api) -> Vec<Value> {
    api.get("/api/v1/connections").await.json()["connections"].as_array().unwrap().clone()
}

async fn title(api: &Api, url: &str) -> Value {
    api.one(url).await["preview"]["title"].clone()
}

/// All that is said about a link, HTML and attributes included.
async fn everything(api: &Api, url: &str) -> (Value, String) {
    let body = json!({"urls": [url], "include": ["html", "attributes"]});
    let reply = api.post("/api/v1/resolve", &body).await;
    (reply.json()["results"][0].clone(), reply.text)
}
