//! The synced databases of all accounts: what people do with them, and the work that goes on behind.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::sync::{Notify, RwLock, Semaphore};
use tokio::task::JoinSet;

use super::CreateError;
use super::badge::Question;
use super::owners::Owners;
use super::pace::Pace;
use super::policy::Policy;
use super::run::{self, Decision, Means};
use super::shown::Shown;
use super::state::{Home, Progress, Status};
use crate::clock::Clock;
use crate::connect::Connect;
use crate::jira::key::SiteUrl;
use crate::metrics::Metrics;
use crate::notion;
use crate::secret::Sealer;
use crate::store::{self, AccountId, Database, DatabaseId, RowCounts, Store};
use crate::workspace::{TokenError, Workspaces};

/// Databases that one process works on at one time.
const AT_ONCE: usize = 8;
/// A call to Notion may take longer, but nobody waits for it when the gateway stops (contract §7).
const STOPS_WITHIN: Duration = Duration::from_secs(25);
/// How often it is seen what is due.
const EVERY: Duration = Duration::from_secs(2);

/// Dry runs at one time.
const REHEARSALS: usize = 2;

/// Keeps projects as databases.
#[derive(Debug)]
pub struct Syncs {
    pub(super) means: Means,
    /// Something is due before the next look.
    pub(super) wake: Notify,
    /// Held by runs: a stop waits for them.
    busy: Arc<RwLock<()>>,
    /// Whose databases there are, as of the last look.
    pub(super) owners: Owners,
    /// Whose turn it is to make a dry run.
    pub(super) rehearsals: Semaphore,
}

impl Syncs {
    pub fn new(
        store: Store,
        sealer: Sealer,
        (clock, metrics): (Clock, Arc<Metrics>),
        ways: (Arc<Connect>, Arc<Workspaces>),
        policy: Policy,
        public_url: SiteUrl,
        (interval, confirm): (Duration, Duration),
    ) -> Self {
        let (connect, workspaces) = ways;
        let time = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let (interval, confirm) = (time(interval), time(confirm));
        let (pace, people, stopping) = (Arc::default(), Arc::default(), Arc::default());
        let means = Means {
            store,
            sealer,
            clock,
            metrics,
            connect,
            workspaces,
            pace,
            interval,
            confirm,
            people,
            policy,
            public_url,
            stopping,
        };
        Self {
            means,
            wake: Notify::new(),
            busy: Arc::default(),
            owners: Owners::default(),
            rehearsals: Semaphore::new(REHEARSALS),
        }
    }

    /// From now on so many calls a minute are made to Notion in each connection and each workspace, for whoever knows that
    /// theirs permits them.
    pub fn permit(&self, allowance: usize) {
        *self.pace() = Pace::new(allowance);
    }

