//! What a picture does with the credential: no second wrong password, no other host, no way into an address or a log.

use jiff::SignedDuration;
use jira_notion_gateway::preview::FactId;
use serde_json::Value;

use super::{answer, asked_for, cloud, connected, data_center, gateway, get, jira, morning, of_fact};
use crate::oauth::town::Town;
use crate::pages::leaks::Log;
use crate::world::gateway::{Api, Gateway};
use crate::world::{FakeJira, Fault, Issue, Personality, Project};

async fn health(api: &Api) -> String {
    let rows = api.get("/api/v1/connections").await.json();
    rows["connections"][0]["health"].as_str().unwrap().to_owned()
}

async fn with_password(gateway: &Gateway, jira: &FakeJira) -> Api {
    jira.change_person("ana", |person| person.password = "ana's password".to_owned());
    let api = gateway.api("ana").await;
    api.connect(&jira.url(), "password", "ana", "ana's password").await;
    api
}

/// The addresses of many pictures, all of them fresh.
async fn many(gateway: &Gateway, jira: &FakeJira) -> Vec<String> {
    for n in 0..12 {
        jira.add_project(Project::new(&format!("P{n}"), "One of many"));
    }
    let mut addresses = Vec::new();
    for n in 0..12 {
        let card = answer(gateway, "ana", &jira.at(&format!("/browse/P{n}"))).await;
        addresses.push(card.preview.unwrap().icon_url.unwrap());
    }
    addresses
}

#[tokio::test]
async fn a_changed_password_goes_out_once_however_many_pictures_and_links_wait() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = with_password(&gateway, &jira).await;
    let addresses = many(&gateway, &jira).await;
    jira.change_person("ana", |person| person.password = "changed".to_owned());
    jira.forget_calls();
    let mut readers = tokio::task::JoinSet::new();
    for (n, address) in addresses.iter().cloned().enumerate() {
        let (ana, link) = (ana.clone(), jira.at(&format!("/browse/OPS-{}", 100 + n)));
        readers.spawn(async move { (get(&address).await.status, ana.one(&link).await["state"].clone()) });
    }
    while let Some(read) = readers.join_next().await {
        assert_eq!(read.unwrap(), (404, "reconnect".into()));
    }
    assert_eq!(jira.calls().total, 1, "a second wrong password brings the account nearer to a CAPTCHA");
    assert_eq!(health(&ana).await, "reconnect");
    for address in addresses {
        assert_eq!(get(&address).await.status, 404);
    }
    assert_eq!(jira.calls().total, 1);
}

#[tokio::test]
async fn pictures_alone_send_a_changed_password_once() {
    // Answered as to a stranger, a failed log-in is told by a header alone.
    for degraded in [false, true] {
        let jira = data_center().await;
        jira.set_anonymous_degradation(degraded);
        let gateway = Gateway::start().await;
        let ana = with_password(&gateway, &jira).await;
        let addresses = many(&gateway, &jira).await;
        jira.change_person("ana", |person| person.password = "changed".to_owned());
        jira.forget_calls();
        let readers = addresses.iter().cloned().map(|it| tokio::spawn(async move { get(&it).await.status }));
        for reader in readers.collect::<Vec<_>>() {
            assert_eq!(reader.await.unwrap(), 404);
        }
        assert_eq!((jira.calls().total, jira.calls().failed()), (1, 1));
        assert_eq!(health(&ana).await, "reconnect");
    }
}

#[tokio::test]
async fn a_picture_that_is_refused_does_not_condemn_a_good_credential() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = with_password(&gateway, &jira).await;
    let addresses = many(&gateway, &jira).await;
    jira.fault_at("projectavatar", Fault::status(403));
    for address in &addresses {
        assert_eq!(get(address).await.status, 404);
    }
    assert_eq!(health(&ana).await, "ok");
    assert_eq!(ana.one(&jira.at("/browse/OPS-7")).await["state"], "ready");
    // With a token a refusal is settled by asking who we are.
    for jira in [cloud().await, data_center().await] {
        let gateway = Gateway::start().await;
        let ana = connected(&gateway, &jira, "ana").await;
        let card = answer(&gateway, "ana", &jira.at("/browse/OPS-7")).await;
        let path = if jira.personality().is_cloud() { "universal_avatar" } else { "/secure/viewavatar" };
        jira.fault_at(path, Fault::status(401));
        assert_eq!(get(&card.preview.unwrap().icon_url.unwrap()).await.status, 404);
        assert_eq!(health(&ana).await, "ok");
        assert_eq!(ana.one(&jira.at("/browse/OPS-8")).await["state"], "ready");
    }
}

