//! The calls that one object needs, and what follows from their answers (jira-auth-and-rest §6).
//!
//! The first call decides: its refusal is the object's. What a further call would add is left out where it fails.

use std::collections::HashMap;

use crate::connect::{Connect, Work};
use crate::jira::Error;
use crate::jira::agile::Board;
use crate::jira::catalogue::Catalogue;
use crate::jira::client::{Client, Wish};
use crate::jira::key::Kind;
use crate::jira::model::{Issue, Progress, ProjectRef};
use crate::jira::search::{Hits, built_in};
use crate::jira::service_desk::Request;
use crate::jira::things::Who;
use crate::link::UserId;
use crate::preview::Preview;
use crate::store::Connection;

use super::ahead::Ahead;
use super::describe::{self, Chosen};
use super::entry::Belongs;
use super::plan::Object;

/// Issues that a list shows.
const ROWS: usize = 5;

/// What was seen of an object.
#[derive(Debug, Clone)]
pub struct Sight {
    pub preview: Preview,
    pub kind: Kind,
    /// As in [`super::entry::Found`].
    pub key: Option<String>,
    /// The number of the issue, where it is one or lies on one.
    pub issue: Option<String>,
    pub moved: bool,
    pub belongs: Belongs,
}

impl Sight {
    fn new(kind: Kind, preview: Preview, belongs: Belongs) -> Self {
        Self { preview, kind, key: None, issue: None, moved: false, belongs }
    }

    /// Something that has the key of an issue; `asked` is how the link called it.
    fn of_key(kind: Kind, preview: Preview, asked: &str, id: &str, key: &str) -> Self {
        let key = key.to_ascii_uppercase();
        let moved = !asked.eq_ignore_ascii_case(&key) && asked != id;
        Self { preview, kind, moved, belongs: Belongs::ByKey, key: Some(key), issue: Some(id.to_owned()) }
    }
}

/// One connection, through which is looked.
#[derive(Debug, Clone, Copy)]
pub struct Eyes<'a> {
    pub connect: &'a Connect,
    pub connection: &'a Connection,
    /// Whether somebody waits for it.
    pub work: Work,
    pub catalogue: &'a Catalogue,
    pub wish: &'a Wish,
    /// What was told together with others.
    pub ahead: &'a Ahead,
}

