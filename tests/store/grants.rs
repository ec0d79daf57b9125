//! What accounts let Notion do, and the codes and tokens that Notion gets for it.

use jiff::SignedDuration;
use jira_notion_gateway::secret::{Digest, ExposeSecret};
use jira_notion_gateway::store::{
    AccountId, Error, Grant, GrantCode, GrantHealth, GrantToken, NewGrant, NewPair, Shown, Store, Told,
};
use tokio::task::JoinSet;

use super::World;

on_both_engines!(
    allowing_again_keeps_the_grant_and_takes_the_new_token,
    notions_token_opens_in_its_own_row_alone_and_follows_the_master_key,
    a_refusal_of_an_older_token_ends_nothing,
    everything_goes_with_its_grant_and_with_its_account,
    of_twenty_who_show_a_code_one_is_the_first,
    a_pair_that_is_used_retires_what_it_renewed,
    a_new_consent_takes_the_place_of_those_before,
    of_two_that_renewed_the_same_one_goes_on,
    what_is_revoked_gives_no_tokens_any_more,
    nothing_survives_a_revocation_that_meets_renewals,
    what_ended_long_ago_is_forgotten,
);

fn new<'a>(account: &'a AccountId, bot_id: &'a str, token: &'a [u8]) -> NewGrant<'a> {
    NewGrant { account, bot_id, workspace_id: "workspace-1", workspace_name: "Acme", token }
}

async fn grant(world: &World, account: &str, bot_id: &str) -> Grant {
    let account = world.account(account).await;
    world.store.save_grant_to_notion(&world.sealer, new(&account, bot_id, b"token")).await.unwrap()
}

async fn token_of(world: &World, grant: &Grant) -> (String, i64) {
    let (token, given_at) = world.store.notion_token(&world.sealer, &grant.id).await.unwrap().unwrap();
    (String::from_utf8(token.expose_secret().to_vec()).unwrap(), given_at)
}

fn hash(text: &str) -> Digest {
    Digest::of_token(text)
}

async fn code(world: &World, grant: &Grant, code: &str) {
    let issued = GrantCode {
        grant_id: grant.id.clone(),
        family: format!("family of {code}"),
        redirect_uri: "https://www.notion.so/externalintegrationauthcallback".to_owned(),
        expires_at: world.clock.now_ms() + 300_000,
    };
    world.store.save_code(hash(code), &issued).await.unwrap();
}

/// A pair named `name`: its tokens are `name access` and `name refresh`.
async fn pair(store: &Store, grant: &Grant, name: &str, code: &str, parent: Option<i64>) -> Result<(), Error> {
    let (access, refresh) = (hash(&format!("{name} access")), hash(&format!("{name} refresh")));
    let family = format!("family of {code}");
    let (access_until, refresh_until) = (i64::MAX - 1, i64::MAX);
    let pair = NewPair { grant: &grant.id, family: &family, parent, access, access_until, refresh, refresh_until };
    store.save_pair(pair).await
}

async fn known(world: &World, token: &str) -> Option<GrantToken> {
    world.store.grant_by_token(hash(token)).await.unwrap().map(|(token, _)| token)
}

async fn is_retired(world: &World, token: &str) -> bool {
    known(world, token).await.unwrap().retired_at.is_some()
}

