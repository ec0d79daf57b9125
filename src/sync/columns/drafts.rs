//! The columns of a field, before they have names that are their own. Pure.

use std::collections::HashMap;

use super::names::{clean, companion, sentence};
use super::reading::{Kind, Lost, Reading};
use super::system::{self, KEY, LINKS, PARENT, Rule, STATUS_CATEGORY};
use super::{Column, LinkType, Occurring, Wish};
use crate::jira::model::Field;
use crate::sync::fit::folded;

const OTHER_LINKS: &str = "links:other";

/// Columns that stand or fall together. The first one bears the name.
pub(super) struct Group {
    /// The key of the first column.
    pub key: String,
    /// Whatever the person thinks of it: the database does not work without.
    pub essential: bool,
    pub columns: Vec<Column>,
    /// Names for each, the best first; those of companions follow from the name of the first.
    pub candidates: Vec<Vec<String>>,
}

/// Makes them.
#[derive(Clone, Copy)]
pub(super) struct Drafts<'p> {
    pub occurring: &'p Occurring,
    pub wish: &'p Wish,
}

impl Drafts<'_> {
    fn column(&self, key: &str, reading: Reading, fields: &[&str]) -> Column {
        Column {
            key: key.to_owned(),
            name: String::new(),
            kind: reading.kind(),
            reading,
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            hidden: false,
            slow: false,
            reverse_of: None,
            lost: None,
        }
    }

    /// One column with a name of ours.
    pub(super) fn plain(&self, key: &str, name: &str, reading: Reading, fields: &[&str]) -> Group {
        let name = self.wished(key, name);
        Group {
            key: key.to_owned(),
            essential: matches!(reading, Reading::Summary | Reading::IssueId),
            columns: vec![self.column(key, reading, fields)],
            candidates: vec![vec![name.clone(), format!("{name} (Jira)")]],
        }
    }

    /// The name that the person has chosen instead.
    fn wished(&self, key: &str, name: &str) -> String {
        self.wish.create_as.get(key).map_or_else(|| name.to_owned(), |wished| clean(wished, name))
    }

    pub(super) fn jira_id(&self) -> Group {
        let mut group = self.plain("jira_id", "Jira ID", Reading::IssueId, &[]);
        group.columns.iter_mut().for_each(|column| column.hidden = true);
        group
    }

    pub(super) fn link(&self) -> Group {
        self.plain("link", "Link", Reading::Link, &[KEY])
    }

    pub(super) fn status_category(&self) -> Group {
        self.plain(STATUS_CATEGORY, "Status category", Reading::StatusCategory, &["status"])
    }

    /// Both sides of what stands above; `fields` are all that tell it.
    pub(super) fn parent(&self, fields: Vec<String>) -> Group {
        let mut group = self.plain(PARENT, "Parent", Reading::Parent, &[]);
        group.columns.iter_mut().for_each(|column| column.fields.clone_from(&fields));
        group
            .columns
            .push(Column { reverse_of: Some(PARENT.to_owned()), ..self.column("children", Reading::Children, &[]) });
        group.candidates.push(vec!["Children".to_owned(), "Children (Jira)".to_owned()]);
        group
    }

    /// For every type of link both its sides, and one for what is not in the database.
    pub(super) fn links(&self) -> Vec<Group> {
        let of_type = |(id, link_type): (&String, &LinkType)| {
            let key = format!("links:{id}");
            let outward = sentence(&clean(&link_type.outward, &key));
            let inward = sentence(&clean(&link_type.inward, &key));
            let inward = if folded(&inward) == folded(&outward) { format!("{inward} (incoming)") } else { inward };
            let reading = |inward| Reading::Links { type_id: id.clone(), inward };
            let mut group = self.plain(&key, &outward, reading(false), &[LINKS]);
            group.columns.push(Column {
                reverse_of: Some(key.clone()),
                ..self.column(&format!("{key}:in"), reading(true), &[LINKS])
            });
            group.candidates.push(vec![inward.clone(), format!("{inward} (Jira)")]);
            group
        };
        let types = self.occurring.link_types.iter().map(of_type);
        types.chain([self.plain(OTHER_LINKS, "Other links", Reading::OtherLinks, &[LINKS])]).collect()
    }

    /// The columns of one field.
    pub(super) fn group(&self, field: &Field, rule: Rule, fields: &[&Field]) -> Group {
        let (reading, lost, slow, hidden) = match rule {
            Rule::Slow(reading) => (reading, None, true, false),
            // A rank changes whenever a neighbour is moved, and the issue is not touched by it.
            Rule::Hidden(reading) => (reading, None, true, true),
            Rule::Read(Reading::Sprint, lost) if self.wish.all_sprints => (Reading::Sprints, lost, false, false),
            Rule::Read(reading, lost) => (reading, lost, false, false),
            _ => (Reading::Words, Some(Lost::Details), false, false),
        };
        let name = system::name(field, &reading).filter(|_| !field.custom).unwrap_or_else(|| field.name.clone());
        let name = self.wished(&field.id, &clean(&name, &field.id));
        let key = if field.id == KEY { "key" } else { &field.id };
        let mut column = Column { lost, slow, hidden, ..self.column(key, reading, &[&field.id]) };
        if self.wish.status_as_status && key == "status" {
            column.kind = Kind::Status;
        }
        if self.occurring.crowded.contains(key) && matches!(column.kind, Kind::Select | Kind::MultiSelect) {
            column.kind = Kind::Text;
            column.lost = Some(Lost::Options);
        }
        let mut group = Group {
            key: key.to_owned(),
            essential: column.reading == Reading::Summary,
            candidates: vec![candidates(&name, field, fields)],
            columns: Vec::new(),
        };
        let beside = match column.reading {
            Reading::People => Some((Reading::PeopleNames, companion(&name))),
            Reading::Address if self.occurring.no_addresses.contains(&field.id) => {
                Some((Reading::AddressText, vec![format!("{name} (text)")]))
            }
            _ => None,
        };
        group.columns.push(column);
        if let Some((reading, names)) = beside {
            group.columns.push(self.column(&format!("{key}:text"), reading, &[&field.id]));
            group.candidates.push(names);
        }
        group
    }
}

/// The names that a field's column may bear: its own, else with what tells it from others of the same name.
fn candidates(name: &str, field: &Field, fields: &[&Field]) -> Vec<String> {
    let mut candidates = vec![name.to_owned()];
    if field.custom {
        let alike: HashMap<&str, usize> = fields
            .iter()
            .filter(|other| folded(&other.name) == folded(&field.name))
            .fold(HashMap::new(), |mut counts, other| {
                *counts.entry(other.type_name()).or_default() += 1;
                counts
            });
        if alike.len() > 1 && alike.get(field.type_name()) == Some(&1) {
            candidates.push(format!("{name} ({})", field.type_name()));
        }
        candidates.push(format!("{name} (cf[{}])", field.id.trim_start_matches("customfield_")));
    } else {
        candidates.push(format!("{name} (Jira)"));
    }
    candidates
}
