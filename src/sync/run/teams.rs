//! Names of teams, where issues tell their numbers alone (§3.2): so does Data Center.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::columns::Reading;
use super::super::fit::fit;
use super::super::halt::Halt;
use super::super::state::RunKind;
use super::Going;
use super::columns::BATCH;
use super::content::Content;
use crate::jira::scan::ScanError;
use crate::secret::ExposeSecret;

/// Teams that one run asks for; the others are asked for by the next ones that meet them.
const MOST: usize = 200;
/// Names that are kept. Further teams are shown by their numbers.
const KEPT: usize = 5_000;
/// Of a name, in UTF-16 units; an option of Notion holds fewer.
const NAME_UNITS: usize = 255;

impl Going {
    /// Asks for the names of teams in the queue that are not known; of all of them in a run that reads everything, since
    /// a team that is renamed touches no issue.
    pub(super) async fn look_up_teams(&mut self) -> Result<(), Halt> {
        let is_full = self.progress.run.as_ref().is_some_and(|run| run.kind == RunKind::Full);
        let mut named = self.numbered_teams().await?;
        named.retain(|id| is_full || !self.progress.teams.contains_key(&id.to_string()));
        if named.is_empty() {
            return Ok(());
        }
        for id in named.into_iter().take(MOST) {
            let name = self.ask(|client| async move { client.team_name(id).await.map_err(ScanError::from) });
            let Some(name) = name.await? else { continue };
            let (id, teams) = (id.to_string(), &mut self.progress.teams);
            if teams.len() < KEPT || teams.contains_key(&id) {
                teams.insert(id, fit(&name, NAME_UNITS).to_owned());
            }
        }
        self.save_progress().await
    }

    /// The teams of issues in the queue, of which these say no more than the number.
    async fn numbered_teams(&self) -> Result<BTreeSet<u64>, Halt> {
        let columns = self.home.planned.columns.iter().filter(|it| it.reading == Reading::Team);
        let fields: Vec<&String> = columns.filter_map(|it| it.fields.first()).collect();
        let (mut teams, mut after) = (BTreeSet::new(), (-1, 0));
        while !fields.is_empty() {
            let (store, sealer) = (&self.means.store, &self.means.sealer);
            let batch = store.pending_rows(sealer, &self.database.id, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = (last.row.depth, last.row.issue_id);
            for pending in &batch {
                let Ok(content) = serde_json::from_slice::<Content>(pending.content.expose_secret()) else { continue };
                teams.extend(fields.iter().filter_map(|field| number(content.fields.get(*field)?)));
            }
            self.hold.firm().await?;
        }
        Ok(teams)
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