async fn allowing_again_keeps_the_grant_and_takes_the_new_token(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let before = world.store.revision().await.unwrap();
    let first = world.store.save_grant_to_notion(&world.sealer, new(&ana, "bot-1", b"one")).await.unwrap();
    assert!(world.store.revision().await.unwrap() > before, "other processes learn of it");
    assert!(world.store.end_grant(&first.id, first.changed_at).await.unwrap());
    world.pass(SignedDuration::from_hours(1));
    let renamed = NewGrant { workspace_name: "Acme\0 Inc", ..new(&ana, "bot-1", b"two") };
    let again = world.store.save_grant_to_notion(&world.sealer, renamed).await.unwrap();
    assert_eq!((&again.id, again.created_at, again.health), (&first.id, first.created_at, GrantHealth::Ok));
    assert_eq!((again.workspace_name.as_str(), again.changed_at), ("Acme Inc", world.clock.now_ms()));
    assert_eq!(token_of(world, &first).await, ("two".to_owned(), again.changed_at));
    // Another workspace, and the same person of Notion with another account of ours: rows of their own.
    let other = world.store.save_grant_to_notion(&world.sealer, new(&ana, "bot-2", b"three")).await.unwrap();
    let of_ben = world.store.save_grant_to_notion(&world.sealer, new(&ben, "bot-1", b"four")).await.unwrap();
    assert_eq!(world.store.grants(&ana).await.unwrap(), [again.clone(), other]);
    assert_eq!(world.store.grant_of_bot(&ben, "bot-1").await.unwrap(), Some(of_ben));
    assert_eq!(world.store.grant_of_bot(&ben, "bot-2").await.unwrap(), None);
    let bad = world.store.save_grant_to_notion(&world.sealer, new(&ana, "bot\0", b"x")).await;
    assert!(matches!(bad, Err(Error::NulCharacter)));
    let text = format!("{:?}", new(&ana, "bot-1", b"secret of Notion"));
    assert!(!text.contains(&format!("{:?}", b"secret of Notion")) && text.contains("bot-1"), "{text}");
}

async fn notions_token_opens_in_its_own_row_alone_and_follows_the_master_key(world: &World) {
    let (ana, ben) = (grant(world, "ana", "bot-1").await, grant(world, "ben", "bot-1").await);
    let key: String = world.scalar("SELECT MIN(key_id) FROM grants").await;
    world.sealer.rotate().unwrap();
    let moved = world.store.reseal(&world.sealer).await.unwrap();
    assert_eq!((moved.moved, moved.unreadable), (2, 0));
    assert_ne!(world.scalar::<String>("SELECT MIN(key_id) FROM grants").await, key);
    assert_eq!(token_of(world, &ana).await, ("token".to_owned(), ana.changed_at));
    let stolen = format!("UPDATE grants SET sealed = (SELECT g.sealed FROM grants g WHERE g.id = '{}')", ana.id);
    world.execute(&stolen).await;
    assert!(world.store.notion_token(&world.sealer, &ana.id).await.is_ok());
    assert!(matches!(world.store.notion_token(&world.sealer, &ben.id).await, Err(Error::Sealed(_))));
    // A row of another account does not open by taking over the account either.
    world.execute(&format!("UPDATE grants SET bot_id = 'bot-9' WHERE id = '{}'", ana.id)).await;
    assert!(world.store.notion_token(&world.sealer, &ana.id).await.is_err());
}

async fn a_refusal_of_an_older_token_ends_nothing(world: &World) {
    let first = grant(world, "ana", "bot-1").await;
    world.pass(SignedDuration::from_secs(1));
    let again = grant(world, "ana", "bot-1").await;
    assert!(!world.store.end_grant(&first.id, first.changed_at).await.unwrap(), "it was allowed anew meanwhile");
    assert_eq!(world.store.grant(&first.id).await.unwrap().unwrap().health, GrantHealth::Ok);
    assert!(world.store.end_grant(&first.id, again.changed_at).await.unwrap());
    assert!(!world.store.end_grant(&first.id, again.changed_at).await.unwrap(), "said once");
    assert_eq!(world.store.grant(&first.id).await.unwrap().unwrap().health, GrantHealth::Reconnect);
}

