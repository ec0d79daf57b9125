//! Jira Cloud: the site and Atlassian's API host.

use serde_json::{Value, json};

use super::As::{Basic, Nobody};
use super::{ANA, BEN, MYSELF_3, api, cloud, get, post, request, send};
use reqwest::Method;

#[tokio::test]
async fn cloud_says_what_it_is_to_anybody() {
    let jira = cloud().await;
    let tenant = get(&jira.at("/_edge/tenant_info"), Nobody).await;
    assert_eq!(tenant.json(), json!({"cloudId": "3036c423-78e7-442a-8bed-47870b5a7526"}));
    let info = get(&jira.at("/rest/api/2/serverInfo"), Nobody).await.json();
    assert_eq!((&info["deploymentType"], &info["baseUrl"]), (&json!("Cloud"), &json!(jira.url())));
    assert_eq!(info["version"], "1001.0.0-SNAPSHOT");
    assert_eq!(get(&jira.at("/status"), Nobody).await.status, 404, "only self-managed servers tell their state");
}

#[tokio::test]
async fn cloud_accepts_classic_tokens_at_the_site() {
    let jira = cloud().await;
    let reply = get(&jira.at(MYSELF_3), ANA).await;
    let ana = jira.person("ana");
    assert_eq!((reply.status, &reply.json()["accountId"]), (200, &json!(ana.account_id)));
    assert_eq!(reply.header("x-aaccountid"), ana.account_id);
    assert_eq!(reply.header("x-seraph-loginreason"), "OK");
    assert_eq!(reply.json()["emailAddress"], "ana@acme.example", "one's own address");
    assert_eq!(reply.json().get("name"), None, "user names do not exist on Cloud");
}

