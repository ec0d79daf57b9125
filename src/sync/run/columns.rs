//! The database itself, its columns and their options, before any row names them (S33, S41).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::super::cell::{Cell, Choice};
use super::super::cells::{Context, People, cells};
use super::super::columns::{Class, Fate, Kind, Taken, plan};
use super::super::halt::Halt;
use super::super::options::{Missing, NewOption};
use super::super::state::{Home, HomeColumn, Phase, RunKind};
use super::super::upkeep;
use super::super::why::Why;
use super::super::writer::Again;
use super::Going;
use super::content::Content;
use super::index::Index;
use crate::notion::property::Columns;
use crate::notion::told::DataSource;
use crate::secret::ExposeSecret;
use crate::store::SyncedRow;
use crate::store::row_state::{GONE, WITHHELD};

/// Rows of the queue that are opened at once.
pub(super) const BATCH: i64 = 100;
/// What there is to be and is not yet.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    /// For the call, by the names or ids of columns.
    changes: Columns<Json>,
    /// Names of new columns, by their keys.
    pub columns: BTreeMap<String, String>,
    /// New options, by the keys of their columns.
    pub options: Vec<(String, Vec<NewOption>)>,
}

impl Lacking {
    pub fn is_call(&self) -> bool {
        !self.changes.is_empty()
    }
}

impl Going {
    /// Makes the database if there is none, and all columns and options that the queue needs.
    pub(super) async fn make_columns(&mut self, index: &Index) -> Result<(), Halt> {
        self.tell(Phase::Columns, 0, index.count).await?;
        let choices = self.decide_columns(index).await?;
        if self.home.data_source_id.is_empty() {
            self.make_database().await?;
        }
        self.bring_up_to_date(&choices).await
    }

    /// Which columns there are to be; gives the options that they need, by their keys.
    pub(super) async fn decide_columns(&mut self, index: &Index) -> Result<BTreeMap<String, BTreeSet<Choice>>, Halt> {
        if self.home.columns.is_empty() && !self.home.data_source_id.is_empty() {
            // The database was made, and then nobody heard what is in it.
            let source = self.data_source().await?;
            self.learn_columns(&source);
        }
        let is_full = self.progress.run.as_ref().is_some_and(|run| run.kind == RunKind::Full);
        if is_full || self.has_news() {
            self.plan_columns().await?;
        }
        self.look_up_teams().await?;
        let mut choices = self.choices(index).await?;
        let crowded: Vec<String> = choices
            .iter()
            .filter(|(key, choices)| matches!(self.home.options.missing(key, *choices), Missing::TooMany(_)))
            .map(|(key, _)| key.clone())
            .collect();
        if !crowded.is_empty() {
            // The plan is another one now: these columns hold text.
            for key in crowded {
                choices.remove(&key);
                self.progress.occurring.crowded.insert(key);
            }
            self.plan_columns().await?;
            self.save_progress().await?;
        }
        Ok(choices)
    }

    async fn plan_columns(&mut self) -> Result<(), Halt> {
        let fields = self.fields().await?;
        let source = match self.home.data_source_id.is_empty() {
            true => None,
            false => Some(self.data_source().await?),
        };
        let mut by_person = Vec::new();
        if let Some(source) = &source {
            self.notice_columns(source);
            by_person = upkeep::own_names(&self.home, source);
        }
        let ours = self.home.columns.iter().map(|(key, column)| (key.clone(), column.name.clone())).collect();
        let taken = Taken { by_person, ours };
        self.home.planned = plan(&fields, &self.progress.occurring, &taken, &self.asked.wish);
        let Some(source) = source else { return Ok(()) };
        let retired = upkeep::retired(&self.home, &source);
        let renamed = upkeep::renamed(&self.home, &source);
        let changes: Columns<Json> =
            retired.iter().chain(&renamed).map(|it| (it.id.clone(), json!({ "name": it.name }))).collect();
        if changes.is_empty() {
            return Ok(());
        }
        self.change_columns(&changes).await?;
        for column in retired {
            // Its place is taken by a new one of another kind.
            self.home.columns.remove(&column.key);
            self.home.options.forget_column(&column.key);
        }
        for column in renamed {
            if let Some(there) = self.home.columns.get_mut(&column.key) {
                there.name = column.name;
            }
        }
        self.save_home().await
    }

