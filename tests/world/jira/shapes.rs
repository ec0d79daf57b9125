//! The JSON of Jira's objects in its three dialects: Cloud v3, Cloud v2 and self-managed v2 (jira-auth-and-rest §6.2,
//! §6.3; the recorded answers decide where they differ from the documents).

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value, json};

use super::content::{Category, FixVersion, IssueType, Priority, Project, Status, issue_types};
use super::custom::Custom;
use super::data::Data;
use super::fields::{self, Selection};
use super::issue::{Issue, Link, LinkKind};
use super::language::Language;
use super::people::Person;
use super::personality::{Personality, Version};
use super::text::Text;

/// Everything that decides how an object looks to one caller.
pub struct Shape<'a> {
    pub personality: &'a Personality,
    pub data: &'a Data,
    pub person: Option<&'a Person>,
    /// The address of the site, for links and icons.
    pub base: &'a str,
    /// The address that was called: the same, or `…/ex/jira/{cloudId}`.
    pub called: &'a str,
    /// 2 or 3.
    pub version: u8,
    pub now: Timestamp,
    pub language: Language,
    /// How many comments an issue brings along.
    pub inline: usize,
}

/// `2026-09-01T09:12:44.513+0200`
pub fn instant(at: Timestamp, zone: Offset) -> String {
    at.to_zoned(TimeZone::fixed(zone)).strftime("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
}

impl Shape<'_> {
    pub fn cloud(&self) -> bool {
        self.personality.is_cloud()
    }

    pub fn rest(&self, path: &str) -> String {
        format!("{}/rest/api/{}/{path}", self.called, self.version)
    }

    pub fn instant(&self, at: Timestamp) -> Value {
        instant(at, self.personality.zone).into()
    }

    pub fn person(&self, name: &str) -> Value {
        self.data.person(name).map_or(Value::Null, |person| self.user(person))
    }

    pub fn user(&self, person: &Person) -> Value {
        let own = self.person.is_some_and(|caller| caller.name == person.name);
        let mut user = json!({
            "avatarUrls": self.avatars(person),
            "displayName": person.display_name,
            "active": person.active,
            "timeZone": person.time_zone,
        });
        if own || person.email_shown {
            user["emailAddress"] = person.email.as_str().into();
        }
        if self.cloud() {
            user["self"] = self.rest(&format!("user?accountId={}", person.account_id.replace(':', "%3A"))).into();
            user["accountId"] = person.account_id.as_str().into();
            user["accountType"] = if person.customer { "customer" } else { "atlassian" }.into();
        } else {
            user["self"] = self.rest(&format!("user?username={}", person.name)).into();
            user["name"] = person.name.as_str().into();
            user["key"] = person.key.as_str().into();
        }
        user
    }

    /// `/myself`: the user and what only they are told.
    pub fn myself(&self, person: &Person) -> Value {
        let mut user = self.user(person);
        user["locale"] = person.locale.as_str().into();
        user["groups"] = json!({"size": person.groups.len(), "items": []});
        user["applicationRoles"] = json!({"size": 1, "items": []});
        user["expand"] = "groups,applicationRoles".into();
        user
    }

    fn avatars(&self, person: &Person) -> Value {
        let url = |size: u32| match self.cloud() {
            true => format!("https://avatar.example/{}/{size}", person.account_id),
            false => format!("{}/secure/useravatar?size=x{size}&ownerId={}&avatarId=10122", self.base, person.key),
        };
        json!({"48x48": url(48), "24x24": url(24), "16x16": url(16), "32x32": url(32)})
    }

    pub fn category(&self, category: Category) -> Value {
        let Category(id, key, color, name) = category;
        json!({"self": self.rest(&format!("statuscategory/{id}")), "id": id, "key": key, "colorName": color, "name": name})
    }

    pub fn status(&self, status: &Status) -> Value {
        json!({
            "self": self.rest(&format!("status/{}", status.id)),
            "description": "",
            "iconUrl": format!("{}/images/icons/statuses/generic.png", self.base),
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        })
    }

    pub fn issue_type(&self, kind: &IssueType) -> Value {
        let mut value = json!({
            "self": self.rest(&format!("issuetype/{}", kind.id)),
            "id": kind.id,
            "description": "",
            "name": kind.name,
            "subtask": kind.subtask,
            "avatarId": kind.avatar,
        });
        let icon = match self.cloud() {
            true => format!("/rest/api/2/universal_avatar/view/type/issuetype/avatar/{}?size=medium", kind.avatar),
            false => format!("/secure/viewavatar?size=xsmall&avatarId={}&avatarType=issuetype", kind.avatar),
        };
        value["iconUrl"] = format!("{}{icon}", self.base).into();
        if self.cloud() {
            value["hierarchyLevel"] = kind.hierarchy.into();
        }
        value
    }

    pub fn priority(&self, priority: Priority) -> Value {
        let ending = if self.personality.since(Version(8, 0, 0)) || self.cloud() { "svg" } else { "png" };
        let icon = format!("{}/images/icons/priorities/{}.{ending}", self.base, priority.name().to_lowercase());
        let id = priority.id().to_string();
        let name = self.data.names.get(&id).map_or(priority.name(), String::as_str);
        json!({"self": self.rest(&format!("priority/{id}")), "iconUrl": icon, "name": name, "id": id})
    }

    /// A project as other objects mention it.
    pub fn project_ref(&self, project: &Project) -> Value {
        let mut value = json!({
            "self": self.rest(&format!("project/{}", project.id)),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type_key,
            "avatarUrls": self.project_avatars(project),
        });
        if self.cloud() {
            value["simplified"] = project.team_managed.into();
        } else if !self.personality.since(Version(7, 0, 0)) {
            value.as_object_mut().expect("an object").remove("projectTypeKey");
        }
        if let Some(category) = &project.category {
            value["projectCategory"] = json!({
                "self": self.rest("projectCategory/10000"), "id": "10000", "description": "", "name": category,
            });
        }
        value
    }

    fn project_avatars(&self, project: &Project) -> Value {
        let url = |size: &str| match self.cloud() {
            true => format!("{}/rest/api/3/universal_avatar/view/type/project/avatar/10401{size}", self.base),
            false => format!("{}/secure/projectavatar{size}?pid={}&avatarId=10324", self.base, project.id),
        };
        json!({"48x48": url(""), "24x24": url(""), "16x16": url(""), "32x32": url("")})
    }

    /// `project/{key}`
    pub fn project(&self, project: &Project) -> Value {
        let mut value = self.project_ref(project);
        value["expand"] = "description,lead,issueTypes,url,projectKeys,permissions,insight".into();
        value["description"] = project.description.as_str().into();
        value["assigneeType"] = "UNASSIGNED".into();
        value["archived"] = project.archived.into();
        if project.trashed {
            value["deleted"] = true.into();
        }
        value["lead"] = project.lead.as_deref().map_or(Value::Null, |name| self.person(name));
        value["issueTypes"] = issue_types(project.type_key).iter().map(|kind| self.issue_type(kind)).collect();
        value["versions"] = project.versions.iter().map(|version| self.version(project, version)).collect();
        value["components"] = project.components.iter().map(|component| self.component(project, component)).collect();
        value["roles"] = json!({});
        if self.cloud() {
            value["style"] = if project.team_managed { "next-gen" } else { "classic" }.into();
            value["isPrivate"] = false.into();
            value["properties"] = json!({});
        }
        value
    }

    /// Long text: ADF in v3, wiki markup elsewhere.
    pub fn text(&self, text: &Text) -> Value {
        if self.cloud() && self.version == 3 { text.adf() } else { text.wiki().into() }
    }

    /// An issue as another one mentions it.
    pub fn issue_ref(&self, issue: &Issue) -> Value {
        let fields = json!({
            "summary": issue.summary,
            "status": self.status(&issue.status),
            "priority": issue.priority.map(|priority| self.priority(priority)),
            "issuetype": self.issue_type(&issue.issue_type),
        });
        json!({"id": issue.id, "key": issue.key, "self": self.rest(&format!("issue/{}", issue.id)), "fields": fields})
    }

    pub fn issue(&self, issue: &Issue, selection: &Selection, expand: &[String]) -> Value {
        let mut values = Map::new();
        for field in fields::fields_of(self.cloud()) {
            if selection.wants(field)
                && let Some(value) = self.field(issue, field.id)
            {
                values.insert(field.id.into(), value);
            }
        }
        for (id, value) in &issue.extra {
            if selection.wants_extra(id) {
                values.insert(id.clone(), value.clone());
            }
        }
        let mut out = fields::expanded(expand, self);
        if expand.iter().any(|it| it == "renderedFields") {
            out.insert("renderedFields".into(), self.rendered(issue, &values));
        }
        let expandable = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations";
        out.insert("expand".into(), expandable.into());
        out.insert("id".into(), issue.id.as_str().into());
        out.insert("self".into(), self.rest(&format!("issue/{}", issue.id)).into());
        out.insert("key".into(), issue.key.as_str().into());
        out.insert("fields".into(), values.into());
        out.into()
    }

    fn field(&self, issue: &Issue, id: &str) -> Option<Value> {
        let user = |name: &Option<String>| name.as_deref().map_or(Value::Null, |name| self.person(name));
        let parent = issue.parent.as_deref().and_then(|key| self.data.issue(key));
        let project = self.data.project_of(issue);
        let done = issue.resolution.is_some();
        Some(match id {
            "summary" => issue.summary.as_str().into(),
            "issuetype" => self.issue_type(&issue.issue_type),
            "project" => self.project_ref(project),
            "status" => self.status(&issue.status),
            "priority" => issue.priority.map_or(Value::Null, |priority| self.priority(priority)),
            "resolution" => issue.resolution.as_deref().map_or(
                Value::Null,
                |name| json!({"self": self.rest("resolution/10000"), "id": "10000", "description": "", "name": name}),
            ),
            "resolutiondate" if done => self.instant(issue.updated),
            "created" => self.instant(issue.created),
            "updated" => self.instant(issue.updated),
            "statuscategorychangedate" => self.instant(issue.updated),
            "duedate" => issue.due.map_or(Value::Null, |due| due.to_string().into()),
            "assignee" => user(&issue.assignee),
            "reporter" | "creator" => user(&issue.reporter),
            "labels" => issue.labels.clone().into(),
            "fixVersions" => issue.fix_versions.iter().map(|name| self.version_named(project, name)).collect(),
            "components" => {
                let named = |name: &String| project.components.iter().find(|it| it.name == *name);
                issue.components.iter().filter_map(named).map(|component| self.component_ref(component)).collect()
            }
            "description" => issue.description.as_ref().map_or(Value::Null, |text| self.text(text)),
            "security" => {
                let (name, _) = issue.security.as_ref()?;
                json!({"self": self.rest("securitylevel/10021"), "id": "10021", "description": "", "name": name})
            }
            // Self-managed servers know parents of sub-tasks only.
            "parent" if self.cloud() || issue.issue_type.subtask => self.issue_ref(parent?),
            fields::EPIC_LINK => parent.filter(|_| !issue.issue_type.subtask)?.key.as_str().into(),
            fields::EPIC_NAME => (issue.issue_type.hierarchy == 1).then(|| issue.summary.as_str().into())?,
            "subtasks" => {
                self.data.children(&issue.key).filter(|it| it.issue_type.subtask).map(|it| self.issue_ref(it)).collect()
            }
            "parent" => return None,
            "workratio" => (-1).into(),
            "watches" => {
                let rest = self.rest(&format!("issue/{}/watchers", issue.key));
                json!({"self": rest, "watchCount": issue.watchers, "isWatching": false})
            }
            "votes" => json!({"self": self.rest(&format!("issue/{}/votes", issue.key)), "votes": 0, "hasVoted": false}),
            "versions" => json!([]),
            "issuelinks" => issue.links.iter().filter_map(|link| self.link(issue, link)).collect(),
            "attachment" => issue.attachments.iter().map(|attachment| self.attachment(attachment)).collect(),
            "comment" => self.comments(issue),
            "worklog" => self.worklogs(issue)?,
            fields::SPRINT | fields::SPRINT_ON_CLOUD => self.sprints(issue)?,
            fields::STORY_POINTS | fields::STORY_POINTS_ON_CLOUD => issue.story_points?.into(),
            id if id.starts_with("customfield_") => {
                let (_, value) = issue.custom.iter().find(|(it, _)| *it == id)?;
                self.custom(issue, value)
            }
            _ => Value::Null,
        })
    }

    /// A link, where the caller sees the other issue.
    fn link(&self, issue: &Issue, link: &Link) -> Option<Value> {
        let other = self.data.issue(&link.key).filter(|it| self.data.sees_issue(self.person, it))?;
        let LinkKind(kind, name, inward, outward) = link.kind;
        // Both ends show the same link.
        let (from, to) = if link.outward { (issue, other) } else { (other, issue) };
        let id = format!("{kind}{}{}", from.id, to.id);
        let mut value = json!({
            "id": id,
            "self": self.rest(&format!("issueLink/{id}")),
            "type": {
                "id": kind.to_string(), "name": name, "inward": inward, "outward": outward,
                "self": self.rest(&format!("issueLinkType/{kind}")),
            },
        });
        value[if link.outward { "outwardIssue" } else { "inwardIssue" }] = self.issue_ref(other);
        Some(value)
    }

    pub fn version_named(&self, project: &Project, name: &str) -> Value {
        match project.versions.iter().find(|version| version.name == name) {
            Some(version) => self.fix_version(version),
            None => self.fix_version(&FixVersion { id: "19999".into(), ..FixVersion::new(name) }),
        }
    }

    /// HTML for long texts, words for instants, null for the rest (jira-auth-and-rest §7.1).
    fn rendered(&self, issue: &Issue, fields: &Map<String, Value>) -> Value {
        let rendered = |id: &String| match id.as_str() {
            "description" => issue.description.as_ref().map_or(Value::Null, |text| text.html().into()),
            "created" => "7 days ago".into(),
            "updated" => "Yesterday".into(),
            "duedate" => issue.due.map_or(Value::Null, |due| due.strftime("%d/%b/%y").to_string().into()),
            "comment" => self.rendered_comments(issue),
            id => match issue.custom.iter().find(|(it, _)| *it == id) {
                Some((_, Custom::Long(text))) => text.html().into(),
                _ => Value::Null,
            },
        };
        fields.keys().map(|id| (id.clone(), rendered(id))).collect::<Map<_, _>>().into()
    }
}
