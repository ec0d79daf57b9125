//! One Jira project as one Notion database (synced-database). One way, in a person's name.
//!
//! ```text
//! columns   which columns there are: fields of Jira, and what becomes of them  pure
//! cell      what a cell of a row says, before Notion's ids are known           pure
//! cells     the cells of an issue, and what of it they do not show             pure
//! options   the names that options have in Notion                              pure
//! body      long texts as blocks, and the calls that write them                pure
//! fit       clean texts that are no longer than Notion allows                  pure
//! why       why something is not there                                         pure
//! badge     what people are told, and what they can do                         pure
//! state     what is written down between two steps                             pure
//! shown     a database as people and programs see it                           pure
//! census    what it means that an issue is missing                             pure
//! change    what a cell shows and is to show                                  pure
//! bind      cells with Notion's ids                                            pure
//! upkeep    columns that are there when fields change                          pure
//! pace      how often Notion may be asked                                      pure
//! halt      why a run does not go on
//! hold      holding on to a database while it is worked on
//! lists     lists of Notion to their end, in pages that it bears
//! writer    calls to Notion: at the permitted rate, again where that is harmless
//! promptly  calls to Notion that a person waits for
//! policy    what the operator lets be copied                                   pure
//! create    how a database comes to be
//! bound     which project a search is about
//! preflight what is looked at before the first write
//! forecast  what a run would do, without doing it
//! report    what is not as it is in Jira, and why
//! explain   the same of one thing that a person asks for
//! owners    who has databases, in memory
//! handover  going on with another connection, and what that changes
//! settings  what a person chooses after a database is made
//! syncs     what people do with databases, and the work that goes on behind
//! run       one run: read Jira, make columns, write rows
//! ```

pub mod badge;
mod bind;
pub mod body;
mod bound;
pub mod cell;
pub mod cells;
mod census;
mod change;
pub mod columns;
mod create;
pub mod explain;
pub mod fit;
mod forecast;
pub mod halt;
mod handover;
mod hold;
mod lists;
pub mod options;
mod owners;
pub mod pace;
pub mod policy;
mod preflight;
mod promptly;
mod report;
mod run;
pub mod settings;
pub mod shown;
pub mod state;
mod syncs;
mod upkeep;
pub mod why;
mod witness;
mod writer;

pub use change::Change;
pub use create::{CreateError, Found, New};
pub use forecast::{Forecast, LossLine};
pub use handover::Difference;
pub use preflight::{Check, CheckResult};
pub use report::{DroppedColumn, Lost, Report};
pub use run::{Action, Decision, RowLine};
pub use syncs::Syncs;
