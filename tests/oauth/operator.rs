//! What the operator has set wrong is said to the operator; nobody is sent to consent for it (jira-auth-and-rest §2.3).

use jiff::SignedDuration;

use super::seen::{problem, rows};
use super::town::{CLIENT, Town};
use crate::pages::leaks::Log;
use crate::pages::visitor::Visitor;
use crate::world::gateway::Api;

fn spoil(town: &Town) {
    let callback = format!("{}/connect/callback/cloud", town.gateway.url);
    town.atlassian.register(CLIENT.0, "another secret", &[&callback]);
}

#[tokio::test]
async fn a_wrong_client_secret_ends_no_connection() {
    let (log, _captured) = Log::capture();
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    let api = town.gateway.api("local").await;
    spoil(&town);
    town.advance(SignedDuration::from_mins(61));
    let lines = || log.text().lines().filter(|line| line.contains("check its id, secret")).count();
    for site in [&town.acme, &town.beta, &town.acme] {
        let answer = api.one(&site.at("/browse/OPS-7")).await;
        let said = (&answer["state"], &answer["reason"]["code"]);
        assert_eq!(said, (&"error".into(), &"operator_configuration".into()), "{answer}");
    }
    assert_eq!((lines(), town.atlassian.counts().token.refused_refreshes), (1, 1), "asked once a minute at most");
    assert!(rows(&mut ana).await.iter().all(|row| row["health"] == "ok"));
    // The operator mends it: nobody has to do anything.
    let callback = format!("{}/connect/callback/cloud", town.gateway.url);
    town.atlassian.register(CLIENT.0, CLIENT.1, &[&callback]);
    town.advance(SignedDuration::from_mins(2));
    assert_eq!(api.one(&town.acme.at("/browse/OPS-7")).await["state"], "ready");
}

#[tokio::test]
async fn a_code_that_the_wrong_secret_cannot_redeem_is_the_operators_matter() {
    let (log, _captured) = Log::capture();
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    spoil(&town);
    let page = town.connect(&mut ana, &town.acme, "/").await;
    assert_eq!(problem(&page), (422, "Jira does not accept this gateway".to_owned()));
    assert_eq!(log.text().lines().filter(|line| line.contains("check its id, secret")).count(), 1);
}

/// A link of the API, asked until it does not change any more.
async fn settled(api: &Api, link: &str) -> (String, String) {
    let mut answer = api.one(link).await;
    for _ in 0..3 {
        answer = api.one(link).await;
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["state"]), text(&answer["reason"]["code"]))
}

#[tokio::test]
async fn a_scope_that_is_missing_is_not_looked_for_by_renewing() {
    let town = Town::with(&["--jira-scopes", "read:jira-user offline_access"]).await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    let api = town.gateway.api("local").await;
    let said = settled(&api, &town.acme.at("/browse/OPS-7")).await;
    assert_eq!(said, ("unsupported".to_owned(), "scope_missing".to_owned()));
    let fields = ana.get("/connections").await.link("Fields on cards");
    let page = ana.get(&fields).await;
    let told = page.one("[role=alert]");
    assert!(told.contains("Your Jira token may not read fields. Reconnect with a token that has the scope"), "{told}");
    assert_eq!(town.atlassian.counts().token.refreshes, 0);
    assert!(rows(&mut ana).await.iter().all(|row| row["health"] == "ok"));
}

#[tokio::test]
async fn who_may_not_read_who_somebody_is_cannot_connect_anybody() {
    let (log, _captured) = Log::capture();
    let town = Town::with(&["--jira-scopes", "read:jira-work offline_access"]).await;
    let mut ana = Visitor::new(&town.gateway);
    let page = town.connect(&mut ana, &town.acme, "/").await;
    assert_eq!(problem(&page), (422, "Jira does not accept this gateway".to_owned()), "no secret was mistyped");
    assert!(log.text().contains("read:jira-user"), "the operator is told what to set");
    assert_eq!((town.atlassian.counts().token.refreshes, rows(&mut ana).await.len()), (0, 0));
}

/// The administrator of a site may block the app: the others of the grant are connected all the same.
#[tokio::test]
async fn a_site_that_blocks_the_app_is_told_from_a_mistyped_secret() {
    use crate::world::jira::Fault;
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for site in [&town.acme, &town.beta] {
        site.fault_at("/myself", Fault::status(403));
    }
    let page = town.connect(&mut ana, &town.acme, "/").await;
    assert_ne!(page.one("#problem strong"), "Jira did not accept this sign-in", "{}", page.text);
    town.beta.heal();
    let page = town.connect(&mut ana, &town.acme, "/connections").await;
    assert_eq!((page.status, rows(&mut ana).await.len()), (200, 2));
}

#[tokio::test]
async fn each_secret_is_seen_only_where_it_belongs() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    town.connect(&mut ana, &town.plant, "/").await;
    let api = town.gateway.api("local").await;
    for _ in 0..2 {
        for jira in [&town.acme, &town.beta, &town.plant] {
            assert_eq!(api.one(&jira.at("/browse/OPS-7")).await["state"], "ready");
        }
        town.advance(SignedDuration::from_mins(121));
    }
    let seen = town.atlassian.seen();
    let bearer = seen.iter().filter_map(|it| it.asked.header("authorization")?.strip_prefix("Bearer "));
    let access: std::collections::BTreeSet<_> = bearer.collect();
    let refresh: Vec<_> = seen.iter().map(|it| it.asked.field("refresh_token")).filter(|it| !it.is_empty()).collect();
    assert!(access.len() >= 2 && !refresh.is_empty(), "{} {}", access.len(), refresh.len());
    for token in access {
        assert_eq!(town.atlassian.places_that_saw(token), ["api".to_owned()].into());
        assert!(!town.plant.has_seen(token) && !town.old.has_seen(token));
    }
    for token in &refresh {
        assert_eq!(town.atlassian.places_that_saw(token), ["auth".to_owned()].into());
        assert!(!town.plant.has_seen(token) && !town.old.has_seen(token));
    }
    let own = town.plant.log();
    let tokens = own.iter().filter_map(|it| it.asked.header("authorization")?.strip_prefix("Bearer "));
    let tokens: std::collections::BTreeSet<_> = tokens.collect();
    assert!(!tokens.is_empty());
    for token in tokens {
        assert!(town.atlassian.places_that_saw(token).is_empty() && !town.old.has_seen(token));
    }
}
