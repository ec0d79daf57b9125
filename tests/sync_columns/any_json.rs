//! Whatever JSON stands in a field, its cell fits Notion's limits (notion-rest-api §3.3), and equal input gives an
//! equal hash.

use jira_notion_gateway::jira::model::Field;
use jira_notion_gateway::notion::rich_text::{Content, ITEMS, RichText, UNITS, URL_UNITS};
use jira_notion_gateway::sync::cell::{Cell, Choice};
use jira_notion_gateway::sync::cells::{Rendered, hash};
use jira_notion_gateway::sync::columns::{self, Planned, Taken, Wish};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{P, Place, cell, custom, occurring, plan, row, system};

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn check_runs(runs: &[RichText]) -> Result<(), TestCaseError> {
    prop_assert!(runs.len() <= ITEMS);
    for run in runs {
        let Content::Text { text, link } = &run.content else { continue };
        prop_assert!(!text.is_empty() && units(text) <= UNITS);
        prop_assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{:?}", text);
        prop_assert!(link.as_ref().is_none_or(|link| units(link) <= URL_UNITS));
    }
    Ok(())
}

/// What Notion would not refuse.
pub(super) fn check(row: &Rendered) -> Result<(), TestCaseError> {
    let count = |count: usize| prop_assert_within(count);
    for (key, cell) in &row.cells {
        match cell {
            Cell::Title(text) => {
                prop_assert!(units(text) <= UNITS && !text.chars().any(char::is_control), "{} {:?}", key, text);
            }
            Cell::Text(runs) => check_runs(runs)?,
            Cell::Url(url) => prop_assert!(url.as_ref().is_none_or(|url| !url.is_empty() && units(url) <= URL_UNITS)),
            Cell::Number(number) => prop_assert!(number.is_none_or(f64::is_finite)),
            Cell::Select(_) | Cell::Status(_) => {}
            Cell::MultiSelect(choices) => count(choices.len())?,
            Cell::People(ids) | Cell::Relation(ids) => count(ids.len())?,
            Cell::Date(None) => {}
            Cell::Date(Some(date)) => {
                prop_assert!((10..40).contains(&date.start.len()), "{:?}", date);
                prop_assert!(date.end.as_ref().is_none_or(|end| *end > date.start));
            }
        }
    }
    for loss in &row.losses {
        prop_assert!(units(&loss.words) <= 200 && !loss.words.chars().any(char::is_control));
    }
    Ok(())
}

fn prop_assert_within(count: usize) -> Result<(), TestCaseError> {
    prop_assert!(count <= ITEMS);
    Ok(())
}

/// A column for each way of reading a field.
fn everything() -> Planned {
    let mut fields: Vec<Field> = [
        "summary",
        "issuekey",
        "status",
        "assignee",
        "labels",
        "duedate",
        "created",
        "timespent",
        "progress",
        "votes",
        "comment",
        "environment",
        "issuelinks",
        "parent",
        "project",
    ]
    .map(system)
    .into();
    for (number, schema) in (10_001..).zip([
        format!("{P}:select"),
        format!("{P}:multiselect"),
        format!("{P}:textfield"),
        format!("{P}:textarea"),
        format!("{P}:url"),
        format!("{P}:float"),
        format!("{P}:atlassian-team"),
        "com.pyxis.greenhopper.jira:gh-sprint".to_owned(),
        "com.pyxis.greenhopper.jira:gh-epic-link".to_owned(),
        "jira.polaris:interval".to_owned(),
        "jira.polaris:delivery-status".to_owned(),
        "com.atlassian.servicedesk:vp-origin".to_owned(),
        "com.atlassian.servicedesk:sd-sla-field".to_owned(),
        "com.example:__any".to_owned(),
    ]) {
        fields.push(custom(number, "F", &schema, "any"));
    }
    let mut occurring = occurring(&fields);
    occurring.no_addresses.insert("customfield_10005".to_owned());
    occurring.crowded.insert("project".to_owned());
    let link =
        json!({"issuelinks": [{"type": {"id": "1", "outward": "a", "inward": "b"}, "outwardIssue": {"id": "2"}}]});
    let link = link.as_object().unwrap();
    occurring.note(&jira_notion_gateway::sync::cells::Issue { id: "1", key: "A-1", fields: link });
    columns::plan(&fields, &occurring, &Taken::default(), &Wish::default())
}

