//! OAuth 2.0 with the authorization code grant (RFC 6749 §4.1), PKCE (RFC 7636) and refresh tokens, at Atlassian's
//! authorization server (§2.2, §2.3) and at a Data Center's own (§4.3).

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};

use super::{OAuthError, Tokens};
use crate::jira::Error;
use crate::jira::auth::Secret;
use crate::outbound::{Call, Failure, Http, StatusCode, Url, header, retry_after};

/// Where the two providers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Cloud,
    DataCenter,
}

/// One provider with the client that the operator registered there.
#[derive(Clone)]
pub struct Client {
    flavour: Flavour,
    http: Http,
    inner: BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    redirect_url: Url,
    /// Separated by blanks.
    scopes: String,
}

/// A consent under way: where the person goes, and what has to be kept until they come back.
#[derive(Debug)]
pub struct Flow {
    pub authorize_url: Url,
    pub verifier: SecretString,
}

/// An access token whose life the provider does not tell lives an hour (§2.3, and the default of §4.3).
const USUAL_LIFE: Duration = Duration::from_secs(3600);
/// A shorter life is found out by Jira's refusal: tokens are renewed two minutes ahead, so every call would renew one.
const SHORTEST_LIFE: Duration = Duration::from_secs(300);
/// No life is believed beyond a day: we would miss that the token has ended.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

impl Client {
    /// Jira Cloud. `auth_url` is `GATEWAY_ATLASSIAN_AUTH_URL`.
    pub fn cloud(
        http: Http,
        auth_url: &Url,
        id: &str,
        secret: &SecretString,
        redirect_url: &Url,
        scopes: &str,
    ) -> Option<Self> {
        let at = |path: &str| below(auth_url, path);
        Some(Self::new(
            Flavour::Cloud,
            http,
            (at("authorize")?, at("oauth/token")?),
            (id, secret),
            redirect_url,
            scopes.to_owned(),
        ))
    }

    /// A Data Center from 8.22. `base` is its address with the context path.
    pub fn data_center(http: Http, base: &Url, id: &str, secret: &SecretString, redirect_url: &Url) -> Option<Self> {
        let at = |path: &str| below(base, path);
        let endpoints = (at("rest/oauth2/latest/authorize")?, at("rest/oauth2/latest/token")?);
        // Of READ, WRITE, ADMIN and SYSTEM_ADMIN the least that a preview needs.
        Some(Self::new(Flavour::DataCenter, http, endpoints, (id, secret), redirect_url, "READ".to_owned()))
    }

    fn new(
        flavour: Flavour,
        http: Http,
        (authorize, token): (Url, Url),
        (id, secret): (&str, &SecretString),
        redirect_url: &Url,
        scopes: String,
    ) -> Self {
        let inner = BasicClient::new(ClientId::new(id.to_owned()))
            .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            .set_auth_uri(AuthUrl::from_url(authorize))
            .set_token_uri(TokenUrl::from_url(token))
            .set_redirect_uri(RedirectUrl::from_url(redirect_url.clone()))
            // Neither provider reads the client's own credentials from a header.
            .set_auth_type(AuthType::RequestBody);
        Self { flavour, http, inner, redirect_url: redirect_url.clone(), scopes }
    }

    /// Where the person consents. `state` comes back with them.
    pub fn begin(&self, state: &str) -> Flow {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = state.to_owned();
        let mut request = self
            .inner
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(self.scopes.split(' ').filter(|it| !it.is_empty()).map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge);
        if self.flavour == Flavour::Cloud {
            // Without `prompt` whoever consented before may get no refresh token (§2.2).
            request = request.add_extra_param("audience", "api.atlassian.com").add_extra_param("prompt", "consent");
        }
        let (authorize_url, _) = request.url();
        Flow { authorize_url: with_blanks_encoded(authorize_url), verifier: verifier.secret().as_str().into() }
    }

    /// Turns a code into tokens (RFC 6749 §4.1.3). Once only: a code that is shown twice revokes what it gave.
    pub async fn exchange(&self, code: &str, verifier: &SecretString, now: Timestamp) -> Result<Tokens, OAuthError> {
        let answer = self
            .inner
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
            .request_async(&Sender(self.http.clone()))
            .await
            .map_err(|error| meaning(error, Asked::Code))?;
        Ok(tokens(&answer, None, now))
    }

    /// Renews (RFC 6749 §6). The answer takes the place of `old`, whose refresh token may be dead from now on: keep it
    /// before it is used.
    pub async fn refresh(&self, old: &Tokens, now: Timestamp) -> Result<Tokens, OAuthError> {
        let Some(refresh) = &old.refresh else { return Err(OAuthError::InvalidGrant) };
        let refresh = RefreshToken::new(refresh.expose().to_owned());
        let mut request = self.inner.exchange_refresh_token(&refresh);
        if self.flavour == Flavour::DataCenter {
            // Without it Data Center has answered `invalid_grant` (§4.3).
            request = request.add_extra_param("redirect_uri", self.redirect_url.as_str());
        }
        let answer =
            request.request_async(&Sender(self.http.clone())).await.map_err(|error| meaning(error, Asked::Refresh))?;
        Ok(tokens(&answer, Some(old), now))
    }

    pub fn flavour(&self) -> Flavour {
        self.flavour
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("flavour", &self.flavour).finish_non_exhaustive()
    }
}

/// `path` below an address, whose own path may end with a slash or not.
fn below(base: &Url, path: &str) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path.split('/'));
    url.set_query(None);
    Some(url)
}

