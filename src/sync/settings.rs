//! What its person chooses after a database is made: fields, filter, and what becomes of what changes by itself
//! (synced-database §1.2 to §1.4). A run under way goes on with what it began with; the next one, due at once, reads
//! anew whatever the choice concerns (S25).

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{Class, Column, Fate, Planned, Reading};
use super::run::{json, read_json};
use super::state::{Asked, Home, Rules};
use super::why::Why;
use super::{CreateError, Syncs};
use crate::jira::scan::{Filter, ScanError, Scope};
use crate::notion::page_id;
use crate::store::{self, AccountId, Database};

/// What can be chosen, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// JQL; empty where the whole project is kept.
    pub filter: String,
    pub with_security: bool,
    pub all_sprints: bool,
    pub with_comments: bool,
    pub status_as_status: bool,
    pub rules: Rules,
    /// Who is who, a line each.
    pub people: String,
    /// Fields that issues use, in the order of the columns.
    pub fields: Vec<FieldChoice>,
}

/// A field of Jira, or a part of one, that has a column or could have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChoice {
    /// Jira's id of the field; of a part of one, the key of its column.
    pub key: String,
    pub name: String,
    pub is_on: bool,
    /// Notion's word for its column; none as long as it has none.
    pub kind: Option<&'static str>,
    /// Why it has no column although it is on.
    pub why: Option<Why>,
    /// A name under which it could be created.
    pub offer: Option<String>,
}

/// What a person has chosen.
#[derive(Clone, Debug, Default)]
pub struct Chosen<'a> {
    pub filter: &'a str,
    pub with_security: bool,
    pub all_sprints: bool,
    pub with_comments: bool,
    pub status_as_status: bool,
    pub rules: Rules,
    /// Who is who: lines of `Jira = Notion`.
    pub people: &'a str,
    /// The fields that the person was shown: others stay as they are.
    pub listed: BTreeSet<&'a str>,
    /// Those of them that are on.
    pub on: BTreeSet<&'a str>,
}

impl Settings {
    /// Of a database as it is kept.
    pub fn of(database: &Database) -> Self {
        let asked: Asked = read_json(&database.wish);
        let home: Home = read_json(&database.place);
        Self {
            filter: asked.filter.as_ref().map_or_else(String::new, |filter| filter.as_str().to_owned()),
            with_security: asked.wish.with_security,
            all_sprints: asked.wish.all_sprints,
            with_comments: asked.wish.with_comments,
            status_as_status: asked.wish.status_as_status,
            rules: asked.rules,
            people: asked.wish.people.iter().map(|(jira, notion)| format!("{jira} = {notion}\n")).collect(),
            fields: fields(&home, &asked),
        }
    }
}

impl Syncs {
    /// Keeps what was chosen. A filter is asked of Jira first, as when a database is made.
    pub async fn choose(
        &self,
        account: &AccountId,
        database: &Database,
        chosen: &Chosen<'_>,
    ) -> Result<(), CreateError> {
        let mut asked: Asked = read_json(&database.wish);
        let filter = Some(chosen.filter.trim()).filter(|it| !it.is_empty()).map(Filter::parse).transpose()?;
        asked.wish.people = people(chosen.people)?;
        if filter.is_some() && filter != asked.filter {
            self.try_filter(account, database, filter.clone()).await?;
        }
        asked.filter = filter;
        asked.rules = chosen.rules;
        asked.wish.with_security = chosen.with_security;
        asked.wish.all_sprints = chosen.all_sprints;
        asked.wish.with_comments = chosen.with_comments;
        asked.wish.status_as_status = chosen.status_as_status;
        let known = fields(&read_json(&database.place), &asked);
        for field in known.into_iter().filter(|it| chosen.listed.contains(it.key.as_str())) {
            match chosen.on.contains(field.key.as_str()) {
                true => asked.wish.off.remove(&field.key),
                false => asked.wish.off.insert(field.key),
            };
        }
        Ok(self.keep_asked(account, database, &asked).await?)
    }

    /// Creates a field under the name that is offered, as a person has a column of its own name. `false`: nothing is
    /// offered.
    pub async fn create_as(&self, account: &AccountId, database: &Database, field: &str) -> Result<bool, store::Error> {
        let home: Home = read_json(&database.place);
        let Some(name) = home.planned.fates.iter().find(|fate| fate.field == field).and_then(offer) else {
            return Ok(false);
        };
        let mut asked: Asked = read_json(&database.wish);
        asked.wish.create_as.insert(field.to_owned(), name.to_owned());
        self.keep_asked(account, database, &asked).await?;
        Ok(true)
    }

    /// Has the next run remove a column that says that its field was deleted in Jira, with all its values (§1.4).
    pub async fn remove_column(&self, account: &AccountId, database: &Database, key: &str) -> Result<(), CreateError> {
        let home: Home = read_json(&database.place);
        let (_, column, _) = home.marked().find(|(marked, ..)| *marked == key).ok_or(CreateError::NotMarked)?;
        let mut asked: Asked = read_json(&database.wish);
        asked.unwanted.retain(|id| home.marked().any(|(_, it, _)| it.id == *id));
        asked.unwanted.insert(column.id.clone());
        Ok(self.keep_asked(account, database, &asked).await?)
    }

