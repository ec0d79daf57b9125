//! What one call tells about many of the objects that are wanted through one connection, asked before each is looked at.
//!
//! Only an optimisation: what is not told here is asked for alone.

use std::collections::{BTreeSet, HashMap};

use crate::jira::Error;
use crate::jira::client::{BulkAnswer, Client};
use crate::jira::comment::{Remark, Worklog};
use crate::jira::model::{Issue, Person, Progress, Project};
use crate::jira::things::AccountType;
use crate::link::UserId;

use super::look::Eyes;
use super::plan::Object;

/// Answers that came together, by what was asked for.
#[derive(Debug, Default)]
pub struct Ahead {
    issues: HashMap<Box<str>, Result<Box<Issue>, Error>>,
    /// How far the issues below each epic have come, by its key.
    below: Option<HashMap<String, Progress>>,
    /// With the id of their issue.
    comments: HashMap<u64, (String, Remark)>,
    worklogs: HashMap<u64, (String, Worklog)>,
    people: HashMap<String, (Person, Option<AccountType>)>,
    projects: HashMap<String, Project>,
}

/// The different things of each kind among the wanted objects; nothing where there is but one.
#[derive(Debug, Default)]
struct Wanted<'a> {
    issues: Vec<&'a str>,
    comments: Vec<u64>,
    worklogs: Vec<u64>,
    people: Vec<&'a str>,
    projects: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(objects: impl Iterator<Item = &'a Object>) -> Self {
        let (mut issues, mut people, mut projects) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut comments, mut worklogs) = (BTreeSet::new(), BTreeSet::new());
        for object in objects {
            match object {
                Object::Issue(name) => drop(issues.insert(&**name)),
                Object::Comment { issue, comment } => {
                    issues.insert(issue);
                    comments.insert(*comment);
                }
                Object::Worklog { issue, worklog } => {
                    issues.insert(issue);
                    worklogs.insert(*worklog);
                }
                Object::User(UserId::Account(id)) => drop(people.insert(id.as_str())),
                Object::Project(key) => drop(projects.insert(&**key)),
                _ => {}
            }
        }
        Self {
            issues: several(issues),
            comments: several(comments),
            worklogs: several(worklogs),
            people: several(people),
            projects: several(projects),
        }
    }
}

fn several<T>(set: BTreeSet<T>) -> Vec<T> {
    if set.len() < 2 { Vec::new() } else { set.into_iter().collect() }
}

impl Ahead {
    /// Asks what can be asked together.
    pub async fn of(eyes: Eyes<'_>, objects: impl Iterator<Item = &Object>) -> Self {
        let wanted = Wanted::of(objects);
        let mut ahead = Self::default();
        if let Err(error) = ahead.issues(eyes, &wanted.issues).await {
            // The credential, the network or the whole Jira: one by one it would only be said again.
            ahead.issues = wanted.issues.iter().map(|name| (Box::from(*name), Err(error.clone()))).collect();
            return ahead;
        }
        let Eyes { connect, connection, work, .. } = eyes;
        if !wanted.comments.is_empty() {
            let ids = wanted.comments.as_slice();
            ahead.comments = connect
                .ask_for(work, connection, |jira| async move { jira.comments(ids).await })
                .await
                .unwrap_or_default();
        }
        if !wanted.worklogs.is_empty() {
            let ids = wanted.worklogs.as_slice();
            ahead.worklogs = connect
                .ask_for(work, connection, |jira| async move { jira.worklogs(ids).await })
                .await
                .unwrap_or_default();
        }
        if !wanted.people.is_empty() {
            let ids = wanted.people.as_slice();
            ahead.people = connect
                .ask_for(work, connection, |jira| async move { jira.users(ids).await })
                .await
                .unwrap_or_default();
        }
        if !wanted.projects.is_empty() {
            let keys = wanted.projects.as_slice();
            ahead.projects = connect
                .ask_for(work, connection, |jira| async move { jira.projects(keys).await })
                .await
                .unwrap_or_default();
        }
        ahead
    }

    /// One call for many issues, and one for what lies below the epics among them.
    async fn issues(&mut self, eyes: Eyes<'_>, names: &[&str]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        let call = |jira: Client| async move { jira.issues(names, eyes.wish).await };
        for (name, answer) in names.iter().zip(eyes.connect.ask_for(eyes.work, eyes.connection, call).await?) {
            let answer = match answer {
                BulkAnswer::Answered(issue) => Ok(issue),
                BulkAnswer::NotFound => Err(Error::NotFound),
                BulkAnswer::Open => continue,
            };
            self.issues.insert((*name).into(), answer);
        }
        let epics = self.issues.values().filter_map(|it| it.as_ref().ok()).filter(|issue| eyes.is_epic(issue));
        let epics: Vec<&str> = epics.map(|issue| issue.key.as_str()).collect();
        if epics.len() > 1 {
            self.below = eyes.below(&epics).await.ok();
        }
        Ok(())
    }

    /// What is known of an issue; `None`: ask.
    pub fn issue(&self, name: &str) -> Option<Result<Issue, Error>> {
        Some(self.issues.get(name)?.as_ref().map(|issue| (**issue).clone()).map_err(Clone::clone))
    }

    /// What is known of the issues below an epic; `None`: ask.
    pub fn below(&self, key: &str) -> Option<Option<Progress>> {
        self.below.as_ref().map(|below| below.get(key).copied())
    }

    /// A comment of the issue with this id.
    pub fn comment(&self, issue: &str, id: u64) -> Option<Remark> {
        self.comments.get(&id).filter(|(of, _)| of == issue).map(|(_, comment)| comment.clone())
    }

    /// A work log of the issue with this id.
    pub fn worklog(&self, issue: &str, id: u64) -> Option<Worklog> {
        self.worklogs.get(&id).filter(|(of, _)| of == issue).map(|(_, worklog)| worklog.clone())
    }

    pub fn person(&self, account: &str) -> Option<(Person, Option<AccountType>)> {
        self.people.get(account).cloned()
    }

    pub fn project(&self, key: &str) -> Option<Project> {
        self.projects.get(key).cloned()
    }
}
