//! Filters, dashboards, people.

use serde_json::json;

use super::super::{As, get};
use super::{dc, members, town, towns};
use crate::world::Personality;

#[tokio::test]
async fn filters_are_shown_to_those_they_are_shared_with() {
    for town in towns().await {
        for (id, ana, ben, dana) in [
            (10_100, 200, 400, 400),
            (10_101, 200, 200, 400),
            (10_102, 200, 400, 400),
            (10_103, 200, 200, 400),
            (10_104, 200, 200, 200),
        ] {
            for (who, status) in [("ana", ana), ("ben", ben), ("dana", dana)] {
                assert_eq!(town.api(who, &format!("filter/{id}")).await.status, status, "{who} {id}");
            }
        }
        let filter = town.api("ben", "filter/10101").await.json();
        assert_eq!(
            (&filter["id"], &filter["name"], &filter["description"]),
            (&json!("10101"), &json!("Open work"), &json!("All"))
        );
        assert_eq!(filter["jql"], "project = APP AND resolution = Unresolved ORDER BY updated DESC");
        assert_eq!(filter["owner"]["displayName"], "Ana Costa");
        assert_eq!(filter["viewUrl"], town.0.at("/issues/?filter=10101"));
        let share = town.api("ben", "filter/10103").await.json()["sharePermissions"][0].clone();
        assert_eq!((&share["type"], share.get("project")), (&json!("project-unknown"), None), "Ben does not see TOP");
        let (hidden, missing) = (town.api("ben", "filter/10100").await, town.api("ben", "filter/1").await);
        assert_eq!((hidden.text, missing.status), (missing.text, 400), "one answer for both");
        let stranger = |id: u32| {
            let path = format!("/rest/api/2/filter/{id}");
            let url = town.0.at(&path);
            async move { get(&url, As::Nobody).await.status }
        };
        assert_eq!(stranger(10_104).await, 200);
        assert_eq!(stranger(10_101).await, if town.cloud() { 400 } else { 401 });
    }
}

#[tokio::test]
async fn dashboards_are_named_and_little_else() {
    for town in towns().await {
        let dashboard = town.api("ben", "dashboard/10201").await.json();
        assert_eq!((&dashboard["id"], &dashboard["name"]), (&json!("10201"), &json!("The shop")));
        assert_eq!(dashboard["view"], town.0.at("/secure/Dashboard.jspa?selectPageId=10201"));
        match town.cloud() {
            true => assert_eq!(dashboard["owner"]["displayName"], "Ana Costa"),
            false => assert_eq!(members(&dashboard), ["id", "name", "self", "view"].into()),
        }
        for (who, id, status) in [("ana", 10_200, 200), ("ben", 10_200, 404), ("ben", 1, 404), ("dana", 10_201, 404)] {
            assert_eq!(town.api(who, &format!("dashboard/{id}")).await.status, status, "{who} {id}");
        }
    }
}

#[tokio::test]
async fn people_are_looked_up_by_account_name_or_key() {
    let cloud = town(Personality::cloud()).await;
    let path = |name: &str| format!("user?accountId={}", cloud.0.person(name).account_id);
    let finn = cloud.api("ben", &path("finn")).await.json();
    assert_eq!(
        (&finn["displayName"], &finn["active"]),
        (&json!("Finn Berg"), &json!(false)),
        "deactivated, still known"
    );
    assert_eq!(finn["accountType"], "atlassian");
    assert_eq!(cloud.api("ben", &path("dana")).await.json()["accountType"], "customer");
    assert_eq!(cloud.api("cleo", &path("ben")).await.status, 403, "without Browse users");
    assert_eq!(cloud.api("cleo", "user?accountId=nobody").await.status, 403, "nor is it told who is not there");
    assert_eq!(cloud.api("cleo", &path("cleo")).await.status, 200, "oneself");
    assert_eq!(cloud.api("ben", "user?accountId=nobody").await.status, 404);

    let plant = town(dc()).await;
    let key = plant.0.person("finn").key;
    for query in ["username=finn".to_owned(), format!("key={key}")] {
        let finn = plant.api("ben", &format!("user?{query}")).await.json();
        assert_eq!((&finn["name"], &finn["key"], &finn["active"]), (&json!("finn"), &json!(key), &json!(false)));
        assert_eq!(finn.get("accountId"), None);
    }
    let missing = plant.api("ben", "user?username=nobody").await;
    assert_eq!((missing.status, missing.message().as_str()), (404, "The user named 'nobody' does not exist"));
}
