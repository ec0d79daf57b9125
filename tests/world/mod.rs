//! The world around the gateway: small, faithful servers on port 0 (contract "Fakes are faithful": they refuse what
//! the real ones refuse). Included by the tests, the demo and the load benchmark alike.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each of the programs that include this folder uses another part of it, and a broken world may stop them"
)]

pub mod atlassian;
pub mod demo;
pub mod gateway;
pub mod jira;
pub mod notion;
pub mod oauth;
pub mod postgres;
pub mod proxy;
pub mod samples;
pub mod tls;
mod two_people;

pub use atlassian::FakeAtlassian;
pub use jira::{
    AccessToken, ApiToken, Browse, Delivery, Drip, FakeJira, Fault, Gate, Hook, Issue, Person, Personality, Priority,
    Project, Status, Text,
};
pub use notion::FakeNotion;
pub use two_people::two_people;
