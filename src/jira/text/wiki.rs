//! Jira's wiki markup → tree: what people really write, not the whole language (jira-auth-and-rest §7.3).
//!
//! Keys such as `OPS-7` stay words: Jira links them only where such an issue exists, which the text does not tell.

mod inline;
mod macros;

use super::super::key::SiteUrl;
use super::builder::{Builder, Level};
use super::tree::{BlockKind, Loss, Style, language};
use super::work;
use inline::Line;
use macros::Macros;

/// How far the end of a mark is looked for: keeps the walk linear.
const LONGEST: usize = 500;

/// Reads a text, line by line.
pub(super) fn read(markup: &str, site: Option<&SiteUrl>, builder: &mut Builder) {
    let mut reader =
        Reader { builder, site, style: Style::default(), macros: Macros::default(), items: Vec::new(), table: None };
    let mut rest = markup;
    // How much of the rest its first line takes; blocks that are taken as they stand do not make us look again.
    let mut line = first_line(rest);
    while !rest.is_empty() {
        if reader.builder.is_full() {
            reader.builder.lose(Loss::Cut);
            return;
        }
        let before = rest.len();
        if let Some((kind, code, after)) = verbatim(rest) {
            reader.code(kind, code);
            rest = after;
        } else {
            let end = beginning(&rest[..line]);
            reader.line(rest[..end].trim());
            rest = rest[end..].strip_prefix('\n').unwrap_or(&rest[end..]);
        }
        let taken = before - rest.len();
        line = if taken <= line { line - taken } else { first_line(rest) };
    }
}

/// Where the first line of a text ends.
fn first_line(text: &str) -> usize {
    let end = text.find('\n').unwrap_or(text.len());
    work::done(end);
    end
}

/// How much of a line comes before a block that is taken as it stands. It does not begin with one.
fn beginning(line: &str) -> usize {
    let block = line.match_indices('{').map(|(at, _)| at).find(|&at| at > 0 && verbatim_start(&line[at..]).is_some());
    work::done(block.unwrap_or(line.len()));
    block.unwrap_or(line.len())
}

/// `{code:rust}…{code}` and `{noformat}…{noformat}`: the kind, the inside, and what follows. An open end runs to the end
/// of the text.
fn verbatim(text: &str) -> Option<(BlockKind, &str, &str)> {
    let (name, start) = verbatim_start(text)?;
    let parameters = text[..start - 1].split_once(':').map_or("", |(_, parameters)| parameters);
    let named = |parameter: &'_ &str| !parameter.contains('=') || parameter.starts_with("language=");
    let written = parameters.split('|').find(named).filter(|_| name == "code");
    let kind = BlockKind::Code { language: written.and_then(|it| language(it.trim_start_matches("language="))) };
    let close = format!("{{{name}}}");
    let inside = &text[start..];
    let (code, after) = inside.split_once(&close).unwrap_or((inside, ""));
    Some((kind, code, after))
}

fn verbatim_start(text: &str) -> Option<(&'static str, usize)> {
    ["code", "noformat"].into_iter().find_map(|name| {
        let after = text.strip_prefix('{')?.strip_prefix(name)?;
        if !after.starts_with(['}', ':']) {
            return None;
        }
        work::done(LONGEST.min(after.len()));
        let end = after.bytes().take(LONGEST).take_while(|byte| *byte != b'\n').position(|byte| byte == b'}')?;
        Some((name, 1 + name.len() + end + 1))
    })
}

