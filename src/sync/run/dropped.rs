//! Columns of fields that were deleted in Jira (§1.4): looked for twice, then marked or removed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::super::halt::Halt;
use super::super::state::{Dropped, HomeColumn, OnDropped};
use super::super::upkeep;
use super::Going;
use super::lanes::EVERY;
use crate::jira::model::Field;
use crate::notion::property::Columns;

/// What ids of fields begin with that can be deleted.
const CUSTOM: &str = "customfield_";

impl Going {
    /// Removes the columns that their person has had enough of, if their fields are still not there.
    pub(super) async fn remove_unwanted(&mut self) -> Result<(), Halt> {
        if !self.home.marked().any(|(_, column, _)| self.asked.unwanted.contains(&column.id)) {
            return Ok(());
        }
        let fields = self.fields().await?;
        self.see_to_dropped(&fields, self.hold.clock.now()).await
    }

    /// Notes which columns have no field any more, or have one again; and sees to those that are sure.
    pub(super) async fn see_to_dropped(&mut self, fields: &[Field], now: Timestamp) -> Result<(), Halt> {
        let there: BTreeSet<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let is_there = |key: &str| {
            let field = key.split(':').next().unwrap_or(key);
            !field.starts_with(CUSTOM) || there.contains(field)
        };
        let home = &mut self.home;
        let before = home.dropped.clone();
        home.dropped.retain(|key, _| home.columns.contains_key(key) && !is_there(key));
        let mut sure: Vec<String> = Vec::new();
        for key in home.columns.keys().filter(|key| !is_there(key)) {
            let dropped = home.dropped.entry(key.clone()).or_insert(Dropped { since: now, is_sure: false });
            if !dropped.is_sure && now.duration_since(dropped.since) >= EVERY {
                dropped.is_sure = true;
                sure.push(key.clone());
            }
        }
        let (removes_all, unwanted) = (self.asked.rules.dropped == OnDropped::Remove, &self.asked.unwanted);
        let is_unwanted = |column: &HomeColumn| removes_all || unwanted.contains(&column.id);
        let removed: Vec<String> =
            home.marked().filter(|(_, column, _)| is_unwanted(column)).map(|(key, ..)| key.to_owned()).collect();
        sure.retain(|key| !removed.contains(key));
        self.change_dropped(&sure, &removed).await?;
        if self.home.dropped == before { Ok(()) } else { self.save_home().await }
    }

    /// Marks the ones and removes the others, in one call.
    async fn change_dropped(&mut self, marked: &[String], removed: &[String]) -> Result<(), Halt> {
        if marked.is_empty() && removed.is_empty() {
            return Ok(());
        }
        let source = self.data_source().await?;
        let mut changes = Columns::default();
        for key in marked.iter().chain(removed) {
            let Some(there) = self.home.columns.get_mut(key) else { continue };
            if !source.properties.values().any(|it| it.id == there.id) {
                continue;
            }
            let change = match removed.contains(key) {
                true => Json::Null,
                false => {
                    let marked = upkeep::marked(key, &there.id, &there.name, "deleted in Jira", &source);
                    there.name.clone_from(&marked.name);
                    json!({ "name": marked.name })
                }
            };
            changes.insert(there.id.clone(), change);
        }
        if !changes.is_empty() {
            self.change_columns(&changes).await?;
        }
        let home = &mut self.home;
        for key in removed {
            home.columns.remove(key);
            home.dropped.remove(key);
            home.options.forget_column(key);
            // Else it would be made again before the plan is made anew.
            home.planned.columns.retain(|column| column.key != *key);
        }
        Ok(())
    }
}
