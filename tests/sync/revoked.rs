//! A credential ends before any call of a run: it stops at once and keeps where it is, what waits, and what it has begun;
//! with another credential it goes on exactly from there (S56).

use jiff::SignedDuration;
use jira_notion_gateway::store::DatabaseId;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{HERE, World, connect_with};
use crate::world::jira::{Comment, Fault};
use crate::world::notion::rest::faults::before;
use crate::world::{AccessToken, Issue, Personality};

/// Remarks on one issue: more than a search tells.
const REMARKS: u32 = 21;

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

    async fn assert_stopped(&self, id: &DatabaseId, because: &str) {
        let shown = self.shown(id).await;
        let reason = shown.reason.map(|it| it.code).unwrap_or_default();
        assert_eq!((shown.badge.text.as_str(), reason.as_str()), ("Sync stopped", because));
    }

    /// Somebody has much to say about an issue: a page that holds it costs a call before it can be kept.
    fn remark(&self, key: &str) {
        let said = |at: u32| Comment::new(at, "ben", format!("remark {at}").as_str());
        self.jira.change_issue(key, |issue| issue.comments = (1..=REMARKS).map(said).collect());
    }

    /// Questions for pages of issues.
    fn searches(&self) -> usize {
        let by_call = self.jira.calls().by_call;
        by_call.into_iter().filter(|(call, _)| call.contains("/search")).map(|(_, many)| many).sum()
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
        let (mut whole, mut searches) = (usize::MAX, 0);
        // The first time nothing happens.
        for ended_at in 0.. {
            if ended_at > whole {
                break;
            }
            let world = World::of(personality.clone()).await;
            world.jira.set_page_rows(3);
            world.jira.add_many("OPS", 7);
            world.remark("OPS-2");
            let id = world.try_create_as(None, |asked| asked.wish.with_comments = true).await.unwrap().id;
            world.jira.forget_calls();
            let calls = world.run_until(ended_at).await;
            if ended_at == 0 {
                (whole, searches) = (calls, world.searches());
                continue;
            }
            assert_stopped_at_once(&world, calls - ended_at);
            world.assert_stopped(&id, "reconnect").await;
            world.pass(SignedDuration::from_mins(5));
            assert_eq!(world.run_while(|_| {}).await, 0, "a dead credential is not tried again");
            world.authenticate_again(&id, ended_at).await;
            let more = world.run_while(|_| {}).await;
            // Beyond what was left: the fields, which are not kept, a look at what has changed since, and what belongs to one
            // question, as the names do, which take three calls.
            let by_call = world.jira.calls().by_call;
            assert!(more <= whole - (ended_at - 1) + 4, "{more} calls of {whole} after {ended_at}: {by_call:?}");
            // The one that was refused, and the look.
            assert!(world.searches() <= searches + 2, "a page that was kept is read again, {ended_at}: {by_call:?}");
            assert_eq!(world.notion.calls().get("POST /v1/pages"), Some(&7));
            assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
            world.assert_equal();
        }
    }
}

#[tokio::test]
async fn a_later_run_goes_on_from_any_call_with_another_credential() {
    // With another name for a status, everything is read anew.
    for (personality, is_renamed, step) in
        [(Personality::cloud(), false, 1), (Personality::cloud(), true, 4), (Personality::data_center(), false, 2)]
    {
        later_runs(&World::of(personality).await, is_renamed, step).await;
    }
}

async fn later_runs(world: &World, is_renamed: bool, step: usize) {
    world.jira.set_page_rows(if world.jira.personality().is_cloud() { 3 } else { 10 });
    world.jira.add_many("OPS", 8);
    world.remark("OPS-2");
    let id = world.synced_as(|asked| asked.wish.with_comments = true).await;
    let mut all = Vec::new();
    for (number, ended_at) in (1..).step_by(step).enumerate() {
        assert!(ended_at < 60, "a run comes to its end");
        // All lanes are due: names, the list of all issues, edits by people.
        world.pass(SignedDuration::from_mins(61));
        change(world, number, is_renamed);
        let before = world.watermark(&id).await;
        world.notion.clear_log();
        let calls = world.run_until(ended_at).await;
        if calls < ended_at {
            // This time nothing has happened.
            for (ended_at, more) in all {
                // Beyond what was left: the step that was cut (the list of all issues, with what became of those that are
                // missing, is six calls), and a look at what has changed since, with its remarks.
                assert!(more <= calls - (ended_at - 1) + 9, "{more} calls of {calls} after {ended_at}");
            }
            break;
        }
        assert_stopped_at_once(world, calls - ended_at);
        world.assert_stopped(&id, "reconnect").await;
        // Where everything is to be read, there is none any more.
        let there = world.watermark(&id).await;
        assert!(there == before || (is_renamed && there.is_null()), "what was not written does not count as read");
        let waiting = world.gateway.syncs.rows(&id).await.unwrap().pending;
        world.authenticate_again(&id, ended_at).await;
        assert_eq!(world.gateway.syncs.rows(&id).await.unwrap().pending, waiting, "the queue stays");
        let more = world.run_while(|_| {}).await;
        all.push((ended_at, more));
        let shown = world.shown(&id).await;
        assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
        world.assert_arrived(&id, number).await;
    }
    world.look(&id).await;
    world.look(&id).await;
    world.assert_equal();
    let mut made = world.notion.rows(world.database()).into_iter().map(|row| row.text("Jira ID")).collect::<Vec<_>>();
    made.sort();
    assert!(made.windows(2).all(|two| two[0] != two[1]), "none was made twice");
}

