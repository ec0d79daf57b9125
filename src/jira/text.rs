//! Long texts of Jira: ADF, wiki markup and rendered HTML (jira-auth-and-rest §7), as one neutral tree.
//!
//! [`document`] gives the tree and says what it lost; [`plain_text`] gives its beginning as one line. Whatever comes
//! in, the result is bounded, and free of control characters and of the marks with which a text can change the
//! direction of what stands beside it. It is text, not HTML: who shows it escapes it.

mod address;
mod adf;
mod builder;
mod colour;
mod element;
mod grid;
mod html;
mod line;
mod plain;
mod signs;
mod tree;
mod wiki;
mod work;

pub use plain::pieces;
pub use tree::{Block, BlockKind, Colour, Document, Loss, Role, Span, Style, Table, Tone};

use builder::{Builder, MOST_LETTERS};
use plain::Plain;

use super::key::SiteUrl;
use super::model::RichText;

/// How much of a text is read for a line, and how much for a document, in bytes.
const LINE_BYTES: usize = 64 * 1024;
const DOCUMENT_BYTES: usize = 512 * 1024;

/// The whole text, as far as the bounds allow. Links without an origin are links of the `site` that showed the text.
///
/// Equal input gives an equal document. Nothing is an error: what is not understood gives its words and a [`Loss`].
pub fn document(text: &RichText, site: Option<&SiteUrl>) -> Document {
    read(text, site, DOCUMENT_BYTES, Builder::new(MOST_LETTERS))
}

/// The beginning of a text in at most `max_chars` characters, cut at a word, with an ellipsis where something is missing.
pub fn plain_text(text: &RichText, max_chars: usize) -> String {
    // One letter more than fits: then the line knows that it is cut.
    let letters = max_chars.saturating_add(1).min(MOST_LETTERS);
    read(text, None, LINE_BYTES, Builder::new(letters)).plain_text(max_chars)
}

impl Document {
    /// The words of the document, as [`plain_text`] gives them.
    pub fn plain_text(&self, max_chars: usize) -> String {
        let mut plain = Plain::new(max_chars);
        plain.blocks(&self.blocks);
        plain.finish()
    }

    /// The document without blocks: a line each, with the signs of lists before them.
    pub fn lines(&self) -> Vec<Span> {
        line::of_blocks(self.blocks.clone())
    }
}

/// A summary or a name as one harmless line of at most `max_chars` characters.
pub fn clean_line(text: &str, max_chars: usize) -> String {
    let mut plain = Plain::new(max_chars);
    plain.push(text);
    plain.finish()
}

fn read(text: &RichText, site: Option<&SiteUrl>, most_bytes: usize, mut builder: Builder) -> Document {
    match text {
        RichText::Adf(document) => adf::read(document, site, &mut builder),
        RichText::Html(html) => html::read(beginning(html, most_bytes, &mut builder), site, &mut builder),
        RichText::Wiki(markup) => {
            let markup = beginning(markup, most_bytes, &mut builder);
            if html::is_html(markup) {
                html::read(markup, site, &mut builder);
            } else {
                wiki::read(markup, site, &mut builder);
            }
        }
    }
    builder.finish()
}

fn beginning<'t>(text: &'t str, most_bytes: usize, builder: &mut Builder) -> &'t str {
    if text.len() > most_bytes {
        builder.lose(Loss::Cut);
    }
    &text[..text.floor_char_boundary(most_bytes)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::line::is_harmful;
    use super::*;

    fn html(text: &str) -> String {
        plain_text(&RichText::Html(text.to_owned()), 500)
    }

    #[test]
    fn html_reads_as_a_browser_would_show_it() {
        let table = [
            ("<p>one</p><p>two</p>", "one two"),
            ("a<b>b</b>c<br>d", "abc d"),
            ("<ul><li>x</li><li>y</li></ul>", "- x - y"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a | b"),
            ("x <script>alert(1)</script><style>p{}</style>y", "x y"),
            ("&lt;script&gt; &amp; &#x202e;evil", "<script> & evil"),
            ("<a class='user-hover' rel='ana'>Ana</a> saw <img src=x alt='(/)' onerror=alert(1)>", "@Ana saw ✓"),
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
            ("if a <b then *stop*", "if a <b then stop"),
            ("if a <b and\n\n<p then", "if a <b and <p then"),
            ("the {{<p>}} in *front*", "the <p> in front"),
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
            ("O\u{e0068}\u{e0069}K \u{2064}\u{180e}\u{ad}now", 20, "OK now"),
            ("\u{3164}\u{115f}\u{1160}\u{ffa0}\u{34f}", 20, ""),
            ("葛\u{e0100} ❤\u{fe0f}", 20, "葛\u{e0100} ❤\u{fe0f}"),
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
