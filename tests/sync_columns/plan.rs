//! The list of columns, and that every field ends in exactly one class.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use jira_notion_gateway::notion::property::Schema;
use jira_notion_gateway::sync::columns::{self, Class, Lost, Occurring, Planned, Taken, Wish};
use jira_notion_gateway::sync::why::Why;
use serde_json::json;

use super::{P, class, custom, field_of, occurring, plan, system};
use crate::world::jira::fields::fields_of;

fn not_synced(planned: &Planned, field: &str) -> Why {
    match class(planned, field) {
        Class::NotSynced { why, .. } => *why,
        class => panic!("{field} is {class:?}"),
    }
}

/// All that a fake Jira has, with two types of links.
fn typical(cloud: bool) -> (Vec<jira_notion_gateway::jira::model::Field>, Occurring) {
    let rows = fields_of(cloud).map(|field| {
        let is_custom = field.id.starts_with("customfield_");
        json!({"id": field.id, "name": field.name, "custom": is_custom, "schema": field.schema()})
    });
    let mut fields: Vec<_> = rows.map(|row| field_of(&row)).collect();
    fields.push(field_of(&json!({"id": "issuekey", "name": "Key", "custom": false})));
    let mut occurring = occurring(&fields);
    let fields_of_issue = json!({"issuelinks": [
        {"type": {"id": "10000", "name": "Blocks", "outward": "blocks", "inward": "is blocked by"}, "outwardIssue": {"id": "1"}},
        {"type": {"id": "10003", "name": "Relates", "outward": "relates to", "inward": "relates to"}, "inwardIssue": {"id": "2"}}]});
    let fields_of_issue = fields_of_issue.as_object().unwrap();
    occurring.note(&jira_notion_gateway::sync::cells::Issue { id: "1", key: "A-1", fields: fields_of_issue });
    (fields, occurring)
}

fn list(planned: &Planned) -> String {
    let mut text = String::new();
    for column in &planned.columns {
        let marks = [(column.hidden, " hidden"), (column.slow, " slow"), (column.reverse_of.is_some(), " reverse")];
        let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
        let lost = column.lost.map(|lost| format!(" -{lost:?}")).unwrap_or_default();
        let fields = column.fields.join("+");
        writeln!(
            text,
            "{}: {} = {:?} {:?}{marks}{lost} [{fields}]",
            column.name, column.key, column.kind, column.reading
        )
        .unwrap();
    }
    for (fate, why) in planned.not_synced() {
        writeln!(text, "no {}: {}", fate.field, why.code()).unwrap();
    }
    text
}

#[test]
fn a_typical_project_of_each_deployment() {
    for (name, cloud) in [("cloud", true), ("data_center", false)] {
        let (fields, occurring) = typical(cloud);
        let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
        insta::assert_snapshot!(format!("columns_{name}"), list(&planned));
        insta::assert_snapshot!(format!("asked_for_{name}"), planned.jira_fields(false).join("\n"));
    }
}

#[test]
fn every_field_ends_in_exactly_one_class() {
    for cloud in [true, false] {
        let (fields, occurring) = typical(cloud);
        let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
        let ids: BTreeSet<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let ended: Vec<&str> = planned.fates.iter().map(|fate| fate.field.as_str()).collect();
        assert_eq!(ended.iter().copied().collect::<BTreeSet<_>>(), ids);
        assert_eq!(ended.len(), ids.len(), "none twice");
        let read: HashSet<&str> = planned.columns.iter().flat_map(|it| &it.fields).map(String::as_str).collect();
        for fate in &planned.fates {
            let is_elsewhere =
                ["description", "subtasks", "timetracking", "statusCategory"].contains(&fate.field.as_str());
            let is_synced = !matches!(fate.class, Class::NotSynced { .. });
            assert_eq!(
                read.contains(fate.field.as_str()) || is_elsewhere,
                is_synced || fate.field == "parent",
                "{fate:?}"
            );
        }
    }
}

#[test]
fn the_plan_does_not_depend_on_the_order_of_jiras_answer() {
    let (mut fields, occurring) = typical(true);
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    fields.reverse();
    assert_eq!(columns::plan(&fields, &occurring, &Taken::default(), &Wish::default()), planned);
    let json = serde_json::to_string(&planned).unwrap();
    assert_eq!(serde_json::from_str::<Planned>(&json).unwrap(), planned);
}

