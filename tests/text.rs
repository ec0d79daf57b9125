//! Long texts: the same words in three formats, what is lost on the way, and what comes of hostile ones.

mod hostile;
mod same;
mod schema;

use std::collections::BTreeMap;

use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::jira::model::RichText;
use jira_notion_gateway::jira::text::{Block, BlockKind, Colour, Document, Loss, Role, Span, Style, Tone, document};
use serde_json::{Value, json};

fn wiki(text: &str) -> Document {
    document(&RichText::Wiki(text.to_owned()), None)
}

fn html(text: &str) -> Document {
    document(&RichText::Html(text.to_owned()), None)
}

fn adf(content: Value) -> Document {
    document(&RichText::Adf(json!({"type": "doc", "version": 1, "content": content})), None)
}

fn words(text: &str) -> Span {
    Span { text: text.to_owned(), style: Style::default() }
}

fn block(kind: BlockKind, text: &str, children: Vec<Block>) -> Block {
    Block { kind, text: if text.is_empty() { Vec::new() } else { vec![words(text)] }, children }
}

fn paragraph(text: &str) -> Block {
    block(BlockKind::Paragraph, text, Vec::new())
}

#[test]
fn a_tree_holds_what_the_text_says() {
    let text = "h2. Plan\n* one\n** two\n{code:Rust}\nfn a() {}\n{code}\n\n{warning:title=Careful}hot{warning}\n{quote}said{quote}";
    let bold = Span { text: "Careful".to_owned(), style: Style { bold: true, ..Style::default() } };
    let code = block(BlockKind::Code { language: Some("rust".to_owned()) }, "fn a() {}", Vec::new());
    let two = block(BlockKind::Bulleted, "two", vec![code]);
    let expected = [
        block(BlockKind::Heading { level: 2 }, "Plan", Vec::new()),
        block(BlockKind::Bulleted, "one", vec![two]),
        Block { kind: BlockKind::Callout(Tone::Warning), text: vec![bold], children: vec![paragraph("hot")] },
        block(BlockKind::Quote, "said", Vec::new()),
    ];
    assert_eq!(wiki(text).blocks, expected);
    assert_eq!(wiki(text).losses, BTreeMap::new());
}

#[test]
fn spans_say_what_they_are() {
    let found = adf(json!([{"type": "paragraph", "content": [
        {"type": "mention", "attrs": {"id": "5b10", "text": "@Ana"}},
        {"type": "date", "attrs": {"timestamp": "1788220800000"}},
        {"type": "status", "attrs": {"text": "Done", "color": "green"}},
        {"type": "mediaInline", "attrs": {"type": "file", "id": "u", "alt": "log.txt"}},
        {"type": "text", "text": "red", "marks": [
            {"type": "textColor", "attrs": {"color": "#de350b"}}, {"type": "backgroundColor", "attrs": {"color": "#deebff"}},
            {"type": "code"}, {"type": "underline"}, {"type": "strike"}]},
    ]}]));
    let span = |text: &str, role| Span { text: text.to_owned(), style: Style { role, ..Style::default() } };
    let red = Style {
        colour: Some(Colour::Red),
        background: Some(Colour::Blue),
        code: true,
        underline: true,
        strike: true,
        ..Style::default()
    };
    let expected = vec![
        span("@Ana", Role::Mention { id: "5b10".into() }),
        span("2026-09-01", Role::Date(jiff::civil::date(2026, 9, 1))),
        span("Done", Role::Status(Some(Colour::Green))),
        span("log.txt", Role::Attachment),
        Span { text: "red".to_owned(), style: red },
    ];
    assert_eq!(found.blocks, [Block { kind: BlockKind::Paragraph, text: expected, children: Vec::new() }]);
}

#[test]
fn rows_of_a_table_are_equally_long() {
    let text = "<table><tr><th>a<th colspan=2>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<ul><li>g</ul></table>after";
    let found = html(text);
    let [Block { kind: BlockKind::Table(table), .. }, after] = &found.blocks[..] else { panic!("{found:?}") };
    assert_eq!(*after, paragraph("after"));
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    assert_eq!(rows, [["a", "b", ""], ["c", "d", "e"], ["", "f\n- g", ""]]);
    assert!(table.header_row && !table.header_column);
    assert_eq!(found.losses, BTreeMap::from([(Loss::MergedCells, 2), (Loss::BlocksInCell, 1)]));
    assert_eq!(html("<table>loose<tr><th>a</th><td>b").plain_text(50), "loose a | b");
}

