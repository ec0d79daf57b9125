//! What a synced database costs beside the least that it could (synced-database §7): calls to Jira and Notion, time at the
//! permitted rate, and memory. `cargo bench --bench sync [-- --quick] [--rate 600]`.
//!
//! Jira and Notion are simulated by a process of their own, so that the memory is the gateway's. Time is simulated, too:
//! whoever has to wait moves the clock.
#![allow(clippy::restriction, reason = "a benchmark prints what it measured and stops when it cannot")]
#![allow(dead_code, unused_imports, reason = "a part of the simulated world is enough here")]

#[path = "../tests/world/mod.rs"]
mod world;

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::connect::Typed;
use jira_notion_gateway::gateway::Gateway;
use jira_notion_gateway::jira::auth::Method;
use jira_notion_gateway::sync::New;
use jira_notion_gateway::sync::pace::ALLOWANCE;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;

use world::gateway::settings;
use world::jira::MORNING;
use world::{FakeNotion, Personality, two_people};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if arguments.first().is_some_and(|it| it == "role") {
        return runtime.block_on(simulate(arguments[2].parse().unwrap()));
    }
    let sizes: &[usize] = if arguments.iter().any(|it| it == "--quick") { &[1_000] } else { &[1_000, 10_000, 50_000] };
    // Calls a minute that Notion permits.
    let rate: usize = number(&arguments, "--rate").unwrap_or(ALLOWANCE);
    println!("| issues | run | calls | floor | ratio | time at {rate} a minute | floor | rate used | memory | took |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    // A process for each size: memory does not come back.
    match number(&arguments, "--size") {
        Some(size) => runtime.block_on(measure(size, rate)),
        None => sizes.iter().for_each(|size| {
            let own = std::env::current_exe().unwrap();
            let told = ["--size", &size.to_string(), "--rate", &rate.to_string()];
            let told = Command::new(own).args(told).stderr(Stdio::inherit()).output().unwrap();
            assert!(told.status.success(), "the run with {size} issues failed");
            String::from_utf8(told.stdout).unwrap().lines().skip(2).for_each(|line| println!("{line}"));
        }),
    }
}

fn number(arguments: &[String], name: &str) -> Option<usize> {
    let at = arguments.iter().position(|it| it == name)?;
    Some(arguments[at + 1].parse().unwrap())
}

/// Jira and Notion, as told on standard input.
async fn simulate(count: usize) {
    let jira = two_people(Personality::cloud()).await;
    jira.add_many("OPS", count);
    let clock = Clock::manual(MORNING.parse::<Timestamp>().unwrap());
    let notion = FakeNotion::start(clock).await;
    // The pace is measured on the other side, whose clock runs.
    notion.switch(|it| (it.rest.allowance, it.rest.workspace_allowance) = (None, None));
    let acme = notion.add_workspace("Acme");
    let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
    let page = notion.page_id(notion.add_page(acme, "Plan"));
    println!(
        "{}",
        json!({"jira": jira.url(), "notion": notion.url(), "page": page.to_string(), "token": notion.make_token(nora)})
    );
    let lines = std::io::stdin().lines();
    for line in lines {
        let line = line.unwrap();
        let (word, number) = line.split_once(' ').unwrap_or((&line, "0"));
        let number: usize = number.parse().unwrap();
        match word {
            // As many as there are; every third.
            "edit" => (1..=number.min(count / 3)).for_each(|at| {
                jira.edit_issue(&format!("OPS-{}", at * 3), |issue| issue.summary = format!("Changed {at}"));
            }),
            "pass" => jira.advance(SignedDuration::from_mins(i64::try_from(number).unwrap())),
            _ => {}
        }
        let notion_calls: usize = notion.calls().values().sum();
        let told = json!({"jira": jira.calls().total, "notion": notion_calls, "writes": notion.writes()});
        jira.forget_calls();
        notion.clear_log();
        println!("{told}");
    }
}

