//! `POST /notion/token`: a code becomes tokens, and tokens are renewed (§4C, §4D; RFC 6749 §4.1.3, §6).
//!
//! A renewed refresh token goes on being good until something of its successor is used: an answer that was lost must not
//! break the link. Used after that, and after some minutes for requests that crossed, it has been stolen, or its successor
//! has: then all tokens of its family end (RFC 9700 §4.14.2). The same is true of two tokens that renewed one and the same:
//! when one of them has been renewed, the other has had its day.

use std::fmt;

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use super::Grants;
use crate::notion::redirect;
use crate::secret::{Digest, new_token, same};
use crate::store::{self, GrantCode, GrantId, GrantToken, NewPair, Shown};

/// How long an access token is good.
const ACCESS_LIVES: SignedDuration = SignedDuration::from_hours(1);
/// How long a refresh token waits to be used: Notion renews when somebody looks at a page, which may be long after.
const REFRESH_LIVES: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long after the first use of its successor a refresh token may still be shown.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// Begins every access token, so that leak scanners and we know it.
pub(super) const ACCESS: &str = "jna";
/// The same for refresh tokens.
pub(super) const REFRESH: &str = "jnr";

/// The parameters of a request, whichever way they came; empty where they are missing.
#[derive(Clone, Default)]
pub struct TokenRequest<'a> {
    pub grant_type: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub refresh_token: &'a str,
}

impl fmt::Debug for TokenRequest<'_> {
    /// Without anything that is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest").field("grant_type", &self.grant_type).finish_non_exhaustive()
    }
}

/// What is answered.
#[derive(Debug)]
pub struct Issued {
    pub access_token: SecretString,
    pub refresh_token: SecretString,
    /// Seconds.
    pub expires_in: i64,
}

/// The errors of RFC 6749 §5.2.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("The client is not known, or its secret is another one.")]
    InvalidClient,
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("grant_type must be authorization_code or refresh_token.")]
    UnsupportedGrantType,
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for TokenError {
    fn from(error: store::Error) -> Self {
        match error {
            // The grant was removed, or its tokens were revoked, between two looks.
            store::Error::Gone => Self::InvalidGrant("The grant has ended."),
            error => Self::Store(error),
        }
    }
}

impl TokenError {
    /// The word of RFC 6749 §5.2; none where the fault is ours.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::InvalidRequest(_) => Some("invalid_request"),
            Self::InvalidClient => Some("invalid_client"),
            Self::InvalidGrant(_) => Some("invalid_grant"),
            Self::UnsupportedGrantType => Some("unsupported_grant_type"),
            Self::Store(_) => None,
        }
    }
}

impl Grants {
    /// Whether somebody is the client: Notion. All is compared, whatever differs first.
    pub(super) fn is_client(&self, id: &str, secret: &str) -> bool {
        let (id, secret) = (same(id, &self.ours.id), same(secret, self.ours.secret.expose_secret()));
        id & secret
    }

    /// Answers a request for tokens.
    pub async fn token(&self, request: &TokenRequest<'_>) -> Result<Issued, TokenError> {
        if !self.is_client(request.client_id, request.client_secret) {
            return Err(TokenError::InvalidClient);
        }
        match request.grant_type {
            "authorization_code" => self.redeem(request).await,
            "refresh_token" => self.renew(request.refresh_token).await,
            "" => Err(TokenError::InvalidRequest("grant_type is missing.")),
            _ => Err(TokenError::UnsupportedGrantType),
        }
    }

    async fn redeem(&self, request: &TokenRequest<'_>) -> Result<Issued, TokenError> {
        if request.code.is_empty() {
            return Err(TokenError::InvalidRequest("code is missing."));
        }
        if request.redirect_uri.is_empty() {
            return Err(TokenError::InvalidRequest("redirect_uri is missing."));
        }
        match self.store.take_code(Digest::of_token(request.code)).await? {
            Shown::Unknown => Err(TokenError::InvalidGrant("The code is not known.")),
            Shown::Again(code) => {
                self.revoke(&code.grant_id, &code.family, "a code was shown twice").await?;
                Err(TokenError::InvalidGrant("The code was used before. Its tokens have ended."))
            }
            Shown::First(code) => self.first_pair(&code, request.redirect_uri).await,
        }
    }

