//! Long texts of Jira as one plain line: ADF, wiki markup and rendered HTML (jira-auth-and-rest §7).
//!
//! Whatever comes in, the result is bounded, on one line, and free of control characters and of the marks with which a
//! text can change the direction of what stands beside it. It is text, not HTML: who shows it escapes it.

use scraper::{Html, Node};
use unicode_segmentation::UnicodeSegmentation;

use super::model::RichText;
use super::{adf, wiki};

/// The beginning of a text in at most `max_chars` characters, cut at a word, with an ellipsis where something is missing.
pub fn plain_text(text: &RichText, max_chars: usize) -> String {
    let mut plain = Plain::new(max_chars);
    match text {
        RichText::Adf(document) => adf::write(document, &mut plain),
        RichText::Html(html) => write_html(html, &mut plain),
        RichText::Wiki(markup) if is_html(markup) => write_html(markup, &mut plain),
        RichText::Wiki(markup) => wiki::write(markup, &mut plain),
    }
    plain.finish()
}

/// A summary or a name as one harmless line of at most `max_chars` characters.
pub fn clean_line(text: &str, max_chars: usize) -> String {
    let mut plain = Plain::new(max_chars);
    plain.push(text);
    plain.finish()
}

/// A line that grows until it is full. Runs of white space become one space; nothing begins or ends with one.
pub(super) struct Plain {
    line: String,
    chars: usize,
    max_chars: usize,
    space_pending: bool,
}

impl Plain {
    fn new(max_chars: usize) -> Self {
        Self { line: String::new(), chars: 0, max_chars, space_pending: false }
    }

    /// Whether more text would change nothing.
    pub(super) fn is_full(&self) -> bool {
        self.chars > self.max_chars
    }

    /// A break between words, wherever the line is not empty.
    pub(super) fn space(&mut self) {
        self.space_pending = !self.line.is_empty();
    }

    pub(super) fn push(&mut self, text: &str) {
        for letter in text.chars() {
            if self.is_full() {
                return;
            }
            if letter.is_whitespace() {
                self.space();
            } else if !is_harmful(letter) {
                if std::mem::take(&mut self.space_pending) {
                    self.line.push(' ');
                    self.chars += 1;
                }
                self.line.push(letter);
                self.chars += 1;
            }
        }
    }

    fn finish(self) -> String {
        if self.chars <= self.max_chars {
            return self.line;
        }
        let Some(room) = self.max_chars.checked_sub(1) else { return String::new() };
        let (mut end, mut chars) = (0, 0);
        for grapheme in self.line.graphemes(true) {
            chars += grapheme.chars().count();
            if chars > room {
                break;
            }
            end += grapheme.len();
        }
        let (kept, rest) = self.line.split_at(end);
        let kept = match kept.rfind(' ') {
            // A word longer than half of the line is cut through: better than losing the half.
            Some(word) if !rest.starts_with(' ') && word * 2 >= kept.len() => &kept[..word],
            _ => kept,
        };
        format!("{}…", kept.trim_end())
    }
}

/// Control characters, and the marks that embed, override or isolate a direction (the "trojan source" marks). Single
/// left-to-right and right-to-left marks stay: they change nothing beyond their own place.
fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Elements that mean a text was written in an HTML editor rather than in wiki markup.
const HTML_ELEMENTS: [&str; 22] = [
    "p",
    "div",
    "span",
    "br",
    "b",
    "i",
    "u",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "pre",
    "code",
    "blockquote",
    "h1",
    "h2",
    "h3",
];

/// Whether an administrator's choice of renderer put HTML where wiki markup is usual. `List<String>` is no HTML, and
/// HTML that is shown as code is none either.
fn is_html(text: &str) -> bool {
    if text.contains("{code") || text.contains("{noformat") {
        return false;
    }
    text.split('<').skip(1).any(|after| {
        let name_end = after.strip_prefix('/').unwrap_or(after);
        let length = name_end.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, behind) = name_end.split_at(length);
        behind.starts_with(['>', '/', ' ']) && HTML_ELEMENTS.iter().any(|element| name.eq_ignore_ascii_case(element))
    })
}

const LONGEST_LOOKED_AT: usize = 64 * 1024;

/// How many tags are parsed. By its standard the parser repeats open formatting elements in every block: their product,
/// not the length, is what a hostile text can make large.
const HTML_TAGS: usize = 400;

fn write_html(html: &str, plain: &mut Plain) {
    let html = beginning(html);
    let end = html.match_indices('<').nth(HTML_TAGS).map_or(html.len(), |(at, _)| at);
    let document = Html::parse_fragment(&html[..end]);
    let mut node = document.tree.root();
    loop {
        let enters = enter(node.value(), plain);
        if plain.is_full() {
            return;
        }
        if let Some(child) = node.first_child().filter(|_| enters) {
            node = child;
            continue;
        }
        node = loop {
            if stands_apart(node.value()) {
                plain.space();
            }
            if let Some(next) = node.next_sibling() {
                break next;
            }
            let Some(parent) = node.parent() else { return };
            node = parent;
        };
    }
}

/// Writes what a node itself shows, and says whether its children are text for people.
fn enter(node: &Node, plain: &mut Plain) -> bool {
    if stands_apart(node) {
        plain.space();
    }
    match node {
        Node::Text(text) => plain.push(text),
        Node::Element(element) => match element.name() {
            "script" | "style" | "template" | "noscript" | "iframe" | "object" | "svg" | "math" | "head" => {
                return false;
            }
            "img" => plain.push(element.attr("alt").unwrap_or_default()),
            _ => {}
        },
        _ => {}
    }
    true
}

