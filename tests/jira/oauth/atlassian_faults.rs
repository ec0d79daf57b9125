//! What goes wrong at the token endpoint, and what Atlassian has done all the same.

use super::super::As::Nobody;
use super::super::post;
use super::{atlassian, exchange, pair, refreshing};
use crate::world::Fault;
use crate::world::atlassian::TOKEN_ENDPOINT;

#[tokio::test]
async fn the_token_endpoint_fails_as_it_is_told() {
    let cloud = atlassian().await;
    let (_, refresh) = cloud.pair().await;
    for (fault, status, html) in [
        (Fault::too_many("30"), 429, true),
        (Fault::too_many_at_api_host(), 429, false),
        (Fault::unavailable(None), 503, true),
        (Fault::SignInPage, 200, true),
        (Fault::MalformedJson, 200, false),
    ] {
        cloud.atlassian.fault_times(1, TOKEN_ENDPOINT, fault);
        let reply = cloud.refresh(&refresh).await;
        assert_eq!((reply.status, reply.is_html()), (status, html));
        assert!(serde_json::from_str::<serde_json::Value>(&reply.text).is_err() || status == 429);
    }
    assert_eq!(cloud.atlassian.counts().token.refreshes, 1, "one of them was processed and spoilt on its way");
    assert_eq!(cloud.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn an_answer_that_was_lost_leaves_the_leeway() {
    let cloud = atlassian().await;
    let (_, refresh) = cloud.pair().await;
    let url = format!("{}/oauth/token", cloud.atlassian.auth_url());
    cloud.atlassian.fault_times(1, TOKEN_ENDPOINT, Fault::Lost);
    let body = refreshing(&refresh);
    let lost = super::request(reqwest::Method::POST, &url, Nobody).json(&body).send().await;
    assert!(lost.is_err());
    assert_eq!(cloud.atlassian.counts().token.refreshes, 1);
    assert_eq!(cloud.refresh(&refresh).await.status, 200);

    cloud.atlassian.fault_times(1, TOKEN_ENDPOINT, Fault::Lost);
    let code = cloud.code(&[]);
    assert!(super::request(reqwest::Method::POST, &url, Nobody).json(&exchange(&code)).send().await.is_err());
    assert_eq!(cloud.exchange(&code).await.status, 403, "a code is used up");
}

#[tokio::test]
async fn answers_wait_at_a_gate_after_the_work_is_done() {
    let cloud = atlassian().await;
    let (_, refresh) = cloud.pair().await;
    let url = format!("{}/oauth/token", cloud.atlassian.auth_url());
    let body = refreshing(&refresh);
    let gate = cloud.atlassian.hold_token_answers();
    let ask = || {
        let (url, body) = (url.clone(), body.clone());
        tokio::spawn(async move { post(&url, Nobody, body).await })
    };
    let answer = ask();
    gate.wait_for(1).await;
    assert!(!answer.is_finished());
    assert_eq!(cloud.atlassian.counts().token.refreshes, 1, "processed");
    gate.open();
    pair(&answer.await.unwrap());

    cloud.atlassian.heal();
    let gate = cloud.atlassian.hold_token_answers();
    let answer = ask();
    gate.wait_for(1).await;
    gate.cut();
    assert!(answer.await.is_err(), "the connection is gone");
    assert_eq!(cloud.atlassian.counts().token.refreshes, 2);
}
