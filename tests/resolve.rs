//! Links through the running gateway: what a reader is told, and how often Jira is asked for it.

use std::sync::Arc;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};

use crate::openapi;
use crate::world::gateway::{Api, Gateway};
use crate::world::{FakeJira, Fault, Gate, Issue, Personality, Project, Status, two_people};

/// A Jira with two people: Ana sees everything, Ben neither the project HR nor the secured issue.
async fn filled(personality: Personality) -> FakeJira {
    let jira = two_people(personality).await;
    jira.add_issue(
        Issue::new("OPS-7", "Login fails on Safari")
            .status(Status::in_progress())
            .assignee("ana")
            .due("2026-10-15".parse().unwrap())
            .description("The secret plan")
            .labels(&["safari", "login"]),
    );
    jira.add_issue(Issue::new("OPS-8", "Write the test"));
    jira.add_issue(Issue::new("OPS-9", "Not for everybody").secured("Management", &["ana"]));
    jira.add_issue(Issue::new("HR-1", "Salaries 2027"));
    jira
}

async fn cloud() -> FakeJira {
    filled(Personality::cloud()).await
}

async fn data_center() -> FakeJira {
    filled(Personality::data_center().at("/jira")).await
}

async fn connected(gateway: &Gateway, jira: &FakeJira, who: &str) -> Api {
    let api = gateway.api(who).await;
    api.connect_as(jira, who).await;
    api
}

fn state(answer: &Value) -> (&str, bool) {
    (answer["state"].as_str().unwrap(), answer["stale"].as_bool().unwrap())
}

fn fact<'a>(answer: &'a Value, id: &str) -> Option<&'a str> {
    answer["preview"]["facts"].as_array()?.iter().find(|fact| fact["id"] == id)?["value"].as_str()
}

#[tokio::test]
async fn an_issue_is_shown_alike_on_cloud_and_data_center() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = connected(&gateway, &jira, "ana").await;
        let url = jira.at("/browse/OPS-7");
        let answer = api.one(&format!("{url}?atlOrigin=secret&focus=x")).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(answer["canonical_url"], url);
        assert_eq!((&answer["kind"], &answer["id"]), (&json!("issue"), &json!("OPS-7")));
        assert_eq!(state(&answer), ("ready", false));
        assert_eq!(answer["preview"]["title"], "Login fails on Safari");
        assert_eq!(answer["preview"]["status"], json!({"name": "In Progress", "category": "in_progress"}));
        assert_eq!(fact(&answer, "assignee"), Some("Ana Costa"));
        assert_eq!(fact(&answer, "due"), Some("2026-10-15"));
        assert_eq!(fact(&answer, "labels"), Some("safari, login"));
        assert_eq!(answer["preview"]["description"], Value::Null);
        assert_eq!(answer["mention"]["text"], "OPS-7 Login fails on Safari · In Progress");
        assert_eq!(answer["reason"], Value::Null);
        assert_eq!(answer["site"]["deployment"], if jira.personality().is_cloud() { "cloud" } else { "data_center" });
    }
}

#[tokio::test]
async fn a_project_is_shown() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = connected(&gateway, &jira, "ana").await;
        let answer = api.one(&jira.at("/projects/OPS")).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(state(&answer), ("ready", false));
        assert_eq!(answer["kind"], "project");
        assert_eq!(answer["canonical_url"], jira.at("/browse/OPS"));
        assert_eq!(answer["preview"]["title"], "Operations");
        assert_eq!(fact(&answer, "lead"), Some("Ana Costa"));
    }
}

#[tokio::test]
async fn what_one_may_not_see_is_not_found_and_says_nothing() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let ana = connected(&gateway, &jira, "ana").await;
        let ben = connected(&gateway, &jira, "ben").await;
        for key in ["HR-1", "OPS-9", "OPS-4711"] {
            let url = jira.at(&format!("/browse/{key}"));
            ana.one(&url).await;
            let reply = ben.post("/api/v1/resolve", &json!({"urls": [url], "include": ["html", "attributes"]})).await;
            let answer = reply.json()["results"][0].clone();
            openapi::validate("resolveOne", 200, &answer);
            assert_eq!(state(&answer), ("not_found", false), "{key}");
            assert_eq!(answer["reason"]["code"], "not_found");
            assert_eq!(answer["preview"], Value::Null);
            assert_eq!(answer["mention"]["text"], key);
            for hidden in ["Salaries", "People matters", "Not for everybody", "Ana"] {
                assert!(!reply.text.contains(hidden), "{hidden} in {}", reply.text);
            }
        }
        assert_eq!(state(&ben.one(&jira.at("/browse/HR")).await), ("not_found", false));
    }
}

