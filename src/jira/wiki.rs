//! Jira's wiki markup → plain text: what people really write, not the whole language (jira-auth-and-rest §7.3).

use super::text::{Plain, beginning};

/// Writes a text, line by line, until the line is full.
pub(super) fn write(markup: &str, plain: &mut Plain) {
    let mut rest = beginning(markup);
    while !rest.is_empty() && !plain.is_full() {
        if let Some((code, after)) = verbatim(rest) {
            plain.space();
            plain.push(code);
            plain.space();
            rest = after;
            continue;
        }
        let end = line_end(rest);
        Line::new(&rest[..end]).write(plain);
        plain.space();
        rest = rest[end..].strip_prefix('\n').unwrap_or(&rest[end..]);
    }
}

/// Where the line ends: at the line feed, or before a block that is taken as it stands.
fn line_end(rest: &str) -> usize {
    let end = rest.find('\n').unwrap_or(rest.len());
    let line = &rest[..end];
    // Not at 0: there `verbatim` has just said that no such block begins.
    let block = line.match_indices('{').map(|(at, _)| at).find(|&at| at > 0 && verbatim_start(&line[at..]).is_some());
    block.unwrap_or(end)
}

/// `{code:rust}…{code}` and `{noformat}…{noformat}`: the inside, and what follows. An open end runs to the end of the text.
fn verbatim(text: &str) -> Option<(&str, &str)> {
    let (name, start) = verbatim_start(text)?;
    let close = format!("{{{name}}}");
    let inside = &text[start..];
    match inside.find(&close) {
        Some(at) => Some((&inside[..at], &inside[at + close.len()..])),
        None => Some((inside, "")),
    }
}

fn verbatim_start(text: &str) -> Option<(&'static str, usize)> {
    ["code", "noformat"].into_iter().find_map(|name| {
        let after = text.strip_prefix('{')?.strip_prefix(name)?;
        if !after.starts_with(['}', ':']) {
            return None;
        }
        let end = after.bytes().take(LONGEST).take_while(|byte| *byte != b'\n').position(|byte| byte == b'}')?;
        Some((name, 1 + name.len() + end + 1))
    })
}

/// How far the end of a mark is looked for: keeps the walk linear.
const LONGEST: usize = 500;

/// Macros that frame or style other text, or show nothing themselves.
const MACROS: [&str; 11] =
    ["quote", "panel", "color", "anchor", "info", "tip", "note", "warning", "expand", "section", "column"];

/// One line without blocks.
struct Line<'a> {
    text: &'a str,
    is_table: bool,
    /// Where markup such as the closing `*` of `*bold*` stands.
    closings: Vec<usize>,
}

impl<'a> Line<'a> {
    fn new(line: &'a str) -> Self {
        let line = line.trim();
        let is_table = line.starts_with('|');
        let text = if is_table { line.trim_matches('|') } else { line };
        Self { text, is_table, closings: Vec::new() }
    }

    fn write(mut self, plain: &mut Plain) {
        let mut at = self.opening(plain);
        while let Some(letter) = self.text[at..].chars().next() {
            if plain.is_full() {
                return;
            }
            at = match self.mark(at, letter, plain) {
                Some(next) => next,
                None => {
                    plain.push(letter.encode_utf8(&mut [0; 4]));
                    at + letter.len_utf8()
                }
            };
        }
    }

    /// What stands at the beginning of a line only: headings, quotes, bullets, rulers.
    fn opening(&self, plain: &mut Plain) -> usize {
        let bytes = self.text.as_bytes();
        if let [b'h', b'1'..=b'6', b'.', ..] | [b'b', b'q', b'.', ..] = bytes {
            return 3;
        }
        let marks = bytes.iter().take_while(|byte| matches!(byte, b'*' | b'#' | b'-')).count();
        if marks >= 4 && marks == bytes.len() {
            return marks;
        }
        if marks > 0 && bytes.get(marks) == Some(&b' ') {
            plain.push("- ");
            return marks + 1;
        }
        0
    }

