//! The simulated Jira is as strict as the real one: every fact that the gateway relies on is shown here by raw HTTP.

use std::sync::LazyLock;

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
fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        // Another test may have done it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A connection must not outlive the runtime of the test that made it.
        Client::builder().redirect(Policy::none()).no_proxy().pool_max_idle_per_host(0).build().unwrap()
    });
    &CLIENT
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

// Data Center and Server.

#[tokio::test]
async fn self_managed_servers_live_below_their_context_path() {
    let jira = data_center(Personality::data_center()).await;
    let info = get(&jira.at("/rest/api/2/serverInfo"), Nobody).await.json();
    assert_eq!((&info["deploymentType"], &info["version"]), (&json!("Server"), &json!("10.3.19")));
    assert_eq!((&info["baseUrl"], &info["buildNumber"]), (&json!(jira.url()), &json!(10_030_019)));
    assert_eq!(get(&jira.at("/status"), Nobody).await.json(), json!({"state": "RUNNING"}));
    let root = jira.url().trim_end_matches("/jira").to_owned();
    for path in ["/rest/api/2/serverInfo", "/jirafoo/rest/api/2/serverInfo", "/jira/browse/OPS-7/rest/api/2/serverInfo"]
    {
        let reply = get(&format!("{root}{path}"), Nobody).await;
        assert!(reply.is_html(), "{path}");
    }
    for path in ["/_edge/tenant_info", "/rest/api/3/serverInfo", "/rest/api/3/issue/OPS-7"] {
        let reply = get(&jira.at(path), Nobody).await;
        assert_eq!((reply.status, reply.is_html()), (404, true), "{path}");
    }
}

#[tokio::test]
async fn a_hardened_server_hides_who_it_is() {
    let jira = data_center(Personality::data_center().hidden_server_info()).await;
    assert_eq!(get(&jira.at("/rest/api/2/serverInfo"), Nobody).await.status, 401);
    assert_eq!(get(&jira.at("/rest/api/2/serverInfo"), Basic("ana", "ana's password")).await.status, 200);
}

#[tokio::test]
async fn self_managed_servers_take_passwords_and_say_who_was_asking() {
    let jira = data_center(Personality::server()).await;
    jira.add_person(Person::new("zoë", "Zoë Ünal"));
    let reply = get(&jira.at(MYSELF_2), Basic("zoë", "zoë's password")).await;
    assert_eq!((reply.status, &reply.json()["name"]), (200, &json!("zoë")));
    assert_eq!((reply.header("x-ausername"), reply.header("x-seraph-loginreason")), ("zo%C3%AB", "OK"));
    assert_eq!(reply.json()["key"], "JIRAUSER10102");
    assert_eq!(reply.json().get("accountId"), None);
    let nobody = get(&jira.at(MYSELF_2), Nobody).await;
    assert_eq!((nobody.status, nobody.header("x-ausername")), (401, "anonymous"));
    assert_eq!(nobody.json()["status-code"], 401);
    let email = get(&jira.at(MYSELF_2), Basic("ana@acme.example", "ana's password")).await;
    assert_eq!(email.status, 401, "the user name, not the address");
}

#[tokio::test]
async fn three_wrong_passwords_bring_a_captcha_that_also_stops_the_right_one() {
    for (personality, reason) in [
        (Personality::server().version("7.13.0"), "AUTHENTICATION_DENIED"),
        (Personality::server().version("8.20.8"), "AUTHENTICATED_FAILED"),
        (Personality::data_center(), "AUTHENTICATION_DENIED"),
    ] {
        let jira = data_center(personality).await;
        for _ in 0..3 {
            let reply = get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
            assert_eq!((reply.status, reply.is_html()), (401, true));
            assert_eq!(reply.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED");
            assert!(reply.text.contains("Basic Authentication Failure - Reason : AUTHENTICATED_FAILED"));
            assert!(reply.header("www-authenticate").starts_with("OAuth realm=\"http%3A%2F%2F127"));
        }
        for path in [MYSELF_2, "/rest/api/2/serverInfo"] {
            let reply = get(&jira.at(path), Basic("ana", "ana's password")).await;
            assert_eq!((reply.status, reply.is_html()), (403, true), "{path}");
            assert_eq!(reply.header("x-seraph-loginreason"), reason);
            let denied = format!("CAPTCHA_CHALLENGE; login-url={}/login.jsp", jira.url());
            assert_eq!(reply.header("x-authentication-denied-reason"), denied);
            assert!(reply.header("set-cookie").starts_with("JSESSIONID="));
        }
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ben", "ben's password")).await.status, 200, "only Ana is locked");
        jira.browser_login("ana");
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
        assert_eq!(jira.calls().failed_logins["ana"], 5);
    }
}

#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones_before() {
    let jira = data_center(Personality::server()).await;
    for _ in 0..2 {
        get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
        get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
    }
}

