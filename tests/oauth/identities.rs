//! Who somebody is, is said by the address that answered over TLS, or by Atlassian; never by what a site claims about
//! itself (contract §5).

use std::sync::Arc;

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::http;
use tempfile::TempDir;

use super::seen::{count, problem, rows};
use super::town::CLIENT;
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;
use crate::world::jira::MORNING;
use crate::world::tls::{Authority, Validity};
use crate::world::{FakeAtlassian, FakeJira, Person, Personality};

/// People sign in here with Jira: at Atlassian, and at Jiras that speak TLS.
struct Company {
    gateway: Gateway,
    atlassian: FakeAtlassian,
    acme: FakeJira,
    /// A Data Center.
    safe: FakeJira,
    /// Another one, which says that it is `safe`, and has people with the same keys.
    impostor: FakeJira,
    /// It says that it is `acme`: the same cloud id, the same people.
    mask: FakeJira,
}

impl Company {
    async fn start() -> Self {
        let now = MORNING.parse().unwrap();
        let authority = Authority::new();
        let tls = |personality: Personality| personality.tls(authority.server(&["127.0.0.1"], Validity::Now, None));
        let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let atlassian = FakeAtlassian::start(now).await;
        atlassian.register(CLIENT.0, CLIENT.1, &[&format!("{own}/connect/callback/cloud")]);
        let acme = people(FakeJira::start(Personality::cloud()).await, None);
        atlassian.add_site(&acme);
        let safe = people(FakeJira::start(tls(Personality::data_center().at("/jira"))).await, None);
        let impostor = tls(Personality::data_center().at("/jira").base_url(&safe.url()));
        let impostor = people(FakeJira::start(impostor).await, Some(&safe));
        let mask = people(FakeJira::start(tls(Personality::cloud())).await, Some(&acme));
        let folder = Arc::new(TempDir::new().unwrap());
        let (config, ca) = (folder.path().join("gateway.toml"), folder.path().join("ca.pem"));
        std::fs::write(&ca, authority.pem()).unwrap();
        let mut file = format!(
            "sites = 'listed'\nsign_in = 'jira'\nprivate_sites = '127.0.0.0/8'\natlassian_auth_url = '{}'\n\
             atlassian_api_url = '{}'\njira_client_id = '{}'\njira_client_secret = \"{}\"\n\
             [[site]]\nurl = '{}'\nname = 'acme'\n",
            atlassian.auth_url(),
            atlassian.api_url(),
            CLIENT.0,
            CLIENT.1,
            acme.url(),
        );
        for (name, jira) in [("safe", &safe), ("impostor", &impostor), ("mask", &mask)] {
            let site = format!("[[site]]\nurl = '{}'\nname = '{name}'\nca_file = '{}'\n", jira.url(), ca.display());
            file.push_str(&site);
        }
        std::fs::write(&config, file).unwrap();
        let flags = ["--config", config.to_str().unwrap()];
        let gateway = Gateway::on(listener, folder.clone(), &flags, Clock::manual(now)).await;
        Self { gateway, atlassian, acme, safe, impostor, mask }
    }

    /// Types a secret into the window.
    async fn typed(&self, browser: &mut Visitor, jira: &FakeJira, who: &str, secret: &str) -> Page {
        let window = browser.get("/connect?return_to=%2Fconnections").await;
        let (site, mail) = (jira.url(), format!("{who}@acme.example"));
        let (version, method, name) = match jira.personality().is_cloud() {
            true => ("cloud", "api_token", mail.as_str()),
            false => ("data_center", "personal_access_token", ""),
        };
        let fields =
            [("site", site.as_str()), ("version", version), ("method", method), ("username", name), ("secret", secret)];
        let page = browser.submit(&window, "/connect", &fields).await;
        if page.status == 303 { browser.open(page.location()).await } else { page }
    }

    async fn signed_in(&self, jira: &FakeJira, who: &str) -> Visitor {
        let mut browser = Visitor::new(&self.gateway);
        let page = self.typed(&mut browser, jira, who, &format!("{who}-secret")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        browser
    }

    async fn accounts(&self) -> i64 {
        count(&self.gateway, "accounts").await
    }
}

/// Ana and Ben, with the ids that they have elsewhere.
fn people(jira: FakeJira, of: Option<&FakeJira>) -> FakeJira {
    for (name, shown) in [("ana", "Ana Costa"), ("ben", "Ben Okafor")] {
        let secret = format!("{name}-secret");
        let mut person = Person::new(name, shown).api_token(&secret).access_token(&secret);
        if let Some(other) = of.map(|other| other.person(name)) {
            (person.key, person.account_id) = (other.key, other.account_id);
        }
        jira.add_person(person);
    }
    jira
}

#[tokio::test]
async fn a_typed_secret_signs_in_where_tls_says_who_answers() {
    let company = Company::start().await;
    let mut nobody = Visitor::new(&company.gateway);
    let page = company.typed(&mut nobody, &company.safe, "ana", "wrong").await;
    assert_eq!(problem(&page), (422, "Jira did not accept this sign-in".to_owned()));
    assert_eq!((nobody.cookies.contains_key("session"), company.accounts().await), (false, 0));
    let mut ana = company.signed_in(&company.safe, "ana").await;
    let mut at_home = company.signed_in(&company.safe, "ana").await;
    assert_eq!((rows(&mut ana).await, company.accounts().await), (rows(&mut at_home).await, 1));
    let mut ben = company.signed_in(&company.safe, "ben").await;
    assert_eq!((rows(&mut ben).await[0]["label"].as_str(), company.accounts().await), (Some("ben"), 2));
    // Ana types Ben's secret, by accident or not.
    let page = company.typed(&mut ana, &company.safe, "ben", "ben-secret").await;
    assert_eq!(problem(&page), (409, "This Jira user belongs to another account here".to_owned()));
    assert_eq!((rows(&mut ana).await.len(), rows(&mut ben).await.len()), (1, 1));
}

#[tokio::test]
async fn what_a_site_claims_about_itself_identifies_nobody() {
    let company = Company::start().await;
    let mut ana = company.signed_in(&company.safe, "ana").await;
    let mut pretended = company.signed_in(&company.impostor, "ana").await;
    assert_eq!(company.safe.person("ana").key, company.impostor.person("ana").key);
    assert_eq!(company.accounts().await, 2, "the same key and the same baseUrl, at another address");
    assert_ne!(rows(&mut ana).await[0]["id"], rows(&mut pretended).await[0]["id"]);

    // Ana by Atlassian's own word, and by that of a site which claims to be hers.
    let mut by_consent = Visitor::new(&company.gateway);
    let window = by_consent.get("/connect").await;
    let fields = [("site", company.acme.url()), ("method", "oauth".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let away = by_consent.submit(&window, "/connect", &fields).await;
    let back = company.atlassian.consent(away.location(), "ana@acme.example", &[]);
    assert_eq!(by_consent.open(&back).await.status, 200);
    assert_eq!(company.accounts().await, 3);
    let mut masked = company.signed_in(&company.mask, "ana").await;
    assert_eq!(company.mask.person("ana").account_id, company.acme.person("ana").account_id);
    assert_eq!(company.accounts().await, 4, "the same cloudId and the same accountId, at another address");
    assert_ne!(rows(&mut by_consent).await[0]["id"], rows(&mut masked).await[0]["id"]);

    // Nor does the claim bring links along.
    let link = company.safe.at("/browse/OPS-7");
    let answer = pretended.get(&format!("/api/v1/resolve?url={link}")).await.reply.json();
    assert_eq!(answer["state"], "connect", "{answer}");
}
