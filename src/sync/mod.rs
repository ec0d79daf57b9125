//! One Jira project as one Notion database (synced-database). One way, in a person's name.
//!
//! ```text
//! cell   what a cell of a row says, before Notion's ids are known         pure
//! body   long texts as blocks, and the calls that write them           pure
//! ```

pub mod body;
pub mod cell;
