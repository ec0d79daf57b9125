//! Comments and work logs of an issue (jira-auth-and-rest §6.3).

use jiff::Timestamp;

use super::Error;
use super::client::{Client, segment};
use super::fields::{LongText, PersonJson, timestamp};
use super::loose::{Flag, Integer, Object, Text};
use super::model::{Person, RichText};

/// A comment, or what somebody wrote about logged work.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub author: Option<Person>,
    pub text: Option<RichText>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// The group or role that may read it; absent where everybody who sees the issue may.
    pub visible_to: Option<String>,
    /// Hidden from the customers of a service desk.
    pub internal: bool,
}

/// Work logged on an issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Worklog {
    pub remark: Remark,
    /// When the work was begun.
    pub started: Option<Timestamp>,
    /// Seconds.
    pub spent: Option<u64>,
}

impl Client {
    /// One comment of an issue, by the issue's key or id.
    pub async fn comment(&self, issue: &str, id: u64) -> Result<Remark, Error> {
        let json: RemarkJson = self.read(self.get(&format!("issue/{}/comment/{id}", segment(issue)?), "")?).await?;
        Ok(json.into_remark(self))
    }

    /// One work log of an issue, by the issue's key or id.
    pub async fn worklog(&self, issue: &str, id: u64) -> Result<Worklog, Error> {
        let json: RemarkJson = self.read(self.get(&format!("issue/{}/worklog/{id}", segment(issue)?), "")?).await?;
        Ok(Worklog {
            started: timestamp(&json.started),
            spent: json.time_spent_seconds.0.and_then(|seconds| u64::try_from(seconds).ok()),
            remark: json.into_remark(self),
        })
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RemarkJson {
    author: Object<PersonJson>,
    /// A comment's text.
    body: LongText,
    /// A work log's text.
    comment: LongText,
    created: Text,
    updated: Text,
    visibility: Object<VisibilityJson>,
    jsd_public: Flag,
    started: Text,
    time_spent_seconds: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct VisibilityJson {
    value: Text,
}

impl RemarkJson {
    fn into_remark(self, jira: &Client) -> Remark {
        Remark {
            author: self.author.0.and_then(|person| person.into_person(jira.identify())),
            text: self.body.0.or(self.comment.0),
            created: timestamp(&self.created),
            updated: timestamp(&self.updated),
            visible_to: self.visibility.0.and_then(|it| it.value.filled()),
            internal: self.jsd_public.0 == Some(false),
        }
    }
}
