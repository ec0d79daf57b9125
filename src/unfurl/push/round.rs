//! One round: what is due is read again, in bulk for each person; what differs from what Notion was told is told, once in
//! each workspace.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::super::publish::Published;
use super::super::{Ask, Unfurl};
use super::rate::Rate;
use super::{AGAIN, Push, TOGETHER, digest};
use crate::connect::Work;
use crate::notion::Error;
use crate::store::{self, AccountId, GrantId, Told, Watch};

/// Links that are taken at once.
const BATCH: i64 = 200;
/// People whose links are read at one time.
const AT_ONCE: usize = 8;
/// Others in a workspace whose eyes are tried where the last who looked sees nothing any more.
const MOST_OTHERS: usize = 5;
/// A pause that Notion asks for without saying how long.
const UNNAMED_PAUSE: Duration = Duration::from_secs(30);
/// How often it is seen what is due.
const EVERY: Duration = Duration::from_secs(2);

/// What came of a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Links that were read again.
    pub read: usize,
    /// Links of which Notion was told.
    pub told: usize,
    /// Whether more is due.
    pub is_full: bool,
}

/// What was read in a round, by grant and link; with when Notion had last asked.
type Seen = HashMap<(GrantId, String), (Published, i64)>;

impl Push {
    /// Works off what is due, again and again, until the task is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            loop {
                match self.round().await {
                    Ok(round) if round.is_full => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::error!(fault = "us", retry = true, %error, "what Notion shows was not looked at");
                        break;
                    }
                }
            }
        }
    }

    /// One round over what is due now.
    pub async fn round(&self) -> Result<Round, store::Error> {
        let mut rate = self.rate.lock().await;
        let now = self.clock.now_ms();
        for (site, issue) in self.unfurl.changes().take() {
            self.store.hasten_watches(site.as_str(), &issue, now).await?;
        }
        if rate.paused(Instant::now()).is_some() {
            return Ok(Round::default());
        }
        let due = self.store.claim_watches(now, self.after(self.interval), BATCH).await?;
        let mut round = Round { read: due.len(), told: 0, is_full: i64::try_from(due.len()) == Ok(BATCH) };
        let links: BTreeSet<(String, String)> =
            due.iter().map(|watch| (watch.workspace_id.clone(), watch.uri.clone())).collect();
        let mut seen = self.read(due).await?;
        for (workspace, uri) in links {
            round.told += usize::from(self.settle(&mut rate, &mut seen, &workspace, &uri).await?);
        }
        Ok(round)
    }

    /// Reads links again, those of one person together and several people at a time.
    async fn read(&self, due: Vec<Watch>) -> Result<Seen, store::Error> {
        let mut by_account: HashMap<AccountId, Vec<Watch>> = HashMap::new();
        for watch in due {
            by_account.entry(watch.account_id.clone()).or_default().push(watch);
        }
        let mut accounts = by_account.into_iter();
        let mut reading = JoinSet::new();
        let mut seen = Seen::new();
        loop {
            while reading.len() < AT_ONCE
                && let Some((account, watches)) = accounts.next()
            {
                reading.spawn(read_of(self.unfurl.clone(), account, watches));
            }
            match reading.join_next().await {
                Some(Ok(read)) => seen.extend(read?),
                // What was not read is due again at the next interval.
                Some(Err(_)) => {}
                None => return Ok(seen),
            }
        }
    }

    /// Tells Notion of one link in one workspace, if it shows something else. Whoever looked last speaks for all; whoever
    /// else pasted it there does where that person sees nothing any more.
    async fn settle(&self, rate: &mut Rate, seen: &mut Seen, workspace: &str, uri: &str) -> Result<bool, store::Error> {
        let rows = self.store.watches_in(workspace, uri).await?;
        let Some(speaker) = rows.first() else { return Ok(false) };
        // Whoever looked last is due at another time, and is asked then.
        let own = seen.remove(&(speaker.grant_id.clone(), uri.to_owned()));
        // The same is true where Notion has asked meanwhile: what it was told then may be newer than what was read.
        let Some((mut published, _)) = own.filter(|(_, asked)| speaker.seen_at <= *asked) else { return Ok(false) };
        let mut by = speaker;
        for other in rows.iter().skip(1).take(MOST_OTHERS) {
            if published.shows() || !published.is_known {
                break;
            }
            let theirs = match seen.remove(&(other.grant_id.clone(), uri.to_owned())) {
                Some((theirs, _)) => theirs,
                None => {
                    let ask = Ask { work: Work::Background, ..Ask::by(&other.account_id) };
                    let Some(theirs) = self.unfurl.publish(ask, &[uri]).await?.pop() else { break };
                    theirs
                }
            };
            if theirs.shows() || !theirs.is_known {
                (published, by) = (theirs, other);
            }
        }
        if !published.is_known {
            self.postpone(workspace, uri, AGAIN.min(self.interval)).await?;
            return Ok(false);
        }
        let digest = digest(uri, &published.operations);
        if speaker.digest == digest.as_bytes() {
            return Ok(false);
        }
        self.tell(rate, by, &published, speaker.seen_at).await
    }

    /// `seen_at` is when Notion last asked for the link: if it has asked since, it was told.
    async fn tell(
        &self,
        rate: &mut Rate,
        watch: &Watch,
        published: &Published,
        seen_at: i64,
    ) -> Result<bool, store::Error> {
        let Watch { grant_id, workspace_id, uri, .. } = watch;
        let Some((token, given_at)) = self.grants.notion_token(grant_id).await? else { return Ok(false) };
        while let Err(wait) = rate.take(Instant::now()) {
            if let Some(pause) = rate.paused(Instant::now()) {
                self.postpone(workspace_id, uri, signed(pause)).await?;
                return Ok(false);
            }
            tokio::time::sleep(wait).await;
        }
        if !self.store.begin_telling(workspace_id, uri, seen_at).await? {
            return Ok(false);
        }
        let result = self.grants.client().push(&token, uri, &published.operations).await;
        let pause = match &result {
            Err(Error::RateLimited { retry_after, .. }) => {
                Some(rate.pause(Instant::now(), retry_after.unwrap_or(UNNAMED_PAUSE)))
            }
            Err(error) if error.is_transient() => Some(rate.fail(Instant::now())),
            _ => {
                rate.succeed();
                None
            }
        };
        if let Some(pause) = pause {
            self.postpone(workspace_id, uri, signed(pause)).await?;
        }
        match &result {
            Ok(()) => {}
            Err(Error::Unauthorized) => {
                self.grants.refused(grant_id, given_at).await?;
                // Somebody else may speak for this workspace.
                self.postpone(workspace_id, uri, SignedDuration::ZERO).await?;
                return Ok(false);
            }
            Err(Error::NotFound) => {
                self.store.unwatch_in(workspace_id, uri).await?;
                return Ok(false);
            }
            Err(error) => {
                let retry = error.is_transient();
                tracing::warn!(fault = "notion", retry, grant = %grant_id, %error, "Notion was not told of a change");
                if retry {
                    return Ok(false);
                }
            }
        }
        // What is refused for what it says would be refused again: it counts as told until it says something else.
        let told = Told {
            uri,
            site: &published.site,
            issue: &published.issue,
            digest: digest(uri, &published.operations),
            due_at: 0,
        };
        self.store.told(workspace_id, told).await?;
        Ok(result.is_ok())
    }

    async fn postpone(&self, workspace: &str, uri: &str, by: SignedDuration) -> Result<(), store::Error> {
        self.store.postpone_watch(workspace, uri, self.after(by)).await
    }
}

/// Reads the links of one person again.
async fn read_of(unfurl: Arc<Unfurl>, account: AccountId, watches: Vec<Watch>) -> Result<Seen, store::Error> {
    let mut seen = Seen::new();
    for together in watches.chunks(TOGETHER) {
        let uris: Vec<&str> = together.iter().map(|watch| watch.uri.as_str()).collect();
        let ask = Ask { refresh: true, work: Work::Background, ..Ask::by(&account) };
        let published = unfurl.publish(ask, &uris).await?;
        let keys = together.iter().map(|watch| (watch.grant_id.clone(), watch.uri.clone()));
        let asked = together.iter().map(|watch| watch.seen_at);
        seen.extend(keys.zip(published.into_iter().zip(asked)));
    }
    Ok(seen)
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}
