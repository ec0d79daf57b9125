//! A kept password becomes a personal access token; whatever goes wrong on the way, the password stays and nothing is left.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;

use super::jira;
use super::leaks::Log;
use super::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;
use crate::world::jira::Gate;
use crate::world::{FakeJira, Fault, Personality};

const FLAGS: [&str; 4] = ["--private-sites", "127.0.0.0/8", "--preview-ttl", "0s"];
const PASSWORD: &str = "ana's password";
const TOKENS: &str = "/rest/pat/latest/tokens";

/// Ana has connected by her password.
struct Scene {
    jira: FakeJira,
    clock: Clock,
    gateway: Gateway,
    ana: Visitor,
    page: Page,
}

impl Scene {
    async fn of(personality: Personality) -> Self {
        let jira = jira(personality).await;
        let clock = Clock::manual(jira.now());
        let gateway = Gateway::with(&FLAGS, clock.clone()).await;
        let mut ana = Visitor::signed_in(&gateway, "ana").await;
        let window = ana.get("/connect?return_to=%2Fconnections").await;
        let site = jira.url();
        let fields = [("site", site.as_str()), ("version", "data_center"), ("method", "password")];
        let fields = [&fields[..], &[("username", "ana"), ("secret", PASSWORD)]].concat();
        let page = ana.submit_and_follow(&window, "/connect", &fields).await;
        jira.forget_calls();
        Self { jira, clock, gateway, ana, page }
    }

    async fn new() -> Self {
        Self::of(Personality::data_center().at("/jira")).await
    }

    /// Presses the button.
    async fn replace(&mut self) -> Page {
        let action = self.page.attributes("form[action$='/token']", "action").remove(0);
        self.ana.submit(&self.page, &action, &[]).await
    }

    async fn row(&mut self) -> serde_json::Value {
        self.ana.get("/api/v1/connections").await.reply.json()["connections"][0].clone()
    }

    /// The tokens that Ana did not have before.
    fn new_tokens(&self) -> Vec<crate::world::jira::AccessToken> {
        let mut tokens = self.jira.person("ana").access_tokens;
        tokens.retain(|token| token.secret != "ana-access");
        tokens
    }

    /// How often the password went out.
    fn logins(&self) -> usize {
        let basic = |it: &&str| it.starts_with("Basic ");
        self.jira.log().iter().filter(|it| it.asked.header("authorization").as_ref().is_some_and(basic)).count()
    }

    async fn preview(&mut self) -> Vec<String> {
        let link = format!("/?url={}", self.jira.at("/browse/OPS-7"));
        self.ana.get(&link).await.attributes("article.card", "data-state")
    }

    /// The password is what the connection signs in with, and it works.
    async fn nothing_has_changed(&mut self, what: &str) {
        let row = self.row().await;
        assert_eq!((&row["method"], &row["health"]), (&"password".into(), &"ok".into()), "{what}");
        assert_eq!(self.preview().await, ["ready"], "{what}");
    }
}

#[tokio::test]
async fn a_token_takes_the_place_of_the_password() {
    let mut scene = Scene::new().await;
    let before = scene.row().await;
    assert_eq!(scene.page.texts(".row-detail").len(), 1);
    let replaced = scene.replace().await;
    assert_eq!(replaced.status, 303, "{}", replaced.text);
    assert_eq!((scene.logins(), scene.jira.calls().failed()), (1, 0), "the password goes out once");
    let page = scene.ana.open(replaced.location()).await;
    assert_eq!(
        page.one(".banner"),
        "The password is forgotten here; a personal access token of your own has taken its place."
    );
    assert!(page.one(".row-detail").contains("Personal access token"), "{}", page.one(".row-detail"));
    assert!(page.one(".row-detail").contains("expires on 22 Nov 2027"), "{}", page.one(".row-detail"));
    assert!(page.attributes("form[action$='/token']", "action").is_empty(), "there is no password any more");
    assert_eq!(page.link("your tokens"), scene.jira.at("/secure/ViewPersonalAccessTokens.jspa"));

    let after = scene.row().await;
    assert_eq!((&after["id"], &after["method"]), (&before["id"], &"personal_access_token".into()));
    assert_eq!((&after["health"], &after["expires_at"]), (&"ok".into(), &"2027-11-22T10:00:00Z".into()));
    let tokens = scene.new_tokens();
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0].name.starts_with("jira-notion-gateway 2026-11-22 "), "{}", tokens[0].name);

    // Whatever becomes of the password, the connection works; and it ends with its token.
    scene.jira.change_person("ana", |ana| ana.password = "another".to_owned());
    assert_eq!(scene.preview().await, ["ready"]);
    assert_eq!(scene.logins(), 1);
    scene.jira.change_person("ana", |ana| ana.access_tokens.clear());
    scene.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(scene.preview().await, ["reconnect"]);
    assert_eq!(scene.logins(), 1, "the password is forgotten");
}

