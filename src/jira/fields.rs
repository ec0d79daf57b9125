//! Issues, projects and persons as JSON, and how they become the model (jira-auth-and-rest §6.2).
//!
//! The deployments differ in who a person is, and in the form of long texts; everything else is decoded here, once.

use jiff::{Timestamp, civil::Date};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::loose::{AnyJson, Flag, Integer, Leaf, List, Object, Present, Text, read};
use super::model::{Issue, IssueRef, IssueType, Named, Person, Project, ProjectRef, RichText, Status, StatusCategory};
use super::text;

/// How a deployment says who a person is.
pub(super) type Identify = fn(&PersonJson) -> Option<String>;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct IssueJson {
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
pub(super) struct ProjectJson {
    id: Text,
    key: Text,
    name: Text,
    project_type_key: Text,
    description: Text,
    lead: Object<PersonJson>,
    project_category: Object<NamedJson>,
    archived: Flag,
}

/// How many JSON values of a document are kept: several times as many as its beginning needs, which is all that is shown.
const MOST_ADF_VALUES: usize = 5_000;

/// A description: an ADF document in REST v3, a text in REST v2.
#[derive(Default)]
struct LongText(Option<RichText>);

impl Leaf for LongText {
    fn of_text(text: &str) -> Self {
        Self((!text.is_empty()).then(|| RichText::Wiki(text.to_owned())))
    }
    fn of_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let mut values_left = MOST_ADF_VALUES;
        AnyJson(&mut values_left).visit_map(object).map(|adf| Self(Some(RichText::Adf(adf))))
    }
}

impl<'de> Deserialize<'de> for LongText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl IssueJson {
    /// Whether the fields came along: without them there is nothing to show.
    pub(super) fn has_fields(&self) -> bool {
        self.fields.0.is_some()
    }

    /// `None` without an id or a key.
    pub(super) fn into_issue(self, identify: Identify) -> Option<Issue> {
        let fields = self.fields.0.unwrap_or_default();
        let person = |json: Object<PersonJson>| json.0.and_then(|json| json.into_person(identify));
        Some(Issue {
            id: self.id.filled()?,
            key: key(self.key)?,
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

    /// `None` where nothing says who it is. A name to show is enough: some answers leave the id out.
    pub(super) fn into_person(self, identify: Identify) -> Option<Person> {
        let id = identify(&self).unwrap_or_default();
        let name = self.name.filled();
        let display_name = self.display_name.filled().or_else(|| name.clone()).unwrap_or_default();
        (!id.is_empty() || !display_name.is_empty()).then(|| Person {
            display_name,
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
        let key = key(self.key)?;
        Some(ProjectRef {
            id: self.id.filled().unwrap_or_else(|| key.clone()),
            name: self.name.filled().unwrap_or_else(|| key.clone()),
            key,
            type_key: self.project_type_key.filled(),
        })
    }

    pub(super) fn into_project(mut self, identify: Identify) -> Option<Project> {
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

/// The key of an issue or a project. It becomes part of addresses, so nothing else is taken for one.
fn key(text: Text) -> Option<String> {
    const LONGEST: usize = 510;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    text.filled().filter(|key| key.len() <= LONGEST && key.chars().all(is_part))
}

fn named(json: Object<NamedJson>) -> Option<Named> {
    let json = json.0?;
    Some(Named { name: json.name.filled()?, id: json.id.0.unwrap_or_default() })
}

/// `2026-09-01T09:12:44.513+0200` (offset without a colon) and RFC 3339.
pub(super) fn timestamp(text: &Text) -> Option<Timestamp> {
    text.as_str().parse().ok()
}

fn date(text: &Text) -> Option<Date> {
    let day = text.as_str();
    // A time behind the date would be read in another zone than Jira meant: only a plain date is one.
    (day.len() == 10).then(|| day.parse().ok()).flatten()
}
