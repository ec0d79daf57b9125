//! A link pasted into Notion, and what it takes until its preview is there: Notion is simulated, the gateway is not.

use super::driver::{Browser, Script};
use crate::notion::town::Town;

#[tokio::test]
async fn a_link_in_notion_becomes_a_preview_after_one_consent() {
    let Some(browser) = Browser::open(Script::Off).await else { return };
    let town = Town::in_a_browser().await;
    browser.goto(town.notion.url()).await;
    browser.see_text("button", "Continue as Nora Lind").await.click().await.unwrap();
    browser.see_text("a", "Plan").await.click().await.unwrap();
    browser.fill("[name=uri]", &town.link("OPS-7")).await;
    browser.click("[value=preview]").await;
    assert_eq!(browser.text(".card h2").await, "OPS-7", "the placeholder");

    browser.see_text("a", "Connect to Jira").await.click().await.unwrap();
    browser.see_text("h1", "Let Notion show your Jira links?").await;
    browser.see_text("button", "Allow").await.click().await.unwrap();
    browser.see_text("h2", "Login fails on Safari").await;
    assert_eq!(browser.text(".card .pill").await, "In Progress");

    browser.fill("[name=uri]", &town.link("HR-1")).await;
    browser.click("[value=mention]").await;
    assert_eq!(browser.text(".mention").await, "HR-1 Salaries 2027");
    town.jira.change_issue("OPS-7", |issue| issue.summary = "Login works again".into());
    town.later(jiff::SignedDuration::from_mins(2));
    browser.see_text("a", "Revisit").await.click().await.unwrap();
    browser.see_text("h2", "Login works again").await;

    browser.see_text("a", "My connections").await.click().await.unwrap();
    browser.see_text("button", "Disconnect").await.click().await.unwrap();
    browser.see_text("li", "Nothing is connected").await;
    assert!(town.notion.refusals().is_empty(), "{:?}", town.notion.refusals());
    browser.close().await;
}

#[tokio::test]
async fn who_does_not_allow_it_is_back_at_the_page() {
    let Some(browser) = Browser::open(Script::Off).await else { return };
    let town = Town::in_a_browser().await;
    browser.goto(town.notion.url()).await;
    browser.see_text("button", "Continue as Omar Haddad").await.click().await.unwrap();
    browser.see_text("a", "Plan").await.click().await.unwrap();
    browser.fill("[name=uri]", &town.link("OPS-7")).await;
    browser.click("[value=preview]").await;
    browser.see_text("a", "Connect to Jira").await.click().await.unwrap();
    browser.see_text("button", "Do not allow").await.click().await.unwrap();
    assert_eq!(browser.text("[role=alert]").await, "Access was denied.");
    browser.see_text("a", "Back").await.click().await.unwrap();
    browser.see_text("a", "Connect to Jira").await;
    assert!(town.notion.connections(town.omar).is_empty());
    browser.close().await;
}
