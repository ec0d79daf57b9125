//! Pasting links and seeing them: the box, one preview alone, why not.

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;

use super::visitor::{Page, Visitor};
use super::{cloud, data_center};
use crate::world::gateway::Gateway;
use crate::world::{FakeJira, Fault};

fn encoded(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn states(page: &Page) -> Vec<String> {
    page.attributes("article.card", "data-state")
}

const FLAGS: [&str; 2] = ["--private-sites", "127.0.0.0/8"];

fn clock() -> Clock {
    Clock::manual("2026-11-22T10:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn the_first_paste_leads_through_the_connect_window_back_to_the_link() {
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let mut visitor = Visitor::new(&gateway);
        let start = visitor.get("/").await;
        assert_eq!(start.one("h1"), "Paste a Jira link");
        let link = jira.at("/browse/OPS-7");
        let pasted = visitor.submit(&start, "/", &[("links", &link)]).await;
        assert_eq!((pasted.status, states(&pasted)), (200, vec!["connect".to_owned()]));
        assert_eq!(jira.calls().total, 0, "nothing is asked before the person connects");
        assert!(pasted.one("article .notice").starts_with("Connect your Jira to see this"));
        assert_eq!(pasted.one(".mention-key"), "OPS-7");
        assert_eq!((pasted.link("Plain link"), pasted.link("Open")), (link.clone(), link.clone()));

        let window = visitor.open(&pasted.link("Connect")).await;
        assert_eq!(window.value("site"), jira.url(), "context path included");
        // On an address of our own, the version can only be guessed.
        let guessed = window.attributes("input[name=version][checked]", "value");
        assert_eq!(guessed, ["data_center"]);
        assert_eq!(window.one("form.connect .primary"), "Authenticate");
        let fields: [(&str, &str); 4] = match jira.personality().is_cloud() {
            true => [
                ("version", "cloud"),
                ("method", "api_token"),
                ("username", "ana@acme.example"),
                ("secret", "ana-token"),
            ],
            false => [
                ("version", "data_center"),
                ("method", "personal_access_token"),
                ("username", ""),
                ("secret", "ana-access"),
            ],
        };
        let back = visitor.submit(&window, "/connect", &fields).await;
        assert_eq!(back.status, 303);
        assert!(back.location().starts_with("/?url="), "{}", back.location());
        let shown = visitor.open(back.location()).await;
        assert_eq!(states(&shown), ["ready"]);
        assert_eq!(shown.one("article .card-title"), "Login fails on Safari");
        let label = if jira.personality().is_cloud() { "ana@acme.example" } else { "ana" };
        assert_eq!(shown.one(".banner"), format!("Connected as {label}. 1 link on this page was filled in."));
        assert_eq!(shown.one(".sentence .mention .pill"), "In Progress");
        assert!(shown.one(".attributes code").contains("\"Login fails on Safari\""));
    }
}

#[tokio::test]
async fn many_links_at_once_each_have_their_answer() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.connect(&jira, "ana", "/connections").await;
    let start = visitor.get("/").await;
    let (first, second) = (jira.at("/browse/OPS-7"), jira.at("/browse/OPS-8"));
    let text = format!(
        "Please look at {first}, then {second}.\n{first}\nhttps://example.com/page {}\nhttps://acme.atlassian.net/browse/X-1",
        jira.at("/browse/OPS-4711")
    );
    jira.forget_calls();
    let page = visitor.submit(&start, "/", &[("links", &text), ("insert", "table")]).await;
    let states = |page: &Page| page.attributes("tbody tr", "data-state");
    assert_eq!(states(&page), ["ready", "ready", "ready", "unsupported", "not_found", "connect"]);
    assert_eq!(page.value_of_box(), text, "what was pasted stays in the box");
    assert_eq!(jira.calls().of("POST /rest/api/3/issue/bulkfetch"), 1, "{:?}", jira.calls().by_call);
    assert_eq!(page.one("title"), "6 links · Jira Notion Gateway", "no title of an issue in the tab");

    let many: String = (1..=101).map(|n| format!("{}\n", jira.at(&format!("/browse/OPS-{n}")))).collect();
    let page = visitor.submit(&start, "/", &[("links", &many), ("insert", "table")]).await;
    assert_eq!((page.status, states(&page).len()), (200, 100));
    assert_eq!(page.one("#paste-problem"), "These are more than 100 links; the first 100 are shown.");
    assert_eq!(page.value_of_box().trim(), many.trim(), "nothing is lost");
}

