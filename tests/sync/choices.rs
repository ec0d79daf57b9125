//! What a person changes after a database is made: settings, what was removed in Notion, and whose eyes read Jira.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::json;

use super::pages::Town;
use crate::pages::visitor::Page;
use crate::world::jira::fields::{self, SPRINT_ON_CLOUD, TAGS};
use crate::world::jira::{Board, Sprint};
use crate::world::notion::rest::Row;
use crate::world::{Issue, Status};

impl Town {
    /// The form of the settings with another set of fields, sent.
    async fn choose(&mut self, path: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> Page {
        let action = format!("{path}/settings");
        let page = self.ana.get(&action).await;
        let mut fields = page.form(&action);
        change(&mut fields);
        let request = self.ana.request(reqwest::Method::POST, &action).form(&fields);
        self.ana.send(request).await
    }

    /// The same, and the run that takes it up.
    async fn chosen(&mut self, path: &str, change: impl FnOnce(&mut Vec<(String, String)>)) {
        let saved = self.choose(path, change).await;
        assert_eq!((saved.status, saved.location()), (303, format!("{path}?done=saved").as_str()), "{}", saved.text);
        let row = self.settled(path).await;
        assert_eq!(row["state"], "synced", "{row}");
    }

    async fn sync_now(&mut self, path: &str) {
        let page = self.ana.get(path).await;
        self.ana.submit_and_follow(&page, &format!("{path}/sync"), &[]).await;
        self.settled(path).await;
    }

    fn row(&self, key: &str) -> Option<Row> {
        let rows = self.notion.rows(self.notion.databases(self.acme)[0]);
        rows.into_iter().find(|row| row.text("Key") == key && !row.in_trash)
    }

    fn has_column(&self, name: &str) -> bool {
        self.notion.columns(self.notion.databases(self.acme)[0]).iter().any(|it| it.name == name)
    }
}

#[tokio::test]
async fn a_field_that_is_switched_off_keeps_its_column_and_is_not_written() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    town.jira.edit_issue("OPS-3", |issue| issue.labels = vec!["before".to_owned()]);
    town.sync_now(&path).await;
    assert_eq!(town.row("OPS-3").unwrap().all("Labels"), ["before"]);
    let is_labels = |(name, value): &(String, String)| name == "on" && value == "labels";
    town.chosen(&path, |fields| {
        assert!(fields.iter().any(is_labels), "{fields:?}");
        fields.retain(|it| !is_labels(it));
    })
    .await;
    town.jira.edit_issue("OPS-3", |issue| {
        issue.labels = vec!["after".to_owned()];
        issue.summary = "Written all the same".to_owned();
    });
    town.sync_now(&path).await;
    let row = town.row("OPS-3").unwrap();
    assert_eq!(
        (row.all("Labels"), row.text("Summary")),
        (&["before".to_owned()][..], "Written all the same".to_owned())
    );
    let page = town.ana.get(&format!("{path}/settings")).await;
    assert!(page.text.contains("keeps its column"), "{}", page.text);
    assert!(!page.form(&format!("{path}/settings")).iter().any(is_labels), "it stays off");

    town.chosen(&path, |fields| fields.push(("on".to_owned(), "labels".to_owned()))).await;
    assert_eq!(town.row("OPS-3").unwrap().all("Labels"), ["after"]);
}

#[tokio::test]
async fn issues_with_a_security_level_come_where_their_person_wants_it() {
    let mut town = Town::new().await;
    town.jira.add_issue(Issue::new("OPS-70", "Between us").secured("Board", &["ana"]).updated(town.jira.now()));
    let path = town.synced().await;
    assert!(town.row("OPS-70").is_none());
    let warning = "Everyone who can open the Notion page will see them, also people who cannot see them in Jira.";
    assert!(town.ana.get(&format!("{path}/settings")).await.text.contains(warning));
    town.chosen(&path, |fields| fields.push(("with_security".to_owned(), "1".to_owned()))).await;
    assert_eq!(town.row("OPS-70").unwrap().text("Security Level"), "Board");
}

