//! Atlassian Document Format → plain text (jira-auth-and-rest §7.2).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::text::Plain;

const DEEPEST: usize = 64;
const MOST_NODES: usize = 20_000;

/// Writes a document. Nodes that nobody knows yet show their content, or their text, or nothing; nothing fails.
pub(super) fn write(document: &Value, plain: &mut Plain) {
    Walk { plain, nodes_left: MOST_NODES }.node(document, 0);
}

struct Walk<'a> {
    plain: &'a mut Plain,
    nodes_left: usize,
}

impl Walk<'_> {
    fn node(&mut self, node: &Value, depth: usize) {
        if depth > DEEPEST || self.nodes_left == 0 || self.plain.is_full() {
            return;
        }
        self.nodes_left -= 1;
        let attribute = |name: &str| node.get("attrs")?.get(name);
        let text = |name: &str| attribute(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let push = |walk: &mut Self, text: Option<&str>| walk.plain.push(text.unwrap_or_default());
        let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "text" => push(self, node.get("text").and_then(Value::as_str)),
            "hardBreak" | "rule" => self.plain.space(),
            "mention" => {
                let name = text("text").unwrap_or("@someone");
                push(self, (!name.starts_with('@')).then_some("@"));
                push(self, Some(name));
            }
            "emoji" => push(self, text("text").or_else(|| text("shortName"))),
            "date" => push(self, attribute("timestamp").and_then(day).as_deref()),
            "status" => self.bracketed(text("text")),
            "inlineCard" | "blockCard" | "embedCard" => {
                let data = || attribute("data").and_then(|data| data.get("name").or_else(|| data.get("url")));
                push(self, text("url").or_else(|| data().and_then(Value::as_str)));
            }
            // The ids are of the media service; what people know of a file is its name.
            "media" | "mediaInline" => match text("alt") {
                Some(name) => push(self, Some(name)),
                None => self.bracketed(Some(if text("type") == Some("external") { "image" } else { "attachment" })),
            },
            "extension" | "inlineExtension" | "bodiedExtension" | "multiBodiedExtension" if !has_content(node) => {
                match text("text") {
                    Some(shown) => push(self, Some(shown)),
                    None => self.bracketed(text("extensionKey")),
                }
            }
            "placeholder" | "syncBlock" => {}
            "orderedList" => {
                let first = attribute("order").and_then(Value::as_u64).unwrap_or(1);
                self.items(node, depth, |index| format!("{}. ", first.saturating_add(index)));
            }
            "bulletList" => self.items(node, depth, |_| "- ".to_owned()),
            "tableRow" => self.items(node, depth, |index| if index == 0 { String::new() } else { "| ".to_owned() }),
            "taskItem" | "blockTaskItem" => {
                self.block(if text("state") == Some("DONE") { "[x] " } else { "[ ] " }, node, depth);
            }
            "decisionItem" => self.block("✓ ", node, depth),
            "expand" | "nestedExpand" => {
                push(self, text("title"));
                self.block("", node, depth);
            }
            _ if has_content(node) => self.block("", node, depth),
            _ => push(self, text("text").or_else(|| text("url"))),
        }
    }

    fn bracketed(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.plain.push("[");
            self.plain.push(text);
            self.plain.push("]");
        }
    }

    /// The content of a node that stands apart from its neighbours.
    fn block(&mut self, prefix: &str, node: &Value, depth: usize) {
        self.plain.space();
        self.plain.push(prefix);
        for child in content(node) {
            self.node(child, depth + 1);
        }
        self.plain.space();
    }

    /// Children that each begin with a mark of their own.
    fn items(&mut self, node: &Value, depth: usize, mark: impl Fn(u64) -> String) {
        for (index, child) in (0..).zip(content(node)) {
            if self.plain.is_full() {
                return;
            }
            self.plain.space();
            self.plain.push(&mark(index));
            self.node(child, depth + 1);
        }
        self.plain.space();
    }
}

fn content(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn has_content(node: &Value) -> bool {
    !content(node).is_empty()
}

/// The day of a `date` node: milliseconds since 1970 as a text, midnight UTC.
fn day(timestamp: &Value) -> Option<String> {
    let millis = timestamp.as_i64().or_else(|| timestamp.as_str()?.parse().ok())?;
    let moment = Timestamp::from_millisecond(millis).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).date().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::jira::model::RichText;
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
            (json!([{"type": "media", "attrs": {"type": "external", "url": "https://a.example/p.png"}}]), "[image]"),
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
        assert_eq!(shown(json!([paragraph("top"), deep])), "top");
        let empty = vec![json!({"type": "hardBreak"}); super::MOST_NODES];
        assert_eq!(shown(json!([{"type": "paragraph", "content": empty}, paragraph("late")])), "");
    }
}
