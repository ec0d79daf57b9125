//! `/rest/agile/1.0`: boards and sprints, for people with a licence for Jira Software.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::answers::Desk;
use super::boards::{Board, Sprint};
use super::content::{DONE, IN_PROGRESS, TO_DO};
use super::exchange::Answer;
use super::fields::{self, Selection};
use super::issue::Issue;
use super::personality::Version;
use super::shapes::Shape;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgileCall {
    Boards,
    Board(String),
    Configuration(String),
    Projects(String),
    Sprints(String),
    Sprint(String),
    /// Perhaps only those on one board.
    SprintIssues {
        board: Option<String>,
        sprint: String,
    },
}

impl AgileCall {
    /// The call and its pattern, by the path below `/rest/agile/1.0`.
    pub fn of(path: &[&str]) -> Option<(Self, &'static str)> {
        let id = |text: &str| text.to_owned();
        Some(match path {
            ["board"] => (Self::Boards, "board"),
            ["board", board] => (Self::Board(id(board)), "board/{id}"),
            ["board", board, "configuration"] => (Self::Configuration(id(board)), "board/{id}/configuration"),
            ["board", board, "project"] => (Self::Projects(id(board)), "board/{id}/project"),
            ["board", board, "sprint"] => (Self::Sprints(id(board)), "board/{id}/sprint"),
            ["board", board, "sprint", sprint, "issue"] => {
                (Self::SprintIssues { board: Some(id(board)), sprint: id(sprint) }, "board/{id}/sprint/{id}/issue")
            }
            ["sprint", sprint] => (Self::Sprint(id(sprint)), "sprint/{id}"),
            ["sprint", sprint, "issue"] => {
                (Self::SprintIssues { board: None, sprint: id(sprint) }, "sprint/{id}/issue")
            }
            _ => return None,
        })
    }

    /// There is no classic scope for any of these (jira-auth-and-rest §2.5).
    pub fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Boards => &["read:board-scope:jira-software", "read:project:jira"],
            Self::Board(_) => &["read:board-scope:jira-software", "read:issue-details:jira"],
            Self::Configuration(_) | Self::Projects(_) => {
                &["read:board-scope.admin:jira-software", "read:project:jira"]
            }
            Self::Sprints(_) | Self::Sprint(_) => &["read:sprint:jira-software"],
            Self::SprintIssues { .. } => &["read:sprint:jira-software", "read:issue-details:jira", "read:jql:jira"],
        }
    }
}

const NO_BOARD: &str = "The requested board cannot be viewed because it either does not exist or you do not have \
                        permission to view it.";