#[tokio::test]
async fn status_can_be_of_notions_own_type() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let before = town.row("OPS-3").unwrap().text("Status");
    town.chosen(&path, |fields| fields.push(("status_as_status".to_owned(), "1".to_owned()))).await;
    let kinds = |town: &Town| {
        let columns = town.notion.columns(town.notion.databases(town.acme)[0]).into_iter();
        let named = columns.filter(|it| ["Status", "Status (old)", "Status category"].contains(&it.name.as_str()));
        named.map(|it| (it.name, it.kind)).collect::<BTreeMap<_, _>>()
    };
    let expected = [("Status", "status"), ("Status (old)", "select"), ("Status category", "select")];
    assert_eq!(kinds(&town), BTreeMap::from(expected.map(|(name, kind)| (name.to_owned(), kind))));
    let row = town.row("OPS-3").unwrap();
    assert_eq!([row.text("Status"), row.text("Status (old)")], [before.clone(), before.clone()]);
    // A status that no issue has had is made before a row names it: Notion makes none by itself.
    town.jira.edit_issue("OPS-3", |issue| issue.status = Status::new(10_077, "Under review", Status::done().category));
    town.sync_now(&path).await;
    let row = town.row("OPS-3").unwrap();
    assert_eq!([row.text("Status"), row.text("Status (old)")], ["Under review".to_owned(), before], "that one stays");

    // From the beginning, the board stands by it.
    let form = town.form().await;
    let page = town.page.clone();
    let fields = [("parent_page", page.as_str()), ("status_as_status", "1")];
    let plan = town.ana.submit(&form, "/databases/new", &fields).await;
    let created = town.ana.submit(&plan, "/databases", &[]).await;
    let path = created.location().split('?').next().unwrap().to_owned();
    assert_eq!(town.settled(&path).await["state"], "synced");
    let all = town.notion.databases(town.acme);
    let columns = town.notion.columns(all[1]);
    assert!(columns.iter().any(|it| (it.name.as_str(), it.kind) == ("Status", "status")));
    assert_eq!(town.notion.views(all[1]).iter().filter(|(_, name, _)| name == "Board").count(), 1);
    assert_eq!(town.notion.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_filter_is_tried_in_jira_before_it_is_kept() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let with = |jql: &'static str| {
        move |fields: &mut Vec<(String, String)>| {
            fields.retain(|(name, _)| name != "jql");
            fields.push(("jql".to_owned(), jql.to_owned()));
        }
    };
    let cases = [("status = Done ORDER BY rank", "leave ORDER BY out"), ("nonsense = 1", "Jira refuses the filter.")];
    for (jql, words) in cases {
        let refused = town.choose(&path, with(jql)).await;
        assert_eq!((refused.status, refused.value("jql").as_str()), (422, jql));
        assert!(refused.one("[role=alert]").contains(words), "{}", refused.text);
    }
    town.chosen(&path, with("summary ~ \"nothing has this\"")).await;
    let page = town.ana.get(&format!("{path}/settings")).await;
    assert_eq!(page.value("jql"), "summary ~ \"nothing has this\"");
    // The rules go with the same form.
    town.chosen(&path, |fields| {
        with("")(fields);
        fields.retain(|(name, _)| name != "edited" && name != "left");
        fields.extend([("edited", "flag"), ("left", "trash")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    })
    .await;
    let page = town.ana.get(&format!("{path}/settings")).await;
    let chosen = page.attributes("input[type=radio][checked]", "value");
    assert_eq!(chosen, ["flag", "trash", "mark"]);
}

#[tokio::test]
async fn a_field_whose_name_is_taken_is_created_as_another_with_one_press() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let source = town.notion.source(town.notion.databases(town.acme)[0]);
    town.notion.hands(town.nora).add_column(source, "Sprint", &json!({ "number": {} }));
    town.jira.add_board(Board::scrum(5, "OPS board").in_project("OPS").sprint(Sprint::future(38, "Sprint 5")));
    town.jira.edit_issue("OPS-3", |issue| {
        issue.sprints.push(38);
    });
    town.chosen(&path, |fields| fields.push(("with_security".to_owned(), "1".to_owned()))).await;
    assert!(!town.has_column("Sprint (Jira)"));
    let page = town.ana.get(&path).await;
    assert!(page.text.contains("Create it as “Sprint (Jira)” in the settings?"), "{}", page.text);
    let page = town.ana.get(&format!("{path}/settings")).await;
    let action = format!("{path}/settings");
    assert_eq!(page.texts("button[form=offers]"), ["Create it as “Sprint (Jira)”"]);
    let saved = town.ana.submit_and_follow(&page, &action, &[("create_as", SPRINT_ON_CLOUD)]).await;
    assert_eq!(saved.one("[role=status].banner"), "Saved. The next run takes it up.");
    town.settled(&path).await;
    assert_eq!(town.row("OPS-3").unwrap().text("Sprint (Jira)"), "Sprint 5");
}

#[tokio::test]
async fn a_setting_that_is_saved_during_a_run_is_taken_by_the_next_one() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let id = town.gateway.inner.store.all_databases().await.unwrap().remove(0).id;
    let store = &town.gateway.inner.store;
    // Somebody works on it now, because a run was asked for.
    town.gateway.inner.syncs.sync_now(&store.all_databases().await.unwrap()[0].account_id, &id, true).await.unwrap();
    let now = town.gateway.inner.clock.now_ms();
    let under_way = store.claim_database(&id, now + 60_000).await.unwrap().unwrap();
    let saved = town.choose(&path, |fields| fields.retain(|(_, value)| value != "labels")).await;
    assert_eq!(saved.status, 303);
    let store = &town.gateway.inner.store;
    assert!(store.release_database(&under_way.lease(), now + 300_000, &under_way.asked, true).await.unwrap());
    let after = store.all_databases().await.unwrap().remove(0);
    assert!(after.due_at <= now && after.wish.contains("\"labels\""), "{after:?}");
}

