//! A thousand links that Notion shows: what looking after them costs.

use crate::notion::town::Town;
use crate::world::Issue;
use crate::world::notion::UnknownUri;

use super::look_now;

const LINKS: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_changes_among_a_thousand_links_are_ten_pushes() {
    let town = Town::start().await;
    // Notion takes what no page of this test shows.
    town.notion.switch(|switches| switches.unknown_uri = UnknownUri::Accepted);
    let keys: Vec<String> = (1..=LINKS).map(|number| format!("OPS-{}", 1_000 + number)).collect();
    town.jira.add_issues(keys.iter().map(|key| Issue::new(key, &format!("Issue {key}"))));
    town.connect(town.nora, "ana").await;
    // A hundred at a time, so that the questions of Notion find their answers lying ready.
    let (links, api) = (keys.iter().map(|key| town.link(key)).collect::<Vec<_>>(), town.gateway.api("ana").await);
    for some in links.chunks(100) {
        api.resolve(&some.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let token = town.held();
    for link in &links {
        assert_eq!(town.unfurl(&token, link).await.status, 200);
    }
    assert_eq!(town.watched().await, i64::try_from(LINKS).unwrap());
    town.notion.clear_log();

    town.jira.forget_calls();
    town.look().await;
    let quiet = town.jira.calls();
    assert!(town.pushed().is_empty(), "nothing has changed");

    let changed = keys.iter().step_by(LINKS / 10);
    changed.clone().for_each(|key| town.jira.change_issue(key, |issue| issue.summary = "Changed".into()));
    town.jira.forget_calls();
    town.look().await;
    let calls = town.jira.calls();
    for calls in [&quiet, &calls] {
        assert_eq!(calls.total, LINKS / 50, "fifty at a time, and nothing else: {calls:#?}");
    }
    let mut told: Vec<_> = town.pushed().iter().map(|it| it.body.split('"').nth(3).unwrap().to_owned()).collect();
    told.sort();
    let mut expected: Vec<_> = changed.map(|key| town.link(key)).collect();
    expected.sort();
    assert_eq!(told, expected);
    look_now(&town.gateway).await;
    assert_eq!(town.pushed().len(), 10, "each once");
}
