//! One answer, many skins: JSON, Markdown, plain text, card, mention, attributes, table, pages, oEmbed. None of them
//! tells a reader what Jira does not tell this reader.

use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};

use crate::jira::objects::{self, Town};
use crate::openapi;
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::{Api, Gateway, reply};

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn start() -> Gateway {
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    Gateway::with(&["--private-sites", "127.0.0.0/8"], clock).await
}

/// Somebody with a browser and, if they are known, with a token.
struct Reader {
    api: Option<Api>,
    visitor: Visitor,
}

impl Reader {
    async fn of(gateway: &Gateway, town: &Town, who: &str) -> Self {
        let api = gateway.api(who).await;
        let site = town.0.url();
        match town.0.personality().is_cloud() {
            true => api.connect(&site, "api_token", &format!("{who}@acme.example"), &format!("{who}-token")).await,
            false => api.connect(&site, "password", who, &format!("{who}'s password")).await,
        };
        Self { api: Some(api), visitor: Visitor::signed_in(gateway, who).await }
    }

    fn nobody(gateway: &Gateway) -> Self {
        Self { api: None, visitor: Visitor::new(gateway) }
    }

    /// All that can be asked about a link: (skin, what is told).
    async fn asks(&mut self, gateway: &Gateway, url: &str) -> Vec<(String, String)> {
        let mut told = Vec::new();
        let once = encode(url);
        for accept in ["application/json", "text/markdown", "text/plain"] {
            let request = self
                .visitor
                .request(reqwest::Method::GET, &format!("/api/v1/resolve?include=html,attributes&url={once}"));
            told.push((format!("session {accept}"), reply(request.header("accept", accept)).await.text));
            if let Some(api) = &self.api {
                told.push((format!("token {accept}"), api.get_one(url, &[("accept", accept)]).await.text));
            }
        }
        if let Some(api) = &self.api {
            let body = json!({"urls": [url, url], "include": ["html", "attributes"]});
            told.push(("two at once".to_owned(), api.post("/api/v1/resolve", &body).await.text));
        }
        let own = encode(&format!("{}/preview?url={once}", gateway.url));
        let mut paths = vec![
            format!("/?url={once}&density=rich"),
            format!("/why?url={once}"),
            format!("/oembed?url={once}"),
            format!("/oembed?url={own}&maxwidth=300"),
            format!("/preview?url={once}&as=card"),
        ];
        paths.extend(
            ["key", "short", "rich"].map(|density| format!("/preview?url={once}&as=mention&density={density}")),
        );
        let four = encode(&[url; 4].join("\n"));
        paths.extend(
            ["", "mentions", "table", "projects", "links"]
                .map(|insert| format!("/?links={four}&insert={insert}&density=rich")),
        );
        for path in paths {
            let page = self.visitor.get(&path).await;
            let skin = path.replace(&four, "FOUR").replace(&own, "OWN").replace(&once, "ONE");
            told.push((skin, page.text));
        }
        told
    }
}

/// What Ana alone may see, and links that lead to it; the same link to something that is not there.
const HERS: [&str; 13] = [
    "Buy the rival",
    "offer.pdf",
    "Hush",
    "Secret",
    "Hidden",
    "9.9",
    "For developers",
    "For leads",
    "Of leads",
    "Mine",
    "Refunds",
    "All open",
    "Top secret",
];
const HIDDEN: [(&str, &str, &str); 13] = [
    ("/browse/{}", "TOP-1", "TOP-9"),
    ("/browse/{}", "TOP", "ZIP"),
    ("/browse/{}?focusedCommentId=10047", "TOP-1", "TOP-9"),
    ("/browse/APP-2?focusedCommentId={}", "10045", "19945"),
    ("/browse/APP-2?focusedCommentId={}", "10046", "19946"),
    ("/browse/APP-2?focusedWorklogId={}", "10301", "19901"),
    ("/secure/RapidBoard.jspa?rapidView={}", "7", "8"),
    ("/secure/GHGoToBoard.jspa?sprintId={}", "50", "59"),
    ("/issues/?filter={}", "10100", "19900"),
    ("/issues/?filter={}", "10102", "19902"),
    ("/secure/Dashboard.jspa?selectPageId={}", "10200", "19900"),
    ("/secure/attachment/{}/x", "10502", "19902"),
    ("/browse/{}", "APP-4", "APP-9"),
];
/// These Ben may see, but not all that is in them.
const IN_PART: [&str; 4] = [
    "/projects/HELP/queues/custom/21",
    "/issues/?jql=project%20in%20%28TOP%2C%20APP%29",
    "/issues/?jql=project%20%3D%20APP",
    "/secure/RapidBoard.jspa?rapidView=5",
];

