//! `filter/{id}` and `dashboard/{id}`.

use serde_json::{Value, json};

use super::answers::{Desk, needs_log_in};
use super::exchange::Answer;
use super::pages::encoded;
use super::saved::{Dashboard, Filter, Share};
use super::shapes::Shape;

const NO_FILTER: &str =
    "The selected filter is not available to you, perhaps it has been deleted or had its permissions changed.";

impl Desk<'_> {
    /// Missing and hidden are one answer; strangers are asked to log in by self-managed servers.
    pub(super) fn filter(&self, id: &str) -> Answer {
        match self.shape.data.filter(self.shape.person, id) {
            Some(filter) => Answer::ok(&self.shape.filter(filter)),
            None if !self.cloud() && self.shape.person.is_none() => needs_log_in(self.shape.personality),
            None => Answer::error(400, NO_FILTER),
        }
    }

    pub(super) fn dashboard(&self, id: &str) -> Answer {
        match self.shape.data.dashboard(self.shape.person, id) {
            Some(dashboard) => Answer::ok(&self.shape.dashboard(dashboard)),
            None => Answer::error(404, &format!("The dashboard with id '{id}' does not exist.")),
        }
    }
}

impl Shape<'_> {
    fn filter(&self, filter: &Filter) -> Value {
        let id = filter.id.to_string();
        let search = if self.cloud() { "search/jql" } else { "search" };
        let mut value = json!({
            "self": self.rest(&format!("filter/{id}")),
            "id": id,
            "name": filter.name,
            "owner": self.person(&filter.owner),
            "jql": filter.jql,
            "viewUrl": format!("{}/issues/?filter={id}", self.base),
            "searchUrl": format!("{}?jql={}", self.rest(search), encoded(&filter.jql)),
            "favourite": false,
            "sharePermissions": self.share(&filter.share),
            "subscriptions": {"size": 0, "items": [], "max-results": 0, "start-index": 0, "end-index": 0},
        });
        if !filter.description.is_empty() {
            value["description"] = filter.description.as_str().into();
        }
        if self.cloud() {
            value["favouritedCount"] = 0.into();
            value["editPermissions"] = json!([]);
        }
        value
    }

    /// Self-managed servers tell no more than the name.
    fn dashboard(&self, dashboard: &Dashboard) -> Value {
        let id = dashboard.id.to_string();
        let mut value = json!({
            "id": id,
            "name": dashboard.name,
            "self": self.rest(&format!("dashboard/{id}")),
            "view": format!("{}/secure/Dashboard.jspa?selectPageId={id}", self.base),
        });
        if !self.cloud() {
            return value;
        }
        value["isFavourite"] = false.into();
        value["popularity"] = 1.into();
        value["sharePermissions"] = self.share(&dashboard.share);
        value["editPermissions"] = json!([]);
        value["isWritable"] =
            (self.person.is_some() && self.person.map(|it| &it.name) == dashboard.owner.as_ref()).into();
        value["systemDashboard"] = dashboard.owner.is_none().into();
        if !dashboard.description.is_empty() {
            value["description"] = dashboard.description.as_str().into();
        }
        if let Some(owner) = &dashboard.owner {
            let mut owner = self.person(owner);
            let members = owner.as_object_mut().expect("a person");
            members.retain(|name, _| !matches!(name.as_str(), "timeZone" | "accountType" | "emailAddress"));
            value["owner"] = owner;
        }
        value
    }

    fn share(&self, share: &Share) -> Value {
        match share {
            Share::Nobody => json!([]),
            Share::Everybody => json!([{"id": 10_014, "type": "global"}]),
            Share::LoggedIn => {
                json!([{"id": 10_015, "type": if self.cloud() { "authenticated" } else { "loggedin" }}])
            }
            Share::Group(name) => json!([{"id": 10_016, "type": "group", "group": self.group(name)}]),
            Share::Project(key) => match self.data.project(key) {
                Some(project) if self.data.sees_project(self.person, project) => {
                    json!([{"id": 10_017, "type": "project", "project": self.project_ref(project)}])
                }
                _ => json!([{"id": 10_017, "type": "project-unknown"}]),
            },
        }
    }
}
