//! A link pasted into Notion, and what it takes until its preview is there: Notion is simulated, the gateway is not.

use serde_json::json;

use super::driver::{Browser, Script};
use crate::notion::town::Town;
use crate::notion_rest::{Office, letters, text};

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

#[tokio::test]
async fn a_database_fits_a_phone_and_the_dark() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let it = Office::open().await;
    let options = OPTIONS.map(|color| json!({"name": color, "color": color}));
    let columns =
        json!({"Summary": {"title": {}}, "Labels": {"multi_select": {"options": options}}, "Text": {"rich_text": {}}});
    let (database, source) = it.database(&columns).await;
    let labels = OPTIONS.map(|color| json!({ "name": color }));
    let values = json!({
        "Summary": {"title": text("Login fails")}, "Labels": {"multi_select": labels},
        "Text": {"rich_text": text(&"A long story. ".repeat(40))},
    });
    let row = it.row(source, &values).await;
    it.notion.hands(it.nora).write(row, &letters(300));
    browser.goto(it.notion.url()).await;
    browser.see_text("button", "Continue as Nora Lind").await.click().await.unwrap();
    browser.see_text("a", "ACME issues").await;
    browser.size(320, 640, 2).await;
    for place in [format!("p/{database}"), format!("p/{row}"), "pages/0".into()] {
        browser.goto(&format!("{}/{place}", it.notion.url())).await;
        assert_eq!(browser.run("return document.documentElement.scrollWidth").await, 320, "{place}");
    }
    browser.goto(&format!("{}/p/{row}", it.notion.url())).await;
    for scheme in ["light", "dark"] {
        browser.scheme(scheme).await;
        let weak = browser.run(WEAK).await;
        assert_eq!(weak, json!([]), "{scheme}");
    }
    browser.close().await;
}

const OPTIONS: [&str; 10] = ["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// Pills whose words have too little contrast (WCAG 2.2, 1.4.3), and how much it is. A canvas knows every way to write a
/// colour, and what a tint comes to on its ground.
const WEAK: &str = r#"
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const on = (...colours) => {
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((it) => it / 255);
        const [r, g, b] = parts.map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = getComputedStyle(document.body).backgroundColor;
    return [...document.querySelectorAll(".pill")].map((it) => {
        const style = getComputedStyle(it);
        const [a, b] = [on(ground, style.backgroundColor), on(ground, style.color)].sort((a, b) => b - a);
        return [it.textContent, (a + 0.05) / (b + 0.05)];
    }).filter(([, contrast]) => contrast < 4.5);
"#;