#[tokio::test]
async fn without_a_connection_the_link_says_where_to_connect() {
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let answer = api.one("https://acme.atlassian.net/browse/OPS-7").await;
    openapi::validate("resolveOne", 200, &answer);
    assert_eq!(state(&answer), ("connect", false));
    assert_eq!((&answer["connection"], &answer["checked_at"]), (&Value::Null, &Value::Null));
    let connect = answer["actions"].as_array().unwrap().iter().find(|it| it["id"] == "connect").unwrap();
    assert!(connect["href"].as_str().unwrap().starts_with(&format!("{}/connect?site=https", gateway.url)));
}

#[tokio::test]
async fn what_jira_tells_nothing_about_is_named_and_nobody_is_asked() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &jira, "ana").await;
    jira.forget_calls();
    for (path, kind, id) in [
        ("/jira/plans/7", "plan", "7"),
        ("/secure/Dashboard.jspa", "dashboard", ""),
        ("/secure/ViewProfile.jspa", "user", ""),
        ("/jira/your-work", "site", ""),
    ] {
        let answer = api.one(&jira.at(path)).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!((answer["kind"].as_str().unwrap(), answer["id"].as_str().unwrap()), (kind, id));
        assert_eq!(state(&answer), ("unsupported", false));
        assert_eq!(answer["reason"]["code"], "unsupported");
        assert!(answer["canonical_url"].is_string() && answer["mention"]["text"].is_string());
    }
    assert_eq!(jira.calls().total, 0);
}

#[tokio::test]
async fn what_is_no_jira_link_is_a_result_too() {
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let long = "x".repeat(100 * 1024);
    for text in ["", "hello", "https://example.com/", "https://acme.atlassian.net.evil.example/browse/OPS-7", &long] {
        let results = api.resolve(&[text]).await;
        openapi::validate("resolveOne", 200, &results[0]);
        assert_eq!((&results[0]["kind"], &results[0]["id"]), (&json!("none"), &json!("")));
        for key in ["site", "canonical_url", "mention", "preview"] {
            assert_eq!(results[0][key], Value::Null, "{key}");
        }
        assert_eq!(results[0]["url"], text);
    }
}

#[tokio::test]
async fn a_moved_issue_is_followed_and_said() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = connected(&gateway, &jira, "ana").await;
        jira.add_project(Project::new("NEW", "New things"));
        jira.move_issue("OPS-8", "NEW-41");
        let answer = api.one(&jira.at("/browse/OPS-8")).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(state(&answer), ("moved", false));
        assert_eq!((&answer["id"], &answer["preview"]["identifier"]), (&json!("NEW-41"), &json!("NEW-41")));
        assert_eq!(answer["canonical_url"], jira.at("/browse/NEW-41"));
        assert_eq!(answer["reason"]["code"], "moved");
        // Letter case alone is no move; nor is asking by number.
        assert_eq!(state(&api.one(&jira.at("/browse/ops-7")).await), ("ready", false));
    }
}

