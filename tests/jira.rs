//! The Jira client against servers that answer by a script, and the fixtures in pairs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jira_notion_gateway::jira::auth::{Credential, Method};
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::client::{BulkAnswer, Client};
use jira_notion_gateway::jira::discover::{DiscoverError, Found, discover};
use jira_notion_gateway::jira::error::Error;
use jira_notion_gateway::jira::key::{Deployment, SiteUrl};
use jira_notion_gateway::jira::model::{Issue, Person, Project, StatusCategory};
use jira_notion_gateway::jira::{cloud, server, text};
use jira_notion_gateway::outbound::{Failure, Http, Outbound, PrivateSites, Profile};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const JSON: &str = "Content-Type: application/json";
const HTML: &str = "Content-Type: text/html";

/// A server on loopback that gives scripted answers (`404\nName: value\n\nbody`) and remembers what it was asked.
struct Script {
    url: SiteUrl,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = SiteUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { url, asked }
    }

    /// `GET /path` of every call so far.
    fn calls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|call| call.split(" HTTP").next().unwrap().to_owned()).collect()
    }

    fn client(&self, plane: Plane, method: Method) -> Client {
        let auth = Credential::typed(method, "ana", &SecretString::from("s3cret")).auth().unwrap();
        Client::new(http(), self.url.clone(), plane, auth)
    }
}

async fn converse(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(&str) -> String + Send + Sync + 'static>,
) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    let complete = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length =
            head.split_once("content-length: ").map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
        (body.len() >= length).then_some(())
    };
    while complete(&request).is_none() {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    let text = answer(&request);
    log.lock().unwrap().push(request);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let head = head.replace('\n', "\r\n");
    let reply = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    // A client that has read enough may be gone.
    let _ = stream.write_all(reply.as_bytes()).await;
}

fn http() -> Http {
    Outbound::new(PrivateSites::parse("127.0.0.1").unwrap()).unwrap().http(&Profile::default()).unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jira")
}

// ---- Fixtures in pairs

/// What the two dialects say in different forms: who a person is, and the form of a long text.
fn without_dialect(mut issue: Issue) -> Issue {
    issue.assignee = issue.assignee.map(nameless);
    issue.reporter = issue.reporter.map(nameless);
    issue.description =
        issue.description.map(|long| jira_notion_gateway::jira::model::RichText::Html(text::plain_text(&long, 1_000)));
    issue
}

fn nameless(person: Person) -> Person {
    Person { id: String::new(), name: None, ..person }
}

fn project_without_dialect(mut project: Project) -> Project {
    project.lead = project.lead.map(nameless);
    project
}

