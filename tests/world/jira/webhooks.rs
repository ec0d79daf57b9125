//! Telling of changes (jira-auth-and-rest §11): webhooks of apps (Cloud) and of administrators (servers), and what is sent.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

use super::data::{Data, uuid};
use super::exchange::{Answer, Asked, Door};
use super::issue::Issue;
use super::people::Person;
use super::personality::{Personality, Version};
use super::shapes::instant;

const EVENTS: [&str; 8] = [
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "sprint_started",
    "jira:version_released",
];
const LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
const MOST: usize = 5;
/// From this version on servers have the API under its new name, and sign.
pub const NEWER: Version = Version(10, 0, 0);

/// The calls of these APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookCall {
    Hooks,
    Refresh,
    AdminHooks,
    AdminHook(String),
    Permissions,
}

#[derive(Clone, Debug)]
pub struct Hook {
    pub id: i64,
    pub url: String,
    pub jql: String,
    /// None: all.
    pub projects: Option<Vec<String>>,
    pub events: Vec<String>,
    /// Who registered it.
    pub owner: String,
    pub name: String,
    /// Id and secret of the app.
    pub app: Option<(String, String)>,
    pub secret: Option<String>,
    pub expires: Option<Timestamp>,
}

#[derive(Default)]
pub struct Hooks {
    pub list: Vec<Hook>,
    made: i64,
    told: i64,
    outbox: Vec<Delivery>,
}

/// Something on its way to whoever registered.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Delivery {
    /// Answers with the status.
    pub async fn send(&self) -> u16 {
        let request = crate::world::gateway::client().post(&self.url).body(self.body.clone());
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        request.timeout(Duration::from_secs(20)).send().await.expect("an answer").status().as_u16()
    }

    /// Without the headers of this name.
    pub fn without(&self, name: &str) -> Self {
        let headers = self.headers.iter().filter(|(it, _)| *it != name).cloned().collect();
        Self { headers, ..self.clone() }
    }

    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.headers.push((name, value.to_owned()));
        changed
    }
}

/// Who asks for webhooks, and where.
pub struct Desk<'a> {
    pub asked: &'a Asked,
    pub person: Option<&'a Person>,
    pub data: &'a Data,
    pub personality: &'a Personality,
    pub base: &'a str,
    pub now: Timestamp,
}

