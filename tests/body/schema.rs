//! Notion's own OpenAPI document lies beside the project and is no part of it; where it is missing the test says so in
//! one line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jira_notion_gateway::sync::body::{Room, blocks, calls};
use serde_json::{Value, json};

use super::limits::{container, everything};
use super::{KNOWN, adf, shown, wiki};

fn document() -> Option<Value> {
    let path = "../shared/openapi/notion/notion-openapi-2026-03-17.json";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    if text.is_err() {
        eprintln!("Notion's document is not here: nothing was compared with it");
    }
    Some(serde_json::from_str(&text.ok()?).unwrap())
}

#[test]
fn notions_document_takes_every_call() {
    let Some(document) = document() else { return };
    let schema = json!({"$ref": "#/components/schemas/blockObjectRequest", "components": document["components"]});
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut kinds = BTreeSet::new();
    let bodies = [blocks(&adf(&everything()), &KNOWN), blocks(&wiki(&"* a\n** b\n*** c\n**** d\n".repeat(60)), &KNOWN)];
    for body in bodies {
        for call in calls(Some(&container(body.blocks)), Some(Room::CALL), Room::CALL) {
            for block in &call.children {
                let sent = serde_json::to_value(block).unwrap();
                assert!(validator.is_valid(&sent), "{}", shown(std::slice::from_ref(block)));
                kinds.extend(
                    shown(std::slice::from_ref(block))
                        .lines()
                        .filter_map(|it| it.trim().split(' ').next().map(str::to_owned)),
                );
            }
        }
    }
    assert!(kinds.len() >= 15, "{kinds:?}");
    // The check can fail.
    assert!(!validator.is_valid(&json!({"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "x".repeat(2_001)}}]}})));
}

#[test]
fn code_has_a_language_that_notion_knows() {
    let Some(document) = document() else { return };
    let known = document["components"]["schemas"]["languageRequest"]["enum"].as_array().unwrap();
    for name in known {
        let code =
            json!([{"type": "codeBlock", "attrs": {"language": name}, "content": [{"type": "text", "text": "x"}]}]);
        let body = blocks(&adf(&code), &KNOWN);
        let has_own_name = shown(&body.blocks).starts_with(&format!("code <{}>", name.as_str().unwrap()));
        // Jira's names of languages have no asterisks and the like; all of these pass.
        assert!(has_own_name && body.losses.is_empty(), "{name}: {:?}", body.blocks);
    }
    assert!(known.len() > 80);
}
