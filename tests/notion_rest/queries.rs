//! §3.4: finding rows.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Office, good, id, invalid, text};
use crate::world::notion::rest::Id;

/// Rows A to E with a number, a day, a kind and a person each; E has nothing but its name.
async fn with_rows() -> (Office, Id) {
    let it = Office::open().await;
    let columns = json!({
        "Name": {"title": {}}, "Key": {"rich_text": {}}, "N": {"number": {}}, "Due": {"date": {}},
        "Type": {"select": {"options": [{"name": "Bug"}, {"name": "Story"}]}}, "Tags": {"multi_select": {}},
        "Who": {"people": {}}, "Done": {"checkbox": {}},
    });
    let (_, source) = it.database(&columns).await;
    let omar = it.notion.user_id(it.omar);
    for (at, (name, number, day, kind)) in [
        ("A", 3, "2026-11-20", "Story"),
        ("B", 1, "2026-11-22", "Bug"),
        ("C", 2, "2026-11-21", "Bug"),
        ("D", 9, "2026-12-01", "Story"),
    ]
    .into_iter()
    .enumerate()
    {
        let values = json!({
            "Name": {"title": text(name)}, "Key": {"rich_text": text(&format!("OPS-{at}"))}, "N": {"number": number},
            "Due": {"date": {"start": day}}, "Type": {"select": {"name": kind}}, "Done": {"checkbox": at % 2 == 0},
            "Tags": {"multi_select": [{"name": name}, {"name": "all"}]}, "Who": {"people": [{"id": omar}]},
        });
        it.row(source, &values).await;
        it.later(SignedDuration::from_mins(1));
    }
    it.row(source, &json!({"Name": {"title": text("E")}})).await;
    (it, source)
}

fn names(answer: &Value) -> String {
    let name = |it: &Value| it["properties"]["Name"]["title"][0]["plain_text"].as_str().unwrap_or("-").to_owned();
    answer["results"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let (it, source) = with_rows().await;
    let omar = it.notion.user_id(it.omar);
    let property = |name: &str, kind: &str, test: Value| json!({"property": name, kind: test});
    for (filter, found) in [
        (property("Key", "rich_text", json!({"equals": "OPS-1"})), "B"),
        (property("Key", "rich_text", json!({"equals": "ops-1"})), ""),
        (property("Key", "rich_text", json!({"contains": "ops"})), "ABCD"),
        (property("Key", "rich_text", json!({"is_empty": true})), "E"),
        (property("Name", "title", json!({"does_not_equal": "A"})), "BCDE"),
        (property("title", "title", json!({"starts_with": "c"})), "C"),
        (property("N", "number", json!({"greater_than_or_equal_to": 3})), "AD"),
        (property("N", "number", json!({"equals": 2})), "C"),
        (property("Due", "date", json!({"on_or_before": "2026-11-21"})), "AC"),
        (property("Due", "date", json!({"after": "2026-11-21"})), "BD"),
        (property("Type", "select", json!({"equals": "Bug"})), "BC"),
        (property("Type", "select", json!({"equals": ["Bug", "Story"]})), "ABCD"),
        (property("Type", "select", json!({"does_not_equal": "Bug"})), "ADE"),
        (property("Tags", "multi_select", json!({"contains": "all"})), "ABCD"),
        (property("Tags", "multi_select", json!({"does_not_contain": "A"})), "BCDE"),
        (property("Who", "people", json!({"contains": omar})), "ABCD"),
        (property("Who", "people", json!({"is_empty": true})), "E"),
        (property("Done", "checkbox", json!({"equals": false})), "BDE"),
        (json!({"timestamp": "created_time", "created_time": {"on_or_after": "2026-11-22T10:02:00.000Z"}}), "CDE"),
        (
            json!({"and": [
                property("Type", "select", json!({"equals": "Bug"})),
                {"or": [property("N", "number", json!({"equals": 1})), property("N", "number", json!({"equals": 9}))]},
            ]}),
            "B",
        ),
    ] {
        let answer = it.query(source, &json!({ "filter": filter })).await;
        assert_eq!(names(&answer), found, "{filter}");
        assert_eq!(answer["request_status"], json!({"type": "complete"}));
    }
}

#[tokio::test]
async fn what_no_query_may_ask() {
    let (it, source) = with_rows().await;
    let deep = json!({"and": [{"or": [{"and": []}]}]});
    for (body, words) in [
        (json!({"filter": {"property": "Key", "title": {"equals": "x"}}}), "does not match filter title"),
        (json!({"filter": {"property": "Nothing", "title": {"equals": "x"}}}), "Could not find property"),
        (json!({"filter": {"property": "Key", "rich_text": {"is": "x"}}}), "rich_text.is should be not present"),
        (json!({"filter": {"property": "Key", "rich_text": {"equals": "x", "contains": "x"}}}), "exactly one of"),
        (json!({"filter": {"property": "Key", "rich_text": {"is_empty": false}}}), "should be `true`"),
        (json!({"filter": {"property": "Due", "date": {"after": "soon"}}}), "ISO 8601"),
        (json!({"filter": deep}), "two levels"),
        (json!({"sorts": [{"property": "Nothing", "direction": "ascending"}]}), "Could not find sort property"),
        (json!({"sorts": [{"property": "N"}]}), "direction should be defined"),
        (json!({"page_size": 0}), "page_size should be from 1 to 100"),
        (json!({"page_size": 101}), "page_size should be from 1 to 100"),
        (json!({"start_cursor": "x"}), "start_cursor"),
        (json!({"archived": true}), "archived should be not present"),
        (json!({"sort": []}), "body.sort should be not present"),
    ] {
        invalid(&it.post(&format!("data_sources/{source}/query"), &body).await, words);
    }
}

#[tokio::test]
async fn rows_are_sorted_and_paged_and_a_cursor_is_for_its_query_alone() {
    let (it, source) = with_rows().await;
    let by = |what: &str, name: &str, direction: &str| json!({"sorts": [{what: name, "direction": direction}]});
    for (body, found) in [
        (json!({}), "ABCDE"),
        (by("property", "N", "ascending"), "BCADE"),
        (by("property", "N", "descending"), "DACBE"),
        (by("property", "Due", "ascending"), "ACBDE"),
        (by("property", "Type", "ascending"), "BCADE"),
        (by("timestamp", "created_time", "ascending"), "ABCDE"),
        (by("timestamp", "created_time", "descending"), "EDCBA"),
    ] {
        let (mut all, mut cursor) = (String::new(), Value::Null);
        for size in [2, 2, 1] {
            let mut body = body.clone();
            (body["page_size"], body["start_cursor"]) = (json!(2), cursor);
            let answer = it.query(source, &body).await;
            let part = names(&answer);
            assert_eq!(part.len(), size);
            all.push_str(&part);
            cursor = answer["next_cursor"].clone();
            assert_eq!(answer["has_more"], !cursor.is_null());
        }
        assert_eq!((all.as_str(), cursor), (found, Value::Null));
    }
    let first = it.query(source, &json!({"page_size": 2})).await;
    let mut other = by("property", "N", "ascending");
    other["start_cursor"] = first["next_cursor"].clone();
    invalid(&it.post(&format!("data_sources/{source}/query"), &other).await, "start_cursor");
}

#[tokio::test]
async fn pages_may_be_short_and_a_query_ends_at_its_cap() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let all: Vec<Id> = (0..25).map(|_| it.notion.hands(it.nora).add_row(source, &json!({}))).collect();
    it.notion.switch(|it| it.rest.short_pages = true);
    let (mut found, mut cursor, mut sizes) = (Vec::new(), Value::Null, Vec::new());
    loop {
        let answer = it.query(source, &json!({"page_size": 10, "start_cursor": cursor})).await;
        let part = answer["results"].as_array().unwrap().clone();
        sizes.push(part.len());
        found.extend(part.iter().map(|it| id(&it["id"])));
        cursor = answer["next_cursor"].clone();
        if answer["has_more"] == false {
            break;
        }
    }
    assert_eq!(found, all);
    assert!(sizes.iter().any(|it| *it < 10) && sizes.len() > 3, "{sizes:?}");
    it.notion.switch(|it| (it.rest.short_pages, it.rest.query_cap) = (false, 20));
    let first = it.query(source, &json!({"page_size": 15})).await;
    assert_eq!((&first["has_more"], &first["request_status"]["type"]), (&json!(true), &json!("complete")));
    let last = it.query(source, &json!({"page_size": 15, "start_cursor": first["next_cursor"]})).await;
    assert_eq!((last["results"].as_array().unwrap().len(), &last["has_more"]), (5, &json!(false)));
    let incomplete = json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"});
    assert_eq!((&last["next_cursor"], &last["request_status"]), (&Value::Null, &incomplete));
    // Exactly as many as the cap are complete.
    it.notion.switch(|it| it.rest.query_cap = 25);
    let all = it.query(source, &json!({})).await;
    assert_eq!((all["results"].as_array().unwrap().len(), &all["request_status"]["type"]), (25, &json!("complete")));
}