impl Desk<'_> {
    pub fn answer(&self, hooks: &mut Hooks, call: &HookCall) -> Answer {
        let Some(person) = self.person else { return Answer::error(401, "You are not authenticated.") };
        hooks.list.retain(|hook| hook.expires.is_none_or(|at| self.now < at));
        let admin = person.groups.iter().any(|group| group == "jira-administrators");
        let method = self.asked.method.as_str();
        match call {
            HookCall::Permissions => Answer::ok(&json!({"permissions": {"ADMINISTER": {
                "id": "0", "key": "ADMINISTER", "name": "Administer Jira", "type": "GLOBAL", "description": "",
                "havePermission": admin,
            }}})),
            HookCall::Hooks | HookCall::Refresh => {
                let app = self.asked.granted.as_ref().map(|granted| granted.app.clone());
                match app.filter(|_| self.asked.door == Door::Api) {
                    None => Answer::error(403, "Only Connect and OAuth 2.0 apps can use this operation."),
                    Some(app) => self.app(hooks, call, method, person, app),
                }
            }
            _ if !admin => Answer::error(403, "You do not have permission to access webhooks."),
            HookCall::AdminHooks if method == "GET" => {
                Answer::ok(&hooks.list.iter().map(|hook| self.admin_row(hook)).collect())
            }
            HookCall::AdminHooks => self.create(hooks, person),
            HookCall::AdminHook(id) => {
                let before = hooks.list.len();
                hooks.list.retain(|hook| hook.id.to_string() != *id);
                if hooks.list.len() < before { Answer::no_content() } else { Answer::error(404, "No such webhook.") }
            }
        }
    }

    fn app(&self, hooks: &mut Hooks, call: &HookCall, method: &str, person: &Person, app: (String, String)) -> Answer {
        let body: Value = serde_json::from_slice(&self.asked.body).unwrap_or_default();
        let own = |hook: &Hook| hook.owner == person.name && hook.app.as_ref() == Some(&app);
        let ids: Vec<i64> = body["webhookIds"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        match (call, method) {
            (HookCall::Refresh, _) => {
                let until = self.now + LIFE;
                let found = hooks.list.iter_mut().filter(|hook| own(hook) && ids.contains(&hook.id));
                let refreshed: Vec<i64> = found.map(|hook| (hook.expires = Some(until), hook.id).1).collect();
                match refreshed.first() {
                    // Both forms occur.
                    Some(id) if id % 2 == 0 => Answer::ok(&json!({"expirationDate": until.as_millisecond()})),
                    Some(_) => Answer::ok(&json!({"expirationDate": instant(until, jiff::tz::Offset::UTC)})),
                    None => Answer::error(400, "No webhooks were found."),
                }
            }
            (_, "GET") => {
                let rows: Vec<Value> = hooks.list.iter().filter(|hook| own(hook)).map(row).collect();
                Answer::ok(
                    &json!({"maxResults": 100, "startAt": 0, "total": rows.len(), "isLast": true, "values": rows}),
                )
            }
            (_, "DELETE") => {
                hooks.list.retain(|hook| !own(hook) || !ids.contains(&hook.id));
                Answer { status: 202, headers: Vec::new(), body: Vec::new() }
            }
            _ => {
                let wanted = body["webhooks"].as_array().cloned().unwrap_or_default();
                let results: Vec<Value> = wanted
                    .iter()
                    .map(|wanted| match self.wanted(hooks, wanted, body["url"].as_str(), person, &app) {
                        Ok(hook) => {
                            hooks.list.push(hook);
                            json!({"createdWebhookId": hooks.made})
                        }
                        Err(why) => json!({"errors": [why]}),
                    })
                    .collect();
                Answer::ok(&json!({"webhookRegistrationResult": results}))
            }
        }
    }

    fn wanted(
        &self,
        hooks: &mut Hooks,
        wanted: &Value,
        url: Option<&str>,
        person: &Person,
        app: &(String, String),
    ) -> Result<Hook, String> {
        let url = url.ok_or("A URL is required.")?.to_owned();
        let of_app = |hook: &&Hook| hook.app.as_ref() == Some(app);
        if let Some(other) = hooks.list.iter().filter(of_app).find(|hook| hook.url != url) {
            return Err(format!("Only a single URL per app is allowed. Currently used URL is: {}", other.url));
        }
        if hooks.list.iter().filter(of_app).filter(|hook| hook.owner == person.name).count() >= MOST {
            return Err(format!("The limit of {MOST} webhooks is reached."));
        }
        let jql = wanted["jqlFilter"].as_str().filter(|jql| !jql.is_empty()).ok_or("A JQL filter is required.")?;
        let projects = projects(jql)?;
        for key in &projects {
            if !self.data.project(key).is_some_and(|project| self.data.sees_project(Some(person), project)) {
                return Err(format!("The value '{key}' does not exist for the field 'project'."));
            }
        }
        hooks.made += 1;
        Ok(Hook {
            id: hooks.made,
            url,
            jql: jql.to_owned(),
            projects: Some(projects),
            events: events(wanted)?,
            owner: person.name.clone(),
            name: String::new(),
            app: Some(app.clone()),
            secret: None,
            expires: Some(self.now + LIFE),
        })
    }

    fn create(&self, hooks: &mut Hooks, person: &Person) -> Answer {
        let body: Value = serde_json::from_slice(&self.asked.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(name), Some(url), Ok(events)) = (text("name"), text("url"), events(&body)) else {
            return Answer::error(400, "A webhook needs a name, a URL and events.");
        };
        hooks.made += 1;
        let secret = body["configuration"]["SECRET"].as_str().filter(|_| self.personality.since(NEWER));
        hooks.list.push(Hook {
            id: hooks.made,
            url,
            jql: String::new(),
            projects: None,
            events,
            owner: person.name.clone(),
            name,
            app: None,
            secret: secret.map(str::to_owned),
            expires: None,
        });
        Answer::json(201, &hooks.list.last().map(|hook| self.admin_row(hook)).unwrap_or_default())
    }

    fn admin_row(&self, hook: &Hook) -> Value {
        let mut row = json!({
            "name": hook.name, "url": hook.url, "events": hook.events, "filters": {}, "excludeBody": false,
            "enabled": true, "lastUpdatedUser": hook.owner,
        });
        match self.personality.since(NEWER) {
            true => row["id"] = hook.id.into(),
            false => row["self"] = format!("{}/rest/webhooks/1.0/webhook/{}", self.base, hook.id).into(),
        }
        row
    }
}

fn row(hook: &Hook) -> Value {
    json!({
        "id": hook.id, "url": hook.url, "jqlFilter": hook.jql, "events": hook.events,
        "expirationDate": hook.expires.map(|at| instant(at, jiff::tz::Offset::UTC)),
    })
}