#[tokio::test]
async fn a_blocked_project_shows_by_no_way() {
    for jira in [cloud().await, data_center().await] {
        jira.add_project(Project::new("SEC", "Incidents"));
        jira.add_issue(Issue::new("SEC-1", "Stolen laptop"));
        jira.add_issue(Issue::new("OPS-10", "Order a new one").parent("SEC-1"));
        jira.move_issue("OPS-8", "SEC-2");
        let folder = Arc::new(tempfile::TempDir::new().unwrap());
        let file = folder.path().join("gateway.toml");
        let site = jira.url();
        std::fs::write(&file, format!("[[site]]\nurl = '{site}'\nblock_projects = ['SEC']\n")).unwrap();
        let flags = ["--private-sites", "127.0.0.0/8", "--config", file.to_str().unwrap()];
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
        let gateway = Gateway::at(folder.clone(), &flags, clock.clone()).await;
        let api = connected(&gateway, &jira, "ana").await;
        let hidden = ["SEC-1", "SEC", "sec-1", "OPS-8"];
        for name in hidden {
            let answer = api.one(&jira.at(&format!("/browse/{name}"))).await;
            openapi::validate("resolveOne", 200, &answer);
            assert_eq!((state(&answer), &answer["reason"]["code"]), (("blocked", false), &json!("policy")), "{name}");
        }
        // The parent of an issue belongs to its own project.
        let answer = api.one(&jira.at("/browse/OPS-10")).await;
        assert_eq!((state(&answer), fact(&answer, "parent")), (("ready", false), None));
        // A last value is bound by the same rule when the sign-in has ended.
        jira.change_person("ana", |person| {
            person.api_tokens.clear();
            person.access_tokens.clear();
        });
        clock.advance(SignedDuration::from_secs(61));
        assert_eq!(state(&api.one(&jira.at("/browse/OPS-7")).await), ("reconnect", false));
        for name in hidden {
            let answer = api.one(&jira.at(&format!("/browse/{name}"))).await;
            assert_eq!((state(&answer), &answer["preview"]), (("blocked", false), &Value::Null), "{name}");
        }
    }
}

#[tokio::test]
async fn a_person_may_connect_by_the_alias_that_the_link_had() {
    let jira = data_center().await;
    let folder = Arc::new(tempfile::TempDir::new().unwrap());
    let file = folder.path().join("gateway.toml");
    let site = jira.url();
    let alias = "https://jira-old.corp.example";
    std::fs::write(&file, format!("sites = 'listed'\n[[site]]\nurl = '{site}'\naliases = ['{alias}']\n")).unwrap();
    let flags = ["--private-sites", "127.0.0.0/8", "--config", file.to_str().unwrap()];
    let gateway = Gateway::at(folder.clone(), &flags, Clock::system()).await;
    let api = gateway.api("ana").await;
    let row = api.connect(&format!("{alias}/browse/OPS-7"), "personal_access_token", "", "ana-access").await;
    assert_eq!(row["site"]["url"], jira.url());
    let answer = api.one(&format!("{alias}/browse/OPS-7")).await;
    assert_eq!((state(&answer), &answer["canonical_url"]), (("ready", false), &json!(jira.at("/browse/OPS-7"))));
}

#[tokio::test]
async fn a_thousand_readers_of_a_cold_link_cost_one_call_even_if_the_first_hangs_up() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &jira, "ana").await;
    jira.forget_calls();
    let gate = Gate::closed();
    jira.fault_at("/issue/OPS-7", Fault::Wait(gate.clone()));
    let url: Arc<str> = jira.at("/browse/OPS-7").into();
    let first = tokio::spawn({
        let (api, url) = (api.clone(), url.clone());
        async move { api.one(&url).await }
    });
    gate.wait_for(1).await;
    first.abort();
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let (api, url) = (api.clone(), url.clone());
        readers.spawn(async move { api.one(&url).await });
    }
    // All are at the door or waiting behind the one call; none may start another.
    while gateway.inner.metrics.previews.coalesced.get() < 1000 {
        tokio::task::yield_now().await;
    }
    gate.open();
    while let Some(answer) = readers.join_next().await {
        assert_eq!(state(&answer.unwrap()), ("ready", false));
    }
    assert_eq!(jira.calls().total, 1);
}