async fn everything_goes_with_its_grant_and_with_its_account(world: &World) {
    let rows = async || {
        let mut counts = [0; 4];
        for (count, table) in counts.iter_mut().zip(["grants", "grant_codes", "grant_tokens", "watches"]) {
            *count = world.count(table).await;
        }
        counts
    };
    let fill = async |account: &str| {
        let grant = grant(world, account, "bot-1").await;
        code(world, &grant, account).await;
        pair(&world.store, &grant, account, account, None).await.unwrap();
        let told = Told { uri: "u", site: "s", issue: "OPS-7", digest: hash("x"), due_at: 0 };
        world.store.watch(&grant.id, told, 10).await.unwrap();
        grant
    };
    let (ana, ben) = (fill("ana").await, fill("ben").await);
    assert_eq!(rows().await, [2, 2, 4, 2]);
    let before = world.store.revision().await.unwrap();
    assert!(world.store.remove_grant(&ana.id).await.unwrap() && !world.store.remove_grant(&ana.id).await.unwrap());
    assert!(world.store.revision().await.unwrap() > before);
    assert_eq!(rows().await, [1, 1, 2, 1]);
    assert!(world.store.notion_token(&world.sealer, &ana.id).await.unwrap().is_none());
    // Whoever was on the way with it finds nothing to hold on to.
    assert!(matches!(pair(&world.store, &ana, "late", "ana", None).await, Err(Error::Gone)));
    let late = GrantCode { grant_id: ana.id, family: "f".into(), redirect_uri: "r".into(), expires_at: 1 };
    assert!(matches!(world.store.save_code(hash("late"), &late).await, Err(Error::Gone)));
    assert!(world.store.remove_account(&ben.account_id).await.unwrap());
    assert_eq!(rows().await, [0; 4]);
}

async fn of_twenty_who_show_a_code_one_is_the_first(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    code(world, &ana, "code").await;
    let mut showing = JoinSet::new();
    for number in 0..20 {
        let store = if number % 2 == 0 { world.store.clone() } else { world.another_store().await };
        showing.spawn(async move { store.take_code(hash("code")).await.unwrap() });
    }
    let shown = showing.join_all().await;
    let first = shown.iter().filter(|it| matches!(it, Shown::First(code) if code.grant_id == ana.id)).count();
    let again = shown.iter().filter(|it| matches!(it, Shown::Again(code) if code.family == "family of code")).count();
    assert_eq!((first, again), (1, 19));
    assert_eq!(world.store.take_code(hash("other")).await.unwrap(), Shown::Unknown);
}

async fn a_pair_that_is_used_retires_what_it_renewed(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    code(world, &ana, "code").await;
    pair(&world.store, &ana, "first", "code", None).await.unwrap();
    let first = known(world, "first refresh").await.unwrap();
    assert_eq!((first.kind.as_str(), first.pair, first.parent, first.used_at), ("refresh", 1, None, None));
    pair(&world.store, &ana, "second", "code", Some(1)).await.unwrap();
    assert!(!is_retired(world, "first refresh").await, "its answer may have been lost");
    let second = known(world, "second access").await.unwrap();
    assert_eq!((second.kind.as_str(), second.pair, second.parent), ("access", 2, Some(1)));
    world.store.use_pair(&second).await.unwrap();
    let first = known(world, "first refresh").await.unwrap();
    assert_eq!(first.retired_at, Some(world.clock.now_ms()));
    assert!(known(world, "second refresh").await.unwrap().used_at.is_some(), "the pair is used, not one token");
    world.pass(SignedDuration::from_mins(1));
    world.store.use_pair(&second).await.unwrap();
    assert_eq!(known(world, "first refresh").await.unwrap(), first, "the first use counts");
    assert!(known(world, "third refresh").await.is_none());
}

