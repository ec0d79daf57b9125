//! Which fields a Jira has and which of them estimates, asked once for each connection and remembered for an hour.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::connect::{Connect, health};
use crate::jira::Error;
use crate::jira::catalogue::Catalogue;
use crate::jira::client::{Client, Wish};
use crate::jira::estimate::Estimate;
use crate::store::{Connection, ConnectionId};

/// New custom fields are rare; one that is new is seen after this long.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// Bytes that the catalogues may take, as their names count.
const CACHE_BYTES: u64 = 50_000_000;
/// Connections whose estimate is remembered.
const ESTIMATES: u64 = 10_000;
/// Fields of Product Discovery that are asked for with every issue.
const MOST_IDEA_FIELDS: usize = 20;

/// The catalogues of all connections.
#[derive(Debug)]
pub struct Fields {
    cache: Cache<Key, Told>,
    estimates: Cache<Key, Option<Arc<Estimate>>>,
}

/// A connection in the generation of its credential.
type Key = (ConnectionId, i64);
/// What a Jira said of its fields. A refusal that concerns them alone is remembered, too.
type Told = Result<Arc<Catalogue>, Error>;

impl Fields {
    pub fn new() -> Self {
        let weigh = |told: &Told| {
            let fields = told.as_ref().map_or(&[][..], |catalogue| &catalogue.readable);
            let names = fields.iter().map(|it| it.id.len() + it.name.len() + 180).sum::<usize>();
            u32::try_from(names + 500).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(move |_, told: &Told| weigh(told))
            .time_to_live(REMEMBERED)
            .support_invalidation_closures()
            .build();
        let estimates = Cache::builder().max_capacity(ESTIMATES).time_to_live(REMEMBERED).build();
        Self { cache, estimates }
    }

    /// The fields as this connection's person sees them; one call for all who wait. A Jira that does not tell them has
    /// none: that must not take the preview away.
    pub async fn of(&self, connect: &Connect, connection: &Connection) -> Result<Arc<Catalogue>, Error> {
        Ok(self.remembered(connect, connection).await?.unwrap_or_default())
    }

    /// The same for whoever looks at the fields themselves, and must hear why there are none: a Jira that did not tell
    /// them is asked again. `anew` asks whatever is remembered.
    pub async fn told(&self, connect: &Connect, connection: &Connection, anew: bool) -> Told {
        let key = key(connection);
        match self.cache.get(&key).await {
            Some(Ok(catalogue)) if !anew => Ok(catalogue),
            _ if !health::may_be_used(connection.health) => Err(health::cause(connection.health)),
            None => self.remembered(connect, connection).await?,
            // What is remembered stays until there is something newer.
            Some(_) => {
                let told =
                    Arc::new(connect.ask(connection, |jira: Client| async move { jira.catalogue().await }).await?);
                self.cache.insert(key, Ok(told.clone())).await;
                Ok(told)
            }
        }
    }

    async fn remembered(&self, connect: &Connect, connection: &Connection) -> Result<Told, Error> {
        if let Some(told) = self.cache.get(&key(connection)).await {
            return Ok(told);
        }
        let ask = async {
            match connect.ask(connection, |jira: Client| async move { jira.catalogue().await }).await {
                Err(error) if error.concerns_one_call() => Ok(Err(error)),
                asked => asked.map(|catalogue| Ok(Arc::new(catalogue))),
            }
        };
        self.cache.try_get_with(key(connection), ask).await.map_err(|error: Arc<Error>| (*error).clone())
    }

    /// The field that this Jira estimates with; none where Jira Software is missing or does not tell.
    pub async fn estimate(&self, connect: &Connect, connection: &Connection) -> Option<Arc<Estimate>> {
        let ask = async {
            if !health::may_be_used(connection.health) {
                return Err(health::cause(connection.health));
            }
            match connect.ask(connection, |jira: Client| async move { jira.estimate_field().await }).await {
                Err(error) if error.concerns_one_call() => Ok(None),
                asked => asked.map(|estimate| estimate.map(Arc::new)),
            }
        };
        self.estimates.try_get_with(key(connection), ask).await.unwrap_or(None)
    }

    /// Forgets what was seen through a connection.
    pub fn forget(&self, connection: &ConnectionId) {
        let connection = connection.clone();
        // The closure form is refused only on a cache built without support for it.
        let _ = self.cache.invalidate_entries_if(move |key, _| key.0 == connection);
    }
}

fn key(connection: &Connection) -> Key {
    (connection.id.clone(), connection.generation)
}

/// What to ask of an issue, so that the card can show what this Jira has and this person chose.
pub fn wish(catalogue: &Catalogue, chosen: &[String], description: bool) -> Wish {
    let Catalogue { sprint, epic_link, epic_name, parent_link, story_points, .. } = catalogue;
    let mut fields: Vec<String> =
        [sprint, epic_link, epic_name, parent_link, story_points].into_iter().flatten().cloned().collect();
    let ideas = catalogue.ideas().take(MOST_IDEA_FIELDS).map(|field| &field.id);
    for id in chosen.iter().filter(|id| catalogue.field(id).is_some()).chain(ideas) {
        if !fields.contains(id) {
            fields.push(id.clone());
        }
    }
    Wish { description, fields }
}
