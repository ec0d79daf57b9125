//! §3.1, §3.2: databases, their columns and options.

use serde_json::{Value, json};

use super::{Office, good, id, invalid, letters, refused, text};
use crate::world::notion::rest::Id;

fn issues() -> Value {
    json!({
        "Summary": {"title": {}}, "Jira ID": {"rich_text": {}}, "Link": {"url": {}},
        "Status": {"status": {"options": [{"name": "To Do"}, {"name": "In Progress", "color": "blue"}]}},
        "Type": {"select": {}}, "Labels": {"multi_select": {"options": [{"name": "a"}]}}, "Assignee": {"people": {}},
        "Due": {"date": {}}, "Points": {"number": {"format": "number"}}, "Flag": {"checkbox": {}},
        "Made": {"created_time": {}}, "Mail": {"email": {}}, "Phone": {"phone_number": {}}, "Files": {"files": {}},
        "Number": {"unique_id": {"prefix": "ISSUE"}}, "Any status": {"status": {}},
    })
}

/// What a change of the schema is answered with.
async fn change(it: &Office, source: Id, properties: &Value) -> crate::world::gateway::Reply {
    it.patch(&format!("data_sources/{source}"), &json!({"properties": properties})).await
}

#[tokio::test]
async fn a_database_has_a_data_source_and_this_has_the_columns() {
    let it = Office::open().await;
    let body = json!({
        "parent": {"type": "page_id", "page_id": it.page}, "title": text("ACME issues"), "is_inline": true,
        "description": text("From Jira"), "icon": {"type": "icon", "icon": {"name": "bug"}},
        "initial_data_source": {"properties": issues()},
    });
    let made = good(&it.post("databases", &body).await);
    assert_eq!(
        (&made["object"], &made["is_inline"], &made["in_trash"]),
        (&json!("database"), &json!(true), &json!(false))
    );
    assert_eq!(made["icon"], json!({"type": "icon", "icon": {"name": "bug", "color": "gray"}}));
    assert_eq!(made["created_time"], "2026-11-22T10:00:00.000+00:00", "databases tell milliseconds (§1)");
    assert!(made.get("properties").is_none(), "since 2025-09-03 the columns are told elsewhere");
    let source = id(&made["data_sources"][0]["id"]);
    assert_eq!(made["data_sources"][0]["name"], "ACME issues");
    let told = good(&it.get(&format!("data_sources/{source}")).await);
    assert_eq!(told["created_time"], "2026-11-22T10:00:00.000Z", "data sources tell the minute (§1)");
    let columns = told["properties"].as_object().unwrap();
    assert_eq!(columns.len(), 16);
    for (name, column) in columns {
        let id = column["id"].as_str().unwrap();
        assert_eq!((column["name"].as_str(), id == "title"), (Some(name.as_str()), name == "Summary"));
        assert!(id.bytes().all(|it| it.is_ascii_alphanumeric() || b"%_~".contains(&it)), "{id} is percent-encoded");
    }
    let options = &columns["Status"]["status"]["options"];
    assert_eq!((&options[0]["name"], &options[0]["color"]), (&json!("To Do"), &json!("default")));
    let groups = &columns["Status"]["status"]["groups"];
    assert_eq!(groups[0]["option_ids"], json!([options[0]["id"], options[1]["id"]]), "new options go to To-do");
    assert_eq!(columns["Any status"]["status"]["options"].as_array().unwrap().len(), 3);
    // It lies in its page.
    let children = good(&it.get(&format!("blocks/{}/children", it.page)).await);
    assert_eq!(children["results"][0]["child_database"]["title"], "ACME issues");
}

#[tokio::test]
async fn without_columns_there_is_a_title_and_there_is_one_view() {
    let it = Office::open().await;
    let made = good(&it.post("databases", &json!({"parent": {"type": "workspace", "workspace": true}})).await);
    assert_eq!(it.schema(id(&made["data_sources"][0]["id"])).await["Name"]["type"], "title");
    let views = good(&it.get(&format!("views?database_id={}", id(&made["id"]))).await);
    let view = good(&it.get(&format!("views/{}", id(&views["results"][0]["id"]))).await);
    assert_eq!((&view["name"], &view["type"]), (&json!("Default view"), &json!("table")));
}

