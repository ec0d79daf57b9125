//! Who of Jira is who in Notion (synced-database §3.3, S53).

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::super::cells::People;
use super::super::columns::Kind;
use super::super::halt::Halt;
use super::super::lists::Pages;
use super::super::writer::Failed;
use super::Going;
use crate::notion::Error;
use crate::notion::client::Client;

/// The members of a workspace are asked for again after this long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// Members that are looked at.
const MOST: usize = 20_000;

/// The people of a workspace, and when they were asked for.
#[derive(Debug, Clone)]
pub struct Known {
    people: Arc<People>,
    at: Timestamp,
}

impl Going {
    /// The people that cells may name; asked for only where a column holds people.
    pub(super) async fn people(&self) -> Result<Arc<People>, Halt> {
        let people = self.members().await?;
        let table = &self.asked.wish.people;
        Ok(if table.is_empty() { people } else { Arc::new(people.with_table(table)) })
    }

    /// Those whom Notion tells; others may use the same connection.
    async fn members(&self) -> Result<Arc<People>, Halt> {
        if !self.home.planned.columns.iter().any(|column| column.kind == Kind::People) {
            return Ok(Arc::default());
        }
        let now = self.hold.clock.now();
        let known = self.known_people().get(&self.writer.connection).cloned();
        if let Some(known) = known.filter(|known| now.duration_since(known.at) < REMEMBERED) {
            return Ok(known.people);
        }
        let people = Arc::new(self.ask_for_people().await?);
        let known = Known { people: people.clone(), at: now };
        self.known_people().insert(self.writer.connection.clone(), known);
        Ok(people)
    }

    fn known_people(
        &self,
    ) -> std::sync::MutexGuard<'_, std::collections::HashMap<crate::store::NotionConnectionId, Known>> {
        self.means.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask_for_people(&self) -> Result<People, Halt> {
        let (mut people, mut seen, mut pages) = (People::default(), 0, Pages::default());
        while seen < MOST {
            let ask = |client: Client, token, part| async move { client.users(&token, &part).await };
            let list = match pages.next(&self.writer, &self.hold, ask).await {
                Ok(Some(list)) => list,
                // A personal access token may not list people (notion-rest-api §2), nor a connection without the right:
                // then the names stand in the columns of names.
                Ok(None) | Err(Failed::Notion(Error::Refused { .. } | Error::NotFound)) => break,
                Err(failed) => return Err(failed.into()),
            };
            for user in &list.results {
                if let Some(email) = user.email() {
                    people.add_member(email, user.id.clone());
                }
            }
            seen += list.results.len();
        }
        Ok(people)
    }
}
