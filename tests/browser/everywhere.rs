//! What holds on every page: it fits a phone, it is dark where the person wants it dark, and it tells programs that read
//! it aloud what is what.

use serde_json::Value;

use super::{Scene, Script};

/// All pages, by name and address.
async fn pages(scene: &Scene) -> Vec<String> {
    let (acme, plant) = (&scene.demo.acme, &scene.demo.plant);
    let mut pages: Vec<String> =
        ["/", "/connections", "/databases", "/databases/new", "/account", "/why", "/connect", "/nowhere"]
            .map(|path| scene.at(path))
            .into();
    pages.push(scene.at("/connect?version=data_center&method=password"));
    let connections = scene.gateway.api("local").await.get("/api/v1/connections").await.json();
    for connection in connections["connections"].as_array().unwrap() {
        pages.push(scene.at(&format!("/connections/{}/fields", connection["id"].as_str().unwrap())));
    }
    let links: Vec<String> = scene.demo.links().into_iter().map(|link| link.url).collect();
    let mut all = url::Url::parse(&scene.at("/")).unwrap();
    all.query_pairs_mut().append_pair("links", &links.join("\n"));
    pages.push(all.into());
    let others = ["https://example.com/not/jira", "https://other.atlassian.net/browse/ABC-1"].map(str::to_owned);
    let some = [acme.at("/browse/WEB-5"), acme.at("/browse/OPS-404"), plant.at("/browse/PLAT-8")];
    for link in some.iter().chain(&others) {
        for page in ["/", "/why", "/preview?as=card", "/preview?as=mention"] {
            pages.push(scene.about(page, link));
        }
    }
    pages
}

#[tokio::test]
async fn nothing_has_to_be_pushed_sideways_on_a_phone() {
    let Some(scene) = Scene::connected(Script::On).await else { return };
    let browser = &scene.browser;
    browser.size(320, 640, 2).await;
    let wide = "document.querySelectorAll('details').forEach((it) => { it.open = true; });\
                const wide = document.documentElement.scrollWidth;\
                const far = [...document.querySelectorAll('body *')].filter((it) => \
                    it.getBoundingClientRect().right > 320.5 && !it.closest('pre, .card-parent, .result-url, .mention, .jql'));\
                return [wide, far.map((it) => it.outerHTML.slice(0, 120))]";
    for page in pages(&scene).await {
        browser.goto(&page).await;
        assert_eq!(browser.run(wide).await, serde_json::json!([320, []]), "{page}");
    }
    scene.browser.close().await;
}

/// Brightness of the ground and of the text, 0 to 1, of the page, a card and a status.
const BRIGHTNESS: &str = r#"
    const light = (colour) => {
        const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
    };
    return ["body", ".card", ".card .pill", "textarea"].map((css) => {
        const style = getComputedStyle(document.querySelector(css));
        return [light(style.backgroundColor), light(style.color)];
    });
"#;

#[tokio::test]
async fn it_is_dark_where_the_person_wants_it_dark() {
    let Some(scene) = Scene::connected(Script::On).await else { return };
    let browser = &scene.browser;
    let page = scene.about("/", &scene.demo.acme.at("/browse/OPS-7"));
    for (query, scheme, dark) in [("", "light", false), ("", "dark", true), ("&theme=light", "dark", false)] {
        browser.scheme(scheme).await;
        browser.goto(&format!("{page}{query}")).await;
        let found = browser.run(BRIGHTNESS).await;
        for pair in found.as_array().unwrap() {
            let (ground, text) = (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap());
            assert!((ground - text).abs() > 0.4, "{scheme}{query}: {found}");
            assert_eq!(ground < text, dark, "{scheme}{query}: {found}");
        }
    }
    scene.browser.close().await;
}

/// What a program that reads a page aloud would stumble over.
const FAULTS: &str = r##"
    const faults = [];
    const say = (what, it) => faults.push(what + ": " + (it ? it.outerHTML.slice(0, 160) : ""));
    const shown = (it) => it.checkVisibility ? it.checkVisibility() : it.offsetParent !== null;
    const all = (css) => [...document.querySelectorAll(css)];
    const framed = document.body.classList.contains("bare");
    if (document.documentElement.lang !== "en") say("no language");
    if (!document.title.trim()) say("no title");
    if (all("main").length !== 1) say("not one main");
    if (!framed && all("h1").length !== 1) say("not one h1");
    const ids = all("[id]").map((it) => it.id);
    ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => say("id twice " + id));
    let level = framed ? 2 : 0;
    for (const it of all("h1, h2, h3, h4")) {
        const next = Number(it.tagName[1]);
        if (next > level + 1) say("a level of headings is missing", it);
        level = next;
    }
    for (const it of all("input:not([type=hidden]), textarea, select")) {
        if (!it.labels.length && !it.ariaLabel) say("no label", it);
    }
    for (const it of all("a, button, summary")) {
        const name = it.ariaLabel || it.textContent.trim();
        if (!name) say("no name", it);
        if (it.ariaLabel && shown(it) && it.matches("a, button") && !it.matches(".mention")) {
            const seen = it.innerText.trim();
            if (seen && !it.ariaLabel.includes(seen)) say("is called otherwise than it says", it);
        }
    }
    for (const it of all("[aria-labelledby], [aria-describedby]")) {
        const names = [it.getAttribute("aria-labelledby"), it.getAttribute("aria-describedby")];
        names.filter(Boolean).flatMap((it) => it.split(/\s+/)).forEach((id) => {
            if (!document.getElementById(id)) say("described by nothing", it);
        });
    }
    for (const it of all("img")) if (!it.hasAttribute("alt")) say("no alternative text", it);
    for (const it of all("svg")) if (it.getAttribute("aria-hidden") !== "true") say("a picture is read aloud", it);
    for (const it of all("article, section, nav")) {
        if (!it.ariaLabel && !it.hasAttribute("aria-labelledby")) say("a region without a name", it);
    }
    for (const it of all("a[target=_blank]")) if (!/noopener|opener/.test(it.rel)) say("opener", it);
    for (const it of all("button, .button, .step, input:not([type=hidden]), summary, nav a")) {
        if (!shown(it) || it.closest(".option")) continue;
        const box = it.getBoundingClientRect();
        if (box.height < 24 || box.width < 24) say("too small to hit", it);
    }
    return faults;
"##;

#[tokio::test]
async fn pages_can_be_read_aloud() {
    let Some(scene) = Scene::connected(Script::On).await else { return };
    for page in pages(&scene).await {
        scene.browser.goto(&page).await;
        assert_eq!(scene.browser.run(FAULTS).await, Value::Array(Vec::new()), "{page}");
    }
    scene.browser.close().await;
}
