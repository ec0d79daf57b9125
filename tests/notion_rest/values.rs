//! §3.3: what a cell takes, how it is cleared, what it refuses.

use serde_json::{Value, json};

use super::{Office, good, invalid, letters, refused, text};
use crate::world::notion::rest::Id;

async fn with_all_kinds() -> (Office, Id) {
    let it = Office::open().await;
    let columns = json!({
        "Name": {"title": {}}, "Text": {"rich_text": {}}, "Number": {"number": {}}, "Url": {"url": {}},
        "Mail": {"email": {}}, "Phone": {"phone_number": {}}, "Check": {"checkbox": {}}, "Date": {"date": {}},
        "Select": {"select": {"options": [{"name": "Bug"}]}}, "Multi": {"multi_select": {}},
        "Status": {"status": {"options": [{"name": "To Do"}]}}, "Who": {"people": {}}, "Files": {"files": {}},
        "Made": {"created_time": {}}, "Maker": {"created_by": {}}, "Edited": {"last_edited_time": {}},
        "Editor": {"last_edited_by": {}}, "No": {"unique_id": {"prefix": "A"}}, "Sum": {"formula": {"expression": "1"}},
    });
    let (_, source) = it.database(&columns).await;
    (it, source)
}

fn list(count: usize, item: &Value) -> Value {
    vec![item.clone(); count].into()
}

#[tokio::test]
async fn what_is_taken_is_shown_again_and_cleared_by_null_or_an_empty_list() {
    let (it, source) = with_all_kinds().await;
    let omar = it.notion.user_id(it.omar);
    let row = it.row(source, &json!({})).await;
    for (column, value, shown, clear) in [
        ("Name", json!({"title": text("A \u{1F41E}")}), "A \u{1F41E}", json!({"title": []})),
        (
            "Text",
            json!({"type": "rich_text", "rich_text": text(&letters(2000))}),
            &letters(2000),
            json!({"rich_text": []}),
        ),
        ("Number", json!({"number": 2.5}), "2.5", json!({"number": null})),
        ("Url", json!({"url": "https://a.example/"}), "https://a.example/", json!({"url": null})),
        ("Mail", json!({"email": "a@b.example"}), "a@b.example", json!({"email": null})),
        ("Phone", json!({"phone_number": "+49 1"}), "+49 1", json!({"phone_number": null})),
        ("Check", json!({"checkbox": true}), "true", json!({"checkbox": false})),
        ("Date", json!({"date": {"start": "2026-11-22"}}), "2026-11-22", json!({"date": null})),
        ("Select", json!({"select": {"name": "Bug"}}), "Bug", json!({"select": null})),
        ("Multi", json!({"multi_select": [{"name": "b"}, {"name": "a"}]}), "b, a", json!({"multi_select": []})),
        ("Status", json!({"status": {"name": "To Do"}}), "To Do", json!({"status": null})),
        ("Who", json!({"people": [{"object": "user", "id": omar}]}), &omar.to_string(), json!({"people": []})),
        (
            "Files",
            json!({"files": [{"name": "a.png", "external": {"url": "https://a.example/a.png"}}]}),
            "a.png",
            json!({"files": []}),
        ),
    ] {
        let path = format!("pages/{row}");
        let told = good(&it.patch(&path, &json!({"properties": {column: value}})).await);
        assert_eq!(it.notion.row(row).text(column), shown, "{column}");
        assert!(!is_nothing(&told["properties"][column]), "{column}");
        let told = good(&it.patch(&path, &json!({"properties": {column: clear}})).await);
        assert_eq!(it.notion.row(row).all(column), [""; 0], "{column}");
        assert!(is_nothing(&told["properties"][column]), "{column}");
    }
}

fn is_nothing(property: &Value) -> bool {
    let value = &property[property["type"].as_str().unwrap()];
    value.is_null() || value == false || value.as_array().is_some_and(Vec::is_empty)
}

