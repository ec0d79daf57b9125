//! Calls to Notion in one person's name: at the permitted rate, again where that is harmless, and never twice where it is
//! not (S28, S32, notion-rest-api §6).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use secrecy::SecretString;

use super::halt::Halt;
use super::hold::Hold;
use super::pace::{Caller, Pace};
use crate::notion::Error;
use crate::notion::client::Client;
use crate::secret::Digest;
use crate::store::NotionConnectionId;
use crate::workspace::{TokenError, Workspaces};

/// How often a call is tried that may be tried again.
const TRIES: u32 = 6;
/// The first pause before another try; each one is twice as long as the one before it.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Refusals for the number of calls that one call waits out. Notion names the time, so there is no need to give up sooner.
const WAITS: u32 = 100;

/// Makes calls in the name of one connection.
#[derive(Debug, Clone)]
pub struct Writer {
    pub workspaces: Arc<Workspaces>,
    pub client: Client,
    pub pace: Arc<Mutex<Pace>>,
    pub connection: NotionConnectionId,
    pub caller: Caller,
}

/// Whether a call may be made again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It reads, or sets something to a value.
    Harmless,
    /// The same, but whoever asks would rather ask for less than wait ([`Error::is_too_much`]).
    Smaller,
    /// It makes something.
    Never,
}

/// What came of a call.
#[derive(Debug)]
pub enum Failed {
    /// Notion says no to the call itself, or nobody knows what became of it.
    Notion(Error),
    /// The run does not go on.
    Halt(Halt),
}

impl From<Failed> for Halt {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Notion(error) => error.into(),
            Failed::Halt(halt) => halt,
        }
    }
}

impl From<Halt> for Failed {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl Writer {
    /// Waits for a turn, and makes a call.
    pub async fn call<T, F>(
        &self,
        hold: &Hold,
        again: Again,
        call: impl Fn(Client, SecretString) -> F,
    ) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.turn(hold).await?;
        self.go(hold, again, call).await
    }

    /// Waits until the next call may go out. Whatever has to be noted right before it comes after this.
    pub async fn turn(&self, hold: &Hold) -> Result<(), Halt> {
        let booked = self.pace().book(&self.caller, hold.clock.now());
        hold.wait_until(booked).await?;
        loop {
            let closed = self.pace().closed_until(&self.caller, hold.clock.now());
            let Some(until) = closed else { break };
            hold.wait_until(until).await?;
        }
        hold.firm().await
    }

    /// Makes a call whose turn has come.
    pub async fn go<T, F>(
        &self,
        hold: &Hold,
        again: Again,
        call: impl Fn(Client, SecretString) -> F,
    ) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (mut tries, mut waits) = (0, 0);
        loop {
            let error = match self.workspaces.ask(&self.connection, |token| call(self.client.clone(), token)).await {
                Ok(answer) => return Ok(answer),
                Err(TokenError::Notion(error)) => error,
                Err(error) => return Err(Failed::Halt(error.into())),
            };
            let harmless = again != Again::Never;
            match &error {
                Error::RateLimited { retry_after, limit } if waits < WAITS => {
                    waits += 1;
                    let until = self.pace().refused(&self.caller, *limit, *retry_after, hold.clock.now());
                    tracing::debug!(fault = "notion", retry = true, %until, "Notion asks to wait");
                    self.turn(hold).await?;
                }
                // Notion's way to say that it has too much to do (§6): nothing was done.
                Error::Conflict | Error::Upstream(529) if tries < TRIES => {
                    tries += 1;
                    self.pause(hold, tries).await?;
                }
                error if again == Again::Smaller && error.is_too_much() => return Err(Failed::Notion(error.clone())),
                error if error.may_be_done() && harmless && tries < TRIES => {
                    tries += 1;
                    self.pause(hold, tries).await?;
                }
                _ => return Err(Failed::Notion(error)),
            }
        }
    }

    /// Longer each time, and never the same for two who got in each other's way.
    pub async fn pause(&self, hold: &Hold, tries: u32) -> Result<(), Halt> {
        let whole = FIRST_PAUSE.saturating_mul(1 << tries.min(6));
        let wait = whole.saturating_add(jitter(&self.connection, hold, tries));
        hold.wait_until(hold.clock.now().checked_add(wait).unwrap_or(jiff::Timestamp::MAX)).await?;
        self.turn(hold).await
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Up to a second. It follows from who asks, so that a test sees the same each time.
fn jitter(connection: &NotionConnectionId, hold: &Hold, tries: u32) -> SignedDuration {
    let mark = format!("{:?} {tries}", hold.lease);
    let digest = Digest::of(&[connection.as_str(), &mark]);
    let part = digest.as_bytes().iter().take(2).fold(0_i64, |sum, byte| sum * 256 + i64::from(*byte));
    SignedDuration::from_millis(part % 1_000)
}
