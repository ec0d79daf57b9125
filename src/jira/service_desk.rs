//! Jira Service Management: requests, portals and queues (jira-auth-and-rest §6.4).

use jiff::Timestamp;

use super::Error;
use super::client::{Client, segment};
use super::loose::{Flag, Integer, List, Object, Page, Text};
use super::model::{Issue, Person, ProjectRef, Status, StatusCategory};
use super::people::{PersonJson, key};
use crate::outbound::{HeaderName, HeaderValue};

/// An issue as the customer of a service desk sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: String,
    pub key: String,
    pub summary: String,
    /// The status that customers are shown.
    pub status: Option<Status>,
    pub request_type: Option<String>,
    pub service: Option<ProjectRef>,
    pub reporter: Option<Person>,
    /// Told to agents only.
    pub promises: Vec<Promise>,
    /// Wiki markup.
    pub description: Option<String>,
    /// Whether a security level hides its issue; customers are not told.
    pub secured: Option<bool>,
}

/// A running SLA.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    pub name: String,
    /// When it will be, or was, breached.
    pub due: Option<Timestamp>,
    pub breached: bool,
    /// The clock stands still.
    pub paused: bool,
}

/// The list of requests that agents work on.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    pub name: String,
    pub jql: String,
    pub count: Option<u64>,
}

/// The same where only the issue could be asked: nothing but what a customer would see.
impl From<&Issue> for Request {
    fn from(issue: &Issue) -> Self {
        Self {
            id: issue.id.clone(),
            key: issue.key.clone(),
            summary: issue.summary.clone(),
            status: issue.status.clone(),
            request_type: issue.issue_type.as_ref().map(|it| it.name.clone()),
            service: issue.project.clone(),
            reporter: issue.reporter.clone(),
            promises: Vec::new(),
            description: None,
            secured: Some(issue.secured),
        }
    }
}

impl Client {
    /// One request by its issue's key or id. Customers without any licence for Jira may ask, too.
    pub async fn request_of_customer(&self, issue: &str) -> Result<Request, Error> {
        let path = format!("request/{}", segment(issue)?);
        let query = "expand=serviceDesk,requestType,sla";
        let json: RequestJson = match self.desk(&path, query).await {
            // Customers are not told about promises, and some versions refuse the whole question for it.
            Err(Error::BadQuery) => self.desk(&path, "expand=serviceDesk,requestType").await?,
            answer => answer?,
        };
        json.into_request(self).ok_or(Error::Malformed)
    }

    /// The service desk behind a portal. Nothing says that both have one number, so the portal's own is asked for.
    pub async fn portal(&self, id: u64) -> Result<ProjectRef, Error> {
        let desk = self.service_desk(&id.to_string()).await?;
        let types: Page<PortalOnly> = self.desk(&format!("servicedesk/{id}/requesttype"), "limit=1").await?;
        let told = types.values.0.first().and_then(|it| it.0.as_ref()?.portal_id.unsigned());
        match told {
            Some(told) if told != id => Err(Error::NotFound),
            _ => Ok(desk),
        }
    }

    /// The project of a service desk, by the desk's number or by the key or number of the project.
    pub async fn service_desk(&self, id_or_project: &str) -> Result<ProjectRef, Error> {
        let desk: ServiceDeskJson = self.desk(&format!("servicedesk/{}", segment(id_or_project)?), "").await?;
        desk.into_ref().ok_or(Error::Malformed)
    }

    /// One queue of a service project, with the number of its requests.
    pub async fn queue(&self, project: &str, id: u64) -> Result<Queue, Error> {
        let path = format!("servicedesk/{}/queue/{id}", segment(project)?);
        let json: QueueJson = self.desk(&path, "includeCount=true").await?;
        Ok(Queue {
            name: json.name.filled().ok_or(Error::Malformed)?,
            jql: json.jql.filled().unwrap_or_default(),
            count: json.issue_count.unsigned(),
        })
    }

