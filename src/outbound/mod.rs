//! Every outgoing connection: who may be reached, over which connection, within which limits.
//!
//! Site URLs are typed by people, so an address is judged twice: as it stands in the URL ([`PrivateSites::admits`]) and as
//! every address that its name resolves to (`guard`), and the connection is made to those very addresses. Redirects are
//! never followed, so a credential never reaches a second host. (contract §2; performance-and-security 2.3, *SSRF*)
//!
//! ```text
//! address    what an IP address is: public, private, never                    pure
//! policy     what the operator lists, and what a URL may therefore reach      pure
//! failure    why no answer came                                               pure
//! profile    a site's own CA, client certificate and proxy → TLS settings
//! guard      names → judged addresses
//! client     one call within its limits
//! wait       how long a server asks us to wait                           pure
//! ```

mod address;
mod client;
mod failure;
mod guard;
mod policy;
mod profile;
mod wait;

pub use client::{Call, Http, Outbound, Reply};
pub use failure::{Failure, TlsProblem};
pub use guard::Names;
pub use policy::{Clearance, PrivateSites};
pub use profile::{Profile, ProfileError};
pub use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode, Url};
pub use wait::{LONGEST_WAIT, asks_to_wait, date, retry_after};
