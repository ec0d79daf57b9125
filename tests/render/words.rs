//! Names, times and sentences.

use jira_notion_gateway::jira::key::Kind;
use jira_notion_gateway::preview::{ReasonCode, State};
use jira_notion_gateway::render::{aloud, mention, notice, time, words};

use super::sample::{self, at, now};

#[test]
fn every_kind_is_named_by_its_link_alone() {
    let base = "https://acme.atlassian.net";
    let table = [
        (Kind::Issue, "OPS-7", "/browse/OPS-7", Some("OPS-7")),
        (Kind::Issue, "10001", "/browse/10001", Some("Issue 10001")),
        (Kind::Comment, "55", "/browse/OPS-7?focusedCommentId=55", Some("Comment on OPS-7")),
        (Kind::Worklog, "56", "/browse/OPS-7?focusedWorklogId=56", Some("Work log on OPS-7")),
        (Kind::Comment, "55", "/rest/api/2/comment/55", Some("Comment 55")),
        (Kind::Project, "OPS", "/browse/OPS", Some("OPS")),
        (Kind::Project, "10000", "/browse/10000", Some("Project 10000")),
        (Kind::Board, "12", "/secure/RapidBoard.jspa?rapidView=12", Some("Board 12")),
        (Kind::Sprint, "3", "/secure/GHGoToBoard.jspa?sprintId=3", Some("Sprint 3")),
        (Kind::Filter, "-4", "/issues/?filter=-4", Some("Filter -4")),
        (Kind::Search, "reporter = ana", "/issues/?jql=reporter%20%3D%20ana", Some("Jira search")),
        (Kind::Dashboard, "", "/secure/Dashboard.jspa", Some("Dashboard")),
        (Kind::Version, "9", "/projects/OPS/versions/9", Some("Version 9")),
        (Kind::Component, "8", "/browse/OPS/component/8", Some("Component 8")),
        (Kind::User, "ana", "/secure/ViewProfile.jspa?name=ana", Some("Jira profile")),
        (Kind::Request, "SD-2", "/servicedesk/customer/portal/1/SD-2", Some("SD-2")),
        (Kind::Idea, "IDEA-2", "/browse/IDEA-2", Some("IDEA-2")),
        (Kind::Attachment, "77", "/secure/attachment/77/a.png", Some("Attachment 77")),
        (Kind::Plan, "2", "/jira/plans/2", Some("Plan 2")),
        (Kind::Portal, "1", "/servicedesk/customer/portal/1", Some("Portal 1")),
        (Kind::Queue, "5", "/projects/SD/queues/custom/5", Some("Queue 5")),
        (Kind::Site, "", "", Some("acme.atlassian.net")),
        (Kind::None, "", "", None),
    ];
    let mut seen = Vec::new();
    for (kind, id, path, expected) in table {
        let answer = sample::bare(kind, id, path);
        assert_eq!(mention::text(&answer).as_deref(), expected, "{kind:?}");
        assert_eq!(words::label(kind, id, Some(&format!("{base}{path}"))).as_deref(), expected);
        seen.push(kind);
    }
    assert!(Kind::ALL.iter().all(|kind| seen.contains(kind)), "every kind is in the table");
}

#[test]
fn mentions_as_text() {
    let table = [
        (sample::issue(), "OPS-7 Login fails on Safari · In Progress"),
        (sample::project(), "Operations"),
        (sample::sub_task(), "OPS-7 Write a test that clicks twice · Done"),
    ];
    for (answer, expected) in table {
        assert_eq!(mention::text(&answer).as_deref(), Some(expected));
    }
}

#[test]
fn without_rights_a_link_says_only_itself() {
    assert_eq!(words::redacted(Kind::Issue, "OPS-7", None, "acme"), "OPS-7 · Jira (acme)");
    assert_eq!(words::redacted(Kind::Search, "text ~ secret", None, "acme"), "Jira search · Jira (acme)");
}

#[test]
fn accessible_names_are_whole_sentences() {
    assert_eq!(
        aloud::of(&sample::issue()).to_string(),
        "Bug OPS-7, Login fails on Safari, status In Progress, assigned to Ana Lindqvist"
    );
    assert_eq!(
        aloud::of(&sample::sub_task()).to_string(),
        "Sub-task OPS-7, Write a test that clicks twice, status Done, unassigned"
    );
    assert_eq!(aloud::of(&sample::project()).to_string(), "Project OPS, Operations");
    for (name, answer) in sample::situations(&sample::issue()) {
        let spoken = aloud::of(&answer).to_string();
        assert!(spoken.contains("OPS-7"), "{name}: {spoken}");
        if answer.preview.is_none() {
            assert!(spoken.len() > "OPS-7: ".len(), "{name}: {spoken}");
        }
    }
}

