//! What Notion shows, and who looks after it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jira_notion_gateway::secret::Digest;
use jira_notion_gateway::store::{Error, Grant, NewGrant, Told, Watch};

use super::World;

on_both_engines!(
    a_link_is_watched_once_and_no_more_than_allowed,
    an_unchanged_answer_need_not_be_written,
    of_two_who_claim_each_row_goes_to_one,
    nothing_is_claimed_for_a_grant_that_has_to_be_allowed_again,
    what_notion_asked_for_meanwhile_is_not_undone,
    all_who_pasted_it_there_are_found_the_last_one_first,
    what_may_have_changed_is_looked_at_sooner_and_never_later,
    what_nobody_looks_at_is_forgotten,
);

const SITE: &str = "https://acme.example";

async fn grant(world: &World, account: &str, workspace_id: &str) -> Grant {
    let account = world.account(account).await;
    let bot_id = &format!("{account} in {workspace_id}");
    let new = NewGrant { account: &account, bot_id, workspace_id, workspace_name: "", token: b"token" };
    world.store.save_grant_to_notion(&world.sealer, new).await.unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of_token(text)
}

fn told<'a>(uri: &'a str, said: &str, due_at: i64) -> Told<'a> {
    Told { uri, site: SITE, issue: "OPS-7", digest: digest(said), due_at }
}

async fn watch(world: &World, grant: &Grant, uri: &str, due_at: i64) {
    world.store.watch(&grant.id, told(uri, "said", due_at), 1_000).await.unwrap();
}

async fn due(world: &World, now: i64) -> Vec<String> {
    world.store.claim_watches(now, i64::MAX, 1_000).await.unwrap().into_iter().map(|it| it.uri).collect()
}

async fn said(world: &World, workspace: &str, uri: &str) -> Vec<Vec<u8>> {
    world.store.watches_in(workspace, uri).await.unwrap().into_iter().map(|it| it.digest).collect()
}

async fn a_link_is_watched_once_and_no_more_than_allowed(world: &World) {
    let (ana, ben) = (grant(world, "ana", "w1").await, grant(world, "ben", "w1").await);
    for uri in ["a", "b", "a", "c", "d"] {
        world.store.watch(&ana.id, told(uri, "said", 5), 3).await.unwrap();
    }
    assert_eq!(world.count("watches").await, 3);
    // What is watched already goes on being written, also where nothing more is taken.
    world.store.watch(&ana.id, told("c", "anew", 5), 3).await.unwrap();
    assert_eq!(said(world, "w1", "c").await, [digest("anew").as_bytes()]);
    world.store.watch(&ben.id, told("d", "said", 5), 3).await.unwrap();
    assert_eq!(world.count("watches").await, 4, "each grant has its own measure");
    assert!(matches!(world.store.watch(&ben.id, told("e\0", "said", 5), 3).await, Err(Error::NulCharacter)));
    let odd = Told { issue: "OPS\0-8", ..told("e", "said", 5) };
    world.store.watch(&ben.id, odd, 3).await.unwrap();
    assert_eq!(world.store.hasten_watches(SITE, "OPS-8", 1).await.unwrap(), 1);
    assert!(world.store.unwatch(&ben.id, "d").await.unwrap() && !world.store.unwatch(&ben.id, "d").await.unwrap());
    assert!(!world.store.unwatch(&ben.id, "a").await.unwrap(), "Ana's is not Ben's");
    world.store.remove_grant(&ana.id).await.unwrap();
    world.store.watch(&ana.id, told("a", "said", 5), 3).await.unwrap();
    assert_eq!(world.count("watches").await, 1, "nothing is watched for a grant that is gone");
}

