//! Application links of OAuth 1.0a: what a signature must be like (jira-auth-and-rest §4.4).

use jiff::SignedDuration;
use reqwest::Method;

use super::super::{MYSELF_2, Reply, data_center};
use super::consumer::Unsigned;
use super::parameter;
use crate::world::oauth::rsa_key;
use crate::world::{FakeJira, Personality};

pub const CALLBACK: &str = "https://gateway.example/connect/callback/server?n=1";

pub async fn linked() -> FakeJira {
    let jira = data_center(Personality::server().version("7.13.0")).await;
    jira.register_oauth1("link", rsa_key::PUBLIC_KEY);
    jira
}

/// A field of a form-encoded answer.
#[track_caller]
pub fn field(text: &str, name: &str) -> String {
    let found = url::form_urlencoded::parse(text.as_bytes()).find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("no {name} in {text}")).1.into_owned()
}

#[track_caller]
pub fn refused(reply: &Reply, problem: &str) {
    assert_eq!((reply.status, field(&reply.text, "oauth_problem").as_str()), (401, problem), "{}", reply.text);
    let challenge = reply.header("www-authenticate");
    assert!(challenge.starts_with("OAuth realm=\"http%3A%2F%2F"), "{challenge}");
    assert!(challenge.contains(&format!("oauth_problem=\"{problem}\"")), "{challenge}");
}

pub fn request_token(jira: &FakeJira, callback: &str) -> Unsigned {
    let url = jira.at("/plugins/servlet/oauth/request-token");
    Unsigned::new(Method::POST, &url, jira.now(), &[("oauth_callback", callback)])
}

pub fn access_token(jira: &FakeJira, token: &str, verifier: &str) -> Unsigned {
    let url = jira.at("/plugins/servlet/oauth/access-token");
    Unsigned::new(Method::POST, &url, jira.now(), &[("oauth_token", token), ("oauth_verifier", verifier)])
}

pub fn call(jira: &FakeJira, path: &str, token: &str) -> Unsigned {
    Unsigned::new(Method::GET, &jira.at(path), jira.now(), &[("oauth_token", token)])
}

/// A new request token and the address to which the browser goes.
pub async fn started(jira: &FakeJira, callback: &str) -> (String, String) {
    let reply = request_token(jira, callback).send().await;
    assert_eq!((reply.status, field(&reply.text, "oauth_callback_confirmed").as_str()), (200, "true"));
    let token = field(&reply.text, "oauth_token");
    let authorize = jira.at(&format!("/plugins/servlet/oauth/authorize?oauth_token={token}"));
    (token, authorize)
}

/// An access token of this person.
pub async fn connected(jira: &FakeJira, username: &str) -> String {
    let (token, authorize) = started(jira, CALLBACK).await;
    let callback = jira.consent_oauth1(&authorize, username);
    let reply = access_token(jira, &token, &parameter(&callback, "oauth_verifier").unwrap()).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    field(&reply.text, "oauth_token")
}

#[tokio::test]
async fn a_signed_call_is_the_persons_own() {
    let jira = linked().await;
    let (ana, ben) = (connected(&jira, "ana").await, connected(&jira, "ben").await);
    for (token, name, hidden) in [(&ana, "ana", 200), (&ben, "ben", 403)] {
        let reply = call(&jira, MYSELF_2, token).send().await;
        assert_eq!((reply.status, reply.header("x-ausername")), (200, name));
        let issue = call(&jira, "/rest/api/2/issue/HR-1?fields=summary%2Cstatus&updateHistory=false", token);
        assert_eq!(issue.send().await.status, hidden);
    }
    let search = call(&jira, "/rest/api/2/search?jql=summary%20~%20%22login%22&fields=a&fields=B+c~%C3%BC", &ana);
    assert!(search.base_string().contains("%2Fjira%2Frest%2Fapi%2F2%2Fsearch&"), "with the context path");
    assert_eq!(search.send().await.status, 200, "any query can be signed");
}

#[tokio::test]
async fn each_fault_of_a_request_has_its_name() {
    let jira = linked().await;
    let token = connected(&jira, "ana").await;
    let good = || call(&jira, MYSELF_2, &token);
    let at = |seconds: i64| (jira.now().as_second() + seconds).to_string();
    for (name, value, problem) in [
        ("oauth_consumer_key", "nobody's", "consumer_key_unknown"),
        ("oauth_signature_method", "HMAC-SHA1", "signature_method_rejected"),
        ("oauth_version", "2.0", "version_rejected"),
        ("oauth_timestamp", &at(301), "timestamp_refused"),
        ("oauth_timestamp", &at(-301), "timestamp_refused"),
        ("oauth_timestamp", "yesterday", "timestamp_refused"),
        ("oauth_nonce", "", "parameter_absent"),
        ("oauth_timestamp", "", "parameter_absent"),
        ("oauth_token", "", "permission_denied"),
        ("oauth_token", "made up", "token_rejected"),
    ] {
        refused(&good().with(name, value).send().await, problem);
    }
    for seconds in [300, -300] {
        assert_eq!(good().with("oauth_timestamp", &at(seconds)).send().await.status, 200);
    }
    let once = good();
    let header = once.header(&once.signature());
    assert_eq!(once.send_with(&header).await.status, 200);
    refused(&once.send_with(&header).await, "nonce_used");
    refused(&good().send_with("OAuth oauth_consumer_key=link").await, "parameter_rejected");
    refused(&good().send_with(&format!("{}, oauth_token=\"x\"", once.header("x"))).await, "parameter_rejected");
}

#[tokio::test]
async fn a_wrong_signature_is_told_what_should_have_been_signed() {
    let jira = linked().await;
    let token = connected(&jira, "ana").await;
    let asked = call(&jira, "/rest/api/2/issue/OPS-7?fields=summary", &token);
    let other = call(&jira, "/rest/api/2/issue/OPS-7?fields=status", &token);
    for signature in [other.signature(), "bm8=".to_owned(), "?".to_owned()] {
        let reply = asked.send_with(&asked.header(&signature)).await;
        refused(&reply, "signature_invalid");
        assert_eq!(field(&reply.text, "oauth_signature_base_string"), asked.base_string());
    }
    assert_eq!(asked.send().await.status, 200, "a refused request has not used up its nonce");
}

#[tokio::test]
async fn a_proxy_that_changes_the_address_breaks_signatures() {
    let jira = linked().await;
    let token = connected(&jira, "ana").await;
    let outside = Unsigned { url: format!("https://jira.example/jira{MYSELF_2}"), ..call(&jira, MYSELF_2, &token) };
    let inside = call(&jira, MYSELF_2, &token);
    refused(&inside.send_with(&outside.header(&outside.signature())).await, "signature_invalid");
}

#[tokio::test]
async fn tokens_end() {
    let jira = linked().await;
    let token = connected(&jira, "ana").await;
    jira.change_person("ana", |ana| ana.active = false);
    refused(&call(&jira, MYSELF_2, &token).send().await, "token_rejected");
    jira.change_person("ana", |ana| ana.active = true);
    jira.advance(SignedDuration::from_secs(157_680_000 - 1));
    assert_eq!(call(&jira, MYSELF_2, &token).send().await.status, 200);
    jira.advance(SignedDuration::from_secs(1));
    refused(&call(&jira, MYSELF_2, &token).send().await, "token_expired");
    let newer = connected(&jira, "ana").await;
    jira.revoke_oauth1("ana");
    refused(&call(&jira, MYSELF_2, &newer).send().await, "token_rejected");
}
