//! The connect window and the list of connections.

use std::sync::Arc;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;

use super::visitor::{Page, Visitor};
use super::{cloud, data_center, jira};
use crate::world::gateway::Gateway;
use crate::world::jira::SingleSignOn;
use crate::world::{FakeJira, Fault, Personality};

const FLAGS: [&str; 2] = ["--private-sites", "127.0.0.0/8"];
const SECRET: &str = "correct-horse-battery-staple";

fn clock() -> Clock {
    Clock::manual("2026-11-22T10:00:00Z".parse().unwrap())
}

/// Types this into an empty window and presses `Authenticate`.
async fn typed(visitor: &mut Visitor, site: &str, version: &str, method: &str, username: &str, secret: &str) -> Page {
    let window = visitor.get("/connect?return_to=%2Fwhy%3Furl%3Dx").await;
    let fields = [("site", site), ("version", version), ("method", method), ("username", username), ("secret", secret)];
    visitor.submit(&window, "/connect", &fields).await
}

/// The window once more, with all that was typed but the secret.
fn refused(page: &Page, status: u16, title: &str, site: &str, username: &str) {
    assert_eq!((page.status, page.one("#problem strong").as_str()), (status, title), "{}", page.text);
    assert_eq!((page.value("site"), page.value("username")), (site.to_owned(), username.to_owned()));
    assert_eq!(page.value("return_to"), "/why?url=x");
    assert!(!page.text.contains(SECRET) && page.attributes("#secret", "value").is_empty(), "{}", page.text);
}

#[tokio::test]
async fn a_wrong_secret_is_tried_once_and_nothing_is_kept() {
    let (own, acme) = (data_center().await, cloud().await);
    let api_host = acme.api_host_url();
    let flags = [&FLAGS[..], &["--atlassian-api-url", &api_host]].concat();
    let gateway = Gateway::with(&flags, Clock::system()).await;
    let mut visitor = Visitor::new(&gateway);
    let page = typed(&mut visitor, &own.url(), "data_center", "password", "ana", SECRET).await;
    refused(&page, 422, "Jira did not accept this sign-in", &own.url(), "ana");
    assert_eq!((own.calls().with_credential, own.calls().failed()), (1, 1), "exactly one login");
    let page = typed(&mut visitor, &own.url(), "data_center", "personal_access_token", "", SECRET).await;
    refused(&page, 422, "Jira did not accept this sign-in", &own.url(), "");
    let page = typed(&mut visitor, &acme.url(), "cloud", "api_token", "ana@acme.example", SECRET).await;
    refused(&page, 422, "Jira did not accept this sign-in", &acme.url(), "ana@acme.example");
    assert!(visitor.get("/connections").await.texts(".row").is_empty());
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_sent() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let site = jira.url();
    for (site, username, secret, title) in [
        ("", "ana", SECRET, "The site URL is missing"),
        ("not an address", "ana", SECRET, "The site URL is not an address"),
        ("ftp://jira.example.com", "ana", SECRET, "The site URL is not an address"),
        (&site, "", SECRET, "The user name or e-mail address is missing"),
        (&site, "ana", "", "The password or token is missing"),
        (&site, "ana", "   ", "The password or token is missing"),
    ] {
        let page = typed(&mut visitor, site, "data_center", "password", username, secret).await;
        refused(&page, 422, title, site, username);
    }
    let window = visitor.get("/connect?return_to=%2Fwhy%3Furl%3Dx").await;
    let fields = [("site", site.as_str()), ("version", "server"), ("method", "password"), ("username", "ana")];
    let late = [&fields[..], &[("secret", SECRET), ("expires_at", "next year")]].concat();
    let page = visitor.submit(&window, "/connect", &late).await;
    refused(&page, 422, "The expiry date is not a date to come", &site, "ana");
    assert_eq!(jira.calls().total, 0);
    // A form that was open for too long keeps what was typed.
    visitor.cookies.clear();
    let page = visitor.submit(&window, "/connect", &[&fields[..], &[("secret", SECRET)]].concat()).await;
    refused(&page, 403, "This form had been open for too long", &site, "ana");
    assert_eq!(jira.calls().total, 0);
    let page = visitor.submit(&page, "/connect", &[("secret", "ana's password")]).await;
    assert_eq!(page.status, 303, "and the window that was shown works: {}", page.text);
}

