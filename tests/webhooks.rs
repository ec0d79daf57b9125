//! Jira tells of changes, and a preview is known to be old before its time (contract §6).

mod cloud;
mod doors;
mod server;

use crate::world::gateway::Api;
use crate::world::{Delivery, FakeJira};

/// What is shown for a link: its state, the code of its reason, its title.
async fn shown(api: &Api, link: &str) -> (String, String, String) {
    let answer = api.one(link).await;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["state"]), text(&answer["reason"]["code"]), text(&answer["preview"]["title"]))
}

async fn title(api: &Api, link: &str) -> String {
    shown(api, link).await.2
}

fn rename(jira: &FakeJira, key: &str, summary: &str) {
    jira.change_issue(key, |issue| issue.summary = summary.to_owned());
}

/// Jira sends what it has to tell, and is answered so each time.
async fn tell(jira: &FakeJira, status: u16) -> Vec<Delivery> {
    let deliveries = jira.deliveries();
    assert!(!deliveries.is_empty(), "there is something to tell");
    for delivery in &deliveries {
        assert_eq!(delivery.send().await, status, "{:?}", String::from_utf8_lossy(&delivery.body));
    }
    deliveries
}
