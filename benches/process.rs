//! Servers as processes of their own: pinned to a core, watched through `/proc`, stopped in the end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Instant;

use serde_json::json;
use tempfile::TempDir;

use crate::client::Connection;

/// Ticks per second of `/proc/<pid>/stat` (a constant of the kernel's interface on all that we know).
const TICKS: f64 = 100.0;

/// Whether processes can be kept on one core.
pub fn can_pin() -> bool {
    static CAN: LazyLock<bool> =
        LazyLock::new(|| Command::new("taskset").args(["-c", "0,1", "true"]).status().is_ok_and(|it| it.success()));
    *CAN
}

fn command(program: &str, core: Option<usize>) -> Command {
    match core.filter(|_| can_pin()) {
        None => Command::new(program),
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string(), program]);
            command
        }
    }
}

fn role(words: &[&str], core: Option<usize>) -> Command {
    let own = std::env::current_exe().unwrap();
    let mut command = command(own.to_str().unwrap(), core);
    command.arg("role").args(words);
    command
}

/// What a role prints before it ends.
pub fn output_of_role(words: &[&str], core: Option<usize>) -> String {
    let output = role(words, core).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A server; it is stopped on drop.
pub struct Child {
    process: std::process::Child,
    /// Host and port.
    pub address: String,
}

impl Child {
    /// This program in another role.
    pub fn role(words: &[&str], core: Option<usize>) -> Self {
        Self::start(&mut role(words, core))
    }

    fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("//").next().unwrap().to_owned();
        assert!(!address.is_empty(), "the server did not start");
        Self { process, address }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A link to an issue of the simulated Jira.
    pub fn link(&self, key: &str) -> String {
        format!("http://{}/browse/{key}", self.address)
    }

    /// How often the simulated Jira was asked for issues.
    pub fn issue_calls(&self) -> usize {
        let request = format!("GET /count HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        let answer = Connection::open(&self.address).ask(request.as_bytes());
        String::from_utf8(answer.body).unwrap().parse().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}

/// `--gateway PATH` measures another build.
fn program() -> String {
    let mut words = std::env::args().skip_while(|word| word != "--gateway").skip(1);
    words.next().unwrap_or_else(|| env!("CARGO_BIN_EXE_jira-notion-gateway").to_owned())
}

/// The program itself, as people run it: logs and metrics on. One account with a token and a connection to a Jira.
pub struct Gateway {
    pub child: Child,
    pub address: String,
    pub token: String,
    _folder: TempDir,
}

impl Gateway {
    pub fn start(jira: &Child, core: Option<usize>) -> Self {
        let program = program();
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let flags = ["--data-dir", data.to_str().unwrap(), "--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8"];
        let token = Command::new(&program).args(flags).args(["token", "create", "--account", "load"]).output().unwrap();
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = command(&program, core);
        // Long-lived previews: what is measured as warm must not turn cold meanwhile.
        command.args(flags).args(["--preview-ttl", "1h", "--log", "info"]).stderr(log);
        let child = Child::start(&mut command);
        let gateway = Self { address: child.address.clone(), child, token, _folder: folder };
        let site = format!("http://{}", jira.address);
        let secret = json!({"site": site, "method": "api_token", "username": "ana@acme.example", "secret": "token"});
        let answer = gateway.post("/api/v1/connections", &secret);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        gateway
    }

    /// `GET /api/v1/resolve?url=…`, byte for byte.
    pub fn request_for(&self, link: &str) -> String {
        let url: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
        let Self { address, token, .. } = self;
        format!(
            "GET /api/v1/resolve?url={url} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             accept: application/json\r\n\r\n"
        )
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> crate::client::Answer {
        let (body, Self { address, token, .. }) = (body.to_string(), self);
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Connection::open(address).ask(request.as_bytes())
    }

    /// Asks for many links, a hundred at a time.
    pub fn resolve(&self, links: &[String]) {
        for links in links.chunks(100) {
            let answer = self.post("/api/v1/resolve", &json!({ "urls": links }));
            let ready = answer.body.windows(15).filter(|it| it == b"\"state\":\"ready\"").count();
            assert_eq!((answer.status, ready), (200, links.len()), "{}", String::from_utf8_lossy(&answer.body));
        }
    }

    /// Asks for each link alone.
    pub fn resolve_each(&self, links: &[String]) {
        let mut connection = Connection::open(&self.address);
        for link in links {
            assert_eq!(connection.ask(self.request_for(link).as_bytes()).status, 200);
        }
    }
}

/// CPU seconds of a process so far.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = read(&format!("/proc/{pid}/stat"));
    // The name in brackets may hold blanks; user and system time are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
}

/// Resident bytes of a process.
pub fn resident(pid: u32) -> u64 {
    let text = read(&format!("/proc/{pid}/smaps_rollup"));
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn read(path: &str) -> String {
    let mut text = String::new();
    std::fs::File::open(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// How busy all cores were from some point on.
pub struct Busy {
    at: Instant,
    seconds: f64,
}

impl Busy {
    pub fn now() -> Self {
        let stat = read("/proc/stat");
        let fields = stat.lines().next().unwrap().split_whitespace().skip(1).take(3);
        Self { at: Instant::now(), seconds: fields.map(|it| it.parse::<f64>().unwrap()).sum::<f64>() / TICKS }
    }

    pub fn elapsed(&self) -> f64 {
        self.at.elapsed().as_secs_f64()
    }

    /// CPU of all programs since, in seconds.
    pub fn since(&self) -> f64 {
        Self::now().seconds - self.seconds
    }
}
