//! Synced databases: who works on one, and what is kept of its rows.

use jiff::SignedDuration;
use jira_notion_gateway::secret::ExposeSecret;
use jira_notion_gateway::store::{
    AccountId, ConnectionId, Database, Lease, NewDatabase, NewNotionConnection, Noted, NotionConnectionId, NotionKind,
    Queued, Written,
};

use super::{World, connection_to, site};

on_both_engines!(
    it_is_its_accounts_own,
    one_at_a_time_works_on_it,
    whoever_lost_the_lease_changes_nothing,
    what_a_person_asks_for_during_a_run_is_not_lost,
    what_was_read_waits_sealed_from_the_top_down,
    a_row_is_begun_once_and_only_under_a_lease_that_holds,
    newer_news_goes_on_waiting,
    what_is_read_later_takes_the_place_of_what_waits,
    a_row_that_was_made_twice_stands_once,
    a_lost_connection_leaves_it_in_place,
    rows_are_found_by_the_issue,
    what_waits_follows_the_master_key,
);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

async fn ways(world: &World, name: &str) -> (AccountId, ConnectionId, NotionConnectionId) {
    let account = world.account(name).await;
    let connection = world
        .store
        .save_connection(&world.sealer, &connection_to(&account, "https://acme.example", name), b"secret")
        .await
        .unwrap()
        .0;
    let new = NewNotionConnection {
        account: &account,
        kind: NotionKind::Token,
        workspace_id: "w",
        workspace_name: "",
        bot_id: name,
        user_id: None,
        user_name: "",
        secret: b"secret",
    };
    let (notion, _) = world.store.save_notion_connection(&world.sealer, new).await.unwrap();
    (account, connection.id, notion.id)
}

async fn database(world: &World, name: &str) -> Database {
    let (account, connection, notion_connection) = ways(world, name).await;
    let new = NewDatabase {
        account: &account,
        connection: &connection,
        notion_connection: &notion_connection,
        site: &site("https://acme.example"),
        project_id: 10_000,
        project_key: "OPS",
        project_name: "Operations",
        wish: "{}",
        place: "{}",
        progress: "{}",
        status: "{}",
    };
    world.store.save_database(new).await.unwrap()
}

fn minute_from_now(world: &World) -> i64 {
    world.clock.now_ms() + 60_000
}

/// The right to work on the only database.
async fn lease(world: &World) -> Lease {
    world.store.claim_due_database(minute_from_now(world)).await.unwrap().expect("one is due").lease()
}

fn queued<'a>(issue_id: i64, key: &'a str, content: &'a str, updated_at: i64) -> Queued<'a> {
    Queued { issue_id, issue_key: key, parent: "", updated_at, content: content.as_bytes() }
}

async fn queue(world: &World, lease: &Lease, rows: &[Queued<'_>]) -> bool {
    world.store.queue_rows(&world.sealer, lease, rows, "{}").await.unwrap()
}

async fn waiting(world: &World, database: &Database) -> Vec<(i64, String)> {
    let rows = world.store.pending_rows(&world.sealer, &database.id, (-1, 0), 100).await.unwrap();
    let text = |content: &[u8]| String::from_utf8(content.to_vec()).unwrap();
    rows.into_iter().map(|it| (it.row.issue_id, text(it.content.expose_secret()))).collect()
}

fn written<'a>(issue_id: i64, page_id: &'a str) -> Written<'a> {
    Written { issue_id, page_id, hash: b"hash", body_hash: None, losses: None }
}

async fn it_is_its_accounts_own(world: &World) {
    let (ana, ben) = (database(world, "ana").await, database(world, "ben").await);
    let (store, id) = (&world.store, &ana.id);
    assert_eq!(store.database(&ana.account_id, id).await.unwrap().unwrap().project_key, "OPS");
    assert_eq!(store.databases(&ana.account_id).await.unwrap().len(), 1);
    assert_eq!(store.all_databases().await.unwrap().len(), 2);
    let ben = &ben.account_id;
    assert_eq!(store.database(ben, id).await.unwrap(), None);
    assert!(!store.ask_for_run(ben, id, "census").await.unwrap());
    assert!(!store.pause_database(ben, id, true).await.unwrap());
    assert!(!store.remove_database(ben, id).await.unwrap());
    assert!(store.remove_database(&ana.account_id, id).await.unwrap());
    assert_eq!(world.count("databases").await, 1);
}

