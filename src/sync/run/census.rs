//! The list of all issues, now and then: what is in it and has no row is read, what has a row and is not in it is looked
//! into (S26, S58 to S63).

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::badge::{Question, Reason};
use super::super::census::{MOST_ISSUES, Missing, Verdict, brakes, verdict};
use super::super::halt::Halt;
use super::super::state::{OnLeft, Phase};
use super::Going;
use crate::jira::scan::{CensusPosition, ProjectStanding, Record, Standing};
use crate::store::row_state::{ASKED, GONE, KEPT, MOVED};
use crate::store::{Marked, SyncedRow};

/// Up to so many rows the list is one call, and made every hour; beyond, every day.
const SMALL: usize = 5_000;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// What the row of an issue says that Jira does not show any more.
const DELETED: &str = "Deleted in Jira";
/// Ids of one call that asks what became of them.
const TOGETHER: usize = 100;

/// What its person has decided about rows whose issues are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Trash,
    Keep,
}

/// What a person asks a run to do beyond what is due. The words lie in the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extra {
    pub census: bool,
    /// About issues that are missing in great number.
    pub decision: Option<Decision>,
    /// About rows that hold something of a person's own.
    pub of_own: Option<Decision>,
    /// What people have removed or changed in Notion comes back.
    pub restore: bool,
}

impl Extra {
    pub fn parse(asked: &str) -> Self {
        let census = Self { census: true, ..Self::default() };
        match asked {
            "census" => census,
            "trash" => Self { decision: Some(Decision::Trash), ..census },
            "keep" => Self { decision: Some(Decision::Keep), ..census },
            "trash_own" => Self { of_own: Some(Decision::Trash), ..census },
            "keep_own" => Self { of_own: Some(Decision::Keep), ..census },
            "restore" => Self { restore: true, ..census },
            _ => Self::default(),
        }
    }
}

impl Going {
    /// Makes the list if it is due or asked for.
    pub(super) async fn census(&mut self) -> Result<(), Halt> {
        let extra = Extra::parse(&self.database.asked);
        let now = self.hold.clock.now();
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let every = if rows.len() <= SMALL { HOUR } else { DAY };
        let is_confirming = rows.iter().any(|row| row.missed > 0 && row.state.is_empty());
        let every = if is_confirming { self.means.confirm.min(every) } else { every };
        let is_due = self.progress.lanes.census.is_none_or(|last| now.duration_since(last) >= every);
        if !(is_due || extra.census) {
            return Ok(());
        }
        self.tell(Phase::Census, 0, super::number(i64::try_from(rows.len()).unwrap_or(i64::MAX))).await?;
        let there = self.all_ids().await?;
        self.read_newcomers(&rows, &there).await?;
        if let Some(decision) = extra.of_own {
            self.see_to_own(&rows, &there, decision).await?;
            // What is found below is another question.
            self.seen_to("census").await?;
        }
        self.look_for_missing(rows, &there, extra.decision, now).await?;
        if extra.decision.is_some() {
            // What is missing at the next look is another question.
            self.seen_to("census").await?;
        }
        self.progress.lanes.census = Some(now);
        self.save_progress().await
    }

    async fn all_ids(&self) -> Result<HashSet<i64>, Halt> {
        let scope = self.scope();
        let (mut there, mut next) = (HashSet::new(), Some(CensusPosition::default()));
        while let Some(at) = next {
            let page = self
                .ask(|client| {
                    let (scope, at) = (&scope, &at);
                    async move { client.census_page(scope, at).await }
                })
                .await?;
            there.extend(page.ids.iter().filter_map(|id| id.parse::<i64>().ok()));
            if there.len() > MOST_ISSUES {
                return Err(Halt::TooManyIssues);
            }
            next = page.next;
        }
        Ok(there)
    }

    /// Issues that are there without having changed: somebody may see them now who did not before (S26). And those whose
    /// rows were put away, or left alone, come back (S63).
    async fn read_newcomers(&mut self, rows: &[SyncedRow], there: &HashSet<i64>) -> Result<(), Halt> {
        let known: HashSet<i64> = rows
            .iter()
            .filter(|row| ![GONE, MOVED, KEPT, ASKED].contains(&row.state.as_str()))
            .map(|row| row.issue_id)
            .collect();
        let mut new: Vec<i64> = there.difference(&known).copied().collect();
        new.sort_unstable();
        self.read_anew(&new).await
    }

