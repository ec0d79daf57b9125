//! A long text as the value of a column.

use jira_notion_gateway::jira::text::Loss as TextLoss;
use jira_notion_gateway::notion::rich_text::{Content, Marks, RichText};
use jira_notion_gateway::sync::body::{Loss, Losses, inline};
use proptest::prelude::*;

use super::limits::check_runs;
use super::{KNOWN, wiki, words};

const MOST: usize = 200_000;

fn read(text: &str, most: usize) -> (Vec<RichText>, Losses) {
    let (runs, losses) = inline(&wiki(text), &KNOWN, most);
    check_runs(&runs);
    assert!(units(&runs) <= most);
    (runs, losses)
}

fn units(runs: &[RichText]) -> usize {
    runs.iter()
        .map(|run| if let Content::Text { text, .. } = &run.content { text.encode_utf16().count() } else { 0 })
        .sum()
}

#[test]
fn blocks_become_lines() {
    let table = [
        ("one *two* [~ana]", "one two{bold} <user ana-in-notion>", 0),
        ("one\n\ntwo", "one\ntwo", 0),
        ("h1. Plan\n* a\n** b\n# c", "Plan\n- a\n- b\n1. c", 4),
        ("||a||b||\n|c|d|", "a | b\nc | d", 1),
        ("{quote}said{quote}after", "said\nafter", 1),
        ("----", "", 1),
        ("", "", 0),
    ];
    for (text, expected, flattened) in table {
        let (runs, losses) = read(text, MOST);
        assert_eq!(words(&runs), expected, "{text}");
        assert_eq!(losses.get(&Loss::Flattened).copied().unwrap_or_default(), flattened, "{text}");
    }
}

#[test]
fn words_matter_more_than_marks() {
    let text: String = (0..90).map(|at| format!("*b{at}* _i{at}_ ")).collect();
    let (runs, losses) = read(&text, MOST);
    assert_eq!(runs.len(), 100);
    assert!(runs[0].marks.bold && !runs[99].marks.bold);
    let said: String = runs.iter().map(|run| words(&[RichText { marks: Marks::default(), ..run.clone() }])).collect();
    assert_eq!(said, text.replace(['*', '_'], "").trim_end());
    assert_eq!(losses, [(Loss::Text(TextLoss::Style), 1)].into());
}

#[test]
fn the_rest_is_cut_and_that_is_said() {
    let cut = [(Loss::Text(TextLoss::Cut), 1)].into();
    let (runs, losses) = read(&"x".repeat(MOST), MOST);
    assert_eq!((units(&runs), losses), (MOST, Losses::new()));
    let (runs, losses) = read(&"x".repeat(MOST + 1), MOST);
    assert_eq!((units(&runs), &losses), (MOST, &cut));
    assert!(words(&runs).ends_with("x…"));
    let (runs, losses) = read("one *two* three", 8);
    assert_eq!((words(&runs).as_str(), &losses), ("one two{bold}…", &cut));
    // A letter is never torn.
    let (runs, _) = read("abc😀def", 5);
    assert_eq!(words(&runs), "abc…");
    assert_eq!(words(&read("abc", 0).0), "");
    assert_eq!(words(&read("abc", 1).0), "…");
    // Few marks at the front stay, whatever follows.
    let (runs, losses) = read(&format!("*bold* {}", "x".repeat(MOST)), MOST);
    assert!(runs[0].marks.bold && words(&runs).ends_with('…') && units(&runs) == 4 + 99 * 2_000);
    assert_eq!(losses, cut);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_fits(pieces in prop::collection::vec("(\\*b\\* |_i_ |😀|x{1,900} |\n\n|\\* y\n|\\[~bob\\] ){1,30}", 0..12), most in 0_usize..9_000) {
        let text = pieces.concat();
        let (runs, losses) = read(&text, most);
        let (all, _) = read(&text, MOST);
        prop_assert_eq!(units(&all) > most, losses.contains_key(&Loss::Text(TextLoss::Cut)));
        prop_assert!(units(&runs) >= units(&all).min(most) * 8 / 10);
        prop_assert_eq!(read(&text, most), (runs, losses));
    }
}
