//! The options of Notion's columns, by Jira's ids (synced-database §3.3, S18, S34). Pure.
//!
//! An option keeps the name that it was made with: Notion lets no program change it. So a choice that Jira has renamed
//! gets a new option, the rows that hold it are written again, and the old option goes when none does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::cell::Choice;
use super::fit::{fit, folded, nfc};
use crate::jira::text::clean_line;
use crate::notion::property::{OPTION_UNITS, OptionSchema, Pick};
use crate::notion::rich_text::{Color, ITEMS};
use crate::notion::told::OptionState;

/// Different values with which a column is one of options; with more it is shown as text.
pub const MOST: usize = 1_000;

/// The options of all columns of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptionMap {
    columns: BTreeMap<String, Options>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Options {
    /// By Jira's ids.
    known: BTreeMap<String, Known>,
    /// Notion's ids of options whose choice has another name now, until no row holds them.
    retired: BTreeMap<String, String>,
    /// Jira's ids of choices whose options somebody has removed, until the rows that held them are seen to.
    lost: BTreeSet<String>,
}

/// An option that Notion has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// Notion's id of it; none where a row has brought it by its name.
    option: Option<String>,
    /// As Notion has it.
    name: String,
    /// As Jira had it, by the rules of names but for clashes: where it is another one, the choice was renamed.
    said: String,
}

/// An option that Notion shall get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOption {
    /// Jira's id of the choice.
    pub id: String,
    pub name: String,
    pub color: Color,
    /// Whether rows hold the choice under an older name: they have to be written again.
    pub renamed: bool,
    said: String,
}

/// What a column needs before rows can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Perhaps none.
    Options(Vec<NewOption>),
    /// So many different values: the column has to become text.
    TooMany(usize),
}

