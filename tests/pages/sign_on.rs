//! Sign-in `proxy`: the company's sign-on stands at an address of its own in front of the gateway, and names the person.

use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::json;

use super::visitor::{Page, Visitor};
use super::{cloud, routes};
use crate::world::gateway::{Gateway, client, reply};

/// Where the sign-on stands; everybody else on this machine comes from 127.0.0.1.
const SIGN_ON: [u8; 4] = [127, 0, 0, 2];
const HEADER: &str = "x-forwarded-user";
pub const FLAGS: [&str; 8] = [
    "--private-sites",
    "127.0.0.0/8",
    "--sign-in",
    "proxy",
    "--proxy-user-header",
    "X-Forwarded-User",
    "--trusted-proxies",
    "127.0.0.2",
];

async fn gateway() -> Gateway {
    Gateway::with(&FLAGS, Clock::system()).await
}

/// A browser that the sign-on lets through, with these values of its header.
fn named(gateway: &Gateway, names: &[&str]) -> Visitor {
    let mut visitor = Visitor::at(gateway, SIGN_ON);
    name(&mut visitor, names);
    visitor
}

fn name(visitor: &mut Visitor, names: &[&str]) {
    visitor.headers = names.iter().map(|name| (HEADER, (*name).to_owned())).collect();
}

fn is_sent_to_sign_in(page: &Page) -> bool {
    page.status == 303 && page.location().starts_with("/sign-in?return_to=")
}

#[tokio::test]
async fn the_name_is_that_of_the_command_line() {
    let jira = cloud().await;
    let gateway = gateway().await;
    let api = gateway.api("ana").await;
    let mut ana = named(&gateway, &["ana"]);
    let page = ana.connect(&jira, "ana", "/connections").await;
    assert_eq!(page.texts(".row-title").len(), 1);
    let rows = api.get("/api/v1/connections").await.json();
    assert_eq!(rows["connections"][0]["label"], "ana@acme.example", "one account");
    let page = ana.get("/account").await;
    assert_eq!(page.one(".lead"), "You are signed in as ana.");
    assert!(page.texts(".sign-out").is_empty(), "the next page would sign in again");
    // Her tokens need no sign-on.
    let made = ana.submit(&page, "/account/tokens", &[("label", "script")]).await;
    let request = client().get(format!("{}/api/v1/connections", gateway.url)).bearer_auth(made.one(".token code"));
    assert_eq!(reply(request).await.json(), rows);
    assert_eq!(named(&gateway, &["Ana Costa"]).get("/account").await.one(".lead"), "You are signed in as Ana Costa.");
}

#[tokio::test]
async fn from_anywhere_else_the_header_is_refused_wherever_it_is_sent() {
    let jira = cloud().await;
    let gateway = gateway().await;
    let api = gateway.api("ana").await;
    api.connect(&jira.url(), "api_token", "ana@acme.example", "ana-token").await;
    let mut ana = named(&gateway, &["ana"]);
    ana.get("/").await;
    // What lies ready is answered on a way of its own.
    let link = jira.at("/browse/OPS-7");
    for _ in 0..2 {
        assert_eq!(api.one(&link).await["state"], "ready");
    }
    for value in ["ana", ""] {
        let reply = api.get_one(&link, &[(HEADER, value)]).await;
        assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (400, Some("invalid_request")));
    }
    let through = ana.request(Method::GET, &format!("/api/v1/resolve?url={link}")).bearer_auth(&api.token);
    assert_eq!(ana.send(through).await.status, 200, "a program behind the sign-on");
    let mut mallory = Visitor::new(&gateway);
    mallory.cookies = ana.cookies.clone();
    name(&mut mallory, &["mallory"]);
    let unknown = ["/nowhere", "/api/nowhere", "/assets/nothing.js"];
    let paths = routes::all().iter().map(routes::Route::path).chain(unknown.map(str::to_owned)).collect::<Vec<_>>();
    for path in paths {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT] {
            let page = mallory.get(&path).await;
            assert_eq!((page.status, page.reply.header("set-cookie")), (400, ""), "{path}");
            let request = mallory.request(method.clone(), &path).bearer_auth(&api.token);
            assert_eq!(mallory.send(request).await.status, 400, "{method} {path}");
        }
    }
    assert!(gateway.inner.accounts.find("mallory").await.unwrap().is_none());
    assert!(mallory.get("/").await.one(".lead").contains("GATEWAY_TRUSTED_PROXIES"));
    // Without the header it is a request of nobody.
    mallory.headers.clear();
    assert!(is_sent_to_sign_in(&mallory.get("/account").await));
}

