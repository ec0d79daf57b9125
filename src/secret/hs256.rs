//! Whether a message comes from somebody who knows a secret: HMAC-SHA-256 (RFC 2104) over its bytes, or a JWT that is
//! signed so (HS256, RFC 7518 §3.2). Here lie its only implementation and the one that the JWT library is given.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;
use signature::{Signer, Verifier};

/// A JWT of a caller is not longer than this.
const LONGEST: usize = 8 * 1024;

/// Whether these hexadecimal digits are the HMAC-SHA-256 of a message; takes the same time for every guess.
pub fn is_mac_of(key: &[u8], message: &[u8], digits: &str) -> bool {
    let (Some(mac), Some(hmac)) = (bytes_of(digits), hmac(key)) else { return false };
    hmac.chain_update(message).verify_slice(&mac).is_ok()
}

/// Whether this is a JWT that was signed with a secret by HS256 and has not ended at `now` (seconds since 1970). What else
/// it claims is not looked at.
pub fn is_signed_jwt(token: &str, secret: &[u8], now: i64) -> bool {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: i64,
    }
    if token.len() > LONGEST || secret.is_empty() {
        return false;
    }
    let mut validation = Validation::new(Algorithm::HS256);
    // Time is handed in.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    ready();
    let decoded = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(secret), &validation);
    decoded.is_ok_and(|decoded| now < decoded.claims.exp)
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

/// HMAC-SHA-256 (RFC 2104) of several parts: also the way from a key to other keys.
pub(super) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key shorter than the block is filled up with zeros (RFC 2104 §2).
    let mut block = Zeroizing::new([0; 64]);
    block[..key.len()].copy_from_slice(key);
    let mut hmac = Hmac::<Sha256>::new((&*block).into());
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finalize().into_bytes().into()
}

/// A key of any length; none is refused.
fn hmac(key: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(key).ok()
}

/// HS256 for the JWT library: its own sets of ciphers would be a second stack beside the one in this room.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match (algorithm, hmac(key.as_bytes())) {
        (Algorithm::HS256, Some(hmac)) => Ok(Box::new(Hs256(hmac))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match (algorithm, hmac(key.try_get_as_bytes()?)) {
        (Algorithm::HS256, Some(hmac)) => Ok(Box::new(Hs256(hmac))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Before the library is used for the first time.
pub(super) fn ready() {
    static INSTALLED: LazyLock<()> = LazyLock::new(|| {
        // Refused only when there is one already, and nobody else brings one.
        let _ = PROVIDER.install_default();
    });
    LazyLock::force(&INSTALLED);
}

struct Hs256(Hmac<Sha256>);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        // In constant time.
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn signature(key: &[u8], message: &[u8]) -> Vec<u8> {
        hmac(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
    }

    fn jwt(header: &str, claims: &str, secret: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature(secret.as_bytes(), message.as_bytes())))
    }

    /// RFC 4231, test case 2.
    #[test]
    fn a_signature_is_that_of_every_byte() {
        let (key, message) = (b"Jefe", b"what do ya want for nothing?");
        let digits = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_mac_of(key, message, digits) && is_mac_of(key, message, &digits.to_uppercase()));
        assert!(!is_mac_of(b"Jeff", message, digits));
        let other = [7; 32];
        let (start, end) = message.split_at(4);
        assert_eq!(mac(&other, &[start, end]).to_vec(), signature(&other, message), "both say the same");
        for bit in 0..message.len() * 8 {
            let mut changed = *message;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_mac_of(key, &changed, digits), "bit {bit}");
        }
        for wrong in ["", &digits[1..], &digits[..62], &format!("{digits}00"), &digits.replace('5', "é"), "zz"] {
            assert!(!is_mac_of(key, message, wrong), "{wrong}");
        }
    }

    #[test]
    fn a_jwt_is_good_until_it_ends_whatever_else_it_claims() {
        let header = r#"{"typ":"JWT","alg":"HS256"}"#;
        let claims = r#"{"exp":100,"aud":"x","iss":"jira","nbf":9999999999,"qsh":"y","context":{"a":[1]}}"#;
        // Longer than a block, too.
        for secret in ["s", "the client's secret", &"k".repeat(100)] {
            let good = jwt(header, claims, secret);
            assert!(is_signed_jwt(&good, secret.as_bytes(), 99), "{secret}");
            assert!(!is_signed_jwt(&good, secret.as_bytes(), 100));
            assert!(!is_signed_jwt(&good, b"another", 99));
            for at in 0..good.len() {
                let mut changed = good.clone().into_bytes();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                // The last letter of Base64 may hold bits that nobody reads.
                let changed = String::from_utf8(changed).unwrap();
                assert!(at == good.len() - 1 || !is_signed_jwt(&changed, secret.as_bytes(), 99), "byte {at}");
                assert!(!is_signed_jwt(&good[..at], secret.as_bytes(), 99), "cut at {at}");
            }
        }
        // RFC 8725 §2.1: who makes a token does not choose how it is checked.
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, "{}", ""] {
            assert!(!is_signed_jwt(&jwt(header, claims, "s"), b"s", 0), "{header}");
        }
        for claims in ["{}", r#"{"exp":"never"}"#, "[]", ""] {
            assert!(!is_signed_jwt(&jwt(header, claims, "s"), b"s", 0), "{claims}");
        }
        assert!(!is_signed_jwt(&jwt(header, claims, ""), b"", 0), "without a secret anybody could sign");
        assert!(!is_signed_jwt(&"a.".repeat(LONGEST), b"s", 0));
    }
}
