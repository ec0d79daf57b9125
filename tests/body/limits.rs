//! Whatever a text holds, its blocks and the calls that write them stay within Notion's limits, and nothing is said twice
//! or left out.

use std::collections::HashSet;

use jira_notion_gateway::jira::model::RichText as Text;
use jira_notion_gateway::jira::text::{
    Block as Source, BlockKind, Colour, Document, Role, Span, Style, Table, Tone, document,
};
use jira_notion_gateway::notion::block::{BLOCKS, BYTES, Block, CHILDREN, Kind};
use jira_notion_gateway::notion::rich_text::{Color, Content, ITEMS, RichText, UNITS, URL_UNITS};
use jira_notion_gateway::sync::body::{Append, Body, Place, Room, blocks, calls, hash};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KNOWN, adf, shown, wiki};

pub(super) fn container(children: Vec<Block>) -> Block {
    let kind = Kind::Callout { text: vec![RichText::plain("Jira")], emoji: "📄", color: Color::Default };
    Block { kind, children }
}

/// Plays Notion: takes the calls one by one, refuses what breaks a limit, and gives the page's blocks.
///
/// Also gives how many lists of children had to be asked for, since an answer names only the ids of a call's own blocks.
pub(super) fn play(calls: &[Append], first: Option<Room>) -> (Vec<Block>, usize) {
    let mut page: Vec<Block> = Vec::new();
    let (mut known, mut asked) = (HashSet::new(), 0);
    for (index, call) in calls.iter().enumerate() {
        let room = if index == 0 { first } else { None };
        check_call(call, room.unwrap_or(Room { blocks: BLOCKS, bytes: BYTES }));
        match &call.under {
            Place::Page => {
                assert!(index == 0 && call.children.len() == 1);
                page.extend(call.children.clone());
                if first.is_none() {
                    known.insert(Vec::new());
                }
            }
            Place::Block(path) => {
                // From the page downwards, lists are asked for until the id is known.
                for length in 0..=path.len() {
                    if known.contains(path) {
                        break;
                    }
                    if !known.contains(&path[..length]) {
                        asked += 1;
                        let parent = length.checked_sub(1).map(|up| &path[..up]);
                        let count = parent.map_or(1, |parent| at(&mut page, parent).children.len());
                        known.extend((0..count).map(|place| match parent {
                            None => Vec::new(),
                            Some(parent) => [parent, &[place]].concat(),
                        }));
                    }
                }
                let block = at(&mut page, path);
                let from = block.children.len();
                known.extend((0..call.children.len()).map(|place| [&path[..], &[from + place]].concat()));
                block.children.extend(call.children.clone());
            }
        }
    }
    (page, asked)
}

fn at<'a>(page: &'a mut [Block], path: &[usize]) -> &'a mut Block {
    path.iter().fold(&mut page[0], |block, place| &mut block.children[*place])
}

fn check_call(call: &Append, room: Room) {
    assert!((1..=CHILDREN).contains(&call.children.len()));
    let mut count = 0;
    call.children.iter().for_each(|block| check_block(block, 0, &mut count));
    assert!(count <= room.blocks, "{count} blocks");
    let bytes = serde_json::to_vec(&json!({"children": call.children})).unwrap().len();
    assert!(bytes <= room.bytes, "{bytes} bytes");
}

fn check_block(block: &Block, level: usize, count: &mut usize) {
    *count += 1;
    assert!(level <= 2 && block.children.len() <= CHILDREN);
    match &block.kind {
        Kind::Paragraph(text) | Kind::Heading(_, text) | Kind::Code { text, .. } => {
            assert!(block.children.is_empty());
            check_runs(text);
        }
        Kind::BulletedListItem(text)
        | Kind::NumberedListItem(text)
        | Kind::ToDo(text, _)
        | Kind::Quote(text)
        | Kind::Toggle(text)
        | Kind::Callout { text, .. } => check_runs(text),
        Kind::Divider => assert!(block.children.is_empty()),
        Kind::Table { width, .. } => {
            assert!((1..=100).contains(width) && !block.children.is_empty());
            for row in &block.children {
                assert!(matches!(&row.kind, Kind::TableRow(cells) if cells.len() == *width));
            }
        }
        Kind::TableRow(cells) => {
            assert!(block.children.is_empty());
            cells.iter().for_each(|cell| check_runs(cell));
        }
        Kind::Image { url, caption } => {
            assert!(url.starts_with("http") && url.encode_utf16().count() <= URL_UNITS && block.children.is_empty());
            check_runs(caption);
        }
    }
    block.children.iter().for_each(|child| check_block(child, level + 1, count));
}

