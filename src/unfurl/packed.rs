//! A [`Preview`] in little memory: the cache keeps a hundred thousand of them.

use jiff::Timestamp;

use crate::jira::model::StatusCategory;
use crate::preview::{Fact, FactId, Preview, Progress, Row, Status};

/// All texts of a preview one after the other, and what each of them is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    text: Box<str>,
    parts: Box<[Part]>,
    progress: Option<Progress>,
    updated_at: Option<Timestamp>,
    restricted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    what: What,
    /// Where it ends in the text; it begins where the one before ends.
    end: u32,
}

/// A text of the preview. Those of one fact or one row follow on each other: the last of them completes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Title,
    Identifier,
    Icon,
    Status(StatusCategory),
    /// Where a fact tells a field.
    FieldId,
    /// Where a fact has a label of its own.
    FactName,
    FactPicture,
    /// Its place in [`FactId::FIXED`], or beyond it for a field.
    Fact(u8),
    RowKey,
    RowStatus(StatusCategory),
    RowTitle,
    Excerpt,
    Description,
}

/// The place of a fact's id; what is beyond the fixed ones is a field.
fn place(id: &FactId) -> u8 {
    let place = FactId::FIXED.iter().position(|fixed| fixed == id).unwrap_or(FactId::FIXED.len());
    u8::try_from(place).unwrap_or(u8::MAX)
}

impl Packed {
    pub fn of(preview: &Preview) -> Self {
        let mut text = String::new();
        let mut parts = Vec::with_capacity(preview.facts.len() + 5);
        let mut add = |what, value: &str| {
            text.push_str(value);
            // Far beyond what a line or a description may have.
            parts.push(Part { what, end: u32::try_from(text.len()).unwrap_or(u32::MAX) });
        };
        add(What::Title, &preview.title);
        add(What::Identifier, &preview.identifier);
        if let Some(icon) = &preview.icon_url {
            add(What::Icon, icon);
        }
        if let Some(status) = &preview.status {
            add(What::Status(status.category), &status.name);
        }
        for fact in &preview.facts {
            if let FactId::Field(id) = &fact.id {
                add(What::FieldId, id);
            }
            if fact.name != fact.id.name() {
                add(What::FactName, &fact.name);
            }
            if let Some(picture) = &fact.picture_url {
                add(What::FactPicture, picture);
            }
            add(What::Fact(place(&fact.id)), &fact.value);
        }
        for row in &preview.rows {
            add(What::RowKey, &row.key);
            if let Some(status) = &row.status {
                add(What::RowStatus(status.category), &status.name);
            }
            add(What::RowTitle, &row.title);
        }
        if let Some(excerpt) = &preview.excerpt {
            add(What::Excerpt, excerpt);
        }
        if let Some(description) = &preview.description {
            add(What::Description, description);
        }
        Self {
            text: text.into(),
            parts: parts.into(),
            progress: preview.progress,
            updated_at: preview.updated_at,
            restricted: preview.restricted,
        }
    }

    /// When Jira says that it was last changed.
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at
    }

    pub fn unpack(&self) -> Preview {
        let mut preview = Preview {
            facts: Vec::with_capacity(self.parts.len()),
            progress: self.progress,
            updated_at: self.updated_at,
            restricted: self.restricted,
            ..Preview::default()
        };
        let (mut field, mut name, mut picture_url) = (None, None, None);
        let (mut key, mut status) = (String::new(), None);
        let mut start = 0;
        for Part { what, end } in &self.parts {
            let value = self.text.get(start..*end as usize).unwrap_or_default().to_owned();
            start = *end as usize;
            match *what {
                What::Title => preview.title = value,
                What::Identifier => preview.identifier = value,
                What::Icon => preview.icon_url = Some(value),
                What::Status(category) => preview.status = Some(Status { name: value, category }),
                What::FieldId => field = Some(value),
                What::FactName => name = Some(value),
                What::FactPicture => picture_url = Some(value),
                What::Fact(place) => {
                    let fixed = FactId::FIXED.get(usize::from(place)).cloned();
                    let id = fixed.unwrap_or_else(|| FactId::Field(field.take().unwrap_or_default().into()));
                    let name = name.take().map_or_else(|| id.name().into(), Into::into);
                    preview.facts.push(Fact { id, name, value, picture_url: picture_url.take() });
                }
                What::RowKey => key = value,
                What::RowStatus(category) => status = Some(Status { name: value, category }),
                What::RowTitle => {
                    preview.rows.push(Row { key: std::mem::take(&mut key), title: value, status: status.take() });
                }
                What::Excerpt => preview.excerpt = Some(value),
                What::Description => preview.description = Some(value),
            }
        }
        preview
    }

    /// Bytes that it takes besides itself.
    pub fn weight(&self) -> usize {
        self.text.len() + size_of_val(&*self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let bare =
            Preview {
                title: "Ärger\u{202e} mit 🦀".to_owned(), identifier: "OPS-7".to_owned(), ..Preview::default()
            };
        let status = |name: &str, category| Some(Status { name: name.to_owned(), category });
        let picture_url = Some("https://acme.atlassian.net/ana.png".to_owned());
        let field = FactId::Field("customfield_10016".into());
        let row = |title: &str, status| Row { key: "OPS-1".to_owned(), title: title.to_owned(), status };
        let full = Preview {
            icon_url: Some("https://acme.atlassian.net/bug.svg".to_owned()),
            status: status("待办", StatusCategory::ToDo),
            facts: vec![
                Fact { picture_url, ..Fact::new(FactId::Assignee, "Ana") },
                Fact::new(FactId::Due, ""),
                Fact { name: "Story points".into(), ..Fact::new(field, "3") },
                Fact { name: "Author".into(), ..Fact::new(FactId::Owner, "Bo") },
                Fact::new(FactId::Labels, "a, b"),
            ],
            progress: Some(Progress { to_do: 1, in_progress: 2, done: 3 }),
            rows: vec![row("One", status("Done", StatusCategory::Done)), row("", None)],
            excerpt: Some("Hello".to_owned()),
            description: Some("one\ntwo".to_owned()),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            restricted: true,
            ..bare.clone()
        };
        assert_eq!(full.facts.len(), 5);
        for preview in [bare, full] {
            assert_eq!(Packed::of(&preview).unpack(), preview);
        }
    }
}
