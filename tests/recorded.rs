//! Answers that real Jiras gave, recorded by others, still decode. They lie beside the project and are no part of it, so
//! where they are missing the test says so in one line.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use jira_notion_gateway::jira::classify::{Asked, Plane, Verdict, classify};
use jira_notion_gateway::jira::client::Dialect::{self, Cloud, Server};
use jira_notion_gateway::jira::error::Error;
use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::jira::model::{Issue, Person, Project, RichText, StatusCategory};
use jira_notion_gateway::jira::{cloud, server, text};
use jira_notion_gateway::outbound::{HeaderMap, HeaderName, HeaderValue, Reply, StatusCode};
use serde_json::Value;

/// What a recorded file is.
enum Holds {
    /// One issue, as the dialect's call for one issue answers it.
    Issue(Dialect),
    /// One issue per line.
    IssueLines(Dialect, usize),
    /// A webhook's body with an issue in it.
    WebhookIssue(Dialect),
    /// A search page of so many issues.
    Search(Dialect, usize),
    Project(Dialect),
    /// Projects as a list, as a page's `values`, or one per line.
    Projects(Dialect, usize),
    Person(Dialect),
    /// One user per line.
    PersonLines(Dialect, usize),
    /// A user within another object.
    PersonAt(Dialect, &'static str),
    /// A field list, as a list or one per line.
    Fields(usize),
    /// With this version.
    ServerInfo(&'static str),
    /// An ADF document that says these words.
    Adf(&'static [&'static str]),
    /// The body (or the whole answer) of a refusal that came with this status.
    Refusal(Plane, u16, fn() -> Verdict),
    /// The headers that go with the file of that name; they are read with it.
    HeadersOf(&'static str),
    /// Not read, and why.
    Other(&'static str),
}
use Holds::*;

const ISSUE_PARTS: &str = "a part of an issue that no preview shows yet";
const LISTS: &str = "a list of names that a preview takes from the issue itself";
const BOARDS: &str = "boards and sprints come with the previews of every Jira object";
const REQUESTS: &str = "service requests come with the previews of every Jira object";
const OBJECTS: &str = "comes with the previews of every Jira object";
const WEBHOOKS: &str = "a webhook without an issue";
const SIGN_IN: &str = "a way to sign in that is not built yet";
const WRITES: &str = "the gateway writes nothing into Jira";

fn bad_credentials() -> Verdict {
    Verdict::Refused(Error::BadCredentials)
}
fn bad_query() -> Verdict {
    Verdict::Refused(Error::BadQuery)
}
fn sign_in_page() -> Verdict {
    Verdict::Refused(Error::SignInPage)
}
fn captcha(login_url: &str) -> Verdict {
    Verdict::Refused(Error::Captcha { login_url: Some(login_url.to_owned()) })
}

#[rustfmt::skip]
const FILES: &[(&str, Holds)] = &[
    ("SOURCES.md", Other("says where the others come from")),
    ("adf/jiraps-adf-sample.json", Adf(&["[ ] Action Item", "Table | with | header", "1. ordered", "✓ decision 2026-04-12"])),
    ("cloud-v2-arisa/basic-issue.json", Issue(Cloud)),
    ("cloud-v2-arisa/issue-with-3-comments.json", Issue(Cloud)),
    ("cloud-v2-arisa/linked-issue-without-comments.json", Issue(Cloud)),
    ("cloud-v2-arisa/project-with-versions.json", Project(Cloud)),
    ("cloud-v2-atlascode/BTS-1-bts1.json", Issue(Cloud)),
    ("cloud-v2-atlascode/BTS-1-suggestlabels.json", Other(LISTS)),
    ("cloud-v2-atlascode/addComment.json", Other(WRITES)),
    ("cloud-v2-atlascode/createIssue.json", Issue(Cloud)),
    ("cloud-v2-atlascode/mypermissions.json", Other("permissions are told by what Jira answers")),
    ("cloud-v2-atlascode/myself.json", Person(Cloud)),
    ("cloud-v2-atlascode/project.json", Project(Cloud)),
    ("cloud-v2-atlascode/projects.json", Projects(Cloud, 1)),
    ("cloud-v2-atlascode/search-project.json", Projects(Cloud, 1)),
    ("cloud-v2-atlascode/tenant_info.json", Other("one field, read by the tests of discovery")),
    ("cloud-v2-devlake/agile-issues.jsonl", IssueLines(Cloud, 1)),
    ("cloud-v2-devlake/issuetypes.jsonl", Other(LISTS)),
    ("cloud-v2-devlake/projects.jsonl", Projects(Cloud, 12)),
    ("cloud-v2-devlake/sprints.jsonl", Other(BOARDS)),
    ("cloud-v2-devlake/users.jsonl", PersonLines(Cloud, 25)),
    ("cloud-v2-devlake/worklogs.jsonl", Other(ISSUE_PARTS)),
    ("cloud-v2-jira-to-matrix/issue.json", Issue(Cloud)),
    ("cloud-v2-jira-to-matrix/issuelink.json", Other(ISSUE_PARTS)),
    ("cloud-v2-jira-to-matrix/project-company-managed.json", Project(Cloud)),
    ("cloud-v2-jira-to-matrix/project.json", Project(Cloud)),
    ("cloud-v2-jira-to-matrix/status.json", Other(LISTS)),
    ("cloud-v2-jira-to-matrix/watchers.json", Other(ISSUE_PARTS)),
    ("cloud-v2-jirametrics/SP-1.json", Issue(Cloud)),
    ("cloud-v2-jirametrics/SP-13.json", Issue(Cloud)),
    ("cloud-v2-jirametrics/SP-2.json", Issue(Cloud)),
    ("cloud-v2-jirametrics/board_1_configuration.json", Other(BOARDS)),
    ("cloud-v2-jirametrics/sample-SP-5.json", Issue(Cloud)),
    ("cloud-v2-jirametrics/statuses.json", Other(LISTS)),
    ("cloud-v2-misc/finos-comments-empty.json", Other(OBJECTS)),
    ("cloud-v2-misc/finos-comments-page1.json", Other(OBJECTS)),
    ("cloud-v2-misc/mattermost-project-metadata.json", Other("a plug-in's own shape, not Jira's")),
    ("cloud-v2-misc/nextcloud-search-business-project.json", Search(Cloud, 1)),
    ("cloud-v3-bitovi/fields.json", Fields(191)),
    ("cloud-v3-bitovi/server-info.json", ServerInfo("1001.0.0-SNAPSHOT")),
    ("cloud-v3-misc/roadie-activity-searchresult.json", Search(Cloud, 2)),
    ("cloud-v3-misc/roadie-project.json", Project(Cloud)),
    ("cloud-v3-misc/roadie-search-servicedesk-project.json", Search(Cloud, 6)),
    ("cloud-v3-misc/search-jql-nextPageToken.json", Search(Cloud, 3)),
    ("dc-misc/devlake-fields.jsonl", Fields(2)),
    ("dc-misc/sprint-strings.jsonl", Other(BOARDS)),
    ("errors/cloud-401-html-fragment.html", Refusal(Plane::CloudSite, 401, bad_credentials)),
    ("errors/cloud-404-issue.body.json", Refusal(Plane::CloudSite, 404, bad_credentials)),
    ("errors/cloud-404-issue.headers.json", HeadersOf("errors/cloud-404-issue.body.json")),
    ("errors/cloud-410-search.body.json", Refusal(Plane::CloudSite, 410, || Verdict::Refused(Error::ApiRemoved))),
    ("errors/cloud-410-search.headers.json", HeadersOf("errors/cloud-410-search.body.json")),
    ("errors/cloud-gateway-401-scope.body.json", Refusal(Plane::CloudApiHost, 401, || Verdict::Refused(Error::MissingScope))),
    ("errors/dc10.3.19-200-headers-ratelimit.txt", Refusal(Plane::SelfManaged, 200, || Verdict::Good { signed_in: true })),
    ("errors/dc8.20.8-403-captcha.http.txt", Refusal(Plane::SelfManaged, 403, || captcha("https://jira.example.org/jira/login.jsp"))),
    ("errors/server7-403-captcha.headers.json", Refusal(Plane::SelfManaged, 403, || captcha("https://jira.example.org/jira/login.jsp"))),
    ("html/dc9.12.12-login-head-fragment.html", Refusal(Plane::SelfManaged, 200, sign_in_page)),
    ("html/server6-asf-project-issues-summary.html", Refusal(Plane::SelfManaged, 200, sign_in_page)),
    ("jsm/customer_request_created.json", Other(REQUESTS)),
    ("jsm/list_service_desks.json", Other(REQUESTS)),
    ("jsm/request_types.json", Other(REQUESTS)),
    ("oauth/accessible-resources-jsm-and-jira-scopes.json", Other(SIGN_IN)),
    ("oauth/dc10.3.19-pat-tokens.json", Other("the gateway does not manage a person's tokens")),
    ("server-asf/project.json", Project(Server)),
    ("server-gojira/all_boards.json", Other(BOARDS)),
    ("server-gojira/all_issuelinktypes.json", Other(LISTS)),
    ("server-gojira/all_priorities.json", Other(LISTS)),
    ("server-gojira/all_statuscategories.json", Other(LISTS)),
    ("server-gojira/all_statuses.json", Other(LISTS)),
    ("server-gojira/component_get.json", Other(OBJECTS)),
    ("server-gojira/sprints.json", Other(BOARDS)),
    ("server-gojira/transitions.json", Other(WRITES)),
    ("server-jrjc/attachment-valid.json", Other(OBJECTS)),
    ("server-jrjc/comment-valid.json", Other(OBJECTS)),
    ("server-jrjc/component-complete-valid.json", Other(OBJECTS)),
    ("server-jrjc/error-valid.json", Refusal(Plane::SelfManaged, 400, bad_query)),
    ("server-jrjc/error-valid2.json", Refusal(Plane::SelfManaged, 400, bad_query)),
    ("server-jrjc/field-valid-fields.json", Other("an object of an old client's own shape, not the list of /field")),
    ("server-jrjc/filter-valid-with-shares.json", Other(OBJECTS)),
    ("server-jrjc/issue-issue-with-project-name-present.json", Issue(Server)),
    ("server-jrjc/issue-subtasks-5.json", Issue(Server)),
    ("server-jrjc/issue-valid-5.0.json", Issue(Server)),
    ("server-jrjc/issue-valid-anonymous-comment.json", Issue(Server)),
    ("server-jrjc/issueLinks-issue-links-5.0.json", Other(LISTS)),
    ("server-jrjc/issueLinks-links-disabled-error.json", Refusal(Plane::SelfManaged, 404, || Verdict::Refused(Error::NotFound))),
    ("server-jrjc/page-valid-page.json", Other(LISTS)),
    ("server-jrjc/project-project-jira-4-4.json", Project(Server)),
    ("server-jrjc/project-project-jira-5-0.json", Project(Server)),
    ("server-jrjc/project-projects.json", Projects(Server, 3)),
    ("server-jrjc/search-issues1.json", Search(Server, 1)),
    ("server-jrjc/serverInfo-valid.json", ServerInfo("4.2-SNAPSHOT")),
    ("server-jrjc/session-valid.json", Other("cookie sessions are not used")),
    ("server-jrjc/status-validStatusCategory.json", Other(LISTS)),
    ("server-jrjc/user-valid-5.0.json", Person(Server)),
    ("server-jrjc/user-valid-basic-anonymous.json", Person(Server)),
    ("server-jrjc/user-valid-with-accountId-without-name.json", Person(Cloud)),
    ("server-jrjc/user-valid-with-hidden-email.json", Person(Server)),
    ("server-jrjc/version-valid.json", Other(OBJECTS)),
    ("server-jrjc/votes-complete.json", Other(ISSUE_PARTS)),
    ("server-jrjc/watcher-complete-valid.json", Other(ISSUE_PARTS)),
    ("server-jrjc/worklog-valid-roleLevel.json", Other(ISSUE_PARTS)),
    ("server5-jiraruby/board-1.json", Other(BOARDS)),
    ("server5-jiraruby/board-1_issues.json", Search(Server, 9)),
    ("server5-jiraruby/empty_issues.json", Search(Server, 0)),
    ("server5-jiraruby/field.json", Fields(2)),
    ("server5-jiraruby/issue-10002-attachments-10000.json", Other(OBJECTS)),
    ("server5-jiraruby/issue-10002-comment.json", Other(OBJECTS)),
    ("server5-jiraruby/issue-10002-watchers.json", Other(ISSUE_PARTS)),
    ("server5-jiraruby/issue-10002.invalid.put.json", Refusal(Plane::SelfManaged, 400, bad_query)),
    ("server5-jiraruby/issue-10002.json", Issue(Server)),
    ("server5-jiraruby/issue-10002.put.missing_field_update.json", Refusal(Plane::SelfManaged, 400, bad_query)),
    ("server5-jiraruby/project-SAMPLEPROJECT.json", Project(Server)),
    ("server5-jiraruby/rapidview-SAMPLEPROJECT.json", Other(BOARDS)),
    ("server5-jiraruby/rapidview.json", Other(BOARDS)),
    ("server5-jiraruby/sprint-1.json", Other(BOARDS)),
    ("server5-jiraruby/user_accountId-1234567890abcdef01234567.json", Person(Server)),
    ("server7-fiware/search-empty.json", Search(Server, 0)),
    ("server7-fiware/search-page1.json", Search(Server, 2)),
    ("server7-fiware/search-page2.json", Search(Server, 1)),
    ("server7-jenkins-search/search-startAt000.json", Search(Server, 100)),
    ("server7-jenkins-search/search-startAt000.wiremock.json", HeadersOf("server7-jenkins-search/search-startAt000.json")),
    ("server7-jenkins-search/search-startAt100.json", Search(Server, 100)),
    ("server7-jenkins-search/search-startAt100.wiremock.json", HeadersOf("server7-jenkins-search/search-startAt100.json")),
    ("server7-jenkins-search/search-startAt200.json", Search(Server, 100)),
    ("server7-jenkins-search/search-startAt200.wiremock.json", HeadersOf("server7-jenkins-search/search-startAt200.json")),
    ("server8-misc/lesstif-comment.json", Other(OBJECTS)),
    ("server8-misc/lesstif-user-no-email.json", PersonAt(Server, "reporter")),
    ("server8-tidev/AC-108.json", Issue(Server)),
    ("server8-tidev/AC-111.json", Issue(Server)),
    ("serverinfo/dc9.12.15-issues.redhat.com.json", ServerInfo("9.12.15")),
    ("webhooks/jira-to-matrix/comment-created.json", Other(WEBHOOKS)),
    ("webhooks/jira-to-matrix/comment-deleted.json", WebhookIssue(Cloud)),
    ("webhooks/jira-to-matrix/issue-created.json", WebhookIssue(Cloud)),
    ("webhooks/jira-to-matrix/issue-updated-commented.json", WebhookIssue(Cloud)),
    ("webhooks/jira-to-matrix/issue-updated-issue-assigned.json", WebhookIssue(Cloud)),
    ("webhooks/jira-to-matrix/issue-updated-status-changed.json", WebhookIssue(Cloud)),
    ("webhooks/jira-to-matrix/issuelink-created.json", Other(WEBHOOKS)),
    ("webhooks/mattermost/webhook-cloud-comment-created.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-cloud-comment-deleted.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-cloud-issue-updated-custom-field.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-issue-created.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-issue-deleted.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-issue-updated-resolved.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-issue-updated-sprint.json", WebhookIssue(Cloud)),
    ("webhooks/mattermost/webhook-server-comment-created.json", Other(WEBHOOKS)),
    ("webhooks/mattermost/webhook-server-comment-updated.json", Other(WEBHOOKS)),
    ("webhooks/mattermost/webhook-server-issue-updated-many-fields.json", WebhookIssue(Server)),
    ("webhooks/mattermost/webhook-server-issue-updated-resolved.json", WebhookIssue(Server)),
];

#[test]
fn recorded_answers_decode() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/jira"));
    if !folder.is_dir() {
        say("the recorded answers of real Jiras are not beside this project: nothing to decode");
        return;
    }
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    let known: BTreeMap<&str, &Holds> = FILES.iter().map(|(name, holds)| (*name, holds)).collect();
    let unknown: Vec<&String> = files.keys().filter(|name| !known.contains_key(name.as_str())).collect();
    assert!(unknown.is_empty(), "decode these, or say why not: {unknown:?}");
    let missing: Vec<&&str> = known.keys().filter(|name| !files.contains_key(**name)).collect();
    assert!(missing.is_empty(), "these are not there: {missing:?}");

    let headers: BTreeMap<&str, &str> = FILES
        .iter()
        .filter_map(|(name, holds)| if let HeadersOf(body) = holds { Some((*body, *name)) } else { None })
        .collect();
    let (mut decoded, mut to_decode, mut named) = (0, 0, 0);
    for (name, content) in &files {
        match known[name.as_str()] {
            Other(reason) => {
                assert!(!reason.is_empty());
                named += 1;
            }
            holds => {
                to_decode += 1;
                let headers = headers.get(name.as_str()).map(|headers| files[*headers].as_slice());
                decoded += usize::from(check(name, holds, content, headers));
            }
        }
    }
    say(&format!("recorded answers: {decoded} of {to_decode} decode; {named} others are named with the reason"));
    assert_eq!(decoded, to_decode);
}

/// Past the test harness, which keeps the output of tests that pass.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// Decodes one file and holds the result against the JSON itself.
fn check(name: &str, holds: &Holds, content: &[u8], headers: Option<&[u8]>) -> bool {
    let body = if name.ends_with(".jsonl") { content.to_vec() } else { without_wiremock(content) };
    let json = || serde_json::from_slice::<Value>(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
    let lines =
        || std::str::from_utf8(&body).unwrap().lines().filter(|line| !line.trim().is_empty()).map(str::as_bytes);
    match holds {
        Issue(dialect) => check_issue(name, &issue(*dialect, name, &body), &json()),
        IssueLines(dialect, count) => {
            lines().for_each(|line| {
                check_issue(name, &issue(*dialect, name, line), &serde_json::from_slice(line).unwrap());
            });
            assert_eq!(lines().count(), *count, "{name}");
        }
        WebhookIssue(dialect) => {
            let inner = json()["issue"].clone();
            check_issue(name, &issue(*dialect, name, inner.to_string().as_bytes()), &inner);
        }
        Search(dialect, count) => {
            let page = match dialect {
                Cloud => cloud::issue_page(&body),
                Server => server::issue_page(&body),
            };
            let (page, json) = (page.unwrap_or_else(|error| panic!("{name}: {error}")), json());
            assert_eq!(page.issues.len(), *count, "{name}");
            assert_eq!(page.total, json["total"].as_u64(), "{name}");
            assert_eq!(page.next_page_token.as_deref(), json["nextPageToken"].as_str(), "{name}");
            for (issue, json) in page.issues.iter().zip(json["issues"].as_array().unwrap()) {
                check_issue(name, issue, json);
            }
            if let Some(headers) = headers {
                let headers: Value = serde_json::from_slice(headers).unwrap();
                let reply = reply(200, &headers["response"]["headers"], body.clone());
                let site = SiteUrl::parse("https://issues.example.org").unwrap();
                // These pages were read by an anonymous visitor, and Jira says so.
                assert_eq!(
                    classify(Plane::SelfManaged, &site, Asked::Content, &reply),
                    Verdict::Doubt(Ok(())),
                    "{name}"
                );
            }
        }
        Project(dialect) => check_project(name, &project(*dialect, name, &body), &json()),
        Projects(dialect, count) => {
            let list: Vec<Value> = match name.ends_with(".jsonl") {
                true => lines().map(|line| serde_json::from_slice(line).unwrap()).collect(),
                false => json().get("values").cloned().unwrap_or_else(json).as_array().unwrap().clone(),
            };
            assert_eq!(list.len(), *count, "{name}");
            list.iter()
                .for_each(|json| check_project(name, &project(*dialect, name, json.to_string().as_bytes()), json));
        }
        Person(dialect) => check_person(name, *dialect, &json()),
        PersonLines(dialect, count) => {
            lines().for_each(|line| check_person(name, *dialect, &serde_json::from_slice(line).unwrap()));
            assert_eq!(lines().count(), *count, "{name}");
        }
        PersonAt(dialect, part) => check_person(name, *dialect, &json()[part]),
        Fields(count) => {
            let list = match name.ends_with(".jsonl") {
                true => format!("[{}]", std::str::from_utf8(&body).unwrap().trim().replace("\n{", ",{")).into_bytes(),
                false => body.clone(),
            };
            let fields = cloud::field_list(&list).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(fields.len(), *count, "{name}");
            let json: Value = serde_json::from_slice(&list).unwrap();
            for (field, json) in fields.iter().zip(json.as_array().unwrap()) {
                assert_eq!(
                    (field.id.as_str(), field.name.as_str()),
                    (text_of(&json["id"]), text_of(&json["name"])),
                    "{name}"
                );
                assert_eq!(field.custom, json["custom"].as_bool().unwrap());
                assert_eq!(field.value_type.as_deref(), json["schema"]["type"].as_str());
                let schema = json["schema"]["custom"].as_str().or_else(|| json["schema"]["system"].as_str());
                assert_eq!(field.schema.as_deref(), schema);
            }
        }
        ServerInfo(version) => {
            let info = server::server_info(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(info.version, *version, "{name}");
            assert_eq!(info.title.as_deref(), json()["serverTitle"].as_str());
            assert_eq!(info.base_url.as_deref(), json()["baseUrl"].as_str());
        }
        Adf(words) => {
            let line = text::plain_text(&RichText::Adf(json()), 100_000);
            for word in *words {
                assert!(line.contains(word), "{name}: {word:?} is not in {line:?}");
            }
        }
        Refusal(plane, status, expected) => {
            let site = SiteUrl::parse("https://jira.example.org/jira").unwrap();
            let reply = recorded_refusal(name, *status, &body, headers);
            assert_eq!(classify(*plane, &site, Asked::Content, &reply), expected(), "{name}");
        }
        // Read together with the file that they belong to.
        HeadersOf(body) => assert!(FILES.iter().any(|(name, _)| name == body)),
        Other(_) => return false,
    }
    true
}

/// WireMock keeps an answer's body as a text.
fn without_wiremock(content: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(content) {
        Ok(json) if json.get("request").is_some() => match json["response"]["body"].as_str() {
            Some(body) => body.as_bytes().to_vec(),
            None => content.to_vec(),
        },
        _ => content.to_vec(),
    }
}

fn reply(status: u16, headers: &Value, body: Vec<u8>) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers.as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            map.append(name.clone(), HeaderValue::from_str(value.as_str().unwrap()).unwrap());
        }
    }
    Reply { status: StatusCode::from_u16(status).unwrap(), headers: map, body }
}

/// Puts an answer together again: some files are bodies, some are heads, some are both.
fn recorded_refusal(name: &str, status: u16, body: &[u8], headers: Option<&[u8]>) -> Reply {
    let text = String::from_utf8_lossy(body).into_owned();
    let headers_of_lines = |lines: &str| {
        let pairs = lines.lines().filter_map(|line| line.split_once(": "));
        let pairs = pairs.filter(|(name, _)| HeaderName::from_bytes(name.as_bytes()).is_ok());
        Value::Object(pairs.map(|(name, value)| (name.to_owned(), value.trim().into())).collect())
    };
    let (headers, body) = match (name.rsplit('.').next().unwrap(), headers) {
        (_, Some(headers)) => {
            let headers: Value = serde_json::from_slice(headers).unwrap();
            assert_eq!(headers["status"], status, "{name}");
            (headers["headers"].clone(), body.to_vec())
        }
        _ if name.ends_with(".headers.json") => (serde_json::from_slice(body).unwrap(), Vec::new()),
        _ if name.ends_with(".http.txt") => {
            let (head, body) = text.split_once("\n\n").unwrap();
            (headers_of_lines(head), body.as_bytes().to_vec())
        }
        ("txt", _) => (headers_of_lines(&text), b"{}".to_vec()),
        ("html", _) => (serde_json::json!({"Content-Type": "text/html;charset=UTF-8"}), body.to_vec()),
        _ => (serde_json::json!({"Content-Type": "application/json;charset=UTF-8"}), body.to_vec()),
    };
    reply(status, &headers, body)
}

fn issue(dialect: Dialect, name: &str, body: &[u8]) -> Issue {
    let issue = match dialect {
        Cloud => cloud::issue(body),
        Server => server::issue(body),
    };
    issue.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn project(dialect: Dialect, name: &str, body: &[u8]) -> Project {
    let project = match dialect {
        Cloud => cloud::project(body),
        Server => server::project(body),
    };
    project.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text_of(json: &Value) -> &str {
    json.as_str().unwrap_or_default()
}

fn check_issue(name: &str, issue: &Issue, json: &Value) {
    let fields = &json["fields"];
    let about = format!("{name}: {}", issue.key);
    assert!(!issue.id.is_empty() && !issue.key.is_empty(), "{about}");
    assert_eq!(issue.key, text_of(&json["key"]), "{about}");
    assert_eq!(issue.summary, text_of(&fields["summary"]), "{about}");
    assert_eq!(issue.status.as_ref().map(|status| status.name.as_str()), fields["status"]["name"].as_str(), "{about}");
    if let Some(key) = fields["status"]["statusCategory"]["key"].as_str() {
        let category = match key {
            "new" => StatusCategory::ToDo,
            "indeterminate" => StatusCategory::InProgress,
            "done" => StatusCategory::Done,
            _ => StatusCategory::Unknown,
        };
        assert_eq!(issue.status.as_ref().unwrap().category, category, "{about}");
    }
    assert_eq!(
        issue.issue_type.as_ref().map(|kind| kind.name.as_str()),
        fields["issuetype"]["name"].as_str(),
        "{about}"
    );
    assert_eq!(issue.priority.as_ref().map(|one| one.name.as_str()), fields["priority"]["name"].as_str(), "{about}");
    assert_eq!(
        issue.resolution.as_ref().map(|one| one.name.as_str()),
        fields["resolution"]["name"].as_str(),
        "{about}"
    );
    assert_eq!(issue.project.as_ref().map(|one| one.key.as_str()), fields["project"]["key"].as_str(), "{about}");
    assert_eq!(issue.parent.as_ref().map(|one| one.key.as_str()), fields["parent"]["key"].as_str(), "{about}");
    for (person, json) in [(&issue.assignee, &fields["assignee"]), (&issue.reporter, &fields["reporter"])] {
        assert_eq!(person.as_ref().map(|person| person.display_name.as_str()), json["displayName"].as_str(), "{about}");
        let has_id = ["accountId", "key", "name"].into_iter().any(|id| json[id].is_string());
        assert_eq!(person.as_ref().is_some_and(|person| !person.id.is_empty()), has_id, "{about}");
    }
    assert_eq!(issue.due.map(|day| day.to_string()).as_deref(), fields["duedate"].as_str(), "{about}");
    for (moment, json) in [(issue.created, &fields["created"]), (issue.updated, &fields["updated"])] {
        assert_eq!(moment.is_some(), json.is_string(), "{about} {json}");
    }
    let list = |name: &str| fields[name].as_array().cloned().unwrap_or_default();
    let names: Vec<String> = list("fixVersions").iter().map(|version| text_of(&version["name"]).to_owned()).collect();
    assert_eq!(issue.fix_versions, names, "{about}");
    assert_eq!(issue.labels, list("labels").iter().map(text_of).collect::<Vec<_>>(), "{about}");
    assert_eq!(issue.secured, fields["security"].is_object(), "{about}");
    let description = &fields["description"];
    assert_eq!(issue.description.is_some(), description.is_object() || !text_of(description).is_empty(), "{about}");
    if let Some(long) = &issue.description {
        let line = text::plain_text(long, 255);
        assert!(line.chars().count() <= 255 && !line.contains('\n'), "{about}");
        let has_words = description.to_string().bytes().filter(u8::is_ascii_alphanumeric).count() > 40;
        assert!(!has_words || !line.is_empty(), "{about}: nothing is left of {description}");
    }
}

fn check_project(name: &str, project: &Project, json: &Value) {
    assert!(!project.id.is_empty() && !project.key.is_empty(), "{name}");
    assert_eq!(
        (project.key.as_str(), project.name.as_str()),
        (text_of(&json["key"]), text_of(&json["name"])),
        "{name}"
    );
    assert_eq!(project.type_key.as_deref(), json["projectTypeKey"].as_str(), "{name}");
    assert_eq!(
        project.lead.as_ref().map(|lead| lead.display_name.as_str()),
        json["lead"]["displayName"].as_str(),
        "{name}"
    );
    assert_eq!(
        project.category.as_ref().map(|one| one.name.as_str()),
        json["projectCategory"]["name"].as_str(),
        "{name}"
    );
    assert_eq!(project.description.is_some(), !text_of(&json["description"]).is_empty(), "{name}");
}

fn check_person(name: &str, dialect: Dialect, json: &Value) {
    let body = json.to_string();
    let person: Person = match dialect {
        Cloud => cloud::person(body.as_bytes()),
        Server => server::person(body.as_bytes()),
    }
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    let ids = match dialect {
        Cloud => ["accountId", "key", "name"],
        Server => ["key", "name", "accountId"],
    };
    assert_eq!(person.id, ids.into_iter().find_map(|id| json[id].as_str()).unwrap(), "{name}");
    assert_eq!(person.display_name, text_of(&json["displayName"]), "{name}");
    assert_eq!(person.email.as_deref(), json["emailAddress"].as_str().filter(|email| !email.is_empty()), "{name}");
    assert_eq!(person.active, json["active"].as_bool().unwrap_or(true), "{name}");
    assert_eq!(person.time_zone.as_deref(), json["timeZone"].as_str(), "{name}");
}
