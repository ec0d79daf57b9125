//! OAuth 1.0a at an application link (RFC 5849 §2; jira-auth-and-rest §4.4): Jira Server, and Data Center where nothing
//! newer is set up.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use super::{Consumer, OAuthError, Stamps};
use crate::jira::Error;
use crate::jira::auth::Secret;
use crate::jira::key::SiteUrl;
use crate::outbound::{
    Call, Failure, HeaderMap, HeaderValue, Http, Method, Reply, StatusCode, Url, header, retry_after,
};

/// The gateway at one Jira's application link.
#[derive(Clone)]
pub struct Application {
    http: Http,
    base: SiteUrl,
    consumer: Arc<Consumer>,
    stamps: Stamps,
}

/// Temporary credentials (RFC 5849 §2.1).
#[derive(Debug)]
pub struct RequestToken {
    pub token: Secret,
    pub authorize_url: Url,
}

/// Tokens live five years where Jira does not say (§4.4).
const USUAL_LIFE_SECONDS: i64 = 157_680_000;

impl Application {
    pub fn new(http: Http, base: SiteUrl, consumer: Arc<Consumer>, stamps: Stamps) -> Self {
        Self { http, base, consumer, stamps }
    }

    /// Step 1: asks for temporary credentials. `callback` carries our own state.
    pub async fn request_token(&self, callback: &Url) -> Result<RequestToken, OAuthError> {
        let answer = self.ask("request-token", &[("oauth_callback", callback.as_str())]).await?;
        let token = answer.token()?;
        let mut authorize_url = self.at("authorize")?;
        authorize_url.query_pairs_mut().append_pair("oauth_token", token.expose());
        Ok(RequestToken { token, authorize_url })
    }

    /// Step 3: turns the temporary credentials and the verifier into an access token; with it, when it ends.
    pub async fn access_token(
        &self,
        token: &Secret,
        verifier: &str,
        now: Timestamp,
    ) -> Result<(Secret, Timestamp), OAuthError> {
        let protocol = [("oauth_token", token.expose()), ("oauth_verifier", verifier)];
        let answer = self.ask("access-token", &protocol).await?;
        let told = |name| answer.get(name).and_then(|seconds| seconds.parse::<i64>().ok()).filter(|it| *it > 0);
        // The token can be renewed for as long as the authorization lives, so the authorization is what ends.
        let life = told("oauth_expires_in").unwrap_or(USUAL_LIFE_SECONDS).min(2 * USUAL_LIFE_SECONDS);
        let ends = now.checked_add(SignedDuration::from_secs(life)).unwrap_or(Timestamp::MAX);
        Ok((answer.token()?, ends))
    }

    async fn ask(&self, step: &str, protocol: &[(&str, &str)]) -> Result<Form, OAuthError> {
        let mut call = Call::get(self.at(step)?);
        call.method = Method::POST;
        call.limit = 64 * 1024;
        call.body = Some(Vec::new());
        let value = self.consumer.authorization(&call.method, &call.url, protocol, &(self.stamps)());
        let mut value = HeaderValue::from_str(&value).map_err(|_| OAuthError::Operator("consumer_key"))?;
        value.set_sensitive(true);
        call.headers.insert(header::AUTHORIZATION, value);
        let reply = self.http.send(call).await.map_err(|failure| OAuthError::Unavailable(failure.into()))?;
        if reply.status == StatusCode::OK { Ok(Form::of(&reply.body)) } else { Err(refusal(&reply)) }
    }

    fn at(&self, step: &str) -> Result<Url, OAuthError> {
        let address = self.base.join(&format!("/plugins/servlet/oauth/{step}"));
        Url::parse(&address).map_err(|_| OAuthError::Unavailable(Error::Outbound(Failure::Unreachable)))
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("base", &self.base)
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}

/// A form in an answer's body.
struct Form(Vec<(String, String)>);

impl Form {
    fn of(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().take(50).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn token(&self) -> Result<Secret, OAuthError> {
        let token = self.get("oauth_token").filter(|token| !token.is_empty() && token.len() <= 1024);
        token.map(Secret::from).ok_or(OAuthError::Unavailable(Error::Malformed))
    }
}

fn refusal(reply: &Reply) -> OAuthError {
    match Problem::in_answer(&reply.headers, &reply.body) {
        Some(Problem::Grant) => OAuthError::InvalidGrant,
        Some(Problem::Operator(word)) => OAuthError::Operator(word),
        Some(Problem::Again) => OAuthError::Unavailable(Error::Upstream(reply.status.as_u16())),
        None => OAuthError::Unavailable(match reply.status {
            StatusCode::TOO_MANY_REQUESTS => Error::RateLimited { retry_after: retry_after(&reply.headers) },
            status => Error::Upstream(status.as_u16()),
        }),
    }
}

/// What an `oauth_problem` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jira) enum Problem {
    /// The person has to let us in again.
    Grant,
    /// The application link or our clock is wrong.
    Operator(&'static str),
    /// Pure chance: a nonce that was there before.
    Again,
}

impl Problem {
    /// From the body or `WWW-Authenticate` (the OAuth Problem Reporting extension; §4.4).
    pub(in crate::jira) fn in_answer(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        const OPERATOR: [&str; 8] = [
            "consumer_key_unknown",
            "consumer_key_rejected",
            "consumer_key_refused",
            "signature_invalid",
            "signature_method_rejected",
            "timestamp_refused",
            "parameter_rejected",
            "version_rejected",
        ];
        const GRANT: [&str; 7] = [
            "token_rejected",
            "token_expired",
            "token_revoked",
            "token_used",
            "permission_denied",
            "permission_unknown",
            "user_refused",
        ];
        let in_header = headers.get(header::WWW_AUTHENTICATE).and_then(|it| it.to_str().ok());
        let body = String::from_utf8_lossy(&body[..body.len().min(4096)]);
        let word = [in_header.unwrap_or_default(), &body].into_iter().find_map(|text| {
            let (_, after) = text.split_once("oauth_problem=")?;
            let after = after.trim_start_matches('"');
            Some(after.split(|c: char| !(c.is_ascii_lowercase() || c == '_')).next().unwrap_or_default().to_owned())
        })?;
        let known = OPERATOR.into_iter().find(|it| *it == word).map(Self::Operator);
        known.or_else(|| GRANT.contains(&word.as_str()).then_some(Self::Grant)).or(Some(Self::Again))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_found_in_body_and_header() {
        let found = |header_text: &str, body: &str| {
            let mut headers = HeaderMap::new();
            if !header_text.is_empty() {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_str(header_text).unwrap());
            }
            Problem::in_answer(&headers, body.as_bytes())
        };
        let table = [
            ("", "oauth_problem=token_rejected", Some(Problem::Grant)),
            ("OAuth realm=\"https%3A%2F%2Fjira\", oauth_problem=\"token_rejected\"", "", Some(Problem::Grant)),
            (
                "",
                "oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1-2",
                Some(Problem::Operator("timestamp_refused")),
            ),
            (
                "",
                "oauth_problem=signature_invalid&oauth_signature_base_string=GET%26",
                Some(Problem::Operator("signature_invalid")),
            ),
            ("", "oauth_problem=nonce_used", Some(Problem::Again)),
            ("OAuth realm=\"https%3A%2F%2Fjira\"", "{}", None),
            ("", "", None),
        ];
        for (header_text, body, expected) in table {
            assert_eq!(found(header_text, body), expected, "{header_text} {body}");
        }
    }
}
