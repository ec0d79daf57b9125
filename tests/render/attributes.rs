//! The attributes for Notion (notion-link-preview §5 and §8).

use jira_notion_gateway::jira::model::StatusCategory;
use jira_notion_gateway::preview::Status;
use jira_notion_gateway::render::attributes::{self, Limits};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::sample;

fn of(answer: &jira_notion_gateway::preview::Answer) -> Vec<Value> {
    match serde_json::to_value(attributes::of(answer, &Limits::default())).unwrap() {
        Value::Array(list) => list,
        other => panic!("{other}"),
    }
}

fn find<'a>(list: &'a [Value], id: &str) -> Option<&'a Value> {
    list.iter().find(|attribute| attribute["id"] == id)
}

#[test]
fn an_issue_in_the_words_of_the_protocol() {
    let expected = json!([
        {"id": "title", "name": "Title", "type": "inline",
         "inline": {"title": {"value": "Login fails on Safari", "section": "title"}}},
        {"id": "key", "name": "Key", "type": "inline",
         "inline": {"plain_text": {"value": "OPS-7", "section": "identifier"}}},
        {"id": "status", "name": "Status", "type": "inline",
         "inline": {"enum": {"value": "In Progress", "color": {"r": 11, "g": 74, "b": 162}, "section": "primary"}}},
        {"id": "priority", "name": "Priority", "type": "inline",
         "inline": {"plain_text": {"value": "High", "section": "primary"}}},
        {"id": "assignee", "name": "Assignee", "type": "inline",
         "inline": {"plain_text": {"value": "Ana Lindqvist", "section": "secondary"}}},
        {"id": "updated_at", "name": "Updated", "type": "inline",
         "inline": {"datetime": {"value": "2026-11-22T08:00:12Z", "section": "secondary"}}},
        {"id": "dev", "name": "Developer Name", "type": "inline",
         "inline": {"plain_text": {"value": "Jira Notion Gateway", "section": "secondary"}}},
    ]);
    assert_eq!(Value::Array(of(&sample::issue())), expected);
}

#[test]
fn what_the_protocol_requires_is_there_whenever_there_is_a_preview() {
    let kinds = sample::every_kind().into_iter().map(|(_, answer)| answer);
    for base in kinds.chain([sample::sub_task(), sample::long_and_mixed()]) {
        for (name, answer) in sample::situations(&base) {
            let list = of(&answer);
            if answer.preview.is_none() {
                assert!(list.is_empty(), "{name}");
                continue;
            }
            assert!(list.len() <= 12);
            assert_eq!(find(&list, "title").unwrap()["inline"]["title"]["section"], "title", "{name}");
            assert_eq!(find(&list, "dev").unwrap()["inline"]["plain_text"]["section"], "secondary", "{name}");
            let mut ids: Vec<_> = list.iter().map(|attribute| attribute["id"].as_str().unwrap()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), list.len(), "a later attribute would override an earlier one");
            for attribute in &list {
                sections_are_valid(attribute);
            }
        }
    }
}

/// The matrix of §5.2.
fn sections_are_valid(attribute: &Value) {
    let (sub_type, inline) = attribute["inline"].as_object().unwrap().iter().next().unwrap();
    let allowed: &[&str] = match sub_type.as_str() {
        "title" => &["title"],
        "enum" => &["primary"],
        "datetime" => &["primary", "secondary"],
        "plain_text" => &["primary", "secondary", "identifier", "avatar", "body"],
        other => panic!("{other} is no sub-type that we send"),
    };
    assert!(allowed.contains(&inline["section"].as_str().unwrap()), "{attribute}");
}

#[test]
fn texts_are_cut_between_whole_characters() {
    let family = "👩‍👩‍👧‍👦";
    let mut answer = sample::sub_task();
    let preview = answer.preview.as_mut().unwrap();
    preview.title = family.repeat(300);
    preview.description = Some("é".repeat(400));
    let list = of(&answer);
    let title = find(&list, "title").unwrap()["inline"]["title"]["value"].as_str().unwrap();
    assert_eq!(title.graphemes(true).count(), 200);
    assert!(title.ends_with(&format!("{family}…")));
    let body = find(&list, "description").unwrap()["inline"]["plain_text"]["value"].as_str().unwrap();
    assert_eq!(body.graphemes(true).count(), 255);

    answer.preview.as_mut().unwrap().title = "x".repeat(200);
    let list = of(&answer);
    assert_eq!(find(&list, "title").unwrap()["inline"]["title"]["value"], "x".repeat(200));
}

#[test]
fn nobody_is_said_and_a_description_is_sent_only_where_there_is_one() {
    let list = of(&sample::sub_task());
    assert_eq!(find(&list, "assignee").unwrap()["inline"]["plain_text"]["value"], "Unassigned");
    assert_eq!(find(&list, "description").unwrap()["inline"]["plain_text"]["section"], "body");
    assert!(find(&of(&sample::issue()), "description").is_none());
    let project = of(&sample::project());
    assert!(find(&project, "assignee").is_none());
    assert_eq!(find(&project, "lead").unwrap()["inline"]["plain_text"]["value"], "Bo Nilsen");
}

#[test]
fn colour_follows_the_category_alone() {
    let table = [
        (StatusCategory::ToDo, json!({"r": 0x3B, "g": 0x42, "b": 0x52})),
        (StatusCategory::InProgress, json!({"r": 0x0B, "g": 0x4A, "b": 0xA2})),
        (StatusCategory::Done, json!({"r": 0x14, "g": 0x61, "b": 0x2F})),
        (StatusCategory::Unknown, Value::Null),
    ];
    for (category, colour) in table {
        let mut answer = sample::issue();
        answer.preview.as_mut().unwrap().status = Some(Status { name: "Fertig".to_owned(), category });
        let list = of(&answer);
        let status = &find(&list, "status").unwrap()["inline"]["enum"];
        assert_eq!(status.get("color").unwrap_or(&Value::Null), &colour);
        assert_eq!(status["value"], "Fertig");
    }
}
