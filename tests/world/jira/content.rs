//! What people keep in a fake Jira: projects, types, statuses and priorities. Ids are those of real sites.

use jiff::civil::Date;

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

/// Of Product Discovery.
pub const IDEA: IssueType = IssueType { id: "10007", name: "Idea", subtask: false, hierarchy: 0, avatar: 10322 };
/// Of Service Management.
pub const SERVICE_REQUEST: IssueType =
    IssueType { id: "10008", name: "[System] Service request", subtask: false, hierarchy: 0, avatar: 10552 };

/// The issue types of a project of this kind.
pub fn issue_types(type_key: &str) -> Vec<IssueType> {
    match type_key {
        "product_discovery" => vec![IDEA],
        "service_desk" => vec![SERVICE_REQUEST, INCIDENT, TASK, SUB_TASK],
        _ => vec![EPIC, STORY, TASK, SUB_TASK, BUG, INCIDENT],
    }
}

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
    /// In the trash (Cloud).
    pub trashed: bool,
    /// Keys that the project had before; old issue keys lead to the new ones.
    pub former_keys: Vec<String>,
    pub versions: Vec<FixVersion>,
    pub components: Vec<Component>,
    /// Roles and the user names who hold them.
    pub roles: Vec<(String, Vec<String>)>,
    /// Team-managed ("next-gen"): Cloud only.
    pub team_managed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixVersion {
    /// Given by the fake when empty.
    pub id: String,
    pub name: String,
    pub description: String,
    pub released: bool,
    pub archived: bool,
    pub start: Option<Date>,
    pub release: Option<Date>,
}

impl FixVersion {
    /// A version that is not released; `FixVersion::new("2.0!")` is.
    pub fn new(name: &str) -> Self {
        Self {
            id: String::new(),
            name: name.trim_end_matches('!').to_owned(),
            description: String::new(),
            released: name.ends_with('!'),
            archived: false,
            start: None,
            release: None,
        }
    }

    pub fn description(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    /// When work on it begins, and when it is released or shall be.
    pub fn days(mut self, start: Date, release: Date) -> Self {
        (self.start, self.release) = (Some(start), Some(release));
        self
    }

    pub fn archived(mut self) -> Self {
        self.archived = true;
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Given by the fake when empty.
    pub id: String,
    pub name: String,
    pub description: String,
    /// User name.
    pub lead: Option<String>,
}

impl Component {
    pub fn new(name: &str) -> Self {
        Self { id: String::new(), name: name.into(), description: String::new(), lead: None }
    }

    pub fn description(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    pub fn lead(mut self, name: &str) -> Self {
        self.lead = Some(name.into());
        self
    }
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
            trashed: false,
            former_keys: Vec::new(),
            versions: Vec::new(),
            components: Vec::new(),
            roles: Vec::new(),
            team_managed: false,
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
        self.versions = names.iter().map(|name| FixVersion::new(name)).collect();
        self
    }

    pub fn version(mut self, version: FixVersion) -> Self {
        self.versions.push(version);
        self
    }

    pub fn component(mut self, component: Component) -> Self {
        self.components.push(component);
        self
    }

    /// A role and who holds it.
    pub fn role(mut self, name: &str, people: &[&str]) -> Self {
        self.roles.push((name.into(), people.iter().map(|name| (*name).to_owned()).collect()));
        self
    }

    pub fn team_managed(mut self) -> Self {
        self.team_managed = true;
        self
    }
}
