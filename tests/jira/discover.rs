//! Discovery against servers that are a Jira, hide it, or are none.

use jira_notion_gateway::jira::auth::Method;
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::discover::{DiscoverError, Found, discover};
use jira_notion_gateway::jira::key::{Deployment, SiteUrl};
use jira_notion_gateway::outbound::Failure;
use tokio::net::TcpListener;

use super::script::{HTML, JSON, Script, http};

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
