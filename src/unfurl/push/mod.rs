//! Notion shows what it was told last, so it has to be told again when that has changed (notion-link-preview §4H, §7.5).
//!
//! ```text
//! mod     a link is asked about and watched; it is shown no more
//! gather  links that are asked about at once are read together
//! round   what is due is read again, and what differs is told once in each workspace
//! rate    how often Notion may be told                                        pure
//! ```

mod gather;
mod rate;
mod round;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::Unfurl;
use super::publish::Published;
use crate::clock::Clock;
use crate::grant::Grants;
use crate::notion::unfurl::{Operation, Unfurled};
use crate::render::operations;
use crate::secret::Digest;
use crate::store::{self, AccountId, Grant, Store, Told};

use self::gather::Gather;
use self::rate::Rate;
pub use self::round::Round;

/// Notion shows a placeholder meanwhile; what takes longer is told afterwards (§5.3).
const PATIENCE: Duration = Duration::from_secs(3);
/// After this long it is tried again when Jira could not be asked, or Notion not be told.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// Links that one call may be about (jira-auth-and-rest §6: Cloud's bulk fetch).
const TOGETHER: usize = 100;
/// Links that one grant may have watched.
const MOST_WATCHED: i64 = 20_000;
/// What nobody has looked at for so long is not watched any more: Notion asks when somebody does.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(60 * 24);
/// For so long an unchanged answer is not written down again.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(60);

/// Watches what Notion shows.
#[derive(Debug)]
pub struct Push {
    unfurl: Arc<Unfurl>,
    grants: Arc<Grants>,
    store: Store,
    clock: Clock,
    /// `GATEWAY_SYNC_INTERVAL`.
    interval: SignedDuration,
    gather: Arc<Gather>,
    /// One round at a time.
    rate: Mutex<Rate>,
}

impl Push {
    pub fn new(unfurl: Arc<Unfurl>, grants: Arc<Grants>, store: Store, clock: Clock, interval: Duration) -> Self {
        unfurl.changes().want();
        let interval = SignedDuration::try_from(interval).unwrap_or(SignedDuration::MAX);
        let (gather, rate) = (Arc::default(), Mutex::new(Rate::default()));
        Self { unfurl, grants, store, clock, interval, gather, rate }
    }

    /// What Notion is to show for a link that the person of a grant pasted, or looks at again. From now on it is watched.
    pub async fn answer(&self, grant: &Grant, uri: &str) -> Result<Vec<Operation>, store::Error> {
        let told = self.gather.publish(&self.unfurl, &grant.account_id, uri);
        let published = match tokio::time::timeout(PATIENCE, told).await {
            Ok(published) => published?,
            // The call to Jira goes on.
            Err(_) => None,
        };
        let late = || Published {
            operations: vec![operations::later()],
            is_known: false,
            site: String::new(),
            issue: String::new(),
        };
        let is_late = published.is_none();
        let published = published.unwrap_or_else(late);
        if is_late || !published.site.is_empty() {
            self.note(grant, uri, &published).await?;
        }
        Ok(published.operations)
    }

    async fn note(&self, grant: &Grant, uri: &str, published: &Published) -> Result<(), store::Error> {
        let digest = digest(uri, &published.operations);
        // The row decides, and not a memory of this process: any process may have told Notion something else meanwhile.
        let lately = self.before(REMEMBERED);
        if published.is_known && self.store.is_watched(&grant.id, uri, digest, lately).await? {
            return Ok(());
        }
        let due_at = self.after(if published.is_known { self.interval } else { AGAIN.min(self.interval) });
        let told = Told { uri, site: &published.site, issue: &published.issue, digest, due_at };
        match self.store.watch(&grant.id, told, MOST_WATCHED).await {
            // A text that cannot be kept is no link that Notion could ask about again.
            Err(store::Error::NulCharacter) => Ok(()),
            written => written,
        }
    }

    /// Notion does not show a link any more.
    pub async fn forget(&self, grant: &Grant, uri: &str) -> Result<(), store::Error> {
        self.store.unwatch(&grant.id, uri).await.map(drop)
    }

    /// An account has connected another Jira, or lost one: what it pasted is looked at again.
    pub async fn look_again(&self, account: &AccountId) -> Result<(), store::Error> {
        self.store.hasten_watches_of(account, self.clock.now_ms()).await.map(drop)
    }

    /// Drops what nobody looks at.
    pub async fn sweep(&self) -> Result<u64, store::Error> {
        self.store.sweep_watches(self.before(FORGOTTEN)).await
    }

    /// Milliseconds since 1970.
    fn before(&self, time: SignedDuration) -> i64 {
        self.clock.now().checked_sub(time).map_or(0, Timestamp::as_millisecond)
    }

    /// Milliseconds since 1970.
    fn after(&self, time: SignedDuration) -> i64 {
        self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX).as_millisecond()
    }
}

fn digest(uri: &str, operations: &[Operation]) -> Digest {
    // Texts and numbers: they always become JSON.
    Digest::of_token(&serde_json::to_string(&Unfurled { uri, operations }).unwrap_or_default())
}