async fn an_unchanged_answer_need_not_be_written(world: &World) {
    let ana = grant(world, "ana", "w1").await;
    watch(world, &ana, "a", 5).await;
    let now = world.clock.now_ms();
    let same = async |uri: &str, text: &str, since| world.store.is_watched(&ana.id, uri, digest(text), since).await;
    assert!(same("a", "said", now).await.unwrap());
    assert!(!same("a", "said", now + 1).await.unwrap(), "a while ago");
    assert!(!same("a", "other", now).await.unwrap() && !same("b", "said", now).await.unwrap());
    assert!(world.store.begin_telling("w1", "a", now).await.unwrap());
    assert!(!same("a", "said", now).await.unwrap(), "Notion is being told something else");
    world.store.told("w1", told("a", "other", 0)).await.unwrap();
    assert!(!same("a", "said", now).await.unwrap(), "it was told");
    assert!(same("a", "other", now).await.unwrap());
}

async fn of_two_who_claim_each_row_goes_to_one(world: &World) {
    let grants = [grant(world, "ana", "w1").await, grant(world, "ben", "w1").await];
    for number in 0..60 {
        for grant in &grants {
            watch(world, grant, &format!("link {number}"), 100 + number).await;
        }
    }
    watch(world, &grants[0], "later", 1_001).await;
    let other = world.another_store().await;
    let mut all: Vec<Watch> = Vec::new();
    loop {
        let (first, second) =
            tokio::join!(world.store.claim_watches(1_000, 2_000, 7), other.claim_watches(1_000, 2_000, 7));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first.len() <= 7 && second.len() <= 7);
        if first.is_empty() && second.is_empty() {
            break;
        }
        all.extend(first);
        all.extend(second);
    }
    let names: BTreeSet<_> = all.iter().map(|it| (it.grant_id.as_str(), it.uri.as_str())).collect();
    assert_eq!((all.len(), names.len()), (120, 120), "each row once");
    assert!(all.iter().all(|it| grants.iter().any(|grant| grant.account_id == it.account_id)));
    assert!(due(world, 1_000).await.is_empty() && due(world, 2_000).await.len() == 121);
    // The longest waiting comes first.
    for (uri, at) in [("link 1", 30), ("link 2", 20), ("link 3", 10)] {
        watch(world, &grants[0], uri, at).await;
    }
    let first = world.store.claim_watches(100, i64::MAX, 2).await.unwrap();
    assert_eq!(first.iter().map(|it| it.uri.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["link 2", "link 3"]));
}

async fn nothing_is_claimed_for_a_grant_that_has_to_be_allowed_again(world: &World) {
    let (ana, ben) = (grant(world, "ana", "w1").await, grant(world, "ben", "w1").await);
    watch(world, &ana, "of ana", 1).await;
    watch(world, &ben, "of ben", 1).await;
    world.store.end_grant(&ana.id, ana.changed_at).await.unwrap();
    assert_eq!(due(world, 10).await, ["of ben"]);
    assert!(world.store.watches_in("w1", "of ana").await.unwrap().is_empty(), "nor does it speak for others");
    grant(world, "ana", "w1").await;
    assert_eq!(due(world, 10).await, ["of ana"]);
}

