//! Webhooks of the operator's app at Jira Cloud.

use jiff::SignedDuration;
use jira_notion_gateway::store::Health;

use super::{rename, shown, tell, title};
use crate::oauth::town::Town;
use crate::pages::visitor::Visitor;
use crate::world::gateway::{Api, Gateway};
use crate::world::{FakeJira, Hook};

pub const SCOPES: &str = "read:jira-work read:jira-user offline_access manage:jira-webhook";
const REGISTER: &str = "POST /ex/jira/{cloudId}/rest/api/3/webhook";
const LIST: &str = "GET /ex/jira/{cloudId}/rest/api/3/webhook";
const DELETE: &str = "DELETE /ex/jira/{cloudId}/rest/api/3/webhook";
const REFRESH: &str = "PUT /ex/jira/{cloudId}/rest/api/3/webhook/refresh";

pub async fn town() -> Town {
    Town::with(&["--jira-scopes", SCOPES]).await
}

/// What the gateway does every few seconds.
pub async fn tend(gateway: &Gateway) {
    gateway.inner.connect.tend_webhooks().await.unwrap();
}

/// Ana has looked at OPS-7 of this Jira, and is told of its changes.
pub async fn told(town: &Town, jira: &FakeJira) -> Api {
    let api = town.api_of_ana(jira).await;
    assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari");
    tend(&town.gateway).await;
    assert_eq!(jira.webhooks().len(), 1);
    api
}

/// Ben connects with an API token, which Jira lets do no such thing.
async fn ben(town: &Town) -> Api {
    town.acme.change_person("ben", |ben| *ben = ben.clone().api_token("ben-token"));
    let ben = town.gateway.api("ben").await;
    ben.connect(&town.acme.url(), "api_token", "ben@acme.example", "ben-token").await;
    ben
}

fn only(jira: &FakeJira) -> Hook {
    let mut hooks = jira.webhooks();
    assert_eq!(hooks.len(), 1, "{hooks:?}");
    hooks.remove(0)
}

#[tokio::test]
async fn a_change_is_seen_at_the_next_look_by_everybody() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let hook = only(&town.acme);
    assert!(hook.url.starts_with(&format!("{}/jira/webhook/whk_", town.gateway.url)), "{}", hook.url);
    assert_eq!((hook.jql.as_str(), hook.owner.as_str(), hook.events.len()), (r#"project in ("OPS")"#, "ana", 6));
    let (ben, link) = (ben(&town).await, town.acme.at("/browse/OPS-7"));
    let by_number = town.acme.at("/rest/api/2/issue/10001");
    assert_eq!(title(&ben, &link).await, "Login fails on Safari");
    assert_eq!(title(&ana, &by_number).await, "Login fails on Safari");
    rename(&town.acme, "OPS-7", "Login works");
    // Nothing is known yet, and no time passes.
    assert_eq!(title(&ana, &link).await, "Login fails on Safari");
    let before = town.acme.calls().total;
    tell(&town.acme, 200).await;
    assert_eq!(town.acme.calls().total, before, "to be told costs Jira nothing");
    for _ in 0..3 {
        assert_eq!(title(&ana, &link).await, "Login works");
        assert_eq!(title(&ana, &by_number).await, "Login works");
        assert_eq!(title(&ben, &link).await, "Login works");
    }
    let after = town.acme.calls();
    assert_eq!(after.total, before + 3, "each of three is read once: {:?}", after.by_call);
    // What is said on it may be shown with it.
    town.acme.tell_of_comment("OPS-7", "comment_created", 10_100);
    tell(&town.acme, 200).await;
    title(&ana, &link).await;
    assert_eq!(town.acme.calls().total, before + 4);
    // The old key of an issue that moved away.
    town.acme.move_issue("OPS-7", "HR-7");
    tell_anyway(&town.acme, "HR-7").await;
    let moved = shown(&ana, &link).await;
    assert_eq!((moved.0.as_str(), moved.2.as_str()), ("moved", "Login works"));
    assert_eq!(shown(&ben, &link).await.0, "not_found", "he may not see where it lies now");
}

/// The filter tells of an issue in another project no more; by then it may be known for another reason.
async fn tell_anyway(jira: &FakeJira, key: &str) {
    assert!(jira.deliveries().is_empty());
    jira.move_issue(key, "OPS-70");
    jira.move_issue("OPS-70", key);
    tell(jira, 200).await;
}

#[tokio::test]
async fn what_comes_twice_or_late_does_no_harm() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let link = town.acme.at("/browse/OPS-7");
    for summary in ["One", "Two", "Three"] {
        rename(&town.acme, "OPS-7", summary);
    }
    let mut deliveries = town.acme.deliveries();
    assert_eq!(deliveries.len(), 3);
    deliveries.reverse();
    for delivery in deliveries.iter().chain(&deliveries) {
        assert_eq!(delivery.send().await, 200);
    }
    assert_eq!(title(&ana, &link).await, "Three");
    let before = town.acme.calls().total;
    for _ in 0..100 {
        assert_eq!(deliveries[0].send().await, 200);
        assert_eq!(title(&ana, &link).await, "Three");
    }
    assert_eq!(town.acme.calls().total, before, "one effect");
    // Many at once cost one call, at the next look.
    for number in 0..200 {
        rename(&town.acme, "OPS-7", &format!("Again {number}"));
    }
    tell(&town.acme, 200).await;
    assert_eq!(town.acme.calls().total, before);
    assert_eq!(title(&ana, &link).await, "Again 199");
    assert_eq!(town.acme.calls().total, before + 1);
}

