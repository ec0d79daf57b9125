//! The store on both engines: every test below runs on SQLite and on PostgreSQL.

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::jira::key::{Deployment, SiteUrl};
use jira_notion_gateway::secret::{IfMissing, Sealer};
use jira_notion_gateway::store::{AccountId, Identity, NewConnection, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

use crate::world::postgres::Database;

/// Runs tests that take a `&World` on both engines.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(&$crate::store::World::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some(world) = $crate::store::World::postgres().await else { return };
                super::$test(&world).await;
                world.remove().await;
            })+
        }
    };
}

mod attempts;
mod connections;
mod databases;
mod grants;
mod keys;
mod notion_connections;
mod opening;
mod people;
mod watches;
mod webhooks;

/// One database, a folder, and the time.
struct World {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    folder: TempDir,
    database: Option<Database>,
}

impl World {
    async fn sqlite() -> Self {
        Self::on(None).await
    }

    async fn postgres() -> Option<Self> {
        Some(Self::on(Some(Database::create().await?)).await)
    }

    async fn on(database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap());
        let url = database.as_ref().map(|database| database.url.as_str());
        let store = Store::open(url, folder.path(), clock.clone()).await.unwrap();
        let sealer = Sealer::with_file(&folder.path().join("master.key"), IfMissing::Create).unwrap();
        Self { store, sealer, clock, folder, database }
    }

    async fn remove(self) {
        self.store.close().await;
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    /// The same database as another process opens it.
    async fn another_store(&self) -> Store {
        let url = self.database.as_ref().map(|database| database.url.as_str());
        Store::open(url, self.folder.path(), self.clock.clone()).await.unwrap()
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    async fn account(&self, name: &str) -> AccountId {
        self.store.ensure_account(&Identity::new("name", name)).await.unwrap()
    }

    /// Behind the store's back.
    async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.database {
            Some(database) => {
                let mut connection = PgConnection::connect(&database.url).await.unwrap();
                sqlx::query(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            None => {
                let options = SqliteConnectOptions::new().filename(self.folder.path().join("gateway.db"));
                let mut connection = options.connect().await.unwrap();
                sqlx::query(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    async fn count(&self, table: &str) -> i64 {
        self.scalar(&format!("SELECT COUNT(*) FROM {table}")).await
    }

    async fn scalar<T>(&self, query: &str) -> T
    where
        T: Send + Unpin,
        (T,): for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
    {
        let query = AssertSqlSafe(query.to_owned());
        match &self.database {
            Some(database) => {
                let mut connection = PgConnection::connect(&database.url).await.unwrap();
                sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
            }
            None => {
                let options = SqliteConnectOptions::new().filename(self.folder.path().join("gateway.db"));
                let mut connection = options.connect().await.unwrap();
                sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
            }
        }
    }
}

fn site(host: &str) -> SiteUrl {
    SiteUrl::parse(host).unwrap()
}

fn connection_to(account: &AccountId, host: &str, user: &str) -> NewConnection {
    NewConnection {
        account_id: account.clone(),
        site: site(host),
        api: site(host),
        deployment: Deployment::DataCenter,
        version: Some("9.12.4".to_owned()),
        title: "Jira".to_owned(),
        method: "password".to_owned(),
        label: user.to_owned(),
        jira_user: user.to_owned(),
        expires_at: None,
        grant_id: None,
    }
}
