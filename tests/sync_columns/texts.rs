//! Texts within Notion's limits (S35).

use jira_notion_gateway::notion::rich_text::{Color, Content, ITEMS, RichText};
use jira_notion_gateway::sync::cell::Cell;
use jira_notion_gateway::sync::cells::What;
use serde_json::{Value, json};

use super::{P, Place, cell, custom, plan, row, say, system};

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn runs(cell: &Cell) -> Vec<&str> {
    let Cell::Text(runs) = cell else { panic!("a text: {cell:?}") };
    let text = |run: &'_ RichText| if let Content::Text { text, .. } = &run.content { text.len() } else { 0 };
    assert!(runs.iter().all(|run| text(run) > 0));
    runs.iter().map(|run| if let Content::Text { text, .. } = &run.content { text.as_str() } else { "" }).collect()
}

fn text_field() -> jira_notion_gateway::jira::model::Field {
    custom(10_214, "Customer", &format!("{P}:textfield"), "string")
}

fn area() -> jira_notion_gateway::jira::model::Field {
    custom(10_213, "Notes", &format!("{P}:textarea"), "string")
}

#[test]
fn an_emoji_at_the_border_of_a_run_stays_whole() {
    let text = format!("{}😀{}", "a".repeat(1_999), "b".repeat(10));
    for field in [text_field(), area()] {
        let row = row(&plan(std::slice::from_ref(&field)), json!({ &field.id: text }));
        let found = runs(cell(&row, &field.id));
        assert_eq!(found.iter().map(|run| units(run)).collect::<Vec<_>>(), [1_999, 12]);
        assert_eq!(found.concat(), text);
        assert!(row.losses.is_empty());
    }
}

#[test]
fn a_text_beyond_a_hundred_runs_goes_on_in_the_page() {
    let whole = format!("{}y", "x".repeat(200_000));
    let environment = system("environment");
    for (field, kept) in [(text_field(), 200_000), (area(), 199_999), (environment, 199_999)] {
        let planned = plan(std::slice::from_ref(&field));
        let row = row(&planned, json!({ &field.id: whole }));
        let said = runs(cell(&row, &field.id)).concat();
        let [rest] = row.rests.as_slice() else { panic!("{} rests", row.rests.len()) };
        let end = runs(&Cell::Text(rest.text.clone())).concat();
        assert_eq!((rest.column.as_str(), said.trim_end_matches('…').len()), (field.id.as_str(), kept));
        assert!(runs(cell(&row, &field.id)).len() <= ITEMS);
        assert_eq!(format!("{}{end}", said.trim_end_matches('…')), whole);
        assert!(row.losses.iter().any(|loss| loss.what == What::Continued && loss.count == 1), "{:?}", row.losses);
        assert!(row.losses.iter().all(|loss| loss.what != What::End));
        // What is no column has no end either.
        assert_eq!(super::row(&plan(&[]), json!({ &field.id: whole })).rests, []);
    }
}

#[test]
fn a_title_is_one_line_that_fits() {
    let planned = plan(&[system("summary")]);
    for (summary, expected) in [
        ("a\r\nb\u{2028}c\u{0}\u{202e}d".to_owned(), "title a b cd".to_owned()),
        ("😀".repeat(1_001), format!("title {}", "😀".repeat(1_000))),
    ] {
        assert_eq!(say(cell(&row(&planned, json!({"summary": summary})), "summary")), expected);
    }
}

#[test]
fn marks_stay_and_blocks_become_lines() {
    let field = area();
    let planned = plan(std::slice::from_ref(&field));
    let row = row(
        &planned,
        json!({ &field.id: "h2. Plan\n* one\n* _two_ {color:#ff0000}red{color}\n\n[docs|https://example.com] +now+ {{a()}}" }),
    );
    assert_eq!(say(cell(&row, &field.id)), "text Plan\n- one\n- _two_ red\n[docs](https://example.com/) now `a()`");
    let Cell::Text(runs) = cell(&row, &field.id) else { panic!("a text") };
    assert!(runs.iter().any(|run| run.marks.color == Color::Red) && runs.iter().any(|run| run.marks.underline));
    assert!(row.losses.iter().any(|loss| loss.what == What::Blocks && loss.count == 3), "{:?}", row.losses);
}

/// As in the body of a page: by the administrator's table, else by name, and told.
#[test]
fn a_person_who_is_mentioned_is_one_in_notion_if_they_are_known_there() {
    let field = area();
    let planned = plan(std::slice::from_ref(&field));
    let Value::Object(fields) = json!({ &field.id: "See [~ana] and [~ben]" }) else { unreachable!() };
    let mut place = Place::new();
    place.people.set("ana", "user-of-ana");
    let row = place.render(&planned, &fields);
    let Cell::Text(runs) = cell(&row, &field.id) else { panic!("a text") };
    let people =
        runs.iter().filter_map(|run| if let Content::User(id) = &run.content { Some(id.as_str()) } else { None });
    assert_eq!(people.collect::<Vec<_>>(), ["user-of-ana"]);
    assert_eq!(row.losses.iter().map(|loss| (loss.what, loss.count)).collect::<Vec<_>>(), [(What::Person, 1)]);
}

/// Every other word bold: more runs than Notion takes.
#[test]
fn where_there_are_too_many_marks_the_words_stay() {
    let field = area();
    let planned = plan(std::slice::from_ref(&field));
    let content: Vec<Value> = (0..400)
        .map(|number| match number % 2 {
            0 => json!({"type": "text", "text": format!("w{number} ")}),
            _ => json!({"type": "text", "text": format!("w{number}"), "marks": [{"type": "strong"}]}),
        })
        .collect();
    let adf = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": content}]});
    let row = row(&planned, json!({ &field.id: adf }));
    let found = runs(cell(&row, &field.id));
    assert!(found.len() <= ITEMS);
    let expected: String =
        (0..400).map(|number| format!("w{number}{}", if number % 2 == 0 { " " } else { "" })).collect();
    assert_eq!(found.concat(), expected);
    assert_eq!(row.losses.len(), 1, "{:?}", row.losses);
}

#[test]
fn an_address_that_is_none_has_its_text_beside_it() {
    let field = custom(10_210, "Runbook", &format!("{P}:url"), "string");
    let fields = [field.clone()];
    let mut occurring = super::occurring(&fields);
    let long = format!("https://example.com/{}", "a".repeat(2_000));
    for (value, is_address) in [
        (json!("https://example.com/x"), true),
        (json!("wiki page 7"), false),
        (json!("javascript:alert(1)"), false),
        (json!("https://example.com/a b"), false),
        (json!(long), false),
    ] {
        let Value::Object(of_issue) = json!({ &field.id: value }) else { unreachable!() };
        let issue = jira_notion_gateway::sync::cells::Issue { id: "1", key: "A-1", fields: &of_issue };
        occurring.no_addresses.clear();
        occurring.note(&issue);
        let planned =
            jira_notion_gateway::sync::columns::plan(&fields, &occurring, &Default::default(), &Default::default());
        let row = Place::new().render(&planned, &of_issue);
        assert_eq!(say(cell(&row, &field.id)) != "url -", is_address, "{value}");
        assert_eq!(planned.column(&format!("{}:text", field.id)).is_some(), !is_address, "{value}");
        if !is_address {
            let text = cell(&row, &format!("{}:text", field.id));
            assert_eq!(runs(text).concat(), value.as_str().unwrap());
        }
    }
}