#[tokio::test]
async fn cloud_refuses_passwords_and_scoped_tokens_in_plain_text() {
    let jira = cloud().await;
    for secret in ["ana's password", "wrong", "ana-scoped"] {
        let reply = get(&jira.at(MYSELF_3), Basic("ana@acme.example", secret)).await;
        assert_eq!((reply.status, reply.header("content-type")), (401, "text/plain;charset=UTF-8"));
        assert!(reply.text.starts_with("Basic authentication with passwords is deprecated."));
        assert_eq!(reply.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED");
        assert_eq!(reply.header("x-aaccountid"), "");
    }
    let nobody = get(&jira.at(MYSELF_3), Nobody).await;
    assert_eq!((nobody.status, nobody.text.as_str()), (401, "Client must be authenticated to access this resource."));
    assert_eq!(jira.calls().failed_logins["ana@acme.example"], 3);
}

#[tokio::test]
async fn the_api_host_wants_scoped_tokens_and_their_scopes() {
    let jira = cloud().await;
    let ana = |secret| Basic("ana@acme.example", secret);
    let reply = get(&api(&jira, MYSELF_3), ana("ana-scoped")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json()["self"].as_str().unwrap().starts_with(&api(&jira, "/rest/api/3/user")));
    let scope = get(&api(&jira, MYSELF_3), ana("ana-work-only")).await;
    assert_eq!(
        (scope.status, scope.json()),
        (401, json!({"code": 401, "message": "Unauthorized; scope does not match"}))
    );
    assert_eq!(get(&api(&jira, "/rest/api/3/issue/OPS-7"), ana("ana-work-only")).await.status, 200);
    for secret in ["ana-token", "wrong"] {
        let refused = get(&api(&jira, MYSELF_3), ana(secret)).await;
        assert_eq!((refused.status, refused.json()), (401, json!({"code": 401, "message": "Unauthorized"})));
    }
    let elsewhere = format!("{}/ex/jira/00000000-0000-0000-0000-000000000000{MYSELF_3}", jira.api_host_url());
    assert_eq!(get(&elsewhere, ana("ana-scoped")).await.status, 404);
    assert_eq!(jira.calls().of("GET /ex/jira/{cloudId}/rest/api/3/myself"), 4);
}

#[tokio::test]
async fn bad_credentials_may_be_served_as_if_none_had_come() {
    let jira = cloud().await;
    jira.set_anonymous_degradation(true);
    let wrong = Basic("ana@acme.example", "wrong");
    for (path, status) in [("/rest/api/3/issue/OPS-7", 404), ("/rest/api/3/issue/PUB-1", 200), (MYSELF_3, 401)] {
        let reply = get(&jira.at(path), wrong).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED", "{path}");
    }
    let search = get(&jira.at("/rest/api/3/search/jql?jql=project%3DPUB%20OR%20summary~login"), wrong).await;
    assert_eq!(search.json()["issues"].as_array().unwrap().len(), 1, "only what is public");
}

#[tokio::test]
async fn cloud_issues_in_both_dialects() {
    let jira = cloud().await;
    let three = get(&jira.at("/rest/api/3/issue/OPS-7"), ANA).await.json();
    let fields = &three["fields"];
    assert_eq!(fields["summary"], "Login fails on Safari");
    assert_eq!(fields["description"]["content"][1]["content"][0]["text"], "For ever.");
    assert_eq!(fields["status"]["name"], "In Arbeit");
    assert_eq!(fields["status"]["statusCategory"]["key"], "indeterminate");
    assert_eq!(fields["issuetype"]["hierarchyLevel"], 0);
    assert_eq!(fields["parent"]["key"], "OPS-1");
    assert_eq!(fields["assignee"]["accountId"], json!(jira.person("ana").account_id));
    assert_eq!(fields["created"], "2026-11-15T03:00:00.000-0700", "the site's zone, without a colon");
    assert_eq!(fields["duedate"], "2026-10-15");
    assert_eq!(fields["fixVersions"][0]["name"], "2.0");
    assert_eq!(fields["subtasks"][0]["key"], "OPS-8");
    let two = get(&jira.at("/rest/api/2/issue/OPS-7?expand=renderedFields,names&fields=description"), ANA).await.json();
    assert_eq!(two["fields"], json!({"description": "It spins.\r\n\r\nFor ever."}));
    assert_eq!(two["renderedFields"]["description"], "<p>It spins.</p>\n\n<p>For ever.</p>");
    assert_eq!(two["names"]["duedate"], "Due date");
}

#[tokio::test]
async fn missing_and_hidden_are_one_answer_on_cloud() {
    let jira = cloud().await;
    for key in ["OPS-9", "HR-1", "OPS-99", "NOPE-1"] {
        let reply = get(&jira.at(&format!("/rest/api/3/issue/{key}")), BEN).await;
        assert_eq!(reply.status, 404, "{key}");
        assert_eq!(reply.message(), "Issue does not exist or you do not have permission to see it.");
    }
    for key in ["OPS-9", "HR-1"] {
        assert_eq!(get(&jira.at(&format!("/rest/api/3/issue/{key}")), ANA).await.status, 200, "{key}");
    }
}

#[tokio::test]
async fn old_keys_lead_to_the_new_one() {
    let jira = cloud().await;
    jira.move_issue("PUB-1", "OPS-20");
    for (asked, key) in [("WEB-3", "OPS-7"), ("ops-7", "OPS-7"), ("OLDOPS-7", "OPS-7"), ("pub-1", "OPS-20")] {
        let reply = get(&jira.at(&format!("/rest/api/3/issue/{asked}?fields=summary")), ANA).await;
        assert_eq!((reply.status, &reply.json()["key"]), (200, &json!(key)), "{asked}");
    }
}

#[tokio::test]
async fn bulk_fetch_leaves_out_what_may_not_be_seen() {
    let jira = cloud().await;
    jira.set_bulk_error("OPS-8", "Timed out");
    let url = jira.at("/rest/api/3/issue/bulkfetch");
    let keys = json!(["OPS-8", "ops-7", "WEB-3", "HR-1", "NOPE-1", "OPS-1"]);
    let reply = post(&url, BEN, json!({"issueIdsOrKeys": keys, "fields": ["summary"]})).await;
    let answer = reply.json();
    let found: Vec<&str> = answer["issues"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(found, ["OPS-1", "OPS-7"], "by id, each once");
    assert_eq!(answer["issueErrors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["issueErrors"][0]["errorMessage"], "Timed out");
    let many: Vec<String> = (0..101).map(|it| format!("OPS-{it}")).collect();
    assert_eq!(post(&url, BEN, json!({"issueIdsOrKeys": many})).await.status, 400);
    assert_eq!(post(&url, BEN, json!({"issueIdsOrKeys": []})).await.status, 400);
    assert_eq!(send(request(Method::POST, &url, BEN).body("{}")).await.status, 415);
}

#[tokio::test]
async fn the_old_search_is_gone_from_cloud() {
    let jira = cloud().await;
    for path in ["/rest/api/2/search?jql=project%3DOPS", "/rest/api/3/search?jql=project%3DOPS"] {
        let reply = get(&jira.at(path), ANA).await;
        assert_eq!(reply.status, 410);
        assert!(reply.message().contains("/rest/api/3/search/jql"));
    }
    assert_eq!(post(&jira.at("/rest/api/3/search"), ANA, json!({"jql": "project = OPS"})).await.status, 410);
}

#[tokio::test]
async fn cloud_search_pages_by_token_and_gives_ids_unless_asked() {
    let jira = cloud().await;
    jira.set_page_rows(2);
    let url = jira.at("/rest/api/3/search/jql");
    let ask = |body: Value| post(&url, ANA, body);
    let lean = ask(json!({"jql": "project = OPS ORDER BY key"})).await.json();
    assert_eq!(lean["issues"].as_array().unwrap().len(), 4, "lean pages may be long");
    assert_eq!(lean["issues"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["id"]);
    assert_eq!((lean.get("total"), &lean["isLast"]), (None, &json!(true)));

    let first = ask(json!({"jql": "project = OPS ORDER BY key", "fields": ["summary"], "maxResults": 50})).await.json();
    let keys = |page: &Value| -> Vec<String> {
        page["issues"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((keys(&first), &first["isLast"]), (vec!["OPS-1".into(), "OPS-7".into()], &json!(false)));
    let token = &first["nextPageToken"];
    let next = json!({"jql": "project = OPS ORDER BY key", "fields": ["summary"], "nextPageToken": token});
    let second = ask(next).await.json();
    assert_eq!((keys(&second), &second["isLast"]), (vec!["OPS-8".into(), "OPS-9".into()], &json!(true)));
    assert_eq!(second.get("nextPageToken"), None);
    let other = ask(json!({"jql": "project = PUB", "nextPageToken": token})).await;
    assert_eq!(other.status, 400, "a token is good for its own query");
}

#[tokio::test]
async fn cloud_refuses_unbounded_queries() {
    let jira = cloud().await;
    for jql in ["", "ORDER BY created DESC"] {
        let reply = post(&jira.at("/rest/api/3/search/jql"), ANA, json!({"jql": jql})).await;
        assert_eq!(reply.status, 400, "{jql}");
        assert!(reply.message().starts_with("Unbounded JQL queries"));
        let count = post(&jira.at("/rest/api/3/search/approximate-count"), ANA, json!({"jql": jql})).await;
        assert_eq!(count.status, 400, "{jql}");
    }
    let count = post(&jira.at("/rest/api/3/search/approximate-count"), BEN, json!({"jql": "project = OPS"})).await;
    assert_eq!(count.json(), json!({"count": 3}), "counts what Ben sees");
}

#[tokio::test]
async fn queries_find_what_they_say_and_complain_about_the_rest() {
    let jira = cloud().await;
    let url = jira.at("/rest/api/3/search/jql");
    for (jql, keys) in [
        ("key in (OPS-7, WEB-3, \"ops-8\") ORDER BY key", &["OPS-7", "OPS-8"][..]),
        ("project in (OPS, PUB) AND statusCategory = \"In Progress\"", &["OPS-7"]),
        ("status = 'In Arbeit' or summary ~ \"hello\" order by key asc", &["OPS-7", "PUB-1"]),
        ("project = OPS AND assignee is EMPTY AND NOT issuetype = Epic ORDER BY key DESC", &["OPS-9", "OPS-8"]),
        ("assignee = currentUser()", &["OPS-7"]),
        ("labels in (safari) AND due < 2026-11-01", &["OPS-7"]),
        ("project = OPS AND (updated >= -2h OR text ~ spins)", &["OPS-7"]),
        ("project = 10000 AND resolution is not EMPTY", &[]),
        ("parent = OPS-1 AND fixVersion = 2.0 AND created <= \"2026/11/20 09:30\"", &["OPS-7"]),
        ("key != OPS-7 AND key in (OPS-7, OPS-8)", &["OPS-8"]),
    ] {
        let reply = post(&url, ANA, json!({"jql": jql, "fields": ["summary"]})).await;
        assert_eq!(reply.status, 200, "{jql}: {}", reply.text);
        let answer = reply.json();
        let found: Vec<_> = answer["issues"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
        assert_eq!(found, keys, "{jql}");
    }
    for (jql, messages) in [
        (
            "key in (OPS-7, HR-1, X-9)",
            &[
                "An issue with key 'HR-1' does not exist for field 'key'.",
                "An issue with key 'X-9' does not exist for field 'key'.",
            ][..],
        ),
        ("issuekey = nonsense", &["The issue key 'nonsense' for field 'issuekey' is invalid."]),
        ("project = HR", &["The value 'HR' does not exist for the field 'project'."]),
        ("wombat = 1", &["Field 'wombat' does not exist or you do not have permission to view it."]),
        ("project", &["Error in the JQL Query: Expecting an operator before the end of the query."]),
        ("project = OPS banana", &["Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'banana'."]),
        ("summary ~ \"open", &["Error in the JQL Query: The quoted string 'open' has not been completed."]),
    ] {
        let reply = post(&url, BEN, json!({"jql": jql})).await;
        assert_eq!((reply.status, &reply.json()["errorMessages"]), (400, &json!(messages)), "{jql}");
    }
}

#[tokio::test]
async fn projects_are_shown_to_those_who_may_see_them() {
    let jira = cloud().await;
    let ops = get(&jira.at("/rest/api/3/project/OPS"), BEN).await.json();
    assert_eq!((&ops["name"], &ops["projectTypeKey"]), (&json!("Operations"), &json!("software")));
    assert_eq!(ops["lead"]["displayName"], "Ana Costa");
    assert_eq!(ops["versions"][0]["released"], true);
    assert_eq!(get(&jira.at("/rest/api/3/project/OLDOPS"), BEN).await.json()["key"], "OPS");
    for key in ["HR", "ops", "NOPE"] {
        let reply = get(&jira.at(&format!("/rest/api/3/project/{key}")), BEN).await;
        assert_eq!((reply.status, reply.message()), (404, format!("No project could be found with key '{key}'.")));
    }
    let list = get(&jira.at("/rest/api/3/project/search?maxResults=1&query=p"), BEN).await.json();
    assert_eq!((&list["total"], &list["isLast"]), (&json!(2), &json!(false)));
}

#[tokio::test]
async fn pages_are_never_json() {
    let jira = cloud().await;
    for path in ["/browse/OPS-7", "/login", "/", "/nothing/here", "/rest/api/9/issue/OPS-7"] {
        let reply = get(&jira.at(path), ANA).await;
        assert!(reply.is_html(), "{path}");
        assert!(!reply.text.contains("Safari"), "{path}: pages tell nothing that needs a permission");
    }
}

#[tokio::test]
async fn captcha_on_cloud_is_told_by_the_login_reason() {
    let jira = cloud().await;
    jira.demand_captcha("ana");
    let reply = get(&jira.at(MYSELF_3), ANA).await;
    assert_eq!((reply.status, reply.header("x-seraph-loginreason")), (403, "AUTHENTICATION_DENIED"));
}

#[tokio::test]
async fn other_objects_refuse_in_their_own_ways() {
    let jira = cloud().await;
    let (ana, ben) = (jira.person("ana"), jira.person("ben"));
    let user = get(&jira.at(&format!("/rest/api/3/user?accountId={}", ana.account_id)), BEN).await.json();
    assert_eq!((&user["displayName"], user.get("emailAddress")), (&json!("Ana Costa"), None));
    let own = get(&jira.at(&format!("/rest/api/3/user?accountId={}", ben.account_id)), BEN).await.json();
    assert_eq!(own["emailAddress"], "ben@acme.example");
    for (path, status, message) in [
        ("user?accountId=nobody", 404, "Specified user does not exist or you do not have required permissions"),
        ("filter/10000", 400, "The selected filter is not available to you"),
        ("dashboard/10000", 404, "The dashboard with id '10000' does not exist."),
        ("version/5", 404, "Could not find version for id '5'"),
        ("component/5", 404, "The component with id 5 does not exist."),
    ] {
        let reply = get(&jira.at(&format!("/rest/api/3/{path}")), BEN).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.message().starts_with(message), "{path}");
    }
    let version = get(&jira.at("/rest/api/3/version/100000"), BEN).await.json();
    assert_eq!((&version["name"], &version["projectId"]), (&json!("1.0"), &json!(10000)));
    assert_eq!(send(request(Method::DELETE, &jira.at("/rest/api/3/issue/OPS-7"), ANA)).await.status, 405);
    assert_eq!(
        get(&jira.at("/images/icons/priorities/medium.svg"), Nobody).await.header("content-type"),
        "image/svg+xml"
    );
    let avatar =
        get(&jira.at("/rest/api/2/universal_avatar/view/type/issuetype/avatar/10318?format=png"), Nobody).await;
    assert_eq!(avatar.header("content-type"), "image/png");
}
