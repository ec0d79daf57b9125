//! Who asks: by API token or by the browser's session.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::account::{Named, Session};
use crate::gateway::Gateway;
use crate::secret;
use crate::store::{self, AccountId};

use super::problem::Problem;

/// The header in which scripts of our own pages prove that they are ours.
const CSRF_HEADER: &str = "x-csrf-token";

/// How the caller proved who they are.
#[derive(Debug)]
pub enum Caller {
    Token(AccountId),
    Browser(Session),
}

impl Caller {
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Token(account) => account,
            Self::Browser(session) => &session.account,
        }
    }

    /// The caller of a JSON request. A bad token is never replaced by a good cookie.
    pub async fn of(gateway: &Gateway, headers: &HeaderMap) -> Result<Self, Problem> {
        if headers.contains_key(header::AUTHORIZATION) {
            let token = bearer(headers).ok_or_else(Problem::unauthenticated)?;
            let account = gateway.accounts.of_token(token).await?;
            return account.map(Self::Token).ok_or_else(Problem::unauthenticated);
        }
        let session = session(gateway, headers).await?;
        session.map(Self::Browser).ok_or_else(Problem::unauthenticated)
    }

    /// The same for a request that changes or spends something: a browser also proves that our own page sent it.
    pub async fn of_change(gateway: &Gateway, headers: &HeaderMap) -> Result<Self, Problem> {
        let caller = Self::of(gateway, headers).await?;
        if let Self::Browser(session) = &caller {
            let given = headers.get(CSRF_HEADER).and_then(|it| it.to_str().ok()).unwrap_or_default();
            if !secret::same(given, &session.csrf) {
                return Err(Problem::csrf());
            }
        }
        Ok(caller)
    }
}

/// The session of a browser, as long as it counts.
pub async fn session(gateway: &Gateway, headers: &HeaderMap) -> Result<Option<Session>, store::Error> {
    let Some(value) = cookie(headers, gateway.cookie_name()) else { return Ok(None) };
    let session = gateway.accounts.of_cookie(value).await?;
    Ok(session.filter(|session| counts(gateway, headers, session)))
}

/// Whether a session proves in this request who somebody is (contract §2, `GATEWAY_SIGN_IN`).
pub fn counts(gateway: &Gateway, headers: &HeaderMap, session: &Session) -> bool {
    session.counts(&gateway.settings.sign_in, named(gateway, headers))
}

/// Whom the sign-on in front of the gateway names; that nobody else has written it is the guard's work.
pub fn named<'h>(gateway: &Gateway, headers: &'h HeaderMap) -> Named<'h> {
    match &gateway.settings.proxy {
        Some(proxy) => Named::read(headers.get_all(&proxy.header).iter().map(HeaderValue::as_bytes)),
        None => Named::Nobody,
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1; the scheme's case does not matter, RFC 9110 §11.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token.trim())
}

/// The value of one cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
