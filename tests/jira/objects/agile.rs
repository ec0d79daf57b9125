//! Boards and sprints.

use serde_json::json;

use super::super::{As, get};
use super::{NASTY, dc, members, texts, town, towns};
use crate::world::Personality;

#[tokio::test]
async fn boards_tell_where_they_lie_on_cloud_alone() {
    let cloud = town(Personality::cloud()).await;
    let board = cloud.agile("ben", "board/5").await.json();
    assert_eq!((&board["id"], &board["name"], &board["type"]), (&json!(5), &json!("APP board"), &json!("scrum")));
    assert_eq!(board["self"], cloud.0.at("/rest/agile/1.0/board/5"));
    assert_eq!((&board["location"]["projectKey"], &board["location"]["projectId"]), (&json!("APP"), &json!(10_000)));
    let plant = town(dc()).await;
    let board = plant.agile("ben", "board/5").await.json();
    assert_eq!(members(&board), ["id", "name", "self", "type"].into());
    for town in [cloud, plant] {
        for path in ["board/7", "board/99", "board/x", "board/7/configuration", "board/7/sprint", "board/7/project"] {
            let reply = town.agile("ben", path).await;
            assert_eq!(reply.status, 404, "{path}");
            assert!(reply.message().starts_with("The requested board cannot be viewed because it either"), "{path}");
        }
        assert_eq!(town.agile("ana", "board/7").await.status, 200);
        let projects = town.agile("ben", "board/5/project").await.json();
        assert_eq!(texts(&projects["values"], "key"), ["APP"]);
        let list = town.agile("ben", "board?type=scrum&maxResults=1").await.json();
        assert_eq!((texts(&list["values"], "name"), &list["isLast"]), (vec!["APP board".into()], &json!(true)));
        let all = town.agile("ana", "board?maxResults=1").await.json();
        assert_eq!((&all["total"], &all["isLast"], &all["values"][0]["id"]), (&json!(3), &json!(false), &json!(5)));
    }
}

#[tokio::test]
async fn configurations_say_what_estimates_are() {
    for town in towns().await {
        let scrum = town.agile("ben", "board/5/configuration").await.json();
        let field = &scrum["estimation"]["field"];
        let listed = town.api("ben", "field").await.json();
        let row = listed.as_array().unwrap().iter().find(|row| row["id"] == field["fieldId"]).unwrap();
        let custom = row["schema"]["custom"].as_str().unwrap();
        assert!(custom.ends_with(if town.cloud() { ":jsw-story-points" } else { ":float" }), "{custom}");
        assert_eq!(row["name"], field["displayName"]);
        let issue = town.api("ben", &format!("issue/APP-2?fields={}", field["fieldId"].as_str().unwrap())).await;
        assert_eq!(issue.json()["fields"], json!({field["fieldId"].as_str().unwrap(): 5.0}));
        assert_eq!(texts(&scrum["columnConfig"]["columns"], "name"), ["To Do", "In Progress", "Done"]);
        assert_eq!(scrum["columnConfig"]["columns"][1]["statuses"][0]["id"], "3");
        let kanban = town.agile("ben", "board/6/configuration").await.json();
        assert_eq!((kanban.get("estimation"), kanban["subQuery"].is_object()), (None, true));
    }
}

#[tokio::test]
async fn sprints_come_by_board_and_by_id() {
    for town in towns().await {
        let all = town.agile("ben", "board/5/sprint").await.json();
        assert_eq!(texts(&all["values"], "state"), ["closed", "active", "future"]);
        let active = town.agile("ben", "board/5/sprint?state=active").await.json();
        assert_eq!((active["values"].as_array().unwrap().len(), &active["values"][0]["id"]), (1, &json!(37)));
        let kanban = town.agile("ben", "board/6/sprint?state=active").await;
        assert_eq!((kanban.status, kanban.message().as_str()), (400, "The board does not support sprints"));
        let sprint = town.agile("ben", "sprint/37").await.json();
        assert_eq!((&sprint["name"], &sprint["goal"]), (&json!(NASTY), &json!("Pay, and be happy")));
        assert_eq!((&sprint["originBoardId"], sprint.get("completeDate")), (&json!(5), None));
        assert_eq!(sprint["endDate"], "2026-11-30T16:00:00.000Z");
        assert_eq!(sprint.get("synced").is_some(), !town.cloud());
        let future = town.agile("ben", "sprint/38").await.json();
        assert_eq!((future.get("startDate"), &future["state"]), (None, &json!("future")));
        for id in ["50", "99", "x"] {
            let reply = town.agile("ben", &format!("sprint/{id}")).await;
            assert_eq!((reply.status, reply.message().as_str()), (404, "Sprint does not exist"), "{id}");
        }
        assert_eq!(town.agile("ana", "sprint/50").await.status, 200);
    }
    let old = town(dc().version("8.20.8")).await.agile("ben", "sprint/37").await.json();
    assert_eq!(old["endDate"], "2026-11-30T09:00:00.000-07:00", "older servers write their own zone");
}

