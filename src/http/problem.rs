//! Errors of the JSON API as `application/problem+json` (RFC 9457) with the codes of the contract.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::connect::ConnectError;
use crate::preview::{Reason, ReasonCode};
use crate::store;
use crate::sync::CreateError;
use crate::workspace::WorkspaceError;

/// One failed request: what went wrong, in a word for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: &'static str,
    pub detail: String,
    pub retry_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<Timestamp>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), retry_at: None }
    }

    pub fn unauthenticated() -> Self {
        let detail = "Send an API token as \"Authorization: Bearer …\", or sign in with the browser.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in", detail)
    }

    pub fn csrf() -> Self {
        let detail = "A request with the browser session needs the header X-CSRF-Token. Reload the page and try again.";
        Self::new(StatusCode::FORBIDDEN, "csrf", "The request does not come from our own page", detail)
    }

    pub fn from_elsewhere() -> Self {
        let detail = "The browser says that the page of another site sent this. Nothing was changed.";
        Self::new(StatusCode::FORBIDDEN, "csrf", "The request does not come from our own page", detail)
    }

    pub fn code_not_good() -> Self {
        let detail = "The code was used already, or is older than a minute. Ask for another one.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "The code is not good", detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Something else has happened meanwhile", detail)
    }

    pub fn method_not_allowed() -> Self {
        let detail = "See /api/v1/openapi.json for the methods of this address.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "Method not allowed", detail)
    }

    pub fn not_acceptable() -> Self {
        let detail = "The answer is there as application/json, text/markdown and text/plain. Accept one of them.";
        Self::new(StatusCode::NOT_ACCEPTABLE, "invalid_request", "Not in this form", detail)
    }

    pub fn only_json() -> Self {
        let detail = "oEmbed is answered as JSON only. Ask with format=json, or without format.";
        Self::new(StatusCode::NOT_IMPLEMENTED, "invalid_request", "Not in this form", detail)
    }

    pub fn too_large() -> Self {
        let detail = "A request body may have at most 1 MiB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Too large", detail)
    }

    pub fn unsupported_media_type() -> Self {
        let detail = "Send JSON with \"Content-Type: application/json\".";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Not JSON", detail)
    }

    pub fn malformed_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_json", "The body is not valid JSON", detail)
    }

    pub fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", "The request cannot be understood", detail)
    }

    pub fn unavailable() -> Self {
        let detail = "The gateway's database does not answer. Try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable", detail)
    }

    pub fn misdirected() -> Self {
        let detail = "The Host header names neither this listener nor GATEWAY_PUBLIC_URL.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "invalid_request", "Wrong host", detail)
    }

    pub fn forwarded() -> Self {
        let detail = "With GATEWAY_SIGN_IN=local the gateway must not stand behind a proxy: requests with Forwarded, \
                      X-Forwarded-* or Via are refused.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", "Forwarded request refused", detail)
    }

    pub fn not_the_sign_on() -> Self {
        let detail = "The request carries the header of the sign-on in front of the gateway, but does not come from an \
                      address that GATEWAY_TRUSTED_PROXIES names. Use the gateway's public address.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", "Header of the sign-on refused", detail)
    }

    /// What Jira was asked for on the way, and did not tell. Nothing was changed.
    pub fn untold(reason: &Reason) -> Self {
        let (status, code) = match reason.code {
            ReasonCode::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            ReasonCode::Captcha => (StatusCode::UNPROCESSABLE_ENTITY, "captcha"),
            ReasonCode::Reconnect | ReasonCode::ScopeMissing => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_credentials"),
            ReasonCode::Tls => (StatusCode::UNPROCESSABLE_ENTITY, "untrusted_certificate"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "unreachable"),
        };
        let problem = Self::new(status, code, "Jira does not tell its fields", reason.message.as_str());
        Self { retry_at: reason.retry_at, ..problem }
    }

    fn too_many_requests(retry_at: Timestamp) -> Self {
        let detail = format!("Too many attempts to connect. Try again after {}.", retry_at.strftime("%H:%M UTC"));
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many attempts", detail);
        problem.retry_at = Some(retry_at);
        problem
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match &error {
            ConnectError::Store(_) => Self::unavailable(),
            ConnectError::TooManyAttempts { retry_at } => Self::too_many_requests(*retry_at),
            ConnectError::Invalid(detail) => Self::invalid_request(detail.clone()),
            refused => {
                let (code, title) = (refused.code(), "Jira could not be connected");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, refused.to_string())
            }
        }
    }
}

impl From<WorkspaceError> for Problem {
    fn from(error: WorkspaceError) -> Self {
        let code = match &error {
            WorkspaceError::Store(_) => return Self::unavailable(),
            WorkspaceError::TooManyAttempts { retry_at } => return Self::too_many_requests(*retry_at),
            WorkspaceError::Invalid(_) => return Self::invalid_request(error.to_string()),
            WorkspaceError::Unreachable | WorkspaceError::Operator => "unreachable",
            _ => "wrong_credentials",
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "Notion could not be connected", error.to_string())
    }
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        let code = match &error {
            CreateError::Store(_) => return Self::unavailable(),
            CreateError::UnknownConnection | CreateError::UnknownNotionConnection => {
                return Self::not_found(error.to_string());
            }
            CreateError::Moved => return Self::conflict(error.to_string()),
            CreateError::Busy => {
                let title = "There are too many dry runs";
                return Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", title, error.to_string());
            }
            CreateError::Jira(_) | CreateError::Notion(_) => "unreachable",
            CreateError::Reconnect => "wrong_credentials",
            CreateError::Captcha => "captcha",
            _ => "invalid_request",
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "There is no synced database of this", error.to_string())
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(fault = "us", retry = true, %error, "the database failed");
        Self::unavailable()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            retry_at: self.retry_at,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(retry_at) = self.retry_at
            && let Ok(date) = HeaderValue::try_from(retry_at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        {
            headers.insert(header::RETRY_AFTER, date);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
