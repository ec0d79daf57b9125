//! Pasted text → the one address or key in it: marks, brackets, quotes and invisible characters taken away
//! (jira-urls §12). Nothing is searched for: a text that is more than one link in its wrapping is no link.

use std::borrow::Cow;

use super::key::IssueKey;

/// Longer texts are no link. A JQL link may be long; no browser keeps an address as long as this.
const LONGEST_TEXT: usize = 128 * 1024;

/// Closing brackets with what opens them.
const BRACKETS: [(char, char); 11] = [
    (')', '('),
    (']', '['),
    ('}', '{'),
    ('>', '<'),
    ('）', '（'),
    ('］', '［'),
    ('】', '【'),
    ('》', '《'),
    ('〉', '〈'),
    ('」', '「'),
    ('』', '『'),
];

/// What a pasted text turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pasted<'t> {
    /// An address with its scheme.
    Address(Cow<'t, str>),
    /// An address without a scheme: only worth something at a known host.
    Schemeless(String),
    /// `OPS-7`, `#ops-7`.
    Key(IssueKey),
}

/// Takes the wrapping off.
pub(super) fn read(text: &str) -> Option<Pasted<'_>> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    match visible(text) {
        Cow::Borrowed(text) => classify(unwrap(text)?, Cow::Borrowed),
        Cow::Owned(text) => classify(unwrap(&text)?, |inner| Cow::Owned(inner.to_owned())),
    }
}

/// Zero-width characters, direction marks and their like, which come along when people copy.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

fn classify<'a, 't>(text: &'a str, keep: impl Fn(&'a str) -> Cow<'t, str>) -> Option<Pasted<'t>> {
    // The URL parser would drop line ends inside and so join what a mail program has wrapped.
    if text.contains(char::is_whitespace) {
        return None;
    }
    let starts_with = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if starts_with("https://") || starts_with("http://") {
        return Some(Pasted::Address(keep(text)));
    }
    if let Some(key) = bare_key(text) {
        return Some(Pasted::Key(key));
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.') && !text.contains("://") && !host.contains('@');
    is_host.then(|| Pasted::Schemeless(format!("https://{text}")))
}

/// `OPS-7`, `#OPS-7`, `ops-7`, with any of the hyphens that editors put in.
fn bare_key(text: &str) -> Option<IssueKey> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if text.len() > 255 {
        return None;
    }
    let is_hyphen = |c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    IssueKey::parse_alone(&text.replace(is_hyphen, "-"))
}

/// The text with character references decoded once and invisible characters removed.
fn visible(text: &str) -> Cow<'_, str> {
    let decoded = if text.contains('&') { decode_references(text) } else { Cow::Borrowed(text) };
    if decoded.chars().any(is_invisible) { decoded.chars().filter(|&c| !is_invisible(c)).collect() } else { decoded }
}

fn decode_references(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let end = reference.bytes().take(10).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&reference[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &reference[end + 1..];
                changed = true;
            }
            None => {
                out.push('&');
                rest = &reference[1..];
            }
        }
    }
    if !changed {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of an HTML reference, of those that copying an address brings.
fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// What is inside the wrapping; `None` when something else stands beside it.
fn unwrap(text: &str) -> Option<&str> {
    let text = strip_start(without_bullet(text.trim_start()), false);
    let inner = match text.chars().next() {
        Some('[') => inside_square(&text[1..]),
        Some('<') => inside_angle(&text[1..])?,
        _ => text,
    };
    Some(strip_end(strip_start(inner, true)))
}

/// A list item or a heading of Markdown loses its mark.
fn without_bullet(text: &str) -> &str {
    let item = text.trim_start_matches(['-', '+', '#', '•']);
    if item.starts_with(char::is_whitespace) { item } else { text }
}

/// Removes what opens: blanks, quotes, brackets, Markdown marks. Square and angle brackets have a grammar of their own
/// and are only removed with `links`.
fn strip_start(text: &str, links: bool) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | '~' | '`' | '|' | '"' | '\'' | '“' | '”' | '„' | '‘' | '‚' | '«' | '‹' | '>')
            || match c {
                '[' | '<' => links,
                _ => BRACKETS.iter().any(|&(_, open)| open == c),
            }
    })
}

/// Jira wiki `[label|URL|smart-link]`, `[URL]`, `[OPS-7]`, or Markdown `[label](URL "title")`, after the bracket.
fn inside_square(text: &str) -> &str {
    if let Some(at) = text.find("](") {
        let target = &text[at + 2..];
        let title = target.find(char::is_whitespace).filter(|&at| target[at..].trim_start().starts_with(['"', '\'']));
        return title.map_or(target, |at| &target[..at]);
    }
    match text.split('|').rfind(|part| part.contains("://")) {
        Some(part) => part,
        None => text,
    }
}

/// `<URL>` or `<URL|label>`, after the bracket.
fn inside_angle(text: &str) -> Option<&str> {
    let (inside, after) = text.split_once('>').unwrap_or((text, ""));
    let address = inside.split('|').next().unwrap_or(inside);
    strip_end(after).is_empty().then_some(address)
}

/// Removes what closes: blanks, punctuation, quotes, Markdown marks and brackets that nothing opened.
fn strip_end(text: &str) -> &str {
    // Counted once and then kept up to date, so that a text of nothing but brackets stays cheap.
    let mut surplus = BRACKETS.map(|_| None);
    let mut quotes = [None; 2];
    let mut rest = text;
    while let Some(last) = rest.chars().next_back() {
        let shorter = &rest[..rest.len() - last.len_utf8()];
        let drop = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '。' | '，' | '；' | '：' | '！' | '？' | '、' => true,
            '*' | '~' | '`' | '|' | '”' | '“' | '’' | '‘' | '»' | '›' => true,
            '"' | '\'' => {
                let odd = quotes[usize::from(last == '"')].get_or_insert_with(|| rest.matches(last).count() % 2 == 1);
                std::mem::take(odd)
            }
            '_' => {
                // An underscore is part of a key, but nothing after the number is.
                let before = rest.trim_end_matches('_');
                if !before.ends_with(|c: char| c.is_ascii_digit()) {
                    break;
                }
                rest = before;
                continue;
            }
            _ if last.is_whitespace() => true,
            _ => match BRACKETS.iter().position(|&(close, _)| close == last) {
                Some(kind) => {
                    let open = BRACKETS[kind].1;
                    let unmatched = surplus[kind]
                        .get_or_insert_with(|| rest.matches(last).count().saturating_sub(rest.matches(open).count()));
                    let drop = *unmatched > 0;
                    *unmatched = unmatched.saturating_sub(1);
                    drop
                }
                None => false,
            },
        };
        if !drop {
            break;
        }
        rest = shorter;
    }
    rest
}