#[tokio::test]
async fn a_new_row_may_be_found_late() {
    let (it, source) = with_rows().await;
    it.notion.switch(|it| it.rest.query_lag = SignedDuration::from_secs(45));
    let row = it.row(source, &json!({"Key": {"rich_text": text("OPS-9")}})).await;
    let wanted = json!({"filter": {"property": "Key", "rich_text": {"equals": "OPS-9"}}, "page_size": 2});
    assert_eq!(it.query(source, &wanted).await["results"], json!([]));
    good(&it.get(&format!("pages/{row}")).await);
    it.later(SignedDuration::from_secs(44));
    assert_eq!(it.query(source, &wanted).await["results"], json!([]));
    it.later(SignedDuration::from_secs(1));
    assert_eq!(it.query(source, &wanted).await["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_row_is_found_by_its_text_whatever_happened_to_it() {
    let (it, source) = with_rows().await;
    let find = async |key: &str| {
        let filter = json!({"property": "Key", "rich_text": {"equals": key}});
        names(&it.query(source, &json!({ "filter": filter })).await)
    };
    assert_eq!(find("OPS-0").await, "A");
    let row = id(&it.query(source, &json!({"page_size": 1})).await["results"][0]["id"]);
    good(&it.patch(&format!("pages/{row}"), &json!({"properties": {"Key": {"rich_text": text("OPS-1")}}})).await);
    assert_eq!((find("OPS-0").await.as_str(), find("OPS-1").await.as_str()), ("", "AB"));
    it.notion.hands(it.nora).edit(row, "Key", &json!({"rich_text": []}));
    assert_eq!((find("").await.as_str(), find("OPS-1").await.as_str()), ("AE", "B"));
    it.notion.hands(it.nora).trash(row);
    assert_eq!(find("").await, "E");
    it.notion.hands(it.nora).retype_column(source, "Key", &json!({"url": {}}));
    let filter = json!({"property": "Key", "url": {"equals": "OPS-1"}});
    assert_eq!(names(&it.query(source, &json!({ "filter": filter })).await), "");
}
