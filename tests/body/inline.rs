//! A long text as the value of a column.

use jira_notion_gateway::jira::text::Loss as TextLoss;
use jira_notion_gateway::notion::rich_text::{Content, Marks, RichText};
use jira_notion_gateway::sync::body::{Inline, Loss, Losses, inline};
use proptest::prelude::*;

use super::limits::check_runs;
use super::{KNOWN, wiki, words};

const MOST: usize = 200_000;

/// All of it has its place in the column.
#[track_caller]
fn read(text: &str, most: usize) -> (Vec<RichText>, Losses) {
    let Inline { runs, rest, losses } = parted(text, most);
    assert_eq!(rest, []);
    (runs, losses)
}

/// What the column has room for, and the rest.
fn parted(text: &str, most: usize) -> Inline {
    let inline = inline(&wiki(text), &KNOWN, most);
    check_runs(&inline.runs);
    inline.rest.chunks(100).for_each(check_runs);
    assert!(units(&inline.runs) <= most);
    inline
}

/// The words of both parts, one behind the other.
fn whole(inline: &Inline) -> String {
    let mut said = bare(&inline.runs);
    if !inline.rest.is_empty() {
        assert_eq!(said.pop(), (!inline.runs.is_empty()).then_some('…'));
    }
    said + &bare(&inline.rest)
}

fn bare(runs: &[RichText]) -> String {
    runs.iter().map(|run| words(&[RichText { marks: Marks::default(), ..run.clone() }])).collect()
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
    assert_eq!(bare(&runs), text.replace(['*', '_'], "").trim_end());
    assert_eq!(losses, [(Loss::Text(TextLoss::Style), 1)].into());
}

#[test]
fn what_is_too_long_for_a_column_goes_on_elsewhere() {
    let (runs, losses) = read(&"x".repeat(MOST), MOST);
    assert_eq!((units(&runs), losses), (MOST, Losses::new()));
    let table = [
        ("one *two* three", 8, "one two{bold}…", " three"),
        ("one *two* _three_", 11, "one two{bold} th…", "ree{italic}"),
        // Somebody who is not cut through is still somebody.
        ("one [~ana] two", 4, "one…", " <user ana-in-notion> two"),
        ("one [~cleo] two", 7, "one @c…", "leo two"),
        // A letter is never torn.
        ("abc😀def", 5, "abc…", "😀def"),
        ("ae\u{301}b", 3, "a…", "e\u{301}b"),
        ("* a\n* b", 4, "- a…", "\n- b"),
        ("abc", 1, "…", "abc"),
        ("abc", 0, "", "abc"),
    ];
    for (text, most, kept, rest) in table {
        let inline = parted(text, most);
        assert_eq!((words(&inline.runs).as_str(), words(&inline.rest).as_str()), (kept, rest), "{text} {most}");
        assert!(!inline.losses.contains_key(&Loss::Text(TextLoss::Cut)));
    }
    let long = parted(&"x".repeat(2 * MOST), MOST);
    assert_eq!((units(&long.runs), units(&long.rest), &long.losses), (MOST, MOST + 1, &Losses::new()));
    // Few marks at the front stay, whatever follows; and so do those of the rest.
    let long = parted(&format!("*bold* {}", "x".repeat(MOST)), MOST);
    assert!(long.runs[0].marks.bold && units(&long.runs) == 4 + 99 * 2_000);
    assert_eq!(long.losses, Losses::new());
    let long = parted(&format!("{} *bold*", "x".repeat(MOST)), MOST);
    assert!(long.rest.last().unwrap().marks.bold && long.losses.is_empty());
}

/// What no reader takes is lost, and said: more letters than any Jira keeps unasked.
#[test]
fn what_was_not_read_is_lost() {
    let long = parted(&"x".repeat(450_000), MOST);
    assert_eq!((whole(&long).len(), long.losses), (400_000, [(Loss::Text(TextLoss::Cut), 1)].into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_fits(pieces in prop::collection::vec("(\\*b\\* |_i_ |😀|x{1,900} |\n\n|\\* y\n|\\[~bob\\] ){1,30}", 0..12), most in 0_usize..9_000) {
        let text = pieces.concat();
        let inline = parted(&text, most);
        let (all, _) = read(&text, MOST);
        prop_assert_eq!(units(&all) > most, !inline.rest.is_empty());
        prop_assert!(units(&inline.runs) >= units(&all).min(most) * 8 / 10);
        prop_assert_eq!(whole(&inline), bare(&all));
        prop_assert_eq!(parted(&text, most), inline);
    }
}
