//! Requests, service desks and queues.

use reqwest::Method;
use serde_json::json;

use super::super::{As, get, request, send};
use super::{Town, dc, texts, town};
use crate::world::{FakeJira, Personality};

async fn both() -> [Town; 2] {
    [town(Personality::cloud()).await, town(dc()).await]
}

const WHOLE: &str = "request/HELP-1?expand=serviceDesk,requestType,status,participant,sla";

#[tokio::test]
async fn customers_see_their_requests_and_nothing_of_jira() {
    for town in both().await {
        let request = town.desk("dana", WHOLE).await.json();
        assert_eq!((&request["issueKey"], &request["requestTypeId"]), (&json!("HELP-1"), &json!("11")));
        assert_eq!(request["requestType"]["name"], "Get IT help");
        assert_eq!(request["serviceDesk"]["projectKey"], "HELP");
        assert_eq!(request["currentStatus"]["statusCategory"], "INDETERMINATE");
        assert_eq!(request["currentStatus"]["status"], "Waiting for support");
        assert_eq!(request["reporter"]["displayName"], "Dana Vogel");
        assert_eq!(request["reporter"].get("accountId").is_some(), town.cloud());
        assert_eq!(request["requestFieldValues"][1]["renderedValue"]["html"], "<p>Please help.</p>");
        assert_eq!(request["createdDate"]["iso8601"], "2026-11-15T03:00:00-0700");
        assert_eq!(texts(&request["participants"]["values"], "displayName"), ["Ben Okafor"]);
        assert_eq!(request["_links"]["web"], town.0.at("/servicedesk/customer/portal/4/HELP-1"));
        assert_eq!((request.get("sla"), request["_links"].get("agent")), (None, None), "for agents");
        let id = request["issueId"].as_str().unwrap();
        assert_eq!(town.desk("dana", &format!("request/{id}")).await.json()["issueKey"], "HELP-1");
        for path in ["issue/HELP-1", "issue/APP-1", "project/HELP"] {
            assert_eq!(town.api("dana", path).await.status, 404, "{path}");
        }
        assert_eq!(town.api("dana", "myself").await.status, 200);
        for (who, path, status) in [
            ("ben", "request/HELP-1", 200),
            ("eli", "request/HELP-1", 404),
            ("cleo", "request/HELP-1", 404),
            ("dana", "request/HELP-2", 404),
            ("dana", "request/APP-1", 404),
            ("dana", "request/NOPE-1", 404),
        ] {
            let reply = town.desk(who, path).await;
            assert_eq!(reply.status, status, "{who} {path}");
            if status == 404 {
                assert!(reply.json()["errorMessage"].is_string(), "{}", reply.text);
                assert_eq!(reply.json().get("i18nErrorMessage").is_some(), town.cloud());
            }
        }
    }
    let old = town(dc().version("9.12.5")).await;
    assert_eq!(old.api("dana", "issue/HELP-1").await.status, 403);
}

#[tokio::test]
async fn agents_see_goals() {
    for town in both().await {
        let request = town.desk("ana", WHOLE).await.json();
        let goal = &request["sla"]["values"][0];
        assert_eq!(goal["name"], "Time to resolution");
        assert_eq!((&goal["ongoingCycle"]["breached"], &goal["completedCycles"]), (&json!(true), &json!([])));
        assert_eq!(request["_links"]["agent"], town.0.at("/browse/HELP-1"));
        assert_eq!(town.desk("ana", "request/HELP-1").await.json().get("sla"), None, "only what was asked");
    }
}

#[tokio::test]
async fn desks_and_portals() {
    for town in both().await {
        for place in ["servicedesk/3", "servicedesk/HELP"] {
            let desk = town.desk("dana", place).await.json();
            assert_eq!((&desk["id"], &desk["projectName"]), (&json!("3"), &json!("Help desk")));
        }
        let types = town.desk("dana", "servicedesk/3/requesttype").await.json();
        assert_eq!((&types["values"][0]["portalId"], &types["isLastPage"]), (&json!("4"), &json!(true)));
        assert_eq!(texts(&types["values"], "name"), ["Get IT help"]);
        for path in ["servicedesk/3", "servicedesk/9", "servicedesk/3/requesttype", "servicedesk/3/queue/21"] {
            assert_eq!(town.desk("cleo", path).await.status, 404, "{path}");
        }
        let list = town.desk("cleo", "servicedesk").await.json();
        assert_eq!((&list["size"], &list["values"]), (&json!(0), &json!([])));
    }
}

#[tokio::test]
async fn queues_are_for_agents() {
    for town in both().await {
        let queue = town.desk("ana", "servicedesk/3/queue/21?includeCount=true").await.json();
        assert_eq!((&queue["id"], &queue["name"], &queue["issueCount"]), (&json!("21"), &json!("All open"), &json!(2)));
        assert_eq!(town.desk("ana", "servicedesk/3/queue/21").await.json().get("issueCount"), None);
        assert_eq!(town.desk("ana", "servicedesk/3/queue/99").await.status, 404);
        for who in ["dana", "ben"] {
            assert_eq!(town.desk(who, "servicedesk/3/queue/21").await.status, 403, "{who}");
        }
    }
    let old = town(dc().version("8.20.8")).await;
    let url = old.0.at("/rest/servicedeskapi/servicedesk/3/queue/21");
    let ana = As::Basic("ana", "ana's password");
    assert_eq!(get(&url, ana).await.status, 412, "experimental");
    assert_eq!(send(request(Method::GET, &url, ana).header("X-ExperimentalApi", "opt-in")).await.status, 200);
}

#[tokio::test]
async fn without_a_licence_only_that_is_told() {
    for personality in [Personality::cloud(), dc()] {
        let jira = FakeJira::start(personality).await;
        let info = get(&jira.at("/rest/servicedeskapi/info"), As::Nobody).await;
        assert_eq!((info.status, &info.json()["isLicensedForUse"]), (200, &json!(false)));
        for path in ["request/HELP-1", "servicedesk", "servicedesk/3/queue/21"] {
            let refused = get(&jira.at(&format!("/rest/servicedeskapi/{path}")), As::Nobody).await;
            assert_eq!((refused.status, refused.is_html()), (403, true), "{path}");
        }
    }
    for town in both().await {
        assert_eq!(town.desk("cleo", "info").await.json()["isLicensedForUse"], true);
        let stranger = get(&town.0.at("/rest/servicedeskapi/request/HELP-1"), As::Nobody).await;
        assert_eq!(stranger.status, 401);
    }
}

#[tokio::test]
async fn the_api_host_wants_the_scope_of_service_management() {
    let town = town(Personality::cloud()).await;
    for path in ["request/HELP-1", "servicedesk/3", "servicedesk/3/requesttype", "servicedesk/3/queue/21"] {
        let path = format!("/rest/servicedeskapi/{path}");
        let refused = town.scoped(&["read:jira-work", "read:jira-user"], &path).await;
        assert_eq!(refused.json(), json!({"code": 401, "message": "Unauthorized; scope does not match"}), "{path}");
        let seen = town.scoped(&["read:servicedesk-request"], &path).await;
        assert_eq!(seen.status, 200, "{path}");
        assert!(seen.json()["_links"].to_string().contains("/ex/jira/"), "{path}");
    }
}
