//! A password that Jira has refused, or for which it wants a CAPTCHA, does not go out again: not after a restart, and not
//! by another door (contract §4).

use jiff::SignedDuration;
use jira_notion_gateway::connect::Typed;
use jira_notion_gateway::gateway::Gateway;
use jira_notion_gateway::jira::auth::Method;
use jira_notion_gateway::store::{ConnectionId, Database};
use secrecy::SecretString;

use super::{HERE, World};

impl World {
    /// Ana keeps her project with her password.
    async fn synced_by_password(&self) -> Database {
        self.jira.change_person("ana", |ana| *ana = ana.clone().password("first"));
        let id = self.synced().await;
        let connection = self.sign_in("first").await;
        let database = self.gateway.syncs.one(&self.ana, &id).await.unwrap().unwrap();
        self.gateway.syncs.reauthenticate(&self.ana, &database, Some(&connection)).await.unwrap();
        self.next_run().await;
        self.gateway.syncs.one(&self.ana, &id).await.unwrap().unwrap()
    }

    async fn sign_in(&self, password: &str) -> ConnectionId {
        let typed = Typed {
            site: self.jira.url(),
            method: Method::Password,
            username: "ana".to_owned(),
            secret: SecretString::from(password),
            expires_at: None,
            chosen: None,
        };
        self.gateway.connect.connect(Some(&self.ana), HERE, typed).await.unwrap().0.id
    }

    async fn told(&self, id: &jira_notion_gateway::store::DatabaseId) -> (String, String) {
        let shown = self.shown(id).await;
        (shown.badge.text, shown.reason.map(|it| it.code).unwrap_or_default())
    }
}

/// What people and time bring about. Nothing of it may reach Jira with a credential.
async fn everything(gateway: &Gateway, world: &World, database: &Database) {
    world.pass(SignedDuration::from_mins(30));
    gateway.syncs.round().await.unwrap();
    assert!(gateway.syncs.sync_now(&world.ana, &database.id, true).await.unwrap());
    gateway.syncs.round().await.unwrap();
    let _ = gateway.syncs.plan(database, true).await;
    let _ = gateway.syncs.explain(database, "OPS-99").await;
}

#[tokio::test]
async fn a_refused_password_goes_out_once() {
    let world = World::data_center().await;
    world.jira.add_many("OPS", 5);
    let database = world.synced_by_password().await;
    world.jira.change_person("ana", |ana| *ana = ana.clone().password("another"));
    world.jira.forget_calls();
    world.next_run().await;
    assert_eq!(world.jira.calls().failed(), 1);
    assert_eq!(world.told(&database.id).await, ("Sync stopped".to_owned(), "reconnect".to_owned()));
    everything(&world.gateway, &world, &database).await;
    everything(&*world.another_process().await, &world, &database).await;
    assert_eq!(world.jira.calls().failed(), 1, "{:?}", world.jira.calls());
    // The new one is another matter.
    let connection = world.sign_in("another").await;
    let syncs = &world.gateway.syncs;
    syncs.reauthenticate(&world.ana, &database, Some(&connection)).await.unwrap();
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Meanwhile".to_owned());
    world.run().await;
    world.assert_equal();
    assert_eq!(world.shown(&database.id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn nothing_is_asked_before_a_captcha_is_solved() {
    let world = World::data_center().await;
    world.jira.add_many("OPS", 5);
    let database = world.synced_by_password().await;
    world.jira.demand_captcha("ana");
    world.next_run().await;
    assert_eq!(world.told(&database.id).await, ("Sync stopped".to_owned(), "captcha".to_owned()));
    world.jira.forget_calls();
    everything(&world.gateway, &world, &database).await;
    everything(&*world.another_process().await, &world, &database).await;
    assert_eq!(world.jira.calls().with_credential, 0, "{:?}", world.jira.calls());
    // Whoever has solved it says so, and everything goes on by itself.
    world.jira.browser_login("ana");
    let connection = database.connection_id.unwrap();
    assert_eq!(world.gateway.connect.try_again(&world.ana, &connection).await.unwrap(), Some(true));
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Meanwhile".to_owned());
    world.next_run().await;
    world.assert_equal();
    assert_eq!(world.shown(&database.id).await.badge.text, "Synced with Jira");
}
