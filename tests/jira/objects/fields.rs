//! Custom fields: their rows, their values, their names in the caller's language.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{As, Reply, request, send};
use super::{Town, dc, members, texts, town};
use crate::world::Personality;
use crate::world::jira::fields as f;

async fn rows(town: &Town, who: &str) -> Vec<Value> {
    town.api(who, "field").await.json().as_array().unwrap().clone()
}

fn row<'a>(rows: &'a [Value], id: &str) -> &'a Value {
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[tokio::test]
async fn every_kind_of_value_is_shown_as_jira_shows_it() {
    for town in [town(Personality::cloud()).await, town(dc()).await] {
        let cloud = town.cloud();
        let fields = town.api("ana", "issue/APP-2").await.json()["fields"].clone();
        let rows = rows(&town, "ana").await;
        for (id, kind, items, pointer, expected) in [
            (f::SEVERITY, "option", None, "/value", json!("High")),
            (f::PLATFORMS, "array", Some("option"), "/1/value", json!("Web")),
            (f::REGION, "option-with-child", None, "/child/value", json!("Portugal")),
            (f::COST, "number", None, "", json!(12.5)),
            (f::LAUNCH, "date", None, "", json!("2026-12-01")),
            (f::FREEZE, "datetime", None, "", json!("2026-11-28T10:00:00.000-0700")),
            (f::REVIEWER, "user", None, "/displayName", json!("Ben Okafor")),
            (f::STAKEHOLDERS, "array", Some("user"), "/1/active", json!(false)),
            (f::OWNING_GROUP, "group", None, "/name", json!("leads")),
            (f::RUNBOOK, "string", None, "", json!("https://wiki.example/pay")),
            (f::TAGS, "array", Some("string"), "/0", json!("pci")),
            (f::FOUND_IN, "version", None, "/released", json!(true)),
            (f::CUSTOMER, "string", None, "", json!("Teapot Ltd")),
        ] {
            let schema = &row(&rows, id)["schema"];
            assert_eq!((&schema["type"], schema["items"].as_str()), (&json!(kind), items), "{id}");
            assert!(schema["custom"].as_str().unwrap().contains("customfieldtypes:"), "{id}");
            assert_eq!(fields[id].pointer(pointer), Some(&expected), "{id}: {}", fields[id]);
        }
        assert_eq!(fields[f::SEVERITY].get("disabled").is_some(), !cloud);
        assert_eq!(fields[f::OWNING_GROUP].get("groupId").is_some(), cloud);
        let notes = &fields[f::RELEASE_NOTES];
        match cloud {
            true => assert_eq!(notes["content"][0]["content"][0]["text"], "Cards work."),
            false => assert_eq!(notes, "Cards work."),
        }
        let path = format!("issue/APP-2?fields={}&expand=renderedFields", f::RELEASE_NOTES);
        let rendered = town.api("ana", &path).await.json();
        assert_eq!(rendered["renderedFields"][f::RELEASE_NOTES], "<p>Cards work.</p>");
        let bare = town.api("ana", "issue/APP-1").await.json();
        assert_eq!(bare["fields"].get(f::SEVERITY), None, "absent where it is not on the layout");
    }
}

#[tokio::test]
async fn only_the_fields_asked_for_come() {
    for town in [town(Personality::cloud()).await, town(dc()).await] {
        let asked = format!("summary,{},subtasks", f::COST);
        let fields = town.api("ben", &format!("issue/APP-2?fields={asked}")).await.json()["fields"].clone();
        assert_eq!(members(&fields), [f::COST, "subtasks", "summary"].into());
        assert_eq!(texts(&fields["subtasks"], "key"), ["APP-3"]);
        assert_eq!(members(&fields["subtasks"][0]["fields"]), ["issuetype", "priority", "status", "summary"].into());
        let without = town.api("ben", &format!("issue/APP-2?fields=*all,-{}", f::COST)).await.json();
        assert_eq!((without["fields"].get(f::COST), without["fields"].get(f::TAGS).is_some()), (None, true));
    }
}

