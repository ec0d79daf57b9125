//! Pages where nobody is signed in by being there: the way to sign in, and back.

use std::sync::Arc;

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::config::SignIn;
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::redirects::{payloads, stays};
use super::visitor::Visitor;
use super::{cloud, routes, sign_on};
use crate::world::FakeJira;
use crate::world::gateway::Gateway;

/// A gateway to which people sign in with this Jira.
async fn gateway(jira: &FakeJira) -> Gateway {
    let folder = Arc::new(TempDir::new().unwrap());
    let file = folder.path().join("gateway.toml");
    let sites = format!(
        "sites = 'listed'\nsign_in = 'jira'\nprivate_sites = '127.0.0.0/8'\n[[site]]\nurl = '{}'\nname = 'Acme & Co'\n\
         [[site]]\nurl = 'https://jira.corp.example/jira'\nname = 'corp'\n",
        jira.url()
    );
    std::fs::write(&file, sites).unwrap();
    let flags = ["--config".to_owned(), file.to_str().unwrap().to_owned()];
    Gateway::at(folder, &flags.each_ref().map(String::as_str), Clock::system()).await
}

/// A browser with a session of this account, opened by that way.
async fn signed_in(gateway: &Gateway, account: &str, method: SignIn) -> Visitor {
    let id = gateway.inner.accounts.named(account).await.unwrap();
    let session = gateway.inner.accounts.start_session(&id, method).await.unwrap();
    let mut visitor = Visitor::new(gateway);
    visitor.cookies.insert("session".to_owned(), session.cookie.expose_secret().to_owned());
    visitor
}

#[tokio::test]
async fn a_page_leads_to_the_ways_to_sign_in_and_a_form_says_so() {
    let jira = cloud().await;
    let gateway = gateway(&jira).await;
    let mut nobody = Visitor::new(&gateway);
    let open = [
        "/connect",
        "/connect/callback/{provider}",
        "/preview",
        "/oembed",
        "/sign-in",
        "/healthz",
        "/readyz",
        "/metrics",
        "/jira/webhook/{id}",
        // Checked before anybody is asked who they are; without Link Previews there is no such page.
        "/notion/authorize",
        "/notion/connect",
        "/notion/callback",
        "/notion/token",
        "/notion/unfurl",
        "/notion/deleted-token",
        "/picture/{pass}",
        "/assets/{name}",
        "/favicon.ico",
    ];
    let mut led = 0;
    for route in routes::all().iter().filter(|route| !route.is_api() && !open.contains(&route.pattern.as_str())) {
        let path = route.path();
        if route.has(&Method::GET) && path != "/preview/allow" {
            let page = nobody.get(&path).await;
            assert_eq!(page.status, 303, "{path}");
            let to = Url::parse(&gateway.url).unwrap().join(page.location()).unwrap();
            assert_eq!((to.path(), to.query_pairs().count()), ("/sign-in", 1), "{path}");
            assert_eq!(to.query_pairs().next().unwrap(), ("return_to".into(), path.as_str().into()));
            led += 1;
            // A part of another site's page is led nowhere.
            let request = nobody.request(Method::GET, &path).header("sec-fetch-site", "cross-site");
            assert_eq!(nobody.send(request.header("sec-fetch-dest", "iframe")).await.status, 401, "{path}");
        }
        if route.has(&Method::POST) && !path.starts_with("/preview/") {
            let page = nobody.post(&path, &[("csrf", "x")]).await;
            assert_eq!((page.status, page.link("Sign in").as_str()), (401, "/sign-in?return_to=%2F"), "{path}");
        }
    }
    assert!(led >= 4 && nobody.cookies.is_empty());
    let resolve = nobody.get("/api/v1/resolve?url=x").await;
    assert_eq!((resolve.status, resolve.reply.json()["code"].as_str()), (401, Some("unauthenticated")));
}

#[tokio::test]
async fn the_ways_to_sign_in_are_those_that_are_set() {
    let jira = cloud().await;
    let gateway = gateway(&jira).await;
    let page = Visitor::new(&gateway).get("/sign-in?return_to=%2Fwhy%3Furl%3Dx").await;
    assert_eq!((page.status, page.texts("h2")), (200, vec!["With your Jira".to_owned()]));
    assert!(page.texts("nav a").iter().all(|text| text != "Account"));
    assert_eq!(page.texts(".ways a"), ["Continue with Acme & Co", "Continue with corp"]);
    let hrefs = page.attributes(".ways a", "href");
    for (href, site) in hrefs.iter().zip([jira.url(), "https://jira.corp.example/jira".to_owned()]) {
        let href = Url::parse(&gateway.url).unwrap().join(href).unwrap();
        let pairs: Vec<_> = href.query_pairs().into_owned().collect();
        let expected = [("site".to_owned(), site), ("return_to".to_owned(), "/why?url=x".to_owned())];
        assert_eq!((href.path(), pairs), ("/connect", expected.to_vec()));
    }
    let gateway = Gateway::with(&sign_on::FLAGS, Clock::system()).await;
    let page = Visitor::new(&gateway).get("/sign-in").await;
    assert_eq!(page.texts("h2"), ["With your company's sign-on"]);
}

