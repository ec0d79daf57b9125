//! Columns of fields that were deleted in Jira (§1.4): looked for twice, then marked or removed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::super::halt::Halt;
use super::super::state::{Dropped, OnDropped};
use super::super::upkeep;
use super::Going;
use super::lanes::EVERY;
use crate::jira::model::Field;
use crate::notion::property::Columns;

/// What ids of fields begin with that can be deleted.
const CUSTOM: &str = "customfield_";

impl Going {
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
        let removes = self.asked.rules.dropped == OnDropped::Remove;
        if removes {
            sure = home.dropped.iter().filter(|(_, it)| it.is_sure).map(|(key, _)| key.clone()).collect();
        }
        if !sure.is_empty() {
            self.mark_dropped(&sure, removes).await?;
        }
        if self.home.dropped == before { Ok(()) } else { self.save_home().await }
    }

    async fn mark_dropped(&mut self, keys: &[String], removes: bool) -> Result<(), Halt> {
        let source = self.data_source().await?;
        let mut changes = Columns::default();
        for key in keys {
            let Some(there) = self.home.columns.get_mut(key) else { continue };
            if !source.properties.values().any(|it| it.id == there.id) {
                continue;
            }
            let change = match removes {
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
        if removes {
            self.home.columns.retain(|key, _| !keys.contains(key));
            self.home.dropped.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    }
}
