//! What Jira tells of a change (jira-auth-and-rest §11): which issue, and nothing else. Whoever is told asks Jira again.

use super::loose::{Integer, Object, Text};

/// An issue changed: itself, or something that lies on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The number that stays the issue's own wherever it is moved; some events tell the key alone.
    pub id: Option<String>,
    /// In upper case.
    pub key: Option<String>,
    pub deleted: bool,
    /// Jira's word for what happened, and when it says it did, in milliseconds: the same however often it is told.
    pub event: String,
    pub timestamp: i64,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct EventJson {
    #[serde(rename = "webhookEvent")]
    event: Text,
    timestamp: Integer,
    issue: Object<IssueJson>,
    comment: Object<CommentJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IssueJson {
    id: Text,
    key: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct CommentJson {
    #[serde(rename = "self")]
    address: Text,
}

/// Longer names are none.
const LONGEST: usize = 255;

impl Change {
    /// The change that a delivery tells of; `None` where it names no issue.
    pub fn read(body: &[u8]) -> Option<Self> {
        let EventJson { event, timestamp, issue, comment } = serde_json::from_slice(body).ok()?;
        let issue = issue.0.unwrap_or_default();
        // Servers tell of comments without their issue; its number stands in the comment's address.
        let id = issue.id.filled().or_else(|| issue_of(comment.0?.address.as_str()));
        let id = id.filter(|id| id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit()));
        let key = issue.key.filled().filter(|key| key.len() <= LONGEST).map(|key| key.to_ascii_uppercase());
        let event = event.filled().filter(|event| event.len() <= LONGEST)?;
        (id.is_some() || key.is_some()).then(|| Self {
            id,
            key,
            deleted: event == "jira:issue_deleted",
            event,
            timestamp: timestamp.0.unwrap_or_default(),
        })
    }

    /// All that the issue is called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.id.iter().chain(&self.key).map(String::as_str)
    }
}

/// `…/rest/api/2/issue/10013/comment/10082` → `10013`
fn issue_of(comment: &str) -> Option<String> {
    let (_, rest) = comment.split_once("/issue/")?;
    rest.split_once("/comment/").map(|(id, _)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Option<(Option<String>, Option<String>, bool)> {
        Change::read(body.as_bytes()).map(|it| (it.id, it.key, it.deleted))
    }

    #[test]
    fn only_the_issue_is_read() {
        let own = |id: &str, key: &str, deleted| Some((Some(id.to_owned()), Some(key.to_owned()), deleted));
        let issue = |event: &str| format!(r#"{{"webhookEvent":"{event}","issue":{{"id":"7","key":"ops-7"}}}}"#);
        assert_eq!(told(&issue("jira:issue_updated")), own("7", "OPS-7", false));
        assert_eq!(told(&issue("jira:issue_deleted")), own("7", "OPS-7", true));
        assert_eq!(told(r#"{"webhookEvent":"x","issue":{"id":7,"key":"OPS-7"}}"#), own("7", "OPS-7", false));
        let comment =
            r#"{"webhookEvent":"comment_created","comment":{"self":"http://j/rest/api/2/issue/12/comment/3"}}"#;
        assert_eq!(told(comment), Some((Some("12".to_owned()), None, false)));
        let nothing = [
            "",
            "[]",
            "{}",
            "7",
            r#"{"webhookEvent":"x"}"#,
            r#"{"issue":{"id":"7"}}"#,
            r#"{"webhookEvent":"x","issue":{"id":"../7"}}"#,
            r#"{"webhookEvent":"x","issue":[]}"#,
            r#"{"webhookEvent":"x","comment":{"self":"/issue/"}}"#,
            r#"{"webhookEvent":"issuelink_created","issueLink":{"sourceIssueId":7}}"#,
        ];
        for body in nothing {
            assert_eq!(told(body), None, "{body}");
        }
    }
}
