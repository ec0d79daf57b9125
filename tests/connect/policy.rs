//! What the operator forbids: projects, sites that are not listed, private addresses (contract §2).

use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};

use super::{code, everything, filled, gateway, pat};
use crate::openapi;
use crate::world::gateway::{Api, Gateway};
use crate::world::{FakeJira, Issue, Personality};

async fn blocking(jira: &FakeJira) -> (Gateway, Api) {
    let toml = format!("[[site]]\nurl = \"{}\"\nblock_projects = [\"hr\"]", jira.url());
    let gateway = gateway(&toml, &[]).await;
    let api = gateway.api("ana").await;
    match jira.personality().is_cloud() {
        true => drop(api.connect(&jira.url(), "api_token", "ana@acme.example", "ana-token").await),
        false => assert_eq!(pat(&api, &jira.url()).await.status, 201),
    }
    jira.forget_calls();
    (gateway, api)
}

/// Nothing of what is blocked may be in any part of the answer.
async fn is_blocked(api: &Api, url: &str) {
    let (answer, text) = everything(api, url).await;
    openapi::validate("resolveOne", 200, &answer);
    assert_eq!((&answer["state"], &answer["reason"]["code"]), (&json!("blocked"), &json!("policy")), "{url}");
    assert_eq!((&answer["preview"], &answer["stale"]), (&Value::Null, &json!(false)), "{url}");
    for hidden in ["Salaries", "People matters", "Write the test", "HR-41"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

#[tokio::test]
async fn a_blocked_project_is_not_even_asked_for() {
    for jira in [filled(Personality::cloud()).await, filled(Personality::data_center().at("/jira")).await] {
        let (_gateway, api) = blocking(&jira).await;
        for path in ["/browse/HR-1", "/browse/hr-1", "/browse/HR", "/projects/HR/issues/HR-1"] {
            is_blocked(&api, &jira.at(path)).await;
        }
        assert_eq!(jira.calls().total, 0);
        assert_eq!(api.one(&jira.at("/browse/OPS-7")).await["state"], "ready");
    }
}

#[tokio::test]
async fn a_blocked_project_stays_blocked_however_it_is_come_to() {
    for jira in [filled(Personality::cloud()).await, filled(Personality::data_center().at("/jira")).await] {
        let (_gateway, api) = blocking(&jira).await;
        let id = jira.issues().into_iter().find(|issue| issue.key == "HR-1").unwrap().id;
        is_blocked(&api, &jira.at(&format!("/rest/api/2/issue/{id}"))).await;
        let moved = jira.at("/browse/OPS-8");
        assert_eq!(api.one(&moved).await["state"], "ready");
        jira.move_issue("OPS-8", "HR-41");
        for _ in 0..2 {
            is_blocked(&api, &moved).await;
        }
        // The last known value is not shown either once the person has to sign in again.
        jira.change_person("ana", |ana| {
            ana.api_tokens.clear();
            ana.access_tokens.clear();
        });
        for _ in 0..3 {
            is_blocked(&api, &moved).await;
        }
    }
}

#[tokio::test]
async fn a_parent_in_a_blocked_project_is_left_out() {
    for jira in [filled(Personality::cloud()).await, filled(Personality::data_center().at("/jira")).await] {
        let (_gateway, api) = blocking(&jira).await;
        jira.add_issue(Issue::new("OPS-10", "Raise the pay").parent("HR-1"));
        let url = jira.at("/browse/OPS-10");
        for _ in 0..2 {
            let (answer, text) = everything(&api, &url).await;
            assert_eq!(answer["preview"]["title"], "Raise the pay");
            assert!(!text.contains("Salaries") && !text.contains("HR-1"), "{text}");
            assert!(!api.get_one(&url, &[]).await.text.contains("Salaries"));
        }
    }
}

#[tokio::test]
async fn only_listed_sites_can_be_connected_and_shown() {
    let (listed, other) = (filled(Personality::data_center().at("/jira")).await, filled(Personality::cloud()).await);
    let toml = format!("[[site]]\nurl = \"{}\"", listed.url());
    let gateway = gateway(&toml, &["--sites", "listed"]).await;
    let api = gateway.api("ana").await;
    let refused = api.try_connect(&other.url(), "api_token", "ana@acme.example", "ana-token").await;
    assert_eq!(code(&refused), "site_not_listed");
    assert_eq!(pat(&api, &listed.at("/browse/OPS-7")).await.status, 201);
    assert_eq!(api.one(&listed.at("/browse/OPS-7")).await["state"], "ready");
    for url in [other.at("/browse/OPS-7"), "https://acme.atlassian.net/browse/OPS-7".to_owned()] {
        let answer = api.one(&url).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!((&answer["state"], &answer["reason"]["code"]), (&json!("blocked"), &json!("policy")));
    }
    assert_eq!(other.calls().total, 0, "what is not listed is not even looked at");
}

#[tokio::test]
async fn each_form_of_a_private_site_allows_what_it_names() {
    let jira = filled(Personality::data_center().at("/jira")).await;
    let origin = jira.url().replace("/jira", "");
    let port: u16 = origin.rsplit(':').next().unwrap().parse().unwrap();
    let table = [
        (origin.clone(), true),
        (format!("http://127.0.0.1:{}", port ^ 1), false),
        (origin.replace("http", "https"), false),
        ("127.0.0.1".to_owned(), true),
        ("127.0.0.0/8".to_owned(), true),
        ("10.0.0.0/8, 127.0.0.1/32".to_owned(), true),
        ("10.0.0.0/8, *.corp.example, jira.corp.example".to_owned(), false),
        ("::1".to_owned(), false),
    ];
    for (entries, allowed) in table {
        let gateway = Gateway::with(&["--private-sites", &entries], Clock::system()).await;
        let reply = pat(&gateway.api("ana").await, &jira.url()).await;
        match allowed {
            true => assert_eq!(reply.status, 201, "{entries}: {}", reply.text),
            false => assert_eq!(code(&reply), "blocked_address", "{entries}"),
        }
    }
    let nothing = Gateway::with(&[], Clock::system()).await;
    let api = nothing.api("ana").await;
    assert_eq!(code(&pat(&api, &jira.url()).await), "blocked_address");
    assert_eq!(code(&pat(&api, "http://169.254.169.254/jira").await), "blocked_address");
}
