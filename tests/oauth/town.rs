//! One gateway, one Atlassian with two sites, a Data Center with OAuth 2.0 and an older Jira with an application link.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::http;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::MORNING;
use crate::world::oauth::rsa_key;
use crate::world::{FakeAtlassian, FakeJira, Issue, Person, Personality, Project};

pub struct Town {
    pub clock: Clock,
    pub atlassian: FakeAtlassian,
    pub acme: FakeJira,
    pub beta: FakeJira,
    pub plant: FakeJira,
    pub old: FakeJira,
    pub gateway: Gateway,
}

pub const CLIENT: (&str, &str) = ("the-client", "the client's secret");

impl Town {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With more flags for the gateway.
    pub async fn with(flags: &[&str]) -> Self {
        let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self::on(listener, flags).await
    }

    /// At another time than that Sunday morning.
    pub async fn at(now: Timestamp) -> Self {
        let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self::founded(listener, &[], now).await
    }

    async fn on(listener: TcpListener, flags: &[&str]) -> Self {
        Self::founded(listener, flags, MORNING.parse().unwrap()).await
    }

    async fn founded(listener: TcpListener, flags: &[&str], now: Timestamp) -> Self {
        let clock = Clock::manual(now);
        let own = format!("http://{}", listener.local_addr().unwrap());
        let atlassian = FakeAtlassian::start(now).await;
        atlassian.register(CLIENT.0, CLIENT.1, &[&format!("{own}/connect/callback/cloud")]);
        let acme = jira(Personality::cloud()).await;
        let beta = jira(Personality::cloud().cloud_id("7d1b2c3a-0000-4000-8000-1234567890ab").title("Beta")).await;
        atlassian.add_site(&acme);
        atlassian.add_site(&beta);
        let plant = jira(Personality::data_center().at("/jira")).await;
        plant.register_oauth2(CLIENT.0, CLIENT.1, &format!("{own}/connect/callback/data-center"));
        let old = jira(Personality::server().version("8.13.1")).await;
        old.register_oauth1("the-gateway", rsa_key::PUBLIC_KEY);
        let folder = Arc::new(TempDir::new().unwrap());
        let config = folder.path().join("gateway.toml");
        std::fs::write(folder.path().join("key.pem"), rsa_key::PRIVATE_KEY).unwrap();
        let file = format!(
            "private_sites = '127.0.0.0/8'\natlassian_auth_url = '{}'\natlassian_api_url = '{}'\n\
             jira_client_id = '{}'\njira_client_secret = \"{}\"\n\
             [[site]]\nurl = '{}'\nname = 'acme'\n\
             [[site]]\nurl = '{}'\nname = 'plant'\noauth2 = {{ client_id = '{}', client_secret = \"{}\" }}\n\
             [[site]]\nurl = '{}'\nname = 'old'\noauth1 = {{ consumer_key = 'the-gateway', private_key_file = '{}' }}\n",
            atlassian.auth_url(),
            atlassian.api_url(),
            CLIENT.0,
            CLIENT.1,
            acme.url(),
            plant.url(),
            CLIENT.0,
            CLIENT.1,
            old.url(),
            folder.path().join("key.pem").display(),
        );
        std::fs::write(&config, file).unwrap();
        let own = ["--config", config.to_str().unwrap()];
        let flags: Vec<&str> = own.iter().chain(flags).copied().collect();
        let gateway = Gateway::on(listener, folder.clone(), &flags, clock.clone()).await;
        Self { clock, atlassian, acme, beta, plant, old, gateway }
    }

    /// Time goes on everywhere.
    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.atlassian.advance(by);
        for jira in [&self.acme, &self.beta, &self.plant, &self.old] {
            jira.advance(by);
        }
    }

    /// Presses `Authenticate` with OAuth chosen; answers with the page of the provider that it leads to.
    pub async fn leave(&self, visitor: &mut Visitor, site: &str, return_to: &str) -> String {
        let page = self.ask(visitor, site, return_to).await;
        assert_eq!(page.status, 303, "{}", page.text);
        page.location().to_owned()
    }

    pub async fn ask(&self, visitor: &mut Visitor, site: &str, return_to: &str) -> Page {
        let query = [("site", site), ("return_to", return_to)];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let window = visitor.get(&format!("/connect?{query}")).await;
        visitor.submit(&window, "/connect", &[("method", "oauth")]).await
    }

    /// Ana connects her Jira, and is back at this path.
    pub async fn connect(&self, visitor: &mut Visitor, jira: &FakeJira, return_to: &str) -> Page {
        let away = self.leave(visitor, &jira.url(), return_to).await;
        let back = self.consent(jira, &away);
        visitor.open(&back).await
    }

    /// The API as Ana has it, her Jira of this kind connected.
    pub async fn api_of_ana(&self, jira: &FakeJira) -> Api {
        let mut ana = Visitor::new(&self.gateway);
        let page = self.connect(&mut ana, jira, "/connections").await;
        assert_eq!(page.status, 200, "{}", page.text);
        self.gateway.api("local").await
    }

    /// Ana accepts at the provider of this Jira.
    pub fn consent(&self, jira: &FakeJira, away: &str) -> String {
        if jira.personality().is_cloud() {
            self.atlassian.consent(away, "ana@acme.example", &[])
        } else if away.contains("/plugins/servlet/oauth/") {
            jira.consent_oauth1(away, "ana")
        } else {
            jira.consent_oauth2(away, "ana")
        }
    }
}

pub async fn jira(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(Person::new("ana", "Ana Costa").groups(&["people-team"]).password("ana's password"));
    jira.add_person(Person::new("ben", "Ben Okafor").password("ben's password"));
    jira.add_project(Project::new("OPS", "Operations").lead("ana"));
    jira.add_project(Project::new("HR", "People matters").only(&["people-team"]));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari").assignee("ana"));
    jira.add_issue(Issue::new("HR-1", "Salaries 2027"));
    jira
}