#[tokio::test]
async fn many_links_are_fetched_together_and_one_bad_one_harms_nobody() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = connected(&gateway, &jira, "ana").await;
        jira.add_issues((100..150).map(|n| Issue::new(&format!("OPS-{n}"), &format!("Number {n}"))));
        jira.forget_calls();
        let mut urls: Vec<String> = (100..150).map(|n| jira.at(&format!("/browse/OPS-{n}"))).collect();
        urls.extend((100..130).map(|n| jira.at(&format!("/browse/ops-{n}?src=confmacro"))));
        urls.extend(["nonsense".to_owned(), "https://evil.example/browse/X-1".to_owned()]);
        urls.extend((900..908).map(|n| jira.at(&format!("/browse/OPS-{n}"))));
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        let answers = api.resolve(&urls).await;
        assert_eq!(answers.len(), urls.len());
        for (url, answer) in urls.iter().zip(&answers) {
            assert_eq!(answer["url"], *url);
        }
        for answer in &answers[..80] {
            assert_eq!(state(answer), ("ready", false));
            let n = answer["id"].as_str().unwrap().strip_prefix("OPS-").unwrap();
            assert_eq!(answer["preview"]["title"], format!("Number {n}"));
        }
        assert!(answers[82..].iter().all(|answer| state(answer) == ("not_found", false)));
        assert!(jira.calls().total <= 12, "{} calls", jira.calls().total);
        if jira.personality().is_cloud() {
            assert_eq!(jira.calls().total, 1);
        }
    }
}

#[tokio::test]
async fn a_value_is_fresh_for_its_time_and_then_asked_for_again() {
    let jira = cloud().await;
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
    let api = connected(&gateway, &jira, "ana").await;
    jira.forget_calls();
    let url = jira.at("/browse/OPS-7");
    let first = api.get_one(&url, &[]).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 10);
    assert_eq!(first.header("cache-control"), "private, no-cache");
    assert_eq!(first.header("vary"), "Authorization, Cookie");
    assert_eq!(first.json()["checked_at"], "2026-11-22T10:00:00Z");
    clock.advance(SignedDuration::from_secs(59));
    assert_eq!(api.get_one(&url, &[("if-none-match", &etag)]).await.status, 304);
    assert_eq!(jira.calls().total, 1);
    // Asked again, unchanged: only `checked_at` differs, which the tag does not count.
    clock.advance(SignedDuration::from_secs(2));
    assert_eq!(api.get_one(&url, &[("if-none-match", &etag)]).await.status, 304);
    assert_eq!(jira.calls().total, 2);
    assert_eq!(api.one(&url).await["checked_at"], "2026-11-22T10:01:01Z");
    jira.change_issue("OPS-7", |issue| issue.status = Status::done());
    clock.advance(SignedDuration::from_secs(61));
    let changed = api.get_one(&url, &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["preview"]["status"]["category"], "done");
}

#[tokio::test]
async fn the_last_value_is_shown_stale_while_jira_is_away() {
    let away: [(Fault, &str); 5] = [
        (Fault::status(502), "upstream_error"),
        (Fault::Close, "unreachable"),
        (Fault::SignInPage, "sign_in_page"),
        (Fault::too_many("30"), "rate_limited"),
        (Fault::Truncated, "unreachable"),
    ];
    for (fault, code) in away {
        let jira = data_center().await;
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
        let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
        let api = connected(&gateway, &jira, "ana").await;
        let url = jira.at("/browse/OPS-7");
        api.one(&url).await;
        jira.fault(fault);
        clock.advance(SignedDuration::from_secs(3600));
        let answer = api.one(&url).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(state(&answer), ("ready", true), "{code}");
        assert_eq!(answer["reason"]["code"], code);
        assert_eq!(answer["checked_at"], "2026-11-22T10:00:00Z", "the age of what is shown");
        assert_eq!(answer["preview"]["title"], "Login fails on Safari");
        let never_seen = api.one(&jira.at("/browse/OPS-8")).await;
        openapi::validate("resolveOne", 200, &never_seen);
        let expected = if code == "rate_limited" { "rate_limited" } else { "unreachable" };
        assert_eq!(state(&never_seen), (expected, false), "{code}");
        assert_eq!(never_seen["preview"], Value::Null);
        // Not asked again before the pause has passed; asked again after it.
        let calls = jira.calls().total;
        api.one(&url).await;
        assert_eq!(jira.calls().total, calls);
        jira.heal();
        clock.advance(SignedDuration::from_secs(31));
        assert_eq!(state(&api.one(&url).await), ("ready", false), "{code}");
        let health = api.get("/api/v1/connections").await.json()["connections"][0]["health"].clone();
        assert_eq!(health, "ok", "a Jira that is away says nothing about the connection");
        // After a week there is nothing left to show.
        jira.fault(Fault::Close);
        clock.advance(SignedDuration::from_hours(24 * 7 + 1));
        assert_eq!(state(&api.one(&url).await), ("unreachable", false));
    }
}

