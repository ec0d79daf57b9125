//! Versions and components of a project (jira-auth-and-rest §6.3).

use jiff::civil::Date;

use super::Error;
use super::client::{Client, Dialect};
use super::loose::{Flag, Integer, Object, Text};
use super::model::{Person, Progress};
use super::people::{PersonJson, key};

#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub name: String,
    pub description: Option<String>,
    pub released: bool,
    pub archived: bool,
    /// As Jira says it; on Cloud and elsewhere.
    pub overdue: bool,
    pub start: Option<Date>,
    pub release: Option<Date>,
    /// Numeric id of the project.
    pub project: Option<String>,
    /// Issues that are to be fixed in it, where Jira counts them by category.
    pub progress: Option<Progress>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    pub name: String,
    pub description: Option<String>,
    pub lead: Option<Person>,
    pub project_key: Option<String>,
    /// Numeric id, where only that is told.
    pub project_id: Option<String>,
}

impl Client {
    /// One version. Cloud counts its issues in the same call.
    pub async fn version(&self, id: u64) -> Result<Version, Error> {
        let query = match self.dialect() {
            Dialect::Cloud => "expand=issuesstatus",
            Dialect::Server => "",
        };
        let json: VersionJson = self.read(self.get(&format!("version/{id}"), query)?).await?;
        json.into_version().ok_or(Error::Malformed)
    }

    /// How far a version has come, where the version itself does not tell: open and all issues, so what is in progress
    /// counts as to do.
    pub async fn version_progress(&self, id: u64) -> Result<Option<Progress>, Error> {
        let all: CountsJson = self.read(self.get(&format!("version/{id}/relatedIssueCounts"), "")?).await?;
        let open: CountsJson = self.read(self.get(&format!("version/{id}/unresolvedIssueCount"), "")?).await?;
        let (Some(all), Some(open)) = (count(&all.issues_fixed_count), count(&open.issues_unresolved_count)) else {
            return Ok(None);
        };
        Ok(Some(Progress { to_do: open, in_progress: 0, done: all.saturating_sub(open) }))
    }

    /// One component.
    pub async fn component(&self, id: u64) -> Result<Component, Error> {
        let json: ComponentJson = self.read(self.get(&format!("component/{id}"), "")?).await?;
        Ok(Component {
            name: json.name.filled().ok_or(Error::Malformed)?,
            description: json.description.filled(),
            lead: json.lead.0.and_then(|lead| lead.into_person(self.identify())),
            project_key: key(json.project),
            project_id: json.project_id.filled(),
        })
    }

    /// How many issues have a component.
    pub async fn component_count(&self, id: u64) -> Result<Option<u64>, Error> {
        let json: CountsJson = self.read(self.get(&format!("component/{id}/relatedIssueCounts"), "")?).await?;
        Ok(json.issue_count.unsigned())
    }
}

fn count(value: &Integer) -> Option<u32> {
    value.0.and_then(|it| u32::try_from(it).ok())
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CountsJson {
    issues_fixed_count: Integer,
    issues_unresolved_count: Integer,
    issue_count: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VersionJson {
    name: Text,
    description: Text,
    released: Flag,
    archived: Flag,
    overdue: Flag,
    start_date: Text,
    release_date: Text,
    project_id: Text,
    issues_status_for_fix_version: Object<StatusCountsJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StatusCountsJson {
    unmapped: Integer,
    to_do: Integer,
    in_progress: Integer,
    done: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ComponentJson {
    name: Text,
    description: Text,
    lead: Object<PersonJson>,
    project: Text,
    project_id: Text,
}

impl VersionJson {
    fn into_version(self) -> Option<Version> {
        let progress = self.issues_status_for_fix_version.0.map(|counts| {
            let number = |value: &Integer| count(value).unwrap_or_default();
            let to_do = number(&counts.to_do).saturating_add(number(&counts.unmapped));
            Progress { to_do, in_progress: number(&counts.in_progress), done: number(&counts.done) }
        });
        Some(Version {
            name: self.name.filled()?,
            description: self.description.filled(),
            released: self.released.0 == Some(true),
            archived: self.archived.0 == Some(true),
            overdue: self.overdue.0 == Some(true),
            start: self.start_date.date(),
            release: self.release_date.date(),
            project: self.project_id.filled(),
            progress,
        })
    }
}
