//! One Jira project as one Notion database (synced-database). One way, in a person's name.
//!
//! ```text
//! cell      what a cell of a row says, before Notion's ids are known          pure
//! columns   which columns there are: fields of Jira, and what becomes of them  pure
//! cells     the cells of an issue, and what of it they do not show             pure
//! options   the names that options have in Notion                              pure
//! why       why something is not there                                         pure
//! fit       clean texts that are no longer than Notion allows                  pure
//! cell   what a cell of a row says, before Notion's ids are known         pure
//! body   long texts as blocks, and the calls that write them           pure
//! ```

pub mod body;
pub mod cell;
pub mod cells;
pub mod columns;
pub mod fit;
pub mod options;
pub mod why;
