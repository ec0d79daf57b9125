//! What Notion's servers ask of us (notion-link-preview §4C to §4G): tokens, what a link shows, and that it is over.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;

use crate::gateway::{Gateway, LinkPreviews};
use crate::grant::{Named, TokenError, TokenRequest};
use crate::notion::unfurl::Unfurled;
use crate::store;

use super::caller;
use super::pages;

type Shared = State<Arc<Gateway>>;
type Body = Result<Bytes, BytesRejection>;

/// Longest link that is looked at.
const LONGEST_URI: usize = 8 * 1024;
/// How deep a message is searched for tokens.
const DEEPEST: usize = 4;
/// Texts of a message that are looked at.
const MOST_TEXTS: usize = 100;
/// Names of a message that are logged.
const MOST_NAMES: usize = 16;

/// `POST /notion/token`
pub async fn token(State(gateway): Shared, headers: HeaderMap, body: Body) -> Response {
    let Some(LinkPreviews { grants, .. }) = &gateway.link_previews else { return pages::not_found().await };
    let asked = Parameters::read(&headers, &body).and_then(|asked| asked.with_basic(&headers));
    let result = match &asked {
        Ok(asked) => grants.token(&asked.token_request()).await,
        Err(what) => Err(TokenError::InvalidRequest(what)),
    };
    match result {
        Ok(issued) => {
            let answer = TokensJson {
                access_token: issued.access_token.expose_secret(),
                token_type: "bearer",
                expires_in: issued.expires_in,
                refresh_token: issued.refresh_token.expose_secret(),
            };
            json(StatusCode::OK, &answer)
        }
        Err(error) => refused(&error),
    }
}

#[derive(Serialize)]
struct TokensJson<'a> {
    access_token: &'a str,
    token_type: &'static str,
    /// Seconds; it must be there beside a refresh token (§4C).
    expires_in: i64,
    refresh_token: &'a str,
}

#[derive(Serialize)]
struct OAuthErrorJson<'a> {
    error: &'a str,
    error_description: &'a str,
}

/// RFC 6749 §5.2.
fn refused(error: &TokenError) -> Response {
    let (status, code) = match (error, error.code()) {
        (TokenError::InvalidClient, Some(code)) => (StatusCode::UNAUTHORIZED, code),
        (_, Some(code)) => (StatusCode::BAD_REQUEST, code),
        (_, None) => {
            tracing::error!(fault = "us", retry = true, %error, "the database failed");
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
        }
    };
    let text = if status.is_server_error() { "Try again in a moment.".to_owned() } else { error.to_string() };
    let mut response = json(status, &OAuthErrorJson { error: code, error_description: &text });
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
    }
    response
}

/// `POST /notion/unfurl`
pub async fn unfurl(State(gateway): Shared, headers: HeaderMap, body: Body) -> Response {
    let Some(LinkPreviews { grants, push }) = &gateway.link_previews else { return pages::not_found().await };
    // A bad token is answered before anything else is looked at.
    let Some(token) = caller::bearer(&headers) else { return unauthorized("Bearer") };
    let grant = match grants.authenticate(token).await {
        Ok(Some(grant)) => grant,
        Ok(None) => return unauthorized("Bearer error=\"invalid_token\""),
        Err(error) => return failed(&error),
    };
    let uri = match body.as_deref().map(serde_json::from_slice::<HashMap<String, Value>>) {
        Ok(Ok(mut body)) => match body.remove("uri") {
            Some(Value::String(uri)) if !uri.is_empty() && uri.len() <= LONGEST_URI => uri,
            _ => return error(StatusCode::BAD_REQUEST, "uri is missing or too long"),
        },
        Ok(Err(_)) => return error(StatusCode::BAD_REQUEST, "the body is no JSON object"),
        Err(rejection) => return error(rejection.status(), "the body did not arrive whole"),
    };
    match push.answer(&grant, &uri).await {
        Ok(operations) => json(StatusCode::OK, &Unfurled { uri: &uri, operations: &operations }),
        Err(error) => failed(&error),
    }
}

/// `DELETE /notion/unfurl`: whatever comes, the answer is the same; nothing changes without a good token (§4F).
pub async fn forget(State(gateway): Shared, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let Some(LinkPreviews { grants, push }) = &gateway.link_previews else { return pages::not_found().await };
    let over = async {
        let Some(token) = caller::bearer(&headers) else { return Ok(()) };
        let Some(grant) = grants.authenticate(token).await? else { return Ok(()) };
        match Parameters::anywhere(&headers, &body, &uri).get("uri") {
            "" => Ok(()),
            link => push.forget(&grant, link).await,
        }
    };
    over.await.map_or_else(|error| failed(&error), |()| nothing_more())
}

