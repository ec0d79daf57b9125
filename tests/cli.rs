//! The program itself, as an operator runs it: commands, exit statuses, one line for what went wrong.

mod accounts;
mod check;
mod databases;
mod keys;
mod logs;
mod refusals;
mod serving;
mod usage;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::world::gateway::{Api, client};
use crate::world::{FakeJira, Issue, Person, Personality, Project};

/// Its settings come from here alone, whatever the environment of the tests holds.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jira-notion-gateway"));
    command.env_clear().current_dir(folder).args(arguments);
    command
}

struct Done {
    status: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Done {
    finish(program(folder, arguments))
}

fn finish(mut command: Command) -> Done {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let err = read(child.stderr.take().unwrap());
    let mut out = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        out += &format!("{}\n", line.unwrap());
        // What was to fail would go on for ever.
        if out.starts_with("listening") {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap().code().unwrap_or(-1);
    Done { status, out, err: err.join().unwrap() }
}

/// Reads to the end beside whatever else goes on.
fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

/// The single line on standard error of a command that failed with this status and said nothing else.
fn complaint(done: &Done, status: i32) -> &str {
    assert_eq!((done.status, done.err.lines().count()), (status, 1), "{}{}", done.out, done.err);
    done.err.trim_end().strip_prefix("jira-notion-gateway: ").unwrap()
}

/// A running `serve`, which is killed when dropped.
pub struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    err: Option<JoinHandle<String>>,
    url: String,
}

impl Serving {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(program(folder, arguments))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let err = read(child.stderr.take().unwrap());
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let Some(url) = line.trim_end().strip_prefix("listening on ").map(str::to_owned) else {
            child.wait().unwrap();
            panic!("{line}{}", err.join().unwrap());
        };
        Self { child, out, err: Some(err), url }
    }

    pub fn api(&self, token: &str) -> Api {
        Api { url: self.url.clone(), client: client(), token: token.trim_end().to_owned() }
    }

    /// `TERM` as a service manager sends it, `INT` as Ctrl-C does.
    fn signal(&self, name: &str) {
        let killed = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(killed.unwrap().success());
    }

    /// `kill -9`: nothing is finished.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end: exit status, the rest of standard output, all of standard error.
    fn end(&mut self) -> Done {
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        let out = std::io::read_to_string(&mut self.out).unwrap();
        Done { status, out, err: self.err.take().unwrap().join().unwrap() }
    }

    fn terminate(&mut self) -> Done {
        self.signal("TERM");
        self.end()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Data Center with Ana and one issue.
async fn plant() -> FakeJira {
    let jira = FakeJira::start(Personality::data_center().at("/jira")).await;
    jira.add_person(Person::new("ana", "Ana Costa").access_token("ana-access").access_token("ana-other"));
    jira.add_project(Project::new("OPS", "Operations"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari"));
    jira
}

/// Flags for a gateway on any port that may reach the simulated Jiras and remembers nothing.
const START: [&str; 7] = ["serve", "--listen", "127.0.0.1:0", "--private-sites", "127.0.0.0/8", "--preview-ttl", "0s"];

/// Tries again until it holds: another process needs a moment to notice.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < end, "it never came to hold");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
