//! Jira's pages into the queue (S4, S10, S21, S25).

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::super::cells::{Issue, parent_of};
use super::super::census::MOST_ISSUES;
use super::super::columns::{Occurring, Taken, plan};
use super::super::halt::Halt;
use super::super::state::{Asked, Counts, Phase, Run, RunKind};
use super::super::why::Why;
use super::content::Content;
use super::{Going, json};
use crate::jira::key::Deployment;
use crate::jira::model::Field;
use crate::jira::scan::{Page, Position, ProjectStanding, Record, Scope, TimeForm};
use crate::secret::Digest;
use crate::store::{Noted, Queued};

/// How long Jira's index may lag behind (S5); in a cluster it is one index for each of its servers.
const OVERLAP: SignedDuration = SignedDuration::from_mins(3);
const OVERLAP_OF_A_CLUSTER: SignedDuration = SignedDuration::from_mins(10);
/// How far back the next delta reads.
pub fn overlap(deployment: Deployment) -> SignedDuration {
    match deployment {
        Deployment::DataCenter => OVERLAP_OF_A_CLUSTER,
        Deployment::Cloud | Deployment::Server => OVERLAP,
    }
}

/// How often everything is read: some values change without their issue being touched, and no list tells (S19).
const SLOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Issues above each other. Jira has no more levels than this; a circle has no end.
const MOST_DEPTH: i64 = 20;

impl Going {
    /// Reads what is to be read: all that has changed; or from where the run before this one stopped, and then what has
    /// changed meanwhile. A run that began with other settings is not gone on with (S25).
    pub(super) async fn read(&mut self) -> Result<(), Halt> {
        if !self.is_as_before() {
            self.progress.run = None;
            if !self.means.store.forget_queue(&self.hold.lease).await? {
                return Err(Halt::Lost);
            }
        }
        let is_resumed = self.progress.run.is_some();
        if !is_resumed {
            self.begin_run().await?;
        }
        let mut is_deep = self.read_pages().await?;
        if let (true, Some(reached)) = (is_resumed, self.progress.run.as_ref().and_then(|run| run.reached)) {
            let position = Some(self.since(reached));
            if let Some(run) = &mut self.progress.run {
                (run.position, run.read) = (position, 0);
            }
            is_deep |= self.read_pages().await?;
        }
        // A run that was cut off here has done it already, or does it now.
        if is_deep || self.progress.run.as_ref().is_some_and(|run| run.kind == RunKind::Full) {
            self.order().await?;
        }
        Ok(())
    }

    /// Whether it is read by the same eyes, and for the same wishes, as by the run before this one.
    fn is_as_before(&self) -> bool {
        self.progress.viewer == self.jira.jira_user && self.progress.fingerprint == self.fingerprint()
    }

    /// What has changed since then, as far as Jira's index may lag behind (S5).
    fn since(&self, watermark: Timestamp) -> Position {
        let now = self.hold.clock.now();
        let at_jira = now.saturating_add(self.progress.jira_ahead()).unwrap_or(now);
        Position::delta(watermark, overlap(self.jira.deployment), TimeForm::Relative, at_jira)
    }

    /// Reads on until there is no next page. Whether an issue stands below another.
    async fn read_pages(&mut self) -> Result<bool, Halt> {
        let scope = self.scope();
        let mut is_deep = false;
        while let Some(position) = self.progress.run.as_ref().and_then(|run| run.position.clone()) {
            let fields: Vec<&str> = self.progress.fields.iter().map(String::as_str).collect();
            let page = self
                .ask(|client| {
                    let (scope, fields, position) = (&scope, &fields, &position);
                    async move { client.scan_page(scope, fields, position).await }
                })
                .await?;
            is_deep |= self.keep(page).await?;
        }
        Ok(is_deep)
    }

    pub(super) fn scope(&self) -> Scope {
        Scope::new(u64::try_from(self.database.project_id).unwrap_or_default(), self.asked.filter.clone())
    }

