//! The schema of ADF lies beside the project and is no part of it; where it is missing the test says so in one line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jira_notion_gateway::jira::text::Loss;
use serde_json::{Value, json};

use super::adf;

/// The kinds that the schema defines under names with this end.
fn kinds(schema: &Value, end: &str) -> BTreeSet<String> {
    let definitions = schema["definitions"].as_object().unwrap().iter().filter(|(name, _)| name.ends_with(end));
    let kinds = definitions.filter_map(|(_, it)| it["properties"]["type"]["enum"][0].as_str());
    kinds.map(str::to_owned).collect()
}

#[test]
fn no_node_and_no_mark_of_the_schema_is_unknown() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/openapi/adf-schema-full.json");
    let Ok(schema) = fs::read_to_string(&path) else {
        eprintln!("the schema of ADF is not here: nothing was compared with it");
        return;
    };
    let schema = serde_json::from_str(&schema).unwrap();
    let (nodes, marks) = (kinds(&schema, "_node"), kinds(&schema, "_mark"));
    assert!(nodes.len() >= 40 && marks.len() >= 15, "{nodes:?} {marks:?}");
    let said = json!([{"type": "paragraph", "content": [{"type": "text", "text": "said"}]}]);
    for kind in nodes {
        for node in [
            json!({"type": kind}),
            json!({"type": kind, "text": "said", "content": said}),
            json!({"type": kind, "attrs": {"text": "said", "title": "said", "timestamp": "0", "url": "https://a.example"}}),
        ] {
            assert_eq!(adf(json!([node])).losses.get(&Loss::Unknown), None, "{kind}");
        }
        // What can hold words shows them.
        let found = adf(json!([{"type": kind, "content": said}])).plain_text(100);
        let holds_none = [
            "blockCard",
            "date",
            "embedCard",
            "emoji",
            "hardBreak",
            "inlineCard",
            "media",
            "mediaInline",
            "mention",
            "placeholder",
            "rule",
            "status",
            "syncBlock",
            "text",
        ];
        assert_eq!(found.contains("said"), !holds_none.contains(&kind.as_str()), "{kind}: {found}");
    }
    for kind in marks {
        let text = json!({"type": "text", "text": "said", "marks": [{"type": kind}]});
        let found = adf(json!([{"type": "paragraph", "content": [text]}]));
        assert_eq!(found.losses.get(&Loss::Unknown), None, "{kind}");
        assert_eq!(found.plain_text(100), "said", "{kind}");
    }
}
