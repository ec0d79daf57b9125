//! The JSON API (contract §4) but for `resolve`: connections, and what all of it reads and writes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::connect::Typed;
use crate::gateway::Gateway;
use crate::jira::auth::Method;
use crate::store::{Connection, ConnectionId};

use super::address;
use super::caller::Caller;
use super::problem::Problem;
use super::server::Peer;

/// Longest account name, secret or address that is looked at.
const FIELD_MAX: usize = 8_192;

type Shared = State<Arc<Gateway>>;

pub(super) fn no_connection() -> Problem {
    Problem::not_found("There is no such connection in your account.")
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    site: SiteRow<'a>,
    method: &'a str,
    label: &'a str,
    health: &'static str,
    expires_at: Option<Timestamp>,
    grant: Option<&'a str>,
}

#[derive(Serialize)]
struct SiteRow<'a> {
    url: &'a str,
    name: &'a str,
    deployment: &'static str,
}

fn row<'a>(gateway: &'a Gateway, connection: &'a Connection) -> Row<'a> {
    Row {
        id: connection.id.as_str(),
        site: SiteRow {
            url: connection.site.as_str(),
            name: gateway.site_name(&connection.site),
            deployment: connection.deployment.as_str(),
        },
        method: &connection.method,
        label: &connection.label,
        health: connection.health.as_str(),
        expires_at: connection.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        grant: connection.grant_id.as_deref(),
    }
}

/// `GET /api/v1/connections`
pub async fn connections(State(gateway): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Rows<'a> {
        connections: Vec<Row<'a>>,
    }
    let caller = Caller::of(&gateway, &headers).await?;
    let rows = gateway.connect.rows(caller.account()).await?;
    let connections = rows.iter().map(|it| row(&gateway, it)).collect();
    Ok(json_of(StatusCode::OK, &Rows { connections }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConnection {
    site: String,
    method: String,
    username: Option<String>,
    secret: SecretString,
    expires_at: Option<String>,
}

/// `POST /api/v1/connections`
pub async fn connect(
    State(gateway): Shared,
    peer: axum::Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let request: NewConnection = read(&headers, body)?;
    // Words of OAuth are known, but nothing of it could be typed here: that is refused further down.
    let method = Method::parse(&request.method).ok_or_else(|| {
        Problem::invalid_request("method: the words are api_token, password and personal_access_token.")
    })?;
    let typed = Typed {
        site: short("site", request.site)?,
        method,
        username: short("username", request.username.unwrap_or_default())?,
        secret: request.secret,
        expires_at: request.expires_at.as_deref().map(expiry).transpose()?,
        chosen: None,
    };
    let peer = address::of(&gateway, peer.0, &headers);
    let (connection, created) = gateway.connect.connect(Some(caller.account()), peer, typed).await?;
    gateway.welcome(&[&connection]).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json_of(status, &row(&gateway, &connection)))
}

/// `DELETE /api/v1/connections/{id}`
pub async fn disconnect(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let id = ConnectionId::parse(&id).ok_or_else(no_connection)?;
    if !gateway.disconnect(caller.account(), &id).await? {
        return Err(no_connection());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/openapi.json`
pub async fn openapi() -> Response {
    let mut response = json_response(StatusCode::OK, include_bytes!("openapi.json").to_vec());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Anything else below `/api`.
pub async fn nothing_here() -> Problem {
    Problem::not_found("There is nothing at this address. See /api/v1/openapi.json.")
}

/// A date or an instant.
pub fn expiry(text: &str) -> Result<Timestamp, Problem> {
    let instant = text.parse::<Timestamp>().ok();
    let day = || text.parse::<Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp());
    let detail = "expires_at: give a date (2026-12-31) or an RFC 3339 instant.";
    instant.or_else(day).ok_or_else(|| Problem::invalid_request(detail))
}

fn short(name: &str, value: String) -> Result<String, Problem> {
    let fits = value.len() <= FIELD_MAX;
    fits.then_some(value).ok_or_else(|| Problem::invalid_request(format!("{name}: this is too long.")))
}

pub(super) fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<T, Problem> {
    let json = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if !json {
        return Err(Problem::unsupported_media_type());
    }
    let body = body.map_err(|_| Problem::too_large())?;
    serde_json::from_slice(&body).map_err(|error| match error.classify() {
        // The parser's words name fields and positions, never the values.
        serde_json::error::Category::Data => Problem::invalid_request(field_words(&error)),
        _ => Problem::malformed_json(format!("line {}, column {}", error.line(), error.column())),
    })
}

/// What is wrong with a well-formed body, without its values: they may be secrets.
fn field_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let safe =
        words.starts_with("unknown field") || words.starts_with("missing field") || words.starts_with("duplicate");
    let place = format!("line {}, column {}", error.line(), error.column());
    if safe { words } else { format!("A field has the wrong type ({place}).") }
}

pub(super) fn json_of(status: StatusCode, value: &impl Serialize) -> Response {
    json_response(status, serde_json::to_vec(value).unwrap_or_default())
}

pub(super) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}