#[tokio::test]
async fn what_is_no_link_gets_a_clear_answer() {
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    let start = visitor.get("/").await;
    let nothing = visitor.submit(&start, "/", &[("links", "  \n ")]).await;
    assert_eq!((nothing.status, states(&nothing).len()), (200, 0));
    assert_eq!(nothing.texts(".start li").len(), 3, "how it works");

    let long = "lorem ipsum ".repeat(100 * 1024 / 12);
    for text in ["hello", "https://example.com/", "<script>alert(1)</script>", &long] {
        let page = visitor.submit(&start, "/", &[("links", text)]).await;
        assert_eq!((page.status, states(&page)), (200, vec!["unsupported".to_owned()]), "{}", page.text);
        assert!(page.one("article .notice").starts_with("Not a Jira link"));
        assert!(page.texts("script:not([src])").is_empty());
        assert!(page.texts(".mention").is_empty());
    }
    let huge = "x".repeat(1024 * 1024);
    let page = visitor.submit(&start, "/", &[("links", &huge)]).await;
    assert_eq!((page.status, page.one("h1").as_str()), (413, "That was too much text"));
    assert_eq!(page.link("Paste a link"), "/");
}

impl Page {
    fn value_of_box(&self) -> String {
        self.form("/").into_iter().find(|(name, _)| name == "links").unwrap().1
    }
}

#[tokio::test]
async fn a_reader_can_refresh_and_choose_the_account() {
    let (jira, clock) = (data_center().await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    visitor.connect(&jira, "ana", "/connections").await;
    visitor.connect(&jira, "ben", "/connections").await;
    let link = jira.at("/browse/OPS-7");
    let page = visitor.get(&format!("/?{}", encoded(&[("url", &link)]))).await;
    assert_eq!(page.one("article .card-title"), "Login fails on Safari");
    jira.change_issue("OPS-7", |issue| issue.summary = "Login works".to_owned());
    clock.advance(SignedDuration::from_secs(1));
    let page = visitor.get(&format!("/?{}", encoded(&[("url", &link)]))).await;
    assert_eq!(page.one("article .card-title"), "Login fails on Safari", "a minute old at most");
    let page = visitor.get(&format!("/?{}", encoded(&[("url", &link), ("refresh", "1")]))).await;
    assert_eq!(page.one("article .card-title"), "Login works");

    // Only the account that is named is asked; one of somebody else's does not exist.
    let held = gateway.inner.connect.held(&gateway.inner.local_account().await.unwrap()).await.unwrap();
    let id = |label: &str| held.connections.iter().find(|it| it.label == label).unwrap().id.to_string();
    let hidden = jira.at("/browse/HR-1");
    for (who, state) in [("ana", "ready"), ("ben", "not_found")] {
        let page = visitor.get(&format!("/?{}", encoded(&[("url", &hidden), ("connection", &id(who))]))).await;
        assert_eq!(states(&page), [state], "{who}");
        let page = visitor.get(&format!("/preview?{}", encoded(&[("url", &hidden), ("connection", &id(who))]))).await;
        assert_eq!(states(&page), [state], "{who}");
    }
    let mut stranger = Visitor::signed_in(&gateway, "cleo").await;
    let page = stranger.get(&format!("/?{}", encoded(&[("url", &hidden), ("connection", &id("ana"))]))).await;
    assert_eq!(states(&page), ["connect"]);
}

/// What `/preview` is asked for.
fn preview(link: &str, more: &[(&str, &str)]) -> String {
    format!("/preview?{}", encoded(&[&[("url", link)], more].concat()))
}

#[tokio::test]
async fn one_preview_alone_shows_what_its_reader_may_see() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let (mut ana, mut ben) = (Visitor::signed_in(&gateway, "ana").await, Visitor::signed_in(&gateway, "ben").await);
    ana.connect(&jira, "ana", "/connections").await;
    ben.connect(&jira, "ben", "/connections").await;
    let link = jira.at("/browse/HR-1");
    let card = ana.get(&preview(&link, &[])).await;
    assert_eq!((states(&card), card.one(".card-title").as_str()), (vec!["ready".to_owned()], "Salaries 2027"));
    assert!(card.texts("header.top, h1, form").is_empty(), "nothing but the preview");
    let same = ana.get(&preview(&link, &[("as", "card")])).await;
    assert_eq!(same.one(".card-title"), "Salaries 2027");
    let mention = ana.get(&preview(&link, &[("as", "mention")])).await;
    assert_eq!((mention.one(".mention-title").as_str(), states(&mention).len()), ("Salaries 2027", 0));
    for theme in ["light", "dark"] {
        let page = ana.get(&preview(&link, &[("theme", theme)])).await;
        assert_eq!(page.attributes("html", "data-theme"), [theme]);
    }

    // Whoever is not known, or may not see it, learns what the link itself says; so does every crawler.
    let title = "HR-1 · Jira (127.0.0.1";
    for page in [&card, &mention] {
        let head = page.text.split("<body").next().unwrap();
        assert!(head.contains(&format!("property=\"og:title\" content=\"{title}")), "{head}");
        assert!(!head.contains("Salaries"), "a title is for the reader alone: {head}");
    }
    let hidden = ben.get(&preview(&link, &[])).await;
    assert_eq!(states(&hidden), ["not_found"]);
    let mut stranger = Visitor::new(&gateway);
    stranger.cookies.insert("session".to_owned(), "jns_invented".to_owned());
    let redacted = stranger.get(&preview(&link, &[("as", "card"), ("theme", "dark")])).await;
    assert_eq!((redacted.status, states(&redacted)), (200, vec!["redacted".to_owned()]));
    assert!(redacted.one(".redacted").starts_with(title));
    assert!(!redacted.reply.headers.contains_key("set-cookie"), "a frame does not sign anybody in");
    for page in [&hidden, &redacted] {
        for secret in ["Salaries", "People matters", "ana"] {
            assert!(!page.text.contains(secret), "{secret} in {}", page.text);
        }
        assert_eq!(page.link("Open in Jira"), link);
    }
    let back = redacted.link("Sign in to see it");
    let page = stranger.open(&back).await;
    assert_eq!(
        (page.attributes("html", "data-theme"), states(&page)),
        (vec!["dark".to_owned()], vec!["connect".to_owned()])
    );
    for text in ["", "hello", "https://example.com/"] {
        let page = Visitor::new(&gateway).get(&preview(text, &[])).await;
        assert_eq!((page.status, page.one("title").as_str()), (200, "Not a Jira link"), "{text:?}");
        let page = ana.get(&preview(text, &[])).await;
        assert_eq!((page.status, states(&page)), (200, vec!["unsupported".to_owned()]));
    }
}

