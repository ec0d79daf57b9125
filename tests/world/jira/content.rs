//! What people keep in a fake Jira: projects and issues, with lifelike defaults. Ids are those of real sites.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::text::Text;

/// One of Jira's four categories: id, key, colour, English name (jira-auth-and-rest §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category(pub u32, pub &'static str, pub &'static str, pub &'static str);

pub const NO_CATEGORY: Category = Category(1, "undefined", "medium-gray", "No Category");
pub const TO_DO: Category = Category(2, "new", "blue-gray", "To Do");
pub const IN_PROGRESS: Category = Category(4, "indeterminate", "yellow", "In Progress");
pub const DONE: Category = Category(3, "done", "green", "Done");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub id: String,
    pub name: String,
    pub category: Category,
}

impl Status {
    pub fn new(id: u32, name: &str, category: Category) -> Self {
        Self { id: id.to_string(), name: name.into(), category }
    }

    pub fn to_do() -> Self {
        Self::new(10000, "To Do", TO_DO)
    }

    pub fn in_progress() -> Self {
        Self::new(3, "In Progress", IN_PROGRESS)
    }

    pub fn done() -> Self {
        Self::new(10001, "Done", DONE)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueType {
    pub id: &'static str,
    pub name: &'static str,
    pub subtask: bool,
    pub hierarchy: i8,
    pub avatar: u32,
}

pub const EPIC: IssueType = IssueType { id: "10000", name: "Epic", subtask: false, hierarchy: 1, avatar: 10307 };
pub const STORY: IssueType = IssueType { id: "10001", name: "Story", subtask: false, hierarchy: 0, avatar: 10315 };
pub const TASK: IssueType = IssueType { id: "10002", name: "Task", subtask: false, hierarchy: 0, avatar: 10318 };
pub const SUB_TASK: IssueType =
    IssueType { id: "10003", name: "Sub-task", subtask: true, hierarchy: -1, avatar: 10316 };
pub const BUG: IssueType = IssueType { id: "10004", name: "Bug", subtask: false, hierarchy: 0, avatar: 10303 };
pub const INCIDENT: IssueType =
    IssueType { id: "10006", name: "[System] Incident", subtask: false, hierarchy: 0, avatar: 10564 };

pub const ISSUE_TYPES: [IssueType; 6] = [EPIC, STORY, TASK, SUB_TASK, BUG, INCIDENT];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    Highest,
    High,
    Medium,
    Low,
    Lowest,
}

impl Priority {
    pub const ALL: [Self; 5] = [Self::Highest, Self::High, Self::Medium, Self::Low, Self::Lowest];

    pub fn id(self) -> u32 {
        self as u32 + 1
    }

    pub fn name(self) -> &'static str {
        ["Highest", "High", "Medium", "Low", "Lowest"][self as usize]
    }
}