#[tokio::test]
async fn without_one_plain_name_nobody_is_signed_in() {
    let jira = cloud().await;
    let gateway = gateway().await;
    let mut ana = named(&gateway, &["ana"]);
    ana.connect(&jira, "ana", "/connections").await;
    let csrf = ana.csrf().await;
    let cookies = ana.cookies.clone();
    let preview = format!("/preview?url={}", jira.at("/browse/OPS-7"));
    let long = "x".repeat(101);
    let table: [(&[&str], &str); 8] = [
        (&[], "has not told it who you are"),
        (&[""], "has not told it who you are"),
        (&["ana", "ana"], "in a way that cannot be used"),
        (&["ana", ""], "in a way that cannot be used"),
        (&["ana", "ben"], "in a way that cannot be used"),
        (&["local"], "in a way that cannot be used"),
        (&["a\tb"], "in a way that cannot be used"),
        (&[&long], "in a way that cannot be used"),
    ];
    for (names, words) in table {
        name(&mut ana, names);
        let page = ana.get("/connections?connected=x").await;
        assert_eq!(
            (page.status, page.location()),
            (303, "/sign-in?return_to=%2Fconnections%3Fconnected%3Dx"),
            "{names:?}"
        );
        let page = ana.get(page.location()).await;
        assert!(page.status == 200 && page.one(".tile-card p").contains(words), "{names:?}: {}", page.text);
        let made = ana.post("/account/tokens", &[("csrf", &csrf), ("label", "x")]).await;
        assert_eq!((made.status, made.one("h1").as_str()), (401, "Please sign in first"), "{names:?}");
        assert!(!ana.get(&preview).await.text.contains("Safari"), "{names:?}");
        let rows = ana.request(Method::GET, "/api/v1/connections").header("x-csrf-token", &csrf);
        assert_eq!(ana.send(rows).await.reply.json()["code"], "unauthenticated", "{names:?}");
        assert_eq!(ana.cookies, cookies, "{names:?}");
    }
    assert!(gateway.inner.accounts.find("local").await.unwrap().is_none());
    name(&mut ana, &["ana"]);
    assert!(ana.get(&preview).await.text.contains("Safari"), "the session goes on");
    assert_eq!(ana.csrf().await, csrf);
    let page = ana.get("/sign-in?return_to=%2Fwhy").await;
    assert_eq!((page.status, page.location()), (303, "/why"));
}