#[test]
fn the_same_answer_in_both_dialects_is_the_same_value() {
    let mut names: Vec<String> = std::fs::read_dir(fixtures().join("cloud"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in &names {
        let (one, other) = (fixture(&format!("cloud/{name}")), fixture(&format!("server/{name}")));
        match name.split(['-', '.']).next().unwrap() {
            "issue" => assert_eq!(
                without_dialect(cloud::issue(&one).unwrap()),
                without_dialect(server::issue(&other).unwrap()),
                "{name}"
            ),
            "search" => {
                let (one, other) = (cloud::issue_page(&one).unwrap(), server::issue_page(&other).unwrap());
                let plain = |issues: Vec<Issue>| issues.into_iter().map(without_dialect).collect::<Vec<_>>();
                assert_eq!(
                    (one.next_page_token, one.total, other.next_page_token, other.total),
                    (None, None, None, Some(3))
                );
                assert_eq!(plain(one.issues), plain(other.issues));
            }
            "project" => assert_eq!(
                project_without_dialect(cloud::project(&one).unwrap()),
                project_without_dialect(server::project(&other).unwrap())
            ),
            "myself" => assert_eq!(nameless(cloud::person(&one).unwrap()), nameless(server::person(&other).unwrap())),
            "server" => {
                assert_eq!(cloud::server_info(&one).unwrap().deployment_type.as_deref(), Some("Cloud"));
                assert_eq!(server::server_info(&other).unwrap().version, "10.3.4");
            }
            _ => panic!("no test reads {name}"),
        }
    }
    assert_eq!(names.len(), 7);
}

#[test]
fn every_fact_of_an_issue_is_read() {
    let issue = cloud::issue(&fixture("cloud/issue.json")).unwrap();
    assert_eq!(
        (issue.id.as_str(), issue.key.as_str(), issue.summary.as_str()),
        ("10042", "OPS-7", "Login fails on Safari")
    );
    let status = issue.status.as_ref().unwrap();
    assert_eq!((status.name.as_str(), status.category), ("In Progress", StatusCategory::InProgress));
    assert_eq!(issue.issue_type.as_ref().unwrap().name, "Bug");
    assert_eq!(issue.priority.as_ref().unwrap().name, "High");
    let ana = issue.assignee.as_ref().unwrap();
    assert_eq!((ana.id.as_str(), ana.display_name.as_str()), ("5b10a2844c20165700ede21a", "Ana Lindqvist"));
    assert!(!issue.reporter.as_ref().unwrap().active);
    assert_eq!(issue.project.as_ref().unwrap().type_key.as_deref(), Some("software"));
    assert_eq!(issue.due.unwrap().to_string(), "2026-10-15");
    assert_eq!(issue.resolution, None);
    assert_eq!(issue.fix_versions, ["4.2", "5.0 – beta"]);
    assert_eq!(issue.labels, ["safari", "login"]);
    assert_eq!(issue.created.unwrap().to_string(), "2026-09-01T06:12:44.513Z");
    assert_eq!(issue.updated.unwrap().to_string(), "2026-09-01T07:12:44.513Z");
    assert!(!issue.secured);
    let description = text::plain_text(issue.description.as_ref().unwrap(), 1_000);
    let expected = "Steps - open Settings - press Sign in Seen by @bo on Safari 17. See https://status.acme.example/4711. \
                    TypeError: undefined is not an object";
    assert_eq!(description, expected);

    let ana = server::issue(&fixture("server/issue.json")).unwrap().assignee.unwrap();
    assert_eq!((ana.id.as_str(), ana.name.as_deref()), ("JIRAUSER10100", Some("ana")));

    let subtask = server::issue(&fixture("server/issue-subtask.json")).unwrap();
    assert_eq!(subtask.status.unwrap().category, StatusCategory::Done, "by key, not by its German name");
    assert_eq!(subtask.parent.unwrap().key, "OPS-7");
    assert!(subtask.secured);

    let sparse = cloud::issue(&fixture("cloud/issue-sparse.json")).unwrap();
    assert_eq!(sparse.status.unwrap().category, StatusCategory::Unknown, "a category that Jira has never had");
    assert_eq!((sparse.priority, sparse.assignee, sparse.due, sparse.updated), (None, None, None, None));

    let project = server::project(&fixture("server/project.json")).unwrap();
    assert_eq!(project.description.as_deref(), Some("Keeps the lights on."));
    assert_eq!(project.category.unwrap().name, "Platform");
}

#[test]
fn what_is_no_issue_is_malformed_and_what_is_odd_is_not() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        r#"{"id":"1","key":"A-1"}"#,
        r#"{"key":"A-1","fields":{}}"#,
        r#"{"id":"1","fields":{}}"#,
    ] {
        assert_eq!(cloud::issue(body.as_bytes()), Err(Error::Malformed), "{body}");
        assert_eq!(server::issue(body.as_bytes()), Err(Error::Malformed), "{body}");
    }
    let deep = format!(
        r#"{{"id":"1","key":"A-1","fields":{{"description":{{"a":{}1{}}}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(cloud::issue(deep.as_bytes()), Err(Error::Malformed));
    let odd = r#"{"id":1,"key":"A-1","fields":{"summary":["x"],"status":"Open","assignee":[],"project":7,"labels":"one",
        "fixVersions":[null,{"name":"1.0"},"x"],"duedate":"2026-02-31","updated":1788220800000,"created":"yesterday",
        "security":null,"issuetype":{"name":null},"priority":{"id":3,"name":"High"},"description":12.5,"parent":{"id":"2"}}}"#;
    let issue = server::issue(odd.as_bytes()).unwrap();
    assert_eq!((issue.id.as_str(), issue.summary.as_str()), ("1", ""));
    assert_eq!(issue.fix_versions, ["1.0"]);
    assert_eq!(issue.priority.unwrap().id, "3");
    assert_eq!((issue.status, issue.assignee, issue.due, issue.parent), (None, None, None, None));
}

