//! The colours of paste-experience §9, reckoned again from the style sheet that is served.

use jira_notion_gateway::jira::model::StatusCategory;
use jira_notion_gateway::preview::{Status, category_str};
use jira_notion_gateway::render::{assets, card};

use super::sample::{self, now};

fn style() -> &'static str {
    std::str::from_utf8(assets::find(assets::style()).unwrap().bytes).unwrap()
}

/// The light and the dark value of a variable.
fn pair(name: &str) -> (String, String) {
    let (_, rest) = style().split_once(&format!("--{name}: light-dark(")).unwrap_or_else(|| panic!("--{name}"));
    let (light, rest) = rest.split_once(", ").unwrap();
    (light.to_owned(), rest.split_once(')').unwrap().0.to_owned())
}

/// WCAG 2 contrast of two #RRGGBB colours.
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_colours_are_those_of_the_table_and_can_be_read() {
    let table = [
        ("to-do", ("#E9EBEF", "#3B4252", 8.4), ("#3A3E47", "#D9DDE5", 7.9)),
        ("in-progress", ("#DCE8FF", "#0B4AA2", 6.8), ("#12366B", "#BBD5FF", 8.0)),
        ("done", ("#D6F2DF", "#14612F", 6.3), ("#143F26", "#B4E8C5", 8.6)),
        ("unknown", ("#FFFFFF", "#5A5F69", 6.4), ("#1E1F23", "#A9AFBA", 7.5)),
        ("error", ("#FFFFFF", "#9F2D20", 7.3), ("#1E1F23", "#FF9C8F", 8.2)),
        ("warning", ("#FFF4D6", "#6B4A00", 7.4), ("#3D2F0A", "#FFDF91", 10.1)),
    ];
    for (name, light, dark) in table {
        let (ground, text) = (pair(name), pair(&format!("{name}-text")));
        assert_eq!((ground.0.as_str(), text.0.as_str()), (light.0, light.1), "{name}, light");
        assert_eq!((ground.1.as_str(), text.1.as_str()), (dark.0, dark.1), "{name}, dark");
        assert!((contrast(&ground.0, &text.0) - light.2).abs() < 0.1, "{name}, light");
        assert!((contrast(&ground.1, &text.1) - dark.2).abs() < 0.1, "{name}, dark");
    }
}

#[test]
fn texts_edges_and_rings_stand_out_from_every_ground() {
    for ground in ["page", "surface", "sunken", "hover"] {
        let ground = pair(ground);
        for (name, least) in [("text", 7.0), ("muted", 4.5), ("accent", 4.5), ("error-text", 4.5), ("edge", 3.0)] {
            if name == "edge" && ground == pair("hover") {
                continue;
            }
            let ink = pair(name);
            assert!(contrast(&ground.0, &ink.0) >= least, "{name} on {}: {}", ground.0, contrast(&ground.0, &ink.0));
            assert!(contrast(&ground.1, &ink.1) >= least, "{name} on {}: {}", ground.1, contrast(&ground.1, &ink.1));
        }
    }
    for ground in ["accent-ground", "accent-ground-hover"] {
        let ground = pair(ground);
        assert!(contrast(&ground.0, "#FFFFFF") >= 4.5 && contrast(&ground.1, "#FFFFFF") >= 4.5);
    }
}

#[test]
fn every_category_has_its_class_its_word_and_its_sign() {
    let categories = [StatusCategory::ToDo, StatusCategory::InProgress, StatusCategory::Done, StatusCategory::Unknown];
    for category in categories {
        let class = format!("pill-{}", category_str(category));
        assert!(style().contains(&format!(".{class} {{")), "{class}");
        let mut answer = sample::issue();
        answer.preview.as_mut().unwrap().status = Some(Status { name: "Wort".to_owned(), category });
        let html = card::html(&answer, now());
        let (_, pill) = html.split_once(&format!("<span class=\"pill {class}\">")).unwrap();
        let pill = pill.split_once("</span>").unwrap().0;
        assert!(pill.contains("<bdi>Wort</bdi>"));
        assert_eq!(pill.contains("<svg"), category != StatusCategory::Unknown);
    }
    for needed in [
        "forced-colors: active",
        "prefers-reduced-motion",
        "[data-theme=\"dark\"]",
        ":focus-visible",
        ".notice-warning",
        ".notice-error",
    ] {
        assert!(style().contains(needed), "{needed}");
    }
}

#[test]
fn every_class_that_is_drawn_for_a_state_is_in_the_style_sheet() {
    let mut missing = std::collections::BTreeSet::new();
    for (_, html) in super::gallery::pages() {
        for piece in html.split("class=\"").skip(1) {
            for class in piece.split('"').next().unwrap().split_whitespace() {
                if !style().contains(&format!(".{class}")) {
                    missing.insert(class.to_owned());
                }
            }
        }
    }
    // Hooks for the script and for other people's style sheets.
    let without_a_look =
        ["attributes", "brand-mark", "card-type", "line", "mention-gone", "notice-plain", "for-secret"];
    missing.retain(|class| !without_a_look.contains(&class.as_str()));
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn assets_have_an_address_that_changes_with_them() {
    for asset in assets::all() {
        let name = asset.path.strip_prefix("/assets/").unwrap();
        let (stem, extension) = name.rsplit_once('.').unwrap();
        assert_eq!(stem.rsplit_once('-').unwrap().1.len(), 16, "{name}");
        assert!(["css", "js", "svg"].contains(&extension));
        assert!(std::ptr::eq(assets::find(&asset.path).unwrap(), asset));
    }
    assert!(assets::find("/assets/style.css").is_none());
    assert!(assets::find("/assets/../Cargo.toml").is_none());
    let policy = assets::content_security_policy("'none'");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"));
}
