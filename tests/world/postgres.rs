//! A PostgreSQL for tests: the one that `GATEWAY_TEST_POSTGRES` names, else one that the tests start from the machine's
//! programs, in a temporary folder and behind a socket there. It ends with the test process, however that ends.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use jira_notion_gateway::secret::new_id;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// An empty database of its own. Call [`Database::remove`] at the end: a server named by the environment stays.
pub struct Database {
    pub url: String,
    name: String,
    server: &'static Server,
}

struct Server {
    admin_url: String,
    /// Its standard input is open for as long as this process lives.
    _watchdog: Option<Child>,
}

impl Database {
    /// A new one, or `None` after one printed line where there is no PostgreSQL (`GATEWAY_TEST_REQUIRE=all` forbids that).
    pub async fn create() -> Option<Self> {
        let server = server()?;
        let name = new_id("test");
        admin(server, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&server.admin_url).unwrap();
        url.set_path(&name);
        Some(Self { url: url.into(), name, server })
    }

    pub async fn remove(self) {
        admin(self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn admin(server: &Server, statement: String) {
    let mut connection = PgConnection::connect(&server.admin_url).await.unwrap();
    connection.execute(AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let start = || {
        if let Ok(admin_url) = std::env::var("GATEWAY_TEST_POSTGRES") {
            return Some(Server { admin_url, _watchdog: None });
        }
        let Some(programs) = programs() else {
            let required = std::env::var("GATEWAY_TEST_REQUIRE").is_ok_and(|value| value == "all");
            assert!(!required, "PostgreSQL (initdb, postgres) is not installed, and nothing may be skipped");
            eprintln!("skipped on PostgreSQL: neither GATEWAY_TEST_POSTGRES nor an installed server");
            return None;
        };
        Some(Server::start(&programs))
    };
    SERVER.get_or_init(start).as_ref()
}

impl Server {
    fn start(programs: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("gateway-postgres-").tempdir().unwrap().keep();
        let owner = unprivileged();
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir(&folder).env("PROGRAMS", programs).env("FOLDER", &folder).env_remove("PGDATA");
            if let Some((user, group)) = owner {
                command.uid(user).gid(group);
            }
            command
        };
        let made = command(&programs.join("initdb"))
            .args(["--pgdata=data", "--username=gateway", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // `cat` ends when this process is gone and with it the other end of the pipe.
        let script = r#"
            "$PROGRAMS/postgres" -D data -k "$FOLDER" -c listen_addresses= -c fsync=off -c max_connections=200 >log 2>&1 &
            server=$!
            cat >/dev/null
            kill -INT $server
            wait $server
            rm -rf "$FOLDER""#;
        let watchdog = command(Path::new("/bin/sh"))
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until_ready(&folder);
        let socket: String = url::form_urlencoded::byte_serialize(folder.to_str().unwrap().as_bytes()).collect();
        Self { admin_url: format!("postgres://gateway@{socket}/postgres"), _watchdog: Some(watchdog) }
    }
}

/// The server writes its state into the last line of its pid file.
fn wait_until_ready(folder: &Path) {
    let started = Instant::now();
    let pid_file = folder.join("data/postmaster.pid");
    while !std::fs::read_to_string(&pid_file).is_ok_and(|text| text.lines().any(|line| line.trim() == "ready")) {
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(started.elapsed() < Duration::from_secs(60), "PostgreSQL did not start: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Where `initdb` and `postgres` are: on the path, or where Debian keeps the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let mut folders = std::env::split_paths(&path).chain(debian.into_iter().rev());
    folders.find(|folder| ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file()))
}

/// PostgreSQL refuses to run as root: somebody else, when we are.
fn unprivileged() -> Option<(u32, u32)> {
    let root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").ok()?) == 0;
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    root.then(|| ids("postgres").or_else(|| ids("nobody"))).flatten()
}
