//! What the administrator decided about sites and projects, as far as previews need it.

use super::entry::Found;
use crate::config::Publish;
use crate::jira::key::SiteUrl;

/// One `[[site]]` entry, as far as previews need it.
#[derive(Debug, Clone)]
pub struct SiteRule {
    pub site: SiteUrl,
    pub name: Option<String>,
    /// Project keys that are never shown, upper case.
    pub block_projects: Vec<String>,
    /// What of it may be written into pages.
    pub publish: Publish,
}

#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub sites: Vec<SiteRule>,
    /// `GATEWAY_SITES=listed`: nothing but the entries above.
    pub only_listed: bool,
}

impl Rules {
    fn of(&self, site: &SiteUrl) -> Option<&SiteRule> {
        self.sites.iter().find(|rule| rule.site == *site)
    }

    pub fn site_name(&self, site: &SiteUrl) -> Option<&str> {
        self.of(site)?.name.as_deref()
    }

    pub fn admits(&self, site: &SiteUrl) -> bool {
        !self.only_listed || self.of(site).is_some()
    }

    pub fn blocks(&self, site: &SiteUrl, project: &str) -> bool {
        self.of(site).is_some_and(|rule| rule.block_projects.iter().any(|key| key.eq_ignore_ascii_case(project)))
    }

    /// What of a site may be written into pages; everything where nothing is said.
    pub fn publishes(&self, site: &SiteUrl) -> Publish {
        self.of(site).map_or(Publish::Full, |rule| rule.publish)
    }

    /// Whether an object is off because of a project that it belongs to, or may belong to.
    pub fn blocks_object(&self, site: &SiteUrl, found: &Found) -> bool {
        match found.projects() {
            Some(projects) => projects.iter().any(|key| self.blocks(site, key)),
            None => self.of(site).is_some_and(|rule| !rule.block_projects.is_empty()),
        }
    }
}
