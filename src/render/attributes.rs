//! A preview in the words of Notion's Link Preview protocol (notion-link-preview §5, §8).

use std::borrow::Cow;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use super::{time, words};
use crate::jira::key::Kind;
use crate::jira::model::StatusCategory;
use crate::preview::{Answer, FactId, Preview};

/// The name that Notion shows as the developer.
const DEVELOPER: &str = "Jira Notion Gateway";

/// How long texts may become, in characters as people count them (§5.3: our own caps).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub title: usize,
    pub text: usize,
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { title: 200, text: 100, body: 255 }
    }
}

/// One attribute object of §5.1; always of type `inline`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    pub id: String,
    pub name: Cow<'static, str>,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub inline: Inline,
}

/// The sub-types that we send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    Title {
        value: String,
        section: Section,
    },
    PlainText {
        value: String,
        section: Section,
    },
    Datetime {
        value: String,
        section: Section,
    },
    Enum {
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        color: Option<Rgb>,
        section: Section,
    },
}

/// Where an attribute shows (§5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Title,
    Identifier,
    Primary,
    Secondary,
    Body,
}

/// A colour; each part 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rgb {
    pub r: u8,
    pub g: u8,
    pub b: u8,
}

/// The attributes of an answer; none when there is no preview to show. Everything here is published to the whole page,
/// so pictures that only Jira could serve stay out.
pub fn of(answer: &Answer, limits: &Limits) -> Vec<Attribute> {
    let Some(preview) = &answer.preview else { return Vec::new() };
    let mut out = Vec::with_capacity(9);
    let mut add = |id: &str, name: &'static str, inline| {
        out.push(Attribute { id: id.to_owned(), name: name.into(), kind: "inline", inline });
    };
    let text = |value: &str, section| Inline::PlainText { value: clip(value, limits.text), section };

    add("title", "Title", Inline::Title { value: clip(&preview.title, limits.title), section: Section::Title });
    add("key", "Key", text(&preview.identifier, Section::Identifier));
    if let Some(status) = &preview.status {
        let value = clip(&status.name, limits.text);
        add("status", "Status", Inline::Enum { value, color: colour(status.category), section: Section::Primary });
    }
    for id in primary(answer.kind) {
        if let Some(value) = words::fact(Some(preview), id) {
            add(id.as_str(), id.name(), text(value, Section::Primary));
        }
    }
    if let Some((id, value)) = person(answer.kind, preview) {
        add(id.as_str(), id.name(), text(value, Section::Secondary));
    }
    if let Some(at) = preview.updated_at {
        let value = time::rfc3339(at);
        add("updated_at", "Updated", Inline::Datetime { value, section: Section::Secondary });
    }
    add("dev", "Developer Name", text(DEVELOPER, Section::Secondary));
    if let Some(description) = &preview.description {
        let value = clip(description, limits.body);
        add("description", "Description", Inline::PlainText { value, section: Section::Body });
    }
    out
}

fn primary(kind: Kind) -> &'static [FactId] {
    match kind {
        Kind::Project => &[FactId::Type, FactId::Category],
        _ => &[FactId::Priority],
    }
}

fn person(kind: Kind, preview: &Preview) -> Option<(FactId, &str)> {
    let fact = |id: FactId| words::fact(Some(preview), &id);
    if words::is_issue(kind) {
        Some((FactId::Assignee, fact(FactId::Assignee).unwrap_or("Unassigned")))
    } else {
        fact(FactId::Lead).map(|lead| (FactId::Lead, lead))
    }
}

/// The text colours of paste-experience §9: they carry on light and dark grounds alike. An unknown category has none.
fn colour(category: StatusCategory) -> Option<Rgb> {
    match category {
        StatusCategory::ToDo => Some(Rgb { r: 0x3B, g: 0x42, b: 0x52 }),
        StatusCategory::InProgress => Some(Rgb { r: 0x0B, g: 0x4A, b: 0xA2 }),
        StatusCategory::Done => Some(Rgb { r: 0x14, g: 0x61, b: 0x2F }),
        StatusCategory::Unknown => None,
    }
}

/// At most `limit` characters as people count them; a cut is marked by an ellipsis within the limit.
fn clip(text: &str, limit: usize) -> String {
    match text.grapheme_indices(true).nth(limit) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.grapheme_indices(true).nth(limit.saturating_sub(1)).map_or(0, |(at, _)| at);
            format!("{}…", text[..end].trim_end())
        }
    }
}
