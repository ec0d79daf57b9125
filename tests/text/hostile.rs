//! Whatever is thrown at the readers: they come back, and what they give keeps its promises.

use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::jira::model::RichText;
use jira_notion_gateway::jira::text::{Block, BlockKind, Document, Role, Span, Style, document, plain_text};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{adf, html, wiki};

const MOST_NODES: usize = 20_000;
const MOST_LETTERS: usize = 400_000;
const DEEPEST: usize = 66;

/// Panics if a document breaks a promise of the tree.
pub(super) fn check(document: &Document, about: &str) {
    let mut sum = (0, 0);
    for block in &document.blocks {
        check_block(block, 1, &mut sum, about);
    }
    let (nodes, letters) = sum;
    assert!(nodes <= 2 * MOST_NODES && letters <= MOST_LETTERS + 4 * MOST_NODES, "{about}: {nodes} {letters}");
    assert!(document.losses.values().all(|count| *count > 0), "{about}");
}

fn check_block(block: &Block, depth: usize, sum: &mut (usize, usize), about: &str) {
    use BlockKind::{
        Bulleted, Callout, Code, Divider, Heading, Image, Numbered, Paragraph, Quote, Table, ToDo, Toggle,
    };
    assert!(depth <= DEEPEST, "{about}");
    sum.0 += 1;
    block.text.iter().for_each(|span| check_span(span, sum, about));
    let shows = !block.text.is_empty();
    match &block.kind {
        Bulleted | Numbered { .. } | ToDo { .. } => {}
        Quote | Callout(_) | Toggle => assert!(shows || !block.children.is_empty(), "{about}"),
        Paragraph => assert!(shows && block.children.is_empty(), "{about}"),
        Heading { level } => assert!(shows && block.children.is_empty() && (1..=6).contains(level), "{about}"),
        Code { language } => {
            assert!(block.text.len() == 1 && block.text[0].style == Style::default(), "{about}");
            assert!(language.as_ref().is_none_or(|name| (1..=60).contains(&name.len())), "{about}");
        }
        Divider => assert!(!shows && block.children.is_empty(), "{about}"),
        Image { url } => {
            assert!(shows && block.children.is_empty(), "{about}");
            check_link(url, about);
        }
        Table(table) => {
            let width = table.rows.first().expect("a row").len();
            assert!(!shows && (1..=100).contains(&width) && table.rows.iter().all(|row| row.len() == width), "{about}");
            sum.0 += table.rows.len() * width;
            table.rows.iter().flatten().flatten().for_each(|span| check_span(span, sum, about));
        }
    }
    block.children.iter().for_each(|child| check_block(child, depth + 1, sum, about));
}

fn check_span(span: &Span, sum: &mut (usize, usize), about: &str) {
    sum.0 += 1;
    sum.1 += span.text.chars().filter(|letter| !letter.is_whitespace()).count();
    let is_harmful = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!span.text.is_empty() && !span.text.contains(is_harmful), "{about}: {:?}", span.text);
    if let Some(link) = &span.style.link {
        check_link(link, about);
    }
    assert!(span.style.role != Role::Image || span.style.link.is_some(), "{about}");
}

fn check_link(link: &str, about: &str) {
    let is_safe = ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
    assert!(is_safe && link.len() <= 2_000, "{about}: {link}");
    assert!(!link.contains(['<', '>', '"']) && link.is_ascii(), "{about}: {link}");
}

/// A sequence that looks random and is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn text(&mut self, pieces: &[&str]) -> String {
        let length = self.below(60);
        (0..length).map(|_| pieces[self.below(pieces.len())]).collect()
    }

    fn node(&mut self, depth: usize) -> Value {
        let kind = ADF[self.below(ADF.len())];
        let text = WIKI[self.below(WIKI.len())];
        let marks: Vec<_> = (0..self.below(3))
            .map(|_| json!({"type": MARKS[self.below(MARKS.len())], "attrs": {"href": text, "color": text}}))
            .collect();
        let length = if depth == 0 { 0 } else { self.below(5) };
        let content: Vec<_> = (0..length).map(|_| self.node(depth - 1)).collect();
        let number = self.below(5);
        json!({"type": kind, "text": text, "marks": marks, "content": content, "attrs": {
            "text": text, "url": text, "level": number, "order": number, "colspan": number * number * 1_000, "rowspan": number,
            "timestamp": number, "alt": text, "type": if number > 2 { "external" } else { "file" }, "title": text, "language": text,
            "state": "DONE", "shortName": text, "extensionKey": text, "id": text, "panelColor": text, "color": text}})
    }
}

const ADF: [&str; 38] = [
    "text",
    "text",
    "text",
    "paragraph",
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "taskList",
    "taskItem",
    "decisionList",
    "decisionItem",
    "blockquote",
    "codeBlock",
    "rule",
    "panel",
    "table",
    "tableRow",
    "tableCell",
    "tableHeader",
    "expand",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "blockCard",
    "mediaSingle",
    "mediaGroup",
    "media",
    "mediaInline",
    "extension",
    "layoutSection",
    "hardBreak",
    "placeholder",
    "unknown",
    "",
];

