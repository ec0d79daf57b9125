//! What the simulated authorization servers share (RFC 6749, RFC 7636), without `async`.

pub mod codes;
pub mod html;
pub mod mint;
pub mod parameters;
pub mod pkce;
pub mod rsa_key;

pub use codes::Codes;
pub use parameters::{AuthorizeRequest, Parameters};

/// What a token endpoint has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    pub exchanges: usize,
    pub refused_exchanges: usize,
    pub refreshes: usize,
    pub refused_refreshes: usize,
}

/// A registered client.
#[derive(Clone, Debug)]
pub struct Application {
    pub secret: String,
    /// Matched exactly, including the path.
    pub redirect_uris: Vec<String>,
}
