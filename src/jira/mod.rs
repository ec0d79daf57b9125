//! Speaks to Jira; knows nothing of us but how to go out.

pub mod error;
pub mod key;
pub mod model;

pub use error::Error;