/// Skins that say no more than the link itself, to her as well.
const FOR_NOBODY: [&str; 4] = ["/oembed", "/why", "/?links=FOUR&insert=&", "/?links=FOUR&insert=links"];

/// The text with an id made unknown, wherever an id stands.
fn masked(text: &str, id: &str) -> String {
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let forms = ["-", "%2D", "%252D", "%25252D"].map(|hyphen| id.replace('-', hyphen));
        return forms.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), "ID"));
    }
    let before = [
        "=",
        "/",
        "%3D",
        "%2F",
        "%253D",
        "%252F",
        "%25253D",
        "%25252F",
        "Comment ",
        "Work log ",
        "Board ",
        "Sprint ",
        "Filter ",
        "Dashboard ",
        "Attachment ",
        "\"id\":\"",
    ];
    before.iter().fold(text.to_owned(), |text, before| text.replace(&format!("{before}{id}"), &format!("{before}ID")))
}

#[tokio::test]
async fn nothing_that_a_reader_may_not_see_comes_out_in_any_skin() {
    for town in objects::towns().await {
        let gateway = start().await;
        let mut ana = Reader::of(&gateway, &town, "ana").await;
        let mut ben = Reader::of(&gateway, &town, "ben").await;
        let mut nobody = Reader::nobody(&gateway);
        let paths = HIDDEN.iter().map(|(path, id, _)| path.replace("{}", id)).chain(IN_PART.map(str::to_owned));
        let urls: Vec<String> = paths.map(|path| town.0.at(&path)).collect();
        let mut seen = String::new();
        for url in &urls {
            for reader in [&mut ben, &mut nobody] {
                for (skin, text) in reader.asks(&gateway, url).await {
                    let told = HERS.iter().find(|word| text.contains(**word));
                    assert!(told.is_none(), "{url} as {skin} tells {told:?}: {text}");
                }
            }
            for (skin, text) in ana.asks(&gateway, url).await {
                seen.push_str(&text);
                // Those who unfurl have no identity: what they read is for nobody, whoever asks.
                let public = match FOR_NOBODY.iter().any(|it| skin.starts_with(it)) {
                    true => &text,
                    false => text.split_once("<body").map_or("", |(head, _)| head),
                };
                let told = HERS.iter().find(|word| public.contains(**word));
                assert!(told.is_none(), "{url} as {skin} tells {told:?}: {text}");
            }
        }
        // The test would see them: Ana does, in every skin that is for her, of what her rights and Jira's answers give.
        for word in ["Buy the rival", "offer.pdf", "Hush", "Hidden", "For developers", "Mine", "Refunds", "All open"] {
            assert!(seen.contains(word), "{word}");
        }
        let her = ana.asks(&gateway, &town.0.at("/browse/TOP-1")).await;
        for (skin, text) in her {
            let expected = !FOR_NOBODY.iter().any(|it| skin.starts_with(it));
            assert_eq!(text.contains("Buy the rival"), expected, "{skin}: {text}");
        }
        // A paste of all of them.
        let all = encode(&urls.join("\n"));
        for insert in ["mentions", "table", "projects"] {
            let path = format!("/?links={all}&insert={insert}&density=rich");
            let (hers, his) = (ana.visitor.get(&path).await, ben.visitor.get(&path).await);
            assert!(hers.text.contains("Buy the rival") && hers.text.contains("Refunds"), "{insert}: {}", hers.text);
            assert!(his.text.contains("APP board"), "{insert}: what he may see is there");
            let told = HERS.iter().find(|word| his.text.contains(**word));
            assert!(told.is_none(), "{insert} tells {told:?}: {}", his.text);
        }
    }
}

