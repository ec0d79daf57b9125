//! The way to Jira with one credential: how many calls at once, and none after Jira refused it.
//!
//! Jira locks an account after a few wrong passwords. So a password goes out in one call at a time, and the first
//! refusal stops every call that waits behind it. Tokens may run in parallel once one call has proven them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::lease::Lease;
use super::pace::{Caller, Work};
use super::turn::{Turn, Turns};
use crate::clock::Clock;
use crate::jira::Error;
use crate::jira::client::Client;
use crate::jira::key::{Deployment, SiteUrl};
use crate::metrics::{Outcome, UpstreamCounters};
use crate::outbound::Failure;
use crate::store::{Connection, CredentialId};

/// Calls at once per connection.
const AT_ONCE: u32 = 6;
/// For this long after a good answer a token is not proven anew.
const PROVEN_FOR: SignedDuration = SignedDuration::from_secs(60);

/// What a row said when the way was opened. A row that says something else later does not go this way.
#[derive(Debug, PartialEq, Eq)]
struct Opened {
    site: SiteUrl,
    api: SiteUrl,
    deployment: Deployment,
    credential: CredentialId,
}

impl Opened {
    fn of(row: &Connection) -> Self {
        let (site, api, credential) = (row.site.clone(), row.api.clone(), row.credential_id.clone());
        Self { site, api, deployment: row.deployment, credential }
    }
}

#[derive(Debug)]
pub struct Access {
    opened: Opened,
    client: Client,
    /// The grant that keeps the client's token valid, with OAuth 2.0.
    lease: Option<Arc<Lease>>,
    one_by_one: bool,
    counters: UpstreamCounters,
    caller: Caller,
    turns: Arc<Turns>,
    lanes: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Set once Jira refused the credential.
    refused: Option<Error>,
    proven_at: Option<Timestamp>,
    /// Counts calls that could not reach Jira, with the last failure: who waited behind one takes its answer.
    unreached: (u64, Option<Error>),
}

impl Access {
    pub fn new(
        connection: &Connection,
        client: Client,
        lease: Option<Arc<Lease>>,
        one_by_one: bool,
        counters: UpstreamCounters,
        turns: Arc<Turns>,
    ) -> Self {
        let opened = Opened::of(connection);
        Self {
            opened,
            client,
            lease,
            one_by_one,
            counters,
            caller: Caller::from(connection),
            turns,
            lanes: Semaphore::new(AT_ONCE as usize),
            state: Mutex::default(),
        }
    }

    /// Whether it leads where this row says.
    pub fn is_for(&self, row: &Connection) -> bool {
        let Opened { site, api, deployment, credential } = &self.opened;
        (site, api, deployment, credential) == (&row.site, &row.api, &row.deployment, &row.credential_id)
    }

    /// Makes one call when it is allowed to; with OAuth 2.0 a second one after a renewal, if Jira refused the token.
    pub async fn ask<T, F>(&self, clock: &Clock, work: Work, call: impl Fn(Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Some(lease) = &self.lease else {
            return self.ask_with(clock, work, self.client.clone(), &call).await;
        };
        let held = lease.fresh().await.inspect_err(|error| self.refuse_after(Some(error)))?;
        let result = self.ask_with(clock, work, self.client.with(held.auth.clone()), &call).await;
        let result = match result {
            // A scope that is missing is another error: no renewal brings it, and this would go round for ever (§5).
            Err(Error::BadCredentials) => match lease.after_refusal(&held).await {
                Ok(renewed) => self.ask_with(clock, work, self.client.with(renewed.auth), &call).await,
                Err(error) => Err(error),
            },
            result => result,
        };
        self.refuse_after(result.as_ref().err());
        result
    }

    async fn ask_with<T, F>(
        &self,
        clock: &Clock,
        work: Work,
        client: Client,
        call: &impl Fn(Client) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (unreached_before, proven) = {
            let state = self.state();
            let proven = state.proven_at.is_some_and(|at| clock.now().duration_since(at) < PROVEN_FOR);
            (state.unreached.0, proven)
        };
        let mut lane = self.lane(if proven && !self.one_by_one { 1 } else { AT_ONCE }).await?;
        self.may_go(unreached_before)?;
        if !self.one_by_one && !proven && self.state().proven_at.is_some() {
            // Proven while this one waited: let the others run beside it.
            drop(lane);
            lane = self.lane(1).await?;
        }
        let place = self.turns.place(&self.caller.site).await?;
        self.may_go(unreached_before)?;
        let turn = Arc::new(Turn::new(self.turns.clone(), self.caller.clone(), work, self.counters.clone()));
        let started = Instant::now();
        let result = call(client.through(turn.clone())).await;
        drop(place);
        if turn.went_out() {
            self.counters.record(outcome(result.as_ref().err()), started.elapsed());
        }
        if self.lease.is_none() {
            // Before the lane is free: whoever waits behind a refused password must not send it again.
            self.refuse_after(result.as_ref().err());
        }
        self.learn(clock.now(), result.as_ref().err());
        drop(lane);
        result
    }

    /// Stops all further calls once Jira has refused the credential itself.
    fn refuse_after(&self, error: Option<&Error>) {
        if matches!(error, Some(Error::BadCredentials | Error::BasicAuthDisabled | Error::Captcha { .. })) {
            self.state().refused = error.cloned();
        }
    }

    async fn lane(&self, width: u32) -> Result<SemaphorePermit<'_>, Error> {
        // The semaphore is never closed; were it, nothing may go out.
        self.lanes.acquire_many(width).await.map_err(|_| Error::Upstream(503))
    }

    fn may_go(&self, unreached_before: u64) -> Result<(), Error> {
        let state = self.state();
        if let Some(refused) = &state.refused {
            return Err(refused.clone());
        }
        match &state.unreached {
            (count, Some(failure)) if *count > unreached_before => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    fn learn(&self, now: Timestamp, error: Option<&Error>) {
        let mut state = self.state();
        match error {
            Some(Error::BadCredentials | Error::BasicAuthDisabled | Error::Captcha { .. }) => state.proven_at = None,
            Some(Error::Outbound(_)) => {
                state.unreached.0 += 1;
                state.unreached.1 = error.cloned();
            }
            // A page, a fault or a limit says nothing about the credential.
            Some(Error::SignInPage | Error::Upstream(_) | Error::Malformed | Error::RateLimited { .. }) => {}
            _ => state.proven_at = Some(now),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn outcome(error: Option<&Error>) -> Outcome {
    match error {
        None => Outcome::Ok,
        Some(Error::NotFound) => Outcome::NotFound,
        Some(Error::RateLimited { .. }) => Outcome::RateLimited,
        Some(Error::Outbound(Failure::TooLarge) | Error::SignInPage | Error::Upstream(_)) => Outcome::Error,
        Some(Error::BadQuery | Error::ApiRemoved | Error::Malformed) => Outcome::Error,
        Some(Error::Outbound(_)) => Outcome::Unreachable,
        Some(_) => Outcome::Refused,
    }
}
