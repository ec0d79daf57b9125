//! `check URL`: fit for a ticket, so it holds no secret, no title and nothing of a query (contract §1).

use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{Done, complaint, plant, run};
use crate::outbound::server::Server;
use crate::world::jira::SingleSignOn;
use crate::world::tls::{Authority, Validity};
use crate::world::{FakeJira, Personality, proxy};

/// What none of the outputs may hold.
const SECRETS: [&str; 4] = ["hunter2", "Safari", "Plant", "canary"];

/// Checks with these flags before the URL; the site's port is written as PORT.
fn check(flags: &[&str], url: &str) -> Done {
    let folder = TempDir::new().unwrap();
    let mut done = run(folder.path(), &[flags, &["check", url]].concat());
    for secret in SECRETS {
        assert!(!done.out.contains(secret) && !done.err.contains(secret), "{}{}", done.out, done.err);
    }
    let port = url.split(':').nth(2).and_then(|rest| rest.split(['/', '?']).next());
    if let Some(port) = port {
        done.out = done.out.replace(port, "PORT");
        done.err = done.err.replace(port, "PORT");
    }
    assert!(!folder.path().join("data").exists(), "nothing is kept");
    done
}

const PRIVATE: [&str; 2] = ["--private-sites", "127.0.0.0/8"];

