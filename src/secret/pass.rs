//! Passes: short-lived values that may stand in an address, and that only we can make and read.
//!
//! A pass is a JWT (RFC 7519) signed with HS256. Addresses end up in histories and logs, so what it says is encrypted
//! as well. Its keys follow from the master keys: every process of a gateway reads every pass, also after a restart.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::hs256::{mac, ready};
use super::keys::MasterKey;
use super::seal::Sealer;

const NONCE_BYTES: usize = 24;
/// Longer than any pass of ours.
const LONGEST: usize = 4 * 1024;

/// Makes and reads the passes for one purpose; those of another purpose are no passes here.
#[derive(Clone)]
pub struct Passes {
    sealer: Sealer,
    purpose: &'static str,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Claims<'a> {
    /// The second since 1970 from which on it is not good any more.
    exp: i64,
    /// Nonce and ciphertext.
    sub: Cow<'a, str>,
}

impl Passes {
    pub fn new(sealer: Sealer, purpose: &'static str) -> Self {
        Self { sealer, purpose }
    }

    /// A pass that says `content` until the second `ends` (since 1970). The same content and end give the same pass.
    pub fn write(&self, content: &[u8], ends: i64) -> String {
        let keys = self.sealer.with_keys_of(|keys| Keys::of(keys.newest(), self.purpose));
        let claims = Claims { exp: ends, sub: keys.seal(content).into() };
        ready();
        // The one reason to fail would be claims that are no JSON.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&*keys.sign))
            .unwrap_or_default()
    }

    /// What a pass says, and when it ends; `None` for whatever is no pass of ours or has ended. `now` in seconds since
    /// 1970.
    pub fn read(&self, pass: &str, now: i64) -> Option<(Vec<u8>, i64)> {
        if pass.len() > LONGEST {
            return None;
        }
        let keys: Vec<Keys> =
            self.sealer.with_keys_of(|keys| keys.iter().map(|it| Keys::of(it, self.purpose)).collect());
        keys.iter().find_map(|keys| keys.read(pass)).filter(|(_, ends)| now < *ends)
    }
}

impl fmt::Debug for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passes").field(&self.purpose).finish()
    }
}

/// What follows from one master key for one purpose.
struct Keys {
    sign: Zeroizing<[u8; 32]>,
    seal: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 32]>,
}

impl Keys {
    fn of(master: &MasterKey, purpose: &str) -> Self {
        let key =
            |part: &[u8]| Zeroizing::new(mac(master.bytes.expose_secret(), &[part, b" pass ", purpose.as_bytes()]));
        Self { sign: key(b"sign"), seal: key(b"seal"), nonce: key(b"nonce") }
    }

    /// The nonce follows from the content, so that the address of a thing stays the same: two contents never share one,
    /// and one content only ever gives one ciphertext.
    fn seal(&self, content: &[u8]) -> String {
        let mut sealed = mac(&self.nonce, &[content])[..NONCE_BYTES].to_vec();
        let nonce = XNonce::from(first(&sealed));
        sealed.extend(self.cipher().encrypt(&nonce, content).unwrap_or_default());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), ciphertext).ok()
    }

    fn read(&self, pass: &str) -> Option<(Vec<u8>, i64)> {
        // Who reads has a clock of their own.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        ready();
        let key = DecodingKey::from_secret(&*self.sign);
        let Claims { exp, sub } = jsonwebtoken::decode(pass, &key, &validation).ok()?.claims;
        Some((self.open(&sub)?, exp))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.seal))
    }
}

fn first(bytes: &[u8]) -> [u8; NONCE_BYTES] {
    bytes.first_chunk().copied().unwrap_or([0; NONCE_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKeys;

    const SAID: &[u8] = b"acc_1 con_1 /secure/useravatar?ownerId=ana";

    fn passes(sealer: &Sealer) -> Passes {
        Passes::new(sealer.clone(), "picture")
    }

    fn sealer() -> Sealer {
        Sealer::with_keys(MasterKeys::generate())
    }

    #[test]
    fn a_pass_is_good_until_it_ends_and_always_the_same() {
        let passes = passes(&sealer());
        let pass = passes.write(SAID, 100);
        assert_eq!(passes.read(&pass, 99), Some((SAID.to_vec(), 100)));
        assert_eq!(passes.read(&pass, 100), None);
        assert_eq!(passes.write(SAID, 100), pass);
        assert_ne!(passes.write(SAID, 101), pass);
        assert!(pass.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{pass}");
    }

    #[test]
    fn nothing_can_be_read_in_it() {
        let pass = passes(&sealer()).write(SAID, 100);
        let parts: Vec<Vec<u8>> = pass.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], br#"{"typ":"JWT","alg":"HS256"}"#);
        let claims: serde_json::Value = serde_json::from_slice(&parts[1]).unwrap();
        assert_eq!(claims["exp"], 100);
        let sealed = URL_SAFE_NO_PAD.decode(claims["sub"].as_str().unwrap()).unwrap();
        for text in [pass.as_bytes(), &parts[1], &sealed] {
            assert!(!text.windows(3).any(|window| window == b"ana"));
        }
    }

    #[test]
    fn whatever_is_changed_cut_or_made_elsewhere_is_none() {
        let own = sealer();
        let passes = passes(&own);
        let pass = passes.write(SAID, 100);
        for at in 0..pass.len() {
            let mut changed = pass.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last letter of Base64 may hold bits that nobody reads.
            assert!(passes.read(&changed, 0).is_none_or(|read| read.0 == SAID), "byte {at}");
            assert!(passes.read(&pass[..at], 0).is_none(), "cut at {at}");
        }
        assert!(passes.read(&Passes::new(own, "embed").write(SAID, 100), 0).is_none());
        assert!(passes.read(&Passes::new(sealer(), "picture").write(SAID, 100), 0).is_none());
        assert!(passes.read(&"a.".repeat(LONGEST), 0).is_none());
        // RFC 8725 §2.1: who makes a pass does not choose how it is checked.
        let [_, claims, signature] = pass.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, "{}", ""] {
            let header = URL_SAFE_NO_PAD.encode(header);
            for forged in [format!("{header}.{claims}."), format!("{header}.{claims}.{signature}")] {
                assert!(passes.read(&forged, 0).is_none(), "{forged}");
            }
        }
    }

    #[test]
    fn a_new_master_key_ends_no_pass_and_every_process_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let open = || Sealer::with_file(&path, crate::secret::IfMissing::Create).unwrap();
        let (one, other) = (open(), open());
        let before = passes(&one).write(SAID, 100);
        one.rotate().unwrap();
        let after = passes(&one).write(SAID, 100);
        assert_ne!(before, after);
        for pass in [before, after] {
            assert!(passes(&other).read(&pass, 0).is_some());
        }
        assert_eq!(format!("{:?}", passes(&one)), "Passes(\"picture\")");
    }
}