#[tokio::test]
async fn what_a_cell_refuses() {
    let (it, source) = with_all_kinds().await;
    let stranger = Id::mint("stranger");
    let item = json!({"text": {"content": "x"}});
    let link = |url: String| json!([{"text": {"content": "x", "link": {"url": url}}}]);
    for (column, value, words) in [
        ("Text", json!({"rich_text": text(&letters(2001))}), "content.length should be ≤ `2000`, instead was `2001`"),
        // 1000 beetles are 2000 UTF-16 units.
        ("Text", json!({"rich_text": text(&format!("{}x", "\u{1F41E}".repeat(1000)))}), "≤ `2000`, instead was `2001`"),
        ("Text", json!({"rich_text": list(101, &item)}), "rich_text.length should be ≤ `100`, instead was `101`"),
        ("Name", json!({"title": list(101, &item)}), "title.length should be ≤ `100`"),
        ("Text", json!({"rich_text": "x"}), "should be an array"),
        ("Text", json!({"rich_text": null}), "should be an array"),
        ("Text", json!({"rich_text": [{"text": {"content": "x"}, "colour": 1}]}), "colour should be not present"),
        ("Text", json!({"rich_text": link(format!("https://a.example/{}", letters(2000)))}), "should be ≤ `2000`"),
        ("Text", json!({"rich_text": link(String::new())}), "length should be ≥ `1`"),
        ("Text", json!({"rich_text": link("javascript:alert(1)".into())}), "Invalid URL for link"),
        ("Text", json!({"rich_text": [{"equation": {"expression": letters(1001)}}]}), "should be ≤ `1000`"),
        ("Text", json!({"rich_text": [{"mention": {"link_preview": {"url": "https://a.example"}}}]}), "not present"),
        ("Text", json!({"rich_text": [{"mention": {"link_mention": {"href": "https://a.example"}}}]}), "not present"),
        ("Text", json!({"number": 1}), "Text is expected to be rich_text."),
        ("Text", json!({"type": "number", "rich_text": []}), "should be `\"rich_text\"`"),
        ("Text", json!([]), "should be an object"),
        ("Text", json!({"rich_text": [{"text": {"content": "x"}, "annotations": {"color": "black"}}]}), "one of"),
        ("Number", json!({"number": "1"}), "should be a number"),
        ("Url", json!({"url": ""}), "length should be ≥ `1`"),
        ("Url", json!({"url": letters(2001)}), "should be ≤ `2000`"),
        ("Mail", json!({"email": ""}), "length should be ≥ `1`"),
        ("Mail", json!({"email": letters(101)}), "should be ≤ `100`"),
        ("Phone", json!({"phone_number": letters(101)}), "should be ≤ `100`"),
        ("Check", json!({"checkbox": null}), "should be a boolean"),
        ("Select", json!({"select": {"name": "a,b"}}), "commas not allowed"),
        ("Select", json!({"select": {"name": ""}}), "length should be ≥ `1`"),
        ("Select", json!({"select": {"name": letters(101)}}), "should be ≤ `100`"),
        ("Select", json!({"select": {"name": "bug"}}), "by case alone"),
        ("Select", json!({"select": {"id": "nothing"}}), "should be the id of an option"),
        ("Select", json!({"select": {}}), "should have a name or an id"),
        ("Select", json!({"select": {"name": "x", "color": "black"}}), "color should be one of"),
        ("Multi", json!({"multi_select": list(101, &json!({"name": "a"}))}), "should be ≤ `100`"),
        ("Status", json!({"status": {"name": "Done"}}), "Status option \"Done\" does not exist"),
        ("Who", json!({"people": [{"id": stranger}]}), "should be the id of a user"),
        ("Who", json!({"people": list(101, &json!({"id": it.notion.user_id(it.omar)}))}), "should be ≤ `100`"),
        ("Who", json!({"people": [{"id": "omar"}]}), "should be a valid uuid"),
        (
            "Files",
            json!({"files": [{"name": letters(101), "external": {"url": "https://a.example"}}]}),
            "should be ≤ `100`",
        ),
        ("Files", json!({"files": [{"external": {"url": "https://a.example"}}]}), "name should be defined"),
        ("Made", json!({"created_time": "2026-11-22T10:00:00.000Z"}), "Made can not be updated"),
        ("Maker", json!({"created_by": {"id": stranger}}), "Maker can not be updated"),
        ("Edited", json!({"last_edited_time": "2026-11-22T10:00:00.000Z"}), "Edited can not be updated"),
        ("Editor", json!({"last_edited_by": {"id": stranger}}), "Editor can not be updated"),
        ("No", json!({"unique_id": 1}), "No can not be updated"),
        ("Sum", json!({"formula": {}}), "Sum can not be updated"),
        ("Nothing", json!({"number": 1}), "Nothing is not a property that exists."),
    ] {
        invalid(&it.try_row(source, &json!({column: value})).await, words);
    }
    assert_eq!(it.query(source, &json!({})).await["results"], json!([]), "nothing is left of what was refused");
    let gone = json!({"Text": {"rich_text": [{"mention": {"page": {"id": stranger}}}]}});
    refused(&it.try_row(source, &gone).await, 404, "object_not_found");
}