#[tokio::test]
async fn what_is_hidden_and_what_is_not_there_look_the_same() {
    for town in objects::towns().await {
        let gateway = start().await;
        let mut ben = Reader::of(&gateway, &town, "ben").await;
        let mut nobody = Reader::nobody(&gateway);
        // Once to begin the session: its cookie and its CSRF value stay.
        nobody.visitor.get("/").await;
        for (path, hidden, missing) in HIDDEN {
            let [there, not_there] = [hidden, missing].map(|id| town.0.at(&path.replace("{}", id)));
            for reader in [&mut ben, &mut nobody] {
                let hidden_told = reader.asks(&gateway, &there).await;
                let missing_told = reader.asks(&gateway, &not_there).await;
                for ((skin, one), (_, other)) in hidden_told.iter().zip(&missing_told) {
                    assert_eq!(masked(one, hidden), masked(other, missing), "{there} as {skin}");
                }
            }
        }
    }
}

#[tokio::test]
async fn open_graph_and_oembed_say_the_same_to_everybody() {
    let town = objects::town(objects::dc()).await;
    let gateway = start().await;
    let mut ana = Reader::of(&gateway, &town, "ana").await;
    let mut nobody = Visitor::new(&gateway);
    let url = town.0.at("/browse/TOP-1");
    let site = town.0.url().strip_prefix("http://").unwrap().to_owned();
    let title = format!("TOP-1 · Jira ({site})");
    let preview = format!("/preview?url={}", encode(&url));
    let (hers, theirs) = (ana.visitor.get(&preview).await, nobody.get(&preview).await);
    let graph = |page: &Page| {
        let mut all = page.attributes("meta[property]", "content");
        all.extend(["href", "type", "title"].map(|name| page.attributes("link[rel=alternate]", name).concat()));
        all
    };
    assert_eq!(graph(&hers), graph(&theirs));
    assert!(hers.text.contains("Buy the rival") && !hers.text.split("<body").next().unwrap().contains("Buy"));
    assert_eq!(theirs.attributes("meta[property='og:title']", "content"), [title.as_str()]);
    assert_eq!(theirs.attributes("link[rel=alternate]", "type"), ["application/json+oembed"]);

    town.0.forget_calls();
    let href = theirs.attributes("link[rel=alternate]", "href").concat();
    let answer = nobody.open(&href).await;
    assert_eq!(answer.reply.header("content-type"), "application/json");
    let embed = answer.reply.json();
    openapi::validate("oembed", 200, &embed);
    assert_eq!((&embed["type"], &embed["title"]), (&json!("rich"), &json!(title)));
    assert_eq!((&embed["version"], &embed["provider_url"]), (&json!("1.0"), &json!(gateway.url)));
    let same = ana.visitor.open(&href).await;
    assert_eq!(same.text, answer.text);
    // The frame shows each reader what they may see.
    let frame = scraper::Html::parse_fragment(embed["html"].as_str().unwrap());
    let frame = frame.select(&scraper::Selector::parse("iframe").unwrap()).next().unwrap();
    let src = frame.attr("src").unwrap();
    assert!(ana.visitor.open(src).await.text.contains("Buy the rival"));
    assert!(nobody.open(src).await.one(".redacted").starts_with("TOP-1 · Jira"));
    assert_eq!(town.0.calls().total, 0, "Ana's own page has asked before; for oEmbed Jira is never asked");

    // A preview of ours is a link to its object; the editor's room is respected.
    let own = encode(&format!("{}{preview}&as=mention", gateway.url));
    let small = nobody.get(&format!("/oembed?url={own}&maxwidth=320&maxheight=99&format=json")).await.reply.json();
    assert_eq!((&small["title"], &small["width"], &small["height"]), (&json!(title), &json!(320), &json!(99)));
    assert!(small["html"].as_str().unwrap().contains("width=\"320\" height=\"99\""));
    let wide = nobody.get(&format!("/oembed?url={own}&maxwidth=9999&maxheight=x")).await.reply.json();
    assert_eq!((&wide["width"], &wide["height"]), (&embed["width"], &embed["height"]));

    for url in ["", "hello", "https://example.com/", "https://acme.atlassian.net.evil.example/browse"] {
        let page = nobody.get(&format!("/oembed?url={}", encode(url))).await;
        assert_eq!((page.status, &page.reply.json()["code"]), (404, &json!("not_found")), "{url}");
        openapi::validate("oembed", 404, &page.reply.json());
        let page = nobody.get(&preview.replace(&encode(&town.0.at("/browse/TOP-1")), &encode(url))).await;
        assert!(page.attributes("link[rel=alternate]", "href").is_empty(), "{url}");
    }
    let xml = nobody.get(&format!("/oembed?url={}&format=xml", encode(&url))).await;
    assert_eq!(xml.status, 501);
    openapi::validate("oembed", 501, &xml.reply.json());
}

