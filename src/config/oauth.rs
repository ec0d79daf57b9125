//! What the operator was given where the gateway was registered as an OAuth client (contract §2).

use std::path::PathBuf;

use secrecy::SecretString;

use super::parse;
use super::site::Entry;
use super::sources::{ConfigError, Sources, read_file};

/// Client identifier and secret (RFC 6749 §2.3.1).
#[derive(Clone, Debug)]
pub struct OAuthClient {
    pub id: String,
    pub secret: SecretString,
}

/// A consumer of OAuth 1.0a, which signs with its private key (RFC 5849 §3.4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth1Consumer {
    pub key: String,
    /// PEM.
    pub private_key_file: PathBuf,
}

/// A client from two settings: both or neither.
pub fn client(sources: &Sources<'_>, id: &str, secret: &str) -> Result<Option<OAuthClient>, ConfigError> {
    match (sources.optional(id, parse::client_id)?, sources.secret(secret, |_| Ok(()))?) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(OAuthClient { id, secret })),
        (Some(_), None) => Err(sources.needs(id, secret)),
        (None, Some(_)) => Err(sources.needs(secret, id)),
    }
}

impl OAuthClient {
    /// `oauth2 = {client_id, client_secret}` of a `[[site]]`; the secret may lie in `client_secret_file`.
    pub(super) fn of_site(mut entry: Entry) -> Result<Self, ConfigError> {
        let id = entry.required("client_id")?;
        let id = parse::client_id(&id).map_err(|takes| entry.error(&format!("client_id {takes}")))?;
        let secret = match (entry.text("client_secret")?, entry.text("client_secret_file")?) {
            (Some(secret), None) => secret,
            (None, Some(path)) => read_file(&entry.form, &path)?,
            (None, None) => return Err(entry.error("client_secret is missing")),
            (Some(_), Some(_)) => {
                return Err(entry.error("client_secret is set twice; remove it or client_secret_file"));
            }
        };
        let secret = secret.trim();
        if secret.is_empty() {
            return Err(entry.error("client_secret is empty"));
        }
        entry.end()?;
        Ok(Self { id, secret: SecretString::from(secret) })
    }
}

impl OAuth1Consumer {
    /// `oauth1 = {consumer_key, private_key_file}` of a `[[site]]`.
    pub(super) fn of_site(mut entry: Entry) -> Result<Self, ConfigError> {
        let key = entry.required("consumer_key")?;
        let key = parse::client_id(&key).map_err(|takes| entry.error(&format!("consumer_key {takes}")))?;
        let private_key_file = PathBuf::from(entry.required("private_key_file")?);
        entry.end()?;
        Ok(Self { key, private_key_file })
    }
}
