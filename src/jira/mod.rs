//! Speaks to Jira; knows nothing of us but how to go out.

pub mod access_tokens;
mod answers;
pub mod auth;
mod bulk;
pub mod classify;
pub mod client;
pub mod cloud;
pub mod discover;
pub mod error;
mod fields;
pub mod key;
mod loose;
pub mod model;
pub mod oauth;
pub mod server;
pub mod text;
mod wait;

pub use error::Error;
