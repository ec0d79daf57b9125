//! What the issues of a project hold: custom fields become columns only where they occur. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sync::cells::{Issue, is_address, is_empty};

/// Found by looking at issues, and kept between runs. Bounded by the fields and link types of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Occurring {
    /// Fields with a value.
    pub fields: BTreeSet<String>,
    pub link_types: BTreeMap<String, LinkType>,
    /// Fields with a text that is no address Notion takes.
    pub no_addresses: BTreeSet<String>,
    /// Columns, by their keys, with more different values than a column of options can hold.
    pub crowded: BTreeSet<String>,
}

/// What a link says, read from either end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkType {
    /// `blocks`.
    pub outward: String,
    /// `is blocked by`.
    pub inward: String,
}

/// No site has more; a hostile one shall not fill the memory.
const MOST: usize = 5_000;

impl Occurring {
    /// Notes what this issue holds.
    pub fn note(&mut self, issue: &Issue<'_>) {
        for (field, value) in issue.fields {
            if is_empty(value) {
                continue;
            }
            if self.fields.len() < MOST && !self.fields.contains(field) {
                self.fields.insert(field.clone());
            }
            if value.as_str().is_some_and(|text| !is_address(text)) && self.no_addresses.len() < MOST {
                self.no_addresses.insert(field.clone());
            }
        }
        let links = issue.fields.get("issuelinks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for link in links {
            let Some((id, link_type)) = link.get("type").and_then(link_type) else { continue };
            if self.link_types.len() < MOST || self.link_types.contains_key(&id) {
                self.link_types.insert(id, link_type);
            }
        }
    }
}

fn link_type(value: &Value) -> Option<(String, LinkType)> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let name = text("name");
    let direction = |direction: &str| text(direction).or(name).map(str::to_owned);
    Some((text("id")?.to_owned(), LinkType { outward: direction("outward")?, inward: direction("inward")? }))
}
