//! Each row of the table of synced-database §6, in both dialects where it has both.

use jira_notion_gateway::jira::text::Loss as TextLoss;
use jira_notion_gateway::sync::body::{Loss, blocks};
use serde_json::{Value, json};

use super::{KNOWN, adf, shown, wiki};

/// ADF and wiki markup become these blocks, with these losses.
#[track_caller]
fn both(content: &Value, markup: &str, expected: &str, losses: &[(Loss, u32)]) {
    in_adf(content, expected, losses);
    in_wiki(markup, expected, losses);
}

#[track_caller]
fn in_adf(content: &Value, expected: &str, losses: &[(Loss, u32)]) {
    let body = blocks(&adf(content), &KNOWN);
    assert_eq!(shown(&body.blocks).trim_end(), expected, "{content}");
    assert_eq!(body.losses, losses.iter().copied().collect(), "{content}");
}

#[track_caller]
fn in_wiki(markup: &str, expected: &str, losses: &[(Loss, u32)]) {
    let body = blocks(&wiki(markup), &KNOWN);
    assert_eq!(shown(&body.blocks).trim_end(), expected, "{markup}");
    assert_eq!(body.losses, losses.iter().copied().collect(), "{markup}");
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn marked(text: &str, marks: Value) -> Value {
    json!({"type": "text", "text": text, "marks": marks})
}

fn paragraph(content: Value) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn node(kind: &str, attrs: Value, content: Value) -> Value {
    json!({"type": kind, "attrs": attrs, "content": content})
}

fn said(words: &str) -> Value {
    paragraph(json!([text(words)]))
}

#[test]
fn paragraphs_and_line_breaks() {
    let lines = paragraph(json!([text("one"), {"type": "hardBreak"}, text("two")]));
    both(&json!([lines, said("three")]), "one\\\\two\n\nthree", "paragraph one\ntwo\nparagraph three", &[]);
}

#[test]
fn headings_below_the_third_level_are_bold() {
    for level in 1..=6 {
        let content = json!([node("heading", json!({"level": level}), json!([text("Plan")]))]);
        let markup = format!("h{level}. Plan");
        match level {
            1..=3 => both(&content, &markup, &format!("heading_{level} Plan"), &[]),
            _ => both(&content, &markup, "paragraph Plan{bold}", &[(Loss::HeadingLevel, 1)]),
        }
    }
}

#[test]
fn marks() {
    let content = paragraph(json!([
        marked("b", json!([{"type": "strong"}])),
        text(" "),
        marked("i", json!([{"type": "em"}])),
        text(" "),
        marked("s", json!([{"type": "strike"}])),
        text(" "),
        marked("u", json!([{"type": "underline"}])),
        text(" "),
        marked("c", json!([{"type": "code"}])),
    ]));
    let expected = "paragraph b{bold} i{italic} s{strike} u{underline} c{code}";
    both(&json!([content]), "*b* _i_ -s- +u+ {{c}}", expected, &[]);
}

#[test]
fn high_and_low_letters_are_plain() {
    let sup = marked("2", json!([{"type": "subsup", "attrs": {"type": "sup"}}]));
    let lost = [(Loss::Text(TextLoss::Style), 1)];
    in_adf(&json!([paragraph(json!([text("x"), sup]))]), "paragraph x2", &lost);
    in_wiki("x ^2^", "paragraph x 2", &lost);
    in_wiki("??cite??", "paragraph cite", &lost);
}

#[test]
fn colours() {
    let red = json!({"type": "textColor", "attrs": {"color": "#ff5630"}});
    let blue = json!({"type": "backgroundColor", "attrs": {"color": "#deebff"}});
    let lost = |times| [(Loss::Text(TextLoss::Colour), times)];
    let content = |marks| json!([paragraph(json!([marked("x", marks)]))]);
    both(&content(json!([red])), "{color:#ff5630}x{color}", "paragraph x{Red}", &lost(1));
    in_adf(&content(json!([blue])), "paragraph x{BlueBackground}", &lost(1));
    in_adf(&content(json!([red, blue])), "paragraph x{Red}", &lost(3));
}

#[test]
fn links() {
    let link = |words: &str, href: &str| {
        json!([paragraph(json!([marked(words, json!([{"type": "link", "attrs": {"href": href}}]))]))])
    };
    both(
        &link("plan", "https://a.example/x"),
        "[plan|https://a.example/x]",
        "paragraph [plan](https://a.example/x)",
        &[],
    );
    both(
        &link("ana@a.example", "mailto:ana@a.example"),
        "[mailto:ana@a.example]",
        "paragraph [ana@a.example](mailto:ana@a.example)",
        &[],
    );
    let lost = [(Loss::Text(TextLoss::Link), 1)];
    both(&link("x", "javascript:alert(1)"), "[x|javascript:alert(1)]", "paragraph x", &lost);
    let long = format!("https://a.example/{}", "x".repeat(2_000));
    in_adf(&link("x", &long), "paragraph x", &lost);
}

#[test]
fn lists() {
    let list = |kind: &str, items: Value| json!({"type": kind, "content": items});
    let item = |content: Value| json!({"type": "listItem", "content": content});
    let content = json!([list(
        "bulletList",
        json!([
            item(json!([said("one"), list("orderedList", json!([item(json!([said("two")]))]))])),
            item(json!([said("three")]))
        ])
    ),]);
    let expected = "bulleted_list_item one\n  numbered_list_item two\nbulleted_list_item three";
    both(&content, "* one\n*# two\n* three", expected, &[]);
    in_adf(
        &json!([{"type": "orderedList", "attrs": {"order": 3}, "content": [item(json!([said("c")]))]}]),
        "numbered_list_item c",
        &[(Loss::Text(TextLoss::ListStart), 1)],
    );
    // Notion counts on where a list follows another.
    both(
        &json!([
            list("orderedList", json!([item(json!([said("a")]))])),
            list("orderedList", json!([item(json!([said("b")]))]))
        ]),
        "# a\n\n# b",
        "numbered_list_item a\nnumbered_list_item b",
        &[(Loss::Text(TextLoss::ListStart), 1)],
    );
}

#[test]
fn tasks_and_decisions() {
    let tasks = json!([{"type": "taskList", "content": [
        node("taskItem", json!({"state": "TODO"}), json!([text("a")])), node("taskItem", json!({"state": "DONE"}), json!([text("b")]))]}]);
    in_adf(&tasks, "to_do [ ] a\nto_do [x] b", &[]);
    let decision = json!([{"type": "decisionList", "content": [node("decisionItem", json!({"state": "DECIDED"}), json!([text("go")]))]}]);
    in_adf(&decision, "callout ✔️ GrayBackground go", &[]);
}

#[test]
fn quotes() {
    both(&json!([node("blockquote", json!({}), json!([said("said")]))]), "{quote}said{quote}", "quote said", &[]);
    in_wiki("bq. said", "quote said", &[]);
    let two = node("blockquote", json!({}), json!([said("one"), said("two")]));
    both(&json!([two]), "{quote}one\n\ntwo{quote}", "quote one\n  paragraph two", &[]);
}

#[test]
fn code() {
    let code = |language: &str| json!([node("codeBlock", json!({"language": language}), json!([text("a\n  b")]))]);
    let wiki = |language: &str| format!("{{code:{language}}}\na\n  b\n{{code}}");
    for (written, expected, is_known) in [
        ("java", "java", true),
        ("js", "javascript", true),
        ("C++", "c++", true),
        ("objc", "objective-c", true),
        ("text", "plain text", true),
        ("actionscript", "plain text", false),
    ] {
        let losses = if is_known { vec![] } else { vec![(Loss::Language, 1)] };
        both(&code(written), &wiki(written), &format!("code <{expected}> a\n  b"), &losses);
    }
    in_wiki("{noformat}*x*{noformat}", "code <plain text> *x*", &[]);
}

#[test]
fn rules() {
    both(&json!([said("a"), {"type": "rule"}, said("b")]), "a\n----\nb", "paragraph a\ndivider\nparagraph b", &[]);
}

#[test]
fn panels() {
    for (kind, sign) in [("info", "ℹ️ Blue"), ("note", "📝 Purple"), ("tip", "💡 Green"), ("warning", "⚠️ Yellow")]
    {
        let content = json!([node("panel", json!({"panelType": kind}), json!([said("careful")]))]);
        both(&content, &format!("{{{kind}}}careful{{{kind}}}"), &format!("callout {sign}Background careful"), &[]);
    }
    let of = |kind: &str| json!([node("panel", json!({"panelType": kind}), json!([said("x")]))]);
    in_adf(&of("success"), "callout ✅ GreenBackground x", &[]);
    in_adf(&of("error"), "callout ⛔ RedBackground x", &[]);
    in_adf(
        &json!([node("panel", json!({"panelType": "custom", "panelColor": "#abcdef"}), json!([said("x")]))]),
        "callout 📌 GrayBackground x",
        &[(Loss::Text(TextLoss::Colour), 1)],
    );
    let expected = "callout 📌 GrayBackground T{bold}\n  paragraph x";
    in_wiki("{panel:title=T}x{panel}", expected, &[]);
    in_wiki("{panel:title=T|bgColor=#fff}x{panel}", expected, &[(Loss::Text(TextLoss::Colour), 1)]);
}

#[test]
fn tables() {
    let cell = |kind: &str, words: &str| node(kind, json!({}), json!([said(words)]));
    let row = |cells: Value| json!({"type": "tableRow", "content": cells});
    let content = json!([{"type": "table", "content": [
        row(json!([cell("tableHeader", "Name"), cell("tableHeader", "State")])),
        row(json!([cell("tableCell", "a"), cell("tableCell", "b")])),
        row(json!([cell("tableCell", "c")])),
    ]}]);
    let expected = "table 2 true false\n  table_row Name | State\n  table_row a | b\n  table_row c |";
    both(&content, "||Name||State||\n|a|b|\n|c|", expected, &[]);
    let merged = json!([{"type": "table", "content": [
        row(json!([node("tableHeader", json!({"colspan": 2}), json!([said("a")]))])),
        row(json!([cell("tableHeader", "b"), node("tableCell", json!({}), json!([{"type": "bulletList", "content": [
            {"type": "listItem", "content": [said("c")]}]}]))])),
    ]}]);
    let losses = [(Loss::Text(TextLoss::MergedCells), 1), (Loss::Text(TextLoss::BlocksInCell), 1)];
    in_adf(&merged, "table 2 true true\n  table_row a |\n  table_row b | - c", &losses);
}

#[test]
fn toggles() {
    let content = json!([node("expand", json!({"title": "More"}), json!([said("inside")]))]);
    both(&content, "{expand:More}inside{expand}", "toggle More\n  paragraph inside", &[]);
    in_adf(
        &json!([node("nestedExpand", json!({"title": "More"}), json!([said("inside")]))]),
        "toggle More\n  paragraph inside",
        &[],
    );
}

#[test]
fn pictures_and_files() {
    let file = |name: &str| json!({"type": "file", "id": "u", "alt": name});
    let single = |attrs: Value| json!([{"type": "mediaSingle", "content": [node("media", attrs, json!([]))]}]);
    let attached = "paragraph [shot.png](https://jira.example.org/secure/attachment/1/shot.png)";
    both(&single(file("shot.png")), "!shot.png!", attached, &[]);
    in_adf(&json!([{"type": "mediaGroup", "content": [node("media", file("shot.png"), json!([]))]}]), attached, &[]);
    in_adf(&json!([paragraph(json!([node("mediaInline", file("shot.png"), json!([]))]))]), attached, &[]);
    in_wiki("[^shot.png]", attached, &[]);
    both(&single(file("gone.png")), "!gone.png!", "paragraph gone.png", &[(Loss::Attachment, 1)]);
    let external = json!({"type": "external", "url": "https://a.example/p/chart.png"});
    let picture = "image https://a.example/p/chart.png chart.png";
    both(&single(external.clone()), "!https://a.example/p/chart.png!", picture, &[]);
    both(
        &json!([paragraph(json!([text("see "), node("media", external, json!([]))]))]),
        "see !https://a.example/p/chart.png!",
        "paragraph see [chart.png](https://a.example/p/chart.png)",
        &[(Loss::Picture, 1)],
    );
    let narrow = json!([{"type": "mediaSingle", "attrs": {"layout": "wrap-left", "width": 40}, "content": [node("media", file("shot.png"), json!([]))]}]);
    both(&narrow, "!shot.png|width=40%!", attached, &[(Loss::Text(TextLoss::Layout), 1)]);
    in_adf(&single(json!({"type": "file", "id": "u"})), "paragraph [attachment]", &[(Loss::Text(TextLoss::Media), 1)]);
}

#[test]
fn cards_and_rows() {
    let (synced, other) = ("https://jira.example.org/browse/OPS-7", "https://jira.example.org/browse/WEB-1");
    let card = |kind: &str, url: &str| node(kind, json!({"url": url}), json!([]));
    let inline = |url: &str| json!([paragraph(json!([card("inlineCard", url)]))]);
    both(&inline(synced), synced, "paragraph <page page-of-OPS-7>", &[]);
    both(&inline(other), other, &format!("paragraph [{other}]({other})"), &[]);
    let look = [(Loss::Text(TextLoss::Card), 1)];
    in_adf(&json!([card("blockCard", synced)]), "paragraph <page page-of-OPS-7>", &look);
    in_adf(&json!([card("embedCard", other)]), &format!("paragraph [{other}]({other})"), &look);
    in_wiki(&format!("[OPS-7|{synced}]"), "paragraph <page page-of-OPS-7>", &[]);
    // Words that somebody chose stay.
    in_wiki(&format!("[that old thing|{synced}]"), &format!("paragraph [that old thing]({synced})"), &[]);
}

#[test]
fn people() {
    let mention = |id: &str| json!([node("mention", json!({"id": id, "text": format!("@{id}")}), json!([]))]);
    both(&mention("ana"), "[~ana]", "paragraph <user ana-in-notion>", &[]);
    both(&mention("bob"), "[~bob]", "paragraph @bob", &[(Loss::Person, 1)]);
}

#[test]
fn emoji_dates_and_labels() {
    let inline = |kind: &str, attrs: Value| json!([paragraph(json!([node(kind, attrs, json!([]))]))]);
    both(&inline("emoji", json!({"shortName": ":x:", "text": "🙂"})), ":)", "paragraph 🙂", &[]);
    in_adf(&inline("emoji", json!({"shortName": ":logo:"})), "paragraph :logo:", &[(Loss::Text(TextLoss::Emoji), 1)]);
    in_adf(&inline("date", json!({"timestamp": "1788220800000"})), "paragraph <date 2026-09-01>", &[]);
    both(
        &inline("status", json!({"text": "DONE", "color": "green"})),
        "{status:colour=Green|title=DONE}",
        "paragraph DONE{code,Green}",
        &[],
    );
}

#[test]
fn columns_and_macros() {
    let columns = json!([{"type": "layoutSection", "content": [
        {"type": "layoutColumn", "content": [said("a")]}, {"type": "layoutColumn", "content": [said("b")]}]}]);
    in_adf(&columns, "paragraph a\nparagraph b", &[(Loss::Text(TextLoss::Layout), 1)]);
    let body = blocks(&wiki("{section}{column}a{column}{column}b{column}{section}"), &KNOWN);
    assert_eq!(shown(&body.blocks), "paragraph a\nparagraph b\n");
    assert!(body.losses[&Loss::Text(TextLoss::Layout)] > 0);
    let macro_lost = [(Loss::Text(TextLoss::Macro), 1)];
    in_adf(&json!([node("extension", json!({"extensionKey": "toc"}), json!([]))]), "paragraph [toc]", &macro_lost);
    in_adf(
        &json!([node("bodiedExtension", json!({"extensionKey": "x"}), json!([said("in")]))]),
        "paragraph in",
        &macro_lost,
    );
}

#[test]
fn what_nobody_sees_is_dropped() {
    in_adf(&json!([paragraph(json!([node("placeholder", json!({"text": "Type here"}), json!([]))]))]), "", &[]);
    in_adf(&json!([paragraph(json!([marked("x", json!([{"type": "annotation"}]))]))]), "paragraph x", &[]);
    let aligned = json!([{"type": "paragraph", "marks": [{"type": "alignment"}], "content": [text("x")]}]);
    in_adf(&aligned, "paragraph x", &[(Loss::Text(TextLoss::Layout), 1)]);
}
