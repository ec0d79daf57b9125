//! Service desks: request types, queues, and who is an agent or a customer.

use super::data::Data;
use super::issue::Issue;
use super::people::Person;

/// A service desk. Where none is kept, Service Management is not licensed.
#[derive(Clone, Debug)]
pub struct ServiceDesk {
    pub id: u64,
    /// Key of its project.
    pub project: String,
    /// The number in the addresses of its portal.
    pub portal: u64,
    /// User names.
    pub agents: Vec<String>,
    /// Customers of a portal that is not open to all.
    pub customers: Vec<String>,
    pub request_types: Vec<(u64, String)>,
    /// Id, name, JQL.
    pub queues: Vec<(u64, String, String)>,
}

impl ServiceDesk {
    pub fn new(id: u64, project: &str) -> Self {
        Self {
            id,
            project: project.into(),
            portal: id,
            agents: Vec::new(),
            customers: Vec::new(),
            request_types: Vec::new(),
            queues: Vec::new(),
        }
    }

    pub fn portal(mut self, id: u64) -> Self {
        self.portal = id;
        self
    }

    pub fn agents(mut self, names: &[&str]) -> Self {
        self.agents = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub fn customers(mut self, names: &[&str]) -> Self {
        self.customers = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub fn request_type(mut self, id: u64, name: &str) -> Self {
        self.request_types.push((id, name.into()));
        self
    }

    pub fn queue(mut self, id: u64, name: &str, jql: &str) -> Self {
        self.queues.push((id, name.into(), jql.into()));
        self
    }

    pub fn has_agent(&self, person: &Person) -> bool {
        self.agents.contains(&person.name)
    }
}

/// What makes an issue a request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Id of the request type.
    pub kind: u64,
    /// User names of those who take part besides the reporter.
    pub participants: Vec<String>,
}

impl Data {
    /// By its id or its project: by key, former key or id.
    pub fn desk(&self, person: &Person, id_or_key: &str) -> Option<&ServiceDesk> {
        let project = self.project(id_or_key).map(|project| &project.key);
        let named = |desk: &&ServiceDesk| desk.id.to_string() == id_or_key || Some(&desk.project) == project;
        self.desks.iter().find(named).filter(|desk| {
            desk.has_agent(person)
                || desk.customers.contains(&person.name)
                || self.project(&desk.project).is_some_and(|project| self.sees_project(Some(person), project))
        })
    }

    /// A request that this person made, takes part in or works on, with its desk.
    pub fn request(&self, person: &Person, id_or_key: &str) -> Option<(&ServiceDesk, &Issue, &Request)> {
        let issue = self.issue(id_or_key)?;
        let request = issue.request.as_ref()?;
        let desk = self.desks.iter().find(|desk| desk.project == issue.project_key())?;
        let own = issue.reporter.as_ref() == Some(&person.name) || request.participants.contains(&person.name);
        let works_on = desk.has_agent(person) && self.sees_issue(Some(person), issue);
        (own || works_on).then_some((desk, issue, request))
    }
}
