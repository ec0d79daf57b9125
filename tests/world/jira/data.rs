//! All that one fake Jira holds, and who may see what of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::boards::Board;
use super::content::{Browse, Project};
use super::desks::ServiceDesk;
use super::issue::Issue;
use super::people::Person;
use super::saved::{Dashboard, Filter};
use super::sorted::Cache;

#[derive(Default)]
pub struct Data {
    people: Vec<Person>,
    projects: Vec<Project>,
    issues: Vec<Issue>,
    /// Ids, keys and former keys (upper case) → position in `issues`.
    index: HashMap<String, usize>,
    /// How many issues have had an id; none comes twice.
    numbered: usize,
    /// What the index of the search has not heard of yet.
    lagging: Vec<Lagging>,
    /// What searches found, as long as nothing changes.
    pub found: Mutex<Cache>,
    /// How many personal access tokens have had an id.
    tokens: u64,
    pub boards: Vec<Board>,
    pub filters: Vec<Filter>,
    pub dashboards: Vec<Dashboard>,
    pub desks: Vec<ServiceDesk>,
    /// Names that an administrator has changed: of priorities and of fields, by their ids.
    pub names: BTreeMap<String, String>,
    /// Fields that apps have brought, as `/field` tells them.
    pub fields_of_apps: Vec<Value>,
    /// Names of teams, by their numbers.
    pub teams: BTreeMap<u64, String>,
    /// Ids of fields that an administrator has deleted.
    pub deleted_fields: BTreeSet<String>,
}

/// A change that the search learns of later.
struct Lagging {
    until: Timestamp,
    id: String,
    /// The issue as it was; `None`: it was not there.
    before: Option<Issue>,
}

impl Data {
    /// Something changes: what was found before may be wrong.
    pub fn touch(&mut self) {
        *self.found.get_mut().unwrap() = Cache::default();
    }

    /// Until then the search finds this issue as it was before, or not at all.
    pub fn lag(&mut self, id: String, before: Option<Issue>, until: Timestamp) {
        self.lagging.push(Lagging { until, id, before });
    }

    /// The issue as the index of the search has it.
    pub fn indexed<'a>(&'a self, issue: &'a Issue, now: Timestamp) -> Option<&'a Issue> {
        let changes = self.lagging.iter().filter(|change| change.id == issue.id && change.until > now);
        match changes.min_by_key(|change| change.until) {
            Some(change) => change.before.as_ref(),
            None => Some(issue),
        }
    }

    /// Whether the index of the search is behind.
    pub fn is_lagging(&self, now: Timestamp) -> bool {
        self.lagging.iter().any(|change| change.until > now)
    }

    fn next_issue_id(&self) -> String {
        (10_001 + self.numbered).to_string()
    }

    pub fn add_person(&mut self, mut person: Person) -> Person {
        let number = 10_100 + self.people.len();
        assert!(self.person(&person.name).is_none(), "{} is there already", person.name);
        if person.key.is_empty() {
            person.key = format!("JIRAUSER{number}");
        }
        if person.account_id.is_empty() {
            person.account_id = account_id(&person.email);
        }
        for token in person.access_tokens.iter_mut().filter(|token| token.id == 0) {
            token.id = self.next_token_id();
        }
        self.people.push(person.clone());
        person
    }

    /// An id for a personal access token; none comes twice.
    pub fn next_token_id(&mut self) -> u64 {
        self.tokens += 1;
        57 + self.tokens
    }

    pub fn add_project(&mut self, mut project: Project) -> Project {
        let number = 10_000 + self.projects.len();
        if project.id.is_empty() {
            project.id = number.to_string();
        }
        for (at, version) in project.versions.iter_mut().enumerate() {
            if version.id.is_empty() {
                version.id = format!("{number}{at}");
            }
        }
        for (at, component) in project.components.iter_mut().enumerate() {
            if component.id.is_empty() {
                component.id = format!("2{number}{at}");
            }
        }
        self.projects.push(project.clone());
        project
    }

    /// Adds the issue; its project must be there.
    pub fn add_issue(&mut self, mut issue: Issue) -> Issue {
        assert!(self.project(issue.project_key()).is_some(), "no project for {}", issue.key);
        assert!(!self.index.contains_key(&issue.key.to_ascii_uppercase()), "{} is there already", issue.key);
        if issue.id.is_empty() {
            issue.id = self.next_issue_id();
        }
        self.numbered += 1;
        let at = self.issues.len();
        index_issue(&mut self.index, at, &issue);
        self.issues.push(issue.clone());
        issue
    }

