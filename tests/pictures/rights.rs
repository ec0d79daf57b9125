//! Who sees which picture, and for how long.

use jiff::SignedDuration;
use jira_notion_gateway::preview::FactId;
use jira_notion_gateway::secret::{MasterKeys, Passes, Sealer};
use serde_json::Value;

use super::{PRIVATE, answer, asked_for, cloud, connected, data_center, folder, gateway, get, jira, morning, of_fact};
use crate::world::gateway::{Api, Gateway};
use crate::world::{Fault, Personality};

async fn icon(api: &Api, url: &str) -> Option<String> {
    api.one(url).await["preview"]["icon_url"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn every_picture_of_a_card_is_served_by_the_gateway() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let api = connected(&gateway, &jira, "ana").await;
        let link = jira.at("/browse/OPS-7");
        let own = icon(&api, &link).await.unwrap();
        assert!(own.starts_with(&format!("{}/picture/", gateway.url)), "{own}");
        let card = answer(&gateway, "ana", &link).await;
        let mut addresses = vec![own.clone(), of_fact(&card, &FactId::Priority).unwrap()];
        assert_eq!(card.preview.as_ref().unwrap().icon_url.as_ref(), Some(&own), "the same address everywhere");
        // The simulated Cloud has its avatars where nobody knows them.
        for person in [FactId::Assignee, FactId::Reporter] {
            assert_eq!(of_fact(&card, &person).is_some(), !jira.personality().is_cloud());
            addresses.extend(of_fact(&card, &person));
        }
        jira.forget_calls();
        for address in &addresses {
            assert!(!address.contains(&jira.url()) && !address.contains("ana"), "{address}");
            assert_eq!(get(address).await.status, 200, "{address}");
        }
        for logged in jira.log() {
            assert_eq!(logged.who.as_deref(), Some("ana"), "with the reader's own credential: {}", logged.asked.path);
        }
        assert_eq!(asked_for(&jira), addresses.len());
    }
}

#[tokio::test]
async fn a_project_shows_its_picture_to_who_may_browse_it() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let ben = connected(&gateway, &jira, "ben").await;
    let (open, closed) = (jira.at("/browse/OPS"), jira.at("/browse/HR"));
    let hers = icon(&ana, &closed).await.unwrap();
    assert!(get(&hers).await.ends_with("HR"));
    assert_eq!(icon(&ben, &closed).await, None);
    let (of_ana, of_ben) = (icon(&ana, &open).await.unwrap(), icon(&ben, &open).await.unwrap());
    assert_ne!(of_ana, of_ben, "each is fetched with its reader's own connection");
    assert!(get(&of_ana).await.ends_with("OPS") && get(&of_ben).await.ends_with("OPS"));
    // Who may not see it any more does not, after a while, although the address is still good.
    jira.change_person("ana", |person| person.groups.clear());
    clock.advance(SignedDuration::from_mins(11));
    let got = get(&hers).await;
    assert_eq!((got.status, got.bytes.len()), (404, 0));
}

#[tokio::test]
async fn a_person_shows_their_face() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = connected(&gateway, &jira, "ana").await;
    let face = icon(&ana, &jira.at("/secure/ViewProfile.jspa?name=ben")).await.unwrap();
    assert!(get(&face).await.ends_with("ben"));
}

#[tokio::test]
async fn an_address_ends_with_its_connection() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = connected(&gateway, &jira, "ana").await;
    let ben = connected(&gateway, &jira, "ben").await;
    let link = jira.at("/browse/OPS");
    let (of_ana, of_ben) = (icon(&ana, &link).await.unwrap(), icon(&ben, &link).await.unwrap());
    assert_eq!((get(&of_ana).await.status, get(&of_ben).await.status), (200, 200));
    let id = ana.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    ana.send(reqwest::Method::DELETE, &format!("/api/v1/connections/{id}"), None).await;
    jira.forget_calls();
    assert_eq!((get(&of_ana).await.status, get(&of_ben).await.status), (404, 200));
    // Nor does it come back with a new connection of the same person.
    connected(&gateway, &jira, "ana").await;
    assert_eq!(get(&of_ana).await.status, 404);
    assert_eq!(asked_for(&jira), 0);
}

#[tokio::test]
async fn a_connection_made_anew_or_waiting_for_its_person_shows_nothing_under_old_addresses() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let link = jira.at("/browse/OPS");
    let first = icon(&ana, &link).await.unwrap();
    assert_eq!(get(&first).await.status, 200);
    connected(&gateway, &jira, "ana").await;
    assert_eq!(get(&first).await.status, 404, "another generation");
    let second = icon(&ana, &link).await.unwrap();
    assert_eq!(get(&second).await.status, 200);
    jira.change_person("ana", |person| person.access_tokens.clear());
    clock.advance(SignedDuration::from_mins(2));
    let stale = ana.one(&link).await;
    assert_eq!((&stale["state"], &stale["stale"]), (&"reconnect".into(), &true.into()));
    assert_eq!(stale["preview"]["icon_url"], Value::Null, "the last value goes without pictures");
    assert_eq!(get(&second).await.status, 404, "although it is remembered");
}

