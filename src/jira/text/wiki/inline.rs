//! One line of wiki markup: styles, links, pictures, people.

use std::collections::BTreeMap;

use super::super::address;
use super::super::grid::Cell;
use super::super::signs::sign_at;
use super::super::tree::{Loss, Role, Style};
use super::super::work;
use super::{LONGEST, Reader};

/// One line without blocks.
pub(super) struct Line<'a> {
    text: &'a str,
    is_row: bool,
    /// Where markup such as the closing `*` of `*bold*` stands, and what it ends.
    closings: BTreeMap<usize, u8>,
    /// For each of [`MARKS`], where one could close something.
    closers: [Vec<usize>; MARKS.len()],
}

const MARKS: &[u8] = b"*_-+^~?";

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, is_row: false, closings: BTreeMap::new(), closers: closers(text) }
    }

    /// `||Name||State||`, `|a|b|`: cells of a row that stands open.
    pub(super) fn row(line: &'a str) -> Self {
        let text = line.strip_suffix("||").or_else(|| line.strip_suffix('|')).unwrap_or(line);
        Self { is_row: true, ..Self::new(text) }
    }

    pub(super) fn read(mut self, reader: &mut Reader) {
        let (mut at, mut written) = (0, 0);
        while let Some(letter) = self.text[at..].chars().next() {
            work::done(1);
            if reader.builder.is_full() {
                break;
            }
            let plain = &self.text[written..at];
            if !self.may_begin(letter, at) {
                at += letter.len_utf8();
            } else {
                reader.words(plain);
                (at, written) = match self.mark(at, letter, reader) {
                    Some(next) => (next, next),
                    None => (at + letter.len_utf8(), at),
                };
            }
        }
        reader.words(&self.text[written..]);
        // What a full builder left open ends with the line.
        for mark in std::mem::take(&mut self.closings).into_values() {
            set(&mut reader.style, mark, false);
        }
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// Whether something other than a word may begin here.
    fn may_begin(&self, letter: char, at: usize) -> bool {
        match letter {
            'h' | 'm' => !is_word(self.before(at)),
            _ => "\\{[!(:;|*_-+^~?".contains(letter),
        }
    }

    /// Reads the markup that begins here and gives the place behind it; `None` if it is an ordinary letter.
    fn mark(&mut self, at: usize, letter: char, reader: &mut Reader) -> Option<usize> {
        let rest = &self.text[at..];
        let behind = |length: usize| at + length;
        match letter {
            '\\' => reader.escape(rest).map(behind),
            '{' => reader.brace(rest).map(behind),
            '[' => reader.link(rest).map(behind),
            '!' => reader.picture(rest).map(behind),
            'h' | 'm' => reader.address(rest).map(behind),
            '(' | ':' | ';' => {
                let (length, sign) = sign_at(rest, self.before(at))?;
                reader.words(sign);
                Some(behind(length))
            }
            '|' if self.is_row => {
                let is_header = rest.starts_with("||");
                reader.builder.open_cell(Cell { is_header, ..Cell::default() });
                Some(behind(if is_header { 2 } else { 1 }))
            }
            '*' | '_' | '-' | '+' | '^' | '~' => self.style(at, 1, reader),
            '?' if rest.starts_with("??") => self.style(at, 2, reader),
            _ => None,
        }
    }

    /// `*bold*` and the like: marks vanish in pairs, opening before a word and closing behind one.
    fn style(&mut self, at: usize, length: usize, reader: &mut Reader) -> Option<usize> {
        if let Some(mark) = self.closings.remove(&at) {
            set(&mut reader.style, mark, false);
            return Some(at + length);
        }
        let mark = &self.text[at..at + length];
        let inside = at + length;
        let opens = !is_word(self.before(at))
            && self.text[inside..].chars().next().is_some_and(|next| !next.is_whitespace() && !mark.starts_with(next));
        if !opens {
            return None;
        }
        let mark = mark.as_bytes().first().copied()?;
        let closers = MARKS.iter().position(|it| *it == mark).and_then(|index| self.closers.get(index))?;
        // The mark itself cannot stand here: nothing opens before another one.
        let closing = closers.get(closers.partition_point(|closer| *closer <= inside)).copied()?;
        let within = self.text[inside..].floor_char_boundary(LONGEST);
        // What begins in a cell ends in it; the bar of a link is none between cells.
        if closing + length > inside + within || (self.is_row && bar_first(&self.text[inside..closing])) {
            return None;
        }
        self.closings.insert(closing, mark);
        if !set(&mut reader.style, mark, true) {
            reader.builder.lose(Loss::Style);
        }
        Some(inside)
    }
}

/// Where marks could close something: behind a letter, and not before one that goes on with the word.
fn closers(text: &str) -> [Vec<usize>; MARKS.len()] {
    let mut closers: [Vec<usize>; MARKS.len()] = Default::default();
    let bytes = text.as_bytes();
    work::done(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let mark = bytes[at];
        let length = if mark == b'?' { 2 } else { 1 };
        let is_mark = mark != b'?' || bytes.get(at + 1) == Some(&b'?');
        let Some(index) = MARKS.iter().position(|it| *it == mark).filter(|_| is_mark) else {
            at += 1;
            continue;
        };
        let is_behind_letter = text[..at].chars().next_back().is_some_and(|before| !before.is_whitespace());
        if is_behind_letter && !is_word(text[at + length..].chars().next()) {
            closers[index].push(at);
        }
        at += length;
    }
    closers
}

