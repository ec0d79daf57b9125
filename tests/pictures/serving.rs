//! What is served as a picture, and how.

use jiff::SignedDuration;
use jira_notion_gateway::picture::LARGEST;
use jira_notion_gateway::store::ConnectionId;

use super::{Got, asked_for, connected, data_center, gateway, get, get_with, morning};
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::pictures::dot;
use crate::world::{FakeJira, Fault, Gate};

async fn icon(api: &Api, jira: &FakeJira) -> String {
    api.one(&jira.at("/browse/OPS-7")).await["preview"]["icon_url"].as_str().unwrap().to_owned()
}

fn is_protected(got: &Got) {
    assert_eq!(got.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'; sandbox");
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert_eq!(got.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(got.header("referrer-policy"), "no-referrer");
    assert!(got.headers.get("set-cookie").is_none() && got.headers.get("x-ausername").is_none());
}

#[tokio::test]
async fn a_picture_may_be_shown_anywhere_and_kept_for_a_while() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let address = icon(&ana, &jira).await;
    let from_afar =
        [("origin", "https://www.notion.so"), ("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "image")];
    let got = get_with(&address, &from_afar).await;
    assert_eq!((got.status, got.header("content-type")), (200, "image/png"));
    assert_eq!(got.header("cache-control"), "private, max-age=600");
    is_protected(&got);
    let tag = got.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let same = get_with(&address, &[("if-none-match", &known)]).await;
        assert_eq!((same.status, same.bytes.len()), (304, 0));
        assert_eq!((same.header("etag"), same.header("cache-control")), (&*tag, "private, max-age=600"));
        is_protected(&same);
    }
    assert_eq!(get_with(&address, &[("if-none-match", "\"x\"")]).await.status, 200);
    clock.advance(SignedDuration::from_mins(4));
    assert_eq!(get(&address).await.header("cache-control"), "private, max-age=360", "no longer than we believe it");
    // Nor for longer than the address is good.
    clock.advance(SignedDuration::from_mins(111));
    assert_eq!(get(&address).await.header("cache-control"), "private, max-age=300");
}

#[tokio::test]
async fn many_readers_cost_one_call_and_another_picture_comes_within_minutes() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let address = icon(&ana, &jira).await;
    let gate = Gate::closed();
    jira.fault_at("/secure/viewavatar", Fault::Wait(gate.clone()));
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let address = address.clone();
            tokio::spawn(async move { get(&address).await.status })
        })
        .collect();
    gate.wait_for(1).await;
    // Whoever asked first hangs up.
    readers[0].abort();
    jira.heal();
    gate.open();
    for reader in readers.into_iter().skip(1) {
        assert_eq!(reader.await.unwrap(), 200);
    }
    assert_eq!(asked_for(&jira), 1);
    let tag = get(&address).await.header("etag").to_owned();
    jira.fault_at("/secure/viewavatar", Fault::Body("image/png", dot("new")));
    assert_eq!(get(&address).await.header("etag"), tag);
    clock.advance(SignedDuration::from_mins(10));
    let got = get(&address).await;
    assert!(got.ends_with("new") && got.header("etag") != tag);
    assert_eq!(asked_for(&jira), 2);
}

/// Bytes of another size than a browser should be given.
fn sized(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = dot("");
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

#[tokio::test]
async fn what_is_no_picture_is_not_passed_on_and_soon_asked_for_again() {
    let page = b"<!DOCTYPE html><html><head><title>Log in</title></head><svg></svg></html>".to_vec();
    let script = br#"<svg xmlns="http://www.w3.org/2000/svg"><style>*{}</style></svg>"#.to_vec();
    let faults = [
        Fault::SignInPage,
        Fault::Body("image/png", page),
        Fault::Body("image/png", Vec::new()),
        Fault::Body("image/png", b"%PDF-1.7".to_vec()),
        Fault::Body("image/svg+xml", script),
        Fault::Body("image/png", br#"{"errorMessages":["no"]}"#.to_vec()),
        Fault::Body("image/png", sized(1025, 1)),
        Fault::Body("image/png", sized(1, 1025)),
        Fault::Body("image/png", sized(0, 1)),
        Fault::Body("image/png", sized(1, 0)),
        Fault::Body("image/png", [dot(""), vec![0; LARGEST]].concat()),
        Fault::Huge(10 * 1024 * 1024),
        Fault::GzipBomb(32 * 1024 * 1024),
        Fault::Truncated,
        Fault::LongLength,
        Fault::status(404),
        Fault::status(403),
        Fault::status(500),
        Fault::status(204),
        Fault::Close,
        Fault::Redirect("https://evil.example/x.png".to_owned()),
        Fault::Redirect("http://169.254.169.254/latest/meta-data".to_owned()),
        Fault::Redirect("/secure/useravatar".to_owned()),
        Fault::Redirect("http://secure.gravatar.com/avatar/x".to_owned()),
    ];
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    for (at, fault) in faults.into_iter().enumerate() {
        let address = icon(&ana, &jira).await;
        jira.fault_at("/secure/viewavatar", fault);
        jira.forget_calls();
        for _ in 0..3 {
            let got = get(&address).await;
            assert_eq!((got.status, got.bytes.len(), got.header("cache-control")), (404, 0, "no-store"), "fault {at}");
        }
        assert_eq!(jira.calls().total, 1, "fault {at}: neither again at once nor anything else");
        jira.heal();
        clock.advance(SignedDuration::from_secs(31));
        assert_eq!(get(&address).await.status, 200, "fault {at}");
        clock.advance(SignedDuration::from_hours(2));
        // Whatever came instead of a picture says nothing about the connection or its previews.
        let rows = ana.get("/api/v1/connections").await.json();
        assert_eq!(rows["connections"][0]["health"], "ok", "fault {at}");
        let id = rows["connections"][0]["id"].as_str().and_then(ConnectionId::parse);
        gateway.inner.unfurl.forget(&id.unwrap());
    }
}

#[tokio::test]
async fn the_bytes_decide_what_it_is() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = connected(&gateway, &jira, "ana").await;
    jira.fault_at("/secure/viewavatar", Fault::Body("text/html", dot("<script>")));
    let got = get(&icon(&ana, &jira).await).await;
    assert_eq!((got.status, got.header("content-type")), (200, "image/png"));
    is_protected(&got);
}

#[tokio::test]
async fn a_drawing_is_served_without_what_it_could_do() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = connected(&gateway, &jira, "ana").await;
    let hostile = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" onload="alert(1)"><script>alert(1)</script><path d="M0 0h16" fill="red"/></svg>"#;
    jira.fault_at("/secure/viewavatar", Fault::Body("image/svg+xml", hostile.to_vec()));
    let got = get(&icon(&ana, &jira).await).await;
    assert_eq!((got.status, got.header("content-type")), (200, "image/svg+xml"));
    is_protected(&got);
    let expected =
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M0 0h16" fill="red"/></svg>"#;
    assert_eq!(String::from_utf8(got.bytes).unwrap(), expected);
}
