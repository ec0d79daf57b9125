//! One ready answer of every kind, as `unfurl` fills it: the same small company everywhere.

use jira_notion_gateway::jira::key::Kind;
use jira_notion_gateway::jira::model::StatusCategory;
use jira_notion_gateway::preview::{Answer, Fact, FactId, Preview, Progress, Row, Status};

use super::{at, bare, fact, issue, project};

/// Pictures without a server: a face, a project's mark, an issue type's icon.
const FACE: &str = "/pictures/face.svg";
const MARK: &str = "/pictures/mark.svg";
const TYPE: &str = "/pictures/type.svg";
const PRIORITY: &str = "/pictures/priority.svg";

fn labelled(id: FactId, name: &'static str, value: &str) -> Fact {
    Fact { name: name.into(), ..fact(id, value) }
}

fn field(id: &str, name: &'static str, value: &str) -> Fact {
    labelled(FactId::Field(id.into()), name, value)
}

fn pictured(fact: Fact, picture: &str) -> Fact {
    Fact { picture_url: Some(picture.to_owned()), ..fact }
}

fn status(name: &str, category: StatusCategory) -> Option<Status> {
    Some(Status { name: name.to_owned(), category })
}

fn row(key: &str, title: &str, name: &str, category: StatusCategory) -> Row {
    Row { key: key.to_owned(), title: title.to_owned(), status: status(name, category) }
}

fn sprint_progress() -> Option<Progress> {
    Some(Progress { to_do: 8, in_progress: 5, done: 12 })
}

/// A ready answer about an object at this path.
fn ready(kind: Kind, id: &str, path: &str, title: &str, identifier: &str, facts: Vec<Fact>) -> Answer {
    let like = issue();
    let mut answer = bare(kind, id, path);
    answer.url = format!("https://acme.atlassian.net{path}");
    answer.state = like.state;
    answer.reason = None;
    answer.checked_at = like.checked_at;
    answer.connection = like.connection;
    answer.actions = like.actions;
    answer.actions[0].href.clone_from(&answer.url);
    let (title, identifier) = (title.to_owned(), identifier.to_owned());
    answer.preview = Some(Preview { title, identifier, facts, ..Preview::default() });
    answer
}

fn with(mut answer: Answer, change: impl FnOnce(&mut Preview)) -> Answer {
    change(answer.preview.as_mut().unwrap());
    answer
}

