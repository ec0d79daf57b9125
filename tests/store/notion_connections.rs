//! Connections to Notion: kept once, sealed in their place, changed by whoever has read the newest.

use jira_notion_gateway::secret::{ExposeSecret, Sealer};
use jira_notion_gateway::store::{
    AccountId, Error, GrantHealth, NewNotionConnection, NotionConnection, NotionKind, Store,
};

use super::World;

on_both_engines!(
    the_same_bot_again_keeps_the_row,
    a_secret_opens_only_in_its_place,
    of_several_renewals_the_first_wins,
    one_renews_at_a_time,
    an_end_does_not_end_what_came_after_it,
    removing_is_for_the_owner_and_for_good,
    rotation_moves_the_secrets,
);

fn new<'a>(account: &'a AccountId, bot_id: &'a str, secret: &'a [u8]) -> NewNotionConnection<'a> {
    NewNotionConnection {
        account,
        kind: NotionKind::Oauth,
        workspace_id: "w1",
        workspace_name: "Acme\0",
        bot_id,
        user_id: Some("u1"),
        user_name: "Nora",
        secret,
    }
}

async fn save(world: &World, new: NewNotionConnection<'_>) -> (NotionConnection, bool) {
    world.store.save_notion_connection(&world.sealer, new).await.unwrap()
}

/// The row and its secret as they are now.
async fn kept(store: &Store, sealer: &Sealer, row: &NotionConnection) -> (NotionConnection, Vec<u8>) {
    let (row, secret) = store.notion_connection(sealer, &row.id).await.unwrap().unwrap();
    (row, secret.expose_secret().to_vec())
}

async fn the_same_bot_again_keeps_the_row(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let (first, created) = save(world, new(&ana, "b1", b"one")).await;
    assert!(created && first.workspace_name == "Acme" && first.version == 1);
    assert!(world.store.end_notion_connection(&first.id, 1).await.unwrap());
    let renamed = NewNotionConnection { workspace_name: "Acme Inc", ..new(&ana, "b1", b"two") };
    let (again, created) = save(world, renamed).await;
    assert!(!created && again.id == first.id);
    assert_eq!((again.version, again.health, again.workspace_name.as_str()), (2, GrantHealth::Ok, "Acme Inc"));
    assert_eq!(kept(&world.store, &world.sealer, &first).await, (again, b"two".to_vec()));
    // Another bot, workspace, kind or account is another connection.
    let others = [
        new(&ana, "b2", b"x"),
        NewNotionConnection { workspace_id: "w2", ..new(&ana, "b1", b"x") },
        NewNotionConnection { kind: NotionKind::Token, user_id: None, ..new(&ana, "b1", b"x") },
        new(&ben, "b1", b"x"),
    ];
    for other in others {
        assert!(save(world, other).await.1, "{other:?}");
    }
    assert_eq!(world.store.notion_connections(&ana).await.unwrap().len(), 4);
    assert_eq!(world.store.notion_connections(&ben).await.unwrap().len(), 1);
    for bad in [new(&ana, "b\0", b"x"), NewNotionConnection { workspace_id: "\0", ..new(&ana, "b1", b"x") }] {
        let refused = world.store.save_notion_connection(&world.sealer, bad).await;
        assert!(matches!(refused, Err(Error::NulCharacter)));
    }
}

async fn a_secret_opens_only_in_its_place(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let (row, _) = save(world, new(&ana, "b1", b"canary")).await;
    save(world, new(&ana, "b2", b"other")).await;
    let sealed: Vec<u8> = world.scalar("SELECT sealed FROM notion_connections WHERE bot_id = 'b1'").await;
    assert!(!sealed.windows(6).any(|part| part == b"canary"));
    let foreign = "(SELECT sealed FROM backup WHERE bot_id = 'b2')";
    world.execute("CREATE TABLE backup AS SELECT * FROM notion_connections").await;
    for change in [
        format!("account_id = '{ben}'"),
        "bot_id = 'b3'".to_owned(),
        "kind = 'token'".to_owned(),
        format!("sealed = {foreign}"),
    ] {
        world.execute(&format!("UPDATE notion_connections SET {change} WHERE id = '{}'", row.id)).await;
        let opened = world.store.notion_connection(&world.sealer, &row.id).await;
        assert!(matches!(opened, Err(Error::Sealed(_))), "{change}");
        for column in ["account_id", "bot_id", "kind", "sealed"] {
            let before = format!("(SELECT {column} FROM backup WHERE id = '{}')", row.id);
            let back = format!("UPDATE notion_connections SET {column} = {before} WHERE id = '{}'", row.id);
            world.execute(&back).await;
        }
        assert_eq!(kept(&world.store, &world.sealer, &row).await.1, b"canary");
    }
}

