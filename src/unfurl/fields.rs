//! Which fields a Jira has, asked once for each connection and remembered for an hour.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::connect::Connect;
use crate::jira::Error;
use crate::jira::catalogue::Catalogue;
use crate::jira::client::{Client, Wish};
use crate::outbound::Failure;
use crate::store::{Connection, ConnectionId};

/// New custom fields are rare; one that is new is seen after this long.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// Bytes that the catalogues may take, as their names count.
const CACHE_BYTES: u64 = 50_000_000;
/// Fields of Product Discovery that are asked for with every issue.
const MOST_IDEA_FIELDS: usize = 20;

/// The catalogues of all connections.
#[derive(Debug)]
pub struct Fields {
    cache: Cache<(ConnectionId, i64), Arc<Catalogue>>,
}

impl Fields {
    pub fn new() -> Self {
        let weigh = |catalogue: &Catalogue| {
            let names = catalogue.readable.iter().map(|it| it.id.len() + it.name.len() + 150).sum::<usize>();
            u32::try_from(names + 500).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(move |_, catalogue: &Arc<Catalogue>| weigh(catalogue))
            .time_to_live(REMEMBERED)
            .support_invalidation_closures()
            .build();
        Self { cache }
    }

    /// The fields as this connection's person sees them; one call for all who wait. A Jira that does not tell them has
    /// none: that must not take the preview away.
    pub async fn of(&self, connect: &Connect, connection: &Connection) -> Result<Arc<Catalogue>, Error> {
        let key = (connection.id.clone(), connection.generation);
        if let Some(known) = self.cache.get(&key).await {
            return Ok(known);
        }
        let ask = async {
            match connect.ask(connection, |jira: Client| async move { jira.catalogue().await }).await {
                Err(error) if is_about_fields_alone(&error) => Ok(Arc::default()),
                asked => asked.map(Arc::new),
            }
        };
        self.cache.try_get_with(key, ask).await.map_err(|error: Arc<Error>| (*error).clone())
    }

    /// Forgets what was seen through a connection.
    pub fn forget(&self, connection: &ConnectionId) {
        let connection = connection.clone();
        // The closure form is refused only on a cache built without support for it.
        let _ = self.cache.invalidate_entries_if(move |key, _| key.0 == connection);
    }
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

/// Other errors concern every call: the credential, the network, a Jira that wants to wait.
fn is_about_fields_alone(error: &Error) -> bool {
    match error {
        Error::MissingScope
        | Error::MissingLicense
        | Error::Forbidden
        | Error::NotFound
        | Error::BadQuery
        | Error::ApiRemoved
        | Error::Malformed
        | Error::Upstream(_) => true,
        Error::Outbound(failure) => *failure == Failure::TooLarge,
        Error::BadCredentials
        | Error::Captcha { .. }
        | Error::BasicAuthDisabled
        | Error::OperatorConfiguration
        | Error::RateLimited { .. }
        | Error::SignInPage => false,
    }
}
