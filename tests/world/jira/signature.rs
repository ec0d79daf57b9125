//! Signed requests of OAuth 1.0a: RSA-SHA1 over the base string (RFC 5849 §3.4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rsa::RsaPublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use sha1::Sha1;

use super::exchange::{Asked, form};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The parameters of an `Authorization: OAuth …` header, without the realm. `None`: there is none, or it is not
/// well formed.
pub fn header(asked: &Asked) -> Option<Vec<(String, String)>> {
    let header = asked.header("authorization")?;
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("oauth") {
        return None;
    }
    let mut parameters = Vec::new();
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|it| it.into_owned());
        if name != "realm" {
            parameters.push((decode(name)?, decode(value)?));
        }
    }
    Some(parameters)
}

/// `METHOD&url&parameters`; the address is the one under which the server sees itself called.
pub fn base_string(asked: &Asked, scheme: &str, oauth: &[(String, String)]) -> String {
    let host = asked.header("host").unwrap_or_default().to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    let mut parameters: Vec<(String, String)> = form(&asked.query);
    if asked.header("content-type").is_some_and(|it| it.starts_with("application/x-www-form-urlencoded")) {
        parameters.extend(form(&String::from_utf8_lossy(&asked.body)));
    }
    parameters.extend(oauth.iter().filter(|(name, _)| name != "oauth_signature").cloned());
    let mut pairs: Vec<_> = parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let address = format!("{scheme}://{host}{}", asked.path);
    format!("{}&{}&{}", asked.method.to_ascii_uppercase(), encode(&address), encode(&pairs.join("&")))
}

/// Whether the holder of the key has signed this.
pub fn is_good(key: &RsaPublicKey, base_string: &str, signature: &str) -> bool {
    let signature = STANDARD.decode(signature).ok().and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
    let key = VerifyingKey::<Sha1>::new(key.clone());
    signature.is_some_and(|signature| key.verify(base_string.as_bytes(), &signature).is_ok())
}
