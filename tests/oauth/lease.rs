//! A grant that is always either valid or honestly broken.

use jiff::SignedDuration;
use serde_json::Value;

use super::town::Town;
use crate::world::atlassian::TOKEN_ENDPOINT;
use crate::world::gateway::Api;
use crate::world::jira::{Fault, OAUTH_2_TOKEN};

const HOUR: SignedDuration = SignedDuration::from_mins(61);

fn state(answer: &Value) -> (&str, bool, &str) {
    (answer["state"].as_str().unwrap(), answer["stale"] == true, answer["reason"]["code"].as_str().unwrap_or_default())
}

async fn health(api: &Api) -> Vec<String> {
    let rows = api.get("/api/v1/connections").await.json();
    rows["connections"].as_array().unwrap().iter().map(|row| row["health"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_of_an_ended_token_cost_one_renewal() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.acme).await;
    town.acme.add_issues((100..140).map(|n| crate::world::Issue::new(&format!("OPS-{n}"), "One of many")));
    town.advance(HOUR);
    let gate = town.atlassian.hold_token_answers();
    let readers: Vec<_> = (0..1000)
        .map(|n| {
            // Both sites of the grant, forty links each.
            let jira = if n % 2 == 0 { &town.acme } else { &town.beta };
            let (api, link) = (api.clone(), jira.at(&format!("/browse/OPS-{}", 100 + n % 40)));
            tokio::spawn(async move { api.get_one(&link, &[]).await })
        })
        .collect();
    gate.wait_for(1).await;
    // The first one to ask hangs up, with half of the others: the renewal goes on.
    readers.iter().take(500).for_each(|reader| reader.abort());
    gate.open();
    let mut answered = 0;
    for reader in readers.into_iter().skip(500) {
        let reply = reader.await.unwrap();
        assert_eq!(reply.status, 200);
        let answer = reply.json();
        assert!(["ready", "not_found"].contains(&answer["state"].as_str().unwrap()), "{answer}");
        answered += 1;
    }
    let counts = town.atlassian.counts().token;
    assert_eq!((answered, counts.refreshes, counts.refused_refreshes), (500, 1, 0));
    assert_eq!(health(&api).await, ["ok", "ok"]);
}

#[tokio::test]
async fn a_revoked_grant_is_said_once_and_not_asked_for_again() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.acme).await;
    let link = town.acme.at("/browse/OPS-7");
    assert_eq!(state(&api.one(&link).await), ("ready", false, ""));
    town.atlassian.revoke_grants("ana@acme.example");
    town.advance(SignedDuration::from_mins(2));
    // The access token is refused at once, the renewal too: the last value is shown, and what to do.
    let answer = api.one(&link).await;
    assert_eq!(state(&answer), ("reconnect", true, "reconnect"), "{answer}");
    assert_eq!(health(&api).await, ["reconnect", "reconnect"], "it is one grant for both sites");
    let calls = (town.atlassian.seen().len(), town.atlassian.counts().token.refused_refreshes);
    assert_eq!(calls.1, 1);
    for _ in 0..20 {
        town.advance(SignedDuration::from_mins(5));
        api.one(&link).await;
        api.one(&town.beta.at("/browse/OPS-7")).await;
    }
    assert_eq!((town.atlassian.seen().len(), town.atlassian.counts().token.refused_refreshes), calls);
    // The person connects again: the same rows, and all is well.
    let before = api.get("/api/v1/connections").await.json();
    let api = town.api_of_ana(&town.acme).await;
    let after = api.get("/api/v1/connections").await.json();
    let ids = |rows: &Value| -> Vec<String> {
        let mut ids: Vec<_> = rows["connections"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(state(&api.one(&link).await), ("ready", false, ""));
    assert_eq!(health(&api).await, ["ok", "ok"]);
}

#[tokio::test]
async fn both_shapes_of_a_dead_grant_are_understood() {
    for older in [false, true] {
        let town = Town::start().await;
        let api = town.api_of_ana(&town.acme).await;
        town.atlassian.set_older_error_shape(older);
        town.atlassian.revoke_grants("ana@acme.example");
        town.advance(HOUR);
        assert_eq!(state(&api.one(&town.acme.at("/browse/OPS-7")).await), ("reconnect", false, "reconnect"), "{older}");
    }
}

#[tokio::test]
async fn an_outage_of_the_provider_costs_no_connection() {
    let faults = [
        Fault::status(500),
        Fault::status(502),
        Fault::unavailable(Some("1")),
        Fault::too_many("1"),
        Fault::SignInPage,
        Fault::MalformedJson,
        Fault::Truncated,
        Fault::Close,
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let town = Town::start().await;
        let api = town.api_of_ana(&town.acme).await;
        let link = town.acme.at("/browse/OPS-7");
        api.one(&link).await;
        town.advance(HOUR);
        town.atlassian.fault_at(TOKEN_ENDPOINT, fault);
        let answer = api.one(&link).await;
        let (said, stale, code) = state(&answer);
        assert!((said, stale) == ("ready", true) && code != "reconnect", "{number}: {answer}");
        // Left alone for a while: the next link does not hammer it.
        let calls = town.atlassian.seen().len();
        api.one(&town.acme.at("/browse/OPS-8")).await;
        assert_eq!(town.atlassian.seen().len(), calls, "{number}");
        assert_eq!(health(&api).await, ["ok", "ok"], "{number}");
        town.atlassian.heal();
        town.advance(SignedDuration::from_mins(5));
        assert_eq!(state(&api.one(&link).await), ("ready", false, ""), "{number}");
    }
}

/// The pair was given and its answer lost on the way: within the leeway Atlassian gives another one.
#[tokio::test]
async fn a_lost_answer_is_survived_within_the_leeway() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.acme).await;
    let link = town.acme.at("/browse/OPS-7");
    town.advance(HOUR);
    town.atlassian.fault_times(1, TOKEN_ENDPOINT, Fault::Lost);
    assert_eq!(state(&api.one(&link).await).0, "unreachable");
    town.advance(SignedDuration::from_mins(2));
    assert_eq!(state(&api.one(&link).await), ("ready", false, ""));
    let counts = town.atlassian.counts().token;
    assert_eq!((counts.refreshes, counts.refused_refreshes), (2, 0));
}