#[tokio::test]
async fn who_saw_an_issue_is_told_that_it_was_deleted() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let (ben, link) = (ben(&town).await, town.acme.at("/browse/OPS-7"));
    town.acme.remove_issue("OPS-7");
    tell(&town.acme, 200).await;
    for _ in 0..3 {
        let answer = ana.one(&link).await;
        let reason = &answer["reason"];
        assert_eq!((&answer["state"], &reason["code"]), (&"not_found".into(), &"gone".into()), "{answer}");
        assert_eq!(reason["message"], "Deleted in Jira on 22 November 2026.");
        assert!(answer["preview"].is_null());
        town.advance(SignedDuration::from_mins(5));
    }
    assert_eq!(shown(&ben, &link).await.1, "not_found", "he never saw it");
    // Missing without a word of Jira's: it may be hidden.
    let other = town.acme.add_issue(crate::world::Issue::new("OPS-8", "Hidden soon")).key;
    let link = town.acme.at(&format!("/browse/{other}"));
    assert_eq!(title(&ana, &link).await, "Hidden soon");
    town.acme.change_issue("OPS-8", |issue| issue.security = Some(("Board".into(), vec![])));
    town.advance(SignedDuration::from_mins(5));
    assert_eq!(shown(&ana, &link).await.1, "not_found");
}

