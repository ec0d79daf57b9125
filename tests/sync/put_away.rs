//! Databases and rows that people put away, move or stop to share (S45 to S47).

use super::World;

#[tokio::test]
async fn rows_of_a_database_in_the_trash_are_not_hidden_by_anybody() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    let id = world.synced().await;
    world.notion.hands(world.nora).trash(world.database());
    for at in 1..=4 {
        world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = format!("Meanwhile {at}"));
    }
    // Long before the database is looked at by itself.
    world.next_run().await;
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.reason.unwrap().code.as_str()), ("Sync stopped", "database_trashed"));
    world.notion.hands(world.nora).restore(world.database());
    world.next_run().await;
    world.assert_equal();
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.failed), ("Synced with Jira", 0), "{:?}", shown.reason);
}

#[tokio::test]
async fn a_database_that_is_not_shared_any_more_stops_the_sync_until_it_is() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    let id = world.synced().await;
    for by_a_row in [true, false] {
        world.notion.unshare(world.nora, world.database());
        if by_a_row {
            world.jira.edit_issue("OPS-2", |issue| issue.summary = "Meanwhile".to_owned());
            world.next_run().await;
        } else {
            world.hour().await;
        }
        let shown = world.shown(&id).await;
        let reason = shown.reason.unwrap();
        assert_eq!((shown.badge.text.as_str(), reason.code.as_str()), ("Sync stopped", "database_not_shared"));
        assert!(reason.message.contains("Share it"), "{reason:?}");
        world.notion.share(world.nora, world.database());
        world.next_run().await;
        world.assert_equal();
        assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    }
}

#[tokio::test]
async fn a_database_that_is_moved_to_another_page_goes_on() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    let id = world.synced().await;
    let elsewhere = world.notion.page_id(world.notion.add_page(world.acme, "Elsewhere"));
    world.notion.hands(world.nora).move_database(world.database(), elsewhere);
    world.jira.edit_issue("OPS-2", |issue| issue.summary = "Meanwhile".to_owned());
    world.hour().await;
    world.assert_equal();
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.created), ("Synced with Jira", 0));
}

#[tokio::test]
async fn a_row_that_names_one_that_is_gone_for_good_goes_on_without_it() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 25);
    let id = world.synced().await;
    let (epic, child, other) = (world.row("OPS-1"), "OPS-2", "OPS-22");
    assert_eq!(world.row(child).all("Parent"), [epic.id.to_string()]);
    // To the connection it is as if it had been deleted.
    world.notion.unshare(world.nora, epic.id);
    for key in [child, other] {
        world.jira.edit_issue(key, |issue| issue.summary = "Changed".to_owned());
    }
    world.jira.add_issue(
        crate::world::Issue::new("OPS-900", "New").parent("OPS-1").created(world.jira.now()).updated(world.jira.now()),
    );
    world.next_run().await;
    for key in [child, other] {
        assert_eq!(world.row(key).text("Summary"), "Changed");
    }
    assert!(world.row(child).all("Parent").is_empty() && world.row("OPS-900").all("Parent").is_empty());
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.failed), ("Partly synced", 0), "{:?}", shown.reason);
    let reported = world.gateway.store.reported_rows(&id, 10).await.unwrap();
    let told: Vec<&str> = reported.iter().filter(|it| it.problem.is_some()).map(|it| it.issue_key.as_str()).collect();
    assert_eq!(told, ["OPS-1"], "{reported:?}");
    // Whoever wants it back gets another one.
    assert!(world.gateway.syncs.restore(&world.ana, &id).await.unwrap());
    for _ in 0..2 {
        world.next_run().await;
    }
    let shown = world.shown(&id).await;
    assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
}

#[tokio::test]
async fn a_database_that_is_gone_for_good_is_made_anew_when_its_person_wants_it() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 8);
    let id = world.synced().await;
    let old = world.database();
    world.notion.unshare(world.nora, old);
    world.hour().await;
    assert_eq!(world.shown(&id).await.badge.text, "Sync stopped");
    let ben = world.gateway.accounts.named("ben").await.unwrap();
    assert!(!world.gateway.syncs.recreate(&ben, &id).await.unwrap(), "it is not Ben's");
    assert!(world.gateway.syncs.recreate(&world.ana, &id).await.unwrap());
    world.run().await;
    let shown = world.shown(&id).await;
    assert_eq!((shown.badge.text.as_str(), shown.counts.created), ("Synced with Jira", 8), "{:?}", shown.reason);
    let databases = world.notion.databases(world.acme);
    let new = databases.iter().find(|it| **it != old).expect("another database");
    assert_eq!((world.notion.rows(*new).len(), world.notion.rows(old).len()), (8, 8));
}