#[test]
fn classes_have_their_causes() {
    let fields = [
        system("summary"),
        system("security"),
        system("worklog"),
        system("thumbnail"),
        system("issuerestriction"),
        system("lastViewed"),
        system("priority"),
        system("labels"),
        custom(10_001, "Seen", &format!("{P}:textarea"), "string"),
        custom(10_002, "Unseen", &format!("{P}:float"), "number"),
        custom(10_003, "Colour", "com.pyxis.greenhopper.jira:gh-epic-color", "string"),
        custom(
            10_004,
            "Development",
            "com.atlassian.jira.plugins.jira-development-integration-plugin:devsummarycf",
            "any",
        ),
        custom(10_005, "Odd", "com.example:odd", "any"),
        custom(10_006, "App", "com.example:__odd", "any"),
    ];
    let mut occurring = occurring(&fields);
    occurring.fields.remove("customfield_10002");
    occurring.crowded.insert("labels".to_owned());
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    for (field, why) in [
        ("security", Why::SecurityLevel),
        ("worklog", Why::TypeUnsupported),
        ("thumbnail", Why::TypeUnsupported),
        ("issuerestriction", Why::TypeUnsupported),
        ("lastViewed", Why::TypeUnsupported),
        ("customfield_10002", Why::OutOfScope),
        ("customfield_10003", Why::TypeUnsupported),
        ("customfield_10004", Why::TypeUnsupported),
        ("customfield_10005", Why::TypeUnsupported),
    ] {
        assert_eq!(not_synced(&planned, field), why, "{field}");
    }
    assert_eq!(planned.may_occur().collect::<Vec<_>>(), ["customfield_10002"]);
    assert_eq!(class(&planned, "summary"), &Class::Synced);
    for (field, lost) in [
        ("priority", Lost::Icon),
        ("labels", Lost::Options),
        ("customfield_10001", Lost::Blocks),
        ("customfield_10006", Lost::Details),
    ] {
        assert_eq!(class(&planned, field), &Class::WithLoss(lost), "{field}");
    }
}

#[test]
fn each_field_can_be_switched_off_and_is_not_asked_for_any_more() {
    let (fields, occurring) = typical(false);
    for field in &fields {
        let wish = Wish { off: [field.id.clone()].into(), ..Wish::default() };
        let planned = columns::plan(&fields, &occurring, &Taken::default(), &wish);
        assert!(planned.column("summary").is_some() && planned.column("jira_id").is_some());
        if field.id == "summary" {
            continue;
        }
        assert!(matches!(class(&planned, &field.id), Class::NotSynced { .. }), "{}", field.id);
        let shared = ["issuetype", "parent", "project", "security", "updated", "status"];
        if !shared.contains(&field.id.as_str()) {
            assert!(!planned.jira_fields(true).contains(&field.id), "{}", field.id);
        }
    }
    let wish = Wish { off: ["links:10000".to_owned(), "status_category".to_owned()].into(), ..Wish::default() };
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &wish);
    assert!(planned.column("links:10000").is_none() && planned.column("links:10000:in").is_none());
    assert!(planned.column("links:10003").is_some() && planned.column("status").is_some());
    assert_eq!(not_synced(&planned, "links:10000"), Why::SwitchedOff);
}

#[test]
fn slow_fields_are_only_asked_for_in_the_slow_lane() {
    let planned = plan(&[system("summary"), system("votes"), system("watches")]);
    assert!(!planned.jira_fields(false).contains(&"votes".to_owned()));
    assert!(planned.jira_fields(true).contains(&"votes".to_owned()));
    assert_eq!(planned.jira_fields(false), ["issuetype", "parent", "project", "security", "summary", "updated"]);
}

#[test]
fn the_description_is_asked_for_as_long_as_it_is_wanted() {
    let fields = [system("description")];
    assert!(plan(&fields).jira_fields(false).contains(&"description".to_owned()));
    let wish = Wish { off: ["description".to_owned()].into(), ..Wish::default() };
    let planned = columns::plan(&fields, &occurring(&fields), &Taken::default(), &wish);
    assert!(!planned.jira_fields(false).contains(&"description".to_owned()));
}

#[test]
fn columns_are_made_as_notion_asks_for_them() {
    let (fields, occurring) = typical(true);
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    for (key, expected) in [
        ("summary", json!({"title": {}})),
        ("jira_id", json!({"rich_text": {}})),
        ("link", json!({"url": {}})),
        ("status", json!({"select": {"options": []}})),
        ("workratio", json!({"number": {"format": "percent"}})),
        ("assignee", json!({"people": {}})),
        (
            "parent",
            json!({"relation": {"data_source_id": "ds", "type": "dual_property", "dual_property": {"synced_property_name": "Children"}}}),
        ),
        (
            "links:10000",
            json!({"relation": {"data_source_id": "ds", "type": "dual_property", "dual_property": {"synced_property_name": "Is blocked by"}}}),
        ),
    ] {
        let schema: Option<Schema> = planned.column(key).unwrap().schema(Vec::new(), "ds", &planned);
        assert_eq!(serde_json::to_value(schema.unwrap()).unwrap(), expected, "{key}");
    }
    for key in ["children", "links:10000:in"] {
        assert_eq!(planned.column(key).unwrap().schema(Vec::new(), "ds", &planned), None, "{key}");
    }
}
