//! Databases and rows in a reader's browser, without script.

use serde_json::json;

use super::{Office, text};
use crate::pages::visitor::Visitor;
use crate::world::notion::rest::Id;

/// A database with two issues, and Nora's browser.
async fn at_the_table() -> (Office, [Id; 4], Visitor) {
    let it = Office::open().await;
    let options = json!({"options": [{"name": "Done", "color": "green"}]});
    let columns = json!({
        "Summary": {"title": {}}, "Key": {"url": {}}, "Status": {"select": options}, "Who": {"people": {}},
        "Due": {"date": {}}, "Text": {"rich_text": {}}, "Made": {"created_time": {}},
    });
    let (database, source) = it.database(&columns).await;
    let relation = json!({"relation": {"data_source_id": source, "single_property": {}}});
    it.notion.hands(it.nora).add_column(source, "Parent", &relation);
    let epic = it.row(source, &json!({"Summary": {"title": text("Epic <b>")}})).await;
    let bold = json!([{"text": {"content": "bold"}, "annotations": {"bold": true}}, {"text": {"content": " & plain"}}]);
    let values = json!({
        "Summary": {"title": text("Login fails")}, "Key": {"url": "https://jira.example.com/browse/OPS-7"},
        "Status": {"select": {"name": "Done"}}, "Who": {"people": [{"id": it.notion.user_id(it.omar)}]},
        "Due": {"date": {"start": "2026-12-01"}}, "Text": {"rich_text": bold}, "Parent": {"relation": [{"id": epic}]},
    });
    let row = it.row(source, &values).await;
    let mut browser = Visitor::of(it.notion.url());
    browser.post("/log-in", &[("user", "0")]).await;
    (it, [database, source, epic, row], browser)
}

#[tokio::test]
async fn a_database_is_a_table_below_its_page() {
    let (_it, [database, _, epic, row], mut browser) = at_the_table().await;
    let home = browser.get("/").await;
    assert_eq!(home.link("ACME issues"), format!("/p/{database}"));
    let page = browser.get(&home.link("Plan")).await;
    assert_eq!(page.texts("thead th"), ["Summary", "Due", "Key", "Made", "Status", "Text", "Who", "Parent"]);
    assert_eq!(page.texts("tbody th"), ["Epic <b>", "Login fails"]);
    let cells = page.texts("tbody tr:last-child td");
    let key = "https://jira.example.com/browse/OPS-7";
    assert_eq!(cells, ["2026-12-01", key, "2026-11-22 10:00 UTC", "Done", "bold & plain", "Omar Said", "Epic <b>"]);
    assert_eq!(page.one("tbody strong"), "bold");
    assert_eq!(page.attributes("tbody .pill", "style"), ["--tint:rgb(36 98 70)"]);
    assert_eq!((page.link(key), page.link("Login fails")), (key.to_owned(), format!("/p/{row}")));
    assert_eq!(page.attributes("tbody tr:last-child a", "href").last().unwrap(), &format!("/p/{epic}"));
    assert!(page.text.contains("2 rows"));
}

#[tokio::test]
async fn the_description_of_a_database_stands_above_its_table_with_its_links() {
    let (it, [database, ..], mut browser) = at_the_table().await;
    let words = json!([
        {"text": {"content": "Synced with Jira. "}},
        {"text": {"content": "Status", "link": {"url": "https://gateway.example.com/databases/1"}}},
    ]);
    super::good(&it.patch(&format!("databases/{database}"), &json!({"description": words})).await);
    for place in [format!("/p/{database}"), "/pages/0".into()] {
        let page = browser.get(&place).await;
        assert_eq!(page.one(".description"), "Synced with Jira. Status", "{place}");
        assert_eq!(page.link("Status"), "https://gateway.example.com/databases/1");
    }
    assert_eq!(browser.get(&format!("/p/{database}")).await.link("Plan"), format!("/p/{}", it.page));
}

