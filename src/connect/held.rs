//! What one account holds, kept in memory: its connections and the sites that its links may lie on.

use std::sync::Arc;

use crate::jira::key::SiteUrl;
use crate::link::{self, Known, KnownSite, Link};
use crate::recall::Recent;
use crate::store::{Connection, ConnectionId};

#[derive(Debug)]
pub struct Held {
    pub connections: Vec<Arc<Connection>>,
    /// The sites of the settings and of the connections.
    pub known: Known,
    /// Links that were asked for, read. They stay right as long as these sites do.
    links: Recent<Box<str>, Arc<Link>>,
}

/// How many links an account may have read ahead, and how long they may be: all accounts have room for theirs.
const LINKS: usize = 128;
const LONGEST_LINK: usize = 300;

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
        Self { known: Known::new(sites, default), connections, links: Recent::for_ever(LINKS) }
    }

    /// Reads a pasted text by the sites of this account.
    pub fn link(&self, text: &str) -> Option<Arc<Link>> {
        if let Some(link) = self.links.get(text) {
            return Some(link);
        }
        let link = Arc::new(link::parse(text, &self.known)?);
        if text.len() <= LONGEST_LINK {
            self.links.insert(text.into(), link.clone());
        }
        Some(link)
    }

    pub fn find(&self, id: &ConnectionId) -> Option<&Arc<Connection>> {
        self.connections.iter().find(|it| it.id == *id)
    }

    /// The connections to one site, oldest first.
    pub fn at(&self, site: &SiteUrl) -> impl Iterator<Item = &Arc<Connection>> {
        self.connections.iter().filter(move |it| it.site == *site)
    }
}