    async fn begin_run(&mut self) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        let is_same = self.is_as_before();
        let is_slow_due = self.progress.lanes.slow.is_none_or(|last| now.duration_since(last) >= SLOW);
        let (kind, position) = match self.progress.watermark.filter(|_| is_same && !is_slow_due) {
            Some(watermark) => (RunKind::Delta, self.since(watermark)),
            None => {
                self.look_at_project().await?;
                self.learn_fields().await?;
                if self.progress.viewer.is_empty() {
                    // It is a list of all issues, too.
                    self.progress.lanes.census = Some(now);
                }
                self.progress.lanes.slow = Some(now);
                (RunKind::Full, Position::full())
            }
        };
        self.progress.is_other_viewer |=
            !self.progress.viewer.is_empty() && self.progress.viewer != self.jira.jira_user;
        self.progress.viewer.clone_from(&self.jira.jira_user);
        self.progress.fingerprint = self.fingerprint();
        let (reached, read, counts) = (None, 0, Counts::default());
        self.progress.run = Some(Run { kind, began: now, position: Some(position), reached, read, counts });
        self.save_progress().await
    }

    /// Hash of what was asked for.
    fn fingerprint(&self) -> String {
        let Asked { parent_page, filter, wish, rules: _, unwanted: _ } = &self.asked;
        // With the address of Jira, to which every row links.
        Digest::of(&[
            self.jira.site.as_str(),
            &self.database.project_id.to_string(),
            &json(&(parent_page, filter, wish)),
        ])
        .to_hex()
    }

    /// Whether it can be seen, and what it is called by now (S16).
    async fn look_at_project(&mut self) -> Result<(), Halt> {
        let id = self.scope().project_id();
        let ProjectStanding::Visible(project) =
            self.ask(|client| async move { client.project_standing(id).await }).await?
        else {
            return Err(Halt::ProjectHidden);
        };
        if (&project.key, &project.name) != (&self.database.project_key, &self.database.project_name) {
            let noted = Noted { project: Some((&project.key, &project.name)), ..Noted::default() };
            self.hold.note(noted).await?;
            (self.database.project_key, self.database.project_name) = (project.key, project.name);
        }
        // The operator's rules name projects by their keys, and it may have another one by now.
        if !self.means.policy.allows(&self.jira.site, &self.database.project_key) {
            return Err(Halt::Policy);
        }
        Ok(())
    }

    /// Which fields every search has to name: all that may have a column, as nobody knows yet which of them occur.
    async fn learn_fields(&mut self) -> Result<(), Halt> {
        let fields = self.fields().await?;
        let all = Occurring { fields: fields.iter().map(|it| it.id.clone()).collect(), ..Occurring::default() };
        let planned = plan(&fields, &all, &Taken::default(), &self.asked.wish);
        self.progress.fields = planned.jira_fields(true);
        self.progress.parents = planned.column("parent").map(|it| it.fields.clone()).unwrap_or_default();
        Ok(())
    }

    /// Jira's fields, as far as they are of use in this project.
    pub(super) async fn fields(&mut self) -> Result<Vec<Field>, Halt> {
        if let Some(fields) = &self.fields {
            return Ok(fields.clone());
        }
        let project = self.database.project_id.to_string();
        let mut fields = self.ask(|client| async move { client.field_list().await.map_err(Into::into) }).await?;
        fields.retain(|field| field.project.as_ref().is_none_or(|it| *it == project));
        self.fields = Some(fields.clone());
        Ok(fields)
    }

    /// Puts a page into the queue, together with where reading goes on. Whether an issue on it stands below another.
    pub(super) async fn keep(&mut self, page: Page) -> Result<bool, Halt> {
        let Page { records, next, watermark, now } = page;
        let with_security = self.asked.wish.with_security;
        let (records, withheld): (Vec<Record>, Vec<Record>) =
            records.into_iter().partition(|it| with_security || !it.secured);
        self.withhold(&withheld).await?;
        let records = self.with_all_comments(records).await?;
        for record in &records {
            if let Ok(id) = record.id.parse() {
                self.progress.is_renamed |= self.progress.witnesses.note(id, &record.fields);
            }
            self.progress.occurring.note(&Issue { id: &record.id, key: &record.key, fields: &record.fields });
        }
        let before = self.progress.run.clone();
        let Some(run) = &mut self.progress.run else { return Ok(false) };
        if usize::try_from(run.read).is_ok_and(|read| read > MOST_ISSUES) {
            return Err(Halt::TooManyIssues);
        }
        run.reached = watermark.or(run.reached);
        run.read += u64::try_from(records.len()).unwrap_or_default();
        run.position = next;
        let read = run.read;
        if let Some(there) = now {
            self.progress.jira_ahead_ms = there.as_millisecond() - self.hold.clock.now_ms();
        }
        let parents = &self.progress.parents;
        let kept: Vec<Kept> = records.into_iter().filter_map(|record| kept(record, parents)).collect();
        let queued: Vec<Queued<'_>> = kept
            .iter()
            .map(|(issue_id, issue_key, parent, updated_at, content)| Queued {
                issue_id: *issue_id,
                issue_key,
                parent,
                updated_at: *updated_at,
                content,
            })
            .collect();
        let progress = json(&self.progress);
        let (store, sealer) = (&self.means.store, &self.means.sealer);
        match store.queue_rows(sealer, &self.hold.lease, &queued, &progress).await {
            Ok(true) => {}
            Ok(false) => return Err(Halt::Lost),
            Err(error) => {
                // The page is not kept: reading goes on before it.
                self.progress.run = before;
                return Err(error.into());
            }
        }
        self.tell(Phase::Reading, read, read).await?;
        Ok(kept.iter().any(|(_, _, parent, ..)| !parent.is_empty()))
    }

    /// A search tells only the first comments of an issue (S12).
    async fn with_all_comments(&self, mut records: Vec<Record>) -> Result<Vec<Record>, Halt> {
        for record in records.iter_mut().filter(|it| self.asked.wish.with_comments && it.is_cut()) {
            let cut = &*record;
            let whole = self.ask(|client| {
                let mut record = cut.clone();
                async move { client.complete(&mut record).await.map(|()| record) }
            });
            *record = whole.await?;
        }
        Ok(records)
    }

    /// Notes which issues must not be shown. Some of them may have a row from before they got their level.
    pub(super) async fn withhold(&self, records: &[Record]) -> Result<(), Halt> {
        let rows: Vec<(i64, &str)> =
            records.iter().filter_map(|it| Some((it.id.parse().ok()?, it.key.as_str()))).collect();
        let problem = self.problem(Why::SecurityLevel.code(), Why::SecurityLevel.sentence());
        if rows.is_empty() || self.means.store.withhold_rows(&self.hold.lease, &rows, &problem).await? {
            return Ok(());
        }
        Err(Halt::Lost)
    }

    /// How deep each issue lies below others, so that those above are written first.
    async fn order(&mut self) -> Result<(), Halt> {
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let by_key: HashMap<&str, usize> =
            rows.iter().enumerate().map(|(at, row)| (row.issue_key.as_str(), at)).collect();
        let by_id: HashMap<i64, usize> = rows.iter().enumerate().map(|(at, row)| (row.issue_id, at)).collect();
        let above = |at: usize| {
            let parent = rows.get(at)?.parent.as_str();
            parent.parse().ok().and_then(|id: i64| by_id.get(&id)).or_else(|| by_key.get(parent)).copied()
        };
        let depth = |row: usize| {
            let (mut at, mut depth, mut seen) = (row, 0, BTreeSet::from([row]));
            while let Some(next) = above(at).filter(|next| depth < MOST_DEPTH && seen.insert(*next)) {
                (at, depth) = (next, depth + 1);
            }
            depth
        };
        let moved: Vec<(i64, i64)> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.issue_id, depth(at), row.depth))
            .filter(|(_, depth, before)| depth != before)
            .map(|(issue_id, depth, _)| (issue_id, depth))
            .collect();
        for some in moved.chunks(1_000) {
            if !self.means.store.order_rows(&self.hold.lease, some).await? {
                return Err(Halt::Lost);
            }
        }
        Ok(())
    }
}

/// Id, key, what stands above it, time of the last change, content.
type Kept = (i64, String, String, i64, Vec<u8>);

/// An id that is no number is none of Jira's.
fn kept(record: Record, parents: &[String]) -> Option<Kept> {
    let issue_id: i64 = record.id.parse().ok()?;
    let updated_at = record.updated.as_millisecond();
    let content = Content::from(record);
    let parent = parent_of(&content.issue(), parents).unwrap_or_default();
    let bytes = serde_json::to_vec(&content).ok()?;
    Some((issue_id, content.key, parent, updated_at, bytes))
}