#[tokio::test]
async fn access_that_was_lost_ends_the_last_value_at_once() {
    let jira = cloud().await;
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
    let api = connected(&gateway, &jira, "ana").await;
    let url = jira.at("/browse/HR-1");
    assert_eq!(state(&api.one(&url).await), ("ready", false));
    jira.change_person("ana", |person| person.groups.clear());
    clock.advance(SignedDuration::from_secs(61));
    let answer = api.get_one(&url, &[]).await;
    assert_eq!(state(&answer.json()), ("not_found", false));
    assert!(!answer.text.contains("Salaries"));
    // And Jira being away afterwards does not bring it back.
    jira.fault(Fault::Close);
    clock.advance(SignedDuration::from_secs(61));
    assert!(!api.get_one(&url, &[]).await.text.contains("Salaries"));
}

#[tokio::test]
async fn a_dead_token_is_tried_once_and_the_last_value_stays_for_a_day() {
    let jira = cloud().await;
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
    let api = connected(&gateway, &jira, "ana").await;
    let url = jira.at("/browse/OPS-7");
    api.one(&url).await;
    jira.change_person("ana", |person| person.api_tokens.clear());
    clock.advance(SignedDuration::from_secs(61));
    jira.forget_calls();
    for _ in 0..5 {
        let answer = api.one(&url).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(state(&answer), ("reconnect", true));
        assert_eq!(answer["preview"]["title"], "Login fails on Safari");
    }
    assert_eq!(state(&api.one(&jira.at("/browse/OPS-8")).await), ("reconnect", false));
    assert_eq!(jira.calls().total, 1);
    assert_eq!(api.get("/api/v1/connections").await.json()["connections"][0]["health"], "reconnect");
    clock.advance(SignedDuration::from_hours(25));
    let answer = api.one(&url).await;
    assert_eq!((state(&answer), &answer["preview"]), (("reconnect", false), &Value::Null));
    // A new token for the same person: the same connection, and it works again.
    jira.change_person("ana", |person| *person = person.clone().api_token("ana-token"));
    let row = api.connect_as(&jira, "ana").await;
    assert_eq!(row["health"], "ok");
    assert_eq!(state(&api.one(&url).await), ("ready", false));
}

#[tokio::test]
async fn a_changed_password_goes_out_once_however_many_links_wait() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    api.connect(&jira.url(), "password", "ana", "ana's password").await;
    jira.change_person("ana", |person| person.password = "changed".to_owned());
    jira.forget_calls();
    let mut readers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (api, url) = (api.clone(), jira.at(&format!("/browse/OPS-1{n}")));
        readers.spawn(async move { api.one(&url).await });
    }
    while let Some(answer) = readers.join_next().await {
        assert_eq!(state(&answer.unwrap()), ("reconnect", false));
    }
    assert_eq!(jira.calls().total, 1, "a second wrong password brings the account nearer to a CAPTCHA");
}

#[tokio::test]
async fn a_captcha_is_recognised_and_nothing_more_is_tried() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = gateway.api("ana").await;
        match jira.personality().is_cloud() {
            true => api.connect(&jira.url(), "api_token", "ana@acme.example", "ana-token").await,
            false => api.connect(&jira.url(), "password", "ana", "ana's password").await,
        };
        jira.demand_captcha("ana");
        jira.forget_calls();
        for n in 1..6 {
            let answer = api.one(&jira.at(&format!("/browse/OPS-{n}"))).await;
            openapi::validate("resolveOne", 200, &answer);
            assert_eq!(state(&answer), ("captcha", false));
        }
        assert_eq!(jira.calls().total, 1);
        assert_eq!(api.get("/api/v1/connections").await.json()["connections"][0]["health"], "captcha");
    }
}

