//! How the client asks, and what it makes of doubtful answers.

use jira_notion_gateway::jira::auth::Method;
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::client::BulkAnswer;
use jira_notion_gateway::jira::error::Error;

use super::decode::fixture;
use super::script::{HTML, JSON, Script};
use super::{DESCRIBED, PLAIN};

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
        assert_eq!(client.issue("OPS-7/../x?y", &DESCRIBED).await.unwrap().key, "OPS-7");
        assert_eq!(client.project("OPS").await.unwrap().name, "Operations");
        let fields = "summary,status,issuetype,priority,assignee,reporter,project,parent,duedate,resolution,fixVersions,\
                      labels,created,updated,security,subtasks,votes,description";
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
        assert_eq!(client.issue(key, &PLAIN).await, Err(Error::NotFound));
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
        let issue = jira.client(plane, method).issue("OPS-7", &PLAIN).await.map(|issue| issue.key);
        assert_eq!(issue, expected, "{plane:?} {about} {myself}");
        assert_eq!(jira.calls().len(), 2, "{about}");
    }
}

#[tokio::test]
async fn a_password_is_never_sent_again_to_make_sure() {
    for content in [format!("404\n{JSON}\nX-AUSERNAME: anonymous\n\n{{}}"), format!("401\n{JSON}\n\n{{}}")] {
        let jira = Script::start(move |_| content.clone()).await;
        let issue = jira.client(Plane::SelfManaged, Method::Password).issue("OPS-7", &PLAIN).await;
        assert_eq!(issue, Err(Error::BadCredentials));
        assert_eq!(jira.calls().len(), 1);
    }
}

pub fn words(answers: &[BulkAnswer]) -> Vec<&str> {
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
        .issues(&["ops-9", "GONE-1", "OPS-7", "OPS-8"], &PLAIN)
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
    assert_eq!(client.issues(&["OPS-7"], &PLAIN).await, Err(Error::BadCredentials));
    assert_eq!(client.issues(&[], &PLAIN).await, Ok(Vec::new()));
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
    let answers = client.issues(&["OPS-7", "GONE-1", "OPS-9", "OPS-8", "OPS-11"], &DESCRIBED).await.unwrap();
    assert_eq!(words(&answers), ["OPS-7", "not found", "OPS-9", "OPS-8", "open"]);
    assert_eq!(jira.calls(), ["POST /rest/api/2/search"; 2]);
    let requests = jira.asked.lock().unwrap().clone();
    assert!(requests[0].contains("\"validateQuery\":true") && requests[1].contains("\"validateQuery\":false"));
    assert!(requests[1].contains(r#""jql":"key in (\"OPS-7\",\"OPS-9\",\"OPS-8\",\"OPS-11\")""#), "{}", requests[1]);
    // All keys refused: nothing is left to ask.
    let answers = client.issues(&["GONE-1"], &DESCRIBED).await.unwrap();
    assert_eq!((words(&answers), jira.calls().len()), (vec!["not found"], 3));
}

/// A revoked token sees nothing, and not every server says that it took us for a stranger.
#[tokio::test]
async fn a_search_that_knows_no_key_at_all_is_doubted() {
    let jira = Script::start(|request| match request.contains("/myself ") {
        true => format!("401\n{JSON}\n\n{{}}"),
        false => format!("400\n{JSON}\n\n{{\"errorMessages\":[\"OPS-1, OPS-2?\"]}}"),
    })
    .await;
    let client = jira.client(Plane::SelfManaged, Method::PersonalAccessToken);
    assert_eq!(client.issues(&["OPS-1", "OPS-2"], &PLAIN).await, Err(Error::BadCredentials));
    assert_eq!(jira.calls(), ["POST /rest/api/2/search", "GET /rest/api/2/myself"]);
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
        let answers = jira.client(Plane::SelfManaged, Method::Password).issues(&keys, &PLAIN).await;
        assert_eq!(answers.as_deref().map(words).map_err(Clone::clone), expected);
        assert_eq!(jira.calls().len(), 1);
    }
}