#[tokio::test]
async fn issues_of_a_sprint_are_counted_for_the_caller() {
    for town in towns().await {
        for (who, path, total) in [
            ("ana", "sprint/37/issue", 3),
            ("ben", "sprint/37/issue", 2),
            ("ben", "board/5/sprint/37/issue", 2),
            ("ben", "board/5/sprint/37/issue?jql=statusCategory%20%3D%20Done", 1),
            ("ben", "sprint/36/issue", 1),
        ] {
            assert_eq!(town.agile(who, path).await.json()["total"], total, "{who} {path}");
        }
        let page = town.agile("ben", "board/5/sprint/37/issue?fields=summary,sprint&maxResults=1").await.json();
        assert_eq!((page["issues"].as_array().unwrap().len(), &page["total"]), (1, &json!(2)));
        let fields = &page["issues"][0]["fields"];
        assert_eq!(members(fields), ["sprint", "summary"].into());
        assert_eq!(fields["sprint"]["id"], 37);
        let none = town.agile("ben", "sprint/37/issue?maxResults=0").await.json();
        assert_eq!((&none["issues"], &none["total"]), (&json!([]), &json!(2)));
        assert_eq!(town.agile("ben", "sprint/37/issue?jql=wombat%3D1").await.status, 400);
        assert_eq!(town.agile("ben", "sprint/50/issue").await.status, 404);
    }
}

#[tokio::test]
async fn boards_need_a_licence_and_a_log_in() {
    for town in towns().await {
        for path in ["board", "board/5", "board/5/sprint", "sprint/37", "sprint/37/issue"] {
            assert_eq!(town.agile("cleo", path).await.status, 403, "{path}");
            assert_eq!(town.agile("dana", path).await.status, 403, "{path}");
            let url = town.0.at(&format!("/rest/agile/1.0/{path}"));
            assert_eq!(get(&url, As::Nobody).await.status, 401, "{path}");
        }
    }
}

#[tokio::test]
async fn the_api_host_wants_granular_scopes_for_boards() {
    let town = town(Personality::cloud()).await;
    for (path, scopes) in [
        ("board", "read:board-scope:jira-software read:project:jira"),
        ("board/5", "read:board-scope:jira-software read:issue-details:jira"),
        ("board/5/configuration", "read:board-scope.admin:jira-software read:project:jira"),
        ("board/5/project", "read:board-scope.admin:jira-software read:project:jira"),
        ("board/5/sprint", "read:sprint:jira-software"),
        ("sprint/37", "read:sprint:jira-software"),
        ("sprint/37/issue", "read:sprint:jira-software read:issue-details:jira read:jql:jira"),
    ] {
        let path = format!("/rest/agile/1.0/{path}");
        let scopes: Vec<&str> = scopes.split(' ').collect();
        assert_eq!(town.scoped(&scopes, &path).await.status, 200, "{path}");
        for missing in 0..scopes.len() {
            let mut fewer = vec!["read:jira-work"];
            fewer.extend(scopes.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, scope)| scope));
            let refused = town.scoped(&fewer, &path).await;
            assert_eq!(refused.json(), json!({"code": 401, "message": "Unauthorized; scope does not match"}), "{path}");
        }
    }
    assert_eq!(town.0.calls().of("GET /ex/jira/{cloudId}/rest/agile/1.0/sprint/{id}"), 2);
}

#[tokio::test]
async fn the_sprint_field_is_objects_on_cloud_and_text_elsewhere() {
    let cloud = town(Personality::cloud()).await;
    let issue = cloud.api("ben", "issue/APP-2?fields=customfield_10020").await.json();
    let sprints = &issue["fields"]["customfield_10020"];
    assert_eq!((&sprints[0]["state"], &sprints[1]["name"]), (&json!("closed"), &json!(NASTY)));
    assert_eq!((&sprints[1]["boardId"], &sprints[0]["completeDate"]), (&json!(5), &json!("2026-11-13T16:00:00.000Z")));
    for (version, expected) in [
        (
            "10.3.19",
            format!(
                "activatedDate=2026-11-16T08:00:00.000Z,autoStartStop=false,completeDate=<null>,\
                 endDate=2026-11-30T16:00:00.000Z,goal=Pay, and be happy,id=37,\
                 incompleteIssuesDestinationId=<null>,name={NASTY},rapidViewId=5,sequence=37,\
                 startDate=2026-11-16T08:00:00.000Z,state=ACTIVE,synced=false]"
            ),
        ),
        (
            "8.20.8",
            format!(
                "id=37,rapidViewId=5,state=ACTIVE,name={NASTY},startDate=2026-11-16T01:00:00.000-07:00,\
                 endDate=2026-11-30T09:00:00.000-07:00,completeDate=<null>,activatedDate=2026-11-16T01:00:00.000-07:00,\
                 sequence=37,goal=Pay, and be happy,synced=false,autoStartStop=false,\
                 incompleteIssuesDestinationId=<null>]"
            ),
        ),
        (
            "7.13.0",
            format!(
                "id=37,rapidViewId=5,state=ACTIVE,name={NASTY},startDate=2026-11-16T01:00:00.000-07:00,\
                 endDate=2026-11-30T09:00:00.000-07:00,completeDate=<null>,sequence=37,goal=Pay, and be happy]"
            ),
        ),
    ] {
        let plant = town(dc().version(version)).await;
        let issue = plant.api("ben", "issue/APP-2?fields=customfield_10104").await.json();
        let text = issue["fields"]["customfield_10104"][1].as_str().unwrap();
        let (class, members) = text.split_once('[').unwrap();
        assert!(class.starts_with("com.atlassian.greenhopper.service.sprint.Sprint@"), "{class}");
        assert_eq!(members, expected, "{version}");
    }
}
