//! What a person can choose from for the cards of one Jira (paste-experience R14).

use std::sync::Arc;
use std::time::Duration;

use crate::jira::Error;
use crate::jira::catalogue::Catalogue;
use crate::jira::estimate::Estimate;
use crate::outbound::Failure;
use crate::preview::{Reason, ReasonCode};
use crate::store::Connection;

use super::entry::Entry;
use super::{Unfurl, words};

/// How long a page waits for the fields.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it waits for what only helps to choose.
const SHORT: Duration = Duration::from_secs(3);

impl Unfurl {
    /// The fields that a connection's person may see, or why Jira does not tell them. `anew`: not those that are
    /// remembered.
    pub async fn fields(&self, connection: &Connection, anew: bool) -> Result<Arc<Catalogue>, Reason> {
        let told = self.flights.fields.told(&self.connect, connection, anew);
        let told = tokio::time::timeout(PATIENCE, told).await;
        let error = match told.unwrap_or(Err(Error::Outbound(Failure::Timeout))) {
            Ok(catalogue) => return Ok(catalogue),
            Err(error) => error,
        };
        let seen = Entry::after(None, Err(error), self.flights.clock.now(), self.flights.lifetimes);
        Err(seen.refusal.map_or_else(|| words::reason(ReasonCode::UpstreamError), |it| words::of_fields(&it)))
    }

    /// The field that a connection's Jira estimates with, where it tells soon.
    pub async fn estimate(&self, connection: &Connection) -> Option<Arc<Estimate>> {
        let asked = self.flights.fields.estimate(&self.connect, connection);
        tokio::time::timeout(SHORT, asked).await.ok().flatten()
    }
}