/// `DELETE` and `POST /notion/deleted-token`: a grant ends where something proves that it may (§4G).
pub async fn deleted(State(gateway): Shared, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let Some(LinkPreviews { grants, .. }) = &gateway.link_previews else { return pages::not_found().await };
    let told = Parameters::anywhere(&headers, &body, &uri);
    let over = async {
        let texts = caller::bearer(&headers).into_iter().chain(told.texts());
        let mut ended = grants.end_by_tokens(texts).await?;
        let with_secret = told.clone().with_basic(&headers).unwrap_or_else(|_| told.clone());
        ended += usize::from(grants.end_named(&with_secret.named()).await?);
        Ok::<_, store::Error>(ended)
    };
    match over.await {
        Ok(ended) => {
            // What Notion sends here is not documented: its form, without what it holds, helps whoever has to find out.
            tracing::info!(ended, fields = %told.names(), "Notion says that a token was deleted");
            nothing_more()
        }
        Err(error) => failed(&error),
    }
}

/// The names and texts of a message, however it came.
#[derive(Clone, Default)]
struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The fields of a form, or the texts of a JSON object. A field that is there twice is an error (RFC 6749 §3.2).
    fn read(headers: &HeaderMap, body: &Body) -> Result<Self, &'static str> {
        let Ok(body) = body else { return Err("The body did not arrive whole.") };
        let fields = Self::of(headers, body).ok_or("The body is neither a form nor a JSON object.")?;
        let mut names: Vec<&str> = fields.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("A parameter is there twice.");
        }
        Ok(fields)
    }

    /// Whatever can be read, from the body or the query.
    fn anywhere(headers: &HeaderMap, body: &Body, uri: &Uri) -> Self {
        let mut fields = body.as_ref().ok().and_then(|body| Self::of(headers, body)).unwrap_or_default();
        let query = uri.query().unwrap_or_default().as_bytes();
        fields.0.extend(url::form_urlencoded::parse(query).into_owned().take(MOST_TEXTS));
        fields
    }

    fn of(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let looks_like_json = kind.contains("json") || body.first() == Some(&b'{');
        if !looks_like_json {
            return Some(Self(url::form_urlencoded::parse(body).into_owned().take(MOST_TEXTS).collect()));
        }
        let value: Value = serde_json::from_slice(body).ok()?;
        let mut fields = Self::default();
        fields.collect("", value, DEEPEST);
        Some(fields)
    }

    /// Objects within objects are flattened: `external_account: {key}` is told as `key`.
    fn collect(&mut self, name: &str, value: Value, depth: usize) {
        match value {
            _ if self.0.len() >= MOST_TEXTS || depth == 0 => {}
            Value::String(text) => self.0.push((name.to_owned(), text)),
            Value::Object(object) => object.into_iter().for_each(|(name, value)| self.collect(&name, value, depth - 1)),
            Value::Array(list) => list.into_iter().for_each(|value| self.collect(name, value, depth - 1)),
            _ => {}
        }
    }

    /// The client's credentials, where they came as HTTP Basic authentication (RFC 6749 §2.3.1) instead of parameters.
    fn with_basic(mut self, headers: &HeaderMap) -> Result<Self, &'static str> {
        let Some(value) = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()) else { return Ok(self) };
        let Some((scheme, pair)) = value.split_once(' ') else { return Ok(self) };
        if !scheme.eq_ignore_ascii_case("basic") {
            return Ok(self);
        }
        if !self.get("client_secret").is_empty() {
            return Err("The client shows its secret twice.");
        }
        let decoded = STANDARD.decode(pair.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((id, secret)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) else {
            return Err("The Authorization header is not understood.");
        };
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        self.0.retain(|(name, _)| name != "client_id" && name != "client_secret");
        self.0.push(("client_id".to_owned(), plain(id)));
        self.0.push(("client_secret".to_owned(), plain(secret)));
        Ok(self)
    }

    /// Empty when it is missing.
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// For the log.
    fn names(&self) -> String {
        let plain = |name: &&str| name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.0.iter().map(|(name, _)| name.as_str()).filter(plain).take(MOST_NAMES).collect::<Vec<_>>().join(" ")
    }

    fn token_request(&self) -> TokenRequest<'_> {
        TokenRequest {
            grant_type: self.get("grant_type"),
            client_id: self.get("client_id"),
            client_secret: self.get("client_secret"),
            code: self.get("code"),
            redirect_uri: self.get("redirect_uri"),
            refresh_token: self.get("refresh_token"),
        }
    }

    fn named(&self) -> Named<'_> {
        Named {
            client_id: self.get("client_id"),
            client_secret: self.get("client_secret"),
            key: self.get("key"),
            bot_id: self.get("bot_id"),
        }
    }
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    status: u16,
    message: &'a str,
}

/// Whoever shows nothing is not told of an error (RFC 6750 §3.1).
fn unauthorized(challenge: &'static str) -> Response {
    let mut response = error(StatusCode::UNAUTHORIZED, "The access token is not good any more.");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

fn failed(failure: &store::Error) -> Response {
    tracing::error!(fault = "us", retry = true, error = %failure, "the database failed");
    error(StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment.")
}

fn error(status: StatusCode, message: &str) -> Response {
    json(status, &ErrorJson { error: ErrorBody { status: status.as_u16(), message } })
}

fn nothing_more() -> Response {
    json(StatusCode::OK, &serde_json::Map::new())
}

/// Never kept by anybody on the way (RFC 6749 §5.1).
fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Texts and numbers: they always become JSON.
    let text = serde_json::to_string(body).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, text).into_response()
}