/// (name, answer); every kind that has a preview, some in more than one shape.
pub fn every_kind() -> Vec<(&'static str, Answer)> {
    use FactId::{Assignee, Category, Count, Dates, Due, FixVersion, Jql, Labels, Lead, Owner, Parent, Priority};
    use FactId::{Project, Reporter, Sprint, Type};
    use StatusCategory::{Done, InProgress, ToDo, Unknown};

    let mut all = vec![("issue", issue()), ("project", project())];
    let mut add = |name, answer| all.push((name, answer));

    let facts = vec![
        fact(Type, "Epic"),
        pictured(fact(Assignee, "Ana Lindqvist"), FACE),
        pictured(fact(Priority, "High"), PRIORITY),
        fact(Due, "2026-12-18"),
        fact(Sprint, "Sprint 4"),
        fact(FixVersion, "2.4.0"),
        fact(Labels, "browsers, auth"),
        fact(FactId::Progress, "12 of 30 done"),
        pictured(fact(Reporter, "Bo Nilsen"), FACE),
        field("customfield_10016", "Story points", "21"),
        field("customfield_10031", "Go-live", "2026-12-20"),
    ];
    let epic = ready(Kind::Issue, "OPS-1", "/browse/OPS-1", "Browser support", "OPS-1", facts);
    add(
        "epic",
        with(epic, |preview| {
            preview.icon_url = Some(TYPE.to_owned());
            preview.status = status("In Progress", InProgress);
            preview.progress = Some(Progress { to_do: 11, in_progress: 7, done: 12 });
            preview.description = Some("Every browser of the last two years signs in at the first click.".to_owned());
            preview.updated_at = Some(at("2026-11-21T16:40:00Z"));
        }),
    );

    let facts = vec![
        fact(Type, "Bug"),
        pictured(labelled(Owner, "Comment by", "Bo Nilsen"), FACE),
        labelled(Dates, "Written", "2026-11-22T08:31:00Z"),
        labelled(Category, "Visible to", "Developers"),
    ];
    let path = "/browse/OPS-7?focusedCommentId=10044";
    let comment = ready(Kind::Comment, "10044", path, "Login fails on Safari", "OPS-7", facts);
    add(
        "comment",
        with(comment, |preview| {
            preview.status = status("In Progress", InProgress);
            preview.excerpt = Some(
                "I can see it on Safari 19 and on no other browser: the second redirect loses the cookie.\nThe \
                 fix is small, but it needs a test that clicks twice, and somebody who has an old iPad at hand."
                    .to_owned(),
            );
            preview.updated_at = Some(at("2026-11-22T08:31:00Z"));
        }),
    );

    let facts = vec![
        fact(Type, "Bug"),
        labelled(Owner, "Logged by", "Ana Lindqvist"),
        field("timespent", "Time spent", "2h 30m"),
        labelled(Dates, "Started", "2026-11-20T13:00:00Z"),
    ];
    let path = "/browse/OPS-7?focusedWorklogId=56";
    let worklog = ready(Kind::Worklog, "56", path, "Login fails on Safari", "OPS-7", facts);
    add(
        "worklog",
        with(worklog, |preview| {
            preview.status = status("In Progress", InProgress);
            preview.excerpt = Some("Reproduced it, and wrote down the steps.".to_owned());
        }),
    );

    let facts = vec![
        fact(Type, "scrum"),
        fact(Project, "Operations (OPS)"),
        fact(Sprint, "Sprint 4"),
        fact(Dates, "2026-11-16 to 2026-11-27"),
        fact(FactId::Progress, "12 of 25 done"),
    ];
    let board = ready(Kind::Board, "12", "/secure/RapidBoard.jspa?rapidView=12", "Operations board", "", facts);
    add("board", with(board, |preview| preview.progress = sprint_progress()));
    let facts = vec![fact(Type, "kanban"), fact(Project, "Operations (OPS), Web (WEB), Mobile (MOB)")];
    let path = "/secure/RapidBoard.jspa?rapidView=14";
    add("board_kanban", ready(Kind::Board, "14", path, "Everything in flight", "", facts));

    let facts = |dates: &str| {
        vec![
            fact(Project, "Operations (OPS)"),
            labelled(Category, "Board", "Operations board"),
            fact(Dates, dates),
            fact(FactId::Progress, "12 of 25 done"),
        ]
    };
    let path = "/secure/GHGoToBoard.jspa?sprintId=3";
    let sprint = ready(Kind::Sprint, "3", path, "Sprint 4", "", facts("2026-11-16 to 2026-11-27"));
    add(
        "sprint",
        with(sprint, |preview| {
            preview.status = status("Active", InProgress);
            preview.progress = sprint_progress();
            preview.description = Some("Sign-in works everywhere.".to_owned());
        }),
    );
    let sprint = ready(Kind::Sprint, "3", path, "Safari, at last", "", facts("2026-11-02 to 2026-11-20"));
    add(
        "sprint_over",
        with(sprint, |preview| {
            preview.status = status("Active", InProgress);
            preview.progress = sprint_progress();
        }),
    );

    let jql =
        "project = OPS AND resolution = Unresolved AND labels in (auth, browsers) ORDER BY priority DESC, updated DESC";
    let rows = vec![
        row("OPS-7", "Login fails on Safari", "In Progress", InProgress),
        row("OPS-12", "Passkeys: ask once, not at every visit", "To Do", ToDo),
        row(
            "OPS-13",
            "The session of a closed tab lives on for a day although the server says otherwise",
            "In Review",
            InProgress,
        ),
        row("OPS-15", "Old iPads see an empty page", "Done", Done),
        row("OPS-19", "تسجيل الدخول يفشل", "Waiting", Unknown),
    ];
    let facts = vec![pictured(fact(Owner, "Ana Lindqvist"), FACE), fact(Jql, jql), fact(Count, "47")];
    let filter = ready(Kind::Filter, "10010", "/issues/?filter=10010", "Sign-in, still open", "", facts);
    add("filter", with(filter, |preview| preview.rows.clone_from(&rows)));
    let facts = vec![fact(Jql, "assignee = currentUser()"), fact(Count, "1")];
    let path = "/issues/?jql=assignee%20%3D%20currentUser%28%29";
    let search = ready(Kind::Search, "assignee = currentUser()", path, "Jira search", "", facts);
    add("search", with(search, |preview| preview.rows = rows[..1].to_vec()));

    let path = "/jira/dashboards/10002";
    let facts = vec![pictured(fact(Owner, "Bo Nilsen"), FACE)];
    add("dashboard", ready(Kind::Dashboard, "10002", path, "How we are doing", "", facts));

    let facts = vec![
        fact(Project, "Operations (OPS)"),
        fact(Dates, "2026-10-01 to 2026-12-18"),
        fact(FactId::Progress, "18 of 20 done"),
    ];
    let version = ready(Kind::Version, "10100", "/projects/OPS/versions/10100", "2.4.0", "", facts);
    add(
        "version",
        with(version, |preview| {
            preview.status = status("Unreleased", ToDo);
            preview.progress = Some(Progress { to_do: 1, in_progress: 1, done: 18 });
        }),
    );
    let facts = vec![fact(Project, "Operations (OPS)"), fact(Dates, "until 2026-09-30")];
    let version = ready(Kind::Version, "10099", "/projects/OPS/versions/10099", "2.3.0", "", facts);
    add("version_released", with(version, |preview| preview.status = status("Released", Done)));

    let facts = vec![fact(Project, "Operations (OPS)"), fact(Lead, "Ana Lindqvist"), fact(Count, "14")];
    add("component", ready(Kind::Component, "8", "/browse/OPS/component/8", "Sign-in", "", facts));

    let facts = vec![fact(Type, "person"), labelled(Category, "Time zone", "Europe/Stockholm")];
    let path = "/jira/people/5b10a2844c20165700ede21g";
    let user = ready(Kind::User, "5b10a2844c20165700ede21g", path, "Ana Lindqvist", "", facts);
    add("user", with(user, |preview| preview.icon_url = Some(FACE.to_owned())));
    let user = ready(Kind::User, "old", "/jira/people/old", "Cleo Former", "", vec![fact(Type, "person")]);
    add("user_deactivated", with(user, |preview| preview.status = status("Deactivated", Unknown)));

    let sla = |value: &str| {
        vec![
            fact(Type, "Get IT help"),
            pictured(fact(Reporter, "Dora Quist"), FACE),
            labelled(Due, "Time to first response", value),
            labelled(Project, "Service", "IT Help"),
        ]
    };
    let path = "/servicedesk/customer/portal/1/HELP-2";
    for (name, value) in [
        ("request", "2026-11-22T12:15:00Z"),
        ("request_breached", "2026-11-22T09:15:00Z"),
        ("request_paused", "paused"),
    ] {
        let request = ready(Kind::Request, "HELP-2", path, "My laptop does not wake up", "HELP-2", sla(value));
        add(
            name,
            with(request, |preview| {
                preview.status = status("Waiting for support", ToDo);
                preview.updated_at = Some(at("2026-11-22T07:58:00Z"));
            }),
        );
    }

    let facts = vec![
        fact(Type, "Idea"),
        fact(Assignee, "Ana Lindqvist"),
        fact(Labels, "quick win"),
        field("customfield_10050", "Impact", "4"),
        field("customfield_10051", "Effort", "2"),
        field("customfield_10052", "Votes", "17"),
        field("customfield_10053", "Delivery", "3 of 9"),
    ];
    let path = "/browse/IDEA-2";
    let idea = ready(Kind::Idea, "IDEA-2", path, "Sign in with a passkey", "IDEA-2", facts);
    add("idea", with(idea, |preview| preview.status = status("Next", ToDo)));

    let facts = vec![
        fact(Type, "image/png"),
        labelled(Count, "Size", "12.4 kB"),
        labelled(Owner, "Added by", "Bo Nilsen"),
        labelled(Dates, "Added", "2026-11-19T15:20:00Z"),
    ];
    let path = "/secure/attachment/77/empty-page.png";
    add("attachment", ready(Kind::Attachment, "77", path, "empty-page.png", "", facts));

    let path = "/servicedesk/customer/portal/1";
    add("portal", ready(Kind::Portal, "1", path, "IT Help", "", vec![fact(Project, "IT Help (HELP)")]));
    let facts = vec![fact(Project, "IT Help (HELP)"), fact(Jql, "resolution = Unresolved"), fact(Count, "12")];
    let path = "/jira/servicedesk/projects/HELP/queues/custom/5";
    let queue = ready(Kind::Queue, "5", path, "Waiting for us", "", facts);
    let waiting = vec![
        row("HELP-2", "My laptop does not wake up", "Waiting for support", ToDo),
        row("HELP-3", "New screen", "In Progress", InProgress),
    ];
    add("queue", with(queue, |preview| preview.rows = waiting));
    add(
        "project_pictured",
        with(project(), |preview| {
            preview.icon_url = Some(MARK.to_owned());
            preview.facts.push(labelled(Count, "Open issues", "132"));
            preview.description = Some("Everything that keeps the lights on, and the people who do it.".to_owned());
        }),
    );
    all
}

/// Links that name something of a Jira which has no preview: (name, answer).
pub fn nothing_to_preview() -> Vec<(&'static str, Answer)> {
    vec![
        ("plan", bare(Kind::Plan, "2", "/jira/plans/2")),
        ("site", bare(Kind::Site, "", "")),
        ("dashboard_default", bare(Kind::Dashboard, "", "/secure/Dashboard.jspa")),
        ("user_own", bare(Kind::User, "", "/secure/ViewProfile.jspa")),
        ("search_empty", bare(Kind::Search, "", "/issues/")),
        ("none", super::none()),
    ]
}
