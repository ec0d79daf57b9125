//! `api.atlassian.com`: which sites a token reaches, whose it is, and the way to the sites (jira-auth-and-rest §2.4,
//! §2.6).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::jira::exchange::{Answer, Asked, Door, Granted};
use super::super::jira::front::Jira;
use super::super::jira::who::{Scheme, credential};
use super::state::{Atlassian, cloud_id, person_at};
use super::tokens::Grant;

impl Atlassian {
    /// The site that answers this call itself, if the caller may come so far. A scoped API token is judged by the
    /// site; what a bearer token is good for is written into the request.
    pub fn site_for(&self, asked: &mut Asked) -> Option<Arc<Jira>> {
        if asked.door != Door::Api {
            return None;
        }
        let id = asked.path.strip_prefix("/ex/jira/")?.split('/').next()?;
        let site = self.sites().into_iter().find(|site| cloud_id(site) == id)?;
        if let Some((Scheme::Bearer, token)) = credential(asked) {
            let grant =
                self.grant(&token).filter(|grant| grant.reaches(id) && person_at(&site, &grant.email).is_some())?;
            let secret = self.state.lock().unwrap().apps.get(&grant.client_id).map(|app| app.secret.clone());
            let app = (grant.client_id, secret.unwrap_or_default());
            asked.granted = Some(Granted { email: grant.email, scopes: grant.scopes, app });
        }
        Some(site)
    }

    /// What this access token may do now.
    fn grant(&self, token: &str) -> Option<Grant> {
        let state = self.state.lock().unwrap();
        let grant = state.tokens.grant_of(token, state.now)?.clone();
        drop(state);
        self.account(&grant.email).is_some().then_some(grant)
    }

    pub fn api(&self, asked: &Asked) -> Answer {
        if asked.path == RESOURCES {
            self.state.lock().unwrap().counts.resources += 1;
        }
        let grant = match credential(asked) {
            Some((Scheme::Bearer, token)) => self.grant(&token),
            _ => None,
        };
        let Some(grant) = grant else { return error(401, "Unauthorized") };
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", RESOURCES) => Answer::ok(&self.resources(&grant).into()),
            ("GET", "/me") if !grant.has_scope("read:me") => error(401, "Unauthorized; scope does not match"),
            ("GET", "/me") => self.me(&grant),
            (_, path) if path.starts_with("/ex/jira/") && self.has_site(path) => error(403, "Forbidden"),
            _ => error(404, "Not Found"),
        }
    }

    fn has_site(&self, path: &str) -> bool {
        let id = path.trim_start_matches("/ex/jira/").split('/').next().unwrap_or_default();
        self.sites().iter().any(|site| cloud_id(site) == id)
    }

    /// One row per product of each granted site: Confluence has the same id as Jira.
    fn resources(&self, grant: &Grant) -> Vec<Value> {
        let mut rows = Vec::new();
        let jira: Vec<_> = grant.scopes.iter().filter(|scope| scope.contains("jira")).collect();
        for site in self.sites() {
            if !grant.reaches(cloud_id(&site)) || person_at(&site, &grant.email).is_none() {
                continue;
            }
            let row = |scopes: Value| {
                json!({
                    "id": cloud_id(&site), "url": site.url, "name": site.personality.title, "scopes": scopes,
                    "avatarUrl": format!("{}/images/rocket.png", site.url),
                })
            };
            rows.push(row(json!(["search:confluence", "read:confluence-user"])));
            if !jira.is_empty() {
                rows.push(row(json!(jira)));
            }
        }
        rows
    }

    fn me(&self, grant: &Grant) -> Answer {
        let Some(person) = self.account(&grant.email) else { return error(401, "Unauthorized") };
        Answer::ok(&json!({
            "account_id": person.account_id, "email": person.email, "name": person.display_name,
            "picture": format!("{}/images/avatar.png", self.api_url), "account_type": "atlassian",
            "account_status": "active", "nickname": person.name, "zoneinfo": person.time_zone,
            "locale": person.locale.replace('_', "-"), "extended_profile": {},
        }))
    }
}

const RESOURCES: &str = "/oauth/token/accessible-resources";

fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"code": status, "message": message}))
}
