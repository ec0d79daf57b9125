//! Synced databases: a simulated Jira, a simulated Notion, and a gateway between them whose runs the test starts itself.
//! Time stands still but for what is waited for.

mod alike;
mod bodies;
mod bound;
mod choices;
mod dice;
mod edited;
mod fields;
mod first;
mod frozen;
mod gone;
mod killed;
mod lanes;
mod later;
mod limits;
mod meanwhile;
mod moved;
mod near;
mod pages;
mod plans;
mod put_away;
mod refused;
mod removed_options;
mod revoked;
mod shown;
mod slow;
mod steady;
mod storms;
mod sweep;
mod tokens;
mod trouble;
mod why;
mod withheld;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::connect::Typed;
use jira_notion_gateway::gateway::Gateway;
use jira_notion_gateway::jira::auth::Method;
use jira_notion_gateway::store::{AccountId, ConnectionId, Database, DatabaseId, NotionConnectionId};
use jira_notion_gateway::sync::shown::Shown;
use jira_notion_gateway::sync::state::Asked;
use jira_notion_gateway::sync::{Check, CreateError, Found, New};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::world::gateway::settings;
use crate::world::notion::rest::{Id, Row};
use crate::world::notion::{UserId, WorkspaceId};
use crate::world::{FakeJira, FakeNotion, Personality, two_people};

/// Ana with a Jira and a Notion, and the gateway that she has connected to both.
struct World {
    jira: FakeJira,
    notion: FakeNotion,
    acme: WorkspaceId,
    nora: UserId,
    page: Id,
    clock: Clock,
    gateway: Arc<Gateway>,
    folder: Arc<TempDir>,
    ana: AccountId,
    to_notion: NotionConnectionId,
}

impl World {
    async fn cloud() -> Self {
        Self::of(Personality::cloud()).await
    }

    async fn data_center() -> Self {
        Self::of(Personality::data_center()).await
    }

    async fn both() -> [Self; 2] {
        [Self::cloud().await, Self::data_center().await]
    }

    async fn of(personality: Personality) -> Self {
        Self::with(personality, "").await
    }

    /// The same with settings of the gateway's operator, in TOML.
    async fn with(personality: Personality, toml: &str) -> Self {
        let clock = Clock::manual(personality.now);
        let jira = two_people(personality).await;
        let notion = FakeNotion::start(clock.clone()).await;
        let acme = notion.add_workspace("Acme");
        let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
        let page = notion.page_id(notion.add_page(acme, "Plan"));
        let folder = Arc::new(TempDir::new().unwrap());
        let gateway = gateway_with(folder.path(), notion.url(), &clock, toml).await;
        let ana = gateway.accounts.named("ana").await.unwrap();
        connect(&gateway, &ana, &jira, "ana").await;
        let token = SecretString::from(notion.make_token(nora));
        let (to_notion, _) = gateway.workspaces.add_token(&ana, HERE, &token).await.unwrap();
        Self { jira, notion, acme, nora, page, clock, gateway, folder, ana, to_notion: to_notion.id }
    }

    /// The same folder as another process opens it.
    async fn another_process(&self) -> Arc<Gateway> {
        gateway(self.folder.path(), self.notion.url(), &self.clock).await
    }

    async fn look_at_project(&self, filter: Option<&str>) -> Result<Found, CreateError> {
        self.look_at("/browse/OPS", filter).await
    }

    /// What a link to this path of Jira would be kept as.
    async fn look_at(&self, path: &str, filter: Option<&str>) -> Result<Found, CreateError> {
        let page = self.page.to_string();
        let new = New {
            account: &self.ana,
            project_url: &self.jira.at(path),
            connection: None,
            notion_connection: &self.to_notion,
            parent_page: &page,
            filter,
        };
        self.gateway.syncs.look(new).await
    }

    /// What is looked at before a database is made.
    async fn checks(&self) -> Vec<Check> {
        let found = self.look_at_project(None).await.unwrap();
        self.gateway.syncs.plan_of_new(&found).await.unwrap().checks
    }

    async fn try_create(&self, filter: Option<&str>) -> Result<Database, CreateError> {
        self.try_create_as(filter, |_| {}).await
    }

    async fn try_create_as(
        &self,
        filter: Option<&str>,
        wish: impl FnOnce(&mut Asked),
    ) -> Result<Database, CreateError> {
        let mut found = self.look_at_project(filter).await?;
        wish(&mut found.asked);
        self.gateway.syncs.create(&self.ana, &found).await
    }

    /// Keeps the project OPS as a database; nothing has been read yet.
    async fn create(&self) -> DatabaseId {
        self.try_create(None).await.unwrap().id
    }

    /// The same, after its first run.
    async fn synced(&self) -> DatabaseId {
        self.synced_as(|_| {}).await
    }

    /// The same for somebody who wants it otherwise.
    async fn synced_as(&self, wish: impl FnOnce(&mut Asked)) -> DatabaseId {
        let id = self.try_create_as(None, wish).await.unwrap().id;
        self.run().await;
        let shown = self.shown(&id).await;
        assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
        id
    }

