//! No page of ours sends a browser to anybody else.

use jira_notion_gateway::store::ConnectionId;
use reqwest::{Method, Url};

use super::visitor::Visitor;
use super::{cloud, routes};
use crate::world::gateway::Gateway;

/// What has fooled others: host tricks, slashes of all kinds, control characters, schemes.
pub fn payloads() -> Vec<String> {
    let before = [
        "//",
        "///",
        "////",
        "/\\",
        "\\\\",
        "\\/",
        "/\\/",
        "/\\\\",
        "\\",
        "/\t/",
        "/\n/",
        "/\r/",
        "/\r\n/",
        "/ /",
        " //",
        "\t//",
        "\n//",
        "/%09/",
        "/\u{b}/",
        "/\u{c}/",
        "/\u{0}/",
        "https:",
        "https:/",
        "https://",
        "https:///",
        "HTTPS://",
        "http://",
        "http:\\\\",
        "//\u{ff0f}",
        "/\u{ff0f}",
        "\u{2215}\u{2215}",
        "/\u{a0}/",
        "/\u{ad}/",
        "/\u{200b}/",
        "\u{feff}//",
        "//user@",
        "//localhost@",
        "//localhost:80@",
        "ftp://",
        "ws://",
        "//[::1]@",
        "//.",
        "@",
        ":",
        ".",
        "?//",
        "#//",
    ];
    let hosts = ["evil.example", "evil.example/path", "127.0.0.1.evil.example"];
    let mut all: Vec<String> = before.iter().flat_map(|before| hosts.map(|host| format!("{before}{host}"))).collect();
    let others = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://evil.example/x",
        "about:blank",
        "mailto:x@evil.example",
        "view-source:https://evil.example",
        "/\r\nLocation: https://evil.example",
        "/\r\nSet-Cookie: session=x",
        "/%0d%0aLocation:%20https://evil.example",
        "/%2f/evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/..//evil.example",
        "/.//evil.example",
        "/./\\evil.example",
        "/;//evil.example",
        "/?//evil.example",
        "/#//evil.example",
        "/\u{202e}elpmaxe.live//",
        "",
        "/",
        "\\",
        "x",
    ];
    all.extend(others.map(str::to_owned));
    all
}

/// As a browser reads `Location`.
pub fn stays(base: &str, location: &str) -> bool {
    let base = Url::parse(base).unwrap();
    base.join(location).is_ok_and(|to| to.origin() == base.origin())
}

#[tokio::test]
async fn return_to_leads_nowhere_but_to_us() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.connect(&jira, "ana", "/connections").await;
    let csrf = visitor.csrf().await;
    let rows = visitor.get("/connections").await;
    let reconnect = rows.attributes("form[action$='/reconnect']", "action").remove(0);
    let payloads = payloads();
    assert!(payloads.len() >= 150, "{}", payloads.len());
    for payload in &payloads {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", payload).finish();
        let signed_in = visitor.get(&format!("/sign-in?{query}")).await;
        assert_eq!(signed_in.status, 303);
        assert_eq!(signed_in.reply.headers.get_all("location").iter().count(), 1);
        assert!(!signed_in.reply.headers.contains_key("set-cookie"), "{payload:?}");
        assert!(stays(&gateway.url, signed_in.location()), "{payload:?} → {}", signed_in.location());

        let window = visitor.get(&format!("/connect?{query}")).await;
        for address in window.attributes("a[href], form[action]", "href") {
            let known = stays(&gateway.url, &address) || address.starts_with("https://id.atlassian.com/");
            assert!(known, "{payload:?} → {address}");
        }
        assert!(stays(&gateway.url, &window.value("return_to")), "{payload:?}");

        let again = visitor.post(&reconnect, &[("csrf", &csrf), ("return_to", payload)]).await;
        assert_eq!(again.status, 303);
        assert!(stays(&gateway.url, again.location()), "{payload:?} → {}", again.location());
        let window = visitor.get(again.location()).await;
        assert!(stays(&gateway.url, &window.value("return_to")), "{payload:?}");
    }
}

#[tokio::test]
async fn a_successful_connect_goes_back_to_us_too() {
    for payload in
        ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/x#//evil.example"]
    {
        let jira = cloud().await;
        let gateway = Gateway::start().await;
        let mut visitor = Visitor::new(&gateway);
        let window = visitor.get("/connect").await;
        let fields = [
            ("version", "cloud"),
            ("site", &jira.url()),
            ("method", "api_token"),
            ("username", "ana@acme.example"),
            ("secret", "ana-token"),
            ("return_to", payload),
        ];
        let done = visitor.submit(&window, "/connect", &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let id = done.location().strip_prefix("/?connected=").unwrap();
        assert!(ConnectionId::parse(id).is_some());
    }
}

#[tokio::test]
async fn signing_in_goes_back_and_a_redirect_after_a_form_is_303() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let back = "/?url=https%3A%2F%2Facme.atlassian.net%2Fbrowse%2FOPS-7";
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", back).finish();
    let page = visitor.get(&format!("/sign-in?{query}")).await;
    assert_eq!((page.status, page.location()), (303, back));
    assert!(visitor.cookies.contains_key("session"), "being here is being signed in");

    visitor.connect(&jira, "ana", "/connections").await;
    let csrf = visitor.csrf().await;
    let mut redirects = 0;
    for route in routes::forms() {
        let request = visitor.request(Method::POST, &route.path()).form(&[("csrf", csrf.as_str())]);
        let page = visitor.send(request).await;
        assert!(page.status == 303 || !(300..400).contains(&page.status), "{} {}", route.pattern, page.status);
        redirects += usize::from(page.status == 303);
    }
    assert!(redirects > 0);
}
