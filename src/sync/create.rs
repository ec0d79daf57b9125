//! How a database comes to be: what a person asks for is looked at from all sides before the first write (synced-database
//! §1.1).

use std::sync::Arc;

use super::halt::Halt;
use super::run::json;
use super::state::{Asked, Home, Progress, Status};
use super::{CheckResult, Syncs};
use crate::connect::Work;
use crate::jira;
use crate::jira::scan::{Filter, FilterError, ProjectStanding, ProjectState, ScanError};
use crate::link::{self, ProjectId, Target};
use crate::notion::page_id;
use crate::store::{
    self, AccountId, Connection, ConnectionId, Database, NewDatabase, NotionConnection, NotionConnectionId,
};

/// Synced databases of one account.
const MOST_DATABASES: usize = 100;

/// What a person asks for.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    pub account: &'a AccountId,
    /// A link to the project, to its board, to something in it, or to a search that finds nothing else.
    pub project_url: &'a str,
    /// The one of several connections that fit.
    pub connection: Option<&'a ConnectionId>,
    pub notion_connection: &'a NotionConnectionId,
    /// A page of Notion: its id, or a link to it.
    pub parent_page: &'a str,
    /// JQL that narrows the project, or the search in it.
    pub filter: Option<&'a str>,
}

/// Why it cannot be, and what can be done.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error("This is no link to a Jira project. Paste the link of a project, of its board, or of a search in it.")]
    NoProject,
    #[error(
        "This board shows issues of several projects ({0}). A synced database holds one: paste the link of one of them."
    )]
    SeveralProjects(String),
    #[error(
        "This search finds issues of several projects, {0} and {1} among them. A synced database holds one: paste the link \
         of that project and narrow it with the search as filter, or add to the filter: project = {0}"
    )]
    SearchOfSeveral(String, String),
    #[error(
        "This search finds no issue now, so nobody can tell which project it is about. Paste the link of that project, and \
         narrow it with the search as filter."
    )]
    NothingFound,
    #[error(
        "This search has no condition in JQL, so it is about no project. Paste the link of a project, and narrow it with a \
         filter."
    )]
    NoCondition,
    #[error("Jira refuses this search. Open its link in Jira and put it right there, then paste it again.")]
    BadSearch,
    #[error(
        "Jira does not show this saved filter to you, there is none, or its search does not work any more. Open its link in \
         Jira, or ask its owner to share it with you."
    )]
    BadSavedFilter,
    #[error("Jira refuses this search, or the filter that narrows it. Try both in Jira's own search.")]
    BadSearchOrFilter,
    #[error(
        "The search of this link cannot be used: {0}. Put it right in Jira, or save it there as a filter and paste that \
         one's link."
    )]
    Search(FilterError),
    #[error("You have not connected {0} yet. Connect it first, then come back.")]
    ConnectFirst(String),
    #[error("Several of your connections lead to {0}. Say which one the database shall use.")]
    ChooseConnection(String),
    #[error(
        "{0} does not hold the same issues under the same keys: it is another Jira. Make a database of its own for it."
    )]
    OtherJira(String),
    #[error("You have no such connection to Jira.")]
    UnknownConnection,
    #[error("You have no such connection to Notion. Connect Notion first, then come back.")]
    UnknownNotionConnection,
    #[error("The parent page is no page of Notion. Copy its link in Notion (••• → Copy link).")]
    NoPage,
    #[error("The filter cannot be used: {0}.")]
    Filter(#[from] FilterError),
    #[error("Whoever runs this gateway does not let this project be copied into Notion.")]
    Policy,
    #[error("Jira does not show this project to you, or there is none. Check the link, or ask for access in Jira.")]
    Hidden,
    #[error("This project is archived, or in Jira's trash: its issues cannot be listed. Restore it in Jira first.")]
    Archived,
    #[error("Jira does not accept the connection any more. Reconnect it, then come back.")]
    Reconnect,
    #[error(
        "Jira wants a CAPTCHA, and is not asked before you have solved it: sign in to Jira in your browser, then press Try \
         again on the page of connections."
    )]
    Captcha,
    #[error("Jira refuses the filter. Try it in Jira's own search.")]
    BadFilter,
    #[error("Jira cannot be asked now: {0}. Try again in a moment.")]
    Jira(String),
    #[error("Two dry runs are under way already. Try again in a moment.")]
    Busy,
    #[error("You have {0} synced databases, and there can be no more. Remove one first.")]
    TooManyDatabases(usize),
    #[error("The table of people cannot be used: {0}.")]
    People(String),
    #[error(
        "There is no column here whose field was deleted in Jira. Other columns are removed in Notion; switch their fields \
         off in the settings first."
    )]
    NotMarked,
    #[error("{0}")]
    Notion(String),
    #[error(
        "The plan is not true any more: something has changed in Jira or in Notion since it was made. Make a new one."
    )]
    Moved,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Everything that was found out.
#[derive(Debug)]
pub struct Found {
    pub jira: Arc<Connection>,
    pub notion: NotionConnection,
    pub project: ProjectState,
    pub project_id: i64,
    pub asked: Asked,
    /// A plan was made of just this, so Jira has said already that it understands what it will be asked.
    pub is_planned: bool,
}

impl CreateError {
    pub(super) fn of_scan(error: ScanError) -> Self {
        match Halt::of_scan(error) {
            Halt::ProjectHidden => Self::Hidden,
            Halt::JiraReconnect => Self::Reconnect,
            Halt::JiraCaptcha => Self::Captcha,
            Halt::BadQuery => Self::BadFilter,
            halt => Self::Jira(halt.to_string()),
        }
    }

