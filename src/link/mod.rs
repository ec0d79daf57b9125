//! A pasted text → a typed [`Link`], or nothing (jira-urls.md, contract §4). Pure: no request is made and no name is looked up.
//!
//! ```text
//! text      wrapping taken off: brackets, quotes, marks, invisible characters; bare keys
//! address   one URL taken apart: segments, parameters, fragment
//! wrapper   sign-in pages and mail filters around the real address, at most three deep
//! base      which part is the site: known, Cloud host, or what stands before the leftmost route word
//! route     what the rest names; one file for each family of addresses
//! target    the object, its kind and id
//! canonical the one address of an object
//! split     a paste with many links → the links
//! ```

mod address;
mod base;
mod canonical;
mod cloud;
mod key;
mod plugins;
mod portal;
mod projects;
mod rest;
mod route;
mod secure;
mod split;
mod target;
mod text;
mod wrapper;

use url::Url;

use crate::jira::key::{Deployment, Kind, SiteUrl};

pub use key::{IssueId, IssueKey, ProjectId, ProjectKey};
pub use split::{LinksIn, MOST_LINKS, links_in};
pub use target::{Target, UserId};

use address::Address;
use base::{Certainty, Directory, Place};
use route::Page;
use text::Pasted;
use wrapper::Hop;

/// A site that is configured or connected.
#[derive(Clone, Debug)]
pub struct KnownSite {
    pub url: SiteUrl,
    /// Other addresses of the same Jira (contract §5).
    pub aliases: Vec<SiteUrl>,
    pub deployment: Option<Deployment>,
}

/// The sites against which links are read.
#[derive(Clone, Debug, Default)]
pub struct Known {
    directory: Directory,
    default: Option<SiteUrl>,
}

impl Known {
    /// `default` is the site of bare keys (`OPS-7`); without it they are no links.
    pub fn new(sites: Vec<KnownSite>, default: Option<SiteUrl>) -> Self {
        Self { directory: Directory::new(sites), default }
    }
}

/// One Jira object at one site. Holds nothing of the pasted text but what names the object: no token, no user-info,
/// no tracking parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    site: SiteUrl,
    deployment: Option<Deployment>,
    target: Target,
    /// The pasted path and its id parameters, where the target lacks a part of its canonical form.
    reduced: Option<String>,
}

/// Reads a pasted text as one link. `None` is the contract's kind `none`: not Jira, never previewed, or malformed.
pub fn parse(text: &str, known: &Known) -> Option<Link> {
    match text::read(text)? {
        Pasted::Address(text) => parse_address(&text, known, true),
        Pasted::Schemeless(text) => parse_address(&text, known, false),
        Pasted::Key(key) => {
            let site = known.default.clone()?;
            let cloud = site.is_cloud_host().then_some(Deployment::Cloud);
            let deployment = known.directory.deployment_of(&site).or(cloud);
            Some(Link { site, deployment, target: Target::Issue { issue: IssueId::Key(key) }, reduced: None })
        }
    }
}

/// Follows wrappers to the innermost address. Without `guess` only known and Cloud sites count.
fn parse_address(text: &str, known: &Known, guess: bool) -> Option<Link> {
    let mut hop = step(text, known, guess)?;
    for _ in 0..wrapper::MOST_HOPS {
        match hop {
            Step::Arrived(link) => return Some(link),
            Step::Hop(inner) => hop = step(&inner, known, guess)?,
        }
    }
    match hop {
        Step::Arrived(link) => Some(link),
        Step::Hop(_) => None,
    }
}

enum Step {
    Arrived(Link),
    Hop(String),
}

fn step(text: &str, known: &Known, guess: bool) -> Option<Step> {
    let url = Url::parse(text).ok()?;
    let address = Address::new(&url)?;
    match wrapper::of_host(&address) {
        Some(Hop::To(inner)) => return Some(Step::Hop(inner)),
        Some(Hop::Nowhere) => return None,
        None => {}
    }
    let mut outer = 0;
    if let Some(place) = known.directory.find(&address).or_else(|| base::by_host(&address)) {
        let (depth, certainty) = (place.depth, place.certainty);
        if let Some(step) = visit(place, &address) {
            return Some(step);
        }
        if certainty != Certainty::Known {
            return None;
        }
        outer = depth + 1;
    }
    // Below a known site there may lie another one: `https://jira.example.com/second/browse/OPS-7`.
    let place = base::guess(&address, &known.directory).filter(|place| guess && place.depth >= outer)?;
    visit(place, &address)
}

/// Reads the part below the site.
fn visit(place: Place, address: &Address<'_>) -> Option<Step> {
    let page = Page::new(address, &place);
    match wrapper::of_site(&page, &place.site) {
        Some(Hop::To(inner)) => return Some(Step::Hop(inner)),
        Some(Hop::Nowhere) => return None,
        None => {}
    }
    let target = route::target(&page).filter(|target| route::is_plausible(&page, target, &place))?;
    let reduced = canonical::needs_pasted(&target, place.certainty).then(|| canonical::reduce(&page, &target));
    Some(Step::Arrived(Link { site: place.site, deployment: place.deployment, target, reduced }))
}

impl Link {
    /// The site's own address where it is known, else the one in the link.
    pub fn site(&self) -> &SiteUrl {
        &self.site
    }

    /// What is certain without asking: from the known site, a Cloud host, or an address that only Cloud has.
    pub fn deployment(&self) -> Option<Deployment> {
        self.deployment
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub fn kind(&self) -> Kind {
        self.target.kind()
    }

    /// The id that goes with the kind; empty for a site.
    pub fn id(&self) -> String {
        self.target.id()
    }

    /// The key of the project, where the link says it.
    pub fn project_key(&self) -> Option<&str> {
        self.target.project_key()
    }

    /// The one address of the object (contract §4). Reading it gives the same kind and id. Without a deployment here
    /// and in the link, the self-managed form.
    pub fn canonical_url(&self, deployment: Option<Deployment>) -> String {
        // Cloud has no context path, whatever the caller believes.
        let is_cloud = deployment.or(self.deployment) == Some(Deployment::Cloud) && self.site.context_path().is_empty();
        let path = match &self.reduced {
            Some(path) => path.clone(),
            None => canonical::path(&self.target, is_cloud),
        };
        self.site.join(&path)
    }

    /// The same link with the key that the issue has now. `None` when this is no issue, or the key none.
    pub fn with_issue_key(&self, key: &str) -> Option<Self> {
        let issue = IssueId::Key(IssueKey::parse(key, true)?);
        let reduced = (self.site.host() == base::API_HOST).then(|| canonical::api_path(&issue));
        let target = match &self.target {
            Target::Issue { .. } | Target::Idea { .. } | Target::Request { portal: None, .. } => {
                Target::Issue { issue }
            }
            Target::Comment { comment, .. } => Target::Comment { issue, comment: *comment },
            Target::Worklog { worklog, .. } => Target::Worklog { issue, worklog: *worklog },
            Target::Request { portal, .. } => Target::Request { issue, portal: *portal },
            _ => return None,
        };
        Some(Self { target, reduced, ..self.clone() })
    }
}
