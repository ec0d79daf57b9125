//! The queue into rows: those above others first, three calls at a time (S29, S32, S39, S43, S45, S47).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::super::badge::Reason;
use super::super::bind::bind;
use super::super::body::{Continued, Room};
use super::super::cell::Cell;
use super::super::cells::{Context, People, Rest, cells, hash};
use super::super::halt::Halt;
use super::super::state::Phase;
use super::super::why::Why;
use super::Going;
use super::body::{self, Around};
use super::columns::BATCH;
use super::content::Content;
use super::index::Index;
use super::losses;
use super::row::{Done, Job, Tools};
use super::unsure::Lookup;
use crate::notion::property::Value;
use crate::secret::ExposeSecret;
use crate::store::UNSURE;
use crate::store::row_state::{GONE, HIDDEN, LEAVING, WITHHELD};
use crate::store::{Marked, Pending, Written};

/// Calls at once (S28).
const AT_ONCE: usize = 3;

impl Going {
    /// Writes all that waits.
    pub(super) async fn write_rows(&mut self, index: &mut Index) -> Result<(), Halt> {
        let waiting = self.means.store.row_counts(&self.database.id).await?.pending;
        let total = super::number(waiting);
        let tools = Arc::new(self.tools().ok_or(Halt::DatabaseHidden)?);
        let people = self.people().await?;
        self.settle_unsure(&tools.lookup, index).await?;
        let mut queue = Queue { people, jobs: JoinSet::new(), under_way: BTreeSet::new(), done: 0, total, full: None };
        let mut ended = self.fill(&mut queue, &tools, index).await;
        // What is under way comes to its end, whatever stops the run.
        loop {
            match self.finish_one(&mut queue, &tools, index).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(halt) => ended = ended.and(Err(halt)),
            }
        }
        self.save_progress().await?;
        self.full = queue.full;
        ended
    }

    async fn fill(&mut self, queue: &mut Queue, tools: &Arc<Tools>, index: &mut Index) -> Result<(), Halt> {
        let mut after = (-1, 0);
        loop {
            let (store, sealer) = (&self.means.store, &self.means.sealer);
            let batch = store.pending_rows(sealer, &self.database.id, after, BATCH).await?;
            if batch.is_empty() {
                return Ok(());
            }
            let mut unchanged = Vec::new();
            for pending in batch {
                if pending.row.depth > after.0 {
                    // Those above are there before those below name them.
                    while self.finish_one(queue, tools, index).await? {}
                }
                after = (pending.row.depth, pending.row.issue_id);
                let Some(job) = self.job(&pending, index, &queue.people).await? else { continue };
                if job.page_id.is_some() && job.values.is_empty() && job.body.is_none() && !job.is_gone {
                    unchanged.push((job.issue_id, job.updated_at));
                    queue.done += 1;
                    continue;
                }
                if job.page_id.is_none() && queue.full.is_some() {
                    continue;
                }
                // A row that is being made now is named by whichever comes later of the two.
                while queue.jobs.len() >= AT_ONCE || job.absent.iter().any(|id| queue.under_way.contains(id)) {
                    self.finish_one(queue, tools, index).await?;
                }
                let Some(job) = self.job(&pending, index, &queue.people).await? else { continue };
                self.start(queue, tools, job);
            }
            if !unchanged.is_empty() {
                self.count(|counts, many| counts.unchanged += many, unchanged.len());
                if !self.means.store.rows_unchanged(&self.hold.lease, &unchanged).await? {
                    return Err(Halt::Lost);
                }
            }
            self.tell(Phase::Rows, queue.done, queue.total).await?;
        }
    }

    fn tools(&self) -> Option<Tools> {
        let jira_id = self.home.columns.get("jira_id")?.id.clone();
        let (database, data_source) = (self.database.id.clone(), self.home.data_source_id.clone());
        let home = self.home.database_id.clone();
        let lookup = Lookup { data_source: data_source.clone(), jira_id };
        let bots = self.bots.clone();
        Some(Tools { hold: self.hold.clone(), bots, writer: self.writer.clone(), database, home, data_source, lookup })
    }

    /// What is to be written for an issue; none where it cannot be, which is noted.
    pub(super) async fn job(&mut self, pending: &Pending, index: &Index, people: &People) -> Result<Option<Job>, Halt> {
        let row = &pending.row;
        if row.state == HIDDEN {
            // A row that a person has thrown away stays away (S45).
            let marked =
                Marked { issue_id: row.issue_id, state: HIDDEN, problem: row.problem.as_deref(), ..Marked::default() };
            return if self.means.store.mark_rows(&self.hold.lease, &[marked]).await? {
                Ok(None)
            } else {
                Err(Halt::Lost)
            };
        }
        let content: Option<Content> = serde_json::from_slice(pending.content.expose_secret()).ok();
        let Some(content) = content.filter(|content| !content.is_cut) else {
            // Fields that are missing are not empty (S40): what is there stays.
            let message = "Jira cannot tell all of this issue in one answer. Its row stays as it was.";
            self.park(row.issue_id, Why::ValueTooLong.code(), message).await?;
            return Ok(None);
        };
        let teams = &self.progress.teams;
        let context = Context { site: &self.jira.site, people, rows: &index.rows, teams };
        let rendered = cells(&content.issue(), self.home.planned.read(true), &context);
        let there: Vec<(String, Cell)> =
            rendered.cells.into_iter().filter(|(key, _)| self.home.columns.contains_key(key)).collect();
        let hash = hash::row(&there).as_bytes().to_vec();
        let bound = bind(&self.home, &there, &index.pages);
        let with_comments = self.asked.wish.with_comments;
        let around = Around { site: &self.jira.site, people, rows: &index.rows, pages: &index.pages, with_comments };
        let is_new = row.page_id.is_none();
        let room = if is_new { room_beside(&bound.values) } else { None };
        let body = body::job(&content, self.continued(rendered.rests), around, room);
        let losses = losses::json(&rendered.losses, &body.losses);
        let is_changed = is_new || hash != row.hash;
        // No body, and there never was one.
        let is_bare = body.calls.is_empty() && row.body_hash.is_empty();
        let body = Some(body).filter(|body| is_new || !(is_bare || body.hash == row.body_hash));
        let mut values: BTreeMap<String, Value> =
            bound.values.into_iter().filter(|_| is_changed).map(|(id, value)| (id.to_owned(), value)).collect();
        // An issue may be there again of which the row says that it is not.
        if !is_new && row.hash.is_empty() {
            values.extend(self.no_notice());
        }
        Ok(Some(Job {
            issue_id: row.issue_id,
            updated_at: row.updated_at,
            page_id: row.page_id.clone(),
            hash,
            cells: there,
            values,
            body,
            losses,
            is_gone: matches!(row.state.as_str(), GONE | WITHHELD | LEAVING),
            absent: bound.absent,
            is_again: false,
        }))
    }

    /// The ends of texts whose beginnings stand in columns that there are.
    fn continued(&self, rests: Vec<Rest>) -> Vec<Continued> {
        let there = rests.into_iter().filter(|rest| self.home.columns.contains_key(&rest.column));
        let named = there.filter_map(|Rest { column, text }| {
            let name = self.home.planned.column(&column)?.name.clone();
            Some(Continued { name, text })
        });
        named.collect()
    }

    fn start(&self, queue: &mut Queue, tools: &Arc<Tools>, job: Job) {
        queue.under_way.insert(job.issue_id.to_string());
        let tools = tools.clone();
        queue.jobs.spawn(async move {
            let done = tools.write(&job).await;
            (job, done)
        });
    }

    /// Waits for one call, and writes down what came of it. `false`: none is under way.
    async fn finish_one(&mut self, queue: &mut Queue, tools: &Arc<Tools>, index: &mut Index) -> Result<bool, Halt> {
        let Some(joined) = queue.jobs.join_next().await else { return Ok(false) };
        // A task that fell over is found again as one of which nobody knows how it ended.
        let Ok((mut job, done)) = joined else { return Ok(true) };
        queue.under_way.remove(&job.issue_id.to_string());
        let done = match done {
            Err(Halt::Lost) => return Err(tools.overtaken(job.issue_id, None).await),
            done => done?,
        };
        match done {
            Done::Created(page) | Done::Updated(page) => self.stands(tools, index, &job, page, true).await?,
            Done::Bare { page, code, detail } => {
                self.stands(tools, index, &job, page, false).await?;
                tracing::warn!(fault = "notion", retry = false, database = %self.database.id, code, "a text was refused");
                self.park(job.issue_id, "rejected_by_notion", &detail).await?;
            }
            Done::Hidden => self.hide(&[job.issue_id]).await?,
            Done::Unrelated(gone) => {
                // The rows that it names are away as if a person had put them into the trash (S45).
                let away = index.pages.extract_if(|_, page| gone.contains(page));
                self.hide(&away.filter_map(|(issue, _)| issue.parse().ok()).collect::<Vec<_>>()).await?;
                self.start_again(queue, tools, job, index);
                return Ok(true);
            }
            // The next run makes another one.
            Done::Vanished => self.means.store.row_vanished(&self.database.id, job.issue_id).await?,
            Done::Full(reason) => queue.full = Some(reason),
            Done::Refused { .. } if !job.is_again => {
                // Maybe the columns or their options are not what they were (S47).
                if self.look_at_columns().await? {
                    let choices = self.choices(index).await?;
                    self.bring_up_to_date(&choices).await?;
                }
                job.is_again = true;
                self.start_again(queue, tools, job, index);
                return Ok(true);
            }
            Done::Refused { code, detail } => {
                tracing::warn!(fault = "notion", retry = false, database = %self.database.id, code, "a row was refused");
                self.park(job.issue_id, "rejected_by_notion", &detail).await?;
            }
        }
        queue.done += 1;
        self.tell(Phase::Rows, queue.done, queue.total).await?;
        Ok(true)
    }

    /// A row stands in Notion as the job has it, with its text or without.
    async fn stands(
        &mut self,
        tools: &Tools,
        index: &mut Index,
        job: &Job,
        page: String,
        with_body: bool,
    ) -> Result<(), Halt> {
        let is_new = job.page_id.is_none();
        let written = Written {
            issue_id: job.issue_id,
            page_id: &page,
            hash: &job.hash,
            // Of a text that was refused nobody knows how much is there.
            body_hash: job.body.as_ref().map(|body| if with_body { body.hash.as_slice() } else { UNSURE }),
            losses: Some(&job.losses),
        };
        if !self.means.store.row_written(&self.hold.lease, written, job.updated_at).await? {
            return Err(tools.overtaken(job.issue_id, Some(page.as_str()).filter(|_| is_new)).await);
        }
        index.pages.insert(job.issue_id.to_string(), page);
        self.count(|counts, many| if is_new { counts.created += many } else { counts.updated += many }, 1);
        Ok(())
    }

    /// The same with what there is by now.
    fn start_again(&self, queue: &mut Queue, tools: &Arc<Tools>, mut job: Job, index: &Index) {
        job.cells.retain(|(key, _)| self.home.columns.contains_key(key));
        job.hash = hash::row(&job.cells).as_bytes().to_vec();
        let known: BTreeSet<&str> = self.home.columns.values().map(|it| it.id.as_str()).collect();
        job.values.retain(|id, _| known.contains(id.as_str()));
        let bound = bind(&self.home, &job.cells, &index.pages);
        job.values.extend(bound.values.into_iter().map(|(id, value)| (id.to_owned(), value)));
        self.start(queue, tools, job);
    }

    async fn hide(&self, issues: &[i64]) -> Result<(), Halt> {
        let problem = self.problem("hidden_by_you", "You moved this row to trash. Restore brings it back.");
        let problem = Some(problem.as_str());
        let marked = |issue_id: &i64| Marked { issue_id: *issue_id, state: HIDDEN, problem, ..Marked::default() };
        self.mark(&issues.iter().map(marked).collect::<Vec<_>>()).await
    }

    async fn park(&mut self, issue_id: i64, code: &str, message: &str) -> Result<(), Halt> {
        let problem = self.problem(code, message);
        self.count(|counts, many| counts.failed += many, 1);
        match self.means.store.park_row(&self.hold.lease, issue_id, &problem).await? {
            true => Ok(()),
            false => Err(Halt::Lost),
        }
    }

    fn count(&mut self, add: impl FnOnce(&mut super::super::state::Counts, u64), many: usize) {
        if let Some(run) = &mut self.progress.run {
            add(&mut run.counts, u64::try_from(many).unwrap_or_default());
        }
    }
}

#[derive(Debug)]
struct Queue {
    people: Arc<People>,
    jobs: JoinSet<(Job, Result<Done, Halt>)>,
    /// Issues that are being written now.
    under_way: BTreeSet<String>,
    done: u64,
    total: u64,
    /// Why Notion takes no more rows.
    full: Option<Reason>,
}

/// The room for a body in the call that makes a row of these values (S36).
fn room_beside(values: &BTreeMap<&str, Value>) -> Option<Room> {
    Room::beside(serde_json::to_vec(values).ok()?.len())
}
