//! What queries understand besides the plainest fields.

use serde_json::json;

use super::super::{As, post};
use super::{dc, town};
use crate::world::Personality;

#[tokio::test]
async fn queries_name_objects_by_id_key_or_function() {
    let cloud = town(Personality::cloud()).await;
    let ids = |name: &str| cloud.0.issues().iter().find(|it| it.key == name).unwrap().id.clone();
    for (jql, keys) in [
        (
            "project in (APP, HELP) AND resolution = Unresolved ORDER BY key",
            &["APP-1", "APP-2", "HELP-1", "HELP-2"][..],
        ),
        ("project = 10000 AND resolution is not EMPTY", &["APP-3"]),
        ("assignee = currentUser()", &[]),
        ("reporter = currentUser() AND statusCategory = indeterminate", &["APP-2"]),
        ("parent = APP-1", &["APP-2"]),
        (&format!("parent = {}", ids("APP-1")), &["APP-2"]),
        ("parent in (APP-1, APP-2) ORDER BY key", &["APP-2", "APP-3"]),
        ("sprint = 37 ORDER BY key", &["APP-2", "APP-3"]),
        ("sprint = 37 AND NOT (status = Done OR project = HELP)", &["APP-2"]),
        ("sprint in openSprints() AND sprint not in closedSprints()", &["APP-3"]),
        ("fixVersion = 100001", &["APP-2"]),
        ("fixVersion in unreleasedVersions()", &["APP-2"]),
        ("component = Checkout AND updated >= \"2026/11/21 20:59\"", &["APP-2"]),
        ("component = Checkout AND updated >= \"2026/11/21 21:01\"", &[]),
        ("issuekey in issueHistory()", &[]),
        ("filter = 10101 AND issuetype != Epic", &["APP-2"]),
        ("cf[10200] = high", &["APP-2"]),
        ("Severity in (Blocker)", &["APP-2"]),
        ("cf[10202] in (iOS, Android) AND cf[10203] = Portugal", &["APP-2"]),
        ("Reviewer = currentUser()", &["APP-2"]),
        ("cf[10214] is EMPTY AND project = APP ORDER BY key", &["APP-1", "APP-3"]),
    ] {
        assert_eq!(cloud.found("ben", jql).await, Ok(keys.iter().map(|it| (*it).to_owned()).collect()), "{jql}");
    }
    let history = cloud.found("ana", "issuekey in issueHistory() ORDER BY key").await;
    assert_eq!(history, Ok(vec!["APP-2".into(), "TOP-1".into()]));
}

#[tokio::test]
async fn epics_are_found_by_their_link_on_self_managed_servers() {
    let plant = town(dc()).await;
    for (jql, keys) in [
        ("cf[10101] = APP-1", &["APP-2"][..]),
        ("cf[10101] in (APP-1, APP-2)", &["APP-2"]),
        ("\"Epic Link\" = app-1", &["APP-2"]),
        ("\"Epic Name\" ~ pay", &["APP-1"]),
        ("parent = APP-2", &["APP-3"]),
        ("parent = APP-1", &[]),
        ("cf[10105] = 5", &["APP-2"]),
        ("Sprint = \"Sprint 3\"", &["APP-2"]),
    ] {
        assert_eq!(plant.found("ben", jql).await, Ok(keys.iter().map(|it| (*it).to_owned()).collect()), "{jql}");
    }
    let counted = plant.api("ben", "search?jql=project%3DAPP&maxResults=0").await.json();
    assert_eq!((&counted["total"], &counted["issues"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn nonsense_is_refused_in_words() {
    for town in [town(Personality::cloud()).await, town(dc()).await] {
        for (jql, message) in [
            ("wombat = 1", "Field 'wombat' does not exist or you do not have permission to view it."),
            ("cf[99999] = 1", "Field 'cf[99999]' does not exist or you do not have permission to view it."),
            ("key in favourites()", "Unable to find JQL function 'favourites()'."),
            (
                "summary ~ currentUser()",
                "A value provided by the function 'currentuser' is invalid for the field 'summary'.",
            ),
            ("parent = TOP-1", "An issue with key 'TOP-1' does not exist for field 'parent'."),
            ("sprint = 50", "Sprint with id '50' does not exist or you do not have permission to view it."),
            ("filter = 10100", "A value with ID '10100' does not exist for the field 'filter'."),
            ("fixVersion = 9.9", "The value '9.9' does not exist for the field 'fixVersion'."),
            ("component = Nothing", "The value 'Nothing' does not exist for the field 'component'."),
            ("project in (APP, TOP)", "The value 'TOP' does not exist for the field 'project'."),
        ] {
            assert_eq!(town.found("ben", jql).await, Err(message.to_owned()), "{jql}");
        }
        let other = if town.cloud() { "\"Epic Link\" = APP-1" } else { "\"Story point estimate\" = 5" };
        assert!(town.found("ben", other).await.unwrap_err().ends_with("you do not have permission to view it."));
    }
}

#[tokio::test]
async fn counts_are_those_of_the_caller() {
    let town = town(Personality::cloud()).await;
    let url = town.0.at("/rest/api/3/search/approximate-count");
    let jql = "sprint in (37, 50) AND project != TOP";
    let count = async |email: &str, token: &str| post(&url, As::Basic(email, token), json!({"jql": jql})).await;
    assert_eq!(count("ana@acme.example", "ana-token").await.json(), json!({"count": 3}));
    assert_eq!(count("ben@acme.example", "ben-token").await.status, 400, "Ben sees neither the sprint nor the project");
}
