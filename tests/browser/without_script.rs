//! The same pages in a browser that runs no JavaScript.

use super::{Scene, Script};

#[tokio::test]
async fn everything_works_without_script() {
    let Some(scene) = Scene::new(Script::Off).await else { return };
    let (browser, link) = (&scene.browser, scene.demo.plant.at("/browse/PLAT-3"));
    browser.goto(&scene.at("/")).await;
    browser.fill("#links", &link).await;
    browser.see_text("button", "Show preview").await.click().await.unwrap();
    browser.click("article .step-primary").await;
    browser.click("label:has(#method-password)").await;
    browser.fill("#username", "jonas").await;
    browser.fill("#secret", "jonas's password").await;
    browser.see_text("button", "Authenticate").await.click().await.unwrap();
    browser.see_text("p", "Connected as jonas").await;
    browser.see_text("h3", "Temperatur springt nach dem Neustart").await;
    for button in browser.client.find_all(fantoccini::Locator::Css("button[data-copy]")).await.unwrap() {
        assert!(!button.is_displayed().await.unwrap(), "a button that needs script is not there without it");
    }

    browser.goto(&scene.at("/account")).await;
    browser.fill("#label", "Build server").await;
    browser.see_text("button", "Make a token").await.click().await.unwrap();
    browser.see_text("p", "Your new API token").await;
    browser.see_text("button", "Revoke").await.click().await.unwrap();
    browser.see("[role=status]").await;
    assert_eq!(browser.count(".row").await, 0);

    browser.goto(&scene.at("/connections")).await;
    browser.see_text("button", "Remove").await.click().await.unwrap();
    browser.see_text("h2", "Connect your Jira").await;
    browser.goto(&scene.about("/", &link)).await;
    browser.see_text("article", "Connect your Jira to see this").await;
    scene.browser.close().await;
}
