//! What is written into pages: no more than the operator, Jira and the person's own rights let out.

use reqwest::Method;

use super::said;
use crate::notion::town::Town;
use crate::world::Issue;
use crate::world::jira::content::Browse;
use crate::world::jira::{Comment, Worklog};
use crate::world::notion::As;

const SECRET: &str = "Salaries of the board";
const DESCRIPTION: &str = "Only in a private window";

/// With these words for its Jira; `top` stands above them.
async fn town(top: &str, of_site: &str) -> Town {
    let town =
        Town::with(|_, jira| format!("{top}\n[[site]]\nurl = '{}'\nname = 'acme'\n{of_site}\n", jira.url())).await;
    town.jira.change_issue("OPS-7", |issue| issue.description = Some(DESCRIPTION.into()));
    town.jira.add_issue(Issue::new("OPS-9", SECRET).secured("Board", &["ana"]).description(DESCRIPTION));
    town.connect(town.nora, "ana").await;
    town
}

impl Town {
    async fn said(&self, key: &str) -> (String, String) {
        let answer = self.unfurl(&self.held(), &self.link(key)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        (said(&answer.text), answer.text)
    }

    /// Neither asked nor unasked has Notion ever read this.
    #[track_caller]
    fn never_said(&self, text: &str) {
        let log = self.notion.log();
        assert!(!log.is_empty());
        let leak = log.iter().find(|it| it.body.contains(text) || it.answer.contains(text));
        assert!(leak.is_none(), "{leak:#?}");
    }
}

#[tokio::test]
async fn the_operator_decides_what_leaves_a_site() {
    for (publish, plain, secured) in [
        ("key_status", "title key status dev", "title key dev"),
        ("key", "title key dev", "title key dev"),
        ("nothing", "error 403", "error 403"),
    ] {
        let town = town("preview_description = true", &format!("publish = '{publish}'")).await;
        for (key, expected) in [("OPS-7", plain), ("OPS-9", secured)] {
            let (ids, text) = town.said(key).await;
            assert_eq!(ids, expected, "{publish} {key}");
            for private in ["Safari", SECRET, "Ana", DESCRIPTION] {
                assert!(!text.contains(private), "{publish} {key}: {text}");
            }
            town.paste(town.nora, key).await;
        }
        // What is not published does not change what is.
        for key in ["OPS-7", "OPS-9"] {
            town.jira.change_issue(key, |issue| issue.summary = format!("{SECRET}, anew"));
        }
        town.look().await;
        assert!(town.pushed().is_empty(), "{publish}: {:#?}", town.pushed());
        town.never_said(SECRET);
        town.never_said(DESCRIPTION);
    }
}

#[tokio::test]
async fn an_issue_with_a_security_level_is_shown_by_its_key_alone() {
    let town = town("preview_description = true", "").await;
    let preview = town.paste(town.nora, "OPS-9").await;
    assert_eq!((preview.title(), preview.identifier(), preview.status()), ("OPS-9", Some("OPS-9"), None));
    // What lies on it tells no more of it than it does itself.
    let comment = Comment::new(31, "ana", DESCRIPTION);
    town.jira.change_issue("OPS-9", |issue| issue.comments.push(comment));
    town.jira.change_issue("OPS-9", |issue| issue.worklogs.push(Worklog::new(41, "ana", 90)));
    for on_it in ["OPS-9?focusedCommentId=31", "OPS-9?focusedWorklogId=41"] {
        let answer = town.unfurl(&town.held(), &town.link(on_it)).await;
        assert_eq!(said(&answer.text), "title key dev", "{on_it}");
        // The port of this Jira may be any number.
        let told = answer.text.replace(&town.jira.url(), "");
        assert!(!told.contains("Ana") && !told.contains("90"), "{told}");
    }
    town.never_said(SECRET);
    town.never_said(DESCRIPTION);
    // An issue that gets one while it is shown.
    assert_eq!(town.paste(town.nora, "OPS-8").await.title(), "Write the test");
    town.jira.change_issue("OPS-8", |issue| issue.security = Some(("Board".to_owned(), vec!["ana".to_owned()])));
    town.look().await;
    let pushed = town.pushed();
    assert_eq!((pushed.len(), said(&pushed[0].body).as_str()), (1, "title key dev"));
    assert!(!pushed[0].body.contains("Write the test"));
    // And one that loses it.
    town.jira.change_issue("OPS-9", |issue| issue.security = None);
    town.look().await;
    assert!(town.pushed().last().unwrap().body.contains(SECRET));
}

#[tokio::test]
async fn a_blocked_project_is_not_even_asked_for() {
    let town = town("", "block_projects = ['HR']").await;
    town.jira.forget_calls();
    let (ids, text) = town.said("HR-1").await;
    assert_eq!((ids.as_str(), town.jira.calls().total), ("error 403", 0), "{text}");
    assert!(town.said("OPS-7").await.0.starts_with("title key status"));
    // An issue that moves there goes off the page.
    assert_eq!(town.paste(town.nora, "OPS-8").await.title(), "Write the test");
    town.jira.move_issue("OPS-8", "HR-8");
    town.look().await;
    assert_eq!(town.shown().message(), Some("Access denied"));
    assert_eq!(town.shown().title(), "");
    town.never_said("HR-8");
    town.never_said("Salaries 2027");
}

#[tokio::test]
async fn descriptions_leave_only_where_the_operator_says_so() {
    for on in [false, true] {
        let town = town(&format!("preview_description = {on}"), "").await;
        let (ids, text) = town.said("OPS-7").await;
        assert_eq!((ids.ends_with(" description"), text.contains(DESCRIPTION)), (on, on), "{text}");
        town.paste(town.nora, "OPS-7").await;
        town.jira.change_issue("OPS-7", |issue| issue.summary = "Changed".into());
        town.look().await;
        let pushed = town.pushed();
        assert_eq!((pushed.len(), pushed[0].body.contains(DESCRIPTION)), (1, on));
        if !on {
            town.never_said(DESCRIPTION);
        }
    }
}

#[tokio::test]
async fn whoever_removes_their_jira_takes_their_eyes_off_the_page() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    town.paste(town.nora, "HR-1").await;
    assert_eq!(town.shown().title(), "Salaries 2027");
    let ana = town.gateway.api("ana").await;
    let id = ana.get("/api/v1/connections").await.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ana.send(Method::DELETE, &format!("/api/v1/connections/{id}"), None).await.status, 204);
    // At once, and not when it would have been looked at next.
    super::look_now(&town.gateway).await;
    let pushed = town.pushed();
    assert_eq!((pushed.len(), said(&pushed[0].body).as_str()), (1, "error 401"));
    assert_eq!((town.shown().title(), town.shown().message()), ("", Some("Access denied")));
    ana.connect(&town.jira.url(), "personal_access_token", "", "ana-access").await;
    super::look_now(&town.gateway).await;
    assert_eq!((town.shown().title(), town.shown().message()), ("Salaries 2027", None));
    town.nothing_was_refused();
}

#[tokio::test]
async fn nobody_sees_with_the_eyes_of_another_workspace() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    let beta = town.notion.add_workspace("Beta");
    let there = town.notion.join(town.omar, beta);
    let page = town.notion.add_page(beta, "Roadmap");
    town.connect(there, "ben").await;
    town.paste(town.nora, "HR-1").await;
    let shown = town.notion.paste(there, page, &town.link("HR-1"), As::Preview).await.unwrap();
    assert_eq!(shown.message(), Some("Content not found"));
    town.jira.change_issue("HR-1", |issue| issue.summary = "Salaries 2028".into());
    town.look().await;
    assert_eq!(town.shown().title(), "Salaries 2028");
    assert_eq!(town.notion.rendered(page)[0].message(), Some("Content not found"));
    assert_eq!(town.pushed().len(), 1);
    // In one workspace the other who pasted it speaks, once the last who looked sees nothing any more.
    town.jira.change_project("HR", |project| project.browse = Browse::Groups(vec!["nobody".to_owned()]));
    town.look().await;
    assert_eq!((town.shown().title(), town.shown().message()), ("", Some("Content not found")));
    assert_eq!(said(&town.pushed()[1].body), "error 404");
}