#[tokio::test]
async fn a_row_is_a_page_with_its_properties_and_blocks() {
    let (it, [_, _, _, row], mut browser) = at_the_table().await;
    let cells = json!({"table_row": {"cells": [text("a"), text("b")]}});
    let blocks = json!({"children": [
        {"heading_1": {"rich_text": text("Steps")}}, {"bulleted_list_item": {"rich_text": text("one")}},
        {"bulleted_list_item": {"rich_text": text("two")}}, {"numbered_list_item": {"rich_text": text("first")}},
        {"toggle": {"rich_text": text("more"), "children": [{"paragraph": {"rich_text": text("<script>")}}]}},
        {"to_do": {"rich_text": text("try"), "checked": true}}, {"code": {"rich_text": text("x < y"), "language": "rust"}},
        {"callout": {"rich_text": text("mind"), "icon": {"emoji": "\u{1F4A1}"}}}, {"divider": {}},
        {"bookmark": {"url": "javascript:alert(1)"}}, {"table": {"table_width": 2, "children": [cells]}},
    ]});
    super::good(&it.patch(&format!("blocks/{row}/children"), &blocks).await);
    let page = browser.get(&format!("/p/{row}")).await;
    assert_eq!(page.one("h1"), "Login fails");
    assert_eq!(page.texts("dt"), ["Due", "Key", "Made", "Status", "Text", "Who", "Parent"]);
    assert_eq!(page.texts("dd")[5], "Omar Said");
    assert_eq!(
        (page.one(".place h2"), page.texts("ul li"), page.one("ol li")),
        ("Steps".into(), vec!["one".into(), "two".into(), "\u{2611} try".to_owned()], "first".into())
    );
    assert_eq!(
        (page.one("details p"), page.one("pre"), page.texts("td")),
        ("<script>".into(), "x < y".into(), vec!["a".into(), "b".to_owned()])
    );
    assert_eq!(page.texts("script").len(), 0);
    assert!(!page.attributes("a", "href").iter().any(|it| it.starts_with("javascript")));
    it.notion.hands(it.omar).comment(row, "Seen");
    assert_eq!(browser.get(&format!("/p/{row}")).await.one(".rows li"), "Omar Said Seen");
    it.notion.hands(it.nora).trash(row);
    assert_eq!(browser.get(&format!("/p/{row}")).await.one("[role=status]"), "This lies in the trash.");
}

#[tokio::test]
async fn a_view_has_columns_an_order_and_a_filter_of_its_own() {
    let (it, [database, source, ..], mut browser) = at_the_table().await;
    let status = it.schema(source).await["Status"]["id"].clone();
    let shown = json!([
        {"property_id": "title", "visible": true}, {"property_id": status, "visible": true},
        {"property_id": "Key", "visible": false},
    ]);
    let view = json!({
        "database_id": database, "data_source_id": source, "name": "Done", "type": "table",
        "configuration": {"type": "table", "properties": shown},
        "filter": {"property": status, "select": {"equals": "Done"}},
    });
    super::good(&it.post("views", &view).await);
    let page = browser.get(&format!("/p/{database}")).await;
    assert_eq!((page.one("nav strong"), page.texts("tbody tr").len()), ("Default view".into(), 2));
    let page = browser.get(&page.link("Done")).await;
    assert_eq!(
        (page.texts("thead th").join(" "), page.texts("tbody th").join(" ")),
        ("Summary Status".into(), "Login fails".into())
    );
    // A column that it filters by is gone: the view does without.
    it.notion.hands(it.nora).remove_column(source, "Status");
    let page = browser.get(&format!("/p/{database}?view={}", it.notion.views(database)[1].0)).await;
    assert_eq!((page.one("thead th"), page.texts("tbody th").len()), ("Summary".into(), 2));
}

#[tokio::test]
async fn a_board_has_a_column_for_each_option_that_it_groups_by() {
    let (it, [database, source, ..], mut browser) = at_the_table().await;
    let status = it.schema(source).await["Status"]["id"].clone();
    let view = json!({
        "database_id": database, "data_source_id": source, "name": "Board", "type": "board",
        "configuration": {
            "type": "board", "group_by": {"type": "select", "property_id": status, "sort": {"type": "manual"}},
            "properties": [{"property_id": "title", "visible": true}, {"property_id": "Due", "visible": true}],
        },
    });
    super::good(&it.post("views", &view).await);
    let page = browser.get(&format!("/p/{database}")).await;
    let page = browser.get(&page.link("Board")).await;
    assert_eq!(page.texts(".board h3"), ["No Status 1", "Done 1"]);
    assert_eq!(page.texts(".board .card a"), ["Epic <b>", "Login fails"]);
    assert_eq!(page.one(".board .card div"), "2026-12-01");
    assert_eq!(page.texts("table").len(), 0);
}

#[tokio::test]
async fn a_table_is_watched_without_script_and_comes_in_parts() {
    let (it, [database, source, ..], mut browser) = at_the_table().await;
    for _ in 0..120 {
        it.notion.hands(it.nora).add_row(source, &json!({}));
    }
    let page = browser.get(&format!("/p/{database}")).await;
    assert_eq!((page.texts("tbody tr").len(), page.attributes("meta[http-equiv=refresh]", "content").len()), (100, 0));
    let more = browser.get(&page.link("More rows")).await;
    assert_eq!(more.texts("tbody tr").len(), 22);
    let page = browser.get(&page.link("Watch")).await;
    assert_eq!(page.attributes("meta[http-equiv=refresh]", "content"), ["2"]);
    assert_eq!(page.link("Stop watching"), format!("/p/{database}?"));
}

#[tokio::test]
async fn what_lies_in_another_workspace_is_not_shown() {
    let (it, [database, source, ..], _) = at_the_table().await;
    it.notion.add_user(it.notion.add_workspace("Beta"), "Bea", "bea@beta.example");
    let mut browser = Visitor::of(it.notion.url());
    browser.post("/log-in", &[("user", "2")]).await;
    for id in [database, source, Id::mint("nothing")] {
        assert_eq!(browser.get(&format!("/p/{id}")).await.status, 404);
    }
    assert_eq!(browser.get("/p/x").await.status, 404);
}
