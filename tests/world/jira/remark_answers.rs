//! Comments, work logs and attachments, one by one and inside of their issue.

use serde_json::{Value, json};

use super::answers::Desk;
use super::exchange::Answer;
use super::issue::Issue;
use super::remarks::{Attachment, Audience, Comment, Worklog};
use super::shapes::Shape;

impl Desk<'_> {
    /// Hands over an issue that the caller sees, or says what [`Desk::issue`] says.
    fn on_issue(&self, key: &str, answer: impl FnOnce(&Issue) -> Answer) -> Answer {
        let data = self.shape.data;
        match data.issue(key) {
            Some(issue) if data.sees_issue(self.shape.person, issue) => answer(issue),
            _ => self.issue(key),
        }
    }

    pub(super) fn comment(&self, key: &str, id: &str) -> Answer {
        self.on_issue(key, |issue| {
            let found = issue.comments.iter().find(|comment| comment.id == id);
            match found {
                Some(comment) if self.shape.data.hears(self.shape.person, issue, &comment.audience) => {
                    let mut value = self.shape.comment(issue, comment);
                    let expand = super::issues::list(&self.asked.parameters("expand"));
                    if expand.iter().any(|it| it == "renderedBody") {
                        value["renderedBody"] = comment.text.html().into();
                    }
                    Answer::ok(&value)
                }
                Some(_) if !self.cloud() => Answer::error(404, "You do not have the permission for this comment."),
                _ => Answer::error(404, &format!("Can not find a comment for the id: {id}.")),
            }
        })
    }

    /// A page of the comments or work logs of an issue, oldest first.
    pub(super) fn remarks_of(&self, key: &str, field: &str) -> Answer {
        self.on_issue(key, |issue| {
            let heard = |audience: &_| self.shape.data.hears(self.shape.person, issue, audience);
            let all: Vec<Value> = match field {
                "comment" => issue
                    .comments
                    .iter()
                    .filter(|it| heard(&it.audience))
                    .map(|it| self.shape.comment(issue, it))
                    .collect(),
                _ => issue
                    .worklogs
                    .iter()
                    .filter(|it| heard(&it.audience))
                    .map(|it| self.shape.worklog(issue, it))
                    .collect(),
            };
            let number = |name| self.asked.parameter(name).and_then(|it| it.parse::<usize>().ok());
            let (start, rows) = (number("startAt").unwrap_or(0), number("maxResults").unwrap_or(5_000).min(5_000));
            let page: Vec<&Value> = all.iter().skip(start).take(rows).collect();
            let mut answer = json!({"startAt": start, "maxResults": rows, "total": all.len()});
            answer[format!("{field}s")] = json!(page);
            Answer::ok(&answer)
        })
    }

    pub(super) fn worklog(&self, key: &str, id: &str) -> Answer {
        self.on_issue(key, |issue| {
            let heard = |it: &&Worklog| self.shape.data.hears(self.shape.person, issue, &it.audience);
            match issue.worklogs.iter().find(|worklog| worklog.id == id).filter(heard) {
                Some(worklog) => Answer::ok(&self.shape.worklog(issue, worklog)),
                None => Answer::error(404, &format!("Cannot find worklog with id: '{id}'.")),
            }
        })
    }

    /// The metadata: who does not see the issue is refused, which is another answer than that for no attachment.
    pub(super) fn attachment(&self, id: &str) -> Answer {
        let data = self.shape.data;
        let mut all = data.issues().iter().flat_map(|issue| issue.attachments.iter().map(move |it| (issue, it)));
        match all.find(|(_, attachment)| attachment.id == id) {
            None => Answer::error(404, &format!("The attachment with id '{id}' does not exist")),
            Some((issue, _)) if !data.sees_issue(self.shape.person, issue) => {
                Answer::error(403, &format!("You do not have permission to view attachment with id: {id}"))
            }
            Some((_, attachment)) => {
                let mut value = self.shape.attachment(attachment);
                // A number here, a text in issues; self-managed servers do not repeat it.
                match self.cloud() {
                    true => value["id"] = id.parse::<u64>().unwrap_or(0).into(),
                    false => drop(value.as_object_mut().expect("an object").remove("id")),
                }
                Answer::ok(&value)
            }
        }
    }
}