fn events(wanted: &Value) -> Result<Vec<String>, String> {
    let events: Vec<_> = wanted["events"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match events.iter().find(|event| !EVENTS.contains(event)) {
        Some(event) => Err(format!("The event {event} is not supported.")),
        None if events.is_empty() => Err("Events are required.".to_owned()),
        None => Ok(events.into_iter().map(str::to_owned).collect()),
    }
}

/// Of the subset of JQL that is taken, only what concerns projects.
fn projects(jql: &str) -> Result<Vec<String>, String> {
    let rest = jql.strip_prefix("project").ok_or_else(|| format!("The clause {jql} is unsupported"))?.trim();
    let list = match rest.strip_prefix('=') {
        Some(key) => key,
        None => {
            let list = rest.strip_prefix("in").or_else(|| rest.strip_prefix("IN")).map(str::trim);
            let list = list.and_then(|list| list.strip_prefix('(')?.strip_suffix(')'));
            list.ok_or_else(|| format!("Operator of {jql} is unsupported"))?
        }
    };
    Ok(list.split(',').map(|key| key.trim().trim_matches('"').to_owned()).collect())
}

impl Hooks {
    /// What was told and not sent yet.
    pub fn take(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.outbox)
    }

    /// Something happened to an issue, or (with the number of a comment) on it.
    pub fn tell(&mut self, event: &str, issue: &Issue, comment: Option<u64>, place: &Desk<'_>) {
        let Desk { data, personality, base, now, .. } = place;
        self.list.retain(|hook| hook.expires.is_none_or(|at| *now < at));
        self.told += 1;
        let number = self.told;
        for hook in &self.list {
            let concerns = hook.projects.as_ref().is_none_or(|it| it.iter().any(|key| key == issue.project_key()));
            let sees = hook.app.is_none() || data.sees_issue(data.person(&hook.owner), issue);
            if !concerns || !sees || !hook.events.iter().any(|it| it == event) {
                continue;
            }
            let own = format!("{base}/rest/api/2/issue/{}", issue.id);
            let mut body = json!({"timestamp": now.as_millisecond() + number, "webhookEvent": event});
            // Servers tell of a comment without its issue.
            if comment.is_none() || personality.is_cloud() {
                body["issue"] = json!({"id": issue.id, "self": own, "key": issue.key, "fields": {
                    "summary": issue.summary, "status": {"name": issue.status.name},
                    "project": {"key": issue.project_key()}, "labels": issue.labels,
                }});
            }
            match comment {
                Some(id) => body["comment"] = json!({"self": format!("{own}/comment/{id}"), "id": id.to_string()}),
                None => {
                    body["user"] = json!({"displayName": "Somebody"});
                    body["changelog"] = json!({"id": number.to_string(), "items": []});
                }
            }
            if hook.app.is_some() {
                body["matchedWebhookIds"] = json!([hook.id]);
            }
            self.outbox.push(delivery(hook, body.to_string().into_bytes(), number, *now, personality));
        }
    }
}

fn delivery(hook: &Hook, body: Vec<u8>, number: i64, now: Timestamp, personality: &Personality) -> Delivery {
    let mut headers = vec![("content-type", "application/json; charset=UTF-8".to_owned())];
    let mut url = hook.url.clone();
    if let Some((client, secret)) = &hook.app {
        headers.push(("user-agent", "Atlassian Webhook HTTP Client".to_owned()));
        headers.push(("x-atlassian-webhook-identifier", uuid(&format!("{} {number}", hook.id))));
        headers.push(("x-atlassian-webhook-flow", "Primary".to_owned()));
        headers.push(("authorization", format!("Bearer {}", jwt(client, secret, now))));
    } else if !personality.since(NEWER) {
        url = format!("{url}?user_id={0}&user_key={0}", hook.owner);
    }
    if let Some(secret) = &hook.secret {
        let digits: String = mac(secret, &body).iter().map(|byte| format!("{byte:02x}")).collect();
        headers.push(("x-hub-signature", format!("sha256={digits}")));
    }
    Delivery { url, headers, body }
}

/// As Atlassian signs for an app: good for three minutes.
pub fn jwt(client: &str, secret: &str, now: Timestamp) -> String {
    let claims = json!({"iss": client, "iat": now.as_second(), "exp": now.as_second() + 180, "context": {}});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac(secret, message.as_bytes())))
}

fn mac(secret: &str, message: &[u8]) -> Vec<u8> {
    let hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    hmac.chain_update(message).finalize().into_bytes().to_vec()
}
