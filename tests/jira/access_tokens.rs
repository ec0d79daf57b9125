//! The client of the REST API for personal access tokens, before answers of all kinds. The simulated Jira's own side of it
//! is shown in `oauth/access_tokens.rs`.

use jira_notion_gateway::jira::access_tokens::AccessToken;
use jira_notion_gateway::jira::auth::{Auth, Method};
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::error::Error;

use super::script::{HTML, JSON, Script};

async fn script(answer: String) -> Script {
    Script::start(move |_| answer.clone()).await
}

#[tokio::test]
async fn a_token_is_made_in_every_form_in_which_jira_tells_it() {
    let day = "2027-02-20T09:00:00Z";
    for (body, expires_at) in [
        (
            r#"{"id":123,"name":"x","createdAt":"…","expiringAt":"2027-02-20T10:00:00.000+0100","rawToken":"s3cret"}"#,
            day,
        ),
        (r#"{"id":"123","name":"x","expiringAt":"2027-02-20T09:00:00Z","token":"s3cret","new":{"thing":[1]}}"#, day),
        (r#"{"id":123,"name":"x","expiringAt":null,"rawToken":"s3cret"}"#, ""),
        (r#"{"id":123,"name":"x","expiringAt":"soon","rawToken":"s3cret"}"#, ""),
    ] {
        for status in [200, 201] {
            let jira = script(format!("{status}\n{JSON}\nX-AUSERNAME: ana\n\n{body}")).await;
            let made = jira.client(Plane::SelfManaged, Method::Password).create_access_token("x", 90).await.unwrap();
            let token = AccessToken { id: "123".into(), name: "x".into(), expires_at: expires_at.parse().ok() };
            assert_eq!(made.token, token, "{body}");
            assert!(!format!("{made:?}").contains("s3cret"));
            let (same, other) = (Auth::bearer(&made.secret), Auth::bearer(&"s3cret".into()));
            let header = |auth: Result<Auth, Error>| {
                let url = "https://a.example".parse().unwrap();
                auth.unwrap().header(&jira_notion_gateway::outbound::Method::GET, &url).unwrap()
            };
            assert_eq!(header(same), header(other));
            let request = jira.asked.lock().unwrap().remove(0);
            assert!(request.starts_with("POST /rest/pat/latest/tokens HTTP"), "{request}");
            assert!(request.contains("\r\nx-atlassian-token: no-check\r\n"), "{request}");
            assert!(request.ends_with(r#"{"expirationDuration":90,"name":"x"}"#), "{request}");
        }
    }
}

#[tokio::test]
async fn what_is_no_token_is_not_taken_for_one() {
    let signed_in = "X-AUSERNAME: ana";
    let captcha = Error::Captcha { login_url: None };
    for (answer, expected) in [
        (format!("201\n{JSON}\n{signed_in}\n\n{{\"id\":1,\"rawToken\":\"\"}}"), Error::Malformed),
        (format!("201\n{JSON}\n{signed_in}\n\n{{\"rawToken\":\"s3cret\"}}"), Error::Malformed),
        (format!("201\n{JSON}\n{signed_in}\n\n[]"), Error::Malformed),
        (format!("201\n{JSON}\nX-AUSERNAME: anonymous\n\n{{\"id\":1,\"rawToken\":\"x\"}}"), Error::BadCredentials),
        (format!("204\n{signed_in}\n\n"), Error::Malformed),
        (format!("200\n{HTML}\n\n<html>sign in"), Error::SignInPage),
        (format!("404\n{HTML}\nX-AUSERNAME: anonymous\n\n<html>Oops"), Error::NotFound),
        (format!("404\n{JSON}\n{signed_in}\n\n{{\"message\":\"null for uri\"}}"), Error::NotFound),
        ("404\nContent-Type: application/xml\n\n<status>".to_owned(), Error::NotFound),
        (format!("400\n{JSON}\n{signed_in}\n\n{{}}"), Error::BadQuery),
        (format!("400\n{HTML}\n\n<html>"), Error::BadQuery),
        (format!("403\n{JSON}\n{signed_in}\n\n{{}}"), Error::Forbidden),
        (format!("401\n{JSON}\n\n{{}}"), Error::BadCredentials),
        (format!("404\n{HTML}\nX-Seraph-LoginReason: AUTHENTICATED_FAILED\n\n"), Error::BadCredentials),
        (format!("403\n{HTML}\nX-Seraph-LoginReason: AUTHENTICATION_DENIED\n\n<html>"), captcha),
        (format!("500\n{JSON}\n\n{{}}"), Error::Upstream(500)),
    ] {
        let jira = script(answer.clone()).await;
        let made = jira.client(Plane::SelfManaged, Method::Password).create_access_token("x", 90).await;
        let refused = match made.unwrap_err() {
            Error::Captcha { .. } => Error::Captcha { login_url: None },
            error => error,
        };
        assert_eq!(refused, expected, "{answer}");
        assert_eq!(jira.calls().len(), 1, "{answer}: a password goes out once");
    }
}

#[tokio::test]
async fn a_list_is_read_and_a_token_deleted() {
    let body = r#"[{"id":1,"name":"a","expiringAt":"2027-02-20T10:00:00.000+0100"},{"id":"2","expiringAt":null},{"name":"no id"},null,7]"#;
    let jira = script(format!("200\n{JSON}\nX-AUSERNAME: ana\n\n{body}")).await;
    let tokens = jira.client(Plane::SelfManaged, Method::PersonalAccessToken).access_tokens().await.unwrap();
    let told: Vec<_> = tokens.iter().map(|it| (it.id.as_str(), it.expires_at.is_some())).collect();
    assert_eq!(told, [("1", true), ("2", false)]);

    let long = vec![r#"{"id":1}"#; 1_001].join(",");
    let jira = script(format!("200\n{JSON}\nX-AUSERNAME: ana\n\n[{long}]")).await;
    let client = jira.client(Plane::SelfManaged, Method::PersonalAccessToken);
    assert_eq!(client.access_tokens().await, Err(Error::Malformed), "a part of a list is no list");

    for (answer, expected) in [
        ("204\nX-AUSERNAME: ana\n\n".to_owned(), Ok(())),
        (format!("404\n{JSON}\nX-AUSERNAME: ana\n\n{{}}"), Ok(())),
        (format!("401\n{JSON}\n\n{{}}"), Err(Error::BadCredentials)),
        (format!("200\n{HTML}\n\n<html>"), Err(Error::SignInPage)),
    ] {
        let jira = script(answer.clone()).await;
        let client = jira.client(Plane::SelfManaged, Method::Password);
        assert_eq!(client.delete_access_token("../7").await, expected, "{answer}");
        assert_eq!(jira.calls(), ["DELETE /rest/pat/latest/tokens/..%2F7"]);
        assert_eq!(client.delete_access_token("..").await, Err(Error::NotFound), "never sent");
        assert_eq!(jira.calls().len(), 1);
    }
}
