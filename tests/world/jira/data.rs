//! All that one fake Jira holds, and who may see what of it.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::boards::Board;
use super::content::{Browse, Project};
use super::desks::ServiceDesk;
use super::issue::Issue;
use super::people::Person;
use super::saved::{Dashboard, Filter};

#[derive(Default)]
pub struct Data {
    people: Vec<Person>,
    projects: Vec<Project>,
    issues: Vec<Issue>,
    /// Ids, keys and former keys (upper case) → position in `issues`.
    index: HashMap<String, usize>,
    /// How many personal access tokens have had an id.
    tokens: u64,
    pub boards: Vec<Board>,
    pub filters: Vec<Filter>,
    pub dashboards: Vec<Dashboard>,
    pub desks: Vec<ServiceDesk>,
}

impl Data {
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
            issue.id = (10_001 + self.issues.len()).to_string();
        }
        self.index_issue(self.issues.len(), &issue);
        self.issues.push(issue.clone());
        issue
    }

    fn index_issue(&mut self, at: usize, issue: &Issue) {
        for name in issue.former_keys.iter().chain([&issue.id, &issue.key]) {
            self.index.insert(name.to_ascii_uppercase(), at);
        }
    }

    fn index_all(&mut self) {
        self.index.clear();
        for at in 0..self.issues.len() {
            let issue = self.issues[at].clone();
            self.index_issue(at, &issue);
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

    pub fn change_issue(&mut self, key: &str, change: impl FnOnce(&mut Issue)) {
        let at = *self.index.get(key).expect("this issue is here");
        change(&mut self.issues[at]);
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
        let level = match (&issue.security, person) {
            (None, _) => true,
            (Some((_, holders)), Some(person)) => holders.contains(&person.name),
            (Some(_), None) => false,
        };
        level && self.sees_project(person, self.project_of(issue))
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
