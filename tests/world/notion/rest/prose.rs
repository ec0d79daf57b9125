//! Rich text and blocks, as a reader's browser shows them.

use serde_json::Value;

use super::super::super::oauth::html::escape;
use super::super::state::State;
use super::id::Id;
use super::rich_text::{self, Item, What};
use super::store::{Block, Is, Node};

/// A rich text with its marks.
pub fn text(items: &[Item], state: &State) -> String {
    items.iter().map(|item| one(item, state)).collect()
}

fn one(item: &Item, state: &State) -> String {
    let words = escape(&rich_text::plain(std::slice::from_ref(item), state));
    let mut html = match &item.what {
        What::Text { link: Some(url), .. } | What::Link { url, .. } => link(url, &words),
        What::Page(id) | What::Database(id) => format!("<a class=\"mention\" href=\"/p/{id}\">{words}</a>"),
        What::User(_) | What::Date(_) => format!("<span class=\"mention\">{words}</span>"),
        What::Equation(_) => format!("<code>{words}</code>"),
        What::Text { .. } => words,
    };
    let marks = [("bold", "strong"), ("italic", "em"), ("strikethrough", "s"), ("underline", "u"), ("code", "code")];
    for (mark, tag) in marks {
        if item.annotations.as_ref().is_some_and(|it| it[mark] == true) {
            html = format!("<{tag}>{html}</{tag}>");
        }
    }
    html
}

/// A link that a browser may follow; any other address is text.
pub fn link(url: &str, words: &str) -> String {
    let is_safe = ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    if is_safe { format!("<a href=\"{}\">{words}</a>", escape(url)) } else { words.to_owned() }
}

/// What lies in a page or block, but for databases, which are shown as tables elsewhere.
pub fn blocks(parent: Id, state: &State) -> String {
    let alive = state.rest.node(parent).children.iter().map(|id| state.rest.node(*id)).filter(|it| !it.in_trash);
    let mut html = String::new();
    let mut list = "";
    for node in alive {
        let wanted = match &node.is {
            Is::Block(Block { kind: "bulleted_list_item" | "to_do", .. }) => "ul",
            Is::Block(Block { kind: "numbered_list_item", .. }) => "ol",
            _ => "",
        };
        if wanted != list {
            html.push_str(&[tag("</", list), tag("<", wanted)].concat());
            list = wanted;
        }
        html.push_str(&match &node.is {
            Is::Block(it) => block(node, it, state),
            Is::Page(_) => format!("<p><a href=\"/p/{}\">{}</a></p>\n", node.id, named(&state.rest.title(node.id))),
            _ => String::new(),
        });
    }
    html.push_str(&tag("</", list));
    html
}

fn tag(open: &str, name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{open}{name}>\n") }
}

/// A title that may be empty.
pub fn named(title: &str) -> String {
    if title.is_empty() { "Untitled".into() } else { escape(title) }
}

fn block(node: &Node, block: &Block, state: &State) -> String {
    let content = &block.content;
    let words = content.rich_text.as_ref().map(|it| text(it, state)).unwrap_or_default();
    let inner = if block.kind == "table" { String::new() } else { blocks(node.id, state) };
    let other = |name: &str| content.others.get(name).and_then(Value::as_str).unwrap_or_default();
    match block.kind {
        "heading_1" => format!("<h2>{words}</h2>\n{inner}"),
        "heading_2" => format!("<h3>{words}</h3>\n{inner}"),
        "heading_3" | "heading_4" => format!("<h4>{words}</h4>\n{inner}"),
        "bulleted_list_item" | "numbered_list_item" => format!("<li>{words}{inner}</li>\n"),
        "to_do" => {
            let done = if content.others.get("checked") == Some(&Value::Bool(true)) { "\u{2611}" } else { "\u{2610}" };
            format!("<li class=\"to-do\">{done} {words}{inner}</li>\n")
        }
        "quote" => format!("<blockquote>{words}{inner}</blockquote>\n"),
        "toggle" => format!("<details open><summary>{words}</summary>{inner}</details>\n"),
        "callout" => {
            let icon = content.others.get("icon").and_then(|it| it["emoji"].as_str()).unwrap_or_default();
            format!("<div class=\"callout\"><span>{}</span><div>{words}{inner}</div></div>\n", escape(icon))
        }
        "code" => format!("<pre><code>{words}</code></pre>\n"),
        "divider" => "<hr>\n".into(),
        "equation" => format!("<p><code>{}</code></p>\n", escape(other("expression"))),
        "bookmark" | "embed" | "link_preview" => format!("<p>{}</p>\n", link(other("url"), &escape(other("url")))),
        "image" => {
            let url = content.others.get("external").and_then(|it| it["url"].as_str()).unwrap_or_default();
            format!("<p>{}</p>\n", link(url, &escape(url)))
        }
        "table" => table(node, state),
        "paragraph" => format!("<p>{words}</p>\n{inner}"),
        kind => format!("<p class=\"muted\">{}</p>\n{inner}", escape(kind)),
    }
}

fn table(node: &Node, state: &State) -> String {
    let rows = node.children.iter().filter_map(|id| match &state.rest.node(*id).is {
        Is::Block(block) => block.content.cells.as_ref(),
        _ => None,
    });
    let cell = |items: &Vec<Item>| format!("<td>{}</td>", text(items, state));
    let row = |cells: &Vec<Vec<Item>>| format!("<tr>{}</tr>\n", cells.iter().map(cell).collect::<String>());
    format!("<div class=\"wide\" tabindex=\"0\"><table>{}</table></div>\n", rows.map(row).collect::<String>())
}
