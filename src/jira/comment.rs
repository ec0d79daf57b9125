//! Comments and work logs of an issue (jira-auth-and-rest §6.3).

use std::collections::HashMap;

use jiff::Timestamp;

use super::Error;
use super::client::{Client, Dialect, segment};
use super::fields::LongText;
use super::loose::{Flag, Integer, List, Object, Page, Text};
use super::model::{Person, RichText};
use super::people::PersonJson;

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
        Ok(json.into_worklog(self))
    }

    /// Many comments in one call, by id, each with the id of its issue. Cloud only; what it leaves out is missing,
    /// hidden, or on another page.
    pub async fn comments(&self, ids: &[u64]) -> Result<HashMap<u64, (String, Remark)>, Error> {
        if self.dialect() != Dialect::Cloud {
            return Ok(HashMap::new());
        }
        let call = self.post("comment/list", &serde_json::json!({ "ids": ids }))?;
        let page: Page<RemarkJson> = self.read(call).await?;
        let told = page.values.0.into_iter().filter_map(|json| {
            let json = json.0?;
            // Nothing but the address says on which issue it is.
            let (_, path) = json.own_url.as_str().rsplit_once("/issue/")?;
            let issue = path.split('/').next()?.to_owned();
            Some((json.id.as_str().parse().ok()?, (issue, json.into_remark(self))))
        });
        Ok(told.collect())
    }

    /// Many work logs in one call, by id, each with the id of its issue.
    pub async fn worklogs(&self, ids: &[u64]) -> Result<HashMap<u64, (String, Worklog)>, Error> {
        let call = self.post("worklog/list", &serde_json::json!({ "ids": ids }))?;
        let list: List<Object<RemarkJson>> = self.read(call).await?;
        let told = list.0.into_iter().filter_map(|json| {
            let json = json.0?;
            let issue = json.issue_id.as_str().to_owned();
            Some((json.id.as_str().parse().ok()?, (issue, json.into_worklog(self))))
        });
        Ok(told.collect())
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RemarkJson {
    id: Text,
    #[serde(rename = "self")]
    own_url: Text,
    /// A work log's issue.
    issue_id: Text,
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
    fn into_worklog(self, jira: &Client) -> Worklog {
        Worklog {
            started: self.started.timestamp(),
            spent: self.time_spent_seconds.unsigned(),
            remark: self.into_remark(jira),
        }
    }

    fn into_remark(self, jira: &Client) -> Remark {
        Remark {
            author: self.author.0.and_then(|person| person.into_person(jira.identify())),
            text: self.body.0.or(self.comment.0),
            created: self.created.timestamp(),
            updated: self.updated.timestamp(),
            visible_to: self.visibility.0.and_then(|it| it.value.filled()),
            internal: self.jsd_public.0 == Some(false),
        }
    }
}
