//! Codes and tokens of Jira Cloud: how long they live and what ends them.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::super::As::{Bearer, Nobody};
use super::super::{MYSELF_3, get, request, send};
use super::{CALLBACK, CHALLENGE, Cloud, VERIFIER, atlassian, exchange, pair, refreshing, refused};

impl Cloud {
    /// The status of `/myself` at the API host.
    async fn myself(&self, access: &str) -> u16 {
        let site = format!("{}/ex/jira/3036c423-78e7-442a-8bed-47870b5a7526", self.atlassian.api_url());
        get(&format!("{site}{MYSELF_3}"), Bearer(access)).await.status
    }
}

#[tokio::test]
async fn a_code_is_exchanged_by_json_and_by_form() {
    let cloud = atlassian().await;
    let reply = cloud.exchange(&cloud.code(&[])).await;
    let body = reply.json();
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(3600), &json!("Bearer")));
    assert_eq!(body["scope"], "read:jira-work read:jira-user offline_access");
    assert!(body["access_token"].as_str().unwrap().len() > 2000, "they can be long");
    let url = format!("{}/oauth/token", cloud.atlassian.auth_url());
    let code = cloud.code(&[("scope", "read:jira-work")]);
    let form = send(request(Method::POST, &url, Nobody).form(&exchange(&code))).await;
    assert_eq!((form.status, form.json().get("refresh_token")), (200, None), "only with offline_access");
    assert_eq!(cloud.atlassian.counts().token.exchanges, 2);
}

#[tokio::test]
async fn a_code_is_good_once_for_five_minutes_and_its_own_address() {
    let cloud = atlassian().await;
    cloud.atlassian.register("other", "other-secret", &[CALLBACK]);
    let code = cloud.code(&[]);
    let changed = |code: &str, name: &str, value: &str| {
        let mut body = exchange(code);
        body[name] = value.into();
        body
    };
    refused(&cloud.token(changed(&code, "client_secret", "wrong")).await, 401, "access_denied");
    refused(&cloud.token(changed(&code, "client_id", "nobody's")).await, 401, "access_denied");
    let mut theirs = changed(&code, "client_id", "other");
    theirs["client_secret"] = "other-secret".into();
    refused(&cloud.token(theirs).await, 403, "invalid_grant");
    refused(&cloud.token(changed(&code, "grant_type", "password")).await, 400, "unsupported_grant_type");
    refused(&cloud.token(json!({"grant_type": 1})).await, 400, "invalid_request");
    assert_eq!(cloud.exchange(&code).await.status, 200);
    refused(&cloud.exchange(&code).await, 403, "invalid_grant");

    let elsewhere = changed(&cloud.code(&[]), "redirect_uri", "https://gateway.example/other");
    refused(&cloud.token(elsewhere).await, 403, "invalid_grant");
    let code = cloud.code(&[]);
    cloud.atlassian.advance(SignedDuration::from_secs(301));
    refused(&cloud.exchange(&code).await, 403, "invalid_grant");
    let code = cloud.code(&[]);
    cloud.atlassian.advance(SignedDuration::from_secs(300));
    assert_eq!(cloud.exchange(&code).await.status, 200);
    let counts = cloud.atlassian.counts().token;
    assert_eq!((counts.exchanges, counts.refused_exchanges), (2, 6));
}

