//! Whatever Jira or a link says, it stays text.

use jira_notion_gateway::preview::{Action, Answer, FactId, Row, Site};
use jira_notion_gateway::render::mention::Density;
use jira_notion_gateway::render::page::{Base, Home, Look, OpenGraph, Pile, Preview, Theme, Why};
use jira_notion_gateway::render::pile::Insert;
use jira_notion_gateway::render::{Html as _, card, mention, step, words};
use scraper::{Html, Node, Selector};

use super::sample::{self, now};

const PAYLOADS: [&str; 24] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "</bdi></a></article><iframe src=javascript:alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--><script>alert(1)</script-->",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form action=//evil.example><button>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "\u{202e}<b>\u{2066}",
    "`${alert(1)}`<b onclick=alert(1)>",
];

/// Every place that holds a text from outside.
fn fill(base: &Answer, text: &str) -> Answer {
    let mut answer = base.clone();
    answer.url = text.to_owned();
    answer.id = text.to_owned();
    if let Some(site) = &mut answer.site {
        site.name = text.to_owned();
    }
    if let Some(via) = &mut answer.connection {
        via.label = text.to_owned();
        via.id = text.to_owned();
    }
    if let Some(reason) = &mut answer.reason {
        reason.message = text.to_owned();
    }
    if let Some(preview) = &mut answer.preview {
        preview.title = text.to_owned();
        preview.identifier = text.to_owned();
        preview.icon_url = Some(text.to_owned());
        preview.description = Some(text.to_owned());
        if let Some(status) = &mut preview.status {
            status.name = text.to_owned();
        }
        for fact in &mut preview.facts {
            fact.name = text.to_owned().into();
            fact.value = text.to_owned();
            fact.picture_url = Some(text.to_owned());
        }
        preview.excerpt = Some(text.to_owned());
        let status = preview.status.clone();
        preview.rows = vec![Row { key: text.to_owned(), title: text.to_owned(), status }];
    }
    answer
}

/// The elements, attributes and addresses of a text, with everything outside the allowed sets named.
fn offences(html: &str) -> Vec<String> {
    const ELEMENTS: &str = " html head meta title link script body a header main nav span svg rect path circle h1 h2 h3 p \
        form input label textarea div button section article small strong dl dt dd time bdi s code footer details summary \
        pre ol ul li fieldset legend em datalist option blockquote img table thead tbody tr th td ";
    let page = Html::parse_document(html);
    let mut found = Vec::new();
    for node in page.tree.nodes() {
        let Node::Element(element) = node.value() else { continue };
        if !ELEMENTS.contains(&format!(" {} ", element.name())) {
            found.push(format!("element {}", element.name()));
        }
        for (name, value) in element.attrs() {
            if name.starts_with("on") || matches!(name, "style" | "srcdoc" | "formaction" | "http-equiv") {
                found.push(format!("attribute {name}"));
            }
            if element.name() == "img" && element.attr("alt") != Some("") {
                found.push("a picture that speaks".to_owned());
            }
            if matches!(name, "href" | "src" | "action") {
                let is_ours = value.starts_with('/') && !value.starts_with("//");
                if !(is_ours || value == "#main" || value.starts_with("https://") || value.starts_with("http://")) {
                    found.push(format!("address {value}"));
                }
            }
        }
    }
    let script = Selector::parse("script").unwrap();
    for element in page.select(&script) {
        if element.attr("src").is_none_or(|src| !src.starts_with("/assets/"))
            || element.text().any(|text| !text.is_empty())
        {
            found.push("script".to_owned());
        }
    }
    found
}

#[test]
fn markup_from_outside_stays_text() {
    let mut looked_at = 0;
    for payload in PAYLOADS {
        let mut objects = sample::situations(&sample::issue());
        objects.push(("sub-task", sample::sub_task()));
        objects.extend(sample::every_kind());
        for (name, situation) in objects {
            let answer = fill(&situation, payload);
            let mentions =
                [Density::Key, Density::Short, Density::Rich].map(|density| mention::html(&answer, density).unwrap());
            let html = card::html(&answer, now());
            assert_eq!(offences(&mentions.concat()), Vec::<String>::new(), "mention {name} {payload}");
            assert_eq!(offences(&html), Vec::<String>::new(), "card {name} {payload}");
            if answer.preview.is_some() {
                let page = Html::parse_fragment(&html);
                let title = page.select(&Selector::parse(".card-title").unwrap()).next().unwrap();
                assert_eq!(title.text().collect::<String>(), payload, "nothing is lost either");
            }
            looked_at += 1;
        }
        let answer = fill(&sample::issue(), payload);
        let base = || Base { account: Some(payload.to_owned()), csrf: payload.to_owned(), ..Base::default() };
        let answers = [answer.clone(), fill(&sample::none(), payload)];
        let home = || Home {
            base: base(),
            text: payload,
            answers: &answers,
            density: Density::Rich,
            pile: None,
            problem: Some(payload.to_owned()),
            done: None,
            connected: true,
            now: now(),
        };
        let why = Why { base: base(), url: payload, answer: Some(&answer), connections: &[], now: now() };
        let preview = Preview {
            theme: Theme::Dark,
            title: words::redacted(answer.kind, payload, None, payload),
            open_graph: OpenGraph { title: payload.to_owned(), oembed_href: Some(format!("/oembed?url={payload}")) },
            canonical_url: Some(payload),
            look: Look::Card(card::html(&answer, now())),
        };
        for html in [home().html(), why.html(), preview.html()] {
            assert_eq!(offences(&html), Vec::<String>::new(), "page {payload}");
        }
        for insert in Insert::ALL {
            let pile = Pile { links: &[payload; 4], jira: 4, different: 1, insert: Some(insert) };
            let html = Home { base: base(), pile: Some(pile), problem: None, ..home() }.html();
            assert_eq!(offences(&html), Vec::<String>::new(), "{insert:?} {payload}");
        }
    }
    assert_eq!(looked_at, PAYLOADS.len() * (24 + sample::every_kind().len()));
}

