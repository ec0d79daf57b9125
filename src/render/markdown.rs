//! An answer as Markdown: whatever Jira says stays text, and the object's own address is the only link
//! (paste-experience §2, R22). Written for CommonMark and its common extensions.

use std::fmt::Write;

use super::step::open_href;
use super::{mention, plain, words};
use crate::preview::Answer;

/// `[OPS-7 Login fails on Safari](https://…) · In Progress`. What is no Jira link stays the text that it was.
pub fn of(answer: &Answer) -> String {
    let (Some((head, rest)), Some(url)) = (mention::pieces(answer), open_href(answer)) else {
        return text(&answer.url);
    };
    let mut out = link(&head, url);
    for part in rest {
        out.extend([" · ", &inline(&part)]);
    }
    out
}

/// A link with its words; without words the address takes their place.
pub(super) fn link(words: &str, url: &str) -> String {
    let words = match inline(words) {
        none if none.is_empty() => inline(url),
        words => words,
    };
    format!("[{words}]({})", destination(url))
}

/// The name of a group, as a heading.
pub(super) fn heading(name: &str) -> String {
    format!("### {}", inline(name))
}

/// A text at the beginning of a line or of a list item, where more is read than inside.
pub(super) fn text(text: &str) -> String {
    let text = inline(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        // `# heading`, `- item`, `+ item`, `: definition`, `1. item`, `1) item`
        Some(b'#' | b'-' | b'+' | b':') if digits == 0 => format!("\\{text}"),
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        _ => text,
    }
}

/// A text inside a line, in a link or in the cell of a table: a backslash before every character that would be read.
pub(super) fn inline(text: &str) -> String {
    let text = plain::line(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_read = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '$' | '^' | '=' | '@' => {
                true
            }
            // `https://…`, `:smile:`; at the end of a word or in a time of day a colon is only a colon.
            ':' => {
                let in_number = |next: &char| next.is_ascii_digit() && out.ends_with(|c: char| c.is_ascii_digit());
                rest.peek().is_some_and(|next| !(next.is_whitespace() || in_number(next)))
            }
            // `www.…`
            '.' => {
                out.len() >= 3
                    && out.is_char_boundary(out.len() - 3)
                    && out[out.len() - 3..].eq_ignore_ascii_case("www")
            }
            _ => false,
        };
        if is_read {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The address of a link. Nothing of it can end the link, begin other markup or be read as a character reference.
fn destination(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '\\' | '(' | ')' | '<' | '>' | '|' | '`' | '$' | '&' => out.extend(['\\', c]),
            c if c.is_whitespace() || c.is_control() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The key of an answer as a link; for what is no Jira link, its text.
pub(super) fn key(answer: &Answer) -> String {
    match open_href(answer) {
        Some(url) => link(&words::handle(answer), url),
        None => inline(&answer.url),
    }
}
