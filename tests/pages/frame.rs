//! `/preview` inside a frame of another page: a session of its own, which opens previews and nothing else.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use reqwest::Method;

use super::visitor::{Page, Visitor};
use super::{cloud, routes};
use crate::world::FakeJira;
use crate::world::gateway::{Gateway, client, reply};

const ORIGIN: &str = "https://localhost:9443";
const FLAGS: [&str; 4] = ["--private-sites", "127.0.0.0/8", "--public-url", ORIGIN];

struct Scene {
    jira: FakeJira,
    gateway: Gateway,
    clock: Clock,
    /// The reader's own window.
    window: Visitor,
    /// A frame in another page: the window's cookies do not reach it.
    frame: Visitor,
}

impl Scene {
    async fn new() -> Self {
        let jira = cloud().await;
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
        let gateway = Gateway::with(&FLAGS, clock.clone()).await;
        let mut window = Visitor::signed_in(&gateway, "ana").await;
        window.connect(&jira, "ana", "/connections").await;
        let frame = Visitor::new(&gateway);
        Self { jira, gateway, clock, window, frame }
    }

    fn preview(&self) -> String {
        let link = self.jira.at("/browse/OPS-7");
        format!("/preview?url={}", url::form_urlencoded::byte_serialize(link.as_bytes()).collect::<String>())
    }

    /// What the pop-up hands to the frame, once the reader has said yes.
    async fn code(&mut self) -> String {
        let asking = self.window.get("/preview/allow").await;
        assert_eq!(asking.one("form .primary"), "Show previews here");
        let allowed = self.window.submit(&asking, "/preview/allow", &[]).await;
        assert_eq!(allowed.status, 200);
        allowed.attributes("[data-code]", "data-code").remove(0)
    }

    async fn redeem(&mut self, code: &str) -> Page {
        let request = self.frame.request(Method::POST, "/preview/session");
        let request = request.header("origin", ORIGIN).header("sec-fetch-site", "same-origin").form(&[("code", code)]);
        self.frame.send(request).await
    }

    /// Whether the frame shows the issue.
    async fn shows(&mut self) -> bool {
        let path = self.preview();
        let page = self.frame.get(&path).await;
        assert_eq!(page.status, 200);
        page.text.contains("Login fails on Safari")
    }
}

#[tokio::test]
async fn a_click_in_a_window_of_ours_shows_previews_in_the_frame() {
    let mut scene = Scene::new().await;
    let path = scene.preview();
    let redacted = scene.frame.get(&path).await;
    assert!(!redacted.text.contains("Safari"));
    assert_eq!(redacted.link("Show previews here"), "/preview/allow");
    assert_eq!(redacted.attributes("[data-allow]", "rel"), ["opener"]);
    assert_eq!(
        redacted.attributes("[data-allow][hidden]", "href").len(),
        1,
        "without a script, the plain way is there"
    );
    assert!(redacted.link("Sign in to see it").starts_with("/sign-in?return_to="));
    let script = redacted.attributes("script", "src").remove(0);
    let script = scene.frame.get(&script).await;
    assert_eq!((script.status, script.reply.header("content-type")), (200, "text/javascript; charset=utf-8"));

    let code = scene.code().await;
    let redeemed = scene.redeem(&code).await;
    assert_eq!((redeemed.status, redeemed.text.as_str()), (204, ""));
    assert_eq!(redeemed.reply.headers.get_all("set-cookie").iter().count(), 1);
    let parts: Vec<_> = redeemed.reply.header("set-cookie").split("; ").collect();
    assert!(parts[0].starts_with("__Host-preview=jnp_"));
    assert_eq!(parts[1..], ["Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned", "Max-Age=2592000"]);
    assert!(!parts[0].contains(&code));
    assert_eq!(scene.frame.cookies.keys().collect::<Vec<_>>(), ["__Host-preview"], "and no other cookie");
    assert!(scene.shows().await);
    let shown = scene.frame.get(&path).await;
    assert!(!shown.reply.headers.contains_key("set-cookie"));
    assert!(shown.attributes("script", "src").is_empty());
}

#[tokio::test]
async fn a_code_is_good_once_for_a_minute_and_for_our_own_page_alone() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    for origin in
        [None, Some("https://evil.example"), Some("null"), Some("https://localhost"), Some("http://localhost:9443")]
    {
        let request = scene.frame.request(Method::POST, "/preview/session").form(&[("code", code.as_str())]);
        let request = origin.iter().fold(request, |request, origin| request.header("origin", *origin));
        let page = scene.frame.send(request).await;
        assert_eq!((page.status, page.reply.header("set-cookie")), (403, ""), "{origin:?}");
    }
    for wrong in ["", "x", "jnc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let page = scene.redeem(wrong).await;
        assert_eq!((page.status, page.reply.json()["code"].as_str()), (401, Some("unauthenticated")));
    }
    assert_eq!(scene.redeem(&code).await.status, 204, "no wrong try has used it up");
    assert_eq!(scene.redeem(&code).await.status, 401, "once");
    let code = scene.code().await;
    scene.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(scene.redeem(&code).await.status, 204);
    let code = scene.code().await;
    scene.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(scene.redeem(&code).await.status, 401, "for a minute");
    let (older, newer) = (scene.code().await, scene.code().await);
    assert_eq!((scene.redeem(&older).await.status, scene.redeem(&newer).await.status), (401, 204), "the last one");
    // Whoever signs out meanwhile has not agreed any more.
    let code = scene.code().await;
    let csrf = scene.window.csrf().await;
    scene.window.post("/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(scene.redeem(&code).await.status, 401);
}

