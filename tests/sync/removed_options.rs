//! Options that people remove or rename in Notion (S33, S44, S47).

use jira_notion_gateway::sync::state::OnEdit;

use super::World;

impl World {
    fn options(&self, column: &str) -> Vec<String> {
        let columns = self.notion.columns(self.database());
        let column = columns.into_iter().find(|it| it.name == column).unwrap();
        let mut names: Vec<String> = column.options.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    }

    fn remove_option(&self, column: &str, name: &str) {
        self.notion.hands(self.nora).remove_option(self.notion.source(self.database()), column, name);
    }

    /// The two that most rows hold.
    fn statuses(&self) -> [String; 2] {
        let mut names = self.options("Status");
        names.sort_by_key(|name| std::cmp::Reverse(self.saying("Status", name).len()));
        let [first, second, ..] = &names[..] else { panic!("{names:?}") };
        [first.clone(), second.clone()]
    }

    /// Rows whose cell says this, by key.
    fn saying(&self, column: &str, name: &str) -> Vec<String> {
        let rows = self.rows().into_values().filter(|row| row.all(column).iter().any(|it| it == name));
        let mut keys: Vec<String> = rows.map(|row| row.text("Key")).collect();
        keys.sort();
        keys
    }
}

#[tokio::test]
async fn a_row_whose_option_somebody_removed_is_written_with_a_new_one() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let id = world.synced().await;
    let ([status, other], all) = (world.statuses(), world.options("Status"));
    let done = world.saying("Status", &status);
    assert!(done.len() > 3, "{done:?}");
    world.remove_option("Status", &status);
    world.remove_option("Status", &other);
    world.notion.clear_log();
    // More than are on their way at once.
    for key in &done {
        world.jira.edit_issue(key, |issue| issue.summary = format!("Changed {}", issue.key));
    }
    world.next_run().await;
    world.assert_equal();
    assert_eq!(world.saying("Status", &status), done);
    assert_eq!(world.notion.calls().get("PATCH /v1/data_sources/{data_source_id}"), Some(&1), "one call makes it");
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.failed), ("Synced with Jira", 0));
    // The other one comes back with the rows that held it.
    world.hour().await;
    assert_eq!(world.options("Status"), all);
}

#[tokio::test]
async fn a_full_list_names_no_option_that_somebody_removed() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    let id = world.synced().await;
    let gone = world.options("Labels").remove(0);
    world.remove_option("Labels", &gone);
    world.jira.edit_issue("OPS-3", |issue| issue.labels = vec!["brand-new".to_owned()]);
    world.next_run().await;
    assert_eq!(world.row("OPS-3").all("Labels"), ["brand-new"]);
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    assert!(world.options("Labels").contains(&"brand-new".to_owned()));
    world.assert_equal();
}

#[tokio::test]
async fn what_an_option_took_with_it_is_written_again_within_the_hour() {
    for edited in [OnEdit::Restore, OnEdit::Keep] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 20);
        world.synced_as(|asked| asked.rules.edited = edited).await;
        let [status, _] = world.statuses();
        let (done, labelled) = (world.saying("Status", &status), world.saying("Labels", "backend"));
        assert!(!done.is_empty() && !labelled.is_empty(), "{done:?} {labelled:?}");
        world.remove_option("Status", &status);
        world.remove_option("Labels", "backend");
        world.notion.clear_log();
        world.hour().await;
        let all: std::collections::BTreeSet<&String> = done.iter().chain(&labelled).collect();
        let (calls, is_wanted) = (world.notion.calls(), edited == OnEdit::Restore);
        assert_eq!(world.saying("Status", &status), if is_wanted { done.clone() } else { Vec::new() }, "{edited:?}");
        assert_eq!(world.saying("Labels", "backend"), if is_wanted { labelled.clone() } else { Vec::new() });
        let written = calls.get("PATCH /v1/pages/{page_id}").copied().unwrap_or_default();
        assert_eq!(written, if is_wanted { all.len() } else { 0 }, "{calls:?}");
        // And that is all.
        world.notion.clear_log();
        world.hour().await;
        assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
        // Whatever is wanted, an issue that changes says what it holds.
        world.jira.edit_issue(&done[0], |issue| issue.summary = "Changed".to_owned());
        world.next_run().await;
        assert!(world.saying("Status", &status).contains(&done[0]));
        assert_eq!(world.notion.refusals(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_option_that_its_person_renamed_is_what_it_was() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 20);
    world.synced().await;
    world.next_run().await;
    let [status, _] = world.statuses();
    let done = world.saying("Status", &status);
    let source = world.notion.source(world.database());
    world.notion.hands(world.nora).rename_option(source, "Status", &status, "Finished");
    world.notion.clear_log();
    world.hour().await;
    assert_eq!(world.notion.writes(), 0, "{:?}", world.notion.calls());
    world.jira.edit_issue(&done[0], |issue| issue.summary = "Changed".to_owned());
    world.jira.edit_issue(&done[1], |issue| issue.labels = vec!["brand-new".to_owned()]);
    world.next_run().await;
    assert_eq!(world.saying("Status", "Finished"), done);
    assert!(!world.options("Status").contains(&status));
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}