#[test]
fn every_state_has_its_sentence() {
    let expected = [
        ("ready_stale", "The gateway cannot reach this Jira", "Last checked 10:00 UTC. Refreshing…"),
        ("ready_stale_limited", "Jira asked us to wait. Next try at 10:32 UTC.", "Last checked 10:00 UTC."),
        ("connect", "Connect your Jira to see this", "acme.atlassian.net is not linked to your account yet."),
        (
            "reconnect_stale",
            "Your Jira sign-in has ended",
            "It stopped working on 22 Nov. Previews show the last known values.",
        ),
        (
            "not_found",
            "Not found, or not visible to you",
            "Checked as ana@acme.example. It may be private, deleted or mistyped.",
        ),
        ("not_found_gone", "Not visible in Jira since 22 Nov", "It was deleted or made private."),
        ("moved", "Moved to OPS-7", "The old key still leads here."),
        (
            "unreachable",
            "The gateway cannot reach this Jira",
            "You may still be able to open it yourself. Reason: the certificate expired on 1 May.",
        ),
        ("rate_limited", "Jira asked us to wait. Next try at 10:32 UTC.", "The preview appears by itself then."),
        (
            "captcha",
            "Jira wants a CAPTCHA",
            "We stopped after one try so that your account is not locked. Sign in to Jira in the browser once, then press Try again.",
        ),
        ("blocked", "Previews are off for this project", "Set by your administrator."),
        ("error", "Something went wrong on our side", "Reference: upstream_error"),
        (
            "error_api_removed",
            "The gateway needs an update for this Jira",
            "Jira has removed the call that we use. Tell whoever runs the gateway.",
        ),
    ];
    let situations = sample::situations(&sample::issue());
    for (name, title, detail) in expected {
        let (_, answer) = situations.iter().find(|(other, _)| *other == name).unwrap();
        let notice = notice::of(answer, now()).unwrap();
        assert_eq!((notice.title.as_str(), notice.detail.as_str()), (title, detail), "{name}");
    }
    for (name, answer) in &situations {
        assert_eq!(notice::of(answer, now()).is_none(), *name == "ready", "{name}");
    }
    assert!(State::ALL.iter().all(|state| situations.iter().any(|(_, answer)| answer.state == *state)));
}

#[test]
fn a_server_is_never_quoted() {
    // The message of a reason is ours, but a card shows it only where the reason is a certificate or a connection.
    for (name, mut answer) in sample::situations(&sample::issue()) {
        let Some(reason) = &mut answer.reason else { continue };
        let code = reason.code;
        reason.message = "CANARY".to_owned();
        let notice = notice::of(&answer, now()).unwrap();
        let may = answer.state == State::Unreachable && code != ReasonCode::SignInPage;
        assert_eq!(notice.detail.contains("CANARY") || notice.title.contains("CANARY"), may, "{name}");
    }
}

#[test]
fn the_old_key_is_found_in_the_pasted_link() {
    let table = [
        ("https://acme.atlassian.net/browse/OLD-7", Some("OLD-7")),
        ("https://acme.atlassian.net/browse/old-7?focusedCommentId=1", Some("OLD-7")),
        ("https://acme.atlassian.net/jira/software/projects/OPS/boards/1?selectedIssue=OLD-7", Some("OLD-7")),
        ("https://ab-1.example/jira/browse/OPS-7", None),
        ("https://acme.atlassian.net/browse/10001", None),
        ("OLD-7", None),
    ];
    for (url, expected) in table {
        let mut answer = sample::issue();
        answer.state = State::Moved;
        answer.url = url.to_owned();
        assert_eq!(words::moved_from(&answer).as_deref(), expected, "{url}");
        answer.state = State::Ready;
        assert_eq!(words::moved_from(&answer), None);
    }
}

#[test]
fn times_as_people_say_them() {
    let ago = [
        ("2026-11-22T10:01:30Z", "just now"),
        ("2026-11-22T10:00:30Z", "just now"),
        ("2026-11-22T10:00:00Z", "1 min ago"),
        ("2026-11-22T09:02:00Z", "59 min ago"),
        ("2026-11-22T08:00:00Z", "2 h ago"),
        ("2026-11-21T09:00:00Z", "1 day ago"),
        ("2026-11-19T09:00:00Z", "3 days ago"),
        ("2026-05-03T09:00:00Z", "on 3 May"),
        ("2025-05-03T09:00:00Z", "on 3 May 2025"),
    ];
    for (then, expected) in ago {
        assert_eq!(time::ago(at(then), now()), expected, "{then}");
    }
    let until = [
        ("2026-11-22T10:01:30Z", "in a minute"),
        ("2026-11-22T10:00:30Z", "just now"),
        ("2026-11-22T09:59:00Z", "2 min ago"),
        ("2026-11-22T10:03:00Z", "in 2 min"),
        ("2026-11-24T12:00:00Z", "in 2 days"),
    ];
    for (then, expected) in until {
        assert_eq!(time::until(at(then), now()), expected, "{then}");
    }
    assert_eq!(time::clock(at("2026-11-22T09:14:59Z"), now()), "09:14 UTC");
    assert_eq!(time::clock(at("2026-11-21T09:14:00Z"), now()), "21 Nov, 09:14 UTC");
    assert_eq!(time::rfc3339(at("2026-11-22T10:00:00.999Z")), "2026-11-22T10:00:00Z");
    assert_eq!(time::rfc3339(at("2026-11-22T12:00:00+02:00")), "2026-11-22T10:00:00Z");
}

#[test]
fn deleted_is_said_only_where_jira_said_it() {
    let mut all = sample::situations(&sample::issue());
    let (_, answer) = all.iter_mut().find(|(name, _)| *name == "not_found_gone").unwrap();
    let said = |answer: &_| notice::of(answer, now()).unwrap();
    assert!(said(answer).title.starts_with("Not visible in Jira since "), "{:?}", said(answer));
    answer.reason.as_mut().unwrap().deleted_at = Some(at("2026-06-02T08:00:00Z"));
    assert_eq!(said(answer).title, "Deleted in Jira on 2 June");
    assert!(!said(answer).detail.contains("private"));
    assert_eq!(aloud::of(answer).to_string(), "OPS-7: Deleted in Jira");
}