#[tokio::test]
async fn the_sign_in_page_takes_a_captcha_away() {
    let jira = data_center(Personality::data_center().sign_in_title("Anmelden")).await;
    jira.demand_captcha("ana");
    let page = get(&jira.at("/login.jsp"), Nobody).await;
    assert_eq!(page.status, 200);
    assert!(page.text.starts_with("\n\n") && page.text.contains("<title>Anmelden - "));
    assert!(page.text.contains("<meta name=\"application-name\" content=\"JIRA\""));
    let form = |password| {
        let body = format!("os_username=ana&os_password={password}");
        send(request(Method::POST, &jira.at("/login.jsp"), Nobody).body(body))
    };
    assert_eq!(form("wrong").await.status, 200);
    assert!(jira.wants_captcha("ana"));
    assert_eq!(form("ana%27s+password").await.status, 302);
    assert!(!jira.wants_captcha("ana"));
}

#[tokio::test]
async fn captcha_on_cloud_is_told_by_the_login_reason() {
    let jira = cloud().await;
    jira.demand_captcha("ana");
    let reply = get(&jira.at(MYSELF_3), ANA).await;
    assert_eq!((reply.status, reply.header("x-seraph-loginreason")), (403, "AUTHENTICATION_DENIED"));
}

#[tokio::test]
async fn basic_authentication_is_off_on_eleven_and_where_switched_off() {
    let eleven = data_center(Personality::data_center().version("11.3.0")).await;
    let ten = data_center(Personality::data_center()).await;
    ten.set_basic_disabled(true);
    for jira in [&eleven, &ten] {
        let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
        assert_eq!(reply.status, 403);
        assert!(reply.json()["message"].as_str().unwrap().starts_with("Basic Authentication has been disabled"));
        assert_eq!(get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await.status, 200);
    }
    eleven.set_basic_disabled(false);
    assert_eq!(get(&eleven.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
}

#[tokio::test]
async fn access_tokens_exist_since_8_14_and_bad_ones_are_ignored() {
    let jira = data_center(Personality::data_center()).await;
    let reply = get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await;
    assert_eq!((reply.status, reply.header("x-ausername")), (200, "ana"));
    let list = get(&jira.at("/rest/pat/latest/tokens"), Bearer("ana-access-token")).await;
    assert_eq!(list.json().as_array().unwrap().len(), 2);
    assert!(!list.text.contains("ana-access-token"), "never the secret");
    for token in ["ana-expired", "revoked"] {
        assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.status, 401);
        let issue = get(&jira.at("/rest/api/2/issue/OPS-7"), Bearer(token)).await;
        assert_eq!((issue.status, issue.header("x-ausername")), (401, "anonymous"));
        let search = get(&jira.at("/rest/api/2/search?jql=summary~login"), Bearer(token)).await;
        assert_eq!((search.status, &search.json()["total"]), (200, &json!(0)), "runs without a log-in");
    }
    let old = data_center(Personality::server().version("8.13.0")).await;
    assert_eq!(get(&old.at(MYSELF_2), Bearer("ana-access-token")).await.status, 401);
    let list = get(&old.at("/rest/pat/latest/tokens"), Basic("ana", "ana's password")).await;
    assert_eq!(list.status, 404);
}

#[tokio::test]
async fn missing_hidden_and_strange_are_three_answers_on_self_managed_servers() {
    let ben = Basic("ben", "ben's password");
    for (version, hidden) in [("9.12.5", 403), ("10.3.19", 404)] {
        let jira = data_center(Personality::server().version(version)).await;
        let ask = |key: &str, who| {
            let url = jira.at(&format!("/rest/api/2/issue/{key}"));
            async move { get(&url, who).await }
        };
        let missing = ask("OPS-99", ben).await;
        assert_eq!((missing.status, missing.message().as_str()), (404, "Issue Does Not Exist"));
        assert_eq!(ask("HR-1", ben).await.status, hidden);
        let stranger = ask("OPS-7", Nobody).await;
        let messages = json!(["You do not have the permission to see the specified issue.", "Login Required"]);
        assert_eq!((stranger.status, &stranger.json()["errorMessages"]), (401, &messages));
    }
}

#[tokio::test]
async fn self_managed_issues_are_wiki_and_names() {
    let jira = data_center(Personality::server()).await;
    let ana = Basic("ana", "ana's password");
    let issue = get(&jira.at("/rest/api/2/issue/ops-7"), ana).await.json();
    let fields = &issue["fields"];
    assert_eq!(fields["description"], "It spins.\r\n\r\nFor ever.");
    assert_eq!(fields["assignee"]["name"], "ana");
    assert_eq!(fields.get("parent"), None, "an epic is no parent here");
    assert_eq!(fields["customfield_10101"], "OPS-1");
    assert_eq!(fields["issuetype"].get("hierarchyLevel"), None);
    let sub_task = get(&jira.at("/rest/api/2/issue/OPS-8"), ana).await.json();
    assert_eq!(sub_task["fields"]["parent"]["key"], "OPS-7");
    let listed = get(&jira.at("/rest/api/2/field"), ana).await.json();
    let epic_link = listed.as_array().unwrap().iter().find(|it| it["id"] == "customfield_10101").unwrap();
    assert_eq!(epic_link["schema"]["custom"], "com.pyxis.greenhopper.jira:gh-epic-link");
    let old = data_center(Personality::server().version("7.13.0")).await;
    let icon = get(&old.at("/rest/api/2/issue/OPS-7?fields=priority"), ana).await.json();
    assert!(icon["fields"]["priority"]["iconUrl"].as_str().unwrap().ends_with("/medium.png"));
}

#[tokio::test]
async fn self_managed_search_pages_by_offset() {
    let jira = data_center(Personality::data_center()).await;
    let ana = Basic("ana", "ana's password");
    let ask = |query: &str| {
        let url = jira.at(&format!("/rest/api/2/search?{query}"));
        async move { get(&url, ana).await }
    };
    let page = ask("jql=project%20in%20(OPS,HR)%20ORDER%20BY%20key&startAt=1&maxResults=2&fields=summary").await.json();
    assert_eq!((&page["startAt"], &page["maxResults"], &page["total"]), (&json!(1), &json!(2), &json!(5)));
    assert_eq!(page["issues"][0]["key"], "OPS-1");
    assert_eq!(ask("jql=&maxResults=5000").await.json()["maxResults"], 1000, "the server lowers it and says so");
    assert_eq!(ask("jql=&maxResults=0").await.json()["issues"], json!([]));
    assert_eq!(ask("jql=&startAt=9990").await.status, 500, "the result window ends at 10,000");
    let bad = ask("jql=key%20in%20(OPS-7,X-9)").await;
    assert_eq!((bad.status, bad.message().as_str()), (400, "An issue with key 'X-9' does not exist for field 'key'."));
    let lenient = ask("jql=key%20in%20(OPS-7,X-9)&validateQuery=false").await;
    assert_eq!((lenient.status, &lenient.json()["total"]), (200, &json!(1)));
}

#[tokio::test]
async fn rate_limit_headers_come_with_healthy_answers() {
    let jira = data_center(Personality::data_center()).await;
    let ana = Basic("ana", "ana's password");
    let reply = get(&jira.at(MYSELF_2), ana).await;
    assert_eq!((reply.status, reply.header("retry-after"), reply.header("x-ratelimit-remaining")), (200, "0", "69"));
    let info = get(&jira.at("/rest/api/2/serverInfo"), ana).await;
    assert_eq!((info.status, info.header("retry-after")), (200, ""));
    jira.set_rate_limit_headers(false);
    assert_eq!(get(&jira.at(MYSELF_2), ana).await.header("retry-after"), "");
}

#[tokio::test]
async fn a_kept_cookie_logs_in() {
    let jira = data_center(Personality::data_center()).await;
    let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(reply.header("set-cookie").ends_with("; Path=/jira; HttpOnly"));
    let again = send(request(Method::GET, &jira.at(MYSELF_2), Nobody).header("cookie", cookie)).await;
    assert_eq!(again.header("x-ausername"), "ana", "so a client that keeps cookies would mix people up");
}

#[tokio::test]
async fn secure_pages_lead_to_the_sign_in_page() {
    let jira = data_center(Personality::server()).await;
    let reply = get(&jira.at("/secure/Dashboard.jspa"), Nobody).await;
    let to = format!("{}/login.jsp?os_destination=%2Fsecure%2FDashboard%2Ejspa", jira.url());
    assert_eq!((reply.status, reply.header("location")), (302, to.as_str()));
    assert_eq!(get(&jira.at("/rest/servicedeskapi/servicedesk"), Nobody).await.status, 403, "no licence");
}

#[tokio::test]
async fn single_sign_on_answers_everything_itself() {
    let idp = SingleSignOn::Redirect("https://idp.example/saml".into());
    let redirecting = data_center(Personality::data_center().single_sign_on(idp)).await;
    let page = data_center(Personality::data_center().single_sign_on(SingleSignOn::Page)).await;
    for path in [MYSELF_2, "/rest/api/2/serverInfo", "/status"] {
        let reply = get(&redirecting.at(path), Bearer("ana-access-token")).await;
        assert_eq!((reply.status, reply.header("location")), (302, "https://idp.example/saml"));
        let reply = get(&page.at(path), Bearer("ana-access-token")).await;
        assert_eq!((reply.status, reply.is_html()), (200, true));
    }
    assert_eq!(page.personality().self_managed_version(), Some(Version(10, 3, 19)));
}

#[tokio::test]
async fn maintenance_is_told_by_the_state() {
    let jira = data_center(Personality::data_center()).await;
    jira.set_maintenance(true);
    assert_eq!(get(&jira.at("/status"), Nobody).await.json(), json!({"state": "MAINTENANCE"}));
    let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
    assert_eq!((reply.status, reply.is_html()), (503, true));
}

// What goes wrong on the way.

const ISSUE: &str = "/rest/api/3/issue/OPS-7";

#[tokio::test]
async fn faults_answer_instead_of_jira() {
    let jira = cloud().await;
    for (fault, status, header, value) in [
        (Fault::too_many("30"), 429, "retry-after", "30"),
        (Fault::too_many_on_cloud(None, "jira-burst-based"), 429, "ratelimit-reason", "jira-burst-based"),
        (Fault::too_many_at_api_host(), 429, "x-failure-category", "FAILURE CLIENT RATE LIMITED"),
        (Fault::unavailable(Some("120")), 503, "retry-after", "120"),
        (Fault::status(500), 500, "retry-after", ""),
        (Fault::SignInPage, 200, "content-type", "text/html;charset=UTF-8"),
        (Fault::Redirect("http://169.254.169.254/latest".into()), 302, "location", "http://169.254.169.254/latest"),
        (Fault::ContentType("text/plain"), 200, "content-type", "text/plain"),
    ] {
        jira.fault(fault);
        let reply = get(&jira.at(ISSUE), ANA).await;
        assert_eq!((reply.status, reply.header(header)), (status, value));
        jira.heal();
    }
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 200);
}

