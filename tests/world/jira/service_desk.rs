//! `/rest/servicedeskapi`: requests as their customers see them, and what only agents see (jira-auth-and-rest §6.4).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answers::{Desk, needs_log_in};
use super::desks::ServiceDesk;
use super::exchange::Answer;
use super::issue::Issue;
use super::pages;
use super::people::Person;
use super::personality::Version;
use super::shapes::{self, Shape};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskCall {
    Info,
    Request(String),
    Desks,
    Desk(String),
    RequestTypes(String),
    Queue(String, String),
}

impl DeskCall {
    /// The call and its pattern, by the path below `/rest/servicedeskapi`.
    pub fn of(path: &[&str]) -> Option<(Self, &'static str)> {
        let id = |text: &str| text.to_owned();
        Some(match path {
            ["info"] => (Self::Info, "info"),
            ["request", key] => (Self::Request(id(key)), "request/{key}"),
            ["servicedesk"] => (Self::Desks, "servicedesk"),
            ["servicedesk", desk] => (Self::Desk(id(desk)), "servicedesk/{id}"),
            ["servicedesk", desk, "requesttype"] => (Self::RequestTypes(id(desk)), "servicedesk/{id}/requesttype"),
            ["servicedesk", desk, "queue", queue] => (Self::Queue(id(desk), id(queue)), "servicedesk/{id}/queue/{id}"),
            _ => return None,
        })
    }

    pub fn scopes(&self) -> &'static [&'static str] {
        if *self == Self::Info { &[] } else { &["read:servicedesk-request"] }
    }
}

impl Desk<'_> {
    pub(super) fn service_desk(&self, call: &DeskCall) -> Answer {
        let licensed = !self.shape.data.desks.is_empty();
        match (call, self.shape.person) {
            (DeskCall::Info, _) => Answer::ok(&self.shape.info(licensed)),
            _ if !licensed => Answer::html(403, &pages::forbidden(self.shape.personality)),
            (_, None) => needs_log_in(self.shape.personality),
            (DeskCall::Request(key), Some(person)) => self.request(person, key),
            (DeskCall::Desks, Some(person)) => {
                let desks = self.shape.data.desks.iter();
                let visible = desks.filter(|desk| self.shape.data.desk(person, &desk.project).is_some());
                self.desk_page(visible.map(|desk| self.shape.desk(desk)).collect())
            }
            (DeskCall::Desk(id), Some(person)) => self.with_desk(person, id, |desk| Answer::ok(&self.shape.desk(desk))),
            (DeskCall::RequestTypes(id), Some(person)) => self.with_desk(person, id, |desk| {
                let types = desk.request_types.iter();
                self.desk_page(types.map(|(id, name)| self.shape.request_type(desk, *id, name)).collect())
            }),
            (DeskCall::Queue(id, queue), Some(person)) => {
                self.with_desk(person, id, |desk| self.queue(person, desk, queue))
            }
        }
    }

    /// The error shape of this API; Cloud adds a key for translators.
    fn desk_error(&self, status: u16, message: &str, key: &str) -> Answer {
        let mut error = json!({"errorMessage": message});
        if self.cloud() {
            error["i18nErrorMessage"] = json!({"i18nKey": key, "parameters": []});
        }
        Answer::json(status, &error)
    }

    fn with_desk(&self, person: &Person, id: &str, answer: impl FnOnce(&ServiceDesk) -> Answer) -> Answer {
        match self.shape.data.desk(person, id) {
            Some(desk) => answer(desk),
            None => self.desk_error(
                404,
                "The service desk you are trying to view does not exist or you do not have permission to view it.",
                "sd.admin.servicedesk.error.invalid.service.desk.id",
            ),
        }
    }

    fn request(&self, person: &Person, key: &str) -> Answer {
        match self.shape.data.request(person, key) {
            Some((desk, issue, _)) => {
                let expand = super::issues::list(&self.asked.parameters("expand"));
                Answer::ok(&self.shape.request(person, desk, issue, &expand))
            }
            None => self.desk_error(
                404,
                "The request you are trying to view does not exist or you do not have permission to view it.",
                "sd.customerview.error.issue.not.found",
            ),
        }
    }

    fn queue(&self, person: &Person, desk: &ServiceDesk, id: &str) -> Answer {
        if !desk.has_agent(person) {
            let message = "You do not have permission to view the queues of this service desk.";
            return self.desk_error(403, message, "sd.agent.queue.error.no.permission");
        }
        // Experimental on self-managed servers until Service Management 5, where nobody has to opt in any more.
        let old = !self.cloud() && !self.shape.personality.since(Version(9, 0, 0));
        if old && self.asked.header("x-experimentalapi") != Some("opt-in") {
            let message = "This API is experimental. Set the header X-ExperimentalApi: opt-in to use it.";
            return self.desk_error(412, message, "sd.experimental");
        }
        let Some((number, name, jql)) = desk.queues.iter().find(|(number, ..)| number.to_string() == id) else {
            return self.desk_error(404, "The queue does not exist.", "sd.agent.queue.error.not.found");
        };
        let own = self.shape.desk_url(&format!("servicedesk/{}/queue/{number}", desk.id));
        let mut value = json!({
            "id": number.to_string(), "name": name, "jql": jql,
            "fields": ["issuetype", "issuekey", "summary", "created", "reporter", "duedate"], "_links": {"self": own},
        });
        if self.asked.parameter("includeCount").as_deref() == Some("true") {
            match self.found(jql, false) {
                Ok((_, issues)) => value["issueCount"] = issues.len().into(),
                Err(refusal) => return refusal,
            }
        }
        Answer::ok(&value)
    }

    fn desk_page(&self, rows: Vec<Value>) -> Answer {
        let number = |name, otherwise| self.asked.parameter(name).and_then(|it| it.parse().ok()).unwrap_or(otherwise);
        let (start, limit): (usize, usize) = (number("start", 0), number("limit", 50));
        let total = rows.len();
        let values: Vec<Value> = rows.into_iter().skip(start).take(limit).collect();
        let own = format!("{}{}", self.shape.called, self.asked.path);
        Answer::ok(&json!({
            "size": values.len(), "start": start, "limit": limit, "isLastPage": start + values.len() >= total,
            "_links": {"self": own, "base": self.shape.base, "context": ""}, "values": values,
        }))
    }
}