    fn index_all(&mut self) {
        self.index.clear();
        for (at, issue) in self.issues.iter().enumerate() {
            index_issue(&mut self.index, at, issue);
        }
    }

    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    pub fn person_mut(&mut self, name: &str) -> &mut Person {
        self.people.iter_mut().find(|person| person.name == name).expect("this person is here")
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// By key (exact case, as Jira has it), former key or id.
    pub fn project(&self, key_or_id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| {
            project.key == key_or_id
                || project.id == key_or_id
                || project.former_keys.iter().any(|key| key == key_or_id)
        })
    }

    pub fn project_mut(&mut self, key: &str) -> &mut Project {
        self.projects.iter_mut().find(|project| project.key == key).expect("this project is here")
    }

    pub fn projects(&self) -> &[Project] {
        &self.projects
    }

    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    pub fn project_of(&self, issue: &Issue) -> &Project {
        self.project(issue.project_key()).expect("add_issue saw it")
    }

    /// By id or key, in any case, also by a key from before a move or a renaming of the project (jira-auth-and-rest
    /// §6.2).
    pub fn issue(&self, id_or_key: &str) -> Option<&Issue> {
        let name = id_or_key.to_ascii_uppercase();
        let at = self.index.get(&name).or_else(|| {
            let (project, number) = name.rsplit_once('-')?;
            let project = self.projects.iter().find(|it| it.former_keys.iter().any(|key| key == project))?;
            self.index.get(&format!("{}-{number}", project.key))
        });
        at.map(|at| &self.issues[*at])
    }

    /// Where it stands among all issues, by id or key.
    pub fn position(&self, id_or_key: &str) -> Option<usize> {
        self.index.get(&id_or_key.to_ascii_uppercase()).copied()
    }

    pub fn change_issue(&mut self, key: &str, change: impl FnOnce(&mut Issue)) {
        let at = *self.index.get(key).expect("this issue is here");
        let names = |issue: &Issue| (issue.id.clone(), issue.key.clone(), issue.former_keys.clone());
        let before = names(&self.issues[at]);
        change(&mut self.issues[at]);
        if names(&self.issues[at]) != before {
            self.index_all();
        }
    }

    /// Another key for a project: its issues are found under the old one, too.
    pub fn rename_project(&mut self, key: &str, new_key: &str) {
        assert!(self.project(new_key).is_none(), "{new_key} is there already");
        let project = self.project_mut(key);
        project.former_keys.push(key.to_owned());
        project.key = new_key.to_owned();
        for issue in self.issues.iter_mut().filter(|issue| issue.project_key() == key) {
            issue.key = issue.key.replacen(key, new_key, 1);
        }
        for issue in &mut self.issues {
            let names = issue.links.iter_mut().map(|link| &mut link.key).chain(issue.parent.as_mut());
            for name in names.filter(|name| name.rsplit_once('-').is_some_and(|(project, _)| project == key)) {
                *name = name.replacen(key, new_key, 1);
            }
        }
        self.index_all();
    }

    pub fn remove_issue(&mut self, key: &str) {
        self.issues.retain(|issue| issue.key != key);
        self.index_all();
    }

    /// Moves an issue to another key, as Jira's "Move" does: the old key goes on leading to it.
    pub fn move_issue(&mut self, key: &str, new_key: &str) {
        assert!(self.project(new_key.rsplit_once('-').expect("a key").0).is_some(), "no project for {new_key}");
        self.change_issue(key, |issue| {
            issue.former_keys.push(key.to_owned());
            issue.key = new_key.to_owned();
        });
    }

    /// A customer sees of Jira what strangers see; their requests are shown by Service Management.
    pub fn sees_project(&self, person: Option<&Person>, project: &Project) -> bool {
        let person = person.filter(|person| !person.customer);
        match (&project.browse, person) {
            (Browse::Anyone, _) | (Browse::LoggedIn, Some(_)) => true,
            (Browse::Groups(groups), Some(person)) => groups.iter().any(|group| person.groups.contains(group)),
            (_, None) => false,
        }
    }

    pub fn sees_issue(&self, person: Option<&Person>, issue: &Issue) -> bool {
        let project = self.project_of(issue);
        let level = match (&issue.security, person) {
            (None, _) => true,
            (Some((_, holders)), Some(person)) => holders.contains(&person.name),
            (Some(_), None) => false,
        };
        level && !project.trashed && self.sees_project(person, project)
    }
}

fn index_issue(index: &mut HashMap<String, usize>, at: usize, issue: &Issue) {
    for name in issue.former_keys.iter().chain([&issue.id, &issue.key]) {
        index.insert(name.to_ascii_uppercase(), at);
    }
}

/// An account is the same at every Cloud site, and its e-mail address tells which.
fn account_id(email: &str) -> String {
    format!("712020:{}", uuid(&email.to_lowercase()))
}

/// Always the same for the same name.
pub fn uuid(name: &str) -> String {
    let hash = Sha256::digest(name);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}