    /// Why nobody can tell what a run would do.
    pub(super) fn of_rehearsal(halt: Halt) -> Self {
        match halt {
            Halt::Store(error) => Self::Store(error),
            Halt::JiraGone => Self::UnknownConnection,
            Halt::NotionGone => Self::UnknownNotionConnection,
            halt => Self::Notion(format!("The plan cannot be made now: {halt}. Try again in a moment.")),
        }
    }
}

impl Syncs {
    /// Looks at what a person asks for; changes nothing anywhere.
    pub async fn look(&self, new: New<'_>) -> Result<Found, CreateError> {
        let filter = new.filter.map(str::trim).filter(|it| !it.is_empty()).map(Filter::parse).transpose()?;
        let parent_page = page_id(new.parent_page).ok_or(CreateError::NoPage)?;
        let notion = self.means.workspaces.of(new.account).await?;
        let notion = notion
            .into_iter()
            .find(|it| it.id == *new.notion_connection)
            .ok_or(CreateError::UnknownNotionConnection)?;
        let held = self.means.connect.held(new.account).await?;
        let link = link::parse(new.project_url, &held.known).ok_or(CreateError::NoProject)?;
        let jira = match new.connection {
            Some(id) => {
                let connection = held.find(id).ok_or(CreateError::UnknownConnection)?;
                if connection.site != *link.site() {
                    return Err(CreateError::UnknownConnection);
                }
                connection.clone()
            }
            None => {
                let mut there = held.at(link.site());
                match (there.next(), there.next()) {
                    (None, _) => return Err(CreateError::ConnectFirst(link.site().to_string())),
                    (Some(only), None) => only.clone(),
                    (Some(_), Some(_)) => return Err(CreateError::ChooseConnection(link.site().to_string())),
                }
            }
        };
        let (name, filter) = match (link.project_key(), link.target()) {
            (Some(key), _) => (key.to_owned(), filter),
            (None, Target::Project { project: ProjectId::Number(id) }) => (id.to_string(), filter),
            (None, Target::Board { board, .. }) => (self.project_of_board(&jira, *board).await?, filter),
            (None, target @ (Target::Search { .. } | Target::Filter { .. })) => {
                let (project, filter) = self.bound(&jira, target, filter.as_ref()).await?;
                (project, Some(filter))
            }
            _ => return Err(CreateError::NoProject),
        };
        let standing = self.ask(&jira, |client| {
            let name = &name;
            async move { client.project_named(name).await }
        });
        let ProjectStanding::Visible(project) = standing.await? else { return Err(CreateError::Hidden) };
        if !self.means.policy.allows(&jira.site, &project.key) {
            return Err(CreateError::Policy);
        }
        if project.archived || project.deleted {
            return Err(CreateError::Archived);
        }
        let project_id = project.id.parse().map_err(|_| CreateError::Hidden)?;
        let asked = Asked { parent_page, filter, ..Asked::default() };
        Ok(Found { jira, notion, project, project_id, asked, is_planned: false })
    }

    /// Keeps what was found; the first run begins at once, and makes the database in Notion.
    pub async fn create(&self, account: &AccountId, found: &Found) -> Result<Database, CreateError> {
        let databases = self.means.store.databases(account).await?.len();
        if databases >= MOST_DATABASES {
            return Err(CreateError::TooManyDatabases(databases));
        }
        if !found.is_planned {
            self.changes_check(found).await?;
        }
        let page = self.page_check(found).await?;
        if page.result == CheckResult::Failed {
            return Err(CreateError::Notion(page.words));
        }
        let Found { jira, notion, project, project_id, asked, .. } = found;
        let new = NewDatabase {
            account,
            connection: &jira.id,
            notion_connection: &notion.id,
            site: &jira.site,
            project_id: *project_id,
            project_key: &project.key,
            project_name: &project.name,
            wish: &json(asked),
            place: &json(&Home::default()),
            progress: &json(&Progress::default()),
            status: &json(&Status { since: Some(self.means.clock.now()), ..Status::default() }),
        };
        let database = self.means.store.save_database(new).await?;
        self.owners.add(account.clone());
        self.wake.notify_one();
        tracing::info!(database = %database.id, "a synced database begins");
        Ok(database)
    }

    async fn project_of_board(&self, jira: &Connection, board: u64) -> Result<String, CreateError> {
        let projects =
            self.ask(jira, |client| async move { client.board_projects(board).await.map_err(ScanError::from) });
        let projects = projects.await?;
        match projects.as_slice() {
            [] => Err(CreateError::NoProject),
            [only] => Ok(only.key.clone()),
            several => {
                let keys: Vec<&str> = several.iter().map(|it| it.key.as_str()).collect();
                Err(CreateError::SeveralProjects(keys.join(", ")))
            }
        }
    }

    /// Makes a call to Jira for a person who waits.
    pub(super) async fn ask<T, F>(
        &self,
        jira: &Connection,
        call: impl Fn(jira::client::Client) -> F,
    ) -> Result<T, CreateError>
    where
        F: Future<Output = Result<T, ScanError>>,
    {
        let asked = self.means.connect.ask_for(Work::Preview, jira, |client| {
            let call = call(client);
            async move {
                match call.await {
                    Err(ScanError::Later { why, .. } | ScanError::SignIn(why)) => Err(why),
                    other => Ok(other),
                }
            }
        });
        match asked.await {
            Ok(answered) => answered.map_err(CreateError::of_scan),
            Err(error) => Err(CreateError::of_scan(error.into())),
        }
    }
}