#[tokio::test(flavor = "multi_thread")]
async fn a_link_below_a_context_path_is_understood() {
    let jira = plant().await;
    let done = check(&PRIVATE, &jira.at("/browse/OPS-7?token=hunter2#canary"));
    let expected = "kind: issue\nsite: http://127.0.0.1:PORT/jira\nreachable: yes\ndeployment: data_center\n\
        version: 10.3.19\nsign-in methods: personal_access_token, password\n";
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (0, expected, ""));
    assert!(jira.log().iter().all(|request| request.asked.header("authorization").is_none()), "anonymous");

    // The bare address, and one that is no page of Jira's: its path is not shown.
    for path in ["", "/canary/page"] {
        let done = check(&PRIVATE, &format!("{}{path}", jira.url()));
        assert!(done.out.contains("/jira\n") && done.out.contains("version: 10.3.19"), "{}{}", done.out, done.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_link_is_asked_at_the_clouds_own_address() {
    let authority = Authority::new();
    let tls = authority.server(&["acme.atlassian.net"], Validity::Now, None);
    let jira = FakeJira::start(Personality::cloud().base_url("https://acme.atlassian.net").tls(tls)).await;
    let proxy = proxy::Tunnel::start(&jira.url()).await;
    let folder = TempDir::new().unwrap();
    let (ca, config) = (folder.path().join("ca.pem"), folder.path().join("gateway.toml"));
    std::fs::write(&ca, authority.pem()).unwrap();
    let table = format!(
        "[[site]]\nurl = \"https://acme.atlassian.net\"\nca_file = {ca:?}\nproxy = \"http://127.0.0.1:{}\"\n",
        proxy.port()
    );
    std::fs::write(&config, table).unwrap();
    let flags = ["--config", config.to_str().unwrap()];
    let done =
        check(&flags, "http://acme.atlassian.net/jira/software/projects/OPS/boards/3?selectedIssue=OPS-7&x=canary");
    let expected = "kind: issue\nsite: https://acme.atlassian.net\nreachable: yes\ndeployment: cloud\n\
        version: 1001.0.0-SNAPSHOT\nsign-in methods: api_token\n";
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (0, expected, ""));
    assert_eq!(proxy.asked(), ["acme.atlassian.net:443"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_why_there_is_no_way_has_its_own_words() {
    // It serves one request per connection and says so: else a second one could meet the end of the first's connection.
    const SHOP: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
    let shop = Server::answering(SHOP).await;
    let sign_in = FakeJira::start(Personality::data_center().single_sign_on(SingleSignOn::Page)).await;
    let elsewhere = SingleSignOn::Redirect("https://id.example/authorize?canary".into());
    let redirect = FakeJira::start(Personality::data_center().single_sign_on(elsewhere)).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let ours = Authority::new().server(&["127.0.0.1"], Validity::Now, None);
    let untrusted = FakeJira::start(Personality::data_center().tls(ours)).await;
    let jira = plant().await;
    let own = PRIVATE.as_slice();
    let listed = ["--private-sites", "127.0.0.0/8", "--sites", "listed"];
    let table = [
        (own, shop.url("127.0.0.1"), "There is no Jira at this address."),
        (own, sign_in.at("/browse/OPS-7"), "A sign-in page of your company stands in front"),
        (own, redirect.at("/browse/OPS-7"), "A sign-in page of your company stands in front"),
        (own, format!("{closed}/browse/OPS-7"), "The gateway cannot reach this address."),
        (own, untrusted.at("/browse/OPS-7"), "The secure connection cannot be trusted"),
        (&[], jira.at("/browse/OPS-7"), "This address lies in a private network"),
        (&[], "http://169.254.169.254/browse/OPS-7".into(), "This address lies in a private network"),
        (&listed, jira.at("/browse/OPS-7"), "Only the Jira sites that your administrator has listed"),
    ];
    for (flags, url, words) in table {
        let done = check(flags, &url);
        assert!(complaint(&done, 1).starts_with(words), "{url}: {}", done.err);
        assert!(done.out.contains("site: ") && done.out.contains("reachable: no"), "{}", done.out);
    }
    assert_eq!(jira.calls().total, 0, "what may not be reached is not reached");
}

#[test]
fn what_is_no_link_is_said() {
    for text in ["not a url", "", "ftp://jira.example/hunter2", "https://ana:hunter2@127.0.0.1/canary"] {
        let done = check(&[], text);
        assert_eq!(done.out, "kind: none\n");
        assert!(!complaint(&done, 1).is_empty());
    }
    // A key belongs nowhere as long as no site is the default.
    let words = "this is not a web address; it should look like https://jira.example.com";
    assert_eq!(complaint(&check(&[], "OPS 7"), 1), words);
    let done = check(&[], "https://ana:hunter2@127.0.0.1/browse/OPS-7");
    assert!(done.out.starts_with("kind: issue\nsite: https://127.0.0.1\n"), "{}", done.out);
}

#[test]
fn check_needs_no_settings_for_serving() {
    let done = check(&["--listen", "0.0.0.0:80"], "http://127.0.0.1:1/browse/OPS-7");
    assert!(complaint(&done, 1).contains("private network"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_are_asked_for_consent_the_callback_url_is_ready_to_copy() {
    let jiras = [plant().await, plant().await, plant().await];
    let cloud = FakeJira::start(Personality::cloud()).await;
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("gateway.toml");
    let secret = "client_id = 'us', client_secret = 'hunter2'";
    let tables = [
        format!("oauth2 = {{ {secret} }}"),
        "oauth1 = { consumer_key = 'us', private_key_file = 'canary.pem' }".to_owned(),
        String::new(),
    ];
    let tables = jiras
        .iter()
        .zip(tables)
        .zip(["two", "one", "none"])
        .map(|((jira, table), name)| format!("[[site]]\nurl = '{}'\nname = '{name}'\n{table}\n", jira.url()));
    let app = "jira_client_id = 'us'\njira_client_secret = 'hunter2'\nprivate_sites = '127.0.0.0/8'\n";
    std::fs::write(&config, format!("{app}{}", tables.collect::<String>())).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let public = ["--public-url", "https://gateway.example"];
    let consent = |flags: &[&str], url: &str| {
        let done = check(&[&config, flags].concat(), url);
        done.out.lines().find_map(|line| line.strip_prefix("oauth: ")).map(str::to_owned)
    };
    let at = |kind: &str, at: &str, end: &str| {
        Some(format!("{kind}, callback URL to register at {at}: https://gateway.example/connect/callback/{end}"))
    };
    let own = "http://127.0.0.1:PORT/jira";
    assert_eq!(consent(&public, &jiras[0].at("/browse/OPS-7")), at("OAuth 2.0", own, "data-center"));
    assert_eq!(consent(&public, &jiras[1].at("/browse/OPS-7")), at("OAuth 1.0a", own, "server"));
    assert_eq!(consent(&public, &jiras[2].at("/browse/OPS-7")), None);
    let console = "https://developer.atlassian.com/console/myapps";
    assert_eq!(consent(&public, &cloud.at("/browse/OPS-7")), at("OAuth 2.0 (3LO)", console, "cloud"));
    // Without a public URL it is that of the listener, unless nobody knows it yet.
    let line = consent(&["--listen", "127.0.0.1:8099"], &jiras[0].url()).unwrap();
    assert!(line.ends_with(": http://127.0.0.1:8099/connect/callback/data-center"), "{line}");
    for listen in ["127.0.0.1:0", "0.0.0.0:8099"] {
        let line = consent(&["--listen", listen], &jiras[0].url()).unwrap();
        assert_eq!(line, "OAuth 2.0, its callback URL needs GATEWAY_PUBLIC_URL to be set");
    }
    // Who sets it up may not have reached Jira yet.
    jiras[0].fault(crate::world::Fault::status(404));
    let done = check(&[&config[..], &public].concat(), &jiras[0].url());
    assert!(done.status == 1 && done.out.contains("reachable: no\noauth: OAuth 2.0, callback URL"), "{}", done.out);
}
