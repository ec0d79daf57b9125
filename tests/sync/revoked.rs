//! Jira's credential ends before any call of a run: it stops at once and keeps where it is; with another credential it
//! goes on exactly from there (S56).

use jiff::SignedDuration;
use jira_notion_gateway::store::DatabaseId;
use serde_json::Value;

use super::{World, connect_with};
use crate::world::{AccessToken, Issue, Personality};

impl World {
    fn end_credential(&self) {
        self.jira.change_person("ana", |ana| {
            ana.api_tokens.clear();
            ana.access_tokens.clear();
        });
    }

    /// Works off what is due; the credential ends before the n-th call to Jira. How many calls there were.
    async fn run_until(&self, number: usize) -> usize {
        self.run_while(|call| {
            if call == number {
                self.end_credential();
            }
        })
        .await
    }

    /// Ana makes a new token, connects with it, and says that it goes on.
    async fn authenticate_again(&self, id: &DatabaseId, number: usize) {
        let secret = format!("ana-again-{number}");
        let now = self.jira.now();
        self.jira.change_person("ana", |ana| {
            if self.jira.personality().is_cloud() {
                *ana = ana.clone().api_token(&secret);
            } else {
                let (id, name, secret) = (900 + number as u64, secret.clone(), secret.clone());
                ana.access_tokens.push(AccessToken { id, name, secret, created: now, expires: None });
            }
        });
        connect_with(&self.gateway, &self.ana, &self.jira, "ana", &secret).await;
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        self.gateway.syncs.reauthenticate(&self.ana, &database, None).await.unwrap();
    }

    async fn assert_stopped(&self, id: &DatabaseId) {
        let shown = self.shown(id).await;
        let reason = shown.reason.map(|it| it.code).unwrap_or_default();
        assert_eq!((shown.badge.text.as_str(), reason.as_str()), ("Sync stopped", "reconnect"));
    }

    async fn watermark(&self, id: &DatabaseId) -> Value {
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        serde_json::from_str::<Value>(&database.progress).unwrap()["watermark"].clone()
    }
}

/// After the refusal nothing is asked; but on Data Center, which answers some calls as it answers strangers, who we are.
fn assert_stopped_at_once(world: &World, more: usize) {
    let most = if world.jira.personality().is_cloud() { 0 } else { 1 };
    assert!(more <= most, "{more} calls after the refusal");
}

#[tokio::test]
async fn a_first_load_goes_on_from_any_call_with_another_credential() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let mut whole = usize::MAX;
        // The first time nothing happens.
        for ended_at in 0.. {
            if ended_at > whole {
                break;
            }
            let world = World::of(personality.clone()).await;
            world.jira.set_page_rows(3);
            world.jira.add_many("OPS", 7);
            let id = world.create().await;
            let calls = world.run_until(ended_at).await;
            if ended_at == 0 {
                whole = calls;
                continue;
            }
            assert_stopped_at_once(&world, calls - ended_at);
            world.assert_stopped(&id).await;
            world.pass(SignedDuration::from_mins(5));
            assert_eq!(world.run_while(|_| {}).await, 0, "a dead credential is not tried again");
            world.authenticate_again(&id, ended_at).await;
            let more = world.run_while(|_| {}).await;
            // Beyond what was left: the fields, which are not kept, a look at what has changed since, and what belongs to one
            // question, as the names do, which take three calls.
            let calls = world.jira.calls().by_call;
            assert!(more <= whole - (ended_at - 1) + 4, "{more} calls of {whole} after {ended_at}: {calls:?}");
            assert_eq!(world.notion.calls().get("POST /v1/pages"), Some(&7));
            assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
            world.assert_equal();
        }
    }
}

#[tokio::test]
async fn a_later_run_goes_on_from_any_call_with_another_credential() {
    for world in World::both().await {
        world.jira.set_page_rows(if world.jira.personality().is_cloud() { 3 } else { 10 });
        world.jira.add_many("OPS", 12);
        let id = world.synced().await;
        let mut all = Vec::new();
        for ended_at in 1.. {
            // All lanes are due: names, the list of all issues, edits by people.
            world.pass(SignedDuration::from_mins(61));
            change(&world, ended_at);
            let (before, gone) = (world.watermark(&id).await, in_trash(&world));
            world.notion.clear_log();
            let calls = world.run_until(ended_at).await;
            if calls < ended_at {
                // This time nothing has happened.
                for (ended_at, more) in all {
                    // Beyond what was left: the step that was cut (the list of all issues, with what became of those
                    // that are missing, is six calls), and a look at what has changed since.
                    assert!(more <= calls - (ended_at - 1) + 8, "{more} calls of {calls} after {ended_at}");
                }
                break;
            }
            assert_stopped_at_once(&world, calls - ended_at);
            world.assert_stopped(&id).await;
            assert_eq!(world.watermark(&id).await, before, "what was not written does not count as read");
            let waiting = world.gateway.syncs.rows(&id).await.unwrap().pending;
            world.authenticate_again(&id, ended_at).await;
            assert_eq!(world.gateway.syncs.rows(&id).await.unwrap().pending, waiting, "the queue stays");
            let more = world.run_while(|_| {}).await;
            all.push((ended_at, more));
            let shown = world.shown(&id).await;
            assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
            let calls = world.notion.calls();
            assert_eq!(calls.get("POST /v1/pages"), Some(&1));
            let patched = calls.get("PATCH /v1/pages/{page_id}").copied().unwrap_or(0);
            assert_eq!(patched, 4 + in_trash(&world) - gone, "each row is written once");
        }
        world.look(&id).await;
        world.look(&id).await;
        world.assert_as_new().await;
    }
}

/// Four issues are edited, one is new, and one of the hour before is gone.
fn change(world: &World, number: usize) {
    let (now, new) = (world.jira.now(), |number| format!("OPS-{}", 100 + number));
    for at in 1..=4 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = format!("Edit {number}"));
    }
    world.jira.add_issue(Issue::new(&new(number), "New").created(now).updated(now));
    if number > 1 {
        world.jira.remove_issue(&new(number - 1));
    }
}

fn in_trash(world: &World) -> usize {
    world.notion.rows(world.database()).into_iter().filter(|row| row.in_trash).count()
}