async fn one_at_a_time_works_on_it(world: &World) {
    let database = database(world, "ana").await;
    let other = world.another_store().await;
    let first = lease(world).await;
    assert_eq!(other.claim_due_database(minute_from_now(world)).await.unwrap(), None);
    assert_eq!(other.claim_database(&database.id, minute_from_now(world)).await.unwrap(), None);
    world.clock.advance(MINUTE);
    // Whoever says nothing for so long is taken for dead.
    let second = other.claim_database(&database.id, minute_from_now(world)).await.unwrap().unwrap().lease();
    assert_eq!(world.store.keep_lease(&first, minute_from_now(world)).await.unwrap(), None);
    assert!(other.keep_lease(&second, minute_from_now(world)).await.unwrap().is_some());
    assert!(!world.store.release_database(&first, 0, "", true).await.unwrap());
    assert!(other.release_database(&second, world.clock.now_ms() + 1, "", true).await.unwrap());
    assert_eq!(world.store.claim_due_database(minute_from_now(world)).await.unwrap(), None, "not due yet");
    world.clock.advance(MINUTE);
    assert!(world.store.pause_database(&database.account_id, &database.id, true).await.unwrap());
    assert_eq!(world.store.claim_due_database(minute_from_now(world)).await.unwrap(), None, "paused");
    other.close().await;
}

async fn what_is_read_later_takes_the_place_of_what_waits(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    assert!(queue(world, &lease, &[queued(1, "OPS-1", "a", 5), queued(2, "OPS-2", "b", 5)]).await);
    assert!(queue(world, &lease, &[queued(1, "NEW-1", "c", 6)]).await);
    assert_eq!(waiting(world, &database).await, [(1, "c".to_owned()), (2, "b".to_owned())]);
    let rows = world.store.synced_rows(&database.id).await.unwrap();
    let told: Vec<(&str, i64)> = rows.iter().map(|row| (row.issue_key.as_str(), row.updated_at)).collect();
    assert_eq!(told, [("NEW-1", 6), ("OPS-2", 5)]);
}

async fn whoever_lost_the_lease_changes_nothing(world: &World) {
    let database = database(world, "ana").await;
    let old = lease(world).await;
    assert!(queue(world, &old, &[queued(1, "OPS-1", "a", 1)]).await);
    world.clock.advance(MINUTE);
    lease(world).await;
    assert!(!queue(world, &old, &[queued(2, "OPS-2", "b", 1)]).await);
    assert!(!world.store.order_rows(&old, &[(1, 5)]).await.unwrap());
    assert!(!world.store.begin_row(&old, 1).await.unwrap());
    assert!(!world.store.park_row(&old, 1, "{}").await.unwrap());
    assert!(!world.store.note_database(&old, Noted { status: Some("x"), ..Noted::default() }).await.unwrap());
    assert_eq!(waiting(world, &database).await, [(1, "a".to_owned())]);
}

async fn what_a_person_asks_for_during_a_run_is_not_lost(world: &World) {
    let database = database(world, "ana").await;
    let (store, later) = (&world.store, world.clock.now_ms() + 3_600_000);
    let first = lease(world).await;
    store.ask_for_run(&database.account_id, &database.id, "census").await.unwrap();
    store.release_database(&first, later, "", true).await.unwrap();
    let again = store.claim_due_database(minute_from_now(world)).await.unwrap().expect("due at once");
    assert_eq!(again.asked, "census");
    // A run that did not come to its end leaves it to the next one, which need not be at once.
    store.release_database(&again.lease(), later, &again.asked, false).await.unwrap();
    assert_eq!(store.claim_due_database(minute_from_now(world)).await.unwrap(), None);
    store.ask_for_run(&database.account_id, &database.id, "trash").await.unwrap();
    store.ask_for_run(&database.account_id, &database.id, "census").await.unwrap();
    let again = store.claim_due_database(minute_from_now(world)).await.unwrap().expect("due at once");
    assert_eq!(again.asked, "trash", "an answer is not forgotten over the wish for a run");
    assert!(store.seen_to(&again.lease(), "trash", "census").await.unwrap());
    assert!(!store.seen_to(&first, "census", "").await.unwrap(), "that lease was lost");
    store.release_database(&again.lease(), later, "census", true).await.unwrap();
    assert_eq!(store.claim_due_database(minute_from_now(world)).await.unwrap(), None, "it was seen to");
}

async fn what_was_read_waits_sealed_from_the_top_down(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    let rows = [queued(3, "OPS-3", "secret three", 1), queued(1, "OPS-1", "one", 1), queued(2, "OPS-2", "two", 1)];
    assert!(queue(world, &lease, &rows).await);
    world.store.order_rows(&lease, &[(1, 2), (3, 1)]).await.unwrap();
    let order = |rows: Vec<(i64, String)>| rows.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(order(waiting(world, &database).await), [2, 3, 1]);
    let after = world.store.pending_rows(&world.sealer, &database.id, (0, 2), 1).await.unwrap();
    assert_eq!(after.iter().map(|it| it.row.issue_id).collect::<Vec<_>>(), [3]);
    let kept = world.scalar::<Vec<u8>>("SELECT pending FROM synced_rows WHERE issue_id = 3").await;
    assert!(!String::from_utf8_lossy(&kept).contains("three"), "what Jira told lies there sealed");
}

