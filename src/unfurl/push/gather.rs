//! A page with a hundred links makes Notion ask a hundred times at once. What comes while the first is being answered waits
//! for that, and is then asked of Jira together: nobody alone waits for anybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::super::publish::Published;
use super::super::{Ask, Unfurl};
use super::TOGETHER;
use crate::link;
use crate::store::{self, AccountId};

/// Links of one person that may wait for one Jira; who asks for more asks too much.
const MOST_WAITING: usize = 1_000;

/// Whose links to which Jira. A Jira that does not answer holds up nothing but its own.
type Queue = (AccountId, String);
type Waiting = (String, oneshot::Sender<Option<Published>>);

/// What waits, by person and Jira; there is an entry while something is under way.
#[derive(Debug, Default)]
pub struct Gather(Mutex<HashMap<Queue, Vec<Waiting>>>);

impl Gather {
    /// What is told about a link; `None` where it could not be found out. Goes on when nobody waits any more.
    pub async fn publish(
        self: &Arc<Self>,
        unfurl: &Arc<Unfurl>,
        account: &AccountId,
        uri: &str,
    ) -> Result<Option<Published>, store::Error> {
        let held = unfurl.connect.held(account).await?;
        let Some(link) = link::parse(uri, &held.known) else {
            // Nothing is asked for what is no link.
            return Ok(unfurl.publish(Ask::by(account), &[uri]).await?.pop());
        };
        let queue = (account.clone(), link.site().to_string());
        let (sender, answer) = oneshot::channel();
        let begins = {
            let mut waiting = self.waiting();
            let begins = !waiting.contains_key(&queue);
            let line = waiting.entry(queue.clone()).or_default();
            if line.len() >= MOST_WAITING {
                return Ok(None);
            }
            line.push((uri.to_owned(), sender));
            begins
        };
        if begins {
            tokio::spawn(Work { gather: self.clone(), queue, is_closed: false }.run(unfurl.clone()));
        }
        Ok(answer.await.unwrap_or_default())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Queue, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works off one queue, and closes it however that ends.
struct Work {
    gather: Arc<Gather>,
    queue: Queue,
    /// Whoever comes from then on begins anew.
    is_closed: bool,
}

impl Work {
    async fn run(mut self, unfurl: Arc<Unfurl>) {
        while let Some(line) = self.next() {
            let uris: Vec<&str> = line.iter().map(|(uri, _)| uri.as_str()).collect();
            let published = unfurl.publish(Ask::by(&self.queue.0), &uris).await;
            let mut published = match published {
                Ok(published) => published.into_iter().map(Some).collect(),
                Err(error) => {
                    tracing::error!(fault = "us", retry = true, %error, "the database failed");
                    Vec::new()
                }
            };
            published.resize(line.len(), None);
            for ((_, sender), published) in line.into_iter().zip(published) {
                // Whoever asked may have gone.
                let _ = sender.send(published);
            }
        }
    }

    /// What waits by now; nothing closes the queue.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut waiting = self.gather.waiting();
        let line = waiting.get_mut(&self.queue)?;
        if line.is_empty() {
            waiting.remove(&self.queue);
            self.is_closed = true;
            return None;
        }
        Some(line.drain(..line.len().min(TOGETHER)).collect())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.is_closed {
            self.gather.waiting().remove(&self.queue);
        }
    }
}