#[tokio::test]
async fn dates_keep_their_day_and_their_offset_to_the_minute() {
    let (it, source) = with_all_kinds().await;
    for (sent, shown) in [
        (json!({"start": "2026-11-22"}), json!({"start": "2026-11-22", "end": null, "time_zone": null})),
        (
            json!({"start": "2026-11-22T23:59:58.123+13:45"}),
            json!({"start": "2026-11-22T23:59:00.000+13:45", "end": null, "time_zone": null}),
        ),
        (
            json!({"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T11:00:00Z"}),
            json!({"start": "2026-11-22T10:00:00.000+00:00", "end": "2026-11-22T11:00:00.000+00:00", "time_zone": null}),
        ),
        (
            json!({"start": "2026-11-22T10:00:00", "time_zone": "Europe/Berlin"}),
            json!({"start": "2026-11-22T10:00:00.000+00:00", "end": null, "time_zone": "Europe/Berlin"}),
        ),
    ] {
        let told = good(&it.try_row(source, &json!({"Date": {"date": sent}})).await);
        assert_eq!(told["properties"]["Date"]["date"], shown);
    }
    for (sent, words) in [
        // As Jira writes it.
        (json!({"start": "2026-11-22T10:00:00.000+0000"}), "should be a valid ISO 8601 date string"),
        (json!({"start": "22.11.2026"}), "should be a valid ISO 8601 date string"),
        (json!({"start": "2026-02-30"}), "should be a valid ISO 8601 date string"),
        (json!({"start": "2026-11-22T25:00:00Z"}), "should be a valid ISO 8601 date string"),
        (json!({"start": ""}), "length should be ≥ `1`"),
        (json!({}), "start should be defined"),
        (json!({"start": "2026-11-22", "end": "2026-11-21"}), "not before its start"),
        (json!({"start": "2026-11-22", "end": "2026-11-22T10:00:00Z"}), "of the same kind"),
        (json!({"start": "2026-11-22T10:00:00Z", "time_zone": "Europe/Berlin"}), "no offset beside a time_zone"),
    ] {
        invalid(&it.try_row(source, &json!({"Date": {"date": sent}})).await, words);
    }
}

#[tokio::test]
async fn an_unknown_name_makes_an_option_but_of_a_status() {
    let (it, source) = with_all_kinds().await;
    let row = it.row(source, &json!({"Select": {"select": {"name": "Story", "color": "green"}}})).await;
    assert_eq!(it.notion.row(row).text("Select"), "Story");
    let options = it.schema(source).await["Select"]["select"]["options"].clone();
    assert_eq!((&options[1]["name"], &options[1]["color"]), (&json!("Story"), &json!("green")));
    it.row(source, &json!({"Multi": {"multi_select": [{"name": "a"}, {"name": "a"}]}})).await;
    assert_eq!(it.schema(source).await["Multi"]["multi_select"]["options"].as_array().unwrap().len(), 1);
    // Nobody knows (§11.6): both ways can be tried.
    it.notion.switch(|it| it.rest.status_names_create = true);
    let row = it.row(source, &json!({"Status": {"status": {"name": "Done"}}})).await;
    assert_eq!(it.notion.row(row).text("Status"), "Done");
}

#[tokio::test]
async fn rich_text_is_shown_with_all_its_marks() {
    let (it, source) = with_all_kinds().await;
    let omar = it.notion.user_id(it.omar);
    let sent = json!([
        {"text": {"content": "bold", "link": {"url": "https://a.example/"}}, "annotations": {"bold": true, "color": "red"}},
        {"type": "mention", "mention": {"type": "page", "page": {"id": it.page}}},
        {"mention": {"user": {"id": omar}}},
        {"mention": {"date": {"start": "2026-11-22"}}},
        {"equation": {"expression": "e=mc^2"}},
    ]);
    let row = it.row(source, &json!({"Text": {"rich_text": sent}})).await;
    let shown = good(&it.get(&format!("pages/{row}")).await)["properties"]["Text"]["rich_text"].clone();
    let marks = json!({
        "bold": true, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "red",
    });
    assert_eq!((&shown[0]["annotations"], &shown[0]["href"]), (&marks, &json!("https://a.example/")));
    let plain: Vec<&str> = shown.as_array().unwrap().iter().map(|it| it["plain_text"].as_str().unwrap()).collect();
    assert_eq!(plain, ["bold", "Plan", "@Omar Said", "2026-11-22", "e=mc^2"]);
    // What was read may be sent back as it is (§4), but of a person the id alone.
    let mut again = shown;
    again[2]["mention"]["user"] = json!({"id": omar});
    good(&it.patch(&format!("pages/{row}"), &json!({"properties": {"Text": {"rich_text": again}}})).await);
    assert_eq!(it.notion.row(row).text("Text"), "boldPlan@Omar Said2026-11-22e=mc^2");
}