impl Desk<'_> {
    pub(super) fn agile(&self, call: &AgileCall) -> Answer {
        self.for_people(|person| match call {
            _ if !person.software => Answer::error(403, "The user does not have a valid license for Jira Software."),
            AgileCall::Boards => self.boards(),
            AgileCall::Board(id) => self.with_board(id, |board| Answer::ok(&self.shape.board(board))),
            AgileCall::Configuration(id) => self.with_board(id, |board| Answer::ok(&self.shape.configuration(board))),
            AgileCall::Projects(id) => self.with_board(id, |board| {
                let project = board.project.as_deref().and_then(|key| self.shape.data.project(key));
                self.page(project.map(|project| self.shape.project_ref(project)).into_iter().collect(), true)
            }),
            AgileCall::Sprints(id) => self.with_board(id, |board| self.sprints(board)),
            AgileCall::Sprint(id) => self.with_sprint(id, |sprint| Answer::ok(&self.shape.whole_sprint(sprint))),
            AgileCall::SprintIssues { board: None, sprint } => {
                self.with_sprint(sprint, |(_, sprint)| self.sprint_issues(sprint, None))
            }
            AgileCall::SprintIssues { board: Some(board), sprint } => self.with_board(board, |board| {
                self.with_sprint(sprint, |(_, sprint)| self.sprint_issues(sprint, Some(board)))
            }),
        })
    }

    fn with_board(&self, id: &str, answer: impl FnOnce(&Board) -> Answer) -> Answer {
        self.shape.data.board(self.shape.person, id).map_or_else(|| Answer::error(404, NO_BOARD), answer)
    }

    fn with_sprint(&self, id: &str, answer: impl FnOnce((&Board, &Sprint)) -> Answer) -> Answer {
        let found = self.shape.data.sprint(self.shape.person, id);
        found.map_or_else(|| Answer::error(404, "Sprint does not exist"), answer)
    }

    fn boards(&self) -> Answer {
        let data = self.shape.data;
        let wants =
            |name: &str, value: &str| self.asked.parameter(name).is_none_or(|it| it.split(',').any(|it| it == value));
        let project = self.asked.parameter("projectKeyOrId").and_then(|it| data.project(&it)).map(|it| &it.key);
        let named = self.asked.parameter("name").unwrap_or_default().to_lowercase();
        let found = data.boards.iter().filter(|board| {
            data.sees_board(self.shape.person, board)
                && wants("type", board.kind)
                && board.name.to_lowercase().contains(&named)
                && project.is_none_or(|key| board.project.as_ref() == Some(key))
        });
        self.page(found.map(|board| self.shape.board(board)).collect(), true)
    }

    fn sprints(&self, board: &Board) -> Answer {
        if !board.has_sprints() {
            return Answer::error(400, "The board does not support sprints");
        }
        let states = self.asked.parameter("state");
        let wanted = |state: &str| states.as_ref().is_none_or(|states| states.split(',').any(|it| it == state));
        let in_order = ["closed", "active", "future"].into_iter().filter(|state| wanted(state));
        let found = in_order.flat_map(|state| board.sprints.iter().filter(move |it| it.state == state));
        self.page(found.map(|sprint| self.shape.whole_sprint((board, sprint))).collect(), self.cloud())
    }

    fn page(&self, rows: Vec<Value>, with_total: bool) -> Answer {
        let (start, most) = self.window();
        let total = rows.len();
        let values: Vec<Value> = rows.into_iter().skip(start).take(most).collect();
        let is_last = start + values.len() >= total;
        let mut page = json!({"maxResults": most, "startAt": start, "isLast": is_last, "values": values});
        if with_total {
            page["total"] = total.into();
        }
        Answer::ok(&page)
    }

    /// `startAt` and `maxResults`.
    fn window(&self) -> (usize, usize) {
        let number = |name, otherwise| self.asked.parameter(name).and_then(|it| it.parse().ok()).unwrap_or(otherwise);
        (number("startAt", 0), number("maxResults", 50))
    }

    fn sprint_issues(&self, sprint: &Sprint, board: Option<&Board>) -> Answer {
        let data = self.shape.data;
        let jql = self.asked.parameter("jql").unwrap_or_default();
        let matching = match self.found(&jql, true) {
            Ok((_, issues)) => issues,
            Err(refusal) => return refusal,
        };
        let project = board.and_then(|board| board.project.as_deref());
        let found: Vec<&Issue> = data
            .issues_of(sprint)
            .filter(|issue| matching.iter().any(|it| it.id == issue.id))
            .filter(|issue| project.is_none_or(|key| issue.project_key() == key))
            .collect();
        let (start, most) = self.window();
        let selection = Selection::new(&self.asked.parameters("fields"), "*navigable");
        let rows = found.iter().skip(start).take(most).map(|issue| {
            let mut row = self.shape.issue(issue, &selection, &[]);
            self.shape.add_agile_fields(issue, &selection, &mut row["fields"]);
            row
        });
        Answer::ok(&json!({
            "expand": "schema,names", "startAt": start, "maxResults": most, "total": found.len(),
            "issues": rows.collect::<Vec<_>>(),
        }))
    }
}

