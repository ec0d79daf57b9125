//! One object on its way, alone or together with others of its connection.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::watch;

use crate::connect::Work;
use crate::jira::Error;
use crate::jira::catalogue::Catalogue;
use crate::jira::client::Wish;
use crate::preview::State;

use super::ahead::Ahead;
use super::entry::{Entry, Found};
use super::fields;
use super::flight::{Flights, Want};
use super::look::{Eyes, Sight};
use super::news::Mark;
use super::packed::Packed;

/// One object on its way; leaves `in_the_air` however the fetch ends, also by a panic.
#[derive(Debug)]
pub struct Flight {
    pub flights: Arc<Flights>,
    /// What Jira had told when this began.
    pub asked: Mark,
    pub want: Want,
    pub work: Work,
    pub sender: watch::Sender<Option<Arc<Entry>>>,
}

impl Flight {
    async fn land(self, result: Result<Found, Error>) {
        let flights = &self.flights;
        let key = self.want.key();
        let previous = flights.cache.get(&key);
        let mut entry = Entry::after(previous.as_deref(), result, flights.clock.now(), flights.lifetimes);
        let connection = &self.want.connection;
        self.note_news(&mut entry, previous.as_deref());
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

    /// Where changes of its issue will be noted, and whether it was deleted.
    fn note_news(&self, entry: &mut Entry, previous: Option<&Entry>) {
        let (flights, Want { connection, object }) = (&self.flights, &self.want);
        let Some(issue) = object.issue() else { return };
        let asked = flights.news.place(&connection.site, issue);
        let known = entry.found.as_ref().or_else(|| previous?.found.as_ref());
        let own = known.and_then(|found| found.place).or_else(|| previous.map(|entry| entry.places[1]));
        entry.asked = self.asked;
        entry.places = [asked, own.unwrap_or(asked)];
        if entry.found.is_none() {
            let key = known.and_then(|found| found.key.as_deref());
            let deleted = |name: &str| flights.news.deleted_at(&connection.site, name);
            entry.mark_deleted(previous, deleted(issue).or_else(|| deleted(key?)));
        }
        self.note_change(entry, previous);
        if let (None, Some(projects)) = (&entry.refusal, entry.found.as_ref().and_then(Found::projects)) {
            projects.iter().for_each(|project| flights.connect.saw_project(connection, project));
        }
    }

    /// Says so where this reader sees that an issue has changed, or is not there any more.
    fn note_change(&self, entry: &Entry, previous: Option<&Entry>) {
        let Some(before) = previous.and_then(|entry| entry.found.as_ref()) else { return };
        let Some(key) = before.key.as_deref() else { return };
        let (changes, site) = (&self.flights.changes, &self.want.connection.site);
        match (&entry.found, &entry.refusal) {
            (Some(found), None) if found.preview != before.preview => {
                let changed = found.preview.updated_at().unwrap_or(found.at);
                changes.note_seen(site, key, changed, self.work == Work::Preview);
            }
            (None, Some(refusal)) if refusal.state == State::NotFound => changes.note(site, key),
            _ => {}
        }
    }

    async fn fly(self, looking: Arc<Looking>) {
        let result = looking.eyes(&self).look(&self.want.object).await;
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
            place: sight.issue.map(|id| self.flights.news.place(&self.want.connection.site, &id)),
            at: self.flights.clock.now(),
        }
    }
}

/// What all flights of one connection share.
#[derive(Debug)]
struct Looking {
    catalogue: Arc<Catalogue>,
    wish: Wish,
    ahead: Ahead,
}

impl Looking {
    fn eyes<'a>(&'a self, flight: &'a Flight) -> Eyes<'a> {
        Eyes {
            connect: &flight.flights.connect,
            connection: &flight.want.connection,
            work: flight.work,
            catalogue: &self.catalogue,
            wish: &self.wish,
            ahead: &self.ahead,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.leave(&self.want);
    }
}

/// Fetches what one connection was asked for: what can be asked together first, then each.
pub async fn fetch(group: Vec<Flight>) {
    let Some(first) = group.first() else { return };
    let (flights, connection) = (first.flights.clone(), first.want.connection.clone());
    let catalogue = match flights.fields.of(&flights.connect, &connection).await {
        Ok(catalogue) => catalogue,
        // The credential, the network or the whole Jira: every other call would only repeat it.
        Err(error) => {
            for flight in group {
                flight.land(Err(error.clone())).await;
            }
            return;
        }
    };
    let wish = fields::wish(&catalogue, &connection.card_fields, flights.with_description);
    let mut looking = Looking { catalogue, wish, ahead: Ahead::default() };
    looking.ahead = Ahead::of(looking.eyes(first), group.iter().map(|flight| &flight.want.object)).await;
    let looking = Arc::new(looking);
    // Most are asked for alone, and need no further task.
    let mut group = group.into_iter();
    let Some(last) = group.next_back() else { return };
    let mut tasks = tokio::task::JoinSet::new();
    for flight in group {
        tasks.spawn(flight.fly(looking.clone()));
    }
    last.fly(looking).await;
    while tasks.join_next().await.is_some() {}
}
