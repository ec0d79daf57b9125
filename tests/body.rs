//! Long texts as bodies of pages: what each thing of Jira becomes in Notion, what is lost, and how few calls write it.

mod calls;
mod inline;
mod limits;
mod rows;
mod schema;
mod search;

use std::fmt::Write as _;

use jira_notion_gateway::jira::model::RichText as Text;
use jira_notion_gateway::jira::text::{Document, document};
use jira_notion_gateway::notion::block::{Block, Kind};
use jira_notion_gateway::notion::rich_text::{Color, Content, RichText};
use jira_notion_gateway::sync::body::Context;
use serde_json::{Value, json};

fn wiki(text: &str) -> Document {
    document(&Text::Wiki(text.to_owned()), None)
}

fn adf(content: &Value) -> Document {
    document(&Text::Adf(json!({"type": "doc", "version": 1, "content": content})), None)
}

/// Ana is a member, `shot.png` is attached, and `OPS-7` has a row.
const KNOWN: Context<'static> = Context {
    person: &|id| (id == "ana").then(|| "ana-in-notion".to_owned()),
    attachment: &|name| {
        (name == "shot.png").then(|| "https://jira.example.org/secure/attachment/1/shot.png".to_owned())
    },
    row: &|url| (url == "https://jira.example.org/browse/OPS-7").then(|| "page-of-OPS-7".to_owned()),
};

/// Blocks as lines, children indented: `bulleted_list_item one{bold}`.
fn shown(blocks: &[Block]) -> String {
    let mut lines = String::new();
    show(blocks, 0, &mut lines);
    lines
}

fn show(blocks: &[Block], depth: usize, lines: &mut String) {
    for block in blocks {
        let text = match &block.kind {
            Kind::Paragraph(text)
            | Kind::Heading(_, text)
            | Kind::BulletedListItem(text)
            | Kind::NumberedListItem(text)
            | Kind::Quote(text)
            | Kind::Toggle(text) => words(text),
            Kind::ToDo(text, done) => format!("{} {}", if *done { "[x]" } else { "[ ]" }, words(text)),
            Kind::Callout { text, emoji, color } => format!("{emoji} {color:?} {}", words(text)),
            Kind::Code { text, language } => format!("<{language}> {}", words(text)),
            Kind::Divider => String::new(),
            Kind::Table { width, has_column_header, has_row_header } => {
                format!("{width} {has_column_header} {has_row_header}")
            }
            Kind::TableRow(cells) => cells.iter().map(|cell| words(cell)).collect::<Vec<_>>().join(" | "),
            Kind::Image { url, caption } => format!("{url} {}", words(caption)),
        };
        let line = format!("{}{} {text}", "  ".repeat(depth), block.kind.name());
        writeln!(lines, "{}", line.trim_end()).unwrap();
        show(&block.children, depth + 1, lines);
    }
}

fn words(runs: &[RichText]) -> String {
    let run = |run: &RichText| {
        let marks = &run.marks;
        let flags = [
            (marks.bold, "bold"),
            (marks.italic, "italic"),
            (marks.strikethrough, "strike"),
            (marks.underline, "underline"),
            (marks.code, "code"),
        ];
        let mut names: Vec<_> =
            flags.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| (*name).to_owned()).collect();
        if marks.color != Color::Default {
            names.push(format!("{:?}", marks.color));
        }
        let marks = if names.is_empty() { String::new() } else { format!("{{{}}}", names.join(",")) };
        let said = match &run.content {
            Content::Text { text, link: None } => text.clone(),
            Content::Text { text, link: Some(url) } => format!("[{text}]({url})"),
            Content::Page(id) => format!("<page {id}>"),
            Content::User(id) => format!("<user {id}>"),
            Content::Date(day) => format!("<date {day}>"),
        };
        said + &marks
    };
    runs.iter().map(run).collect()
}
