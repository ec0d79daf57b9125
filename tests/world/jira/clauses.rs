//! The fields of a query: which there are, what an issue has there, which values are refused.

use jiff::civil::Date;

use super::content::{Priority, Project};
use super::custom::Custom;
use super::fields;
use super::find::Search;
use super::issue::Issue;
use super::text::Text;

/// Fields of a query that have a name of their own here; custom fields come on top.
const FIELDS: [&str; 22] = [
    "filter",
    "project",
    "status",
    "statuscategory",
    "issuetype",
    "type",
    "priority",
    "resolution",
    "assignee",
    "reporter",
    "creator",
    "labels",
    "fixversion",
    "component",
    "parent",
    "sprint",
    "summary",
    "description",
    "text",
    "due",
    "created",
    "updated",
];

/// What a function may stand for.
const FUNCTIONS: [(&str, &[&str]); 8] = [
    ("currentuser", &["assignee", "reporter", "creator"]),
    ("now", &["due", "duedate", "created", "updated"]),
    ("issuehistory", &["key", "issuekey", "issue", "id"]),
    ("opensprints", &["sprint"]),
    ("closedsprints", &["sprint"]),
    ("futuresprints", &["sprint"]),
    ("releasedversions", &["fixversion"]),
    ("unreleasedversions", &["fixversion"]),
];

pub fn is_key(field: &str) -> bool {
    matches!(field.to_lowercase().as_str(), "key" | "issuekey" | "issue" | "id")
}

pub fn unknown_field(field: &str) -> String {
    format!("Field '{field}' does not exist or you do not have permission to view it.")
}

impl<'a> Search<'a> {
    pub fn is_field(&self, field: &str) -> bool {
        let name = field.to_lowercase();
        is_key(&name) || name == "duedate" || FIELDS.contains(&name.as_str()) || self.custom_ids(field).next().is_some()
    }