const MARKS: [&str; 9] =
    ["strong", "em", "strike", "underline", "code", "link", "textColor", "backgroundColor", "unknown"];

const WIKI: [&str; 64] = [
    "a",
    "word",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "*",
    "_",
    "-",
    "+",
    "^",
    "~",
    "??",
    "\\",
    "\\\\",
    "{{",
    "}}",
    "{code}",
    "{code:java}",
    "{code:",
    "{noformat}",
    "{quote}",
    "{panel}",
    "{panel:title=x|bgColor=#fff}",
    "{color:red}",
    "{color}",
    "{expand:t}",
    "{expand}",
    "{info}",
    "{status:title=x}",
    "{section}",
    "{",
    "}",
    "[",
    "]",
    "[a|b]",
    "[x|https://a.example]",
    "[~ana]",
    "[^f.txt]",
    "|",
    "||",
    "\n|",
    "\n||",
    "!",
    "!a.png!",
    "!https://a.example/b.png|thumbnail!",
    "\n* ",
    "\n** ",
    "\n#* ",
    "\n- ",
    "h1. ",
    "\nh3. ",
    "bq. ",
    "----",
    "https://a.example/x_y_z",
    "mailto:a@b.example",
    "javascript:alert(1)",
    "java\tscript:x",
    "(/)",
    ":)",
    "\u{202e}",
    "\u{200b}",
    "👩\u{200d}👧",
    "e\u{301}",
];

const HTML: [&str; 72] = [
    "a",
    " ",
    "\n",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<ul>",
    "</ul>",
    "<ol start=5>",
    "</ol>",
    "<li>",
    "</li>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "<td colspan=9999999999>",
    "<th rowspan=70000>",
    "</td>",
    "<caption>",
    "<blockquote>",
    "</blockquote>",
    "<pre class=code-x>",
    "</pre>",
    "<h1>",
    "</h2>",
    "<details>",
    "<summary>",
    "</details>",
    "<div class=panel>",
    "<div class=\"code panel\">",
    "</div>",
    "<a href=\"https://a.example/<b>\">",
    "<a href=javascript:x>",
    "<a href='java&#9;script:x'>",
    "<a href=&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:x>",
    "<a class=user-hover rel=ana>",
    "<a name=x>",
    "</a>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://a.example/i.png alt='(/)'>",
    "<img src=data:image/png;base64,AAAA>",
    "<img src=/secure/attachment/1/a.png>",
    "<script>alert(1)</script>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<svg/>",
    "<math>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE html>",
    "<?php",
    "<template>",
    "</template>",
    "<input type=checkbox checked>",
    "<br>",
    "</br>",
    "<hr>",
    "&lt;script&gt;",
    "&amp",
    "&#x202e;",
    "<font color=#ff0000>",
];

#[test]
fn nothing_that_is_thrown_at_them_breaks_a_promise() {
    let site = SiteUrl::parse("https://jira.example.org/jira").unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..400 {
        let texts = [
            RichText::Wiki(dice.text(&WIKI)),
            RichText::Html(dice.text(&HTML)),
            RichText::Wiki(dice.text(&HTML)),
            RichText::Adf(dice.node(5)),
        ];
        for (index, text) in texts.into_iter().enumerate() {
            let about = format!("round {round}.{index}");
            let found = document(&text, Some(&site));
            check(&found, &about);
            assert_eq!(document(&text, Some(&site)), found, "{about}");
            let whole = found.plain_text(usize::MAX);
            let max = dice.below(40);
            let line = plain_text(&text, max);
            assert!(line.chars().count() <= max, "{about}");
            // A line for which less was read is the beginning of the whole.
            let begins = |line: &str| max == 0 || whole.starts_with(line.strip_suffix('…').unwrap_or("?"));
            assert!(line == whole || begins(&line), "{about}: {line:?} of {whole:?}");
        }
    }
}

