//! One integration binary: linking is the slow part, so everything shares it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what went wrong by failing"
)]

mod at_once;
mod body;
mod browser;
mod cli;
mod config;
mod connect;
mod demo;
mod jira;
mod jira_scan;
mod kinds;
mod link;
mod link_preview;
mod notion;
mod notion_rest;
mod oauth;
mod openapi;
mod outbound;
mod pace;
mod pages;
mod pictures;
mod recorded;
mod render;
mod resolve;
mod security;
mod server;
mod skins;
mod store;
mod sync;
mod sync_columns;
mod text;
mod tidy;
mod webhooks;
mod world;