async fn a_row_is_begun_once_and_only_under_a_lease_that_holds(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    queue(world, &lease, &[queued(1, "OPS-1", "a", 1), queued(2, "OPS-2", "b", 1)]).await;
    assert!(world.store.begin_row(&lease, 1).await.unwrap());
    let begun = world.store.synced_row(&database.id, 1).await.unwrap().unwrap();
    assert_eq!(begun.begun_at, Some(world.clock.now_ms()));
    assert!(world.store.row_written(&lease, written(1, "page-1"), 1).await.unwrap());
    assert!(!world.store.begin_row(&lease, 1).await.unwrap(), "it has its row");
    world.clock.advance(MINUTE);
    assert!(!world.store.begin_row(&lease, 2).await.unwrap(), "somebody else may work on it by now");
    let counts = world.store.row_counts(&database.id).await.unwrap();
    assert_eq!((counts.all, counts.placed, counts.pending, counts.with_problem), (2, 1, 1, 0));
}

async fn newer_news_goes_on_waiting(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    queue(world, &lease, &[queued(1, "OPS-1", "old", 1)]).await;
    queue(world, &lease, &[queued(1, "OPS-9", "new", 2)]).await;
    world.store.row_written(&lease, written(1, "page-1"), 1).await.unwrap();
    assert_eq!(waiting(world, &database).await, [(1, "new".to_owned())]);
    world.store.row_written(&lease, written(1, "page-1"), 2).await.unwrap();
    assert_eq!(waiting(world, &database).await, []);
    queue(world, &lease, &[queued(1, "OPS-9", "newest", 3)]).await;
    assert!(world.store.park_row(&lease, 1, "{\"code\":\"x\"}").await.unwrap());
    let row = world.store.synced_row(&database.id, 1).await.unwrap().unwrap();
    assert_eq!(
        (row.issue_key.as_str(), row.is_pending, row.problem.as_deref()),
        ("OPS-9", false, Some("{\"code\":\"x\"}"))
    );
}

/// Whoever was overtaken in the middle of a call learns whose row stands, and nobody believes what was written.
async fn a_row_that_was_made_twice_stands_once(world: &World) {
    let database = database(world, "ana").await;
    let slow = lease(world).await;
    queue(world, &slow, &[queued(1, "OPS-1", "a", 1), queued(2, "OPS-2", "b", 1)]).await;
    assert!(world.store.begin_row(&slow, 1).await.unwrap() && world.store.begin_row(&slow, 2).await.unwrap());
    world.clock.advance(MINUTE);
    let quick = lease(world).await;
    assert!(world.store.row_written(&quick, written(1, "of-quick"), 1).await.unwrap());
    for (issue_id, stands) in [(1, "of-quick"), (2, "of-slow")] {
        assert!(!world.store.row_written(&slow, written(issue_id, "of-slow"), 1).await.unwrap());
        let found = world.store.row_found(&database.id, issue_id, Some("of-slow")).await.unwrap();
        assert_eq!(found.as_deref(), Some(stands));
    }
    assert!(
        !world.store.row_written(&quick, written(2, "of-quick"), 1).await.unwrap(),
        "the first that was noted stands"
    );
    let rows = world.store.synced_rows(&database.id).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.is_in_doubt()).collect::<Vec<_>>(), [true, false], "the other one waits");
    assert!(rows.iter().all(|row| row.begun_at.is_none()));
}

async fn a_lost_connection_leaves_it_in_place(world: &World) {
    let database = database(world, "ana").await;
    let connection = database.connection_id.clone().unwrap();
    assert!(world.store.remove_connection(&database.account_id, &connection).await.unwrap());
    world
        .store
        .remove_notion_connection(&database.account_id, &database.notion_connection_id.clone().unwrap())
        .await
        .unwrap();
    let left = world.store.database(&database.account_id, &database.id).await.unwrap().unwrap();
    assert_eq!((left.connection_id, left.notion_connection_id), (None, None));
}

async fn rows_are_found_by_the_issue(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    queue(world, &lease, &[queued(1, "OPS-1", "a", 1), queued(2, "OPS-2", "b", 1)]).await;
    world.store.row_written(&lease, written(1, "page-1"), 1).await.unwrap();
    let ben = world.account("ben").await;
    for (account, site, key, found) in [
        (&database.account_id, "https://acme.example", "OPS-1", vec![(database.id.clone(), "page-1".to_owned())]),
        (&database.account_id, "https://acme.example", "OPS-2", vec![]),
        (&database.account_id, "https://other.example", "OPS-1", vec![]),
        (&ben, "https://acme.example", "OPS-1", vec![]),
    ] {
        assert_eq!(world.store.pages_of_issue(account, &super::site(site), key).await.unwrap(), found, "{site} {key}");
    }
}

async fn what_waits_follows_the_master_key(world: &World) {
    let database = database(world, "ana").await;
    let lease = lease(world).await;
    queue(world, &lease, &[queued(1, "OPS-1", "a", 1), queued(2, "OPS-2", "b", 1)]).await;
    world.sealer.rotate().unwrap();
    let moved = world.store.reseal(&world.sealer).await.unwrap();
    assert_eq!((moved.moved, moved.unreadable), (4, 0), "two rows, and the secrets of the connections");
    assert_eq!(waiting(world, &database).await, [(1, "a".to_owned()), (2, "b".to_owned())]);
}
