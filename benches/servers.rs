//! What the gateway is measured against: a bare hyper server, and a Jira Cloud that answers at once and always the same
//! (that its answers are like the real ones is shown by the tests' simulated Jira).

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves one body for everything, and looks at nothing.
pub fn bare(body: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    serve(move |_| {
        let response = Response::builder().header("content-type", "application/json");
        std::future::ready(response.body(Full::new(body.clone())).unwrap())
    });
}

static ISSUE_CALLS: AtomicUsize = AtomicUsize::new(0);

/// Knows every issue. Those of the project SLOW take 50 ms.
pub fn jira() {
    serve(answer);
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let body = match (request.method(), path.as_str()) {
        (_, "/count") => ISSUE_CALLS.load(Ordering::SeqCst).to_string(),
        (_, "/_edge/tenant_info") => json!({"cloudId": "6c3a2c5e-0f4b-4a3e-9a51-0c1d2e3f4a5b"}).to_string(),
        (_, "/rest/api/2/serverInfo") => {
            json!({"version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud", "serverTitle": "Jira"}).to_string()
        }
        (_, "/rest/api/3/myself") => person("ana", "Ana Costa").to_string(),
        (&Method::POST, "/rest/api/3/issue/bulkfetch") => {
            ISSUE_CALLS.fetch_add(1, Ordering::SeqCst);
            let asked: Value = serde_json::from_slice(&request.collect().await.unwrap().to_bytes()).unwrap();
            let keys = asked["issueIdsOrKeys"].as_array().unwrap();
            let issues: Vec<String> = keys.iter().map(|key| issue(key.as_str().unwrap())).collect();
            format!("{{\"issues\":[{}],\"issueErrors\":[]}}", issues.join(","))
        }
        (_, path) => {
            ISSUE_CALLS.fetch_add(1, Ordering::SeqCst);
            let key = path.rsplit('/').next().unwrap();
            if key.starts_with("SLOW-") {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            issue(key)
        }
    };
    let response = Response::builder().header("content-type", "application/json;charset=UTF-8");
    response.header("x-aaccountid", "557058:ana").body(Full::new(Bytes::from(body))).unwrap()
}

/// On the runtime that the gateway has, so that only the work on a request differs.
fn serve<F>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static)
where
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let answering = answer(request);
                    async { Ok::<_, Infallible>(answering.await) }
                });
                let _client_gone =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

fn person(id: &str, name: &str) -> Value {
    let avatar =
        |size: u32| format!("https://avatar.acme.example/{id}/{size}.png?d=https%3A%2F%2Fi0.acme.example%2F{size}");
    json!({
        "self": format!("https://acme.atlassian.net/rest/api/3/user?accountId=557058:{id}"),
        "accountId": format!("557058:{id}"), "accountType": "atlassian", "active": true,
        "displayName": name, "emailAddress": format!("{id}@acme.example"), "timeZone": "Europe/Lisbon",
        "avatarUrls": {"48x48": avatar(48), "24x24": avatar(24), "16x16": avatar(16), "32x32": avatar(32)},
    })
}

/// An issue of usual size, as Jira Cloud writes it.
fn issue(key: &str) -> String {
    static TEMPLATE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| template().to_string());
    TEMPLATE.replace("OPS-1000", key)
}

fn template() -> Value {
    let status = |id: u32, name: &str, category: &str| {
        json!({
            "self": format!("https://acme.atlassian.net/rest/api/3/status/{id}"), "description": "", "name": name,
            "iconUrl": "https://acme.atlassian.net/images/icons/statuses/inprogress.png", "id": id.to_string(),
            "statusCategory": {"self": "https://acme.atlassian.net/rest/api/3/statuscategory/4", "id": 4,
                "key": category, "colorName": "yellow", "name": name},
        })
    };
    let kind = |id: u32, name: &str, level: i32| {
        json!({
            "self": format!("https://acme.atlassian.net/rest/api/3/issuetype/{id}"), "id": id.to_string(),
            "description": "A problem which impairs or prevents the functions of the product.",
            "iconUrl": format!("https://acme.atlassian.net/rest/api/2/universal_avatar/view/type/issuetype/avatar/{id}?size=medium"),
            "name": name, "subtask": false, "avatarId": id, "hierarchyLevel": level,
        })
    };
    json!({
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": "1000100", "self": "https://acme.atlassian.net/rest/api/3/issue/1000100", "key": "OPS-1000",
        "fields": {
            "summary": "OPS-1000 Login on Safari fails after the session has been renewed in another tab",
            "status": status(3, "In Progress", "indeterminate"), "issuetype": kind(10004, "Bug", 0),
            "priority": {"self": "https://acme.atlassian.net/rest/api/3/priority/2", "id": "2", "name": "High",
                "iconUrl": "https://acme.atlassian.net/images/icons/priorities/high.svg"},
            "assignee": person("ana", "Ana Costa"), "reporter": person("ben", "Ben Okafor"),
            "project": {"self": "https://acme.atlassian.net/rest/api/3/project/10000", "id": "10000", "key": "OPS",
                "name": "Operations", "projectTypeKey": "software", "simplified": false},
            "parent": {"id": "1000001", "key": "OPS-12", "self": "https://acme.atlassian.net/rest/api/3/issue/1000001",
                "fields": {"summary": "Sign-in that works in every browser", "status": status(3, "In Progress", "indeterminate"),
                    "issuetype": kind(10000, "Epic", 1)}},
            "duedate": "2027-01-15", "resolution": null, "labels": ["safari", "login", "customer-reported"],
            "fixVersions": [{"self": "https://acme.atlassian.net/rest/api/3/version/10010", "id": "10010",
                "name": "2027.1 Winter", "archived": false, "released": false, "releaseDate": "2027-01-31"}],
            "created": "2026-11-02T09:12:44.000+0000", "updated": "2026-11-22T09:58:12.000+0000", "security": null,
        },
    })
}