#[tokio::test]
async fn a_session_is_worth_nothing_to_somebody_else() {
    let gateway = gateway().await;
    let mut browser = named(&gateway, &["ana"]);
    let csrf = browser.csrf().await;
    let of_ana = browser.cookies.clone();
    name(&mut browser, &["ben"]);
    let rows = browser.request(Method::GET, "/api/v1/connections");
    assert_eq!(browser.send(rows).await.status, 401);
    let made = browser.post("/account/tokens", &[("csrf", &csrf), ("label", "x")]).await;
    assert_eq!((made.status, browser.cookies == of_ana), (403, true), "her form is not his");
    let page = browser.get("/account").await;
    assert_eq!(page.one(".lead"), "You are signed in as ben.");
    assert_ne!(browser.cookies, of_ana);
    // Her session has ended with that, for whoever has kept the cookie.
    let value = &of_ana["session"];
    assert!(gateway.inner.accounts.of_cookie(value).await.unwrap().is_none());
    for account in ["ana", "ben"] {
        let id = gateway.inner.accounts.named(account).await.unwrap();
        assert!(gateway.inner.accounts.tokens(&id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_api_needs_the_cookie_the_header_and_the_csrf_value() {
    let jira = cloud().await;
    let gateway = gateway().await;
    let mut ana = named(&gateway, &["ana"]);
    let csrf = ana.csrf().await;
    let csrf = csrf.as_str();
    let body = json!({"urls": [jira.at("/browse/OPS-7")]});
    let cookies = ana.cookies.clone();
    for (with_cookie, named, csrf, status) in [
        (true, true, csrf, 200),
        (true, true, "", 403),
        (true, false, csrf, 401),
        (false, true, csrf, 401),
        (false, false, csrf, 401),
    ] {
        ana.cookies = if with_cookie { cookies.clone() } else { Default::default() };
        name(&mut ana, if named { &["ana"] } else { &[] });
        let request = ana.request(Method::POST, "/api/v1/resolve").header("x-csrf-token", csrf).json(&body);
        assert_eq!(ana.send(request).await.status, status, "{with_cookie} {named} {csrf}");
    }
}

#[tokio::test]
async fn nobody_is_signed_in_by_the_page_of_another_site() {
    let gateway = gateway().await;
    let mut ana = named(&gateway, &["ana"]);
    for path in ["/", "/account", "/sign-in"] {
        let request = ana.request(Method::GET, path).header("sec-fetch-site", "cross-site");
        let page = ana.send(request.header("sec-fetch-dest", "image")).await;
        assert!(page.status != 303 && page.reply.header("set-cookie").is_empty(), "{path}");
        assert!(!page.text.contains("signed in as"), "{path}");
    }
    assert!(gateway.inner.accounts.find("ana").await.unwrap().is_none());
}

#[tokio::test]
async fn a_frame_needs_its_own_cookie_and_the_name() {
    const ORIGIN: &str = "https://localhost:9443";
    let jira = cloud().await;
    let gateway = Gateway::with(&[&FLAGS[..], &["--public-url", ORIGIN]].concat(), Clock::system()).await;
    let mut window = named(&gateway, &["ana"]);
    window.connect(&jira, "ana", "/connections").await;
    let asking = window.get("/preview/allow").await;
    let code = window.submit(&asking, "/preview/allow", &[]).await.attributes("[data-code]", "data-code").remove(0);
    let mut frame = named(&gateway, &["ana"]);
    let preview = format!("/preview?url={}", jira.at("/browse/OPS-7"));
    assert!(!frame.get(&preview).await.text.contains("Safari"), "a name alone is no click");
    let request = frame.request(Method::POST, "/preview/session").header("origin", ORIGIN);
    assert_eq!(frame.send(request.form(&[("code", code)])).await.status, 204);
    let table: [(&[&str], bool); 5] =
        [(&["ana"], true), (&[], false), (&["ben"], false), (&["ana", "ana"], false), (&["ana"], true)];
    for (names, shown) in table {
        name(&mut frame, names);
        assert_eq!(frame.get(&preview).await.text.contains("Safari"), shown, "{names:?}");
    }
}

#[tokio::test]
async fn a_sign_on_that_passes_everything_on_opens_no_figures() {
    let gateway = Gateway::with(&[&FLAGS[..], &["--metrics-from", "127.0.0.0/8"]].concat(), Clock::system()).await;
    assert_eq!(named(&gateway, &[]).get("/metrics").await.status, 200);
    assert_eq!(named(&gateway, &["ana"]).get("/metrics").await.status, 404);
}

#[tokio::test]
async fn people_behind_the_sign_on_do_not_share_their_attempts() {
    let jira = cloud().await;
    let gateway = gateway().await;
    let attempt = async |number: usize, from: &str| {
        let mut person = named(&gateway, &[&format!("person{number}")]);
        person.headers.push(("x-forwarded-for", from.to_owned()));
        let window = person.get("/connect").await;
        let (site, mail) = (jira.url(), format!("person{number}@acme.example"));
        let fields: [(&str, &str); 5] =
            [("version", "cloud"), ("site", &site), ("method", "api_token"), ("username", &mail), ("secret", "wrong")];
        person.submit(&window, "/connect", &fields).await.status
    };
    for number in 0..12 {
        assert_eq!(attempt(number, &format!("192.0.2.{number}")).await, 422, "{number}");
    }
    for number in 20..30 {
        assert_eq!(attempt(number, "203.0.113.9, 198.51.100.1").await, 422, "{number}");
    }
    assert_eq!(attempt(30, "203.0.113.10, 198.51.100.1").await, 429, "what the browser itself says is not believed");
}
