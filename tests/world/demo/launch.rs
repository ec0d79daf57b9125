//! `LAUNCH` at acme: a project that is large enough to watch its rows fill in.

use serde_json::json;

use super::super::jira::content::{BUG, EPIC, STORY};
use super::super::jira::{FakeJira, FixVersion, Issue, Priority, Project, Status, Text};
use super::{Calendar, blocked, in_review};

/// What has to be ready, and the work on each of it.
const EPICS: [&str; 4] = ["Shop in Portuguese", "Delivery to islands", "Gift cards", "A help centre"];
const WORK: [&str; 14] = [
    "Write the texts",
    "Draw the pages",
    "Prices with local taxes",
    "Addresses that people can type",
    "Letters to customers",
    "Search that knows the words",
    "What the help desk has to know",
    "Numbers for the dashboard",
    "Load test for the first day",
    "Check with a screen reader",
    "Translate what partners see",
    "Terms and conditions",
    "Refunds",
    "Plan for the day itself",
];
const PEOPLE: [&str; 5] = ["ana", "ben", "chloe", "dmitri", "emi"];

pub fn add(jira: &FakeJira, calendar: Calendar) {
    let project = Project::new("LAUNCH", "Spring launch").lead("chloe").category("Products");
    jira.add_project(project.version(FixVersion::new("Spring").days(calendar.day(-30), calendar.day(90))));
    let epics = EPICS.iter().zip(1..).map(|(summary, number)| {
        let epic = calendar.issue(&format!("LAUNCH-{number}"), summary, 40, 30).issue_type(EPIC);
        epic.status(Status::in_progress()).reporter("chloe").assignee("ana").description(goal(summary))
    });
    let work = EPICS.iter().enumerate().flat_map(|(epic, about)| WORK.iter().map(move |work| (epic, about, work)));
    let work = work.zip(5_i64..).map(|((epic, about, work), number)| {
        let at = usize::try_from(number).unwrap_or_default();
        let issue = calendar.issue(&format!("LAUNCH-{number}"), &format!("{work}: {about}"), 38, number);
        let issue = issue.parent(&format!("LAUNCH-{}", epic + 1)).reporter("chloe").assignee(PEOPLE[at % PEOPLE.len()]);
        let issue = issue.description(format!("{work}, so that everything is ready for: {about}.").as_str());
        let issue = issue.issue_type(if at % 9 == 0 { BUG } else { STORY }).due(calendar.day(number - 20));
        let issue: Issue = match at % 5 {
            0 => issue.status(Status::in_progress()),
            1 => issue.status(in_review()),
            2 => issue.status(blocked()).priority(Some(Priority::High)),
            _ => issue,
        };
        issue
            .labels(if at % 2 == 0 { &["launch"] } else { &["launch", "web"] })
            .story_points(1.0 + f64::from(number as u8 % 5))
    });
    jira.add_issues(epics.chain(work).collect::<Vec<Issue>>());
}

/// What has to be true in the end, with marks and blocks.
fn goal(summary: &str) -> Text {
    let text = |text: &str| json!({"type": "text", "text": text});
    let strong = |text: &str| json!({"type": "text", "text": text, "marks": [{"type": "strong"}]});
    let paragraph = |content| json!({"type": "paragraph", "content": content});
    let item = |text| json!({"type": "listItem", "content": [paragraph(json!([text]))]});
    let cell = |kind, text| json!({"type": kind, "content": [paragraph(json!([text]))]});
    let row = |kind, one, two| json!({"type": "tableRow", "content": [cell(kind, text(one)), cell(kind, text(two))]});
    let adf = json!({"type": "doc", "version": 1, "content": [
        paragraph(json!([strong(summary), text(" has to be there on the first day of spring.")])),
        {"type": "heading", "attrs": {"level": 2}, "content": [text("Done when")]},
        {"type": "bulletList", "content": [item(text("nobody needs our help to use it")), item(text("it works on a phone"))]},
        {"type": "table", "content": [
            row("tableHeader", "Who", "What"), row("tableCell", "Chlo\u{e9}", "texts"), row("tableCell", "Ana", "everything else"),
        ]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(json!([text("Shown to the partners in February.")]))]},
    ]});
    let wiki = format!("*{summary}* has to be there on the first day of spring.");
    Text::Given { adf, html: format!("<p>{wiki}</p>"), wiki }
}
