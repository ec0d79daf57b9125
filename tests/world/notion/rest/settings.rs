//! What differs between plans and workspaces, or what nobody outside Notion knows (notion-rest-api §11).

use jiff::SignedDuration;

/// See the members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Calls of one connection in 60 seconds; `None`: as many as come.
    pub allowance: Option<u32>,
    /// The same of all connections of a workspace together.
    pub workspace_allowance: Option<u32>,
    /// Whether an unknown name in a `status` value makes an option, as it does for `select`.
    pub status_names_create: bool,
    /// Rows of one data source that are not in the trash.
    pub row_limit: Option<usize>,
    /// Blocks that a workspace may ever make: pages and rows are blocks.
    pub block_limit: Option<usize>,
    /// Rows that one query gives, over all its pages.
    pub query_cap: usize,
    /// How long a new row is not found by queries.
    pub query_lag: SignedDuration,
    /// Whether queries give fewer rows than were asked for, though there are more.
    pub short_pages: bool,
    /// Rows on one page of a query beyond which it takes too long: 504.
    pub slow_page: Option<usize>,
    /// More blocks in one call take too long: 504, and nothing is done.
    pub slow_blocks: Option<usize>,
    /// Bytes of a schema.
    pub schema_size: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allowance: Some(180),
            workspace_allowance: Some(1800),
            status_names_create: false,
            row_limit: None,
            block_limit: None,
            query_cap: 10_000,
            query_lag: SignedDuration::ZERO,
            short_pages: false,
            slow_page: None,
            slow_blocks: None,
            schema_size: 50_000,
        }
    }
}