/// JSON that looks somewhat like Jira's, and somewhat not.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        Just("2026-02-03".to_owned()),
        Just("2026-02-03T04:05:06.000+0100".to_owned()),
        Just("\u{202e}a\u{0}, b".to_owned()),
        Just("ACME-2".to_owned()),
        Just("https://example.com".to_owned()),
        Just("x😀".repeat(800)),
        Just("*b* {color:red}c{color}\n".repeat(300)),
        Just("Sprint@1[id=1,name=a,b=c],state=ACTIVE]".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "id",
        "name",
        "value",
        "key",
        "child",
        "displayName",
        "emailAddress",
        "accountId",
        "type",
        "content",
        "text",
        "doc",
        "statusCategory",
        "requestType",
        "ongoingCycle",
        "completedCycles",
        "breachTime",
        "iso8601",
        "breached",
        "outwardIssue",
        "inwardIssue",
        "outward",
        "inward",
        "total",
        "progress",
        "votes",
        "start",
        "end",
        "data",
        "state",
    ]);
    let nested = leaf.clone().prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    });
    // Lists beyond every limit.
    prop_oneof![4 => nested, 1 => prop::collection::vec(leaf, 101..160).prop_map(Value::from)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fits_into_its_cell(value in any_json()) {
        let planned = everything();
        let fields: Map<String, Value> =
            planned.columns.iter().flat_map(|it| &it.fields).map(|field| (field.clone(), value.clone())).collect();
        let place = Place::new();
        let row = place.render(&planned, &fields);
        check(&row)?;
        let reversed: Map<String, Value> = fields.into_iter().rev().collect();
        let again = place.render(&planned, &reversed);
        prop_assert!(hash::row(&row.cells) == hash::row(&again.cells));
        prop_assert_eq!(row, again);
    }
}

#[test]
fn deep_and_wide_values_are_bounded() {
    let planned = everything();
    let mut deep = json!("x");
    for _ in 0..100 {
        deep = json!({"child": [deep.clone()], "value": "v"});
    }
    let wide: Value =
        (0..2_000).map(|number| json!({"id": number, "name": format!("n{number}")})).collect::<Vec<_>>().into();
    for value in [deep, wide, json!("\u{202e}\u{0}😀".repeat(20_000))] {
        let fields: Map<String, Value> =
            planned.columns.iter().flat_map(|it| &it.fields).map(|field| (field.clone(), value.clone())).collect();
        check(&Place::new().render(&planned, &fields)).unwrap();
    }
}

#[test]
fn the_hash_counts_ids_and_names_and_no_order() {
    let choice = |id: &str, name: &str| Choice { id: id.to_owned(), name: name.to_owned(), color: Default::default() };
    let cells = |choices: Vec<Choice>, status: Choice| {
        vec![("labels".to_owned(), Cell::MultiSelect(choices)), ("status".to_owned(), Cell::Select(Some(status)))]
    };
    let row = cells(vec![choice("1", "a"), choice("2", "b")], choice("3", "Working"));
    let mut other = cells(vec![choice("2", "b"), choice("1", "a")], choice("3", "Working"));
    assert!(hash::row(&row) == hash::row(&other));
    other.reverse();
    assert!(hash::row(&row) == hash::row(&other));
    // A new column concerns only the rows that have something in it.
    other.push(("duedate".to_owned(), Cell::Date(None)));
    assert!(hash::row(&row) == hash::row(&other));
    for different in [
        cells(vec![choice("1", "a")], choice("3", "Working")),
        cells(vec![choice("1", "a"), choice("2", "b")], choice("4", "Working")),
        // Renamed in Jira: the row has to get the option of the new name.
        cells(vec![choice("1", "a"), choice("2", "b")], choice("3", "At work")),
        row[..1].to_vec(),
    ] {
        assert!(hash::row(&row) != hash::row(&different), "{different:?}");
    }
}

#[test]
fn every_change_of_a_value_changes_the_hash() {
    let planned =
        plan(&[system("summary"), system("duedate"), system("assignee"), system("parent"), system("environment")]);
    let rows = [
        json!({}),
        json!({"summary": "a"}),
        json!({"summary": "b"}),
        json!({"duedate": "2026-01-01"}),
        json!({"duedate": "2026-01-02"}),
        json!({"assignee": {"accountId": "acc-1", "displayName": "Ana"}}),
        json!({"assignee": {"accountId": "acc-9", "displayName": "Ana"}}),
        json!({"parent": {"id": "10002"}}),
        json!({"environment": "a"}),
        json!({"environment": "*a*"}),
    ];
    let hashes: std::collections::HashSet<String> =
        rows.iter().map(|fields| hash::row(&row(&planned, fields.clone()).cells).to_hex()).collect();
    assert_eq!(hashes.len(), rows.len());
    assert!(matches!(cell(&row(&planned, json!({})), "summary"), Cell::Title(_)));
}
