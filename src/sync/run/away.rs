//! Rows that leave: those of issues that are gone, and of issues that must not be shown any more (§1.2, S62).

use std::collections::BTreeMap;

use super::super::bind::empty;
use super::super::halt::Halt;
use super::super::writer::{Again, Failed};
use super::Going;
use super::body::{children, is_framed, is_ours};
use crate::notion::Error;
use crate::notion::property::Value;
use crate::notion::rich_text::RichText;
use crate::notion::told::Page;
use crate::store::row_state::{LEAVING, WITHHELD};
use crate::store::{Marked, SyncedRow};

impl Going {
    /// Puts away what must not be shown any more. Where somebody has something of their own on the page, the page stays
    /// and only what came from Jira goes.
    pub(super) async fn let_leave(&mut self) -> Result<(), Halt> {
        if self.means.store.row_counts(&self.database.id).await?.unsettled == 0 {
            return Ok(());
        }
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        // One that waits is shown again: its issue has changed meanwhile.
        for row in rows.iter().filter(|row| row.state == LEAVING && !row.is_pending) {
            match self.withdraw(row).await {
                Ok(()) => {}
                // The others go all the same; this one is tried again by the next run.
                Err(Halt::Refused { code, .. }) => {
                    tracing::warn!(fault = "notion", retry = true, database = %self.database.id, code, "a row does not leave");
                    continue;
                }
                Err(halt) => return Err(halt),
            }
            let (issue_id, problem) = (row.issue_id, row.problem.as_deref());
            self.mark(&[Marked { issue_id, state: WITHHELD, problem, ..Marked::default() }]).await?;
        }
        Ok(())
    }

    async fn withdraw(&mut self, row: &SyncedRow) -> Result<(), Halt> {
        match self.holds_own(row).await? {
            true => self.blank(row).await,
            false => self.put_away(row).await,
        }
    }

    /// Puts a row into the trash, whatever is on its page.
    pub(super) async fn put_away(&mut self, row: &SyncedRow) -> Result<(), Halt> {
        let Some(page) = row.page_id.as_deref() else { return Ok(()) };
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
            client.trash_page(&token, page, true).await
        });
        match call.await {
            Ok(_) | Err(Failed::Notion(Error::NotFound)) => {}
            Err(failed) => return Err(failed.into()),
        }
        if let Some(run) = &mut self.progress.run {
            run.counts.trashed += 1;
        }
        Ok(())
    }

    /// Leaves of a row nothing but its key, also in columns that are not kept up any more.
    async fn blank(&self, row: &SyncedRow) -> Result<(), Halt> {
        let Some(page) = row.page_id.as_deref() else { return Ok(()) };
        let Some(there) = self.page(page).await? else { return Ok(()) };
        // Sides of relations that the other rows write are theirs.
        let of_others = self.home.planned.columns.iter().filter(|it| !it.is_written()).map(|it| it.key.as_str());
        let stays: Vec<&str> = ["jira_id", "key", "link"]
            .into_iter()
            .chain(of_others)
            .filter_map(|key| self.home.columns.get(key).map(|column| column.id.as_str()))
            .collect();
        let mut values: BTreeMap<&str, Value> = BTreeMap::new();
        for (id, kind) in there.columns().filter(|(id, _)| self.home.is_ours(id) && !stays.contains(id)) {
            let value = match kind {
                "title" => Some(Value::Title(vec![RichText::plain(&row.issue_key)])),
                kind => empty(kind),
            };
            values.extend(value.map(|value| (id, value)));
        }
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
            let values = &values;
            async move { client.update_page(&token, page, values).await }
        });
        match call.await {
            Ok(_) => {}
            Err(Failed::Notion(Error::NotFound)) => return Ok(()),
            Err(failed) => return Err(failed.into()),
        }
        let there = children(&self.hold, &self.writer, page).await?;
        for block in there.iter().filter(|it| is_framed(it, &self.bots)) {
            let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
                client.delete_block(&token, &block.id).await
            });
            match call.await {
                Ok(()) | Err(Failed::Notion(Error::NotFound)) => {}
                Err(failed) => return Err(failed.into()),
            }
        }
        Ok(())
    }

    /// A row as it stands in Notion; none where it does not.
    pub(super) async fn page(&self, id: &str) -> Result<Option<Page>, Halt> {
        let call =
            self.writer.call(&self.hold, Again::Harmless, |client, token| async move { client.page(&token, id).await });
        match call.await {
            Ok(page) => Ok(Some(page)),
            Err(Failed::Notion(Error::NotFound)) => Ok(None),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Whether there is something of a person's own on a row's page.
    pub(super) async fn holds_own(&self, row: &SyncedRow) -> Result<bool, Halt> {
        match row.page_id.as_deref() {
            Some(page) => self.has_own_content(page).await,
            None => Ok(false),
        }
    }

    /// Blocks that somebody else has made, a filled column of theirs, or a comment.
    pub(super) async fn has_own_content(&self, page: &str) -> Result<bool, Halt> {
        let there = match children(&self.hold, &self.writer, page).await {
            // The page is not there any more; or nothing of the database is, and that is another matter.
            Err(Halt::DatabaseHidden) => return self.data_source().await.map(|_| false),
            other => other?,
        };
        if !there.iter().all(|block| is_ours(block, &self.bots)) {
            return Ok(true);
        }
        let Some(there) = self.page(page).await? else { return Ok(false) };
        if there.own_values().any(|(id, is_filled)| is_filled && !self.home.is_ours(id)) {
            return Ok(true);
        }
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
            match client.has_comments(&token, page).await {
                // A connection need not have the right to read them; then it knows of none.
                Err(Error::Refused { status: 403, .. } | Error::NotFound) => Ok(false),
                other => other,
            }
        });
        call.await.map_err(Halt::from)
    }
}
