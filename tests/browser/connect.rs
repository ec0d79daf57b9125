//! From a pasted link to its card: connect window, wrong secret, right secret; then many links at once.

use fantoccini::key::Key;

use super::{Scene, Script};

#[tokio::test]
async fn a_pasted_link_leads_through_the_connect_window_to_its_card() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let (browser, link) = (&scene.browser, scene.demo.acme.at("/browse/OPS-7"));
    browser.goto(&scene.at("/")).await;
    browser.paste("#links", &link).await;
    browser.see_text("article", "Connect your Jira to see this").await;
    assert_eq!(browser.count("article .facts").await, 0);
    browser.click("article .step-primary").await;

    browser.see("form.connect").await;
    assert_eq!(browser.client.windows().await.unwrap().len(), 1, "the way to a connection is no new window");
    assert_eq!(browser.see("#site").await.prop("value").await.unwrap().unwrap(), scene.demo.acme.url());
    browser.click("label:has(#method-api_token)").await;
    browser.fill("#username", "ana@acme.example").await;
    browser.fill("#secret", "not-the-token").await;
    browser.see_text("button", "Authenticate").await.click().await.unwrap();

    let alert = browser.see("[role=alert]").await.text().await.unwrap();
    assert!(alert.contains("Jira did not accept this sign-in"), "{alert}");
    assert!(alert.contains("A password does not work at Jira Cloud"), "{alert}");
    for (field, value) in [("#username", "ana@acme.example"), ("#secret", "")] {
        assert_eq!(browser.see(field).await.prop("value").await.unwrap().unwrap(), value, "{field}");
    }
    assert_eq!(browser.run("return document.activeElement.id").await, "secret", "what is missing has the focus");
    browser.fill("#secret", "acme-token-of-ana").await;
    browser.press(&[Key::Enter]).await;

    browser.see_text("p", "Connected as ana@acme.example. 1 link on this page was filled in.").await;
    assert_eq!(browser.text("article .card-title").await, "Login fails on Safari");
    let mention = browser.see(".sentence .mention").await;
    let spoken = "Bug OPS-7, Login fails on Safari, status In Progress, assigned to Ana Costa";
    assert_eq!(browser.name(".sentence .mention").await, spoken);
    assert_eq!(mention.attr("href").await.unwrap().unwrap(), link);
    assert_eq!(browser.see("#links").await.prop("value").await.unwrap().unwrap(), link);
    scene.browser.close().await;
}

#[tokio::test]
async fn many_links_are_shown_and_none_of_their_titles_is_run() {
    let Some(scene) = Scene::connected(Script::On).await else { return };
    let browser = &scene.browser;
    browser.goto(&scene.at("/")).await;
    let links = scene.demo.links();
    let text: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
    // A pile is asked about once, and becomes what the person chooses.
    browser.paste("#links", &text.join("\n")).await;
    browser.see_text("p", "Choose what to insert").await;
    assert_eq!(browser.count("#results [data-row]").await, 0);
    for choice in ["table", "mentions"] {
        browser.click(&format!("label:has([name=insert][value={choice}])")).await;
        browser.see_text("p", &format!("{} Jira links shown", links.len())).await;
        assert_eq!(browser.count("#results [data-row]").await, links.len(), "{choice}");
        assert_eq!(browser.count("#results script").await, 0);
        assert!(browser.client.get_alert_text().await.is_err(), "no title opens a dialog");
    }

    // Up to three are single pastes.
    let three: Vec<String> =
        ["/browse/WEB-4", "/browse/OPS-7", "/browse/OLD-17"].map(|it| scene.demo.acme.at(it)).into();
    browser.goto(&scene.at("/")).await;
    browser.paste("#links", &three.join("\n")).await;
    browser.see_text("p", "3 Jira links shown").await;
    assert_eq!(browser.count("#results .result").await, 3);
    assert_eq!(browser.count("#results script").await, 0);
    browser.see_text("h3", "<script>alert(").await;
    assert!(browser.client.get_alert_text().await.is_err(), "no title opens a dialog");
    let in_line = "const line = document.querySelector('.result:nth-of-type(2) .sentence').getBoundingClientRect();\
                   return document.querySelector('.result:nth-of-type(2) .mention').getBoundingClientRect().height <= line.height";
    assert_eq!(browser.run(in_line).await, true);

    // One of them again: the others stay.
    browser.click("#results .result:nth-of-type(2) .step").await;
    browser.see_text("p", "1 Jira link refreshed").await;
    assert_eq!(browser.count("#results .result").await, 3);
    assert_eq!(browser.path().await, "/");

    // A moved issue: the new link takes the place of the old one, in the box as well.
    browser.see_text("a", "Update link").await.click().await.unwrap();
    browser.see_text("p", "1 Jira link updated").await;
    let boxed = browser.see("#links").await.prop("value").await.unwrap().unwrap();
    assert_eq!(boxed, three.join("\n").replace("OLD-17", "WEB-9"));
    scene.browser.close().await;
}

#[tokio::test]
async fn after_connecting_all_links_that_were_pasted_are_filled_in() {
    let Some(scene) = Scene::new(Script::On).await else { return };
    let browser = &scene.browser;
    browser.goto(&scene.at("/")).await;
    let links = ["/browse/PLAT-3", "/browse/PLAT", "/browse/HR-1"].map(|path| scene.demo.plant.at(path));
    browser.paste("#links", &links.join("\n")).await;
    browser.see_text("p", "3 Jira links shown").await;
    browser.click("#results .result:nth-child(2) .step-primary").await;
    browser.click("label:has(#method-password)").await;
    browser.fill("#username", "jonas").await;
    browser.fill("#secret", "jonas's password").await;
    browser.see_text("button", "Authenticate").await.click().await.unwrap();
    browser.see_text("p", "Connected as jonas. 3 links on this page were filled in.").await;
    browser.see_text("h3", "Temperatur springt").await;
    browser.see_text("article", "Not found, or not visible to you").await;
    scene.browser.close().await;
}
