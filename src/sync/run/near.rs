//! Issues that name one that is new here: below it, or linked to it (S39). They were written when it was not there, and
//! did not change since, so nobody else reads them.

use std::collections::{HashMap, HashSet};

use super::super::cells::linked_to;
use super::super::halt::Halt;
use super::Going;
use super::columns::BATCH;
use super::content::Content;
use crate::secret::ExposeSecret;
use crate::store::SyncedRow;

impl Going {
    /// Reads them, so that they name it from now on. The other side of a link that has a column is written with the new
    /// row; but whoever mentioned it as a link to elsewhere still does.
    pub(super) async fn read_neighbours(&mut self) -> Result<(), Halt> {
        let rows = self.means.store.synced_rows(&self.database.id).await?;
        let is_new = |row: &&SyncedRow| row.page_id.is_none() && row.is_pending;
        let is_settled = |row: &&SyncedRow| row.page_id.is_some() && row.state.is_empty() && !row.is_pending;
        let new: HashSet<String> =
            rows.iter().filter(is_new).flat_map(|row| [row.issue_id.to_string(), row.issue_key.clone()]).collect();
        let settled: HashMap<String, i64> = rows
            .iter()
            .filter(is_settled)
            .flat_map(|row| [(row.issue_id.to_string(), row.issue_id), (row.issue_key.clone(), row.issue_id)])
            .collect();
        if new.is_empty() || settled.is_empty() {
            return Ok(());
        }
        let below = rows.iter().filter(is_settled).filter(|row| new.contains(&row.parent)).map(|row| row.issue_id);
        let mut near: HashSet<i64> = below.collect();
        let mut after = (-1, 0);
        loop {
            let (store, sealer) = (&self.means.store, &self.means.sealer);
            let batch = store.pending_rows(sealer, &self.database.id, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = (last.row.depth, last.row.issue_id);
            for pending in batch.iter().filter(|it| it.row.page_id.is_none()) {
                let Ok(content) = serde_json::from_slice::<Content>(pending.content.expose_secret()) else { continue };
                near.extend(linked_to(&content.issue()).iter().filter_map(|name| settled.get(name)));
            }
        }
        let mut near: Vec<i64> = near.into_iter().collect();
        near.sort_unstable();
        self.read_anew(&near).await
    }
}
