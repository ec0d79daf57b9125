//! Atlassian Document Format → tree (jira-auth-and-rest §7.2).

mod inline;

use serde_json::Value;

use super::super::key::SiteUrl;
use super::builder::Builder;
use super::grid::Cell;
use super::tree::{BlockKind, Loss, Style, Tone, language};

/// How deep nodes are looked for: deeper than the tree goes, and not so deep that the walk itself could not come back.
const DEEPEST: usize = 200;

/// Reads a document. Nodes that nobody knows yet show their content, or their text, or nothing; nothing fails.
pub(super) fn read(document: &Value, site: Option<&SiteUrl>, builder: &mut Builder) {
    Walk { builder, site }.node(Node(document), &Style::default(), 0);
}

struct Walk<'a> {
    builder: &'a mut Builder,
    site: Option<&'a SiteUrl>,
}

/// A node, or whatever stands where one should.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'a> Node<'a> {
    fn kind(self) -> &'a str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    fn content(self) -> &'a [Value] {
        self.0.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn marks(self) -> &'a [Value] {
        self.0.get("marks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn attribute(self, name: &str) -> Option<&'a Value> {
        self.0.get("attrs")?.get(name)
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.attribute(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn number(self, name: &str) -> Option<u64> {
        self.attribute(name).and_then(Value::as_u64)
    }
}

impl Walk<'_> {
    fn node(&mut self, node: Node, style: &Style, depth: usize) {
        if depth > DEEPEST || self.builder.is_full() {
            self.builder.lose(if depth > DEEPEST { Loss::Depth } else { Loss::Cut });
            return;
        }
        let style = &self.style(node, style);
        let inside = |walk: &mut Self| walk.children(node, style, depth);
        match node.kind() {
            "text" => self.words(node.0.get("text").and_then(Value::as_str).unwrap_or_default(), style),
            "hardBreak" => self.builder.line_break(),
            "mention" | "emoji" | "date" | "status" | "inlineCard" | "media" | "mediaInline" => {
                self.inline(node, style);
            }
            "rule" => self.builder.divider(),
            "paragraph" | "doc" | "decisionList" | "caption" | "bodiedSyncBlock" => self.apart(inside),
            "mediaSingle" => {
                let is_usual = node.text("layout").is_none_or(|layout| layout == "center");
                if !is_usual || node.attribute("width").is_some() {
                    self.builder.lose(Loss::Layout);
                }
                self.apart(inside);
            }
            "mediaGroup" => node.content().iter().for_each(|file| self.apart(|walk| walk.child(file, style, depth))),
            "heading" => {
                let level = node.number("level").unwrap_or(1).clamp(1, 6);
                self.block(BlockKind::Heading { level: u8::try_from(level).unwrap_or(6) }, inside);
            }
            "bulletList" => self.apart(|walk| walk.items(node, style, depth, |_| BlockKind::Bulleted)),
            "orderedList" => {
                let first = node.number("order").unwrap_or(1);
                if first != 1 {
                    self.builder.lose(Loss::ListStart);
                }
                let numbered = |index| BlockKind::Numbered { number: first.saturating_add(index) };
                self.apart(|walk| walk.items(node, style, depth, numbered));
            }
            // An item that no list holds.
            "listItem" => self.block(BlockKind::Bulleted, inside),
            "taskList" => self.tasks(node, style, depth),
            "taskItem" | "blockTaskItem" => {
                self.block(BlockKind::ToDo { done: node.text("state") == Some("DONE") }, inside);
            }
            "decisionItem" => self.block(BlockKind::Callout(Tone::Decision), inside),
            "blockquote" => self.block(BlockKind::Quote, inside),
            "panel" => {
                if node.attribute("panelColor").is_some() {
                    self.builder.lose(Loss::Colour);
                }
                self.block(BlockKind::Callout(tone(node.text("panelType"))), inside);
            }
            "codeBlock" => self.block(BlockKind::Code { language: node.text("language").and_then(language) }, inside),
            "expand" | "nestedExpand" => self.block(BlockKind::Toggle, |walk| {
                walk.builder.text(node.text("title").unwrap_or_default(), style);
                walk.builder.end_paragraph();
                inside(walk);
            }),
            "table" | "tableRow" | "tableCell" | "tableHeader" => self.table(node, style, depth),
            "layoutSection" => {
                self.builder.lose(Loss::Layout);
                self.apart(inside);
            }
            "layoutColumn" => self.apart(inside),
            "blockCard" | "embedCard" => {
                self.builder.lose(Loss::Card);
                self.apart(|walk| walk.card(node, style));
            }
            "extension" | "bodiedExtension" | "multiBodiedExtension" | "inlineExtension" => {
                self.extension(node, style, depth);
            }
            "placeholder" => {}
            "syncBlock" => self.builder.lose(Loss::Macro),
            kind => {
                let is_known = ["extensionFrame", "unsupportedBlock", "unsupportedInline"].contains(&kind)
                    || kind.starts_with("confluence");
                self.builder.lose(if is_known { Loss::Macro } else { Loss::Unknown });
                if node.content().is_empty() {
                    self.words(node.text("text").or_else(|| node.text("url")).unwrap_or_default(), style);
                } else {
                    self.apart(inside);
                }
            }
        }
    }

    fn child(&mut self, node: &Value, style: &Style, depth: usize) {
        self.node(Node(node), style, depth + 1);
    }

    fn children(&mut self, node: Node, style: &Style, depth: usize) {
        for child in node.content() {
            self.child(child, style, depth);
            if self.builder.is_full() {
                return;
            }
        }
    }

    /// What stands apart from its neighbours.
    fn apart(&mut self, inside: impl FnOnce(&mut Self)) {
        self.builder.end_paragraph();
        inside(self);
        self.builder.end_paragraph();
    }

    fn block(&mut self, kind: BlockKind, inside: impl FnOnce(&mut Self)) {
        let level = self.builder.open(kind);
        inside(self);
        self.builder.close(level);
    }

    fn items(&mut self, list: Node, style: &Style, depth: usize, kind: impl Fn(u64) -> BlockKind) {
        for (index, item) in (0..).zip(list.content()) {
            if self.builder.is_full() {
                return;
            }
            match Node(item).kind() {
                "listItem" => self.block(kind(index), |walk| walk.children(Node(item), style, depth + 1)),
                _ => self.child(item, style, depth),
            }
        }
    }

    /// A list of tasks nests beside the task that it belongs to.
    fn tasks(&mut self, list: Node, style: &Style, depth: usize) {
        self.apart(|walk| {
            for item in list.content() {
                if Node(item).kind() == "taskList" {
                    let level = walk.builder.reopen_item();
                    walk.child(item, style, depth);
                    walk.builder.close(level);
                } else {
                    walk.child(item, style, depth);
                }
            }
        });
    }

    fn table(&mut self, node: Node, style: &Style, depth: usize) {
        let more = |name: &str| node.number(name).unwrap_or(1).saturating_sub(1);
        let level = match node.kind() {
            "table" => self.builder.open_table(),
            "tableRow" => self.builder.open_row(),
            kind => {
                if let Some(colour) = node.text("background") {
                    self.colour(colour);
                }
                self.builder.open_cell(Cell {
                    is_header: kind == "tableHeader",
                    more_columns: more("colspan"),
                    more_rows: more("rowspan"),
                    ..Cell::default()
                })
            }
        };
        self.children(node, style, depth);
        self.builder.close(level);
    }

    fn extension(&mut self, node: Node, style: &Style, depth: usize) {
        self.builder.lose(Loss::Macro);
        let is_inline = node.kind() == "inlineExtension";
        let show = |walk: &mut Self| match (node.text("text"), node.text("extensionKey")) {
            _ if !node.content().is_empty() => walk.children(node, style, depth),
            (Some(text), _) => walk.words(text, style),
            (None, Some(key)) => walk.words(&format!("[{key}]"), style),
            (None, None) => {}
        };
        if is_inline { show(self) } else { self.apart(show) }
    }
}

fn tone(panel: Option<&str>) -> Tone {
    match panel {
        Some("info") => Tone::Info,
        Some("note") => Tone::Note,
        Some("tip") => Tone::Tip,
        Some("success") => Tone::Success,
        Some("warning") => Tone::Warning,
        Some("error") => Tone::Error,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::jira::model::RichText;
    use crate::jira::text::builder::MOST_NODES;
    use crate::jira::text::plain_text;

    fn shown(content: serde_json::Value) -> String {
        plain_text(&RichText::Adf(json!({"type": "doc", "version": 1, "content": content})), 500)
    }

    fn paragraph(text: &str) -> serde_json::Value {
        json!({"type": "paragraph", "content": [{"type": "text", "text": text}]})
    }

    #[test]
    fn every_kind_of_node_has_its_words() {
        let item = |text: &str| json!({"type": "listItem", "content": [paragraph(text)]});
        let cell = |text: &str| json!({"type": "tableCell", "content": [paragraph(text)]});
        let table = [
            (json!([paragraph("a"), paragraph("b")]), "a b"),
            (
                json!([{"type": "paragraph", "content": [
                {"type": "text", "text": "bo"}, {"type": "text", "text": "ld", "marks": [{"type": "strong"}]},
                {"type": "hardBreak"}, {"type": "text", "text": "next"}]}]),
                "bold next",
            ),
            (
                json!([{"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Title"}]}, paragraph("x")]),
                "Title x",
            ),
            (json!([{"type": "bulletList", "content": [item("one"), item("two")]}]), "- one - two"),
            (
                json!([{"type": "orderedList", "attrs": {"order": 3}, "content": [item("one"), item("two")]}]),
                "3. one 4. two",
            ),
            (
                json!([{"type": "taskList", "content": [
                {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [{"type": "text", "text": "a"}]},
                {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [{"type": "text", "text": "b"}]}]}]),
                "[ ] a [x] b",
            ),
            (
                json!([{"type": "decisionList", "content": [
                {"type": "decisionItem", "attrs": {"state": "DECIDED"}, "content": [{"type": "text", "text": "go"}]}]}]),
                "✓ go",
            ),
            (
                json!([{"type": "table", "content": [
                {"type": "tableRow", "content": [cell("a"), cell("b")]}, {"type": "tableRow", "content": [cell("c"), cell("d")]}]}]),
                "a | b c | d",
            ),
            (json!([{"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("note")]}]), "note"),
            (json!([{"type": "expand", "attrs": {"title": "More"}, "content": [paragraph("inside")]}]), "More inside"),
            (json!([{"type": "codeBlock", "content": [{"type": "text", "text": "let a;\nlet b;"}]}]), "let a; let b;"),
            (json!([{"type": "mention", "attrs": {"id": "1", "text": "@Ana"}}]), "@Ana"),
            (json!([{"type": "mention", "attrs": {"id": "1", "text": "Ana"}}]), "@Ana"),
            (json!([{"type": "mention", "attrs": {"id": "1", "text": ""}}]), "@someone"),
            (json!([{"type": "emoji", "attrs": {"shortName": ":tada:", "text": "🎉"}}]), "🎉"),
            (json!([{"type": "emoji", "attrs": {"shortName": ":logo:"}}]), ":logo:"),
            (json!([{"type": "date", "attrs": {"timestamp": "1788220800000"}}]), "2026-09-01"),
            (json!([{"type": "date", "attrs": {"timestamp": "soon"}}]), ""),
            (json!([{"type": "status", "attrs": {"text": "IN REVIEW", "color": "blue"}}]), "[IN REVIEW]"),
            (json!([{"type": "inlineCard", "attrs": {"url": "https://a.example/x"}}]), "https://a.example/x"),
            (json!([{"type": "inlineCard", "attrs": {"data": {"name": "Plan", "url": "https://a.example"}}}]), "Plan"),
            (
                json!([{"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "file", "id": "u", "alt": "shot.png"}}]}]),
                "shot.png",
            ),
            (
                json!([{"type": "mediaGroup", "content": [{"type": "media", "attrs": {"type": "file", "id": "u"}}]}]),
                "[attachment]",
            ),
            (json!([{"type": "media", "attrs": {"type": "external", "url": "https://a.example/p.png"}}]), "p.png"),
            (json!([{"type": "extension", "attrs": {"extensionKey": "toc"}}]), "[toc]"),
            (
                json!([{"type": "bodiedExtension", "attrs": {"extensionKey": "x"}, "content": [paragraph("body")]}]),
                "body",
            ),
            (json!([{"type": "placeholder", "attrs": {"text": "Type here"}}]), ""),
            (json!([{"type": "fromTheFuture", "content": [paragraph("kept")]}]), "kept"),
            (json!([{"type": "fromTheFuture", "attrs": {"text": "kept"}}]), "kept"),
            (json!([7, null, "x", {"content": 5}, {"type": ["text"], "text": "no"}]), ""),
            (json!("not a list"), ""),
        ];
        for (content, expected) in table {
            assert_eq!(shown(content.clone()), expected, "{content}");
        }
    }

    #[test]
    fn depth_and_number_of_nodes_are_bounded() {
        let mut deep = paragraph("bottom");
        for _ in 0..100 {
            deep = json!({"type": "blockquote", "content": [deep]});
        }
        assert_eq!(shown(json!([paragraph("top"), deep])), "top bottom");
        for _ in 0..super::DEEPEST {
            deep = json!({"type": "blockquote", "content": [deep]});
        }
        assert_eq!(shown(json!([paragraph("top"), deep])), "top");
        let words = vec![json!({"type": "status", "attrs": {"text": "."}}); MOST_NODES];
        let text = RichText::Adf(
            json!({"type": "doc", "content": [{"type": "paragraph", "content": words}, paragraph("late")]}),
        );
        assert!(!plain_text(&text, usize::MAX).contains("late"));
    }
}
