//! Two lifelike sites for the demo and for screenshots: `acme` in the cloud and a plant's Data Center under `/jira`. And
//! a Notion with a page to paste into.
//! Everything is relative to the instant that is passed in, and the same every time.

mod acme;
mod launch;
mod objects;
mod plant;

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::clock::Clock;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::atlassian::FakeAtlassian;
use super::gateway::Gateway;
use super::jira::content::{DONE, IN_PROGRESS, TO_DO};
use super::jira::{FakeJira, Issue, Status};
use super::notion::{FakeNotion, Integration, LinkPreview, PageId, RedirectUri, Rule, UserId};

/// What Notion gave to the gateway.
const NOTION_CLIENT: (&str, &str) = ("notion-connection", "secret_of_the_connection");
/// What the gateway gave to Notion.
const LINK_PREVIEW_CLIENT: (&str, &str) = ("jira-notion-gateway", "secret-of-the-gateway");

/// Both sites, running, and the Atlassian to which `acme` belongs.
pub struct Demo {
    pub acme: FakeJira,
    pub plant: FakeJira,
    pub atlassian: FakeAtlassian,
    pub notion: FakeNotion,
}

/// Where they live; 0 = any free port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    pub acme: u16,
    pub plant: u16,
    pub atlassian: [u16; 2],
    pub notion: u16,
}

/// What to type into the connect window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIn {
    pub site: String,
    /// `cloud` or `data_center`, as the connect form names them.
    pub version: &'static str,
    /// `oauth`, `api_token`, `password` or `personal_access_token`, as the connect form names them. With `oauth` name and
    /// secret are for the pages of Jira itself.
    pub method: &'static str,
    pub username: String,
    pub secret: String,
    /// For people: what is special about it.
    pub note: &'static str,
}

/// A link to paste, and what to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub url: String,
    pub note: &'static str,
}

impl Demo {
    pub async fn start(clock: &Clock) -> Self {
        Self::at_ports(clock, Ports::default()).await
    }

    /// The same at ports that must be free.
    pub async fn at_ports(clock: &Clock, ports: Ports) -> Self {
        let now = clock.now();
        let acme = acme::start(now, ports.acme).await;
        let [auth, api] = ports.atlassian;
        let atlassian = FakeAtlassian::at_ports(now, auth, api).await;
        atlassian.add_site(&acme);
        let notion = FakeNotion::at_port(clock.clone(), ports.notion).await;
        notion.switch(|switches| switches.redirect_uri = RedirectUri::Loopback);
        let workspace = notion.add_workspace("Acme");
        notion.add_user(workspace, "Ana Costa", "ana@acme.example");
        notion.add_user(workspace, "Ben Okafor", "ben@acme.example");
        notion.add_page(workspace, "Release plan");
        Self { acme, plant: plant::start(now, ports.plant).await, atlassian, notion }
    }

    /// What was typed into Notion's forms for a gateway at this address: both sites lie on one host.
    fn integration(&self, gateway: &str) -> Integration {
        let mut link_preview = LinkPreview::of_gateway(gateway, LINK_PREVIEW_CLIENT, &self.acme.url());
        let plant = self.plant.url();
        link_preview.rules.extend([Rule::issues_of(&plant), Rule::anything_of(&plant)]);
        Integration {
            name: "Jira".to_owned(),
            client: (NOTION_CLIENT.0.to_owned(), NOTION_CLIENT.1.to_owned()),
            redirect_uris: vec![format!("{gateway}/notion/callback")],
            link_preview: Some(link_preview),
        }
    }

    /// A gateway that knows these two sites and is registered at both, with SQLite in this folder.
    pub async fn gateway(&self, listener: TcpListener, folder: TempDir, clock: Clock) -> Gateway {
        self.gateway_with(&[], listener, folder, clock).await
    }

