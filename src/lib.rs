//! # The house
//!
//! A self-hosted gateway: a person connects their own Jira, pastes Jira URLs, and sees previews and mentions.
//! Rooms on higher floors use rooms on lower floors; neighbours never see each other. `tests/tidy.rs` holds these lines.
//!
//! ```text
//! floor 7   main                               starts it
//!       6   http                               the door: routes, cookies, statuses
//!       5   gateway                            puts the services together
//!       4   unfurl  sync                       what is done with a Connection: looked at | kept as a database
//!       3   connect  grant  workspace  account  render   towards Jira | what Notion may do here | what we may do there | towards the person | towards the eye
//!       2   store   preview   link   config    what is remembered | understood | was pasted | was set
//!       1   jira      notion                   the outside world, as values and calls
//!       0   outbound  secret  clock  metrics  recall  picture   how we go out, what is hidden, what time it is, what is counted, what is in memory, what may be seen
//! ```

// In the order of knowledge: each may use the ones above it that lie on a lower floor.
pub mod clock;
pub mod metrics;
pub mod outbound;
pub mod picture;
pub mod recall;
pub mod secret;

pub mod jira;
pub mod notion;

pub mod config;
pub mod link;
pub mod preview;
pub mod store;

pub mod account;
pub mod connect;
pub mod grant;
pub mod render;
pub mod workspace;

pub mod sync;
pub mod unfurl;

pub mod gateway;

pub mod http;
