//! One object on its way, alone or together with others of its connection.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::watch;

use crate::jira::Error;
use crate::jira::catalogue::Catalogue;
use crate::jira::client::{BulkAnswer, Client, Wish};

use super::entry::{Entry, Found};
use super::fields;
use super::flight::{Flights, Want};
use super::look::{Eyes, Sight};
use super::packed::Packed;
use super::plan::Object;

/// How often an answer repeats the address of its object, encoded or not.
const TIMES_ADDRESS: usize = 8;
/// What every entry is reckoned to need for that.
const USUAL_FRAME: usize = 512;

/// One object on its way; leaves `in_the_air` however the fetch ends, also by a panic.
#[derive(Debug)]
pub struct Flight {
    pub flights: Arc<Flights>,
    pub want: Want,
    pub sender: watch::Sender<Option<Arc<Entry>>>,
}

impl Flight {
    async fn land(self, result: Result<Found, Error>) {
        let flights = &self.flights;
        let key = self.want.key();
        let previous = flights.cache.get(&key);
        let mut entry = Entry::after(previous.as_deref(), result, flights.clock.now(), flights.lifetimes);
        let connection = &self.want.connection;
        let address = connection.site.as_str().len() + self.want.object.weight();
        entry.frame = (TIMES_ADDRESS * address + connection.label.len()).saturating_sub(USUAL_FRAME);
        let entry = Arc::new(entry);
        // A connection that was removed meanwhile leaves nothing behind.
        if flights.connect.still_holds(connection).await {
            flights.cache.insert(key.clone(), entry.clone());
            if let Some(previous) = previous {
                previous.replaced.store(true, Relaxed);
            }
            if !flights.connect.still_holds(connection).await {
                flights.cache.invalidate(&key);
            }
        }
        self.sender.send_replace(Some(entry));
    }

    async fn alone(self, sight: Arc<Looking>) {
        let result = sight.eyes(&self).look(&self.want.object).await;
        let result = result.map(|sight| self.found(sight));
        self.land(result).await;
    }

    fn found(&self, sight: Sight) -> Found {
        Found {
            preview: Packed::of(&sight.preview),
            kind: sight.kind,
            key: sight.key,
            moved: sight.moved,
            belongs: sight.belongs,
            at: self.flights.clock.now(),
        }
    }

    /// The key of an issue that is fetched together with others.
    fn issue(&self) -> Option<&str> {
        match &self.want.object {
            Object::Issue(name) => Some(name),
            _ => None,
        }
    }
}

/// What all flights of one connection share.
#[derive(Debug)]
struct Looking {
    catalogue: Arc<Catalogue>,
    wish: Wish,
}

impl Looking {
    fn eyes<'a>(&'a self, flight: &'a Flight) -> Eyes<'a> {
        Eyes {
            connect: &flight.flights.connect,
            connection: &flight.want.connection,
            catalogue: &self.catalogue,
            wish: &self.wish,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.leave(&self.want);
    }
}

/// Fetches what one connection was asked for: issues together where there are several, the rest one by one.
pub async fn fetch(group: Vec<Flight>) {
    let Some(first) = group.first() else { return };
    let (flights, connection) = (first.flights.clone(), first.want.connection.clone());
    let looking = match flights.fields.of(&flights.connect, &connection).await {
        Ok(catalogue) => {
            let wish = fields::wish(&catalogue, &connection.card_fields, flights.with_description);
            Arc::new(Looking { catalogue, wish })
        }
        // The credential, the network or the whole Jira: every other call would only repeat it.
        Err(error) => {
            for flight in group {
                flight.land(Err(error.clone())).await;
            }
            return;
        }
    };
    let (mut issues, mut singles): (Vec<_>, Vec<_>) = group.into_iter().partition(|flight| flight.issue().is_some());
    if issues.len() < 2 {
        singles.append(&mut issues);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for flight in singles {
        tasks.spawn(flight.alone(looking.clone()));
    }
    for flight in together(issues, &looking).await {
        tasks.spawn(flight.alone(looking.clone()));
    }
    while tasks.join_next().await.is_some() {}
}

/// One call for many issues, and one for what lies below the epics among them; gives back those that it could not
/// settle.
async fn together(flights: Vec<Flight>, looking: &Looking) -> Vec<Flight> {
    let Some(first) = flights.first() else { return flights };
    let (connect, connection, wish) = (first.flights.connect.clone(), first.want.connection.clone(), &looking.wish);
    let keys: Vec<&str> = flights.iter().filter_map(Flight::issue).collect();
    let keys = keys.as_slice();
    let answers = connect.ask(&connection, |jira: Client| async move { jira.issues(keys, wish).await }).await;
    let answers = match answers {
        Ok(answers) => answers,
        // As above.
        Err(error) => {
            for flight in flights {
                flight.land(Err(error.clone())).await;
            }
            return Vec::new();
        }
    };
    let eyes = looking.eyes(first);
    let epics: Vec<&str> = answers
        .iter()
        .filter_map(|answer| match answer {
            BulkAnswer::Answered(issue) => eyes.is_epic(issue).then_some(issue.key.as_str()),
            _ => None,
        })
        .collect();
    let below = if epics.is_empty() { Vec::new() } else { eyes.progress_below(&epics).await };
    let children = |key: &str| {
        let at = epics.iter().position(|epic| *epic == key)?;
        below.get(at).copied().flatten()
    };
    let mut landing = Vec::with_capacity(flights.len());
    for (flight, answer) in flights.iter().zip(&answers) {
        landing.push(match answer {
            BulkAnswer::Answered(issue) => {
                let asked = flight.issue().unwrap_or(&issue.key);
                Some(Ok(flight.found(looking.eyes(flight).issue_seen(asked, issue, children(&issue.key)))))
            }
            BulkAnswer::NotFound => Some(Err(Error::NotFound)),
            BulkAnswer::Open => None,
        });
    }
    let mut open = Vec::new();
    for (flight, result) in flights.into_iter().zip(landing) {
        match result {
            Some(result) => flight.land(result).await,
            None => open.push(flight),
        }
    }
    open
}