async fn of_several_renewals_the_first_wins(world: &World) {
    let ana = world.account("ana").await;
    let (read, _) = save(world, new(&ana, "b1", b"0")).await;
    let other = world.another_store().await;
    let tasks: Vec<_> = (1..=8u8)
        .map(|n| {
            let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
            let (sealer, read) = (world.sealer.clone(), read.clone());
            tokio::spawn(async move { store.renew_notion_connection(&sealer, &read, &[n]).await.unwrap().then_some(n) })
        })
        .collect();
    let mut won = Vec::new();
    for task in tasks {
        won.extend(task.await.unwrap());
    }
    let (row, secret) = kept(&world.store, &world.sealer, &read).await;
    assert_eq!((won, row.version), (secret, 2));
}

async fn one_renews_at_a_time(world: &World) {
    let ana = world.account("ana").await;
    let (read, _) = save(world, new(&ana, "b1", b"0")).await;
    let claim = async || world.store.claim_notion_renewal(&read, 1000).await.unwrap();
    assert!(claim().await && !claim().await);
    world.store.release_notion_renewal(&read).await.unwrap();
    assert!(claim().await, "given back");
    world.pass(jiff::SignedDuration::from_millis(1000));
    assert!(claim().await, "whoever died holds nobody up");
    assert!(world.store.renew_notion_connection(&world.sealer, &read, b"1").await.unwrap());
    assert!(!claim().await, "somebody else has done it");
    let (now, _) = kept(&world.store, &world.sealer, &read).await;
    assert!(world.store.claim_notion_renewal(&now, 1000).await.unwrap(), "the next one is free");
}

async fn an_end_does_not_end_what_came_after_it(world: &World) {
    let ana = world.account("ana").await;
    let (read, _) = save(world, new(&ana, "b1", b"0")).await;
    assert!(world.store.renew_notion_connection(&world.sealer, &read, b"1").await.unwrap());
    assert!(!world.store.end_notion_connection(&read.id, read.version).await.unwrap());
    let (now, _) = kept(&world.store, &world.sealer, &read).await;
    assert_eq!(now.health, GrantHealth::Ok);
    assert!(world.store.end_notion_connection(&now.id, now.version).await.unwrap());
    assert_eq!(kept(&world.store, &world.sealer, &read).await.0.health, GrantHealth::Reconnect);
}

async fn removing_is_for_the_owner_and_for_good(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let (row, _) = save(world, new(&ana, "b1", b"0")).await;
    assert!(!world.store.remove_notion_connection(&ben, &row.id).await.unwrap());
    assert!(world.store.remove_notion_connection(&ana, &row.id).await.unwrap());
    assert!(!world.store.remove_notion_connection(&ana, &row.id).await.unwrap());
    assert!(world.store.notion_connection(&world.sealer, &row.id).await.unwrap().is_none());
    assert!(!world.store.renew_notion_connection(&world.sealer, &row, b"1").await.unwrap());
    // And with its account.
    save(world, new(&ana, "b1", b"0")).await;
    world.store.remove_account(&ana).await.unwrap();
    assert_eq!(world.count("notion_connections").await, 0);
    let refused = world.store.save_notion_connection(&world.sealer, new(&ana, "b1", b"0")).await;
    assert!(matches!(refused, Err(Error::Gone)));
}

async fn rotation_moves_the_secrets(world: &World) {
    let ana = world.account("ana").await;
    let (read, _) = save(world, new(&ana, "b1", b"secret")).await;
    let (broken, _) = save(world, new(&ana, "b2", b"lost")).await;
    world.execute(&format!("UPDATE notion_connections SET bot_id = 'b9' WHERE id = '{}'", broken.id)).await;
    world.sealer.rotate().unwrap();
    let done = world.store.reseal(&world.sealer).await.unwrap();
    assert_eq!((done.moved, done.unreadable), (1, 1));
    let key: String = world.scalar("SELECT key_id FROM notion_connections WHERE bot_id = 'b1'").await;
    assert_eq!(key, world.sealer.newest());
    assert_eq!(kept(&world.store, &world.sealer, &read).await, (read.clone(), b"secret".to_vec()));
    // Whoever was renewing it meanwhile keeps what they were given.
    assert!(world.store.renew_notion_connection(&world.sealer, &read, b"next").await.unwrap());
}
