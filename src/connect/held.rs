//! What one account holds, kept in memory: its connections and the sites that its links may lie on.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::jira::key::SiteUrl;
use crate::link::{Known, KnownSite};
use crate::recall::Recent;
use crate::store::{Connection, ConnectionId};

pub struct Held {
    pub connections: Vec<Arc<Connection>>,
    /// The sites of the settings and of the connections.
    pub known: Known,
    notes: Recent<Box<str>, Note>,
}

/// What a higher room worked out for a question of this account. It holds for as long as these rows do.
pub type Note = Arc<dyn Any + Send + Sync>;

/// How many questions of an account have notes, and how long they may be: all accounts have room for theirs.
const NOTES: usize = 128;
const LONGEST_QUESTION: usize = 500;

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("connections", &self.connections).finish_non_exhaustive()
    }
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
        Self { known: Known::new(sites, default), connections, notes: Recent::for_ever(NOTES) }
    }

    /// The note to a question, if it is one of this kind.
    pub fn note<T: Any + Send + Sync>(&self, question: &str) -> Option<Arc<T>> {
        self.notes.get(question)?.downcast().ok()
    }

    /// Makes a note to a question.
    pub fn keep_note(&self, question: &str, note: Note) {
        if question.len() <= LONGEST_QUESTION {
            self.notes.insert(question.into(), note);
        }
    }

    pub fn find(&self, id: &ConnectionId) -> Option<&Arc<Connection>> {
        self.connections.iter().find(|it| it.id == *id)
    }

    /// The connections to one site, oldest first.
    pub fn at(&self, site: &SiteUrl) -> impl Iterator<Item = &Arc<Connection>> {
        self.connections.iter().filter(move |it| it.site == *site)
    }
}
