//! Canaries: what is secret, or not for this reader, stands in no page, no answer and no line of the log.

use std::io;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::routes;
use super::visitor::Visitor;
use crate::world::gateway::{Gateway, client, reply};
use crate::world::{FakeJira, Fault, Issue, Person, Personality, Project};

/// Keeps all that is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// All answers that readers other than Ana got.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn add(&mut self, what: &str, reply: &crate::world::gateway::Reply) {
        self.0.push((what.to_owned(), format!("{:?}\n{}", reply.headers, reply.text)));
    }

    fn lack(&self, canaries: &[&str]) {
        for (what, text) in &self.0 {
            for canary in canaries {
                assert!(!text.contains(canary), "{canary} in {what}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_and_no_hidden_title_comes_out_anywhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // The runtime of this test has one thread, so all that the gateway logs passes here.
    let _captured = tracing::subscriber::set_default(subscriber);

    let jira = FakeJira::start(Personality::data_center().at("/jira")).await;
    jira.add_person(
        Person::new("ana", "Ana Canary-Name")
            .groups(&["people-team"])
            .password("canary-password")
            .access_token("canary-access"),
    );
    jira.add_person(Person::new("ben", "Ben Okafor").access_token("ben-access"));
    jira.add_project(Project::new("HR", "Canary-Project").only(&["people-team"]));
    jira.add_issue(Issue::new("HR-1", "Canary-Title").assignee("ana").description("Canary-Description"));
    let link = jira.at("/browse/HR-1");

    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8", "--log", "trace"], clock.clone()).await;
    let mut ana = Visitor::signed_in(&gateway, "ana").await;
    let mut ben = Visitor::signed_in(&gateway, "ben").await;
    let mut seen = Seen::default();

    // Ana fails, connects, reads, makes a token, fails in other ways.
    for (secret, status) in [("canary-wrong", 422), ("canary-password", 303)] {
        let window = ana.get("/connect").await;
        let fields = [("site", jira.url()), ("version", "server".into()), ("method", "password".into())];
        let fields = [&fields[..], &[("username", "ana".into()), ("secret", secret.to_owned())]].concat();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = ana.submit(&window, "/connect", &fields).await;
        assert_eq!(page.status, status, "{}", page.text);
        seen.add("Ana connects", &page.reply);
    }
    let query = format!("url={}", url::form_urlencoded::byte_serialize(link.as_bytes()).collect::<String>());
    for path in ["/", "/preview", "/why"] {
        let page = ana.get(&format!("{path}?{query}")).await;
        assert_eq!(page.text.contains("Canary-Title"), path != "/why", "{path}: the reader herself sees it");
    }
    let account = ana.get("/account").await;
    let token = ana.submit(&account, "/account/tokens", &[("label", "Canary-Label")]).await.one(".token code");
    let api = |method: Method, path: &str, token: &str| {
        client().request(method, format!("{}{path}", gateway.url)).bearer_auth(token)
    };
    let resolve = json!({"urls": [link], "include": ["html", "attributes"]});
    let own = reply(api(Method::POST, "/api/v1/resolve", &token).json(&resolve)).await;
    assert!(own.text.contains("Canary-Title"));
    for body in ["{\"secret\":\"canary-wrong\"", "{\"secret\":{\"canary-wrong\":1}}", "{\"canary-wrong\":1}"] {
        let request = api(Method::POST, "/api/v1/connections", &token).header("content-type", "application/json");
        let reply = reply(request.body(body)).await;
        assert!(reply.status.is_client_error());
        // The name of an unknown field may be said; a value never.
        if !body.starts_with("{\"canary") {
            seen.add(body, &reply);
        }
    }
    for fault in [Fault::SignInPage, Fault::MalformedJson, Fault::status(500), Fault::Truncated, Fault::Close] {
        clock.advance(SignedDuration::from_secs(3600));
        jira.heal();
        jira.fault(fault);
        ana.get(&format!("/?{query}&refresh=1")).await;
        seen.add("Ana asks why", &ana.get(&format!("/why?{query}")).await.reply);
    }
    jira.heal();
    jira.demand_captcha("ana");
    clock.advance(SignedDuration::from_secs(3600));
    ana.get(&format!("/?{query}&refresh=1")).await;

    // Ben and nobody ask for everything there is.
    ben.connect(&jira, "ben", "/").await;
    let ben_token = gateway.api("ben").await.token;
    let mut nobody = Visitor::new(&gateway);
    for route in routes::all() {
        let path = match route.path() {
            path if path.contains('?') => format!("{}?{query}", route.pattern),
            path if path == "/" => format!("/?{query}"),
            path => path,
        };
        for method in &route.methods {
            for visitor in [&mut ben, &mut nobody] {
                let request = visitor.request(method.clone(), &path);
                let page = visitor.send(request).await;
                seen.add(&format!("{method} {path}"), &page.reply);
            }
            if route.is_api() {
                let request = api(method.clone(), &path, &ben_token);
                let request = if *method == Method::POST { request.json(&resolve) } else { request };
                seen.add(&format!("{method} {path} by token"), &reply(request).await);
            }
        }
    }
    let cookie = ana.cookies["session"].clone();
    let csrf = ana.csrf().await;
    let secrets = ["canary-password", "canary-wrong", "canary-access", &token, &cookie];
    seen.lack(&secrets);
    let hers = ["Canary-Title", "Canary-Project", "Canary-Name", "Canary-Description", "Canary-Label", csrf.as_str()];
    let others = Seen(seen.0.iter().filter(|(what, _)| !what.starts_with("Ana")).cloned().collect());
    assert!(others.0.len() > 60, "{}", others.0.len());
    others.lack(&hers);

    gateway.stop().await;
    let log = log.text();
    assert!(log.contains("a person connected a Jira") && log.contains("answered"), "the log is captured: {log}");
    assert!(log.contains("Jira refused a connection"));
    for canary in secrets.iter().chain(&hers).chain(&["HR-1", "acme.example", &ben_token]) {
        let line = log.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{canary} in the log: {line:?}");
    }
}
