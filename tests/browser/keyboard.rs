//! With the keyboard alone: everything can be reached in the order of reading, and one sees where one is.

use fantoccini::key::Key;
use serde_json::Value;

use super::{Browser, Scene, Script};

/// Where the focus is: what it is called, and whether one can see that it is there.
const FOCUS: &str = r#"
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const name = here.getAttribute("aria-label") || (here.labels && here.labels[0] && here.labels[0].innerText)
        || here.innerText;
    const box = here.getBoundingClientRect();
    const marked = [here, here.closest(".option"), here.closest(".card-title"), here.closest(".densities") && here.nextElementSibling].some((it) => {
        const style = it && getComputedStyle(it);
        return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    return [name.replace(/\s+/g, " ").replace(/ ,/g, ",").trim(), marked && box.bottom > 0 && box.top < innerHeight];
"#;

/// Presses Tab until the focus leaves the page; the names of all stops. The parts of a date are one stop.
async fn walk(browser: &Browser) -> Vec<String> {
    let mut stops = Vec::new();
    for _ in 0..60 {
        browser.press(&[Key::Tab]).await;
        let focus = browser.run(FOCUS).await;
        let Value::Array(focus) = focus else { return stops };
        let name = focus[0].as_str().unwrap().to_owned();
        assert_eq!(focus[1], true, "{name}: one sees where the focus is");
        match stops.last() == Some(&name) {
            true => continue,
            false if stops.first() == Some(&name) => return stops,
            false => stops.push(name),
        }
    }
    panic!("Tab does not come to an end: {stops:?}");
}

#[tokio::test]
async fn everything_can_be_reached_in_the_order_of_reading() {
    let Some(scene) = Scene::connected(Script::On).await else { return };
    let browser = &scene.browser;
    browser.goto(&scene.about("/", &scene.demo.acme.at("/browse/OPS-7"))).await;
    let spoken = "Bug OPS-7, Login fails on Safari, status In Progress, assigned to Ana Costa";
    let expected = [
        "Skip to the content",
        "Jira Notion Gateway",
        "Paste",
        "Connections",
        "Databases",
        "Account",
        "Jira links, one per line",
        "Show preview",
        "Short",
        spoken,
        "Copy text",
        "Copy link",
        "Login fails on Safari",
        "Refresh",
        "Open",
        "Plain link",
        "What Notion receives",
    ];
    assert_eq!(walk(browser).await, expected);
    scene.browser.close().await;
}

#[tokio::test]
async fn enter_resolves_connects_and_nothing_needs_the_mouse() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let browser = &scene.browser;
    browser.goto(&scene.at("/")).await;
    // The box has the focus; one types and presses Enter.
    browser.client.active_element().await.unwrap().send_keys(&scene.demo.plant.at("/browse/PLAT-3")).await.unwrap();
    browser.press(&[Key::Enter]).await;
    browser.see("article .step-primary").await;
    browser.run("document.querySelector('article .step-primary').focus()").await;
    browser.press(&[Key::Enter]).await;

    // Nothing has to be filled in.
    browser.see("form.connect .primary:focus").await;
    // The other ways to sign in are radio buttons: an arrow key chooses one, and its fields appear.
    browser.run("document.querySelector('#method-oauth').focus()").await;
    browser.press(&[Key::Down]).await;
    let expected = ["Personal access token", "Token expires on optional", "Authenticate", "Cancel"];
    assert_eq!(walk(browser).await[..4], expected);
    browser.run("document.querySelector('#method-personal_access_token').focus()").await;
    browser.press(&[Key::Down]).await;
    assert_eq!(browser.run(FOCUS).await[1], true);
    browser.press(&[Key::Tab]).await;
    browser.client.active_element().await.unwrap().send_keys("jonas").await.unwrap();
    browser.press(&[Key::Tab]).await;
    browser.client.active_element().await.unwrap().send_keys("jonas's password").await.unwrap();
    browser.press(&[Key::Enter]).await;
    browser.see_text("p", "Connected as jonas").await;
    browser.see_text("h3", "Temperatur springt nach dem Neustart").await;
    scene.browser.close().await;
}