#[tokio::test]
async fn a_challenge_must_be_met_and_a_verifier_must_have_one() {
    let cloud = atlassian().await;
    let challenged = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    for (challenged, verifier, status) in [
        (&challenged[..], VERIFIER, 200),
        (&challenged, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX", 403),
        (&challenged, "", 403),
        (&[], VERIFIER, 403),
        (&[], "", 200),
    ] {
        let code = cloud.code(challenged);
        let mut body = exchange(&code);
        if !verifier.is_empty() {
            body["code_verifier"] = verifier.into();
        }
        assert_eq!(cloud.token(body).await.status, status, "{challenged:?} {verifier}");
    }
}

#[tokio::test]
async fn every_refresh_rotates_and_the_previous_token_has_ten_minutes() {
    let cloud = atlassian().await;
    let (access, first) = cloud.pair().await;
    let (second_access, second) = pair(&cloud.refresh(&first).await);
    assert!(first != second && access != second_access);
    cloud.atlassian.advance(SignedDuration::from_secs(600));
    let (_, sibling) = pair(&cloud.refresh(&first).await);
    for token in [&access, &second_access] {
        assert_eq!(cloud.myself(token).await, 200);
    }
    let (late_access, _) = pair(&cloud.refresh(&sibling).await);
    assert_eq!(cloud.myself(&late_access).await, 200);
    assert_eq!(cloud.atlassian.counts().token.refreshes, 3);
}

#[tokio::test]
async fn a_token_used_late_or_two_behind_ends_its_family() {
    for late in [true, false] {
        let cloud = atlassian().await;
        let (_, bystander) = cloud.pair().await;
        let (_, first) = cloud.pair().await;
        let (mut access, mut newest) = pair(&cloud.refresh(&first).await);
        match late {
            true => cloud.atlassian.advance(SignedDuration::from_secs(601)),
            false => (access, newest) = pair(&cloud.refresh(&newest).await),
        }
        assert_eq!(cloud.myself(&access).await, 200);
        refused(&cloud.refresh(&first).await, 403, "invalid_grant");
        refused(&cloud.refresh(&newest).await, 403, "invalid_grant");
        assert_eq!(cloud.myself(&access).await, 401, "access tokens too");
        assert_eq!(cloud.refresh(&bystander).await.status, 200, "another consent is another family");
    }
}

#[tokio::test]
async fn tokens_end_by_the_clock() {
    let cloud = atlassian().await;
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let (access, idle) = cloud.pair().await;
    cloud.atlassian.advance(SignedDuration::from_secs(3599));
    assert_eq!(cloud.myself(&access).await, 200);
    cloud.atlassian.advance(SignedDuration::from_secs(1));
    assert_eq!(cloud.myself(&access).await, 401);
    cloud.atlassian.advance(days(90));
    refused(&cloud.refresh(&idle).await, 403, "invalid_grant");

    let (_, mut busy) = cloud.pair().await;
    for _ in 0..4 {
        cloud.atlassian.advance(days(89));
        (_, busy) = pair(&cloud.refresh(&busy).await);
    }
    cloud.atlassian.advance(days(10));
    refused(&cloud.refresh(&busy).await, 403, "invalid_grant");
}

#[tokio::test]
async fn people_end_what_they_allowed() {
    let cloud = atlassian().await;
    let (access, refresh) = cloud.pair().await;
    cloud.atlassian.revoke_grants("ana@acme.example");
    assert_eq!(cloud.myself(&access).await, 401);
    refused(&cloud.refresh(&refresh).await, 403, "invalid_grant");

    let (_, refresh) = cloud.pair().await;
    cloud.acme.change_person("ana", |ana| ana.password = "new".into());
    cloud.atlassian.set_older_error_shape(true);
    let reply = cloud.refresh(&refresh).await;
    refused(&reply, 403, "unauthorized_client");
    assert_eq!(reply.json()["error_description"], "refresh_token is invalid");

    let (access, refresh) = cloud.pair().await;
    cloud.acme.change_person("ana", |ana| ana.active = false);
    assert_eq!((cloud.myself(&access).await, cloud.refresh(&refresh).await.status), (401, 403));
}

#[tokio::test]
async fn a_refresh_needs_the_right_client() {
    let cloud = atlassian().await;
    cloud.atlassian.register("other", "other-secret", &[CALLBACK]);
    let (_, refresh) = cloud.pair().await;
    let ask = |client: &str, secret: &str| {
        let mut body = refreshing(&refresh);
        (body["client_id"], body["client_secret"]) = (client.into(), secret.into());
        cloud.token(body)
    };
    refused(&ask("app", "wrong").await, 401, "access_denied");
    refused(&ask("other", "other-secret").await, 403, "invalid_grant");
    refused(&ask("app", "").await, 401, "access_denied");
    assert_eq!(ask("app", "app-secret").await.status, 200);
    refused(&cloud.refresh("made up").await, 403, "invalid_grant");
    let counts = cloud.atlassian.counts().token;
    assert_eq!((counts.refreshes, counts.refused_refreshes), (1, 4));
}
