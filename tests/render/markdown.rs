//! Answers as text for other editors: what Jira says stays text, and the address is always in it.

use jira_notion_gateway::preview::{Answer, Status};
use jira_notion_gateway::render::pile::{self, Insert};
use jira_notion_gateway::render::{markdown, plain, table};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::sample;

/// What a reader of the Markdown sees: its text, its links, and whatever else there is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    text: String,
    links: Vec<String>,
    other: Vec<String>,
}

/// With every extension that editors are known to have; only curled quotes are no markup.
fn seen(text: &str) -> Seen {
    let mut seen = Seen::default();
    let expected = |event: &Event<'_>| {
        let name = format!("{event:?}");
        let known = ["Paragraph", "Link", "List", "Item", "Table", "Heading"];
        known
            .iter()
            .any(|known| name.starts_with(&format!("Start({known}")) || name.starts_with(&format!("End({known}")))
    };
    for event in Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => seen.links.push(dest_url.into_string()),
            Event::Start(Tag::TableCell) => seen.text.push('\n'),
            Event::Text(text) => seen.text.push_str(&text),
            event if expected(&event) => {}
            event => seen.other.push(format!("{event:?}")),
        }
    }
    seen
}

/// Titles as hostile as they come: every character that Markdown reads, often.
fn title() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        r"[\\`*_{}\[\]()<>#+.!|~&^$=:@'\x22/-]{1,4}",
        "[a-z0-9 ]{1,6}",
        Just("](https://evil.example)".to_owned()),
        Just("![x](https://evil.example/p.png)".to_owned()),
        Just("<https://evil.example>".to_owned()),
        Just("<img src=x>".to_owned()),
        Just("https://evil.example/x".to_owned()),
        Just("www.evil.example".to_owned()),
        Just("&amp;&copy;&#124;".to_owned()),
        Just("[^1]: note".to_owned()),
        Just("\\|".to_owned()),
        Just("$x$ `y` :smile:".to_owned()),
        "\\PC{1,3}",
        Just("\n\n# x\r\n\t- y\u{202e}".to_owned()),
        Just("z\u{200b}\u{3164}".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// What is left of a text on one line.
fn line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let is_harm = |c: char| c.is_control() || turns(c) || is_unseen(c);
    let shown: String = text.chars().filter(|&c| c.is_whitespace() || !is_harm(c)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn issue(title: &str, status: &str, url: &str) -> Answer {
    let mut answer = sample::issue();
    answer.canonical_url = Some(url.to_owned());
    let preview = answer.preview.as_mut().unwrap();
    preview.title = title.to_owned();
    preview.status.as_mut().unwrap().name = status.to_owned();
    answer
}

fn address() -> impl Strategy<Value = String> {
    r"[a-zA-Z0-9()*_\\`<>|&;#$%=~\[\]!'-]{0,20}"
        .prop_map(|rest| format!("https://acme.atlassian.net/issues/?jql={rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_jira_says_comes_out_as_text_beside_one_link(title in title(), status in title(), url in address()) {
        let answer = issue(&title, &status, &url);
        let text = markdown::of(&answer);
        prop_assert_eq!(text.lines().count(), 1);
        let expected = format!("{} · {}", line(&format!("OPS-7 {title}")), line(&status));
        let seen = seen(&text);
        prop_assert_eq!(&seen.other, &Vec::<String>::new(), "{}", text);
        prop_assert_eq!(seen.links, vec![url], "{}", text);
        prop_assert_eq!(seen.text.trim_end(), expected.trim_end(), "{}", text);
    }

    #[test]
    fn a_table_has_a_row_for_each_and_nothing_else(title in title(), status in title(), url in address()) {
        let answer = issue(&title, &status, &url);
        let text = table::markdown(&[answer.clone(), answer]);
        prop_assert_eq!(text.lines().count(), 4);
        let seen = seen(&text);
        prop_assert_eq!(&seen.other, &Vec::<String>::new(), "{}", text);
        prop_assert_eq!(seen.links, vec![url.clone(), url], "{}", text);
        let row = ["OPS-7", &line(&title), &line(&status), "Ana Lindqvist", "2026-11-20"].map(str::to_owned);
        let cells: Vec<String> = seen.text.split('\n').skip(1).map(str::to_owned).collect();
        prop_assert_eq!(cells, [&["Key", "Summary", "Status", "Assignee", "Due"].map(str::to_owned)[..], &row, &row].concat(), "{}", text);
    }

    #[test]
    fn what_is_no_link_stays_text(text in title()) {
        let answer = Answer { url: text.clone(), ..sample::none() };
        for said in [markdown::of(&answer), pile::text(Insert::Mentions, std::slice::from_ref(&answer))] {
            let seen = seen(&said);
            prop_assert_eq!((&seen.links, &seen.other), (&Vec::new(), &Vec::new()), "{}", said);
            prop_assert_eq!(seen.text.trim_end(), line(&text), "{}", said);
        }
        prop_assert_eq!(plain::of(&answer), line(&text));
    }
}

#[test]
fn an_issue_reads_well_as_it_stands() {
    let issue = sample::issue();
    let url = "https://acme.atlassian.net/browse/OPS-7";
    assert_eq!(markdown::of(&issue), format!("[OPS-7 Login fails on Safari]({url}) · In Progress"));
    assert_eq!(plain::of(&issue), format!("OPS-7 Login fails on Safari · In Progress · {url}"));
    let mut odd = issue;
    odd.preview.as_mut().unwrap().title = "Fix: [iOS] 1.5 crash_report (50%) – why?".to_owned();
    assert_eq!(
        markdown::of(&odd),
        format!("[OPS-7 Fix: \\[iOS\\] 1.5 crash\\_report (50%) – why?]({url}) · In Progress")
    );
}

/// R22: in every state and of every kind, in every form.
#[test]
fn the_address_is_always_in_it() {
    let mut answers: Vec<Answer> = sample::every_kind().into_iter().map(|(_, answer)| answer).collect();
    answers.extend(sample::situations(&sample::issue()).into_iter().map(|(_, answer)| answer));
    let bare = sample::nothing_to_preview().into_iter().map(|(_, answer)| answer);
    answers.extend(bare.filter(|answer| answer.canonical_url.is_some()));
    for answer in &answers {
        let url = answer.canonical_url.as_ref().unwrap();
        assert!(plain::of(answer).ends_with(url.as_str()));
        let forms = [markdown::of(answer), table::markdown(std::slice::from_ref(answer))];
        for text in forms
            .into_iter()
            .chain([Insert::Mentions, Insert::Projects].map(|it| pile::text(it, std::slice::from_ref(answer))))
        {
            assert_eq!(seen(&text).links, [url.as_str()], "{text}");
        }
    }
    // Markdown to blocks and back loses no link, however many there are.
    let all = pile::text(Insert::Projects, &answers);
    assert_eq!(seen(&all).links.len(), answers.len());
}

#[test]
fn a_table_says_in_words_what_is_not_there() {
    let situations = sample::situations(&sample::issue());
    let answers: Vec<Answer> = situations.iter().map(|(_, answer)| answer.clone()).collect();
    insta::assert_snapshot!(table::markdown(&answers));
    let kinds: Vec<Answer> = sample::every_kind().into_iter().map(|(_, answer)| answer).collect();
    insta::assert_snapshot!(table::markdown(&kinds));
}

#[test]
fn a_list_by_project_keeps_sites_apart_and_the_order_of_the_paste() {
    let (first, project) = (sample::issue(), sample::project());
    let mut second = issue("Another", "Done", "https://acme.atlassian.net/browse/OPS-9");
    second.preview.as_mut().unwrap().identifier = "OPS-9".to_owned();
    second.preview.as_mut().unwrap().status = None::<Status>;
    let all = [sample::none(), first, project, second];
    let text = pile::text(Insert::Projects, &all);
    let expected = "### OPS · Jira (acme)\n\n\
        - [OPS-7 Login fails on Safari](https://acme.atlassian.net/browse/OPS-7) · In Progress\n\
        - [OPS-9 Another](https://acme.atlassian.net/browse/OPS-9)\n\n\
        ### OPS · Jira (jira.example.org\\:8443/jira)\n\n\
        - [Operations](https://jira.example.org:8443/jira/browse/OPS)\n\n\
        ### Other links\n\n\
        - https\\://acme.atlassian.net.evil.example/browse/OPS-7\n";
    assert_eq!(text, expected);
}