// ---- Calls

#[tokio::test]
async fn each_dialect_is_asked_in_its_own_way_with_the_credential() {
    let table = [
        (Plane::CloudSite, Method::ApiToken, "cloud", "3", "Basic YW5hOnMzY3JldA=="),
        (Plane::SelfManaged, Method::PersonalAccessToken, "server", "2", "Bearer s3cret"),
    ];
    for (plane, method, folder, version, authorization) in table {
        let jira = Script::start(move |request| {
            let name = if request.contains("/issue/") {
                "issue"
            } else if request.contains("/project/") {
                "project"
            } else {
                "myself"
            };
            let body = fixture(&format!("{folder}/{name}.json"));
            format!("200\n{JSON}\nX-AAccountId: x\nX-AUSERNAME: ana\n\n{}", String::from_utf8(body).unwrap())
        })
        .await;
        let client = jira.client(plane, method);
        assert_eq!(client.myself().await.unwrap().display_name, "Ana Lindqvist");
        assert_eq!(client.issue("OPS-7/../x?y", true).await.unwrap().key, "OPS-7");
        assert_eq!(client.project("OPS").await.unwrap().name, "Operations");
        let fields = "summary,status,issuetype,priority,assignee,reporter,project,parent,duedate,resolution,fixVersions,\
                      labels,created,updated,security,description";
        let expected = [
            format!("GET /rest/api/{version}/myself"),
            format!("GET /rest/api/{version}/issue/OPS-7%2F..%2Fx%3Fy?fields={fields}&updateHistory=false"),
            format!("GET /rest/api/{version}/project/OPS"),
        ];
        assert_eq!(jira.calls(), expected);
        for request in jira.asked.lock().unwrap().iter() {
            let headers = [
                "accept: application/json",
                "accept-language: en",
                "x-force-accept-language: true",
                "user-agent: jira-notion-gateway",
            ];
            for header in headers.into_iter().chain([format!("authorization: {authorization}").as_str()]) {
                assert!(request.contains(&format!("\r\n{header}\r\n")), "{header} in {request}");
            }
        }
        assert!(!format!("{client:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_key_that_would_climb_is_never_sent() {
    let jira = Script::start(|_| format!("200\n{JSON}\n\n{{}}")).await;
    let client = jira.client(Plane::SelfManaged, Method::Password);
    for key in ["", ".", ".."] {
        assert_eq!(client.issue(key, false).await, Err(Error::NotFound));
        assert_eq!(client.project(key).await, Err(Error::NotFound));
    }
    assert!(jira.calls().is_empty());
}

/// A revoked token is ignored, and the call runs as if nobody had asked (jira-auth-and-rest §0.4, §4.2).
#[tokio::test]
async fn a_doubt_is_settled_by_asking_who_we_are() {
    let login_required = format!("401\n{JSON}\n\n{{\"errorMessages\":[\"No permission.\",\"Login Required\"]}}");
    let hidden = format!("404\n{JSON}\nX-AUSERNAME: anonymous\n\n{{}}");
    let cloud_hidden = format!("404\n{JSON}\n\n{{}}");
    let public =
        format!("200\n{JSON}\nX-AUSERNAME: anonymous\n\n{}", String::from_utf8(fixture("server/issue.json")).unwrap());
    let alive = || format!("200\n{JSON}\nX-AAccountId: x\n\n{{\"accountId\":\"x\",\"displayName\":\"Ana\"}}");
    let dead = || format!("401\n{JSON}\n\n{{}}");
    let limited = || "429\nRetry-After: 9\n\n".to_owned();
    let (own, site) = (Plane::SelfManaged, Plane::CloudSite);
    let wait = Error::RateLimited { retry_after: Some(std::time::Duration::from_secs(9)) };
    let table = [
        (own, &login_required, dead(), Err(Error::BadCredentials)),
        (own, &login_required, alive(), Err(Error::NotFound)),
        (own, &login_required, limited(), Err(wait)),
        (own, &hidden, dead(), Err(Error::BadCredentials)),
        (own, &hidden, alive(), Err(Error::NotFound)),
        (own, &public, dead(), Err(Error::BadCredentials)),
        (own, &public, alive(), Ok("OPS-7".to_owned())),
        (site, &cloud_hidden, dead(), Err(Error::BadCredentials)),
        (site, &cloud_hidden, alive(), Err(Error::NotFound)),
    ];
    for (plane, content, myself, expected) in table {
        let content = content.clone();
        let (about, answer) = (content.clone(), myself.clone());
        let jira =
            Script::start(move |request| if request.contains("/myself ") { answer.clone() } else { content.clone() })
                .await;
        let method = if plane == own { Method::PersonalAccessToken } else { Method::ApiToken };
        let issue = jira.client(plane, method).issue("OPS-7", false).await.map(|issue| issue.key);
        assert_eq!(issue, expected, "{plane:?} {about} {myself}");
        assert_eq!(jira.calls().len(), 2, "{about}");
    }
}

#[tokio::test]
async fn a_password_is_never_sent_again_to_make_sure() {
    for content in [format!("404\n{JSON}\nX-AUSERNAME: anonymous\n\n{{}}"), format!("401\n{JSON}\n\n{{}}")] {
        let jira = Script::start(move |_| content.clone()).await;
        let issue = jira.client(Plane::SelfManaged, Method::Password).issue("OPS-7", false).await;
        assert_eq!(issue, Err(Error::BadCredentials));
        assert_eq!(jira.calls().len(), 1);
    }
}

fn words(answers: &[BulkAnswer]) -> Vec<&str> {
    let mut words = Vec::new();
    for answer in answers {
        words.push(match answer {
            BulkAnswer::Answered(issue) => issue.key.as_str(),
            BulkAnswer::NotFound => "not found",
            BulkAnswer::Open => "open",
        });
    }
    words
}

#[tokio::test]
async fn cloud_settles_many_keys_in_one_call() {
    let bulk = String::from_utf8(fixture("cloud/search.json")).unwrap();
    let jira = Script::start(move |_| format!("200\n{JSON}\nX-AAccountId: x\n\n{bulk}")).await;
    let answers = jira
        .client(Plane::CloudSite, Method::ApiToken)
        .issues(&["ops-9", "GONE-1", "OPS-7", "OPS-8"], false)
        .await
        .unwrap();
    assert_eq!(words(&answers), ["OPS-9", "not found", "OPS-7", "OPS-8"]);
    assert_eq!(jira.calls(), ["POST /rest/api/3/issue/bulkfetch"]);
    let request = jira.asked.lock().unwrap()[0].clone();
    assert!(request.contains("\r\nx-atlassian-token: no-check\r\n"), "{request}");
    let body: serde_json::Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["issueIdsOrKeys"], serde_json::json!(["ops-9", "GONE-1", "OPS-7", "OPS-8"]));
    assert!(!body["fields"].as_array().unwrap().contains(&"description".into()));
}

#[tokio::test]
async fn an_anonymous_bulk_answer_is_not_believed() {
    let jira = Script::start(|request| match request.contains("/myself ") {
        true => "401\nContent-Type: text/plain\n\nClient must be authenticated to access this resource.".to_owned(),
        false => format!("200\n{JSON}\n\n{{\"issues\":[],\"issueErrors\":[]}}"),
    })
    .await;
    let client = jira.client(Plane::CloudSite, Method::ApiToken);
    assert_eq!(client.issues(&["OPS-7"], false).await, Err(Error::BadCredentials));
    assert_eq!(client.issues(&[], false).await, Ok(Vec::new()));
}

#[tokio::test]
async fn data_center_settles_known_keys_in_two_calls() {
    let page = String::from_utf8(fixture("server/search.json")).unwrap();
    let jira = Script::start(move |request| match request.contains("GONE-1") {
        true => format!("400\n{JSON}\nX-AUSERNAME: ana\n\n{{\"errorMessages\":[\"Vorgang 'GONE-1' gibt es nicht.\"],\"errors\":{{}}}}"),
        false => format!("200\n{JSON}\nX-AUSERNAME: ana\n\n{page}"),
    })
    .await;
    let client = jira.client(Plane::SelfManaged, Method::Password);
    let answers = client.issues(&["OPS-7", "GONE-1", "OPS-9", "OPS-8", "OPS-11"], true).await.unwrap();
    assert_eq!(words(&answers), ["OPS-7", "not found", "OPS-9", "OPS-8", "open"]);
    assert_eq!(jira.calls(), ["POST /rest/api/2/search"; 2]);
    let requests = jira.asked.lock().unwrap().clone();
    assert!(requests[0].contains("\"validateQuery\":true") && requests[1].contains("\"validateQuery\":false"));
    assert!(requests[1].contains(r#""jql":"key in (\"OPS-7\",\"OPS-9\",\"OPS-8\",\"OPS-11\")""#), "{}", requests[1]);
    // All keys refused: nothing is left to ask.
    let answers = client.issues(&["GONE-1"], true).await.unwrap();
    assert_eq!((words(&answers), jira.calls().len()), (vec!["not found"], 3));
}

#[tokio::test]
async fn a_bulk_call_that_fails_alone_leaves_every_key_open() {
    let many: Vec<String> = (1..=120).map(|number| format!("OPS-{number}")).collect();
    let keys: Vec<&str> = many.iter().map(String::as_str).collect();
    let too_large = format!("200\n{JSON}\n\n{}", " ".repeat(9 << 20));
    for (status, expected) in [
        (format!("500\n{JSON}\n\n{{}}"), Ok(vec!["open"; 120])),
        (format!("410\n{JSON}\n\n{{}}"), Ok(vec!["open"; 120])),
        (format!("200\n{JSON}\n\n{{}}"), Ok(vec!["open"; 120])),
        (too_large, Ok(vec!["open"; 120])),
        (
            "429\nRetry-After: 0\n\n".to_owned(),
            Err(Error::RateLimited { retry_after: Some(std::time::Duration::from_secs(1)) }),
        ),
        (format!("200\n{HTML}\n\n<html>"), Err(Error::SignInPage)),
    ] {
        let jira = Script::start(move |_| status.clone()).await;
        let answers = jira.client(Plane::SelfManaged, Method::Password).issues(&keys, false).await;
        assert_eq!(answers.as_deref().map(words).map_err(Clone::clone), expected);
        assert_eq!(jira.calls().len(), 1);
    }
}

// ---- Discovery

const DC: &str = r#"{"baseUrl":"https://elsewhere.example","version":"10.3.4","deploymentType":"Server","serverTitle":"Acme\u202e Jira"}"#;

/// Tomcat's answer to a path that no web application has.
fn nothing() -> String {
    format!("404\n{HTML}\n\n<!doctype html><title>HTTP Status 404</title>")
}

/// Discovers `path` on a server that answers `serverInfo` below `context` like this, and everything else with 404.
async fn discovered(path: &str, context: &'static str, answer: String) -> (Result<Found, DiscoverError>, Script) {
    let jira = Script::start(move |request| {
        let info = format!("GET {context}/rest/api/2/serverInfo ");
        if request.starts_with(&info) { answer.clone() } else { nothing() }
    })
    .await;
    let typed = SiteUrl::parse(&jira.url.join(path)).unwrap();
    (discover(&http(), &typed).await, jira)
}

#[tokio::test]
async fn the_context_path_is_found_from_whatever_was_pasted() {
    let table = [
        ("", "", ""),
        ("/jira", "/jira", "/jira"),
        ("", "/jira", "/jira"),
        ("/jira/browse/OPS-7", "/jira", "/jira"),
        ("/browse/OPS-7", "", ""),
        ("/tools/jira/secure/Dashboard.jspa", "/tools/jira", "/tools/jira"),
        ("/some/where/else/entirely", "", ""),
        ("/jira/anything", "/jira", "/jira"),
    ];
    for (typed, context, expected) in table {
        let (found, jira) = discovered(typed, context, format!("200\n{JSON}\n\n{DC}")).await;
        let found = found.unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(found.site.context_path(), expected, "{typed}");
        assert_eq!(found.site.origin(), jira.url.origin());
        assert_eq!(found.deployment, Some(Deployment::DataCenter));
        assert_eq!(found.version.as_deref(), Some("10.3.4"));
        assert_eq!(found.title.as_deref(), Some("Acme Jira"));
        assert_eq!(found.base_url_claimed.as_deref(), Some("https://elsewhere.example"));
        assert_eq!(found.plane(), Plane::SelfManaged);
        assert!(jira.calls().len() <= 8, "{:?}", jira.calls());
        assert!(jira.asked.lock().unwrap().iter().all(|request| !request.to_lowercase().contains("authorization")));
    }
}

#[tokio::test]
async fn version_decides_deployment_and_methods() {
    use Method::{ApiToken, Password, PersonalAccessToken as Token};
    let table = [
        ("7.13.0", "Server", Deployment::Server, vec![Password]),
        ("8.13.27", "Server", Deployment::Server, vec![Password]),
        ("8.14.0", "Server", Deployment::Server, vec![Token, Password]),
        ("9.12.5", "Server", Deployment::Server, vec![Token, Password]),
        ("9.13.0", "Server", Deployment::DataCenter, vec![Token, Password]),
        ("10.3.4", "Server", Deployment::DataCenter, vec![Token, Password]),
        ("11.3.3-m0001", "Server", Deployment::DataCenter, vec![Token]),
        ("1001.0.0-SNAPSHOT", "Cloud", Deployment::Cloud, vec![ApiToken]),
    ];
    for (version, kind, deployment, methods) in table {
        let body = format!(r#"{{"version":"{version}","deploymentType":"{kind}"}}"#);
        let (found, _) = discovered("", "", format!("200\n{JSON}\n\n{body}")).await;
        let found = found.unwrap();
        assert_eq!((found.deployment, found.methods), (Some(deployment), methods), "{version}");
    }
}

#[tokio::test]
async fn a_jira_that_hides_its_version_is_still_found() {
    for answer in [
        format!("401\n{JSON}\n\n{{\"message\":\"Client must be authenticated\",\"status-code\":401}}"),
        format!("403\n{JSON}\n\n{{\"errorMessages\":[\"Forbidden\"]}}"),
        format!("403\n{HTML}\nX-Seraph-LoginReason: AUTHENTICATION_DENIED\n\n<html>"),
        format!("403\n{HTML}\n\n<meta name=\"application-name\" content=\"JIRA\" data-name=\"jira\">"),
    ] {
        let (found, _) = discovered("/jira", "/jira", answer.clone()).await;
        let found = found.unwrap_or_else(|error| panic!("{answer}: {error}"));
        assert_eq!((found.deployment, found.version), (None, None));
        assert_eq!(found.methods, [Method::PersonalAccessToken, Method::Password]);
        assert_eq!(found.site.context_path(), "/jira");
    }
}

#[tokio::test]
async fn cloud_behind_a_domain_of_its_own_is_cloud() {
    let jira = Script::start(|request| {
        if request.starts_with("GET /_edge/tenant_info ") {
            format!("200\n{JSON}\n\n{{\"cloudId\":\"3036c423-78e7-442a-8bed-47870b5a7526\"}}")
        } else if request.starts_with("GET /rest/api/2/serverInfo ") {
            format!("200\n{JSON}\n\n{{\"version\":\"1001.0.0-SNAPSHOT\",\"deploymentType\":\"Cloud\",\"serverTitle\":\"Jira\"}}")
        } else {
            nothing()
        }
    })
    .await;
    let typed = SiteUrl::parse(&jira.url.join("/jira/software/projects/OPS")).unwrap();
    let found = discover(&http(), &typed).await.unwrap();
    assert_eq!(found.site, jira.url);
    assert_eq!(found.deployment, Some(Deployment::Cloud));
    assert_eq!(found.cloud_id.as_deref(), Some("3036c423-78e7-442a-8bed-47870b5a7526"));
    assert_eq!((found.plane(), found.methods), (Plane::CloudSite, vec![Method::ApiToken]));
    assert_eq!(jira.calls().len(), 2);
}

#[tokio::test]
async fn a_cloud_id_that_is_no_id_is_not_taken() {
    let jira = Script::start(|request| match request.starts_with("GET /_edge/") {
        true => format!("200\n{JSON}\n\n{{\"cloudId\":\"../../evil\"}}"),
        false => nothing(),
    })
    .await;
    assert_eq!(discover(&http(), &jira.url).await, Err(DiscoverError::NotJira));
}

#[tokio::test]
async fn each_reason_why_there_is_no_jira_is_told_apart() {
    let table = [
        (nothing(), DiscoverError::NotJira),
        (format!("200\n{HTML}\n\n<h1>Welcome to our shop</h1>"), DiscoverError::NotJira),
        (format!("200\n{JSON}\n\n{{\"hello\":1}}"), DiscoverError::NotJira),
        (format!("200\n{JSON}\n\n[1"), DiscoverError::NotJira),
        (format!("200\n{JSON}\n\n{}", " ".repeat(1 << 20)), DiscoverError::NotJira),
        ("302\nLocation: /\n\n".to_owned(), DiscoverError::NotJira),
        ("302\nLocation: https://other.example/rest/api/2/serverInfo\n\n".to_owned(), DiscoverError::NotJira),
        ("302\nLocation: /rest/api/2/serverInfo\n\n".to_owned(), DiscoverError::NotJira),
        ("302\nLocation: https://idp.example/x?SAMLRequest=y\n\n".to_owned(), DiscoverError::SignInPage),
        ("302\nLocation: /login.jsp?os_destination=%2F\n\n".to_owned(), DiscoverError::SignInPage),
        (
            format!("200\n{HTML}\n\n\n\n<!DOCTYPE html><meta name=\"application-name\" content=\"JIRA\">"),
            DiscoverError::SignInPage,
        ),
        (format!("200\n{HTML}\n\n<form><input name=p type=\"password\"></form>"), DiscoverError::SignInPage),
        (format!("401\n{HTML}\nWWW-Authenticate: Basic realm=x\n\n<html>nginx"), DiscoverError::SignInPage),
        (format!("503\n{HTML}\n\n<html>Jira is starting"), DiscoverError::Unavailable),
        ("429\n\n".to_owned(), DiscoverError::Unavailable),
    ];
    for (answer, expected) in table {
        let (found, jira) = discovered("", "", answer.clone()).await;
        assert_eq!(found, Err(expected), "{answer}");
        assert!(jira.calls().len() <= 8);
    }
}

#[tokio::test]
async fn redirects_are_followed_only_to_the_same_question_on_the_same_host() {
    let jira = Script::start(|request| {
        if request.starts_with("GET /rest/api/2/serverInfo ") {
            "301\nLocation: /issues/rest/api/2/serverInfo\n\n".to_owned()
        } else if request.starts_with("GET /issues/rest/api/2/serverInfo ") {
            format!("200\n{JSON}\n\n{DC}")
        } else {
            nothing()
        }
    })
    .await;
    assert_eq!(discover(&http(), &jira.url).await.unwrap().site, SiteUrl::parse(&jira.url.join("/issues")).unwrap());

    let endless = Script::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        format!("302\nLocation: /x{path}\n\n")
    })
    .await;
    assert_eq!(discover(&http(), &endless.url).await, Err(DiscoverError::NotJira));
    assert!(endless.calls().len() <= 8, "{:?}", endless.calls());
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_as_such() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let table = [
        (format!("http://{gone}"), Failure::Unreachable),
        ("https://169.254.169.254".to_owned(), Failure::BlockedAddress),
        ("https://10.0.0.1".to_owned(), Failure::BlockedAddress),
        ("http://8.8.8.8".to_owned(), Failure::HttpsRequired),
    ];
    for (url, expected) in table {
        let found = discover(&http(), &SiteUrl::parse(&url).unwrap()).await;
        assert_eq!(found, Err(DiscoverError::Outbound(expected)), "{url}");
    }
}
