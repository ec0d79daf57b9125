//! What goes wrong on the way, and what is remembered of it.

use reqwest::Method;
use serde_json::{Value, json};

use super::As::{Basic, Bearer, Nobody};
use super::{ANA, MYSELF_2, MYSELF_3, client, cloud, data_center, get, request};
use crate::world::jira::FakeJira;
use crate::world::tls::{Authority, Validity};
use crate::world::{Drip, Fault, Gate, Personality};

const ISSUE: &str = "/rest/api/3/issue/OPS-7";

#[tokio::test]
async fn faults_answer_instead_of_jira() {
    let jira = cloud().await;
    for (fault, status, header, value) in [
        (Fault::too_many("30"), 429, "retry-after", "30"),
        (Fault::too_many_on_cloud(None, "jira-burst-based"), 429, "ratelimit-reason", "jira-burst-based"),
        (Fault::too_many_at_api_host(), 429, "x-failure-category", "FAILURE CLIENT RATE LIMITED"),
        (Fault::too_many_at_api_host(), 429, "retry-after", ""),
        (Fault::out_of_points("jira-quota-tenant-based", 60), 429, "ratelimit", "\"tenant-app-quota\";r=0;t=60"),
        (Fault::unavailable(Some("120")), 503, "retry-after", "120"),
        (Fault::status(500), 500, "retry-after", ""),
        (Fault::SignInPage, 200, "content-type", "text/html;charset=UTF-8"),
        (Fault::Redirect("http://169.254.169.254/latest".into()), 302, "location", "http://169.254.169.254/latest"),
        (Fault::ContentType("text/plain"), 200, "content-type", "text/plain"),
    ] {
        jira.fault(fault);
        let reply = get(&jira.at(ISSUE), ANA).await;
        assert_eq!((reply.status, reply.header(header)), (status, value));
        jira.heal();
    }
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 200);
}

#[tokio::test]
async fn faults_hit_one_path_or_so_many_requests() {
    let jira = cloud().await;
    jira.fault_at("/issue/", Fault::status(502));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 502);
    assert_eq!(get(&jira.at(MYSELF_3), ANA).await.status, 200);
    jira.heal();
    jira.fault_times(1, "", Fault::status(503));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 503);
    assert_eq!(get(&jira.at(ISSUE), ANA).await.status, 200);
}

#[tokio::test]
async fn answers_can_be_changed_on_their_way() {
    let jira = cloud().await;
    let changed = async |fault| {
        jira.heal();
        jira.fault(fault);
        get(&jira.at(ISSUE), ANA).await.json()
    };
    assert!(changed(Fault::unknown_fields()).await["fields"]["brandNewThing"].is_object());
    let nulls = changed(Fault::null_fields()).await;
    assert_eq!(
        (&nulls["fields"]["status"], &nulls["fields"]["summary"]),
        (&Value::Null, &json!("Login fails on Safari"))
    );
    let missing = changed(Fault::missing_fields()).await;
    assert_eq!(missing["fields"], json!({"summary": "Login fails on Safari"}));
    assert_eq!(changed(Fault::strange_category()).await["fields"]["status"]["statusCategory"]["key"], "paused");
    jira.heal();
    jira.fault(Fault::MalformedJson);
    let reply = get(&jira.at(ISSUE), ANA).await;
    assert!(reply.status == 200 && serde_json::from_str::<Value>(&reply.text).is_err());
}

#[tokio::test]
async fn bodies_break_off_or_swell() {
    let jira = cloud().await;
    for fault in [Fault::Truncated, Fault::LongLength] {
        jira.heal();
        jira.fault(fault);
        let response = request(Method::GET, &jira.at(ISSUE), ANA).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err());
    }
    jira.heal();
    jira.fault(Fault::Close);
    assert!(request(Method::GET, &jira.at(ISSUE), ANA).send().await.is_err());
    jira.heal();
    jira.fault(Fault::Huge(3_000_000));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.text.len(), 3_000_000 + "{\"summary\":\"".len());
    jira.heal();
    jira.fault(Fault::GzipBomb(3_000_000));
    assert_eq!(get(&jira.at(ISSUE), ANA).await.text.len(), 3_000_000, "reqwest unpacks it");
}

