//! Walls of the house: who may know whom (the picture in `src/lib.rs`), which library lives in which room, and what
//! nobody may write. The rules are functions of text, so that each is shown to fail on a planted violation.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms that may know less than their floor allows.
const NARROW: [(&str, &[&str]); 2] = [("jira", &["outbound"]), ("notion", &["outbound"])];

/// Rooms that never know each other's side, so that the two directions of OAuth cannot be confused.
const KEEL: [(&str, &str); 3] = [("connect", "notion"), ("grant", "jira"), ("workspace", "jira")];

/// One library, one room. A file name without its folder stands for the room; a folder may take the place of a file.
const LIBRARIES: [(&str, &[&str]); 25] = [
    ("askama", &["render"]),
    ("axum", &["http"]),
    ("chacha20poly1305", &["secret"]),
    ("clap", &["config", "main"]),
    ("getrandom", &["secret"]),
    ("hmac", &["secret"]),
    ("html5ever", &["jira/text"]),
    ("hyper", &["http/server", "outbound/failure"]),
    ("hyper_util", &["http/server"]),
    ("jsonwebtoken", &["secret"]),
    ("moka", &["unfurl", "connect", "account", "recall"]),
    ("prometheus_client", &["metrics"]),
    ("quick_xml", &["picture"]),
    ("reqwest", &["outbound"]),
    ("rustls", &["outbound", "http/server", "http/tls"]),
    ("scraper", &["jira/discover"]),
    ("sha2", &["secret"]),
    ("sqlx", &["store"]),
    ("subtle", &["secret"]),
    ("tokio_rustls", &["http/server", "http/tls"]),
    ("toml", &["config"]),
    ("tower", &["http"]),
    ("tracing_subscriber", &["main"]),
    ("unicode_normalization", &["sync"]),
    ("unicode_segmentation", &["render", "jira", "preview"]),
];

const LONGEST_FILE: usize = 400;

