//! The demo of `examples/demo.rs`: every printed log-in connects, every printed link shows what its note says.

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::{http, link};
use serde_json::Value;

use crate::world::demo::{Demo, LogIn};
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::MORNING;

pub async fn start() -> (Demo, Gateway) {
    start_at(0, 0).await
}

/// The same, with the Jiras at these ports; 0 = any free one.
pub async fn start_at(acme: u16, plant: u16) -> (Demo, Gateway) {
    let clock = Clock::manual(MORNING.parse().unwrap());
    let demo = Demo::at_ports(clock.now(), acme, plant).await;
    let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let gateway = demo.gateway(listener, tempfile::tempdir().unwrap(), clock).await;
    (demo, gateway)
}

async fn connect(api: &Api, log_in: &LogIn) -> Value {
    api.connect(&log_in.site, log_in.method, &log_in.username, &log_in.secret).await
}

/// An account of the gateway that has used the first log-in of each of these people.
async fn account(demo: &Demo, gateway: &Gateway, people: [&str; 2]) -> Api {
    let api = gateway.api(people[0]).await;
    for person in people {
        let log_in = demo.log_ins().into_iter().find(|log_in| log_in.username.starts_with(person)).unwrap();
        connect(&api, &log_in).await;
    }
    api
}

#[tokio::test]
async fn every_printed_log_in_connects() {
    let (demo, gateway) = start().await;
    for (at, log_in) in demo.log_ins().iter().enumerate() {
        // Accounts of their own: one may try five times in ten minutes.
        let api = gateway.api(&format!("person-{at}")).await;
        let row = connect(&api, log_in).await;
        assert_eq!((&row["health"], &row["method"]), (&"ok".into(), &log_in.method.into()), "{log_in:?}");
        assert_eq!(row["site"]["deployment"], log_in.version, "{log_in:?}");
        let key = if log_in.version == "cloud" { "OPS-7" } else { "PLAT-3" };
        let issue = api.one(&format!("{}/browse/{key}", log_in.site)).await;
        assert_eq!(issue["state"], "ready", "{log_in:?}");
    }
}

#[tokio::test]
async fn every_printed_link_shows_what_its_note_says() {
    let (demo, gateway) = start().await;
    let high = account(&demo, &gateway, ["ana", "hana"]).await;
    let low = account(&demo, &gateway, ["ben", "jonas"]).await;
    let links = demo.links();
    let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
    let answers = high.resolve(&urls).await.into_iter().zip(low.resolve(&urls).await);
    for (link, (seen, seen_by_others)) in links.iter().zip(answers) {
        let (state, others) = match link.note {
            note if note.starts_with("only ") => ("ready", "not_found"),
            note if note.starts_with("moved") => ("moved", "moved"),
            note if note.starts_with("there is no") => ("not_found", "not_found"),
            note if note.starts_with("a comment") => ("unsupported", "unsupported"),
            _ => ("ready", "ready"),
        };
        assert_eq!((&seen["state"], &seen_by_others["state"]), (&state.into(), &others.into()), "{link:?}");
        assert_eq!(seen["kind"] == "project", link.note == "a project", "{link:?}");
        assert!(seen["mention"].is_object(), "{link:?}");
    }
    for (end, id) in [("?selectedIssue=MOB-4", "MOB-4"), ("/browse/OLD-17", "WEB-9"), ("/browse/PLAT-3", "PLAT-3")] {
        let url = urls.iter().find(|url| url.ends_with(end)).unwrap();
        assert_eq!(high.one(url).await["id"], id, "{url}");
    }
}

#[tokio::test]
async fn what_is_printed_fits_a_terminal_and_may_be_pasted() {
    let (demo, _gateway) = start().await;
    let printed = demo.to_string();
    for line in printed.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let (_, block) = printed.split_once("Links to paste").unwrap();
    let urls: Vec<String> = demo.links().into_iter().map(|link| link.url).collect();
    assert_eq!(link::links_in(block).links, urls);
}