fn new(number: usize) -> String {
    format!("OPS-{}", 100 + number)
}

/// In Jira four issues are edited, one is new, and one of the hour before is gone; maybe a status has another name. In
/// Notion somebody has written into a cell.
fn change(world: &World, number: usize, is_renamed: bool) {
    let now = world.jira.now();
    for at in 1..=4 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = format!("Edit {number}"));
    }
    world.jira.add_issue(Issue::new(&new(number), "New").created(now).updated(now));
    if number > 0 {
        world.jira.remove_issue(&new(number - 1));
    }
    if is_renamed {
        let status = world.jira.issues()[0].status.id.clone();
        for issue in world.jira.issues().iter().filter(|it| it.status.id == status) {
            world.jira.change_issue(&issue.key, |issue| issue.status.name = format!("Status {number}"));
        }
    }
    let row = world.row("OPS-7").id;
    world.notion.hands(world.nora).edit(row, "Summary", &json!({"title": [{"text": {"content": "by hand"}}]}));
}

impl World {
    /// What a run of this hour has to bring is there; nothing of it waits for the next hour.
    async fn assert_arrived(&self, id: &DatabaseId, number: usize) {
        let rows = self.rows();
        for issue in self.jira.issues().iter().filter(|it| it.key.starts_with("OPS-")) {
            let row = rows.get(&issue.id).unwrap_or_else(|| panic!("no row for {}, {number}", issue.key));
            let (there, wanted) = (row.text("Summary"), &issue.summary);
            assert_eq!((&there, &row.text("Status")), (wanted, &issue.status.name), "{}, {number}", issue.key);
        }
        if number > 0 {
            let gone = self.gateway.store.synced_rows(id).await.unwrap();
            let gone = gone.iter().find(|row| row.issue_key == new(number - 1)).unwrap();
            assert!(gone.missed == 1, "{number}: it is missed, {gone:?}");
        }
    }
}

/// Somebody has begun to make a row and does not know whether it is there; then the credential ends.
#[tokio::test]
async fn what_was_begun_is_not_begun_again() {
    for world in World::both().await {
        world.notion.switch(|it| it.rest.query_lag = SignedDuration::from_secs(45));
        world.jira.add_many("OPS", 5);
        let id = world.create().await;
        world.notion.fault_at(3, "POST /v1/pages?", Fault::Lost);
        // Nor can it be looked for.
        world.notion.fault(None, "/query", before(503));
        world.run().await;
        assert_eq!(world.gateway.store.begun_rows(&id).await.unwrap().len(), 1);
        world.end_credential();
        world.notion.heal();
        world.pass(SignedDuration::from_mins(5));
        world.run().await;
        world.assert_stopped(&id, "reconnect").await;
        world.authenticate_again(&id, 1).await;
        world.run().await;
        assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
        assert_eq!(world.notion.rows(world.database()).len(), 5, "none was made twice");
        world.assert_equal();
    }
}

#[tokio::test]
async fn a_token_of_notion_that_ends_at_any_call_stops_it_and_it_goes_on_with_another() {
    let (mut whole, mut searches) = (usize::MAX, 0);
    // The first time nothing happens.
    for ended_at in 0.. {
        if ended_at > whole {
            break;
        }
        let world = World::cloud().await;
        world.jira.add_many("OPS", 6);
        let (id, nora) = (world.create().await, world.nora);
        world.notion.clear_log();
        world.jira.forget_calls();
        if ended_at > 0 {
            world.notion.before_call(ended_at, move |notion| notion.end_tokens(nora));
        }
        world.run().await;
        let calls = world.notion.log().len();
        if ended_at == 0 {
            (whole, searches) = (calls, world.searches());
            continue;
        }
        if world.shown(&id).await.badge.text == "Synced with Jira" {
            // With its last calls, a run that has done everything says so.
            assert!(ended_at + 2 > whole, "{ended_at} of {whole} calls");
            continue;
        }
        // Others may be under way at that moment.
        assert!(calls - ended_at <= 2, "{} calls after the refusal", calls - ended_at);
        world.assert_stopped(&id, "notion_reconnect").await;
        world.pass(SignedDuration::from_mins(5));
        world.run().await;
        assert_eq!(world.notion.log().len(), calls, "a dead token is not tried again");
        let token = SecretString::from(world.notion.make_token(nora));
        world.gateway.workspaces.add_token(&world.ana, HERE, &token).await.unwrap();
        let database = world.gateway.syncs.one(&world.ana, &id).await.unwrap().unwrap();
        world.gateway.syncs.reauthenticate(&world.ana, &database, None).await.unwrap();
        world.run().await;
        let shown = world.shown(&id).await;
        assert_eq!(shown.badge.text, "Synced with Jira", "ended at call {ended_at}: {:?}", shown.reason);
        // The first page, and three looks at what has changed since.
        assert!(world.searches() <= searches + 3, "{} searches after {ended_at}", world.searches());
        assert_eq!(world.notion.rows(world.database()).len(), 6, "none was made twice");
        world.assert_equal();
    }
}
