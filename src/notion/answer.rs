//! Notion's answers: what they hold, or what a caller can do.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Error;
use super::error::Limit;
use crate::outbound::{Reply, StatusCode, asks_to_wait, retry_after};

/// The two forms of an error that are documented: RFC 6749 §5.2, and Notion's own envelope (notion-rest-api §2).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Word,
    code: Word,
    message: Word,
    request_id: Word,
    additional_data: Additional,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Additional {
    rate_limit_reason: Word,
}

/// A text, or whatever else stands in its place.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    #[default]
    None,
    Other(serde::de::IgnoredAny),
}

impl Word {
    fn filled(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Longest word that is repeated in a message.
const LONGEST_CODE: usize = 60;
/// Letters of Notion's sentence that are kept.
const LONGEST_DETAIL: usize = 300;

/// Reads an answer; any 2xx is a success.
pub fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Error> {
    accept(reply)?;
    serde_json::from_slice(&reply.body).map_err(|_| Error::Malformed)
}

/// The same where what it holds does not matter.
pub fn accept(reply: &Reply) -> Result<(), Error> {
    if reply.status.is_success() {
        return Ok(());
    }
    let envelope: Envelope = serde_json::from_slice(&reply.body).unwrap_or_default();
    if asks_to_wait(reply.status, &reply.headers) {
        let limit = limit(&envelope.additional_data.rate_limit_reason.filled().unwrap_or_default());
        return Err(Error::RateLimited { retry_after: retry_after(&reply.headers), limit });
    }
    let code = envelope.error.filled().or_else(|| envelope.code.filled()).unwrap_or_default();
    Err(match (reply.status, code.as_str()) {
        // 529 is Notion's word for too much to do.
        (status, _) if status.is_server_error() => Error::Upstream(status.as_u16()),
        (_, "invalid_grant") => Error::InvalidGrant,
        (_, "invalid_client") => Error::Operator("invalid_client"),
        (_, "unauthorized_client") => Error::Operator("unauthorized_client"),
        (_, "test_env_error") => Error::Operator("test_env_error"),
        (StatusCode::UNAUTHORIZED, _) => Error::Unauthorized,
        (StatusCode::NOT_FOUND, _) => Error::NotFound,
        (StatusCode::CONFLICT, "conflict_error") => Error::Conflict,
        (status, code) => {
            let plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && code.len() <= LONGEST_CODE;
            let code = if plain && !code.is_empty() { code.to_owned() } else { "no reason given".to_owned() };
            let detail = detail(envelope.message.filled(), envelope.request_id.filled());
            Error::Refused { status: status.as_u16(), code, detail }
        }
    })
}

/// Notion's words for its limits are not documented (notion-rest-api §11.1).
fn limit(reason: &str) -> Limit {
    let reason = reason.to_ascii_lowercase();
    match ["workspace", "space"].iter().any(|word| reason.contains(word)) {
        true => Limit::Workspace,
        false if ["connection", "integration", "bot", "token"].iter().any(|word| reason.contains(word)) => {
            Limit::Connection
        }
        false => Limit::Unknown,
    }
}

/// A sentence of Notion's in one harmless line, with the number of the request.
fn detail(message: Option<String>, request_id: Option<String>) -> String {
    let line: String = message.unwrap_or_default().chars().filter(|it| !it.is_control()).take(LONGEST_DETAIL).collect();
    match request_id.filter(|id| id.len() <= LONGEST_CODE && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    {
        Some(id) => format!("{line} (reference {id})"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{HeaderMap, HeaderValue, header};

    #[test]
    fn an_error_says_what_can_be_done() {
        let table = [
            (200, "", Ok(())),
            (204, "", Ok(())),
            (401, r#"{"object":"error","status":401,"code":"unauthorized","message":"x"}"#, Err(Error::Unauthorized)),
            (401, "<html>", Err(Error::Unauthorized)),
            (401, r#"{"error":"invalid_client"}"#, Err(Error::Operator("invalid_client"))),
            (400, r#"{"error":"invalid_grant","error_description":"x"}"#, Err(Error::InvalidGrant)),
            (400, r#"{"object":"error","status":400,"code":"invalid_grant","message":"x"}"#, Err(Error::InvalidGrant)),
            (403, r#"{"code":"test_env_error"}"#, Err(Error::Operator("test_env_error"))),
            (404, r#"{"code":"object_not_found"}"#, Err(Error::NotFound)),
            (429, "", Err(Error::RateLimited { retry_after: None, limit: Limit::Unknown })),
            (429, r#"{"additional_data":{"rate_limit_reason":"workspace_limit"}}"#, Err(limited(Limit::Workspace))),
            (429, r#"{"additional_data":{"rate_limit_reason":"connection"}}"#, Err(limited(Limit::Connection))),
            (409, r#"{"code":"conflict_error"}"#, Err(Error::Conflict)),
            (500, r#"{"error":"invalid_grant"}"#, Err(Error::Upstream(500))),
            (529, "", Err(Error::Upstream(529))),
            (400, r#"{"code":"validation_error"}"#, Err(refused(400, "validation_error"))),
            (400, r#"{"error":{"status":400}}"#, Err(refused(400, "no reason given"))),
            (400, r#"{"code":"a title, maybe"}"#, Err(refused(400, "no reason given"))),
            (302, "", Err(refused(302, "no reason given"))),
        ];
        for (status, body, expected) in table {
            let status = StatusCode::from_u16(status).unwrap();
            let reply = Reply { status, headers: HeaderMap::new(), body: body.into() };
            assert_eq!(accept(&reply), expected, "{status} {body}");
        }
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("7"))]);
        let reply = Reply { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Vec::new() };
        let seven = Some(std::time::Duration::from_secs(7));
        assert_eq!(accept(&reply), Err(Error::RateLimited { retry_after: seven, limit: Limit::Unknown }));
    }

    #[test]
    fn a_refusal_repeats_the_sentence_as_one_line_with_its_number() {
        let body = "{\"code\":\"validation_error\",\"message\":\"a\\nb\",\"request_id\":\"12-ab\"}";
        let reply = Reply { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body: body.into() };
        let Err(Error::Refused { detail, .. }) = accept(&reply) else { panic!("a refusal") };
        assert_eq!(detail, "ab (reference 12-ab)");
    }

    fn limited(limit: Limit) -> Error {
        Error::RateLimited { retry_after: None, limit }
    }

    fn refused(status: u16, code: &str) -> Error {
        Error::Refused { status, code: code.to_owned(), detail: String::new() }
    }
}
