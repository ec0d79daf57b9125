//! §6, synced-database §7: the pace, and everything that can go wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{Office, good, id, refused, text};
use crate::world::Fault;
use crate::world::Gate;
use crate::world::notion::rest::Id;
use crate::world::notion::rest::faults::{after, before, rate_limited};

async fn with_rows() -> (Office, Id) {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Name": {"title": {}}, "Key": {"rich_text": {}}})).await;
    (it, source)
}

fn rows(it: &Office) -> usize {
    it.notion.rows(it.notion.databases(it.acme)[0]).len()
}

#[tokio::test]
async fn a_connection_and_a_workspace_have_an_allowance_of_a_minute() {
    let mut it = Office::open().await;
    assert_eq!(crate::world::notion::rest::Settings::default().allowance, Some(180));
    it.notion.switch(|it| (it.rest.allowance, it.rest.workspace_allowance) = (Some(3), Some(5)));
    for _ in 0..3 {
        good(&it.get("users/me").await);
    }
    it.later(SignedDuration::from_millis(20_500));
    let answer = it.get("users/me").await;
    refused(&answer, 429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "40", "rounded up");
    assert_eq!(answer.json()["additional_data"]["rate_limit_reason"], "connection");
    // Another connection has its own, until the workspace has had enough.
    it.token = it.notion.make_token(it.omar);
    for _ in 0..2 {
        good(&it.get("users/me").await);
    }
    let answer = it.get("users/me").await;
    assert_eq!(answer.json()["additional_data"]["rate_limit_reason"], "workspace");
    it.later(SignedDuration::from_millis(39_500));
    good(&it.get("users/me").await);
}

#[tokio::test]
async fn refusals_of_the_servers_come_before_or_after_the_work_is_done() {
    let (it, source) = with_rows().await;
    for (status, code) in [
        (409, "conflict_error"),
        (500, "internal_server_error"),
        (502, "bad_gateway"),
        (503, "service_unavailable"),
        (504, "gateway_timeout"),
        (529, "service_overload"),
        (406, "row_limit_exceeded"),
    ] {
        it.notion.fault(Some(1), "POST /v1/pages?", before(status));
        refused(&it.try_row(source, &json!({})).await, status, code);
    }
    assert_eq!(rows(&it), 0);
    for (done, (status, code)) in [
        (500, "internal_server_error"),
        (503, "service_unavailable"),
        (504, "gateway_timeout"),
        (529, "service_overload"),
    ]
    .into_iter()
    .enumerate()
    {
        it.notion.fault(Some(1), "POST /v1/pages?", after(status));
        refused(&it.try_row(source, &json!({})).await, status, code);
        assert_eq!(rows(&it), done + 1, "it was done all the same");
    }
    it.notion.fault(Some(1), "POST /v1/pages?", Fault::Lost);
    let body = json!({"parent": {"data_source_id": source}});
    assert!(it.request(Method::POST, "pages").json(&body).send().await.is_err());
    assert_eq!(rows(&it), 5);
    it.notion.fault(Some(1), "POST /v1/pages?", rate_limited("workspace", 90));
    let answer = it.try_row(source, &json!({})).await;
    refused(&answer, 429, "rate_limited");
    assert_eq!((answer.header("retry-after"), rows(&it)), ("90", 5));
}

#[tokio::test]
async fn a_fault_finds_its_call_by_method_and_path_and_number() {
    let (it, source) = with_rows().await;
    it.notion.fault_at(2, "POST /v1/pages?", before(409));
    good(&it.get(&format!("pages/{}", it.page)).await);
    let row = it.row(source, &json!({})).await;
    refused(&it.try_row(source, &json!({})).await, 409, "conflict_error");
    it.row(source, &json!({})).await;
    // Reading, querying and searching change nothing.
    it.notion.fault_at_write(3, before(500));
    it.notion.fault_at_write(1, before(503));
    it.query(source, &json!({})).await;
    good(&it.post("search", &json!({})).await);
    let path = format!("pages/{row}");
    let change = json!({"properties": {"Key": {"rich_text": text("x")}}});
    refused(&it.patch(&path, &change).await, 503, "service_unavailable");
    good(&it.patch(&path, &change).await);
    good(&it.get(&path).await);
    refused(&it.delete(&format!("blocks/{row}")).await, 500, "internal_server_error");
    good(&it.delete(&format!("blocks/{row}")).await);
}

#[tokio::test]
async fn things_happen_between_calls() {
    let (it, source) = with_rows().await;
    let (nora, seen) = (it.nora, Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&seen);
    it.notion.before_write(2, move |notion| {
        count.store(notion.writes(), Ordering::SeqCst);
        notion.hands(nora).remove_column(source, "Key");
    });
    it.notion.before_call(4, move |notion| notion.end_tokens(nora));
    it.notion.clear_log();
    let row = it.row(source, &json!({"Key": {"rich_text": text("a")}})).await;
    assert_eq!(it.notion.row(row).text("Key"), "a");
    good(&it.get(&format!("pages/{row}")).await);
    super::invalid(&it.try_row(source, &json!({"Key": {"rich_text": text("b")}})).await, "Key is not a property");
    assert_eq!(seen.load(Ordering::SeqCst), 1, "before it is counted");
    refused(&it.get(&format!("pages/{row}")).await, 401, "unauthorized");
}

#[tokio::test]
async fn calls_are_counted_by_kind_and_at_once() {
    let (it, source) = with_rows().await;
    it.notion.clear_log();
    let gate = Gate::closed();
    it.notion.fault(None, "POST /v1/pages?", Fault::Wait(gate.clone()));
    let nothing = json!({});
    let both = async { tokio::join!(it.try_row(source, &nothing), it.try_row(source, &nothing)) };
    let open = async {
        gate.wait_for(2).await;
        gate.open();
    };
    let ((first, second), ()) = tokio::join!(both, open);
    let row = id(&good(&first)["id"]);
    good(&second);
    assert_eq!(it.notion.most_at_once(), 2);
    it.query(source, &json!({})).await;
    good(&it.get(&format!("pages/{row}/properties/title")).await);
    let calls: Vec<(String, usize)> = it.notion.calls().into_iter().collect();
    let counted = [
        ("GET /v1/pages/{page_id}/properties/{property_id}", 1),
        ("POST /v1/data_sources/{data_source_id}/query", 1),
        ("POST /v1/pages", 2),
    ];
    assert_eq!(calls, counted.map(|(call, count)| (call.to_owned(), count)));
    assert_eq!(it.notion.writes(), 2);
    // Also what a fault answers, or nobody.
    it.notion.heal();
    it.notion.fault(Some(1), "POST /v1/pages?", before(503));
    refused(&it.try_row(source, &json!({})).await, 503, "service_unavailable");
    assert_eq!(it.notion.writes(), 3);
}
