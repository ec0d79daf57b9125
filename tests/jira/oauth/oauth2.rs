//! Data Center as an OAuth 2.0 provider (jira-auth-and-rest §4.3).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::super::As::{Bearer, Nobody};
use super::super::{MYSELF_2, Reply, data_center, get, post, request, send};
use super::{CHALLENGE, VERIFIER, pair, parameter, refused, submit, with_query};
use crate::world::jira::OAUTH_2_TOKEN;
use crate::world::{FakeJira, Fault, Personality};

const CALLBACK: &str = "https://gateway.example/connect/callback/data-center";

async fn jira() -> FakeJira {
    let jira = data_center(Personality::data_center()).await;
    jira.register_oauth2("link", "link-secret", CALLBACK);
    jira
}

fn authorize(jira: &FakeJira, changed: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", "link"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "s+1"),
        ("scope", "READ"),
    ];
    with_query(&jira.at("/rest/oauth2/latest/authorize"), &usual, changed)
}

fn code(jira: &FakeJira, changed: &[(&str, &str)]) -> String {
    parameter(&jira.consent_oauth2(&authorize(jira, changed), "ana"), "code").unwrap()
}

/// A token request of this kind; an empty value leaves a field out.
async fn token(jira: &FakeJira, kind: &str, changed: &[(&str, &str)]) -> Reply {
    let usual =
        [("grant_type", kind), ("client_id", "link"), ("client_secret", "link-secret"), ("redirect_uri", CALLBACK)];
    let kept = usual.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| name == other));
    let fields: Vec<_> = kept.chain(changed.iter().filter(|(_, value)| !value.is_empty())).copied().collect();
    submit(&jira.at("/rest/oauth2/latest/token"), &fields).await
}

async fn exchange(jira: &FakeJira, code: &str) -> Reply {
    token(jira, "authorization_code", &[("code", code)]).await
}

async fn refresh(jira: &FakeJira, refresh: &str) -> Reply {
    token(jira, "refresh_token", &[("refresh_token", refresh)]).await
}

#[tokio::test]
async fn the_provider_exists_since_8_22() {
    let old = data_center(Personality::server().version("8.21.9")).await;
    let new = data_center(Personality::server().version("8.22.0")).await;
    for (path, status) in [("/rest/oauth2/latest/authorize", 400), ("/plugins/servlet/oauth2/consent", 400)] {
        assert_eq!(get(&old.at(path), Nobody).await.status, 404);
        assert_eq!(get(&new.at(path), Nobody).await.status, status);
    }
    assert_eq!(submit(&old.at("/rest/oauth2/latest/token"), &[]).await.status, 404);
    assert_eq!(get(&new.at("/rest/oauth2/latest/token"), Nobody).await.status, 405);
}

#[tokio::test]
async fn a_browser_signs_in_and_allows_without_script() {
    let jira = jira().await;
    for decision in ["allow", "deny"] {
        let to_sign_in = get(&authorize(&jira, &[]), Nobody).await;
        assert_eq!(to_sign_in.status, 302);
        let sign_in = to_sign_in.header("location");
        let page = get(sign_in, Nobody).await;
        let destination = super::hidden(&page.text, "os_destination");
        assert!(destination.starts_with("/plugins/servlet/oauth2/consent?client_id=link&"));
        let fields = [("os_username", "ana"), ("os_password", "ana's password"), ("os_destination", &destination)];
        let signed_in = submit(&jira.at("/login.jsp"), &fields).await;
        let consent = signed_in.header("location");
        assert_eq!(consent, jira.at(&destination));
        let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let with_cookie = |method, url: &str| request(method, url, Nobody).header("cookie", &cookie);
        let again = send(with_cookie(Method::GET, &authorize(&jira, &[]))).await;
        assert_eq!((again.status, again.header("location")), (302, consent), "who is signed in is not asked again");
        let page = send(with_cookie(Method::GET, consent)).await;
        assert!(page.text.contains("Ana Costa") && page.text.contains("<li>READ</li>"));
        assert!(!page.text.contains("<script"));
        let back = send(with_cookie(Method::POST, consent).form(&[("decision", decision)])).await;
        let callback = back.header("location");
        assert!(callback.starts_with(CALLBACK), "{callback}");
        assert_eq!(parameter(callback, "state").as_deref(), Some("s+1"));
        match decision {
            "allow" => {
                let code = parameter(callback, "code").unwrap();
                assert_eq!(exchange(&jira, &code).await.status, 200);
            }
            _ => assert_eq!(parameter(callback, "error").as_deref(), Some("access_denied")),
        }
    }
    let denied = jira.deny_oauth2(&authorize(&jira, &[]));
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    let stranger = submit(
        &authorize(&jira, &[]).replace("/rest/oauth2/latest/authorize", "/plugins/servlet/oauth2/consent"),
        &[("decision", "allow")],
    )
    .await;
    assert!(stranger.header("location").contains("/login.jsp?"), "nobody consents without a session");
}

