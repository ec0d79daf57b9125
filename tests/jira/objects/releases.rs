//! Versions, components, projects by id.

use serde_json::{Value, json};

use super::{Town, texts, towns};

async fn id_of(town: &Town, kind: &str, name: &str) -> String {
    let project = town.api("ana", "project/APP").await.json();
    let all = project[kind].as_array().unwrap();
    all.iter().find(|it| it["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn versions_know_their_days_and_are_late() {
    for town in towns().await {
        let id = id_of(&town, "versions", "2.0").await;
        let version = town.api("ben", &format!("version/{id}?expand=issuesstatus")).await.json();
        let text = |name: &str| version[name].as_str().unwrap();
        assert_eq!(
            (text("startDate"), text("releaseDate"), text("userReleaseDate")),
            ("2026-10-02", "2026-11-20", "20/Nov/26")
        );
        assert_eq!(
            (text("description"), &version["overdue"], &version["released"]),
            ("The big one", &json!(true), &json!(false))
        );
        let status = json!({"unmapped": 0, "toDo": 0, "inProgress": 1, "done": 0});
        assert_eq!(version.get("issuesStatusForFixVersion"), town.cloud().then_some(&status));
        let plain = town.api("ben", &format!("version/{id}")).await.json();
        assert_eq!(plain.get("issuesStatusForFixVersion"), None);
        let released = town.api("ben", &format!("version/{}", id_of(&town, "versions", "1.0").await)).await.json();
        assert_eq!((&released["released"], released.get("overdue")), (&json!(true), None));
        let count = |who: &'static str, what: &str| {
            let path = format!("version/{id}/{what}");
            let town = &town;
            async move { town.api(who, &path).await.json() }
        };
        let (ana, ben) = (count("ana", "unresolvedIssueCount").await, count("ben", "unresolvedIssueCount").await);
        assert_eq!((&ana["issuesUnresolvedCount"], &ben["issuesUnresolvedCount"]), (&json!(2), &json!(1)));
        assert_eq!(ben["issuesCount"], 1);
        assert_eq!(count("ben", "relatedIssueCounts").await["issuesFixedCount"], 1);
    }
}

#[tokio::test]
async fn components_have_a_lead() {
    for town in towns().await {
        let id = id_of(&town, "components", "Checkout").await;
        let component = town.api("ben", &format!("component/{id}")).await.json();
        assert_eq!((&component["name"], &component["project"]), (&json!("Checkout"), &json!("APP")));
        assert_eq!(
            (&component["description"], &component["lead"]["displayName"]),
            (&json!("Basket to payment"), &json!("Ben Okafor"))
        );
        let count = town.api("ben", &format!("component/{id}/relatedIssueCounts")).await.json();
        assert_eq!(count["issueCount"], 1);
        let issue = town.api("ben", "issue/APP-2?fields=components,fixVersions").await.json();
        assert_eq!(issue["fields"]["components"][0]["id"], json!(id));
        assert_eq!(texts(&issue["fields"]["fixVersions"], "name"), ["2.0"]);
    }
}

#[tokio::test]
async fn what_belongs_to_a_hidden_project_is_not_there() {
    for town in towns().await {
        let top = town.api("ana", "project/TOP").await.json();
        let (project, version) = (&top["id"], &top["versions"][0]["id"]);
        let path = |kind: &str, id: &Value| format!("{kind}/{}", id.as_str().unwrap());
        for path in [
            path("project", project),
            path("version", version),
            format!("{}/unresolvedIssueCount", path("version", version)),
            format!("{}/relatedIssueCounts", path("version", version)),
        ] {
            assert_eq!(
                (town.api("ana", &path).await.status, town.api("ben", &path).await.status),
                (200, 404),
                "{path}"
            );
        }
        for path in ["version/1/unresolvedIssueCount", "component/1/relatedIssueCounts", "component/1", "project/1"] {
            assert_eq!(town.api("ana", path).await.status, 404, "{path}");
        }
    }
}
