//! §3.3, synced-database §3.1: relations, one-way and two-way, between databases and within one.

use serde_json::{Value, json};

use super::{Office, good, id, invalid, refused, text};
use crate::world::notion::rest::Id;

fn to(rows: &[Id]) -> Value {
    json!({"relation": rows.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>()})
}

async fn relate(it: &Office, source: Id, columns: &Value) -> Value {
    good(&it.patch(&format!("data_sources/{source}"), &json!({ "properties": columns })).await)["properties"].clone()
}

#[tokio::test]
async fn a_two_way_relation_within_one_database_is_kept_in_step() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let parent = json!({"relation": {"data_source_id": source, "dual_property": {"synced_property_name": "Children"}}});
    let schema = relate(&it, source, &json!({"Parent": parent})).await;
    let dual = |name: &str| schema[name]["relation"]["dual_property"].clone();
    assert_eq!(
        dual("Parent"),
        json!({"synced_property_id": schema["Children"]["id"], "synced_property_name": "Children"})
    );
    assert_eq!(
        dual("Children"),
        json!({"synced_property_id": schema["Parent"]["id"], "synced_property_name": "Parent"})
    );
    let epic = it.row(source, &json!({"Name": {"title": text("Epic")}})).await;
    let a = it.row(source, &json!({"Parent": to(&[epic])})).await;
    let b = it.row(source, &json!({"Parent": to(&[epic])})).await;
    let ids = |row: Id, column: &str| it.notion.row(row).all(column).to_vec();
    assert_eq!(ids(epic, "Children"), [a.to_string(), b.to_string()]);
    // From the other side, and from a row to itself.
    good(&it.patch(&format!("pages/{epic}"), &json!({"properties": {"Children": to(&[b])}})).await);
    assert_eq!((ids(a, "Parent").len(), ids(b, "Parent")), (0, vec![epic.to_string()]));
    good(&it.patch(&format!("pages/{a}"), &json!({"properties": {"Parent": to(&[a])}})).await);
    assert_eq!(ids(a, "Children"), [a.to_string()]);
    good(&it.patch(&format!("pages/{b}"), &json!({"properties": {"Parent": to(&[])}})).await);
    assert_eq!(ids(epic, "Children"), [""; 0]);
    // One side goes with the other.
    let schema = relate(&it, source, &json!({"Parent": null})).await;
    assert_eq!(schema.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_relation_leads_to_rows_of_its_database_alone() {
    let it = Office::open().await;
    let (_, projects) = it.database(&json!({"Name": {"title": {}}})).await;
    let (_, issues) = it.database(&json!({"Name": {"title": {}}})).await;
    let one_way = json!({"relation": {"data_source_id": projects, "type": "single_property", "single_property": {}}});
    let both = json!({"relation": {"data_source_id": projects, "dual_property": {}}});
    let schema = relate(&it, issues, &json!({"Project": one_way, "Blocks": both})).await;
    assert_eq!(schema["Project"]["relation"]["type"], "single_property");
    let mirror = &it.schema(projects).await["Related to ACME issues (Blocks)"];
    assert_eq!(id(&mirror["relation"]["data_source_id"]), issues, "a name of its own, when none is told");
    let project = it.row(projects, &json!({})).await;
    let issue = it.row(issues, &json!({"Project": to(&[project]), "Blocks": to(&[project])})).await;
    assert_eq!(it.notion.row(project).all("Related to ACME issues (Blocks)"), [issue.to_string()]);
    let words = "should be a page of the related data source";
    invalid(&it.try_row(issues, &json!({"Project": to(&[issue])})).await, words);
    invalid(&it.try_row(issues, &json!({"Project": to(&[it.page])})).await, words);
    refused(&it.try_row(issues, &json!({"Project": to(&[Id::mint("row")])})).await, 404, "object_not_found");
    invalid(&it.try_row(issues, &json!({"Project": to(&vec![project; 101])})).await, "should be ≤ `100`");
    for (config, status) in [
        (json!({"data_source_id": projects}), 400),
        (json!({"data_source_id": projects, "single_property": {}, "dual_property": {}}), 400),
        (json!({"single_property": {}}), 400),
        (json!({"database_id": projects, "single_property": {}}), 400),
        (json!({"data_source_id": Id::mint("source"), "single_property": {}}), 404),
    ] {
        let body = json!({"properties": {"Other": {"relation": config}}});
        assert_eq!(it.patch(&format!("data_sources/{issues}"), &body).await.status, status, "{body}");
    }
    // A related database has to be shared as well.
    let database = id(&good(&it.get(&format!("data_sources/{projects}")).await)["parent"]["database_id"]);
    it.notion.unshare(it.nora, database);
    refused(&it.try_row(issues, &json!({"Project": to(&[project])})).await, 404, "object_not_found");
}

#[tokio::test]
async fn the_reverse_side_grows_beyond_what_one_request_may_write() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let parent = json!({"relation": {"data_source_id": source, "dual_property": {"synced_property_name": "Children"}}});
    relate(&it, source, &json!({"Parent": parent})).await;
    let epic = it.row(source, &json!({})).await;
    for _ in 0..130 {
        it.notion.hands(it.nora).add_row(source, &json!({"Parent": to(&[epic])}));
    }
    let shown = good(&it.get(&format!("pages/{epic}")).await)["properties"]["Children"].clone();
    assert_eq!((shown["relation"].as_array().unwrap().len(), &shown["has_more"]), (25, &json!(true)));
    assert_eq!(it.notion.row(epic).all("Children").len(), 130);
    let path = format!("pages/{epic}/properties/{}", shown["id"].as_str().unwrap());
    let first = good(&it.get(&path).await);
    assert_eq!((first["results"].as_array().unwrap().len(), &first["has_more"]), (100, &json!(true)));
}
