//! An answer as one line of plain text, for editors that know nothing else (paste-experience §2, R22).

use super::mention;
use crate::preview::Answer;

/// `OPS-7 Login fails on Safari · In Progress · https://acme.atlassian.net/browse/OPS-7`. The address is always in it;
/// what is no Jira link stays the text that it was.
pub fn of(answer: &Answer) -> String {
    match (mention::text(answer), &answer.canonical_url) {
        (Some(text), Some(url)) => format!("{} · {url}", line(&text)),
        (Some(text), None) => line(&text),
        (None, _) => line(&answer.url),
    }
}

/// A text on one line: runs of blanks and line ends as one space; no control characters, and none that would turn the
/// direction of whatever comes after.
pub(super) fn line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text.chars().filter(|&c| c.is_whitespace() || !(c.is_control() || turns(c))).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