#[tokio::test]
async fn two_sites_with_the_same_key_each_show_their_own() {
    let (one, two) = (cloud().await, data_center().await);
    two.change_issue("OPS-7", |issue| issue.summary = "The other one".to_owned());
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &one, "ana").await;
    api.connect_as(&two, "ana").await;
    let (a, b) = (one.at("/browse/OPS-7"), two.at("/browse/OPS-7"));
    let answers = api.resolve(&[&a, &b, &a]).await;
    let titles: Vec<_> = answers.iter().map(|answer| answer["preview"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Login fails on Safari", "The other one", "Login fails on Safari"]);
    assert_ne!(answers[0]["connection"]["id"], answers[1]["connection"]["id"]);
}

#[tokio::test]
async fn several_accounts_at_one_site_are_tried_and_the_one_that_saw_the_project_comes_first() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &jira, "ben").await;
    api.connect_as(&jira, "ana").await;
    let hidden = jira.at("/browse/HR-1");
    let answer = api.one(&hidden).await;
    assert_eq!((state(&answer), &answer["connection"]["label"]), (("ready", false), &json!("ana")));
    jira.add_issue(Issue::new("HR-2", "Next"));
    jira.forget_calls();
    assert_eq!(state(&api.one(&jira.at("/browse/HR-2")).await), ("ready", false));
    assert_eq!(jira.calls().total, 1, "Ana saw the project last, so Ben is not asked");
    assert_eq!(state(&api.one(&jira.at("/browse/HR-99")).await), ("not_found", false));
    // Only the connection that is named is used.
    let rows = api.get("/api/v1/connections").await.json();
    let ben = rows["connections"].as_array().unwrap().iter().find(|row| row["label"] == "ben").unwrap();
    let body = json!({"urls": [hidden], "connection": ben["id"]});
    let answer = api.post("/api/v1/resolve", &body).await.json();
    assert_eq!(answer["results"][0]["state"], "not_found");
    let nobody = json!({"urls": [hidden], "connection": "con_00000000000000000000"});
    assert_eq!(api.post("/api/v1/resolve", &nobody).await.status, 404);
}

