//! What people do with their own hands, as the API then shows it; and what tests see of it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Office, good, id, refused, text};

#[tokio::test]
async fn hands_and_eyes() {
    let it = Office::open().await;
    let options = json!({"options": [{"name": "High", "color": "red"}, {"name": "Low"}]});
    let (database, source) =
        it.database(&json!({"Name": {"title": {}}, "Key": {"rich_text": {}}, "Priority": {"select": options}})).await;
    let values = json!({"Name": {"title": text("A")}, "Key": {"rich_text": text("OPS-1")}, "Priority": {"select": {"name": "Low"}}});
    let row = it.row(source, &values).await;
    it.later(SignedDuration::from_mins(5));
    let nora = it.notion.hands(it.nora);
    nora.edit(row, "Key", &json!({"rich_text": text("mine")}));
    let told = good(&it.get(&format!("pages/{row}")).await);
    assert_eq!(told["properties"]["Key"]["rich_text"][0]["plain_text"], "mine");
    assert_eq!(id(&told["last_edited_by"]["id"]), it.notion.user_id(it.nora), "not the bot");
    assert_eq!(told["last_edited_time"], "2026-11-22T10:05:00.000Z");

    nora.rename_column(source, "Key", "Issue");
    nora.add_column(source, "Mine", &json!({"checkbox": {}}));
    nora.edit(row, "Mine", &json!({"checkbox": true}));
    nora.rename_option(source, "Priority", "Low", "Lowest");
    let seen = it.notion.row(row);
    assert_eq!(
        (seen.text("Issue"), seen.text("Mine"), seen.text("Priority")),
        ("mine".into(), "true".into(), "Lowest".into())
    );
    nora.remove_option(source, "Priority", "Lowest");
    assert_eq!(it.notion.row(row).text("Priority"), "");
    let kinds = |it: &Office| it.notion.columns(database).into_iter().map(|it| (it.name, it.kind)).collect::<Vec<_>>();
    nora.retype_column(source, "Mine", &json!({"rich_text": {}}));
    nora.remove_column(source, "Priority");
    let expected = [("Issue", "rich_text"), ("Mine", "rich_text"), ("Name", "title")].map(|(a, b)| (a.to_owned(), b));
    let mut found = kinds(&it);
    found.sort();
    assert_eq!(found, expected);

    let (a, b) = (nora.write(row, "a"), nora.write(row, "b"));
    nora.move_block(a, Some(b));
    let texts = |it: &Office| it.notion.blocks(row).into_iter().map(|it| it.text).collect::<String>();
    assert_eq!((texts(&it).as_str(), it.notion.blocks(row)[0].by), ("ba", it.notion.user_id(it.nora)));
    nora.move_block(a, None);
    nora.trash(b);
    assert_eq!(texts(&it), "a");

    nora.trash(row);
    assert!(it.notion.rows(database)[0].in_trash);
    nora.restore(row);
    nora.rename_database(database, "Ours");
    let other = it.notion.page_id(it.notion.add_page(it.acme, "Other"));
    nora.move_database(database, other);
    assert_eq!(id(&good(&it.get(&format!("databases/{database}")).await)["parent"]["page_id"]), other);
    nora.trash(database);
    assert_eq!(it.notion.database(database), ("Ours".to_owned(), true));
    assert_eq!(good(&it.get(&format!("databases/{database}")).await)["in_trash"], true, "in the trash is not unshared");
    it.notion.unshare(it.nora, database);
    refused(&it.get(&format!("databases/{database}")).await, 404, "object_not_found");
}

/// Building and finding must not grow with what is there: a sync of tens of thousands of rows is tried here.
#[tokio::test]
async fn many_rows_are_made_and_found_one_by_one() {
    let it = Office::open().await;
    let (database, source) = it.database(&json!({"Name": {"title": {}}, "Key": {"rich_text": {}}})).await;
    let nora = it.notion.hands(it.nora);
    let key = |at: usize| json!({"Key": {"rich_text": text(&at.to_string())}});
    let count = 10_200;
    for at in 0..count {
        nora.add_row(source, &key(at));
    }
    for at in [0, 5_000, count - 1] {
        let filter = json!({"property": "Key", "rich_text": {"equals": at.to_string()}});
        let found = it.query(source, &json!({"filter": filter, "page_size": 2})).await;
        assert_eq!(found["results"].as_array().unwrap().len(), 1);
    }
    let (mut cursor, mut seen) = (Value::Null, 0);
    let last = loop {
        let answer = it.query(source, &json!({"start_cursor": cursor})).await;
        seen += answer["results"].as_array().unwrap().len();
        cursor = answer["next_cursor"].clone();
        if cursor.is_null() {
            break answer;
        }
    };
    assert_eq!(
        (seen, &last["has_more"], &last["request_status"]["type"]),
        (10_000, &json!(false), &json!("incomplete"))
    );
    assert_eq!(it.notion.rows(database).len(), count);
}
