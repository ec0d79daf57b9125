//! Jira Cloud by 3LO (jira-auth-and-rest §2).

use std::collections::HashSet;

use jiff::SignedDuration;

use super::town::Town;
use crate::pages::visitor::Visitor;

#[tokio::test]
async fn a_link_is_connected_and_shown_and_all_sites_of_the_grant_with_it() {
    let town = Town::start().await;
    let link = town.acme.at("/browse/OPS-7");
    let mut ana = Visitor::new(&town.gateway);
    let page = ana.open(&format!("/?url={link}")).await;
    assert!(page.text.contains("Connect"), "{}", page.text);
    let page = town.connect(&mut ana, &town.acme, &format!("/?url={link}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Login fails on Safari"), "{}", page.text);
    // Both sites, one grant, and links of the other one need nothing more.
    let rows = ana.get("/api/v1/connections").await.reply.json()["connections"].clone();
    let rows = rows.as_array().unwrap();
    let sites: HashSet<String> = rows.iter().map(|row| row["site"]["url"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sites, HashSet::from([town.acme.url(), town.beta.url()]));
    assert_eq!((&rows[0]["method"], &rows[0]["label"]), (&"oauth".into(), &"ana@acme.example".into()));
    assert!(rows[0]["grant"].is_string() && rows[0]["grant"] == rows[1]["grant"]);
    let page = ana.open(&format!("/?url={}", town.beta.at("/browse/OPS-7"))).await;
    assert!(page.text.contains("Login fails on Safari"));
    assert_eq!(town.atlassian.counts().token.exchanges, 1);
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_and_nobody_notices() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    for hour in 0..5 {
        town.advance(SignedDuration::from_mins(61));
        let page = ana.open(&format!("/?url={}", town.acme.at("/browse/OPS-7"))).await;
        assert!(page.text.contains("Login fails on Safari"), "{hour}: {}", page.text);
    }
    assert_eq!(town.atlassian.counts().token.refreshes, 5);
}