    async fn desk<T: serde::de::DeserializeOwned>(&self, path: &str, query: &str) -> Result<T, Error> {
        let mut call = self.below(&format!("/rest/servicedeskapi/{path}"), query)?;
        // Queues were an experiment for years, and old servers still want to hear that one knows.
        call.headers.insert(HeaderName::from_static("x-experimentalapi"), HeaderValue::from_static("opt-in"));
        match self.read(call).await {
            Err(error) => Err(self.desk_refusal(error).await),
            answer => answer,
        }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestJson {
    issue_id: Text,
    issue_key: Text,
    summary: Text,
    request_type: Object<Titled>,
    service_desk: Object<ServiceDeskJson>,
    reporter: Object<PersonJson>,
    request_field_values: List<Object<FieldValue>>,
    current_status: Object<CurrentStatus>,
    sla: Object<Page<SlaJson>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Titled {
    name: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FieldValue {
    field_id: Text,
    value: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CurrentStatus {
    status: Text,
    status_category: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SlaJson {
    name: Text,
    ongoing_cycle: Object<Cycle>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cycle {
    breach_time: Object<Moment>,
    breached: Flag,
    paused: Flag,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Moment {
    epoch_millis: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceDeskJson {
    project_id: Text,
    project_key: Text,
    project_name: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PortalOnly {
    portal_id: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct QueueJson {
    name: Text,
    jql: Text,
    issue_count: Integer,
}

impl RequestJson {
    fn into_request(mut self, jira: &Client) -> Option<Request> {
        let mut field = |id: &str| {
            let found = self.request_field_values.0.iter_mut().filter_map(|it| it.0.as_mut());
            found.filter(|it| it.field_id.as_str() == id).find_map(|it| std::mem::take(&mut it.value).filled())
        };
        let summary = field("summary").or_else(|| std::mem::take(&mut self.summary).filled());
        let description = field("description");
        Some(Request {
            id: self.issue_id.filled().unwrap_or_default(),
            key: key(self.issue_key)?,
            summary: summary.unwrap_or_default(),
            description,
            secured: None,
            status: self.current_status.0.and_then(CurrentStatus::into_status),
            request_type: self.request_type.0.and_then(|it| it.name.filled()),
            service: self.service_desk.0.and_then(ServiceDeskJson::into_ref),
            reporter: self.reporter.0.and_then(|reporter| reporter.into_person(jira.identify())),
            promises: self
                .sla
                .0
                .map(|sla| sla.values.0.into_iter().filter_map(|it| it.0?.into_promise()).collect())
                .unwrap_or_default(),
        })
    }
}

impl CurrentStatus {
    fn into_status(self) -> Option<Status> {
        let category = match self.status_category.as_str() {
            "NEW" => StatusCategory::ToDo,
            "INDETERMINATE" => StatusCategory::InProgress,
            "DONE" => StatusCategory::Done,
            _ => StatusCategory::Unknown,
        };
        Some(Status { id: String::new(), name: self.status.filled()?, category })
    }
}

impl SlaJson {
    /// Only what still runs.
    fn into_promise(self) -> Option<Promise> {
        let cycle = self.ongoing_cycle.0?;
        Some(Promise {
            name: self.name.filled()?,
            due: cycle.breach_time.0.and_then(|it| Timestamp::from_millisecond(it.epoch_millis.0?).ok()),
            breached: cycle.breached.0 == Some(true),
            paused: cycle.paused.0 == Some(true),
        })
    }
}

impl ServiceDeskJson {
    fn into_ref(self) -> Option<ProjectRef> {
        let key = key(self.project_key)?;
        Some(ProjectRef {
            id: self.project_id.filled().unwrap_or_default(),
            name: self.project_name.filled().unwrap_or_else(|| key.clone()),
            key,
            type_key: Some("service_desk".to_owned()),
        })
    }
}
