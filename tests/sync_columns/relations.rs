//! What stands above an issue and what is linked to it (S39).

use jira_notion_gateway::sync::cells::{Loss, What};
use jira_notion_gateway::sync::columns::{self, LinkType, Occurring, Planned, Taken, Wish};
use serde_json::{Value, json};

use super::{Place, cell, custom, occurring, row, say, system};

fn planned() -> Planned {
    let fields = [
        system("parent"),
        system("subtasks"),
        system("issuelinks"),
        custom(10_101, "Epic Link", "com.pyxis.greenhopper.jira:gh-epic-link", "any"),
        custom(10_018, "Parent Link", "com.atlassian.jpo:jpo-custom-field-parent", "any"),
    ];
    let link = |outward: &str, inward: &str| LinkType { outward: outward.to_owned(), inward: inward.to_owned() };
    let link_types =
        [("10000".to_owned(), link("blocks", "is blocked by")), ("10003".to_owned(), link("relates to", "relates to"))];
    let occurring = Occurring { link_types: link_types.into(), ..occurring(&fields) };
    columns::plan(&fields, &occurring, &Taken::default(), &Wish::default())
}

fn link(type_id: &str, says: &str, end: &str, id: &str, key: &str) -> Value {
    json!({"id": "1", "type": {"id": type_id, "name": "T", "outward": says, "inward": says}, end: {"id": id, "key": key}})
}

#[test]
fn the_parent_is_told_by_four_fields() {
    let planned = planned();
    for (fields, expected) in [
        (json!({"parent": {"id": "10002", "key": "ACME-2"}}), "rows 10002"),
        (json!({"customfield_10101": "ACME-3"}), "rows 10003"),
        (json!({"customfield_10018": "ACME-3"}), "rows 10003"),
        (json!({"customfield_10018": {"showField": true, "data": {"id": 10003, "key": "ACME-3"}}}), "rows 10003"),
        (json!({"customfield_10018": {"showField": false, "nonEditableReason": {"reason": "X"}}}), "rows "),
        // A sub-task is below its issue, not below the epic.
        (json!({"parent": {"id": "10002", "key": "ACME-2"}, "customfield_10101": "ACME-3"}), "rows 10002"),
        (json!({"parent": null, "customfield_10101": null}), "rows "),
        (json!({"parent": {"id": "10001", "key": "ACME-1"}}), "rows "),
        (json!({"customfield_10101": "ACME-1"}), "rows "),
    ] {
        assert_eq!(say(cell(&row(&planned, fields.clone()), "parent")), expected, "{fields}");
    }
}

#[test]
fn a_parent_that_is_elsewhere_stays_a_link() {
    let row = row(&planned(), json!({"parent": {"id": "77", "key": "OPS-7"}}));
    assert_eq!(say(cell(&row, "parent")), "rows ");
    assert_eq!(say(cell(&row, "links:other")), "text [Parent OPS-7](https://jira.example.com/browse/OPS-7)");
    assert!(row.losses.iter().all(|loss| loss.what == What::Target && loss.words == "OPS-7"));
}

#[test]
fn links_are_told_from_both_ends_and_the_rest_stays_links() {
    let links = json!([
        link("10000", "blocks", "outwardIssue", "10002", "ACME-2"),
        link("10000", "is blocked by", "inwardIssue", "10003", "ACME-3"),
        link("10003", "relates to", "inwardIssue", "10002", "ACME-2"),
        link("10000", "blocks", "outwardIssue", "10002", "ACME-2"),
        link("10000", "blocks", "outwardIssue", "70", "OPS-7"),
        link("10003", "relates to", "outwardIssue", "80", "OPS-8"),
    ]);
    let row = row(&planned(), json!({"issuelinks": links}));
    assert_eq!(say(cell(&row, "links:10000")), "rows 10002");
    assert_eq!(say(cell(&row, "links:10000:in")), "rows 10003");
    assert_eq!(say(cell(&row, "links:10003")), "rows ");
    assert_eq!(say(cell(&row, "links:10003:in")), "rows 10002");
    let base = "https://jira.example.com/browse";
    let expected = format!("text [blocks OPS-7]({base}/OPS-7)\n[relates to OPS-8]({base}/OPS-8)");
    assert_eq!(say(cell(&row, "links:other")), expected);
    let told: Vec<(&str, What, u32)> = row.losses.iter().map(|it| (it.column.as_str(), it.what, it.count)).collect();
    assert_eq!(told, [("links:other", What::Target, 2)]);
}

#[test]
fn both_sides_of_a_relation_are_named_as_jira_says_them() {
    let planned = planned();
    let names = ["parent", "children", "links:10000", "links:10000:in", "links:10003", "links:10003:in"];
    let names = names.map(|key| planned.column(key).unwrap().name.as_str());
    assert_eq!(names, ["Parent", "Children", "Blocks", "Is blocked by", "Relates to", "Relates to (incoming)"]);
    assert_eq!(planned.column("links:10000:in").unwrap().reverse_of.as_deref(), Some("links:10000"));
}

#[test]
fn a_relation_holds_a_hundred_and_says_how_many_more_there_are() {
    let planned = planned();
    let mut place = Place::new();
    let mut links = Vec::new();
    for number in 0..150 {
        let (id, key) = (format!("2{number:04}"), format!("ACME-{}", 1_000 + number));
        place.rows.add(&id, &key);
        links.push(link("10000", "blocks", "outwardIssue", &id, &key));
        links.push(link("10000", "blocks", "outwardIssue", &format!("9{number}"), &format!("OPS-{number}")));
    }
    let Value::Object(fields) = json!({ "issuelinks": links }) else { unreachable!() };
    let row = place.render(&planned, &fields);
    assert_eq!(say(cell(&row, "links:10000")).split(' ').count(), 1 + 100);
    let rest = |column: &str| {
        row.losses.iter().find(|it| it.column == column && it.what == What::Rest).map(|it: &Loss| it.count)
    };
    assert_eq!(rest("links:10000"), Some(50));
    assert_eq!(rest("links:other"), Some(100));
}
