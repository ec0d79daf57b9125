//! How fast Jira is asked: who waits when it asks to wait, who does not, and what people are told meanwhile (R17).

use std::time::Duration;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use serde_json::Value;

use crate::oauth::town::Town;
use crate::openapi;
use crate::pages::visitor::Visitor;
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::{ApiToken, MORNING};
use crate::world::{FakeJira, Fault, Gate, Issue, Person, Personality, Project};

const ISSUE: &str = "GET /rest/api/3/issue/{key}";

/// One gateway, and clocks that go together.
struct Stage {
    clock: Clock,
    gateway: Gateway,
}

impl Stage {
    async fn new() -> Self {
        let clock = Clock::manual(MORNING.parse().unwrap());
        Self { gateway: Gateway::with(&["--private-sites", "127.0.0.0/8"], clock.clone()).await, clock }
    }

    fn advance(&self, jira: &FakeJira, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        jira.advance(SignedDuration::from_secs(seconds));
    }

    async fn connected(&self, jira: &FakeJira, who: &str) -> Api {
        let api = self.gateway.api(who).await;
        api.connect_as(jira, who).await;
        api
    }

    async fn page(&self, who: &str) -> String {
        Visitor::signed_in(&self.gateway, who).await.get("/connections").await.text
    }

    async fn paused_calls(&self) -> u64 {
        let metrics = self.gateway.api("ana").await.get("/metrics").await.text;
        let line = metrics.lines().find(|line| line.starts_with("gateway_upstream_paused_total{site=\"other\"}"));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }
}

async fn jira(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(Person::new("ana", "Ana Costa").api_token("ana-token").access_token("ana-access"));
    jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token").access_token("ben-access"));
    jira.add_project(Project::new("P1", "Another project"));
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari"));
    jira.add_issue(Issue::new("OPS-8", "Write the test"));
    jira
}

/// One link, and nobody looks at a spinner for longer than eight seconds.
async fn look(api: &Api, url: &str) -> Value {
    let answer = tokio::time::timeout(Duration::from_secs(8), api.one(url)).await.expect("an answer in time");
    openapi::validate("resolveOne", 200, &answer);
    answer
}

fn is_ready(answer: &Value) -> bool {
    answer["state"] == "ready" && answer["stale"] == false && answer["reason"].is_null()
}

/// `None` unless it has to wait: until when.
fn waits_until(answer: &Value) -> Option<&str> {
    (answer["reason"]["code"] == "rate_limited").then(|| answer["reason"]["retry_at"].as_str().unwrap())
}

#[tokio::test]
async fn a_burst_stops_one_endpoint_for_everybody_at_the_site() {
    let (jira, other) = (jira(Personality::cloud()).await, jira(Personality::cloud()).await);
    let stage = Stage::new().await;
    let (ana, ben) = (stage.connected(&jira, "ana").await, stage.connected(&jira, "ben").await);
    ben.connect(&other.url(), "api_token", "ben@acme.example", "ben-token").await;
    assert!(is_ready(&look(&ana, &jira.at("/browse/OPS-7")).await));
    stage.advance(&jira, 61);
    jira.forget_calls();
    jira.fault_times(1, "/issue/OPS-7", Fault::too_many_on_cloud(Some("5"), "jira-burst-based"));
    let limited = look(&ana, &jira.at("/browse/OPS-7")).await;
    assert_eq!((&limited["state"], &limited["stale"]), (&"ready".into(), &true.into()), "the last value");
    assert_eq!(waits_until(&limited), Some("2026-11-22T10:01:06Z"));
    assert_eq!(limited["preview"]["title"], "Login fails on Safari");
    assert_eq!(jira.calls().of(ISSUE), 1);
    // Ben's token is another one, and he has asked nothing yet.
    stage.advance(&jira, 2);
    let never_seen = look(&ben, &jira.at("/browse/OPS-8")).await;
    assert_eq!((&never_seen["state"], &never_seen["preview"]), (&"rate_limited".into(), &Value::Null));
    assert_eq!(waits_until(&never_seen), Some("2026-11-22T10:01:06Z"), "the true time");
    assert_eq!((jira.calls().of(ISSUE), stage.paused_calls().await), (1, 1));
    // *Refresh* waits too.
    let refresh = format!("/?url={}&refresh=1", jira.at("/browse/OPS-8"));
    assert_eq!(Visitor::signed_in(&stage.gateway, "ben").await.get(&refresh).await.status, 200);
    assert_eq!((jira.calls().of(ISSUE), stage.paused_calls().await), (1, 1));
    // Other calls go on there, and all calls elsewhere.
    for api in [&ana, &ben] {
        assert!(is_ready(&look(api, &jira.at("/projects/OPS")).await));
        let both = [jira.at("/browse/OPS-7?x=1"), jira.at("/browse/OPS-9")];
        assert_eq!(api.resolve(&[&both[0], &both[1]]).await.len(), 2);
    }
    assert!(is_ready(&look(&ben, &other.at("/browse/OPS-7")).await));
    let words = "Jira asked us to slow down. Some previews show the last known values until 10:01 UTC.";
    for who in ["ana", "ben"] {
        assert!(stage.page(who).await.contains(words), "{who}");
    }
    stage.advance(&jira, 3);
    assert!(is_ready(&look(&ana, &jira.at("/browse/OPS-7")).await));
    assert!(is_ready(&look(&ben, &jira.at("/browse/OPS-8")).await));
    assert!(!stage.page("ben").await.contains("slow down"));
}

