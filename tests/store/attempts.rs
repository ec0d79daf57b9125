//! Limits on attempts to connect.

use jiff::SignedDuration;
use jira_notion_gateway::secret::Digest;
use jira_notion_gateway::store::{Attempt, AttemptLimit, Claim, Store};

use super::World;

on_both_engines!(
    a_limit_holds_and_its_time_passes,
    a_refused_attempt_counts_nowhere,
    parallel_attempts_do_not_get_past_a_limit,
    an_attempt_under_way_counts_as_a_failure_until_it_was_none,
    a_late_release_takes_nothing_from_others,
    old_attempts_are_forgotten,
);

const TEN_MINUTES: i64 = 600_000;

fn limit(kind: &'static str, who: &str, most: u32) -> AttemptLimit {
    AttemptLimit { kind, subject: Digest::of(&[who]), most, within_ms: TEN_MINUTES }
}

async fn allowed(store: &Store, limits: &[AttemptLimit]) -> Option<Claim> {
    match store.claim_attempt(limits).await.unwrap() {
        Attempt::Allowed(claim) => Some(claim),
        Attempt::Refused { .. } => None,
    }
}

async fn a_limit_holds_and_its_time_passes(world: &World) {
    let start = world.clock.now_ms();
    let ana = [limit("account", "ana", 3)];
    for _ in 0..3 {
        assert!(allowed(&world.store, &ana).await.is_some());
        world.pass(SignedDuration::from_mins(1));
    }
    let refused = world.store.claim_attempt(&ana).await.unwrap();
    assert_eq!(refused, Attempt::Refused { kind: "account", retry_at: start + TEN_MINUTES });
    let other = world.another_store().await;
    assert_eq!(other.claim_attempt(&ana).await.unwrap(), refused, "another process, or a restart");
    assert!(allowed(&world.store, &[limit("account", "ben", 3)]).await.is_some());
    assert!(allowed(&world.store, &[limit("address", "ana", 3)]).await.is_some());
    world.pass(SignedDuration::from_mins(7) - SignedDuration::from_millis(1));
    assert!(allowed(&world.store, &ana).await.is_none());
    world.pass(SignedDuration::from_millis(1));
    assert!(allowed(&world.store, &ana).await.is_some(), "the first is ten minutes old");
    let refused = world.store.claim_attempt(&ana).await.unwrap();
    assert_eq!(refused, Attempt::Refused { kind: "account", retry_at: start + 60_000 + TEN_MINUTES });
    other.close().await;
}

async fn a_refused_attempt_counts_nowhere(world: &World) {
    assert!(allowed(&world.store, &[limit("failure", "site ana", 1)]).await.is_some());
    let both = [limit("account", "ana", 2), limit("failure", "site ana", 1), limit("address", "::1", 1)];
    for _ in 0..5 {
        let refused = world.store.claim_attempt(&both).await.unwrap();
        assert!(matches!(refused, Attempt::Refused { kind: "failure", .. }), "{refused:?}");
    }
    assert_eq!(world.count("attempts").await, 1);
    assert!(allowed(&world.store, &[limit("account", "ana", 2), limit("address", "::1", 1)]).await.is_some());
    assert!(allowed(&world.store, &[]).await.is_some());
}

async fn parallel_attempts_do_not_get_past_a_limit(world: &World) {
    let other = world.another_store().await;
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
            // In both orders, as different callers might name them.
            let mut limits =
                vec![limit("account", "ana", 9), limit("failure", "site ana", 5), limit("address", "::1", 7)];
            if n % 3 == 0 {
                limits.reverse();
            }
            tokio::spawn(async move { allowed(&store, &limits).await.is_some() })
        })
        .collect();
    let mut through = 0;
    for task in tasks {
        through += usize::from(task.await.unwrap());
    }
    assert_eq!(through, 5);
    assert_eq!(world.count("attempts").await, 15);
    other.close().await;
}

async fn an_attempt_under_way_counts_as_a_failure_until_it_was_none(world: &World) {
    let limits = [limit("account", "ana", 9), limit("failure", "site ana", 2)];
    let (first, second) = (allowed(&world.store, &limits).await.unwrap(), allowed(&world.store, &limits).await);
    assert!(second.is_some() && allowed(&world.store, &limits).await.is_none());
    world.store.release_attempt(&first, "failure").await.unwrap();
    world.store.release_attempt(&first, "failure").await.unwrap();
    assert!(allowed(&world.store, &limits).await.is_some());
    assert!(allowed(&world.store, &limits).await.is_none());
    assert_eq!(world.count("attempts WHERE kind = 'account'").await, 3, "an attempt stays one, however it ends");
}

async fn a_late_release_takes_nothing_from_others(world: &World) {
    let limits = [limit("failure", "site ana", 1)];
    let slow = allowed(&world.store, &limits).await.unwrap();
    world.pass(SignedDuration::from_mins(10));
    assert!(allowed(&world.store, &limits).await.is_some());
    world.store.release_attempt(&slow, "failure").await.unwrap();
    assert!(allowed(&world.store, &limits).await.is_none());
}

async fn old_attempts_are_forgotten(world: &World) {
    let start = world.clock.now_ms();
    let limits = [limit("account", "ana", 5), limit("address", "::1", 5)];
    assert!(allowed(&world.store, &limits).await.is_some());
    world.pass(SignedDuration::from_secs(1));
    assert!(allowed(&world.store, &limits).await.is_some());
    assert_eq!(world.store.forget_attempts(start).await.unwrap(), 0);
    assert_eq!(world.store.forget_attempts(start + 1).await.unwrap(), 2);
    assert_eq!(world.count("attempts").await, 2);
}
