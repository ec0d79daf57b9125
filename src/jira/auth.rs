//! What a person proves themselves with: the [`Credential`] that we keep, and the [`Auth`] that goes on the wire for one call.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Error;
use super::oauth::{Signer, Tokens};
use crate::outbound::{self as http, HeaderValue};

/// The ways to prove oneself to a Jira (contract §4, `method`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    ApiToken,
    Password,
    PersonalAccessToken,
    /// OAuth 2.0 (3LO) of Jira Cloud.
    Oauth,
    /// OAuth 2.0 of a Data Center.
    Oauth2,
    /// OAuth 1.0a of Server and Data Center.
    Oauth1,
}

impl Method {
    pub const ALL: [Self; 6] =
        [Self::ApiToken, Self::Password, Self::PersonalAccessToken, Self::Oauth, Self::Oauth2, Self::Oauth1];

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiToken => "api_token",
            Self::Password => "password",
            Self::PersonalAccessToken => "personal_access_token",
            Self::Oauth => "oauth",
            Self::Oauth2 => "oauth2",
            Self::Oauth1 => "oauth1",
        }
    }

    /// Whether the person types a secret; else Jira itself asks them for consent.
    pub fn is_typed(self) -> bool {
        matches!(self, Self::ApiToken | Self::Password | Self::PersonalAccessToken)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// What we keep, sealed, to speak to a Jira as a person. `Debug` tells the method alone.
///
/// Its JSON form holds the secrets in the clear and is meant for the sealer only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Credential {
    /// Jira Cloud: e-mail address and API token, classic or scoped.
    ApiToken { email: String, token: Secret },
    /// Data Center and Server.
    Password { username: String, password: Secret },
    /// Data Center and Server from 8.14.
    PersonalAccessToken { token: Secret },
    /// Jira Cloud: one grant for all sites that the person chose.
    Oauth(Tokens),
    /// Data Center from 8.22.
    Oauth2(Tokens),
    /// Server and Data Center.
    Oauth1 { token: Secret },
}

impl Credential {
    /// Made of what a person typed. A token loses the white space that came with pasting it; a password loses nothing.
    /// `None` for the methods in which nothing is typed.
    pub fn typed(method: Method, username: &str, secret: &SecretString) -> Option<Self> {
        let username = username.trim().to_owned();
        let token = || Secret::from(secret.expose_secret().trim());
        match method {
            Method::ApiToken => Some(Self::ApiToken { email: username, token: token() }),
            Method::Password => Some(Self::Password { username, password: Secret::from(secret.expose_secret()) }),
            Method::PersonalAccessToken => Some(Self::PersonalAccessToken { token: token() }),
            Method::Oauth | Method::Oauth2 | Method::Oauth1 => None,
        }
    }

    pub fn method(&self) -> Method {
        match self {
            Self::ApiToken { .. } => Method::ApiToken,
            Self::Password { .. } => Method::Password,
            Self::PersonalAccessToken { .. } => Method::PersonalAccessToken,
            Self::Oauth(_) => Method::Oauth,
            Self::Oauth2(_) => Method::Oauth2,
            Self::Oauth1 { .. } => Method::Oauth1,
        }
    }

    /// What goes on the wire. A credential that cannot be written as a header cannot be right either; that of OAuth 1.0a
    /// needs the operator's key as well: see [`Auth::signed`].
    pub fn auth(&self) -> Result<Auth, Error> {
        match self {
            Self::ApiToken { email, token } => Auth::basic(email, token, false),
            Self::Password { username, password } => Auth::basic(username, password, true),
            Self::PersonalAccessToken { token } => Auth::bearer(token),
            Self::Oauth(tokens) | Self::Oauth2(tokens) => Auth::bearer(&tokens.access),
            Self::Oauth1 { .. } => Err(Error::OperatorConfiguration),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.method().as_str())
    }
}

