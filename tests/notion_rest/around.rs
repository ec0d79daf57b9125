//! §3.5, §3.7, §3.8, §3.10: views, people, search, comments.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Office, good, id, invalid, refused, text};
use crate::world::notion::rest::Id;

#[tokio::test]
async fn views_are_made_listed_read_and_changed() {
    let it = Office::open().await;
    let status = json!({"status": {"options": [{"name": "To Do"}, {"name": "Done"}]}});
    let (database, source) = it.database(&json!({"Name": {"title": {}}, "Status": status, "Due": {"date": {}}})).await;
    let schema = it.schema(source).await;
    let (status, due) = (&schema["Status"]["id"], &schema["Due"]["id"]);
    let new = |kind: &str, more: &Value| {
        let mut body = json!({"database_id": database, "data_source_id": source, "name": "Mine", "type": kind});
        more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        body
    };
    let group = json!({"type": "status", "property_id": status, "group_by": "option", "sort": {"type": "manual"}});
    let table = json!({
        "configuration": {"type": "table", "properties": [{"property_id": "title", "visible": true, "width": 300}]},
        "filter": {"property": "Status", "status": {"equals": "Done"}},
        "sorts": [{"property": due, "direction": "descending"}], "position": {"type": "start"},
    });
    let made = good(&it.post("views", &new("table", &table)).await);
    let view = id(&made["id"]);
    assert_eq!((&made["object"], &made["configuration"]), (&json!("view"), &table["configuration"]));
    good(&it.post("views", &new("board", &json!({"configuration": {"type": "board", "group_by": group}}))).await);
    let calendar = json!({"configuration": {"type": "calendar", "date_property_id": due}});
    good(&it.post("views", &new("calendar", &calendar)).await);
    let all = good(&it.get(&format!("views?data_source_id={source}")).await);
    assert_eq!(all["results"].as_array().unwrap().len(), 4);
    assert_eq!(all["results"][0], json!({"object": "view", "id": view}), "ids alone");
    assert_eq!(good(&it.patch(&format!("views/{view}"), &json!({"name": "All"})).await)["name"], "All");
    assert_eq!(good(&it.get(&format!("views/{view}")).await)["sorts"], table["sorts"]);
    for (kind, more, words) in [
        ("table", json!({"configuration": {"type": "board"}}), "should be one of `table`"),
        (
            "table",
            json!({"configuration": {"type": "table", "properties": [{"property_id": "x"}]}}),
            "id of a property",
        ),
        (
            "table",
            json!({"configuration": {"type": "table", "properties": [{"property_id": "title", "width": 0}]}}),
            "should be ≥ `1`",
        ),
        ("board", json!({}), "configuration should be defined"),
        ("board", json!({"configuration": {"type": "board"}}), "group_by should be defined"),
        ("form", json!({}), "type should be one of"),
        (
            "table",
            json!({"filter": {"property": "Status", "status": {"equals": "Gone"}}}),
            "none of the options: To Do, Done",
        ),
        ("table", json!({"filter": {"property": "Gone", "status": {"equals": "Done"}}}), "Could not find property"),
        ("table", json!({"name": ""}), "length should be ≥ `1`"),
        ("table", json!({"colour": 1}), "colour should be not present"),
    ] {
        invalid(&it.post("views", &new(kind, &more)).await, words);
    }
    invalid(&it.get("views").await, "database_id or data_source_id");
    refused(&it.get(&format!("views/{}", Id::mint("view"))).await, 404, "object_not_found");
}

#[tokio::test]
async fn people_are_listed_without_guests_and_not_to_a_personal_token() {
    let mut it = Office::open().await;
    let guest = it.notion.add_guest(it.acme, "Gus", "gus@guest.example");
    let all = good(&it.get("users?page_size=2").await);
    let names =
        |all: &Value| all["results"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&all), ["Nora Lind", "Omar Said"]);
    let rest = good(&it.get(&format!("users?start_cursor={}", all["next_cursor"].as_str().unwrap())).await);
    assert_eq!(rest["results"][0]["type"], "bot");
    let guest = it.notion.user_id(guest);
    assert_eq!(good(&it.get(&format!("users/{guest}")).await)["person"]["email"], "gus@guest.example");
    refused(&it.get(&format!("users/{}", Id::mint("user"))).await, 404, "object_not_found");
    invalid(&it.get("users?page_size=0").await, "page_size should be from 1 to 100");
    it.token = it.notion.make_personal_token(it.nora);
    refused(&it.get("users").await, 403, "restricted_resource");
    good(&it.get(&format!("users/{guest}")).await);
}

#[tokio::test]
async fn search_finds_titles_of_what_is_shared() {
    let it = Office::open().await;
    it.database(&json!({"Name": {"title": {}}})).await;
    it.later(SignedDuration::from_mins(1));
    let secret = it.notion.page_id(it.notion.add_page(it.acme, "Plan of the board"));
    let found = async |body: Value| good(&it.post("search", &body).await)["results"].clone();
    assert_eq!(found(json!({"query": "plan"})).await.as_array().unwrap().len(), 2);
    it.notion.unshare(it.nora, secret);
    let plan = found(json!({"query": "PLAN"})).await;
    assert_eq!((plan.as_array().unwrap().len(), id(&plan[0]["id"])), (1, it.page));
    let sources = found(json!({"filter": {"property": "object", "value": "data_source"}})).await;
    assert_eq!((&sources[0]["object"], sources.as_array().unwrap().len()), (&json!("data_source"), 1));
    for (body, words) in [
        (json!({"filter": {"property": "object", "value": "database"}}), "should be one of `page`, `data_source`"),
        (json!({"text": "x"}), "body.text should be not present"),
    ] {
        invalid(&it.post("search", &body).await, words);
    }
}

#[tokio::test]
async fn comments_are_made_and_read() {
    let it = Office::open().await;
    let body = json!({"parent": {"page_id": it.page}, "rich_text": text("Deleted in Jira")});
    let made = good(&it.post("comments", &body).await);
    let reply = json!({"discussion_id": made["discussion_id"], "rich_text": text("I see")});
    good(&it.post("comments", &reply).await);
    it.notion.hands(it.omar).comment(it.page, "And I");
    let all = good(&it.get(&format!("comments?block_id={}", it.page)).await);
    let all = all["results"].as_array().unwrap().clone();
    assert_eq!((all.len(), &all[0]["discussion_id"]), (3, &all[1]["discussion_id"]));
    assert_eq!(all[2]["display_name"], json!({"type": "user", "resolved_name": "Omar Said"}));
    assert_eq!(it.notion.comments(it.page), ["Deleted in Jira", "I see", "And I"]);
    for (body, words) in [
        (json!({"rich_text": text("x")}), "either a parent or a discussion_id"),
        (json!({"parent": {"page_id": it.page}, "rich_text": []}), "should have a text"),
        (json!({"parent": {"page_id": it.page}, "rich_text": text("x"), "x": 1}), "body.x should be not present"),
    ] {
        invalid(&it.post("comments", &body).await, words);
    }
    refused(
        &it.post("comments", &json!({"parent": {"page_id": Id::mint("page")}, "rich_text": text("x")})).await,
        404,
        "object_not_found",
    );
    invalid(&it.get("comments").await, "block_id should be defined");
}
