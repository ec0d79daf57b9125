//! Writes down every exchange of the REST side for a checker that shares no code with this one.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use super::super::super::jira::exchange::{Answer, Asked};

/// Names the file to which lines are appended.
const VARIABLE: &str = "GATEWAY_TEST_NOTION_CAPTURE";

/// One file for all fakes of this process.
fn file() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let open = |path| Mutex::new(OpenOptions::new().create(true).append(true).open(path).expect("a file to write to"));
    FILE.get_or_init(|| env::var_os(VARIABLE).map(open)).as_ref()
}

pub fn note(asked: &Asked, answer: &Answer) {
    let Some(file) = file() else { return };
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let path = if asked.query.is_empty() { asked.path.clone() } else { format!("{}?{}", asked.path, asked.query) };
    let line = json!({
        "method": asked.method, "path": path, "request": read(&asked.body), "status": answer.status,
        "response": read(&answer.body),
    });
    // A whole line at once, so that two fakes never write into each other's.
    file.lock().unwrap().write_all(format!("{line}\n").as_bytes()).expect("a file to write to");
}
