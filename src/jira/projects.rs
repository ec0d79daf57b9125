//! Projects, one and many (jira-auth-and-rest §6.3).

use std::collections::HashMap;

use url::form_urlencoded;

use super::Error;
use super::client::{Client, Dialect, segment};
use super::loose::{List, Object};
use super::model::Project;
use super::people::ProjectJson;

impl Client {
    /// One project by key or id.
    pub async fn project(&self, id_or_key: &str) -> Result<Project, Error> {
        let json: ProjectJson = self.read(self.get(&format!("project/{}", segment(id_or_key)?), "")?).await?;
        json.into_project(self.identify()).ok_or(Error::Malformed)
    }

    /// Up to fifty projects in one call, by their present keys. Cloud only; what it leaves out is asked for alone: it
    /// may be hidden, or have another key now.
    pub async fn projects(&self, keys: &[&str]) -> Result<HashMap<String, Project>, Error> {
        if self.dialect() != Dialect::Cloud {
            return Ok(HashMap::new());
        }
        let start = "maxResults=50&expand=description,lead".to_owned();
        let named = keys.iter().take(50).map(|key| ("keys", key));
        let query = form_urlencoded::Serializer::new(start).extend_pairs(named).finish();
        let page: PageJson = self.read(Client::large(self.get("project/search", &query)?)).await?;
        let projects = page.values.0.into_iter().filter_map(|json| json.0?.into_project(self.identify()));
        Ok(projects.map(|project| (project.key.clone(), project)).collect())
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct PageJson {
    values: List<Object<ProjectJson>>,
}
