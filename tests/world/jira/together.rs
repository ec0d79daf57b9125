//! Calls that tell of many comments, work logs or people at once.

use serde_json::{Map, Value, json};

use super::answers::Desk;
use super::exchange::Answer;

impl Desk<'_> {
    /// `POST comment/list`: who may not read one of them is not told that it is there.
    pub(super) fn comments_by_id(&self) -> Answer {
        self.with_ids(|ids| {
            let mut values = Vec::new();
            for issue in self.visible_issues() {
                let heard = |audience: &_| self.shape.data.hears(self.shape.person, issue, audience);
                let wanted = issue.comments.iter().filter(|it| ids.contains(&it.id) && heard(&it.audience));
                values.extend(wanted.map(|comment| self.shape.comment(issue, comment)));
            }
            Answer::ok(&page(values, 1_000))
        })
    }

    /// `POST worklog/list`. It does not ask whether the caller sees the issue: the documentation names no such right.
    pub(super) fn worklogs_by_id(&self) -> Answer {
        self.with_ids(|ids| {
            let mut values = Vec::new();
            for issue in self.shape.data.issues() {
                let heard = |audience: &_| self.shape.data.hears(self.shape.person, issue, audience);
                let wanted = issue.worklogs.iter().filter(|it| ids.contains(&it.id) && heard(&it.audience));
                values.extend(wanted.map(|worklog| self.shape.worklog(issue, worklog)));
            }
            Answer::ok(&values.into())
        })
    }

    /// `GET user/bulk?accountId=…`
    pub(super) fn people_by_id(&self) -> Answer {
        let ids = self.asked.parameters("accountId");
        if ids.is_empty() {
            return Answer::error(400, "Account ids must be provided.");
        }
        let people = self.shape.data.people().iter().filter(|it| ids.contains(&it.account_id));
        Answer::ok(&page(people.map(|it| self.shape.user(it)).collect(), 200))
    }

    fn visible_issues(&self) -> impl Iterator<Item = &super::Issue> {
        self.shape.data.issues().iter().filter(|issue| self.shape.data.sees_issue(self.shape.person, issue))
    }

    fn with_ids(&self, answer: impl FnOnce(&[String]) -> Answer) -> Answer {
        self.with_body(|body: &Map<String, Value>| {
            let ids = body.get("ids").and_then(Value::as_array).filter(|ids| ids.len() <= 1_000);
            match ids.map(|ids| ids.iter().map(|id| Some(id.as_u64()?.to_string())).collect::<Option<Vec<_>>>()) {
                Some(Some(ids)) if body.len() == 1 => answer(&ids),
                _ => Answer::error(400, "Invalid request payload. Refer to the REST API documentation and try again."),
            }
        })
    }
}

fn page(values: Vec<Value>, most: usize) -> Value {
    json!({"startAt": 0, "maxResults": most, "total": values.len(), "isLast": true, "values": values})
}
