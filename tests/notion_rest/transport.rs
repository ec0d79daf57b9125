//! §1, §2, §6: versions, tokens, ids, sharing, capabilities, and what every answer has.

use reqwest::Method;
use serde_json::json;

use super::{Office, good, id, invalid, letters, refused, text};
use crate::world::gateway::{client, reply};
use crate::world::notion::rest::{Id, UserInformation, VERSION};

#[tokio::test]
async fn a_call_needs_a_version_that_is_known_and_spoken() {
    let it = Office::open().await;
    let call = |version: Option<&'static str>| {
        let request = client().get(format!("{}/v1/pages/{}", it.notion.url(), it.page)).bearer_auth(&it.token);
        reply(version.iter().fold(request, |request, version| request.header("notion-version", *version)))
    };
    assert!(refused(&call(None).await, 400, "missing_version").contains("Notion-Version"));
    refused(&call(Some("2026-04-01")).await, 400, "missing_version");
    invalid(&call(Some("2025-09-03")).await, "speaks version 2026-03-11");
    good(&call(Some(VERSION)).await);
}

#[tokio::test]
async fn a_call_needs_a_good_token() {
    let mut it = Office::open().await;
    let good_token = std::mem::replace(&mut it.token, "ntn_other".into());
    refused(&it.get("users/me").await, 401, "unauthorized");
    it.token = good_token;
    assert_eq!(good(&it.get("users/me").await)["bot"]["workspace_name"], "Acme");
    it.notion.end_tokens(it.nora);
    refused(&it.get("users/me").await, 401, "unauthorized");
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let it = Office::open().await;
    let page = it.page;
    for path in ["pages".to_owned(), "nothing".into(), format!("pages/{page}/markdown"), "custom_emojis".into()] {
        refused(&it.get(&path).await, 400, "invalid_request_url");
    }
    refused(&it.post("file_uploads", &json!({})).await, 400, "invalid_request_url");
    refused(&it.post(&format!("pages/{page}/move"), &json!({})).await, 400, "invalid_request_url");
    refused(&it.delete(&format!("pages/{page}")).await, 400, "invalid_request_url");
}

#[tokio::test]
async fn ids_are_uuids_with_or_without_dashes() {
    let it = Office::open().await;
    let page = it.page;
    for path in [page.to_string(), page.hex(), page.to_string().to_uppercase()] {
        assert_eq!(id(&good(&it.get(&format!("pages/{path}")).await)["id"]), page, "answers have dashes");
    }
    let words = "path failed validation: path.block_id should be a valid uuid, instead was `\"AAA\"`.";
    invalid(&it.get("blocks/AAA").await, words);
    for wrong in [page.to_string().replacen('-', "", 1), "1".into(), letters(32)] {
        invalid(&it.get(&format!("pages/{wrong}")).await, "path.page_id should be a valid uuid");
    }
    let gone = Id::mint("nothing");
    let words = refused(&it.get(&format!("pages/{gone}")).await, 404, "object_not_found");
    assert!(words.starts_with(&format!("Could not find page with ID: {gone}.")), "{words}");
}

#[tokio::test]
async fn bodies_are_json_of_a_bounded_size_without_strange_members() {
    let it = Office::open().await;
    let path = format!("pages/{}", it.page);
    let raw = |text: &'static str| {
        reply(it.request(Method::PATCH, &path).header("content-type", "application/json").body(text))
    };
    refused(&raw("{").await, 400, "invalid_json");
    refused(&raw("[]").await, 400, "invalid_json");
    refused(&reply(it.request(Method::PATCH, &path).body("{}")).await, 400, "invalid_json");
    invalid(&it.patch(&path, &json!({"archived": true})).await, "body.archived should be not present");
    invalid(&it.get(&format!("{path}?page_size=1")).await, "query.page_size should be not present");
    // 500 KB (§3.3): 100 paragraphs of three items.
    let items = vec![json!({"text": {"content": letters(2000)}}); 3];
    let body = json!({"children": vec![json!({"paragraph": {"rich_text": items}}); 100]});
    refused(&it.patch(&format!("blocks/{}/children", it.page), &body).await, 413, "validation_error");
    good(&it.patch(&path, &json!({})).await);
}

#[tokio::test]
async fn a_connection_sees_what_is_shared_with_it_and_what_lies_in_that() {
    let it = Office::open().await;
    let other = it.notion.page_id(it.notion.add_page(it.acme, "Other"));
    let (database, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let row = it.row(source, &json!({})).await;
    let below = [format!("databases/{database}"), format!("data_sources/{source}"), format!("pages/{row}")];
    it.notion.share_only(it.nora, &[it.page]);
    refused(&it.get(&format!("pages/{other}")).await, 404, "object_not_found");
    for path in &below {
        good(&it.get(path).await);
    }
    it.notion.unshare(it.nora, database);
    good(&it.get(&format!("pages/{}", it.page)).await);
    for path in &below {
        refused(&it.get(path).await, 404, "object_not_found");
    }
    refused(&it.try_row(source, &json!({})).await, 404, "object_not_found");
    it.notion.share(it.nora, database);
    good(&it.get(&below[2]).await);
    // Another workspace is never seen.
    let beta = it.notion.page_id(it.notion.add_page(it.notion.add_workspace("Beta"), "Secret"));
    it.notion.share(it.nora, beta);
    refused(&it.get(&format!("pages/{beta}")).await, 404, "object_not_found");
}

#[tokio::test]
async fn a_missing_capability_is_told() {
    let it = Office::open().await;
    let (_, source) = it.database(&json!({"Name": {"title": {}}})).await;
    let row = it.row(source, &json!({})).await;
    let none = |change: fn(&mut crate::world::notion::rest::Capabilities)| it.notion.capabilities(it.nora, change);
    none(|it| it.read = false);
    refused(&it.get(&format!("pages/{row}")).await, 403, "restricted_resource");
    refused(&it.post(&format!("data_sources/{source}/query"), &json!({})).await, 403, "restricted_resource");
    none(|it| it.insert = false);
    refused(&it.try_row(source, &json!({})).await, 403, "restricted_resource");
    none(|it| it.update = false);
    refused(&it.patch(&format!("pages/{row}"), &json!({})).await, 403, "restricted_resource");
    none(|it| (it.read_comments, it.insert_comments) = (false, false));
    refused(&it.get(&format!("comments?block_id={row}")).await, 403, "restricted_resource");
    let comment = json!({"parent": {"page_id": row}, "rich_text": text("x")});
    refused(&it.post("comments", &comment).await, 403, "restricted_resource");
    none(|it| it.users = UserInformation::None);
    refused(&it.get("users").await, 403, "restricted_resource");
}

#[tokio::test]
async fn people_are_told_as_far_as_the_capability_reaches() {
    let it = Office::open().await;
    let omar = it.notion.user_id(it.omar);
    let (_, source) = it.database(&json!({"Name": {"title": {}}, "Who": {"people": {}}})).await;
    let row = it.row(source, &json!({"Who": {"people": [{"id": omar}]}})).await;
    let who = async || good(&it.get(&format!("pages/{row}")).await)["properties"]["Who"]["people"][0].clone();
    assert_eq!(who().await["person"]["email"], "omar@acme.example");
    it.notion.capabilities(it.nora, |it| it.users = UserInformation::WithoutEmail);
    assert_eq!((&who().await["person"], &who().await["name"]), (&json!({}), &json!("Omar Said")));
    it.notion.capabilities(it.nora, |it| it.users = UserInformation::None);
    assert_eq!(who().await, json!({"object": "user", "id": omar}));
}
