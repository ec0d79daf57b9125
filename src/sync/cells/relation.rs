//! Which issues stand above an issue or are linked to it (S39). Pure.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::value::{members, text};
use super::{Context, Issue, Losses, What};
use crate::jira::key::SiteUrl;
use crate::notion::rich_text::{Content, ITEMS, Marks, RichText};
use crate::sync::fit::fit;

/// The issues that have a row, or shall have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    ids: HashSet<String>,
    by_key: HashMap<String, String>,
}

impl Rows {
    /// Also under a key that the issue had before.
    pub fn add(&mut self, id: &str, key: &str) {
        self.ids.insert(id.to_owned());
        self.by_key.insert(key.to_owned(), id.to_owned());
    }

    /// The id of the issue that has this key, or had it.
    pub fn id_of(&self, key: &str) -> Option<&str> {
        self.by_key.get(key).map(String::as_str)
    }

    /// The id of an issue that is there. Jira names an epic by its key alone.
    fn find(&self, target: &Target) -> Option<&str> {
        let by_id = target.id.as_ref().and_then(|id| self.ids.get(id));
        by_id.or_else(|| self.by_key.get(target.key.as_ref()?)).map(String::as_str)
    }
}

/// An issue as another one names it.
#[derive(Clone, Debug)]
struct Target {
    id: Option<String>,
    key: Option<String>,
}

impl Target {
    fn of(value: &Value) -> Option<Self> {
        let (id, key) = match value {
            Value::String(key) => (None, Some(key.clone()).filter(|key| !key.trim().is_empty())),
            // Advanced Roadmaps wraps it.
            Value::Object(object) => {
                let issue = object.get("data").and_then(Value::as_object).unwrap_or(object);
                (issue.get("id").and_then(text), issue.get("key").and_then(text))
            }
            _ => (None, None),
        };
        (id.is_some() || key.is_some()).then_some(Self { id, key })
    }
}

/// The page of an issue in Jira.
pub(super) fn address(site: &SiteUrl, key: &str) -> String {
    site.join(&format!("/browse/{}", fit(key, 255)))
}

/// What stands above the issue: the first of the fields that names something decides.
fn above(issue: &Issue<'_>, fields: &[String]) -> Option<Target> {
    let target = fields.iter().find_map(|field| Target::of(issue.fields.get(field)?))?;
    (target.id.as_deref() != Some(issue.id)).then_some(target)
}

/// The id or else the key of the issue that stands above this one, in the first of these fields that names any.
pub fn parent_of(issue: &Issue<'_>, fields: &[String]) -> Option<String> {
    let target = above(issue, fields)?;
    target.id.or(target.key)
}

pub(super) fn parent(issue: &Issue<'_>, fields: &[String], rows: &Rows, losses: &mut Losses) -> Vec<String> {
    let Some(target) = above(issue, fields) else { return Vec::new() };
    match rows.find(&target) {
        Some(id) if id != issue.id => vec![id.to_owned()],
        Some(_) => Vec::new(),
        None => {
            losses.add(What::Target, 1, target.key.as_deref().unwrap_or_default());
            Vec::new()
        }
    }
}

/// A link of an issue: its type, what it says from here, and the issue at the other end.
struct Link {
    type_id: String,
    inward: bool,
    says: String,
    target: Target,
}

fn links(value: &Value) -> impl Iterator<Item = Link> {
    members(value).iter().filter_map(|link| {
        let link_type = link.get("type")?;
        let (direction, target, inward) = match link.get("outwardIssue") {
            Some(target) => ("outward", target, false),
            None => ("inward", link.get("inwardIssue")?, true),
        };
        let says = link_type.get(direction).or_else(|| link_type.get("name")).and_then(text).unwrap_or_default();
        Some(Link { type_id: link_type.get("id").and_then(text)?, inward, says, target: Target::of(target)? })
    })
}

/// The ids and the keys of the issues that an issue is linked to.
pub fn linked_to(issue: &Issue<'_>) -> Vec<String> {
    let targets = issue.fields.get("issuelinks").into_iter().flat_map(links).map(|link| link.target);
    targets.flat_map(|target| [target.id, target.key]).flatten().collect()
}

/// The issues of the database that links of one type point to, or come from.
pub(super) fn targets(value: &Value, type_id: &str, inward: bool, rows: &Rows) -> Vec<String> {
    let mut seen = HashSet::new();
    links(value)
        .filter(|link| link.type_id == type_id && link.inward == inward)
        .filter_map(|link| rows.find(&link.target).map(str::to_owned))
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// Links to what is not in the database: one line each.
pub(super) fn elsewhere(
    issue: &Issue<'_>,
    fields: &[String],
    context: &Context<'_>,
    losses: &mut Losses,
) -> Vec<RichText> {
    let Some((links_field, above_fields)) = fields.split_first() else { return Vec::new() };
    let parent = above(issue, above_fields).map(|target| ("Parent".to_owned(), target));
    let linked = issue.fields.get(links_field).into_iter().flat_map(links).map(|link| (link.says, link.target));
    let mut runs = Vec::new();
    let mut left_out = 0;
    for (says, target) in parent.into_iter().chain(linked) {
        let (None, Some(key)) = (context.rows.find(&target), &target.key) else { continue };
        losses.add(What::Target, 1, key);
        if runs.len() + 2 > ITEMS {
            left_out += 1;
            continue;
        }
        if !runs.is_empty() {
            runs.push(RichText::plain("\n"));
        }
        let (text, _) = crate::sync::fit::line(&format!("{says} {key}"), 500);
        if !text.is_empty() {
            let link = Some(address(context.site, key)).filter(|link| super::is_address(link));
            runs.push(RichText { content: Content::Text { text, link }, marks: Marks::default() });
        }
    }
    losses.add(What::Rest, left_out, "");
    runs
}
