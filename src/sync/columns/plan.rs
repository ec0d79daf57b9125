//! The plan: which field becomes which columns. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Drafts, Group};
use super::names::{Names, Wanted, companion};
use super::reading::Reading;
use super::system::{self, KEY, LINKS, PARENT, Rule};
use super::{Class, Column, Fate, Occurring, Planned, Taken, Wish, custom};
use crate::jira::model::Field;
use crate::sync::why::Why;

/// Where a field ends.
enum End {
    In(String),
    /// In the columns of the types of links.
    Links,
    Body,
    /// Its values are in columns of other fields.
    Elsewhere,
    Not(Why),
}

impl End {
    /// The key of the group.
    fn group(&self) -> Option<&str> {
        if let Self::In(key) = self { Some(key) } else { None }
    }
}

/// Which columns the database has, and what becomes of every field. System fields are always columns, custom fields
/// where they occur.
pub fn plan(fields: &[Field], occurring: &Occurring, taken: &Taken, wish: &Wish) -> Planned {
    let fields = sorted(fields);
    let drafts = Drafts { occurring, wish };
    let groups = vec![drafts.jira_id()];
    let mut plan = Plan { drafts, groups, parents: vec![PARENT.to_owned()] };
    let ends: Vec<End> = fields.iter().map(|field| plan.end(field, &fields)).collect();
    let (mut columns, outcomes) = name_all(plan.finish(), taken, wish);
    // As Notion shows them: what is for the gateway comes last.
    columns.sort_by_key(|column| column.hidden);
    let has_links = columns.iter().any(|column| column.fields.iter().any(|field| field == LINKS));
    // Parts of a field that have no field of their own.
    let whole: BTreeSet<&str> = ends.iter().filter_map(End::group).collect();
    let parts: Vec<Fate> = outcomes
        .iter()
        .filter(|(key, (_, class))| !whole.contains(key.as_str()) && matches!(class, Class::NotSynced { .. }))
        .map(|(key, (name, class))| Fate { field: key.clone(), name: name.clone(), class: class.clone() })
        .collect();
    let of_fields = fields.iter().zip(&ends).map(|(field, end)| Fate {
        field: field.id.clone(),
        name: field.name.clone(),
        class: class(end, has_links, &outcomes),
    });
    Planned { fates: of_fields.chain(parts).collect(), columns }
}

/// The plan while it is made.
struct Plan<'p> {
    drafts: Drafts<'p>,
    groups: Vec<Group>,
    /// The fields that tell what stands above an issue, the surest first.
    parents: Vec<String>,
}

impl Plan<'_> {
    /// Where the field ends; its columns are noted.
    fn end(&mut self, field: &Field, fields: &[&Field]) -> End {
        let end = self.end_of_itself(field, fields);
        // What else a field says, whether or not the field itself is wanted.
        match field.id.as_str() {
            "status" => self.groups.push(self.drafts.status_category()),
            KEY => self.groups.push(self.drafts.link()),
            _ => {}
        }
        end
    }

    fn end_of_itself(&mut self, field: &Field, fields: &[&Field]) -> End {
        let Drafts { occurring, wish } = self.drafts;
        let rule = if field.custom { custom::rule(field) } else { system::rule(field) };
        if is_switched_off(&field.id, wish) {
            return End::Not(Why::SwitchedOff);
        }
        if field.id == "security" && !wish.with_security {
            return End::Not(Why::SecurityLevel);
        }
        match rule {
            Rule::Not(why) => End::Not(why),
            _ if field.custom && !occurring.fields.contains(&field.id) => End::Not(Why::OutOfScope),
            Rule::Body => End::Body,
            Rule::Elsewhere => End::Elsewhere,
            Rule::In(key) => End::In(key.to_owned()),
            Rule::Parent => {
                if field.id != PARENT {
                    self.parents.push(field.id.clone());
                }
                End::In(PARENT.to_owned())
            }
            Rule::Links => {
                self.groups.extend(self.drafts.links());
                End::Links
            }
            Rule::Read(..) | Rule::Slow(_) | Rule::Hidden(_) => {
                let group = self.drafts.group(field, rule, fields);
                let key = group.key.clone();
                self.groups.push(group);
                End::In(key)
            }
        }
    }

    /// All groups, the title first.
    fn finish(self) -> Vec<Group> {
        let Self { drafts, mut groups, parents } = self;
        if !is_switched_off(PARENT, drafts.wish) {
            let others = groups.iter_mut().flat_map(|group| &mut group.columns);
            for column in others.filter(|column| column.reading == Reading::OtherLinks) {
                column.fields.extend(parents.iter().cloned());
            }
        }
        // Among the first, as people read it; which fields tell it is known only now.
        let at = groups.iter().position(|group| group.key == "duedate").unwrap_or(groups.len());
        groups.insert(at, drafts.parent(parents));
        // Not every Jira names them among its fields.
        if !groups.iter().any(|group| group.key == "link") {
            groups.splice(0..0, [drafts.plain("key", "Key", Reading::Key, &[KEY]), drafts.link()]);
        }
        if !groups.iter().any(|group| group.key == "summary") {
            groups.push(drafts.plain("summary", "Summary", Reading::Summary, &["summary"]));
        }
        groups.sort_by_key(|group| group.key != "summary");
        groups
    }
}