/// Whether a node is not part of the words around it.
fn stands_apart(node: &Node) -> bool {
    const INLINE: [&str; 20] = [
        "a", "b", "big", "cite", "code", "del", "em", "font", "html", "i", "img", "ins", "s", "small", "span",
        "strong", "sub", "sup", "tt", "u",
    ];
    node.as_element().is_some_and(|element| !INLINE.contains(&element.name()))
}

/// As much of a long text as is looked at; far more than any output shows.
pub(super) fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn html(text: &str) -> String {
        plain_text(&RichText::Html(text.to_owned()), 500)
    }

    #[test]
    fn html_reads_as_a_browser_would_show_it() {
        let table = [
            ("<p>one</p><p>two</p>", "one two"),
            ("a<b>b</b>c<br>d", "abc d"),
            ("<ul><li>x</li><li>y</li></ul>", "x y"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
            ("x<script>alert(1)</script><style>p{}</style>y", "x y"),
            ("&lt;script&gt; &amp; &#x202e;evil", "<script> & evil"),
            ("<a class='user-hover' rel='ana'>Ana</a> saw <img src=x alt='(/)' onerror=alert(1)>", "Ana saw (/)"),
            ("<!-- note -->text<!", "text"),
            ("<p>never closed <b>bold", "never closed bold"),
        ];
        for (text, expected) in table {
            assert_eq!(html(text), expected, "{text}");
        }
    }

    #[test]
    fn html_in_a_wiki_field_is_recognised_and_code_is_not() {
        let table = [
            ("<p>Hello <b>you</b></p>", "Hello you"),
            ("line<br/>break", "line break"),
            ("List<String> a < b", "List<String> a < b"),
            ("{code:html}<p>shown</p>{code}", "<p>shown</p>"),
        ];
        for (text, expected) in table {
            assert_eq!(plain_text(&RichText::Wiki(text.to_owned()), 500), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_cut_at_a_word_and_never_within_a_letter() {
        let table = [
            ("short", 5, "short"),
            ("one two three", 13, "one two three"),
            ("one two three", 12, "one two…"),
            ("one two three", 8, "one two…"),
            ("one two three", 7, "one…"),
            ("Donaudampfschifffahrt", 10, "Donaudamp…"),
            ("a Donaudampfschifffahrt", 10, "a Donauda…"),
            ("e\u{301}e\u{301}e\u{301}", 4, "e\u{301}…"),
            ("👩‍👩‍👧 family", 4, "…"),
            ("any", 0, ""),
            ("  \t ", 5, ""),
            ("a\u{7}b\r\n\u{2028}c\u{202e}d\u{200f}", 20, "ab cd\u{200f}"),
        ];
        for (text, max, expected) in table {
            assert_eq!(clean_line(text, max), expected, "{text:?} {max}");
        }
    }

    /// The standard makes the parser copy open formatting elements into every block.
    #[test]
    fn html_that_multiplies_itself_stays_small() {
        let bold: String = (0..30_000).map(|id| format!("<b id={id}>")).collect();
        assert_eq!(html(&format!("seen{bold}{}unseen", "<p>".repeat(30_000))), "seen");
    }

    /// JSON that looks somewhat like ADF, and somewhat not.
    fn adf() -> impl Strategy<Value = Value> {
        let kind = prop::sample::select(vec![
            "doc",
            "paragraph",
            "text",
            "bulletList",
            "date",
            "mention",
            "media",
            "status",
            "x",
        ]);
        let leaf = (kind.clone(), any::<String>())
            .prop_map(|(kind, text)| json!({"type": kind, "text": text, "attrs": {"text": text, "timestamp": text}}));
        leaf.prop_recursive(6, 60, 5, move |inner| {
            (kind.clone(), prop::collection::vec(inner, 0..5))
                .prop_map(|(kind, content)| json!({"type": kind, "content": content}))
        })
    }

    fn rich_text() -> impl Strategy<Value = RichText> {
        let markup = "([a-z ]|[*_{}\\[\\]|!\\\\\n#-]|\\{code\\}|<[bp]>|</p>|h1\\. |é|\u{202e}|👩‍👧){0,60}";
        prop_oneof![
            adf().prop_map(RichText::Adf),
            any::<String>().prop_map(RichText::Wiki),
            markup.prop_map(RichText::Wiki),
            any::<String>().prop_map(RichText::Html),
            markup.prop_map(RichText::Html),
        ]
    }

    proptest! {
        #[test]
        fn every_text_becomes_one_bounded_harmless_line(text in rich_text(), max in 0_usize..80) {
            let line = plain_text(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.chars().any(|letter| is_harmful(letter) || (letter.is_whitespace() && letter != ' ')));
            prop_assert_eq!(line.trim(), &line);
            prop_assert!(!line.contains("  "));
            prop_assert_eq!(clean_line(&line, max), line);
        }

        #[test]
        fn a_cut_line_is_the_beginning_of_the_whole(text in any::<String>(), max in 1_usize..40) {
            let whole = clean_line(&text, usize::MAX);
            let line = clean_line(&text, max);
            prop_assert!(line == whole || whole.starts_with(line.strip_suffix('…').unwrap_or("?")));
        }
    }
}