#[tokio::test]
async fn a_code_needs_the_readers_own_yes() {
    let mut scene = Scene::new().await;
    for csrf in ["", "x"] {
        let page = scene.window.post("/preview/allow", &[("csrf", csrf)]).await;
        assert_eq!((page.status, page.texts("[data-code]").len()), (403, 0));
    }
    let csrf = scene.window.csrf().await;
    let forged = scene.window.request(Method::POST, "/preview/allow").form(&[("csrf", csrf.as_str())]);
    let page = scene.window.send(forged.header("origin", "https://evil.example")).await;
    assert_eq!((page.status, page.texts("[data-code]").len()), (403, 0));
    // The pop-up itself may not be framed, so nobody can be made to click it unseen.
    let page = scene.window.get("/preview/allow").await;
    assert!(page.reply.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.reply.header("x-frame-options"), "DENY");
    // The code goes to our own origin only.
    let script = page.attributes("script", "src").into_iter().find(|path| path.contains("frame")).unwrap();
    let script = scene.window.get(&script).await.text;
    assert_eq!(script.matches("postMessage(").count(), 1);
    assert!(script.contains("location.origin);") && !script.contains("\"*\""));
}

#[tokio::test]
async fn the_cookie_of_a_frame_opens_nothing_else() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.redeem(&code).await;
    assert!(scene.shows().await);
    let value = scene.frame.cookies["__Host-preview"].clone();
    // Neither under its own name, nor under the session's, nor as a token.
    for name in ["__Host-preview", "__Host-session", "session"] {
        for route in routes::all().iter().filter(|route| route.pattern != "/preview") {
            for method in &route.methods {
                let mut thief = Visitor::new(&scene.gateway);
                thief.cookies.insert(name.to_owned(), value.clone());
                let request = thief.request(method.clone(), &route.path());
                let page = thief.send(request).await;
                let what = format!("{method} {} as {name}", route.pattern);
                // The description of the API has an Ana of its own.
                let shows_hers = page.text.contains("ana@acme.example") && route.pattern != "/api/v1/openapi.json";
                assert!(!shows_hers, "{what}: {}", page.text);
                if route.is_api() && !matches!(route.pattern.as_str(), "/api/v1/openapi.json" | "/api/{*rest}") {
                    assert_eq!(page.status, 401, "{what}");
                }
                // Where a session is wanted, another one is begun: that of whoever reaches the listener.
                assert_ne!(thief.cookies.get("__Host-session"), (name != "__Host-session").then_some(&value));
            }
        }
    }
    let bearer = client().get(format!("{}/api/v1/connections", scene.gateway.url)).bearer_auth(&value);
    assert_eq!(reply(bearer).await.status, 401);
    // And a session is none for frames.
    let session = scene.window.cookies["__Host-session"].clone();
    scene.frame.cookies.insert("__Host-preview".to_owned(), session);
    assert!(!scene.shows().await);
}

#[tokio::test]
async fn a_frames_session_ends_with_its_reader() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.redeem(&code).await;
    assert!(scene.shows().await);
    // Another window of the same person signs out: not this frame's.
    let mut other = Visitor::signed_in(&scene.gateway, "ana").await;
    let csrf = other.csrf().await;
    other.post("/sign-out", &[("csrf", &csrf)]).await;
    assert!(scene.shows().await);
    let csrf = scene.window.csrf().await;
    scene.window.post("/sign-out", &[("csrf", &csrf)]).await;
    assert!(!scene.shows().await, "signed out");

    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.redeem(&code).await;
    for _ in 0..6 {
        scene.clock.advance(SignedDuration::from_hours(5 * 24));
        assert!(scene.shows().await, "in use for thirty days");
    }
    scene.clock.advance(SignedDuration::from_secs(1));
    assert!(!scene.shows().await, "and no longer");

    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.redeem(&code).await;
    assert!(scene.shows().await);
    let account = scene.gateway.inner.accounts.named("ana").await.unwrap();
    scene.gateway.inner.accounts.remove(&account).await.unwrap();
    assert!(!scene.shows().await, "with the account");
}

#[tokio::test]
async fn over_plain_http_frames_have_no_session_and_say_so() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::signed_in(&gateway, "ana").await;
    visitor.connect(&jira, "ana", "/connections").await;
    let link = url::form_urlencoded::byte_serialize(jira.at("/browse/OPS-7").as_bytes()).collect::<String>();
    let path = format!("/preview?url={link}");
    assert!(visitor.get(&path).await.text.contains("Login fails on Safari"), "the normal session is enough");
    let csrf = visitor.csrf().await;
    assert_eq!(visitor.get("/preview/allow").await.status, 404);
    assert_eq!(visitor.post("/preview/allow", &[("csrf", &csrf)]).await.status, 404);
    let request = visitor.request(Method::POST, "/preview/session").header("origin", &gateway.url);
    assert_eq!(visitor.send(request.form(&[("code", "x")])).await.status, 404);
    let page = Visitor::new(&gateway).get(&path).await;
    assert_eq!(page.one(".hint"), "Inside other pages, previews need a gateway that is served by https.");
    assert!(page.texts("[data-allow]").is_empty() && page.attributes("script", "src").is_empty());
}
