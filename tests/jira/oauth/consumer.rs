//! A client that signs its requests as OAuth 1.0a wants it (RFC 5849 §3.4), written apart from the fake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use sha1::Sha1;
use url::Url;

use super::super::As::Nobody;
use super::super::{Reply, request, send};
use crate::world::oauth::rsa_key;

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// A request with its OAuth parameters, before it is signed.
pub struct Unsigned {
    pub method: Method,
    pub url: String,
    pub oauth: Vec<(&'static str, String)>,
}

impl Unsigned {
    /// Of the consumer `link` at this instant, with these parameters.
    pub fn new(method: Method, url: &str, now: jiff::Timestamp, parameters: &[(&'static str, &str)]) -> Self {
        let nonce = crate::world::oauth::mint::secret("nonce");
        let mut oauth = vec![
            ("oauth_consumer_key", "link".to_owned()),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "RSA-SHA1".to_owned()),
            ("oauth_timestamp", now.as_second().to_string()),
            ("oauth_version", "1.0".to_owned()),
        ];
        oauth.extend(parameters.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Self { method, url: url.to_owned(), oauth }
    }

    /// Changes a parameter; an empty value leaves it out.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.oauth.retain(|(it, _)| *it != name);
        if !value.is_empty() {
            self.oauth.push((name, value.to_owned()));
        }
        self
    }

    pub fn base_string(&self) -> String {
        let mut url = Url::parse(&self.url).unwrap();
        let mut pairs: Vec<_> = url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
        pairs.extend(self.oauth.iter().map(|(name, value)| (encode(name), encode(value))));
        pairs.sort();
        url.set_query(None);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}&{}&{}", self.method, encode(url.as_str()), encode(&pairs.join("&")))
    }

    pub fn signature(&self) -> String {
        let key = RsaPrivateKey::from_pkcs8_pem(rsa_key::PRIVATE_KEY).unwrap();
        STANDARD.encode(SigningKey::<Sha1>::new(key).sign(self.base_string().as_bytes()).to_bytes())
    }

    /// The header with this signature.
    pub fn header(&self, signature: &str) -> String {
        let all =
            self.oauth.iter().map(|(name, value)| (*name, value.as_str())).chain([("oauth_signature", signature)]);
        let all: Vec<_> = all.map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        format!("OAuth realm=\"ignored\", {}", all.join(", "))
    }

    /// Signs and sends.
    pub async fn send(&self) -> Reply {
        self.send_with(&self.header(&self.signature())).await
    }

    pub async fn send_with(&self, header: &str) -> Reply {
        send(request(self.method.clone(), &self.url, Nobody).header("authorization", header)).await
    }
}
