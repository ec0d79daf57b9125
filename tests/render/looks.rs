//! Card, mention and JSON of every situation, as they are committed.

use jira_notion_gateway::jira::key::Kind;
use jira_notion_gateway::jira::model::StatusCategory;
use jira_notion_gateway::preview::{Answer, FactId, Status};
use jira_notion_gateway::render::json::Include;
use jira_notion_gateway::render::mention::{self, Density};
use jira_notion_gateway::render::{card, json};
use scraper::{Html, Selector};

use super::sample::{self, now};

pub fn everything(answer: &Answer) -> String {
    let html = |density| mention::html(answer, density).unwrap_or_else(|| "(none)".to_owned());
    format!(
        "{}\n\ntext:  {}\nkey:   {}\nshort: {}\nrich:  {}\n\n{}",
        json::answer(answer, Include { html: false, attributes: true }, now()),
        mention::text(answer).unwrap_or_else(|| "(none)".to_owned()),
        html(Density::Key),
        html(Density::Short),
        html(Density::Rich),
        card::html(answer, now()),
    )
}

#[test]
fn every_state_of_issue_and_project() {
    for (object, base) in [("issue", sample::issue()), ("project", sample::project())] {
        for (name, answer) in sample::situations(&base) {
            insta::assert_snapshot!(format!("{object}_{name}"), everything(&answer));
        }
    }
}

#[test]
fn other_objects() {
    insta::assert_snapshot!("none", everything(&sample::none()));
    insta::assert_snapshot!("sub_task", everything(&sample::sub_task()));
    insta::assert_snapshot!("long_and_mixed", everything(&sample::long_and_mixed()));
    insta::assert_snapshot!(
        "board",
        everything(&sample::bare(Kind::Board, "12", "/secure/RapidBoard.jspa?rapidView=12"))
    );
}

fn texts(html: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    page.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

#[test]
fn open_and_plain_link_stand_in_every_state() {
    let mut seen = 0;
    for base in [sample::issue(), sample::project()] {
        for (name, answer) in sample::situations(&base) {
            let html = card::html(&answer, now());
            let steps = texts(&html, ".card-steps a");
            assert!(steps.iter().any(|label| label.starts_with("Open")), "{name}: {steps:?}");
            assert!(steps.iter().any(|label| label == "Plain link"), "{name}: {steps:?}");
            assert!(steps.len() > 2, "{name} lacks a next step: {steps:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 46);
}

#[test]
fn an_address_that_the_answer_brings_wins() {
    let mut answer = sample::situations(&sample::issue()).remove(3).1;
    assert!(card::html(&answer, now()).contains(
        "href=\"/connect?site=https%3A%2F%2Facme%2Eatlassian%2Enet&#38;return_to=%2F%3Furl%3Dhttps%253A%252F%252Facme"
    ));
    answer.actions.push(jira_notion_gateway::preview::Action { id: "connect", href: "/connect?own".to_owned() });
    assert!(card::html(&answer, now()).contains("href=\"/connect?own\""));
    assert!(!card::html(&answer, now()).contains("/connect?site"));
}

#[test]
fn overdue_is_a_word_and_only_where_it_is_true() {
    let table = [
        ("2026-11-21", StatusCategory::InProgress, true),
        ("2026-11-22", StatusCategory::InProgress, false),
        ("2026-11-23", StatusCategory::ToDo, false),
        ("2026-11-21", StatusCategory::Done, false),
        ("2026-11-21", StatusCategory::Unknown, true),
        ("some day", StatusCategory::ToDo, false),
    ];
    for (due, category, expected) in table {
        let mut answer = sample::issue();
        let preview = answer.preview.as_mut().unwrap();
        preview.facts = vec![sample::fact(FactId::Due, due)];
        preview.status = Some(Status { name: "x".to_owned(), category });
        let html = card::html(&answer, now());
        assert_eq!(!texts(&html, ".overdue").is_empty(), expected, "{due} {category:?}");
    }
}

#[test]
fn labels_are_three_and_a_number() {
    let html = card::html(&sample::issue(), now());
    assert_eq!(texts(&html, ".label"), ["auth", "safari", "regression"]);
    assert_eq!(texts(&html, ".label-more"), ["+1"]);
}

#[test]
fn an_issue_without_assignee_says_when_it_is_due() {
    let mut unassigned = sample::sub_task();
    unassigned.preview.as_mut().unwrap().facts.retain(|fact| fact.id == FactId::Due);
    assert!(mention::html(&unassigned, Density::Rich).unwrap().contains("due 20 Nov"));
    for density in Density::ALL {
        assert_eq!(Density::parse(density.as_str()), Some(density));
    }
    assert_eq!(Density::parse("loud"), None);
}

#[test]
fn a_mention_is_one_link_with_the_whole_text_in_its_name() {
    let answer = sample::long_and_mixed();
    let html = mention::html(&answer, Density::Short).unwrap();
    let page = Html::parse_fragment(&html);
    let links: Vec<_> = page.select(&Selector::parse("a").unwrap()).collect();
    assert_eq!(links.len(), 1);
    let title = &answer.preview.as_ref().unwrap().title;
    assert!(links[0].text().any(|text| text == title));
    assert_eq!(links[0].attr("title"), Some(title.as_str()));
    assert!(page.select(&Selector::parse("bdi").unwrap()).count() >= 2, "mixed directions are kept apart");
    assert!(page.select(&Selector::parse("button, input, [tabindex]").unwrap()).next().is_none());
}
