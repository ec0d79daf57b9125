//! "Why is this not synced?" of issues, fields, people and links.

use serde_json::{Value, json};

use super::pages::Town;
use crate::openapi;
use crate::world::Issue;

impl Town {
    /// Codes and next steps of all causes, by the API; the page says the same.
    async fn why(&mut self, path: &str, of: &str) -> Vec<(String, String)> {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("of", of).finish();
        let reply = self.api.get(&format!("/api/v1{path}/why?{query}")).await;
        openapi::validate("explainDatabase", reply.status.as_u16(), &reply.json());
        let page = self.ana.get(&format!("{path}/why?{query}")).await;
        assert_eq!(page.status, reply.status.as_u16(), "{}", page.text);
        let answer = reply.json();
        let causes = answer["causes"].as_array().cloned().unwrap_or_default();
        let messages: Vec<&str> = causes.iter().map(|it| it["message"].as_str().unwrap()).collect();
        assert_eq!(page.texts(".stage-bad h3"), messages);
        assert_eq!(page.texts(".stage-good").len(), usize::from(reply.status == 200 && causes.is_empty()));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        causes.iter().map(|it| (text(&it["code"]), text(&it["next_step"]))).collect()
    }
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, step)| ((*code).to_owned(), (*step).to_owned())).collect()
}

#[tokio::test]
async fn an_issue_that_is_not_there_has_its_cause_and_its_next_step() {
    let mut town = Town::new().await;
    town.jira.add_issue(Issue::new("OPS-70", "Between us").secured("Board", &["ana"]).updated(town.jira.now()));
    town.jira.add_issue(Issue::new("HR-5", "Salaries"));
    let path = town.synced().await;
    // Nobody at Notion is called as people in this Jira are.
    let people = told(&[("person_unmapped", "people"); 3]);
    assert_eq!(town.why(&path, "OPS-3").await, people);
    assert_eq!(town.why(&path, &town.jira.at("/browse/OPS-3")).await, people);
    assert_eq!(town.why(&path, "OPS-70").await, told(&[("security_level", "settings")]));
    assert_eq!(town.why(&path, "HR-5").await, told(&[("out_of_scope", "nothing")]));
    assert_eq!(town.why(&path, "OPS-404").await, told(&[("no_permission", "access")]));
    assert_eq!(
        town.why(&path, "https://other.atlassian.net/browse/ABC-1").await,
        told(&[("target_not_synced", "nothing")])
    );
    // It is there since the last run.
    town.jira.add_issue(Issue::new("OPS-71", "New").updated(town.jira.now()));
    assert_eq!(town.why(&path, "OPS-71").await, told(&[("waiting", "sync")]));

    // A row in the trash, and an issue that moved and kept its row under another key.
    let row = town.notion.rows(town.notion.databases(town.acme)[0]).into_iter().find(|it| it.text("Key") == "OPS-4");
    town.notion.hands(town.nora).trash(row.unwrap().id);
    town.jira.edit_issue("OPS-4", |issue| issue.summary = "Changed".to_owned());
    town.jira.move_issue("OPS-5", "OPS-500");
    assert_eq!(town.why(&path, "OPS-500").await, told(&[("waiting", "sync")]), "as far as anybody knows it is new");
    let page = town.ana.get(&path).await;
    town.ana.submit_and_follow(&page, &format!("{path}/sync"), &[]).await;
    town.settled(&path).await;
    assert_eq!(town.why(&path, "OPS-4").await, told(&[("hidden_by_you", "restore")]));
    // Jira knows it by its former key, too, and its row is there: nothing waits.
    let moved = town.why(&path, "OPS-5").await;
    assert!(moved.iter().all(|it| people.contains(it)), "{moved:?}");
    assert_eq!(town.why(&path, "OPS-71").await, []);

    for of in ["nothing of the kind", "nobody"] {
        assert_eq!(town.why(&path, of).await, [], "{of}");
    }
}

#[tokio::test]
async fn what_waits_has_its_place_and_what_is_narrowed_its_filter() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let page = town.ana.get(&format!("{path}/settings")).await;
    town.ana.submit_and_follow(&page, &format!("{path}/settings"), &[("jql", "labels = nobody-has-this")]).await;
    town.settled(&path).await;
    town.jira.add_issue(Issue::new("OPS-71", "New").updated(town.jira.now()));
    assert_eq!(town.why(&path, "OPS-71").await, told(&[("out_of_scope", "settings")]));
    // Paused: nothing is read, and the page says so first.
    let page = town.ana.get(&path).await;
    town.ana.submit_and_follow(&page, &format!("{path}/pause"), &[]).await;
    assert_eq!(town.why(&path, "OPS-71").await, told(&[("paused", "resume"), ("out_of_scope", "settings")]));
}

#[tokio::test]
async fn fields_and_people_have_their_causes_too() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    assert_eq!(town.why(&path, "Labels").await, []);
    assert_eq!(town.why(&path, "priority").await, told(&[("with_loss", "nothing")]));
    assert_eq!(town.why(&path, "Log Work").await, told(&[("type_unsupported", "nothing")]));
    assert_eq!(town.why(&path, "Sprint").await, told(&[("out_of_scope", "wait")]));
    let slow = town.why(&path, "Watchers").await;
    assert_eq!(slow, told(&[("slow_lane", "wait")]));
    let page = town.ana.get(&format!("{path}/why?of=watches")).await;
    assert!(page.one(".stage-bad h3").starts_with("Refreshed weekly; last on 22 November"), "{}", page.text);
    let source = town.notion.source(town.notion.databases(town.acme)[0]);
    town.notion.hands(town.nora).retype_column(source, "Environment", &json!({ "number": {} }));
    let page = town.ana.get(&path).await;
    town.ana.submit_and_follow(&page, &format!("{path}/sync"), &[]).await;
    town.settled(&path).await;
    assert_eq!(town.why(&path, "Environment").await, told(&[("with_loss", "nothing"), ("column_retyped", "restore")]));

    assert_eq!(town.why(&path, "Nora@acme.example").await, []);
    assert_eq!(town.why(&path, "ana@acme.example").await, told(&[("person_unmapped", "people")]));
}

#[tokio::test]
async fn a_typed_token_connects_notion_and_is_never_shown() {
    let mut town = Town::new().await;
    let connections = town.ana.get("/connections").await;
    let wrong = "ntn_this_is_no_token_of_anybody";
    let refused = town.ana.submit(&connections, "/notion/connections", &[("token", wrong)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Notion does not accept this token.") && !refused.text.contains(wrong));
    let (lab, ola) = (town.notion.add_workspace("Lab"), "ola@lab.example");
    let token = town.notion.make_token(town.notion.add_user(lab, "Ola", ola));
    let page = town.ana.submit_and_follow(&connections, "/notion/connections", &[("token", &token)]).await;
    assert_eq!(page.one("[role=status].banner"), "Connected to Lab in Notion.");
    assert!(!page.text.contains(&token));

    // Whoever has none types it where it is needed, and goes on there.
    let mut ben = crate::pages::visitor::Visitor::signed_in(&town.gateway, "ben").await;
    ben.connect(&town.jira, "ben", "/").await;
    let url = format!("/databases/new?project_url={}", town.project());
    let form = ben.get(&url).await;
    let token = town.notion.make_token(town.nora);
    let page = ben.submit_and_follow(&form, "/notion/connections", &[("token", &token)]).await;
    assert_eq!(page.value("project_url"), town.project());
}
