//! People and projects as JSON, wherever an answer names them (jira-auth-and-rest §6.2).
//!
//! The deployments differ in who a person is; everything else is decoded here, once.

use super::loose::{Flag, Object, Text};
use super::model::{Named, Person, Project, ProjectRef, RichText};
use super::text;

/// How a deployment says who a person is.
pub(super) type Identify = fn(&PersonJson) -> Option<String>;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct NamedJson {
    id: Text,
    name: Text,
    #[serde(rename = "iconUrl")]
    icon_url: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PersonJson {
    pub(super) account_id: Text,
    pub(super) account_type: Text,
    pub(super) key: Text,
    pub(super) name: Text,
    display_name: Text,
    email_address: Text,
    active: Flag,
    time_zone: Text,
    avatar_urls: Object<AvatarsJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ProjectJson {
    id: Text,
    key: Text,
    name: Text,
    project_type_key: Text,
    description: Text,
    lead: Object<PersonJson>,
    project_category: Object<NamedJson>,
    archived: Flag,
    avatar_urls: Object<AvatarsJson>,
}

/// One picture in several sizes.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct AvatarsJson {
    #[serde(rename = "24x24")]
    small: Text,
    #[serde(rename = "48x48")]
    large: Text,
}

impl AvatarsJson {
    /// The one that is sharp at the size of a line on every screen.
    fn url(self) -> Option<String> {
        self.large.filled().or_else(|| self.small.filled())
    }
}

impl PersonJson {
    /// The first of some texts that says something.
    pub(super) fn first_of(candidates: [&Text; 3]) -> Option<String> {
        candidates.into_iter().map(Text::as_str).find(|id| !id.is_empty()).map(str::to_owned)
    }

    /// `None` where nothing says who it is. A name to show is enough: some answers leave the id out.
    pub(super) fn into_person(self, identify: Identify) -> Option<Person> {
        let id = identify(&self).unwrap_or_default();
        let name = self.name.filled();
        let display_name = self.display_name.filled().or_else(|| name.clone()).unwrap_or_default();
        (!id.is_empty() || !display_name.is_empty()).then(|| Person {
            display_name,
            id,
            name,
            email: self.email_address.filled(),
            active: self.active.0.unwrap_or(true),
            time_zone: self.time_zone.filled(),
            avatar_url: self.avatar_urls.0.and_then(AvatarsJson::url),
        })
    }
}

impl ProjectJson {
    /// `None` without a key. Jira 4 told no project id; its REST API takes the key in the same places.
    pub(super) fn into_ref(self) -> Option<ProjectRef> {
        let key = key(self.key)?;
        Some(ProjectRef {
            id: self.id.filled().unwrap_or_else(|| key.clone()),
            name: self.name.filled().unwrap_or_else(|| key.clone()),
            key,
            type_key: self.project_type_key.filled(),
        })
    }

    pub(super) fn into_project(mut self, identify: Identify) -> Option<Project> {
        let description = std::mem::take(&mut self.description).filled();
        let lead = std::mem::take(&mut self.lead).0.and_then(|lead| lead.into_person(identify));
        let category = named(std::mem::take(&mut self.project_category));
        let archived = self.archived.0.unwrap_or(false);
        let avatar_url = std::mem::take(&mut self.avatar_urls).0.and_then(AvatarsJson::url);
        let ProjectRef { id, key, name, type_key } = self.into_ref()?;
        let description = description
            .map(|text| text::plain_text(&RichText::Wiki(text), PROJECT_DESCRIPTION))
            .filter(|text| !text.is_empty());
        Some(Project { id, key, name, type_key, description, lead, category, archived, avatar_url })
    }
}

/// Characters of a project's description that are kept: more than any output shows.
const PROJECT_DESCRIPTION: usize = 1_000;

/// The key of an issue or a project. It becomes part of addresses, so nothing else is taken for one.
pub(super) fn key(text: Text) -> Option<String> {
    text.filled().filter(|key| is_key(key))
}

pub(super) fn is_key(text: &str) -> bool {
    const LONGEST: usize = 510;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    text.len() <= LONGEST && text.chars().all(is_part)
}

pub(super) fn named(json: Object<NamedJson>) -> Option<Named> {
    let json = json.0?;
    Some(Named { name: json.name.filled()?, id: json.id.0.unwrap_or_default(), icon_url: json.icon_url.filled() })
}