#[tokio::test]
async fn faults_hit_one_path_or_so_many_requests() {
    let jira = cloud().await;
    jira.fault_at("/issue/", Fault::status(502));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 502);
    assert_eq!(get(&jira.at(MYSELF_3), ANA).await.status, 200);
    jira.heal();
    jira.fault_times(1, "", Fault::status(503));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 503);
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 200);
}

#[tokio::test]
async fn answers_can_be_changed_on_their_way() {
    let jira = cloud().await;
    let changed = async |fault| {
        jira.heal();
        jira.fault(fault);
        get(&jira.at(ISSUE), ANA).await.json()
    };
    assert!(changed(Fault::unknown_fields()).await["fields"]["brandNewThing"].is_object());
    let nulls = changed(Fault::null_fields()).await;
    assert_eq!(
        (&nulls["fields"]["status"], &nulls["fields"]["summary"]),
        (&Value::Null, &json!("Login fails on Safari"))
    );
    let missing = changed(Fault::missing_fields()).await;
    assert_eq!(missing["fields"], json!({"summary": "Login fails on Safari"}));
    assert_eq!(changed(Fault::strange_category()).await["fields"]["status"]["statusCategory"]["key"], "paused");
    jira.heal();
    jira.fault(Fault::MalformedJson);
    let reply = get(&jira.at(ISSUE), ANA).await;
    assert!(reply.status == 200 && serde_json::from_str::<Value>(&reply.text).is_err());
}