#[tokio::test]
async fn a_mention_is_as_long_as_its_reader_wants_it() {
    let jira = cloud().await;
    let gateway = Gateway::start().await;
    let mut visitor = Visitor::new(&gateway);
    visitor.connect(&jira, "ana", "/connections").await;
    let link = jira.at("/browse/OPS-7");
    // (parameter, title and status are shown, somebody is)
    let table = [("", 1, 0), ("key", 0, 0), ("short", 1, 0), ("rich", 1, 1), ("loud", 1, 0)];
    for (density, title, person) in table {
        let alone = visitor.get(&preview(&link, &[("as", "mention"), ("density", density)])).await;
        let box_ = visitor.get(&format!("/?{}", encoded(&[("url", &link), ("density", density)]))).await;
        for page in [&alone, &box_] {
            assert_eq!(page.texts(".sentence .mention-key"), ["OPS-7"], "{density}");
            for css in [".sentence .mention-title", ".sentence .pill"] {
                assert_eq!(page.texts(css).len(), title, "{density}");
            }
            assert_eq!(page.texts(".sentence .mention-person").len(), person, "{density}");
        }
        let chosen = if ["key", "rich"].contains(&density) { density } else { "short" };
        assert_eq!(box_.attributes("[name=density][checked]", "value"), [chosen], "{density}");
        assert_eq!(box_.attributes("[name=density]", "form"), ["paste"; 3], "the choice goes with the box");
        let again = visitor.open(&box_.link("Refresh")).await;
        assert_eq!(again.attributes("[name=density][checked]", "value"), [chosen], "a refresh keeps it");
        let start = visitor.get("/").await;
        let posted = visitor.submit(&start, "/", &[("links", &link), ("density", density)]).await;
        assert_eq!(posted.attributes("[name=density][checked]", "value"), [chosen], "{density}");
    }
    let start = visitor.get("/").await;
    let nothing = visitor.submit(&start, "/", &[("links", "hello")]).await;
    assert!(nothing.texts(".densities").is_empty(), "nothing to choose where nothing differs");
}