#[tokio::test]
async fn the_way_back_leads_nowhere_but_to_us() {
    let jira = cloud().await;
    let gateway = gateway(&jira).await;
    let (mut nobody, mut ana) = (Visitor::new(&gateway), signed_in(&gateway, "ana", SignIn::Jira).await);
    for payload in payloads() {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &payload).finish();
        let page = nobody.get(&format!("/sign-in?{query}")).await;
        assert_eq!(page.status, 200, "{payload:?}");
        for href in page.attributes("a[href]", "href") {
            assert!(stays(&gateway.url, &href), "{payload:?} → {href}");
            let href = Url::parse(&gateway.url).unwrap().join(&href).unwrap();
            for (_, back) in href.query_pairs().filter(|(name, _)| name == "return_to") {
                assert!(back.starts_with('/') && stays(&gateway.url, &back), "{payload:?} → {back}");
            }
        }
        let page = ana.get(&format!("/sign-in?{query}")).await;
        assert!(page.status == 303 && stays(&gateway.url, page.location()), "{payload:?} → {}", page.location());
    }
}

#[tokio::test]
async fn who_is_signed_in_stands_on_the_page_and_may_sign_out() {
    let jira = cloud().await;
    let gateway = gateway(&jira).await;
    let mut ana = signed_in(&gateway, "ana", SignIn::Jira).await;
    let page = ana.get("/account").await;
    assert_eq!(
        (page.one(".sign-out .who"), page.one(".lead")),
        ("ana".to_owned(), "You are signed in as ana.".to_owned())
    );
    let out = ana.submit(&page, "/sign-out", &[]).await;
    assert_eq!((out.status, out.location(), ana.cookies.len()), (303, "/sign-in", 0));
    assert_eq!(ana.get("/sign-in").await.status, 200);

    // Whom only a Jira knows is called as there.
    let identity = jira_notion_gateway::store::Identity::new("jira", "https://acme.example 557058:ana");
    let account = gateway.inner.store.ensure_account(&identity).await.unwrap();
    let session = gateway.inner.accounts.start_session(&account, SignIn::Jira).await.unwrap();
    ana.cookies.insert("session".to_owned(), session.cookie.expose_secret().to_owned());
    assert_eq!(ana.get("/").await.one(".who"), account.as_str(), "as long as nothing better is known");
    let page = ana.connect(&jira, "ana", "/account").await;
    assert_eq!(page.one(".who"), "ana@acme.example");
}

#[tokio::test]
async fn a_session_ends_with_the_way_in_which_it_was_opened() {
    let jira = cloud().await;
    let gateway = gateway(&jira).await;
    for (method, status) in [(SignIn::Jira, 200), (SignIn::Local, 303), (SignIn::Proxy, 303), (SignIn::Notion, 303)] {
        let mut visitor = signed_in(&gateway, "ana", method).await;
        assert_eq!(visitor.get("/account").await.status, status, "{method:?}");
        let rows = visitor.get("/api/v1/connections").await;
        assert_eq!(rows.status == 200, status == 200, "{method:?}");
    }
    // One that another version has opened in a way of its own.
    let id = gateway.inner.accounts.named("ana").await.unwrap();
    let hash = jira_notion_gateway::secret::Digest::of_token("jns_other");
    gateway.inner.store.create_session(&id, hash, "saml").await.unwrap();
    let mut visitor = Visitor::new(&gateway);
    visitor.cookies.insert("session".to_owned(), "jns_other".to_owned());
    assert_eq!(visitor.get("/account").await.status, 303);

    // The operator has moved from this machine to the company's sign-on.
    let local = Gateway::start().await;
    let mut visitor = Visitor::new(&local);
    visitor.get("/").await;
    let (folder, cookies) = (local.folder.clone(), visitor.cookies.clone());
    local.stop().await;
    let moved = Gateway::at(folder, &sign_on::FLAGS, Clock::system()).await;
    let mut visitor = Visitor::new(&moved);
    visitor.cookies = cookies;
    assert_eq!(visitor.get("/account").await.status, 303);
}
