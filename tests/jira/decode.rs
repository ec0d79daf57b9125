//! Fixtures in pairs: the same answer in both dialects is the same value.

use std::path::{Path, PathBuf};

use jira_notion_gateway::jira::error::Error;
use jira_notion_gateway::jira::model::{Issue, IssueType, Named, Person, Project, RichText, StatusCategory};
use jira_notion_gateway::jira::{cloud, server, text, value};

pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jira")
}

/// What the two dialects say in different forms: who a person is, the form of a long text, where pictures lie, the level
/// of a type, which only Cloud tells, and ids and values of custom fields.
fn without_dialect(mut issue: Issue) -> Issue {
    issue.issue_type = issue.issue_type.map(|it| IssueType { level: None, icon_url: None, ..it });
    issue.priority = issue.priority.map(|it| Named { icon_url: None, ..it });
    for (id, value) in &mut issue.custom {
        (*id, *value) = (String::new(), value::sprints(value).into());
    }
    issue.assignee = issue.assignee.map(nameless);
    issue.reporter = issue.reporter.map(nameless);
    issue.description = issue.description.map(|long| RichText::Html(text::plain_text(&long, 1_000)));
    issue
}

fn nameless(person: Person) -> Person {
    Person { id: String::new(), name: None, avatar_url: None, ..person }
}

fn project_without_dialect(mut project: Project) -> Project {
    project.lead = project.lead.map(nameless);
    project.avatar_url = None;
    project
}

#[test]
fn the_same_answer_in_both_dialects_is_the_same_value() {
    let mut names: Vec<String> = std::fs::read_dir(fixtures().join("cloud"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in &names {
        let (one, other) = (fixture(&format!("cloud/{name}")), fixture(&format!("server/{name}")));
        match name.split(['-', '.']).next().unwrap() {
            "issue" => assert_eq!(
                without_dialect(cloud::issue(&one).unwrap()),
                without_dialect(server::issue(&other).unwrap()),
                "{name}"
            ),
            "search" => {
                let (one, other) = (cloud::issue_page(&one).unwrap(), server::issue_page(&other).unwrap());
                let plain = |issues: Vec<Issue>| issues.into_iter().map(without_dialect).collect::<Vec<_>>();
                assert_eq!(
                    (one.next_page_token, one.total, other.next_page_token, other.total),
                    (None, None, None, Some(3))
                );
                assert_eq!(plain(one.issues), plain(other.issues));
            }
            "project" => assert_eq!(
                project_without_dialect(cloud::project(&one).unwrap()),
                project_without_dialect(server::project(&other).unwrap())
            ),
            "myself" => assert_eq!(nameless(cloud::person(&one).unwrap()), nameless(server::person(&other).unwrap())),
            "server" => {
                assert_eq!(cloud::server_info(&one).unwrap().deployment_type.as_deref(), Some("Cloud"));
                assert_eq!(server::server_info(&other).unwrap().version, "10.3.4");
            }
            _ => panic!("no test reads {name}"),
        }
    }
    assert_eq!(names.len(), 7);
}

#[test]
fn every_fact_of_an_issue_is_read() {
    let issue = cloud::issue(&fixture("cloud/issue.json")).unwrap();
    assert_eq!(
        (issue.id.as_str(), issue.key.as_str(), issue.summary.as_str()),
        ("10042", "OPS-7", "Login fails on Safari")
    );
    let status = issue.status.as_ref().unwrap();
    assert_eq!((status.name.as_str(), status.category), ("In Progress", StatusCategory::InProgress));
    assert_eq!(issue.issue_type.as_ref().unwrap().name, "Bug");
    assert_eq!(issue.priority.as_ref().unwrap().name, "High");
    let ana = issue.assignee.as_ref().unwrap();
    assert_eq!((ana.id.as_str(), ana.display_name.as_str()), ("5b10a2844c20165700ede21a", "Ana Lindqvist"));
    assert!(!issue.reporter.as_ref().unwrap().active);
    assert_eq!(issue.project.as_ref().unwrap().type_key.as_deref(), Some("software"));
    assert_eq!(issue.due.unwrap().to_string(), "2026-10-15");
    assert_eq!(issue.resolution, None);
    assert_eq!(issue.fix_versions, ["4.2", "5.0 – beta"]);
    assert_eq!(issue.labels, ["safari", "login"]);
    assert_eq!(issue.created.unwrap().to_string(), "2026-09-01T06:12:44.513Z");
    assert_eq!(issue.updated.unwrap().to_string(), "2026-09-01T07:12:44.513Z");
    assert!(!issue.secured);
    let description = text::plain_text(issue.description.as_ref().unwrap(), 1_000);
    let expected = "Steps - open Settings - press Sign in Seen by @bo on Safari 17. See https://status.acme.example/4711. \
                    TypeError: undefined is not an object";
    assert_eq!(description, expected);

    let ana = server::issue(&fixture("server/issue.json")).unwrap().assignee.unwrap();
    assert_eq!((ana.id.as_str(), ana.name.as_deref()), ("JIRAUSER10100", Some("ana")));

    let subtask = server::issue(&fixture("server/issue-subtask.json")).unwrap();
    assert_eq!(subtask.status.unwrap().category, StatusCategory::Done, "by key, not by its German name");
    assert_eq!(subtask.parent.unwrap().key, "OPS-7");
    assert!(subtask.secured);

    let sparse = cloud::issue(&fixture("cloud/issue-sparse.json")).unwrap();
    assert_eq!(sparse.status.unwrap().category, StatusCategory::Unknown, "a category that Jira has never had");
    assert_eq!((sparse.priority, sparse.assignee, sparse.due, sparse.updated), (None, None, None, None));

    let project = server::project(&fixture("server/project.json")).unwrap();
    assert_eq!(project.description.as_deref(), Some("Keeps the lights on."));
    assert_eq!(project.category.unwrap().name, "Platform");
}

#[test]
fn what_is_no_issue_is_malformed_and_what_is_odd_is_not() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        r#"{"id":"1","key":"A-1"}"#,
        r#"{"key":"A-1","fields":{}}"#,
        r#"{"id":"1","fields":{}}"#,
    ] {
        assert_eq!(cloud::issue(body.as_bytes()), Err(Error::Malformed), "{body}");
        assert_eq!(server::issue(body.as_bytes()), Err(Error::Malformed), "{body}");
    }
    let odd = r#"{"id":1,"key":"A-1","fields":{"summary":["x"],"status":"Open","assignee":[],"project":7,"labels":"one",
        "fixVersions":[null,{"name":"1.0"},"x"],"duedate":"2026-02-31","updated":1788220800000,"created":"yesterday",
        "security":null,"issuetype":{"name":null},"priority":{"id":3,"name":"High"},"description":12.5,"parent":{"id":"2"}}}"#;
    let issue = server::issue(odd.as_bytes()).unwrap();
    assert_eq!((issue.id.as_str(), issue.summary.as_str()), ("1", ""));
    assert_eq!(issue.fix_versions, ["1.0"]);
    assert_eq!(issue.priority.unwrap().id, "3");
    assert_eq!((issue.status, issue.assignee, issue.due, issue.parent), (None, None, None, None));
}