#[tokio::test]
async fn one_link_is_told_in_the_form_that_is_asked_for() {
    let town = objects::town(objects::dc()).await;
    let gateway = start().await;
    let api = Reader::of(&gateway, &town, "ana").await.api.unwrap();
    let url = town.0.at("/browse/APP-2");
    let ready = api.get_one(&url, &[]).await;
    let mut tags = vec![ready.header("etag").to_owned()];
    for (accept, text) in [
        ("text/markdown", format!("[APP-2 Pay by card]({url}) · In Arbeit")),
        ("text/plain", format!("APP-2 Pay by card · In Arbeit · {url}")),
    ] {
        let told = api.get_one(&url, &[("accept", accept)]).await;
        assert_eq!((told.status.as_u16(), told.text.as_str()), (200, text.as_str()));
        assert_eq!(told.header("content-type"), format!("{accept}; charset=utf-8"));
        assert_eq!(ready.header("vary"), "Authorization, Cookie");
        assert_eq!(told.header("vary"), "Authorization, Cookie, Accept");
        assert_eq!(told.header("cache-control"), "private, no-cache");
        let tag = told.header("etag").to_owned();
        let known = api.get_one(&url, &[("accept", accept), ("if-none-match", &tag)]).await;
        assert_eq!((known.status.as_u16(), known.text.as_str(), known.header("etag")), (304, "", tag.as_str()));
        let other = api.get_one(&url, &[("accept", accept), ("if-none-match", &tags[0])]).await;
        assert_eq!(other.status, 200, "the tag of another form");
        tags.push(tag);
        let missing = api.get_one(&town.0.at("/browse/APP-99"), &[("accept", accept)]).await;
        assert!(missing.status == 200 && missing.text.contains("/browse/APP-99"), "{}", missing.text);
        assert_eq!(api.get_one("hello *you*", &[("accept", accept)]).await.text.replace('\\', ""), "hello *you*");
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "a tag for each form");
    for accept in ["*/*", "application/json", "application/json, text/plain, */*"] {
        let told = api.get_one(&url, &[("accept", accept)]).await;
        assert_eq!((told.text.as_str(), told.header("etag")), (ready.text.as_str(), ready.header("etag")), "{accept}");
    }
    let none = api.get_one(&url, &[("accept", "text/html")]).await;
    assert_eq!(none.status, 406);
    openapi::validate("resolveOne", 406, &none.json());
}

