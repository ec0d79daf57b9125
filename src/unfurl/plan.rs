//! What to do about one pasted link, before anything is asked of Jira. Pure.

use std::sync::Arc;

use crate::connect::{Held, health};
use crate::jira::key::Deployment;
use crate::link::{Link, Target};
use crate::preview::{ReasonCode, Site, State};
use crate::store::{Connection, ConnectionId};

use super::rules::Rules;

/// Something that is fetched: the unit of the cache and of single flight.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Object {
    /// By key, or by numeric id.
    Issue(Box<str>),
    Project(Box<str>),
}

impl Object {
    pub fn of(link: &Link) -> Option<Self> {
        match link.target() {
            Target::Issue { .. } => Some(Self::Issue(link.id().into())),
            Target::Project { .. } => Some(Self::Project(link.id().into())),
            _ => None,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Issue(name) | Self::Project(name) => name,
        }
    }
}

/// A recognised link with what is known about its site.
#[derive(Debug)]
pub struct Recognised {
    pub link: Link,
    pub site: Site,
    pub deployment: Option<Deployment>,
}

#[derive(Debug)]
pub enum Plan {
    /// Nothing to ask: the answer is made from the URL alone.
    Done(State, ReasonCode),
    /// Ask these connections in this order; `waiting` ones need their person first.
    Ask { object: Object, healthy: Vec<Arc<Connection>>, waiting: Vec<Arc<Connection>> },
}

/// Names the site of a link: as the administrator or the connection calls it, else by its host.
pub fn recognise(link: Link, held: &Held, rules: &Rules) -> Recognised {
    let connection = held.at(link.site()).next();
    let deployment = connection.map(|it| it.deployment).or(link.deployment());
    let site = Site {
        url: link.site().to_string(),
        name: rules.site_name(link.site()).unwrap_or_else(|| link.site().short_name()).to_owned(),
        deployment,
    };
    Recognised { link, site, deployment }
}

/// Decides by policy, by kind and by the person's connections. `only` restricts the choice to one connection.
pub fn plan(recognised: &Recognised, held: &Held, rules: &Rules, only: Option<&ConnectionId>) -> Plan {
    let link = &recognised.link;
    if !rules.admits(link.site()) || link.project_key().is_some_and(|key| rules.blocks(link.site(), key)) {
        return Plan::Done(State::Blocked, ReasonCode::Policy);
    }
    let Some(object) = Object::of(link) else {
        return Plan::Done(State::Unsupported, ReasonCode::Unsupported);
    };
    let fitting = held.at(link.site()).filter(|it| only.is_none_or(|id| *id == it.id)).cloned();
    let (healthy, waiting): (Vec<_>, Vec<_>) = fitting.partition(|it| health::may_be_used(it.health));
    if healthy.is_empty() && waiting.is_empty() {
        return Plan::Done(State::Connect, ReasonCode::Connect);
    }
    Plan::Ask { object, healthy, waiting }
}