#[tokio::test]
async fn the_sign_in_page_leads_to_its_own_server_only() {
    let jira = jira().await;
    for destination in ["https://evil.example/", "//evil.example/", "evil.example"] {
        let fields = [("os_username", "ana"), ("os_password", "ana's password"), ("os_destination", destination)];
        let reply = submit(&jira.at("/login.jsp"), &fields).await;
        assert_eq!(reply.header("location"), jira.at("/secure/MyJiraHome.jspa"));
    }
}

#[tokio::test]
async fn a_request_that_is_not_right_is_refused() {
    let jira = jira().await;
    for (name, value, error) in [
        ("client_id", "app", "invalid_client"),
        ("client_id", "", "invalid_request"),
        ("redirect_uri", "https://gateway.example/", "invalid_request"),
        ("response_type", "token", "invalid_request"),
        ("code_challenge_method", "S512", "invalid_request"),
    ] {
        refused(&get(&authorize(&jira, &[(name, value)]), Nobody).await, 400, error);
    }
    for scope in ["read:jira-work", "READ offline_access", ""] {
        let back = get(&authorize(&jira, &[("scope", scope)]), Nobody).await;
        assert_eq!(parameter(back.header("location"), "error").as_deref(), Some("invalid_scope"));
    }
}

#[tokio::test]
async fn tokens_come_by_form_and_open_the_rest_api() {
    let jira = jira().await;
    let reply = exchange(&jira, &code(&jira, &[])).await;
    let body = reply.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(7200)));
    assert_eq!(body["created_at"], jira.now().as_second());
    assert_eq!(body.get("scope"), None);
    let (access, _) = pair(&reply);
    let myself = get(&jira.at(MYSELF_2), Bearer(&access)).await;
    assert_eq!((myself.status, myself.header("x-ausername")), (200, "ana"));
    assert_eq!(get(&jira.at("/rest/api/2/issue/HR-1"), Bearer(&access)).await.status, 200);
    let url = jira.at("/rest/oauth2/latest/token");
    let json = post(&url, Nobody, json!({"grant_type": "authorization_code", "code": code(&jira, &[])})).await;
    assert_eq!(json.status, 500);
    jira.advance(SignedDuration::from_secs(7199));
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 200);
    jira.advance(SignedDuration::from_secs(1));
    let issue = get(&jira.at("/rest/api/2/issue/OPS-7"), Bearer(&access)).await;
    assert_eq!((issue.status, issue.header("x-ausername")), (401, "anonymous"), "runs without a log-in");
}

