//! `api.atlassian.com`: sites, identity, calls passed on to the sites.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::As::{Basic, Bearer, Nobody};
use super::super::{MYSELF_3, Reply, get};
use super::{Cloud, atlassian, pair, parameter};
use crate::world::{FakeJira, Fault, Person, Personality};

const ACME: &str = "3036c423-78e7-442a-8bed-47870b5a7526";
const BETA: &str = "11111111-0000-4000-8000-000000000001";

impl Cloud {
    async fn api(&self, path: &str, token: &str) -> Reply {
        get(&format!("{}{path}", self.atlassian.api_url()), Bearer(token)).await
    }

    /// Ana's second site, where Ben is not.
    async fn beta(&self) -> FakeJira {
        let beta = FakeJira::start(Personality::cloud().cloud_id(BETA).title("Beta")).await;
        beta.add_person(Person::new("somebody", "Somebody Else"));
        beta.add_person(Person::new("ana", "Ana Costa"));
        self.atlassian.add_site(&beta);
        beta
    }

    async fn access(&self, email: &str, scope: &str, sites: &[&str]) -> String {
        let url = self.authorize(&[("scope", scope)]);
        let code = parameter(&self.atlassian.consent(&url, email, sites), "code").unwrap();
        self.exchange(&code).await.json()["access_token"].as_str().unwrap().to_owned()
    }
}

#[track_caller]
fn unauthorized(reply: &Reply, message: &str) {
    assert_eq!((reply.status, reply.json()), (401, json!({"code": 401, "message": message})));
}

#[tokio::test]
async fn each_product_of_each_granted_site_is_a_row() {
    let cloud = atlassian().await;
    let beta = cloud.beta().await;
    let ana = "ana@acme.example";
    let work = "read:jira-work offline_access";
    for (email, scope, sites, expected) in [
        (ana, work, vec![], vec![ACME, BETA]),
        (ana, work, vec![beta.url()], vec![BETA]),
        ("ben@acme.example", work, vec![], vec![ACME]),
        (ana, "read:me", vec![], vec![]),
    ] {
        let sites: Vec<&str> = sites.iter().map(String::as_str).collect();
        let access = cloud.access(email, scope, &sites).await;
        let rows = cloud.api("/oauth/token/accessible-resources", &access).await.json();
        let rows = rows.as_array().unwrap();
        let of_jira: Vec<_> = rows.iter().filter(|row| row["scopes"].to_string().contains("jira")).collect();
        assert_eq!(
            of_jira.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(),
            expected,
            "{email} {scope}"
        );
        assert!(of_jira.iter().all(|row| row["scopes"] == json!(["read:jira-work"])));
        let confluence = rows.iter().filter(|row| row["scopes"].to_string().contains("confluence"));
        assert!(expected.is_empty() || confluence.count() == expected.len(), "the same id twice");
    }
    let row = cloud.access(ana, work, &[&beta.url()]).await;
    let row = cloud.api("/oauth/token/accessible-resources", &row).await.json()[1].clone();
    assert_eq!((&row["url"], &row["name"]), (&json!(beta.url()), &json!("Beta")));
    unauthorized(&cloud.api("/oauth/token/accessible-resources", "made up").await, "Unauthorized");
    assert_eq!(cloud.atlassian.counts().resources, 6);

    let access = cloud.access("ben@acme.example", work, &[]).await;
    cloud.acme.change_person("ben", |ben| ben.active = false);
    unauthorized(&cloud.api("/oauth/token/accessible-resources", &access).await, "Unauthorized");
}

#[tokio::test]
async fn no_site_granted_is_an_empty_list() {
    let cloud = atlassian().await;
    let beta = cloud.beta().await;
    let access = cloud.access("ana@acme.example", "read:jira-work", &[&beta.url()]).await;
    beta.change_person("ana", |ana| ana.active = false);
    let reply = cloud.api("/oauth/token/accessible-resources", &access).await;
    assert_eq!((reply.status, reply.json()), (200, json!([])));
}

#[tokio::test]
async fn me_needs_its_own_scope() {
    let cloud = atlassian().await;
    let without = cloud.access("ana@acme.example", "read:jira-work", &[]).await;
    unauthorized(&cloud.api("/me", &without).await, "Unauthorized; scope does not match");
    let with = cloud.access("ana@acme.example", "read:me", &[]).await;
    let me = cloud.api("/me", &with).await.json();
    assert_eq!(
        (&me["email"], &me["account_id"]),
        (&json!("ana@acme.example"), &json!(cloud.acme.person("ana").account_id))
    );
    unauthorized(&get(&format!("{}/me", cloud.atlassian.api_url()), Nobody).await, "Unauthorized");
}