impl Eyes<'_> {
    /// Looks at one object.
    pub async fn look(self, object: &Object) -> Result<Sight, Error> {
        match object {
            Object::Issue(name) => self.issue(name).await,
            Object::Project(name) => self.project(name).await,
            Object::Comment { issue, comment } => self.comment(issue, *comment).await,
            Object::Worklog { issue, worklog } => self.worklog(issue, *worklog).await,
            Object::Board(id) => self.board(*id).await,
            Object::Sprint(id) => self.sprint(*id).await,
            Object::Filter(id) => self.filter(*id).await,
            Object::Search(jql) => self.search("Jira search", jql).await,
            Object::Dashboard(id) => self.dashboard(*id).await,
            Object::Version(id) => self.version(*id).await,
            Object::Component(id) => self.component(*id).await,
            Object::User(user) => self.user(user).await,
            Object::Request(name) => self.request(name).await,
            Object::Attachment(id) => self.attachment(*id).await,
            Object::Portal(id) => self.portal(*id).await,
            Object::Queue { project, queue } => self.queue(project, *queue).await,
        }
    }

    /// An issue as its card shows it. `children` is how far the issues below it have come, where it is an epic.
    fn issue_seen(self, asked: &str, issue: &Issue, children: Option<Progress>) -> Sight {
        let chosen = Chosen { catalogue: self.catalogue, fields: &self.connection.card_fields };
        let preview = describe::issue(issue, chosen, children, self.wish.description);
        let kind = if describe::is_idea(issue) { Kind::Idea } else { Kind::Issue };
        Sight::of_key(kind, preview, asked, &issue.id, &issue.key)
    }

    /// Whether issues lie below it that are no sub-tasks: Cloud tells the level, elsewhere only epics have a name.
    pub fn is_epic(self, issue: &Issue) -> bool {
        let has_name = |id: &String| issue.custom.iter().any(|(field, value)| field == id && !value.is_null());
        match issue.issue_type.as_ref().and_then(|it| it.level) {
            Some(level) => level >= 1,
            None => self.catalogue.epic_name.as_ref().is_some_and(has_name),
        }
    }

    /// How far the issues below some epics have come, by their keys; in one call.
    pub async fn below(self, epics: &[&str]) -> Result<HashMap<String, Progress>, Error> {
        let link = self.catalogue.epic_link.as_deref();
        self.ask(|jira| async move { jira.progress_below(epics, link).await }).await
    }

    async fn ask<T, F>(self, call: impl Fn(Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.connect.ask_for(self.work, self.connection, call).await
    }

    async fn issue(self, name: &str) -> Result<Sight, Error> {
        let issue = self.found_issue(name, self.wish).await?;
        let children = match self.is_epic(&issue) {
            true => match self.ahead.below(&issue.key) {
                Some(below) => below,
                None => self.below(&[&issue.key]).await.ok().and_then(|below| below.get(&issue.key).copied()),
            },
            false => None,
        };
        Ok(self.issue_seen(name, &issue, children))
    }

    async fn project(self, name: &str) -> Result<Sight, Error> {
        let project = match self.ahead.project(name) {
            Some(project) => project,
            None => self.ask(|jira| async move { jira.project(name).await }).await?,
        };
        let moved = !name.eq_ignore_ascii_case(&project.key) && name != project.id;
        let preview = describe::project(&project, self.wish.description);
        Ok(Sight { moved, key: Some(project.key), ..Sight::new(Kind::Project, preview, Belongs::ByKey) })
    }

    async fn comment(self, issue: &str, id: u64) -> Result<Sight, Error> {
        let ask = || self.ask(|jira| async move { jira.comment(issue, id).await });
        let (found, comment) = match self.ahead.issue(issue) {
            Some(found) => {
                let found = found?;
                let comment = self.ahead.comment(&found.id, id);
                (
                    found,
                    match comment {
                        Some(comment) => comment,
                        None => ask().await?,
                    },
                )
            }
            None => {
                let (found, comment) = tokio::join!(self.plain_issue(issue), ask());
                (found?, comment?)
            }
        };
        let preview = describe::remark(&found, &comment, self.wish.description);
        Ok(Sight::of_key(Kind::Comment, preview, issue, &found.id, &found.key))
    }

    async fn worklog(self, issue: &str, id: u64) -> Result<Sight, Error> {
        let ask = || self.ask(|jira| async move { jira.worklog(issue, id).await });
        let (found, worklog) = match self.ahead.issue(issue) {
            Some(found) => {
                let found = found?;
                let worklog = self.ahead.worklog(&found.id, id);
                (
                    found,
                    match worklog {
                        Some(worklog) => worklog,
                        None => ask().await?,
                    },
                )
            }
            None => {
                let (found, worklog) = tokio::join!(self.plain_issue(issue), ask());
                (found?, worklog?)
            }
        };
        let preview = describe::worklog(&found, &worklog, self.wish.description);
        Ok(Sight::of_key(Kind::Worklog, preview, issue, &found.id, &found.key))
    }

    async fn plain_issue(self, name: &str) -> Result<Issue, Error> {
        self.found_issue(name, &Wish::default()).await
    }

    async fn found_issue(self, name: &str, wish: &Wish) -> Result<Issue, Error> {
        match self.ahead.issue(name) {
            Some(issue) => issue,
            None => self.ask(|jira| async move { jira.issue(name, wish).await }).await,
        }
    }

    async fn board(self, id: u64) -> Result<Sight, Error> {
        let (board, projects) = self.home(id).await?;
        let sprint = match board.kind.as_deref() {
            Some("kanban") => None,
            _ => self.ask(|jira| async move { jira.active_sprint(id).await }).await.ok().flatten(),
        };
        let progress = match &sprint {
            Some(sprint) => self.sprint_progress(sprint.id).await,
            None => None,
        };
        let preview = describe::board(&board, &projects, sprint.as_ref(), progress);
        Ok(Sight::new(Kind::Board, preview, belongs(&projects)))
    }

    /// A board with the projects that it shows. Servers do not say where it lives, so they are asked.
    async fn home(self, id: u64) -> Result<(Board, Vec<ProjectRef>), Error> {
        let board = self.ask(|jira| async move { jira.board(id).await }).await?;
        let projects = match &board.project {
            Some(project) => vec![project.clone()],
            None => self.ask(|jira| async move { jira.board_projects(id).await }).await.unwrap_or_default(),
        };
        Ok((board, projects))
    }

    async fn sprint(self, id: u64) -> Result<Sight, Error> {
        let sprint = self.ask(|jira| async move { jira.sprint(id).await }).await?;
        let home = async {
            match sprint.board {
                Some(board) => self.home(board).await.ok(),
                None => None,
            }
        };
        let (home, progress) = tokio::join!(home, self.sprint_progress(id));
        let preview = describe::sprint(&sprint, home.as_ref(), progress, self.wish.description);
        let belongs = home.as_ref().map_or(Belongs::Unknown, |(_, projects)| belongs(projects));
        Ok(Sight::new(Kind::Sprint, preview, belongs))
    }

    async fn sprint_progress(self, id: u64) -> Option<Progress> {
        let progress = self.ask(|jira| async move { jira.sprint_progress(id).await }).await.ok().flatten();
        progress.filter(|it| it.total() > 0)
    }

    async fn filter(self, id: i64) -> Result<Sight, Error> {
        if id < 0 {
            let (title, jql) = built_in(id).ok_or(Error::NotFound)?;
            let sight = self.search(title, jql).await?;
            return Ok(Sight { kind: Kind::Filter, ..sight });
        }
        let filter = self.ask(|jira| async move { jira.filter(id).await }).await?;
        let hits = self.hits(&filter.jql).await.ok();
        let preview = describe::filter(&filter, hits.as_ref(), self.wish.description);
        Ok(Sight::new(Kind::Filter, preview, Belongs::Nowhere))
    }

    async fn search(self, title: &str, jql: &str) -> Result<Sight, Error> {
        let hits = self.hits(jql).await?;
        Ok(Sight::new(Kind::Search, describe::search(title, jql, &hits), Belongs::Nowhere))
    }

    async fn hits(self, jql: &str) -> Result<Hits, Error> {
        self.ask(|jira| async move { jira.hits(jql, ROWS).await }).await
    }

    async fn dashboard(self, id: u64) -> Result<Sight, Error> {
        let dashboard = self.ask(|jira| async move { jira.dashboard(id).await }).await?;
        let preview = describe::dashboard(&dashboard, self.wish.description);
        Ok(Sight::new(Kind::Dashboard, preview, Belongs::Nowhere))
    }

    async fn version(self, id: u64) -> Result<Sight, Error> {
        let version = self.ask(|jira| async move { jira.version(id).await }).await?;
        let project = async {
            let id = version.project.as_deref()?;
            self.ask(|jira| async move { jira.project(id).await }).await.ok()
        };
        let progress = async {
            match version.progress {
                Some(progress) => Some(progress),
                None => self.ask(|jira| async move { jira.version_progress(id).await }).await.ok().flatten(),
            }
        };
        let (project, progress) = tokio::join!(project, progress);
        let progress = progress.filter(|it| it.total() > 0);
        let preview = describe::version(&version, project.as_ref(), progress, self.wish.description);
        let belongs = project.map_or(Belongs::Unknown, |project| Belongs::to([project.key.as_str()]));
        Ok(Sight::new(Kind::Version, preview, belongs))
    }

    async fn component(self, id: u64) -> Result<Sight, Error> {
        let component = self.ask(|jira| async move { jira.component(id).await }).await?;
        let count = self.ask(|jira| async move { jira.component_count(id).await }).await.ok().flatten();
        let preview = describe::component(&component, count, self.wish.description);
        let belongs = component.project_key.map_or(Belongs::Unknown, |key| Belongs::to([key.as_str()]));
        Ok(Sight::new(Kind::Component, preview, belongs))
    }

    async fn user(self, user: &UserId) -> Result<Sight, Error> {
        let who = match user {
            UserId::Account(id) => Who::Account(id),
            UserId::Name(name) => Who::Name(name),
            UserId::Own => return Err(Error::NotFound),
        };
        let told = match who {
            Who::Account(id) => self.ahead.person(id),
            Who::Name(_) => None,
        };
        let (person, kind) = match told {
            Some(told) => told,
            None => self.ask(|jira| async move { jira.user(who).await }).await?,
        };
        Ok(Sight::new(Kind::User, describe::user(&person, kind), Belongs::Nowhere))
    }

    /// As the customer sees it. Where Service Management does not answer this person, the issue may.
    async fn request(self, name: &str) -> Result<Sight, Error> {
        let request = match self.ask(|jira| async move { jira.request_of_customer(name).await }).await {
            Err(refused @ (Error::MissingScope | Error::MissingLicense | Error::NotFound | Error::Forbidden)) => {
                match self.plain_issue(name).await {
                    Ok(issue) => Request::from(&issue),
                    Err(Error::NotFound | Error::Forbidden) => return Err(refused),
                    Err(error) => return Err(error),
                }
            }
            request => request?,
        };
        let preview = describe::request(&request, self.wish.description);
        Ok(Sight::of_key(Kind::Request, preview, name, &request.id, &request.key))
    }

    async fn attachment(self, id: u64) -> Result<Sight, Error> {
        let attachment = self.ask(|jira| async move { jira.attachment(id).await }).await?;
        // Jira does not tell the issue of an attachment.
        Ok(Sight::new(Kind::Attachment, describe::attachment(&attachment), Belongs::Unknown))
    }

    async fn portal(self, id: u64) -> Result<Sight, Error> {
        let service = self.ask(|jira| async move { jira.portal(id).await }).await?;
        let belongs = belongs(std::slice::from_ref(&service));
        Ok(Sight::new(Kind::Portal, describe::portal(&service), belongs))
    }

    async fn queue(self, project: &str, id: u64) -> Result<Sight, Error> {
        let queue = self.ask(|jira| async move { jira.queue(project, id).await }).await?;
        // The link may call the project by a key of before.
        let service = self.ask(|jira| async move { jira.service_desk(project).await }).await.ok();
        let hits = match queue.jql.is_empty() {
            true => None,
            false => self.hits(&queue.jql).await.ok(),
        };
        let preview = describe::queue(&queue, service.as_ref(), hits.as_ref());
        Ok(Sight::new(Kind::Queue, preview, belongs(service.as_slice())))
    }
}

fn belongs(projects: &[ProjectRef]) -> Belongs {
    match projects {
        [] => Belongs::Unknown,
        projects => Belongs::to(projects.iter().map(|project| project.key.as_str())),
    }
}