#[tokio::test]
async fn a_code_lives_ten_seconds_and_once() {
    let jira = jira().await;
    let first = code(&jira, &[]);
    refused(
        &token(&jira, "authorization_code", &[("code", &first), ("client_secret", "x")]).await,
        401,
        "invalid_client",
    );
    refused(&token(&jira, "password", &[]).await, 400, "unsupported_grant_type");
    refused(&token(&jira, "", &[]).await, 400, "invalid_request");
    assert_eq!(exchange(&jira, &first).await.status, 200);
    refused(&exchange(&jira, &first).await, 400, "invalid_grant");
    for redirect_uri in ["", "https://gateway.example/"] {
        let reply =
            token(&jira, "authorization_code", &[("code", &code(&jira, &[])), ("redirect_uri", redirect_uri)]).await;
        refused(&reply, 400, "invalid_grant");
    }
    for (seconds, status) in [(10, 200), (11, 400)] {
        let code = code(&jira, &[]);
        jira.advance(SignedDuration::from_secs(seconds));
        assert_eq!(exchange(&jira, &code).await.status, status);
    }
    let counts = jira.oauth2_counts();
    assert_eq!((counts.exchanges, counts.refused_exchanges), (2, 5));
}

#[tokio::test]
async fn a_challenge_must_be_met() {
    let jira = jira().await;
    let s256 = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    for (challenged, verifier, status) in [
        (&s256[..], VERIFIER, 200),
        (&plain, VERIFIER, 200),
        (&s256, "", 400),
        (&s256, CHALLENGE, 400),
        (&[("code_challenge", "short")], "short", 400),
        (&[], VERIFIER, 400),
    ] {
        let fields = [("code", code(&jira, challenged)), ("code_verifier", verifier.to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(token(&jira, "authorization_code", &fields).await.status, status, "{challenged:?} {verifier}");
    }
}

#[tokio::test]
async fn a_refresh_needs_the_address_and_kills_the_old_pair_at_once() {
    let jira = jira().await;
    let (access, first) = pair(&exchange(&jira, &code(&jira, &[])).await);
    for changed in [("redirect_uri", ""), ("redirect_uri", "https://gateway.example/")] {
        refused(&token(&jira, "refresh_token", &[("refresh_token", &first), changed]).await, 400, "invalid_grant");
    }
    let wrong = token(&jira, "refresh_token", &[("refresh_token", &first), ("client_secret", "x")]).await;
    refused(&wrong, 401, "invalid_client");
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 200);
    let (newer, second) = pair(&refresh(&jira, &first).await);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 401);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&newer)).await.status, 200);
    refused(&refresh(&jira, &first).await, 400, "invalid_grant");
    jira.advance(SignedDuration::from_hours(90 * 24));
    refused(&refresh(&jira, &second).await, 400, "invalid_grant");
    let counts = jira.oauth2_counts();
    assert_eq!((counts.refreshes, counts.refused_refreshes), (1, 5));
}

#[tokio::test]
async fn people_end_what_they_allowed() {
    let jira = jira().await;
    let (access, token) = pair(&exchange(&jira, &code(&jira, &[])).await);
    jira.change_person("ana", |ana| ana.active = false);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 401);
    jira.change_person("ana", |ana| ana.active = true);
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 200);
    jira.revoke_oauth2("ana");
    assert_eq!(get(&jira.at(MYSELF_2), Bearer(&access)).await.status, 401);
    refused(&refresh(&jira, &token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_lost_answer_is_lost_for_good() {
    let jira = jira().await;
    let (_, first) = pair(&exchange(&jira, &code(&jira, &[])).await);
    jira.fault_times(1, OAUTH_2_TOKEN, Fault::Lost);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "link"),
        ("client_secret", "link-secret"),
        ("redirect_uri", CALLBACK),
        ("refresh_token", &first),
    ];
    assert!(request(Method::POST, &jira.at(OAUTH_2_TOKEN), Nobody).form(&fields).send().await.is_err());
    assert_eq!(jira.oauth2_counts().refreshes, 1);
    refused(&refresh(&jira, &first).await, 400, "invalid_grant");

    let gate = jira.hold_token_answers();
    let (url, code) = (jira.at(OAUTH_2_TOKEN), code(&jira, &[]));
    let asking = tokio::spawn(async move {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "link"),
            ("client_secret", "link-secret"),
            ("redirect_uri", CALLBACK),
            ("code", &code),
        ];
        submit(&url, &fields).await
    });
    gate.wait_for(1).await;
    assert!(!asking.is_finished() && jira.oauth2_counts().exchanges == 2);
    gate.open();
    pair(&asking.await.unwrap());
}