#[test]
fn what_is_nested_without_end_is_cut_and_harms_no_other_issue() {
    let lists = |depth: usize, end: &str| {
        let open = r#"{"type":"bulletList","content":[{"type":"listItem","content":["#;
        format!("{}{end}{}", open.repeat(depth), "]}]}".repeat(depth))
    };
    let brackets = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let top = r#"{"type":"paragraph","content":[{"type":"text","text":"top"}]}"#;
    for deep in [lists(40, ""), lists(5_000, ""), brackets] {
        let text = format!(r#"{{"type":"doc","content":[{top},{deep}]}}"#);
        let body = format!(
            r#"{{"issues":[{{"id":"1","key":"A-1","fields":{{"description":{text},"customfield_1":{text},"summary":"one"}}}},
            {{"id":"2","key":"A-2","fields":{{"summary":"two"}}}}]}}"#
        );
        let found = cloud::bulk_issues(body.as_bytes()).unwrap();
        let summaries: Vec<&str> = found.issues.iter().map(|issue| issue.summary.as_str()).collect();
        assert_eq!(summaries, ["one", "two"]);
        assert!(!found.incomplete);
        let description = text::plain_text(found.issues[0].description.as_ref().unwrap(), 100);
        assert!(description.starts_with("top"), "{description}");
    }
    let kept = format!(r#"{{"id":"1","key":"A-1","fields":{{"description":{}}}}}"#, lists(20, top));
    let issue = cloud::issue(kept.as_bytes()).unwrap();
    assert!(text::plain_text(&issue.description.unwrap(), 100).ends_with("top"), "twenty lists within lists are kept");
}
