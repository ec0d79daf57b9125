//! Boards and sprints: Jira Software's own API, the same on all deployments (jira-auth-and-rest §6.3).

use jiff::Timestamp;

use super::client::Client;
use super::fields::{StatusOnly, progress};
use super::loose::{Integer, List, Object, Page, Text};
use super::model::{Progress, ProjectRef};
use super::people::{ProjectJson, key};
use super::{Error, licence};

#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub name: String,
    /// `scrum`, `kanban`, `simple`.
    pub kind: Option<String>,
    /// Where the board lives, as Cloud and newer servers tell; a board can show issues of more projects.
    pub project: Option<ProjectRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SprintState {
    Future,
    Active,
    Closed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sprint {
    pub id: u64,
    pub name: String,
    /// `None` where a Jira has a state of its own.
    pub state: Option<SprintState>,
    pub start: Option<Timestamp>,
    /// When it ended, else when it shall end.
    pub end: Option<Timestamp>,
    pub board: Option<u64>,
    pub goal: Option<String>,
}

/// Issues of a sprint that are counted in one call; a larger sprint has no numbers.
const MOST_COUNTED: usize = 1_000;
/// Projects of a board that are named.
const MOST_PROJECTS: usize = 10;

impl Client {
    /// One board by its number.
    pub async fn board(&self, id: u64) -> Result<Board, Error> {
        let json: BoardJson = licence::of_software(self.agile(&format!("board/{id}"), "").await)?;
        json.into_board().ok_or(Error::Malformed)
    }

    /// The projects whose issues a board shows; the first ten.
    pub async fn board_projects(&self, id: u64) -> Result<Vec<ProjectRef>, Error> {
        let query = format!("maxResults={MOST_PROJECTS}");
        let page: Page<ProjectJson> = licence::of_software(self.agile(&format!("board/{id}/project"), &query).await)?;
        Ok(page.values.0.into_iter().filter_map(|project| project.0?.into_ref()).collect())
    }

    /// The sprint that runs on a board; of several the first. A Kanban board has none, and says so with 400.
    pub async fn active_sprint(&self, board: u64) -> Result<Option<Sprint>, Error> {
        let asked = self.agile::<Page<SprintJson>>(&format!("board/{board}/sprint"), "state=active&maxResults=1").await;
        match licence::of_software(asked) {
            Ok(page) => Ok(page.values.0.into_iter().find_map(|sprint| sprint.0?.into_sprint())),
            Err(Error::BadQuery) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One sprint by its number.
    pub async fn sprint(&self, id: u64) -> Result<Sprint, Error> {
        let json: SprintJson = licence::of_software(self.agile(&format!("sprint/{id}"), "").await)?;
        json.into_sprint().ok_or(Error::Malformed)
    }

    /// How far the issues of a sprint have come; `None` where one call does not tell all of them.
    pub async fn sprint_progress(&self, id: u64) -> Result<Option<Progress>, Error> {
        let query = format!("fields=status&maxResults={MOST_COUNTED}");
        let page: IssuesJson = licence::of_software(self.agile(&format!("sprint/{id}/issue"), &query).await)?;
        let progress = progress(&page.issues.0);
        let told = i64::from(progress.total());
        Ok((page.total.0.unwrap_or(told) <= told).then_some(progress))
    }

    pub(super) async fn agile<T: serde::de::DeserializeOwned>(&self, path: &str, query: &str) -> Result<T, Error> {
        self.read(self.below(&format!("/rest/agile/1.0/{path}"), query)?).await
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct BoardJson {
    name: Text,
    #[serde(rename = "type")]
    kind: Text,
    location: Object<LocationJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LocationJson {
    project_id: Text,
    project_key: Text,
    project_name: Text,
    display_name: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SprintJson {
    id: Integer,
    name: Text,
    state: Text,
    start_date: Text,
    end_date: Text,
    complete_date: Text,
    origin_board_id: Integer,
    goal: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IssuesJson {
    issues: List<Object<StatusOnly>>,
    total: Integer,
}

impl BoardJson {
    fn into_board(self) -> Option<Board> {
        let project = self.location.0.and_then(|place| {
            let key = key(place.project_key)?;
            let name = place.project_name.filled().or_else(|| place.display_name.filled());
            let id = place.project_id.filled().unwrap_or_default();
            Some(ProjectRef { id, name: name.unwrap_or_else(|| key.clone()), key, type_key: None })
        });
        Some(Board { name: self.name.filled()?, kind: self.kind.filled(), project })
    }
}

impl SprintJson {
    fn into_sprint(self) -> Option<Sprint> {
        Some(Sprint {
            id: self.id.unsigned()?,
            state: match self.state.as_str() {
                "future" => Some(SprintState::Future),
                "active" => Some(SprintState::Active),
                "closed" => Some(SprintState::Closed),
                _ => None,
            },
            start: self.start_date.timestamp(),
            end: self.complete_date.timestamp().or_else(|| self.end_date.timestamp()),
            board: self.origin_board_id.unsigned(),
            name: self.name.filled()?,
            goal: self.goal.filled(),
        })
    }
}
