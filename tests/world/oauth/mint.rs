//! Secrets that a fake gives out: no two alike in one run, and safe in URLs as they stand.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

fn bytes(kind: &str) -> [u8; 32] {
    static MINTED: AtomicU64 = AtomicU64::new(0);
    let number = MINTED.fetch_add(1, Ordering::Relaxed);
    Sha256::digest(format!("{kind} {number}")).into()
}

/// 43 characters.
pub fn secret(kind: &str) -> String {
    URL_SAFE_NO_PAD.encode(bytes(kind))
}

/// As Notion's ids look: a random UUID.
pub fn uuid(kind: &str) -> String {
    let mut hex: Vec<char> =
        bytes(kind)[..16].iter().flat_map(|it| format!("{it:02x}").chars().collect::<Vec<_>>()).collect();
    (hex[12], hex[16]) = ('4', 'a');
    let hex: String = hex.into_iter().collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Looks like a JWT and is as long as Atlassian's may be (jira-auth-and-rest §2.3): more than 2 kB.
pub fn long_token(kind: &str) -> String {
    let parts: String = (0..48).map(|_| secret(kind)).collect();
    format!("eyJhbGciOiJIUzI1NiJ9.{parts}.{}", secret(kind))
}

/// Base64 of 33 bytes, 44 characters: a personal access token (jira-auth-and-rest §4.2).
pub fn access_token() -> String {
    let mut raw = bytes("access token").to_vec();
    raw.push(b'=');
    STANDARD.encode(raw)
}
