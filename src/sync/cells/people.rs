//! People of Jira, and who they are in Notion (synced-database §3.3, S53). Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::value::{member, members, text};
use super::{Losses, What};
use crate::notion::page_id;
use crate::notion::rich_text::RichText;

/// Who is who: the administrator's table, then e-mail addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    table: HashMap<String, String>,
    by_email: HashMap<String, String>,
}

impl People {
    /// A line of the administrator's table. `jira` is an account id of Cloud, or a user name or key elsewhere.
    pub fn set(&mut self, jira: impl Into<String>, notion: impl Into<String>) {
        self.table.insert(jira.into(), notion.into());
    }

    /// A member of the Notion workspace, as Notion tells it.
    pub fn add_member(&mut self, email: &str, notion: impl Into<String>) {
        self.by_email.insert(email.trim().to_lowercase(), notion.into());
    }

    /// With a table of a person's own, which goes before what e-mail addresses say. Whoever is no member of Notion by it
    /// stays unknown.
    pub fn with_table(&self, table: &BTreeMap<String, String>) -> Self {
        let mut people = self.clone();
        // Where Notion does not tell its members, an id is taken at its word.
        let is_member = |id: &String| self.by_email.is_empty() || self.by_email.values().any(|it| it == id);
        for (jira, notion) in table {
            let by_email = self.by_email.get(&notion.trim().to_lowercase()).cloned();
            let Some(id) = by_email.or_else(|| page_id(notion).filter(is_member)) else { continue };
            match jira.contains('@') {
                true => people.add_member(jira, id),
                false => people.set(jira, id),
            }
        }
        people
    }

    /// Notion's id of a person by Jira's id alone, which names no e-mail address.
    pub fn of_table(&self, jira: &str) -> Option<&str> {
        self.table.get(jira).map(String::as_str)
    }

    /// The same; whoever is named in another field of the issue is known by what that says of them.
    pub fn of_issue(&self, jira: &str, fields: &Map<String, Value>) -> Option<&str> {
        let is_meant = |person: &&Map<String, Value>| {
            ["accountId", "key", "name"].iter().any(|name| person.get(*name).and_then(Value::as_str) == Some(jira))
        };
        let named = || fields.values().flat_map(members).filter_map(Value::as_object).filter(is_meant);
        self.of_table(jira).or_else(|| named().find_map(|person| self.find(person)))
    }

    /// Notion's id of a person of Jira.
    fn find(&self, person: &Map<String, Value>) -> Option<&str> {
        let of = |name: &str| text(person.get(name)?);
        let in_table = ["accountId", "key", "name"].into_iter().find_map(|name| self.table.get(&of(name)?));
        let by_email = || self.by_email.get(&of("emailAddress")?.trim().to_lowercase());
        in_table.or_else(by_email).map(String::as_str)
    }
}

/// The people whom Notion knows. Who is missing stands in the column of names.
pub(super) fn in_notion(value: &Value, people: &People, losses: &mut Losses) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for person in members(value) {
        let known = match person {
            Value::Object(object) => people.find(object),
            // Old servers name people by their user names.
            Value::String(name) => people.table.get(name).map(String::as_str),
            Value::Null => continue,
            _ => {
                losses.shape(person);
                continue;
            }
        };
        match known {
            Some(id) if seen.insert(id) => found.push(id.to_owned()),
            Some(_) => {}
            None => losses.add(What::Person, 1, &name(person).unwrap_or_default()),
        }
    }
    losses.first(found)
}

/// The same people by their names in Jira.
pub(super) fn names(value: &Value) -> Vec<RichText> {
    let names: Vec<String> = members(value).iter().filter_map(name).collect();
    super::text::runs(&names.join(", ")).0
}

fn name(person: &Value) -> Option<String> {
    match person {
        Value::Object(object) => member(object, &["displayName", "name", "emailAddress", "accountId", "key"]),
        value => text(value),
    }
}
