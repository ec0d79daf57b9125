//! Reads one whole project, and later what changed in it, without losing or inventing an issue (synced-database §4.1,
//! §4.3, §5, §7). A walk is a chain of pages; between two of them the caller keeps a [`Position`], nothing else.
//!
//! ```text
//! filter     what is in scope: a project, and perhaps a query that cannot leave it          pure
//! literal    an instant as JQL writes it, never later than it is                            pure
//! keyset     a walk by keys, which survives that the issue it stood on is gone              pure
//! full       all issues                                                                     pure
//! delta      the issues changed since an instant                                            pure
//! position   which of these, and what a page means for it                                   pure
//! record     an issue with the fields that were named                                       pure
//! bound      which project a search is about
//! search     one request of a walk; smaller where an answer was cut
//! census     all ids
//! standing   what became of single issues
//! project    what became of the project
//! names      names that change without an issue being touched
//! lists      the rest of lists that a search cuts
//! error      what a caller can do
//! ```

mod bound;
mod census;
mod delta;
mod error;
mod filter;
mod full;
mod keyset;
mod lists;
mod literal;
mod names;
mod position;
mod project;
mod record;
mod search;
mod standing;

pub use bound::Bound;
pub use census::{CensusPage, CensusPosition};
pub use error::ScanError;
pub use filter::{Filter, FilterError, Scope};
pub use literal::TimeForm;
pub use names::Names;
pub use position::{Page, Position};
pub use project::{ProjectStanding, ProjectState};
pub use record::Record;
pub use standing::Standing;