#[tokio::test]
async fn when_all_sign_ins_have_ended_the_person_chooses() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &jira, "ben").await;
    api.connect_as(&jira, "ana").await;
    for who in ["ana", "ben"] {
        jira.change_person(who, |person| person.access_tokens.clear());
    }
    let url = jira.at("/browse/OPS-7");
    let mut states = Vec::new();
    for _ in 0..3 {
        states.push(api.one(&url).await["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states.last().unwrap(), "choose_account", "{states:?}");
}

#[tokio::test]
async fn removing_a_connection_takes_its_previews_along() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let api = connected(&gateway, &jira, "ana").await;
    let url = jira.at("/browse/OPS-7");
    assert_eq!(state(&api.one(&url).await), ("ready", false));
    let id = api.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/connections/{id}");
    let stranger = gateway.api("ben").await;
    assert_eq!(stranger.send(reqwest::Method::DELETE, &path, None).await.status, 404);
    assert_eq!(api.send(reqwest::Method::DELETE, &path, None).await.status, 204);
    assert_eq!(api.send(reqwest::Method::DELETE, &path, None).await.status, 404);
    let answer = api.get_one(&url, &[]).await;
    assert_eq!(state(&answer.json()), ("connect", false));
    assert!(!answer.text.contains("Safari"));
}

#[tokio::test]
async fn odd_answers_are_read_as_far_as_they_go() {
    let jira = cloud().await;
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
    let api = connected(&gateway, &jira, "ana").await;
    let long = "x".repeat(30_000);
    let title = format!("<script>alert(1)</script> \"quoted\" \u{202e}gnp.exe {long}");
    jira.change_issue("OPS-7", |issue| issue.summary = title);
    let url = jira.at("/browse/OPS-7");
    let reply = api.post("/api/v1/resolve", &json!({"urls": [url], "include": ["html", "attributes"]})).await;
    let answer = reply.json()["results"][0].clone();
    openapi::validate("resolveOne", 200, &answer);
    let shown = answer["preview"]["title"].as_str().unwrap();
    assert!(shown.starts_with("<script>alert(1)</script> \"quoted\" gnp.exe") && shown.len() < 5_000);
    let html = format!("{}{}", answer["html"]["card"], answer["html"]["mention"]);
    assert!(!html.contains("<script") && html.contains("&#60;script"), "{html}");
    for (fault, category) in [
        (Fault::strange_category(), Some("unknown")),
        (Fault::unknown_fields(), Some("in_progress")),
        (Fault::null_fields(), None),
        (Fault::missing_fields(), None),
    ] {
        jira.heal();
        clock.advance(SignedDuration::from_secs(61));
        jira.fault_at("/issue/", fault);
        let answer = api.one(&url).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!(state(&answer), ("ready", false));
        assert_eq!(answer["preview"]["status"]["category"].as_str(), category);
    }
    for (fault, expected, code) in [
        (Fault::MalformedJson, "error", "upstream_error"),
        (Fault::Huge(200 * 1024 * 1024), "error", "too_large"),
        (Fault::GzipBomb(32 * 1024 * 1024), "error", "too_large"),
        (Fault::Redirect("http://169.254.169.254/latest/meta-data".to_owned()), "unreachable", "sign_in_page"),
    ] {
        jira.heal();
        clock.advance(SignedDuration::from_secs(61));
        jira.fault_at("/issue/OPS-8", fault);
        let answer = api.one(&jira.at("/browse/OPS-8")).await;
        openapi::validate("resolveOne", 200, &answer);
        assert_eq!((state(&answer), answer["reason"]["code"].as_str()), ((expected, false), Some(code)));
    }
}

#[tokio::test]
async fn descriptions_stay_inside_unless_the_setting_is_on() {
    for (on, jira) in [("true", cloud().await), ("false", cloud().await), ("true", data_center().await)] {
        let flags = ["--private-sites", "127.0.0.0/8", "--preview-description", on];
        let gateway = Gateway::with(&flags, Clock::system()).await;
        let api = connected(&gateway, &jira, "ana").await;
        let url = jira.at("/browse/OPS-7");
        let reply = api.post("/api/v1/resolve", &json!({"urls": [url], "include": ["html", "attributes"]})).await;
        assert_eq!(reply.text.contains("The secret plan"), on == "true", "{}", reply.text);
        let asked_for = jira.log().iter().any(|request| request.asked.query.contains("description"));
        assert_eq!(asked_for, on == "true", "what is not shown is not fetched");
    }
}

#[tokio::test]
async fn requests_that_cannot_be_understood_get_a_problem_each() {
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let url = "https://acme.atlassian.net/browse/OPS-7";
    let many: Vec<&str> = std::iter::repeat_n(url, 101).collect();
    let cases = [
        (json!({"urls": []}), 422, "invalid_request"),
        (json!({ "urls": many }), 422, "invalid_request"),
        (json!({"urls": [url], "extra": 1}), 422, "invalid_request"),
        (json!({"urls": [url], "include": ["pdf"]}), 422, "invalid_request"),
        (json!({"urls": url}), 422, "invalid_request"),
        (json!({"urls": [url], "connection": "con_nobody"}), 404, "not_found"),
    ];
    for (body, status, code) in cases {
        let reply = api.post("/api/v1/resolve", &body).await;
        assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
        openapi::validate("resolveMany", reply.status.as_u16(), &reply.json());
    }
    let post = |body: &'static str, kind: &'static str| {
        let request = api.client.post(format!("{}/api/v1/resolve", api.url)).bearer_auth(&api.token);
        crate::world::gateway::reply(request.header("content-type", kind).body(body))
    };
    assert_eq!(post("{", "application/json").await.json()["code"], "malformed_json");
    assert_eq!(post("{}", "text/plain").await.json()["code"], "unsupported_media_type");
    let huge: &'static str = Box::leak(format!("{{\"urls\":[\"{}\"]}}", "x".repeat(1 << 20)).into_boxed_str());
    let reply = post(huge, "application/json").await;
    assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (413, Some("too_large")));
    let wrong = Api { token: "jng_wrong".to_owned(), ..api.clone() };
    let reply = wrong.get("/api/v1/connections").await;
    assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (401, Some("unauthenticated")));
    assert_eq!(api.get("/api/v1/resolve").await.status, 422);
    assert_eq!(api.get("/api/v1/resolve?url=x&selectedIssue=OPS-7").await.status, 422);
    assert_eq!(api.get("/api/v1/nothing").await.json()["code"], "not_found");
    assert_eq!(api.send(reqwest::Method::PUT, "/api/v1/resolve", None).await.status, 405);
}