    async fn first_pair(&self, code: &GrantCode, redirect_uri: &str) -> Result<Issued, TokenError> {
        if code.expires_at <= self.clock.now_ms() {
            return Err(TokenError::InvalidGrant("The code is older than five minutes."));
        }
        if !redirect::same(&code.redirect_uri, redirect_uri) {
            return Err(TokenError::InvalidGrant("The code was sent to another redirect_uri."));
        }
        self.issue(&code.grant_id, &code.family, None).await
    }

    async fn renew(&self, refresh_token: &str) -> Result<Issued, TokenError> {
        if refresh_token.is_empty() {
            return Err(TokenError::InvalidRequest("refresh_token is missing."));
        }
        let known = self.store.grant_by_token(Digest::of_token(refresh_token)).await?;
        let Some((token, _)) = known.filter(|(token, _)| token.kind == "refresh") else {
            return Err(TokenError::InvalidGrant("The refresh token is not known."));
        };
        match stands(&token, self.clock.now_ms()) {
            Standing::Good => {}
            Standing::Ended => return Err(TokenError::InvalidGrant("The refresh token has ended.")),
            Standing::Stolen => {
                self.revoke(&token.grant_id, &token.family, "a refresh token was used after its successor").await?;
                return Err(TokenError::InvalidGrant("The refresh token was renewed before. Its tokens have ended."));
            }
        }
        if token.used_at.is_none() {
            self.store.use_pair(&token).await?;
        }
        self.issue(&token.grant_id, &token.family, Some(token.pair)).await
    }

    async fn issue(&self, grant: &GrantId, family: &str, parent: Option<i64>) -> Result<Issued, TokenError> {
        let (access_token, refresh_token) = (new_token(ACCESS), new_token(REFRESH));
        let now = self.clock.now_ms();
        let pair = NewPair {
            grant,
            family,
            parent,
            access: Digest::of_token(access_token.expose_secret()),
            access_until: now + milliseconds(ACCESS_LIVES),
            refresh: Digest::of_token(refresh_token.expose_secret()),
            refresh_until: now + milliseconds(REFRESH_LIVES),
        };
        self.store.save_pair(pair).await?;
        Ok(Issued { access_token, refresh_token, expires_in: ACCESS_LIVES.as_secs() })
    }

    async fn revoke(&self, grant: &GrantId, family: &str, why: &'static str) -> Result<(), TokenError> {
        let ended = self.store.revoke_family(grant, family).await?;
        self.known.forget_all();
        tracing::warn!(fault = "user", retry = false, %grant, ended, why, "tokens of a grant were revoked");
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    Ended,
    /// Shown by two who cannot both be Notion.
    Stolen,
}

fn stands(token: &GrantToken, now: i64) -> Standing {
    match token.retired_at {
        Some(at) if now - at > milliseconds(GRACE) => Standing::Stolen,
        _ if token.expires_at <= now => Standing::Ended,
        _ => Standing::Good,
    }
}

fn milliseconds(time: SignedDuration) -> i64 {
    time.as_secs().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_token_is_good_for_some_minutes_and_then_a_sign_of_theft() {
        let token = |expires_at, retired_at| GrantToken {
            grant_id: GrantId::parse("gra_00000000000000000000").unwrap(),
            kind: "refresh".to_owned(),
            family: String::new(),
            pair: 1,
            parent: None,
            expires_at,
            used_at: None,
            retired_at,
        };
        let minutes = |minutes: i64| minutes * 60_000;
        let table = [
            (token(minutes(60), None), minutes(0), Standing::Good),
            (token(minutes(60), None), minutes(60), Standing::Ended),
            (token(minutes(60), Some(minutes(1))), minutes(11), Standing::Good),
            (token(minutes(60), Some(minutes(1))), minutes(11) + 1, Standing::Stolen),
            (token(minutes(5), Some(minutes(1))), minutes(6), Standing::Ended),
        ];
        for (token, now, expected) in table {
            assert_eq!(stands(&token, now), expected, "{token:?} {now}");
        }
    }
}
