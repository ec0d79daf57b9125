//! An issue as JSON, and how it becomes the model (jira-auth-and-rest §6.2).

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::loose::{AnyJson, Flag, Integer, Leaf, List, Object, Present, Text, read};
use super::model::{Issue, IssueRef, IssueType, Progress, RichText, Status, StatusCategory};
use super::people::{Identify, NamedJson, PersonJson, ProjectJson, key, named};

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct IssueJson {
    id: Text,
    key: Text,
    fields: Object<FieldsJson>,
}

#[derive(Default)]
struct FieldsJson {
    summary: Text,
    issue_type: Object<IssueTypeJson>,
    status: Object<StatusJson>,
    priority: Object<NamedJson>,
    assignee: Object<PersonJson>,
    reporter: Object<PersonJson>,
    project: Object<ProjectJson>,
    parent: Object<ParentJson>,
    due: Text,
    resolution: Object<NamedJson>,
    fix_versions: List<Object<NamedJson>>,
    labels: List<Text>,
    subtasks: List<Object<StatusOnly>>,
    votes: Object<VotesJson>,
    description: LongText,
    created: Text,
    updated: Text,
    security: Present,
    /// Only those that were asked for come.
    custom: Vec<(String, Value)>,
}

/// How many JSON values of all custom fields of an issue are kept.
const MOST_CUSTOM_VALUES: usize = 2_000;

impl<'de> Deserialize<'de> for FieldsJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = FieldsJson;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the fields of an issue")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldsJson, A::Error> {
                let mut fields = FieldsJson::default();
                let mut values_left = MOST_CUSTOM_VALUES;
                while let Some(id) = map.next_key::<String>()? {
                    match id.as_str() {
                        "summary" => fields.summary = map.next_value()?,
                        "issuetype" => fields.issue_type = map.next_value()?,
                        "status" => fields.status = map.next_value()?,
                        "priority" => fields.priority = map.next_value()?,
                        "assignee" => fields.assignee = map.next_value()?,
                        "reporter" => fields.reporter = map.next_value()?,
                        "project" => fields.project = map.next_value()?,
                        "parent" => fields.parent = map.next_value()?,
                        "duedate" => fields.due = map.next_value()?,
                        "resolution" => fields.resolution = map.next_value()?,
                        "fixVersions" => fields.fix_versions = map.next_value()?,
                        "labels" => fields.labels = map.next_value()?,
                        "subtasks" => fields.subtasks = map.next_value()?,
                        "votes" => fields.votes = map.next_value()?,
                        "description" => fields.description = map.next_value()?,
                        "created" => fields.created = map.next_value()?,
                        "updated" => fields.updated = map.next_value()?,
                        "security" => fields.security = map.next_value()?,
                        custom if custom.starts_with("customfield_") && values_left > 0 => {
                            let value = map.next_value_seed(AnyJson::new(&mut values_left))?;
                            fields.custom.push((id, value));
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// An issue of which only the status counts.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct StatusOnly {
    fields: Object<StatusField>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct StatusField {
    status: Object<StatusJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct VotesJson {
    votes: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IssueTypeJson {
    id: Text,
    name: Text,
    subtask: Flag,
    #[serde(rename = "hierarchyLevel")]
    level: Integer,
    #[serde(rename = "iconUrl")]
    icon_url: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct StatusJson {
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

/// How many JSON values of a document are kept: several times as many as its beginning needs, which is all that is shown.
const MOST_ADF_VALUES: usize = 5_000;

/// A description: an ADF document in REST v3, a text in REST v2.
#[derive(Default)]
pub(super) struct LongText(pub(super) Option<RichText>);

impl Leaf for LongText {
    fn of_text(text: &str) -> Self {
        Self((!text.is_empty()).then(|| RichText::Wiki(text.to_owned())))
    }
    fn of_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let mut values_left = MOST_ADF_VALUES;
        AnyJson::new(&mut values_left).visit_map(object).map(|adf| Self(Some(RichText::Adf(adf))))
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
            issue_type: fields.issue_type.0.and_then(IssueTypeJson::into_type),
            status: fields.status.0.and_then(StatusJson::into_status),
            priority: named(fields.priority),
            assignee: person(fields.assignee),
            reporter: person(fields.reporter),
            project: fields.project.0.and_then(ProjectJson::into_ref),
            parent: fields.parent.0.and_then(ParentJson::into_ref),
            due: fields.due.date(),
            resolution: named(fields.resolution),
            fix_versions: fields.fix_versions.0.into_iter().filter_map(named).map(|version| version.name).collect(),
            labels: fields.labels.0.into_iter().filter_map(Text::filled).collect(),
            description: fields.description.0,
            created: fields.created.timestamp(),
            updated: fields.updated.timestamp(),
            secured: fields.security.0,
            subtasks: Some(progress(&fields.subtasks.0)).filter(|progress| progress.total() > 0),
            votes: fields.votes.0.and_then(|votes| votes.votes.unsigned()),
            custom: fields.custom,
        })
    }
}

/// How far these issues have come.
pub(super) fn progress(issues: &[Object<StatusOnly>]) -> Progress {
    let mut progress = Progress::default();
    for issue in issues {
        let status = issue.0.as_ref().and_then(|it| it.fields.0.as_ref()).and_then(|it| it.status.0.as_ref());
        progress.add(status.map_or(StatusCategory::Unknown, StatusJson::category));
    }
    progress
}

impl IssueTypeJson {
    fn into_type(self) -> Option<IssueType> {
        Some(IssueType {
            name: self.name.filled()?,
            id: self.id.0.unwrap_or_default(),
            subtask: self.subtask.0.unwrap_or(false),
            level: self.level.0,
            icon_url: self.icon_url.filled(),
        })
    }
}

impl StatusJson {
    pub(super) fn category(&self) -> StatusCategory {
        self.category.0.as_ref().map_or(StatusCategory::Unknown, CategoryJson::category)
    }

    pub(super) fn into_status(self) -> Option<Status> {
        let category = self.category();
        Some(Status { name: self.name.filled()?, id: self.id.0.unwrap_or_default(), category })
    }
}

impl CategoryJson {
    fn category(&self) -> StatusCategory {
        StatusCategory::of(self.key.as_str(), self.id.0)
    }
}

impl ParentJson {
    fn into_ref(self) -> Option<IssueRef> {
        Some(IssueRef { key: self.key.filled()?, summary: self.fields.0.and_then(|fields| fields.summary.filled()) })
    }
}
