//! §1, §3.3, §3.4: rows and other pages.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Office, good, id, invalid, refused, text};
use crate::world::notion::rest::Id;

async fn with_rows() -> (Office, Id) {
    let it = Office::open().await;
    let (_, source) =
        it.database(&json!({"Name": {"title": {}}, "Key": {"rich_text": {}}, "Made": {"created_time": {}}})).await;
    (it, source)
}

#[tokio::test]
async fn a_row_tells_where_it_lies_and_when_it_was_made() {
    let (it, source) = with_rows().await;
    it.later(SignedDuration::from_secs(59));
    let made = good(&it.try_row(source, &json!({"Name": {"title": text("Login fails: why?")}})).await);
    let row = id(&made["id"]);
    assert_eq!(made["created_time"], "2026-11-22T10:00:00.000Z", "rounded down to the minute (§1)");
    assert_eq!(made["url"], format!("https://app.notion.com/p/Login-fails-why-{}", row.hex()));
    assert_eq!((&made["parent"]["type"], id(&made["parent"]["data_source_id"])), (&json!("data_source_id"), source));
    assert_eq!((&made["in_trash"], &made["is_locked"], &made["icon"]), (&json!(false), &json!(false), &Value::Null));
    assert!(made.get("archived").is_none(), "gone since 2026-03-11");
    it.later(SignedDuration::from_secs(1));
    let told = good(&it.patch(&format!("pages/{row}"), &json!({"is_locked": true})).await);
    assert_eq!(told["last_edited_time"], "2026-11-22T10:01:00.000Z");
    assert_eq!(told["properties"]["Made"]["created_time"], "2026-11-22T10:00:00.000Z");
    let me = good(&it.get("users/me").await)["id"].clone();
    assert_eq!((&told["created_by"]["id"], &told["last_edited_by"]["id"]), (&me, &me));
}

#[tokio::test]
async fn icons_and_covers() {
    let (it, source) = with_rows().await;
    let row = it.row(source, &json!({})).await;
    let path = format!("pages/{row}");
    for icon in [
        json!({"type": "emoji", "emoji": "\u{1F41E}"}),
        json!({"type": "external", "external": {"url": "https://a.example/bug.png"}}),
        json!({"type": "icon", "icon": {"name": "bug", "color": "red"}}),
        Value::Null,
    ] {
        let body = json!({"icon": icon, "cover": {"external": {"url": "https://a.example/c.png"}}});
        let told = good(&it.patch(&path, &body).await);
        assert_eq!((&told["icon"], &told["cover"]["type"]), (&icon, &json!("external")));
    }
    for (body, words) in [
        (json!({"icon": {"emoji": ""}}), "length should be ≥ `1`"),
        (json!({"icon": {"external": {"url": "x".repeat(2001)}}}), "should be ≤ `2000`"),
        (json!({"icon": {"icon": {"name": "bug", "color": "black"}}}), "color should be one of"),
        (json!({"icon": {"file_upload": {"id": "x"}}}), "file_upload should be not present"),
        (json!({"cover": {"emoji": "x"}}), "emoji should be not present"),
    ] {
        invalid(&it.patch(&path, &body).await, words);
    }
}

#[tokio::test]
async fn a_row_in_the_trash_is_read_and_taken_back_but_not_changed() {
    let (it, source) = with_rows().await;
    let row = it.row(source, &json!({"Key": {"rich_text": text("OPS-7")}})).await;
    let path = format!("pages/{row}");
    let change = json!({"properties": {"Key": {"rich_text": text("OPS-8")}}});
    assert_eq!(good(&it.patch(&path, &json!({"in_trash": true})).await)["in_trash"], true);
    invalid(&it.patch(&path, &change).await, "Can't edit block that is archived.");
    let paragraph = json!({"children": [{"paragraph": {"rich_text": text("x")}}]});
    invalid(&it.patch(&format!("blocks/{row}/children"), &paragraph).await, "archived");
    assert_eq!(good(&it.get(&path).await)["in_trash"], true);
    assert_eq!(it.query(source, &json!({})).await["results"], json!([]));
    let gone = it.query(source, &json!({"in_trash": true})).await;
    assert_eq!(id(&gone["results"][0]["id"]), row);
    good(&it.patch(&path, &json!({"in_trash": false})).await);
    good(&it.patch(&path, &change).await);
    // As a block it goes the same way (§3).
    assert_eq!(good(&it.delete(&format!("blocks/{row}")).await)["type"], "child_page");
    assert!(it.notion.row(row).in_trash);
}

