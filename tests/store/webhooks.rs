//! What Jira was asked to tell of.

use jira_notion_gateway::secret::ExposeSecret;
use jira_notion_gateway::store::{Connection, ProjectKeys, Webhook, WebhookKind};

use super::{World, connection_to};

on_both_engines!(
    wishes_are_kept_and_taken_once,
    what_was_refused_is_not_hurried,
    a_secret_opens_and_follows_the_master_key,
    a_registration_goes_with_its_connection,
);

async fn connection(world: &World, account: &str) -> Connection {
    let account = world.account(account).await;
    let new = connection_to(&account, "https://acme.example", account.as_str());
    world.store.save_connection(&world.sealer, &new, b"secret").await.unwrap().0
}

fn keys(text: &str) -> ProjectKeys {
    ProjectKeys::from(text.to_owned())
}

async fn one(world: &World, connection: &Connection) -> Webhook {
    world.store.webhook(&connection.id).await.unwrap().unwrap()
}

async fn wishes_are_kept_and_taken_once(world: &World) {
    let (ana, ben) = (connection(world, "ana").await, connection(world, "ben").await);
    let before = world.store.revision().await.unwrap();
    world.store.want_webhook(&ana, &keys("OPS"), 100).await.unwrap();
    world.store.want_webhook(&ben, &keys("HR"), 100).await.unwrap();
    assert!(world.store.revision().await.unwrap() > before, "other processes learn of the door");
    let rows = world.store.webhooks().await.unwrap();
    assert_eq!((rows.len(), &rows[0].id), (2, &rows[1].id), "one address for one site");
    let mut row = one(world, &ana).await;
    assert_eq!((row.kind, row.site.as_str(), row.due_at), (WebhookKind::App, "https://acme.example", Some(100)));
    assert!(row.id.starts_with("whk_") && !row.is_live(0));
    let other = world.another_store().await;
    let (first, second) = tokio::join!(world.store.claim_webhook(&row, 500), other.claim_webhook(&row, 600));
    assert!(first.unwrap() ^ second.unwrap(), "one of two processes does it");
    row.remote_id = Some(7);
    row.registered = row.projects.clone();
    row.expires_at = Some(9_000);
    row.due_at = Some(5_000);
    assert!(world.store.set_webhook(&row).await.unwrap());
    // More is wished for: sooner than the renewal, but not later than what was due.
    world.store.want_webhook(&ana, &keys("OPS,DEV"), 1_000).await.unwrap();
    world.store.want_webhook(&ana, &keys("OPS,DEV,HR"), 2_000).await.unwrap();
    let row = one(world, &ana).await;
    assert_eq!((row.projects, row.registered, row.due_at), (keys("OPS,DEV,HR"), keys("OPS"), Some(1_000)));
    assert!(one(world, &ana).await.is_live(8_999) && !one(world, &ana).await.is_live(9_000));
}

async fn what_was_refused_is_not_hurried(world: &World) {
    let ana = connection(world, "ana").await;
    world.store.want_webhook(&ana, &keys("OPS"), 100).await.unwrap();
    world.store.clear_webhook(&one(world, &ana).await, 9_000).await.unwrap();
    world.store.want_webhook(&ana, &keys("DEV"), 200).await.unwrap();
    let row = one(world, &ana).await;
    assert_eq!((row.projects, row.due_at, row.remote_id), (keys("DEV"), Some(9_000), None));
}

async fn a_secret_opens_and_follows_the_master_key(world: &World) {
    let (ana, ben) = (connection(world, "ana").await, connection(world, "ben").await);
    let row = world.store.begin_webhook(&world.sealer, &ana, Some(b"signs with this")).await.unwrap();
    assert_eq!(row.secret(&world.sealer).unwrap().unwrap().expose_secret(), b"signs with this");
    assert!(row.has_secret() && row.due_at.is_none() && row.kind == WebhookKind::Administrator);
    let plain = world.store.begin_webhook(&world.sealer, &ben, None).await.unwrap();
    assert!(plain.secret(&world.sealer).unwrap().is_none() && plain.id != row.id);
    let key: String = world.scalar("SELECT key_id FROM webhooks WHERE sealed IS NOT NULL").await;
    world.sealer.rotate().unwrap();
    let moved = world.store.reseal(&world.sealer).await.unwrap();
    assert_eq!((moved.moved, moved.unreadable), (3, 0), "two connections and a webhook");
    assert_ne!(world.scalar::<String>("SELECT key_id FROM webhooks WHERE sealed IS NOT NULL").await, key);
    let row = one(world, &ana).await;
    assert_eq!(row.secret(&world.sealer).unwrap().unwrap().expose_secret(), b"signs with this");
    // Beginning anew: another address, another secret.
    let again = world.store.begin_webhook(&world.sealer, &ana, Some(b"and now this")).await.unwrap();
    assert_ne!(again.id, row.id);
    assert!(!world.store.set_webhook(&row).await.unwrap(), "the older one has ended");
    // In another row it does not open.
    world.execute("UPDATE webhooks SET sealed = (SELECT w.sealed FROM webhooks w WHERE w.sealed IS NOT NULL)").await;
    assert!(one(world, &ben).await.secret(&world.sealer).is_err());
}

async fn a_registration_goes_with_its_connection(world: &World) {
    let (ana, ben) = (connection(world, "ana").await, connection(world, "ben").await);
    for connection in [&ana, &ben] {
        world.store.want_webhook(connection, &keys("OPS"), 1).await.unwrap();
    }
    world.store.remove_connection(&ana.account_id, &ana.id).await.unwrap();
    assert_eq!(world.store.webhook(&ana.id).await.unwrap(), None);
    world.store.remove_webhook(&ben.id).await.unwrap();
    assert_eq!(world.count("webhooks").await, 0);
    let row = world.store.want_webhook(&ana, &keys("OPS"), 1).await;
    assert!(row.is_err(), "nothing is asked for through a connection that is gone");
}
