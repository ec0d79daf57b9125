//! What every answer carries, whatever was asked and however.

use reqwest::Method;

use super::routes;
use super::visitor::{Page, Visitor};
use crate::world::gateway::{Gateway, client, reply};

const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE];

fn check(page: &Page, what: &str) {
    let header = |name: &str| page.reply.header(name).to_owned();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{what}: {policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    for name in ["access-control-allow-origin", "access-control-allow-credentials", "server", "x-powered-by"] {
        assert!(!page.reply.headers.contains_key(name), "{what}: {name}");
    }
}

fn is_framed_by_nobody(page: &Page) -> bool {
    page.reply.header("content-security-policy").contains("frame-ancestors 'none'")
        && page.reply.header("x-frame-options") == "DENY"
}

#[tokio::test]
async fn every_answer_of_every_route_is_protected() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let nowhere = ["/nowhere", "/databases/x/y", "/connections/%FF/remove", "/preview/", "//", "/api/", "/assets/x.js"];
    let paths = routes::all().iter().map(routes::Route::path).chain(nowhere.map(str::to_owned)).collect::<Vec<_>>();
    for path in &paths {
        for method in METHODS {
            let request = visitor.request(method.clone(), path);
            let page = visitor.send(request).await;
            let what = format!("{method} {path} {}", page.status);
            check(&page, &what);
            let is_preview = path.starts_with("/preview?") && matches!(method, Method::GET | Method::HEAD);
            assert_ne!(is_framed_by_nobody(&page), is_preview, "{what}");
            let kept = page.reply.header("cache-control").to_owned();
            let expected = match path.as_str() {
                _ if page.status == 405 => "no-store",
                "/favicon.ico" => "public, max-age=31536000, immutable",
                "/assets/x.js" => "no-store",
                "/api/v1/openapi.json" => "no-cache",
                path if path.starts_with("/assets/") => "public, max-age=31536000, immutable",
                path if path.starts_with("/api/v1/resolve") && page.status == 200 => "private, no-cache",
                _ => "no-store",
            };
            assert_eq!(kept, expected, "{what}");
            assert!(page.status < 500, "{what}: {}", page.text);
            if page.reply.header("content-type").starts_with("text/html") && method != Method::HEAD {
                assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"], "{what}");
                assert_eq!(page.attributes("link[rel=icon]", "type"), ["image/svg+xml"], "{what}");
            }
        }
    }
}