struct Reader<'a> {
    builder: &'a mut Builder,
    site: Option<&'a SiteUrl>,
    /// The style of what comes next.
    style: Style,
    macros: Macros,
    /// The list items that stand open, each within the one before: whether numbered, and what closes it.
    items: Vec<(bool, Level)>,
    table: Option<Level>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            self.builder.end_paragraph();
            self.end_items(0);
            self.end_table();
            return;
        }
        if line.starts_with('|') {
            return self.row(line);
        }
        self.end_table();
        if let [b'h', level @ b'1'..=b'6', b'.', ..] = line.as_bytes() {
            self.end_items(0);
            self.framed(BlockKind::Heading { level: level - b'0' }, &line[3..]);
        } else if let Some(quoted) = line.strip_prefix("bq.") {
            self.end_items(0);
            self.framed(BlockKind::Quote, quoted);
        } else if line.len() >= 4 && line.bytes().all(|byte| byte == b'-') {
            self.end_items(0);
            self.builder.divider();
        } else if !self.item(line) {
            self.builder.line_break();
            self.inline(line);
        }
    }

    fn inline(&mut self, text: &str) {
        Line::new(text).read(self);
    }

    fn framed(&mut self, kind: BlockKind, text: &str) {
        let level = self.builder.open(kind);
        self.inline(text.trim());
        self.close(level);
    }

    fn code(&mut self, kind: BlockKind, code: &str) {
        let level = self.builder.open(kind);
        self.builder.text(code, &Style::default());
        self.builder.close(level);
    }

    /// `* one`, `## two`, `#* three`: as many marks as the item is deep.
    fn item(&mut self, line: &str) -> bool {
        let marks = line.bytes().take_while(|byte| matches!(byte, b'*' | b'#' | b'-')).count();
        let Some(text) = line[marks..].strip_prefix(' ').filter(|_| marks > 0) else { return false };
        let is_numbered = |at: usize| line.as_bytes().get(at) == Some(&b'#');
        let first = self.first_item();
        let same = (0..marks - 1).zip(&self.items[first..]).take_while(|(at, (kind, _))| is_numbered(*at) == *kind);
        let keep = same.count();
        let continues = self.items.len() > first + keep;
        self.end_items(keep);
        let kind = if is_numbered(marks - 1) {
            BlockKind::Numbered { number: if continues { self.builder.next_number() } else { 1 } }
        } else {
            BlockKind::Bulleted
        };
        let level = self.builder.open(kind);
        self.items.push((is_numbered(marks - 1), level));
        self.inline(text);
        true
    }

    /// Items within the innermost macro begin here.
    fn first_item(&self) -> usize {
        self.macros.first_item().min(self.items.len())
    }

    /// Ends the list items that are deeper than so many.
    fn end_items(&mut self, keep: usize) {
        if let Some(&(_, level)) = self.items.get(self.first_item() + keep) {
            self.close(level);
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table {
            self.close(table);
        }
    }

    fn row(&mut self, line: &str) {
        if line.bytes().all(|byte| byte == b'|') {
            return;
        }
        if self.table.is_none() {
            self.builder.end_paragraph();
            self.end_items(0);
            self.table = Some(self.builder.open_table());
        }
        let level = self.builder.open_row();
        Line::row(line).read(self);
        self.close(level);
    }

    /// Closes a frame, and forgets what stood open within it.
    fn close(&mut self, level: Level) {
        self.builder.close(level);
        work::done(self.items.len());
        self.items.retain(|(_, item)| *item < level);
        self.table.take_if(|table| *table >= level);
        self.macros.forget(level);
    }
}

#[cfg(test)]
mod tests {
    use crate::jira::model::RichText;
    use crate::jira::text::{document, plain_text, work};

    /// The steps for each byte of a text that only waits for an end that never comes.
    const MOST_STEPS: usize = 2 * super::LONGEST + 100;

    #[test]
    fn twice_the_text_is_twice_the_work() {
        let pieces = [
            "{",
            "[",
            "*",
            "!",
            "|",
            "*a ",
            "_a *b ",
            "??a ",
            "*a *",
            "[a|",
            "{{",
            "{{a}}",
            "!a.b",
            "(",
            "\\\\",
            "\n",
            " ",
            "*a {{*}} ",
            "{code",
            "{code:",
            "{code}a{code}",
            "a{noformat}b{noformat}",
            "{quote}",
            "{info:x}{quote:x}",
            "{section}",
            "\n|a|b",
            "|*a",
            "|*a*",
            "|{panel:x}",
            "\n*** x",
            "\n# x",
            "\n----",
            "http://:",
            "https://a",
            "\nh1. x",
            "[a|b *c]",
        ];
        // What they leave open makes nothing slower that comes later.
        let openings = ["{color:red}", "{panel:x}", "{section}{column:x}", "*a {{x* }} ", "{quote}\n* a\n"];
        let ends = ["\n", "{section}{section}", "{quote}", "\n|a", "\n* a", "*b* "];
        let long = |piece: &str, size: usize| piece.repeat(size / piece.len());
        let deep = |size: usize| -> String {
            (1..).map(|depth| format!("{} x\n", "*".repeat(depth))).take(size.isqrt()).collect()
        };
        let texts = |size: usize| -> Vec<String> {
            let both = |first: &str, end: &str| long(first, size / 2) + &long(end, size / 2);
            let pairs = openings.iter().flat_map(|first| ends.iter().map(|end| both(first, end)));
            let alone = pieces.iter().map(|piece| long(piece, size));
            alone.chain(pairs).chain([deep(size), deep(size) + "{quote}" + &long("\n* a", size)]).collect()
        };
        for (text, twice) in texts(5_000).into_iter().zip(texts(10_000)) {
            let about: String =
                text.chars().take(20).chain("…".chars()).chain(text[text.len() - 9..].chars()).collect();
            work::taken();
            let [steps, more] = [text, twice].map(|text| {
                let length = text.len();
                document(&RichText::Wiki(text), None);
                let steps = work::taken();
                assert!(steps <= length * MOST_STEPS, "{about}: {steps} for {length}");
                steps
            });
            // A window that is full at its beginning weighs more in a short text.
            assert!(more <= 5 * steps / 2 + 10_000, "{about}: {steps} and then {more}");
        }
    }

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
            ("* one\n** two\n# three\n- four", "- one - two 1. three - four"),
            ("# a\n# b\n## c\n# d\n\n# e", "1. a 2. b 1. c 3. d 1. e"),
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
            ("|'*'|('*')|", "'*' | ('*')"),
            ("|*[a|https://a.example]*|", "a"),
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
