//! Going on with another connection: whose eyes read Jira from then on, and what that changes (synced-database §1.5, S21).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::census::MOST_ISSUES;
use super::halt::Halt;
use super::run::read_json;
use super::state::{Asked, Progress};
use super::{CreateError, Syncs};
use crate::connect::Held;
use crate::jira::scan::{CensusPosition, ProjectStanding, Scope, Standing};
use crate::store::row_state::{GONE, LEAVING, WITHHELD};
use crate::store::{
    AccountId, Connection, ConnectionId, Database, GrantHealth, NotionConnection, NotionConnectionId, SyncedRow,
};

/// What of the database another Jira user sees otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Issues that have a row and that this user does not see.
    pub disappear: u64,
    /// Issues that this user sees and that have no row.
    pub appear: u64,
}

/// Issues that are compared with those of a Jira at another address.
const MOST_COMPARED: usize = 100;
/// Newcomers that are looked at for a security level; beyond, all are counted.
const MOST_ASKED: usize = 1_000;

impl Syncs {
    /// What would change with this connection. None: it is the same person's, or nobody has read anything yet.
    pub async fn difference(
        &self,
        account: &AccountId,
        database: &Database,
        connection: Option<&ConnectionId>,
    ) -> Result<Option<Difference>, CreateError> {
        let held = self.means.connect.held(account).await?;
        let chosen = chosen(&held, database, connection)?;
        let progress: Progress = read_json(&database.progress);
        if progress.viewer.is_empty() || progress.viewer == chosen.jira_user {
            return Ok(None);
        }
        let asked: Asked = read_json(&database.wish);
        let scope = Scope::new(u64::try_from(database.project_id).unwrap_or_default(), asked.filter);
        let project = scope.project_id();
        let standing = self.ask(chosen, |client| async move { client.project_standing(project).await });
        if standing.await? == ProjectStanding::Hidden {
            return Err(CreateError::Hidden);
        }
        let there = self.all_ids(chosen, &scope).await?;
        let rows = self.means.store.synced_rows(&database.id).await?;
        let with_row = rows.iter().filter(|row| row.page_id.is_some() && row.state.is_empty());
        let gone = with_row.filter(|row| !there.contains(&row.issue_id.to_string())).count();
        let is_away = |row: &&SyncedRow| [GONE, WITHHELD, LEAVING].contains(&row.state.as_str());
        let known = rows.iter().filter(|row| row.is_pending || (row.page_id.is_some() && !is_away(row)));
        let known: BTreeSet<String> = known.map(|row| row.issue_id.to_string()).collect();
        let new: Vec<&str> = there.difference(&known).map(String::as_str).collect();
        let hidden = if asked.wish.with_security { 0 } else { self.secured(chosen, &new).await? };
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Some(Difference { disappear: number(gone), appear: number(new.len().saturating_sub(hidden)) }))
    }

    async fn all_ids(&self, jira: &Connection, scope: &Scope) -> Result<BTreeSet<String>, CreateError> {
        let (mut there, mut next) = (BTreeSet::new(), Some(CensusPosition::default()));
        while let Some(at) = &next {
            let page = self.ask(jira, |client| async move { client.census_page(scope, at).await }).await?;
            there.extend(page.ids);
            if there.len() > MOST_ISSUES {
                return Err(CreateError::Jira(Halt::TooManyIssues.to_string()));
            }
            next = page.next;
        }
        Ok(there)
    }

    /// How many of these issues have a security level, and stay out for that.
    async fn secured(&self, jira: &Connection, ids: &[&str]) -> Result<usize, CreateError> {
        let mut secured = 0;
        for some in ids.chunks(100).take(MOST_ASKED / 100) {
            let told = self.ask(jira, |client| async move { client.standing(some, &[]).await }).await?;
            let is_secured = |standing: &Standing| matches!(standing, Standing::Found(it) if it.secured);
            secured += told.iter().filter(|(_, standing)| is_secured(standing)).count();
        }
        Ok(secured)
    }

    /// Goes on with another connection, or with the same one after its person has seen to it. Whoever sees other issues
    /// than the one before reads all of them anew (S21). Where the connection to Notion was removed, the newest one takes
    /// its place: it was made for that.
    pub async fn reauthenticate(
        &self,
        account: &AccountId,
        database: &Database,
        connection: Option<&ConnectionId>,
    ) -> Result<(), CreateError> {
        let held = self.means.connect.held(account).await?;
        let chosen = chosen(&held, database, connection)?;
        if chosen.site != database.site {
            self.prove_same(chosen, database).await?;
        }
        let notion = self.notion_for(account, database).await?;
        self.means.store.hand_over_database(account, &database.id, &chosen.id, &notion, &chosen.site).await?;
        let progress: Progress = read_json(&database.progress);
        if !progress.viewer.is_empty() && progress.viewer != chosen.jira_user {
            // What they do not see is looked for at once (S58).
            self.means.store.ask_for_run(account, &database.id, "census").await?;
        }
        self.wake.notify_one();
        Ok(())
    }

    /// A Jira at another address is the same one if it holds the same issues under the same keys (S17). What it says of
    /// itself proves nothing.
    async fn prove_same(&self, jira: &Connection, database: &Database) -> Result<(), CreateError> {
        let rows = self.means.store.synced_rows(&database.id).await?;
        let rows: Vec<&SyncedRow> = rows.iter().filter(|row| row.page_id.is_some() && row.state.is_empty()).collect();
        let step = rows.len().div_ceil(MOST_COMPARED).max(1);
        let sample: Vec<(String, &str)> =
            rows.iter().step_by(step).map(|row| (row.issue_id.to_string(), row.issue_key.as_str())).collect();
        let ids: Vec<&str> = sample.iter().map(|(id, _)| id.as_str()).collect();
        let told = self.ask(jira, |client| {
            let ids = &ids;
            async move { client.standing(ids, &["project"]).await }
        });
        let told = told.await?;
        let found = sample.iter().zip(&told).filter_map(|((_, key), (_, standing))| match standing {
            Standing::Found(record) => Some(record.key == *key),
            Standing::Missing | Standing::Unknown => None,
        });
        let same: Vec<bool> = found.collect();
        // Some may have been deleted meanwhile.
        let is_same = same.iter().all(|is_same| *is_same) && same.len() * 10 >= sample.len() * 9;
        if is_same && !sample.is_empty() { Ok(()) } else { Err(CreateError::OtherJira(jira.site.to_string())) }
    }

    /// The connection to Notion that goes on: the one there is, or another one to the same workspace.
    async fn notion_for(&self, account: &AccountId, database: &Database) -> Result<NotionConnectionId, CreateError> {
        let all = self.means.workspaces.of(account).await?;
        let old = all.iter().find(|it| Some(&it.id) == database.notion_connection_id.as_ref());
        if let Some(old) = old.filter(|it| it.health == GrantHealth::Ok) {
            return Ok(old.id.clone());
        }
        let fits = |it: &&NotionConnection| {
            it.health == GrantHealth::Ok && old.is_none_or(|old| old.workspace_id == it.workspace_id)
        };
        let newest = all.iter().filter(fits).max_by_key(|it| it.created_at);
        newest.map(|it| it.id.clone()).ok_or(CreateError::UnknownNotionConnection)
    }
}

/// The connection that is meant: the one that is named, else the one it had, else the only one there is.
fn chosen<'h>(
    held: &'h Held,
    database: &Database,
    connection: Option<&ConnectionId>,
) -> Result<&'h Arc<Connection>, CreateError> {
    if let Some(id) = connection {
        // Also at another address, which has to be proved.
        return held.find(id).ok_or(CreateError::UnknownConnection);
    }
    if let Some(id) = &database.connection_id {
        return held.find(id).filter(|it| it.site == database.site).ok_or(CreateError::UnknownConnection);
    }
    let mut there = held.at(&database.site);
    match (there.next(), there.next()) {
        (None, _) => Err(CreateError::ConnectFirst(database.site.to_string())),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(CreateError::ChooseConnection(database.site.to_string())),
    }
}