fn is_switched_off(field: &str, wish: &Wish) -> bool {
    wish.off.contains(field) && field != "summary"
}

fn class(end: &End, has_links: bool, outcomes: &BTreeMap<String, (String, Class)>) -> Class {
    let not_synced = |why| Class::NotSynced { why, offer: None };
    match end {
        End::In(key) => outcomes.get(key).map_or(not_synced(Why::SwitchedOff), |(_, class)| class.clone()),
        End::Links if !has_links => not_synced(Why::SwitchedOff),
        End::Links | End::Body | End::Elsewhere => Class::Synced,
        End::Not(why) => not_synced(*why),
    }
}

/// In the order of people, then those of no place in it, custom ones from the oldest on, so that a plan does not depend on
/// Jira's mood.
fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut seen = BTreeSet::new();
    let mut fields: Vec<&Field> = fields.iter().filter(|field| seen.insert(field.id.as_str())).collect();
    fields.sort_by_cached_key(|field| (system::place(field), field.custom, number(field), field.id.clone()));
    fields
}

fn number(field: &Field) -> u64 {
    field.id.rsplit('_').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Gives names and drops what the person does not want or has a column for. By the key of each group its name and what
/// has become of it.
fn name_all(groups: Vec<Group>, taken: &Taken, wish: &Wish) -> (Vec<Column>, BTreeMap<String, (String, Class)>) {
    let mut names = Names::new(taken);
    for group in &groups {
        for (column, candidates) in group.columns.iter().zip(&group.candidates) {
            names.keep(&Wanted { key: &column.key, candidates: candidates.clone() });
        }
    }
    let mut columns = Vec::new();
    let mut outcomes = BTreeMap::new();
    for Group { key, essential, columns: of_group, candidates } in groups {
        let own_name = candidates.first().and_then(|names| names.first()).cloned().unwrap_or_default();
        let class = if wish.off.contains(&key) && !essential {
            Class::NotSynced { why: Why::SwitchedOff, offer: None }
        } else if names.is_of_person(&own_name) && !essential {
            Class::NotSynced { why: Why::NameTaken, offer: None }
        } else {
            let lost = of_group.iter().find_map(|column| column.lost);
            let mut first: Option<String> = None;
            for (mut column, mut wanted) in of_group.into_iter().zip(candidates) {
                if let Some(first) = first.as_deref().filter(|_| column.reading == Reading::PeopleNames) {
                    wanted = companion(first);
                }
                column.name = names.give(&Wanted { key: &column.key, candidates: wanted });
                first.get_or_insert_with(|| column.name.clone());
                columns.push(column);
            }
            lost.map_or(Class::Synced, Class::WithLoss)
        };
        outcomes.insert(key, (own_name, class));
    }
    // What is offered must be free when all others have their names.
    for (own_name, class) in outcomes.values_mut() {
        if let Class::NotSynced { why: Why::NameTaken, offer } = class {
            *offer = Some(names.offer(own_name));
        }
    }
    (columns, outcomes)
}
