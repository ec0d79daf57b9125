//! The result object of contract §4.

use jira_notion_gateway::preview::{Action, Answer, FactId, State, Status};
use jira_notion_gateway::render::json::{self, Include};
use jira_notion_gateway::{jira::model::StatusCategory, preview::ReasonCode};
use serde_json::Value;

use super::sample::{self, at, now};

fn keys(text: &str) -> Vec<String> {
    // The order of a parsed map is not that of the text, so the keys are found in the text.
    let value: Value = serde_json::from_str(text).unwrap();
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort_by_key(|key| text.find(&format!("\"{key}\":")).unwrap());
    keys
}

#[test]
fn keys_are_those_of_the_contract_in_its_order() {
    let all = [
        "url",
        "canonical_url",
        "kind",
        "id",
        "site",
        "state",
        "stale",
        "checked_at",
        "connection",
        "preview",
        "mention",
        "html",
        "attributes",
        "actions",
        "reason",
    ];
    for base in [sample::issue(), sample::project(), sample::none()] {
        for (name, answer) in sample::situations(&sample::issue()).into_iter().chain([("as is", base)]) {
            for html in [false, true] {
                for attributes in [false, true] {
                    let text = json::answer(&answer, Include { html, attributes }, now());
                    let expected: Vec<&str> = all
                        .into_iter()
                        .filter(|key| (*key != "html" || html) && (*key != "attributes" || attributes))
                        .collect();
                    assert_eq!(keys(&text), expected, "{name}");
                }
            }
        }
    }
}

#[test]
fn the_example_of_the_contract() {
    let mut answer = sample::issue();
    let preview = answer.preview.as_mut().unwrap();
    preview.facts.retain(|fact| fact.id.as_str() == "assignee");
    preview.updated_at = Some(at("2026-11-22T09:58:12Z"));
    let text = json::answer(&answer, Include::default(), now());
    assert_eq!(
        text,
        concat!(
            r#"{"url":"https://acme.atlassian.net/browse/OPS-7?atlOrigin=x","canonical_url":"https://acme.atlassian.net/browse/OPS-7","#,
            r#""kind":"issue","id":"OPS-7","site":{"url":"https://acme.atlassian.net","name":"acme","deployment":"cloud"},"#,
            r#""state":"ready","stale":false,"checked_at":"2026-11-22T10:00:00Z","#,
            r#""connection":{"id":"con_1","label":"ana@acme.example"},"preview":{"title":"Login fails on Safari","#,
            r#""identifier":"OPS-7","icon_url":null,"status":{"name":"In Progress","category":"in_progress"},"#,
            r#""facts":[{"id":"assignee","name":"Assignee","value":"Ana Lindqvist"}],"description":null,"#,
            r#""updated_at":"2026-11-22T09:58:12Z"},"mention":{"text":"OPS-7 Login fails on Safari · In Progress"},"#,
            r#""actions":[{"id":"open","href":"https://acme.atlassian.net/browse/OPS-7"}],"reason":null}"#,
        )
    );
}

#[test]
fn kind_none_names_nothing() {
    let value: Value =
        serde_json::from_str(&json::answer(&sample::none(), Include { html: true, attributes: true }, now())).unwrap();
    assert_eq!(value["id"], "");
    assert_eq!(value["state"], "unsupported");
    for key in ["site", "canonical_url", "mention", "preview", "connection", "checked_at"] {
        assert_eq!(value[key], Value::Null, "{key}");
    }
    assert_eq!(value["attributes"], Value::Array(vec![]));
    assert!(value["html"]["card"].as_str().unwrap().starts_with("<article "));
    assert_eq!(value["html"]["mention"], Value::Null);
}

#[test]
fn a_retry_time_stands_only_where_there_is_one() {
    for (name, answer) in sample::situations(&sample::issue()) {
        let value: Value = serde_json::from_str(&json::answer(&answer, Include::default(), now())).unwrap();
        let limited = answer.reason.as_ref().is_some_and(|reason| reason.code == ReasonCode::RateLimited);
        assert_eq!(value["reason"].get("retry_at").is_some(), limited, "{name}");
        assert_eq!(value["reason"].is_null(), answer.state == State::Ready && !answer.stale, "{name}");
    }
}

#[test]
fn the_tail_serves_every_spelling_of_a_link() {
    let answer = sample::issue();
    let tail = json::without_url(&answer);
    assert!(tail.with_url("x").starts_with(br#"{"url":"x","canonical_url":"#));
    let whole = json::answer(&answer, Include::default(), now());
    assert_eq!(String::from_utf8(tail.with_url(&answer.url)).unwrap(), whole);

    let odd = "https://acme.atlassian.net/browse/OPS-7?\"\\\u{7}\u{202e}é";
    let value: Value = serde_json::from_slice(&tail.with_url(odd)).unwrap();
    assert_eq!(value["url"], odd);
}

#[test]
fn the_tag_follows_everything_but_the_time_of_the_check() {
    let tag = |answer: &Answer| json::without_url(answer).etag().to_owned();
    let base = sample::issue();
    let first = tag(&base);
    assert_eq!(first.len(), 34);
    assert!(first.starts_with('"') && first.ends_with('"'));

    let mut checked_later = base.clone();
    checked_later.checked_at = Some(at("2026-11-22T12:00:00Z"));
    checked_later.url = "another spelling".to_owned();
    assert_eq!(tag(&checked_later), first);

    let changes: [fn(&mut Answer); 8] = [
        |answer| answer.preview.as_mut().unwrap().title.push('!'),
        |answer| answer.preview.as_mut().unwrap().facts.truncate(2),
        |answer| {
            let status = Status { name: "In Progress".to_owned(), category: StatusCategory::Done };
            answer.preview.as_mut().unwrap().status = Some(status);
        },
        |answer| answer.preview = None,
        |answer| answer.stale = true,
        |answer| answer.state = State::Moved,
        |answer| answer.connection = None,
        |answer| answer.actions.push(Action { id: "why", href: "/why".to_owned() }),
    ];
    let mut seen = vec![first];
    for change in changes {
        let mut answer = base.clone();
        change(&mut answer);
        let changed = tag(&answer);
        assert!(!seen.contains(&changed), "{answer:?}");
        seen.push(changed);
    }
    for include in [Include { html: true, attributes: false }, Include { html: false, attributes: true }] {
        let other = json::tail(&base, include, now());
        let later = json::tail(&base, include, at("2026-11-22T11:00:00Z"));
        assert!(!seen.contains(&other.etag().to_owned()), "what is included belongs to the tag");
        assert_eq!(other.etag(), later.etag(), "the time of day does not");
    }
}

#[test]
fn the_tag_of_a_card_follows_all_that_is_still_to_come() {
    let drawn = Include { html: true, attributes: false };
    let field = || FactId::Field("customfield_10030".into());
    for id in [FactId::Due, field()] {
        let mut answer = sample::issue();
        let facts = &mut answer.preview.as_mut().unwrap().facts;
        facts.retain(|fact| fact.id != FactId::Due);
        facts.push(sample::fact(FactId::Due, "paused"));
        facts.push(sample::fact(id, "2026-11-22T12:00:00Z"));
        let tag = |now: &str| json::tail(&answer, drawn, at(now)).etag().to_owned();
        let (far, near, past) = (tag("2026-11-22T10:30:00Z"), tag("2026-11-22T11:30:00Z"), tag("2026-11-22T12:30:00Z"));
        assert!(far != near && near != past && far != past);
        assert_eq!(tag("2026-11-22T18:00:00Z"), past, "how long ago it was does not matter");
    }
}
