//! Random names and tokens, their hashes, and comparison that takes the same time for every guess.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// Digits and lower-case letters without those that look like others (Crockford's base 32): five bits each.
const ID_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new name with a prefix that tells its kind: `con_…`. 100 random bits: unguessable, though no secret.
pub fn new_id(prefix: &str) -> String {
    let mut random = [0; 20];
    fill(&mut random);
    let letters = random.iter().map(|byte| char::from(ID_LETTERS[usize::from(byte & 31)]));
    format!("{prefix}_{}", letters.collect::<String>())
}

/// A new secret of 256 random bits with a prefix by which leak scanners know it: `jng_…`.
pub fn new_token(prefix: &str) -> SecretString {
    let mut random = Zeroizing::new([0; 32]);
    fill(random.as_mut_slice());
    let mut token = Zeroizing::new(format!("{prefix}_"));
    URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut token);
    SecretString::from(token.as_str())
}

/// A second secret that follows from the first one and does not betray it, such as the CSRF field of a session.
pub fn derive(purpose: &str, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Digest::of(&[purpose, secret]).0)
}

/// Whether two texts are equal, without telling by the time it takes how much of them is.
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[expect(clippy::expect_used, reason = "without randomness nothing here may go on: no key, no token, no nonce")]
pub(super) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// A SHA-256 hash: what is kept of a token or a name that need not be read again. Comparing two needs no care: whoever
/// learns how much of a hash was right is no nearer to the token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of several texts that cannot be confused with the same characters divided otherwise.
    pub fn of(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finalize().into())
    }

    /// The hash of a token that a caller shows.
    pub fn of_token(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same in lower-case letters and digits.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn tokens_and_ids_have_their_form_and_never_repeat() {
        let tokens: HashSet<String> = (0..1000).map(|_| new_token("jng").expose_secret().to_owned()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.starts_with("jng_") && token.len() == 4 + 43));
        let ids: HashSet<String> = (0..1000).map(|_| new_id("con")).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let letters = id.strip_prefix("con_").unwrap();
            assert!(
                letters.len() == 20 && letters.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{id}"
            );
        }
    }

    #[test]
    fn a_hash_knows_where_its_parts_end() {
        assert_eq!(Digest::of(&["ab", "c"]), Digest::of(&["ab", "c"]));
        assert_ne!(Digest::of(&["ab", "c"]), Digest::of(&["a", "bc"]));
        assert_ne!(Digest::of(&["abc"]), Digest::of_token("abc"));
    }

    /// FIPS 180-2, B.1.
    #[test]
    fn a_token_hash_is_plain_sha_256() {
        assert_eq!(Digest::of_token("abc").as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
    }

    #[test]
    fn comparison_and_derivation() {
        assert!(same("token", "token"));
        assert!(!same("token", "tokeN") && !same("token", "toke") && !same("", "t"));
        assert_eq!(derive("csrf", "s"), derive("csrf", "s"));
        assert_ne!(derive("csrf", "s"), derive("csrf", "t"));
        assert_ne!(derive("csrf", "s"), derive("frame", "s"));
    }

    #[test]
    fn debug_is_blind() {
        let token = new_token("jng");
        assert!(!format!("{token:?}").contains(token.expose_secret()));
        assert_eq!(format!("{:?}", Digest::of_token("x")), "Digest(…)");
    }
}