#[tokio::test]
async fn every_refusal_says_what_the_person_can_do() {
    let sso = jira(Personality::data_center().single_sign_on(SingleSignOn::Page)).await;
    let redirecting =
        jira(Personality::data_center().single_sign_on(SingleSignOn::Redirect("https://sso.example/login".to_owned())))
            .await;
    let captcha = data_center().await;
    captcha.demand_captcha("ana");
    let old = jira(Personality::server().version("8.5.0")).await;
    let acme = cloud().await;
    let strict = data_center().await;
    strict.set_basic_disabled(true);
    let page_only = data_center().await;
    page_only.fault(Fault::status(404));
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let (token, password) = ("personal_access_token", "password");
    let clock = clock();
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    for (site, method, username, title) in [
        (sso.url(), token, "", "A sign-in page stands in front of this Jira"),
        (redirecting.url(), token, "", "A sign-in page stands in front of this Jira"),
        (captcha.url(), password, "ana", "Jira wants a CAPTCHA"),
        (page_only.url(), token, "", "There is no Jira at this address"),
        (gone, token, "", "The gateway cannot reach this Jira"),
        ("https://169.254.169.254".to_owned(), token, "", "The gateway may not go to this address"),
        ("http://9.9.9.9".to_owned(), token, "", "This address needs https"),
        (strict.url(), password, "ana", "This Jira takes no passwords here"),
        (old.url(), token, "", "This Jira does not know this way to sign in"),
        (acme.url(), password, "ana", "This Jira does not know this way to sign in"),
    ] {
        clock.advance(SignedDuration::from_secs(601));
        let page = typed(&mut visitor, &site, "data_center", method, username, SECRET).await;
        refused(&page, 422, title, &site, username);
    }
    let login = captcha.at("/login.jsp");
    clock.advance(SignedDuration::from_secs(601));
    let page = typed(&mut visitor, &captcha.url(), "data_center", password, "ana", SECRET).await;
    assert_eq!(page.link("Open Jira"), login);
    assert_eq!(captcha.calls().with_credential, 2, "one login for each time the person pressed the button");
}

#[tokio::test]
async fn a_private_address_that_is_not_listed_is_not_looked_at() {
    let jira = data_center().await;
    let gateway = Gateway::with(&[], Clock::system()).await;
    let mut visitor = Visitor::new(&gateway);
    let site = jira.url();
    let page = typed(&mut visitor, &site, "data_center", "personal_access_token", "", SECRET).await;
    refused(&page, 422, "The gateway may not go to this address", &site, "");
    assert_eq!(jira.calls().total, 0);
}

#[tokio::test]
async fn five_kinds_of_bad_certificates_are_told_apart() {
    use crate::outbound::authority::Authority;
    let ours = Authority::new("ours");
    let secure =
        async |config: rustls::ServerConfig| FakeJira::start(Personality::data_center().tls(Arc::new(config))).await;
    let jiras = [
        (secure(ours.expired("127.0.0.1").server()).await, "It expired on"),
        (secure(ours.future("127.0.0.1").server()).await, "It is not valid yet."),
        (secure(ours.issue("wiki.test").server()).await, "It belongs to another host name."),
        (
            secure(ours.issue("127.0.0.1").server_for(&ours, &rustls::version::TLS13)).await,
            "This Jira wants a client certificate.",
        ),
        (secure(Authority::new("others").issue("127.0.0.1").server()).await, "Its issuer is not trusted."),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (ca, config) = (folder.path().join("ca.pem"), folder.path().join("gateway.toml"));
    std::fs::write(&ca, ours.pem()).unwrap();
    let site = |(at, (jira, _)): (usize, &(FakeJira, &str))| {
        format!("[[site]]\nurl = '{}'\nname = 'site{at}'\nca_file = '{}'\n", jira.url(), ca.display())
    };
    std::fs::write(&config, jiras.iter().enumerate().map(site).collect::<String>()).unwrap();
    let flags = [&FLAGS[..], &["--config", config.to_str().unwrap()]].concat();
    let gateway = Gateway::with(&flags, Clock::system()).await;
    let mut visitor = Visitor::new(&gateway);
    let api = gateway.api("ana").await;
    for (jira, words) in &jiras {
        let page = typed(&mut visitor, &jira.url(), "data_center", "personal_access_token", "", SECRET).await;
        refused(&page, 422, "The gateway cannot trust this Jira's certificate", &jira.url(), "");
        assert!(page.one("#problem").contains(words), "{}", page.one("#problem"));
        let reply = api.try_connect(&jira.url(), "personal_access_token", "", SECRET).await;
        assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (422, Some("untrusted_certificate")));
        assert_eq!(jira.calls().total, 0, "nothing is said to a server that is not trusted");
    }
}

