//! The fields that a fake Jira knows, and which of them a request asked for.

use serde_json::{Map, Value, json};

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
}

#[derive(PartialEq)]
enum Where {
    Both,
    Cloud,
    SelfManaged,
}

const fn system(id: &'static str, name: &'static str, kind: &'static str) -> Field {
    Field { id, name, kind: Some(kind), items: None, custom: None, navigable: true, deployment: Where::Both }
}

const fn list(id: &'static str, name: &'static str, items: &'static str) -> Field {
    Field { items: Some(items), ..system(id, name, "array") }
}

const fn on_self_managed(id: &'static str, name: &'static str, kind: &'static str, custom: &'static str) -> Field {
    Field { custom: Some(custom), deployment: Where::SelfManaged, ..system(id, name, kind) }
}

pub const EPIC_LINK: &str = "customfield_10101";
pub const EPIC_NAME: &str = "customfield_10102";

pub const FIELDS: [Field; 31] = [
    Field { deployment: Where::Cloud, ..system("statuscategorychangedate", "Status Category Changed", "datetime") },
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
    on_self_managed(EPIC_LINK, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link"),
    on_self_managed(EPIC_NAME, "Epic Name", "string", "com.pyxis.greenhopper.jira:gh-epic-label"),
];

pub fn fields_of(cloud: bool) -> impl Iterator<Item = &'static Field> {
    let hidden = if cloud { Where::SelfManaged } else { Where::Cloud };
    FIELDS.iter().filter(move |field| field.deployment != hidden)
}

impl Field {
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

    /// As `/field` shows it.
    pub fn row(&self, cloud: bool) -> Value {
        let mut row = json!({
            "id": self.id,
            "name": self.name,
            "custom": self.custom.is_some(),
            "orderable": true,
            "navigable": self.navigable,
            "searchable": true,
            "clauseNames": [self.id],
        });
        if cloud {
            row["key"] = self.id.into();
        }
        if let Some(schema) = self.schema() {
            row["schema"] = schema;
        }
        row
    }
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
pub fn expanded(expand: &[String], cloud: bool) -> Map<String, Value> {
    let mut out = Map::new();
    if expand.iter().any(|it| it == "names") {
        out.insert(
            "names".into(),
            fields_of(cloud).map(|it| (it.id.to_owned(), it.name.into())).collect::<Map<_, _>>().into(),
        );
    }
    if expand.iter().any(|it| it == "schema") {
        let schemas = fields_of(cloud).filter_map(|it| Some((it.id.to_owned(), it.schema()?)));
        out.insert("schema".into(), schemas.collect::<Map<_, _>>().into());
    }
    out
}
