//! The gallery of samples, every kind in every state: nothing in it is wider than a phone, it can be told apart where
//! the reader's system has colours of its own, and axe-core finds nothing to complain about.

use std::path::Path;

use jira_notion_gateway::render::assets;
use jira_notion_gateway::render::page::{Base, Theme};
use serde_json::{Value, json};

use super::{Browser, Script};
use crate::world::samples::gallery::{self, Gallery};

/// The source of axe-core (`.ci/run` fetches it), or `None` after one printed line (`GATEWAY_TEST_REQUIRE=all` forbids
/// that).
fn axe() -> Option<String> {
    if let Some(path) = std::env::var_os("GATEWAY_TEST_AXE") {
        return Some(std::fs::read_to_string(path).expect("axe.min.js"));
    }
    let required = std::env::var("GATEWAY_TEST_REQUIRE").is_ok_and(|value| value == "all");
    assert!(!required, "GATEWAY_TEST_AXE does not say where axe.min.js is, and nothing may be skipped");
    eprintln!("skipped: the check with axe-core; GATEWAY_TEST_AXE does not say where axe.min.js is");
    None
}

/// Each page by name and address.
fn pages(gallery: &Gallery) -> Vec<(String, String)> {
    gallery::pages().into_iter().map(|(name, _)| (name.clone(), format!("{}/{name}", gallery.url))).collect()
}

const AXE: &str = r#"
    const done = arguments[arguments.length - 1];
    const told = (violation) => violation.nodes.slice(0, 3).map((node) =>
        `${violation.id}: ${violation.help}: ${node.target.join(" ")}: ${node.html.slice(0, 200)}: ${node.failureSummary}`);
    // In the dark the page is the same but for its colours. The narrow column repeats the wide one.
    const dark = document.documentElement.dataset.theme === "dark";
    const rules = dark ? { runOnly: { type: "rule", values: ["color-contrast"] } } : {};
    axe.run({ exclude: [".columns > :last-child"] }, { resultTypes: ["violations"], ...rules })
        .then((result) => done(result.violations.flatMap(told)), (error) => done([String(error)]));
"#;

#[tokio::test]
async fn axe_finds_nothing_in_any_state_of_any_kind() {
    let Some(axe) = axe() else { return };
    let Some(browser) = Browser::open(Script::On).await else { return };
    let gallery = Gallery::at_port(0).await;
    let mut found = Vec::new();
    for (name, address) in pages(&gallery) {
        browser.goto(&address).await;
        browser.run(&axe).await;
        let complaints = browser.run_async(AXE).await;
        found.extend(complaints.as_array().unwrap().iter().map(|it| format!("{name}: {}", it.as_str().unwrap())));
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    browser.close().await;
}

/// The pages of synced databases in every state, as files, light and dark.
fn databases(folder: &Path) -> Vec<String> {
    // axe reads style sheets again, which it may not do with files.
    let style = std::str::from_utf8(assets::find(assets::style()).unwrap().bytes).unwrap();
    let linked = format!("<link rel=\"stylesheet\" href=\"{}\">", assets::style());
    let mut pages = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        let base = Base { theme, account: Some("ana".to_owned()), csrf: "c".to_owned(), ..Base::default() };
        for (name, html) in crate::render::databases::pages(&base) {
            let file = folder.join(format!("{name}-{}.html", theme.name().unwrap()));
            let html = html.replace(&linked, &format!("<style>{style}</style>"));
            let html = html.split("<link rel=\"icon\"").next().unwrap().to_owned()
                + "</head>"
                + html.split_once("</head>").unwrap().1;
            assert!(html.contains("<style>") && !html.contains("/assets/"), "{name} stands alone");
            std::fs::write(&file, html).unwrap();
            pages.push(format!("file://{}", file.display()));
        }
    }
    pages
}

#[tokio::test]
async fn axe_finds_nothing_in_any_state_of_a_synced_database_and_all_fit_a_phone() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let axe = axe();
    let mut found = Vec::new();
    browser.size(320, 640, 2).await;
    for page in databases(folder.path()) {
        browser.goto(&page).await;
        let wide = browser.run(TOO_WIDE).await;
        assert_eq!(wide, json!([0, []]), "{page}");
        if let Some(axe) = &axe {
            browser.run(axe).await;
            let complaints = browser.run_async(AXE).await;
            found.extend(complaints.as_array().unwrap().iter().map(|it| format!("{page}: {}", it.as_str().unwrap())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    browser.close().await;
}

/// Elements that reach beyond the window, but for what has a scroll bar or an ellipsis of its own.
const TOO_WIDE: &str = r#"
    const width = document.documentElement.clientWidth;
    const far = [...document.querySelectorAll("body *")].filter((it) => {
        const box = it.getBoundingClientRect();
        return (box.right > width + 0.5 || box.left < -0.5) && !it.closest("pre, .card-parent, .mention, .jql, .card-rows bdi, .skip");
    });
    return [document.documentElement.scrollWidth - width, far.slice(0, 5).map((it) => it.outerHTML.slice(0, 160))];
"#;

#[tokio::test]
async fn every_state_of_every_kind_fits_a_phone() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let gallery = Gallery::at_port(0).await;
    browser.size(320, 640, 1).await;
    for (name, address) in pages(&gallery).into_iter().filter(|(name, _)| !name.contains("-dark")) {
        browser.goto(&address).await;
        assert_eq!(browser.run(TOO_WIDE).await, json!([0, []]), "{name}");
    }
    browser.close().await;
}

/// Grounds are gone where the reader's own colours are forced: what they told apart needs an edge.
const WITHOUT_EDGE: &str = r#"
    return [...document.querySelectorAll(".pill, span.avatar, .bar, .notice-warning, .step-primary")]
        .filter((it) => getComputedStyle(it).borderTopWidth === "0px")
        .map((it) => it.outerHTML.slice(0, 120));
"#;

#[tokio::test]
async fn with_forced_colours_everything_keeps_its_edge() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let gallery = Gallery::at_port(0).await;
    browser.prefer("forced-colors", "active").await;
    for name in ["index.html", "issue-light.html", "board-dark.html", "request-light.html"] {
        browser.goto(&format!("{}/{name}", gallery.url)).await;
        assert_eq!(browser.run("return matchMedia('(forced-colors: active)').matches").await, Value::Bool(true));
        assert_eq!(browser.run(WITHOUT_EDGE).await, json!([]), "{name}");
    }
    browser.close().await;
}