#[tokio::test]
async fn what_was_removed_in_notion_comes_back_with_one_press() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let restore = format!("form[action='{path}/restore']");
    assert!(town.ana.get(&path).await.texts(&restore).is_empty(), "there is nothing to restore");
    let row = town.row("OPS-3").unwrap();
    let hands = town.notion.hands(town.nora);
    hands.trash(row.id);
    hands.remove_column(town.notion.source(town.notion.databases(town.acme)[0]), "Labels");
    town.jira.edit_issue("OPS-3", |issue| issue.summary = "Another summary".to_owned());
    town.gateway.inner.clock.advance(SignedDuration::from_hours(1));
    town.jira.advance(SignedDuration::from_hours(1));
    town.settled(&path).await;
    let page = town.ana.get(&path).await;
    assert_eq!(page.texts(&restore).len(), 1, "{}", page.text);
    assert!(page.text.contains("You removed or changed this column. Restore?"), "{}", page.text);
    let page = town.ana.submit_and_follow(&page, &format!("{path}/restore"), &[]).await;
    assert!(page.one("[role=status].banner").starts_with("The next run brings back"), "{}", page.text);
    town.settled(&path).await;
    assert_eq!(town.row("OPS-3").map(|it| (it.id, it.text("Summary"))), Some((row.id, "Another summary".to_owned())));
    assert!(town.has_column("Labels"));
}

#[tokio::test]
async fn one_press_removes_the_column_of_a_deleted_field() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let (action, name) = (format!("{path}/remove-column"), fields::name(TAGS).to_owned());
    let marked = format!("{name} (deleted in Jira)");
    town.jira.delete_field(TAGS, true);
    for _ in 0..2 {
        let page = town.ana.get(&path).await;
        assert!(page.attributes(&format!("form[action='{action}']"), "action").is_empty(), "{}", page.text);
        let csrf = town.ana.csrf().await;
        let refused = town.ana.post(&action, &[("csrf", csrf.as_str()), ("column", TAGS)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.one("[role=alert]").starts_with("There is no column here whose field was deleted"));
        town.gateway.inner.clock.advance(SignedDuration::from_hours(1));
        town.jira.advance(SignedDuration::from_hours(1));
        town.settled(&path).await;
    }
    assert!(town.has_column(&marked));
    let page = town.ana.get(&path).await;
    assert!(page.text.contains(&marked), "{}", page.text);
    let forged = town.ana.post(&action, &[("csrf", "x"), ("column", TAGS)]).await;
    assert_eq!(forged.status, 403);
    let page = town.ana.submit_and_follow(&page, &action, &[]).await;
    assert!(page.one("[role=status].banner").starts_with("The next run removes this column"), "{}", page.text);
    assert!(page.text.contains("the next run removes it") && !page.text.contains(&action), "{}", page.text);
    assert!(town.has_column(&marked), "forms alone change nothing in Notion");
    town.settled(&path).await;
    assert!(!town.has_column(&marked) && !town.has_column(&name));
    assert!(!town.ana.get(&path).await.text.contains(&marked));
}

