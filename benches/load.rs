//! What the gateway costs: the warm path beside a bare hyper server, the cold path beside the call to Jira itself,
//! a stampede, and memory. One run on one machine, the measures interleaved; `cargo bench --bench load [-- --quick]`.
//!
//! ```text
//! load      the run and its table
//! process   the servers as processes of their own: pinned to a core, watched through /proc
//! servers   a bare hyper server, and a Jira that answers at once
//! client    requests as cheap as can be, so that the server is what is measured
//! ```
#![allow(clippy::restriction, reason = "a benchmark prints what it measured and stops when it cannot")]

mod client;
mod process;
mod servers;

use std::path::Path;
use std::time::Duration;

use client::{Cold, Warm};
use process::{Child, Gateway};

/// The core of the servers, and that of the client of the warm path.
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;
/// Connections of the warm path.
const CONNECTIONS: usize = 64;
/// Rounds with more CPU of other programs, in shares of one core, are measured again.
const FOREIGN_MAX: f64 = 0.2;
const STAMPEDE: usize = 1000;
const PREVIEWS: usize = 100_000;

struct Plan {
    rounds: usize,
    warm: Duration,
    cold: usize,
    previews: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["role", "bare", body] => servers::bare(&std::fs::read(body).unwrap()),
        ["role", "jira"] => servers::jira(),
        ["role", "warm", address, requests, server, seconds] => {
            client::warm(address, Path::new(requests), server.parse().unwrap(), seconds.parse().unwrap());
        }
        ["role", "cold", gateway, jira, requests, first, second] => {
            client::cold(gateway, jira, Path::new(requests), [first, second].map(|pid| pid.parse().unwrap()));
        }
        words => run(words.contains(&"--quick")),
    }
}

fn run(quick: bool) {
    let plan = match quick {
        true => Plan { rounds: 5, warm: Duration::from_millis(500), cold: 500, previews: 10_000 },
        false => Plan { rounds: 7, warm: Duration::from_secs(4), cold: 4000, previews: PREVIEWS },
    };
    let pinned = process::can_pin();
    println!("| what | measured | goal |\n| --- | --- | --- |");
    warm(&plan);
    cold_and_stampede(&plan);
    memory(&plan);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!();
    println!(
        "Medians of {} interleaved rounds (lowest to highest) on {cores} cores. {}",
        plan.rounds,
        if pinned {
            "Warm: servers on one core, the client on another. Cold: client, gateway and Jira on one core."
        } else {
            "No taskset here: the processes ran where they liked."
        }
    );
}

fn row(what: &str, measured: &str, goal: &str) {
    println!("| {what} | {measured} | {goal} |");
}

fn warm(plan: &Plan) {
    let folder = tempfile::TempDir::new().unwrap();
    let jira = Child::role(&["jira"], Some(SERVER_CORE));
    let gateway = Gateway::start(&jira, Some(SERVER_CORE));
    let links: Vec<String> = (0..CONNECTIONS).map(|at| jira.link(&format!("WARM-{}", 100 + at))).collect();
    gateway.resolve(&links);
    let requests: Vec<String> = links.iter().map(|link| gateway.request_for(link)).collect();
    let answer = client::Connection::open(&gateway.address).ask(requests[0].as_bytes());
    assert_eq!(answer.status, 200);
    let body = folder.path().join("body");
    std::fs::write(&body, &answer.body).unwrap();
    let bare = Child::role(&["bare", body.to_str().unwrap()], Some(SERVER_CORE));

    let seconds = plan.warm.as_secs_f64().to_string();
    let ask = |server: &Child| {
        let file = folder.path().join("requests");
        std::fs::write(&file, requests.join("\0")).unwrap();
        let words = ["warm", &server.address, file.to_str().unwrap(), &server.pid().to_string(), &seconds];
        Warm::read(&process::output_of_role(&words, Some(CLIENT_CORE)))
    };
    let (rounds, dropped) = quiet_rounds(plan.rounds, || {
        let (bare, gateway) = (ask(&bare), ask(&gateway.child));
        let foreign = bare.foreign.max(gateway.foreign);
        ((bare, gateway), foreign)
    });
    let of = |pick: fn(&Warm) -> f64| {
        let bare = Spread::of(rounds.iter().map(|(bare, _)| pick(bare)));
        let gateway = Spread::of(rounds.iter().map(|(_, gateway)| pick(gateway)));
        let ratio = Spread::of(rounds.iter().map(|(bare, gateway)| pick(gateway) / pick(bare)));
        (bare, gateway, ratio)
    };
    let (bare_rate, rate, ratio) = of(|it| it.rate);
    let what =
        format!("warm `GET /api/v1/resolve?url=…`, {} B, {CONNECTIONS} connections, ÷ bare hyper", answer.body.len());
    row(&what, &format!("**{}** requests/s", ratio.show(2)), "≥ 0.80");
    let (bare_cpu, cpu, ratio) = of(|it| it.server_micros);
    row("… CPU per request ÷ bare hyper", &format!("**{}**", ratio.show(2)), "≤ 1.25");
    row("… requests/s: gateway, bare hyper", &format!("{}, {}", rate.show(0), bare_rate.show(0)), "");
    row("… CPU µs per request: gateway, bare hyper", &format!("{}, {}", cpu.show(1), bare_cpu.show(1)), "");
    let (bare_tail, tail, _) = of(|it| it.p99);
    row("… p99 µs: gateway, bare hyper", &format!("{}, {}", tail.show(0), bare_tail.show(0)), "");
    let (bare_load, load, _) = of(|it| it.client_load);
    let bound = if bare_load.median > 0.9 { " (above 0.9: bare hyper's requests/s are a lower bound)" } else { "" };
    let load = format!("{}, {}{bound}; {dropped} rounds dropped", load.show(2), bare_load.show(2));
    row("… load of the client's core: gateway, bare hyper", &load, "");
}

