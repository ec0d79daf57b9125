//! §3, §3.3, §4: the text of pages.

use serde_json::{Value, json};

use super::{Office, good, id, invalid, letters, refused, text};
use crate::world::notion::rest::Id;

fn paragraph(words: &str) -> Value {
    json!({"type": "paragraph", "paragraph": {"rich_text": text(words)}})
}

fn toggle(children: &Value) -> Value {
    json!({"toggle": {"rich_text": text("more"), "children": children}})
}

impl Office {
    async fn append(&self, parent: Id, children: &Value) -> crate::world::gateway::Reply {
        self.patch(&format!("blocks/{parent}/children"), &json!({ "children": children })).await
    }
}

#[tokio::test]
async fn all_kinds_that_a_description_needs() {
    let it = Office::open().await;
    let row = json!({"table_row": {"cells": [text("a"), text("b")]}});
    let all = json!([
        paragraph("p"), {"heading_1": {"rich_text": text("1"), "is_toggleable": true}}, {"heading_2": {"rich_text": text("2")}},
        {"heading_3": {"rich_text": text("3")}}, {"heading_4": {"rich_text": text("4"), "color": "blue"}},
        {"bulleted_list_item": {"rich_text": text("b")}}, {"numbered_list_item": {"rich_text": text("n")}},
        {"to_do": {"rich_text": text("t"), "checked": true}}, toggle(&json!([paragraph("inside")])),
        {"quote": {"rich_text": text("q")}},
        {"callout": {"rich_text": text("c"), "icon": {"type": "emoji", "emoji": "\u{1F4A1}"}, "color": "gray_background"}},
        {"code": {"rich_text": text("let x"), "language": "rust"}}, {"divider": {}},
        {"equation": {"expression": "e=mc^2"}}, {"bookmark": {"url": "https://a.example"}},
        {"embed": {"url": "https://a.example", "caption": text("e")}},
        {"image": {"type": "external", "external": {"url": "https://a.example/a.png"}}},
        {"table_of_contents": {}}, {"link_to_page": {"page_id": it.page}},
        {"table": {"table_width": 2, "has_column_header": true, "children": [row, row]}},
    ]);
    let made = good(&it.append(it.page, &all).await);
    assert_eq!(made["results"].as_array().unwrap().len(), 20);
    let told = good(&it.get(&format!("blocks/{}/children?page_size=15", it.page)).await);
    assert_eq!((told["results"].as_array().unwrap().len(), &told["has_more"]), (15, &json!(true)));
    let path = format!("blocks/{}/children?start_cursor={}", it.page, told["next_cursor"].as_str().unwrap());
    let rest = good(&it.get(&path).await);
    let table = &rest["results"][4];
    assert_eq!((&table["type"], &table["has_children"]), (&json!("table"), &json!(true)));
    assert_eq!(table["table"], json!({"table_width": 2, "has_column_header": true, "has_row_header": false}));
    let rows = good(&it.get(&format!("blocks/{}/children", id(&table["id"]))).await);
    assert_eq!(rows["results"][1]["table_row"]["cells"][1][0]["plain_text"], "b");
    assert_eq!(it.notion.blocks(it.page)[8].children[0].text, "inside");
}

#[tokio::test]
async fn what_no_block_may_be() {
    let it = Office::open().await;
    let list = |count: usize| Value::from(vec![paragraph("x"); count]);
    let row = |cells: usize| json!({"table_row": {"cells": vec![text("x"); cells]}});
    let table = |rows: Value| json!([{"table": {"table_width": 2, "children": rows}}]);
    for (children, words) in [
        (list(101), "children.length should be ≤ `100`, instead was `101`"),
        (json!([paragraph(&letters(2001))]), "content.length should be ≤ `2000`"),
        (json!([{"link_preview": {"url": "https://a.example"}}]), "link_preview should be not present"),
        (json!([{"child_page": {"title": "x"}}]), "child_page should be not present"),
        (json!([{"paragraph": {}}]), "rich_text should be defined"),
        (json!([{"paragraph": {"rich_text": [], "x": 1}}]), "paragraph.x should be not present"),
        (json!([{"paragraph": {"rich_text": []}, "divider": {}}]), "exactly one of"),
        (json!([{"type": "quote", "paragraph": {"rich_text": []}}]), "should be `\"paragraph\"`"),
        (json!([{"code": {"rich_text": text("x")}}]), "language should be defined"),
        (json!([{"code": {"rich_text": text("x"), "language": "klingon"}}]), "language should be one of"),
        (json!([{"bookmark": {"url": letters(2001)}}]), "should be ≤ `2000`"),
        (json!([{"paragraph": {"rich_text": text("x"), "color": "black"}}]), "color should be one of"),
        (json!([{"divider": {"children": []}}]), "children should be not present"),
        // Two levels of children in one request.
        (json!([toggle(&json!([toggle(&json!([toggle(&json!([paragraph("x")]))]))]))]), "should be not present"),
        (table(json!([])), "should have rows"),
        (table(json!([row(3)])), "each as wide as the table"),
        (table(json!([paragraph("x")])), "should have rows"),
        (json!([row(1)]), "A table takes rows"),
        (json!([toggle(&json!([row(1)]))]), "rows in tables"),
    ] {
        invalid(&it.append(it.page, &children).await, words);
    }
    // 1000 blocks in one body: 10 toggles of 100, and themselves.
    invalid(&it.append(it.page, &Value::from(vec![toggle(&list(100)); 10])).await, "1000 blocks at most");
    assert_eq!(it.notion.blocks(it.page), [], "nothing is left of what was refused");
    good(&it.append(it.page, &Value::from(vec![toggle(&list(99)); 10])).await);
    good(&it.append(it.page, &json!([toggle(&json!([toggle(&json!([paragraph("deep")]))]))])).await);
}