#[tokio::test]
async fn another_persons_eyes_are_compared_before_they_read() {
    let mut town = Town::new().await;
    town.jira.add_issue(Issue::new("OPS-70", "Of Ana").secured("Board", &["ana"]).updated(town.jira.now()));
    town.jira.add_issue(Issue::new("OPS-71", "Of Ben").secured("Board", &["ben"]).updated(town.jira.now()));
    let path = town.synced().await;
    town.chosen(&path, |fields| fields.push(("with_security".to_owned(), "1".to_owned()))).await;
    assert!(town.row("OPS-70").is_some() && town.row("OPS-71").is_none());
    let connections = town.ana.get("/connections").await;
    let action = connections.attributes("form[action^='/connections/'][action$='/remove']", "action").remove(0);
    town.ana.submit_and_follow(&connections, &action, &[]).await;
    town.ana.connect(&town.jira, "ben", "/").await;

    let api = format!("/api/v1{path}/reauthenticate");
    let difference = town.api.post(&api, &json!({ "dry_run": true })).await;
    crate::openapi::validate("reauthenticateDatabase", 200, &difference.json());
    assert_eq!(difference.json(), json!({ "disappear": 1, "appear": 1 }));
    let stopped = town.ana.get(&path).await;
    let question = town.ana.submit(&stopped, &format!("{path}/reauthenticate"), &[]).await;
    assert_eq!((question.status, question.one("h1").as_str()), (200, "Go on as ben@acme.example?"));
    assert!(question.text.contains("1 issue would disappear, 1 would appear."), "{}", question.text);
    assert_eq!(town.ana.get(&path).await.texts(".badge"), ["Sync stopped"], "nothing has happened yet");

    let page = town.ana.submit_and_follow(&question, &format!("{path}/reauthenticate"), &[]).await;
    assert!(page.one("[role=status].banner").starts_with("It goes on"), "{}", page.text);
    let row = town.settled(&path).await;
    assert_eq!(row["badge"]["text"], "Waiting for you", "nothing goes to the trash unasked: {row}");
    let page = town.ana.get(&path).await;
    let csrf = town.ana.csrf().await;
    for about in ["brake", ""] {
        let forms = [("csrf", csrf.as_str()), ("about", about), ("decision", "trash")];
        let refused = town.ana.post(&format!("{path}/answer"), &forms).await;
        assert_eq!(refused.status, 400, "{about}");
        assert!(refused.text.contains("What is answered is one of no_permission, own_content."), "{}", refused.text);
    }
    assert_eq!(town.settled(&path).await["badge"]["text"], "Waiting for you", "nobody has answered");
    town.ana.submit_and_follow(&page, &format!("{path}/answer"), &[("decision", "keep")]).await;
    let row = town.settled(&path).await;
    assert_eq!(row["state"], "synced", "{row}");
    assert!(town.row("OPS-71").is_some() && town.row("OPS-70").is_some());
}

#[tokio::test]
async fn whoever_is_called_otherwise_in_notion_is_named_in_a_table() {
    let mut town = Town::new().await;
    town.jira.edit_issue("OPS-3", |issue| issue.assignee = Some("ana".to_owned()));
    let path = town.synced().await;
    let names = |town: &Town| town.row("OPS-3").unwrap().all("Assignee").to_vec();
    assert_eq!(names(&town), [""; 0]);
    let with = |people: &'static str| {
        move |fields: &mut Vec<(String, String)>| {
            fields.retain(|(name, _)| name != "people");
            fields.push(("people".to_owned(), people.to_owned()));
        }
    };
    for (people, words) in [
        ("ana@acme.example = nora@acme.example\nben", "line 2 has no equals sign"),
        ("ana@acme.example = Nora", "line 1 names no e-mail address"),
        ("= nora@acme.example", "line 1 does not say who"),
    ] {
        let refused = town.choose(&path, with(people)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.one("[role=alert]").contains(words), "{}", refused.text);
        assert_eq!(refused.texts("textarea[name=people]"), [people.replace('\n', " ")]);
    }
    town.chosen(&path, with("ANA@acme.example = Nora@acme.example")).await;
    assert_eq!(names(&town), [town.notion.user_id(town.nora).to_string()]);
    let why = town.api.get(&format!("/api/v1{path}/why?of=ana@acme.example")).await.json();
    assert_eq!(why["causes"], json!([]));
    town.chosen(&path, with("")).await;
    assert_eq!(names(&town), [""; 0]);
}

#[tokio::test]
async fn a_database_can_begin_with_all_issues() {
    let mut town = Town::new().await;
    town.jira.add_issue(Issue::new("OPS-70", "Between us").secured("Board", &["ana"]).updated(town.jira.now()));
    town.ana.connect(&town.jira, "ana", "/").await;
    let form = town.form().await;
    let page = town.page.clone();
    let fields = [("parent_page", page.as_str()), ("with_security", "1")];
    let plan = town.ana.submit(&form, "/databases/new", &fields).await;
    assert!(plan.one(".plan .figures").contains("9 created"), "{}", plan.text);
    let created = town.ana.submit(&plan, "/databases", &[]).await;
    town.settled(created.location().split('?').next().unwrap()).await;
    assert!(town.row("OPS-70").is_some());
}

#[tokio::test]
async fn a_database_is_handed_over_before_anything_stops() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let settings = town.ana.get(&format!("{path}/settings")).await;
    assert!(settings.texts("#hand-over").is_empty(), "there is one account only");
    let ben = town.api.connect_as(&town.jira, "ben").await;
    let settings = town.ana.get(&format!("{path}/settings")).await;
    let handed = [("connection", ben["id"].as_str().unwrap())];
    let page = town.ana.submit_and_follow(&settings, &format!("{path}/reauthenticate"), &handed).await;
    assert!(page.one("[role=status].banner").starts_with("It goes on"), "both see the same: {}", page.text);
    let row = town.settled(&path).await;
    assert_eq!(row["state"], "synced", "{row}");
    let connection = town.gateway.inner.store.all_databases().await.unwrap().remove(0).connection_id.unwrap();
    assert_eq!(connection.as_str(), handed[0].1);
}