    /// All that is due now.
    async fn run(&self) {
        self.gateway.syncs.round().await.unwrap();
    }

    /// Time goes by, here and there.
    fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.jira.advance(time);
    }

    /// The next run, with a look at all issues.
    async fn look(&self, id: &DatabaseId) {
        self.pass(SignedDuration::from_mins(11));
        assert!(self.gateway.syncs.sync_now(&self.ana, id, true).await.unwrap());
        assert_eq!(self.gateway.syncs.round().await.unwrap(), 1, "a run is due");
    }

    /// These issues are deleted, and two looks say so.
    async fn without(&self, id: &DatabaseId, numbers: RangeInclusive<u32>) {
        numbers.for_each(|number| self.jira.remove_issue(&format!("OPS-{number}")));
        self.look(id).await;
        self.look(id).await;
    }

    /// An hour goes by, with its runs.
    async fn hour(&self) {
        self.pass(SignedDuration::from_mins(56));
        self.next_run().await;
    }

    /// The next run, when it is due.
    async fn next_run(&self) {
        self.pass(SignedDuration::from_mins(5));
        assert_eq!(self.gateway.syncs.round().await.unwrap(), 1, "a run is due");
    }

    async fn shown(&self, id: &DatabaseId) -> Shown {
        let database = self.gateway.syncs.one(&self.ana, id).await.unwrap().unwrap();
        self.gateway.syncs.shown(&database)
    }

    /// The one database in Notion.
    fn database(&self) -> Id {
        let all = self.notion.databases(self.acme);
        assert_eq!(all.len(), 1, "one database");
        all[0]
    }

    /// Rows that are not in the trash, by Jira's id.
    fn rows(&self) -> BTreeMap<String, Row> {
        let rows: Vec<Row> = self.notion.rows(self.database()).into_iter().filter(|it| !it.in_trash).collect();
        let by_id: BTreeMap<String, Row> = rows.iter().map(|row| (row.text("Jira ID"), row.clone())).collect();
        assert_eq!(by_id.len(), rows.len(), "no issue has two rows");
        by_id
    }

    /// The row of an issue, by its key in Jira.
    fn row(&self, key: &str) -> Row {
        self.rows().into_values().find(|row| row.text("Key") == key).unwrap_or_else(|| panic!("no row for {key}"))
    }

    /// Each issue of the project has one row, with its title and its key.
    fn assert_equal(&self) {
        let rows = self.rows();
        let title = |row: &Row| (row.text("Key"), row.text("Summary"));
        let there: BTreeSet<(String, String)> = rows.values().map(title).collect();
        let issues = self.jira.issues().into_iter().filter(|it| it.key.starts_with("OPS-") && !it.archived);
        let wanted: BTreeSet<(String, String)> = issues.map(|it| (it.key.clone(), it.summary.clone())).collect();
        let (missing, extra): (Vec<_>, Vec<_>) =
            (wanted.difference(&there).collect(), there.difference(&wanted).collect());
        assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
    }

    /// Names of the columns with their types.
    fn columns(&self) -> BTreeMap<String, &'static str> {
        self.notion.columns(self.database()).into_iter().map(|it| (it.name, it.kind)).collect()
    }
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn gateway(folder: &Path, notion: &str, clock: &Clock) -> Arc<Gateway> {
    gateway_with(folder, notion, clock, "").await
}

/// The same with settings of its operator, in TOML.
async fn gateway_with(folder: &Path, notion: &str, clock: &Clock, toml: &str) -> Arc<Gateway> {
    let (url, file) = (format!("--notion-api-url={notion}"), folder.join("operator.toml"));
    std::fs::write(&file, toml).unwrap();
    let file = format!("--config={}", file.display());
    let settings = settings(folder, &["--private-sites=127.0.0.0/8", &url, "--listen=127.0.0.1:1", &file]);
    Gateway::new(settings, clock.clone(), SocketAddr::from(([127, 0, 0, 1], 1))).await.unwrap()
}

async fn connect(gateway: &Gateway, account: &AccountId, jira: &FakeJira, who: &str) -> ConnectionId {
    let secret = if jira.personality().is_cloud() { format!("{who}-token") } else { format!("{who}-access") };
    connect_with(gateway, account, jira, who, &secret).await
}

async fn connect_with(
    gateway: &Gateway,
    account: &AccountId,
    jira: &FakeJira,
    who: &str,
    secret: &str,
) -> ConnectionId {
    let (method, username) = match jira.personality().is_cloud() {
        true => (Method::ApiToken, format!("{who}@acme.example")),
        false => (Method::PersonalAccessToken, String::new()),
    };
    let typed = Typed {
        site: jira.url(),
        method,
        username,
        secret: SecretString::from(secret),
        expires_at: None,
        chosen: None,
    };
    gateway.connect.connect(Some(account), HERE, typed).await.unwrap().0.id
}