pub(super) fn check_runs(runs: &[RichText]) {
    assert!(runs.len() <= ITEMS, "{} runs", runs.len());
    for run in runs {
        if let Content::Text { text, link } = &run.content {
            let units = text.encode_utf16().count();
            assert!((1..=UNITS).contains(&units), "{units} units");
            assert!(link.as_ref().is_none_or(|link| link.encode_utf16().count() <= URL_UNITS));
        }
    }
}

/// Renders a text, writes it to Notion in both ways, and finds the same blocks there. Gives the number of calls.
pub(super) fn check(document: &Document) -> (Body, usize) {
    let body = blocks(document, &KNOWN);
    assert_eq!(blocks(document, &KNOWN), body);
    assert!(body.losses.values().all(|times| *times > 0));
    let container = container(body.blocks.clone());
    for first in [None, Room::beside(0), Room::beside(300_000), Room::beside(490_000)] {
        let calls = calls(Some(&container), first, Room::CALL);
        let (page, _) = play(&calls, first);
        assert!(page == [container.clone()], "the page is another than the body");
    }
    (body, calls(Some(&container), None, Room::CALL).len())
}

#[test]
fn a_letter_is_never_torn() {
    for (before, after) in [(1_999, vec![1_999, 3]), (1_998, vec![2_000, 1]), (2_000, vec![2_000, 3])] {
        let text = format!("{}😀x", "a".repeat(before));
        let body = blocks(&wiki(&text), &KNOWN);
        let Kind::Paragraph(runs) = &body.blocks[0].kind else { panic!("{:?}", body.blocks) };
        let units = |run: &RichText| match &run.content {
            Content::Text { text, .. } => text.encode_utf16().count(),
            other => panic!("{other:?}"),
        };
        assert_eq!(runs.iter().map(units).collect::<Vec<_>>(), after);
        check(&wiki(&text));
    }
    // Skin and gender belong to a face.
    let family = "👩🏽\u{200d}🚀";
    let text = format!("{}{family}", "a".repeat(1_996));
    let body = blocks(&wiki(&text), &KNOWN);
    assert!(shown(&body.blocks).ends_with(&format!("{family}\n")));
    let Kind::Paragraph(runs) = &body.blocks[0].kind else { panic!("{:?}", body.blocks) };
    assert_eq!(runs[1], RichText::plain(family));
}

#[test]
fn what_is_too_long_for_one_block_goes_on_in_the_next() {
    let long = "ж".repeat(200_001);
    let body = check(&wiki(&long)).0;
    assert!(body.blocks.len() >= 2 && body.blocks.iter().all(|it| matches!(it.kind, Kind::Paragraph(_))));
    assert_eq!(said(&body.blocks), long);
    // Below a list item the rest is part of the item.
    let body = check(&wiki(&format!("* {long}\n* next"))).0;
    assert_eq!(body.blocks.len(), 2);
    assert!(!body.blocks[0].children.is_empty());
    assert_eq!(said(&body.blocks), format!("{long}next"));
    let spans: String = (0..250).map(|at| format!("*b{at}* _i{at}_ ")).collect();
    let body = check(&wiki(&spans)).0;
    assert!(body.blocks.len() >= 10);
    assert_eq!(said(&body.blocks), spans.replace(['*', '_'], "").trim_end());
    let code = "let a;\n".repeat(40_000);
    let body = check(&wiki(&format!("{{code:rust}}{code}{{code}}"))).0;
    assert!(body.blocks.len() == 2 && said(&body.blocks) == code.trim_end());
}

#[test]
fn a_long_table_is_several_tables_with_the_same_header() {
    let rows: String = (0..250).map(|row| format!("|{row}|x|\n")).collect();
    let body = check(&wiki(&format!("||No||What||\n{rows}"))).0;
    let counts: Vec<_> = body.blocks.iter().map(|table| table.children.len()).collect();
    assert_eq!(counts, [100, 100, 53]);
    for table in &body.blocks {
        assert!(shown(std::slice::from_ref(table)).starts_with("table 2 true false\n  table_row No | What\n"));
    }
    let body = check(&wiki(&rows)).0;
    assert_eq!(body.blocks.iter().map(|table| table.children.len()).collect::<Vec<_>>(), [100, 100, 50]);
    assert!(shown(&body.blocks[1..2]).starts_with("table 2 false false\n  table_row 100 | x\n"));
    // A cell that needs more than Notion takes goes on in the row below.
    let marks: String = (0..80).map(|at| format!("*b{at}* _i{at}_ ")).collect();
    let body = check(&wiki(&format!("|{marks}|\n|y|"))).0;
    assert!(body.blocks[0].children.len() > 3);
    assert_eq!(said(&body.blocks), format!("{}y", marks.replace(['*', '_'], "").trim_end()));
}