#[tokio::test]
async fn blocks_are_put_at_a_place() {
    let it = Office::open().await;
    let texts = || it.notion.blocks(it.page).into_iter().map(|it| it.text).collect::<String>();
    let first = good(&it.append(it.page, &json!([paragraph("b"), paragraph("d")])).await);
    let b = id(&first["results"][0]["id"]);
    let path = format!("blocks/{}/children", it.page);
    let put = async |word: &str, position: Value| {
        it.patch(&path, &json!({"children": [paragraph(word)], "position": position})).await
    };
    good(&put("a", json!({"type": "start"})).await);
    good(&put("c", json!({"type": "after_block", "after_block": {"id": b}})).await);
    good(&put("e", json!({"type": "end"})).await);
    assert_eq!(texts(), "abcde");
    for (body, words) in [
        (json!({"children": [], "after": b}), "body.after should be not present"),
        (json!({"children": [], "position": {"type": "middle"}}), "should be one of"),
        (json!({"children": [], "position": {"type": "end", "x": 1}}), "position.x should be not present"),
        (
            json!({"children": [], "position": {"type": "after_block", "after_block": {"id": it.page}}}),
            "should be a block in this parent",
        ),
    ] {
        invalid(&it.patch(&path, &body).await, words);
    }
    let divider = good(&it.append(it.page, &json!([{"divider": {}}])).await);
    invalid(&it.append(id(&divider["results"][0]["id"]), &json!([paragraph("x")])).await, "does not support children");
}

#[tokio::test]
async fn a_block_is_changed_within_its_kind_and_thrown_away() {
    let it = Office::open().await;
    let made = good(&it.append(it.page, &json!([{"to_do": {"rich_text": text("x"), "color": "blue"}}])).await);
    let path = format!("blocks/{}", id(&made["results"][0]["id"]));
    let told = good(&it.patch(&path, &json!({"to_do": {"rich_text": text("y"), "checked": true}})).await);
    assert_eq!((&told["to_do"]["color"], &told["to_do"]["checked"]), (&json!("blue"), &json!(true)));
    for (body, words) in [
        (json!({"paragraph": {"rich_text": []}}), "body.paragraph should be not present"),
        (json!({"to_do": {"rich_text": [], "children": []}}), "children should be not present"),
        (json!({"to_do": {"rich_text": [{"mention": {"link_preview": {"url": "https://a.example"}}}]}}), "not present"),
        (json!({"archived": true}), "archived should be not present"),
    ] {
        invalid(&it.patch(&path, &body).await, words);
    }
    assert_eq!(good(&it.delete(&path).await)["in_trash"], true);
    assert_eq!(good(&it.get(&path).await)["in_trash"], true);
    invalid(&it.patch(&path, &json!({"to_do": {"checked": false}})).await, "archived");
    invalid(&it.delete(&path).await, "archived");
    good(&it.patch(&path, &json!({"in_trash": false})).await);
    refused(&it.get(&format!("blocks/{}", Id::mint("block"))).await, 404, "object_not_found");
}

#[tokio::test]
async fn a_link_preview_is_read_and_never_written() {
    let it = Office::open().await;
    let block = it.notion.hands(it.nora).preview(it.page, "https://jira.example.com/browse/OPS-7");
    let told = good(&it.get(&format!("blocks/{block}")).await);
    assert_eq!(
        (&told["type"], &told["link_preview"]["url"]),
        (&json!("link_preview"), &json!("https://jira.example.com/browse/OPS-7"))
    );
    let body = json!({"link_preview": {"url": "https://a.example"}});
    invalid(&it.patch(&format!("blocks/{block}"), &body).await, "cannot be changed");
    good(&it.delete(&format!("blocks/{block}")).await);
}
