//! The one block in a row's page that is ours (S38): description, ends of other texts, attachments, comments.

use jiff::Timestamp;

use crate::jira::text::{Document, clean_line};
use crate::notion::block::{Block, Kind};
use crate::notion::rich_text::{Color, Content, Marks, RichText, URL_UNITS};
use crate::preview::size_str;

use super::runs::{Writer, full_lists};
use super::{Body, Context};

/// Characters of a file's name or a person's: Jira keeps at most 255.
const LONGEST_NAME: usize = 255;

/// What a body is made of. What is empty leaves no trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub description: Document,
    pub continued: Vec<Continued>,
    pub attachments: Vec<File>,
    /// Only those that everybody may see who sees the issue, in the order in which they are shown.
    pub comments: Vec<Comment>,
}

/// The end of a text for which its column has no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continued {
    /// Of the column.
    pub name: String,
    /// As lines, as they stand in the column.
    pub text: Vec<RichText>,
}

/// An attachment, as a name with a link: the file stays in Jira.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub url: String,
    /// Bytes.
    pub size: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub author: String,
    pub written: Timestamp,
    pub text: Document,
}

/// The whole body: one callout that holds all of it, or nothing if Jira says nothing.
pub fn whole(parts: &Parts, context: &Context<'_>) -> Body {
    let mut writer = Writer::new(context);
    let mut children = writer.document(&parts.description);
    for Continued { name, text } in &parts.continued {
        children.push(heading(&format!("{name}, continued")));
        children.extend(full_lists(text.clone()).into_iter().map(|runs| Kind::Paragraph(runs).into()));
    }
    if !parts.attachments.is_empty() {
        children.push(heading("Attachments"));
        children.extend(parts.attachments.iter().map(file));
    }
    if !parts.comments.is_empty() {
        children.push(heading("Comments"));
        children.extend(parts.comments.iter().map(|comment| {
            let children = writer.document(&comment.text);
            Block { kind: Kind::Quote(byline(comment)), children }
        }));
    }
    let losses = writer.losses;
    let is_empty = children.is_empty();
    let container = Block { kind: title(), children };
    Body { blocks: if is_empty { Vec::new() } else { vec![container] }, losses }
}

/// What the frame of the one block that is ours begins with.
pub const TITLE: &str = "From Jira";
/// And the sign on it.
pub const SIGN: &str = "📄";

/// A frame without a colour of its own, since callouts of the text stand in it.
fn title() -> Kind {
    let note = grey("  The gateway keeps this box as Jira has it. Your own notes are safe outside of it.");
    Kind::Callout { text: vec![bold(TITLE), note], emoji: SIGN, color: Color::Default }
}

fn heading(words: &str) -> Block {
    Kind::Heading(3, vec![RichText::plain(words)]).into()
}

fn file(file: &File) -> Block {
    let name = Some(clean_line(&file.name, LONGEST_NAME)).filter(|name| !name.is_empty());
    let link = Some(&file.url).filter(|url| url.encode_utf16().count() <= URL_UNITS).cloned();
    let content = Content::Text { text: name.unwrap_or_else(|| "attachment".to_owned()), link };
    let mut text = vec![RichText { content, marks: Marks::default() }];
    text.extend(file.size.map(|bytes| grey(&format!("  {}", size_str(bytes)))));
    Kind::BulletedListItem(text).into()
}

/// Who wrote it and when, which Notion shows in the reader's own time.
fn byline(comment: &Comment) -> Vec<RichText> {
    let author = clean_line(&comment.author, LONGEST_NAME);
    let written = comment.written.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let date = RichText { content: Content::Date(written), marks: Marks { color: Color::Gray, ..Marks::default() } };
    let mut text = Vec::new();
    if !author.is_empty() {
        text.extend([bold(&author), RichText::plain("  ")]);
    }
    text.push(date);
    text
}

fn bold(words: &str) -> RichText {
    RichText { marks: Marks { bold: true, ..Marks::default() }, ..RichText::plain(words) }
}

fn grey(words: &str) -> RichText {
    RichText { marks: Marks { color: Color::Gray, ..Marks::default() }, ..RichText::plain(words) }
}