#[test]
fn large_hostile_texts_are_read_in_one_go() {
    const SIZE: usize = 60_000;
    let long = |piece: &str| piece.repeat(SIZE / piece.len());
    let attributes: String = (0..SIZE / 8).map(|id| format!(" a{id}=b")).collect();
    let bold: String = (0..SIZE / 16).map(|id| format!("<b id={id}>x")).collect();
    let texts = [
        long("*a "),
        long("_"),
        long("["),
        long("[a|"),
        long("{"),
        long("{color:red}"),
        long("{quote}"),
        long("!a"),
        long("|a"),
        long("\n|a|b"),
        long("\n*** x"),
        long("{code"),
        long("{code:"),
        long("{panel:title=x}"),
        long("https://"),
        long("\\"),
        long("<b>"),
        long("<p>"),
        long("<table><tr><td>"),
        long("<ul><li>x</li>"),
        long("<ul><li>a</li><ul><li>b</li></ul></ul>"),
        long("<td colspan=100>x"),
        long("<tr><td>"),
        format!("<table>{}", long("<tr><td colspan=100>")),
        format!("<table><tr><td colspan=100 rowspan=65000>x{}", long("<tr>")),
        long("&amp;"),
        long("&"),
        long("<"),
        long("<!--"),
        long("<svg>"),
        long("<a href=x>"),
        long("</b>"),
        long("<li><blockquote>"),
        long("\u{202e}"),
        long(" "),
        long("\t\n"),
        long("<pre>\n "),
        long("<h1>a<h2>b"),
        format!("<p{attributes}>after</p>"),
        format!("<p{attributes}"),
        format!("<!--{attributes}-->after"),
        format!("{bold}<p>"),
        format!("<table>{}<tr><td colspan=100>x</table>", long("<tr><td>y")),
    ];
    for text in &texts {
        let about: String = text.chars().take(40).collect();
        check(&wiki(text), &about);
        check(&html(text), &about);
        assert!(plain_text(&RichText::Html(text.clone()), 255).chars().count() <= 255);
        check(&adf(json!([{"type": "paragraph", "content": [{"type": "text", "text": text}]}])), &about);
    }
    let node =
        |kind: &str| adf(Value::Array(vec![json!({"type": kind, "content": [{"type": "text", "text": "x"}]}); 30_000]));
    for kind in ["paragraph", "tableCell", "table", "tableRow", "taskItem", "taskList", "codeBlock", "extension"] {
        check(&node(kind), kind);
    }
    let row = |cells: Value| json!({"type": "tableRow", "content": cells});
    let mut rows = vec![row(json!([{"type": "tableCell", "attrs": {"colspan": 100, "rowspan": 65_000}}]))];
    rows.resize(SIZE / 4, row(json!([])));
    check(&adf(json!([{"type": "table", "content": rows}])), "rows below a cell that covers them");
    let after = html(&texts[texts.len() - 5]).plain_text(10);
    assert_eq!(after, "after", "what follows a tag that is too long is read");
    assert_eq!(html(&texts[texts.len() - 3]).plain_text(10), "after");
}

#[test]
fn links_are_safe_in_every_spelling() {
    let schemes = [
        "javascript:alert(1)",
        "JAVASCRIPT:x",
        " javascript:x",
        "java\tscript:x",
        "java\nscript:x",
        "\u{1}javascript:x",
        "javascript&colon;x",
        "java&Tab;script:x",
        "&#106;avascript:x",
        "data:text/html,<script>x</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
        "view-source:x",
        "feed:javascript:x",
        "jar:x!/x",
        "mailto:<script>alert(1)</script>",
        "https://",
        "http:///",
        "//",
        "\\\\a.example",
        "about:blank",
    ];
    for scheme in schemes {
        for found in [
            html(&format!("<a href=\"{scheme}\">words</a>")),
            wiki(&format!("[words|{scheme}] !{scheme}!")),
            adf(json!([{"type": "inlineCard", "attrs": {"url": scheme}}, {"type": "text", "text": "words", "marks": [
                {"type": "link", "attrs": {"href": scheme}}]}, {"type": "media", "attrs": {"type": "external", "url": scheme}}])),
        ] {
            check(&found, scheme);
            let debug = format!("{:?}", found.blocks);
            assert!(!debug.contains("link: Some") && !debug.contains("Image"), "{scheme}: {debug}");
            assert!(found.plain_text(1_000).contains("words"), "{scheme}");
        }
    }
}

#[test]
fn what_a_browser_would_run_or_load_is_not_text() {
    let table = [
        ("a <script>alert('<p>no</p>')</script> b", "a b"),
        ("a <style>p { x: '</p>' }</style> b", "a b"),
        ("a <!-- <p>no</p> --> b", "a b"),
        ("a <![CDATA[no]]> b", "a b"),
        ("a <svg><style>no</style><a href='javascript:no'><text>no</text></a></svg> b", "a b"),
        ("a <math><mi>no</mi></math> b", "a b"),
        ("a <template><p>no</p></template> b", "a b"),
        ("a <textarea><p>no</p></textarea><noscript><p>no</p></noscript> b", "a b"),
        ("a <svg/onload=no> b", "a"),
        ("<img src=x onerror=no alt=''> b", "[image] b"),
        ("&lt;b&gt; &amp;lt; &#0; &#xFFFFFFFF; &bogus;", "<b> &lt; \u{fffd} \u{fffd} &bogus;"),
    ];
    for (text, expected) in table {
        assert_eq!(html(text).plain_text(100), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_keeps_the_promises(text in any::<String>(), markup in "[a-z*_{}|\\[\\]<>/&;#!\\\\\n -]{0,200}") {
        for text in [text, markup] {
            check(&wiki(&text), &text);
            check(&html(&text), &text);
            check(&adf(json!([{"type": "text", "text": text}, {"type": text}])), &text);
        }
    }
}