/// On Data Center the old pair dies at once: then the person is told, and nobody else is blamed.
#[tokio::test]
async fn a_lost_answer_of_a_data_center_is_said() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.plant).await;
    let link = town.plant.at("/browse/OPS-7");
    assert_eq!(state(&api.one(&link).await), ("ready", false, ""));
    town.advance(SignedDuration::from_hours(3));
    town.plant.fault_times(1, OAUTH_2_TOKEN, Fault::Lost);
    assert_eq!(state(&api.one(&link).await), ("ready", true, "unreachable"));
    town.advance(SignedDuration::from_mins(5));
    assert_eq!(state(&api.one(&link).await), ("reconnect", true, "reconnect"));
    assert_eq!(health(&api).await, ["reconnect"]);
}

#[tokio::test]
async fn a_wrong_client_secret_sends_nobody_to_consent() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.acme).await;
    town.advance(HOUR);
    let callback = format!("{}/connect/callback/cloud", town.gateway.url);
    town.atlassian.register(super::town::CLIENT.0, "another secret", &[&callback]);
    let answer = api.one(&town.acme.at("/browse/OPS-7")).await;
    assert_eq!(state(&answer), ("error", false, "operator_configuration"), "{answer}");
    assert_eq!(health(&api).await, ["ok", "ok"]);
    town.atlassian.register(super::town::CLIENT.0, super::town::CLIENT.1, &[&callback]);
    town.advance(SignedDuration::from_mins(3));
    assert_eq!(state(&api.one(&town.acme.at("/browse/OPS-7")).await), ("ready", false, ""));
}

/// A new pair that cannot be kept is not used; it waits in memory, since on Data Center there is no other.
#[tokio::test]
async fn a_database_that_fails_meanwhile_loses_nothing() {
    let town = Town::start().await;
    let api = town.api_of_ana(&town.plant).await;
    let link = town.plant.at("/browse/OPS-7");
    town.advance(SignedDuration::from_hours(3));
    // Refuses every change of a credential, as a full disk would.
    let trigger = "CREATE TRIGGER full BEFORE UPDATE OF sealed ON credentials BEGIN SELECT RAISE(ABORT, 'full'); END";
    let file = town.gateway.folder.path().join("data").join("gateway.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut writer = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::query(trigger).execute(&mut writer).await.unwrap();
    let refreshes = || {
        let counts = town.plant.oauth2_counts();
        (counts.refreshes, counts.refused_refreshes)
    };
    assert_eq!((state(&api.one(&link).await), refreshes()), (("unreachable", false, "upstream_error"), (1, 0)));
    sqlx::query("DROP TRIGGER full").execute(&mut writer).await.unwrap();
    town.advance(SignedDuration::from_mins(1));
    assert_eq!((state(&api.one(&link).await), refreshes()), (("ready", false, ""), (1, 0)));
    assert_eq!(health(&api).await, ["ok"]);
}