#[tokio::test]
async fn columns_that_no_database_may_begin_with() {
    let it = Office::open().await;
    for (columns, words) in [
        (json!({"A": {"rich_text": {}}}), "exactly one title"),
        (json!({"A": {"title": {}}, "B": {"title": {}}}), "exactly one title"),
        (json!({"A": {"title": {}}, "B": {"nothing": {}}}), "B.nothing should be not present"),
        (json!({"A": {"title": {"x": 1}}}), "title.x should be not present"),
        (json!({"A": {"title": {}}, "B": {"type": "url", "rich_text": {}}}), "B.type should be `\"rich_text\"`"),
        (json!({"A": {"title": {}}, "B": {"url": {}, "date": {}}}), "exactly one of"),
        (json!({"A": {"title": {}}, "B": {"number": {"format": "acre"}}}), "format should be one of"),
        (json!({"A": {"title": {}}, "B": {"url": {}, "description": letters(281)}}), "should be ≤ `280`"),
        (json!({"A": {"title": {}}, "B": {"url": {}, "description": ""}}), "length should be ≥ `1`"),
        (json!({"A": {"title": {}}, "": {"url": {}}}), "should have a name"),
        (json!({"A": {"title": {}}, "B": null}), "is not a property that exists"),
    ] {
        let count = it.notion.databases(it.acme).len();
        invalid(&it.post("databases", &it.new_database(&columns)).await, words);
        assert_eq!(it.notion.databases(it.acme).len(), count, "nothing is left of what was refused");
    }
    let parentless = json!({"title": text("A")});
    invalid(&it.post("databases", &parentless).await, "body.parent should be defined");
}

#[tokio::test]
async fn options_have_rules() {
    let it = Office::open().await;
    let with = |options: Value| json!({"A": {"title": {}}, "B": {"select": {"options": options}}});
    let many = |count: usize| (0..count).map(|at| json!({"name": format!("o{at}")})).collect::<Value>();
    for (options, words) in [
        (json!([{"name": "a,b"}]), "Invalid select option, commas not allowed: a,b"),
        (json!([{"name": letters(101)}]), "should be ≤ `100`, instead was `101`"),
        // 50 letters of two UTF-16 units each, and one more.
        (json!([{"name": format!("{}x", "\u{1F41E}".repeat(50))}]), "should be ≤ `100`, instead was `101`"),
        (json!([{"name": ""}]), "length should be ≥ `1`"),
        (json!([{"name": "Bug"}, {"name": "bug"}]), "ignoring case"),
        (json!([{"name": "a", "color": "black"}]), "color should be one of"),
        (json!([{"name": "a", "x": 1}]), "x should be not present"),
        (json!([{"id": "nothing"}]), "should be the id of an option"),
        (many(101), "should be ≤ `100`, instead was `101`"),
    ] {
        invalid(&it.post("databases", &it.new_database(&with(options))).await, words);
    }
    it.database(&with(many(100))).await;
    it.database(&with(json!([{"name": letters(100)}, {"name": "\u{1F41E}".repeat(50), "color": "red"}]))).await;
}

#[tokio::test]
async fn an_option_that_is_left_out_is_gone_from_all_rows_and_a_known_one_never_changes() {
    let it = Office::open().await;
    let options = json!([{"name": "High", "color": "red"}, {"name": "Low"}]);
    let (_, source) = it.database(&json!({"A": {"title": {}}, "P": {"select": {"options": options}}})).await;
    let high = it.row(source, &json!({"P": {"select": {"name": "High"}}})).await;
    let low = it.row(source, &json!({"P": {"select": {"name": "Low"}}})).await;
    let known = it.schema(source).await["P"]["select"]["options"].clone();
    let [a, b] = [&known[0]["id"], &known[1]["id"]];
    for (options, words) in [
        (json!([{"id": a, "name": "Highest"}, {"id": b}]), "Cannot update name of select with name: High."),
        (json!([{"id": a, "color": "blue"}, {"id": b}]), "Cannot update color of select with name: High."),
        (json!([{"name": "High", "color": "blue"}]), "Cannot update color of select with name: High."),
        (json!([{"id": a}, {"id": b}, {"name": "high"}]), "ignoring case"),
    ] {
        invalid(&change(&it, source, &json!({"P": {"select": {"options": options}}})).await, words);
    }
    good(&change(&it, source, &json!({"P": {"select": {"options": [{"id": a}, {"id": b}, {"name": "Mid"}]}}})).await);
    assert_eq!(it.notion.row(low).text("P"), "Low");
    // An empty change leaves them alone.
    good(&change(&it, source, &json!({"P": {"select": {}, "description": "How urgent"}})).await);
    assert_eq!(it.schema(source).await["P"]["select"]["options"].as_array().unwrap().len(), 3);
    good(&change(&it, source, &json!({"P": {"select": {"options": [{"id": a}]}}})).await);
    assert_eq!((it.notion.row(high).text("P"), it.notion.row(low).text("P")), ("High".into(), String::new()));
}