#[test]
fn links_lead_to_the_web_or_to_us_and_nowhere_else() {
    let bad = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/",
        "/\\evil.example/",
        "file:///etc/passwd",
        "https:\n//evil.example",
        "",
    ];
    for href in bad {
        assert_eq!(step::safe_href(href), None, "{href:?}");
        for (name, mut answer) in sample::situations(&sample::issue()) {
            answer.canonical_url = Some(href.to_owned());
            answer.site = Some(Site { url: href.to_owned(), name: "acme".to_owned(), deployment: None });
            for id in
                ["open", "connect", "reconnect", "why", "refresh", "retry", "sign_in", "update_link", "choose_account"]
            {
                answer.actions.push(Action { id, href: href.to_owned() });
            }
            let html = card::html(&answer, now());
            assert_eq!(offences(&html), Vec::<String>::new(), "{name} {href:?}");
            assert_eq!(mention::html(&answer, Density::Short), None, "{name}: without an address there is no link");
        }
    }
    for href in ["https://acme.atlassian.net/browse/OPS-7", "http://jira.local/", "/why?url=x", "/"] {
        assert_eq!(step::safe_href(href), Some(href));
    }
}

#[test]
fn what_is_not_jira_is_shown_but_never_linked() {
    let html = card::html(&sample::none(), now());
    let page = Html::parse_fragment(&html);
    assert!(html.contains("acme.atlassian.net.evil.example"));
    for link in page.select(&Selector::parse("a[href]").unwrap()) {
        assert!(link.attr("href").unwrap().starts_with('/'), "{:?}", link.attr("href"));
    }
}

#[test]
fn a_preview_page_names_nothing_private_outside_the_card() {
    let answer = sample::issue();
    let page = Preview {
        theme: Theme::System,
        title: words::redacted(answer.kind, &answer.id, answer.canonical_url.as_deref(), "acme"),
        open_graph: OpenGraph { title: "OPS-7 · Jira (acme)".to_owned(), oembed_href: None },
        canonical_url: answer.canonical_url.as_deref(),
        look: Look::Card(card::html(&answer, now())),
    };
    let html = page.html();
    let head = html.split("<body").next().unwrap();
    assert!(head.contains("<title>OPS-7 · Jira (acme)</title>"));
    assert!(head.contains("property=\"og:title\" content=\"OPS-7 · Jira (acme)\""));
    let preview = answer.preview.as_ref().unwrap();
    for private in [&preview.title, &preview.status.as_ref().unwrap().name, &preview.facts[1].value] {
        assert!(!head.contains(private.as_str()));
    }
}

#[test]
fn the_why_page_holds_no_title_and_no_person_of_jira() {
    for (name, answer) in sample::situations(&sample::issue()) {
        let html =
            Why { base: Base::default(), url: &answer.url, answer: Some(&answer), connections: &[], now: now() }.html();
        for private in ["Login fails", "Lindqvist", "In Progress", "Browser support"] {
            assert!(!html.contains(private), "{name}: {private}");
        }
    }
}

#[test]
fn thirty_thousand_characters_are_drawn_and_cut_only_for_notion() {
    let mut answer = sample::issue();
    let long = "مرحبا <b>x</b> ".repeat(2_000);
    answer.preview.as_mut().unwrap().title.clone_from(&long);
    answer.preview.as_mut().unwrap().facts.push(sample::fact(FactId::Reporter, &long));
    let html = card::html(&answer, now());
    let page = Html::parse_fragment(&html);
    let title = page.select(&Selector::parse(".card-title bdi").unwrap()).next().unwrap();
    assert_eq!(title.text().collect::<String>(), long);
    assert_eq!(offences(&html), Vec::<String>::new());
}