    pub(super) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.means.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works off what is due, again and again, until the task is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut runs = JoinSet::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.wake.notified() => {}
                Some(_) = runs.join_next() => {}
            }
            if let Ok(owners) = self.means.store.database_owners().await {
                self.owners.set(owners);
            }
            while runs.len() < AT_ONCE {
                match self.means.store.claim_due_database(run::lease_until(&self.means.clock)).await {
                    Ok(Some(database)) => {
                        let (means, busy) = (self.means.clone(), self.busy.clone().read_owned().await);
                        runs.spawn(async move {
                            run::run(means, database).await;
                            drop(busy);
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(fault = "us", retry = true, %error, "synced databases were not looked at");
                        break;
                    }
                }
            }
        }
    }

    /// Works off what is due now, one after the other. How many databases that were.
    pub async fn round(&self) -> Result<usize, store::Error> {
        let mut count = 0;
        while let Some(database) = self.means.store.claim_due_database(run::lease_until(&self.means.clock)).await? {
            run::run(self.means.clone(), database).await;
            count += 1;
        }
        Ok(count)
    }

    /// Works on one of them now, due or not. `false`: somebody else works on it, or there is none.
    pub async fn run_one(&self, id: &DatabaseId) -> Result<bool, store::Error> {
        let busy = self.busy.clone().read_owned().await;
        let claimed = self.means.store.claim_database(id, run::lease_until(&self.means.clock)).await?;
        let Some(database) = claimed else { return Ok(false) };
        run::run(self.means.clone(), database).await;
        drop(busy);
        Ok(true)
    }

    /// From now on no run begins another call.
    pub fn wind_down(&self) {
        self.means.stopping.store(true, Ordering::Relaxed);
    }

    /// Waits until all runs have written down where they are; not for longer than somebody waits who stops the gateway.
    pub async fn stop(&self) {
        self.wind_down();
        if tokio::time::timeout(STOPS_WITHIN, self.busy.write()).await.is_err() {
            tracing::warn!(fault = "notion", retry = true, "a run did not end in time; the next start goes on with it");
        }
    }

    /// Whether an account has databases, as far as this process has heard by now: no question to anybody, for those who
    /// are asked often.
    pub fn has_any(&self, account: &AccountId) -> bool {
        self.owners.has(account)
    }

    /// An account's databases, oldest first.
    pub async fn of(&self, account: &AccountId) -> Result<Vec<Database>, store::Error> {
        self.means.store.databases(account).await
    }

    /// One of them.
    pub async fn one(&self, account: &AccountId, id: &DatabaseId) -> Result<Option<Database>, store::Error> {
        self.means.store.database(account, id).await
    }

    /// What its rows are, by number.
    pub async fn rows(&self, id: &DatabaseId) -> Result<RowCounts, store::Error> {
        self.means.store.row_counts(id).await
    }

    /// Runs it now. `false` if the account has no such.
    pub async fn sync_now(&self, account: &AccountId, id: &DatabaseId, census: bool) -> Result<bool, store::Error> {
        let asked = if census { "census" } else { "delta" };
        let found = self.means.store.ask_for_run(account, id, asked).await?;
        self.wake.notify_one();
        Ok(found)
    }

    /// Brings back what people have removed or changed in Notion: columns, and rows that lie in the trash. `false` if the
    /// account has no such database.
    pub async fn restore(&self, account: &AccountId, id: &DatabaseId) -> Result<bool, store::Error> {
        let found = self.means.store.ask_for_run(account, id, "restore").await?;
        self.wake.notify_one();
        Ok(found)
    }

    /// What becomes of rows whose issues are missing. `about`: what its person has read; an answer to one question is none
    /// to another. `false` if the account has no such database.
    pub async fn answer(
        &self,
        account: &AccountId,
        id: &DatabaseId,
        about: Question,
        decision: Decision,
    ) -> Result<bool, store::Error> {
        let asked = match (about, decision) {
            (Question::Missing, Decision::Trash) => "trash",
            (Question::Missing, Decision::Keep) => "keep",
            (Question::OwnContent, Decision::Trash) => "trash_own",
            (Question::OwnContent, Decision::Keep) => "keep_own",
        };
        let found = self.means.store.ask_for_run(account, id, asked).await?;
        self.wake.notify_one();
        Ok(found)
    }

    /// Makes the database anew in Notion, with the same wishes; the one that was there is not touched (S46). `false` if the
    /// account has no such database.
    pub async fn recreate(&self, account: &AccountId, id: &DatabaseId) -> Result<bool, store::Error> {
        let status = Status { since: Some(self.means.clock.now()), ..Status::default() };
        let anew = [run::json(&Home::default()), run::json(&Progress::default()), run::json(&status)];
        let found = self.means.store.begin_database_anew(account, id, anew.each_ref().map(String::as_str)).await?;
        self.wake.notify_one();
        Ok(found)
    }

    /// Lets it rest, or go on.
    pub async fn pause(&self, account: &AccountId, id: &DatabaseId, paused: bool) -> Result<bool, store::Error> {
        let found = self.means.store.pause_database(account, id, paused).await?;
        self.wake.notify_one();
        Ok(found)
    }

    /// As people and programs see it.
    pub fn shown(&self, database: &Database) -> Shown {
        Shown::of(database, self.means.clock.now(), self.means.interval, &self.pace())
    }

    /// Forgets it. In Notion everything stays, or the database goes to the trash.
    pub async fn remove(
        &self,
        account: &AccountId,
        database: &Database,
        delete_table: bool,
    ) -> Result<(), CreateError> {
        let home: Home = run::read_json(&database.place);
        if delete_table && !home.database_id.is_empty() {
            let (connection, id) = (self.notion_of(database).await?, &home.database_id);
            let trashed = self.ask_notion(&connection, |client, token| async move {
                client.update_database(&token, id, &json!({ "in_trash": true })).await
            });
            match trashed.await {
                Ok(()) | Err(TokenError::Notion(notion::Error::NotFound)) => {}
                Err(TokenError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    let what = "Notion did not put the database into the trash";
                    return Err(CreateError::Notion(format!("{what}: {error}. Nothing was removed.")));
                }
            }
        }
        self.means.store.remove_database(account, &database.id).await?;
        Ok(())
    }
}
