//! The forms in which an integration is registered (notion-link-preview §2).

use serde_json::json;

use super::{JIRA, OUR_CLIENT, alone, integration};
use crate::world::notion::{LinkPreview, Rule};

fn forms() -> LinkPreview {
    LinkPreview::of_gateway("https://gateway.example", OUR_CLIENT, JIRA)
}

#[tokio::test]
async fn a_form_is_not_saved_when_a_pattern_misses_its_sample() {
    let it = alone().await;
    for (pattern, sample, words) in [
        (r"^https:\/\/jira\.example\.com\/items\/\d+$", "https://jira.example.com/browse/OPS-7", "misses"),
        (r"^https:\/\/jira\.example\.com\/items\/\d+$", "https://jira.example.com/items/7?x=1", "misses"),
        ("^(", "https://jira.example.com/items/7", "no regular expression"),
        ("items", "https://other.example/items/7", "not below jira.example.com"),
        ("items", "https://eviljira.example.com/items/7", "not below jira.example.com"),
    ] {
        let mut changed = integration(&[]);
        let rule =
            Rule { name: "item".into(), samples: vec![sample.into()], pattern: pattern.into(), placeholder: vec![] };
        changed.link_preview.as_mut().unwrap().rules = vec![rule];
        let error = it.notion.register(changed).unwrap_err();
        assert!(error.contains(words), "{pattern} {sample}: {error}");
    }
    assert_eq!(it.notion.register(integration(&[])), Ok(()));
}

#[test]
fn the_placeholder_is_filled_from_the_groups() {
    let mut forms = forms();
    forms.rules[0].placeholder[0]["inline"]["title"]["value"] = json!("$<key> at $<site>, not $<other>");
    let title = |uri: &str| forms.placeholder(uri).map(|it| it[0]["inline"]["title"]["value"].clone());
    let words = "OPS-7 at https://jira.example.com, not $<other>";
    assert_eq!(title("https://jira.example.com/browse/OPS-7"), Some(json!(words)));
    assert_eq!(title("https://jira.example.com/browse/OPS-7?focusedCommentId=1"), Some(json!(words)));
    assert_eq!(title("https://jira.example.com/projects/OPS"), Some(json!("Jira")), "by the second rule");
    assert_eq!(title("https://other.example/browse/OPS-7"), None);
    assert_eq!(title("https://jira.example.com.evil.example/browse/OPS-7"), None);
    assert_eq!(title("not a link"), None);
}

#[tokio::test]
async fn a_link_of_nobody_stays_a_plain_link() {
    let it = alone().await;
    let page = it.notion.add_page(it.notion.user(it.nora).workspace, "Plan");
    let pasted = it.notion.paste(it.nora, page, "https://other.example/x", crate::world::notion::As::Preview).await;
    assert!(pasted.is_none() && it.notion.rendered(page).is_empty());
    let shown =
        it.notion.paste(it.nora, page, &format!("{JIRA}/browse/OPS-7"), crate::world::notion::As::Mention).await;
    let shown = shown.unwrap();
    assert_eq!((shown.title(), shown.connect.as_deref()), ("OPS-7", Some("Connect to Jira")));
    assert!(it.notion.log().is_empty(), "without a connection nobody is asked");
}
