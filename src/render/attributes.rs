//! A preview in the words of Notion's Link Preview protocol (notion-link-preview §5, §8).

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::{time, words};
use crate::jira::key::Kind;
use crate::jira::model::StatusCategory;
use crate::notion::unfurl::{Attribute, Inline, Rgb, Section};
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

/// The attributes of an answer; none when there is no preview to show. Everything here is published to the whole page:
/// pictures that only Jira could serve stay out, and of a comment or a worklog there is nothing but its issue.
pub fn of(answer: &Answer, limits: &Limits) -> Vec<Attribute> {
    let Some(preview) = &answer.preview else { return Vec::new() };
    let kind = answer.kind;
    let mut out = head(kind, preview, limits);
    let mut add = |id: &str, name: Cow<'static, str>, inline| out.push(attribute(id, name, inline));
    let text = |value: &str, section| Inline::PlainText { value: clip(value, limits.text), section };
    let fact = |id: &FactId| preview.facts.iter().find(|fact| fact.id == *id);

    let (primary, secondary) = chosen(kind);
    for (ids, section) in [(primary, Section::Primary), (secondary, Section::Secondary)] {
        for fact in ids.iter().filter_map(fact) {
            add(fact.id.as_str(), fact.name.clone(), text(&fact.value, section));
        }
    }
    if words::has_assignee(kind) && fact(&FactId::Assignee).is_none() {
        add("assignee", FactId::Assignee.name().into(), text("Unassigned", Section::Secondary));
    }
    if let Some(at) = preview.updated_at.filter(|_| !is_said(kind)) {
        let value = time::rfc3339(at);
        add("updated_at", "Updated".into(), Inline::Datetime { value, section: Section::Secondary });
    }
    out.push(developer());
    let mut add = |id: &str, name: Cow<'static, str>, inline| out.push(attribute(id, name, inline));
    if let Some(description) = preview.description.as_ref().filter(|_| !is_said(kind)) {
        let value = clip(description, limits.body);
        add("description", "Description".into(), Inline::PlainText { value, section: Section::Body });
    }
    out
}

/// No more than title, name and status.
pub fn few(kind: Kind, preview: &Preview, limits: &Limits) -> Vec<Attribute> {
    let mut out = head(kind, preview, limits);
    out.push(developer());
    out
}

fn head(kind: Kind, preview: &Preview, limits: &Limits) -> Vec<Attribute> {
    let title = Inline::Title { value: clip(&preview.title, limits.title), section: Section::Title };
    let text = |value: &str| Inline::PlainText { value: clip(value, limits.text), section: Section::Identifier };
    // The left side of a mention.
    let identifier = match preview.identifier.as_str() {
        "" => attribute("kind", "Kind".into(), text(words::kind_name(kind))),
        key => attribute("key", "Key".into(), text(key)),
    };
    let status = preview.status.as_ref().map(|status| {
        let (value, color) = (clip(&status.name, limits.text), colour(status.category));
        attribute("status", "Status".into(), Inline::Enum { value, color, section: Section::Primary })
    });
    let mut out = Vec::with_capacity(11);
    out.extend([attribute("title", "Title".into(), title), identifier]);
    out.extend(status);
    out
}

fn developer() -> Attribute {
    let inline = Inline::PlainText { value: DEVELOPER.to_owned(), section: Section::Secondary };
    attribute("dev", "Developer Name".into(), inline)
}

fn attribute(id: &str, name: Cow<'static, str>, inline: Inline) -> Attribute {
    Attribute { id: id.to_owned(), name, kind: "inline", inline }
}

/// What somebody said under an issue: Jira may show it to few, so it is never published.
fn is_said(kind: Kind) -> bool {
    matches!(kind, Kind::Comment | Kind::Worklog)
}

/// The facts of a kind that are published, by section: primary, secondary.
fn chosen(kind: Kind) -> (&'static [FactId], &'static [FactId]) {
    use FactId::{Assignee, Category, Count, Dates, Lead, Owner, Priority, Progress, Project, Reporter, Sprint, Type};
    match kind {
        Kind::Issue | Kind::Idea => (&[Priority], &[Assignee]),
        Kind::Request => (&[Type], &[Reporter, Project]),
        Kind::Project => (&[Type, Category], &[Lead]),
        Kind::Board => (&[Sprint, Progress], &[Project, Dates]),
        Kind::Sprint | Kind::Version => (&[Progress], &[Project, Dates]),
        // The JQL stays out: it may name people and customers.
        Kind::Filter | Kind::Search => (&[Count], &[Owner]),
        Kind::Dashboard => (&[], &[Owner]),
        Kind::Component => (&[Count], &[Project, Lead]),
        Kind::User => (&[Type], &[]),
        Kind::Attachment => (&[Type, Count], &[Owner, Dates]),
        Kind::Queue => (&[Count], &[Project]),
        Kind::Portal => (&[], &[Project]),
        Kind::Comment | Kind::Worklog | Kind::Plan | Kind::Site | Kind::None => (&[], &[]),
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