#[tokio::test]
async fn a_shorter_life_is_asked_for_where_jira_wants_it() {
    for (refusals, ends) in [(1, "2027-02-20T10:00:00Z"), (2, "2026-12-22T10:00:00Z")] {
        let mut scene = Scene::new().await;
        scene.jira.fault_times(refusals, TOKENS, Fault::status(400));
        assert_eq!(scene.replace().await.status, 303);
        assert_eq!((&scene.row().await["expires_at"], scene.new_tokens().len()), (&ends.into(), 1), "{refusals}");
    }
}

#[tokio::test]
async fn when_something_fails_the_password_stays_and_no_token_is_left() {
    let edit = |what: &'static str| Fault::edit(move |value| value[what] = "JIRAUSER1".into());
    let lost = || Fault::Lost;
    let no_answer = "Jira did not answer as expected. The password stays; try again in a moment.";
    let table = [
        // where, how often, what → words, calls with the password
        (TOKENS, 3, Fault::status(400), "Jira refused to make a token.", 3),
        (TOKENS, 9, Fault::status(404), "This Jira is older than 8.14", 1),
        (TOKENS, 1, lost(), no_answer, 3),
        (TOKENS, 1, Fault::Truncated, no_answer, 3),
        (TOKENS, 1, Fault::MalformedJson, no_answer, 3),
        (TOKENS, 1, edit("rawToken"), "Jira made a token but does not accept it. The password stays.", 2),
        (TOKENS, 1, Fault::status(502), no_answer, 2),
        (TOKENS, 1, Fault::SignInPage, no_answer, 2),
        ("/myself", 1, Fault::status(500), "Jira made a token but does not accept it. The password stays.", 2),
        ("/myself", 1, edit("key"), "Jira made a token that belongs to another user", 2),
    ];
    for (at, (path, times, fault, words, logins)) in table.into_iter().enumerate() {
        let mut scene = Scene::new().await;
        scene.jira.fault_times(times, path, fault);
        let page = scene.replace().await;
        assert_eq!(page.status, 422, "{at}: {}", page.text);
        let said = page.one(".banner");
        assert!(said.starts_with(words) && !said.contains("may be left"), "{at}: {said}");
        assert_eq!((scene.logins(), scene.new_tokens().len()), (logins, 0), "{at}");
        scene.jira.heal();
        scene.nothing_has_changed(&format!("{at}")).await;
        let again = scene.replace().await;
        assert_eq!(again.status, 303, "{at}: the next try goes well");
        assert_eq!(scene.new_tokens().len(), 1, "{at}");
    }
}

#[tokio::test]
async fn a_token_that_could_not_be_deleted_is_named() {
    for (faults, words) in [
        (&[(TOKENS, Fault::Lost)][..], "Jira did not answer as expected."),
        (&[("/myself", Fault::status(500)), ("/tokens/", Fault::Close)], "Jira made a token but does not accept it."),
    ] {
        let mut scene = Scene::new().await;
        faults.iter().for_each(|(path, fault)| scene.jira.fault_at(path, fault.clone()));
        let page = scene.replace().await;
        assert!(page.one(".banner").starts_with(words), "{}", page.text);
        let left = scene.new_tokens();
        assert_eq!((page.status, page.one(".banner code")), (422, left[0].name.clone()));
        assert_eq!(left.len(), 1);
        scene.jira.heal();
        scene.nothing_has_changed(words).await;
    }
}

#[tokio::test]
async fn a_password_that_jira_refuses_goes_out_once() {
    let mut scene = Scene::new().await;
    scene.jira.demand_captcha("ana");
    let page = scene.replace().await;
    assert!(page.one(".banner").starts_with("Jira wants a CAPTCHA before"), "{}", page.text);
    assert_eq!((page.status, scene.logins(), scene.row().await["health"].as_str()), (422, 1, Some("captcha")));
    assert!(page.attributes("form[action$='/token']", "action").is_empty(), "first the CAPTCHA");
    assert_eq!(scene.replace().await.status, 404, "also for who has the old page");
    assert_eq!(scene.logins(), 1);

    let mut scene = Scene::new().await;
    scene.jira.change_person("ana", |ana| ana.password = "another".to_owned());
    let page = scene.replace().await;
    assert!(page.one(".banner").starts_with("Jira does not accept the password any more"), "{}", page.text);
    assert_eq!((page.status, scene.logins(), scene.row().await["health"].as_str()), (422, 1, Some("reconnect")));
}

