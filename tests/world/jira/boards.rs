//! Boards and sprints of a fake Jira, and who may see them.

use jiff::Timestamp;

use super::data::Data;
use super::issue::Issue;
use super::people::Person;

/// A board as the fake keeps it; [`super::agile`] shows it.
#[derive(Clone, Debug)]
pub struct Board {
    pub id: u64,
    pub name: String,
    /// `scrum`, `kanban` or `simple`.
    pub kind: &'static str,
    /// The project where it lies; a board without one is everybody's.
    pub project: Option<String>,
    pub filter: u64,
    pub sprints: Vec<Sprint>,
}

impl Board {
    pub fn scrum(id: u64, name: &str) -> Self {
        Self { id, name: name.into(), kind: "scrum", project: None, filter: 10_000 + id, sprints: Vec::new() }
    }

    pub fn kanban(id: u64, name: &str) -> Self {
        Self { kind: "kanban", ..Self::scrum(id, name) }
    }

    /// The board of a team-managed project.
    pub fn simple(id: u64, name: &str) -> Self {
        Self { kind: "simple", ..Self::scrum(id, name) }
    }

    pub fn in_project(mut self, key: &str) -> Self {
        self.project = Some(key.into());
        self
    }

    pub fn sprint(mut self, sprint: Sprint) -> Self {
        self.sprints.push(sprint);
        self
    }

    /// Story points are counted in sprints alone.
    pub fn has_sprints(&self) -> bool {
        self.kind != "kanban"
    }
}

#[derive(Clone, Debug)]
pub struct Sprint {
    pub id: u64,
    pub name: String,
    /// `future`, `active` or `closed`.
    pub state: &'static str,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub goal: String,
}

impl Sprint {
    pub fn future(id: u64, name: &str) -> Self {
        Self { id, name: name.into(), state: "future", start: None, end: None, goal: String::new() }
    }

    pub fn active(id: u64, name: &str, start: Timestamp, end: Timestamp) -> Self {
        Self { state: "active", start: Some(start), end: Some(end), ..Self::future(id, name) }
    }

    /// A sprint that was completed when it ended.
    pub fn closed(id: u64, name: &str, start: Timestamp, end: Timestamp) -> Self {
        Self { state: "closed", ..Self::active(id, name, start, end) }
    }

    pub fn goal(mut self, goal: &str) -> Self {
        self.goal = goal.into();
        self
    }

    pub fn completed(&self) -> Option<Timestamp> {
        self.end.filter(|_| self.state == "closed")
    }
}

impl Data {
    pub fn sees_board(&self, person: Option<&Person>, board: &Board) -> bool {
        match board.project.as_deref().map(|key| self.project(key)) {
            None => person.is_some_and(|person| !person.customer),
            Some(project) => project.is_some_and(|project| self.sees_project(person, project)),
        }
    }

    pub fn board(&self, person: Option<&Person>, id: &str) -> Option<&Board> {
        self.boards.iter().find(|board| board.id.to_string() == id && self.sees_board(person, board))
    }

    /// A sprint with the board that it was made on. Whoever sees the board sees it, and whoever sees one of its issues.
    pub fn sprint(&self, person: Option<&Person>, id: &str) -> Option<(&Board, &Sprint)> {
        let (board, sprint) = self.any_sprint(id.parse().ok()?)?;
        let seen = self.sees_board(person, board) || self.issues_of(sprint).any(|issue| self.sees_issue(person, issue));
        seen.then_some((board, sprint))
    }

    pub fn any_sprint(&self, id: u64) -> Option<(&Board, &Sprint)> {
        self.boards.iter().flat_map(|board| board.sprints.iter().map(move |it| (board, it))).find(|(_, it)| it.id == id)
    }

    pub fn issues_of(&self, sprint: &Sprint) -> impl Iterator<Item = &Issue> {
        let id = sprint.id;
        self.issues().iter().filter(move |issue| issue.sprints.contains(&id))
    }
}