#[test]
fn huge_bodies_fit_into_their_calls() {
    let cell = "字".repeat(3_900);
    check(&wiki(&format!("|{}", format!("{cell}|").repeat(100))));
    check(&wiki(&format!("|{}\n", "y|".repeat(100)).repeat(180)));
    check(&wiki(&"字".repeat(170_000)));
    check(&wiki(&format!("* {}\n", "字".repeat(1_000)).repeat(170)));
    let link = format!("[x|https://a.example/{}] ", "y".repeat(400));
    check(&wiki(&link.repeat(900)));
    check(&wiki(&"** x\n*** y\n**** z\n".repeat(2_000)));
}

#[test]
fn the_hash_moves_with_the_blocks() {
    let body = |text: &str| blocks(&wiki(text), &KNOWN).blocks;
    assert_eq!(hash(&body("* a\n** b")), hash(&body("* a\n** b")));
    let texts = ["* a\n** b", "* a\n* b", "* a", "# a\n## b", "*a b*", "a b", "", "* a\n** b\n* c", "* a\n** b\n** c"];
    let hashes: HashSet<_> = texts.iter().map(|text| hash(&body(text)).to_hex()).collect();
    assert_eq!(hashes.len(), texts.len());
    // It is kept from one version of the gateway to the next.
    assert_eq!(hash(&[]).to_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/// All words of some blocks, tables and all, in their order.
fn said(blocks: &[Block]) -> String {
    let of = |text: &[RichText]| {
        text.iter()
            .map(|run| match &run.content {
                Content::Text { text, .. } => text.as_str(),
                _ => "",
            })
            .collect::<String>()
    };
    blocks
        .iter()
        .map(|block| {
            let own = match &block.kind {
                Kind::Paragraph(text)
                | Kind::Heading(_, text)
                | Kind::BulletedListItem(text)
                | Kind::NumberedListItem(text)
                | Kind::ToDo(text, _)
                | Kind::Quote(text)
                | Kind::Toggle(text)
                | Kind::Code { text, .. }
                | Kind::Callout { text, .. } => of(text),
                Kind::TableRow(cells) => cells.iter().map(|cell| of(cell)).collect(),
                Kind::Image { caption, .. } => of(caption),
                Kind::Divider | Kind::Table { .. } => String::new(),
            };
            own + &said(&block.children)
        })
        .collect()
}

/// A text with all kinds of blocks, many and deep.
pub(super) fn everything() -> Value {
    let text = |words: &str| json!({"type": "text", "text": words});
    let said = |words: &str| json!({"type": "paragraph", "content": [text(words)]});
    let node = |kind: &str, attrs: Value, content: Value| json!({"type": kind, "attrs": attrs, "content": content});
    let cell = |kind: &str| node(kind, json!({}), json!([said("c")]));
    let row = |kind: &str| node("tableRow", json!({}), json!([cell(kind), cell(kind)]));
    let table = node("table", json!({}), json!([row("tableHeader"), row("tableCell")]));
    let item = |content: Value| node("listItem", json!({}), content);
    let deep = node(
        "bulletList",
        json!({}),
        json!([item(json!([
            said("a"),
            node(
                "orderedList",
                json!({}),
                json!([item(json!([
                    said("b"),
                    node(
                        "bulletList",
                        json!({}),
                        json!([item(json!([
                            said("c"),
                            node("codeBlock", json!({"language": "c#"}), json!([text("d")]))
                        ]))])
                    )
                ]))])
            )
        ]))]),
    );
    let mut all = vec![
        node("heading", json!({"level": 1}), json!([text("One")])),
        node("heading", json!({"level": 2}), json!([text("Two")])),
        node("heading", json!({"level": 3}), json!([text("Three")])),
        node("heading", json!({"level": 5}), json!([text("Five")])),
        deep.clone(),
        node("taskList", json!({}), json!([node("taskItem", json!({"state": "DONE"}), json!([text("done")]))])),
        node("decisionList", json!({}), json!([node("decisionItem", json!({}), json!([text("go")]))])),
        node("blockquote", json!({}), json!([said("said"), deep.clone()])),
        node("codeBlock", json!({}), json!([text("let a;")])),
        json!({"type": "rule"}),
        node("panel", json!({"panelType": "info"}), json!([said("x"), deep])),
        table.clone(),
        node(
            "expand",
            json!({"title": "More"}),
            json!([said("in"), table.clone(), node("nestedExpand", json!({"title": "More"}), json!([table]))]),
        ),
        node(
            "mediaSingle",
            json!({}),
            json!([node("media", json!({"type": "external", "url": "https://a.example/p.png"}), json!([]))]),
        ),
        json!({"type": "paragraph", "content": [
            node("mention", json!({"id": "ana", "text": "@Ana"}), json!([])), node("date", json!({"timestamp": "1788220800000"}), json!([])),
            node("status", json!({"text": "Done", "color": "green"}), json!([])),
            node("inlineCard", json!({"url": "https://jira.example.org/browse/OPS-7"}), json!([])),
            {"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#ff5630"}}, {"type": "strong"}]}]}),
    ];
    all.extend((0..120).map(|at| said(&format!("paragraph {at}"))));
    all.into()
}