async fn what_notion_asked_for_meanwhile_is_not_undone(world: &World) {
    let (ana, ben) = (grant(world, "ana", "w1").await, grant(world, "ben", "w1").await);
    watch(world, &ana, "a", 5).await;
    watch(world, &ben, "a", 5).await;
    let read_at = world.clock.now_ms();
    world.store.told("w1", told("a", "pushed", 0)).await.unwrap();
    assert_eq!(said(world, "w1", "a").await, [digest("said").as_bytes(); 2], "nobody was about to tell anything");
    assert!(world.store.begin_telling("w1", "a", read_at).await.unwrap());
    assert_eq!(said(world, "w1", "a").await, [b"", b""], "whatever becomes of this process");
    world.pass(SignedDuration::from_millis(1));
    world.store.watch(&ben.id, told("a", "asked", 5), 10).await.unwrap();
    world.store.told("w1", told("a", "pushed", 0)).await.unwrap();
    assert_eq!(said(world, "w1", "a").await, [digest("asked").as_bytes(), digest("pushed").as_bytes()]);
    // What was read before Notion asked is not told after it.
    assert!(world.store.begin_telling("w1", "a", read_at).await.unwrap(), "Ana's row is as it was");
    assert_eq!(said(world, "w1", "a").await, [digest("asked").as_bytes(), b""]);
    assert!(!world.store.begin_telling("w2", "a", i64::MAX).await.unwrap(), "another workspace");
    world.store.unwatch_in("w2", "a").await.unwrap();
    world.store.unwatch_in("w1", "a").await.unwrap();
    assert_eq!(said(world, "w1", "a").await, [digest("asked").as_bytes()], "Notion does show it");
    assert!(!world.store.begin_telling("w1", "a", read_at).await.unwrap());
    assert!(world.store.begin_telling("w1", "a", world.clock.now_ms()).await.unwrap());
    world.store.unwatch_in("w1", "a").await.unwrap();
    assert_eq!(world.count("watches").await, 0);
}

async fn all_who_pasted_it_there_are_found_the_last_one_first(world: &World) {
    let here = [grant(world, "ana", "w1").await, grant(world, "ben", "w1").await];
    let there = grant(world, "ana", "w2").await;
    for grant in [&here[0], &there, &here[1]] {
        watch(world, grant, "a", 5).await;
        world.pass(SignedDuration::from_secs(1));
    }
    let rows = world.store.watches_in("w1", "a").await.unwrap();
    let names: Vec<_> = rows.iter().map(|it| (&it.grant_id, &it.account_id)).collect();
    assert_eq!(names, [(&here[1].id, &here[1].account_id), (&here[0].id, &here[0].account_id)]);
    assert!(world.store.begin_telling("w1", "a", i64::MAX).await.unwrap());
    world.store.told("w1", Told { issue: "DEV-1", ..told("a", "moved", 0) }).await.unwrap();
    assert_eq!(said(world, "w2", "a").await, [digest("said").as_bytes()], "told in one workspace");
    assert_eq!(world.store.hasten_watches(SITE, "DEV-1", 1).await.unwrap(), 2, "changes are heard by the new name");
    assert_eq!(world.store.hasten_watches(SITE, "OPS-7", 1).await.unwrap(), 1);
}

async fn what_may_have_changed_is_looked_at_sooner_and_never_later(world: &World) {
    let (ana, ben) = (grant(world, "ana", "w1").await, grant(world, "ben", "w1").await);
    watch(world, &ana, "soon", 5).await;
    watch(world, &ana, "late", 500).await;
    watch(world, &ben, "of ben", 500).await;
    assert_eq!(world.store.hasten_watches("https://other.example", "OPS-7", 9).await.unwrap(), 0);
    assert_eq!(world.store.hasten_watches_of(&ana.account_id, 9).await.unwrap(), 1);
    assert_eq!(world.store.hasten_watches(SITE, "OPS-7", 10).await.unwrap(), 1);
    assert_eq!(due(world, 8).await, ["soon"]);
    assert_eq!(due(world, 9).await, ["late"]);
    assert_eq!(due(world, 10).await, ["of ben"]);
    world.store.postpone_watch("w1", "late", 20).await.unwrap();
    assert_eq!((due(world, 19).await.len(), due(world, 20).await), (0, vec!["late".to_owned()]));
}

async fn what_nobody_looks_at_is_forgotten(world: &World) {
    let ana = grant(world, "ana", "w1").await;
    watch(world, &ana, "old", 5).await;
    world.pass(SignedDuration::from_hours(1));
    watch(world, &ana, "new", 5).await;
    assert_eq!(world.store.sweep_watches(world.clock.now_ms()).await.unwrap(), 1);
    assert_eq!(due(world, 10).await, ["new"]);
}
