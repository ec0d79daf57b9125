//! The fields that a fake Jira knows, and which of them a request asked for.

use serde_json::{Map, Value, json};

use super::content::Project;
use super::language::Language;
use super::shapes::Shape;

/// One row of `/field`.
pub struct Field {
    pub id: &'static str,
    pub name: &'static str,
    /// `schema.type`; `None` where Jira tells no schema.
    kind: Option<&'static str>,
    items: Option<&'static str>,
    /// `schema.custom`
    custom: Option<&'static str>,
    navigable: bool,
    deployment: Where,
    scope: Scope,
}

#[derive(PartialEq)]
enum Where {
    Both,
    Cloud,
    SelfManaged,
}

/// On Cloud a field may belong to one project; it is there as long as the project is.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Everywhere,
    TeamManaged,
    Discovery,
}

const fn system(id: &'static str, name: &'static str, kind: &'static str) -> Field {
    Field {
        id,
        name,
        kind: Some(kind),
        items: None,
        custom: None,
        navigable: true,
        deployment: Where::Both,
        scope: Scope::Everywhere,
    }
}

const fn list(id: &'static str, name: &'static str, items: &'static str) -> Field {
    Field { items: Some(items), ..system(id, name, "array") }
}

const fn custom(id: &'static str, name: &'static str, kind: &'static str, custom: &'static str) -> Field {
    Field { custom: Some(custom), ..system(id, name, kind) }
}

const fn custom_list(id: &'static str, name: &'static str, items: &'static str, kind: &'static str) -> Field {
    Field { items: Some(items), ..custom(id, name, "array", kind) }
}

const fn on_self_managed(field: Field) -> Field {
    Field { deployment: Where::SelfManaged, ..field }
}

const fn on_cloud(field: Field) -> Field {
    Field { deployment: Where::Cloud, ..field }
}

const fn of_ideas(id: &'static str, name: &'static str, kind: &'static str, custom_kind: &'static str) -> Field {
    on_cloud(Field { scope: Scope::Discovery, ..custom(id, name, kind, custom_kind) })
}

pub const EPIC_LINK: &str = "customfield_10101";
pub const EPIC_NAME: &str = "customfield_10102";
/// Objects on Cloud, texts on self-managed servers.
pub const SPRINT_ON_CLOUD: &str = "customfield_10020";
pub const SPRINT: &str = "customfield_10104";
pub const STORY_POINTS_ON_CLOUD: &str = "customfield_10016";
pub const STORY_POINTS: &str = "customfield_10105";
pub const RANK: u32 = 10_019;

// One custom field of each kind; the values are [`super::Custom`].
pub const SEVERITY: &str = "customfield_10200";
/// Another field of the same name; on Cloud that of a team-managed project.
pub const SEVERITY_OF_TEAM: &str = "customfield_10201";
pub const PLATFORMS: &str = "customfield_10202";
pub const REGION: &str = "customfield_10203";
pub const COST: &str = "customfield_10204";
pub const LAUNCH: &str = "customfield_10205";
pub const FREEZE: &str = "customfield_10206";
pub const REVIEWER: &str = "customfield_10207";
pub const STAKEHOLDERS: &str = "customfield_10208";
pub const OWNING_GROUP: &str = "customfield_10209";
pub const RUNBOOK: &str = "customfield_10210";
pub const TAGS: &str = "customfield_10211";
pub const FOUND_IN: &str = "customfield_10212";
pub const RELEASE_NOTES: &str = "customfield_10213";
pub const CUSTOMER: &str = "customfield_10214";
// Of Product Discovery.
pub const IMPACT: &str = "customfield_10300";
pub const TIMELINE: &str = "customfield_10301";
pub const DELIVERY_PROGRESS: &str = "customfield_10302";
pub const DELIVERY_STATUS: &str = "customfield_10303";

macro_rules! kind {
    ($name:literal) => {
        concat!("com.atlassian.jira.plugin.system.customfieldtypes:", $name)
    };
}

