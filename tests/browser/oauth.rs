//! Signing in at Jira itself, through its own pages: consent, refusal, two tabs, each kind of provider. A form that the
//! policy of the page stops would be seen in the browser's log.

use fantoccini::key::Key;

use super::{Browser, Scene, Script};
use crate::oauth::town::Town;
use crate::world::demo::Ports;

/// On the pages of Atlassian: logs in with the keyboard alone; the consent page comes next.
async fn log_in(browser: &Browser, email: &str, password: &str) {
    browser.see_text("h1", "Log in to continue").await;
    browser.see("[name=email]:focus").await.send_keys(email).await.unwrap();
    browser.press(&[Key::Tab]).await;
    browser.client.active_element().await.unwrap().send_keys(password).await.unwrap();
    browser.press(&[Key::Enter]).await;
    browser.see_text("h1", "This app is requesting access to your Atlassian account").await;
}

/// The same at a Jira that the company runs.
async fn log_in_at_jira(browser: &Browser, name: &str, password: &str) {
    browser.fill("[name=os_username]", name).await;
    browser.fill("[name=os_password]", password).await;
    browser.press(&[Key::Enter]).await;
    browser.see_text("h1", "would like to access").await;
}

/// Presses Enter where the window has put the focus: nothing has to be filled in.
async fn authenticate(browser: &Browser) {
    browser.see("form.connect .primary:focus").await;
    browser.press(&[Key::Enter]).await;
}

/// The same on the consent page.
async fn accept(browser: &Browser) {
    browser.see("button.main:focus").await;
    browser.press(&[Key::Enter]).await;
}

/// Pastes a link at the gateway and presses Connect in the card that comes.
async fn to_the_window(scene: &Scene, link: &str) {
    scene.browser.goto(&scene.at("/")).await;
    scene.browser.paste("#links", link).await;
    scene.browser.click("article .step-primary").await;
    scene.browser.see("form.connect").await;
}

async fn is_shown(browser: &Browser, css: &str) -> bool {
    browser.see(css).await.is_displayed().await.unwrap()
}

#[tokio::test]
async fn a_pasted_link_needs_two_keys_and_a_consent() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let browser = &scene.browser;
    to_the_window(&scene, &scene.demo.acme.at("/browse/OPS-7")).await;
    assert!(browser.see("#version-cloud").await.is_selected().await.unwrap(), "the gateway knows what Acme is");
    assert!(browser.see("#method-oauth").await.is_selected().await.unwrap());
    for hidden in ["#username", "#secret", "#expires_at"] {
        assert!(!is_shown(browser, hidden).await, "{hidden}");
    }
    authenticate(browser).await;
    log_in(browser, "ana@acme.example", "ana's password").await;
    accept(browser).await;
    browser.see_text("p", "Connected as ana@acme.example. 1 link on this page was filled in.").await;
    assert_eq!(browser.text("article .card-title").await, "Login fails on Safari");

    // The consent stands on another page, and removing says where.
    browser.goto(&scene.at("/connections")).await;
    browser.see_text("button", "Remove").await.click().await.unwrap();
    browser.see_text("p", "remove the app at id.atlassian.com → Connected apps").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn a_refused_consent_says_that_nothing_was_kept_and_leads_on() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let browser = &scene.browser;
    to_the_window(&scene, &scene.demo.acme.at("/browse/OPS-7")).await;
    authenticate(browser).await;
    log_in(browser, "ana@acme.example", "ana's password").await;
    browser.see_text("button", "Cancel").await.click().await.unwrap();
    let alert = browser.text("[role=alert]").await;
    assert!(alert.contains("You did not let the gateway in") && alert.contains("Nothing was connected"), "{alert}");
    assert!(browser.see("#version-cloud").await.is_selected().await.unwrap());
    // Another way from here, back to the same link.
    browser.click("label:has(#method-api_token)").await;
    browser.fill("#username", "ana@acme.example").await;
    browser.fill("#secret", "acme-token-of-ana").await;
    browser.press(&[Key::Enter]).await;
    browser.see_text("p", "Connected as ana@acme.example. 1 link").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn two_tabs_ask_at_once_and_both_come_back() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let (browser, demo) = (&scene.browser, &scene.demo);
    to_the_window(&scene, &demo.acme.at("/browse/OPS-7")).await;
    authenticate(browser).await;
    log_in(browser, "ana@acme.example", "ana's password").await;
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second).await.unwrap();
    to_the_window(&scene, &demo.plant.at("/browse/PLAT-3")).await;
    authenticate(browser).await;
    log_in_at_jira(browser, "hana", "hana's password").await;

    browser.client.switch_to_window(first).await.unwrap();
    browser.click("button.main").await;
    browser.see_text("p", "Connected as ana@acme.example").await;
    browser.client.close_window().await.unwrap();
    let rest = browser.client.windows().await.unwrap().remove(0);
    browser.client.switch_to_window(rest).await.unwrap();
    browser.click("button.main").await;
    browser.see_text("p", "Connected as hana").await;
    browser.goto(&scene.at("/connections")).await;
    assert_eq!(browser.count(".row").await, 2);
    scene.browser.close().await;
}

