//! Codes, states, verifiers, tokens, keys: none of them stands in a log, a page, a header, a figure or the database.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use super::seen::{parameter, with};
use super::town::{CLIENT, Town};
use crate::pages::leaks::Log;
use crate::pages::visitor::{Page, Visitor};
use crate::world::atlassian::TOKEN_ENDPOINT;
use crate::world::gateway::{client, reply};
use crate::world::jira::{Asked, Fault};
use crate::world::oauth::rsa_key;

/// What providers were shown that nobody else may see.
fn secrets(asked: &Asked) -> Vec<String> {
    let form = ["code", "code_verifier", "refresh_token", "client_secret"].map(|name| asked.field(name));
    let header = asked.header("authorization").unwrap_or_default();
    let bearer = header.strip_prefix("Bearer ").map(str::to_owned);
    let signed = header.strip_prefix("OAuth ").into_iter().flat_map(|it| it.split(", "));
    let of_link = ["oauth_token=", "oauth_verifier=", "oauth_signature="];
    let signed = signed.filter(|pair| of_link.iter().any(|name| pair.starts_with(name)));
    let signed = signed.filter_map(|pair| Some(pair.split_once('=')?.1.trim_matches('"').to_owned()));
    form.into_iter().chain(bearer).chain(signed).filter(|it| !it.is_empty()).collect()
}

#[tokio::test]
async fn no_secret_of_any_flow_comes_out_anywhere() {
    let (log, _captured) = Log::capture();
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let (mut canaries, mut seen) = (BTreeSet::new(), Vec::<(String, Page)>::new());
    let away = async |ana: &mut Visitor, site: &str, canaries: &mut BTreeSet<String>| {
        town.advance(SignedDuration::from_mins(3));
        let away = town.leave(ana, site, "/connections").await;
        for name in ["state", "oauth_token"].iter().filter(|name| away.contains(&format!("{name}="))) {
            canaries.insert(parameter(&away, name));
        }
        away
    };
    // Every way to the end, and every way not to get there.
    for jira in [&town.acme, &town.plant, &town.old] {
        let to = away(&mut ana, &jira.url(), &mut canaries).await;
        let back = town.consent(jira, &to);
        for name in ["state", "code", "oauth_verifier"].iter().filter(|name| back.contains(&format!("{name}="))) {
            canaries.insert(parameter(&back, name));
        }
        for path in [back.as_str(), back.as_str()] {
            seen.push(("back".to_owned(), ana.get(path.strip_prefix(&town.gateway.url).unwrap()).await));
        }
        let to = away(&mut ana, &jira.url(), &mut canaries).await;
        let back = with(&town.consent(jira, &to), "code", "canary-code-not-good");
        let back = with(&back, "oauth_verifier", "canary-verifier");
        seen.push(("not taken".to_owned(), ana.open(&back).await));
        let to = away(&mut ana, &jira.url(), &mut canaries).await;
        let back = with(&town.consent(jira, &to), "error", "canary-error-code");
        let back = with(&back, "error_description", "canary-description");
        seen.push(("error".to_owned(), ana.open(&back).await));
    }
    canaries
        .extend(["canary-code-not-good", "canary-verifier", "canary-description", "canary-token"].map(str::to_owned));
    // Answers of a token endpoint that make no sense.
    let broken =
        Fault::edit(|value| *value = json!({"access_token": ["canary-token"], "refresh_token": "canary-token"}));
    let refused = json!({"error": "canary-token", "error_description": "canary-token"});
    let refused = Fault::edit(move |value| *value = refused.clone());
    for fault in [broken, refused, Fault::MalformedJson, Fault::Truncated, Fault::status(502)] {
        town.atlassian.heal();
        town.atlassian.fault_at(TOKEN_ENDPOINT, fault);
        let to = away(&mut ana, &town.acme.url(), &mut canaries).await;
        let back = town.consent(&town.acme, &to);
        canaries.insert(parameter(&back, "code"));
        seen.push(("broken".to_owned(), ana.open(&back).await));
        town.advance(SignedDuration::from_mins(61));
        for jira in [&town.acme, &town.plant, &town.old] {
            let link = jira.at("/browse/HR-1");
            for path in [format!("/why?url={link}"), format!("/api/v1/resolve?url={link}"), format!("/?url={link}")] {
                seen.push((path.clone(), ana.get(&path).await));
            }
        }
    }
    town.atlassian.heal();
    town.advance(SignedDuration::from_mins(61));
    town.plant.revoke_oauth2("ana");
    town.old.revoke_oauth1("ana");
    for jira in [&town.acme, &town.plant, &town.old] {
        ana.get(&format!("/?url={}", jira.at("/browse/HR-1"))).await;
    }
    for path in ["/connections", "/connect", "/account", "/api/v1/connections", "/nowhere"] {
        seen.push((path.to_owned(), ana.get(path).await));
    }
    let metrics = reply(client().get(format!("{}/metrics", town.gateway.url))).await;
    assert_eq!(metrics.status, 200);

    canaries.extend(town.atlassian.seen().iter().flat_map(|it| secrets(&it.asked)));
    for jira in [&town.plant, &town.old] {
        canaries.extend(jira.log().iter().flat_map(|it| secrets(&it.asked)));
    }
    canaries.extend([CLIENT.1.to_owned(), CLIENT.1.replace(' ', "+"), ana.cookies["session"].clone()]);
    canaries.extend(rsa_key::PRIVATE_KEY.lines().filter(|line| line.len() > 40).map(str::to_owned));
    // A short word would be found by chance.
    canaries.retain(|it| it.len() > 8);
    assert!(canaries.len() >= 60, "{}", canaries.len());
    for (what, page) in &seen {
        let text = format!("{:?}\n{}", page.reply.headers, page.text);
        let found = canaries.iter().find(|canary| text.contains(canary.as_str()));
        assert!(found.is_none(), "{found:?} in {what}: {text}");
    }
    let folder = town.gateway.folder.clone();
    town.gateway.stop().await;
    let log = log.text();
    for line in ["connected a Jira by consent", "renewed an access token", "refuses to ask people for consent"] {
        assert!(log.contains(line), "the log is captured: {line}");
    }
    for canary in canaries.iter().map(String::as_str).chain(["acme.example", "Salaries", "canary"]) {
        let line = log.lines().find(|line| line.contains(canary));
        assert!(line.is_none() && !metrics.text.contains(canary), "{canary} in {line:?}");
    }
    let mut files = 0;
    for file in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let found = canaries.iter().find(|canary| text.contains(canary.as_str()));
        assert!(found.is_none(), "{found:?} in the database");
        files += 1;
    }
    assert!(files > 0);
}