#[tokio::test]
async fn a_change_is_made_as_a_whole_or_not_at_all() {
    let (it, source) = with_rows().await;
    let row = it.row(source, &json!({"Key": {"rich_text": text("OPS-7")}})).await;
    let body = json!({"properties": {"Key": {"rich_text": text("OPS-8")}, "Name": {"title": "x"}}});
    invalid(&it.patch(&format!("pages/{row}"), &body).await, "should be an array");
    let body = json!({"properties": {"Key": {"rich_text": text("OPS-8")}}, "icon": {"emoji": ""}});
    invalid(&it.patch(&format!("pages/{row}"), &body).await, "length should be");
    assert_eq!(it.notion.row(row).text("Key"), "OPS-7");
    let body = json!({"parent": {"data_source_id": source}, "children": [{"paragraph": {}}]});
    invalid(&it.post("pages", &body).await, "rich_text should be defined");
    let twice = json!({"Name": {"title": []}, "title": {"title": []}});
    invalid(&it.try_row(source, &twice).await, "named twice");
    assert_eq!(it.query(source, &json!({})).await["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_page_has_one_parent_of_a_known_kind() {
    let (it, source) = with_rows().await;
    let (database, page) = (it.notion.databases(it.acme)[0], it.page);
    for (body, words) in [
        (json!({}), "body.parent should be defined"),
        (json!({"parent": {"database_id": database}}), "parent.database_id should be not present"),
        (json!({"parent": {"data_source_id": source, "page_id": page}}), "exactly one of"),
        (json!({"parent": {"data_source_id": source}, "markdown": "x"}), "body.markdown should be not present"),
        (json!({"parent": {"page_id": page}, "properties": {"Name": {"title": []}}}), "Name should be not present"),
    ] {
        invalid(&it.post("pages", &body).await, words);
    }
    refused(&it.post("pages", &json!({"parent": {"data_source_id": database}})).await, 404, "object_not_found");
    let body = json!({"parent": {"page_id": page}, "properties": {"title": {"title": text("Notes")}}});
    let made = good(&it.post("pages", &body).await);
    assert_eq!(made["properties"]["title"]["title"][0]["plain_text"], "Notes");
    let path = format!("pages/{}", id(&made["id"]));
    good(&it.patch(&path, &json!({"properties": {"title": {"title": text("Minutes")}}})).await);
    let children = good(&it.get(&format!("blocks/{page}/children")).await);
    let titles: Vec<&Value> =
        children["results"].as_array().unwrap().iter().map(|it| &it["child_page"]["title"]).collect();
    assert!(titles.contains(&&json!("Minutes")), "{titles:?}");
}

#[tokio::test]
async fn erasing_leaves_the_row_without_blocks() {
    let (it, source) = with_rows().await;
    let body = json!({"parent": {"data_source_id": source}, "children": [{"paragraph": {"rich_text": text("x")}}]});
    let row = id(&good(&it.post("pages", &body).await)["id"]);
    assert_eq!(it.notion.blocks(row)[0].text, "x");
    good(&it.patch(&format!("pages/{row}"), &json!({"erase_content": true})).await);
    assert_eq!(it.notion.blocks(row), []);
}

#[tokio::test]
async fn long_lists_are_cut_in_answers_and_whole_at_their_own_endpoint() {
    let it = Office::open().await;
    let (_, source) = it
        .database(
            &json!({"Name": {"title": {}}, "Who": {"people": {}}, "Text": {"rich_text": {}}, "N": {"number": {}}}),
        )
        .await;
    let people: Vec<Value> = (0..30)
        .map(|at| it.notion.add_user(it.acme, &format!("P{at}"), &format!("p{at}@acme.example")))
        .map(|user| json!({"id": it.notion.user_id(user)}))
        .collect();
    let items: Vec<Value> = (0..60).map(|at| json!({"text": {"content": format!("{at} ")}})).collect();
    let values = json!({"Who": {"people": people}, "Text": {"rich_text": items}, "N": {"number": 7}});
    let told = good(&it.try_row(source, &values).await);
    let row = id(&told["id"]);
    let who = &told["properties"]["Who"];
    assert_eq!((who["people"].as_array().unwrap().len(), &who["has_more"]), (25, &json!(true)));
    let path = |part: &str| format!("pages/{row}/properties/{}{part}", who["id"].as_str().unwrap());
    let first = good(&it.get(&path("?page_size=20")).await);
    assert_eq!((first["results"].as_array().unwrap().len(), &first["has_more"]), (20, &json!(true)));
    assert_eq!(first["property_item"]["type"], "people");
    let next = good(&it.get(&path(&format!("?start_cursor={}", first["next_cursor"].as_str().unwrap()))).await);
    assert_eq!((next["results"].as_array().unwrap().len(), &next["next_cursor"]), (10, &Value::Null));
    assert_eq!(next["results"][9]["people"]["name"], "P29");
    // Text is not cut; a single value comes alone.
    assert_eq!(told["properties"]["Text"]["rich_text"].as_array().unwrap().len(), 60);
    let number = good(&it.get(&format!("pages/{row}/properties/N")).await);
    assert_eq!((&number["object"], &number["number"]), (&json!("property_item"), &json!(7)));
    refused(&it.get(&format!("pages/{row}/properties/nothing")).await, 404, "object_not_found");
    invalid(&it.get(&path("?start_cursor=x")).await, "start_cursor");
}

#[tokio::test]
async fn only_the_wanted_columns_are_shown() {
    let (it, source) = with_rows().await;
    let row = it.row(source, &json!({})).await;
    let key = it.schema(source).await["Key"]["id"].as_str().unwrap().replace('%', "%25");
    let columns = |value: &Value| value["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let told = good(&it.get(&format!("pages/{row}?filter_properties={key}")).await);
    assert_eq!(columns(&told), ["Key"]);
    let path = format!("data_sources/{source}/query?filter_properties[]=title&filter_properties[]={key}");
    let told = good(&it.post(&path, &json!({})).await);
    assert_eq!(columns(&told["results"][0]), ["Key", "Name"]);
    invalid(&it.get(&format!("pages/{row}?filter_properties=x")).await, "Could not find property");
}

#[tokio::test]
async fn a_data_source_and_a_workspace_have_limits_of_their_own() {
    let (it, source) = with_rows().await;
    it.notion.switch(|it| it.rest.row_limit = Some(2));
    let first = it.row(source, &json!({})).await;
    it.row(source, &json!({})).await;
    refused(&it.try_row(source, &json!({})).await, 406, "row_limit_exceeded");
    good(&it.patch(&format!("pages/{first}"), &json!({"in_trash": true})).await);
    it.row(source, &json!({})).await;
    refused(&it.try_row(source, &json!({})).await, 406, "row_limit_exceeded");
    // Blocks are counted for ever (§0); that it is a 403 is assumed (§11.5).
    it.notion.switch(|it| it.rest.block_limit = Some(0));
    let paragraph = json!({"children": [{"paragraph": {"rich_text": text("x")}}]});
    refused(&it.patch(&format!("blocks/{}/children", it.page), &paragraph).await, 403, "restricted_resource");
}
