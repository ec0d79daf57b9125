//! The way through log-in and consent at `auth.atlassian.com`.

use super::super::As::{Bearer, Nobody};
use super::super::get;
use super::{CALLBACK, atlassian, hidden, pair, parameter, submit};
use crate::world::jira::Personality;
use crate::world::{FakeJira, Person};

#[tokio::test]
async fn a_request_that_is_not_right_ends_at_an_error_page() {
    let cloud = atlassian().await;
    for (name, value, error) in [
        ("audience", "", "invalid_request"),
        ("audience", "acme.atlassian.net", "invalid_request"),
        ("prompt", "", "invalid_request"),
        ("state", "", "invalid_request"),
        ("response_type", "token", "invalid_request"),
        ("client_id", "", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("redirect_uri", "https://gateway.example/connect/callback/cloud/", "unauthorized_client"),
        ("redirect_uri", "https://gateway.example/connect/callback/cloud?x=1", "unauthorized_client"),
        ("code_challenge_method", "S256", "invalid_request"),
    ] {
        let reply = get(&cloud.authorize(&[(name, value)]), Nobody).await;
        assert_eq!((reply.status, reply.is_html(), reply.header("location")), (400, true, ""), "{name}={value}");
        assert!(reply.text.contains(error), "{name}={value}: {}", reply.text);
    }
    let twice = format!("{}&state=other", cloud.authorize(&[]));
    assert_eq!(get(&twice, Nobody).await.status, 400);
}

#[tokio::test]
async fn an_unknown_client_is_noticed_after_the_log_in() {
    let cloud = atlassian().await;
    let url = cloud.authorize(&[("client_id", "nobody's")]);
    let page = get(&url, Nobody).await;
    assert_eq!(page.status, 200);
    let request = hidden(&page.text, "request");
    let login = format!("{}/login", cloud.atlassian.auth_url());
    let reply = submit(&login, &[("request", &request), ("as", "ana@acme.example")]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("unauthorized_client"));
}

#[tokio::test]
async fn a_browser_logs_in_and_accepts_without_script() {
    let cloud = atlassian().await;
    let beta = FakeJira::start(Personality::cloud().cloud_id("11111111-0000-4000-8000-000000000001")).await;
    beta.add_person(Person::new("ana", "Ana Costa"));
    cloud.atlassian.add_site(&beta);
    let page = get(&cloud.authorize(&[]), Nobody).await;
    assert!(page.is_html() && !page.text.contains("<script"));
    let request = hidden(&page.text, "request");
    let (login, consent) =
        (format!("{}/login", cloud.atlassian.auth_url()), format!("{}/consent", cloud.atlassian.auth_url()));
    let (email, password) = (("email", "ana@acme.example"), ("password", "ana's password"));
    for wrong in ["", "ana-token"] {
        let again = submit(&login, &[("request", &request), email, ("password", wrong)]).await;
        assert!(again.status == 200 && again.text.contains("Incorrect email address or password."));
        assert!(!again.text.contains("name=\"session\""));
    }
    let page = submit(&login, &[("request", &request), email, password]).await.text;
    assert!(page.contains("read:jira-work") && page.contains(&cloud.acme.url()) && page.contains(&beta.url()));
    let (request, session) = (hidden(&page, "request"), hidden(&page, "session"));
    let fields = [("request", request.as_str()), ("session", &session), ("decision", "accept")];
    let none = submit(&consent, &fields).await;
    assert!(none.text.contains("Choose at least one site."));
    let beta_alone = [&fields[..], &[("site", "11111111-0000-4000-8000-000000000001")]].concat();
    let back = submit(&consent, &beta_alone).await;
    assert_eq!(back.status, 302);
    let callback = back.header("location");
    assert!(callback.starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(parameter(callback, "state").as_deref(), Some("s+1"));
    let (access, _) = pair(&cloud.exchange(&parameter(callback, "code").unwrap()).await);
    let sites = get(&format!("{}/oauth/token/accessible-resources", cloud.atlassian.api_url()), Bearer(&access)).await;
    assert!(sites.text.contains(&beta.url()) && !sites.text.contains(&cloud.acme.url()));
    let again = submit(&consent, &beta_alone).await;
    assert_eq!(again.status, 400, "a consent page is good once");
}

#[tokio::test]
async fn cancel_goes_back_with_access_denied() {
    let cloud = atlassian().await;
    let page = get(&cloud.authorize(&[]), Nobody).await.text;
    let request = hidden(&page, "request");
    let login = format!("{}/login", cloud.atlassian.auth_url());
    let page = submit(&login, &[("request", &request), ("as", "ben@acme.example")]).await.text;
    let session = hidden(&page, "session");
    let consent = format!("{}/consent", cloud.atlassian.auth_url());
    let back = submit(&consent, &[("request", &request), ("session", &session), ("decision", "cancel")]).await;
    for url in [back.header("location"), &cloud.atlassian.deny(&cloud.authorize(&[]))] {
        assert_eq!(parameter(url, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(url, "state").as_deref(), Some("s+1"));
        assert_eq!(parameter(url, "code"), None);
    }
}