    /// What became of issues, with these fields of those that are there.
    pub(super) async fn standing(&self, ids: &[i64], fields: &[&str]) -> Result<Vec<Standing>, Halt> {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let told = self.ask(|client| {
            let ids = &ids;
            async move { client.standing(ids, fields).await }
        });
        Ok(told.await?.into_iter().map(|(_, standing)| standing).collect())
    }

    async fn look_for_missing(
        &mut self,
        rows: Vec<SyncedRow>,
        there: &HashSet<i64>,
        decision: Option<Decision>,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let (live, left): (Vec<SyncedRow>, Vec<SyncedRow>) =
            rows.into_iter().filter(|row| row.page_id.is_some()).partition(|row| row.state.is_empty());
        self.look_at_left(&left).await?;
        let (present, missing): (Vec<&SyncedRow>, Vec<&SyncedRow>) =
            live.iter().partition(|row| there.contains(&row.issue_id));
        let back: Vec<Marked<'_>> = present
            .into_iter()
            .filter(|row| row.missed > 0)
            .map(|row| Marked { issue_id: row.issue_id, problem: row.problem.as_deref(), ..Marked::default() })
            .collect();
        self.mark(&back).await?;
        let asked_about = self.progress.asked_about;
        if missing.is_empty() {
            (self.progress.is_other_viewer, self.progress.asked_about) = (false, None);
            return Ok(());
        }
        // Whoever is not signed in, or may not see the project, is told of no issue at all.
        let id = self.scope().project_id();
        match self.ask(|client| async move { client.project_standing(id).await }).await? {
            ProjectStanding::Hidden => return Err(Halt::ProjectHidden),
            ProjectStanding::Visible(project) if project.archived || project.deleted => {
                return Err(Halt::ProjectArchived);
            }
            ProjectStanding::Visible(_) => {}
        }
        let mut told: Vec<(&SyncedRow, Standing)> = Vec::new();
        for some in missing.chunks(TOGETHER) {
            let ids: Vec<i64> = some.iter().map(|row| row.issue_id).collect();
            let standings = self.standing(&ids, &[]).await?;
            self.withhold_found(&standings).await?;
            told.extend(some.iter().copied().zip(standings));
        }
        told.retain(|(_, standing)| !self.is_withheld(standing));
        let leaving = told.iter().filter(|(_, standing)| self.leaves(standing)).count();
        // An answer is one to the question that was asked, and none to one about more issues.
        let decision = decision.filter(|_| asked_about.is_some_and(|about| leaving <= about));
        // Whoever reads Jira from now on may see less than the one before (S21).
        let is_seen_otherwise = self.progress.is_other_viewer && decision.is_none() && leaving > 0;
        if is_seen_otherwise || (decision.is_none() && brakes(leaving, live.len())) {
            let all = live.len();
            let message = match is_seen_otherwise {
                true => format!(
                    "The account that reads Jira now does not see {leaving} of {all} issues. Nothing was removed. Decide \
                     whether their rows go to the trash or stay."
                ),
                false => format!(
                    "{leaving} of {all} issues are not in Jira any more, or hidden from this account. Nothing was removed. \
                     Check the permissions in Jira; then decide whether their rows go to the trash or stay."
                ),
            };
            self.progress.asked_about = Some(leaving);
            return Err(Halt::Brake(Reason { code: Question::Missing.code().to_owned(), message }));
        }
        self.progress.is_other_viewer = false;
        for (row, standing) in &told {
            self.judge(row, standing, decision, now).await?;
        }
        self.progress.asked_about = None;
        Ok(())
    }

    /// Whether the row of such an issue goes to the trash, by and by.
    fn leaves(&self, standing: &Standing) -> bool {
        match standing {
            Standing::Missing => true,
            // A filter that its person has narrowed is no deletion.
            Standing::Found(_) => self.asked.rules.left == OnLeft::Trash,
            Standing::Unknown => false,
        }
    }

    /// Rows that stay although their issues have left: no reading tells of these issues any more, so it is asked here
    /// whether they may be shown still.
    async fn look_at_left(&self, left: &[SyncedRow]) -> Result<(), Halt> {
        if self.asked.wish.with_security {
            return Ok(());
        }
        let ids: Vec<i64> = left
            .iter()
            .filter(|row| [MOVED, KEPT, ASKED].contains(&row.state.as_str()))
            .map(|row| row.issue_id)
            .collect();
        for some in ids.chunks(TOGETHER) {
            self.withhold_found(&self.standing(some, &[]).await?).await?;
        }
        Ok(())
    }