#[tokio::test]
async fn calls_reach_the_site_with_the_rights_of_the_person() {
    let cloud = atlassian().await;
    let beta = cloud.beta().await;
    let (ana, _) = cloud.pair().await;
    let ben = cloud.access("ben@acme.example", "read:jira-work", &[]).await;
    let at = |id: &str, path: &str| format!("/ex/jira/{id}{path}");
    let myself = cloud.api(&at(ACME, MYSELF_3), &ana).await;
    assert_eq!((myself.status, &myself.json()["emailAddress"]), (200, &json!("ana@acme.example")));
    assert!(
        myself.json()["self"].as_str().unwrap().starts_with(&format!("{}/ex/jira/{ACME}/", cloud.atlassian.api_url()))
    );
    assert_eq!(beta.person("ana").account_id, cloud.acme.person("ana").account_id, "one account everywhere");
    assert_eq!(cloud.api(&at(BETA, MYSELF_3), &ana).await.status, 200);
    assert_eq!(cloud.api(&at(ACME, "/rest/api/3/issue/HR-1"), &ana).await.status, 200);
    assert_eq!(cloud.api(&at(ACME, "/rest/api/3/issue/HR-1"), &ben).await.status, 404);
    assert_eq!(cloud.api(&at(ACME, "/rest/api/3/issue/OPS-7"), &ben).await.status, 200);
    unauthorized(&cloud.api(&at(ACME, MYSELF_3), &ben).await, "Unauthorized; scope does not match");
    unauthorized(&cloud.api(&at(ACME, MYSELF_3), "made up").await, "Unauthorized");
    assert_eq!(cloud.api(&at(BETA, MYSELF_3), &ben).await.status, 403, "Ben is not there");
    let beta_alone = cloud.access("ana@acme.example", "read:jira-user", &[&beta.url()]).await;
    for (id, status) in [(BETA, 200), (ACME, 403)] {
        assert_eq!(cloud.api(&at(id, MYSELF_3), &beta_alone).await.status, status, "the sites of the grant");
    }
    assert_eq!(cloud.api(&at("00000000-0000-0000-0000-000000000000", MYSELF_3), &ana).await.status, 404);
    assert_eq!(cloud.acme.calls().of("GET /ex/jira/{cloudId}/rest/api/3/issue/{key}"), 3, "counted by the site");
    cloud.acme.fault_at("/issue/", Fault::too_many_at_api_host());
    let limited = cloud.api(&at(ACME, "/rest/api/3/issue/OPS-7"), &ana).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, ""));
}

#[tokio::test]
async fn scoped_api_tokens_work_at_the_same_host() {
    let cloud = atlassian().await;
    let url = format!("{}/ex/jira/{ACME}{MYSELF_3}", cloud.atlassian.api_url());
    for (secret, status) in [("ana-scoped", 200), ("ana-work-only", 401), ("ana-token", 401)] {
        assert_eq!(get(&url, Basic("ana@acme.example", secret)).await.status, status, "{secret}");
    }
}

#[tokio::test]
async fn it_is_remembered_where_a_token_went() {
    let cloud = atlassian().await;
    let (access, refresh) = pair(&cloud.exchange(&cloud.code(&[])).await);
    assert_eq!(cloud.atlassian.places_that_saw(&access), BTreeSet::new());
    cloud.api(&format!("/ex/jira/{ACME}{MYSELF_3}"), &access).await;
    cloud.refresh(&refresh).await;
    assert_eq!(cloud.atlassian.places_that_saw(&access), BTreeSet::from(["api".to_owned()]));
    assert_eq!(cloud.atlassian.places_that_saw(&refresh), BTreeSet::from(["auth".to_owned()]));
    let wrong = get(&cloud.acme.at(MYSELF_3), Bearer(&access)).await;
    unauthorized(&wrong, "Unauthorized");
    assert_eq!(cloud.atlassian.places_that_saw(&access), BTreeSet::from(["api".to_owned(), cloud.acme.url()]));
    let own_door = format!("{}/ex/jira/{ACME}{MYSELF_3}", cloud.acme.api_host_url());
    unauthorized(&get(&own_door, Bearer(&access)).await, "Unauthorized");
}