#[tokio::test]
async fn epics_are_parents_on_cloud_and_links_elsewhere() {
    let cloud = town(Personality::cloud()).await;
    let fields = cloud.api("ben", "issue/APP-2").await.json()["fields"].clone();
    assert_eq!(fields["parent"]["fields"]["issuetype"]["hierarchyLevel"], 1);
    assert_eq!(fields.get(f::EPIC_LINK), None);
    let plant = town(dc()).await;
    let fields = plant.api("ben", "issue/APP-2").await.json()["fields"].clone();
    assert_eq!((&fields[f::EPIC_LINK], fields.get("parent")), (&json!("APP-1"), None));
    assert_eq!(plant.api("ben", "issue/APP-1").await.json()["fields"][f::EPIC_NAME], "Payments");
}

#[tokio::test]
async fn names_repeat_and_fields_belong_to_projects() {
    for town in [town(Personality::cloud()).await, town(dc()).await] {
        let rows = rows(&town, "ana").await;
        let same: Vec<&Value> = rows.iter().filter(|row| row["name"] == "Severity").collect();
        assert_eq!(same.len(), 2);
        let project = town.cloud().then(|| town.0.at(""));
        assert_eq!(same[1].get("scope").is_some(), project.is_some());
        assert_eq!(row(&rows, f::COST)["clauseNames"], json!(["cf[10204]", "Cost"]));
        assert_eq!(row(&rows, f::COST).get("untranslatedName").is_some(), town.cloud());
        assert_eq!(row(&rows, f::COST)["schema"]["customId"], 10_204);
        assert_eq!(rows.iter().any(|row| row["id"] == f::IMPACT), town.cloud());
        assert_eq!(rows.iter().any(|row| row["id"] == f::EPIC_LINK), !town.cloud());
    }
    let bare = super::super::cloud().await;
    let reply = super::super::get(&bare.at("/rest/api/3/field"), super::super::ANA).await.json();
    let names = texts(&reply, "name");
    assert!(!names.contains(&"Impact".into()), "without Product Discovery");
    assert_eq!(names.iter().filter(|name| *name == "Severity").count(), 1, "without a team-managed project");
}

#[tokio::test]
async fn ideas_are_issues_with_fields_of_their_own() {
    let town = town(Personality::cloud()).await;
    let idea = town.api("ben", "issue/IDEA-1").await.json()["fields"].clone();
    assert_eq!(
        (&idea["issuetype"]["name"], &idea["project"]["projectTypeKey"]),
        (&json!("Idea"), &json!("product_discovery"))
    );
    assert_eq!((&idea[f::IMPACT], &idea[f::DELIVERY_PROGRESS]), (&json!(4.0), &json!(0.5)));
    let interval: Value = serde_json::from_str(idea[f::TIMELINE].as_str().unwrap()).unwrap();
    assert_eq!(interval, json!({"start": "2027-01-01", "end": "2027-03-31"}), "an object in a text");
    let rows = rows(&town, "ben").await;
    for (id, custom) in [(f::IMPACT, "rating"), (f::TIMELINE, "interval"), (f::DELIVERY_PROGRESS, "delivery-progress")]
    {
        let row = row(&rows, id);
        assert_eq!(row["schema"]["custom"], format!("jira.polaris:{custom}"));
        assert_eq!(row["scope"]["project"]["id"], idea["project"]["id"]);
    }
}

#[tokio::test]
async fn names_come_in_the_language_of_the_caller_unless_another_is_forced() {
    for town in [town(Personality::cloud()).await, town(dc()).await] {
        let german = rows(&town, "ben").await;
        assert_eq!(row(&german, "assignee")["name"], "Zugewiesene Person");
        assert_eq!(row(&german, f::COST)["name"], "Cost");
        let names = town.api("ben", "issue/APP-2?expand=names&fields=summary").await.json();
        assert_eq!(names["names"]["summary"], "Zusammenfassung");
        let (name, secret) = match town.cloud() {
            true => ("ben@acme.example", "ben-token"),
            false => ("ben", "ben's password"),
        };
        for (forced, expected) in [(false, "Zugewiesene Person"), (true, "Assignee")] {
            let call = request(Method::GET, &town.0.at("/rest/api/2/field"), As::Basic(name, secret));
            let call = call.header("Accept-Language", "en");
            let call = if forced { call.header("X-Force-Accept-Language", "true") } else { call };
            let reply: Reply = send(call).await;
            let rows = reply.json().as_array().unwrap().clone();
            assert_eq!(row(&rows, "assignee")["name"], expected, "forced: {forced}");
        }
        assert_eq!(row(&rows(&town, "ana").await, "assignee")["name"], "Assignee");
    }
}
