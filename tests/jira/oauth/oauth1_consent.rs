//! The three steps of OAuth 1.0a: request token, consent, access token (jira-auth-and-rest §4.4).

use jiff::SignedDuration;
use reqwest::Method;

use super::super::As::Nobody;
use super::super::{get, request, send};
use super::oauth1::{CALLBACK, access_token, field, linked, refused, request_token, started};
use super::{hidden, parameter, submit};

#[tokio::test]
async fn a_browser_signs_in_and_decides_without_script() {
    let jira = linked().await;
    for decision in ["allow", "deny"] {
        let (token, authorize) = started(&jira, CALLBACK).await;
        let to_sign_in = get(&authorize, Nobody).await;
        let page = get(to_sign_in.header("location"), Nobody).await;
        let destination = hidden(&page.text, "os_destination");
        let fields = [("os_username", "ana"), ("os_password", "ana's password"), ("os_destination", &destination)];
        let signed_in = submit(&jira.at("/login.jsp"), &fields).await;
        assert_eq!(signed_in.header("location"), authorize);
        let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = send(request(Method::GET, &authorize, Nobody).header("cookie", &cookie)).await;
        assert!(page.text.contains("link would like to access") && page.text.contains("Ana Costa"));
        let form = request(Method::POST, &authorize, Nobody).header("cookie", &cookie);
        let back = send(form.form(&[("decision", decision)])).await;
        let callback = back.header("location");
        assert!(callback.starts_with("https://gateway.example/connect/callback/server?n=1&oauth_token="));
        assert_eq!(parameter(callback, "oauth_token").as_deref(), Some(token.as_str()));
        let verifier = parameter(callback, "oauth_verifier").unwrap();
        let reply = access_token(&jira, &token, &verifier).send().await;
        match decision {
            "allow" => {
                assert_eq!(field(&reply.text, "oauth_expires_in"), "157680000");
                assert_eq!(field(&reply.text, "oauth_authorization_expires_in"), "160272000");
                refused(&access_token(&jira, &token, &verifier).send().await, "token_rejected");
            }
            _ => {
                assert_eq!(verifier, "denied");
                refused(&reply, "permission_denied");
            }
        }
        assert_eq!(get(&authorize, Nobody).await.status, 400, "decided once");
    }
    let (_, authorize) = started(&jira, CALLBACK).await;
    let stranger = submit(&authorize, &[("decision", "allow")]).await;
    assert!(stranger.header("location").contains("/login.jsp?"), "nobody consents without a session");
    assert_eq!(parameter(&jira.deny_oauth1(&authorize), "oauth_verifier").as_deref(), Some("denied"));
}

#[tokio::test]
async fn without_a_callback_the_person_carries_the_verifier() {
    let jira = linked().await;
    let (token, authorize) = started(&jira, "oob").await;
    let verifier = jira.consent_oauth1(&authorize, "ana");
    assert_eq!(access_token(&jira, &token, &verifier).send().await.status, 200);
    for callback in ["", "not a URL"] {
        refused(&request_token(&jira, "").with("oauth_callback", callback).send().await, "parameter_rejected");
    }
}

#[tokio::test]
async fn a_request_token_needs_a_decision_its_verifier_and_time() {
    let jira = linked().await;
    let (token, authorize) = started(&jira, CALLBACK).await;
    refused(&access_token(&jira, &token, "x").send().await, "permission_unknown");
    refused(&access_token(&jira, "made up", "x").send().await, "token_rejected");
    let callback = jira.consent_oauth1(&authorize, "ana");
    refused(&access_token(&jira, &token, "x").send().await, "token_rejected");
    jira.advance(SignedDuration::from_mins(10));
    let verifier = parameter(&callback, "oauth_verifier").unwrap();
    refused(&access_token(&jira, &token, &verifier).send().await, "token_expired");
    let url = jira.at("/plugins/servlet/oauth/request-token");
    assert_eq!(get(&url, Nobody).await.status, 405);
    refused(&submit(&url, &[]).await, "parameter_rejected");
}
