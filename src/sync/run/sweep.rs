//! Once a night: issues with two rows, whatever has made the second one (S31).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::halt::Halt;
use super::super::writer::{Again, Failed};
use super::Going;
use crate::notion::Error;
use crate::notion::page_url;
use crate::notion::told::Page;
use crate::store::{Marked, SyncedRow};
use jiff::SignedDuration;

const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A row in Notion that bears the id of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Copy {
    page: String,
    created: String,
    is_by_us: bool,
}

impl Going {
    /// Looks at all rows. Of several that we have made for one issue the one stays that has something of a person's own
    /// in it, else the oldest; the others go to the trash if nobody has used them. What a person has made is only told.
    pub(super) async fn sweep(&mut self) -> Result<(), Halt> {
        let now = self.hold.clock.now();
        let last = self.progress.lanes.sweep.filter(|_| !self.home.data_source_id.is_empty());
        let Some(last) = last else {
            self.progress.lanes.sweep = Some(now);
            return Ok(());
        };
        if now.duration_since(last) < EVERY {
            return Ok(());
        }
        let copies = self.copies().await?;
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let rows: HashMap<i64, SyncedRow> = rows.into_iter().map(|row| (row.issue_id, row)).collect();
        let mut doubtful: Vec<i64> = Vec::new();
        for (issue_id, copies) in copies.into_iter().filter(|(_, copies)| copies.len() > 1) {
            let Some(row) = rows.get(&issue_id).filter(|row| row.state.is_empty()) else { continue };
            if self.settle_copies(row, copies).await? {
                doubtful.push(issue_id);
            }
        }
        self.read_anew(&doubtful).await?;
        self.progress.lanes.sweep = Some(now);
        self.save_progress().await
    }

    /// Whether another row stands for the issue from now on.
    async fn settle_copies(&mut self, row: &SyncedRow, copies: Vec<Copy>) -> Result<bool, Halt> {
        let mut own: HashSet<String> = HashSet::new();
        for copy in &copies {
            if self.has_own_content(&copy.page).await? {
                own.insert(copy.page.clone());
            }
        }
        // What a person has made is theirs, the copy of a row, too, whatever they have copied with it.
        let order = |copy: &&Copy| (!copy.is_by_us, !own.contains(&copy.page), copy.created.clone());
        let Some(kept) = copies.iter().min_by_key(order).cloned() else { return Ok(false) };
        let mut left: Vec<String> = Vec::new();
        for copy in copies.iter().filter(|copy| copy.page != kept.page) {
            if own.contains(&copy.page) || !copy.is_by_us {
                left.push(page_url(&copy.page));
                continue;
            }
            let page = &copy.page;
            let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
                client.trash_page(&token, page, true).await
            });
            match call.await {
                Ok(_) | Err(Failed::Notion(Error::NotFound)) => {}
                Err(failed) => return Err(failed.into()),
            }
        }
        let is_another = row.page_id.as_deref() != Some(kept.page.as_str());
        if is_another && !self.means.store.replace_row(&self.hold.lease, row.issue_id, &kept.page).await? {
            return Err(Halt::Lost);
        }
        if !left.is_empty() && !row.is_pending {
            let message =
                format!("There are more rows for this issue, which are not kept up to date: {}", left.join(" "));
            let problem = self.problem("duplicate", &message);
            self.mark(&[Marked { issue_id: row.issue_id, problem: Some(&problem), ..Marked::default() }]).await?;
        }
        Ok(is_another)
    }

    /// All rows by the issue whose id they bear, the oldest first.
    async fn copies(&self) -> Result<BTreeMap<i64, Vec<Copy>>, Halt> {
        let Some(jira_id) = self.home.columns.get("jira_id").map(|it| it.id.clone()) else {
            return Ok(BTreeMap::new());
        };
        let (mut copies, mut seen): (BTreeMap<i64, Vec<Copy>>, HashSet<String>) = (BTreeMap::new(), HashSet::new());
        let see = |page: Page| {
            if let Some(issue_id) = bears(&page).filter(|_| !page.in_trash && seen.insert(page.id.clone())) {
                let is_by_us = self.bots.contains(&page.created_by.id);
                let copy = Copy { page: page.id, created: page.created_time, is_by_us };
                copies.entry(issue_id).or_default().push(copy);
            }
        };
        self.each_row(None, &jira_id, see).await?;
        Ok(copies)
    }
}

/// The id of the issue in a row's column for it, the only one that was asked for.
fn bears(page: &Page) -> Option<i64> {
    let text = page.properties.values().next()?.get("rich_text")?.as_array()?;
    let words: String = text.iter().filter_map(|run| run.get("plain_text")?.as_str()).collect();
    words.trim().parse().ok()
}