impl Shape<'_> {
    fn desk_url(&self, path: &str) -> String {
        format!("{}/rest/servicedeskapi/{path}", self.called)
    }

    fn info(&self, licensed: bool) -> Value {
        let (version, platform) = match self.personality.self_managed_version() {
            None => ("1001.0.0-SNAPSHOT".to_owned(), "1001.0.0-SNAPSHOT".to_owned()),
            // Service Management and Jira have one number since 10; before, it was four behind.
            Some(Version(major, minor, patch)) if major < 10 => {
                (Version(major.saturating_sub(4), minor, patch).to_string(), Version(major, minor, patch).to_string())
            }
            Some(version) => (version.to_string(), version.to_string()),
        };
        json!({
            "version": version, "platformVersion": platform, "buildChangeSet": "d16652750ceb0a72",
            "buildDate": self.moment(self.now - SignedDuration::from_hours(24 * 30)), "isLicensedForUse": licensed,
            "_links": {"self": self.desk_url("info")},
        })
    }

    fn moment(&self, at: Timestamp) -> Value {
        let here = at.to_zoned(TimeZone::fixed(self.personality.zone));
        json!({
            "iso8601": here.strftime("%Y-%m-%dT%H:%M:%S%z").to_string(),
            "jira": shapes::instant(at, self.personality.zone),
            "friendly": here.strftime("%d/%b/%y %I:%M %p").to_string(),
            "epochMillis": at.as_millisecond(),
        })
    }

    fn desk(&self, desk: &ServiceDesk) -> Value {
        let project = self.data.project(&desk.project).expect("a service desk has a project");
        json!({
            "id": desk.id.to_string(), "projectId": project.id, "projectName": project.name,
            "projectKey": project.key, "_links": {"self": self.desk_url(&format!("servicedesk/{}", desk.id))},
        })
    }

    fn request_type(&self, desk: &ServiceDesk, id: u64, name: &str) -> Value {
        let icon =
            |size: &str| format!("{}/secure/viewavatar?avatarType=SD_REQTYPE&avatarId=10491&size={size}", self.base);
        json!({
            "_expands": ["field"], "id": id.to_string(), "name": name, "description": "", "helpText": "",
            "issueTypeId": super::content::SERVICE_REQUEST.id, "serviceDeskId": desk.id.to_string(),
            "portalId": desk.portal.to_string(), "groupIds": ["1"],
            "icon": {"id": "10491", "_links": {"iconUrls": {
                "48x48": icon("large"), "24x24": icon("small"), "16x16": icon("xsmall"), "32x32": icon("medium"),
            }}},
            "_links": {"self": self.desk_url(&format!("servicedesk/{}/requesttype/{id}", desk.id))},
        })
    }

    fn customer(&self, name: &str) -> Value {
        let mut user = self.person(name);
        let (own, avatars) = (user["self"].take(), user["avatarUrls"].take());
        let members = user.as_object_mut().expect("a person");
        members.retain(|name, _| !matches!(name.as_str(), "self" | "avatarUrls" | "accountType"));
        user["_links"] = json!({"jiraRest": own, "avatarUrls": avatars, "self": own});
        user
    }

    fn request(&self, person: &Person, desk: &ServiceDesk, issue: &Issue, expand: &[String]) -> Value {
        let request = issue.request.as_ref().expect("a request");
        let agent = desk.has_agent(person);
        let category = issue.status.category.1.to_uppercase();
        let status = json!({
            "status": issue.status.name, "statusCategory": category, "statusDate": self.moment(issue.updated),
        });
        let portal = format!("{}/servicedesk/customer/portal/{}/{}", self.base, desk.portal, issue.key);
        let mut links = json!({
            "jiraRest": self.rest(&format!("issue/{}", issue.id)), "web": portal,
            "self": self.desk_url(&format!("request/{}", issue.id)),
        });
        if agent {
            links["agent"] = format!("{}/browse/{}", self.base, issue.key).into();
        }
        let mut fields = vec![json!({"fieldId": "summary", "label": "Summary", "value": issue.summary})];
        if let Some(text) = &issue.description {
            fields.push(json!({
                "fieldId": "description", "label": "Description", "value": text.wiki(),
                "renderedValue": {"html": text.html()},
            }));
        }
        let mut value = json!({
            "_expands": ["participant", "status", "sla", "requestType", "serviceDesk", "attachment", "action", "comment"],
            "issueId": issue.id, "issueKey": issue.key, "summary": issue.summary,
            "requestTypeId": request.kind.to_string(), "serviceDeskId": desk.id.to_string(),
            "createdDate": self.moment(issue.created),
            "reporter": issue.reporter.as_deref().map_or(Value::Null, |name| self.customer(name)),
            "requestFieldValues": fields, "currentStatus": status, "_links": links,
        });
        let page = |values: Vec<Value>| json!({"size": values.len(), "start": 0, "limit": 50, "isLastPage": true, "values": values});
        for wanted in expand {
            match wanted.as_str() {
                "serviceDesk" => value["serviceDesk"] = self.desk(desk),
                "requestType" => {
                    let name = desk.request_types.iter().find(|(id, _)| *id == request.kind);
                    let name = name.map_or("", |(_, name)| name);
                    value["requestType"] = self.request_type(desk, request.kind, name);
                }
                "status" => value["status"] = page(vec![status.clone()]),
                "participant" => {
                    value["participants"] = page(request.participants.iter().map(|it| self.customer(it)).collect());
                }
                // Customers are told nothing of goals.
                "sla" if agent => value["sla"] = page(vec![self.goal(issue)]),
                _ => {}
            }
        }
        value
    }

    /// A goal of eight hours for the solution: done with the issue, or still running.
    fn goal(&self, issue: &Issue) -> Value {
        let goal = SignedDuration::from_hours(8);
        let done = issue.resolution.is_some();
        let spent = if done { issue.updated } else { self.now }.duration_since(issue.created);
        let duration = |it: SignedDuration| {
            let minutes = it.as_mins();
            json!({"millis": minutes * 60_000, "friendly": format!("{}h {}m", minutes / 60, (minutes % 60).abs())})
        };
        let cycle = json!({
            "startTime": self.moment(issue.created), "breached": spent > goal, "goalDuration": duration(goal),
            "elapsedTime": duration(spent), "remainingTime": duration(goal - spent),
        });
        let mut sla = json!({
            "id": "10", "name": "Time to resolution", "completedCycles": [],
            "_links": {"self": self.desk_url(&format!("request/{}/sla/10", issue.id))},
        });
        match done {
            true => sla["completedCycles"] = json!([cycle]),
            false => {
                sla["ongoingCycle"] = cycle;
                sla["ongoingCycle"]["paused"] = false.into();
                sla["ongoingCycle"]["withinCalendarHours"] = true.into();
                sla["ongoingCycle"]["breachTime"] = self.moment(issue.created + goal);
            }
        }
        sla
    }
}