#[tokio::test]
async fn the_preview_may_be_framed_by_those_whom_the_operator_names() {
    let framed = async |flags: &[&str]| {
        let gateway = Gateway::with(flags, jira_notion_gateway::clock::Clock::system()).await;
        Visitor::new(&gateway).get("/preview?url=x").await
    };
    let page = framed(&[]).await;
    let policy = page.reply.header("content-security-policy").to_owned();
    let ancestors = policy.split("frame-ancestors ").nth(1).unwrap();
    assert_eq!(ancestors.split(' ').count(), 5, "Notion's five hosts: {ancestors}");
    assert!(!page.reply.headers.contains_key("x-frame-options"));
    let page = framed(&["--frame-ancestors", "https://wiki.example.com"]).await;
    assert!(page.reply.header("content-security-policy").ends_with("frame-ancestors https://wiki.example.com"));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.get("/").await;
    for route in routes::all().iter().filter(|route| route.has(&Method::GET)) {
        let path = route.path();
        let got = visitor.get(&path).await;
        let request = visitor.request(Method::HEAD, &path);
        let head = visitor.send(request).await;
        assert_eq!((head.status, head.text.as_str()), (got.status, ""), "{path}");
        for name in ["content-type", "cache-control", "content-security-policy", "etag", "location"] {
            assert_eq!(head.reply.header(name), got.reply.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn other_hosts_and_requests_passed_on_are_refused_everywhere() {
    let gateway = Gateway::start().await;
    let port = gateway.inner.listener.port();
    for route in routes::all() {
        let method = route.methods[0].clone();
        let ask = |name: &'static str, value: String| {
            reply(client().request(method.clone(), format!("{}{}", gateway.url, route.path())).header(name, value))
        };
        for host in ["evil.example", "gateway.example", "localhost.evil.example", &format!("evil.example:{port}")] {
            let refused = ask("host", host.to_owned()).await;
            assert_eq!(refused.status, 421, "{} {host}", route.pattern);
            assert!(!refused.headers.contains_key("set-cookie"));
            let is_json = refused.header("content-type") == "application/problem+json";
            assert_eq!(is_json, route.is_api(), "{}", route.pattern);
        }
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"] {
            let refused = ask(name, "for=192.0.2.1".to_owned()).await;
            assert_eq!(refused.status, 400, "{} {name}", route.pattern);
            assert!(!refused.headers.contains_key("set-cookie"));
        }
    }
    let page = reply(client().get(&gateway.url).header("host", "evil.example")).await;
    assert!(page.text.contains(&format!("href=\"{}/\"", gateway.url)), "a way to the right address");
    assert!(!page.text.contains("evil"));
}

#[tokio::test]
async fn a_failing_database_leaves_a_way_on() {
    let gateway = Gateway::start().await;
    gateway.inner.store.close().await;
    let mut visitor = Visitor::new(&gateway);
    for route in routes::all().iter().filter(|route| route.has(&Method::GET)) {
        let page = visitor.get(&route.path()).await;
        check(&page, &route.pattern);
        match route.pattern.as_str() {
            "/assets/{name}"
            | "/favicon.ico"
            | "/healthz"
            | "/metrics"
            | "/preview"
            | "/oembed"
            | "/api/v1/openapi.json" => {
                assert_eq!(page.status, 200, "{}", route.pattern);
            }
            // Nobody is known, so nothing is looked up, nor for an address that is not ours; over plain http there is no
            // such page.
            "/api/{*rest}" | "/picture/{pass}" | "/preview/allow" | "/notion/authorize" | "/notion/connect"
            | "/notion/callback" => {
                assert_eq!(page.status, 404, "{}", route.pattern);
            }
            pattern if route.is_api() => assert_eq!(page.status, 401, "{pattern}"),
            "/readyz" => assert_eq!(page.status, 503),
            pattern => {
                assert_eq!(page.status, 503, "{pattern}");
                assert_eq!((page.link("Paste a link"), page.link("Connections")), ("/".into(), "/connections".into()));
                assert!(!page.text.to_lowercase().contains("sql"), "{}", page.text);
            }
        }
    }
    let api = reply(client().get(format!("{}/api/v1/connections", gateway.url)).bearer_auth("jng_any")).await;
    assert_eq!((api.status.as_u16(), api.json()["code"].as_str()), (503, Some("unavailable")));
}

#[tokio::test]
async fn an_answer_that_lies_ready_is_protected_like_any_other() {
    let jira = super::cloud().await;
    let gateway = Gateway::start().await;
    let api = gateway.api("ana").await;
    api.connect(&jira.url(), "api_token", "ana@acme.example", "ana-token").await;
    let link = jira.at("/browse/OPS-7");
    for _ in 0..3 {
        let reply = api.get_one(&link, &[]).await;
        let page = Page { status: reply.status.as_u16(), text: reply.text.clone(), reply };
        assert!(page.status == 200 && page.text.contains("Login fails on Safari"));
        check(&page, "ready");
        assert!(is_framed_by_nobody(&page));
        assert_eq!(page.reply.header("cache-control"), "private, no-cache");
        assert_eq!(page.reply.header("vary"), "Authorization, Cookie");
        for (name, value, status) in [("host", "evil.example", 421), ("x-forwarded-for", "192.0.2.1", 400)] {
            let reply = api.get_one(&link, &[(name, value)]).await;
            assert_eq!(reply.status, status);
            assert!(!reply.text.contains("Safari"));
        }
    }
}
