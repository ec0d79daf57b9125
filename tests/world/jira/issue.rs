//! One issue of a fake Jira, with lifelike defaults.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::content::{DONE, IssueType, Priority, Status, TASK};
use super::custom::Custom;
use super::desks::Request;
use super::remarks::{Attachment, Comment, Worklog};
use super::text::Text;

/// A link to another issue, as the issue shows it that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: LinkKind,
    /// Whether it says "blocks" and not "is blocked by".
    pub outward: bool,
    /// Of the other issue.
    pub key: String,
}

/// Id, name, words inward and outward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkKind(pub u32, pub &'static str, pub &'static str, pub &'static str);

pub const BLOCKS: LinkKind = LinkKind(10_000, "Blocks", "is blocked by", "blocks");
pub const RELATES: LinkKind = LinkKind(10_003, "Relates", "relates to", "relates to");

/// An issue as the fake keeps it; [`super::shapes`] shows it in Jira's dialects.
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
    /// People who watch it: their number changes without the issue being touched.
    pub watchers: u64,
    /// A security level: its name and the user names who hold it.
    pub security: Option<(String, Vec<String>)>,
    pub archived: bool,
    pub links: Vec<Link>,
    /// Ids of the sprints that it is or was in.
    pub sprints: Vec<u64>,
    pub story_points: Option<f64>,
    pub comments: Vec<Comment>,
    pub worklogs: Vec<Worklog>,
    pub attachments: Vec<Attachment>,
    /// Set for an issue that came through a portal.
    pub request: Option<Request>,
    /// Values of the custom fields in [`super::fields`].
    pub custom: Vec<(&'static str, Custom)>,
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
            watchers: 1,
            security: None,
            archived: false,
            links: Vec::new(),
            sprints: Vec::new(),
            story_points: None,
            comments: Vec::new(),
            worklogs: Vec::new(),
            attachments: Vec::new(),
            request: None,
            custom: Vec::new(),
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

    /// A link to another issue. The other one has its own: see [`super::FakeJira::link`].
    pub fn link(mut self, kind: LinkKind, outward: bool, key: &str) -> Self {
        self.links.push(Link { kind, outward, key: key.into() });
        self
    }

    /// A sprint that it is in, or was in.
    pub fn sprint(mut self, id: u64) -> Self {
        self.sprints.push(id);
        self
    }

    pub fn story_points(mut self, points: f64) -> Self {
        self.story_points = Some(points);
        self
    }

    pub fn comment(mut self, comment: Comment) -> Self {
        self.comments.push(comment);
        self
    }

    pub fn worklog(mut self, worklog: Worklog) -> Self {
        self.worklogs.push(worklog);
        self
    }

    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Makes it a request of this type, with these participants besides the reporter.
    pub fn request(mut self, kind: u64, participants: &[&str]) -> Self {
        self.request = Some(Request { kind, participants: participants.iter().map(|it| (*it).to_owned()).collect() });
        self
    }

    /// A value of one of the custom fields: `.custom(fields::SEVERITY, Custom::Choice("High"))`.
    pub fn custom(mut self, id: &'static str, value: Custom) -> Self {
        self.custom.push((id, value));
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
