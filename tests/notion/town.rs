//! One gateway, one Notion, one Jira: Ana and Ben have accounts of the gateway, Nora and Omar are people of Notion.

use std::sync::Arc;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::http;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{NOTION_CLIENT, OUR_CLIENT};
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::{Gateway, Reply, client, reply};
use crate::world::jira::MORNING;
use crate::world::notion::{
    As, ConnectionId, Integration, LinkPreview, PageId, RedirectUri, Rendered, UserId, WorkspaceId,
};
use crate::world::{FakeJira, FakeNotion, Issue, Person, Personality, Project, Status};

pub struct Town {
    pub clock: Clock,
    pub notion: FakeNotion,
    pub jira: FakeJira,
    pub gateway: Gateway,
    pub acme: WorkspaceId,
    pub nora: UserId,
    pub omar: UserId,
    /// A page of the workspace.
    pub page: PageId,
}

impl Town {
    /// Ana sees everything in Jira, Ben not the project HR; both have connected it.
    pub async fn start() -> Self {
        Self::with(|_| String::new()).await
    }

    /// For a person with a browser: the way back from the gateway leads to this Notion, and Ana is whoever comes.
    pub async fn in_a_browser() -> Self {
        let hosts = |notion: &FakeNotion| notion.url().trim_start_matches("http://").to_owned();
        let town = Self::with(|notion| format!("link_preview_redirect_hosts = '{}'\n", hosts(notion))).await;
        town.notion.switch(|switches| switches.redirect_uri = RedirectUri::Loopback);
        let local = town.gateway.api("local").await;
        local.connect(&town.jira.url(), "personal_access_token", "", "ana-access").await;
        town
    }

    /// With more settings for the gateway.
    pub async fn with(settings: impl FnOnce(&FakeNotion) -> String) -> Self {
        let clock = Clock::manual(MORNING.parse().unwrap());
        let listener: TcpListener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let notion = FakeNotion::start(clock.clone()).await;
        let jira = FakeJira::start(Personality::data_center()).await;
        jira.add_person(Person::new("ana", "Ana Costa").groups(&["people-team"]).access_token("ana-access"));
        jira.add_person(Person::new("ben", "Ben Okafor").access_token("ben-access"));
        jira.add_project(Project::new("OPS", "Operations").lead("ana"));
        jira.add_project(Project::new("HR", "People matters").only(&["people-team"]));
        jira.add_issue(Issue::new("OPS-7", "Login fails on Safari").status(Status::in_progress()).assignee("ana"));
        jira.add_issue(Issue::new("OPS-8", "Write the test"));
        jira.add_issue(Issue::new("HR-1", "Salaries 2027"));
        let folder = Arc::new(TempDir::new().unwrap());
        let file = format!(
            "private_sites = '127.0.0.0/8'\nnotion_api_url = '{}'\nnotion_client_id = '{}'\nnotion_client_secret = '{}'\n\
             link_preview_client_id = '{}'\nlink_preview_client_secret = '{}'\n{}",
            notion.url(),
            NOTION_CLIENT.0,
            NOTION_CLIENT.1,
            OUR_CLIENT.0,
            OUR_CLIENT.1,
            settings(&notion),
        );
        let config = folder.path().join("gateway.toml");
        std::fs::write(&config, file).unwrap();
        let gateway = Gateway::on(listener, folder, &["--config", config.to_str().unwrap()], clock.clone()).await;
        for name in ["ana", "ben"] {
            let secret = format!("{name}-access");
            gateway.api(name).await.connect(&jira.url(), "personal_access_token", "", &secret).await;
        }
        let integration = Integration {
            name: "Jira".into(),
            client: (NOTION_CLIENT.0.into(), NOTION_CLIENT.1.into()),
            redirect_uris: vec![format!("{own}/notion/callback")],
            link_preview: Some(LinkPreview::of_gateway(&own, OUR_CLIENT, &jira.url())),
        };
        notion.register(integration).unwrap();
        let acme = notion.add_workspace("Acme");
        let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
        let omar = notion.add_user(acme, "Omar Haddad", "omar@acme.example");
        let page = notion.add_page(acme, "Plan");
        Self { clock, notion, jira, gateway, acme, nora, omar, page }
    }

    /// Time goes on everywhere.
    pub fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.jira.advance(by);
    }

    /// A browser in which an account of the gateway is signed in.
    pub async fn browser(&self, account: &str) -> Visitor {
        Visitor::signed_in(&self.gateway, account).await
    }

    /// Opens the authorize URL and presses the button that decides; answers with the redirect.
    pub async fn decide(&self, browser: &mut Visitor, authorize_url: &str, decision: &str) -> String {
        let page = browser.open(authorize_url).await;
        assert_eq!(page.status, 200, "{}", page.text);
        decided(&browser.submit(&page, "/notion/authorize", &[("decision", decision)]).await)
    }

    /// Connects an account of the gateway to a person of Notion, all the way.
    pub async fn connect(&self, user: UserId, account: &str) -> ConnectionId {
        let mut browser = self.browser(account).await;
        let back = self.decide(&mut browser, &self.notion.begin_connect(user), "allow").await;
        self.notion.land(user, &back).await.unwrap_or_else(|words| panic!("{words}"))
    }

    pub async fn paste(&self, user: UserId, key: &str) -> Rendered {
        self.notion.paste(user, self.page, &self.link(key), As::Preview).await.expect("a link of our Jira")
    }

    pub fn link(&self, key: &str) -> String {
        self.jira.at(&format!("/browse/{key}"))
    }

    /// What the page shows first.
    pub fn shown(&self) -> Rendered {
        self.notion.rendered(self.page).remove(0)
    }

    /// A call as Notion makes it, with this token.
    pub async fn unfurl(&self, token: &str, uri: &str) -> Reply {
        let body = serde_json::json!({ "uri": uri });
        reply(client().post(self.at("/notion/unfurl")).bearer_auth(token).json(&body)).await
    }

    /// A token request with the client's credentials.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        let own = [("client_id", OUR_CLIENT.0), ("client_secret", OUR_CLIENT.1)];
        reply(client().post(self.at("/notion/token")).form(&[&own[..], fields].concat())).await
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.gateway.url)
    }

    /// How many links the gateway watches.
    pub async fn watched(&self) -> i64 {
        crate::oauth::seen::count(&self.gateway, "watches").await
    }

    /// Everything was as Notion documents it, in both directions.
    #[track_caller]
    pub fn nothing_was_refused(&self) {
        let refusals = self.notion.refusals();
        assert!(refusals.is_empty(), "{refusals:#?}");
    }
}

/// Where a decision leads.
#[track_caller]
pub fn decided(page: &Page) -> String {
    assert!([302, 303].contains(&page.status), "{} {}", page.status, page.text);
    page.location().to_owned()
}
