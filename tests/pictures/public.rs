//! Atlassian's public hosts of avatars: asked without a credential, on the way out that the site has.

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::preview::FactId;
use tempfile::TempDir;

use super::{PRIVATE, answer, get, jira, of_fact};
use crate::world::gateway::Gateway;
use crate::world::jira::pictures::dot;
use crate::world::proxy::Tunnel;
use crate::world::tls::{Authority, Validity};
use crate::world::{FakeJira, Fault, Personality};

const SITE: &str = "https://jira.corp.test/jira";
const HOSTS: [&str; 3] = ["jira.corp.test", "secure.gravatar.com", "avatars.prod.public.atl-paas.net"];

/// A company's Jira behind its proxy. The proxy leads everything to one machine, which answers for the public hosts,
/// too: what it logs shows what they are sent.
struct Company {
    jira: FakeJira,
    tunnel: Tunnel,
    gateway: Gateway,
}

async fn company() -> Company {
    let ours = Authority::new();
    let config = ours.server(&HOSTS, Validity::Now, None);
    let jira = jira(Personality::data_center().at("/jira").base_url(SITE).tls(config)).await;
    let tunnel = Tunnel::start(&jira.url()).await;
    let folder = std::sync::Arc::new(TempDir::new().unwrap());
    let (ca, config) = (folder.path().join("ca.pem"), folder.path().join("gateway.toml"));
    std::fs::write(&ca, ours.pem()).unwrap();
    let proxy = format!("http://127.0.0.1:{}", tunnel.port());
    let toml = format!("[[site]]\nurl = '{SITE}'\nca_file = '{}'\nproxy = '{proxy}'\n", ca.display());
    std::fs::write(&config, toml).unwrap();
    let flags = [&PRIVATE[..], &["--config", config.to_str().unwrap()]].concat();
    let gateway = Gateway::at(folder, &flags, Clock::system()).await;
    gateway.api("ana").await.connect(SITE, "personal_access_token", "", "ana-access").await;
    Company { jira, tunnel, gateway }
}

impl Company {
    /// The address of Ana's picture, when Jira says that it lies there.
    async fn avatar(&self, told: &'static str) -> Option<String> {
        self.jira.fault_times(
            1,
            "/issue/OPS-7",
            Fault::edit(move |value| value["fields"]["assignee"]["avatarUrls"]["48x48"] = told.into()),
        );
        let id = self.gateway.inner.store.connection_ids().await.unwrap().remove(0);
        self.gateway.inner.unfurl.forget(&id);
        of_fact(&answer(&self.gateway, "ana", &format!("{SITE}/browse/OPS-7")).await, &FactId::Assignee)
    }

    /// What came for a host: path with query, and whether anything personal came along.
    fn sent_to(&self, host: &str) -> Vec<String> {
        let log = self.jira.log().into_iter().map(|logged| logged.asked);
        log.filter(|asked| asked.header("host") == Some(host))
            .map(|asked| {
                for name in ["authorization", "cookie", "referer"] {
                    assert_eq!(asked.header(name), None, "{name} for {host}");
                }
                format!("{}?{}", asked.path, asked.query)
            })
            .collect()
    }
}

#[tokio::test]
async fn a_public_avatar_is_fetched_without_a_credential() {
    let company = company().await;
    company.jira.fault_at("/avatar/0bc8", Fault::Body("image/png", dot("face")));
    company.jira.fault_at("/5b10/48", Fault::Body("image/jpeg", dot("other face")));
    let gravatar = "https://secure.gravatar.com/avatar/0bc8?d=https%3A%2F%2Fevil.example%2Fx.png&s=48";
    let address = company.avatar(gravatar).await.unwrap();
    assert!(get(&address).await.ends_with("face"));
    assert_eq!(company.sent_to("secure.gravatar.com"), ["/avatar/0bc8?s=48&d=404"]);
    let address = company.avatar("https://avatars.prod.public.atl-paas.net/5b10/48?token=x").await.unwrap();
    assert!(get(&address).await.ends_with("other face"));
    assert_eq!(company.sent_to("avatars.prod.public.atl-paas.net"), ["/5b10/48?"]);
    let asked = company.tunnel.asked();
    assert!(asked.contains(&"secure.gravatar.com:443".to_owned()), "the way out is the site's: {asked:?}");
}

#[tokio::test]
async fn a_redirect_to_a_public_host_is_followed_once_and_alone() {
    let company = company().await;
    let address = company.avatar("https://jira.corp.test/jira/secure/useravatar?ownerId=ana").await.unwrap();
    let to = "https://secure.gravatar.com/avatar/0bc8?s=48".to_owned();
    company.jira.fault_at("/secure/useravatar", Fault::Redirect(to));
    company.jira.fault_at("/avatar/0bc8", Fault::Body("image/png", dot("face")));
    assert!(get(&address).await.ends_with("face"));
    assert_eq!(company.sent_to("secure.gravatar.com"), ["/avatar/0bc8?s=48&d=404"]);
    // Not once more.
    company.jira.heal();
    company.jira.forget_calls();
    let to = "https://avatars.prod.public.atl-paas.net/5b10/48".to_owned();
    company.jira.fault_at("/avatar/77", Fault::Redirect(to));
    company.jira.fault_at("/5b10/48", Fault::Body("image/png", dot("face")));
    let address = company.avatar("https://secure.gravatar.com/avatar/77").await.unwrap();
    company.jira.fault_at("/avatar/77", Fault::Redirect("https://avatars.prod.public.atl-paas.net/5b10/48".to_owned()));
    assert_eq!(get(&address).await.status, 404);
    assert_eq!(company.sent_to("avatars.prod.public.atl-paas.net"), Vec::<String>::new());
}

#[tokio::test]
async fn a_picture_on_another_server_has_no_address_at_all() {
    let company = company().await;
    for told in [
        "https://evil.example/avatar/0bc8",
        "https://gravatar.com.evil.example/avatar/0bc8",
        "http://secure.gravatar.com/avatar/0bc8",
        "https://jira.corp.test/other/secure/useravatar?ownerId=ana",
        "https://jira.corp.test:8443/jira/secure/useravatar?ownerId=ana",
        "http://127.0.0.1/jira/secure/useravatar?ownerId=ana",
        "javascript:alert(1)",
    ] {
        assert_eq!(company.avatar(told).await, None, "{told}");
    }
    let names = company.tunnel.asked();
    assert!(names.iter().all(|name| name == "jira.corp.test:443"), "{names:?}");
}
