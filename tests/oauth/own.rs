//! A company's own Jira as a provider: OAuth 2.0 of Data Center, and application links of OAuth 1.0a
//! (jira-auth-and-rest §4.3, §4.4).

use jiff::SignedDuration;
use serde_json::Value;

use super::seen::{parameter, problem, rows, with};
use super::town::{CLIENT, Town, jira};
use crate::pages::visitor::Visitor;
use crate::world::gateway::Api;
use crate::world::oauth::rsa_key;
use crate::world::{Issue, Personality};

async fn said(api: &Api, link: &str) -> (String, String) {
    let answer = api.one(link).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["state"]), text(&answer["reason"]["code"]))
}

fn pair(state: &str, code: &str) -> (String, String) {
    (state.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_data_center_below_a_path_is_connected_and_stays_so() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let away = town.leave(&mut ana, &town.plant.url(), "/").await;
    assert!(away.starts_with(&town.plant.at("/rest/oauth2/latest/authorize?")), "{away}");
    let asked = ["scope", "code_challenge_method", "response_type"].map(|name| parameter(&away, name));
    assert_eq!(asked, ["READ", "S256", "code"]);
    let callback = format!("{}/connect/callback/data-center", town.gateway.url);
    assert_eq!(parameter(&away, "redirect_uri"), callback);
    assert!(!away.contains("audience=") && !away.contains("prompt="), "those are Cloud's");
    assert_eq!(ana.open(&town.consent(&town.plant, &away)).await.status, 200);
    let rows = rows(&mut ana).await;
    assert_eq!((rows.len(), &rows[0]["method"], &rows[0]["label"]), (1, &"oauth2".into(), &"ana".into()));
    assert_eq!((&rows[0]["site"]["url"], rows[0]["grant"].is_string()), (&town.plant.url().into(), true));
    let api = town.gateway.api("local").await;
    for renewals in 0..4 {
        assert_eq!(said(&api, &town.plant.at("/browse/HR-1")).await.0, "ready", "after {renewals}");
        assert_eq!(town.plant.oauth2_counts().refreshes, renewals);
        town.advance(SignedDuration::from_mins(121));
    }
    assert_eq!(town.plant.oauth2_counts().refused_refreshes, 0);
    town.plant.revoke_oauth2("ana");
    assert_eq!(said(&api, &town.plant.at("/browse/HR-1")).await, pair("reconnect", "reconnect"));
}

#[tokio::test]
async fn a_code_of_a_data_center_is_good_for_ten_seconds() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for (seconds, good) in [(9, true), (11, false)] {
        let away = town.leave(&mut ana, &town.plant.url(), "/connections").await;
        let back = town.consent(&town.plant, &away);
        town.advance(SignedDuration::from_secs(seconds));
        let page = ana.open(&back).await;
        assert_eq!(page.status == 200, good, "{seconds}: {}", page.text);
    }
    // "Deny", and a code that somebody else shows first.
    let away = town.leave(&mut ana, &town.plant.url(), "/").await;
    let page = ana.open(&town.plant.deny_oauth2(&away)).await;
    assert_eq!(problem(&page), (422, "You did not let the gateway in".to_owned()));
    assert_eq!((town.plant.oauth2_counts().exchanges, rows(&mut ana).await.len()), (1, 1));
}

#[tokio::test]
async fn a_data_center_that_knows_another_secret_is_the_operators_matter() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.plant, "/").await;
    let api = town.gateway.api("local").await;
    let callback = format!("{}/connect/callback/data-center", town.gateway.url);
    town.plant.register_oauth2(CLIENT.0, "another", &callback);
    town.advance(SignedDuration::from_mins(121));
    let link = town.plant.at("/browse/OPS-7");
    assert_eq!(said(&api, &link).await, pair("error", "operator_configuration"));
    assert_eq!(rows(&mut ana).await[0]["health"], "ok");
    town.plant.register_oauth2(CLIENT.0, CLIENT.1, &callback);
    town.advance(SignedDuration::from_mins(2));
    assert_eq!(said(&api, &link).await.0, "ready");
}

