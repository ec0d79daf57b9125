//! What one account holds, kept in memory: its connections and the sites that its links may lie on.

use std::sync::Arc;

use crate::jira::key::SiteUrl;
use crate::link::{Known, KnownSite};
use crate::store::{Connection, ConnectionId};

#[derive(Debug)]
pub struct Held {
    pub connections: Vec<Arc<Connection>>,
    /// The sites of the settings and of the connections.
    pub known: Known,
}

impl Held {
    pub(super) fn new(connections: Vec<Arc<Connection>>, listed: &[KnownSite], default: Option<SiteUrl>) -> Self {
        let mut sites = listed.to_vec();
        for connection in &connections {
            match sites.iter_mut().find(|it| it.url == connection.site) {
                Some(site) => site.deployment = Some(connection.deployment),
                None => sites.push(KnownSite {
                    url: connection.site.clone(),
                    aliases: Vec::new(),
                    deployment: Some(connection.deployment),
                }),
            }
        }
        Self { known: Known::new(sites, default), connections }
    }

    pub fn find(&self, id: &ConnectionId) -> Option<&Arc<Connection>> {
        self.connections.iter().find(|it| it.id == *id)
    }

    /// The connections to one site, oldest first.
    pub fn at(&self, site: &SiteUrl) -> impl Iterator<Item = &Arc<Connection>> {
        self.connections.iter().filter(move |it| it.site == *site)
    }
}
