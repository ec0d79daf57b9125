//! The plan: which field becomes which columns. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::names::{Names, Wanted, clean, companion, sentence};
use super::reading::{Kind, Lost, Reading};
use super::system::{self, KEY, LINKS, PARENT, Rule, STATUS_CATEGORY};
use super::{Class, Column, Fate, LinkType, Occurring, Planned, Taken, Wish, custom};
use crate::jira::model::Field;
use crate::sync::fit::folded;
use crate::sync::why::Why;

/// Columns that stand or fall together. The first one bears the name.
struct Group {
    /// The key of the first column.
    key: String,
    /// Whatever the person thinks of it: the database does not work without.
    essential: bool,
    columns: Vec<Column>,
    /// Names for each, the best first; those of companions follow from the name of the first.
    candidates: Vec<Vec<String>>,
}

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

/// Which columns the database has, and what becomes of every field. System fields are always columns, custom fields
/// where they occur.
pub fn plan(fields: &[Field], occurring: &Occurring, taken: &Taken, wish: &Wish) -> Planned {
    let fields = sorted(fields);
    let mut ends = Vec::new();
    let mut groups = Vec::new();
    let drafts = Drafts { occurring, wish };
    let mut parents = vec![PARENT.to_owned()];
    groups.push(drafts.jira_id());
    for &field in &fields {
        let rule = if field.custom { custom::rule(field) } else { system::rule(field) };
        // What else a field says, whether or not the field itself is wanted.
        let beside = match field.id.as_str() {
            "status" => Some(drafts.status_category()),
            KEY => Some(drafts.link()),
            _ => None,
        };
        let end = if is_switched_off(&field.id, wish) {
            End::Not(Why::ColumnRemoved)
        } else if field.custom && !occurring.fields.contains(&field.id) && !matches!(rule, Rule::Not(_)) {
            End::Not(Why::OutOfScope)
        } else if field.id == "security" && !wish.with_security {
            End::Not(Why::SecurityLevel)
        } else {
            match rule {
                Rule::Not(why) => End::Not(why),
                Rule::Body => End::Body,
                Rule::Elsewhere => End::Elsewhere,
                Rule::In(key) => End::In(key.to_owned()),
                Rule::Parent => {
                    if field.id != PARENT {
                        parents.push(field.id.clone());
                    }
                    End::In(PARENT.to_owned())
                }
                Rule::Links => {
                    groups.extend(drafts.links());
                    End::Links
                }
                Rule::Read(..) | Rule::Slow(_) | Rule::Hidden(_) => {
                    let group = drafts.group(field, rule, &fields);
                    let key = group.key.clone();
                    groups.push(group);
                    End::In(key)
                }
            }
        };
        groups.extend(beside);
        ends.push(end);
    }
    if !is_switched_off(PARENT, wish) {
        let others = groups.iter_mut().flat_map(|group| &mut group.columns);
        for column in others.filter(|column| column.reading == Reading::OtherLinks) {
            column.fields.extend(parents.iter().cloned());
        }
    }
    groups.push(drafts.parent(parents));
    if !groups.iter().any(|group| group.key == "summary") {
        groups.push(drafts.plain("summary", "Summary", Reading::Summary, &["summary"]));
    }
    // The title comes first, whatever Jira tells first.
    groups.sort_by_key(|group| group.key != "summary");
    let (columns, outcomes) = name_all(groups, taken, wish);
    let has_links = columns.iter().any(|column| column.fields.iter().any(|field| field == LINKS));
    // Parts of a field that have no field of their own.
    let whole: BTreeSet<&str> =
        ends.iter().filter_map(|end| if let End::In(key) = end { Some(&**key) } else { None }).collect();
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

const OTHER_LINKS: &str = "links:other";

fn is_switched_off(field: &str, wish: &Wish) -> bool {
    wish.off.contains(field) && field != "summary"
}

fn class(end: &End, has_links: bool, outcomes: &BTreeMap<String, (String, Class)>) -> Class {
    let not_synced = |why| Class::NotSynced { why, offer: None };
    match end {
        End::In(key) => outcomes.get(key).map_or(not_synced(Why::ColumnRemoved), |(_, class)| class.clone()),
        End::Links if !has_links => not_synced(Why::ColumnRemoved),
        End::Links | End::Body | End::Elsewhere => Class::Synced,
        End::Not(why) => not_synced(*why),
    }
}

/// Jira's own in the order of people, then custom ones from the oldest on, so that a plan does not depend on Jira's mood.
fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut seen = BTreeSet::new();
    let mut fields: Vec<&Field> = fields.iter().filter(|field| seen.insert(field.id.as_str())).collect();
    fields.sort_by_cached_key(|field| (field.custom, system::place(field), number(field), field.id.clone()));
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
            Class::NotSynced { why: Why::ColumnRemoved, offer: None }
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

/// Columns without names.
struct Drafts<'p> {
    occurring: &'p Occurring,
    wish: &'p Wish,
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
    fn plain(&self, key: &str, name: &str, reading: Reading, fields: &[&str]) -> Group {
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

    fn jira_id(&self) -> Group {
        let mut group = self.plain("jira_id", "Jira ID", Reading::IssueId, &[]);
        group.columns.iter_mut().for_each(|column| column.hidden = true);
        group
    }

    fn link(&self) -> Group {
        self.plain("link", "Link", Reading::Link, &[KEY])
    }

    fn status_category(&self) -> Group {
        self.plain(STATUS_CATEGORY, "Status category", Reading::StatusCategory, &["status"])
    }

    /// Both sides of what stands above; `fields` are all that tell it.
    fn parent(&self, fields: Vec<String>) -> Group {
        let mut group = self.plain(PARENT, "Parent", Reading::Parent, &[]);
        group.columns.iter_mut().for_each(|column| column.fields.clone_from(&fields));
        group
            .columns
            .push(Column { reverse_of: Some(PARENT.to_owned()), ..self.column("children", Reading::Children, &[]) });
        group.candidates.push(vec!["Children".to_owned(), "Children (Jira)".to_owned()]);
        group
    }

    /// For every type of link both its sides, and one for what is not in the database.
    fn links(&self) -> Vec<Group> {
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
    fn group(&self, field: &Field, rule: Rule, fields: &[&Field]) -> Group {
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