    /// Whether issues hold something that the plan knows nothing of.
    fn has_news(&self) -> bool {
        let planned = &self.home.planned;
        let occurring = &self.progress.occurring;
        // A field that nobody used when the plan was made is news when somebody does.
        let is_unused = |fate: &&Fate| matches!(fate.class, Class::NotSynced { why: Why::OutOfScope, .. });
        let known: BTreeSet<&str> =
            planned.fates.iter().filter(|fate| !is_unused(fate)).map(|fate| fate.field.as_str()).collect();
        occurring.fields.iter().any(|field| !known.contains(field.as_str()))
            || occurring.link_types.keys().any(|id| planned.column(&format!("links:{id}")).is_none())
    }

    /// The options that each column needs, by its key.
    pub(super) async fn choices(&self, index: &Index) -> Result<BTreeMap<String, BTreeSet<Choice>>, Halt> {
        let mut choices: BTreeMap<String, BTreeSet<Choice>> = BTreeMap::new();
        let see = |_, key: String, held: Vec<Choice>| choices.entry(key).or_default().extend(held);
        self.each_choice(index, see).await?;
        Ok(choices)
    }

    /// What the issues of the queue hold in columns with options: the issue, the key of the column, and what it holds.
    pub(super) async fn each_choice(
        &self,
        index: &Index,
        mut see: impl FnMut(i64, String, Vec<Choice>),
    ) -> Result<(), Halt> {
        let columns = || self.home.planned.columns.iter().filter(|it| it.has_options());
        let (people, teams) = (People::default(), &self.progress.teams);
        let context = Context { site: &self.jira.site, people: &people, rows: &index.rows, teams };
        let mut after = (-1, 0);
        loop {
            let (store, sealer) = (&self.means.store, &self.means.sealer);
            let batch = store.pending_rows(sealer, &self.database.id, after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = (last.row.depth, last.row.issue_id);
            for pending in &batch {
                let Ok(content) = serde_json::from_slice::<Content>(pending.content.expose_secret()) else { continue };
                for (key, cell) in cells(&content.issue(), columns(), &context).cells {
                    let held = match cell {
                        Cell::Select(choice) | Cell::Status(choice) => choice.into_iter().collect(),
                        Cell::MultiSelect(several) => several,
                        _ => Vec::new(),
                    };
                    see(pending.row.issue_id, key, held);
                }
            }
            self.hold.firm().await?;
        }
    }

    /// Columns and options that are not there yet, as one call makes them.
    pub(super) fn lacking(&mut self, choices: &BTreeMap<String, BTreeSet<Choice>>) -> Lacking {
        for (key, wanted) in choices {
            self.home.options.revive(key, wanted);
        }
        let mut lacking = Lacking::default();
        let is_ours = |key: &String| !self.home.stopped.contains_key(key);
        for column in self.home.planned.columns.iter().filter(|it| is_ours(&it.key)) {
            // Both sides of a relation come and go together.
            if column.reverse_of.as_ref().is_some_and(|forward| !is_ours(forward)) {
                continue;
            }
            let there = self.home.columns.get(&column.key);
            let new = match choices.get(&column.key).map(|wanted| self.home.options.missing(&column.key, wanted)) {
                None => Vec::new(),
                Some(Missing::Options(new)) => new,
                Some(Missing::TooMany(_)) => continue,
            };
            if there.is_none() {
                lacking.columns.insert(column.key.clone(), column.name.clone());
            } else if new.is_empty() {
                continue;
            }
            let full = self.home.options.schema(&column.key, &new);
            let name = there.map_or(&column.name, |there| &there.id);
            let can_be_sent = full.is_some();
            if there.is_none() || can_be_sent {
                let options = full.unwrap_or_default();
                if let Some(schema) = column.schema(options, &self.home.data_source_id, &self.home.planned) {
                    lacking.changes.insert(name.clone(), json!(schema));
                }
            }
            if !new.is_empty() {
                lacking.options.push((column.key.clone(), new));
            }
        }
        lacking
    }

    /// Adds what is lacking, in one call; in two where Notion names the other side of a relation as it likes.
    pub(super) async fn bring_up_to_date(&mut self, choices: &BTreeMap<String, BTreeSet<Choice>>) -> Result<(), Halt> {
        let mut is_first = true;
        let (answer, made) = loop {
            let Lacking { changes, options: made, .. } = self.lacking(choices);
            if changes.is_empty() {
                made.into_iter().for_each(|(key, new)| {
                    new.into_iter().for_each(|option| self.home.options.promise(&key, option));
                });
                return self.save_home().await;
            }
            match self.change_columns(&changes).await {
                Ok(answer) => break (answer, made),
                // Maybe it names what somebody has removed meanwhile (S47).
                Err(Halt::Refused { .. }) if is_first && self.look_at_columns().await? => is_first = false,
                Err(halt) => return Err(halt),
            }
        };
        self.learn_columns(&answer);
        self.learn_options(&answer, made);
        let renamed = self.reverse_names();
        if !renamed.is_empty() {
            let answer = self.change_columns(&renamed).await?;
            self.home.columns.retain(|_, column| !renamed.has(&column.id));
            self.learn_columns(&answer);
        }
        self.save_home().await
    }

    pub(super) async fn change_columns(&self, changes: &Columns<Json>) -> Result<DataSource, Halt> {
        let source = &self.home.data_source_id;
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
            client.update_columns(&token, source, changes).await
        });
        call.await.map_err(Halt::from)
    }

    /// Everything was read and written: nothing holds options any more whose choices have other names now. Rows that are
    /// left alone may hold them still; then they stay.
    pub(super) async fn drop_old_options(&mut self) -> Result<(), Halt> {
        let keys = self.home.options.with_retired();
        if keys.is_empty() {
            return Ok(());
        }
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let is_written = |row: &SyncedRow| !row.is_pending && matches!(row.state.as_str(), "" | GONE | WITHHELD);
        if !rows.iter().all(is_written) {
            return Ok(());
        }
        // No list may name what somebody has removed meanwhile.
        self.look_at_columns().await?;
        let mut options = self.home.options.clone();
        let mut changes = Columns::default();
        for key in keys {
            options.drop_retired(&key);
            let planned = self.home.planned.column(&key).filter(|_| !self.home.stopped.contains_key(&key));
            let (Some(there), Some(column)) = (self.home.columns.get(&key), planned) else { continue };
            if let Some(full) = options.schema(&key, &[])
                && let Some(schema) = column.schema(full, &self.home.data_source_id, &self.home.planned)
            {
                changes.insert(there.id.clone(), json!(schema));
            }
        }
        if !changes.is_empty() {
            self.change_columns(&changes).await?;
        }
        self.home.options = options;
        self.save_home().await
    }

    /// The other sides of relations that bear other names than they should.
    fn reverse_names(&self) -> Columns<Json> {
        let columns = self.home.planned.columns.iter().filter(|it| it.reverse_of.is_some());
        let wrong = columns.filter_map(|column| {
            let there = self.home.columns.get(&column.key)?;
            (there.name != column.name).then(|| (there.id.clone(), json!({ "name": column.name })))
        });
        wrong.collect()
    }

    /// Notes by which ids new options are there; those that did not go into the call come with rows.
    fn learn_options(&mut self, source: &DataSource, made: Vec<(String, Vec<NewOption>)>) {
        for (key, new) in made {
            let column = self.home.columns.get(&key);
            let there = column.and_then(|column| source.properties.values().find(|it| it.id == column.id));
            for option in new {
                let id = there.and_then(|it| it.options().iter().find(|it| it.name == option.name)).map(|it| &it.id);
                match id {
                    Some(id) => self.home.options.made(&key, option, id),
                    None => self.home.options.promise(&key, option),
                }
            }
        }
    }

    /// Notes by which ids the columns are there.
    pub(super) fn learn_columns(&mut self, source: &DataSource) {
        let Home { columns, planned, made, .. } = &mut self.home;
        for column in &planned.columns {
            if columns.contains_key(&column.key) {
                continue;
            }
            let reverse = column.reverse_of.as_ref().map(|forward| {
                let forward = columns.get(forward)?;
                Some(&source.properties.values().find(|it| it.id == forward.id)?.reverse()?.id)
            });
            let found = source.properties.iter().find(|(name, property)| match (column.kind, reverse) {
                (Kind::Title, _) => property.id == "title",
                (_, Some(reverse)) => Some(&property.id) == reverse,
                (_, None) => **name == column.name,
            });
            if let Some((name, property)) = found {
                let (id, kind) = (property.id.clone(), property.kind.clone());
                made.insert(id.clone());
                let there = HomeColumn { id, name: name.clone(), kind };
                columns.insert(column.key.clone(), there);
            }
        }
    }
}
