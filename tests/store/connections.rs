//! Connections and what they sign in with.

use jiff::SignedDuration;
use jira_notion_gateway::jira::key::Deployment;
use jira_notion_gateway::secret::ExposeSecret;
use jira_notion_gateway::store::{ConnectionId, FieldIds, Health, NewConnection, Renewal, Store};

use super::{World, connection_to, site};

on_both_engines!(
    a_connection_is_kept_whole,
    connecting_again_replaces_the_secret_and_keeps_the_id,
    connecting_many_times_at_once_leaves_one,
    one_account_never_sees_anothers,
    a_day_is_noted_for_ones_own_tokens_alone,
    the_fields_of_ones_own_cards_are_kept_in_order,
    a_secret_is_changed_under_the_same_id_or_not_at_all,
    health_is_not_changed_by_news_of_an_older_secret,
    twenty_renewals_at_once_lose_none,
    one_renews_at_a_time_and_a_dead_one_holds_nobody_up_for_long,
    the_health_of_a_grant_is_that_of_all_its_connections,
    a_secret_goes_with_the_last_connection_that_uses_it,
    a_request_that_is_given_up_leaves_nothing_half_done,
);

async fn secret_of(world: &World, id: &ConnectionId) -> String {
    let credential = world.store.credential(&world.sealer, id).await.unwrap().unwrap();
    String::from_utf8(credential.secret.expose_secret().to_vec()).unwrap()
}