    fn is_withheld(&self, standing: &Standing) -> bool {
        matches!(standing, Standing::Found(it) if !self.asked.wish.with_security && it.secured)
    }

    async fn withhold_found(&self, told: &[Standing]) -> Result<(), Halt> {
        let found = |standing: &Standing| match standing {
            Standing::Found(record) if self.is_withheld(standing) => Some(record.clone()),
            _ => None,
        };
        self.withhold(&told.iter().filter_map(found).collect::<Vec<Record>>()).await
    }

    async fn judge(
        &mut self,
        row: &SyncedRow,
        standing: &Standing,
        decision: Option<Decision>,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let project_id = self.scope().project_id();
        let words = match standing {
            Standing::Found(record) if record.project_id != project_id.to_string() => {
                format!("Moved to {}", record.key)
            }
            Standing::Found(_) => "Archived in Jira, or out of the filter".to_owned(),
            Standing::Missing | Standing::Unknown => DELETED.to_owned(),
        };
        match decision.filter(|_| self.leaves(standing)) {
            Some(Decision::Keep) => {
                self.notice(row, &words).await?;
                return self.keep_row(row).await;
            }
            Some(Decision::Trash) => return self.throw_away(row, &words).await,
            None => {}
        }
        let now_ms = now.as_millisecond();
        let missed_at = row.missed_at.unwrap_or(now_ms);
        let missing = Missing { missed: row.missed, missed_for: now_ms - missed_at, standing };
        let confirm_ms = i64::try_from(self.means.confirm.as_millis()).unwrap_or(i64::MAX);
        match verdict(&missing, project_id, confirm_ms).unless(self.asked.rules.left) {
            Verdict::Wait => {
                let (issue_id, problem) = (row.issue_id, row.problem.as_deref());
                let missed = if *standing == Standing::Unknown { row.missed } else { row.missed + 1 };
                let missed_at = (missed > 0).then_some(missed_at);
                self.mark(&[Marked { issue_id, state: "", problem, missed, missed_at }]).await
            }
            Verdict::Gone => self.throw_away(row, &words).await,
            Verdict::Moved { .. } | Verdict::OutOfScope => {
                self.notice(row, &words).await?;
                let problem = self.problem("out_of_scope", &format!("{words}. The row stays as it was."));
                self.mark(&[marked(row, MOVED, &problem)]).await
            }
        }
    }

    /// Puts a row into the trash, unless somebody has written something of their own there: then they are asked (S62).
    async fn throw_away(&mut self, row: &SyncedRow, words: &str) -> Result<(), Halt> {
        if !self.holds_own(row).await? {
            return self.discard(row).await;
        }
        self.notice(row, words).await?;
        let message = format!("{words}. The row stays because there is something of yours on its page.");
        let problem = self.problem("out_of_scope", &message);
        self.mark(&[marked(row, ASKED, &problem)]).await
    }

    async fn discard(&mut self, row: &SyncedRow) -> Result<(), Halt> {
        self.put_away(row).await?;
        self.mark(&[Marked { issue_id: row.issue_id, state: GONE, ..Marked::default() }]).await
    }

    async fn keep_row(&self, row: &SyncedRow) -> Result<(), Halt> {
        let problem = self.problem("out_of_scope", "Jira does not show this issue any more; you kept its row.");
        self.mark(&[marked(row, KEPT, &problem)]).await
    }

    /// Does as its person has answered with the rows that were asked about, but for those whose issues are there again.
    async fn see_to_own(&mut self, rows: &[SyncedRow], there: &HashSet<i64>, decision: Decision) -> Result<(), Halt> {
        for row in rows.iter().filter(|row| row.state == ASKED && !there.contains(&row.issue_id)) {
            match decision {
                Decision::Trash => self.discard(row).await?,
                Decision::Keep => self.keep_row(row).await?,
            }
        }
        Ok(())
    }

    pub(super) fn problem(&self, code: &str, message: &str) -> String {
        json!({ "code": code, "message": message, "since": self.hold.clock.now() }).to_string()
    }

    pub(super) async fn mark(&self, rows: &[Marked<'_>]) -> Result<(), Halt> {
        if rows.is_empty() || self.means.store.mark_rows(&self.hold.lease, rows).await? {
            return Ok(());
        }
        Err(Halt::Lost)
    }
}

fn marked<'a>(row: &SyncedRow, state: &'a str, problem: &'a str) -> Marked<'a> {
    Marked { issue_id: row.issue_id, state, problem: Some(problem), missed: row.missed + 1, missed_at: row.missed_at }
}
