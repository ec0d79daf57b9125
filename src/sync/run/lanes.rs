//! What is looked at once an hour: names that change without an issue being touched, and what people did to synced cells
//! (S16, S18, S41, S44, S46).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::cell::Choice;
use super::super::halt::Halt;
use super::super::state::OnEdit;
use super::super::why::Why;
use super::super::writer::{Again, Failed};
use super::Going;
use super::census::Extra;
use super::index::Index;
use crate::jira::model::Field;
use crate::jira::scan::{Page, Record, Standing};
use crate::notion::told::{self, DataSource};
use crate::secret::Digest;
use crate::store::row_state::HIDDEN;
use crate::store::{Marked, SyncedRow};

pub(super) const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// By how much Notion's lists and clock may lag behind: what was edited so shortly before a look counts for the next one.
const LAG: SignedDuration = SignedDuration::from_mins(3);
/// Ids of one call.
const TOGETHER: usize = 100;

impl Going {
    /// Looks whether something is called otherwise now. Then all issues are read anew: only the rows that show it are
    /// written.
    pub(super) async fn look_at_names(&mut self) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        let is_due = self.progress.lanes.metadata.is_none_or(|last| now.duration_since(last) >= EVERY);
        if !is_due || self.progress.run.is_some() {
            return Ok(());
        }
        let id = self.scope().project_id();
        let names = self.ask(|client| async move { client.names(id).await }).await?;
        let fields = self.fields().await?;
        let of_fields = fields.iter().flat_map(|field| {
            let Field { id, name, schema, .. } = field;
            ["field", id, name, schema.as_deref().unwrap_or_default()]
        });
        let parts: Vec<&str> = names.iter().flat_map(|(kind, id, name)| [*kind, id, name]).chain(of_fields).collect();
        let digest = Digest::of(&parts).to_hex();
        let is_renamed = self.look_at_witnesses().await?;
        if is_renamed || (!self.progress.names.is_empty() && self.progress.names != digest) {
            self.progress.watermark = None;
        }
        self.progress.names = digest;
        self.see_to_dropped(&fields, now).await?;
        self.progress.lanes.metadata = Some(now);
        self.save_progress().await
    }

    /// Reads some issues for the names that they show, a hundred at most.
    async fn look_at_witnesses(&mut self) -> Result<bool, Halt> {
        let ids: Vec<i64> = self.progress.witnesses.issues().into_iter().take(TOGETHER).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let fields = self.progress.fields.clone();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let mut is_renamed = false;
        for standing in self.standing(&ids, &fields).await? {
            if let Standing::Found(record) = standing
                && let Ok(id) = record.id.parse()
            {
                is_renamed |= self.progress.witnesses.note(id, &record.fields);
            }
        }
        Ok(is_renamed)
    }

    /// Looks at what people did in Notion since the last look. A synced cell that somebody has edited is written again;
    /// columns that they have removed or made something else are left alone.
    pub(super) async fn look_at_edits(&mut self) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        // A first load looks at nothing; what people edit meanwhile, the first look after it finds.
        let last = self.progress.lanes.drift.filter(|_| !self.home.data_source_id.is_empty());
        let Some(last) = last else {
            self.progress.lanes.drift = Some(now);
            return Ok(());
        };
        // Whoever wants a run now, with a look at everything, means this, too.
        if now.duration_since(last) < EVERY && !Extra::parse(&self.database.asked).census {
            return Ok(());
        }
        let source = self.data_source().await?;
        if source.in_trash || self.is_database_trashed().await? {
            return Err(Halt::DatabaseTrashed);
        }
        self.notice_columns(&source);
        let edited = self.edited_since(last).await?;
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let edited: Vec<&SyncedRow> =
            rows.iter().filter(|row| row.page_id.as_ref().is_some_and(|page| edited.contains(page))).collect();
        let mut ids = self.see_to_edited(&edited).await?;
        // And what a process has written that had lost the right to (S55).
        ids.extend(rows.iter().filter(|row| row.is_in_doubt()).map(|row| row.issue_id));
        self.doubt(&ids).await?;
        self.read_anew(&ids).await?;
        self.bring_back_options(&rows).await?;
        self.progress.lanes.drift = Some(now);
        self.save_home().await?;
        self.save_progress().await
    }

    /// An option that somebody has removed took what rows said with it: those that held it are written again.
    async fn bring_back_options(&mut self, rows: &[SyncedRow]) -> Result<(), Halt> {
        let mut options = self.home.options.clone();
        let lost = options.take_lost();
        if !lost.is_empty() && self.asked.rules.edited == OnEdit::Restore {
            self.write_holders(rows, &lost).await?;
        }
        self.home.options = options;
        Ok(())
    }

    async fn write_holders(
        &mut self,
        rows: &[SyncedRow],
        lost: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<(), Halt> {
        // Which rows these are, only Jira can tell.
        let live = rows.iter().filter(|row| row.page_id.is_some() && row.state.is_empty());
        self.read_anew(&live.map(|row| row.issue_id).collect::<Vec<_>>()).await?;
        let index = Index::load(&self.means.store, &self.database.id).await?;
        let mut holders: BTreeSet<i64> = BTreeSet::new();
        let is_lost = |key: &str, held: &[Choice]| {
            lost.get(key).is_some_and(|lost| held.iter().any(|choice| lost.contains(&choice.id)))
        };
        let see = |issue, key: String, held: Vec<Choice>| holders.extend(is_lost(&key, &held).then_some(issue));
        self.each_choice(&index, see).await?;
        self.doubt(&holders.into_iter().collect::<Vec<_>>()).await
    }

    async fn doubt(&self, ids: &[i64]) -> Result<(), Halt> {
        for some in ids.chunks(TOGETHER) {
            if !self.means.store.doubt_rows(&self.hold.lease, some).await? {
                return Err(Halt::Lost);
            }
        }
        Ok(())
    }

    /// Reads single issues, whether or not they have changed.
    pub(super) async fn read_anew(&mut self, ids: &[i64]) -> Result<(), Halt> {
        for some in ids.chunks(TOGETHER) {
            let fields = self.progress.fields.clone();
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let told = self.standing(some, &fields).await?;
            let found = |standing| if let Standing::Found(record) = standing { Some(record) } else { None };
            let records: Vec<Record> = told.into_iter().filter_map(found).collect();
            let next = self.progress.run.as_ref().and_then(|run| run.position.clone());
            self.keep(Page { records, next, watermark: None, now: None }).await?;
        }
        Ok(())
    }

    /// Which of the rows that people have edited are written again.
    async fn see_to_edited(&self, edited: &[&SyncedRow]) -> Result<Vec<i64>, Halt> {
        let of = |state: &'static str| edited.iter().filter(move |row| row.state == state);
        // What is listed is not in the trash: somebody has taken these out of it (S45).
        let back: Vec<Marked<'_>> =
            of(HIDDEN).map(|row| Marked { issue_id: row.issue_id, ..Marked::default() }).collect();
        self.mark(&back).await?;
        let back = back.iter().map(|row| row.issue_id);
        match self.asked.rules.edited {
            OnEdit::Restore => Ok(of("").map(|row| row.issue_id).chain(back).collect()),
            OnEdit::Keep => Ok(back.collect()),
            OnEdit::Flag => {
                let problem = self.problem("edited", Why::Edited.sentence());
                // One that waits is written by this run.
                let flagged: Vec<Marked<'_>> = of("")
                    .filter(|row| !row.is_pending)
                    .map(|row| Marked {
                        issue_id: row.issue_id,
                        problem: Some(row.problem.as_deref().unwrap_or(&problem)),
                        ..Marked::default()
                    })
                    .collect();
                self.mark(&flagged).await?;
                Ok(back.collect())
            }
        }
    }

    async fn is_database_trashed(&self) -> Result<bool, Halt> {
        let id = &self.home.database_id;
        let call = self
            .writer
            .call(&self.hold, Again::Harmless, |client, token| async move { client.database(&token, id).await });
        Ok(call.await.map_err(Halt::from)?.in_trash)
    }

    /// Looks which of our columns and options are still there, and whether the database is. Whether any is gone.
    pub(super) async fn look_at_columns(&mut self) -> Result<bool, Halt> {
        let source = self.data_source().await?;
        if source.in_trash {
            return Err(Halt::DatabaseTrashed);
        }
        let is_any_gone = self.notice_columns(&source);
        self.save_home().await?;
        Ok(is_any_gone)
    }

    /// Which of our columns and options are not what they were. Columns are not touched again until their person wants it.
    /// Whether there are any.
    pub(super) fn notice_columns(&mut self, source: &DataSource) -> bool {
        let home = &mut self.home;
        let before = home.columns.len();
        let kinds: BTreeMap<&str, &str> =
            source.properties.values().map(|it| (it.id.as_str(), it.kind.as_str())).collect();
        for (key, column) in &home.columns {
            let planned = home.planned.column(key).map(|it| it.kind.name());
            let why = match kinds.get(column.id.as_str()) {
                None => Why::ColumnRemoved,
                Some(kind) if planned.is_some_and(|planned| planned != *kind) => Why::ColumnRetyped,
                Some(_) => continue,
            };
            home.stopped.insert(key.clone(), why);
        }
        home.columns.retain(|key, _| !home.stopped.contains_key(key));
        let mut is_any_gone = home.columns.len() < before;
        for (key, column) in &home.columns {
            if let Some(there) = source.properties.values().find(|it| it.id == column.id) {
                is_any_gone |= home.options.compare(key, there.options());
            }
        }
        is_any_gone
    }

    /// Rows that somebody else has edited last. Notion keeps whole minutes, so all of the first one counts.
    async fn edited_since(&self, last: Timestamp) -> Result<HashSet<String>, Halt> {
        let from = last.saturating_sub(LAG).unwrap_or(last).strftime("%Y-%m-%dT%H:%M:00.000Z").to_string();
        let is_late = json!({ "timestamp": "last_edited_time", "last_edited_time": { "on_or_after": from } });
        let mut edited: HashSet<String> = HashSet::new();
        let see = |page: told::Page| {
            if !self.bots.contains(&page.last_edited_by.id) {
                edited.insert(page.id);
            }
        };
        self.each_row(Some(&is_late), "title", see).await?;
        Ok(edited)
    }

    /// Makes one view, which is its person's own from then on (S57).
    pub(super) async fn make_view(&mut self) -> Result<(), Halt> {
        if self.home.has_views {
            return Ok(());
        }
        let Some(status) = self.home.columns.get("status").map(|it| it.id.clone()) else { return Ok(()) };
        let kind = self.home.planned.column("status").map_or("select", |it| it.kind.name());
        let mut group_by = json!({ "type": kind, "property_id": status, "sort": { "type": "manual" } });
        if kind == "status" {
            group_by["group_by"] = json!("option");
        }
        let shown = ["title", "priority", "assignee", "duedate"].iter().filter_map(|key| match *key {
            "title" => Some("title".to_owned()),
            key => self.home.columns.get(key).map(|it| it.id.clone()),
        });
        let properties: Vec<_> = shown.map(|id| json!({ "property_id": id, "visible": true })).collect();
        let view = json!({
            "database_id": self.home.database_id,
            "data_source_id": self.home.data_source_id,
            "name": "Board",
            "type": "board",
            "configuration": {
                "type": "board",
                "group_by": group_by,
                "properties": properties,
            },
        });
        // A board more or less is worth no second try, nor a run that does not end.
        self.home.has_views = true;
        self.save_home().await?;
        let call = self.writer.call(&self.hold, Again::Never, |client, token| {
            let view = &view;
            async move { client.create_view(&token, view).await }
        });
        match call.await {
            Ok(()) => Ok(()),
            Err(Failed::Notion(error)) => {
                tracing::info!(fault = "notion", retry = false, database = %self.database.id, %error, "no board was made");
                Ok(())
            }
            Err(Failed::Halt(halt)) => Err(halt),
        }
    }
}
