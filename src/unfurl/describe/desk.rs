//! Jira Service Management: requests, portals, queues.

use crate::jira::model::ProjectRef;
use crate::jira::search::Hits;
use crate::jira::service_desk::{Promise, Queue, Request};
use crate::preview::{FactId, Preview};

use super::search::rows;
use super::{Facts, description_of, line, project_name, status, title};

/// A request with what its customer may see.
pub fn request(request: &Request, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, request.request_type.as_deref());
    facts.person(FactId::Reporter, request.reporter.as_ref());
    for promise in &request.promises {
        facts.named(FactId::Due, &promise.name, self::promise(promise).as_deref());
    }
    facts.named(FactId::Project, "Service", request.service.as_ref().map(project_name).as_deref());
    Preview {
        title: title(&request.summary),
        identifier: line(&request.key),
        status: request.status.as_ref().map(status),
        facts: facts.0,
        description: description_of(request.description.as_ref(), with_description),
        restricted: request.secured != Some(false),
        ..Preview::default()
    }
}

fn promise(promise: &Promise) -> Option<String> {
    match promise {
        Promise { breached: true, .. } => Some("breached".to_owned()),
        Promise { paused: true, .. } => Some("paused".to_owned()),
        promise => promise.due.map(|at| at.to_string()),
    }
}

/// The service desk behind a portal.
pub fn portal(service: &ProjectRef) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Project, Some(&project_name(service)));
    Preview { title: title(&service.name), facts: facts.0, ..Preview::default() }
}

/// A queue, with its first requests.
pub fn queue(queue: &Queue, service: Option<&ProjectRef>, hits: Option<&Hits>) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Project, service.map(project_name).as_deref());
    facts.add(FactId::Jql, Some(&queue.jql));
    let count = queue.count.or_else(|| hits?.count);
    facts.add(FactId::Count, count.map(|count| count.to_string()).as_deref());
    let rows = hits.map(|hits| rows(&hits.first)).unwrap_or_default();
    Preview { title: title(&queue.name), facts: facts.0, rows, ..Preview::default() }
}
