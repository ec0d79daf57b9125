//! An answer as one line of plain text, for editors that know nothing else (paste-experience §2, R22).

use super::mention;
use crate::jira::text::clean_line;
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

/// A text on one line, however long, without letters that do harm.
pub(super) fn line(text: &str) -> String {
    clean_line(text, usize::MAX)
}