#[tokio::test]
async fn no_step_of_a_framed_preview_leads_into_a_page_that_may_not_be_framed() {
    let (jira, clock) = (cloud().await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::signed_in(&gateway, "ana").await;
    visitor.connect(&jira, "ana", "/connections").await;
    let check = async |visitor: &mut Visitor, link: &str, state: &str| {
        for look in ["card", "mention"] {
            let page = visitor.get(&preview(link, &[("as", look)])).await;
            assert!(page.text.contains(&format!("data-state=\"{state}\"")), "{state}: {}", page.text);
            for inside in page.attributes("a:not([target])", "href") {
                assert!(inside.starts_with("/preview?"), "{state}: {inside}");
                assert_eq!(visitor.get(&inside).await.status, 200);
            }
        }
    };
    check(&mut visitor, &jira.at("/browse/OPS-7"), "ready").await;
    check(&mut visitor, &jira.at("/browse/OPS-4711"), "not_found").await;
    check(&mut visitor, "https://acme.atlassian.net/browse/X-1", "connect").await;
    check(&mut visitor, &jira.at("/jira/plans/1"), "unsupported").await;
    jira.fault(Fault::Close);
    clock.advance(SignedDuration::from_secs(61));
    check(&mut visitor, &jira.at("/browse/OPS-7"), "ready").await;
    check(&mut visitor, &jira.at("/browse/OPS-8"), "unreachable").await;
    jira.heal();
    clock.advance(SignedDuration::from_secs(61));
    jira.demand_captcha("ana");
    check(&mut visitor, &jira.at("/browse/OPS-8"), "captcha").await;
}

async fn why(visitor: &mut Visitor, link: &str) -> Page {
    let page = visitor.get(&format!("/why?{}", encoded(&[("url", link)]))).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for secret in ["Safari", "Salaries", "Operations", "Costa", "ana-token", "jns_"] {
        assert!(!page.text.contains(secret), "{secret} in {}", page.text);
    }
    page
}

#[tokio::test]
async fn why_tells_in_each_state_where_it_stops_and_what_to_do() {
    let (jira, clock): (FakeJira, Clock) = (cloud().await, clock());
    let gateway = Gateway::with(&FLAGS, clock.clone()).await;
    let mut visitor = Visitor::new(&gateway);
    let link = jira.at("/browse/OPS-7");
    let page = visitor.get("/why").await;
    assert_eq!((page.status, page.texts(".stage").len()), (200, 0));

    let next = |page: &Page| page.texts(".stage h2 + p").pop().unwrap();
    let page = why(&mut visitor, "https://example.com/").await;
    assert_eq!(page.texts(".stage h2"), ["Is the link recognised?", "What can I do next?"]);
    let page = why(&mut visitor, &link).await;
    assert_eq!(next(&page), "Connect your Jira.");
    assert!(page.link("Connect").contains("/connect?site="));

    visitor.connect(&jira, "ana", "/connections").await;
    let page = why(&mut visitor, &link).await;
    assert_eq!(next(&page), "Nothing: all is well.");
    assert!(page.text.contains("Asked as ana@acme.example."));
    let page = why(&mut visitor, &jira.at("/browse/OPS-4711")).await;
    assert_eq!(next(&page), "Open it in Jira to see whether you may, or connect another account.");
    let page = why(&mut visitor, &jira.at("/jira/plans/1")).await;
    assert!(next(&page).starts_with("Use it as a plain link"));

    clock.advance(SignedDuration::from_secs(61));
    jira.fault(Fault::Close);
    assert_eq!(next(&why(&mut visitor, &link).await), "Wait a little, or try again now.");
    let page = why(&mut visitor, &jira.at("/browse/OPS-8")).await;
    assert!(next(&page).starts_with("Try again; if it stays so"));
    jira.heal();
    clock.advance(SignedDuration::from_secs(61));
    jira.fault(Fault::too_many_on_cloud(Some("120"), "jira-burst-based"));
    assert_eq!(next(&why(&mut visitor, &jira.at("/browse/OPS-8")).await), "Wait. The gateway goes on by itself.");
    jira.heal();
    clock.advance(SignedDuration::from_secs(121));
    jira.demand_captcha("ana");
    let page = why(&mut visitor, &link).await;
    assert_eq!(next(&page), "Sign in to Jira in the browser once, then try again here.");
    assert_eq!(page.link("Try again"), "/connections");
    jira.browser_login("ana");
    visitor.connect(&jira, "ana", "/connections").await;
    jira.change_person("ana", |person| person.api_tokens.clear());
    clock.advance(SignedDuration::from_secs(61));
    assert_eq!(next(&why(&mut visitor, &link).await), "Sign in again.");
}