/// Who may see a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Browse {
    /// Also without a log-in.
    Anyone,
    LoggedIn,
    Groups(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Project {
    /// Given by the fake when empty.
    pub id: String,
    pub key: String,
    pub name: String,
    pub type_key: &'static str,
    pub description: String,
    /// User name.
    pub lead: Option<String>,
    pub category: Option<String>,
    pub browse: Browse,
    pub archived: bool,
    /// Keys that the project had before; old issue keys lead to the new ones.
    pub former_keys: Vec<String>,
    pub versions: Vec<FixVersion>,
    pub components: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixVersion {
    pub id: String,
    pub name: String,
    pub released: bool,
}

impl Project {
    /// A software project that everyone sees who is logged in.
    pub fn new(key: &str, name: &str) -> Self {
        Self {
            id: String::new(),
            key: key.into(),
            name: name.into(),
            type_key: "software",
            description: String::new(),
            lead: None,
            category: None,
            browse: Browse::LoggedIn,
            archived: false,
            former_keys: Vec::new(),
            versions: Vec::new(),
            components: Vec::new(),
        }
    }

    /// Readable without a log-in.
    pub fn public(mut self) -> Self {
        self.browse = Browse::Anyone;
        self
    }

    /// Only these groups see it.
    pub fn only(mut self, groups: &[&str]) -> Self {
        self.browse = Browse::Groups(groups.iter().map(|group| (*group).to_owned()).collect());
        self
    }

    pub fn type_key(mut self, type_key: &'static str) -> Self {
        self.type_key = type_key;
        self
    }

    pub fn description(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    pub fn lead(mut self, name: &str) -> Self {
        self.lead = Some(name.into());
        self
    }

    pub fn category(mut self, name: &str) -> Self {
        self.category = Some(name.into());
        self
    }

    pub fn former_key(mut self, key: &str) -> Self {
        self.former_keys.push(key.into());
        self
    }

    pub fn archived(mut self) -> Self {
        self.archived = true;
        self
    }

    /// Versions; those whose name ends in `!` are released.
    pub fn versions(mut self, names: &[&str]) -> Self {
        self.versions = names
            .iter()
            .map(|name| FixVersion {
                id: String::new(),
                name: name.trim_end_matches('!').to_owned(),
                released: name.ends_with('!'),
            })
            .collect();
        self
    }
}

#[derive(Clone, Debug)]
pub struct Issue {
    /// Given by the fake when empty.
    pub id: String,
    pub key: String,
    pub former_keys: Vec<String>,
    pub summary: String,
    pub issue_type: IssueType,
    pub status: Status,
    pub priority: Option<Priority>,
    /// User names.
    pub assignee: Option<String>,
    pub reporter: Option<String>,
    /// Key of the parent: on self-managed servers a parent that is an epic is told by the Epic Link field.
    pub parent: Option<String>,
    pub due: Option<Date>,
    pub resolution: Option<String>,
    pub fix_versions: Vec<String>,
    pub components: Vec<String>,
    pub labels: Vec<String>,
    pub description: Option<Text>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// A security level: its name and the user names who hold it.
    pub security: Option<(String, Vec<String>)>,
    pub archived: bool,
    /// Further fields by id, as Jira would answer them.
    pub extra: Map<String, Value>,
}

impl Issue {
    /// A task to do of medium priority, a week old, changed yesterday.
    pub fn new(key: &str, summary: &str) -> Self {
        let now: Timestamp = super::personality::MORNING.parse().expect("an instant");
        Self {
            id: String::new(),
            key: key.into(),
            former_keys: Vec::new(),
            summary: summary.into(),
            issue_type: TASK,
            status: Status::to_do(),
            priority: Some(Priority::Medium),
            assignee: None,
            reporter: None,
            parent: None,
            due: None,
            resolution: None,
            fix_versions: Vec::new(),
            components: Vec::new(),
            labels: Vec::new(),
            description: None,
            created: now - SignedDuration::from_hours(7 * 24),
            updated: now - SignedDuration::from_hours(24),
            security: None,
            archived: false,
            extra: Map::new(),
        }
    }

    pub fn issue_type(mut self, issue_type: IssueType) -> Self {
        self.issue_type = issue_type;
        self
    }

    /// The status; one of the category done brings a resolution.
    pub fn status(mut self, status: Status) -> Self {
        self.resolution = (status.category == DONE).then(|| "Done".to_owned());
        self.status = status;
        self
    }

    pub fn priority(mut self, priority: Option<Priority>) -> Self {
        self.priority = priority;
        self
    }

    pub fn assignee(mut self, name: &str) -> Self {
        self.assignee = Some(name.into());
        self
    }

    pub fn reporter(mut self, name: &str) -> Self {
        self.reporter = Some(name.into());
        self
    }

    pub fn parent(mut self, key: &str) -> Self {
        self.parent = Some(key.into());
        self
    }

    pub fn due(mut self, due: Date) -> Self {
        self.due = Some(due);
        self
    }

    pub fn resolution(mut self, name: &str) -> Self {
        self.resolution = Some(name.into());
        self
    }

    pub fn fix_versions(mut self, names: &[&str]) -> Self {
        self.fix_versions = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub fn components(mut self, names: &[&str]) -> Self {
        self.components = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub fn labels(mut self, labels: &[&str]) -> Self {
        self.labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self
    }

    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    pub fn created(mut self, at: Timestamp) -> Self {
        self.created = at;
        self
    }

    pub fn updated(mut self, at: Timestamp) -> Self {
        self.updated = at;
        self
    }

    /// A key under which the issue lived before it was moved.
    pub fn former_key(mut self, key: &str) -> Self {
        self.former_keys.push(key.into());
        self
    }

    /// Only these people see the issue.
    pub fn secured(mut self, level: &str, people: &[&str]) -> Self {
        self.security = Some((level.into(), people.iter().map(|name| (*name).to_owned()).collect()));
        self
    }

    pub fn archived(mut self) -> Self {
        self.archived = true;
        self
    }

    /// Another field, as Jira would answer it.
    pub fn field(mut self, id: &str, value: Value) -> Self {
        self.extra.insert(id.into(), value);
        self
    }

    pub fn project_key(&self) -> &str {
        self.key.rsplit_once('-').map_or(self.key.as_str(), |(project, _)| project)
    }
}
