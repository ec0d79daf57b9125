//! The token calendar: who says on which day a token ends, and how its person is told.

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::clock::Clock;
use serde_json::Value;

use super::visitor::Visitor;
use super::{cloud, data_center};
use crate::world::gateway::Gateway;
use crate::world::{FakeJira, Fault};

const FLAGS: [&str; 2] = ["--private-sites", "127.0.0.0/8"];

async fn gateway(jira: &FakeJira) -> (Gateway, Clock) {
    let clock = Clock::manual(jira.now());
    (Gateway::with(&FLAGS, clock.clone()).await, clock)
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

async fn row(visitor: &mut Visitor) -> Value {
    visitor.get("/api/v1/connections").await.reply.json()["connections"][0].clone()
}

#[tokio::test]
async fn jira_tells_when_a_personal_access_token_ends_if_there_is_no_doubt() {
    let (day, later) = ("2026-12-24T08:00:00Z", "2027-12-24T08:00:00Z");
    type Ends = Option<Timestamp>;
    let table: [(&str, &[Ends], Option<&str>); 5] = [
        ("the only one", &[at(day)], Some(day)),
        ("the only one that is alive", &[at(day), at("2026-11-01T00:00:00Z")], Some(day)),
        ("one without an end", &[None], None),
        ("two ends", &[at(day), at(later)], None),
        ("an end and none", &[at(day), None], None),
    ];
    for (what, ends, expected) in table {
        let jira = data_center().await;
        jira.change_person("ana", |ana| {
            ana.access_tokens.clear();
            let named = |person: crate::world::Person, (at, end): (usize, &Ends)| {
                person.access_token_until(if at == 0 { "ana-access" } else { "another" }, *end)
            };
            *ana = ends.iter().enumerate().fold(ana.clone(), named);
        });
        let (gateway, _) = gateway(&jira).await;
        let mut ana = Visitor::new(&gateway);
        ana.connect(&jira, "ana", "/connections").await;
        let row = row(&mut ana).await;
        assert_eq!((row["expires_at"].as_str(), &row["health"]), (expected, &"ok".into()), "{what}");
    }
}

#[tokio::test]
async fn what_jira_does_not_tell_spoils_nothing() {
    for fault in [Fault::status(404), Fault::status(500), Fault::SignInPage, Fault::MalformedJson, Fault::Close] {
        let jira = data_center().await;
        jira.fault_at("/rest/pat/", fault);
        let (gateway, _) = gateway(&jira).await;
        let mut ana = Visitor::new(&gateway);
        let page = ana.connect(&jira, "ana", "/connections").await;
        assert_eq!((page.one(".health").as_str(), &row(&mut ana).await["expires_at"]), ("Working", &Value::Null));
    }
    // And what the person says counts, without asking.
    let jira = data_center().await;
    let (gateway, _) = gateway(&jira).await;
    let api = gateway.api("ana").await;
    let body = serde_json::json!({"site": jira.url(), "method": "personal_access_token", "secret": "ana-access",
        "expires_at": "2027-01-31"});
    let row = api.post("/api/v1/connections", &body).await.json();
    assert_eq!(row["expires_at"], "2027-01-31T00:00:00Z");
    assert!(jira.log().iter().all(|it| !it.asked.path.contains("/rest/pat/")));
}

#[tokio::test]
async fn the_day_can_be_noted_corrected_and_taken_back() {
    let jira = cloud().await;
    let (gateway, _) = gateway(&jira).await;
    let mut ana = Visitor::signed_in(&gateway, "ana").await;
    let mut page = ana.connect(&jira, "ana", "/connections").await;
    let action = page.attributes("form[action$='/expiry']", "action").remove(0);
    assert_eq!(page.one(".row-more summary"), "When does the token expire?");
    let calls = jira.calls().total;
    for (day, kept, health, detail) in [
        ("2027-06-30", "2027-06-30T00:00:00Z", "ok", "expires on 30 June 2027"),
        ("2026-12-02", "2026-12-02T00:00:00Z", "expiring", "expires on 2 Dec"),
        (" 2026-11-22 ", "2026-11-22T00:00:00Z", "expiring", "should have expired on 22 Nov"),
        ("", "", "ok", ""),
    ] {
        page = ana.submit_and_follow(&page, &action, &[("expires_at", day)]).await;
        assert_eq!(page.one(".banner"), "The day is noted. You are told when it is near.");
        assert_eq!(page.attributes("input[type=date]", "value"), [day.trim()]);
        assert!(page.one(".row-detail").contains(detail), "{day}: {}", page.one(".row-detail"));
        let row = row(&mut ana).await;
        assert_eq!(row["expires_at"].as_str().unwrap_or_default(), kept, "{day}");
        assert_eq!(row["health"], health, "{day}");
    }
    let before = row(&mut ana).await;
    for day in ["soon", "2026-11-21", "1926-12-01", "2926-12-01", "2026-02-30", "<b>"] {
        let refused = ana.submit(&page, &action, &[("expires_at", day)]).await;
        assert_eq!(refused.status, 422, "{day}");
        assert!(refused.one(".banner").starts_with("The day was not changed"), "{day}: {}", refused.text);
        assert_eq!(row(&mut ana).await, before, "{day}");
    }
    assert_eq!(jira.calls().total, calls, "Jira has no part in it");

    let mut ben = Visitor::signed_in(&gateway, "ben").await;
    let csrf = ben.csrf().await;
    assert_eq!(ben.post(&action, &[("csrf", &csrf), ("expires_at", "2027-06-30")]).await.status, 404);
    assert_eq!(row(&mut ana).await, before);
}

#[tokio::test]
async fn a_password_has_no_day() {
    let jira = data_center().await;
    let (gateway, _) = gateway(&jira).await;
    let mut ana = Visitor::signed_in(&gateway, "ana").await;
    let api = gateway.api("ana").await;
    let kept = api.connect(&jira.url(), "password", "ana", "ana's password").await;
    let page = ana.get("/connections").await;
    assert!(page.attributes("form[action$='/expiry']", "action").is_empty());
    let action = format!("/connections/{}/expiry", kept["id"].as_str().unwrap());
    let csrf = page.value("csrf");
    assert_eq!(ana.post(&action, &[("csrf", &csrf), ("expires_at", "2027-06-30")]).await.status, 404);
    assert_eq!(row(&mut ana).await["expires_at"], Value::Null);
}

#[tokio::test]
async fn the_nearer_the_day_the_louder() {
    let jira = data_center().await;
    jira.change_person("ana", |ana| {
        ana.access_tokens.clear();
        *ana = ana.clone().access_token_until("ana-access", at("2026-12-20T10:00:00Z"));
    });
    let (gateway, clock) = gateway(&jira).await;
    let mut ana = Visitor::new(&gateway);
    ana.connect(&jira, "ana", "/connections").await;
    // days from 22 November → health, word on the page, on every page
    for (days, health, word, notice) in [
        (13, "ok", "Working", ""),
        (14, "expiring", "Expires soon", ""),
        (24, "expiring", "Expires soon", ""),
        (25, "expiring", "Expires in 3 days", "Your token for"),
        (27, "expiring", "Expires tomorrow", "ends tomorrow."),
        (28, "expiring", "Its day is past", ""),
    ] {
        let then = jira.now() + SignedDuration::from_hours(24 * days);
        clock.advance(then.duration_since(clock.now()));
        let page = ana.get("/connections").await;
        assert_eq!(
            (row(&mut ana).await["health"].as_str(), page.one(".health").as_str()),
            (Some(health), word),
            "{days}"
        );
        assert!(page.texts(".soon").is_empty(), "it is said there already");
        for path in ["/", "/account", "/why"] {
            let said = ana.get(path).await.texts(".soon").concat();
            assert!(said.contains(notice) && said.is_empty() == notice.is_empty(), "{days} {path}: {said}");
        }
    }
    // The day is past, and Jira says so.
    jira.set_time(clock.now());
    ana.get(&format!("/?url={}", jira.at("/browse/OPS-7"))).await;
    let page = ana.get("/connections").await;
    assert_eq!(
        (row(&mut ana).await["health"].as_str(), page.one(".health").as_str()),
        (Some("reconnect"), "Sign-in has ended")
    );
    assert!(page.one(".row-detail").contains("expired on 20 Dec"), "{}", page.one(".row-detail"));
    assert!(page.one(".row-advice").starts_with("Make a new token in Jira"));
}