#[tokio::test]
async fn it_is_offered_only_where_there_may_be_tokens() {
    let mut old = Scene::of(Personality::server().version("8.13.9")).await;
    assert!(old.page.attributes("form[action$='/token']", "action").is_empty());
    let (id, csrf) = (old.row().await["id"].as_str().unwrap().to_owned(), old.ana.csrf().await);
    old.jira.forget_calls();
    let page = old.ana.post(&format!("/connections/{id}/token"), &[("csrf", &csrf)]).await;
    assert_eq!((page.status, old.jira.calls().total), (404, 0));

    // A Jira that hides its version is asked, and says it by having nothing there.
    let mut hidden = Scene::of(Personality::server().version("8.13.9").hidden_server_info()).await;
    let page = hidden.replace().await;
    assert!(page.one(".banner").starts_with("This Jira is older than 8.14"), "{}", page.text);
    assert_eq!(hidden.logins(), 1);
    hidden.nothing_has_changed("hidden").await;

    // Nobody else's, and not without end.
    let mut scene = Scene::new().await;
    let action = scene.page.attributes("form[action$='/token']", "action").remove(0);
    let mut ben = Visitor::signed_in(&scene.gateway, "ben").await;
    let csrf = ben.csrf().await;
    assert_eq!(ben.post(&action, &[("csrf", &csrf)]).await.status, 404);
    assert_eq!(scene.jira.calls().total, 0);
    scene.jira.fault_at(TOKENS, Fault::status(404));
    let tries = async |scene: &mut Scene| scene.replace().await.status;
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(tries(&mut scene).await);
    }
    assert_eq!(told, [422, 422, 422, 422, 429], "connecting was the first of five attempts");
}

#[tokio::test]
async fn who_hangs_up_loses_nothing() {
    let mut scene = Scene::new().await;
    let gate = Gate::closed();
    scene.jira.fault_times(1, TOKENS, Fault::Withhold(gate.clone()));
    let action = scene.page.attributes("form[action$='/token']", "action").remove(0);
    let csrf = scene.page.value("csrf");
    let request = scene.ana.request(reqwest::Method::POST, &action).form(&[("csrf", csrf)]).send();
    let reader = tokio::spawn(request);
    gate.wait_for(1).await;
    reader.abort();
    assert!(reader.await.unwrap_err().is_cancelled());
    gate.open();
    scene.gateway.inner.connect.settle().await;
    assert_eq!(scene.row().await["method"], "personal_access_token");
    assert_eq!((scene.new_tokens().len(), scene.preview().await), (1, vec!["ready".to_owned()]));
}

#[tokio::test]
async fn a_connection_that_is_removed_meanwhile_stays_removed() {
    let mut scene = Scene::new().await;
    let gate = Gate::closed();
    scene.jira.fault_times(1, TOKENS, Fault::Withhold(gate.clone()));
    let action = scene.page.attributes("form[action$='/token']", "action").remove(0);
    let csrf = scene.page.value("csrf");
    let request = scene.ana.request(reqwest::Method::POST, &action).form(&[("csrf", csrf.as_str())]).send();
    let reader = tokio::spawn(request);
    gate.wait_for(1).await;
    let remove = action.replace("/token", "/remove");
    assert_eq!(scene.ana.post(&remove, &[("csrf", &csrf)]).await.status, 303);
    gate.open();
    let answer = reader.await.unwrap().unwrap();
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("The connection was changed meanwhile, so nothing was replaced."));
    assert!(scene.row().await.is_null());
    assert!(scene.new_tokens().is_empty(), "and no token is left");
}

#[tokio::test]
async fn neither_password_nor_token_comes_out() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _captured = tracing::subscriber::set_default(subscriber);
    let mut scene = Scene::new().await;
    let mut seen = Vec::new();
    for fault in [Fault::Lost, Fault::MalformedJson, Fault::status(400), Fault::edit(|it| it["id"] = "".into())] {
        scene.clock.advance(SignedDuration::from_secs(601));
        scene.jira.fault_times(3, TOKENS, fault);
        seen.push(scene.replace().await.text);
        scene.jira.heal();
    }
    scene.clock.advance(SignedDuration::from_secs(601));
    seen.push(scene.replace().await.text);
    seen.push(scene.ana.get("/connections").await.text);
    seen.push(scene.row().await.to_string());
    scene.preview().await;
    let tokens = scene.new_tokens();
    assert!(!tokens.is_empty());
    let secrets: Vec<String> = tokens.into_iter().map(|it| it.secret).chain([PASSWORD.to_owned()]).collect();
    let Scene { gateway, .. } = scene;
    gateway.stop().await;
    let log = log.text();
    assert!(log.contains("a password was replaced by a personal access token"), "{log}");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "in the log");
        assert!(seen.iter().all(|text| !text.contains(secret.as_str())), "in a page");
    }
}