/// Whether a bar comes before any bracket.
fn bar_first(text: &str) -> bool {
    work::done(text.len());
    text.find(['|', '[']).is_some_and(|at| text[at..].starts_with('|'))
}

fn is_word(letter: Option<char>) -> bool {
    letter.is_some_and(char::is_alphanumeric)
}

/// Whether there is such a style.
fn set(style: &mut Style, mark: u8, on: bool) -> bool {
    let flag = match mark {
        b'*' => &mut style.bold,
        b'_' => &mut style.italic,
        b'-' => &mut style.strike,
        b'+' => &mut style.underline,
        _ => return false,
    };
    *flag = on;
    true
}

/// The text up to `end` on this line, and the length of both.
fn until<'t>(text: &'t str, end: &str) -> Option<(&'t str, usize)> {
    let reach = text.floor_char_boundary(LONGEST);
    let found = text[..reach].find(end);
    work::done(found.unwrap_or(reach));
    let at = found?;
    Some((&text[..at], at + end.len()))
}

/// What begins a line's mark is read by these; each gives the length of what it took.
impl Reader<'_> {
    fn words(&mut self, text: &str) {
        self.builder.text(text, &self.style);
    }

    /// `\\\\` breaks the line; a backslash takes its meaning from the next mark.
    fn escape(&mut self, rest: &str) -> Option<usize> {
        let next = rest[1..].chars().next()?;
        if next == '\\' {
            self.builder.line_break();
        } else if next.is_ascii_punctuation() {
            self.words(next.encode_utf8(&mut [0; 4]));
        } else {
            return None;
        }
        Some(2)
    }

    /// `{{monospaced}}`, and macros.
    fn brace(&mut self, rest: &str) -> Option<usize> {
        if let Some(inside) = rest.strip_prefix("{{") {
            let (code, length) = until(inside, "}}")?;
            self.builder.text(code, &Style { code: true, ..self.style.clone() });
            return Some(2 + length);
        }
        let (inside, length) = until(&rest[1..], "}")?;
        self.do_macro(inside).then_some(1 + length)
    }

    /// `[text|url]`, `[url]`, `[~user]`, `[^file]`. Other brackets are just brackets.
    fn link(&mut self, rest: &str) -> Option<usize> {
        let (inside, length) = until(&rest[1..], "]")?;
        if inside.contains('[') {
            return None;
        }
        let length = 1 + length;
        if let Some(user) = inside.strip_prefix('~') {
            let (id, name) = match user.strip_prefix("accountid:") {
                Some(id) => (id, "someone"),
                None => (user, user),
            };
            self.builder.atom(&format!("@{name}"), &self.style.with_role(Role::Mention { id: id.into() }));
            return Some(length);
        }
        if let Some(file) = inside.strip_prefix('^') {
            self.builder.atom(file, &self.style.with_role(Role::Attachment));
            return Some(length);
        }
        if let Some(anchor) = inside.strip_prefix('#') {
            self.words(anchor);
            return Some(length);
        }
        let mut parts = inside.split('|');
        let first = parts.next()?;
        let target = parts.next();
        if target.is_none() && !first.contains("://") && !first.starts_with("mailto:") {
            return None;
        }
        let address = target.unwrap_or(first);
        let link = address::safe(address, self.site);
        if link.is_none() && !address.starts_with('#') {
            self.builder.lose(Loss::Link);
        }
        let around = std::mem::replace(&mut self.style.link, link);
        match target {
            Some(_) if !first.trim().is_empty() => Line::new(first).read(self),
            _ => self.words(address.strip_prefix("mailto:").unwrap_or(address)),
        }
        self.style.link = around;
        Some(length)
    }

    /// An address that stands alone, without the punctuation of the sentence around it.
    fn address(&mut self, rest: &str) -> Option<usize> {
        if self.style.link.is_some() || !["http://", "https://", "mailto:"].iter().any(|it| rest.starts_with(it)) {
            return None;
        }
        let ends = |letter: char| letter.is_whitespace() || "|[]{}<>\"'\\^`".contains(letter);
        let reach = &rest[..rest.floor_char_boundary(2 * LONGEST)];
        work::done(reach.len());
        let address = &reach[..reach.find(ends).unwrap_or(reach.len())];
        let address = address.trim_end_matches([')', '.', ',', ';', ':', '!', '?', '*', '_', '-', '+', '~']);
        let link = address::safe(address, self.site)?;
        self.builder.text(address.strip_prefix("mailto:").unwrap_or(address), &self.style.linked(link));
        Some(address.len())
    }

    /// `!screenshot.png|thumbnail!` is a picture; exclamation marks are otherwise just that.
    fn picture(&mut self, rest: &str) -> Option<usize> {
        let (inside, length) = until(&rest[1..], "!")?;
        let (file, look) = inside.split_once('|').unwrap_or((inside, ""));
        let has_extension = file.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty()
                && (2..=5).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !has_extension || file.starts_with(' ') {
            return None;
        }
        if ["thumbnail", "width", "height", "align"].iter().any(|it| look.contains(it)) {
            self.builder.lose(Loss::Layout);
        }
        let name = address::file_name(file);
        match address::safe(file, self.site) {
            Some(link) => self.builder.atom(&name, &Style::default().linked(link).with_role(Role::Image)),
            None => self.builder.atom(&name, &self.style.with_role(Role::Attachment)),
        }
        Some(1 + length)
    }
}
