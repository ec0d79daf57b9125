//! When a grant ends, and that looking at a link keeps it.

use jiff::SignedDuration;
use serde_json::Value;

use super::town::Town;
use crate::pages::visitor::Visitor;

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn row(visitor: &mut Visitor) -> Value {
    // A session may have ended meanwhile; a page begins another one.
    visitor.get("/").await;
    visitor.get("/api/v1/connections").await.reply.json()["connections"][0].clone()
}

#[tokio::test]
async fn a_grant_that_is_not_used_is_kept_by_looking_at_a_link() {
    let town = Town::start().await;
    for jira in [&town.acme, &town.plant] {
        let mut ana = Visitor::new(&town.gateway);
        town.connect(&mut ana, jira, "/").await;
        let link = format!("/?url={}", jira.at("/browse/OPS-7"));
        assert_eq!(row(&mut ana).await["health"], "ok");
        town.advance(DAY * 77);
        let unused = row(&mut ana).await;
        assert_eq!(unused["health"], "expiring", "{unused}");
        let page = ana.get("/connections").await;
        assert!(page.texts(".health").iter().any(|it| it == "Not used for long"), "{}", page.text);
        assert!(page.texts(".row-advice").concat().contains("unless a link is looked at"), "{}", page.text);
        assert!(!page.texts(".row-advice").concat().contains("token"));
        town.advance(DAY * 11);
        let notice = ana.get("/account").await.one(".soon");
        assert!(notice.contains("Your sign-in for") && notice.contains("ends in 2 days."), "{notice}");

        let page = ana.open(&link).await;
        assert!(page.text.contains("Login fails on Safari"), "{}", page.text);
        let used = row(&mut ana).await;
        assert_eq!(used["health"], "ok", "at once, not when the remembered row is old: {used}");
        assert!(used["expires_at"].as_str() > unused["expires_at"].as_str());
        // Both sites of the grant go, so that the next one stands first.
        let csrf = ana.csrf().await;
        while let Some(id) = row(&mut ana).await["id"].as_str() {
            ana.post(&format!("/connections/{id}/remove"), &[("csrf", &csrf)]).await;
        }
    }
}

#[tokio::test]
async fn a_grant_that_ends_by_its_age_says_that_use_does_not_help() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    for _ in 0..6 {
        town.advance(DAY * 59);
        let page = ana.open(&format!("/?url={}", town.acme.at("/browse/OPS-7"))).await;
        assert!(page.text.contains("Login fails on Safari"), "{}", page.text);
    }
    let old = row(&mut ana).await;
    assert_eq!((&old["health"], &old["expires_at"]), (&"expiring".into(), &"2027-11-22T10:00:00Z".into()));
    let page = ana.get("/connections").await;
    assert_eq!(page.texts(".health"), ["Ends soon", "Ends soon"]);
    let advice = page.texts(".row-advice").remove(0);
    assert!(advice.starts_with("Jira ends it on 22 Nov however often it is used."), "{advice}");
    assert!(page.attributes("form[action$='/expiry']", "action").is_empty(), "not for a person to say");
}