    /// The custom fields that a query names so; several may have one name.
    fn custom_ids<'f>(&self, field: &'f str) -> impl Iterator<Item = &'static str> + use<'f> {
        fields::fields_of(self.cloud).filter(move |it| it.is_named(field)).map(|it| it.id)
    }

    /// What Jira says of a function that there is not, or not for this field.
    pub fn unknown_function(&self, field: &str, name: &str) -> Option<String> {
        let of_people = |field: &str| fields::fields_of(self.cloud).any(|it| it.is_named(field) && it.holds_people());
        match FUNCTIONS.iter().find(|(it, _)| *it == name) {
            None => Some(format!("Unable to find JQL function '{name}()'.")),
            Some((_, fields)) if fields.contains(&field.to_lowercase().as_str()) => None,
            Some(_) if name == "currentuser" && of_people(field) => None,
            Some(_) => Some(format!("A value provided by the function '{name}' is invalid for the field '{field}'.")),
        }
    }

    /// Whether the values of this field are issues.
    pub fn holds_issues(&self, field: &str) -> bool {
        is_key(field) || field == "parent" || self.custom_ids(field).any(|id| id == fields::EPIC_LINK)
    }

    fn sees_project_named(&self, value: &str) -> bool {
        let same =
            |it: &&Project| it.key.eq_ignore_ascii_case(value) || it.id == value || it.name.eq_ignore_ascii_case(value);
        self.visible_projects().any(|it| same(&it))
    }

    fn visible_projects(&self) -> impl Iterator<Item = &'a Project> {
        // An archived project and one in the trash are as good as none.
        let here = |it: &&Project| !it.archived && !it.trashed;
        self.data.projects().iter().filter(here).filter(|it| self.data.sees_project(self.person, it))
    }

    /// What Jira says of a value that does not exist for the caller.
    pub fn complaint(&self, field: &str, value: &str) -> Option<String> {
        let missing = || format!("The value '{value}' does not exist for the field '{field}'.");
        let known = match field.to_lowercase().as_str() {
            name if self.holds_issues(name) => return self.complaint_about_issue(field, value),
            "project" => self.sees_project_named(value),
            "priority" => {
                Priority::ALL.iter().any(|it| it.name().eq_ignore_ascii_case(value) || it.id().to_string() == value)
            }
            "fixversion" => {
                let mut all = self.visible_projects().flat_map(|it| &it.versions);
                all.any(|it| it.id == value || it.name.eq_ignore_ascii_case(value))
            }
            "component" => {
                let mut all = self.visible_projects().flat_map(|it| &it.components);
                all.any(|it| it.id == value || it.name.eq_ignore_ascii_case(value))
            }
            "sprint" if value.bytes().all(|it| it.is_ascii_digit()) => {
                if self.data.sprint(self.person, value).is_none() {
                    return Some(format!(
                        "Sprint with id '{value}' does not exist or you do not have permission to view it."
                    ));
                }
                true
            }
            "sprint" => self.data.boards.iter().flat_map(|it| &it.sprints).any(|it| it.name == value),
            "filter" => match self.data.filter(self.person, value) {
                Some(_) => true,
                None => return Some(format!("A value with ID '{value}' does not exist for the field '{field}'.")),
            },
            "created" | "updated" | "due" | "duedate" if self.instant(value).is_none() => {
                return Some(format!(
                    "Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', \
                     'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
                ));
            }
            _ => true,
        };
        (!known).then(missing)
    }

    fn complaint_about_issue(&self, field: &str, value: &str) -> Option<String> {
        let visible = self.data.issue(value).is_some_and(|issue| self.data.sees_issue(self.person, issue));
        let is_number = |text: &str| text.parse::<u64>().is_ok_and(|it| it > 0);
        let looks_like_one = is_number(value) || value.rsplit_once('-').is_some_and(|(_, it)| is_number(it));
        match (visible, looks_like_one) {
            (true, _) => None,
            (false, true) => Some(format!("An issue with key '{value}' does not exist for field '{field}'.")),
            (false, false) => Some(format!("The issue key '{value}' for field '{field}' is invalid.")),
        }
    }

    /// All the words by which a query may name what the issue has there.
    pub fn values(&self, field: &str, issue: &Issue) -> Vec<String> {
        let person = |name: &Option<String>| name.as_deref().map_or_else(Vec::new, |name| self.person_words(name));
        let text = || issue.description.as_ref().map(Text::wiki);
        let project = self.data.project_of(issue);
        match field {
            name if is_key(name) => vec![issue.id.clone(), issue.key.clone()],
            "project" => vec![project.key.clone(), project.id.clone(), project.name.clone()],
            "status" => vec![issue.status.name.clone(), issue.status.id.clone()],
            "statuscategory" => {
                let category = issue.status.category;
                vec![category.3.into(), category.1.into(), category.0.to_string()]
            }
            "issuetype" | "type" => vec![issue.issue_type.name.into(), issue.issue_type.id.into()],
            "priority" => issue.priority.map_or_else(Vec::new, |it| vec![it.name().into(), it.id().to_string()]),
            "resolution" => issue.resolution.iter().cloned().collect(),
            "assignee" => person(&issue.assignee),
            "reporter" | "creator" => person(&issue.reporter),
            "labels" => issue.labels.clone(),
            "fixversion" => {
                let ids = project.versions.iter().filter(|it| issue.fix_versions.contains(&it.name));
                ids.map(|it| it.id.clone()).chain(issue.fix_versions.iter().cloned()).collect()
            }
            "component" => {
                let ids = project.components.iter().filter(|it| issue.components.contains(&it.name));
                ids.map(|it| it.id.clone()).chain(issue.components.iter().cloned()).collect()
            }
            // Self-managed servers know parents of sub-tasks only.
            "parent" if self.cloud || issue.issue_type.subtask => self.parent(issue),
            "sprint" => self.sprint_words(issue),
            "summary" => vec![issue.summary.clone()],
            "description" => text().into_iter().collect(),
            "text" => text().into_iter().chain([issue.summary.clone()]).collect(),
            "due" | "duedate" => issue.due.iter().map(Date::to_string).collect(),
            "created" => vec![issue.created.to_string()],
            "updated" => vec![issue.updated.to_string()],
            name => self.custom_ids(name).flat_map(|id| self.custom_words(id, issue)).collect(),
        }
    }

    fn parent(&self, issue: &Issue) -> Vec<String> {
        let parent = issue.parent.as_deref().and_then(|key| self.data.issue(key));
        parent.map_or_else(Vec::new, |it| vec![it.id.clone(), it.key.clone()])
    }

    fn person_words(&self, name: &str) -> Vec<String> {
        self.data.person(name).map_or_else(Vec::new, |it| {
            vec![it.name.clone(), it.account_id.clone(), it.key.clone(), it.email.clone(), it.display_name.clone()]
        })
    }

    fn sprint_words(&self, issue: &Issue) -> Vec<String> {
        let sprints = issue.sprints.iter().filter_map(|id| self.data.any_sprint(*id));
        sprints.flat_map(|(_, it)| [it.id.to_string(), it.name.clone()]).collect()
    }

    fn custom_words(&self, id: &str, issue: &Issue) -> Vec<String> {
        match id {
            fields::EPIC_LINK if issue.issue_type.subtask => Vec::new(),
            fields::EPIC_LINK => self.parent(issue),
            fields::EPIC_NAME => (issue.issue_type.hierarchy == 1).then(|| issue.summary.clone()).into_iter().collect(),
            fields::SPRINT | fields::SPRINT_ON_CLOUD => self.sprint_words(issue),
            fields::STORY_POINTS | fields::STORY_POINTS_ON_CLOUD => {
                issue.story_points.iter().map(f64::to_string).collect()
            }
            _ => match issue.custom.iter().find(|(it, _)| *it == id) {
                Some((_, Custom::Person(name))) => self.person_words(name),
                Some((_, Custom::People(names))) => names.iter().flat_map(|name| self.person_words(name)).collect(),
                Some((_, value)) => value.words(),
                None => Vec::new(),
            },
        }
    }

    /// Whether a function means this issue.
    pub fn function_means(&self, name: &str, issue: &Issue, values: &[String]) -> bool {
        let in_sprint = |state: &str| {
            issue.sprints.iter().filter_map(|id| self.data.any_sprint(*id)).any(|(_, it)| it.state == state)
        };
        let in_version = |released: bool| {
            let versions = &self.data.project_of(issue).versions;
            versions.iter().any(|it| it.released == released && issue.fix_versions.contains(&it.name))
        };
        match name {
            "currentuser" => self.person.is_some_and(|person| values.contains(&person.name)),
            "issuehistory" => self.person.is_some_and(|person| person.history.contains(&issue.key)),
            "opensprints" => in_sprint("active"),
            "closedsprints" => in_sprint("closed"),
            "futuresprints" => in_sprint("future"),
            "releasedversions" => in_version(true),
            "unreleasedversions" => in_version(false),
            _ => false,
        }
    }
}
