//! `--help` teaches, and wrong use says what is right.

use std::fmt::Write;

use tempfile::TempDir;

use super::run;

const COMMANDS: [&[&str]; 14] = [
    &[],
    &["serve"],
    &["token"],
    &["token", "create"],
    &["account"],
    &["account", "list"],
    &["account", "remove"],
    &["check"],
    &["database"],
    &["database", "list"],
    &["database", "status"],
    &["database", "create"],
    &["database", "sync"],
    &["key", "rotate"],
];

fn help(command: &[&str], flag: &str) -> String {
    let folder = TempDir::new().unwrap();
    let done = run(folder.path(), &[command, &[flag]].concat());
    assert_eq!((done.status, done.err.as_str()), (0, ""), "{command:?}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "only told, nothing done");
    done.out
}

/// The settings themselves are compared with their table elsewhere.
#[test]
fn every_command_says_what_it_does() {
    let mut text = String::new();
    for command in COMMANDS {
        let (long, short) = (help(command, "--help"), help(command, "-h"));
        let (before, settings) = long.split_once("\nSettings:\n").unwrap();
        assert!(settings.contains("--listen <ADDRESS:PORT>") && !short.contains("--listen"), "{command:?}");
        writeln!(text, "$ jira-notion-gateway {}\n\n{before}", [command, &["--help"]].concat().join(" ")).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_short_help_fits_a_screen() {
    insta::assert_snapshot!(help(&[], "-h"));
}

#[test]
fn wrong_use_ends_with_2_and_says_what_is_accepted() {
    let folder = TempDir::new().unwrap();
    let table: [&[&str]; 11] = [
        &["nonsense"],
        &["--nonsense"],
        &["token"],
        &["token", "create"],
        &["check"],
        &["account", "remove"],
        &["database"],
        &["database", "create", "--account", "ana"],
        &["database", "sync", "--dry-run"],
        &["key", "rotate", "now"],
        &["--listen"],
    ];
    for arguments in table {
        let done = run(folder.path(), arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}");
        assert!(done.err.contains("Usage: ") || done.err.contains("--help"), "{}", done.err);
    }
    let version = run(folder.path(), &["--version"]);
    assert_eq!((version.status, version.out), (0, format!("jira-notion-gateway {}\n", env!("CARGO_PKG_VERSION"))));
}
