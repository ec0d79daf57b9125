//! Versions and components, and how many issues they have. Counts are of what the caller sees.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::answers::Desk;
use super::content::{Component, DONE, FixVersion, IN_PROGRESS, Project, TO_DO};
use super::exchange::Answer;
use super::issue::Issue;
use super::shapes::Shape;

/// What is asked about a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Unresolved,
    Related,
}

impl Desk<'_> {
    fn visible_projects_whole(&self) -> impl Iterator<Item = &Project> {
        let data = self.shape.data;
        data.projects().iter().filter(|it| data.sees_project(self.shape.person, it))
    }

    fn with_version(&self, id: &str, answer: impl FnOnce(&Project, &FixVersion) -> Value) -> Answer {
        let mut all = self.visible_projects_whole().flat_map(|it| it.versions.iter().map(move |version| (it, version)));
        match all.find(|(_, version)| version.id == id) {
            Some((project, version)) => Answer::ok(&answer(project, version)),
            None => Answer::error(404, &format!("Could not find version for id '{id}'")),
        }
    }

    fn with_component(&self, id: &str, answer: impl FnOnce(&Project, &Component) -> Value) -> Answer {
        let mut all = self.visible_projects_whole().flat_map(|it| it.components.iter().map(move |it2| (it, it2)));
        match all.find(|(_, component)| component.id == id) {
            Some((project, component)) => Answer::ok(&answer(project, component)),
            None => Answer::error(404, &format!("The component with id {id} does not exist.")),
        }
    }

    /// The visible issues of a project that pass the test.
    fn issues_where(&self, project: &Project, test: impl Fn(&Issue) -> bool) -> Vec<&Issue> {
        let data = self.shape.data;
        let seen = |issue: &&Issue| {
            issue.project_key() == project.key && !issue.archived && data.sees_issue(self.shape.person, issue)
        };
        data.issues().iter().filter(seen).filter(|issue| test(issue)).collect()
    }

    pub(super) fn version(&self, id: &str) -> Answer {
        self.with_version(id, |project, version| {
            let mut value = self.shape.version(project, version);
            let expand = super::issues::list(&self.asked.parameters("expand"));
            if self.cloud() && expand.iter().any(|it| it == "issuesstatus") {
                let issues = self.issues_where(project, |it| it.fix_versions.contains(&version.name));
                let count = |category| issues.iter().filter(|it| it.status.category == category).count();
                let (to_do, in_progress, done) = (count(TO_DO), count(IN_PROGRESS), count(DONE));
                value["issuesStatusForFixVersion"] = json!({
                    "unmapped": issues.len() - to_do - in_progress - done,
                    "toDo": to_do, "inProgress": in_progress, "done": done,
                });
            }
            value
        })
    }

    pub(super) fn version_count(&self, id: &str, count: Count) -> Answer {
        self.with_version(id, |project, version| {
            let issues = self.issues_where(project, |it| it.fix_versions.contains(&version.name));
            let own = self.shape.rest(&format!("version/{id}"));
            match count {
                Count::Unresolved => json!({
                    "self": own,
                    "issuesUnresolvedCount": issues.iter().filter(|it| it.resolution.is_none()).count(),
                    "issuesCount": issues.len(),
                }),
                Count::Related => json!({
                    "self": own, "issuesFixedCount": issues.len(), "issuesAffectedCount": 0,
                    "issueCountWithCustomFieldsShowingVersion": 0, "customFieldUsage": [],
                }),
            }
        })
    }

    pub(super) fn component(&self, id: &str) -> Answer {
        self.with_component(id, |project, component| self.shape.component(project, component))
    }

    pub(super) fn component_count(&self, id: &str) -> Answer {
        self.with_component(id, |project, component| {
            let issues = self.issues_where(project, |it| it.components.contains(&component.name));
            json!({"self": self.shape.rest(&format!("component/{id}")), "issueCount": issues.len()})
        })
    }
}

impl Shape<'_> {
    /// A version as issues mention it.
    pub fn fix_version(&self, version: &FixVersion) -> Value {
        let mut value = json!({
            "self": self.rest(&format!("version/{}", version.id)),
            "id": version.id,
            "name": version.name,
            "archived": version.archived,
            "released": version.released,
        });
        if !version.description.is_empty() {
            value["description"] = version.description.as_str().into();
        }
        if let Some(day) = version.release {
            value["releaseDate"] = day.to_string().into();
        }
        value
    }

    /// `version/{id}`
    pub fn version(&self, project: &Project, version: &FixVersion) -> Value {
        let mut value = self.fix_version(version);
        value["projectId"] = project.id.parse::<u64>().unwrap_or(0).into();
        let worded = |day: Date| day.strftime("%d/%b/%y").to_string();
        if let Some(day) = version.start {
            value["startDate"] = day.to_string().into();
            value["userStartDate"] = worded(day).into();
        }
        if let Some(day) = version.release {
            value["userReleaseDate"] = worded(day).into();
            // Released versions are never late, and say nothing about it.
            if !version.released {
                let today = self.personality.zone.to_datetime(self.now).date();
                value["overdue"] = (day < today).into();
            }
        }
        value
    }

    /// A component as issues mention it.
    pub fn component_ref(&self, component: &Component) -> Value {
        let id = &component.id;
        let mut value = json!({"self": self.rest(&format!("component/{id}")), "id": id, "name": component.name});
        if !component.description.is_empty() {
            value["description"] = component.description.as_str().into();
        }
        value
    }

    /// `component/{id}`
    pub fn component(&self, project: &Project, component: &Component) -> Value {
        let mut value = self.component_ref(component);
        if let Some(lead) = &component.lead {
            value["lead"] = self.person(lead);
        }
        value["assigneeType"] = "PROJECT_DEFAULT".into();
        value["realAssigneeType"] = "PROJECT_DEFAULT".into();
        value["isAssigneeTypeValid"] = false.into();
        value["project"] = project.key.as_str().into();
        value["projectId"] = project.id.parse::<u64>().unwrap_or(0).into();
        value
    }
}