fn cold_and_stampede(plan: &Plan) {
    let jira = Child::role(&["jira"], Some(SERVER_CORE));
    let gateway = Gateway::start(&jira, Some(SERVER_CORE));
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("requests");
    let mut keys = (1..).map(|number| format!("COLD-{number}"));
    let mut round = || {
        let asked = keys.by_ref().take(plan.cold);
        let pairs = asked.map(|key| {
            format!("{}\0{}", client::issue_request(&jira.address, &key), gateway.request_for(&jira.link(&key)))
        });
        std::fs::write(&file, pairs.collect::<Vec<_>>().join("\0")).unwrap();
        let pids = [gateway.child.pid(), jira.pid()].map(|pid| pid.to_string());
        let words = ["cold", &gateway.address, &jira.address, file.to_str().unwrap(), &pids[0], &pids[1]];
        let cold = Cold::read(&process::output_of_role(&words, Some(SERVER_CORE)));
        let foreign = cold.foreign;
        (cold, foreign)
    };
    round();
    let (rounds, dropped) = quiet_rounds(plan.rounds, round);
    let of = |pick: fn(&Cold) -> f64| Spread::of(rounds.iter().map(pick));
    let added = of(|it| it.cold_p50 - it.direct_p50);
    row("cold: added to the call to Jira, median, all on one core", &format!("**{} µs**", added.show(0)), "≤ 150 µs");
    let added = of(|it| it.cold_p99 - it.direct_p99);
    row("… added at the 99th percentile", &format!("{} µs", added.show(0)), "≤ 300 µs");
    let (cold, direct) = (of(|it| it.cold_p50).show(0), of(|it| it.direct_p50).show(0));
    let measured = format!("{cold}, {direct}; {} B from Jira; {dropped} rounds dropped", jira_bytes(&jira));
    row("… median µs: through the gateway, Jira itself", &measured, "");

    let before = jira.issue_calls();
    let stampede = client::stampede(&gateway.address, &gateway.request_for(&jira.link("SLOW-1")), STAMPEDE);
    let calls = jira.issue_calls() - before;
    let measured = format!("{calls} upstream call, {} × 200, all within {} ms", stampede.good, stampede.millis);
    row(&format!("{STAMPEDE} connections ask for one cold link, Jira takes 50 ms"), &measured, "1 call");
}

fn memory(plan: &Plan) {
    let jira = Child::role(&["jira"], None);
    let gateway = Gateway::start(&jira, None);
    let pid = gateway.child.pid();
    let idle = process::resident(pid);
    row("resident memory, idle, one connection made", &format!("{:.1} MB", megabytes(idle)), "≤ 30 MB");
    let links = |from: usize, to: usize| -> Vec<String> {
        (from..to).map(|at| jira.link(&format!("MANY-{}", 100_000 + at))).collect()
    };
    let fill = |links: &[String]| {
        gateway.resolve(links);
        // Only a link that was asked for alone has its JSON kept as well.
        gateway.resolve_each(links);
    };
    let first = links(0, plan.previews);
    fill(&first);
    let full = process::resident(pid);
    let before = jira.issue_calls();
    gateway.resolve_each(&first);
    let kept = plan.previews - (jira.issue_calls() - before);
    let grown = full.saturating_sub(idle);
    let measured = format!("**{:.0} MB** more, {} B each", megabytes(grown), grown / plan.previews as u64);
    row(&format!("{} cached previews", plan.previews), &measured, "≤ 300 MB for 100000");
    row("… answered again without a call to Jira", &format!("**{kept}** of {}", plan.previews), "all");
    fill(&links(plan.previews, 3 * plan.previews));
    let after = process::resident(pid);
    let measured = format!("{:.0} MB in all (bounds of the cache: 220 MB and 60 MB of JSON)", megabytes(after));
    row(&format!("… and after {} links", 3 * plan.previews), &measured, "bounded");
}

fn jira_bytes(jira: &Child) -> usize {
    client::Connection::open(&jira.address).ask(client::issue_request(&jira.address, "OPS-1000").as_bytes()).body.len()
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Measures until there are enough rounds in which nothing else ran; keeps the quietest if that does not come about.
fn quiet_rounds<T>(wanted: usize, mut round: impl FnMut() -> (T, f64)) -> (Vec<T>, usize) {
    let mut rounds = Vec::new();
    let mut quiet = 0;
    while quiet < wanted && rounds.len() < 4 * wanted {
        let (result, foreign) = round();
        quiet += usize::from(foreign <= FOREIGN_MAX);
        rounds.push((result, foreign));
    }
    let dropped = rounds.len() - wanted;
    rounds.sort_by(|left, right| left.1.total_cmp(&right.1));
    if quiet < wanted {
        eprintln!("other programs took up to {:.2} of a core: measure again when it is quiet", rounds[wanted - 1].1);
    }
    (rounds.into_iter().take(wanted).map(|(result, _)| result).collect(), dropped)
}

/// What several rounds say.
struct Spread {
    lowest: f64,
    median: f64,
    highest: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self { lowest: values[0], median: values[values.len() / 2], highest: values[values.len() - 1] }
    }

    fn show(&self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.lowest, self.highest)
    }
}
