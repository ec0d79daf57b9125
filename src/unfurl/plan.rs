//! What to do about one pasted link, before anything is asked of Jira. Pure.

use std::sync::Arc;

use crate::connect::{Held, health};
use crate::jira::key::Deployment;
use crate::link::{Link, Target, UserId};
use crate::preview::{ReasonCode, Site, State};
use crate::store::{Connection, ConnectionId};

use super::rules::Rules;

/// Something that is fetched: the unit of the cache and of single flight.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Object {
    /// By key, or by numeric id.
    Issue(Box<str>),
    /// By key, or by numeric id.
    Project(Box<str>),
    Comment {
        issue: Box<str>,
        comment: u64,
    },
    Worklog {
        issue: Box<str>,
        worklog: u64,
    },
    Board(u64),
    Sprint(u64),
    Filter(i64),
    /// By its JQL.
    Search(Box<str>),
    Dashboard(u64),
    Version(u64),
    Component(u64),
    User(UserId),
    /// An issue as its customer sees it.
    Request(Box<str>),
    Attachment(u64),
    Portal(u64),
    Queue {
        project: Box<str>,
        queue: u64,
    },
}

impl Object {
    /// `None` where Jira has no API that could tell anything: plans, pages without an object.
    pub fn of(link: &Link) -> Option<Self> {
        Some(match link.target() {
            Target::Issue { .. } | Target::Idea { .. } => Self::Issue(link.id().into()),
            Target::Project { .. } => Self::Project(link.id().into()),
            Target::Comment { issue, comment } => Self::Comment { issue: issue.to_string().into(), comment: *comment },
            Target::Worklog { issue, worklog } => Self::Worklog { issue: issue.to_string().into(), worklog: *worklog },
            Target::Board { board, .. } => Self::Board(*board),
            Target::Sprint { sprint } => Self::Sprint(*sprint),
            Target::Filter { filter } => Self::Filter(*filter),
            Target::Search { jql } if !jql.trim().is_empty() => Self::Search(jql.as_str().into()),
            Target::Dashboard { dashboard: Some(id) } => Self::Dashboard(*id),
            Target::Version { version, .. } => Self::Version(*version),
            Target::Component { component, .. } => Self::Component(*component),
            Target::User { user: UserId::Own } => return None,
            Target::User { user } => Self::User(user.clone()),
            Target::Request { issue, .. } => Self::Request(issue.to_string().into()),
            Target::Attachment { attachment, .. } => Self::Attachment(*attachment),
            Target::Portal { portal } => Self::Portal(*portal),
            Target::Queue { queue, project: Some(project) } => {
                Self::Queue { project: project.as_str().into(), queue: *queue }
            }
            Target::Search { .. }
            | Target::Dashboard { dashboard: None }
            | Target::Queue { project: None, .. }
            | Target::Plan { .. }
            | Target::Site => return None,
        })
    }

    /// How the link calls the issue that it is, or that it lies on.
    pub fn issue(&self) -> Option<&str> {
        match self {
            Self::Issue(issue) | Self::Request(issue) => Some(issue),
            Self::Comment { issue, .. } | Self::Worklog { issue, .. } => Some(issue),
            _ => None,
        }
    }

    /// Bytes of its name, for the bound of the cache.
    pub fn weight(&self) -> usize {
        match self {
            Self::Issue(name) | Self::Project(name) | Self::Search(name) | Self::Request(name) => name.len(),
            Self::Comment { issue: name, .. } | Self::Worklog { issue: name, .. } => name.len(),
            Self::User(UserId::Account(name) | UserId::Name(name)) => name.len(),
            Self::Queue { project, .. } => project.len(),
            _ => 0,
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
