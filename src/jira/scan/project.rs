//! What became of the project itself, by id (S13, S16, §5).

use serde::Deserialize;

use super::error::ScanError;
use crate::jira::Error;
use crate::jira::client::{Client, segment};
use crate::jira::loose::{Flag, Text};
use crate::jira::people;

/// Whether the project can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectStanding {
    Visible(ProjectState),
    /// Gone, or hidden from this person: Jira does not say which. The person is signed in.
    Hidden,
}

/// A project that can be seen. Its issues may be out of sight all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectState {
    pub id: String,
    /// As it is now: a project may be renamed.
    pub key: String,
    pub name: String,
    /// Its issues are in no search.
    pub archived: bool,
    /// In the trash of Cloud, from which it can come back.
    pub deleted: bool,
    /// Team-managed: it has fields of its own. Cloud only.
    pub team_managed: bool,
}

impl Client {
    /// What became of a project.
    pub async fn project_standing(&self, id: u64) -> Result<ProjectStanding, ScanError> {
        self.project_named(&id.to_string()).await
    }

    /// The same by its key, also a former one; or by its number.
    pub async fn project_named(&self, name: &str) -> Result<ProjectStanding, ScanError> {
        let path = format!("project/{}", segment(name)?);
        let asked: Result<ProjectJson, Error> = self.read(self.get(&path, "")?).await;
        match asked {
            Ok(json) => Ok(ProjectStanding::Visible(json.into_state().ok_or(Error::Malformed)?)),
            Err(Error::NotFound | Error::Forbidden) => {
                // An empty answer to a stranger would look the same.
                self.myself().await?;
                Ok(ProjectStanding::Hidden)
            }
            Err(error) => Err(error.into()),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProjectJson {
    id: Text,
    key: Text,
    name: Text,
    archived: Flag,
    deleted: Flag,
    simplified: Flag,
}

impl ProjectJson {
    fn into_state(self) -> Option<ProjectState> {
        let key = people::key(self.key)?;
        Some(ProjectState {
            id: self.id.filled()?,
            name: self.name.filled().unwrap_or_else(|| key.clone()),
            key,
            archived: self.archived.0.unwrap_or(false),
            deleted: self.deleted.0.unwrap_or(false),
            team_managed: self.simplified.0.unwrap_or(false),
        })
    }
}