#[test]
fn links_of_a_site_are_links() {
    let site = SiteUrl::parse("https://jira.example.org/jira").unwrap();
    let text = RichText::Html("<a href='/jira/browse/OPS-7'>OPS-7</a>".to_owned());
    let link = |site| document(&text, site).blocks[0].text[0].style.link.clone();
    assert_eq!(link(Some(&site)).as_deref(), Some("https://jira.example.org/jira/browse/OPS-7"));
    assert_eq!(link(None), None);
}

#[test]
fn what_is_lost_is_counted() {
    let text = |marks: Value| json!({"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": marks}]});
    let inline = |kind: &str, attrs: Value| json!({"type": "paragraph", "content": [{"type": kind, "attrs": attrs}]});
    let item = json!({"type": "listItem", "content": [text(json!([]))]});
    let cell = |attrs: Value, content: Value| {
        json!({"type": "table", "content": [
            {"type": "tableRow", "content": [{"type": "tableCell", "attrs": attrs, "content": [content]}]}]})
    };
    let table = [
        (adf(json!([{"type": "fromTheFuture", "content": []}])), vec![(Loss::Unknown, 1)]),
        (adf(json!([text(json!([{"type": "shimmer"}, {"type": "shimmer"}]))])), vec![(Loss::Unknown, 2)]),
        (adf(json!([{"type": "extension", "attrs": {"extensionKey": "toc"}}])), vec![(Loss::Macro, 1)]),
        (adf(json!([cell(json!({"rowspan": 2}), text(json!([])))])), vec![(Loss::MergedCells, 1)]),
        (
            adf(json!([cell(json!({}), json!({"type": "bulletList", "content": [item]}))])),
            vec![(Loss::BlocksInCell, 1)],
        ),
        (adf(json!([text(json!([{"type": "textColor", "attrs": {"color": "#ff0000"}}]))])), vec![(Loss::Colour, 1)]),
        (adf(json!([text(json!([{"type": "subsup", "attrs": {"type": "sub"}}]))])), vec![(Loss::Style, 1)]),
        (adf(json!([text(json!([{"type": "link", "attrs": {"href": "ftp://a.example"}}]))])), vec![(Loss::Link, 1)]),
        (adf(json!([inline("media", json!({"type": "file", "id": "u"}))])), vec![(Loss::Media, 1)]),
        (adf(json!([{"type": "blockCard", "attrs": {"url": "https://a.example"}}])), vec![(Loss::Card, 1)]),
        (adf(json!([inline("emoji", json!({"shortName": ":logo:"}))])), vec![(Loss::Emoji, 1)]),
        (adf(json!([{"type": "orderedList", "attrs": {"order": 4}, "content": [item]}])), vec![(Loss::ListStart, 1)]),
        (adf(json!([{"type": "layoutSection", "content": []}])), vec![(Loss::Layout, 1)]),
        (
            wiki("{color:red}a{color} ^2^ {section}b{section}"),
            vec![(Loss::Colour, 1), (Loss::Style, 1), (Loss::Layout, 1)],
        ),
        (wiki("[here|javascript:alert(1)] [top|#top]"), vec![(Loss::Link, 1)]),
        (html("<svg><text>no</text></svg><iframe src=x>no</iframe>a"), vec![(Loss::Media, 2)]),
        (html("seen<svg>never closed <p>gone"), vec![(Loss::Media, 1), (Loss::Cut, 1)]),
        (html("<ol start=3><li>a</ol><sup>b</sup>"), vec![(Loss::Style, 1), (Loss::ListStart, 1)]),
        (wiki(&"a ".repeat(300_000)), vec![(Loss::Cut, 1)]),
    ];
    for (document, expected) in table {
        assert_eq!(document.losses, expected.into_iter().collect(), "{:?}", document.blocks.first());
    }
}

#[test]
fn depth_is_bounded_and_nothing_said_is_lost() {
    let deep = |open: &str, close: &str| html(&format!("{}bottom{}after", open.repeat(150), close.repeat(150)));
    let mut quotes = json!({"type": "paragraph", "content": [{"type": "text", "text": "bottom"}]});
    for _ in 0..150 {
        quotes = json!({"type": "blockquote", "content": [quotes]});
    }
    for found in [deep("<blockquote>", "</blockquote>"), deep("<ul><li>", "</ul>"), adf(json!([quotes]))] {
        assert!(found.plain_text(1_000).contains("bottom"), "{found:?}");
        assert!(found.losses[&Loss::Depth] > 0);
    }
    let stars = (1..200).map(|depth| format!("{} x\n", "*".repeat(depth))).collect::<String>();
    let found = wiki(&stars);
    assert_eq!(found.plain_text(10_000).matches('x').count(), 199);
    hostile::check(&found, "stars");
}

fn shown(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}