    /// Writes the markup that begins here and gives the place behind it; `None` if it is an ordinary letter.
    fn mark(&mut self, at: usize, letter: char, plain: &mut Plain) -> Option<usize> {
        let rest = &self.text[at..];
        match letter {
            '\\' => self.escape(at, plain),
            '{' => brace(rest, plain).map(|length| at + length),
            '[' => link(rest, plain).map(|length| at + length),
            '!' => image(rest, plain).map(|length| at + length),
            '(' => emoticon(rest, plain).map(|length| at + length),
            '|' if self.is_table => {
                plain.push(" | ");
                Some(at + rest.bytes().take_while(|byte| *byte == b'|').count())
            }
            '*' | '_' | '-' | '+' | '^' | '~' => self.style(at, 1),
            '?' if rest.starts_with("??") => self.style(at, 2),
            _ => None,
        }
    }

    /// `\\` breaks the line; a backslash takes its meaning from the next mark.
    fn escape(&self, at: usize, plain: &mut Plain) -> Option<usize> {
        let next = self.text[at + 1..].chars().next()?;
        if next == '\\' {
            plain.space();
        } else if next.is_ascii_punctuation() {
            plain.push(next.encode_utf8(&mut [0; 4]));
        } else {
            return None;
        }
        Some(at + 2)
    }

    /// `*bold*` and the like: marks vanish in pairs, opening before a word and closing behind one.
    fn style(&mut self, at: usize, length: usize) -> Option<usize> {
        if let Some(index) = self.closings.iter().position(|closing| *closing == at) {
            self.closings.swap_remove(index);
            return Some(at + length);
        }
        let mark = &self.text[at..at + length];
        let inside = at + length;
        let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let opens = !is_word(self.text[..at].chars().next_back())
            && self.text[inside..].chars().next().is_some_and(|next| !next.is_whitespace() && !mark.starts_with(next));
        if !opens {
            return None;
        }
        let closing = self.text[inside..]
            .match_indices(mark)
            .map(|(offset, _)| inside + offset)
            .take_while(|closing| closing - inside < LONGEST)
            .find(|&closing| {
                let before = self.text[inside..closing].chars().next_back();
                before.is_some_and(|before| !before.is_whitespace())
                    && !is_word(self.text[closing + length..].chars().next())
            })?;
        self.closings.push(closing);
        Some(inside)
    }
}

/// The text up to `end` on this line, and the length of both.
fn until<'t>(text: &'t str, end: &str) -> Option<(&'t str, usize)> {
    let mut reach = text.len().min(LONGEST);
    while !text.is_char_boundary(reach) {
        reach -= 1;
    }
    let at = text[..reach].find(end)?;
    Some((&text[..at], at + end.len()))
}

/// `{{monospaced}}`, and macros: a panel shows its title.
fn brace(rest: &str, plain: &mut Plain) -> Option<usize> {
    if let Some(inside) = rest.strip_prefix("{{") {
        let (code, length) = until(inside, "}}")?;
        plain.push(code);
        return Some(2 + length);
    }
    let (inside, length) = until(&rest[1..], "}")?;
    let (name, parameters) = inside.split_once(':').unwrap_or((inside, ""));
    if !MACROS.contains(&name) {
        return None;
    }
    if let Some(title) = parameters.split('|').find_map(|parameter| parameter.strip_prefix("title=")) {
        plain.push(title);
        plain.space();
    }
    Some(1 + length)
}

/// `[text|url]`, `[url]`, `[~user]`, `[^file]`. Other brackets are just brackets.
fn link(rest: &str, plain: &mut Plain) -> Option<usize> {
    let (inside, length) = until(&rest[1..], "]")?;
    if inside.contains('[') {
        return None;
    }
    let shown = match inside.split_once('|') {
        Some((text, _)) if !text.trim().is_empty() => text,
        Some((_, url)) => url.split('|').next().unwrap_or_default(),
        None => inside,
    };
    match inside.as_bytes().first()? {
        b'~' if inside.starts_with("~accountid:") => plain.push("@someone"),
        b'~' => {
            plain.push("@");
            plain.push(&inside[1..]);
        }
        b'^' | b'#' => plain.push(&inside[1..]),
        _ if inside.contains('|') || inside.contains("://") || inside.starts_with("mailto:") => {
            plain.push(shown.strip_prefix("mailto:").unwrap_or(shown));
        }
        _ => return None,
    }
    Some(1 + length)
}