    async fn keep_asked(&self, account: &AccountId, database: &Database, asked: &Asked) -> Result<(), store::Error> {
        self.means.store.set_wish(account, &database.id, &json(asked)).await?;
        self.wake.notify_one();
        Ok(())
    }

    async fn try_filter(
        &self,
        account: &AccountId,
        database: &Database,
        filter: Option<Filter>,
    ) -> Result<(), CreateError> {
        let held = self.means.connect.held(account).await?;
        let id = database.connection_id.as_ref().ok_or(CreateError::UnknownConnection)?;
        let jira = held.find(id).ok_or(CreateError::UnknownConnection)?;
        let jql = Scope::new(u64::try_from(database.project_id).unwrap_or_default(), filter).to_string();
        let hits = self.ask(jira, |client| {
            let jql = &jql;
            async move { client.hits(jql, 1).await.map_err(ScanError::from) }
        });
        hits.await.map(drop)
    }
}

/// Lines of a table of people.
const MOST_PEOPLE: usize = 1_000;
/// Letters of one side of a line.
const LONGEST_NAME: usize = 320;

/// The table of people; empty lines are none.
fn people(text: &str) -> Result<BTreeMap<String, String>, CreateError> {
    let mut table = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let refused = |why: &str| CreateError::People(format!("line {} {why}", at + 1));
        let (jira, notion) = line.split_once('=').ok_or_else(|| refused("has no equals sign"))?;
        let (jira, notion) = (jira.trim(), notion.trim());
        let is_name = |name: &str| !name.is_empty() && name.chars().count() <= LONGEST_NAME;
        if !is_name(jira) {
            return Err(refused("does not say who that is in Jira"));
        }
        if !is_name(notion) || !(notion.contains('@') || (page_id(notion).is_some() && !notion.contains('/'))) {
            return Err(refused("names no e-mail address or id of a member of Notion"));
        }
        table.insert(jira.to_owned(), notion.to_owned());
    }
    match table.len() {
        0..=MOST_PEOPLE => Ok(table),
        _ => Err(CreateError::People(format!("it has more than {MOST_PEOPLE} lines"))),
    }
}

/// All that may be switched off and on: whole fields, and what is made of a part of a field.
fn fields(home: &Home, asked: &Asked) -> Vec<FieldChoice> {
    let planned = &home.planned;
    let is_on = |key: &str| !asked.wish.off.contains(key);
    let choice = |key: &str, name: &str, column: Option<&Column>, offer: Option<&str>| FieldChoice {
        key: key.to_owned(),
        name: name.to_owned(),
        is_on: is_on(key),
        kind: column.map(|it| it.kind.name()),
        why: match offer {
            Some(_) => Some(Why::NameTaken),
            None => column.and_then(|it| home.stopped.get(&it.key)).copied(),
        },
        offer: offer.filter(|_| !asked.wish.create_as.contains_key(key)).map(str::to_owned),
    };
    let read = planned.jira_fields(true);
    let matters = |fate: &&Fate| {
        let is_read = column_of(planned, fate).is_some() || read.contains(&fate.field);
        fate.field != "summary" && is_choice(fate, is_read, is_on)
    };
    let of_fields = planned.fates.iter().filter(matters);
    let of_fields = of_fields.map(|fate| choice(&fate.field, &fate.name, column_of(planned, fate), offer(fate)));
    let is_whole = |key: &str| planned.fates.iter().any(|fate| fate.field == key);
    let parts = planned.columns.iter().filter(|column| is_part(column) && !is_whole(&column.key));
    let parts = parts.map(|column| choice(&column.key, &column.name, Some(column), None));
    let mut all: Vec<FieldChoice> = of_fields.chain(parts).collect();
    let place = |key: &str| planned.columns.iter().position(|it| it.key == key || it.fields.iter().any(|id| id == key));
    all.sort_by_cached_key(|it| place(&it.key).unwrap_or(usize::MAX));
    all
}

/// Whether it makes a difference to switch it: not so where others say the same.
fn is_choice(fate: &Fate, is_read: bool, is_on: impl Fn(&str) -> bool) -> bool {
    match fate.class {
        Class::Synced | Class::WithLoss(_) => is_read,
        Class::NotSynced { why: Why::SwitchedOff | Why::NameTaken, .. } => true,
        Class::NotSynced { .. } => !is_on(&fate.field),
    }
}

fn offer(fate: &Fate) -> Option<&str> {
    if let Class::NotSynced { offer, .. } = &fate.class { offer.as_deref() } else { None }
}

/// The first column that a field alone fills.
fn column_of<'p>(planned: &'p Planned, fate: &Fate) -> Option<&'p Column> {
    planned.column(&fate.field).or_else(|| {
        planned.columns.iter().find(|it| !is_part(it) && it.fields.first().is_some_and(|id| *id == fate.field))
    })
}

/// What is made of a part of a field, and can be left out alone.
fn is_part(column: &Column) -> bool {
    match column.reading {
        Reading::StatusCategory | Reading::Link | Reading::Parent | Reading::OtherLinks => true,
        Reading::Links { .. } => column.reverse_of.is_none(),
        _ => false,
    }
}
