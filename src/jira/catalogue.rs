//! The fields of one Jira as one person sees them: which of them are the sprint, the epic, the estimate, and which can
//! be shown (jira-auth-and-rest §8). Found by schema; names are translated, and anybody may rename them.

use super::Error;
use super::answers;
use super::client::{Client, Dialect};
use super::model::Field;

const SPRINT: &str = "com.pyxis.greenhopper.jira:gh-sprint";
const EPIC_LINK: &str = "com.pyxis.greenhopper.jira:gh-epic-link";
const EPIC_NAME: &str = "com.pyxis.greenhopper.jira:gh-epic-label";
const STORY_POINTS: &str = "com.pyxis.greenhopper.jira:jsw-story-points";
const PARENT_LINK: &str = "com.atlassian.jpo:jpo-custom-field-parent";
const REQUEST_TYPE: &str = "com.atlassian.servicedesk:vp-origin";

/// Custom types whose values say nothing to a reader: ranks, colours, internal JSON.
const UNREADABLE: [&str; 14] = [
    EPIC_LINK,
    EPIC_NAME,
    SPRINT,
    PARENT_LINK,
    REQUEST_TYPE,
    "com.pyxis.greenhopper.jira:gh-epic-color",
    "com.pyxis.greenhopper.jira:gh-epic-status",
    "com.pyxis.greenhopper.jira:gh-lexo-rank",
    "com.pyxis.greenhopper.jira:gh-global-rank",
    "com.atlassian.servicedesk:sd-sla-field",
    "com.atlassian.servicedesk:sd-request-feedback",
    "com.atlassian.servicedesk:sd-request-feedback-date",
    "com.atlassian.jira.plugins.jira-development-integration-plugin:devsummarycf",
    "com.atlassian.jira.plugins.jira-development-integration-plugin:devsummary",
];

/// What is known about the custom fields of one Jira. The default knows none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    pub sprint: Option<String>,
    /// Self-managed only; Cloud has `parent`.
    pub epic_link: Option<String>,
    /// Filled on epics alone.
    pub epic_name: Option<String>,
    /// Advanced Roadmaps: what stands above an epic.
    pub parent_link: Option<String>,
    pub request_type: Option<String>,
    /// The estimate of Jira Software's own type. An estimate in a number field of the site's own is not known by its
    /// schema: a person chooses it.
    pub story_points: Option<String>,
    /// Custom fields that can be shown, in Jira's order.
    pub readable: Vec<Field>,
}

impl Catalogue {
    pub fn of(fields: Vec<Field>) -> Self {
        let find = |schema: &str| {
            fields.iter().find(|field| field.schema.as_deref() == Some(schema)).map(|field| field.id.clone())
        };
        Self {
            sprint: find(SPRINT),
            epic_link: find(EPIC_LINK),
            epic_name: find(EPIC_NAME),
            parent_link: find(PARENT_LINK),
            request_type: find(REQUEST_TYPE),
            story_points: find(STORY_POINTS),
            readable: fields.into_iter().filter(is_readable).collect(),
        }
    }

    /// A field that can be shown, by its id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.readable.iter().find(|field| field.id == id)
    }

    /// The fields of Product Discovery.
    pub fn ideas(&self) -> impl Iterator<Item = &Field> {
        self.readable.iter().filter(|field| field.schema.as_deref().is_some_and(|it| it.starts_with("jira.polaris:")))
    }
}

fn is_readable(field: &Field) -> bool {
    field.custom
        && field.id.strip_prefix("customfield_").is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
        && !UNREADABLE.contains(&field.schema.as_deref().unwrap_or_default())
}

impl Client {
    /// The fields that this person may see.
    pub async fn catalogue(&self) -> Result<Catalogue, Error> {
        let call = self.get("field", "")?;
        let body = self.request(Client::large(call)).await?.body;
        let mut catalogue = Catalogue::of(answers::field_list(&body)?);
        if self.dialect() == Dialect::Cloud {
            // `parent` says it for every level.
            (catalogue.epic_link, catalogue.parent_link) = (None, None);
        }
        Ok(catalogue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: &str, schema: &str) -> Field {
        Field {
            id: id.to_owned(),
            name: "Beliebig".to_owned(),
            custom: id.starts_with("customfield"),
            schema: Some(schema.to_owned()),
            system: None,
            value_type: None,
            items: None,
            project: None,
        }
    }

    #[test]
    fn roles_are_found_by_schema_whatever_the_names_are() {
        let catalogue = Catalogue::of(vec![
            field("summary", "summary"),
            field("customfield_10007", SPRINT),
            field("customfield_10014", EPIC_LINK),
            field("customfield_10016", STORY_POINTS),
            field("customfield_10019", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
            field("customfield_10030", "com.atlassian.jira.plugin.system.customfieldtypes:select"),
            field("customfield_1;x", "com.atlassian.jira.plugin.system.customfieldtypes:select"),
            field("customfield_10040", "jira.polaris:rating"),
        ]);
        assert_eq!(catalogue.sprint.as_deref(), Some("customfield_10007"));
        assert_eq!(catalogue.epic_link.as_deref(), Some("customfield_10014"));
        assert_eq!(catalogue.story_points.as_deref(), Some("customfield_10016"));
        let readable: Vec<&str> = catalogue.readable.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(readable, ["customfield_10016", "customfield_10030", "customfield_10040"]);
        assert_eq!(catalogue.ideas().count(), 1);
    }
}
