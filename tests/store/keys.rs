//! What lies in the database is sealed, bound to its place, and moves to a new master key.

use std::collections::HashSet;

use jira_notion_gateway::secret::{ExposeSecret, IfMissing, MasterKeys, Rotation, Sealer};
use jira_notion_gateway::store::{AccountId, Connection, Error, KeyCheckError};

use super::{World, connection_to};

on_both_engines!(
    a_wrong_master_key_is_noticed,
    parallel_first_starts_agree_on_the_key,
    a_sealed_value_opens_only_in_its_place,
    every_changed_byte_refuses,
    nothing_secret_lies_there_in_plain,
    rotation_moves_everything_beside_a_running_server,
    rotation_does_not_spoil_a_renewal_under_way,
    what_no_key_opens_is_left_and_counted,
);

async fn save(world: &World, account: &AccountId, host: &str, secret: &[u8]) -> Connection {
    let new = connection_to(account, host, "ana");
    world.store.save_connection(&world.sealer, &new, secret).await.unwrap().0
}

async fn opens(world: &World, connection: &Connection) -> bool {
    match world.store.credential(&world.sealer, &connection.id).await {
        Ok(credential) => credential.is_some(),
        Err(Error::Sealed(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

fn another_sealer() -> Sealer {
    Sealer::with_keys(MasterKeys::generate())
}

async fn a_wrong_master_key_is_noticed(world: &World) {
    assert!(!world.store.is_sealed().await.unwrap());
    world.store.check_key(&world.sealer).await.unwrap();
    assert!(world.store.is_sealed().await.unwrap());
    world.store.check_key(&world.sealer).await.unwrap();
    let error = world.store.check_key(&another_sealer()).await.unwrap_err();
    assert!(matches!(&error, KeyCheckError::Missing { id } if *id == world.sealer.newest()), "{error}");
    assert!(!error.to_string().contains('\n'));
    // The right name, another key.
    let text = format!("{}:{}", world.sealer.newest(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let error = world.store.check_key(&Sealer::with_keys(MasterKeys::parse(&text).unwrap())).await.unwrap_err();
    assert!(matches!(error, KeyCheckError::Wrong), "{error}");
    world.store.check_key(&world.sealer).await.unwrap();
}

async fn parallel_first_starts_agree_on_the_key(world: &World) {
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move { store.check_key(&another_sealer()).await.is_ok() })
        })
        .collect();
    let mut accepted = 0;
    for start in starts {
        accepted += usize::from(start.await.unwrap());
    }
    assert_eq!(accepted, 1);
}

async fn a_sealed_value_opens_only_in_its_place(world: &World) {
    let (ana, ben) = (world.account("ana").await, world.account("ben").await);
    let connections = [
        save(world, &ana, "a.example", b"1").await,
        save(world, &ana, "b.example", b"2").await,
        save(world, &ben, "a.example", b"3").await,
        save(world, &ben, "b.example", b"4").await,
    ];
    world.execute("CREATE TABLE backup AS SELECT * FROM credentials").await;
    for here in &connections {
        let other_account = if here.account_id == ana { &ben } else { &ana };
        let mut changes = vec![
            format!("account_id = '{other_account}'"),
            "site = 'https://evil.example'".to_owned(),
            "kind = 'api_token'".to_owned(),
        ];
        for there in connections.iter().filter(|there| there.id != here.id) {
            changes.push(format!("sealed = (SELECT sealed FROM backup WHERE id = '{}')", there.credential_id));
        }
        for change in changes {
            let row = here.credential_id.as_str();
            world.execute(&format!("UPDATE credentials SET {change} WHERE id = '{row}'")).await;
            assert!(!opens(world, here).await, "{change}");
            for column in ["account_id", "site", "kind", "sealed"] {
                let before = format!("(SELECT {column} FROM backup WHERE id = '{row}')");
                world.execute(&format!("UPDATE credentials SET {column} = {before} WHERE id = '{row}'")).await;
            }
            assert!(opens(world, here).await);
        }
    }
    // A whole row under another name, with a connection that points at it.
    let [first, second, ..] = &connections;
    let (from, to) = (&first.credential_id, &second.credential_id);
    world.execute(&format!("DELETE FROM connections WHERE id = '{}'", first.id)).await;
    world.execute(&format!("UPDATE credentials SET site = 'https://b.example', sealed = (SELECT sealed FROM backup WHERE id = '{from}') WHERE id = '{to}'")).await;
    assert!(!opens(world, second).await);
}

async fn every_changed_byte_refuses(world: &World) {
    let ana = world.account("ana").await;
    let connection = save(world, &ana, "a.example", b"pw").await;
    let sealed: Vec<u8> = world.scalar("SELECT sealed FROM credentials").await;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let literal = |bytes: &[u8]| match world.database {
        Some(_) => format!("'\\x{}'", hex(bytes)),
        None => format!("x'{}'", hex(bytes)),
    };
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x20;
        world.execute(&format!("UPDATE credentials SET sealed = {}", literal(&changed))).await;
        assert!(!opens(world, &connection).await, "byte {at} of {}", sealed.len());
    }
    world.execute(&format!("UPDATE credentials SET sealed = {}", literal(&sealed))).await;
    assert!(opens(world, &connection).await);
}

async fn nothing_secret_lies_there_in_plain(world: &World) {
    const CANARY: &[u8] = b"canary-sings-3f9a";
    let ana = world.account("ana").await;
    world.store.check_key(&world.sealer).await.unwrap();
    let first = save(world, &ana, "a.example", CANARY).await;
    let read = world.store.credential(&world.sealer, &first.id).await.unwrap().unwrap();
    assert!(!format!("{read:?} {first:?}").contains("canary"));
    assert!(world.store.replace_credential(&world.sealer, &read, CANARY, None).await.unwrap());
    save(world, &ana, "a.example", CANARY).await;
    let contains = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|window| window == CANARY);
    let folder: Vec<_> = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    if world.database.is_none() {
        let names: HashSet<_> = folder.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert!(names.is_superset(&["gateway.db", "gateway.db-wal", "master.key"].into()), "{names:?}");
    }
    for path in folder {
        assert!(!contains(&std::fs::read(&path).unwrap()), "{}", path.display());
    }
    let sealed: Vec<u8> = world.scalar("SELECT sealed FROM credentials").await;
    assert!(!contains(&sealed) && sealed.len() > CANARY.len());
}

async fn rotation_moves_everything_beside_a_running_server(world: &World) {
    let ana = world.account("ana").await;
    world.store.check_key(&world.sealer).await.unwrap();
    let mut connections = Vec::new();
    for n in 0..130 {
        connections.push(save(world, &ana, &format!("n{n}.example"), format!("secret {n}").as_bytes()).await);
    }
    // The command: its own process, store and sealer.
    let path = world.folder.path().join("master.key");
    let command = Sealer::with_file(&path, IfMissing::Refuse).unwrap();
    let old = command.newest();
    assert!(matches!(command.rotate().unwrap(), Rotation::Stored));
    let store = world.another_store().await;
    let revision = store.revision().await.unwrap();
    let done = store.reseal(&command).await.unwrap();
    assert_eq!((done.moved, done.unreadable), (130, 0));
    assert_ne!(store.revision().await.unwrap(), revision);
    assert_eq!(store.reseal(&command).await.unwrap().moved, 0);
    assert_eq!(world.count(&format!("credentials WHERE key_id = '{old}'")).await, 0);
    store.close().await;
    // The running server reads and writes on, with the new key.
    for (n, connection) in connections.iter().enumerate() {
        let credential = world.store.credential(&world.sealer, &connection.id).await.unwrap().unwrap();
        assert_eq!(credential.secret.expose_secret(), format!("secret {n}").as_bytes());
    }
    save(world, &ana, "late.example", b"late").await;
    assert_eq!(world.count(&format!("credentials WHERE key_id = '{}'", command.newest())).await, 131);
    // The old key is not needed for anything any more.
    let text = std::fs::read_to_string(&path).unwrap();
    let alone = Sealer::with_keys(MasterKeys::parse(text.lines().next().unwrap()).unwrap());
    world.store.check_key(&alone).await.unwrap();
    assert!(world.store.credential(&alone, &connections[0].id).await.unwrap().is_some());
}

async fn rotation_does_not_spoil_a_renewal_under_way(world: &World) {
    let ana = world.account("ana").await;
    let connection = save(world, &ana, "a.example", b"refresh 1").await;
    let read = world.store.credential(&world.sealer, &connection.id).await.unwrap().unwrap();
    world.sealer.rotate().unwrap();
    assert_eq!(world.store.reseal(&world.sealer).await.unwrap().moved, 1);
    // Jira has already replaced the first one: losing the second would lose the connection.
    assert!(world.store.replace_credential(&world.sealer, &read, b"refresh 2", None).await.unwrap());
    let kept = world.store.credential(&world.sealer, &connection.id).await.unwrap().unwrap();
    assert_eq!(kept.secret.expose_secret(), b"refresh 2");
    assert!(!world.store.replace_credential(&world.sealer, &read, b"refresh 1b", None).await.unwrap());
}

async fn what_no_key_opens_is_left_and_counted(world: &World) {
    let ana = world.account("ana").await;
    let (good, bad) = (save(world, &ana, "a.example", b"1").await, save(world, &ana, "b.example", b"2").await);
    let other = another_sealer();
    let new = connection_to(&ana, "c.example", "ana");
    let (foreign, _) = world.store.save_connection(&other, &new, b"3").await.unwrap();
    world.execute(&format!("UPDATE credentials SET site = 'x' WHERE id = '{}'", bad.credential_id)).await;
    world.sealer.rotate().unwrap();
    let done = world.store.reseal(&world.sealer).await.unwrap();
    assert_eq!((done.moved, done.unreadable), (1, 2));
    assert!(opens(world, &good).await && !opens(world, &bad).await && !opens(world, &foreign).await);
    assert_eq!(world.count("credentials").await, 3);
    assert!(world.store.credential(&other, &foreign.id).await.unwrap().is_some(), "with the key it is still there");
}
