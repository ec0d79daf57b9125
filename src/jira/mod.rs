//! Speaks to Jira; knows nothing of us but how to go out.

pub mod access_tokens;
pub mod agile;
mod answers;
pub mod auth;
mod bulk;
pub mod catalogue;
pub mod change;
pub mod classify;
pub mod client;
pub mod cloud;
pub mod comment;
pub mod discover;
pub mod endpoint;
pub mod error;
pub mod estimate;
mod field_type;
mod fields;
pub mod key;
mod licence;
pub mod limits;
mod loose;
pub mod model;
pub mod oauth;
mod people;
pub mod picture;
mod projects;
pub mod release;
pub mod scan;
pub mod search;
pub mod server;
pub mod service_desk;
pub mod text;
pub mod things;
pub mod value;
pub mod webhooks;

pub use error::Error;
