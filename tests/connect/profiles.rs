//! `[[site]]`: authorities, client certificates, proxies, names and aliases of single sites (contract §2).

use jira_notion_gateway::clock::Clock;
use serde_json::json;
use tempfile::TempDir;

use super::{code, filled, gateway, gateway_with, pat, rows, title};
use crate::world::Personality;
use crate::world::gateway::Gateway;
use crate::world::proxy::Tunnel;
use crate::world::tls::{Authority, Validity};

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

const PRIVATE: [&str; 2] = ["--private-sites", "127.0.0.0/8, localhost"];

#[tokio::test]
async fn an_authority_is_believed_for_its_own_site_alone() {
    let ours = Authority::new();
    let secure = || Personality::data_center().tls(ours.server(&["127.0.0.1"], Validity::Now, None));
    let (one, two) = (filled(secure().at("/jira")).await, filled(secure()).await);
    let folder = TempDir::new().unwrap();
    write(&folder, "ca.pem", ours.pem());
    let toml = format!("[[site]]\nurl = \"{}\"\nca_file = \"ca.pem\"", one.url());
    let gateway = gateway_with(folder, &toml, &PRIVATE, Clock::system()).await;
    let api = gateway.api("ana").await;
    assert_eq!(pat(&api, &one.at("/browse/OPS-7")).await.status, 201);
    assert_eq!(title(&api, &one.at("/browse/OPS-7")).await, "Login fails on Safari");
    let refused = pat(&api, &two.url()).await;
    assert_eq!(code(&refused), "untrusted_certificate");
    assert_eq!(two.calls().total, 0);
    // And an old certificate of the right authority is still an old one.
    let expired = ours.server(&["127.0.0.1"], Validity::Expired, None);
    let late = filled(Personality::data_center().tls(expired)).await;
    let folder = TempDir::new().unwrap();
    write(&folder, "ca.pem", ours.pem());
    let toml = format!("[[site]]\nurl = \"{}\"\nca_file = \"ca.pem\"", late.url());
    let gateway = gateway_with(folder, &toml, &PRIVATE, Clock::system()).await;
    let refused = pat(&gateway.api("ana").await, &late.url()).await;
    assert_eq!(code(&refused), "untrusted_certificate");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("has expired") && !detail.contains("authority"), "{detail}");
}

#[tokio::test]
async fn a_client_certificate_opens_the_site_that_wants_one() {
    let (ours, clients) = (Authority::new(), Authority::new());
    let config = ours.server(&["127.0.0.1"], Validity::Now, Some(&clients));
    let jira = filled(Personality::data_center().tls(config)).await;
    let start = async |keys: &str| {
        let folder = TempDir::new().unwrap();
        let pair = clients.client();
        for (name, text) in [("ca.pem", ours.pem()), ("own.pem", &pair.certificate), ("own.key", &pair.key)] {
            write(&folder, name, text);
        }
        let toml = format!("[[site]]\nurl = \"{}\"\nca_file = \"ca.pem\"\n{keys}", jira.url());
        gateway_with(folder, &toml, &PRIVATE, Clock::system()).await
    };
    let gateway = start("client_cert_file = \"own.pem\"\nclient_key_file = \"own.key\"").await;
    let api = gateway.api("ana").await;
    assert_eq!(pat(&api, &jira.url()).await.status, 201);
    assert_eq!(title(&api, &jira.at("/browse/OPS-7")).await, "Login fails on Safari");
    let without = start("").await;
    let refused = pat(&without.api("ana").await, &jira.url()).await;
    assert_eq!(code(&refused), "untrusted_certificate");
    assert!(refused.json()["detail"].as_str().unwrap().contains("client certificate"), "{}", refused.text);
}

#[tokio::test]
async fn a_site_is_reached_through_its_proxy() {
    let ours = Authority::new();
    let config = ours.server(&["jira.corp.test"], Validity::Now, None);
    let address = "https://jira.corp.test/jira";
    let jira = filled(Personality::data_center().at("/jira").base_url(address).tls(config)).await;
    let tunnel = Tunnel::start(&jira.url()).await;
    let folder = TempDir::new().unwrap();
    write(&folder, "ca.pem", ours.pem());
    let toml = format!(
        "[[site]]\nurl = \"{address}\"\nname = \"corp\"\nca_file = \"ca.pem\"\nproxy = \"http://127.0.0.1:{}\"",
        tunnel.port()
    );
    // The name leads nowhere from here, and no private site is allowed: only the proxy knows the way.
    let gateway = gateway_with(folder, &toml, &[], Clock::system()).await;
    let api = gateway.api("ana").await;
    let reply = pat(&api, &format!("{address}/browse/OPS-7")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let answer = api.one(&format!("{address}/browse/OPS-7")).await;
    assert_eq!(
        (&answer["preview"]["title"], &answer["site"]["name"]),
        (&json!("Login fails on Safari"), &json!("corp"))
    );
    assert_eq!(tunnel.asked(), ["jira.corp.test:443"]);
    drop(tunnel);
    tokio::task::yield_now().await;
    let away = api.one(&format!("{address}/browse/OPS-8")).await;
    assert_eq!((&away["state"], &away["reason"]["code"]), (&json!("unreachable"), &json!("unreachable")));
}

#[tokio::test]
async fn a_site_has_its_name_and_its_aliases_are_the_same_site() {
    let jira = filled(Personality::data_center().at("/jira")).await;
    let alias = jira.url().replace("127.0.0.1", "localhost");
    let toml = format!("[[site]]\nurl = \"{}\"\nname = \"The plant\"\naliases = [\"{alias}\"]", jira.url());
    let gateway = gateway(&toml, &["--sites", "listed"]).await;
    let api = gateway.api("ana").await;
    // Typed deep below the alias, found to be the listed site.
    let reply = pat(&api, &format!("{alias}/browse/OPS-7")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let row = rows(&api).await.remove(0);
    assert_eq!((&row["site"]["url"], &row["site"]["name"]), (&json!(jira.url()), &json!("The plant")));
    assert_eq!(pat(&api, &jira.url()).await.status, 200, "the same connection by its own address");
    for base in [&alias, &jira.url()] {
        let answer = api.one(&format!("{base}/browse/OPS-7")).await;
        assert_eq!((&answer["state"], &answer["site"]), (&json!("ready"), &row["site"]));
        assert_eq!(answer["canonical_url"], jira.at("/browse/OPS-7"));
    }
    let metrics = api.get("/metrics").await.text;
    assert!(metrics.contains("site=\"The plant\"") && !metrics.contains("127.0.0.1"), "{metrics}");
}

#[tokio::test]
async fn a_bare_key_belongs_to_the_default_site() {
    let jira = filled(Personality::data_center().at("/jira")).await;
    let toml = format!("[[site]]\nurl = \"{}\"\ndefault = true", jira.url());
    let gateway = gateway(&toml, &[]).await;
    let api = gateway.api("ana").await;
    assert_eq!(api.one("OPS-7").await["state"], "connect");
    pat(&api, &jira.url()).await;
    let answer = api.one("OPS-7").await;
    assert_eq!((&answer["state"], &answer["canonical_url"]), (&json!("ready"), &json!(jira.at("/browse/OPS-7"))));
    let other = Gateway::start().await;
    assert_eq!(other.api("ana").await.one("OPS-7").await["kind"], "none");
}