impl Shape<'_> {
    pub fn comment(&self, issue: &Issue, comment: &Comment) -> Value {
        let mut value = json!({
            "self": self.rest(&format!("issue/{}/comment/{}", issue.id, comment.id)),
            "id": comment.id,
            "author": self.person(&comment.author),
            "body": self.text(&comment.text),
            "updateAuthor": self.person(&comment.author),
            "created": self.instant(comment.created),
            "updated": self.instant(comment.updated),
        });
        if self.cloud() {
            value["jsdPublic"] = (!comment.internal).into();
        }
        self.restrict(&mut value, &comment.audience);
        value
    }

    fn restrict(&self, value: &mut Value, audience: &Audience) {
        let (kind, name) = match audience {
            Audience::Everybody => return,
            Audience::Group(name) => ("group", name),
            Audience::Role(name) => ("role", name),
        };
        value["visibility"] = json!({"type": kind, "value": name});
        if self.cloud() {
            let id = if kind == "group" { super::data::uuid(name) } else { name.clone() };
            value["visibility"]["identifier"] = id.into();
        }
    }

    /// The field `comment` of an issue: what the caller may read.
    pub fn comments(&self, issue: &Issue) -> Value {
        let heard = issue.comments.iter().filter(|it| self.data.hears(self.person, issue, &it.audience));
        let comments: Vec<Value> = heard.map(|it| self.comment(issue, it)).collect();
        let total = comments.len();
        let first: Vec<Value> = comments.into_iter().take(self.inline).collect();
        let own = self.rest(&format!("issue/{}/comment", issue.id));
        json!({"comments": first, "self": own, "maxResults": first.len(), "total": total, "startAt": 0})
    }

    /// The same with HTML in place of text.
    pub fn rendered_comments(&self, issue: &Issue) -> Value {
        let mut value = self.comments(issue);
        for comment in value["comments"].as_array_mut().expect("a list") {
            let of_this = issue.comments.iter().find(|it| comment["id"] == it.id);
            comment["body"] = of_this.map_or(Value::Null, |it| it.text.html().into());
            comment["created"] = "Yesterday".into();
            comment["updated"] = "Yesterday".into();
        }
        value
    }

    pub fn worklog(&self, issue: &Issue, worklog: &Worklog) -> Value {
        let mut value = json!({
            "self": self.rest(&format!("issue/{}/worklog/{}", issue.id, worklog.id)),
            "author": self.person(&worklog.author),
            "updateAuthor": self.person(&worklog.author),
            "created": self.instant(worklog.started),
            "updated": self.instant(worklog.started),
            "started": self.instant(worklog.started),
            "timeSpent": time_spent(worklog.seconds),
            "timeSpentSeconds": worklog.seconds,
            "id": worklog.id,
            "issueId": issue.id,
        });
        match &worklog.comment {
            Some(text) => value["comment"] = self.text(text),
            // Absent on Cloud, empty elsewhere.
            None if !self.cloud() => value["comment"] = "".into(),
            None => {}
        }
        self.restrict(&mut value, &worklog.audience);
        value
    }

    /// The field `worklog` of an issue: the first twenty.
    pub fn worklogs(&self, issue: &Issue) -> Option<Value> {
        let heard = issue.worklogs.iter().filter(|it| self.data.hears(self.person, issue, &it.audience));
        let worklogs: Vec<Value> = heard.map(|it| self.worklog(issue, it)).collect();
        let total = worklogs.len();
        let first: Vec<Value> = worklogs.into_iter().take(20).collect();
        (total > 0).then(|| json!({"startAt": 0, "maxResults": 20, "total": total, "worklogs": first}))
    }

    pub fn attachment(&self, attachment: &Attachment) -> Value {
        let (id, name) = (&attachment.id, super::pages::encoded(&attachment.file_name));
        let by_api = self.cloud() && self.version == 3;
        let content = match by_api {
            true => format!("{}/rest/api/3/attachment/content/{id}", self.base),
            false => format!("{}/secure/attachment/{id}/{name}", self.base),
        };
        let mut value = json!({
            "self": self.rest(&format!("attachment/{id}")),
            "id": id,
            "filename": attachment.file_name,
            "author": self.person(&attachment.author),
            "created": self.instant(attachment.created),
            "size": attachment.size,
            "mimeType": attachment.media_type,
            "content": content,
        });
        if attachment.is_picture() {
            let thumbnail = match by_api {
                true => format!("{}/rest/api/3/attachment/thumbnail/{id}", self.base),
                false => format!("{}/secure/thumbnail/{id}/_thumb_{id}.png", self.base),
            };
            value["thumbnail"] = thumbnail.into();
        }
        value
    }
}

/// `1d 2h 30m`, a day being eight hours.
fn time_spent(seconds: u64) -> String {
    let minutes = seconds / 60;
    let parts = [(minutes / 480, "d"), (minutes % 480 / 60, "h"), (minutes % 60, "m")];
    let words: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if words.is_empty() { "0m".into() } else { words.join(" ") }
}
