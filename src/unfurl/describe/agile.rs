//! Boards and sprints.

use crate::jira::agile::{Board, Sprint, SprintState};
use crate::jira::model::{ProjectRef, StatusCategory};
use crate::preview::{FactId, Preview, Progress, Status};

use super::{Facts, days, description_of, project_name, title};

/// A board, with the sprint that runs on it.
pub fn board(board: &Board, projects: &[ProjectRef], sprint: Option<&Sprint>, progress: Option<Progress>) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, board.kind.as_deref());
    facts.list(FactId::Project, &projects.iter().map(project_name).collect::<Vec<_>>());
    if let Some(sprint) = sprint {
        facts.add(FactId::Sprint, Some(&sprint.name));
        facts.add(FactId::Dates, days(sprint.start, sprint.end).as_deref());
    }
    facts.add(FactId::Progress, progress.map(|it| it.to_string()).as_deref());
    Preview { title: title(&board.name), facts: facts.0, progress, ..Preview::default() }
}

/// A sprint, with its home: the board on which it was made.
pub fn sprint(
    sprint: &Sprint,
    home: Option<&(Board, Vec<ProjectRef>)>,
    progress: Option<Progress>,
    with_description: bool,
) -> Preview {
    let state = sprint.state.map(|state| match state {
        SprintState::Future => ("Future", StatusCategory::ToDo),
        SprintState::Active => ("Active", StatusCategory::InProgress),
        SprintState::Closed => ("Closed", StatusCategory::Done),
    });
    let mut facts = Facts::default();
    if let Some((board, projects)) = home {
        facts.list(FactId::Project, &projects.iter().map(project_name).collect::<Vec<_>>());
        facts.named(FactId::Category, "Board", Some(&board.name));
    }
    facts.add(FactId::Dates, days(sprint.start, sprint.end).as_deref());
    facts.add(FactId::Progress, progress.map(|it| it.to_string()).as_deref());
    Preview {
        title: title(&sprint.name),
        status: state.map(|(name, category)| Status { name: name.to_owned(), category }),
        facts: facts.0,
        progress,
        description: description_of(sprint.goal.as_ref(), with_description),
        ..Preview::default()
    }
}
