//! Every kind of object through the running gateway, at both deployments: what is shown, to whom, and what is said
//! instead.

use std::fmt::Write;

use serde_json::Value;

use crate::demo;
use crate::openapi;
use crate::world::demo::Demo;
use crate::world::gateway::{Api, Gateway};

/// Ana and Hana see everything of the demo's sites; Ben and Jonas do not.
async fn readers() -> (Demo, Gateway, Api, Api) {
    let (demo, gateway) = demo::start().await;
    let high = demo::account(&demo, &gateway, ["ana", "hana"]).await;
    let low = demo::account(&demo, &gateway, ["ben", "jonas"]).await;
    (demo, gateway, high, low)
}

/// Title, identifier, status and facts, a line each.
fn drawn(preview: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut out = format!("{} | {}", text(&preview["title"]), text(&preview["identifier"]));
    if preview["status"].is_object() {
        write!(out, " | {} ({})", text(&preview["status"]["name"]), text(&preview["status"]["category"])).unwrap();
    }
    for fact in preview["facts"].as_array().unwrap() {
        write!(out, "\n  {} \"{}\": {}", text(&fact["id"]), text(&fact["name"]), text(&fact["value"])).unwrap();
    }
    out
}

#[tokio::test]
async fn every_kind_is_shown_with_its_facts_to_those_who_may_see_it() {
    let (demo, _gateway, high, low) = readers().await;
    let objects = demo.objects();
    let urls: Vec<&str> = objects.iter().map(|object| object.link.url.as_str()).collect();
    let (seen, seen_by_others) = (high.resolve(&urls).await, low.resolve(&urls).await);
    let mut all = String::new();
    for ((object, answer), others) in objects.iter().zip(&seen).zip(&seen_by_others) {
        let told = format!("{object:?}: {answer}");
        assert_eq!((&answer["kind"], &answer["state"]), (&object.kind.into(), &"ready".into()), "{told}");
        openapi::validate("resolveOne", 200, answer);
        let expected = if object.link.note.starts_with("only ") { "not_found" } else { "ready" };
        assert_eq!(others["state"], expected, "{object:?}: {others}");
        assert_eq!(answer["reason"], Value::Null, "{told}");
        let path = answer["canonical_url"].as_str().unwrap().strip_prefix(answer["site"]["url"].as_str().unwrap());
        writeln!(all, "{} {}\n{}", object.kind, path.unwrap(), drawn(&answer["preview"])).unwrap();
        writeln!(all, "  mention: {}\n", answer["mention"]["text"].as_str().unwrap()).unwrap();
    }
    insta::assert_snapshot!(all);
}
