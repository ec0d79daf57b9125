//! Attacks, each of which worked once: by who owns a Jira, by another account, by a page in the browser, by who can
//! write to the database.

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::config::SignIn;
use jira_notion_gateway::jira::{Error, cloud, server};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::world::gateway::{Gateway, client, reply};
use crate::world::{FakeJira, Fault, Issue, Person, Personality, Project};

async fn data_center() -> FakeJira {
    let jira = FakeJira::start(Personality::data_center()).await;
    jira.add_person(Person::new("ana", "Ana Costa").access_token("ana-access").password("ana's password"));
    jira.add_project(Project::new("OPS", "Operations"));
    for number in 1..=4 {
        jira.add_issue(Issue::new(&format!("OPS-{number}"), "Something"));
    }
    jira
}

fn issue(fields: &str) -> String {
    format!(r#"{{"id":"1","key":"OPS-1","fields":{fields}}}"#)
}

/// A gigabyte in memory would come of eight megabytes of answer, and of eight kilobytes on the wire.
#[test]
fn long_lists_of_a_hostile_jira_are_cut_or_refused() {
    let issues = |count| format!(r#"{{"issues":[{}]}}"#, vec![issue("{}"); count].join(","));
    for decode in [cloud::bulk_issues, server::bulk_issues] {
        let bulk = decode(issues(3_000).as_bytes()).unwrap();
        assert_eq!((bulk.issues.len(), bulk.incomplete), (100, true));
        assert!(!decode(issues(100).as_bytes()).unwrap().incomplete);
        let zeros = format!(r#"{{"issues":[{}0]}}"#, "0,".repeat(4_000_000));
        assert!(decode(zeros.as_bytes()).unwrap().incomplete);
    }
    for decode in [cloud::issue_page, server::issue_page] {
        assert_eq!(decode(issues(5_000).as_bytes()).unwrap().issues.len(), 5_000);
        assert_eq!(decode(issues(5_001).as_bytes()).map(|page| page.issues.len()), Err(Error::Malformed));
    }
    let labels = issue(&format!(r#"{{"labels":[{}0],"summary":"kept"}}"#, "0,".repeat(500_000)));
    let decoded = cloud::issue(labels.as_bytes()).unwrap();
    assert_eq!((decoded.labels.len(), decoded.summary.as_str()), (1_000, "kept"));
}

#[test]
fn a_large_document_is_kept_in_part() {
    let small = r#"{"":0}"#;
    let fields =
        format!(r#"{{"description":{{"content":[{}{small}]}},"summary":"kept"}}"#, format!("{small},").repeat(200_000));
    let decoded = cloud::issue(issue(&fields).as_bytes()).unwrap();
    assert_eq!(decoded.summary, "kept");
    let kept = format!("{:?}", decoded.description).matches("Object").count();
    assert!((100..5_000).contains(&kept), "{kept}");
    let fields = r#"{"description":{"type":"doc","content":[{"type":"text","text":"a"},1,-1,1.5,true,null,[]]}}"#;
    let Some(jira_notion_gateway::jira::model::RichText::Adf(adf)) =
        cloud::issue(issue(fields).as_bytes()).unwrap().description
    else {
        panic!("no document")
    };
    let written: Value = serde_json::from_str(fields).unwrap();
    assert_eq!(adf, written["description"]);
}

#[test]
fn a_key_is_only_taken_for_one_in_the_form_of_a_key() {
    for key in ["../../admin", "OPS-1?x=1", "OPS-1#x", "OPS 1", "<b>", "\u{202e}1-SPO", &"A".repeat(511)] {
        let body = json!({"id": "1", "key": key, "name": "x", "fields": {}}).to_string();
        assert_eq!(cloud::issue(body.as_bytes()), Err(Error::Malformed), "{key}");
        assert_eq!(server::project(body.as_bytes()), Err(Error::Malformed), "{key}");
    }
    let body = json!({"accountId": "x".repeat(256), "displayName": "Ana"}).to_string();
    assert_eq!(cloud::person(body.as_bytes()), Err(Error::Malformed));
}

/// The label stands in every answer, and in the database.
#[tokio::test]
async fn a_name_that_a_jira_gives_is_one_short_line() {
    let jira = data_center().await;
    let name = format!("ana\u{202e}\n{}", "x".repeat(100_000));
    jira.fault_at("/myself", Fault::edit(move |person| person["name"] = json!(name)));
    let gateway = Gateway::start().await;
    let row = gateway.api("ana").await.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    let label = row["label"].as_str().unwrap();
    assert!(label.starts_with("ana x") && label.chars().count() <= 255, "{}", label.len());
}

#[tokio::test]
async fn long_fields_are_refused_before_anything_is_asked() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let long = "x".repeat(10_000);
    let path = format!("{}/{}", jira.url(), "x".repeat(500));
    for (site, username, secret) in [
        (jira.url(), "x".repeat(256), "secret"),
        (jira.url(), "ana".to_owned(), long.as_str()),
        (path, "ana".to_owned(), "secret"),
    ] {
        let reply = api.try_connect(&site, "password", &username, secret).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (422, &json!("invalid_request")), "{}", reply.text);
        assert!(reply.text.len() < 1_000);
    }
    assert_eq!(jira.calls().total, 0);
}

/// Whoever stands in front of Jira may answer a refused password with a page of its own.
#[tokio::test]
async fn a_password_that_a_page_refuses_is_not_sent_again() {
    let jira = data_center().await;
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8", "--preview-ttl", "1ms"], Clock::system()).await;
    let api = gateway.api("ana").await;
    api.connect(&jira.url(), "password", "ana", "ana's password").await;
    jira.fault_at("/rest/api/2/", Fault::status(401));
    jira.forget_calls();
    for number in 1..=4 {
        let answer = api.one(&jira.at(&format!("/browse/OPS-{number}"))).await;
        assert_eq!(answer["state"], "reconnect", "{answer}");
    }
    assert_eq!(jira.calls().total, 1);
}

async fn change_database(gateway: &Gateway, statement: &str) {
    let file = gateway.folder.path().join("data/gateway.db");
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    gateway.inner.connect.forget_all();
}

/// The sealed secret is bound to its site; the row that says where to send it must not lead it elsewhere.
#[tokio::test]
async fn a_changed_row_does_not_carry_a_secret_to_another_site() {
    for column in ["api_url = '{}'", "site_url = '{}', api_url = '{}'", "deployment = 'cloud', api_url = '{}'"] {
        let (jira, thief) = (data_center().await, data_center().await);
        let gateway = Gateway::start().await;
        let api = gateway.api("ana").await;
        api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
        change_database(&gateway, &format!("UPDATE connections SET {}", column.replace("{}", &thief.url()))).await;
        for url in [jira.at("/browse/OPS-1"), thief.at("/browse/OPS-1")] {
            assert_eq!(api.one(&url).await["preview"], Value::Null, "{column}");
        }
        assert_eq!(thief.calls().total, 0, "{column}");
    }
}

#[tokio::test]
async fn a_secret_of_another_connection_is_not_used() {
    let (jira, thief) = (data_center().await, data_center().await);
    let gateway = Gateway::start().await;
    let (ana, eve) = (gateway.api("ana").await, gateway.api("eve").await);
    ana.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    eve.connect(&thief.url(), "personal_access_token", "", "ana-access").await;
    thief.forget_calls();
    let statement = format!(
        "UPDATE connections SET credential_id = (SELECT credential_id FROM connections WHERE site_url = '{}')",
        jira.url()
    );
    change_database(&gateway, &statement).await;
    assert_eq!(eve.one(&thief.at("/browse/OPS-1")).await["preview"], Value::Null);
    assert_eq!(thief.calls().total, 0);
}

/// A picture or a frame in another site's page would act as the one local account.
#[tokio::test]
async fn a_page_of_another_site_cannot_load_ours_as_the_local_account() {
    let gateway = Gateway::start().await;
    let client = client();
    let get = |site: &'static str, part: &'static str| {
        let request = client.get(format!("{}/?url=https://acme.atlassian.net/browse/OPS-7", gateway.url));
        reply(request.header("sec-fetch-site", site).header("sec-fetch-dest", part))
    };
    for (site, part) in
        [("cross-site", "image"), ("cross-site", "iframe"), ("same-site", "empty"), ("cross-site", "script")]
    {
        let reply = get(site, part).await;
        assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (401, ""), "{site} {part}");
        assert!(!reply.text.contains("OPS-7"));
    }
    for (site, part) in [("cross-site", "document"), ("none", "document"), ("same-origin", "empty")] {
        let reply = get(site, part).await;
        assert_eq!(reply.status, 200, "{site} {part}");
        assert!(reply.header("set-cookie").starts_with("session="));
    }
}

#[tokio::test]
async fn a_link_to_the_connect_window_shows_where_the_secret_would_go() {
    let gateway = Gateway::start().await;
    for site in [
        "https:evil.example/?://acme.atlassian.net",
        "https://evil.example\\@acme.atlassian.net",
        "https://evil.example/?x=https://acme.atlassian.net/browse/OPS-7",
    ] {
        let address = reqwest::Url::parse_with_params(&format!("{}/connect", gateway.url), [("site", site)]).unwrap();
        let reply = reply(client().get(address)).await;
        assert!(reply.text.contains("<bdi>evil.example</bdi>"), "{site}");
    }
    let wrapper = "https://id.atlassian.com/login?continue=https%3A%2F%2Fevil.example%2Fbrowse%2FA-1";
    let address = reqwest::Url::parse_with_params(&format!("{}/connect", gateway.url), [("site", wrapper)]).unwrap();
    let reply = reply(client().get(address)).await;
    assert!(reply.text.contains(r#"value="https://id.atlassian.com/login""#));
}

#[tokio::test]
async fn an_ended_session_is_gone_and_nothing_of_it_is_printed() {
    let gateway = Gateway::start().await;
    let accounts = &gateway.inner.accounts;
    let account = accounts.named("local").await.unwrap();
    let new = accounts.start_session(&account, SignIn::Local).await.unwrap();
    let cookie = new.cookie.expose_secret();
    let session = accounts.of_cookie(cookie).await.unwrap().unwrap();
    assert!(!format!("{new:?}{session:?}").contains(&session.csrf));
    assert!(!format!("{new:?}").contains(cookie));
    accounts.end_session(cookie).await.unwrap();
    assert!(accounts.of_cookie(cookie).await.unwrap().is_none());
}