#[test]
fn everything_at_once_arrives() {
    let body = check(&adf(&everything())).0;
    assert_eq!(body.losses.len(), 2, "{:?}", body.losses);
}

fn span() -> impl Strategy<Value = Span> {
    let text = prop_oneof![
        4 => "[a-z ]{1,12}",
        2 => "(a|😀|e\u{301}|👩🏽\u{200d}🚀|字|\"|\\\\|\n){1,40}",
        1 => (1_990_usize..4_100).prop_map(|length| "x".repeat(length) + "😀"),
    ];
    let role = prop_oneof![
        6 => Just(Role::Words),
        1 => Just(Role::Mention { id: "ana".into() }),
        1 => Just(Role::Mention { id: "bob".into() }),
        1 => Just(Role::Attachment),
        1 => Just(Role::Status(Some(Colour::Pink))),
    ];
    let link = prop_oneof![3 => Just(None), 1 => Just(Some("https://a.example/x".into())), 1 => (1_900_usize..2_100).prop_map(|length| {
        Some(format!("https://a.example/{}", "x".repeat(length)).into())
    })];
    (text, role, link, any::<bool>())
        .prop_map(|(text, role, link, bold)| Span { text, style: Style { role, link, bold, ..Style::default() } })
}

fn source() -> impl Strategy<Value = Source> {
    let text = prop_oneof![24 => prop::collection::vec(span(), 0..4), 1 => prop::collection::vec(span(), 90..220)];
    let cells = (1_usize..8, 1_usize..6, any::<bool>()).prop_flat_map(|(width, height, header_row)| {
        let cell = prop::collection::vec(span(), 0..3);
        prop::collection::vec(prop::collection::vec(cell, width), height)
            .prop_map(move |rows| BlockKind::Table(Table { header_row, header_column: false, rows }))
    });
    let kind = prop_oneof![
        3 => Just(BlockKind::Paragraph),
        1 => (1_u8..=6).prop_map(|level| BlockKind::Heading { level }),
        3 => Just(BlockKind::Bulleted),
        1 => Just(BlockKind::Numbered { number: 1 }),
        1 => Just(BlockKind::ToDo { done: true }),
        1 => Just(BlockKind::Quote),
        1 => Just(BlockKind::Callout(Tone::Tip)),
        1 => Just(BlockKind::Toggle),
        1 => Just(BlockKind::Code { language: Some("rust".to_owned()) }),
        1 => Just(BlockKind::Divider),
        1 => Just(BlockKind::Image { url: "https://a.example/p.png".into() }),
        1 => cells,
    ];
    let leaf = (kind.clone(), text.clone()).prop_map(|(kind, text)| Source { kind, text, children: Vec::new() });
    leaf.prop_recursive(7, 60, 8, move |inner| {
        (kind.clone(), text.clone(), prop::collection::vec(inner, 0..8)).prop_map(|(kind, text, children)| Source {
            kind,
            text,
            children,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_tree_arrives_whole(blocks in prop::collection::vec(source(), 0..12)) {
        check(&Document { blocks, ..Document::default() });
    }

    #[test]
    fn every_text_arrives_whole(markup in "([a-z ]|[*_{}\\[\\]|!\\\\\n#-]|\\{code\\}|\n[*#]{1,6} |\n\\|{1,2}|h1\\. |é|👩‍👧|!a.png!|\\{quote\\}){0,400}") {
        check(&document(&Text::Wiki(markup), None));
    }
}