impl Shape<'_> {
    fn agile(&self, path: &str) -> String {
        format!("{}/rest/agile/1.0/{path}", self.called)
    }

    /// Self-managed servers do not tell where a board lies.
    fn board(&self, board: &Board) -> Value {
        let Board { id, name, kind, .. } = board;
        let mut value = json!({"id": id, "self": self.agile(&format!("board/{id}")), "name": name, "type": kind});
        if !self.cloud() {
            return value;
        }
        value["isPrivate"] = false.into();
        if let Some(project) = board.project.as_deref().and_then(|key| self.data.project(key)) {
            let name = format!("{} ({})", project.name, project.key);
            value["location"] = json!({
                "projectId": project.id.parse::<u64>().unwrap_or(0), "displayName": name, "projectName": project.name,
                "projectKey": project.key, "projectTypeKey": project.type_key, "name": name,
                "avatarURI": format!("{}/rest/api/2/universal_avatar/view/type/project/avatar/10401?size=small", self.base),
            });
        }
        value
    }

    fn configuration(&self, board: &Board) -> Value {
        let id = board.id;
        let project = board.project.as_deref().and_then(|key| self.data.project(key));
        let mut value = json!({
            "id": id, "name": board.name, "type": board.kind,
            "self": self.agile(&format!("board/{id}/configuration")),
            "filter": {"id": board.filter.to_string(), "self": self.rest(&format!("filter/{}", board.filter))},
            "columnConfig": {"columns": self.columns(board), "constraintType": "none"},
            "ranking": {"rankCustomFieldId": fields::RANK},
        });
        if board.has_sprints() {
            let (id, name) = match self.cloud() {
                true => (fields::STORY_POINTS_ON_CLOUD, "Story point estimate"),
                false => (fields::STORY_POINTS, "Story Points"),
            };
            value["estimation"] = json!({"type": "field", "field": {"fieldId": id, "displayName": name}});
        } else {
            value["subQuery"] = json!({"query": "fixVersion in unreleasedVersions() OR fixVersion is EMPTY"});
        }
        if let Some(project) = project.filter(|_| self.cloud()) {
            value["location"] = json!({
                "type": "project", "key": project.key, "id": project.id, "name": project.name,
                "self": self.rest(&format!("project/{}", project.id)),
            });
        }
        value
    }

    /// One column for each category, of the statuses in use.
    fn columns(&self, board: &Board) -> Value {
        let column = |category: super::content::Category| {
            let on_board = |issue: &&Issue| board.project.as_deref().is_none_or(|key| issue.project_key() == key);
            let mut ids: Vec<&str> = Vec::new();
            for issue in self.data.issues().iter().filter(on_board).filter(|it| it.status.category == category) {
                if !ids.contains(&issue.status.id.as_str()) {
                    ids.push(&issue.status.id);
                }
            }
            let status = |id: &&str| json!({"id": id, "self": self.rest(&format!("status/{id}"))});
            json!({"name": category.3, "statuses": ids.iter().map(status).collect::<Vec<_>>()})
        };
        [TO_DO, IN_PROGRESS, DONE].map(column).into_iter().collect()
    }

    fn whole_sprint(&self, (board, sprint): (&Board, &Sprint)) -> Value {
        let mut value = json!({
            "id": sprint.id, "self": self.agile(&format!("sprint/{}", sprint.id)), "state": sprint.state,
            "name": sprint.name, "originBoardId": board.id, "goal": sprint.goal,
        });
        value.as_object_mut().expect("an object").extend(self.days(sprint));
        if self.personality.since(Version(8, 0, 0)) {
            if let Some(start) = sprint.start {
                value["activatedDate"] = self.agile_instant(start).into();
            }
            value["autoStartStop"] = false.into();
            value["synced"] = false.into();
        }
        value
    }

    fn days(&self, sprint: &Sprint) -> Map<String, Value> {
        [("startDate", sprint.start), ("endDate", sprint.end), ("completeDate", sprint.completed())]
            .into_iter()
            .filter_map(|(name, at)| Some((name.to_owned(), self.agile_instant(at?).into())))
            .collect()
    }

    /// In UTC; older servers write their own zone, with a colon.
    fn agile_instant(&self, at: Timestamp) -> String {
        match self.cloud() || self.personality.since(Version(9, 0, 0)) {
            true => at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            false => {
                at.to_zoned(TimeZone::fixed(self.personality.zone)).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
            }
        }
    }

    /// The value of the sprint field: objects on Cloud, texts of Java elsewhere.
    pub fn sprints(&self, issue: &Issue) -> Option<Value> {
        let sprints: Vec<_> = issue.sprints.iter().filter_map(|id| self.data.any_sprint(*id)).collect();
        let shown = |(board, sprint): &(&Board, &Sprint)| match self.cloud() {
            false => self.sprint_text(board, sprint).into(),
            true => {
                let mut value = json!({
                    "id": sprint.id, "name": sprint.name, "state": sprint.state, "boardId": board.id,
                    "goal": sprint.goal,
                });
                value.as_object_mut().expect("an object").extend(self.days(sprint));
                value
            }
        };
        (!sprints.is_empty()).then(|| sprints.iter().map(shown).collect())
    }

    /// The order of its members depends on the version, and nothing in it is escaped.
    fn sprint_text(&self, board: &Board, sprint: &Sprint) -> String {
        let at = |at: Option<Timestamp>| at.map_or_else(|| "<null>".to_owned(), |at| self.agile_instant(at));
        let (start, end, complete) = (at(sprint.start), at(sprint.end), at(sprint.completed()));
        let (id, view, name, goal) = (sprint.id, board.id, &sprint.name, &sprint.goal);
        let state = sprint.state.to_uppercase();
        let members = if self.personality.since(Version(9, 0, 0)) {
            format!(
                "activatedDate={start},autoStartStop=false,completeDate={complete},endDate={end},goal={goal},id={id},\
                 incompleteIssuesDestinationId=<null>,name={name},rapidViewId={view},sequence={id},startDate={start},\
                 state={state},synced=false"
            )
        } else {
            let more = match self.personality.since(Version(8, 0, 0)) {
                true => ",synced=false,autoStartStop=false,incompleteIssuesDestinationId=<null>",
                false => "",
            };
            let activated = if more.is_empty() { String::new() } else { format!("activatedDate={start},") };
            format!(
                "id={id},rapidViewId={view},state={state},name={name},startDate={start},endDate={end},\
                 completeDate={complete},{activated}sequence={id},goal={goal}{more}"
            )
        };
        format!("com.atlassian.greenhopper.service.sprint.Sprint@{:x}[{members}]", id * 7919)
    }

    /// What this API knows of an issue besides its fields: the sprint that is not closed, and those that are.
    fn add_agile_fields(&self, issue: &Issue, selection: &Selection, fields: &mut Value) {
        let sprints: Vec<_> = issue.sprints.iter().filter_map(|id| self.data.any_sprint(*id)).collect();
        let (closed, open): (Vec<_>, Vec<_>) = sprints.into_iter().partition(|(_, sprint)| sprint.state == "closed");
        if selection.wants_extra("sprint") {
            fields["sprint"] = open.first().map_or(Value::Null, |it| self.whole_sprint(*it));
        }
        if selection.wants_extra("closedSprints") && !closed.is_empty() {
            fields["closedSprints"] = closed.into_iter().map(|it| self.whole_sprint(it)).collect();
        }
    }
}