#[test]
fn rooms_know_only_lower_floors() {
    let mut floors = Floors::of(&read("src/lib.rs"));
    floors.add_rooms_of_main(&read("src/main.rs"));
    let found: Vec<_> = sources("src").iter().flat_map(|(path, text)| floors.violations(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_has_its_floor_in_the_picture() {
    let lib = read("src/lib.rs");
    let floors = Floors::of(&lib);
    for room in declared_rooms(&lib) {
        assert!(floors.of_room(&room).is_some(), "{room} is missing in the picture of src/lib.rs");
    }
}

#[test]
fn one_library_lives_in_one_room() {
    let found: Vec<_> = sources("src").iter().flat_map(|(path, text)| strangers(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_stay_small_and_finished() {
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        for (path, text) in sources(folder) {
            found.extend(unfinished(&path, &text));
            // A table of cases below the code is no second idea.
            let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
            if folder == "src" && code > LONGEST_FILE {
                found.push(format!("{path} has more than {LONGEST_FILE} lines: does it hold two ideas?"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let mut files = Vec::new();
    walk(&root(), &mut files);
    let found: Vec<_> = files.iter().flat_map(|(path, text)| machine_words(path, text)).collect();
    assert!(files.len() > 30, "the whole repository is read");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_test_file_is_run() {
    let all = read("tests/all.rs");
    for (path, _) in sources("tests") {
        let name = path.trim_start_matches("tests/").trim_end_matches(".rs");
        if name != "all" && !name.contains('/') {
            assert!(all.contains(&format!("\nmod {name};\n")), "tests/all.rs does not declare {name}");
        }
    }
}

/// The picture of `src/lib.rs`, as numbers.
struct Floors(Vec<(String, u8)>);

impl Floors {
    fn of(lib: &str) -> Self {
        let rooms = declared_rooms(lib);
        let mut floors = vec![];
        for line in lib.lines().filter_map(|line| line.strip_prefix("//! ")) {
            let line = line.trim_start().trim_start_matches("floor").trim_start();
            let Some((number, rest)) = line.split_once(' ') else { continue };
            let Ok(number) = number.parse() else { continue };
            let names = rest.split("  ").map(str::trim).filter(|name| !name.is_empty());
            let names = names.take_while(|name| *name == "main" || rooms.iter().any(|room| room == name));
            floors.extend(names.map(|name| (name.to_owned(), number)));
        }
        Self(floors)
    }

    /// Modules of the program itself lie where `main` lies.
    fn add_rooms_of_main(&mut self, main: &str) {
        let floor = self.of_room("main").unwrap();
        let names = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        self.0.extend(names.map(|name| (name.to_owned(), floor)));
    }

    fn of_room(&self, room: &str) -> Option<u8> {
        self.0.iter().find(|(name, _)| name == room).map(|(_, floor)| *floor)
    }

    fn violations(&self, path: &str, text: &str) -> Vec<String> {
        let room = room_of(path);
        if room == "lib" {
            return Vec::new();
        }
        let Some(own) = self.of_room(room) else { return vec![format!("{path}: {room} is not in the picture")] };
        let narrow = NARROW.iter().find(|(name, _)| *name == room).map(|(_, may)| *may);
        let forbidden = |known: &&String| {
            let above = self.of_room(known).is_some_and(|floor| floor >= own);
            let too_wide = self.of_room(known).is_some() && narrow.is_some_and(|may| !may.contains(&known.as_str()));
            let other_side = KEEL.contains(&(room, known.as_str()));
            *known != room && (above || too_wide || other_side)
        };
        let known = rooms_named(path, &code(text));
        known.iter().filter(forbidden).map(|known| format!("{path}: {room} must not know {known}")).collect()
    }
}

fn declared_rooms(lib: &str) -> Vec<String> {
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// `src/http/server.rs` → `http`.
fn room_of(path: &str) -> &str {
    let inner = path.trim_start_matches("src/");
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

/// First segments of all paths that begin at the root of the crate.
fn rooms_named(path: &str, code: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches("/mod.rs");
    let to_root = "super::".repeat(inner.split('/').count());
    let mut names = Vec::new();
    for prefix in ["crate::", "jira_notion_gateway::", &to_root] {
        for (at, _) in code.match_indices(prefix).filter(|(at, _)| begins_a_path(code, *at)) {
            names.extend(heads(&code[at + prefix.len()..]));
        }
    }
    names
}

/// `a::b` → `a`; `{a::b, c::{d, e}}` → `a`, `c`.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut names, mut start) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                names.push(word(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn begins_a_path(code: &str, at: usize) -> bool {
    let before = code[..at].trim_end_matches("::").len();
    before == at && !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Uses of a library outside of its room.
fn strangers(path: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let at_home = |home: &&&str| inner == **home || inner.starts_with(&format!("{home}/"));
    let used = LIBRARIES.iter().filter(|(library, homes)| {
        homes.iter().find(at_home).is_none()
            && code.match_indices(library).any(|(at, _)| {
                let rest = &code[at + library.len()..];
                let imported = code[..at].ends_with("use ") && rest.starts_with(';');
                begins_a_path(&code, at) && (rest.starts_with("::") || imported)
            })
    });
    used.map(|(library, homes)| format!("{path} uses {library}, which lives in {}", homes.join(", "))).collect()
}

/// Marks of work that is not done, and of tests that do not run.
fn unfinished(path: &str, text: &str) -> Vec<String> {
    let (code, comments) = code_and_comments(text);
    let in_code = ["todo!", "unimplemented!", "dbg!", "#[ignore"].into_iter().filter(|word| code.contains(word));
    let marks = ["TO", "FIX", "XX"].into_iter().zip(["DO", "ME", "X"]).map(|(a, b)| format!("{a}{b}"));
    let in_comments = marks.filter(|mark| comments.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark));
    in_code.map(str::to_owned).chain(in_comments).map(|word| format!("{path} holds {word}")).collect()
}

/// Words that are true on one machine only. Spelled in halves, since this file is read as well.
fn machine_words(path: &str, text: &str) -> Vec<String> {
    let halves = [
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("crates", ".io"),
        ("npmjs", ".org"),
        ("pypi", ".org"),
        ("proxy.gol", "ang.org"),
    ];
    let mut words: Vec<_> = halves.map(|(a, b)| format!("{a}{b}")).to_vec();
    if !path.starts_with("tests/") && !path.starts_with(".ci/") {
        words.push(["../sha", "red"].concat());
    }
    // The lock names the registry in its own format.
    let words = words.into_iter().filter(|word| text.contains(word) && path != "Cargo.lock");
    words.map(|word| format!("{path} names {word}")).collect()
}

/// Rust text without comments and without the content of literals.
fn code(text: &str) -> String {
    code_and_comments(text).0
}

fn code_and_comments(text: &str) -> (String, String) {
    let mut out = String::with_capacity(text.len());
    let mut comments = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest, &out) {
            length
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        if rest.starts_with('/') {
            comments.push_str(&rest[..skip]);
        }
        out.push(' ');
        rest = &rest[skip..];
    }
    (out, comments)
}

/// Length of the text or character literal that begins here.
fn literal(rest: &str, before: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    if let Some(hashes) = hashes.filter(|hashes| rest[1 + hashes..].starts_with('"'))
        && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
    {
        let end = format!("\"{}", "#".repeat(hashes));
        let start = hashes + 2;
        return Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()));
    }
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if quote == '\'' {
        // A lifetime has no second quote behind its first letter.
        let second = rest.chars().nth(2)?;
        if !rest.starts_with("'\\") && second != '\'' {
            return None;
        }
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All Rust files below a folder, by their path in the repository.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    walk(&root().join(folder), &mut files);
    files.retain(|(path, _)| path.ends_with(".rs"));
    files
}

fn walk(folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if ![".git", "target", "data"].contains(&name.as_str()) {
                walk(&path, files);
            }
        } else if name != ".git"
            && let Ok(text) = fs::read_to_string(&path)
        {
            files.push((name, text));
        }
    }
}

mod planted {
    use super::*;

    const LIB: &str = "\
//! floor 7   main                     starts it
//!       2   store   config           what is remembered | what was set
//!       1   jira                     the outside world
//!       0   outbound   clock         how we go out
pub mod clock;
pub mod outbound;
pub mod jira;
pub mod store;
pub mod config;
";

    #[test]
    fn a_room_that_looks_up_or_sideways_is_found() {
        let mut floors = Floors::of(LIB);
        assert_eq!(floors.0.len(), 6);
        floors.add_rooms_of_main("mod command;\n\nfn main() {}");
        for (path, text, known) in [
            ("src/jira/client.rs", "use crate::store::Db;", "store"),
            ("src/store/mod.rs", "fn a(_: &crate::config::Settings) {}", "config"),
            ("src/store/mod.rs", "use crate::{\n    clock::Clock,\n    config::{A, B},\n};", "config"),
            ("src/store/rows.rs", "use super::super::config::A;", "config"),
            ("src/store.rs", "use super::config::A;", "config"),
            ("src/outbound.rs", "/* a */ use crate::clock::Clock; // b", "clock"),
            ("src/jira/mod.rs", "use crate::clock::Clock;", "clock"),
        ] {
            let expected = [format!("{path}: {} must not know {known}", room_of(path))];
            assert_eq!(floors.violations(path, text), expected, "{text}");
        }
        // The two directions of OAuth.
        floors.0.extend([("connect".to_owned(), 3), ("notion".to_owned(), 1), ("grant".to_owned(), 3)]);
        for (path, text, other) in [
            ("src/connect/mod.rs", "use crate::notion::Error;", "notion"),
            ("src/grant/mod.rs", "use crate::jira::Error;", "jira"),
        ] {
            assert_eq!(floors.violations(path, text), [format!("{path}: {} must not know {other}", room_of(path))]);
        }
        assert_eq!(floors.violations("src/grant/mod.rs", "use crate::notion::Error;"), [""; 0]);
        assert_eq!(floors.violations("src/attic.rs", ""), ["src/attic.rs: attic is not in the picture"]);
        for (path, text) in [
            ("src/store/mod.rs", "use crate::clock::Clock; use crate::store::rows;"),
            ("src/store/rows.rs", "use super::config::A; // the store's own"),
            ("src/store/rows.rs", "//! Not [`crate::config`]\nconst A: &str = \"crate::config::A\";"),
            ("src/jira/client.rs", "use crate::outbound::Http; use crate::jira::key::SiteUrl;"),
            ("src/main.rs", "use jira_notion_gateway::config;"),
            ("src/command.rs", "use jira_notion_gateway::config;"),
        ] {
            assert_eq!(floors.violations(path, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_library_in_a_strange_room_is_found() {
        for (path, text) in [
            ("src/gateway.rs", "use axum::Router;"),
            ("src/http/pages.rs", "fn a() -> sqlx::Error {}"),
            ("src/http/api.rs", "use hyper::Request;"),
            ("src/jira/client.rs", "use reqwest;"),
            ("src/jira/cloud.rs", "#[derive(askama::Template)] struct A<'a>(&'a str);"),
            ("src/jira/textual.rs", "use html5ever::tendril;"),
        ] {
            assert_eq!(strangers(path, text).len(), 1, "{text}");
        }
        for (path, text) in [
            ("src/http/pages.rs", "use axum::Router;"),
            ("src/http/server.rs", "use hyper::Request;"),
            ("src/http/server/tls.rs", "use hyper::Request;"),
            ("src/outbound/client.rs", "use reqwest::Client;"),
            ("src/jira/discover.rs", "use scraper::Html;"),
            (
                "src/jira/client.rs",
                "// not reqwest::Client\nuse crate::outbound::reqwest_free; let c = '\"'; let d = \"sqlx::\";",
            ),
        ] {
            assert_eq!(strangers(path, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn marks_and_machine_words_are_found() {
        for text in ["fn a() { todo!() }", "#[ignore = \"slow\"]", &format!("// {}{}: later", "TO", "DO")] {
            assert_eq!(unfinished("src/a.rs", text).len(), 1, "{text}");
        }
        assert_eq!(unfinished("src/a.rs", "// what is to do\nconst A: &str = \"todo! TODO\";"), [""; 0]);
        for text in
            [["cd /wo", "rk/x"].concat(), ["https://static.crates", ".io/a"].concat(), ["../sha", "red"].concat()]
        {
            assert_eq!(machine_words("README.md", &text).len(), 1, "{text}");
        }
        assert_eq!(machine_words("tests/recorded.rs", &["../sha", "red/x"].concat()), [""; 0]);
    }
}
