//! Requests as cheap as can be: written once, sent as they are, read until the length that the answer names.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::process::{Busy, cpu_seconds};

/// Time to come into step before anything is counted.
const WARM_UP: Duration = Duration::from_millis(300);

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Where the body of an answer begins, and where the answer ends; once its head is there.
fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: &[u8] = b"content-length:";
    let head = bytes.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let at = bytes[..head].windows(LENGTH.len()).position(|it| it.eq_ignore_ascii_case(LENGTH)).unwrap() + LENGTH.len();
    let line = bytes[at..head].split(|byte| *byte == b'\r').next().unwrap();
    let length: usize = std::str::from_utf8(line).unwrap().trim().parse().unwrap();
    Some((head, head + length))
}

fn status(bytes: &[u8]) -> u16 {
    std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap()
}

/// One kept connection that waits for each answer.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 1024 * 1024] }
    }

    pub fn ask(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).unwrap();
        let (mut filled, mut ends) = (0, None);
        loop {
            filled += self.stream.read(&mut self.buffer[filled..]).unwrap();
            ends = ends.or_else(|| extent(&self.buffer[..filled]));
            if let Some((head, end)) = ends.filter(|(_, end)| filled >= *end) {
                return Answer { status: status(&self.buffer), body: self.buffer[head..end].to_vec() };
            }
        }
    }
}

pub fn issue_request(jira: &str, key: &str) -> String {
    let fields = "summary,status,issuetype,priority,assignee,reporter,project,parent,duedate,resolution,fixVersions,\
                  labels,created,updated,security";
    format!(
        "GET /rest/api/3/issue/{key}?fields={fields}&updateHistory=false HTTP/1.1\r\nhost: {jira}\r\n\
         authorization: Basic YW5hQGFjbWUuZXhhbXBsZTp0b2tlbg==\r\naccept: application/json\r\n\r\n"
    )
}

/// One round of the warm path.
pub struct Warm {
    pub rate: f64,
    pub server_micros: f64,
    pub client_load: f64,
    pub foreign: f64,
    pub p99: f64,
}

impl Warm {
    pub fn read(text: &str) -> Self {
        let [rate, server_micros, client_load, foreign, p99] = numbers(text);
        Self { rate, server_micros, client_load, foreign, p99 }
    }
}

/// Each connection asks for its own link again and again.
pub fn warm(address: &str, requests: &Path, server: u32, seconds: f64) {
    let requests = std::fs::read_to_string(requests).unwrap();
    let time = Duration::from_secs_f64(seconds);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (took, mut latencies, own, theirs, all) = runtime.block_on(async {
        let begin = Instant::now() + WARM_UP;
        let asking: Vec<_> = requests
            .split('\0')
            .map(|request| {
                tokio::spawn(ask_again_and_again(address.to_owned(), request.to_owned(), begin, begin + time))
            })
            .collect();
        tokio::time::sleep_until(begin.into()).await;
        let (busy, own, theirs) = (Busy::now(), cpu_seconds(std::process::id()), cpu_seconds(server));
        tokio::time::sleep_until((begin + time).into()).await;
        let (took, all) = (busy.elapsed(), busy.since());
        let (own, theirs) = (cpu_seconds(std::process::id()) - own, cpu_seconds(server) - theirs);
        let mut latencies = Vec::new();
        for each in asking {
            latencies.append(&mut each.await.unwrap());
        }
        (took, latencies, own, theirs, all)
    });
    let count = latencies.len() as f64;
    let p99 = percentile(&mut latencies, 0.99);
    let foreign = (all - own - theirs).max(0.0) / took;
    println!("{} {} {} {foreign} {p99}", count / took, theirs * 1e6 / count, own / took);
}