#[tokio::test]
async fn points_of_the_app_stop_its_calls_at_all_sites_and_no_api_token() {
    for (reason, stops_beta) in [("jira-quota-global-based", true), ("jira-quota-tenant-based", false)] {
        let town = Town::start().await;
        let ana = town.api_of_ana(&town.acme).await;
        let ben = town.gateway.api("ben").await;
        let token = ApiToken { secret: "ben-token".to_owned(), scopes: None, expires: None };
        town.acme.change_person("ben", |ben| ben.api_tokens.push(token));
        ben.connect(&town.acme.url(), "api_token", "ben@acme.example", "ben-token").await;
        town.acme.fault_times(1, "/ex/jira/", Fault::out_of_points(reason, 600));
        let limited = look(&ana, &town.acme.at("/browse/OPS-7")).await;
        assert_eq!(waits_until(&limited), Some("2026-11-22T10:10:00Z"));
        let before = (town.acme.calls().total, town.beta.calls().total);
        let there = look(&ana, &town.beta.at("/browse/OPS-7")).await;
        match stops_beta {
            true => assert_eq!(waits_until(&there), Some("2026-11-22T10:10:00Z")),
            false => assert!(is_ready(&there)),
        }
        assert!(!stops_beta || (town.acme.calls().total, town.beta.calls().total) == before, "nothing was sent");
        assert!(is_ready(&look(&ben, &town.acme.at("/browse/OPS-7")).await), "{reason}");
        let page = Visitor::signed_in(&town.gateway, "local").await.get("/connections").await.text;
        let told = page.matches("Jira asked us to wait until 10:10 UTC.").count();
        assert_eq!(told, if stops_beta { 2 } else { 1 }, "{reason}");
        town.advance(SignedDuration::from_secs(600));
        for jira in [&town.acme, &town.beta] {
            assert!(is_ready(&look(&ana, &jira.at("/browse/OPS-7")).await), "{reason}");
        }
    }
}

#[tokio::test]
async fn what_is_left_of_the_points_is_on_the_page() {
    for beta in ["", "beta-"] {
        let town = Town::start().await;
        let (policy, left) = (format!("{beta}ratelimit-policy"), format!("{beta}ratelimit"));
        let quota = [(&*policy, "\"global-app-quota\";q=65000;w=3600"), (&*left, "\"global-app-quota\";r=11000;t=600")];
        town.acme.set_headers(&quota);
        let ana = town.api_of_ana(&town.acme).await;
        assert!(is_ready(&look(&ana, &town.acme.at("/browse/OPS-7")).await));
        let page = Visitor::signed_in(&town.gateway, "local").await.get("/connections").await.text;
        let words = "Jira allows this gateway 11,000 more points at all sites together until 10:10 UTC";
        assert_eq!(page.matches(words).count(), 2, "at both sites of the grant");
    }
}

