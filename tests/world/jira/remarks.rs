//! What hangs on an issue: comments, work logs, attachments.

use jiff::{SignedDuration, Timestamp};

use super::data::Data;
use super::issue::Issue;
use super::people::Person;
use super::personality::MORNING;
use super::text::Text;

/// Who may read a comment or work log besides the issue itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    Group(String),
    /// A role of the issue's project.
    Role(String),
}

#[derive(Clone, Debug)]
pub struct Comment {
    pub id: String,
    /// User name.
    pub author: String,
    pub text: Text,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub audience: Audience,
    /// Of a request: not for its customer.
    pub internal: bool,
}

impl Comment {
    /// A comment that everybody reads, written yesterday.
    pub fn new(id: u32, author: &str, text: impl Into<Text>) -> Self {
        let created = yesterday();
        Self {
            id: id.to_string(),
            author: author.into(),
            text: text.into(),
            created,
            updated: created,
            audience: Audience::Everybody,
            internal: false,
        }
    }

    pub fn at(mut self, created: Timestamp) -> Self {
        (self.created, self.updated) = (created, created);
        self
    }

    pub fn for_group(mut self, name: &str) -> Self {
        self.audience = Audience::Group(name.into());
        self
    }

    pub fn for_role(mut self, name: &str) -> Self {
        self.audience = Audience::Role(name.into());
        self
    }

    pub fn internal(mut self) -> Self {
        self.internal = true;
        self
    }
}

#[derive(Clone, Debug)]
pub struct Worklog {
    pub id: String,
    /// User name.
    pub author: String,
    pub seconds: u64,
    pub started: Timestamp,
    pub comment: Option<Text>,
    pub audience: Audience,
}

impl Worklog {
    /// Work of so many minutes that began yesterday.
    pub fn new(id: u32, author: &str, minutes: u64) -> Self {
        Self {
            id: id.to_string(),
            author: author.into(),
            seconds: minutes * 60,
            started: yesterday(),
            comment: None,
            audience: Audience::Everybody,
        }
    }

    pub fn at(mut self, started: Timestamp) -> Self {
        self.started = started;
        self
    }

    pub fn comment(mut self, text: impl Into<Text>) -> Self {
        self.comment = Some(text.into());
        self
    }

    pub fn for_group(mut self, name: &str) -> Self {
        self.audience = Audience::Group(name.into());
        self
    }

    pub fn for_role(mut self, name: &str) -> Self {
        self.audience = Audience::Role(name.into());
        self
    }
}

#[derive(Clone, Debug)]
pub struct Attachment {
    pub id: String,
    pub file_name: String,
    pub media_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// User name.
    pub author: String,
    pub created: Timestamp,
}

impl Attachment {
    /// A file that was attached yesterday; its kind follows from its name.
    pub fn new(id: u32, author: &str, file_name: &str, size: u64) -> Self {
        let media_type = match file_name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "png" => "image/png",
            "jpg" => "image/jpeg",
            "pdf" => "application/pdf",
            "txt" | "log" => "text/plain",
            _ => "application/octet-stream",
        };
        Self {
            id: id.to_string(),
            file_name: file_name.into(),
            media_type,
            size,
            author: author.into(),
            created: yesterday(),
        }
    }

    pub fn at(mut self, created: Timestamp) -> Self {
        self.created = created;
        self
    }

    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

fn yesterday() -> Timestamp {
    MORNING.parse::<Timestamp>().expect("an instant") - SignedDuration::from_hours(24)
}

impl Data {
    /// Whether a person belongs to this audience; the issue itself they must see as well.
    pub fn hears(&self, person: Option<&Person>, issue: &Issue, audience: &Audience) -> bool {
        let Some(person) = person else { return *audience == Audience::Everybody };
        match audience {
            Audience::Everybody => true,
            Audience::Group(group) => person.groups.contains(group),
            Audience::Role(role) => {
                self.project_of(issue).roles.iter().any(|(name, people)| name == role && people.contains(&person.name))
            }
        }
    }
}
