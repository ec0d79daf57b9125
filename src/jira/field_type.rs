//! What a custom field holds, in plain words (jira-auth-and-rest §8). By schema alone: names are translated.

use super::model::Field;

/// Types of Jira's own, by the part of the schema behind the colon.
const OF_JIRA: [(&str, &str); 22] = [
    ("cascadingselect", "choice in two steps"),
    ("datepicker", "date"),
    ("datetime", "date and time"),
    ("float", "number"),
    ("grouppicker", "group"),
    ("labels", "labels"),
    ("multicheckboxes", "several choices"),
    ("multigrouppicker", "groups"),
    ("multiselect", "several choices"),
    ("multiuserpicker", "people"),
    ("multiversion", "versions"),
    ("people", "people"),
    ("project", "project"),
    ("radiobuttons", "choice"),
    ("readonlyfield", "text"),
    ("select", "choice"),
    ("textarea", "long text"),
    ("textfield", "text"),
    ("url", "link"),
    ("userpicker", "person"),
    ("version", "version"),
    ("importid", "number"),
];

/// Types of Jira's products, by the whole schema.
const OF_PRODUCTS: [(&str, &str); 4] = [
    ("com.pyxis.greenhopper.jira:jsw-story-points", "estimate"),
    ("com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team", "team"),
    ("com.atlassian.teams:rm-teams-custom-field-team", "team"),
    ("jira.polaris:interval", "span of days"),
];

/// Types of apps, by what their values are.
const OF_VALUES: [(&str, &str); 14] = [
    ("array", "list"),
    ("date", "date"),
    ("datetime", "date and time"),
    ("group", "group"),
    ("number", "number"),
    ("option", "choice"),
    ("option-with-child", "choice in two steps"),
    ("option2", "choice"),
    ("project", "project"),
    ("string", "text"),
    ("team", "team"),
    ("user", "person"),
    ("version", "version"),
    ("issuelinks", "issues"),
];

impl Field {
    /// `number`, `choice`, `person`; `of an app` where nothing is known.
    pub fn type_name(&self) -> &'static str {
        let find = |table: &[(&str, &'static str)], key: &str| {
            table.iter().find(|(name, _)| *name == key).map(|(_, words)| *words)
        };
        let schema = self.schema.as_deref().unwrap_or_default();
        let of_jira = schema.strip_prefix("com.atlassian.jira.plugin.system.customfieldtypes:").unwrap_or_default();
        find(&OF_PRODUCTS, schema)
            .or_else(|| find(&OF_JIRA, of_jira))
            .or_else(|| find(&OF_VALUES, self.value_type.as_deref().unwrap_or_default()))
            .unwrap_or("of an app")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_schema_then_by_its_values() {
        let jira = "com.atlassian.jira.plugin.system.customfieldtypes";
        for (schema, value_type, expected) in [
            (format!("{jira}:float"), "number", "number"),
            (format!("{jira}:multiselect"), "array", "several choices"),
            (format!("{jira}:textarea"), "string", "long text"),
            ("com.pyxis.greenhopper.jira:jsw-story-points".to_owned(), "number", "estimate"),
            ("jira.polaris:rating".to_owned(), "number", "number"),
            ("com.example.app:float".to_owned(), "any", "of an app"),
            ("com.example.app:x".to_owned(), "array", "list"),
            (String::new(), "", "of an app"),
        ] {
            let field = Field {
                id: "customfield_1".to_owned(),
                name: "Zahl".to_owned(),
                custom: true,
                schema: Some(schema.clone()),
                system: None,
                value_type: Some(value_type.to_owned()),
                items: None,
                project: None,
            };
            assert_eq!(field.type_name(), expected, "{schema} {value_type}");
        }
    }
}