/// The microseconds of each answer that came between `begin` and `end`.
async fn ask_again_and_again(address: String, request: String, begin: Instant, end: Instant) -> Vec<u32> {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    let mut latencies = Vec::with_capacity(100_000);
    // All answers of one connection are alike, so their length need be read only once.
    let mut length = None;
    let mut asked = Instant::now();
    while asked < end {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut filled = 0;
        while length.is_none_or(|length| filled < length) {
            let more = stream.read(&mut buffer[filled..]).await.unwrap();
            assert!(more > 0, "the server hung up");
            filled += more;
            length = length.or_else(|| extent(&buffer[..filled]).map(|(_, end)| end));
        }
        assert!(length == Some(filled) && &buffer[9..12] == b"200", "another answer than before");
        let answered = Instant::now();
        if asked >= begin && answered < end {
            latencies.push(answered.duration_since(asked).as_micros() as u32);
        }
        asked = answered;
    }
    latencies
}

/// One round of the cold path.
pub struct Cold {
    pub direct_p50: f64,
    pub direct_p99: f64,
    pub cold_p50: f64,
    pub cold_p99: f64,
    pub foreign: f64,
}

impl Cold {
    pub fn read(text: &str) -> Self {
        let [direct_p50, direct_p99, cold_p50, cold_p99, foreign] = numbers(text);
        Self { direct_p50, direct_p99, cold_p50, cold_p99, foreign }
    }
}

/// One issue after the other: first from Jira itself, then through the gateway. `requests` are pairs.
pub fn cold(gateway: &str, jira: &str, requests: &Path, servers: [u32; 2]) {
    let requests = std::fs::read_to_string(requests).unwrap();
    let requests: Vec<&str> = requests.split('\0').collect();
    let (mut gateway, mut jira) = (Connection::open(gateway), Connection::open(jira));
    let (mut direct, mut cold) = (Vec::new(), Vec::new());
    let cpu = || servers.map(cpu_seconds).iter().sum::<f64>() + cpu_seconds(std::process::id());
    let (busy, before) = (Busy::now(), cpu());
    for pair in requests.chunks_exact(2) {
        for (connection, request, times) in [(&mut jira, pair[0], &mut direct), (&mut gateway, pair[1], &mut cold)] {
            let asked = Instant::now();
            let answer = connection.ask(request.as_bytes());
            times.push(asked.elapsed().as_micros() as u32);
            assert_eq!(answer.status, 200);
        }
    }
    let foreign = (busy.since() - (cpu() - before)).max(0.0) / busy.elapsed();
    let [direct_p50, direct_p99] = [0.5, 0.99].map(|part| percentile(&mut direct, part));
    let [cold_p50, cold_p99] = [0.5, 0.99].map(|part| percentile(&mut cold, part));
    println!("{direct_p50} {direct_p99} {cold_p50} {cold_p99} {foreign}");
}

/// What many clients got who asked for the same at the same time.
pub struct Stampede {
    pub good: usize,
    pub millis: u128,
}

pub fn stampede(address: &str, request: &str, clients: usize) -> Stampede {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..clients {
            streams.push(tokio::net::TcpStream::connect(address).await.unwrap());
        }
        let released = Instant::now();
        let asking: Vec<_> = streams
            .into_iter()
            .map(|mut stream| {
                let request = request.to_owned();
                tokio::spawn(async move {
                    stream.write_all(request.as_bytes()).await.unwrap();
                    let (mut buffer, mut filled) = (vec![0; 16 * 1024], 0);
                    while extent(&buffer[..filled]).is_none_or(|(_, end)| filled < end) {
                        match stream.read(&mut buffer[filled..]).await {
                            Ok(more) if more > 0 => filled += more,
                            _ => return false,
                        }
                    }
                    status(&buffer) == 200
                })
            })
            .collect();
        let mut good = 0;
        for each in asking {
            good += usize::from(each.await.unwrap());
        }
        Stampede { good, millis: released.elapsed().as_millis() }
    })
}

fn percentile(times: &mut [u32], part: f64) -> f64 {
    times.sort_unstable();
    // None at all: something else had the machine, and the round is dropped.
    let at = (times.len().saturating_sub(1) as f64 * part) as usize;
    times.get(at).map_or(f64::NAN, |micros| f64::from(*micros))
}

fn numbers<const N: usize>(text: &str) -> [f64; N] {
    let numbers: Vec<f64> = text.split_whitespace().map(|it| it.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}