#[tokio::test]
async fn slow_bodies_come_byte_by_byte() {
    let jira = cloud().await;
    let drip = Drip::new();
    jira.fault(Fault::Slow(drip.clone()));
    let mut response = request(Method::GET, &jira.at(ISSUE), ANA).send().await.unwrap();
    drip.release(1);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "{");
    drip.release_all();
    assert!(response.text().await.unwrap().ends_with('}'));
}

#[tokio::test]
async fn a_gate_holds_a_stampede() {
    let jira = cloud().await;
    let gate = Gate::closed();
    jira.fault_at("/issue/", Fault::Wait(gate.clone()));
    let url = jira.at(ISSUE);
    let asking: Vec<_> = (0..5)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { get(&url, ANA).await.status })
        })
        .collect();
    gate.wait_for(5).await;
    assert_eq!((gate.arrived(), jira.calls().total), (5, 5));
    assert!(asking.iter().all(|it| !it.is_finished()));
    gate.open();
    for status in asking {
        assert_eq!(status.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn what_was_asked_is_remembered() {
    let jira = cloud().await;
    get(&jira.at(ISSUE), ANA).await;
    get(&jira.at("/rest/api/3/issue/OPS-1"), Nobody).await;
    let calls = jira.calls();
    assert_eq!((calls.total, calls.with_credential, calls.failed()), (2, 1, 0));
    assert_eq!(calls.of("GET /rest/api/3/issue/{key}"), 2);
    let log = jira.log();
    assert_eq!((log[0].who.as_deref(), log[0].status), (Some("ana"), 200));
    assert_eq!((log[1].who.as_deref(), log[1].status), (None, 404));
    assert!(log[0].asked.header("authorization").unwrap().starts_with("Basic "));
    jira.forget_calls();
    assert_eq!(jira.calls().total, 0);
}

#[tokio::test]
async fn people_change() {
    let jira = data_center(Personality::data_center()).await;
    jira.change_person("ana", |ana| ana.password = "new".into());
    assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 401);
    jira.change_person("ana", |ana| ana.access_tokens.clear());
    assert_eq!(get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await.status, 401);
    jira.change_person("ben", |ben| ben.active = false);
    assert_eq!(get(&jira.at(MYSELF_2), Basic("ben", "ben's password")).await.status, 401);
}

#[tokio::test]
async fn it_stops_when_it_is_dropped() {
    let jira = cloud().await;
    let url = jira.at(ISSUE);
    assert!(client().get(&url).send().await.is_ok());
    drop(jira);
    tokio::task::yield_now().await;
    assert!(client().get(&url).send().await.is_err());
}

#[tokio::test]
async fn certificates_can_be_good_or_bad() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let trusting = |authority: &Authority, identity: Option<&str>| {
        let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        super::builder(identity).tls_certs_only([root]).build().unwrap()
    };
    let here = &["127.0.0.1"][..];
    for (server, trusted, works) in [
        (authority.server(here, Validity::Now, None), &authority, true),
        (authority.server(here, Validity::Now, None), &stranger, false),
        (authority.server(here, Validity::Expired, None), &authority, false),
        (authority.server(&["jira.example"], Validity::Now, None), &authority, false),
        (authority.server(here, Validity::Now, Some(&authority)), &authority, false),
    ] {
        let jira = FakeJira::start(Personality::data_center().tls(server)).await;
        let url = jira.at("/status");
        assert!(url.starts_with("https://127.0.0.1:"));
        assert_eq!(trusting(trusted, None).get(&url).send().await.is_ok(), works);
    }
    let jira = FakeJira::start(Personality::cloud().tls(authority.server(here, Validity::Now, Some(&authority)))).await;
    let client = authority.client();
    let identity = format!("{}{}", client.key, client.certificate);
    let known = trusting(&authority, Some(&identity));
    assert!(known.get(jira.at("/_edge/tenant_info")).send().await.is_ok(), "who holds a certificate may speak");
}