    /// The same with more flags.
    pub async fn gateway_with(&self, flags: &[&str], listener: TcpListener, folder: TempDir, clock: Clock) -> Gateway {
        let own = format!("http://{}", listener.local_addr().expect("bound"));
        let (client, secret) = ("jira-notion-gateway", "demo-secret");
        self.atlassian.register(client, secret, &[&format!("{own}/connect/callback/cloud")]);
        self.plant.register_oauth2(client, secret, &format!("{own}/connect/callback/data-center"));
        self.notion.register(self.integration(&own)).expect("patterns that fit their samples");
        let notion = format!(
            "notion_api_url = '{}'\nnotion_client_id = '{}'\nnotion_client_secret = '{}'\n\
             link_preview_client_id = '{}'\nlink_preview_client_secret = '{}'\nlink_preview_redirect_hosts = '{}'\n",
            self.notion.url(),
            NOTION_CLIENT.0,
            NOTION_CLIENT.1,
            LINK_PREVIEW_CLIENT.0,
            LINK_PREVIEW_CLIENT.1,
            self.notion.url().trim_start_matches("http://"),
        );
        let settings = format!(
            "{notion}private_sites = '127.0.0.0/8'\natlassian_auth_url = '{}'\natlassian_api_url = '{}'\n\
             jira_client_id = '{client}'\njira_client_secret = '{secret}'\n[[site]]\nurl = '{}'\nname = 'Acme'\n\
             [[site]]\nurl = '{}'\nname = 'Plant'\noauth2 = {{ client_id = '{client}', client_secret = '{secret}' }}\n",
            self.atlassian.auth_url(),
            self.atlassian.api_url(),
            self.acme.url(),
            self.plant.url(),
        );
        let file = folder.path().join("gateway.toml");
        std::fs::write(&file, settings).expect("a folder to write to");
        let config = file.display().to_string();
        let flags = [&["--config", config.as_str()], flags].concat();
        Gateway::on(listener, Arc::new(folder), &flags, clock).await
    }

    /// Ana's way into Notion, typed by her into the gateway: she may keep a project as a database at once. Answers with the
    /// address where that begins.
    pub async fn connect_notion(&self, gateway: &Gateway) -> String {
        let (ana, page) = (UserId(0), PageId(0));
        let token = SecretString::from(self.notion.make_token(ana));
        let account = gateway.inner.local_account().await.expect("the one account");
        let here = std::net::Ipv4Addr::LOCALHOST.into();
        gateway.inner.workspaces.add_token(&account, here, &token).await.expect("a good token");
        let fields =
            [("project_url", self.acme.at("/browse/LAUNCH")), ("parent_page", self.notion.page_id(page).to_string())];
        let fields = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        format!("{}/databases/new?{fields}", gateway.url)
    }

    /// Two accounts of different rights at each site, by consent and with the other kinds of secret.
    pub fn log_ins(&self) -> Vec<LogIn> {
        let cloud = |method, username: &str, secret: &str, note| LogIn {
            site: self.acme.url(),
            version: "cloud",
            method,
            username: username.into(),
            secret: secret.into(),
            note,
        };
        let plant = |method, username: &str, secret: &str, note| LogIn {
            site: self.plant.url(),
            version: "data_center",
            method,
            username: username.into(),
            secret: secret.into(),
            note,
        };
        vec![
            cloud("oauth", "ana@acme.example", "ana's password", "sees everything"),
            cloud("oauth", "ben@acme.example", "ben's password", "does not see the project LEGAL"),
            cloud("api_token", "ana@acme.example", acme::ANA_TOKEN, "sees everything"),
            cloud("api_token", "ben@acme.example", acme::BEN_TOKEN, "does not see the project LEGAL"),
            cloud("api_token", "ana@acme.example", acme::ANA_SCOPED, "scoped: for the API host alone"),
            plant("oauth", "hana", "hana's password", "sees everything"),
            plant("oauth", "jonas", "jonas's password", "does not see the project HR"),
            plant("password", "hana", "hana's password", "sees everything"),
            plant("password", "jonas", "jonas's password", "does not see the project HR"),
            plant("personal_access_token", "", plant::HANA_TOKEN, "the same person as hana"),
        ]
    }

