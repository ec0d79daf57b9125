//! Proof key for code exchange (RFC 7636).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What the client promised to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    S256(String),
    Plain(String),
}

impl Challenge {
    /// Whether this verifier was meant; it must have 43 to 128 unreserved characters.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let well_formed = (43..=128).contains(&verifier.len()) && verifier.chars().all(unreserved);
        well_formed
            && match self {
                Self::S256(hash) => *hash == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
                Self::Plain(text) => text == verifier,
            }
    }
}