/// Atlassian wants `%20` between scopes (§2.2), where forms have `+`. A real plus sign stands there as `%2B`.
fn with_blanks_encoded(mut url: Url) -> Url {
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    url
}

fn tokens(answer: &BasicTokenResponse, old: Option<&Tokens>, now: Timestamp) -> Tokens {
    let life = answer.expires_in().unwrap_or(USUAL_LIFE).clamp(SHORTEST_LIFE, LONGEST_LIFE);
    let refresh = answer.refresh_token().map(|token| Secret::from(token.secret().as_str()));
    let now = now.as_millisecond();
    Tokens {
        access: Secret::from(answer.access_token().secret().as_str()),
        // A server that sends no new one lets us keep the old (RFC 6749 §6).
        refresh: refresh.or_else(|| old.and_then(|old| old.refresh.clone())),
        expires_at: now.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX)),
        granted_at: old.map_or(now, |old| old.granted_at),
    }
}

/// An answer that is none of an authorization server, or none at all.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("no answer")]
    None(#[from] Failure),
    #[error("asked to wait")]
    Wait(Option<Duration>),
    #[error("status {0}")]
    Status(u16),
    /// 401 and nothing that RFC 6749 §5.2 describes.
    #[error("unauthorized")]
    Unauthorized,
}

/// Our way out, as the library wants it.
struct Sender(Http);

impl<'c> AsyncHttpClient<'c> for Sender {
    type Error = Unusable;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unusable>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(&self.0, request))
    }
}

async fn send(http: &Http, request: HttpRequest) -> Result<HttpResponse, Unusable> {
    let (head, body) = request.into_parts();
    let mut call = Call::get(Url::parse(&head.uri.to_string()).map_err(|_| Failure::Unreachable)?);
    call.method = head.method;
    call.headers = head.headers;
    call.body = Some(body);
    let reply = http.send(call).await?;
    let json = serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok_and(|it| it.is_object());
    match reply.status {
        StatusCode::TOO_MANY_REQUESTS => return Err(Unusable::Wait(retry_after(&reply.headers))),
        StatusCode::SERVICE_UNAVAILABLE if reply.headers.contains_key(header::RETRY_AFTER) => {
            return Err(Unusable::Wait(retry_after(&reply.headers)));
        }
        StatusCode::UNAUTHORIZED if !json => return Err(Unusable::Unauthorized),
        status if status.is_server_error() || !json => return Err(Unusable::Status(status.as_u16())),
        _ => {}
    }
    let mut response = HttpResponse::new(reply.body);
    *response.status_mut() = reply.status;
    // The library insists on the type that RFC 6749 §5.1 names; what matters, that this is JSON, has been looked at.
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    Ok(response)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Code,
    Refresh,
}

/// The rule of §2.3: what is about the grant asks for the person, what is about the client for the operator, and
/// anything else is transient.
fn meaning(error: RequestTokenError<Unusable, BasicErrorResponse>, asked: Asked) -> OAuthError {
    use BasicErrorResponseType as Type;
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            Type::InvalidGrant => OAuthError::InvalidGrant,
            // Atlassian's other words for a refresh token that it does not know.
            Type::UnauthorizedClient if asked == Asked::Refresh => OAuthError::InvalidGrant,
            Type::UnauthorizedClient => OAuthError::Operator("unauthorized_client"),
            Type::InvalidClient => OAuthError::Operator("invalid_client"),
            Type::InvalidScope => OAuthError::Operator("invalid_scope"),
            Type::UnsupportedGrantType => OAuthError::Operator("unsupported_grant_type"),
            Type::InvalidRequest => OAuthError::Operator("invalid_request"),
            Type::Extension(word) if word == "access_denied" => OAuthError::Operator("access_denied"),
            Type::Extension(_) => OAuthError::Unavailable(Error::Malformed),
        },
        RequestTokenError::Request(Unusable::None(failure)) => OAuthError::Unavailable(Error::Outbound(failure)),
        RequestTokenError::Request(Unusable::Wait(retry_after)) => {
            OAuthError::Unavailable(Error::RateLimited { retry_after })
        }
        RequestTokenError::Request(Unusable::Status(status)) => OAuthError::Unavailable(Error::Upstream(status)),
        RequestTokenError::Request(Unusable::Unauthorized) => OAuthError::Operator("unauthorized"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => OAuthError::Unavailable(Error::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_senseless_life_is_believed() {
        let now = Timestamp::from_second(1_000).unwrap();
        let table =
            [("0", 300), ("60", 300), ("3600", 3600), ("7200", 7200), ("99999999999", 24 * 3600), ("null", 3600)];
        for (told, seconds) in table {
            let answer = format!(r#"{{"access_token":"a","token_type":"bearer","expires_in":{told}}}"#);
            let answer: BasicTokenResponse = serde_json::from_str(&answer).unwrap();
            assert_eq!(tokens(&answer, None, now).expires_at, (1_000 + seconds) * 1000, "{told}");
        }
    }

    #[test]
    fn what_a_renewal_does_not_bring_stays() {
        let now = Timestamp::from_second(1_000).unwrap();
        let first: BasicTokenResponse =
            serde_json::from_str(r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r"}"#).unwrap();
        let first = tokens(&first, None, now);
        let next: BasicTokenResponse = serde_json::from_str(r#"{"access_token":"b","token_type":"bearer"}"#).unwrap();
        let next = tokens(&next, Some(&first), Timestamp::from_second(5_000).unwrap());
        assert_eq!((next.access.expose(), next.refresh.unwrap().expose(), next.granted_at), ("b", "r", 1_000_000));
    }
}
