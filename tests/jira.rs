//! The simulated Jira is as strict as the real one: every fact that the gateway relies on is shown here by raw HTTP.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::world::jira::content::{BUG, EPIC, IN_PROGRESS, SUB_TASK};
use crate::world::jira::{SingleSignOn, Version};
use crate::world::{Drip, FakeJira, Fault, Gate, Issue, Person, Personality, Project, Status};

/// An answer, whole.
struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn is_html(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// The only error message.
    #[track_caller]
    fn message(&self) -> String {
        self.json()["errorMessages"][0].as_str().unwrap().to_owned()
    }
}

/// How a call proves who it is.
#[derive(Clone, Copy)]
enum As<'a> {
    Nobody,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

use As::{Basic, Bearer, Nobody};

#[expect(clippy::disallowed_methods, reason = "the fake is looked at without the gateway's own client")]
fn client() -> Client {
    // The second installation fails, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

fn request(method: Method, url: &str, who: As<'_>) -> RequestBuilder {
    let request = client().request(method, url);
    match who {
        Nobody => request,
        Basic(name, password) => request.basic_auth(name, Some(password)),
        Bearer(token) => request.bearer_auth(token),
    }
}

async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}

async fn get(url: &str, who: As<'_>) -> Reply {
    send(request(Method::GET, url, who)).await
}

async fn post(url: &str, who: As<'_>, body: Value) -> Reply {
    send(request(Method::POST, url, who).json(&body)).await
}

const ANA: As<'static> = Basic("ana@acme.example", "ana-token");
const BEN: As<'static> = Basic("ben@acme.example", "ben-token");

/// Ana sees everything; Ben sees neither the restricted project nor the secured issue.
fn fill(jira: &FakeJira) {
    jira.add_person(
        Person::new("ana", "Ana Costa")
            .groups(&["people-team"])
            .api_token("ana-token")
            .scoped_token("ana-scoped", &["read:jira-work", "read:jira-user"])
            .scoped_token("ana-work-only", &["read:jira-work"])
            .access_token("ana-access-token")
            .access_token_until("ana-expired", Some("2026-01-01T00:00:00Z".parse().unwrap())),
    );
    jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token"));
    jira.add_project(Project::new("OPS", "Operations").lead("ana").former_key("OLDOPS").versions(&["1.0!", "2.0"]));
    jira.add_project(Project::new("HR", "People").only(&["people-team"]));
    jira.add_project(Project::new("PUB", "Public things").public());
    jira.add_issue(Issue::new("OPS-1", "Checkout is slow").issue_type(EPIC));
    jira.add_issue(
        Issue::new("OPS-7", "Login fails on Safari")
            .issue_type(BUG)
            .status(Status::new(3, "In Arbeit", IN_PROGRESS))
            .assignee("ana")
            .reporter("ben")
            .parent("OPS-1")
            .labels(&["safari", "login"])
            .fix_versions(&["2.0"])
            .due("2026-10-15".parse().unwrap())
            .description("It spins.\nFor ever.")
            .former_key("WEB-3"),
    );
    jira.add_issue(Issue::new("OPS-8", "Write the test").issue_type(SUB_TASK).parent("OPS-7"));
    jira.add_issue(Issue::new("OPS-9", "Not for everybody").secured("Management", &["ana"]));
    jira.add_issue(Issue::new("HR-1", "Salaries"));
    jira.add_issue(Issue::new("PUB-1", "Hello world"));
}

async fn cloud() -> FakeJira {
    let jira = FakeJira::start(Personality::cloud()).await;
    fill(&jira);
    jira
}

async fn data_center(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality.at("/jira")).await;
    fill(&jira);
    jira
}

fn api(jira: &FakeJira, path: &str) -> String {
    format!("{}/ex/jira/3036c423-78e7-442a-8bed-47870b5a7526{path}", jira.api_host_url())
}

const MYSELF_3: &str = "/rest/api/3/myself";
const MYSELF_2: &str = "/rest/api/2/myself";

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
