//! A [`Preview`] in little memory: the cache keeps a hundred thousand of them.

use jiff::Timestamp;

use crate::jira::model::StatusCategory;
use crate::preview::{Fact, FactId, Preview, Status};

/// All texts of a preview one after the other, and what each of them is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    text: Box<str>,
    parts: Box<[Part]>,
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    what: What,
    /// Where it ends in the text; it begins where the one before ends.
    end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Title,
    Identifier,
    Icon,
    Status(StatusCategory),
    Fact(FactId),
    Description,
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
            add(What::Fact(fact.id), &fact.value);
        }
        if let Some(description) = &preview.description {
            add(What::Description, description);
        }
        Self { text: text.into(), parts: parts.into(), updated_at: preview.updated_at }
    }

    pub fn unpack(&self) -> Preview {
        let mut preview = Preview {
            title: String::new(),
            identifier: String::new(),
            icon_url: None,
            status: None,
            facts: Vec::with_capacity(self.parts.len()),
            description: None,
            updated_at: self.updated_at,
        };
        let mut start = 0;
        for Part { what, end } in &self.parts {
            let value = self.text.get(start..*end as usize).unwrap_or_default().to_owned();
            start = *end as usize;
            match *what {
                What::Title => preview.title = value,
                What::Identifier => preview.identifier = value,
                What::Icon => preview.icon_url = Some(value),
                What::Status(category) => preview.status = Some(Status { name: value, category }),
                What::Fact(id) => preview.facts.push(Fact { id, value }),
                What::Description => preview.description = Some(value),
            }
        }
        preview
    }

    /// Bytes that it takes besides itself, and that the JSON made from it will take: the texts once more, the title a
    /// third time, and the names around them.
    pub fn weight(&self) -> usize {
        let own = self.text.len() + size_of_val(&*self.parts);
        let json = self.text.len() * 3 / 2 + self.parts.len() * 40;
        own + json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let bare = Preview {
            title: "Ärger\u{202e} mit 🦀".to_owned(),
            identifier: "OPS-7".to_owned(),
            icon_url: None,
            status: None,
            facts: Vec::new(),
            description: None,
            updated_at: None,
        };
        let fact = |id, value: &str| Fact { id, value: value.to_owned() };
        let full = Preview {
            icon_url: Some("https://acme.atlassian.net/bug.svg".to_owned()),
            status: Some(Status { name: "待办".to_owned(), category: StatusCategory::ToDo }),
            facts: vec![fact(FactId::Assignee, "Ana"), fact(FactId::Due, ""), fact(FactId::Labels, "a, b")],
            description: Some("one\ntwo".to_owned()),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            ..bare.clone()
        };
        for preview in [bare, full] {
            assert_eq!(Packed::of(&preview).unpack(), preview);
        }
    }
}
