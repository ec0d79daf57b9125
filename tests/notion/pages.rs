//! Notion's pages in a browser without script: whatever a person does there, down to the way to the gateway and back.

use serde_json::json;

use super::stand_in::{StandIn, error, titled, uri};
use super::{Alone, NOTION_CLIENT, alone, exchange, parameter};
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::{client, reply};
use crate::world::jira::exchange::Answer;
use crate::world::notion::RedirectUri;

const OPS_7: &str = "https://jira.example.com/browse/OPS-7";

/// Nora at the page "Plan", with the way back leading to this Notion.
async fn at_the_page() -> (Alone, StandIn, Visitor) {
    let it = alone().await;
    let gateway = StandIn::start(&it.notion).await;
    it.notion.switch(|switches| switches.redirect_uri = RedirectUri::Loopback);
    it.notion.add_page(it.notion.user(it.nora).workspace, "Plan");
    let mut browser = Visitor::of(it.notion.url());
    let people = browser.get("/pages/0").await;
    assert_eq!(people.one("h1"), "Log in");
    let home = browser.post("/log-in", &[("user", "0")]).await;
    assert_eq!(browser.open(home.location()).await.link("Plan"), "/pages/0");
    (it, gateway, browser)
}

async fn paste(browser: &mut Visitor, uri: &str, kind: &str) -> Page {
    let page = browser.post("/pages/0/paste", &[("uri", uri), ("as", kind)]).await;
    browser.open(page.location()).await
}

/// From "Connect …" through the gateway and back to the page.
async fn connect(it: &Alone, browser: &mut Visitor, way: &str) -> Page {
    let away = browser.get(way).await.location().to_owned();
    let (id, secret) = NOTION_CLIENT;
    let body = exchange(&parameter(&away, "code"));
    let post = client().post(format!("{}/v1/oauth/token", it.notion.url())).basic_auth(id, Some(secret));
    assert_eq!(reply(post.json(&body)).await.status, 200);
    let back = super::stand_in::back(&away, &[("code", "ours")]);
    browser.open(&back).await
}

#[tokio::test]
async fn paste_connect_and_read() {
    let (it, gateway, mut browser) = at_the_page().await;
    let page = paste(&mut browser, OPS_7, "preview").await;
    assert_eq!((page.one(".card h2"), page.texts("script").len()), ("OPS-7".into(), 0));
    let status = json!({
        "id": "status", "name": "Status", "type": "inline",
        "inline": {"enum": {"value": "Done <b>", "color": {"r": 20, "g": 97, "b": 47}, "section": "primary"}},
    });
    let key = json!({
        "id": "key", "name": "Key", "type": "inline",
        "inline": {"plain_text": {"value": "OPS-7", "section": "identifier"}},
    });
    let updated = json!({
        "id": "updated_at", "name": "Updated", "type": "inline",
        "inline": {"datetime": {"value": "2026-11-22T09:58:12Z", "section": "secondary"}},
    });
    gateway.on("POST /notion/unfurl", move |asked| {
        let mut answer = titled(&uri(asked), "Login fails on Safari");
        let set = answer["operations"][0]["set"].as_array_mut().unwrap();
        set.extend([status.clone(), key.clone(), updated.clone()]);
        Answer::ok(&answer)
    });
    let page = connect(&it, &mut browser, &page.link("Connect to Jira")).await;
    assert_eq!(page.one(".card h2"), "Login fails on Safari");
    assert_eq!(page.one(".pill"), "Done <b>");
    assert_eq!(page.attributes(".pill", "style"), ["--tint:rgb(20 97 47)"]);
    assert_eq!(page.texts(".line span"), ["OPS-7", "Done <b>", "Acme Inc", "22 Nov 2026, 09:58 UTC"]);
    let page = paste(&mut browser, OPS_7, "mention").await;
    assert_eq!(page.one(".mention"), "OPS-7 Login fails on Safari");
    assert_eq!(page.attributes(".mention", "href"), [OPS_7]);
    assert!(paste(&mut browser, "https://other.example/", "preview").await.text.contains("stays a plain one"));
    assert!(it.notion.refusals().is_empty(), "{:?}", it.notion.refusals());

    let page = browser.get("/pages/0").await;
    for action in page.attributes("form[action$=remove]", "action") {
        browser.post(&action, &[]).await;
    }
    assert_eq!(browser.get("/pages/0").await.texts(".block").len(), 0);
    assert_eq!(it.notion.sent("DELETE", "/notion/unfurl").len(), 1);
}

#[tokio::test]
async fn an_error_leads_to_another_account() {
    let (it, gateway, mut browser) = at_the_page().await;
    gateway.on("POST /notion/unfurl", |asked| Answer::ok(&error(&uri(asked), 404, "Content not found")));
    let page = paste(&mut browser, OPS_7, "preview").await;
    let page = connect(&it, &mut browser, &page.link("Connect to Jira")).await;
    assert_eq!(page.one(".error"), "Content not found");
    // Also beside a mention, whose own words stay in their line.
    let both = paste(&mut browser, OPS_7, "mention").await;
    assert_eq!((both.texts(".block .mention"), both.texts(".block .error").len()), (vec![OPS_7.to_owned()], 2));
    assert_eq!(both.texts(".block > form").len(), 2, "each can be taken away");
    assert_eq!(page.link("Connect another account"), "/connect?page=0");

    let mine = browser.get("/connections").await;
    let disconnect = mine.attributes("form", "action").remove(0);
    browser.post(&disconnect, &[]).await;
    assert!(browser.get("/connections").await.text.contains("Nothing is connected"));
    assert_eq!(it.notion.sent("DELETE", "/notion/deleted-token").len(), 1);
}

#[tokio::test]
async fn a_refusal_is_shown_and_leads_back() {
    let (it, _gateway, mut browser) = at_the_page().await;
    let away = browser.get("/connect?page=0").await.location().to_owned();
    let back = super::stand_in::back(&away, &[("error", "access_denied")]);
    let mut stranger = Visitor::of(it.notion.url());
    assert_eq!(stranger.open(&back).await.one("h1"), "Log in");
    let page = browser.open(&back).await;
    assert_eq!((page.one("[role=alert]"), page.link("Back")), ("Access was denied.".into(), "/pages/0".into()));
}

#[tokio::test]
async fn pages_are_for_people_of_their_workspace() {
    let (it, _gateway, _browser) = at_the_page().await;
    it.notion.add_user(it.notion.add_workspace("Beta"), "Omar", "omar@beta.example");
    let mut browser = Visitor::of(it.notion.url());
    browser.post("/log-in", &[("user", "1")]).await;
    assert_eq!(browser.get("/pages/0").await.status, 404);
    assert_eq!(browser.post("/pages/0/paste", &[("uri", OPS_7)]).await.status, 404);
    assert_eq!(browser.get("/").await.texts("main a").len(), 0);
}
