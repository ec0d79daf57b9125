//! Providers that answer with anything at all: nothing is followed to another host, nothing is kept, nobody waits for ever.

use jiff::SignedDuration;
use serde_json::json;

use super::seen::{count, problem, rows};
use super::town::{Town, jira};
use crate::pages::visitor::Visitor;
use crate::world::atlassian::TOKEN_ENDPOINT;
use crate::world::jira::{Fault, OAUTH_2_TOKEN};
use crate::world::{FakeJira, Personality};

const AFTER_THE_LIMITS: SignedDuration = SignedDuration::from_mins(11);
const RESOURCES: &str = "/oauth/token/accessible-resources";
const LINK_TOKENS: [&str; 2] = ["/plugins/servlet/oauth/request-token", "/plugins/servlet/oauth/access-token"];

/// Ana tries to connect, with whatever the provider is made to answer.
async fn attempt(town: &Town, jira: &FakeJira) -> u16 {
    town.advance(AFTER_THE_LIMITS);
    let mut ana = Visitor::new(&town.gateway);
    let page = town.ask(&mut ana, &jira.url(), "/").await;
    if page.status != 303 {
        return problem(&page).0;
    }
    let back = town.consent(jira, page.location());
    let page = ana.open(&back).await;
    assert_eq!(rows(&mut ana).await.is_empty(), page.status != 200, "{}", page.text);
    page.status
}

#[tokio::test]
async fn no_secret_follows_a_redirect() {
    let town = Town::start().await;
    let thief = jira(Personality::data_center()).await;
    let to_thief = || Fault::Redirect(thief.at("/rest/api/2/myself"));
    for path in [TOKEN_ENDPOINT, RESOURCES] {
        town.atlassian.fault_at(path, to_thief());
        assert_eq!(attempt(&town, &town.acme).await, 422, "{path}");
        town.atlassian.heal();
    }
    for (jira, paths) in [(&town.plant, [OAUTH_2_TOKEN, "/myself"]), (&town.old, LINK_TOKENS)] {
        for path in paths {
            jira.fault_at(path, to_thief());
            assert_eq!(attempt(&town, jira).await, 422, "{path}");
            jira.heal();
        }
    }
    assert_eq!((thief.calls().total, count(&town.gateway, "credentials").await), (0, 0));
    for jira in [&town.acme, &town.plant, &town.old] {
        assert_eq!(attempt(&town, jira).await, 200, "healed");
        let account = super::seen::local(&town.gateway).await;
        for row in town.gateway.inner.store.connections(&account).await.unwrap() {
            town.gateway.inner.connect.remove(&account, &row.id).await.unwrap();
        }
    }
    // Nor when a token is renewed, or used.
    let mut ana = Visitor::new(&town.gateway);
    for jira in [&town.acme, &town.plant, &town.old] {
        assert_eq!(town.connect(&mut ana, jira, "/").await.status, 200);
    }
    town.atlassian.fault_at(TOKEN_ENDPOINT, to_thief());
    town.plant.fault_at(OAUTH_2_TOKEN, to_thief());
    town.old.fault_at("/rest/", to_thief());
    town.advance(SignedDuration::from_mins(121));
    for jira in [&town.acme, &town.plant, &town.old] {
        let page = ana.get(&format!("/api/v1/resolve?url={}", jira.at("/browse/OPS-7"))).await;
        assert_eq!(page.reply.json()["state"], "unreachable", "{}", page.text);
    }
    assert_eq!(thief.calls().total, 0);
    assert!(rows(&mut ana).await.iter().all(|row| row["health"] == "ok"), "nobody has to consent again for that");
}

#[tokio::test]
async fn an_answer_without_sense_keeps_nothing() {
    let town = Town::start().await;
    let edit = |name: &'static str, value: serde_json::Value| Fault::edit(move |it| it[name] = value.clone());
    let faults = [
        Fault::Huge(64 << 20),
        Fault::GzipBomb(64 << 20),
        Fault::SignInPage,
        Fault::edit(|value| *value = json!([])),
        edit("access_token", json!("a\r\nx-evil: 1")),
        edit("access_token", json!(null)),
        edit("access_token", json!("")),
        edit("expires_in", json!(-1)),
        edit("expires_in", json!(1e300)),
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        town.atlassian.fault_at(TOKEN_ENDPOINT, fault.clone());
        town.plant.fault_at(OAUTH_2_TOKEN, fault);
        for jira in [&town.acme, &town.plant] {
            assert_eq!(attempt(&town, jira).await, 422, "{n} {}", jira.url());
        }
        town.atlassian.heal();
        town.plant.heal();
    }
    assert_eq!(count(&town.gateway, "credentials").await, 0);
    // A life that nobody can believe is cut.
    town.atlassian.fault_at(TOKEN_ENDPOINT, edit("expires_in", json!(u64::MAX)));
    assert_eq!(attempt(&town, &town.acme).await, 200);
    town.atlassian.heal();
    town.advance(SignedDuration::from_hours(25));
    let mut ana = Visitor::new(&town.gateway);
    ana.get("/").await;
    let page = ana.get(&format!("/api/v1/resolve?url={}", town.acme.at("/browse/OPS-7"))).await;
    assert_eq!((page.reply.json()["state"].as_str(), town.atlassian.counts().token.refreshes), (Some("ready"), 1));
}

/// The id of a site becomes a part of the address to which its token goes.
#[tokio::test]
async fn a_site_with_an_odd_id_or_address_is_not_kept() {
    let town = Town::start().await;
    for (name, value) in [
        ("id", "../../../oauth"),
        ("id", "a/b?x#"),
        ("id", ""),
        ("url", "javascript:alert(1)"),
        ("url", "https://user@evil.example"),
    ] {
        town.atlassian.fault_at(RESOURCES, Fault::edit(move |rows| rows[1][name] = json!(value)));
        assert_eq!(attempt(&town, &town.acme).await, 422, "{name} {value}");
        town.atlassian.heal();
    }
    assert_eq!(count(&town.gateway, "credentials").await, 0);
}