#[tokio::test]
async fn only_listed_sites_where_the_operator_says_so() {
    let (listed, other) = (data_center().await, data_center().await);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    std::fs::write(&config, format!("sites = 'listed'\n[[site]]\nurl = '{}'\nname = 'plant'\n", listed.url())).unwrap();
    let flags = [&FLAGS[..], &["--config", config.to_str().unwrap()]].concat();
    let gateway = Gateway::with(&flags, Clock::system()).await;
    let mut visitor = Visitor::new(&gateway);
    let window = visitor.get("/connect").await;
    assert_eq!(window.attributes("datalist option", "value"), [listed.url()]);
    let page = typed(&mut visitor, &other.url(), "data_center", "personal_access_token", "", "ana-access").await;
    refused(&page, 422, "This Jira is not on the list", &other.url(), "");
    assert_eq!(other.calls().total, 0);
    let page = typed(&mut visitor, &listed.url(), "data_center", "personal_access_token", "", "ana-access").await;
    assert_eq!(page.status, 303, "{}", page.text);
    let rows = visitor.get("/connections").await;
    assert!(rows.one(".row-detail").contains("plant"));
}

#[tokio::test]
async fn attempts_are_limited_for_an_account() {
    let (jira, clock) = (data_center().await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    for _ in 0..5 {
        let page = typed(&mut visitor, &jira.url(), "data_center", "personal_access_token", "", SECRET).await;
        assert_eq!(page.status, 422);
    }
    let calls = jira.calls().total;
    let page = typed(&mut visitor, &jira.url(), "data_center", "personal_access_token", "", "ana-access").await;
    refused(&page, 429, "Too many attempts", &jira.url(), "");
    assert!(page.one("#problem").contains("10:10"), "{}", page.one("#problem"));
    assert_eq!(jira.calls().total, calls, "Jira is not asked any more");
    clock.advance(SignedDuration::from_secs(600));
    let page = typed(&mut visitor, &jira.url(), "data_center", "personal_access_token", "", "ana-access").await;
    assert_eq!(page.status, 303, "{}", page.text);
}

#[tokio::test]
async fn connections_tell_their_health_and_can_be_removed_and_renewed() {
    let (jira, clock) = (data_center().await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    let empty = visitor.get("/connections").await;
    assert_eq!(empty.texts(".tile-card h3"), ["Jira", "Jira preview (Data center)"]);
    for (tile, version) in [("Connect Jira", "cloud"), ("Connect Jira preview (Data center)", "data_center")] {
        let href = empty.attributes(&format!("a[aria-label='{tile}']"), "href").remove(0);
        let window = visitor.open(&href).await;
        assert_eq!(window.attributes("input[name=version][checked]", "value"), [version]);
    }
    let page = visitor.connect(&jira, "ana", "/connections").await;
    assert_eq!(page.one(".banner"), "Connected as ana.");
    assert_eq!(page.one(".health"), "Working");
    assert!(!page.text.contains("ana-access"));
    let link = format!(
        "/?url={}",
        url::form_urlencoded::byte_serialize(jira.at("/browse/OPS-7").as_bytes()).collect::<String>()
    );
    assert_eq!(visitor.get(&link).await.one("article .card-title"), "Login fails on Safari");

    // The token is revoked in Jira: previews say so, and the window to reconnect knows all but the secret.
    jira.change_person("ana", |person| person.access_tokens.clear());
    clock.advance(SignedDuration::from_secs(61));
    let page = visitor.get(&link).await;
    assert_eq!(page.attributes("article.card", "data-state"), ["reconnect"]);
    let page = visitor.get("/connections").await;
    assert_eq!(page.one(".health"), "Sign-in has ended");
    let reconnect = page.attributes("form[action$='/reconnect']", "action").remove(0);
    let window = visitor.submit_and_follow(&page, &reconnect, &[]).await;
    let checked = |name: &str| window.attributes(&format!("input[name={name}][checked]"), "value");
    assert_eq!((window.value("site"), window.value("username")), (jira.url(), "ana".to_owned()));
    assert_eq!(
        (checked("version"), checked("method")),
        (vec!["data_center".into()], vec!["personal_access_token".into()])
    );
    jira.change_person("ana", |person| *person = person.clone().access_token("new-access"));
    let page =
        visitor.submit_and_follow(&window, "/connect", &[("secret", "new-access"), ("expires_at", "2026-11-30")]).await;
    assert_eq!(page.texts(".row").len(), 1, "the same connection");
    assert_eq!((page.one(".health").as_str(), page.one(".banner").as_str()), ("Expires soon", "Connected as ana."));
    assert!(page.one(".row-detail").contains("expires on"));
    assert_eq!(visitor.get(&link).await.attributes("article.card", "data-state"), ["ready"]);

    let remove = page.attributes("form[action$='/remove']", "action").remove(0);
    let page = visitor.submit_and_follow(&page, &remove, &[]).await;
    assert_eq!(page.one(".banner"), "The connection is removed. Its previews and its secret are gone.");
    assert!(page.texts(".row").is_empty());
    let page = visitor.get(&link).await;
    assert_eq!(page.attributes("article.card", "data-state"), ["connect"]);
    assert!(!page.text.contains("Safari"), "its previews went with it");
    let csrf = visitor.csrf().await;
    let page = visitor.post(&remove, &[("csrf", &csrf)]).await;
    assert_eq!((page.status, page.link("Connections").as_str()), (404, "/connections"));
}

#[tokio::test]
async fn a_captcha_that_was_solved_in_jira_needs_no_retyping() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let (jira, clock) = (jira(personality).await, clock());
        let gateway = Gateway::with(&FLAGS, clock.clone()).await;
        let mut visitor = Visitor::new(&gateway);
        let page = match jira.personality().is_cloud() {
            true => typed(&mut visitor, &jira.url(), "cloud", "api_token", "ana@acme.example", "ana-token").await,
            false => typed(&mut visitor, &jira.url(), "data_center", "password", "ana", "ana's password").await,
        };
        assert_eq!(page.status, 303, "{}", page.text);
        let link = format!(
            "/?url={}",
            url::form_urlencoded::byte_serialize(jira.at("/browse/OPS-7").as_bytes()).collect::<String>()
        );
        jira.demand_captcha("ana");
        let page = visitor.get(&link).await;
        assert_eq!(page.attributes("article.card", "data-state"), ["captcha"]);
        assert_eq!(page.link("Open Jira"), jira.url());
        let page = visitor.open(&page.link("Try again")).await;
        assert_eq!(page.one(".health"), "Jira wants a CAPTCHA");
        assert!(page.texts(".row-buttons button").contains(&"Try again".to_owned()));
        let again = page.attributes("form[action$='/reconnect']", "action").remove(0);

        // Pressed too early: one login, and it is said.
        jira.forget_calls();
        let page = visitor.submit_and_follow(&page, &again, &[]).await;
        assert_eq!((jira.calls().with_credential, page.one(".health").as_str()), (1, "Jira wants a CAPTCHA"));
        assert!(page.one(".banner").starts_with("Jira still refuses this sign-in."));

        jira.browser_login("ana");
        jira.forget_calls();
        let page = visitor.submit_and_follow(&page, &again, &[]).await;
        assert_eq!((jira.calls().with_credential, page.one(".health").as_str()), (1, "Working"));
        assert!(page.one(".banner").starts_with("Connected as ana"));
        assert_eq!(visitor.get(&link).await.one("article .card-title"), "Login fails on Safari", "at once");
    }
}

#[tokio::test]
async fn trying_again_counts_as_an_attempt() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    typed(&mut visitor, &jira.url(), "data_center", "password", "ana", "ana's password").await;
    jira.demand_captcha("ana");
    let link = url::form_urlencoded::byte_serialize(jira.at("/browse/OPS-7").as_bytes()).collect::<String>();
    visitor.get(&format!("/?url={link}")).await;
    jira.forget_calls();
    let rows = visitor.get("/connections").await;
    let again = rows.attributes("form[action$='/reconnect']", "action").remove(0);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(visitor.submit(&rows, &again, &[]).await.status);
    }
    assert_eq!((statuses, jira.calls().with_credential), (vec![303, 303, 303, 429], 3));
}