#[tokio::test]
async fn it_grows_with_what_is_looked_at_and_not_with_every_look() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    assert_eq!(town.acme.calls().of(REGISTER), 1);
    let ben = ben(&town).await;
    for link in ["/browse/OPS-7", "/browse/OPS-404"] {
        shown(&ben, &town.acme.at(link)).await;
        shown(&ana, &town.acme.at(link)).await;
    }
    tend(&town.gateway).await;
    assert_eq!(title(&ana, &town.acme.at("/browse/HR-1")).await, "Salaries 2027");
    for _ in 0..3 {
        tend(&town.gateway).await;
    }
    assert_eq!((town.acme.calls().of(REGISTER), only(&town.acme).jql), (1, r#"project in ("OPS")"#.to_owned()));
    let first = only(&town.acme).url;
    town.advance(SignedDuration::from_secs(61));
    for _ in 0..3 {
        tend(&town.gateway).await;
    }
    let hook = only(&town.acme);
    assert_eq!((hook.jql.as_str(), hook.url), (r#"project in ("OPS", "HR")"#, first));
    assert_eq!((town.acme.calls().of(REGISTER), town.acme.calls().of(DELETE)), (2, 1));
    rename(&town.acme, "HR-1", "Salaries 2028");
    tell(&town.acme, 200).await;
    assert_eq!(title(&ana, &town.acme.at("/browse/HR-1")).await, "Salaries 2028");
    // A lost answer: Jira has it, and it is found again instead of being made twice.
    town.acme.add_project(crate::world::Project::new("DEV", "Development"));
    town.acme.add_issue(crate::world::Issue::new("DEV-1", "Compile"));
    town.acme.fault_times(1, "/rest/api/3/webhook/refresh", crate::world::Fault::Lost);
    town.advance(SignedDuration::from_secs(61));
    assert_eq!(title(&ana, &town.acme.at("/browse/DEV-1")).await, "Compile");
    for _ in 0..3 {
        tend(&town.gateway).await;
        town.advance(SignedDuration::from_mins(11));
    }
    assert_eq!(only(&town.acme).jql, r#"project in ("OPS", "HR", "DEV")"#);
    assert_eq!(town.acme.calls().of(REGISTER), 3);
}

#[tokio::test]
async fn it_is_renewed_before_it_ends_also_after_a_restart() {
    let mut town = town().await;
    let ana = told(&town, &town.acme).await;
    let id = only(&town.acme).id;
    let day = SignedDuration::from_hours(24);
    town.advance(19 * day);
    tend(&town.gateway).await;
    assert_eq!(town.acme.calls().of(REFRESH), 1, "not yet");
    town.advance(2 * day);
    tend(&town.gateway).await;
    assert_eq!(town.acme.calls().of(REFRESH), 2);
    town.gateway.halt().await;
    town.advance(21 * day);
    let config = town.gateway.folder.path().join("gateway.toml");
    let flags = ["--config", config.to_str().unwrap(), "--jira-scopes", SCOPES, "--public-url", &town.gateway.url];
    let gateway = Gateway::at(town.gateway.folder.clone(), &flags, town.clock.clone()).await;
    tend(&gateway).await;
    assert_eq!((only(&town.acme).id, town.acme.calls().of(REGISTER)), (id, 1), "it is still the same");
    town.advance(5 * day);
    let ana = Api { url: gateway.url.clone(), ..ana };
    let link = town.acme.at("/browse/OPS-7");
    title(&ana, &link).await;
    rename(&town.acme, "OPS-7", "A month later");
    for mut delivery in town.acme.deliveries() {
        delivery.url = delivery.url.replace(&town.gateway.url, &gateway.url);
        assert_eq!(delivery.send().await, 200);
    }
    assert_eq!(title(&ana, &link).await, "A month later");
    // Away for too long: it has ended, and is asked for anew.
    town.advance(40 * day);
    assert_eq!(town.acme.webhooks().len(), 0);
    tend(&gateway).await;
    assert_eq!(only(&town.acme).jql, r#"project in ("OPS")"#);
}

#[tokio::test]
async fn it_goes_with_its_connection() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    rename(&town.acme, "OPS-7", "Late news");
    let late = town.acme.deliveries();
    let rows = ana.get("/api/v1/connections").await.json();
    for row in rows["connections"].as_array().unwrap() {
        let path = format!("/api/v1/connections/{}", row["id"].as_str().unwrap());
        assert_eq!(ana.send(reqwest::Method::DELETE, &path, None).await.status, 204);
    }
    assert_eq!((town.acme.webhooks().len(), town.acme.calls().of(DELETE)), (0, 1));
    for delivery in late {
        assert_eq!(delivery.send().await, 404);
    }
    assert_eq!(crate::oauth::seen::count(&town.gateway, "webhooks").await, 0);
}

#[tokio::test]
async fn a_person_without_the_scope_sees_everything_as_before() {
    let town = town().await;
    let mut ana = Visitor::new(&town.gateway);
    let away = town.leave(&mut ana, &town.acme.url(), "/connections").await;
    let scopes = crate::oauth::seen::parameter(&away, "scope");
    assert!(scopes.contains("manage:jira-webhook"), "{scopes}");
    let away = crate::oauth::seen::with(&away, "scope", &scopes.replace("manage:jira-webhook", "").replace("  ", " "));
    ana.open(&town.consent(&town.acme, &away)).await;
    let api = town.gateway.api("local").await;
    let link = town.acme.at("/browse/OPS-7");
    for _ in 0..5 {
        assert_eq!(title(&api, &link).await, "Login fails on Safari");
        tend(&town.gateway).await;
        town.advance(SignedDuration::from_mins(2));
    }
    assert_eq!((town.acme.webhooks().len(), town.acme.calls().of(LIST)), (0, 1), "it is not asked for all the time");
    let account = town.gateway.inner.accounts.named("local").await.unwrap();
    let connections = town.gateway.inner.store.connections(&account).await.unwrap();
    assert!(connections.iter().all(|it| it.health == Health::Ok), "{connections:?}");
}

#[tokio::test]
async fn nothing_is_asked_for_where_the_operator_did_not_ask() {
    let town = Town::start().await;
    let ana = town.api_of_ana(&town.acme).await;
    assert_eq!(title(&ana, &town.acme.at("/browse/OPS-7")).await, "Login fails on Safari");
    tend(&town.gateway).await;
    assert!(town.acme.calls().by_call.keys().all(|call| !call.contains("webhook")));
}
