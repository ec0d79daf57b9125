//! Speaks to Notion; knows nothing of us.
//!
//! ```text
//! unfurl     what a Link Preview is made of: attributes, operations          pure
//! redirect   where Notion's people may be sent back to                       pure
//! oauth      tokens of Notion: exchange, renew, revoke; who they belong to
//! client     calls with such a token
//! error      what a caller can do about a failure
//! ```

mod answer;
pub mod client;
mod error;
pub mod oauth;
pub mod redirect;
pub mod unfurl;

pub use error::Error;