async fn a_connection_is_kept_whole(world: &World) {
    let ana = world.account("ana").await;
    let new = NewConnection {
        account_id: ana.clone(),
        site: site("https://acme.atlassian.net"),
        api: site("https://api.atlassian.com/ex/jira/11111111-2222"),
        deployment: Deployment::Cloud,
        version: None,
        title: "Acme\0 \"Jira\"".to_owned(),
        method: "api_token".to_owned(),
        label: "ana@acme.example".to_owned(),
        jira_user: "5b10a2844c20165700ede21g".to_owned(),
        expires_at: Some(1_800_000_000_000),
        grant_id: Some("gra_1".to_owned()),
    };
    let (kept, created) = world.store.save_connection(&world.sealer, &new, b"secret").await.unwrap();
    assert!(created);
    assert_eq!((&kept.site, &kept.api, kept.deployment), (&new.site, &new.api, new.deployment));
    assert_eq!((kept.version.as_deref(), kept.title.as_str()), (None, "Acme \"Jira\""));
    assert_eq!((&kept.method, &kept.label, &kept.jira_user), (&new.method, &new.label, &new.jira_user));
    assert_eq!((kept.expires_at, &kept.grant_id), (new.expires_at, &new.grant_id));
    assert_eq!((kept.health, kept.health_since), (Health::Ok, world.clock.now_ms()));
    assert_eq!((kept.generation, kept.last_ok_at), (1, Some(world.clock.now_ms())));
    assert_eq!(kept.secret_since, world.clock.now_ms());
    assert_eq!(world.store.connection(&ana, &kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(world.store.connections(&ana).await.unwrap(), std::slice::from_ref(&kept));
    assert_eq!(secret_of(world, &kept.id).await, "secret");

    world.pass(SignedDuration::from_secs(5));
    world.store.set_last_ok(&kept.id).await.unwrap();
    let seen = world.store.connection(&ana, &kept.id).await.unwrap().unwrap();
    assert_eq!(seen.last_ok_at, Some(world.clock.now_ms()));

    let (second, created) = world
        .store
        .save_connection(&world.sealer, &connection_to(&ana, "jira.example/jira", "ana"), b"2")
        .await
        .unwrap();
    assert!(created);
    let ids: Vec<_> = world.store.connections(&ana).await.unwrap().into_iter().map(|it| it.id).collect();
    assert_eq!(ids, [kept.id.clone(), second.id]);
    assert!(world.store.remove_connection(&ana, &kept.id).await.unwrap());
    assert!(!world.store.remove_connection(&ana, &kept.id).await.unwrap());
    assert!(world.store.credential(&world.sealer, &kept.id).await.unwrap().is_none());
    assert_eq!((world.count("connections").await, world.count("credentials").await), (1, 1));
}

async fn connecting_again_replaces_the_secret_and_keeps_the_id(world: &World) {
    let ana = world.account("ana").await;
    let new = connection_to(&ana, "jira.example", "ana");
    let (first, _) = world.store.save_connection(&world.sealer, &new, b"old").await.unwrap();
    world.store.set_health(&first.id, first.generation, Health::Reconnect).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    let again = NewConnection { method: "personal_access_token".to_owned(), label: "Ana".to_owned(), ..new.clone() };
    let (second, created) = world.store.save_connection(&world.sealer, &again, b"new").await.unwrap();
    assert!(!created);
    assert_eq!((&second.id, second.created_at), (&first.id, first.created_at));
    assert_eq!((second.generation, second.health), (2, Health::Ok));
    assert_eq!((second.method.as_str(), second.label.as_str()), ("personal_access_token", "Ana"));
    assert_ne!(second.credential_id, first.credential_id);
    assert_eq!(secret_of(world, &first.id).await, "new");
    assert_eq!(world.count("credentials").await, 1, "the old secret is gone");
    // Another Jira user of the same site is another connection.
    let other = NewConnection { jira_user: "ben".to_owned(), ..new };
    assert!(world.store.save_connection(&world.sealer, &other, b"ben").await.unwrap().1);
    assert_eq!(secret_of(world, &first.id).await, "new");
}

async fn the_fields_of_ones_own_cards_are_kept_in_order(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let new = connection_to(&ana, "jira.example", "ana");
    let (kept, _) = world.store.save_connection(&world.sealer, &new, b"x").await.unwrap();
    assert!(kept.card_fields.is_empty());
    let fields = FieldIds::new(["customfield_30", "customfield_4", "customfield_100"]);
    let now = async || world.store.connection(&ana, &kept.id).await.unwrap().unwrap().card_fields;
    let revision = world.store.revision().await.unwrap();
    let unknown = ConnectionId::parse("con_00000000000000000000").unwrap();
    for (account, id) in [(&ben, &kept.id), (&ana, &unknown), (&ben, &unknown)] {
        assert!(!world.store.set_card_fields(account, id, &fields).await.unwrap());
    }
    assert_eq!((now().await, world.store.revision().await.unwrap()), (FieldIds::default(), revision));
    assert!(world.store.set_card_fields(&ana, &kept.id, &fields).await.unwrap());
    assert_eq!(now().await, fields);
    assert!(world.store.revision().await.unwrap() > revision, "others are told");
    // They outlive the secret, and are nobody else's.
    let (again, _) = world.store.save_connection(&world.sealer, &new, b"y").await.unwrap();
    assert_eq!((again.generation, again.card_fields), (2, fields));
    let other = NewConnection { jira_user: "ben".to_owned(), ..new };
    assert!(world.store.save_connection(&world.sealer, &other, b"z").await.unwrap().0.card_fields.is_empty());
    assert!(world.store.set_card_fields(&ana, &kept.id, &FieldIds::default()).await.unwrap());
    assert!(now().await.is_empty());
}

async fn a_day_is_noted_for_ones_own_tokens_alone(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    for (method, noted) in
        [("api_token", true), ("personal_access_token", true), ("password", false), ("oauth", false), ("oauth1", false)]
    {
        let new = NewConnection {
            method: method.to_owned(),
            expires_at: Some(1),
            ..connection_to(&ana, "jira.example", "ana")
        };
        let (kept, _) = world.store.save_connection(&world.sealer, &new, b"x").await.unwrap();
        let expires_at = async || world.store.connection(&ana, &kept.id).await.unwrap().unwrap().expires_at;
        let revision = world.store.revision().await.unwrap();
        assert!(!world.store.set_expiry(&ben, &kept.id, Some(2)).await.unwrap(), "{method}: not Ben's");
        assert_eq!((expires_at().await, world.store.revision().await.unwrap()), (Some(1), revision));
        assert_eq!(world.store.set_expiry(&ana, &kept.id, Some(2)).await.unwrap(), noted, "{method}");
        assert_eq!(expires_at().await, Some(if noted { 2 } else { 1 }), "{method}");
        assert_eq!(world.store.revision().await.unwrap() > revision, noted, "{method}: others are told");
        assert_eq!(world.store.set_expiry(&ana, &kept.id, None).await.unwrap(), noted);
        assert_eq!(expires_at().await.is_none(), noted, "{method}");
        assert_eq!(secret_of(world, &kept.id).await, "x");
    }
}

async fn a_secret_is_changed_under_the_same_id_or_not_at_all(world: &World) {
    let ana = world.account("ana").await;
    let new = NewConnection { method: "password".to_owned(), ..connection_to(&ana, "jira.example", "ana") };
    let (read, _) = world.store.save_connection(&world.sealer, &new, b"password").await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    let change = async |read| {
        let method = "personal_access_token";
        world.store.change_secret(&world.sealer, read, method, b"token", Some(7)).await.unwrap()
    };
    let changed = change(&read).await.unwrap();
    assert_eq!((&changed.id, &changed.jira_user, changed.generation), (&read.id, &read.jira_user, 2));
    assert_eq!((changed.method.as_str(), changed.expires_at), ("personal_access_token", Some(7)));
    assert_eq!((changed.secret_since, changed.health), (world.clock.now_ms(), Health::Ok));
    assert_eq!(world.store.connection(&ana, &read.id).await.unwrap(), Some(changed.clone()));
    let opened = world.store.credential(&world.sealer, &read.id).await.unwrap().unwrap();
    assert!(opened.is_of(&changed) && !opened.is_of(&read));
    assert_eq!((secret_of(world, &read.id).await.as_str(), world.count("credentials").await), ("token", 1));

    // Connected again meanwhile: that counts, and what came too late is not kept.
    world.store.save_connection(&world.sealer, &new, b"typed").await.unwrap();
    assert_eq!(change(&changed).await, None);
    assert_eq!((secret_of(world, &read.id).await.as_str(), world.count("credentials").await), ("typed", 1));
    let now = world.store.connection(&ana, &read.id).await.unwrap().unwrap();
    assert!(world.store.remove_connection(&ana, &read.id).await.unwrap());
    assert_eq!(change(&now).await, None, "what was removed stays so");
    assert_eq!((world.count("connections").await, world.count("credentials").await), (0, 0));
}

async fn connecting_many_times_at_once_leaves_one(world: &World) {
    let ana = world.account("ana").await;
    let other = world.another_store().await;
    let tasks: Vec<_> = (0..8)
        .map(|n: u8| {
            let store = if n.is_multiple_of(2) { world.store.clone() } else { other.clone() };
            let (sealer, new) = (world.sealer.clone(), connection_to(&ana, "jira.example", "ana"));
            tokio::spawn(async move { store.save_connection(&sealer, &new, &[n]).await.unwrap().1 })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        created += usize::from(task.await.unwrap());
    }
    assert_eq!(created, 1);
    let connections = world.store.connections(&ana).await.unwrap();
    let [connection] = &connections[..] else { panic!("{connections:?}") };
    assert_eq!(connection.generation, 8);
    assert_eq!(world.count("credentials").await, 1);
    assert!(world.store.credential(&world.sealer, &connection.id).await.unwrap().is_some());
    other.close().await;
}

async fn one_account_never_sees_anothers(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let new = connection_to(&ana, "jira.example", "shared");
    let (hers, _) = world.store.save_connection(&world.sealer, &new, b"ana").await.unwrap();
    let new = connection_to(&ben, "jira.example", "shared");
    let (his, created) = world.store.save_connection(&world.sealer, &new, b"ben").await.unwrap();
    assert!(created && hers.id != his.id);
    assert_eq!(world.store.connection(&ben, &hers.id).await.unwrap(), None);
    assert!(!world.store.remove_connection(&ben, &hers.id).await.unwrap());
    assert_eq!(world.store.connections(&ben).await.unwrap(), std::slice::from_ref(&his));
    assert_eq!((secret_of(world, &hers.id).await, secret_of(world, &his.id).await), ("ana".into(), "ben".into()));
}

async fn health_is_not_changed_by_news_of_an_older_secret(world: &World) {
    let ana = world.account("ana").await;
    let new = connection_to(&ana, "jira.example", "ana");
    let (first, _) = world.store.save_connection(&world.sealer, &new, b"old").await.unwrap();
    let revision = world.store.revision().await.unwrap();
    world.pass(SignedDuration::from_secs(1));
    assert!(!world.store.set_health(&first.id, 1, Health::Ok).await.unwrap(), "it was ok before");
    assert_eq!(world.store.revision().await.unwrap(), revision);
    assert!(world.store.set_health(&first.id, 1, Health::Captcha).await.unwrap());
    let ill = world.store.connection(&ana, &first.id).await.unwrap().unwrap();
    assert_eq!((ill.health, ill.health_since), (Health::Captcha, world.clock.now_ms()));
    assert_ne!(world.store.revision().await.unwrap(), revision);
    world.store.save_connection(&world.sealer, &new, b"new").await.unwrap();
    assert!(!world.store.set_health(&first.id, 1, Health::Reconnect).await.unwrap());
    assert_eq!(world.store.connection(&ana, &first.id).await.unwrap().unwrap().health, Health::Ok);
    for health in [Health::Reconnect, Health::Unreachable, Health::Expiring, Health::Captcha, Health::Ok] {
        assert!(world.store.set_health(&first.id, 2, health).await.unwrap());
        assert_eq!(world.store.connection(&ana, &first.id).await.unwrap().unwrap().health, health);
    }
}

async fn twenty_renewals_at_once_lose_none(world: &World) {
    let ana = world.account("ana").await;
    let new = connection_to(&ana, "jira.example", "ana");
    let (connection, _) = world.store.save_connection(&world.sealer, &new, b"0").await.unwrap();
    let other = world.another_store().await;
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
            let (sealer, id) = (world.sealer.clone(), connection.id.clone());
            tokio::spawn(async move { while !add_one(&store, &sealer, &id).await {} })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(secret_of(world, &connection.id).await, "20");
    let kept = world.store.connection(&ana, &connection.id).await.unwrap().unwrap();
    assert_eq!(kept.generation, 1, "the same person with the same rights: what was fetched stays good");
    let credential = world.store.credential(&world.sealer, &connection.id).await.unwrap().unwrap();
    assert_eq!((credential.version, credential.generation), (21, 1));
    other.close().await;
}

async fn one_renews_at_a_time_and_a_dead_one_holds_nobody_up_for_long(world: &World) {
    let ana = world.account("ana").await;
    let new = connection_to(&ana, "jira.example", "ana");
    let (connection, _) = world.store.save_connection(&world.sealer, &new, b"0").await.unwrap();
    let (store, sealer, other) = (&world.store, &world.sealer, world.another_store().await);
    let read = store.credential_by_id(sealer, &connection.credential_id).await.unwrap().unwrap();
    let claim = async |store: &Store, who: &str| store.claim_renewal(&read, who, 15_000).await.unwrap();
    let mine = Renewal::Claimed { interrupted: false };
    assert_eq!(claim(store, "a").await, mine);
    assert_eq!((claim(&other, "b").await, claim(store, "a").await), (Renewal::Elsewhere, Renewal::Elsewhere));
    // Somebody else's claim is not released by anybody but its owner.
    store.release_renewal(read.id(), "b").await.unwrap();
    assert_eq!(claim(&other, "b").await, Renewal::Elsewhere);
    store.release_renewal(read.id(), "a").await.unwrap();
    assert_eq!(claim(&other, "b").await, mine);
    // "b" dies.
    world.clock.advance(SignedDuration::from_millis(14_999));
    assert_eq!(claim(store, "c").await, Renewal::Elsewhere);
    world.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(claim(store, "c").await, Renewal::Claimed { interrupted: true });
    assert!(store.replace_credential(sealer, &read, b"1", Some(77)).await.unwrap());
    assert_eq!(claim(store, "d").await, Renewal::Elsewhere, "what was read before is old");
    let read = store.credential_by_id(sealer, &connection.credential_id).await.unwrap().unwrap();
    assert_eq!(store.claim_renewal(&read, "d", 15_000).await.unwrap(), mine);
    let kept = store.connection(&ana, &connection.id).await.unwrap().unwrap();
    assert_eq!((kept.expires_at, secret_of(world, &connection.id).await.as_str()), (Some(77), "1"));
    // Of many at once one gets it.
    store.release_renewal(read.id(), "d").await.unwrap();
    let read = std::sync::Arc::new(read);
    let tries: Vec<_> = (0..20)
        .map(|n| {
            let (store, read) = (if n % 2 == 0 { store.clone() } else { other.clone() }, read.clone());
            tokio::spawn(async move { store.claim_renewal(&read, &format!("racer {n}"), 15_000).await.unwrap() })
        })
        .collect();
    let mut claimed = 0;
    for outcome in tries {
        claimed += usize::from(matches!(outcome.await.unwrap(), Renewal::Claimed { .. }));
    }
    assert_eq!(claimed, 1);
    other.close().await;
}

async fn the_health_of_a_grant_is_that_of_all_its_connections(world: &World) {
    let ana = world.account("ana").await;
    let rows: Vec<_> = ["a.example", "b.example"].map(|site| connection_to(&ana, site, "ana")).into();
    let saved = world.store.save_grant(&world.sealer, &rows[0].site, &rows, b"grant").await.unwrap();
    assert_eq!(saved.iter().filter(|(_, created)| *created).count(), 2);
    let read = world.store.credential_by_id(&world.sealer, &saved[0].0.credential_id).await.unwrap().unwrap();
    assert!(world.store.set_health_of(&read, Health::Reconnect).await.unwrap());
    assert!(!world.store.set_health_of(&read, Health::Reconnect).await.unwrap(), "once is enough");
    let all = world.store.connections(&ana).await.unwrap();
    assert!(all.len() == 2 && all.iter().all(|it| it.health == Health::Reconnect));
    // Connected again meanwhile: what was seen concerns a grant that is no longer there.
    world.store.save_grant(&world.sealer, &rows[0].site, &rows, b"new grant").await.unwrap();
    assert!(!world.store.set_health_of(&read, Health::Reconnect).await.unwrap());
    assert!(world.store.credential_by_id(&world.sealer, read.id()).await.unwrap().is_none());
    assert_eq!(world.count("credentials").await, 1);
}

/// Read, change, write: the store says whether nobody came in between.
async fn add_one(store: &Store, sealer: &jira_notion_gateway::secret::Sealer, id: &ConnectionId) -> bool {
    let read = store.credential(sealer, id).await.unwrap().unwrap();
    let number: u32 = std::str::from_utf8(read.secret.expose_secret()).unwrap().parse().unwrap();
    store.replace_credential(sealer, &read, (number + 1).to_string().as_bytes(), None).await.unwrap()
}

async fn a_secret_goes_with_the_last_connection_that_uses_it(world: &World) {
    let ana = world.account("ana").await;
    for round in 0..5 {
        let mut ids = Vec::new();
        for n in 0..9 {
            let new = connection_to(&ana, &format!("n{n}.example"), "ana");
            ids.push(world.store.save_connection(&world.sealer, &new, b"grant").await.unwrap().0.id);
        }
        // As one OAuth grant for many sites will be kept.
        let shared = "(SELECT MIN(credential_id) FROM connections)";
        world.execute(&format!("UPDATE connections SET credential_id = {shared}")).await;
        let first = ids.pop().unwrap();
        assert!(world.store.remove_connection(&ana, &first).await.unwrap());
        assert_eq!(world.count("credentials").await, 1, "round {round}");
        assert_eq!(secret_of(world, &ids[0]).await, "grant");
        let removing: Vec<_> = ids
            .into_iter()
            .map(|id| {
                let (store, ana) = (world.store.clone(), ana.clone());
                tokio::spawn(async move { store.remove_connection(&ana, &id).await.unwrap() })
            })
            .collect();
        for task in removing {
            assert!(task.await.unwrap());
        }
        assert_eq!(world.count("credentials").await, 0, "round {round}");
    }
}

async fn a_request_that_is_given_up_leaves_nothing_half_done(world: &World) {
    let ana = world.account("ana").await;
    for steps in 0..60 {
        let (store, sealer) = (world.store.clone(), world.sealer.clone());
        let new = connection_to(&ana, &format!("n{steps}.example"), "ana");
        let saving = tokio::spawn(async move { store.save_connection(&sealer, &new, b"pw").await.map(drop) });
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
        saving.abort();
        // Whoever comes next finds the database free.
        world.store.set_last_ok(&ConnectionId::parse("con_00000000000000000000").unwrap()).await.unwrap();
        let _ = saving.await;
    }
    let kept = world.store.connections(&ana).await.unwrap();
    assert_eq!(world.count("credentials").await, i64::try_from(kept.len()).unwrap());
    for connection in kept {
        assert_eq!(secret_of(world, &connection.id).await, "pw");
    }
}
