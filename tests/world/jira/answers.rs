//! What Jira answers to each call, once it is known who asks. Each refusal has Jira's own words.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use super::access_tokens;
use super::content::{Priority, issue_types};
use super::exchange::{Answer, Asked};
use super::fields;
use super::find::Dates;
use super::pages;
use super::paging::Paging;
use super::people::Person;
use super::personality::{Deployment, Personality, Version};
use super::route::{Call, Route};
use super::shapes::{self, Shape};

/// One call on Jira's desk.
pub struct Desk<'a> {
    pub asked: &'a Asked,
    pub route: &'a Route,
    pub shape: Shape<'a>,
    pub maintenance: bool,
    /// The longest page of a search.
    pub page_rows: usize,
    pub paging: &'a Mutex<Paging>,
    pub dates: Dates,
    /// Issues that `bulkfetch` cannot give right now, by key.
    pub bulk_errors: &'a BTreeMap<String, String>,
}

const CLIENT: &str = "Client must be authenticated to access this resource.";
const REMOVED: &str = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full \
                       migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046";

impl Desk<'_> {
    pub fn answer(&self) -> Answer {
        match &self.route.call {
            Call::TenantInfo => self.tenant_info(),
            Call::State => Answer::ok(&json!({"state": if self.maintenance { "MAINTENANCE" } else { "RUNNING" }})),
            Call::ServerInfo => self.server_info(),
            Call::Myself => self.for_people(|person| Answer::ok(&self.shape.myself(person))),
            Call::Issue(key) => self.issue(key),
            Call::BulkFetch => self.with_body(|body| self.bulk_fetch(body)),
            Call::SearchJql => self.search(|asked| self.search_cloud(asked)),
            Call::ApproximateCount => self.search(|asked| self.count(asked)),
            Call::Search if self.cloud() => Answer::error(410, REMOVED),
            Call::Search => self.search(|asked| self.search_self_managed(asked)),
            Call::Project(key) => self.project(key),
            Call::StatusesOf(key) => self.statuses_of(key),
            Call::Projects => Answer::ok(&self.visible_projects().into()),
            Call::ProjectSearch => self.project_search(),
            Call::Comments => self.comments_by_id(),
            Call::Worklogs => self.for_people(|_| self.worklogs_by_id()),
            Call::Users => self.for_people(|_| self.people_by_id()),
            Call::Fields => Answer::ok(&fields::rows(&self.shape)),
            Call::Priorities => Answer::ok(&Priority::ALL.map(|it| self.shape.priority(it)).to_vec().into()),
            Call::Team(id) => self.for_people(|_| self.team(id)),
            Call::User => self.for_people(|person| self.user(person)),
            Call::Version(id) => self.version(id),
            Call::Component(id) => self.component(id),
            Call::VersionCount(id, count) => self.version_count(id, *count),
            Call::ComponentCount(id) => self.component_count(id),
            Call::CommentsOf(key) => self.remarks_of(key, "comment"),
            Call::WorklogsOf(key) => self.remarks_of(key, "worklog"),
            Call::Comment(key, id) => self.comment(key, id),
            Call::Worklog(key, id) => self.worklog(key, id),
            Call::Attachment(id) => self.attachment(id),
            Call::Filter(id) => self.filter(id),
            Call::Dashboard(id) => self.dashboard(id),
            Call::Agile(call) => self.agile(call),
            Call::AccessTokens | Call::AccessToken(_) => match self.shape.personality.since(Version::ACCESS_TOKENS) {
                // 404 says "older than 8.14".
                false => Answer::html(404, &pages::not_found(self.shape.personality)),
                true => self.for_people(access_tokens::list),
            },
            Call::OAuth2(_) | Call::OAuth1(_) => unreachable!("the providers answer"),
            Call::ServiceDesk(call) => self.service_desk(call),
            Call::Picture => self.picture(),
            Call::SignIn => {
                let destination = self.asked.parameter("os_destination").unwrap_or_default();
                Answer::html(200, &pages::sign_in_to(self.shape.personality, &destination))
            }
            Call::Secure => self.secure(),
            Call::Page => pages::place(self.shape.personality, self.asked),
            Call::Webhooks(_) => unreachable!("answered before"),
            Call::UnknownSite => Answer::json(404, &json!({"code": 404, "message": "Not Found"})),
            Call::WrongMethod => {
                Answer::json(405, &json!({"message": "HTTP 405 Method Not Allowed", "status-code": 405}))
            }
            Call::Nothing => Answer::html(404, &pages::not_found(self.shape.personality)),
        }
    }

    /// As the documentation of Advanced Roadmaps has it.
    fn team(&self, id: &str) -> Answer {
        let number = id.parse().unwrap_or_default();
        match self.shape.data.teams.get(&number) {
            Some(title) => Answer::ok(&json!({"id": number, "title": title, "shareable": true})),
            None => Answer::error(404, "There is no such team."),
        }
    }

    pub(super) fn cloud(&self) -> bool {
        self.shape.personality.is_cloud()
    }

    fn tenant_info(&self) -> Answer {
        let Deployment::Cloud { cloud_id } = &self.shape.personality.deployment else { unreachable!("routed so") };
        Answer::ok(&json!({"cloudId": cloud_id}))
    }

    fn server_info(&self) -> Answer {
        let personality = self.shape.personality;
        if personality.server_info_hidden && self.shape.person.is_none() {
            return needs_log_in(personality);
        }
        let base = self.shape.base;
        let time = shapes::instant(self.shape.now, personality.zone);
        let mut info = json!({"baseUrl": base, "serverTime": time, "serverTitle": personality.title, "scmInfo": "d16652750ceb0a72ec3cbf6ed9643015d2cf7cf8"});
        let more = match personality.self_managed_version() {
            None => json!({
                "displayUrl": base, "displayUrlServicedeskHelpCenter": base, "displayUrlConfluence": base,
                "version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0], "deploymentType": "Cloud",
                "buildNumber": 100_262, "buildDate": "2026-11-20T15:15:39.000-0700",
                "defaultLocale": {"locale": "en_US"}, "serverTimeZone": "America/Phoenix",
            }),
            Some(version) => {
                let Version(major, minor, patch) = version;
                let build = major * 1_000_000 + minor * 10_000 + patch;
                let mut more = json!({
                    "version": version.to_string(), "versionNumbers": [major, minor, patch],
                    "buildNumber": build, "databaseBuildNumber": build, "buildDate": "2024-11-06T00:00:00.000+0000",
                });
                if version >= Version(7, 0, 0) {
                    more["deploymentType"] = "Server".into();
                }
                more
            }
        };
        info.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Answer::ok(&info)
    }

    pub(super) fn for_people(&self, answer: impl FnOnce(&Person) -> Answer) -> Answer {
        self.shape.person.map_or_else(|| needs_log_in(self.shape.personality), answer)
    }

    /// Hands over a JSON body, or says what is wrong with it.
    pub(super) fn with_body(&self, answer: impl FnOnce(&Map<String, Value>) -> Answer) -> Answer {
        if !self.asked.header("content-type").is_some_and(|it| it.starts_with("application/json")) {
            return Answer::json(415, &json!({"message": "HTTP 415 Unsupported Media Type", "status-code": 415}));
        }
        match serde_json::from_slice::<Value>(&self.asked.body) {
            Ok(Value::Object(body)) => answer(&body),
            _ => Answer::error(400, "Invalid request payload. Refer to the REST API documentation and try again."),
        }
    }

    fn project(&self, key: &str) -> Answer {
        match self.shape.data.project(key) {
            Some(project) if self.shape.data.sees_project(self.shape.person, project) => {
                Answer::ok(&self.shape.project(project))
            }
            _ => Answer::error(404, &format!("No project could be found with key '{key}'.")),
        }
    }

    /// By issue type; here all of them have the statuses that issues of the project are in.
    fn statuses_of(&self, key: &str) -> Answer {
        let data = self.shape.data;
        let Some(project) = data.project(key).filter(|it| data.sees_project(self.shape.person, it)) else {
            return Answer::error(404, &format!("No project could be found with key '{key}'."));
        };
        let of_project = data.issues().iter().filter(|issue| data.project_of(issue).id == project.id);
        let statuses: BTreeMap<&str, Value> =
            of_project.map(|issue| (issue.status.id.as_str(), self.shape.status(&issue.status))).collect();
        let statuses: Vec<&Value> = statuses.values().collect();
        let types = issue_types(project.type_key);
        let rows = types.iter().map(|kind| {
            let mut row = self.shape.issue_type(kind);
            row["statuses"] = json!(statuses);
            row
        });
        Answer::ok(&rows.collect())
    }

    fn visible_projects(&self) -> Vec<Value> {
        let data = self.shape.data;
        let visible =
            data.projects().iter().filter(|it| !it.archived && !it.trashed && data.sees_project(self.shape.person, it));
        visible.map(|project| self.shape.project_ref(project)).collect()
    }

    fn project_search(&self) -> Answer {
        let number = |name: &str, otherwise| {
            self.asked.parameter(name).and_then(|it| it.parse::<usize>().ok()).unwrap_or(otherwise)
        };
        let (start, rows) = (number("startAt", 0), number("maxResults", 50).min(100));
        let query = self.asked.parameter("query").unwrap_or_default().to_lowercase();
        let keys = self.asked.parameters("keys");
        let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_lowercase();
        let found: Vec<Value> = self
            .visible_projects()
            .into_iter()
            .filter(|it| text(it, "key").contains(&query) || text(it, "name").contains(&query))
            .filter(|it| keys.is_empty() || keys.iter().any(|key| it["key"] == **key))
            .collect();
        let values: Vec<Value> = found.iter().skip(start).take(rows).cloned().collect();
        let is_last = start + values.len() >= found.len();
        Answer::ok(&json!({
            "self": format!("{}{}?{}", self.shape.called, self.asked.path, self.asked.query),
            "maxResults": rows, "startAt": start, "total": found.len(), "isLast": is_last, "values": values,
        }))
    }

    fn user(&self, caller: &Person) -> Answer {
        let parameter = |name| self.asked.parameter(name).unwrap_or_default();
        let people = self.shape.data.people().iter();
        let (mut people, named): (Box<dyn Iterator<Item = _>>, _) = match self.cloud() {
            true => {
                let id = parameter("accountId");
                (Box::new(people.filter(move |it| it.account_id == id)), String::new())
            }
            false => {
                let (name, key) = (parameter("username"), parameter("key"));
                let named = if name.is_empty() { key.clone() } else { name.clone() };
                (Box::new(people.filter(move |it| it.name == name || it.key == key)), named)
            }
        };
        match (people.next(), self.cloud()) {
            (found, true) if !caller.browses_users && found.is_none_or(|it| it.name != caller.name) => {
                Answer::error(403, "You do not have permission to browse users.")
            }
            (Some(person), _) => Answer::ok(&self.shape.user(person)),
            (None, true) => Answer::error(404, "Specified user does not exist or you do not have required permissions"),
            (None, false) => Answer::error(404, &format!("The user named '{named}' does not exist")),
        }
    }

    fn secure(&self) -> Answer {
        if self.shape.person.is_some() {
            return pages::place(self.shape.personality, self.asked);
        }
        let below = self.asked.path.strip_prefix(&self.shape.personality.context_path).unwrap_or(&self.asked.path);
        match self.cloud() {
            true => Answer::redirect(&format!("{}/login?os_destination={}", self.shape.base, pages::encoded(below))),
            false => pages::to_sign_in(self.shape.base, below),
        }
    }
}

/// The 401 of calls that need a person, as recorded for each deployment.
pub fn needs_log_in(personality: &Personality) -> Answer {
    match personality.self_managed_version() {
        None => Answer::text(401, CLIENT),
        Some(version) if version < Version(8, 0, 0) => Answer::html(401, &pages::unauthorized(personality)),
        Some(_) => Answer::json(401, &json!({"message": CLIENT, "status-code": 401})),
    }
}