#[tokio::test]
async fn the_api_host_is_obeyed_without_retry_after() {
    let town = Town::start().await;
    let ana = town.api_of_ana(&town.acme).await;
    town.acme.fault_times(1, "/issue/OPS-7", Fault::too_many_at_api_host());
    let limited = look(&ana, &town.acme.at("/browse/OPS-7")).await;
    assert_eq!(waits_until(&limited), Some("2026-11-22T10:01:00Z"));
    // For no known reason: the whole connection, and no other.
    assert_eq!(waits_until(&look(&ana, &town.acme.at("/projects/OPS")).await), Some("2026-11-22T10:01:00Z"));
    assert!(is_ready(&look(&ana, &town.beta.at("/projects/OPS")).await));
}

#[tokio::test]
async fn nobodys_bucket_is_drained_and_nobody_slows_another() {
    let jira = jira(Personality::data_center().at("/jira")).await;
    jira.limit(70, 10, 60);
    let stage = Stage::new().await;
    let (ana, ben) = (stage.connected(&jira, "ana").await, stage.connected(&jira, "ben").await);
    let urls: Vec<String> = (1..=90).map(|number| jira.at(&format!("/projects/X{number}"))).collect();
    let mut answers = Vec::new();
    for urls in urls.chunks(30) {
        answers.extend(ana.resolve(&urls.iter().map(String::as_str).collect::<Vec<_>>()).await);
    }
    let limited = answers.iter().filter_map(waits_until).collect::<Vec<_>>();
    assert!(limited.len() >= 90 - 70, "{}", limited.len());
    assert!(limited.iter().all(|until| *until == "2026-11-22T10:01:00Z"), "when it has filled a little: {limited:?}");
    assert!(jira.log().iter().all(|logged| logged.status != 429), "Jira never had to refuse");
    assert!((1..=7).contains(&jira.left_to("ana")), "{}", jira.left_to("ana"));
    assert!(is_ready(&look(&ben, &jira.at("/projects/OPS")).await));
    assert!(is_ready(&look(&ben, &jira.at("/browse/OPS-7")).await));
    let words = format!("Jira allows {} more requests now, and 10 more every minute", jira.left_to("ben"));
    assert!(stage.page("ben").await.contains(&words), "{words}");
    stage.advance(&jira, 60);
    assert!(is_ready(&look(&ana, &jira.at("/projects/OPS")).await));
    // Somebody else used the same account: Jira refuses, and the wait is Jira's.
    jira.fault_times(1, "/project/P1", Fault::too_many("30"));
    assert_eq!(waits_until(&look(&ana, &jira.at("/projects/P1")).await), Some("2026-11-22T10:01:30Z"));
    assert!(is_ready(&look(&ben, &jira.at("/projects/P1")).await));
}

#[tokio::test]
async fn a_site_is_asked_by_few_at_once_and_by_half_as_many_near_its_limit() {
    for (near, at_once) in [(false, 10), (true, 5)] {
        let (jira, other) = (jira(Personality::cloud()).await, jira(Personality::cloud()).await);
        if near {
            jira.set_headers(&[("x-ratelimit-nearlimit", "true")]);
        }
        let stage = Stage::new().await;
        let (ana, ben) = (stage.connected(&jira, "ana").await, stage.connected(&jira, "ben").await);
        ben.connect(&other.url(), "api_token", "ben@acme.example", "ben-token").await;
        for api in [&ana, &ben] {
            assert!(is_ready(&look(api, &jira.at("/projects/OPS")).await));
        }
        let gate = Gate::closed();
        jira.fault_at("/dashboard/", Fault::Wait(gate.clone()));
        let readers = [(ana.clone(), 1..=6), (ben.clone(), 7..=12)].map(|(api, numbers)| {
            let urls: Vec<String> = numbers.map(|number| jira.at(&format!("/jira/dashboards/{number}"))).collect();
            tokio::spawn(async move { api.resolve(&urls.iter().map(String::as_str).collect::<Vec<_>>()).await })
        });
        gate.wait_for(at_once).await;
        for url in ["/projects/OPS", "/browse/OPS-7", "/projects/P1"] {
            assert!(is_ready(&look(&ben, &other.at(url)).await), "another site is not concerned");
        }
        assert_eq!(gate.arrived(), at_once);
        gate.open();
        for reader in readers {
            assert!(reader.await.unwrap().iter().all(|answer| answer["state"] == "not_found"));
        }
        assert_eq!(gate.arrived(), 12);
    }
}