#[tokio::test]
async fn bodies_break_off_or_swell() {
    let jira = cloud().await;
    for fault in [Fault::Truncated, Fault::LongLength] {
        jira.heal();
        jira.fault(fault);
        let response = request(Method::GET, &jira.at(ISSUE), ANA).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err());
    }
    jira.heal();
    jira.fault(Fault::Close);
    assert!(request(Method::GET, &jira.at(ISSUE), ANA).send().await.is_err());
    jira.heal();
    jira.fault(Fault::Huge(3_000_000));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.text.len(), 3_000_000 + "{\"summary\":\"".len());
    jira.heal();
    jira.fault(Fault::GzipBomb(3_000_000));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.text.len(), 3_000_000, "reqwest unpacks it");
}

#[tokio::test]
async fn slow_bodies_come_byte_by_byte() {
    let jira = cloud().await;
    let drip = Drip::new();
    jira.fault(Fault::Slow(drip.clone()));
    let mut response = request(Method::GET, &jira.at(ISSUE), ANA).send().await.unwrap();
    drip.release(1);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "{");
    drip.release_all();
    assert!(response.text().await.unwrap().ends_with('}'));
}

#[tokio::test]
async fn a_gate_holds_a_stampede() {
    let jira = cloud().await;
    let gate = Gate::closed();
    jira.fault_at("/issue/", Fault::Wait(gate.clone()));
    let url = jira.at(ISSUE);
    let asking: Vec<_> = (0..5)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { get(&url, ANA).await.status })
        })
        .collect();
    gate.wait_for(5).await;
    assert_eq!((gate.arrived(), jira.calls().total), (5, 5));
    assert!(asking.iter().all(|it| !it.is_finished()));
    gate.open();
    for status in asking {
        assert_eq!(status.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn what_was_asked_is_remembered() {
    let jira = cloud().await;
    get(&jira.at(ISSUE), ANA).await;
    get(&jira.at("/rest/api/3/issue/OPS-1"), Nobody).await;
    let calls = jira.calls();
    assert_eq!((calls.total, calls.with_credential, calls.failed()), (2, 1, 0));
    assert_eq!(calls.of("GET /rest/api/3/issue/{key}"), 2);
    let log = jira.log();
    assert_eq!((log[0].who.as_deref(), log[0].status), (Some("ana"), 200));
    assert_eq!((log[1].who.as_deref(), log[1].status), (None, 404));
    assert!(log[0].asked.header("authorization").unwrap().starts_with("Basic "));
    jira.forget_calls();
    assert_eq!(jira.calls().total, 0);
}

#[tokio::test]
async fn people_change() {
    let jira = data_center(Personality::data_center()).await;
    jira.change_person("ana", |ana| ana.password = "new".into());
    assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 401);
    jira.change_person("ana", |ana| ana.access_tokens.clear());
    assert_eq!(get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await.status, 401);
    jira.change_person("ben", |ben| ben.active = false);
    assert_eq!(get(&jira.at(MYSELF_2), Basic("ben", "ben's password")).await.status, 401);
}

#[tokio::test]
async fn it_stops_when_it_is_dropped() {
    let jira = cloud().await;
    let url = jira.at(ISSUE);
    assert!(client().get(&url).send().await.is_ok());
    drop(jira);
    tokio::task::yield_now().await;
    assert!(client().get(&url).send().await.is_err());
}
