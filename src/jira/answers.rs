//! Whole answers of Jira, in the shapes that all deployments share (jira-auth-and-rest §6, §9).

use serde::de::DeserializeOwned;

use super::Error;
use super::fields::IssueJson;
use super::loose::{Bounded, Flag, Integer, List, Object, Present, Text};
use super::model::{Field, Issue, IssuePage, Person, Project, ServerInfo};
use super::people::{Identify, PersonJson, ProjectJson};

/// Reads a whole answer.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Malformed)
}

/// One issue, as `GET issue/{key}` answers it.
pub(super) fn issue(body: &[u8], identify: Identify) -> Result<Issue, Error> {
    let json: IssueJson = parse(body)?;
    Some(json).filter(IssueJson::has_fields).and_then(|json| json.into_issue(identify)).ok_or(Error::Malformed)
}

/// What one call for several issues could give.
#[derive(Debug)]
pub struct BulkIssues {
    pub issues: Vec<Issue>,
    /// Whether issues were left out for a reason that may pass: Jira says so (`issueErrors`), or one could not be read.
    pub incomplete: bool,
}

/// The longest id of a person that is kept.
const LONGEST_ID: usize = 255;
/// No call asks for more.
const MOST_IN_BULK: usize = 100;
const MOST_IN_PAGE: usize = 5_000;
/// More fields than the largest Jira has.
const MOST_FIELDS: usize = 20_000;

#[derive(serde::Deserialize)]
struct BulkJson {
    issues: Bounded<Object<IssueJson>, MOST_IN_BULK>,
    #[serde(default, rename = "issueErrors")]
    errors: List<Present>,
}

/// Issues that cannot be shown (without key or fields) are left out, so that one never harms the others.
pub(super) fn bulk_issues(body: &[u8], identify: Identify) -> Result<BulkIssues, Error> {
    let json: BulkJson = parse(body)?;
    let told = json.issues.items.len();
    let shown = |issue: Object<IssueJson>| issue.0.filter(IssueJson::has_fields)?.into_issue(identify);
    let issues: Vec<Issue> = json.issues.items.into_iter().filter_map(shown).collect();
    let incomplete = !json.errors.0.is_empty() || json.issues.more || issues.len() < told;
    Ok(BulkIssues { incomplete, issues })
}

#[derive(serde::Deserialize)]
struct PageJson {
    issues: Bounded<Object<IssueJson>, MOST_IN_PAGE>,
    #[serde(default, rename = "nextPageToken")]
    next_page_token: Text,
    #[serde(default, rename = "isLast")]
    is_last: Flag,
    #[serde(default)]
    total: Integer,
}

/// A page of a search. A search for ids alone has no fields, so they may be missing; an id or a key may not, because a
/// row that is silently left out of a search looks like a deleted issue.
pub(super) fn issue_page(body: &[u8], identify: Identify) -> Result<IssuePage, Error> {
    let json: PageJson = parse(body)?;
    if json.issues.more {
        return Err(Error::Malformed);
    }
    let issues = json.issues.items.into_iter().map(|issue| issue.0.and_then(|issue| issue.into_issue(identify)));
    Ok(IssuePage {
        issues: issues.collect::<Option<_>>().ok_or(Error::Malformed)?,
        next_page_token: json.next_page_token.filled().filter(|_| json.is_last.0 != Some(true)),
        total: json.total.unsigned(),
    })
}

/// One project, as `GET project/{key}` answers it.
pub(super) fn project(body: &[u8], identify: Identify) -> Result<Project, Error> {
    parse::<ProjectJson>(body)?.into_project(identify).ok_or(Error::Malformed)
}

/// A user, as `/myself` and `/user` answer it. Here the id must be told.
pub(super) fn person(body: &[u8], identify: Identify) -> Result<Person, Error> {
    parse::<PersonJson>(body)?
        .into_person(identify)
        .filter(|person| (1..=LONGEST_ID).contains(&person.id.len()))
        .ok_or(Error::Malformed)
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServerInfoJson {
    base_url: Text,
    version: Text,
    deployment_type: Text,
    server_title: Text,
}

/// `/rest/api/2/serverInfo`, the same on all deployments.
pub fn server_info(body: &[u8]) -> Result<ServerInfo, Error> {
    let json: ServerInfoJson = parse(body)?;
    Ok(ServerInfo {
        version: json.version.filled().ok_or(Error::Malformed)?,
        base_url: json.base_url.filled(),
        deployment_type: json.deployment_type.filled(),
        title: json.server_title.filled(),
    })
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct FieldJson {
    id: Text,
    name: Text,
    custom: Flag,
    schema: Object<SchemaJson>,
    scope: Object<ScopeJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ScopeJson {
    project: Object<IdJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IdJson {
    id: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct SchemaJson {
    #[serde(rename = "type")]
    value_type: Text,
    items: Text,
    custom: Text,
    system: Text,
}

/// `/field`, the same on all deployments. Entries without id or name are left out.
pub fn field_list(body: &[u8]) -> Result<Vec<Field>, Error> {
    let list: Bounded<Object<FieldJson>, MOST_FIELDS> = parse(body)?;
    Ok(list.items.into_iter().filter_map(|json| json.0?.into_field()).collect())
}

impl FieldJson {
    fn into_field(self) -> Option<Field> {
        let schema = self.schema.0.unwrap_or_default();
        let system = schema.system.filled();
        Some(Field {
            id: self.id.filled()?,
            name: self.name.filled()?,
            custom: self.custom.0.unwrap_or(false),
            schema: schema.custom.filled().or_else(|| system.clone()),
            system,
            value_type: schema.value_type.filled(),
            items: schema.items.filled(),
            project: self.scope.0.and_then(|scope| scope.project.0?.id.filled()),
        })
    }
}