struct Simulated {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Simulated {
    fn start(count: usize) -> (Self, Value) {
        let own = std::env::current_exe().unwrap();
        let mut child = Command::new(own)
            .args(["role", "simulate", &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut own = Self { child, stdin, stdout };
        let told = own.read();
        (own, told)
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Does something over there, and tells what was called since the last time.
    fn tell(&mut self, words: &str) -> (usize, usize, usize) {
        writeln!(self.stdin, "{words}").unwrap();
        let told = self.read();
        let number = |name: &str| usize::try_from(told[name].as_u64().unwrap()).unwrap();
        (number("jira"), number("notion"), number("writes"))
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn measure(count: usize, rate: usize) {
    println!("\n");
    let (mut there, told) = Simulated::start(count);
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let clock = Clock::manual(MORNING.parse::<Timestamp>().unwrap());
    let folder = TempDir::new().unwrap();
    let flags =
        ["--private-sites=127.0.0.0/8", &format!("--notion-api-url={}", text("notion")), "--listen=127.0.0.1:1"];
    let settings = settings(&folder, &flags);
    let gateway = Gateway::new(settings, clock.clone(), SocketAddr::from(([127, 0, 0, 1], 1))).await.unwrap();
    gateway.syncs.permit(rate);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ana = gateway.accounts.named("ana").await.unwrap();
    let typed = Typed {
        site: text("jira"),
        method: Method::ApiToken,
        username: "ana@acme.example".to_owned(),
        secret: SecretString::from("ana-token"),
        expires_at: None,
        chosen: None,
    };
    gateway.connect.connect(Some(&ana), here, typed).await.unwrap();
    let (notion, _) = gateway.workspaces.add_token(&ana, here, &SecretString::from(text("token"))).await.unwrap();
    let (url, page) = (format!("{}/browse/OPS", text("jira")), text("page"));
    let new = New {
        account: &ana,
        project_url: &url,
        connection: None,
        notion_connection: &notion.id,
        parent_page: &page,
        filter: None,
    };
    let found = gateway.syncs.look(new).await.unwrap();
    let database = gateway.syncs.create(&ana, &found).await.unwrap();
    there.tell("reset");
    let idle = memory();

    let pages = count.div_ceil(100);
    let (began, started) = (clock.now(), Instant::now());
    gateway.syncs.round().await.unwrap();
    let (jira, notion, writes) = there.tell("first");
    let rows = gateway.syncs.rows(&database.id).await.unwrap();
    assert_eq!(rows.placed, i64::try_from(count).unwrap(), "every issue has its row");
    let floors = (pages + 2 + 1 + count, 1 + count);
    row((count, rate), "first load", (jira, notion, writes), floors, (began, clock.now()), started);

    for (name, changed) in [("100 changed", 100), ("nothing changed", 0)] {
        // So that what was read lies behind the overlap.
        for _ in 0..2 {
            clock.advance(SignedDuration::from_mins(5));
            there.tell("pass 5");
            gateway.syncs.round().await.unwrap();
        }
        there.tell(&format!("edit {changed}"));
        clock.advance(SignedDuration::from_mins(5));
        there.tell("pass 5");
        let (began, started) = (clock.now(), Instant::now());
        gateway.syncs.round().await.unwrap();
        let told = there.tell("later");
        row((count, rate), name, told, (1 + changed, changed), (began, clock.now()), started);
    }
    println!("| {count} | memory | | | | | | | {:.0} MB idle, {:.0} MB at most | |", idle.0, memory().1);
}

/// One line of the table.
fn row(
    (count, rate): (usize, usize),
    name: &str,
    (jira, notion, writes): (usize, usize, usize),
    (floor, least_writes): (usize, usize),
    (began, ended): (Timestamp, Timestamp),
    started: Instant,
) {
    let (calls, time) = (jira + notion, ended.duration_since(began).as_secs_f64());
    let rate = rate as f64;
    let least = least_writes as f64 / rate * 60.0;
    let used = if time > 0.0 { notion as f64 / (time / 60.0 * rate) * 100.0 } else { 0.0 };
    println!(
        "| {count} | {name} | {jira} + {notion} ({writes} writes) | {floor} | {:.3} | {time:.0} s | {least:.0} s | {used:.0} % | {:.0} MB | {:.1} s |",
        calls as f64 / floor as f64,
        memory().0,
        started.elapsed().as_secs_f64(),
    );
}

/// Resident memory of this process now and at most, in MB.
fn memory() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let read = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    (read("VmRSS:"), read("VmHWM:"))
}