pub const FIELDS: [Field; 56] = [
    on_cloud(system("statuscategorychangedate", "Status Category Changed", "datetime")),
    system("issuetype", "Issue Type", "issuetype"),
    system("project", "Project", "project"),
    list("fixVersions", "Fix versions", "version"),
    system("resolution", "Resolution", "resolution"),
    system("resolutiondate", "Resolved", "datetime"),
    system("workratio", "Work Ratio", "number"),
    system("watches", "Watchers", "watches"),
    system("created", "Created", "datetime"),
    system("priority", "Priority", "priority"),
    list("labels", "Labels", "string"),
    list("versions", "Affects versions", "version"),
    list("issuelinks", "Linked Issues", "issuelinks"),
    system("assignee", "Assignee", "user"),
    system("updated", "Updated", "datetime"),
    system("status", "Status", "status"),
    list("components", "Components", "component"),
    system("description", "Description", "string"),
    system("security", "Security Level", "securitylevel"),
    system("summary", "Summary", "string"),
    system("creator", "Creator", "user"),
    list("subtasks", "Sub-tasks", "issuelinks"),
    system("reporter", "Reporter", "user"),
    Field { kind: None, ..system("parent", "Parent", "") },
    system("environment", "Environment", "string"),
    system("duedate", "Due date", "date"),
    system("votes", "Votes", "votes"),
    Field { navigable: false, ..system("comment", "Comment", "comments-page") },
    Field { navigable: false, ..list("attachment", "Attachment", "attachment") },
    Field { navigable: false, ..list("worklog", "Log Work", "worklog") },
    on_self_managed(custom(EPIC_LINK, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link")),
    on_self_managed(custom(EPIC_NAME, "Epic Name", "string", "com.pyxis.greenhopper.jira:gh-epic-label")),
    on_self_managed(custom_list(SPRINT, "Sprint", "string", "com.pyxis.greenhopper.jira:gh-sprint")),
    on_cloud(custom_list(SPRINT_ON_CLOUD, "Sprint", "json", "com.pyxis.greenhopper.jira:gh-sprint")),
    on_self_managed(custom(STORY_POINTS, "Story Points", "number", kind!("float"))),
    on_cloud(custom(
        STORY_POINTS_ON_CLOUD,
        "Story point estimate",
        "number",
        "com.pyxis.greenhopper.jira:jsw-story-points",
    )),
    custom("customfield_10019", "Rank", "any", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
    custom(SEVERITY, "Severity", "option", kind!("select")),
    Field { scope: Scope::TeamManaged, ..custom(SEVERITY_OF_TEAM, "Severity", "option", kind!("select")) },
    custom_list(PLATFORMS, "Platforms", "option", kind!("multiselect")),
    custom(REGION, "Region", "option-with-child", kind!("cascadingselect")),
    custom(COST, "Cost", "number", kind!("float")),
    custom(LAUNCH, "Launch", "date", kind!("datepicker")),
    custom(FREEZE, "Code freeze", "datetime", kind!("datetime")),
    custom(REVIEWER, "Reviewer", "user", kind!("userpicker")),
    custom_list(STAKEHOLDERS, "Stakeholders", "user", kind!("multiuserpicker")),
    custom(OWNING_GROUP, "Owning group", "group", kind!("grouppicker")),
    custom(RUNBOOK, "Runbook", "string", kind!("url")),
    custom_list(TAGS, "Tags", "string", kind!("labels")),
    custom(FOUND_IN, "Found in", "version", kind!("version")),
    custom(RELEASE_NOTES, "Release notes", "string", kind!("textarea")),
    custom(CUSTOMER, "Customer", "string", kind!("textfield")),
    of_ideas(IMPACT, "Impact", "number", "jira.polaris:rating"),
    of_ideas(TIMELINE, "Timeline", "string", "jira.polaris:interval"),
    of_ideas(DELIVERY_PROGRESS, "Delivery progress", "number", "jira.polaris:delivery-progress"),
    of_ideas(DELIVERY_STATUS, "Delivery status", "number", "jira.polaris:delivery-status"),
];

pub fn fields_of(cloud: bool) -> impl Iterator<Item = &'static Field> {
    let hidden = if cloud { Where::SelfManaged } else { Where::Cloud };
    FIELDS.iter().filter(move |field| field.deployment != hidden)
}

impl Field {
    /// Whether a query means this custom field: `cf[10101]`, `"Epic Link"`.
    pub fn is_named(&self, name: &str) -> bool {
        let number = self.id.trim_start_matches("customfield_");
        self.custom.is_some() && (name == format!("cf[{number}]") || name.eq_ignore_ascii_case(self.name))
    }

    pub fn holds_people(&self) -> bool {
        self.kind == Some("user") || self.items == Some("user")
    }

    pub fn schema(&self) -> Option<Value> {
        let mut schema = json!({"type": self.kind?});
        if let Some(items) = self.items {
            schema["items"] = items.into();
        }
        match self.custom {
            Some(custom) => {
                schema["custom"] = custom.into();
                schema["customId"] = self.id.trim_start_matches("customfield_").parse::<u32>().unwrap_or(0).into();
            }
            None => schema["system"] = self.id.into(),
        }
        Some(schema)
    }

    fn name_in(&self, language: Language) -> &'static str {
        language.field(self.id).unwrap_or(self.name)
    }

    /// The project that a field of this scope belongs to.
    fn owner<'a>(&self, shape: &Shape<'a>) -> Option<&'a Project> {
        let mut visible = shape.data.projects().iter().filter(|it| shape.data.sees_project(shape.person, it));
        match self.scope {
            Scope::Everywhere => None,
            Scope::TeamManaged => visible.find(|it| it.team_managed),
            Scope::Discovery => visible.find(|it| it.type_key == "product_discovery"),
        }
    }

    /// As `/field` shows it.
    fn row(&self, shape: &Shape<'_>) -> Value {
        let name = self.name_in(shape.language);
        let clause_names = match self.id.strip_prefix("customfield_") {
            Some(number) => vec![format!("cf[{number}]"), self.name.to_owned()],
            None => vec![self.id.to_owned()],
        };
        let mut row = json!({
            "id": self.id,
            "name": name,
            "custom": self.custom.is_some(),
            "orderable": true,
            "navigable": self.navigable,
            "searchable": true,
            "clauseNames": clause_names,
        });
        if shape.cloud() {
            row["key"] = self.id.into();
            if self.custom.is_some() {
                row["untranslatedName"] = self.name.into();
            }
            if let Some(project) = self.owner(shape) {
                row["scope"] = json!({"type": "PROJECT", "project": {"id": project.id}});
            }
        }
        if let Some(schema) = self.schema() {
            row["schema"] = schema;
        }
        row
    }
}

