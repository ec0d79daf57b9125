//! Filters and dashboards: what people keep and share.

use super::data::Data;
use super::people::Person;

/// With whom something is shared besides its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    Nobody,
    /// Everybody who is logged in.
    LoggedIn,
    /// Also strangers.
    Everybody,
    Group(String),
    /// Everybody who sees this project.
    Project(String),
}

#[derive(Clone, Debug)]
pub struct Filter {
    pub id: u64,
    pub name: String,
    pub description: String,
    pub jql: String,
    /// User name.
    pub owner: String,
    pub share: Share,
}

impl Filter {
    /// A filter that only its owner sees.
    pub fn new(id: u64, owner: &str, name: &str, jql: &str) -> Self {
        let (name, jql, owner) = (name.into(), jql.into(), owner.into());
        Self { id, name, description: String::new(), jql, owner, share: Share::Nobody }
    }

    pub fn description(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    pub fn shared(mut self, share: Share) -> Self {
        self.share = share;
        self
    }
}

#[derive(Clone, Debug)]
pub struct Dashboard {
    pub id: u64,
    pub name: String,
    pub description: String,
    /// User name; the system's own dashboard has none.
    pub owner: Option<String>,
    pub share: Share,
}

impl Dashboard {
    /// A dashboard that only its owner sees.
    pub fn new(id: u64, owner: &str, name: &str) -> Self {
        let owner = Some(owner.into());
        Self { id, name: name.into(), description: String::new(), owner, share: Share::Nobody }
    }

    pub fn description(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    pub fn shared(mut self, share: Share) -> Self {
        self.share = share;
        self
    }
}

impl Data {
    pub fn filter(&self, person: Option<&Person>, id: &str) -> Option<&Filter> {
        let found = self.filters.iter().find(|filter| filter.id.to_string() == id)?;
        self.shares(person, Some(&found.owner), &found.share).then_some(found)
    }

    pub fn dashboard(&self, person: Option<&Person>, id: &str) -> Option<&Dashboard> {
        let found = self.dashboards.iter().find(|dashboard| dashboard.id.to_string() == id)?;
        self.shares(person, found.owner.as_deref(), &found.share).then_some(found)
    }

    fn shares(&self, person: Option<&Person>, owner: Option<&str>, share: &Share) -> bool {
        let person = person.filter(|person| !person.customer);
        match (share, person) {
            (Share::Everybody, _) => true,
            (_, Some(person)) if owner == Some(&person.name) => true,
            (Share::LoggedIn, Some(_)) => true,
            (Share::Group(group), Some(person)) => person.groups.contains(group),
            (Share::Project(key), _) => self.project(key).is_some_and(|project| self.sees_project(person, project)),
            _ => false,
        }
    }
}
