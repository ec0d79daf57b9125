//! The signature of OAuth 1.0a by RSA-SHA1 (RFC 5849 §3.4; jira-auth-and-rest §4.4). SHA-1 is what the protocol demands.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::OsRng;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use sha1::Sha1;

use crate::jira::auth::Secret;
use crate::outbound::{Method, Url};

/// RFC 5849 §3.6: everything but unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What makes every signature another one (RFC 5849 §3.3).
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Seconds since 1970; Jira refuses what is more than some minutes off.
    pub timestamp: i64,
    /// Never used before.
    pub nonce: String,
}

/// Gives a stamp for each call: time and randomness come from outside.
pub type Stamps = Arc<dyn Fn() -> Stamp + Send + Sync>;

/// The gateway as a Jira's application link knows it: consumer key, and the private half of its key pair.
pub struct Consumer {
    key: String,
    signer: SigningKey<Sha1>,
}

/// Why a key pair cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no RSA private key of at least 1024 bits in PEM (PKCS#8 or PKCS#1, without a passphrase)")]
pub struct ConsumerError;

/// Smaller keys Jira does not take, and nobody should.
const LEAST_BYTES: usize = 128;

impl Consumer {
    pub fn new(key: &str, private_key_pem: &str) -> Result<Self, ConsumerError> {
        use rsa::traits::PublicKeyParts as _;
        let private = RsaPrivateKey::from_pkcs8_pem(private_key_pem.trim())
            .or_else(|_| RsaPrivateKey::from_pkcs1_pem(private_key_pem.trim()))
            .ok()
            .filter(|private| private.size() >= LEAST_BYTES)
            .ok_or(ConsumerError)?;
        Ok(Self { key: key.to_owned(), signer: SigningKey::new(private) })
    }

    /// The value of `Authorization` for one call: `protocol` are the `oauth_…` parameters of this step beside those that
    /// every call has.
    pub(super) fn authorization(&self, method: &Method, url: &Url, protocol: &[(&str, &str)], stamp: &Stamp) -> String {
        let timestamp = stamp.timestamp.to_string();
        let mut oauth = vec![
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_nonce", &stamp.nonce),
            ("oauth_signature_method", "RSA-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
        ];
        oauth.extend_from_slice(protocol);
        let base = base_string(method, url, &oauth);
        // With randomness the exponentiation is blinded: its time tells nothing of the key (RUSTSEC-2023-0071).
        let signature = STANDARD.encode(self.signer.sign_with_rng(&mut OsRng, base.as_bytes()).to_bytes());
        oauth.push(("oauth_signature", &signature));
        let fields: Vec<String> = oauth.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        format!("OAuth {}", fields.join(", "))
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Signs the calls of one person: consumer and access token.
#[derive(Clone)]
pub struct Signer {
    consumer: Arc<Consumer>,
    token: Secret,
    stamps: Stamps,
}

impl Signer {
    pub fn new(consumer: Arc<Consumer>, token: Secret, stamps: Stamps) -> Self {
        Self { consumer, token, stamps }
    }

    pub fn authorization(&self, method: &Method, url: &Url) -> String {
        self.consumer.authorization(method, url, &[("oauth_token", self.token.expose())], &(self.stamps)())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("consumer", &self.consumer).finish_non_exhaustive()
    }
}

/// What is signed (RFC 5849 §3.4.1): method, address without query, and all parameters in order. A JSON body is no part.
fn base_string(method: &Method, url: &Url, oauth: &[(&str, &str)]) -> String {
    let mut address = url.clone();
    address.set_query(None);
    address.set_fragment(None);
    let query: Vec<_> = url.query_pairs().collect();
    let query = query.iter().map(|(name, value)| (encode(name), encode(value)));
    let mut parameters: Vec<(String, String)> =
        query.chain(oauth.iter().map(|(name, value)| (encode(name), encode(value)))).collect();
    // By encoded name, then by encoded value (§3.4.1.3.2).
    parameters.sort();
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", encode(address.as_str()), encode(&parameters.join("&")))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5849 §3.4.1.1, with its own parameters; the body's form fields stand in the query here.
    #[test]
    fn the_base_string_is_that_of_the_standard() {
        let url = Url::parse("http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2+q").unwrap();
        let oauth = [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ];
        let expected = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253\
                        D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_\
                        signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7";
        assert_eq!(base_string(&Method::POST, &url, &oauth), expected);
    }

    #[test]
    fn the_context_path_is_signed_and_an_odd_port_too() {
        let url = Url::parse("https://Jira.Example.com:8443/jira/rest/api/2/myself").unwrap();
        let expected = "GET&https%3A%2F%2Fjira.example.com%3A8443%2Fjira%2Frest%2Fapi%2F2%2Fmyself&a%3D1";
        assert_eq!(base_string(&Method::GET, &url, &[("a", "1")]), expected);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for pem in ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
            assert_eq!(Consumer::new("k", pem).unwrap_err(), ConsumerError);
        }
    }
}