/// A text that is wiped when dropped and shown only on demand.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its bytes, for the sealer.
    pub fn bytes(&self) -> &[u8] {
        self.expose().as_bytes()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

/// What makes the `Authorization` header of a call.
#[derive(Clone)]
pub struct Auth {
    form: Form,
    counts_as_login: bool,
}

#[derive(Clone)]
enum Form {
    /// The same for every call.
    Fixed(HeaderValue),
    /// OAuth 1.0a: a signature of this very call.
    Signed(Signer),
}

impl Auth {
    /// `Basic`, in UTF-8 (jira-auth-and-rest §4.1). A user name cannot contain a colon (RFC 7617 §2).
    fn basic(username: &str, secret: &Secret, counts_as_login: bool) -> Result<Self, Error> {
        if username.is_empty() || username.contains(':') || secret.expose().is_empty() {
            return Err(Error::BadCredentials);
        }
        let mut plain = format!("{username}:{}", secret.expose());
        let mut value = format!("Basic {}", STANDARD.encode(&plain));
        plain.zeroize();
        let auth = Self::of(&value, counts_as_login);
        value.zeroize();
        auth
    }

    /// `Bearer` (RFC 6750 §2.1).
    pub fn bearer(token: &Secret) -> Result<Self, Error> {
        if token.expose().is_empty() {
            return Err(Error::BadCredentials);
        }
        let mut value = format!("Bearer {}", token.expose());
        let auth = Self::of(&value, false);
        value.zeroize();
        auth
    }

    fn of(value: &str, counts_as_login: bool) -> Result<Self, Error> {
        // Visible ASCII alone: `HeaderValue` would also take bytes above it, which no token has.
        let visible = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let mut value = visible.then(|| HeaderValue::from_str(value).ok()).flatten().ok_or(Error::BadCredentials)?;
        value.set_sensitive(true);
        Ok(Self { form: Form::Fixed(value), counts_as_login })
    }

    /// Signs each call (OAuth 1.0a).
    pub fn signed(signer: Signer) -> Self {
        Self { form: Form::Signed(signer), counts_as_login: false }
    }

    /// The header for one call, marked as sensitive.
    pub fn header(&self, method: &http::Method, url: &http::Url) -> Result<HeaderValue, Error> {
        match &self.form {
            Form::Fixed(value) => Ok(value.clone()),
            Form::Signed(signer) => {
                let value = signer.authorization(method, url);
                let mut value = HeaderValue::from_str(&value).map_err(|_| Error::OperatorConfiguration)?;
                value.set_sensitive(true);
                Ok(value)
            }
        }
    }

    /// Whether Jira counts a failure towards a CAPTCHA: then no call may be made just to make sure.
    pub fn counts_as_login(&self) -> bool {
        self.counts_as_login
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(Method, &str, &str, &str); 3] = [
        // RFC 7617 §2.1: UTF-8 user name and password.
        (Method::Password, " test ", "123\u{a3} ", "Basic dGVzdDoxMjPCoyA="),
        (Method::ApiToken, "a@b.example", " t0ken\n", "Basic YUBiLmV4YW1wbGU6dDBrZW4="),
        (Method::PersonalAccessToken, "", "NjE2MTc5\r\n", "Bearer NjE2MTc5"),
    ];

    #[test]
    fn each_method_has_its_header_and_survives_the_store() {
        for (method, username, secret, header) in ALL {
            let credential = Credential::typed(method, username, &SecretString::from(secret)).unwrap();
            let kept = serde_json::to_string(&credential).unwrap();
            let credential: Credential = serde_json::from_str(&kept).unwrap();
            assert_eq!(credential.method(), method);
            let auth = credential.auth().unwrap();
            let value = auth.header(&http::Method::GET, &http::Url::parse("https://a.example").unwrap()).unwrap();
            assert_eq!(value.to_str().unwrap(), header);
            assert!(value.is_sensitive());
            assert_eq!(auth.counts_as_login(), method == Method::Password);
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        assert_eq!(Method::parse("oauth3"), None);
    }

    #[test]
    fn debug_shows_neither_secret_nor_person() {
        for (method, username, secret, _) in ALL {
            let credential = Credential::typed(method, username, &SecretString::from(secret)).unwrap();
            let shown = format!("{credential:?} {:?}", credential.auth().unwrap());
            assert_eq!(shown, format!("Credential({}) Auth([redacted])", method.as_str()));
        }
        assert_eq!(format!("{:?}", Secret::from("x")), "[redacted]");
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_before_any_call() {
        let refused = [
            (Method::Password, "a:b", "x"),
            (Method::Password, "", "x"),
            (Method::ApiToken, "a@b.example", "  "),
            (Method::PersonalAccessToken, "", ""),
            (Method::PersonalAccessToken, "", "a\r\nX-Evil: 1"),
            (Method::PersonalAccessToken, "", "t\u{f6}ken"),
        ];
        for (method, username, secret) in refused {
            let credential = Credential::typed(method, username, &SecretString::from(secret)).unwrap();
            assert_eq!(credential.auth().map(|_| ()), Err(Error::BadCredentials), "{method:?} {username} {secret}");
        }
    }
}
