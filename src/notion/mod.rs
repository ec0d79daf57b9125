//! Speaks to Notion; knows nothing of us.
//!
//! ```text
//! rich_text  runs of words, mentions                                        pure
//! property   columns of a database and their values                         pure
//! told       what it tells of databases, rows, blocks and people              pure
//! page_id    which page a person means                                      pure
//! block      what a page's body is made of                                  pure
//! unfurl     what a Link Preview is made of: attributes, operations          pure
//! redirect   where Notion's people may be sent back to                       pure
//! oauth      tokens of Notion: exchange, renew, revoke; who they belong to
//! client     calls with such a token: who it is, what a Link Preview shows
//! databases  the same for databases, their rows and what stands in these
//! error      what a caller can do about a failure
//! ```

mod answer;
pub mod block;
pub mod client;
pub mod databases;
mod error;
pub mod oauth;
mod page_id;
pub mod property;
pub mod redirect;
pub mod rich_text;
pub mod told;
pub mod unfurl;

pub use error::{Error, Limit};
pub use page_id::{page_id, page_url};
