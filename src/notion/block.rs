//! The blocks of a page's body (notion-rest-api §3.3, §8). Pure.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::rich_text::{Color, RichText};

/// Blocks in one list of children, and so in one call.
pub const CHILDREN: usize = 100;
/// Levels of children in one call.
pub const LEVELS: usize = 2;
/// Blocks of one call, whatever their level.
pub const BLOCKS: usize = 1_000;
/// Bytes of one call.
pub const BYTES: usize = 500 * 1_000;

/// A block with what stands below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    pub kind: Kind,
    /// At most [`CHILDREN`]. A table's are its rows.
    pub children: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Paragraph(Vec<RichText>),
    /// From 1 to 3.
    Heading(u8, Vec<RichText>),
    BulletedListItem(Vec<RichText>),
    NumberedListItem(Vec<RichText>),
    ToDo(Vec<RichText>, bool),
    Quote(Vec<RichText>),
    Callout {
        text: Vec<RichText>,
        /// One character that people see as one.
        emoji: &'static str,
        color: Color,
    },
    Toggle(Vec<RichText>),
    Code {
        text: Vec<RichText>,
        /// One of the names that Notion knows.
        language: &'static str,
    },
    Divider,
    Table {
        /// Cells of each row.
        width: usize,
        has_column_header: bool,
        has_row_header: bool,
    },
    TableRow(Vec<Vec<RichText>>),
    /// A picture at a public address.
    Image {
        url: String,
        caption: Vec<RichText>,
    },
}

impl From<Kind> for Block {
    fn from(kind: Kind) -> Self {
        Self { kind, children: Vec::new() }
    }
}

impl Kind {
    /// Notion's name of the type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Paragraph(_) => "paragraph",
            Self::Heading(1, _) => "heading_1",
            Self::Heading(2, _) => "heading_2",
            Self::Heading(..) => "heading_3",
            Self::BulletedListItem(_) => "bulleted_list_item",
            Self::NumberedListItem(_) => "numbered_list_item",
            Self::ToDo(..) => "to_do",
            Self::Quote(_) => "quote",
            Self::Callout { .. } => "callout",
            Self::Toggle(_) => "toggle",
            Self::Code { .. } => "code",
            Self::Divider => "divider",
            Self::Table { .. } => "table",
            Self::TableRow(_) => "table_row",
            Self::Image { .. } => "image",
        }
    }

    /// What it says, without what stands below it.
    pub fn data(&self) -> Value {
        match self {
            Self::Paragraph(text)
            | Self::Heading(_, text)
            | Self::BulletedListItem(text)
            | Self::NumberedListItem(text)
            | Self::Quote(text)
            | Self::Toggle(text) => json!({ "rich_text": text }),
            Self::ToDo(text, checked) => json!({ "rich_text": text, "checked": checked }),
            Self::Callout { text, emoji, color } => {
                json!({ "rich_text": text, "icon": { "type": "emoji", "emoji": emoji }, "color": color })
            }
            Self::Code { text, language } => json!({ "rich_text": text, "language": language }),
            Self::Divider => json!({}),
            Self::Table { width, has_column_header, has_row_header } => json!({
                "table_width": width,
                "has_column_header": has_column_header,
                "has_row_header": has_row_header,
            }),
            Self::TableRow(cells) => json!({ "cells": cells }),
            Self::Image { url, caption } => {
                let mut data = Map::new();
                data.insert("type".into(), "external".into());
                data.insert("external".into(), json!({ "url": url }));
                if !caption.is_empty() {
                    data.insert("caption".into(), json!(caption));
                }
                data.into()
            }
        }
    }
}

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.kind.name();
        let mut data = self.kind.data();
        if let (false, Value::Object(data)) = (self.children.is_empty(), &mut data) {
            data.insert("children".into(), json!(self.children));
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", name)?;
        map.serialize_entry(name, &data)?;
        map.end()
    }
}