#[tokio::test]
async fn a_captcha_and_a_wait_that_a_picture_meets_hold_for_all() {
    let jira = data_center().await;
    let clock = morning();
    let gateway = gateway(&clock).await;
    let ana = with_password(&gateway, &jira).await;
    let addresses = many(&gateway, &jira).await;
    jira.fault_at("projectavatar", Fault::too_many("120"));
    assert_eq!(get(&addresses[0]).await.status, 404);
    jira.forget_calls();
    assert_eq!(get(&addresses[1]).await.status, 404);
    assert_eq!(ana.one(&jira.at("/browse/OPS-8")).await["state"], "rate_limited");
    assert_eq!(jira.calls().total, 0, "not before the time that Jira named");
    jira.heal();
    clock.advance(SignedDuration::from_secs(121));
    assert_eq!(get(&addresses[0]).await.status, 200);
    jira.demand_captcha("ana");
    jira.forget_calls();
    for address in &addresses[1..] {
        assert_eq!(get(address).await.status, 404);
    }
    assert_eq!(jira.calls().total, 1);
    assert_eq!(health(&ana).await, "captcha");
}

#[tokio::test]
async fn a_slow_picture_is_not_taken_for_a_jira_that_is_away() {
    let jira = data_center().await;
    let gateway = Gateway::start().await;
    let ana = with_password(&gateway, &jira).await;
    let address = answer(&gateway, "ana", &jira.at("/browse/OPS")).await.preview.unwrap().icon_url.unwrap();
    jira.fault_at("projectavatar", Fault::Huge(1024 * 1024));
    let (picture, link) = tokio::join!(get(&address), async { ana.one(&jira.at("/browse/OPS-8")).await });
    assert_eq!((picture.status, &link["state"]), (404, &"ready".into()));
}

#[tokio::test]
async fn an_ended_token_is_renewed_for_a_picture() {
    for (which, renewals) in [(0, 1), (1, 1), (2, 0)] {
        let town = Town::start().await;
        let jira = [&town.acme, &town.plant, &town.old][which];
        let ana = town.api_of_ana(jira).await;
        let link = jira.at("/browse/OPS-7");
        let address = ana.one(&link).await["preview"]["icon_url"].as_str().unwrap().to_owned();
        let before = renewed(&town, jira);
        // The tokens of a Data Center live for two hours, as long as the address at most.
        town.advance(SignedDuration::from_secs(2 * 3600 - 20));
        let got = get(&address).await;
        assert_eq!((got.status, renewed(&town, jira) - before), (200, renewals), "{}", jira.url());
        let log = jira.log();
        let last = log.last().unwrap();
        assert_eq!(last.who.as_deref(), Some("ana"));
        // Jira told an address of the site, where the token of the API host is good for nothing.
        assert_eq!(last.asked.path.starts_with("/ex/jira/"), jira.personality().is_cloud(), "{}", last.asked.path);
        assert!(!address.contains(&jira.url()));
    }
}

fn renewed(town: &Town, jira: &FakeJira) -> usize {
    match jira.personality().is_cloud() {
        true => town.atlassian.counts().token.refreshes,
        false => jira.oauth2_counts().refreshes,
    }
}

#[tokio::test]
async fn no_token_and_no_name_stands_in_any_address_header_or_log() {
    let (log, _captured) = Log::capture();
    for jira in [cloud().await, data_center().await, jira(Personality::server().version("8.20.1").at("/a/b")).await] {
        jira.add_issue(Issue::new("HR-1", "Salaries 2027").assignee("ana"));
        let gateway = Gateway::start().await;
        connected(&gateway, &jira, "ana").await;
        let mut seen = Vec::new();
        for path in ["/browse/OPS-7", "/browse/HR", "/browse/HR-1"] {
            let card = answer(&gateway, "ana", &jira.at(path)).await;
            let ids = [FactId::Priority, FactId::Assignee, FactId::Reporter, FactId::Lead];
            let icon = card.preview.as_ref().and_then(|preview| preview.icon_url.clone());
            for address in ids.iter().filter_map(|id| of_fact(&card, id)).chain(icon) {
                let got = get(&address).await;
                assert_eq!(got.status, 200);
                let decoded: Vec<String> = address.rsplit('/').next().unwrap().split('.').map(decode).collect();
                seen.push(format!("{address} {decoded:?} {:?}", got.headers));
            }
        }
        assert!(seen.len() >= 5);
        // No shorter words: chance writes three letters into a pass now and then.
        let personal =
            ["Ana Costa", "Ben Okafor", "Salaries", "People matters", "avatar", "OPS-7", jira.url().as_str()]
                .map(str::to_owned);
        let secrets = ["ana-token", "ana-access", "YW5hQGFjbWUuZXhhbXBsZTphbmEtdG9rZW4="].map(str::to_owned);
        for text in &seen {
            for word in personal.iter().chain(&secrets) {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
        for logged in jira.log() {
            let line = format!("{}?{}", logged.asked.path, logged.asked.query);
            assert!(secrets.iter().all(|secret| !line.contains(secret)), "{line}");
        }
        assert!(asked_for(&jira) >= 3);
    }
    let text = log.text();
    for word in ["ana-token", "ana-access", "/picture/ey", "ownerId"] {
        assert!(!text.contains(word), "{word}");
    }
}

fn decode(part: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let sealed = serde_json::from_str::<Value>(&text).ok().and_then(|claims| Some(claims["sub"].as_str()?.to_owned()));
    match sealed {
        Some(sealed) => format!("{text} {}", decode(&sealed)),
        None => text,
    }
}