async fn a_new_consent_takes_the_place_of_those_before(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    let of_ben = grant(world, "ben", "bot-1").await;
    for (grant, name) in [(&ana, "old"), (&of_ben, "ben")] {
        code(world, grant, name).await;
        pair(&world.store, grant, name, name, None).await.unwrap();
    }
    let old = known(world, "old access").await.unwrap();
    assert!(!world.store.is_outlived(&old).await.unwrap());
    code(world, &ana, "new").await;
    assert!(world.store.is_outlived(&old).await.unwrap(), "its person has just allowed it anew");
    world.pass(SignedDuration::from_mins(5));
    assert!(!world.store.is_outlived(&old).await.unwrap(), "nobody came for that");
    pair(&world.store, &ana, "new", "new", None).await.unwrap();
    let new = known(world, "new access").await.unwrap();
    assert!(world.store.is_outlived(&old).await.unwrap() && !world.store.is_outlived(&new).await.unwrap());
    assert!(!is_retired(world, "old refresh").await, "the answer may have been lost");
    world.store.use_pair(&new).await.unwrap();
    assert!(is_retired(world, "old refresh").await && !is_retired(world, "new refresh").await);
    assert!(!is_retired(world, "ben refresh").await, "another grant");
}

async fn of_two_that_renewed_the_same_one_goes_on(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    code(world, &ana, "code").await;
    pair(&world.store, &ana, "first", "code", None).await.unwrap();
    for name in ["second", "twin"] {
        pair(&world.store, &ana, name, "code", Some(1)).await.unwrap();
        world.store.use_pair(&known(world, &format!("{name} access")).await.unwrap()).await.unwrap();
    }
    assert!(!is_retired(world, "second refresh").await && !is_retired(world, "twin refresh").await, "they may cross");
    pair(&world.store, &ana, "third", "code", Some(2)).await.unwrap();
    assert!(is_retired(world, "twin refresh").await && !is_retired(world, "second refresh").await);
}

async fn what_is_revoked_gives_no_tokens_any_more(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    for name in ["code", "other"] {
        code(world, &ana, name).await;
        assert!(matches!(world.store.take_code(hash(name)).await.unwrap(), Shown::First(_)));
    }
    // Shown again before the first who showed it has got anything.
    let before = world.store.revision().await.unwrap();
    assert_eq!(world.store.revoke_family(&ana.id, "family of code").await.unwrap(), 0);
    assert!(world.store.revision().await.unwrap() > before);
    assert!(matches!(pair(&world.store, &ana, "first", "code", None).await, Err(Error::Gone)));
    pair(&world.store, &ana, "first", "other", None).await.unwrap();
    assert_eq!(world.store.revoke_family(&ana.id, "family of other").await.unwrap(), 2);
    assert!(matches!(pair(&world.store, &ana, "second", "other", Some(1)).await, Err(Error::Gone)));
    assert_eq!((world.count("grant_tokens").await, world.count("grants").await), (0, 1));
}

async fn nothing_survives_a_revocation_that_meets_renewals(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    code(world, &ana, "code").await;
    pair(&world.store, &ana, "first", "code", None).await.unwrap();
    let mut acting = JoinSet::new();
    for number in 0..20 {
        let (store, ana) = (world.store.clone(), ana.clone());
        acting.spawn(async move {
            match number {
                10 => store.revoke_family(&ana.id, "family of code").await.map(drop),
                _ => match pair(&store, &ana, &number.to_string(), "code", Some(1)).await {
                    Err(Error::Gone) => Ok(()),
                    other => other,
                },
            }
        });
    }
    acting.join_all().await.into_iter().for_each(|result| result.unwrap());
    assert_eq!(world.count("grant_tokens").await, 0);
}

async fn what_ended_long_ago_is_forgotten(world: &World) {
    let ana = grant(world, "ana", "bot-1").await;
    code(world, &ana, "code").await;
    pair(&world.store, &ana, "first", "code", None).await.unwrap();
    pair(&world.store, &ana, "second", "code", Some(1)).await.unwrap();
    world.store.use_pair(&known(world, "second access").await.unwrap()).await.unwrap();
    let now = world.clock.now_ms();
    assert_eq!(world.store.sweep_tokens(now).await.unwrap(), 0);
    assert_eq!(world.store.sweep_tokens(now + 1).await.unwrap(), 2, "the pair that was retired");
    assert_eq!(world.store.sweep_tokens(now + 300_001).await.unwrap(), 1, "the code");
    assert!(known(world, "second refresh").await.is_some());
}
