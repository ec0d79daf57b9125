//! The names that issues of a project show: they change without any issue being touched (S18).

use serde::Deserialize;

use super::error::ScanError;
use crate::jira::client::Client;
use crate::jira::loose::{List, Object, Text};

/// What is called how: kind, id, name. In no order that means something.
pub type Names = Vec<(&'static str, String, String)>;

impl Client {
    /// The names of the project itself, its statuses, issue types, versions and components; and of priorities. Three
    /// requests.
    pub async fn names(&self, project_id: u64) -> Result<Names, ScanError> {
        let project: ProjectJson = self.read(Self::large(self.get(&format!("project/{project_id}"), "")?)).await?;
        let path = format!("project/{project_id}/statuses");
        let types: List<Object<TypeJson>> = self.read(Self::large(self.get(&path, "")?)).await?;
        let mut names =
            vec![("project", project.key.filled().unwrap_or_default(), project.name.filled().unwrap_or_default())];
        for (kind, list) in [("version", project.versions), ("component", project.components)] {
            names.extend(list.0.into_iter().filter_map(|it| it.0?.name(kind)));
        }
        for TypeJson { id, name, statuses } in types.0.into_iter().filter_map(|it| it.0) {
            names.extend(NamedJson { id, name }.name("issuetype"));
            names.extend(statuses.0.into_iter().filter_map(|it| it.0?.name("status")));
        }
        let priorities: List<Object<NamedJson>> = self.read(Self::large(self.get("priority", "")?)).await?;
        names.extend(priorities.0.into_iter().filter_map(|it| it.0?.name("priority")));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProjectJson {
    key: Text,
    name: Text,
    versions: List<Object<NamedJson>>,
    components: List<Object<NamedJson>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TypeJson {
    id: Text,
    name: Text,
    statuses: List<Object<NamedJson>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedJson {
    id: Text,
    name: Text,
}

impl NamedJson {
    fn name(self, kind: &'static str) -> Option<(&'static str, String, String)> {
        Some((kind, self.id.filled()?, self.name.filled()?))
    }
}
