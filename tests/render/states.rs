//! Every kind: its card, its mentions, what Notion receives, and that none of them says more than it may.

use std::collections::BTreeSet;

use jira_notion_gateway::jira::key::Kind;
use jira_notion_gateway::preview::{Answer, FactId};
use jira_notion_gateway::render::attributes::{self, Limits};
use jira_notion_gateway::render::json::{self, Include};
use jira_notion_gateway::render::mention::{self, Density};
use jira_notion_gateway::render::{aloud, card};
use scraper::{ElementRef, Html, Selector};

use super::looks::everything;
use super::sample::{self, at, now};

fn find(name: &str) -> Answer {
    let mut all = sample::every_kind();
    all.extend(sample::nothing_to_preview());
    all.into_iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("{name}")).1
}

fn texts(html: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    let squeezed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&Selector::parse(selector).unwrap()).map(|it| squeezed(it.text().collect())).collect()
}

/// The name of a mention as a program that reads aloud makes it of its content.
fn heard(html: &str) -> String {
    fn collect(element: ElementRef<'_>, out: &mut String) {
        for child in element.children() {
            match (child.value().as_text(), ElementRef::wrap(child)) {
                (Some(text), _) => out.push_str(text),
                (None, Some(child)) if child.attr("aria-hidden") != Some("true") => collect(child, out),
                _ => {}
            }
        }
    }
    let page = Html::parse_fragment(html);
    let mut out = String::new();
    collect(page.select(&Selector::parse("a").unwrap()).next().unwrap(), &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The mention as it is seen.
fn seen(html: &str) -> String {
    let page = Html::parse_fragment(html);
    let mut text = String::new();
    for node in page.select(&Selector::parse("a").unwrap()).next().unwrap().descendants() {
        let is_hidden = |it: &ElementRef<'_>| it.attr("class") == Some("hidden");
        let hidden = node.ancestors().filter_map(ElementRef::wrap).any(|it| is_hidden(&it));
        if let Some(part) = node.value().as_text().filter(|_| !hidden) {
            text.push_str(part);
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The card's description list.
fn facts(name: &str) -> Vec<(String, String)> {
    let html = card::html(&find(name), now());
    texts(&html, ".facts dt").into_iter().zip(texts(&html, ".facts dd")).collect()
}

#[test]
fn every_kind_as_it_is_committed() {
    for (name, answer) in sample::every_kind().into_iter().chain(sample::nothing_to_preview()) {
        insta::assert_snapshot!(format!("kind_{name}"), everything(&answer));
    }
}

#[test]
fn every_kind_has_a_sample() {
    let all = sample::every_kind().into_iter().chain(sample::nothing_to_preview());
    let kinds: BTreeSet<&str> = all.map(|(_, answer)| answer.kind.as_str()).collect();
    assert_eq!(kinds, Kind::ALL.iter().map(|kind| kind.as_str()).collect());
}

#[test]
fn mentions_of_every_kind_in_words() {
    let table = [
        ("comment", "OPS-7 Login fails on Safari · In Progress · comment by Bo Nilsen"),
        ("worklog", "OPS-7 Login fails on Safari · In Progress · work log by Ana Lindqvist"),
        ("project", "Operations"),
        ("board", "Operations board"),
        ("sprint", "Sprint 4 · Active"),
        ("filter", "Sign-in, still open · 47"),
        ("search", "Jira search · 1"),
        ("dashboard", "How we are doing"),
        ("version", "2.4.0 · Unreleased"),
        ("version_released", "2.3.0 · Released"),
        ("component", "Sign-in"),
        ("user", "Ana Lindqvist"),
        ("user_deactivated", "Cleo Former · Deactivated"),
        ("request", "HELP-2 My laptop does not wake up · Waiting for support"),
        ("idea", "IDEA-2 Sign in with a passkey · Next"),
        ("attachment", "empty-page.png"),
        ("portal", "IT Help"),
        ("queue", "Waiting for us · 12"),
        ("plan", "Plan 2"),
        ("site", "acme.atlassian.net"),
        ("dashboard_default", "Dashboard"),
        ("user_own", "Jira profile"),
        ("search_empty", "Jira search"),
    ];
    for (name, expected) in table {
        assert_eq!(mention::text(&find(name)).as_deref(), Some(expected), "{name}");
    }
}

#[test]
fn three_lengths_of_a_mention_of_every_kind() {
    // What stands in the line, in its order: key or name, status, number, who, when.
    let table: [(&str, [&str; 3]); 17] = [
        ("epic", ["OPS-1", "OPS-1 Browser support In Progress", "OPS-1 Browser support In Progress @Ana Lindqvist"]),
        (
            "comment",
            [
                "OPS-7 comment by Bo Nilsen",
                "OPS-7 Login fails on Safari In Progress comment by Bo Nilsen",
                "OPS-7 Login fails on Safari In Progress comment by Bo Nilsen",
            ],
        ),
        (
            "worklog",
            [
                "OPS-7 work log by Ana Lindqvist",
                "OPS-7 Login fails on Safari In Progress work log by Ana Lindqvist",
                "OPS-7 Login fails on Safari In Progress work log by Ana Lindqvist",
            ],
        ),
        ("project_pictured", ["OPS", "Operations", "Operations BN@Bo Nilsen"]),
        ("board", ["Operations board", "Operations board", "Operations board until 27 Nov"]),
        ("sprint", ["Sprint 4", "Sprint 4 Active", "Sprint 4 Active until 27 Nov"]),
        ("filter", ["Sign-in, still open", "Sign-in, still open 47", "Sign-in, still open 47 @Ana Lindqvist"]),
        ("search", ["Jira search", "Jira search 1", "Jira search 1"]),
        ("dashboard", ["How we are doing", "How we are doing", "How we are doing @Bo Nilsen"]),
        ("version", ["2.4.0", "2.4.0 Unreleased", "2.4.0 Unreleased until 18 Dec"]),
        ("component", ["Sign-in", "Sign-in", "Sign-in AL@Ana Lindqvist"]),
        ("user", ["Ana Lindqvist", "Ana Lindqvist", "Ana Lindqvist"]),
        (
            "request",
            [
                "HELP-2",
                "HELP-2 My laptop does not wake up Waiting for support",
                "HELP-2 My laptop does not wake up Waiting for support @Dora Quist",
            ],
        ),
        ("attachment", ["empty-page.png", "empty-page.png", "empty-page.png"]),
        ("portal", ["IT Help", "IT Help", "IT Help"]),
        ("queue", ["Waiting for us", "Waiting for us 12", "Waiting for us 12"]),
        ("plan", ["Plan 2", "Plan 2", "Plan 2"]),
    ];
    for (name, expected) in table {
        let drawn = Density::ALL.map(|density| seen(&mention::html(&find(name), density).unwrap()));
        assert_eq!(drawn.each_ref().map(String::as_str), expected, "{name}");
    }
}

#[test]
fn a_rich_mention_also_says_what_only_it_shows() {
    let table = [
        ("request", "Get IT help HELP-2, My laptop does not wake up, status Waiting for support, reporter Dora Quist"),
        ("sprint", "Sprint 4, status Active, 12 of 25 done, until 27 Nov"),
        ("dashboard", "Dashboard How we are doing, owner Bo Nilsen"),
        ("epic", "Epic OPS-1, Browser support, status In Progress, assigned to Ana Lindqvist"),
    ];
    for (name, expected) in table {
        let html = mention::html(&find(name), Density::Rich).unwrap();
        assert_eq!(heard(&html), expected, "{name}");
    }
    let moved = sample::situations(&sample::issue()).into_iter().find(|(name, _)| *name == "moved").unwrap().1;
    assert!(aloud::of(&moved).to_string().ends_with(", assigned to Ana Lindqvist, was OLD-7"));
}

#[test]
fn accessible_names_of_every_kind() {
    let table = [
        ("comment", "Comment by Bo Nilsen on Bug OPS-7, Login fails on Safari, status In Progress"),
        ("worklog", "Work log by Ana Lindqvist on Bug OPS-7, Login fails on Safari, status In Progress"),
        ("board", "Scrum board Operations board, 12 of 25 done"),
        ("board_kanban", "Kanban board Everything in flight"),
        ("sprint", "Sprint 4, status Active, 12 of 25 done"),
        ("sprint_over", "Sprint Safari, at last, status Active, 12 of 25 done"),
        ("filter", "Filter Sign-in, still open, 47 issues"),
        ("search", "Jira search, 1 issue"),
        ("dashboard", "Dashboard How we are doing"),
        ("version", "Version 2.4.0, status Unreleased, 18 of 20 done"),
        ("component", "Component Sign-in"),
        ("user", "Person Ana Lindqvist"),
        ("user_deactivated", "Person Cleo Former, status Deactivated"),
        ("request", "Get IT help HELP-2, My laptop does not wake up, status Waiting for support"),
        ("idea", "Idea IDEA-2, Sign in with a passkey, status Next, assigned to Ana Lindqvist"),
        ("attachment", "Attachment empty-page.png"),
        ("portal", "Portal IT Help"),
        ("queue", "Queue Waiting for us, 12 issues"),
        ("plan", "Plan 2: Plans have no preview"),
        ("site", "acme.atlassian.net: A page of Jira itself"),
        ("dashboard_default", "Dashboard: The default dashboard of this Jira"),
        ("user_own", "Jira profile: Whoever opens this sees their own profile"),
        ("search_empty", "Jira search: A search without a query"),
    ];
    for (name, expected) in table {
        let answer = find(name);
        assert_eq!(aloud::of(&answer).to_string(), expected, "{name}");
        // Whatever the line leaves out, its name is whole.
        for density in [Density::Key, Density::Short] {
            assert_eq!(heard(&mention::html(&answer, density).unwrap()), expected, "{name} {density:?}");
        }
    }
}

#[test]
fn cards_hold_the_facts_of_their_kind_in_order() {
    let table: [(&str, &[(&str, &str)]); 9] = [
        ("comment", &[("Comment by", "Bo Nilsen"), ("Written", "1 h ago"), ("Visible to", "Developers")]),
        ("worklog", &[("Logged by", "AL Ana Lindqvist"), ("Time spent", "2h 30m"), ("Started", "1 day ago")]),
        (
            "board",
            &[
                ("Project", "Operations (OPS)"),
                ("Sprint", "Sprint 4"),
                ("Dates", "16 Nov – 27 Nov 5 days left"),
                ("Progress", "to do 8 · in progress 5 · done 12"),
            ],
        ),
        (
            "sprint_over",
            &[
                ("Project", "Operations (OPS)"),
                ("Board", "Operations board"),
                ("Dates", "2 Nov – 20 Nov 2 days over"),
                ("Progress", "to do 8 · in progress 5 · done 12"),
            ],
        ),
        ("version", &[("Project", "Operations (OPS)"), ("Dates", "1 Oct – 18 Dec"), ("Progress", "18 of 20 done")]),
        ("request", &[("Reporter", "Dora Quist"), ("Time to first response", "due in 2 h"), ("Service", "IT Help")]),
        (
            "request_breached",
            &[("Reporter", "Dora Quist"), ("Time to first response", "46 min ago breached"), ("Service", "IT Help")],
        ),
        ("request_paused", &[("Reporter", "Dora Quist"), ("Time to first response", "paused"), ("Service", "IT Help")]),
        ("attachment", &[("Size", "12.4 kB"), ("Added by", "BN Bo Nilsen"), ("Added", "2 days ago")]),
    ];
    for (name, expected) in table {
        let found = facts(name);
        // Initials are hidden from programs that read aloud; a text has them all the same.
        let found: Vec<(&str, String)> = found
            .iter()
            .map(|(label, value)| (label.as_str(), value.replacen("ALAna", "AL Ana", 1).replacen("BNBo", "BN Bo", 1)))
            .collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(label, value)| (*label, value.as_str())).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_list_shows_its_query_in_one_line_its_rows_and_whose_count_it_is() {
    let html = card::html(&find("filter"), now());
    assert_eq!(texts(&html, "code.jql").len(), 1);
    assert_eq!(texts(&html, ".card-rows li").len(), 5);
    assert_eq!(texts(&html, ".card-rows .pill").len(), 5);
    let page = Html::parse_fragment(&html);
    let links: Vec<_> = page.select(&Selector::parse(".card-rows a").unwrap()).collect();
    assert_eq!(links[0].attr("href"), Some("https://acme.atlassian.net/browse/OPS-7"));
    for name in ["filter", "search", "queue"] {
        assert_eq!(texts(&card::html(&find(name), now()), ".card-note"), ["Counts depend on your access."], "{name}");
    }
    assert!(texts(&card::html(&find("board"), now()), ".card-note").is_empty());
}

#[test]
fn progress_is_a_bar_of_the_right_parts_and_always_words() {
    let widths = |name: &str| {
        let html = card::html(&find(name), now());
        let page = Html::parse_fragment(&html);
        let rects = Selector::parse(".bar rect").unwrap();
        page.select(&rects).map(|it| it.attr("width").unwrap().parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(widths("board"), [1000, 200, 480]);
    assert_eq!(widths("epic"), [1000, 233, 400]);
    // Numbers may be missing; the words stay.
    let mut bare = find("version");
    bare.preview.as_mut().unwrap().progress = None;
    let html = card::html(&bare, now());
    assert!(!html.contains("<rect class=\"bar") && html.contains("18 of 20 done"));
}

#[test]
fn sla_and_sprint_are_told_as_of_now() {
    let table = [
        ("request", FactId::Due, "2026-11-22T10:01:30Z", "due in a minute"),
        ("request", FactId::Due, "2026-11-22T10:31:30Z", "due in 30 min"),
        ("request", FactId::Due, "2026-11-25T12:00:00Z", "due in 3 days"),
        ("request", FactId::Due, "2026-12-24T12:00:00Z", "due on 24 Dec"),
        ("request", FactId::Due, "breached", "breached"),
        ("sprint", FactId::Dates, "2026-11-16 to 2026-11-22", "16 Nov – 22 Nov ends today"),
        ("sprint", FactId::Dates, "2026-11-16 to 2026-11-23", "16 Nov – 23 Nov 1 day left"),
        ("sprint", FactId::Dates, "2026-11-16 to 2026-11-21", "16 Nov – 21 Nov 1 day over"),
        ("sprint", FactId::Dates, "from 2026-11-16", "from 16 Nov"),
        ("version", FactId::Dates, "until 2027-01-15", "until 15 Jan 2027"),
        ("version", FactId::Dates, "some day", "some day"),
        ("version", FactId::Dates, "20261114", "20261114"),
    ];
    for (name, id, value, expected) in table {
        let mut answer = find(name);
        let preview = answer.preview.as_mut().unwrap();
        preview.facts = vec![sample::fact(id, value)];
        assert_eq!(texts(&card::html(&answer, now()), ".facts dd"), [expected], "{value}");
    }
    // A promise that is broken in the meantime is another card.
    let tag = |now| json::tail(&find("request"), Include { html: true, attributes: false }, now).etag().to_owned();
    assert_eq!(tag(now()), tag(at("2026-11-22T10:03:00Z")));
    assert_ne!(tag(now()), tag(at("2026-11-22T12:16:00Z")));
}

#[test]
fn every_link_without_preview_has_an_honest_card() {
    let mut told = BTreeSet::new();
    for (name, answer) in sample::nothing_to_preview() {
        let html = card::html(&answer, now());
        let notice = texts(&html, ".notice").remove(0);
        assert!(!notice.contains("yet") && told.insert(notice.clone()), "{name}: {notice}");
        assert!(texts(&html, ".facts, .card-rows, .excerpt").is_empty(), "{name}");
    }
}

#[test]
fn pictures_are_drawn_where_the_answer_brings_them_and_initials_where_not() {
    let table = [
        ("project_pictured", "img.avatar.square", 1),
        ("project", "span.avatar.square", 1),
        ("user", "img.avatar.round", 1),
        ("user_deactivated", "span.avatar.round", 1),
        ("epic", "img.icon", 2),
        ("epic", "dd img.avatar.round", 2),
        ("board", "img", 0),
    ];
    for (name, selector, count) in table {
        assert_eq!(texts(&card::html(&find(name), now()), selector).len(), count, "{name} {selector}");
    }
    // An address that no page may load is as good as none.
    for address in ["javascript:alert(1)", "//evil.example/x.png", "data:image/png;base64,x"] {
        let mut answer = find("user");
        answer.preview.as_mut().unwrap().icon_url = Some(address.to_owned());
        let html = card::html(&answer, now());
        assert!(!html.contains("<img") && html.contains("AL</span>"), "{address}");
    }
}

#[test]
fn what_is_published_holds_no_word_of_a_comment_and_no_row() {
    for name in ["comment", "worklog"] {
        let sent = serde_json::to_string(&attributes::of(&find(name), &Limits::default())).unwrap();
        for private in ["Bo Nilsen", "Ana Lindqvist", "redirect", "Reproduced", "Developers", "2h 30m", "updated_at"] {
            assert!(!sent.contains(private), "{name}: {sent}");
        }
        assert!(sent.contains("Login fails on Safari") && sent.contains("OPS-7"), "{sent}");
    }
    for (name, answer) in sample::every_kind() {
        let sent = serde_json::to_string(&attributes::of(&answer, &Limits::default())).unwrap();
        assert!(!sent.contains("/pictures/") && !sent.contains("Passkeys"), "{name}: {sent}");
    }
}

#[test]
fn the_json_of_a_preview_has_the_keys_of_the_contract_for_every_kind() {
    for (name, answer) in sample::every_kind() {
        let text = json::answer(&answer, Include::default(), now());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut keys: Vec<&str> = value["preview"].as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let expected = ["description", "facts", "icon_url", "identifier", "status", "title", "updated_at"];
        assert_eq!(keys, expected, "{name}");
        for fact in value["preview"]["facts"].as_array().unwrap() {
            assert_eq!(fact.as_object().unwrap().len(), 3, "{name}: id, name, value");
        }
        if let Some(excerpt) = &answer.preview.as_ref().unwrap().excerpt {
            assert!(!text.contains(excerpt.lines().next().unwrap()), "{name}");
        }
    }
}