/// `!screenshot.png|thumbnail!` shows its file name; exclamation marks are otherwise just that.
fn image(rest: &str, plain: &mut Plain) -> Option<usize> {
    let (inside, length) = until(&rest[1..], "!")?;
    let name = inside.split('|').next().unwrap_or_default();
    let has_extension = name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && (2..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if !has_extension || name.starts_with(' ') {
        return None;
    }
    plain.push(name.rsplit('/').next().unwrap_or(name));
    Some(1 + length)
}

fn emoticon(rest: &str, plain: &mut Plain) -> Option<usize> {
    let (mark, shown) =
        [("(/)", "✓"), ("(x)", "✗"), ("(!)", "⚠")].into_iter().find(|(mark, _)| rest.starts_with(mark))?;
    plain.push(shown);
    Some(mark.len())
}

#[cfg(test)]
mod tests {
    use crate::jira::model::RichText;
    use crate::jira::text::plain_text;

    #[test]
    fn what_people_write_reads_as_text() {
        let table = [
            ("plain text", "plain text"),
            ("h1. Title\nText", "Title Text"),
            ("h2.Title", "Title"),
            ("h7. Title", "h7. Title"),
            ("bq. quoted", "quoted"),
            ("a *bold* and _italic_ word", "a bold and italic word"),
            ("-gone- +new+ x^2^ H~2~O ??book??", "gone new x^2^ H~2~O book"),
            ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
            ("a*b*c OPS-7-x", "a*b*c OPS-7-x"),
            ("*not closed", "*not closed"),
            ("* one\n** two\n# three\n- four", "- one - two - three - four"),
            ("----", ""),
            ("{{let x = *y*;}}", "let x = *y*;"),
            ("{code:java|title=A}\nif (a < b) { *p* }\n{code} after", "if (a < b) { *p* } after"),
            ("before {noformat}[raw|x]{noformat}", "before [raw|x]"),
            ("{code}open end", "open end"),
            ("{code:never closed", "{code:never closed"),
            ("{quote}said{quote}", "said"),
            ("{panel:title=Note|borderStyle=solid}inside{panel}", "Note inside"),
            ("{color:red}red{color} {anchor:x}here", "red here"),
            ("{\"json\": 1} {unknown}", "{\"json\": 1} {unknown}"),
            ("[text|https://a.example/x?y=1|tip]", "text"),
            ("[https://a.example]", "https://a.example"),
            ("[|https://a.example]", "https://a.example"),
            ("[mailto:ana@a.example]", "ana@a.example"),
            ("[~ana] [~accountid:5b10:aa] [^log.txt] [#top]", "@ana @someone log.txt top"),
            ("array[0] and [x] and []", "array[0] and [x] and []"),
            ("see !shot.png|thumbnail! and !https://a.example/p/q.png!", "see shot.png and q.png"),
            ("wow! really! ok", "wow! really! ok"),
            ("||Name||State||\n|a|b|", "Name | State a | b"),
            ("this|that", "this|that"),
            ("line\\\\break \\*star\\* c:\\dir", "line break *star* c:\\dir"),
            ("done (/) bad (x) care (!)", "done ✓ bad ✗ care ⚠"),
            ("a\r\nb", "a b"),
            ("List<String> x < y > z", "List<String> x < y > z"),
            ("ünïcödé *ß* [ä|b]", "ünïcödé ß ä"),
        ];
        for (markup, expected) in table {
            assert_eq!(plain_text(&RichText::Wiki(markup.to_owned()), 500), expected, "{markup}");
        }
    }
}