#[tokio::test]
async fn an_application_link_signs_every_call() {
    let town = Town::start().await;
    town.old.add_issues((20..32).map(|n| Issue::new(&format!("OPS-{n}"), &format!("Number {n} & more"))));
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.old, "/").await;
    let connected = rows(&mut ana).await;
    assert_eq!((&connected[0]["method"], &connected[0]["label"]), (&"oauth1".into(), &"ana".into()));
    assert!(connected[0]["grant"].is_string() && connected[0]["expires_at"].is_string(), "{connected:?}");
    let api = town.gateway.api("local").await;
    // One, with a query; and many at once, by a search with a body.
    assert_eq!(said(&api, &town.old.at("/browse/HR-1")).await.0, "ready");
    let links: Vec<String> = (20..32).map(|n| town.old.at(&format!("/browse/OPS-{n}"))).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    for (answer, n) in api.resolve(&links).await.iter().zip(20..) {
        assert_eq!(answer["preview"]["title"], format!("Number {n} & more"), "{answer}");
    }
    let log = town.old.log();
    let signed: Vec<_> = log.iter().filter(|it| it.asked.header("authorization").is_some()).collect();
    assert!(
        signed.iter().all(|it| it.status == 200 && it.asked.header("authorization").unwrap().starts_with("OAuth "))
    );
    assert!(signed.iter().any(|it| it.asked.method == "POST" && it.asked.path.ends_with("/search")), "a signed body");
    assert!(signed.iter().any(|it| it.asked.method == "GET" && it.asked.query.contains('=')), "a signed query");
    let nonces: std::collections::HashSet<_> = signed.iter().map(|it| it.asked.header("authorization")).collect();
    assert_eq!(nonces.len(), signed.len(), "no signature is used twice");

    town.old.revoke_oauth1("ana");
    town.advance(SignedDuration::from_mins(5));
    assert_eq!(said(&api, &town.old.at("/browse/OPS-7")).await, pair("reconnect", "reconnect"));
    let asked = town.old.calls().total;
    assert_eq!(said(&api, &town.old.at("/browse/OPS-8")).await.0, "reconnect");
    assert_eq!(town.old.calls().total, asked, "not asked again until its person acts");
    town.connect(&mut ana, &town.old, "/").await;
    assert_eq!(said(&api, &town.old.at("/browse/OPS-7")).await.0, "ready");
    assert_eq!(rows(&mut ana).await[0]["id"], connected[0]["id"]);
}

#[tokio::test]
async fn what_an_application_link_refuses_is_told_apart() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let refused = (422, "Jira does not accept this gateway".to_owned());
    // "Deny", and a verifier that is not hers.
    let away = town.leave(&mut ana, &town.old.url(), "/why?url=x").await;
    let page = ana.open(&town.old.deny_oauth1(&away)).await;
    assert_eq!(problem(&page), (422, "You did not let the gateway in".to_owned()));
    assert_eq!((page.value("site"), page.value("return_to")), (town.old.url(), "/why?url=x".to_owned()));
    let away = town.leave(&mut ana, &town.old.url(), "/").await;
    let back = town.consent(&town.old, &away);
    let page = ana.open(&with(&back, "oauth_verifier", "123456")).await;
    assert_eq!(problem(&page), (422, "This sign-in is not good any more".to_owned()));

    // Clocks that are apart are nobody's consent; a key that the link does not know, neither.
    town.connect(&mut ana, &town.old, "/").await;
    let api = town.gateway.api("local").await;
    town.old.advance(SignedDuration::from_mins(6));
    assert_eq!(said(&api, &town.old.at("/browse/OPS-7")).await, pair("error", "operator_configuration"));
    assert_eq!(problem(&town.ask(&mut ana, &town.old.url(), "/").await), refused);
    town.clock.advance(SignedDuration::from_mins(11));
    town.old.set_time(town.clock.now());
    assert_eq!(said(&api, &town.old.at("/browse/OPS-7")).await.0, "ready");
    town.old.register_oauth1("the-gateway", &other_public_key());
    assert_eq!(problem(&town.ask(&mut ana, &town.old.url(), "/").await), refused, "signature_invalid");
    assert_eq!(said(&api, &town.old.at("/browse/HR-1")).await, pair("error", "operator_configuration"));
    assert_eq!(rows(&mut ana).await[0]["health"], "ok");
}

/// The other half of a key that nobody here holds.
fn other_public_key() -> String {
    use rsa::pkcs8::{EncodePublicKey, LineEnding};
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
    key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap()
}

/// The file says OAuth, the Jira does not: the person is told, instead of being sent to a page that is not there.
#[tokio::test]
async fn a_jira_that_is_no_provider_is_not_led_to() {
    let early = jira(Personality::server().version("8.20.1")).await;
    let linked = jira(Personality::server().version("8.20.1").at("/jira")).await;
    let folder = std::sync::Arc::new(tempfile::TempDir::new().unwrap());
    let (config, key) = (folder.path().join("gateway.toml"), folder.path().join("key.pem"));
    std::fs::write(&key, rsa_key::PRIVATE_KEY).unwrap();
    let file = format!(
        "private_sites = '127.0.0.0/8'\n[[site]]\nurl = '{}'\nname = 'early'\noauth2 = {{ client_id = 'a', client_secret = 'b' \
         }}\n[[site]]\nurl = '{}'\nname = 'linked'\noauth1 = {{ consumer_key = 'nobody', private_key_file = '{}' }}\n",
        early.url(),
        linked.url(),
        key.display()
    );
    std::fs::write(&config, file).unwrap();
    let flags = ["--config", config.to_str().unwrap()];
    let clock = jira_notion_gateway::clock::Clock::manual(crate::world::jira::MORNING.parse().unwrap());
    let gateway = crate::world::gateway::Gateway::at(folder.clone(), &flags, clock).await;
    let mut ana = Visitor::new(&gateway);
    for (site, expected) in [
        (early.url(), "This Jira does not know this way to sign in"),
        // `consumer_key_unknown`
        (linked.url(), "Jira does not accept this gateway"),
    ] {
        let window = ana.get("/connect").await;
        let page =
            ana.submit(&window, "/connect", &[("site", &site), ("version", "server"), ("method", "oauth")]).await;
        assert_eq!(problem(&page), (422, expected.to_owned()), "{site}");
    }
    assert_eq!(linked.calls().of("POST /plugins/servlet/oauth/request-token"), 1, "{:?}", linked.calls());
}