impl OptionMap {
    /// What these choices of a column need that Notion does not have.
    pub fn missing<'c>(&self, column: &str, choices: impl IntoIterator<Item = &'c Choice>) -> Missing {
        let none = Options::default();
        let options = self.columns.get(column).unwrap_or(&none);
        // The one that was seen first gives the name, so that an order of rows gives one result.
        let mut wanted: BTreeMap<&str, &Choice> = BTreeMap::new();
        for choice in choices {
            wanted.entry(&choice.id).or_insert(choice);
        }
        let distinct = options.known.len() + wanted.keys().filter(|id| !options.known.contains_key(**id)).count();
        if distinct > MOST {
            return Missing::TooMany(distinct);
        }
        let names = options.known.values().map(|known| &known.name).chain(options.retired.values());
        let mut taken: BTreeSet<String> = names.map(|name| folded(name)).collect();
        let mut new = Vec::new();
        for choice in wanted.into_values() {
            let said = name(choice);
            let known = options.known.get(&choice.id);
            if known.is_some_and(|known| known.said == said) {
                continue;
            }
            let name = unlike(&said, &choice.id, &taken);
            taken.insert(folded(&name));
            new.push(NewOption { id: choice.id.clone(), name, color: choice.color, renamed: known.is_some(), said });
        }
        Missing::Options(new)
    }

    /// The full list for the call that makes the new options: what is left out of it, Notion removes. None where such a
    /// list cannot be sent, because it is too long or because ids are lacking: then rows bring options by their names.
    pub fn schema(&self, column: &str, new: &[NewOption]) -> Option<Vec<OptionSchema>> {
        let none = Options::default();
        let options = self.columns.get(column).unwrap_or(&none);
        let known: Option<Vec<&String>> = options.known.values().map(|known| known.option.as_ref()).collect();
        let kept = known?.into_iter().chain(options.retired.keys()).map(|id| OptionSchema::Kept { id: id.clone() });
        let new = new.iter().map(|it| OptionSchema::New { name: it.name.clone(), color: it.color });
        Some(kept.chain(new).collect()).filter(|all: &Vec<_>| all.len() <= ITEMS)
    }

    /// Notes that Notion has made an option, and by which id.
    pub fn made(&mut self, column: &str, new: NewOption, option: impl Into<String>) {
        self.know(column, new, Some(option.into()));
    }

    /// Notes that the first row that holds the option makes it, by its name.
    pub fn promise(&mut self, column: &str, new: NewOption) {
        self.know(column, new, None);
    }

    fn know(&mut self, column: &str, new: NewOption, option: Option<String>) {
        let options = self.columns.entry(column.to_owned()).or_default();
        let known = Known { option, name: new.name, said: new.said };
        if let Some(Known { option: Some(old), name, .. }) = options.known.insert(new.id, known) {
            options.retired.insert(old, name);
        }
    }

    /// Takes an old option again where its choice has the old name again.
    pub fn revive<'c>(&mut self, column: &str, choices: impl IntoIterator<Item = &'c Choice>) {
        let Some(options) = self.columns.get_mut(column) else { return };
        for choice in choices {
            let said = name(choice);
            let Some(known) = options.known.get_mut(&choice.id).filter(|known| known.said != said) else { continue };
            let old = options.retired.iter().find(|(_, name)| **name == said).map(|(option, _)| option.clone());
            if let (Some(old), Some(new)) = (old, known.option.clone()) {
                options.retired.remove(&old);
                options.retired.insert(new, known.name.clone());
                *known = Known { option: Some(old), name: said.clone(), said };
            }
        }
    }

    /// How a row names the option for a choice.
    pub fn pick(&self, column: &str, choice: &Choice) -> Pick {
        let known = self.columns.get(column).and_then(|options| options.known.get(&choice.id));
        match known {
            Some(Known { option: Some(id), .. }) => Pick::Id(id.clone()),
            Some(Known { option: None, name, .. }) => Pick::Name(name.clone()),
            None => Pick::Name(name(choice)),
        }
    }

    /// Notion's id of the option for a choice, where it is known.
    pub fn option(&self, column: &str, choice: &str) -> Option<&str> {
        self.columns.get(column)?.known.get(choice)?.option.as_deref()
    }

    /// The columns of which options wait for their rows to be written again.
    pub fn with_retired(&self) -> Vec<String> {
        self.columns.iter().filter(|(_, options)| !options.retired.is_empty()).map(|(key, _)| key.clone()).collect()
    }

    /// Every row has been written: the next full list goes without the old options.
    pub fn drop_retired(&mut self, column: &str) {
        if let Some(options) = self.columns.get_mut(column) {
            options.retired.clear();
        }
    }

    /// The column was made anew.
    pub fn forget_column(&mut self, column: &str) {
        self.columns.remove(column);
    }

    /// Looks which options of a column are there still. One that somebody has removed is made again for the next row that
    /// holds it, and no list names it any more. Whether any is gone.
    pub fn compare(&mut self, column: &str, there: &[OptionState]) -> bool {
        let is_there = |id: &str| there.iter().any(|it| it.id == id);
        let Some(options) = self.columns.get_mut(column) else { return false };
        let is_gone = |known: &&Known| known.option.as_deref().is_some_and(|id| !is_there(id));
        let gone = options.known.iter().filter(|(_, known)| is_gone(known)).map(|(choice, _)| choice.clone());
        let lost: Vec<String> = gone.collect();
        let is_any = !lost.is_empty() || options.retired.keys().any(|id| !is_there(id));
        options.lost.extend(lost);
        self.forget(column, is_there);
        is_any
    }

    /// The choices whose options somebody has removed since this was asked, by column.
    pub fn take_lost(&mut self) -> BTreeMap<String, BTreeSet<String>> {
        let lost = self.columns.iter_mut().map(|(key, options)| (key.clone(), std::mem::take(&mut options.lost)));
        lost.filter(|(_, lost)| !lost.is_empty()).collect()
    }

    /// Somebody has removed an option in Notion.
    pub fn forget(&mut self, column: &str, is_there: impl Fn(&str) -> bool) {
        if let Some(options) = self.columns.get_mut(column) {
            options.known.retain(|_, known| known.option.as_deref().is_none_or(&is_there));
            options.retired.retain(|option, _| is_there(option));
        }
    }
}

/// The name of a choice by Notion's rules, as if it were alone: one clean line, without commas, not too long, not empty.
fn name(choice: &Choice) -> String {
    [&choice.name, &choice.id]
        .into_iter()
        .map(|text| {
            let line = nfc(&clean_line(text, usize::MAX)).replace(',', ";");
            fit(&line, OPTION_UNITS).to_owned()
        })
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "(no name)".to_owned())
}

/// The name, or where another option has it, whatever the case, with Jira's id behind it.
fn unlike(name: &str, id: &str, taken: &BTreeSet<String>) -> String {
    let id = clean_line(id, usize::MAX).replace(',', ";");
    let id = fit(&id, OPTION_UNITS / 2);
    let with = |suffix: String| {
        let room = OPTION_UNITS - suffix.encode_utf16().count();
        format!("{}{suffix}", fit(name, room))
    };
    let numbered = (2_u32..).map(|number| with(format!(" ({id} {number})")));
    std::iter::once(name.to_owned())
        .chain([with(format!(" ({id})"))])
        .chain(numbered)
        .find(|name| !taken.contains(&folded(name)))
        .unwrap_or_default()
}
