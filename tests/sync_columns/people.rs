//! People never vanish silently (S53).

use jira_notion_gateway::sync::cells::What;
use jira_notion_gateway::sync::why::Why;
use serde_json::{Value, json};

use super::{cell, plan, row, say, system};

#[test]
fn whoever_notion_does_not_know_stands_beside_by_name_and_is_reported() {
    let planned = plan(&[system("assignee")]);
    let cloud = |id: &str, name: &str| json!({"accountId": id, "displayName": name, "active": true});
    for (person, known, name, unknown) in [
        (cloud("acc-1", "Ana"), "notion-1", "Ana", None),
        // The table goes before the address.
        (
            json!({"accountId": "acc-1", "emailAddress": "cleo@example.com", "displayName": "Ana"}),
            "notion-1",
            "Ana",
            None,
        ),
        (json!({"name": "ben", "key": "JIRAUSER2", "displayName": "Ben"}), "notion-2", "Ben", None),
        (
            json!({"name": "c", "key": "c", "emailAddress": " CLEO@example.com", "displayName": "Cleo"}),
            "notion-3",
            "Cleo",
            None,
        ),
        (cloud("acc-7", "Hidden Address"), "", "Hidden Address", Some("Hidden Address")),
        (json!({"accountId": "acc-8", "displayName": "Gone", "active": false}), "", "Gone", Some("Gone")),
        (json!({"accountId": "acc-8", "displayName": "\u{202e}Evil\u{7}"}), "", "Evil", Some("Evil")),
        (json!("ben"), "", "ben", Some("ben")),
        (Value::Null, "", "", None),
    ] {
        let row = row(&planned, json!({"assignee": person}));
        assert_eq!(say(cell(&row, "assignee")), format!("people {known}"), "{person}");
        assert_eq!(say(cell(&row, "assignee:text")), format!("text {name}"), "{person}");
        let told: Vec<_> = row.losses.iter().map(|loss| (loss.what, loss.words.as_str())).collect();
        let expected: Vec<_> = unknown.map(|name| (What::Person, name)).into_iter().collect();
        assert_eq!(told, expected, "{person}");
    }
    assert_eq!(What::Person.why(), Some(Why::PersonUnmapped));
}

#[test]
fn only_the_unknown_ones_of_several_are_left_out() {
    let field = super::custom(10_003, "Approvers", &format!("{}:multiuserpicker", super::P), "array(user)");
    let planned = plan(&[field]);
    let people = json!([{"accountId": "x", "displayName": "X"}, {"accountId": "acc-1", "displayName": "Ana"}, {"accountId": "y", "displayName": "Y"}]);
    let row = row(&planned, json!({"customfield_10003": people}));
    assert_eq!(say(cell(&row, "customfield_10003")), "people notion-1");
    assert_eq!(say(cell(&row, "customfield_10003:text")), "text X, Ana, Y");
    assert_eq!(row.losses.len(), 1);
    assert_eq!(row.losses[0].count, 2);
}
