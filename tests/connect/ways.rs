//! Ways to sign in, by deployment and version (jira-auth-and-rest §3, §4), and the life of a connection.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::json;

use super::{code, filled, gateway, pat, rows, title};
use crate::openapi;
use crate::world::Personality;
use crate::world::gateway::Gateway;
use crate::world::jira::{Door, Version};

#[tokio::test]
async fn a_scoped_token_goes_by_the_api_host_and_never_to_the_site_again() {
    let jira = filled(Personality::cloud()).await;
    let api_host = jira.api_host_url();
    let gateway = gateway("", &["--atlassian-api-url", &api_host]).await;
    let api = gateway.api("ana").await;
    let row = api.connect(&jira.url(), "api_token", "ana@acme.example", "ana-scoped").await;
    assert_eq!((&row["site"]["url"], &row["label"]), (&json!(jira.url()), &json!("ana@acme.example")));
    let shown_at_site = || {
        let at_site = |door: Door| door == Door::Site;
        jira.log().iter().filter(|it| at_site(it.asked.door) && it.asked.header("authorization").is_some()).count()
    };
    assert_eq!(shown_at_site(), 1, "tried there once");
    jira.forget_calls();
    for key in ["OPS-7", "OPS-8"] {
        let answer = api.one(&jira.at(&format!("/browse/{key}"))).await;
        assert_eq!(
            (&answer["state"], &answer["canonical_url"]),
            (&json!("ready"), &json!(jira.at(&format!("/browse/{key}"))))
        );
    }
    api.resolve(&[&jira.at("/browse/OPS-7"), &jira.at("/browse/OPS-8"), &jira.at("/browse/HR")]).await;
    assert!(jira.calls().total >= 4);
    assert!(jira.log().iter().all(|it| it.asked.door == Door::Api), "no call goes to the site");
}

#[tokio::test]
async fn a_cloud_behind_a_domain_of_its_own_is_cloud_wherever_one_stands_in_it() {
    let jira = filled(Personality::cloud()).await;
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    let typed = jira.at("/jira/software/projects/OPS/boards/3?selectedIssue=OPS-7");
    let row = api.connect(&typed, "api_token", "ana@acme.example", "ana-token").await;
    openapi::validate("addConnection", 201, &row);
    assert_eq!(row["site"]["url"], jira.url());
    assert_eq!(row["site"]["deployment"], "cloud");
    let refused = api.try_connect(&jira.url(), "password", "ana", "ana's password").await;
    assert_eq!(code(&refused), "method_not_supported");
    assert_eq!(title(&api, &typed).await, "Login fails on Safari");
}

#[tokio::test]
async fn the_context_path_is_found_from_a_link_that_was_pasted_as_the_site() {
    for context in ["", "/jira", "/a/b"] {
        let jira = filled(Personality::data_center().at(context)).await;
        let gateway = Gateway::start().await;
        let api = gateway.api("ana").await;
        let typed = jira.at("/browse/OPS-7?focusedCommentId=1#comment-1");
        assert_eq!(pat(&api, &typed).await.status, 201, "{context}");
        assert_eq!(rows(&api).await[0]["site"]["url"], jira.url());
        assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari", "{context}");
        assert_eq!(jira.calls().failed(), 0);
    }
}

