//! Reads the settings, builds the gateway, serves until told to stop; or does one command.

mod command;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use jira_notion_gateway::config::{self, Cli, Command, LogFormat, Settings};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Wrong use; clap ends with the same status.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let settings = match config::load(&cli) {
        Ok(settings) => settings,
        Err(error) => return fail(&error, WRONG_USE),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    let command = cli.command_or_serve();
    if matches!(command, Command::Serve) {
        log(&settings);
    }
    match runtime.block_on(command::run(command, settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

/// One clear line on standard error.
fn fail(error: &dyn std::fmt::Display, status: u8) -> ExitCode {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(std::io::stderr(), "jira-notion-gateway: {error}");
    ExitCode::from(status)
}

/// Our own messages at the level that is set; of the libraries only warnings: they know no rule about secrets.
fn log(settings: &Settings) {
    let ours = settings.log;
    let filter = Targets::new()
        .with_default(LevelFilter::WARN.min(ours))
        .with_target(env!("CARGO_CRATE_NAME"), ours)
        .with_target("jira_notion_gateway", ours);
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => registry.with(layer.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))).init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).init(),
    }
}