#[tokio::test]
async fn a_data_center_asks_by_oauth_2_also_without_script() {
    for script in [Script::On, Script::Off] {
        let Some(scene) = Scene::new(script).await else { return };
        let browser = &scene.browser;
        browser.goto(&scene.about("/", &scene.demo.plant.at("/browse/PLAT-3"))).await;
        browser.click("article .step-primary").await;
        browser.see_text("strong", "Sign in at Jira").await;
        browser.click(".primary").await;
        log_in_at_jira(browser, "jonas", "jonas's password").await;
        browser.see_text("button", "Allow").await.click().await.unwrap();
        browser.see_text("p", "Connected as jonas").await;
        browser.see_text("h3", "Temperatur springt nach dem Neustart").await;
        // What goes with the grant, and what Jira goes on listing.
        browser.goto(&scene.at("/connections")).await;
        browser.see_text("button", "Remove").await.click().await.unwrap();
        browser.see_text("p", "Authorized applications").await;
        scene.browser.close().await;
    }
}

#[tokio::test]
async fn what_the_window_offers_follows_the_site_and_the_version() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let browser = &scene.browser;
    // A Jira in which the gateway is not registered: nothing is promised that cannot be kept.
    browser.goto(&scene.at("/connect?site=https%3A%2F%2Fother.example")).await;
    assert!(!is_shown(browser, "#method-oauth").await);
    assert!(browser.see("#method-personal_access_token").await.is_selected().await.unwrap());
    assert!(is_shown(browser, "#secret").await);
    // It may be a Cloud site under a name of its own.
    browser.click("label:has(#version-cloud)").await;
    browser.see_text("strong", "Sign in with Atlassian").await;
    assert!(browser.see("#method-oauth").await.is_selected().await.unwrap() && !is_shown(browser, "#secret").await);

    browser.goto(&scene.at("/connect")).await;
    assert!(is_shown(browser, ".when-free").await, "at Atlassian the site is chosen later");
    browser.click("label:has([value=data_center])").await;
    assert!(!is_shown(browser, ".when-free").await);
    assert!(browser.text("label:has(#method-oauth)").await.contains("For Plant."));
    scene.browser.close().await;
}

#[tokio::test]
async fn an_older_jira_asks_by_oauth_1() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let town = Town::start().await;
    browser.goto(&format!("{}/?url={}", town.gateway.url, town.old.at("/browse/OPS-7"))).await;
    browser.click("article .step-primary").await;
    authenticate(&browser).await;
    log_in_at_jira(&browser, "ana", "ana's password").await;
    browser.see_text("button", "Allow").await.click().await.unwrap();
    browser.see_text("p", "Connected as ana. 1 link on this page was filled in.").await;
    assert_eq!(browser.text("article .card-title").await, "Login fails on Safari");
    browser.close().await;
}

#[tokio::test]
async fn a_site_that_was_not_chosen_is_asked_for_once_more() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let town = Town::start().await;
    let host = town.beta.url().trim_start_matches("http://").to_owned();
    browser.goto(&format!("{}/connect?version=cloud&site={}", town.gateway.url, town.beta.url())).await;
    browser.click(".primary").await;
    log_in(&browser, "ana@acme.example", "ana's password").await;
    browser.see_text("label", &host).await.click().await.unwrap();
    browser.click("button.main").await;
    let alert = browser.text("[role=alert]").await;
    let acme = town.acme.url().trim_start_matches("http://").to_owned();
    assert!(alert.contains(&format!("You let us in to {acme}, but your link lies at {host}.")), "{alert}");
    browser.see_text("a", "Connect again").await.click().await.unwrap();
    browser.click(".primary").await;
    log_in(&browser, "ana@acme.example", "ana's password").await;
    browser.click("button.main").await;
    browser.see_text("p", "Connected as ana@acme.example").await;
    assert_eq!((browser.count(".row").await, browser.count("[role=alert]").await), (2, 0));
    // One of two sites goes; the consent still covers the other.
    browser.see_text("button", "Remove").await.click().await.unwrap();
    browser.see_text("p", "its tokens stay until the last of them is removed").await;
    browser.close().await;
}

#[tokio::test]
async fn connecting_signs_in_and_signing_in_again_is_the_same_account() {
    let flags = ["--sites", "listed", "--sign-in", "jira"];
    let Some(scene) = Scene::with(Script::On, Ports::default(), &flags).await else { return };
    let (browser, link) = (&scene.browser, scene.demo.acme.at("/browse/OPS-7"));
    for account in ["first", "again"] {
        browser.goto(&scene.about("/", &link)).await;
        browser.see_text("h1", "Sign in").await;
        browser.see_text("a", "Continue with Acme").await.click().await.unwrap();
        authenticate(browser).await;
        log_in(browser, "ana@acme.example", "ana's password").await;
        accept(browser).await;
        // Back at the link that was pasted, signed in.
        browser.see_text("p", "Connected as ana@acme.example. 1 link on this page was filled in.").await;
        assert_eq!(browser.text("article .card-title").await, "Login fails on Safari");
        assert_eq!(browser.text(".who").await, "ana@acme.example");
        browser.goto(&scene.at("/account")).await;
        if account == "first" {
            browser.fill("#label", "Build server").await;
            browser.see_text("button", "Make a token").await.click().await.unwrap();
            browser.see_text("p", "Your new API token").await;
        }
        assert_eq!(browser.count(".row").await, 1, "{account}: the token of the same account");
        browser.see_text("button", "Sign out").await.click().await.unwrap();
        browser.see_text("h1", "Sign in").await;
    }
    assert_eq!(scene.gateway.inner.store.accounts().await.unwrap().len(), 1);
    scene.browser.close().await;
}
