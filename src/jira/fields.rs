//! The JSON shapes that all deployments share, and how they become the model (jira-auth-and-rest §6.2).
//!
//! `cloud` and `server` differ in who a person is and in how a page ends; everything else is decoded here, once.

use jiff::{Timestamp, civil::Date};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, value::MapAccessDeserializer};

use super::loose::{Flag, Integer, Leaf, List, Object, Present, Text, read};
use super::model::{
    Field, Issue, IssuePage, IssueRef, IssueType, Named, Person, Project, ProjectRef, RichText, ServerInfo, Status,
    StatusCategory,
};
use super::{Error, text};

/// How a deployment says who a person is.
pub(super) type Identify = fn(&PersonJson) -> Option<String>;

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Malformed)
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IssueJson {
    id: Text,
    key: Text,
    fields: Object<FieldsJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct FieldsJson {
    summary: Text,
    issuetype: Object<IssueTypeJson>,
    status: Object<StatusJson>,
    priority: Object<NamedJson>,
    assignee: Object<PersonJson>,
    reporter: Object<PersonJson>,
    project: Object<ProjectJson>,
    parent: Object<ParentJson>,
    duedate: Text,
    resolution: Object<NamedJson>,
    #[serde(rename = "fixVersions")]
    fix_versions: List<Object<NamedJson>>,
    labels: List<Text>,
    description: LongText,
    created: Text,
    updated: Text,
    security: Present,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct NamedJson {
    id: Text,
    name: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IssueTypeJson {
    id: Text,
    name: Text,
    subtask: Flag,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct StatusJson {
    id: Text,
    name: Text,
    #[serde(rename = "statusCategory")]
    category: Object<CategoryJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct CategoryJson {
    id: Integer,
    key: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ParentJson {
    key: Text,
    fields: Object<ParentFieldsJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ParentFieldsJson {
    summary: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PersonJson {
    pub(super) account_id: Text,
    pub(super) key: Text,
    pub(super) name: Text,
    display_name: Text,
    email_address: Text,
    active: Flag,
    time_zone: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ProjectJson {
    id: Text,
    key: Text,
    name: Text,
    project_type_key: Text,
    description: Text,
    lead: Object<PersonJson>,
    project_category: Object<NamedJson>,
    archived: Flag,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServerInfoJson {
    base_url: Text,
    version: Text,
    deployment_type: Text,
    server_title: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct FieldJson {
    id: Text,
    name: Text,
    custom: Flag,
    schema: Object<SchemaJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct SchemaJson {
    #[serde(rename = "type")]
    value_type: Text,
    custom: Text,
    system: Text,
}

/// A description: an ADF document in REST v3, a text in REST v2.
#[derive(Default)]
struct LongText(Option<RichText>);

impl Leaf for LongText {
    fn of_text(text: &str) -> Self {
        Self((!text.is_empty()).then(|| RichText::Wiki(text.to_owned())))
    }
    fn of_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(object)).map(|adf| Self(Some(RichText::Adf(adf))))
    }
}

impl<'de> Deserialize<'de> for LongText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl IssueJson {
    /// Whether the fields came along: without them there is nothing to show.
    fn has_fields(&self) -> bool {
        self.fields.0.is_some()
    }

    /// `None` without an id or a key.
    fn into_issue(self, identify: Identify) -> Option<Issue> {
        let fields = self.fields.0.unwrap_or_default();
        let person = |json: Object<PersonJson>| json.0.and_then(|json| json.into_person(identify));
        Some(Issue {
            id: self.id.filled()?,
            key: self.key.filled()?,
            summary: fields.summary.0.unwrap_or_default(),
            issue_type: fields.issuetype.0.and_then(IssueTypeJson::into_type),
            status: fields.status.0.and_then(StatusJson::into_status),
            priority: named(fields.priority),
            assignee: person(fields.assignee),
            reporter: person(fields.reporter),
            project: fields.project.0.and_then(ProjectJson::into_ref),
            parent: fields.parent.0.and_then(ParentJson::into_ref),
            due: date(&fields.duedate),
            resolution: named(fields.resolution),
            fix_versions: fields.fix_versions.0.into_iter().filter_map(named).map(|version| version.name).collect(),
            labels: fields.labels.0.into_iter().filter_map(Text::filled).collect(),
            description: fields.description.0,
            created: timestamp(&fields.created),
            updated: timestamp(&fields.updated),
            secured: fields.security.0,
        })
    }
}

impl IssueTypeJson {
    fn into_type(self) -> Option<IssueType> {
        Some(IssueType {
            name: self.name.filled()?,
            id: self.id.0.unwrap_or_default(),
            subtask: self.subtask.0.unwrap_or(false),
        })
    }
}

impl StatusJson {
    fn into_status(self) -> Option<Status> {
        let category = self.category.0.map_or(StatusCategory::Unknown, |category| category.category());
        Some(Status { name: self.name.filled()?, id: self.id.0.unwrap_or_default(), category })
    }
}

impl CategoryJson {
    /// By key; the id only where a server left the key out. Names are localised and never looked at.
    fn category(&self) -> StatusCategory {
        match (self.key.as_str(), self.id.0) {
            ("new", _) | ("", Some(2)) => StatusCategory::ToDo,
            ("indeterminate", _) | ("", Some(4)) => StatusCategory::InProgress,
            ("done", _) | ("", Some(3)) => StatusCategory::Done,
            _ => StatusCategory::Unknown,
        }
    }
}

impl ParentJson {
    fn into_ref(self) -> Option<IssueRef> {
        Some(IssueRef { key: self.key.filled()?, summary: self.fields.0.and_then(|fields| fields.summary.filled()) })
    }
}

impl PersonJson {
    /// The first of some texts that says something.
    pub(super) fn first_of(candidates: [&Text; 3]) -> Option<String> {
        candidates.into_iter().map(Text::as_str).find(|id| !id.is_empty()).map(str::to_owned)
    }

    /// `None` where nothing says who it is.
    fn into_person(self, identify: Identify) -> Option<Person> {
        let id = identify(&self)?;
        let name = self.name.filled();
        Some(Person {
            display_name: self.display_name.filled().or_else(|| name.clone()).unwrap_or_default(),
            id,
            name,
            email: self.email_address.filled(),
            active: self.active.0.unwrap_or(true),
            time_zone: self.time_zone.filled(),
        })
    }
}

impl ProjectJson {
    /// `None` without a key. Jira 4 told no project id; its REST API takes the key in the same places.
    fn into_ref(self) -> Option<ProjectRef> {
        let key = self.key.filled()?;
        Some(ProjectRef {
            id: self.id.filled().unwrap_or_else(|| key.clone()),
            name: self.name.filled().unwrap_or_else(|| key.clone()),
            key,
            type_key: self.project_type_key.filled(),
        })
    }

    fn into_project(mut self, identify: Identify) -> Option<Project> {
        let description = std::mem::take(&mut self.description).filled();
        let lead = std::mem::take(&mut self.lead).0.and_then(|lead| lead.into_person(identify));
        let category = named(std::mem::take(&mut self.project_category));
        let archived = self.archived.0.unwrap_or(false);
        let ProjectRef { id, key, name, type_key } = self.into_ref()?;
        let description = description
            .map(|text| text::plain_text(&RichText::Wiki(text), PROJECT_DESCRIPTION))
            .filter(|text| !text.is_empty());
        Some(Project { id, key, name, type_key, description, lead, category, archived })
    }
}

/// Characters of a project's description that are kept: more than any output shows.
const PROJECT_DESCRIPTION: usize = 1_000;

fn named(json: Object<NamedJson>) -> Option<Named> {
    let json = json.0?;
    Some(Named { name: json.name.filled()?, id: json.id.0.unwrap_or_default() })
}

/// `2026-09-01T09:12:44.513+0200` (offset without a colon) and RFC 3339.
fn timestamp(text: &Text) -> Option<Timestamp> {
    text.as_str().parse().ok()
}

fn date(text: &Text) -> Option<Date> {
    let day = text.as_str();
    // A time behind the date would be read in another zone than Jira meant: only a plain date is one.
    (day.len() == 10).then(|| day.parse().ok()).flatten()
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

#[derive(serde::Deserialize)]
struct BulkJson {
    issues: Vec<Object<IssueJson>>,
    #[serde(default, rename = "issueErrors")]
    errors: List<Present>,
}

/// Issues that cannot be shown (without key or fields) are left out, so that one never harms the others.
pub(super) fn bulk_issues(body: &[u8], identify: Identify) -> Result<BulkIssues, Error> {
    let json: BulkJson = parse(body)?;
    let told = json.issues.len();
    let shown = |issue: Object<IssueJson>| issue.0.filter(IssueJson::has_fields)?.into_issue(identify);
    let issues: Vec<Issue> = json.issues.into_iter().filter_map(shown).collect();
    Ok(BulkIssues { incomplete: !json.errors.0.is_empty() || issues.len() < told, issues })
}

#[derive(serde::Deserialize)]
struct PageJson {
    issues: Vec<Object<IssueJson>>,
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
    let issues = json.issues.into_iter().map(|issue| issue.0.and_then(|issue| issue.into_issue(identify)));
    Ok(IssuePage {
        issues: issues.collect::<Option<_>>().ok_or(Error::Malformed)?,
        next_page_token: json.next_page_token.filled().filter(|_| json.is_last.0 != Some(true)),
        total: json.total.0.and_then(|total| u64::try_from(total).ok()),
    })
}

/// One project, as `GET project/{key}` answers it.
pub(super) fn project(body: &[u8], identify: Identify) -> Result<Project, Error> {
    parse::<ProjectJson>(body)?.into_project(identify).ok_or(Error::Malformed)
}

/// A user, as `/myself` and `/user` answer it.
pub(super) fn person(body: &[u8], identify: Identify) -> Result<Person, Error> {
    parse::<PersonJson>(body)?.into_person(identify).ok_or(Error::Malformed)
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

/// `/field`, the same on all deployments. Entries without id or name are left out.
pub fn field_list(body: &[u8]) -> Result<Vec<Field>, Error> {
    let list: Vec<Object<FieldJson>> = parse(body)?;
    Ok(list.into_iter().filter_map(|json| json.0?.into_field()).collect())
}

impl FieldJson {
    fn into_field(self) -> Option<Field> {
        let schema = self.schema.0.unwrap_or_default();
        Some(Field {
            id: self.id.filled()?,
            name: self.name.filled()?,
            custom: self.custom.0.unwrap_or(false),
            schema: schema.custom.filled().or_else(|| schema.system.filled()),
            value_type: schema.value_type.filled(),
        })
    }
}