    pub fn links(&self) -> Vec<Link> {
        let acme = |path: &str, note| Link { url: self.acme.at(path), note };
        let plant = |path: &str, note| Link { url: self.plant.at(path), note };
        vec![
            acme("/browse/OPS-7", "in progress and overdue"),
            acme("/browse/OPS-2", "an epic"),
            acme("/jira/software/projects/MOB/boards/3?selectedIssue=MOB-4", "an issue picked out on a board"),
            acme("/browse/OPS", "a project"),
            acme("/browse/OLD-17", "moved: it has a new key now"),
            acme("/browse/WEB-4", "a title that tries to be a script"),
            acme("/browse/MOB-6", "a title in Arabic"),
            acme("/browse/WEB-5", "a very long title"),
            acme("/browse/OPS-11", "only Ana sees it: a security level"),
            acme("/browse/LEGAL-2", "only Ana sees it: a hidden project"),
            acme("/browse/OPS-404", "there is no such issue"),
            acme("/browse/WEB-12?focusedCommentId=10044", "a comment"),
            acme("/secure/RapidBoard.jspa?rapidView=1", "a board with its sprint"),
            acme("/issues/?filter=10010", "a filter"),
            acme("/projects/OPS/versions/100001", "a version"),
            acme("/servicedesk/customer/portal/2/HELP-1", "a request"),
            acme("/browse/IDEA-1", "an idea"),
            plant("/browse/PLAT-3", "a German status"),
            plant("/projects/PLAT/issues/PLAT-8", "a sub-task"),
            plant("/browse/PLAT", "a project"),
            plant("/secure/GHGoToBoard.jspa?sprintId=71", "a sprint"),
            plant("/browse/HR-1", "only Hana sees it"),
        ]
    }
}

/// What the demo prints: at most 100 columns, and its links may be pasted as they stand, notes included.
impl fmt::Display for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Log-ins (at most five in ten minutes, as everywhere)")?;
        let mut site = String::new();
        for log_in in self.log_ins() {
            if site != log_in.site {
                let (name, version) =
                    if log_in.version == "cloud" { ("Acme", "Cloud") } else { ("Plant", "Data Center") };
                writeln!(f, "\n  {name}, a Jira {version} at {}", log_in.site)?;
                site.clone_from(&log_in.site);
            }
            let method = match (log_in.method, log_in.version) {
                ("oauth", "cloud") => "Sign in with Atlassian",
                ("oauth", _) => "Sign in at Jira",
                ("api_token", _) => "API token",
                ("password", _) => "Password",
                _ => "Personal access token",
            };
            writeln!(f, "    {method:<22}  {:<16}  {:<19}  {}", log_in.username, log_in.secret, log_in.note)?;
        }
        writeln!(f, "\nLinks to paste, one or all at once\n")?;
        for Link { url, note } in self.links() {
            match url.len() {
                ..=LINK_WIDTH => writeln!(f, "  {url:<LINK_WIDTH$}  {note}")?,
                _ => writeln!(f, "  {url}\n  {:<LINK_WIDTH$}  {note}", "")?,
            }
        }
        Ok(())
    }
}

/// A longer link has its note on the line below.
const LINK_WIDTH: usize = 58;

/// What is told relative to now.
#[derive(Clone, Copy)]
struct Calendar(Timestamp);

impl Calendar {
    /// So many days from today (before it, when negative).
    fn day(self, days: i64) -> Date {
        (self.0 + SignedDuration::from_hours(days * 24)).to_zoned(TimeZone::UTC).date()
    }

    fn hours_ago(self, hours: i64) -> Timestamp {
        self.0 - SignedDuration::from_hours(hours)
    }

    /// An issue that is so many days old and was changed so many hours ago.
    fn issue(self, key: &str, summary: &str, age_days: i64, changed_hours: i64) -> Issue {
        Issue::new(key, summary).created(self.hours_ago(age_days * 24)).updated(self.hours_ago(changed_hours))
    }
}

fn in_review() -> Status {
    Status::new(10002, "In Review", IN_PROGRESS)
}

fn blocked() -> Status {
    Status::new(10005, "Blocked", TO_DO)
}

fn wont_do() -> Status {
    Status::new(10006, "Closed", DONE)
}
