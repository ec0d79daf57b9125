//! What is logged: every line is an object where JSON is asked for, and none holds a secret, a title, a name or a query.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Serving, run};
use crate::world::gateway::reply;
use crate::world::{FakeJira, Fault, Issue, Person, Personality, Project};

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_json_when_asked_and_hold_nothing_private() {
    let cloud = FakeJira::start(Personality::cloud().title("canary-site")).await;
    let plant = FakeJira::start(Personality::data_center().at("/jira")).await;
    for jira in [&cloud, &plant] {
        jira.add_person(
            Person::new("canary-ana", "Canary-Costa").api_token("canary-token").password("canary-password"),
        );
        jira.add_project(Project::new("OPS", "canary-project"));
        jira.add_issue(Issue::new("OPS-7", "canary-title").assignee("canary-ana").description("canary-text"));
        jira.add_issue(Issue::new("OPS-8", "canary-other"));
    }
    let folder = TempDir::new().unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8", "--log", "trace", "--log-format", "json"];
    let mut serving = Serving::start(folder.path(), &flags);
    let token = run(folder.path(), &["token", "create", "--account", "canary-account"]).out;
    let api = serving.api(&token);
    api.connect(&cloud.url(), "api_token", "canary-ana@acme.example", "canary-token").await;
    api.connect(&plant.url(), "password", "canary-ana", "canary-password").await;
    let wrong = json!({"site": plant.url(), "method": "password", "username": "canary-ben", "secret": "canary-wrong"});
    assert_eq!(api.post("/api/v1/connections", &wrong).await.json()["code"], "wrong_credentials");
    for jira in [&cloud, &plant] {
        let answer = api.one(&jira.at("/browse/OPS-7?canary-query=1#canary-fragment")).await;
        assert_eq!(answer["preview"]["title"], "canary-title");
        jira.fault_at("/issue/OPS-8", Fault::MalformedJson);
        assert_eq!(api.one(&jira.at("/browse/OPS-8?canary-query=1")).await["state"], "error");
    }
    // The password stops being good, and then Jira wants a CAPTCHA.
    plant.change_person("canary-ana", |person| person.password = "canary-new".into());
    api.one(&plant.at("/browse/OPS-9")).await;
    for page in ["/?url=canary-paste", "/why?url=https://canary.example/browse/OPS-7", "/canary-path", "/account"] {
        reply(api.client.get(format!("{}{page}", api.url)).header("cookie", "session=canary-cookie")).await;
    }
    let malformed = api.client.post(format!("{}/api/v1/resolve", api.url)).bearer_auth("canary-bearer");
    assert_eq!(reply(malformed.body("{\"canary\"")).await.status, 401);
    let done = serving.terminate();
    assert_eq!((done.status, done.out.as_str()), (0, ""));
    assert!(done.err.lines().count() > 10, "something is said at trace: {}", done.err);
    for line in done.err.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
    let log = done.err.to_lowercase();
    for secret in ["canary", &token.trim_end().to_lowercase(), "authorization", "basic "] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn a_log_for_people_has_no_colours_in_a_file() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let done = serving.terminate();
    assert!(done.err.contains("INFO") && !done.err.contains('\u{1b}'), "{}", done.err);
    let mut silent = Serving::start(folder.path(), &["--listen", "127.0.0.1:0", "--log", "off"]);
    assert_eq!(silent.terminate().err, "");
}

#[test]
fn the_start_says_which_callback_urls_to_register() {
    let folder = TempDir::new().unwrap();
    let (config, key) = (folder.path().join("gateway.toml"), folder.path().join("key.pem"));
    std::fs::write(&key, crate::world::oauth::rsa_key::PRIVATE_KEY).unwrap();
    let file = format!(
        "public_url = 'http://localhost:8099'\njira_client_id = 'us'\njira_client_secret = 'canary'\n\
         notion_client_id = 'us'\nnotion_client_secret = 'canary'\n\
         [[site]]\nurl = 'https://two.example/jira'\noauth2 = {{ client_id = 'us', client_secret = 'canary' }}\n\
         [[site]]\nurl = 'https://none.example'\n\
         [[site]]\nurl = 'https://one.example'\noauth1 = {{ consumer_key = 'us', private_key_file = '{}' }}\n",
        key.display()
    );
    std::fs::write(&config, file).unwrap();
    let flags = ["--config", config.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let done = Serving::start(folder.path(), &flags).terminate();
    let said: Vec<&str> =
        done.err.lines().filter_map(|line| line.split_once("callback URL to ")).map(|it| it.1).collect();
    let expected = [
        "register at https://developer.atlassian.com/console/myapps (OAuth 2.0 (3LO)): \
         http://localhost:8099/connect/callback/cloud",
        "register at https://two.example/jira (OAuth 2.0): http://localhost:8099/connect/callback/data-center",
        "register at https://one.example (OAuth 1.0a): http://localhost:8099/connect/callback/server",
        "register at Notion's developer portal (redirect URI): http://localhost:8099/notion/callback",
    ];
    assert_eq!(said, expected, "{}", done.err);
    assert!(!done.err.contains("canary"));
}
