//! Custom fields: by `schema.custom`, else by the type of the value (synced-database §3.2). Pure.

use super::reading::{Lost, Reading};
use super::system::{Rule, SPRINT};
use crate::jira::model::Field;
use crate::sync::why::Why;

/// What Jira shows of commits, builds and deployments: JSON for its own eyes.
macro_rules! development {
    ($name:literal) => {
        concat!("com.atlassian.jira.plugins.jira-development-integration-plugin:", $name)
    };
}

/// Types of Jira's own, by the part of the schema behind the colon.
const OF_JIRA: [(&str, Reading); 25] = [
    ("select", Reading::Choice),
    ("radiobuttons", Reading::Choice),
    ("cascadingselect", Reading::Choice),
    ("jwm-category", Reading::Choice),
    ("grouppicker", Reading::Choice),
    ("project", Reading::Choice),
    ("version", Reading::Choice),
    ("multiselect", Reading::Choices),
    ("multicheckboxes", Reading::Choices),
    ("labels", Reading::Choices),
    ("multigrouppicker", Reading::Choices),
    ("multiversion", Reading::Choices),
    ("textfield", Reading::Line),
    ("readonlyfield", Reading::Line),
    ("textarea", Reading::LongText),
    ("url", Reading::Address),
    ("float", Reading::Number),
    ("importid", Reading::Number),
    ("datepicker", Reading::Date),
    ("datetime", Reading::DateTime),
    ("userpicker", Reading::People),
    ("multiuserpicker", Reading::People),
    ("people", Reading::People),
    ("atlassian-team", Reading::Team),
    ("bugimportid", Reading::Number),
];

/// Types of Jira's products and of their well-known apps, by the whole schema.
const OF_PRODUCTS: [(&str, Rule); 30] = [
    ("com.atlassian.teams:rm-teams-custom-field-team", Rule::Read(Reading::Team, None)),
    (SPRINT, Rule::Read(Reading::Sprint, None)),
    ("com.pyxis.greenhopper.jira:gh-epic-link", Rule::Parent),
    ("com.atlassian.jpo:jpo-custom-field-parent", Rule::Parent),
    ("com.pyxis.greenhopper.jira:gh-epic-label", Rule::Read(Reading::Line, None)),
    ("com.pyxis.greenhopper.jira:gh-epic-status", Rule::Read(Reading::Choice, None)),
    ("com.pyxis.greenhopper.jira:gh-epic-color", Rule::Not(Why::TypeUnsupported)),
    ("com.pyxis.greenhopper.jira:jsw-issue-color", Rule::Not(Why::TypeUnsupported)),
    ("com.pyxis.greenhopper.jira:gh-lexo-rank", Rule::Hidden(Reading::Line)),
    ("com.pyxis.greenhopper.jira:gh-global-rank", Rule::Not(Why::TypeUnsupported)),
    ("com.pyxis.greenhopper.jira:jsw-story-points", Rule::Read(Reading::Number, None)),
    ("com.atlassian.jpo:jpo-custom-field-baseline-start", Rule::Read(Reading::Date, None)),
    ("com.atlassian.jpo:jpo-custom-field-baseline-end", Rule::Read(Reading::Date, None)),
    ("jira.polaris:rating", Rule::Read(Reading::Number, None)),
    ("jira.polaris:slider", Rule::Read(Reading::Number, None)),
    ("jira.polaris:formula", Rule::Read(Reading::Number, None)),
    ("jira.polaris:reactions", Rule::Read(Reading::Number, None)),
    ("jira.polaris:count-insights", Rule::Read(Reading::Number, None)),
    ("jira.polaris:interval", Rule::Read(Reading::Interval, None)),
    ("jira.polaris:delivery-progress", DETAILED),
    ("jira.polaris:delivery-status", DETAILED),
    ("jira.polaris:atlassian-project", DETAILED),
    ("jira.polaris:external-reference", DETAILED),
    ("com.atlassian.servicedesk:vp-origin", Rule::Read(Reading::RequestType, None)),
    ("com.atlassian.servicedesk:sd-customer-organizations", Rule::Read(Reading::Choices, None)),
    ("com.atlassian.servicedesk:sd-request-participants", Rule::Read(Reading::People, None)),
    ("com.atlassian.servicedesk:sd-sla-field", Rule::Slow(Reading::Sla)),
    (development!("devsummarycf"), Rule::Not(Why::TypeUnsupported)),
    (development!("devsummary"), Rule::Not(Why::TypeUnsupported)),
    (development!("vulnerabilitycf"), Rule::Not(Why::TypeUnsupported)),
];

/// Its words come, the rest of it does not.
const DETAILED: Rule = Rule::Read(Reading::Words, Some(Lost::Details));

/// Assets of Cloud and Insight of Data Center: many types, one value.
const ASSETS: [&str; 2] = ["cmdb-object", "com.riadalabs.jira.plugins.insight"];

pub(super) fn rule(field: &Field) -> Rule {
    let schema = field.schema.as_deref().unwrap_or_default();
    if let Some((_, rule)) = OF_PRODUCTS.iter().find(|(name, _)| *name == schema) {
        return rule.clone();
    }
    let of_jira = schema.strip_prefix("com.atlassian.jira.plugin.system.customfieldtypes:").unwrap_or_default();
    if let Some((_, reading)) = OF_JIRA.iter().find(|(name, _)| *name == of_jira) {
        return Rule::Read(reading.clone(), (*reading == Reading::LongText).then_some(Lost::Blocks));
    }
    if ASSETS.iter().any(|assets| schema.contains(assets)) {
        return DETAILED;
    }
    match by_type(field) {
        Some(reading) => Rule::Read(reading, None),
        None if is_of_app(schema) => DETAILED,
        None => Rule::Not(Why::TypeUnsupported),
    }
}

/// Fields of Forge and Connect apps.
fn is_of_app(schema: &str) -> bool {
    schema.starts_with("ari:cloud:ecosystem") || schema.contains("__")
}

/// By `type` and `items` alone.
pub(super) fn by_type(field: &Field) -> Option<Reading> {
    let single = |name: &str| match name {
        "string" => Some(Reading::Line),
        "number" => Some(Reading::Number),
        "date" => Some(Reading::Date),
        "datetime" => Some(Reading::DateTime),
        "user" => Some(Reading::People),
        "team" => Some(Reading::Team),
        "option" | "option2" | "option-with-child" | "group" | "version" | "component" | "project" | "priority"
        | "resolution" | "status" | "issuetype" | "securitylevel" => Some(Reading::Choice),
        _ => None,
    };
    match field.value_type.as_deref()? {
        "array" => match single(field.items.as_deref()?)? {
            Reading::Line | Reading::Choice => Some(Reading::Choices),
            Reading::People => Some(Reading::People),
            _ => None,
        },
        name => single(name),
    }
}
