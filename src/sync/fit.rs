//! Texts that Notion takes: clean, and no longer than it allows. Pure.

use unicode_normalization::UnicodeNormalization;

use crate::jira::text;

/// How much of a single line is kept, in UTF-16 units.
pub const LINE_UNITS: usize = 2_000;

/// The beginning of a text in at most so many UTF-16 units; what people see as one letter stays whole.
pub fn fit(text: &str, units: usize) -> &str {
    if text.len() <= units {
        // No text has more units than bytes.
        return text;
    }
    text::pieces(text, units).next().unwrap_or_default().trim_end()
}

/// A text as one harmless line of at most so many UTF-16 units, and whether it was longer.
pub fn line(text: &str, units: usize) -> (String, bool) {
    let mut line = text::clean_line(text, usize::MAX);
    let kept = fit(&line, units).len();
    let cut = kept < line.len();
    line.truncate(kept);
    (line, cut)
}

/// As Notion compares names of columns and of options: in one form of Unicode, whatever the case.
pub fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The same text in the one form of Unicode in which equal letters are equal (NFC).
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}