#[tokio::test]
async fn an_address_lives_for_one_to_two_hours_and_stays_the_same_within_one() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let link = jira.at("/browse/OPS-7");
    let reply = ana.get_one(&link, &[]).await;
    let (tag, address) = (reply.header("etag").to_owned(), icon(&ana, &link).await.unwrap());
    for _ in 0..28 {
        clock.advance(SignedDuration::from_mins(2));
        let again = ana.get_one(&link, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status, 304, "a check that finds nothing new changes no tag");
    }
    assert_eq!(get(&address).await.status, 200);
    clock.advance(SignedDuration::from_mins(6));
    let next = icon(&ana, &link).await.unwrap();
    assert_ne!(next, address);
    clock.advance(SignedDuration::from_mins(57));
    assert_eq!((get(&address).await.status, get(&next).await.status), (200, 200));
    clock.advance(SignedDuration::from_mins(1));
    assert_eq!((get(&address).await.status, get(&next).await.status), (404, 200));
}

#[tokio::test]
async fn addresses_outlive_the_ready_made_answers_that_hold_them() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = Gateway::with(&[&PRIVATE[..], &["--preview-ttl", "1d"]].concat(), clock.clone()).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let link = jira.at("/browse/OPS-7");
    icon(&ana, &link).await;
    clock.advance(SignedDuration::from_hours(23));
    assert_eq!(get(&icon(&ana, &link).await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn whatever_is_no_address_of_ours_is_the_same_nothing() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = connected(&gateway, &jira, "ana").await;
    let address = icon(&ana, &jira.at("/browse/OPS-7")).await.unwrap();
    let (front, pass) = address.split_at(address.rfind('/').unwrap() + 1);
    let parts: Vec<&str> = pass.split('.').collect();
    let turned: String = parts[2].chars().rev().collect();
    let id = ana.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    let account = gateway.inner.accounts.named("ana").await.unwrap();
    let path = "/secure/useravatar?ownerId=ana";
    let content = |account: &str, id: &str, path: &str| format!("{account}\n{id}\n1\n{path}").into_bytes();
    let own = Passes::new(gateway.inner.sealer.clone(), "picture");
    let foreign = Passes::new(Sealer::with_keys(MasterKeys::generate()), "picture");
    let ends = jiff::Timestamp::MAX.as_second();
    let ben = gateway.inner.accounts.named("ben").await.unwrap();
    let forged = [
        "x".to_owned(),
        format!("{}.{}.{turned}", parts[0], parts[1]),
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        foreign.write(&content(account.as_str(), &id, path), ends),
        own.write(&content(ben.as_str(), &id, path), ends),
        own.write(&content(account.as_str(), "con_00000000000000000000", path), ends),
        own.write(&content(account.as_str(), &id, "https://evil.example/x.png"), ends),
        own.write(b"nonsense", ends),
        own.write(&content(account.as_str(), &id, path), 1),
        "x".repeat(10_000),
        "%00%0a".to_owned(),
    ];
    jira.forget_calls();
    let nothing = get(&format!("{front}y")).await;
    for pass in forged {
        let got = get(&format!("{front}{pass}")).await;
        assert_eq!((got.status, &got.bytes, got.header("cache-control")), (404, &nothing.bytes, "no-store"), "{pass}");
        assert!(got.headers.keys().eq(nothing.headers.keys()), "{pass}");
    }
    assert_eq!(jira.calls().total, 0);
}

#[tokio::test]
async fn a_restart_and_a_second_process_know_the_addresses() {
    let jira = data_center().await;
    let folder = folder();
    let first = Gateway::at(folder.clone(), &PRIVATE, morning()).await;
    let ana = connected(&first, &jira, "ana").await;
    let address = icon(&ana, &jira.at("/browse/OPS-7")).await.unwrap();
    let second = Gateway::at(folder, &PRIVATE, morning()).await;
    let there = address.replace(&first.url, &second.url);
    assert_eq!(get(&there).await.status, 200);
    first.stop().await;
    assert_eq!(get(&there).await.status, 200);
}

#[tokio::test]
async fn a_jira_that_is_away_leaves_the_last_picture_for_a_day() {
    let jira = jira(Personality::data_center()).await;
    let clock = morning();
    let gateway = Gateway::with(&[&PRIVATE[..], &["--preview-ttl", "7d"]].concat(), clock.clone()).await;
    let ana = connected(&gateway, &jira, "ana").await;
    let address = icon(&ana, &jira.at("/browse/OPS")).await.unwrap();
    assert!(get(&address).await.ends_with("OPS"));
    jira.fault(Fault::Close);
    jira.forget_calls();
    clock.advance(SignedDuration::from_mins(11));
    assert!(get(&address).await.ends_with("OPS"));
    assert!(get(&address).await.ends_with("OPS"));
    assert_eq!(jira.calls().total, 1, "not asked at every look");
    clock.advance(SignedDuration::from_hours(24));
    assert_eq!(get(&address).await.status, 404);
    jira.heal();
    clock.advance(SignedDuration::from_secs(31));
    assert!(get(&address).await.ends_with("OPS"));
}