#[tokio::test]
async fn a_pile_asks_once_and_then_is_what_was_chosen() {
    let town = objects::town(objects::dc()).await;
    let gateway = start().await;
    let mut visitor = Reader::of(&gateway, &town, "ana").await.visitor;
    let (first, second) = (town.0.at("/browse/APP-1"), town.0.at("/browse/APP-2"));
    let (strange, other) = ("https://acme.atlassian.net/browse/X-", "https://example.com/page");
    let text = [&first, &second, &format!("{second}?x=1"), &format!("{strange}1"), &format!("{strange}2"), other]
        .map(|it| it.to_owned())
        .join("\n");
    town.0.forget_calls();
    let start = visitor.get("/").await;
    let page = visitor.submit(&start, "/", &[("links", &text)]).await;
    let question = "5 Jira links, 4 different, and 1 to other places. Insert as:";
    assert_eq!(page.one("fieldset.inserts legend"), question);
    let choices = ["Mentions", "Table", "List by project", "Plain links"];
    assert_eq!(page.texts(".inserts label"), choices);
    assert_eq!(page.attributes(".inserts input", "form"), ["paste"; 4]);
    assert!(
        page.attributes(".inserts input[checked]", "value").is_empty() && page.texts(".result, [data-row]").is_empty()
    );
    let plain = visitor.submit(&page, "/", &[("insert", "links")]).await;
    assert_eq!(plain.one("#insert-text").split(' ').collect::<Vec<_>>(), text.lines().collect::<Vec<_>>());
    assert_eq!(town.0.calls().total, 0, "nothing is asked before the choice, and nothing for plain links");

    let table = visitor.submit(&page, "/", &[("insert", "table")]).await;
    assert!(town.0.calls().total <= 2, "{:?}", town.0.calls().by_call);
    assert_eq!(table.attributes(".inserts input[checked]", "value"), ["table"]);
    assert_eq!(table.texts("thead th"), ["Key", "Summary", "Status", "Assignee", "Due"]);
    assert_eq!(table.texts("tbody th"), ["APP-1", "APP-2", "APP-2", "X-1", "X-2", other]);
    assert_eq!(table.attributes("tbody th a", "href")[1..3], [second.clone(), second.clone()]);
    let summaries = table.texts("tbody th + td");
    assert_eq!(
        summaries[1..],
        [
            "Pay by card",
            "Pay by card",
            "Connect your Jira to see this",
            "Connect your Jira to see this",
            "Not a Jira link"
        ]
    );
    assert_eq!(table.texts(".wait .step"), ["Connect https://acme.atlassian.net"], "once for the site");
    assert_eq!(table.texts(".table-box[tabindex='0'][role=region]").len(), 1, "it scrolls by the keyboard, too");
    assert!(table.one("#insert-text").contains("Pay by card | In Arbeit"));
    assert_eq!(table.texts("tbody .step")[..2], ["Refresh APP-1", "Refresh APP-2"]);
    // Connecting leads back to the same table.
    let window = visitor.open(&table.attributes(".wait .step", "href")[0]).await;
    let back = visitor.open(&window.value("return_to")).await;
    assert_eq!(back.texts("tbody th"), table.texts("tbody th"));

    let mentions = visitor.submit(&page, "/", &[("insert", "mentions"), ("density", "rich")]).await;
    assert_eq!(mentions.texts("li .mention-key"), ["APP-1", "APP-2", "APP-2", "X-1", "X-2"]);
    assert!(mentions.texts(".mention-step").is_empty() && mentions.texts("li .mention-person").len() == 2);
    assert_eq!(mentions.attributes("[name=density][checked]", "value"), ["rich"]);
    let listed = visitor.submit(&page, "/", &[("insert", "projects")]).await;
    let site = town.0.url().strip_prefix("http://").unwrap().to_owned();
    assert_eq!(
        listed.texts(".pile h2"),
        [format!("APP · Jira ({site})"), "X · Jira (acme)".to_owned(), "Other links".to_owned()]
    );
    for page in [&table, &mentions, &listed] {
        assert!(page.html().errors.is_empty(), "{:?}", page.html().errors);
        assert_eq!(page.one("title"), "6 links · Jira Notion Gateway");
    }
    // Three behave as single pastes.
    let three: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    let page = visitor.submit(&start, "/", &[("links", &three), ("insert", "table")]).await;
    assert_eq!((page.texts(".inserts").len(), page.texts(".result").len()), (0, 3));
    let refreshed: Value = json!(page.texts("article .step").iter().filter(|step| *step == "Refresh").count());
    assert_eq!(refreshed, json!(3));
}
