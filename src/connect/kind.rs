//! What a listed site is, before anybody has connected it: the connect window begins with the right version.

use std::time::Duration;

use moka::sync::Cache;
use tokio::time::timeout;

use super::Connect;
use crate::jira::key::{Deployment, SiteUrl};

/// A person waits for the window meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an answer, or that there was none, is remembered.
const REMEMBERED: Duration = Duration::from_secs(600);

pub(super) fn memory() -> Cache<SiteUrl, Option<Deployment>> {
    Cache::builder().max_capacity(1_000).time_to_live(REMEMBERED).build()
}

impl Connect {
    /// What a site of the settings is; none when it is not listed, or does not answer within a second. A Cloud site under a
    /// name of its own is known by asking it alone.
    ///
    /// Only sites that the operator named are asked, each once in ten minutes: opening a window needs no form of ours, so it
    /// must not let anybody look around in a network.
    pub async fn kind_of_listed(&self, site: &SiteUrl) -> Option<Deployment> {
        let listed = self.sites.listed(site)?;
        // Where it is registered, or by its name, it is known already.
        if listed.has_oauth() || listed.url.is_cloud_host() {
            return None;
        }
        if let Some(kind) = self.kinds.get(&listed.url) {
            return kind;
        }
        let found = timeout(PATIENCE, self.discover(&listed.url)).await;
        let kind = found.ok().and_then(Result::ok).and_then(|found| found.deployment);
        self.kinds.insert(listed.url.clone(), kind);
        kind
    }
}