/// What a field is called before anybody renames it.
pub fn name(id: &str) -> &'static str {
    let mut all = fields_of(true).chain(fields_of(false));
    all.find(|field| field.id == id).map(|field| field.name).expect("a field of this Jira")
}

/// `/field`
pub fn rows(shape: &Shape<'_>) -> Value {
    let there = |field: &&Field| !shape.cloud() || field.scope == Scope::Everywhere || field.owner(shape).is_some();
    let rows = fields_of(shape.cloud()).filter(there).filter(|field| !shape.data.deleted_fields.contains(field.id));
    let row = |field: &Field| {
        let mut row = field.row(shape);
        if let Some(name) = shape.data.names.get(field.id) {
            row["name"] = name.as_str().into();
        }
        row
    };
    rows.map(row).chain(shape.data.fields_of_apps.iter().cloned()).collect()
}

/// Which fields an answer should hold: `summary,status`, `*all,-comment`, `*navigable`.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    all: bool,
    navigable: bool,
    named: Vec<String>,
    without: Vec<String>,
}

impl Selection {
    /// `asked` in the form of the query or of the body; `default` where nothing was asked.
    pub fn new(asked: &[String], default: &str) -> Self {
        let names: Vec<&str> =
            asked.iter().flat_map(|it| it.split(',')).map(str::trim).filter(|it| !it.is_empty()).collect();
        let mut selection = Self::default();
        let only_without = !names.is_empty() && names.iter().all(|name| name.starts_with('-'));
        let defaults = if names.is_empty() || only_without { vec![default] } else { Vec::new() };
        for name in names.into_iter().chain(defaults) {
            match name {
                "*all" => selection.all = true,
                "*navigable" => selection.navigable = true,
                _ => match name.strip_prefix('-') {
                    Some(name) => selection.without.push(name.to_owned()),
                    None => selection.named.push(name.to_owned()),
                },
            }
        }
        selection
    }

    pub fn wants(&self, field: &Field) -> bool {
        self.wants_named(field.id, field.navigable)
    }

    /// The same for a custom field outside the table.
    pub fn wants_extra(&self, id: &str) -> bool {
        self.wants_named(id, true)
    }

    fn wants_named(&self, id: &str, navigable: bool) -> bool {
        let named = self.all || (self.navigable && navigable) || self.named.iter().any(|name| name == id);
        named && !self.without.iter().any(|name| name == id)
    }

    /// Only ids and keys: Cloud then returns up to 5000 rows.
    pub fn is_lean(&self) -> bool {
        !self.all && !self.navigable && self.named.iter().all(|name| name == "id" || name == "key")
    }
}

/// `names` and `schema`, as `expand` asks for them.
pub fn expanded(expand: &[String], shape: &Shape<'_>) -> Map<String, Value> {
    let mut out = Map::new();
    let fields = || fields_of(shape.cloud());
    if expand.iter().any(|it| it == "names") {
        let names = fields().map(|it| (it.id.to_owned(), it.name_in(shape.language).into()));
        out.insert("names".into(), names.collect::<Map<_, _>>().into());
    }
    if expand.iter().any(|it| it == "schema") {
        let schemas = fields().filter_map(|it| Some((it.id.to_owned(), it.schema()?)));
        out.insert("schema".into(), schemas.collect::<Map<_, _>>().into());
    }
    out
}
