//! Names of columns: unlike each other whatever their case, unlike the person's, never empty, never long.

use std::collections::HashSet;

use jira_notion_gateway::sync::columns::{self, Class, Planned, Taken, Wish};
use jira_notion_gateway::sync::why::Why;
use proptest::prelude::*;

use super::{P, class, custom, field_of, occurring, plan, system};

fn select(number: u32, name: &str) -> jira_notion_gateway::jira::model::Field {
    custom(number, name, &format!("{P}:select"), "option")
}

fn name<'p>(planned: &'p Planned, key: &str) -> &'p str {
    &planned.column(key).unwrap_or_else(|| panic!("no {key}")).name
}

#[test]
fn fields_of_one_name_are_told_apart_by_what_they_hold_or_by_jiras_number() {
    let fields = [
        select(10_200, "Severity"),
        select(10_201, "severity"),
        custom(10_202, "Severity", &format!("{P}:float"), "number"),
        system("status"),
        select(10_203, "Status"),
    ];
    let planned = plan(&fields);
    for (key, expected) in [
        ("customfield_10200", "Severity"),
        ("customfield_10201", "severity (cf[10201])"),
        ("customfield_10202", "Severity (number)"),
        ("status", "status"),
        ("customfield_10203", "Status (choice)"),
    ] {
        assert_eq!(name(&planned, key), expected);
    }
}

#[test]
fn a_name_stays_with_its_column_when_an_older_field_begins_to_occur() {
    let fields = [select(10_200, "Severity"), select(10_201, "Severity")];
    let mut only_second = occurring(&fields);
    only_second.fields.remove("customfield_10200");
    let first = columns::plan(&fields, &only_second, &Taken::default(), &Wish::default());
    assert_eq!(name(&first, "customfield_10201"), "Severity");
    let ours = first.columns.iter().map(|column| (column.key.clone(), column.name.clone())).collect();
    let taken = Taken { ours, ..Taken::default() };
    let second = columns::plan(&fields, &occurring(&fields), &taken, &Wish::default());
    assert_eq!(name(&second, "customfield_10201"), "Severity");
    assert_eq!(name(&second, "customfield_10200"), "Severity (cf[10200])");
    // A field that Jira has renamed gets its new name.
    let renamed = [select(10_201, "Impact")];
    assert_eq!(
        name(&columns::plan(&renamed, &occurring(&renamed), &taken, &Wish::default()), "customfield_10201"),
        "Impact"
    );
}

#[test]
fn a_column_of_the_person_stays_and_ours_is_offered_under_another_name() {
    let fields = [
        field_of(&serde_json::json!({"id": "priority", "name": "Priority"})),
        field_of(&serde_json::json!({"id": "assignee", "name": "Assignee"})),
    ];
    let taken = Taken {
        by_person: vec![
            "PRIORITY".to_owned(),
            "Jira ID".to_owned(),
            "Priority (Jira)".to_owned(),
            "assignee (jira)".to_owned(),
        ],
        ..Taken::default()
    };
    let planned = columns::plan(&fields, &occurring(&fields), &taken, &Wish::default());
    let offer = Some("Priority (Jira) 2".to_owned());
    assert_eq!(class(&planned, "priority"), &Class::NotSynced { why: Why::NameTaken, offer });
    assert!(planned.column("priority").is_none());
    assert_eq!(name(&planned, "jira_id"), "Jira ID (Jira)", "nothing works without it");
    assert_eq!(name(&planned, "assignee:text"), "Assignee (Jira name)");
    let wish = Wish {
        create_as: [("priority".to_owned(), "Urgency".to_owned()), ("assignee".to_owned(), "Who (Jira)".to_owned())]
            .into(),
        ..Wish::default()
    };
    let planned = columns::plan(&fields, &occurring(&fields), &taken, &wish);
    assert_eq!(name(&planned, "priority"), "Urgency");
    assert_eq!(name(&planned, "assignee:text"), "Who (Jira name)");
}

#[test]
fn names_that_nobody_can_read_become_the_id_and_long_ones_are_cut() {
    let planned = plan(&[select(10_001, "\u{200b}\u{202e}"), select(10_002, &"ü".repeat(500))]);
    assert_eq!(name(&planned, "customfield_10001"), "customfield_10001");
    assert_eq!(name(&planned, "customfield_10002"), "ü".repeat(80));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn names_are_always_unlike_each_other(
        names in prop::collection::vec(prop_oneof!["[a-cA-C]", "Summary|Parent|CHILDREN|Key|link|Jira ID|other links|Assignee( \\(Jira\\))?", any::<String>()], 1..25),
        by_person in prop::collection::vec("[a-c]|Parent|Children|jira id|Summary", 0..6),
        is_people in prop::collection::vec(any::<bool>(), 25),
    ) {
        let fields: Vec<_> = names.iter().zip(&is_people).zip(10_000..).map(|((name, is_people), number)| {
            let (schema, kind) = if *is_people { ("userpicker", "user") } else { ("float", "number") };
            custom(number, name, &format!("{P}:{schema}"), kind)
        }).chain(["summary", "assignee", "issuekey", "issuelinks", "parent"].map(system)).collect();
        let taken = Taken { by_person: by_person.clone(), ..Taken::default() };
        let planned = columns::plan(&fields, &occurring(&fields), &taken, &Wish::default());
        let mut seen: HashSet<String> = by_person.iter().map(|name| name.to_lowercase()).collect();
        for column in &planned.columns {
            prop_assert!(!column.name.trim().is_empty());
            prop_assert!(column.name.encode_utf16().count() <= 150, "{}", column.name);
            prop_assert!(seen.insert(column.name.to_lowercase()), "{} twice", column.name);
        }
        // Planned again, every column keeps its name.
        let ours = planned.columns.iter().map(|column| (column.key.clone(), column.name.clone())).collect();
        prop_assert_eq!(&columns::plan(&fields, &occurring(&fields), &Taken { by_person, ours }, &Wish::default()), &planned);
    }
}