#[tokio::test]
async fn the_version_decides_which_ways_there_are() {
    let password = ("password", "ana", "ana's password");
    let token = ("personal_access_token", "", "ana-access");
    let table = [
        (Personality::server().version("7.13.0"), password, "", "server"),
        (Personality::server().version("7.13.0"), token, "method_not_supported", ""),
        (Personality::server(), password, "", "server"),
        (Personality::server(), token, "", "server"),
        (Personality::data_center(), password, "", "data_center"),
        (Personality::data_center().version("11.0.0"), password, "basic_auth_disabled", ""),
        (Personality::data_center().version("11.0.0"), token, "", "data_center"),
        (Personality::data_center(), ("api_token", "ana@acme.example", "ana-token"), "method_not_supported", ""),
    ];
    for (personality, (method, username, secret), problem, deployment) in table {
        let version = personality.self_managed_version();
        let jira = filled(personality).await;
        let gateway = Gateway::start().await;
        let api = gateway.api("ana").await;
        let reply = api.try_connect(&jira.url(), method, username, secret).await;
        if problem.is_empty() {
            assert_eq!(reply.status, 201, "{version:?} {method}: {}", reply.text);
            let row = reply.json();
            assert_eq!((&row["site"]["deployment"], &row["label"]), (&json!(deployment), &json!("ana")), "{version:?}");
            assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari", "{version:?}");
        } else {
            assert_eq!(code(&reply), problem, "{version:?} {method}");
            let tried = usize::from(version >= Some(Version(11, 0, 0)));
            assert_eq!(jira.calls().with_credential, tried, "{version:?}: no secret where it cannot help");
            assert!(rows(&api).await.is_empty());
        }
    }
}

#[tokio::test]
async fn connecting_again_keeps_the_id_and_replaces_the_secret() {
    let jira = filled(Personality::data_center()).await;
    let gateway = gateway("", &[]).await;
    let api = gateway.api("ana").await;
    let first = pat(&api, &jira.url()).await;
    let again = api.try_connect(&jira.url(), "personal_access_token", "", "ana-other").await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.json()["id"], again.json()["id"]);
    jira.change_person("ana", |ana| ana.access_tokens.retain(|token| token.secret == "ana-other"));
    assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari");
    // Another way for the same person is the same connection too.
    let reply = api.try_connect(&jira.url(), "password", "ana", "ana's password").await;
    assert_eq!((reply.status.as_u16(), &reply.json()["method"]), (200, &json!("password")));
    assert_eq!(rows(&api).await.len(), 1);
}

#[tokio::test]
async fn two_people_of_one_site_are_two_connections() {
    let jira = filled(Personality::data_center()).await;
    let gateway = gateway("", &[]).await;
    let api = gateway.api("ana").await;
    pat(&api, &jira.url()).await;
    api.connect(&jira.url(), "personal_access_token", "", "ben-access").await;
    let both = rows(&api).await;
    assert_eq!((both.len(), &both[0]["site"], &both[0]["label"]), (2, &both[1]["site"], &json!("ana")));
    let path = format!("/api/v1/connections/{}", both[0]["id"].as_str().unwrap());
    assert_eq!(api.send(Method::DELETE, &path, None).await.status, 204);
    let answer = api.one(&jira.at("/browse/OPS-7")).await;
    assert_eq!((&answer["state"], &answer["connection"]["label"]), (&json!("ready"), &json!("ben")));
}

#[tokio::test]
async fn a_token_that_ends_soon_is_said_a_fortnight_ahead() {
    let jira = filled(Personality::cloud()).await;
    let clock = Clock::manual("2026-11-01T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await;
    let api = gateway.api("ana").await;
    let connect = async |ends: &str| {
        let body = json!({"site": jira.url(), "method": "api_token", "username": "ana@acme.example",
            "secret": "ana-token", "expires_at": ends});
        api.post("/api/v1/connections", &body).await
    };
    let row = connect("2026-11-16T10:00:00Z").await.json();
    assert_eq!((&row["health"], &row["expires_at"]), (&json!("ok"), &json!("2026-11-16T10:00:00Z")));
    clock.advance(SignedDuration::from_hours(25));
    assert_eq!(connect("2026-11-16T10:00:00Z").await.json()["health"], "expiring");
    assert_eq!(rows(&api).await[0]["health"], "expiring");
    assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari", "it works to its end");
    assert_eq!(connect("2027-11-16").await.json()["health"], "ok");
    assert_eq!(code(&connect("soon").await), "invalid_request");
}
