//! What is not Jira's, or not for this door, is not taken.

use jiff::SignedDuration;

use super::cloud::{tend, told, town};
use super::{rename, title};
use crate::oauth::town::{CLIENT, Town};
use crate::pages::visitor::Visitor;
use crate::world::gateway::{Reply, client, reply};
use crate::world::jira::webhooks::jwt;
use crate::world::{Delivery, FakeJira};

async fn sent(delivery: &Delivery) -> Reply {
    let request = client().post(&delivery.url).body(delivery.body.clone());
    reply(delivery.headers.iter().fold(request, |request, (name, value)| request.header(*name, value))).await
}

/// One delivery about OPS-7 that is not sent yet.
fn news(jira: &FakeJira) -> Delivery {
    rename(jira, "OPS-7", "Changed");
    jira.deliveries().remove(0)
}

#[tokio::test]
async fn what_nobody_vouches_for_is_not_taken_and_learns_nothing() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let good = news(&town.acme);
    let now = town.acme.now();
    let signed = |client: &str, secret: &str| format!("Bearer {}", jwt(client, secret, now));
    let real = good.headers.iter().find(|(name, _)| *name == "authorization").unwrap().1.clone();
    let elsewhere = |last: &str| {
        let (start, _) = good.url.rsplit_once('/').unwrap();
        Delivery { url: format!("{start}/{last}"), ..good.clone() }
    };
    let bad = [
        good.without("authorization"),
        good.with("authorization", "Bearer"),
        good.with("authorization", &real.replace("Bearer", "Basic")),
        good.with("authorization", &signed(CLIENT.0, "another secret")),
        good.with("authorization", &signed(CLIENT.0, "")),
        good.with("authorization", &real[..real.len() - 2]),
        good.with("authorization", &format!("Bearer eyJhbGciOiJub25lIn0.{}.", real.split('.').nth(1).unwrap())),
        elsewhere("whk_00000000000000000000"),
        elsewhere("%00"),
        elsewhere(&good.url.rsplit_once('/').unwrap().1.to_uppercase()),
    ];
    let mut answers = Vec::new();
    for delivery in &bad {
        let answer = sent(delivery).await;
        assert_eq!(answer.status, 404, "{delivery:?}");
        answers.push(answer.text);
    }
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
    // A token that was good a while ago.
    town.advance(SignedDuration::from_secs(50));
    town.clock.advance(SignedDuration::from_mins(4));
    assert_eq!(good.send().await, 404);
    town.clock.advance(-SignedDuration::from_mins(4));
    assert_eq!(title(&ana, &town.acme.at("/browse/OPS-7")).await, "Login fails on Safari", "nothing was heard");
    assert_eq!(good.send().await, 200);
    assert_eq!(title(&ana, &town.acme.at("/browse/OPS-7")).await, "Changed");
}

#[tokio::test]
async fn a_body_says_which_issue_and_the_door_says_of_which_site() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let mut visitor = Visitor::new(&town.gateway);
    town.connect(&mut visitor, &town.beta, "/connections").await;
    let links = [town.acme.at("/browse/OPS-7"), town.beta.at("/browse/OPS-7")];
    for link in &links {
        assert_eq!(title(&ana, link).await, "Login fails on Safari");
    }
    tend(&town.gateway).await;
    let doors = [town.acme.webhooks(), town.beta.webhooks()].map(|hooks| hooks[0].url.clone());
    assert_ne!(doors[0], doors[1]);
    let about_acme = news(&town.acme);
    rename(&town.beta, "OPS-7", "Changed, too");
    let calls = |town: &Town| (town.acme.calls().total, town.beta.calls().total);
    let before = calls(&town);
    let foreign = Delivery { url: doors[1].clone(), ..about_acme.clone() };
    assert_eq!(foreign.send().await, 200);
    assert_eq!(title(&ana, &links[0]).await, "Login fails on Safari", "beta cannot speak of acme");
    assert_eq!(title(&ana, &links[1]).await, "Changed, too");
    assert_eq!(calls(&town).0, before.0);
    // What is no news of an issue is taken, and means nothing.
    let before = calls(&town);
    for body in ["", "{}", "[]", "\u{0}", r#"{"webhookEvent":"jira:issue_updated","issue":{"key":7}}"#, "{{{"] {
        let odd = Delivery { body: body.into(), ..about_acme.without("x-atlassian-webhook-identifier") };
        assert_eq!(odd.send().await, 200, "{body}");
        assert_eq!(title(&ana, &links[1]).await, "Changed, too");
    }
    assert_eq!(calls(&town), before);
}

#[tokio::test]
async fn a_body_is_at_most_a_megabyte_and_nothing_of_it_is_kept() {
    let town = town().await;
    let ana = told(&town, &town.acme).await;
    let good = news(&town.acme);
    let canary = "a-canary-in-a-body";
    let long = |length: usize| {
        let mut body = format!(r#"{{"webhookEvent":"jira:issue_updated","issue":{{"key":"OPS-7","x":"{canary}"}}"#);
        body.push_str(&" ".repeat(length - body.len() - 1));
        Delivery { body: format!("{body}}}").into(), ..good.without("x-atlassian-webhook-identifier") }
    };
    let too_long = long(1024 * 1024 + 1);
    assert_eq!(sent(&too_long).await.status, 413);
    assert_eq!(title(&ana, &town.acme.at("/browse/OPS-7")).await, "Login fails on Safari");
    assert_eq!(sent(&long(1024 * 1024)).await.status, 200);
    let page = ana.get_one(&town.acme.at("/browse/OPS-7"), &[]).await;
    assert!(page.text.contains("Changed") && !page.text.contains(canary));
    for file in std::fs::read_dir(town.gateway.folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(canary.len()).any(|it| it == canary.as_bytes()));
    }
}