#[tokio::test]
async fn columns_are_added_renamed_retyped_and_removed_by_name_or_id() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Summary": {"title": {}}, "Key": {"rich_text": {}}})).await;
    let row =
        it.row(source, &json!({"Summary": {"title": text("Login fails")}, "Key": {"rich_text": text("OPS-7")}})).await;
    let key = it.schema(source).await["Key"]["id"].as_str().unwrap().to_owned();
    good(&change(&it, source, &json!({"Points": {"number": {}}, "Key": {"name": "Issue key"}})).await);
    let schema = it.schema(source).await;
    assert_eq!((&schema["Issue key"]["id"], &schema["Points"]["type"]), (&json!(key), &json!("number")));
    // The id goes on, encoded or not, whatever the name is.
    good(&it.patch(&format!("pages/{row}"), &json!({"properties": {&key: {"rich_text": text("OPS-8")}}})).await);
    assert_eq!(it.notion.row(row).text("Issue key"), "OPS-8");
    good(&change(&it, source, &json!({&key: {"number": {}}})).await);
    assert_eq!(it.notion.row(row).text("Issue key"), "", "another type has no use for the text");
    let words = "Issue key is expected to be number.";
    invalid(&it.patch(&format!("pages/{row}"), &json!({"properties": {&key: {"rich_text": text("x")}}})).await, words);
    good(&change(&it, source, &json!({&key: null})).await);
    let words = format!("{key} is not a property that exists.");
    invalid(&it.patch(&format!("pages/{row}"), &json!({"properties": {&key: {"number": 1}}})).await, &words);
    for (columns, words) in [
        (json!({"title": null}), "Cannot delete the title"),
        (json!({"Other": {"title": {}}}), "exactly one title"),
        (json!({"title": {"rich_text": {}}}), "neither made nor changed"),
        (json!({"Points": {"title": {}}}), "neither made nor changed"),
        (json!({"Points": {"name": "Summary"}}), "There is a property named Summary already."),
        (json!({"Nothing": null}), "is not a property that exists"),
        (json!({"Nothing": {"name": "Something"}}), "is not a property that exists"),
    ] {
        invalid(&change(&it, source, &columns).await, words);
    }
    good(&change(&it, source, &json!({"title": {"name": "Title"}})).await);
    assert_eq!(it.notion.row(row).text("Title"), "Login fails");
}

#[tokio::test]
async fn a_schema_may_be_fifty_kilobytes_long() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Summary": {"title": {}}, "Labels": {"multi_select": {}}})).await;
    let long = |at: usize| json!({"name": format!("{at:03} {}", letters(90))});
    let options = |range: std::ops::Range<usize>| range.map(long).collect::<Value>();
    for at in 0..2 {
        let columns = json!({format!("C{at}"): {"select": {"options": options(0..100)}}});
        good(&change(&it, source, &columns).await);
    }
    let columns = json!({"C2": {"select": {"options": options(0..100)}}});
    invalid(&change(&it, source, &columns).await, "exceeded the maximum database property schema size");
    // Options that come with rows are counted as well.
    let labels = json!({"Labels": {"multi_select": options(0..30)}});
    it.notion.switch(|it| it.rest.schema_size = 40_000);
    invalid(&it.try_row(source, &labels).await, "exceeded the maximum database property schema size");
}

#[tokio::test]
async fn a_database_is_changed_locked_moved_thrown_away_and_taken_back() {
    let it = Office::open().await;
    let (database, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let row = it.row(source, &json!({})).await;
    let path = format!("databases/{database}");
    let told =
        good(&it.patch(&path, &json!({"title": text("Issues"), "is_locked": true, "description": text("x")})).await);
    assert_eq!((&told["is_locked"], &told["data_sources"][0]["name"]), (&json!(true), &json!("Issues")));
    // The lock is for people in the app (§3.6).
    it.row(source, &json!({})).await;
    let other = it.notion.page_id(it.notion.add_page(it.acme, "Other"));
    let told = good(&it.patch(&path, &json!({"parent": {"type": "page_id", "page_id": other}})).await);
    assert_eq!(id(&told["parent"]["page_id"]), other);
    assert_eq!(good(&it.patch(&path, &json!({"in_trash": true})).await)["in_trash"], true);
    for path in [format!("pages/{row}"), format!("data_sources/{source}")] {
        assert_eq!(good(&it.get(&path).await)["in_trash"], true, "what lies in it goes with it");
    }
    invalid(&it.try_row(source, &json!({})).await, "archived");
    invalid(&it.patch(&format!("pages/{row}"), &json!({"is_locked": true})).await, "archived");
    invalid(&it.patch(&path, &json!({"title": text("x")})).await, "archived");
    assert_eq!(good(&it.patch(&path, &json!({"in_trash": false})).await)["in_trash"], false);
    it.row(source, &json!({})).await;
    refused(&it.patch(&format!("databases/{source}"), &json!({})).await, 404, "object_not_found");
}
