//! The JSON API (contract §4).

use std::sync::{Arc, LazyLock};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::connect::Typed;
use crate::gateway::Gateway;
use crate::jira::auth::Method;
use crate::render::json::{self, Include, Tail};
use crate::store::{Connection, ConnectionId};
use crate::unfurl::Ask;

use super::address;
use super::caller::{Caller, bearer};
use super::problem::Problem;
use super::protect;
use super::server::Peer;

/// Most links in one request.
const URLS_MAX: usize = 100;
/// Longest account name, secret or address that is looked at.
const FIELD_MAX: usize = 8_192;

/// What every answer to `GET /api/v1/resolve` has, with room for two more: copying is cheaper than making.
static HEADERS_OF_ONE: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    protect(&mut headers);
    headers
});

type Shared = State<Arc<Gateway>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolve {
    urls: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
    connection: Option<String>,
}

/// `POST /api/v1/resolve`
pub async fn resolve_many(
    State(gateway): Shared,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let request: Resolve = read(&headers, body)?;
    if request.urls.is_empty() || request.urls.len() > URLS_MAX {
        let detail = format!("urls: give 1 to {URLS_MAX} links; there are {}.", request.urls.len());
        return Err(Problem::invalid_request(detail));
    }
    let include = include(request.include.iter().map(String::as_str))?;
    let connection = own_connection(&gateway, &caller, request.connection.as_deref()).await?;
    let ask = Ask { account: caller.account(), connection: connection.as_ref(), refresh: false };
    let urls: Vec<&str> = request.urls.iter().map(String::as_str).collect();
    let answers = gateway.unfurl.resolve(ask, &urls).await?;
    let now = gateway.clock.now();
    let mut body = b"{\"results\":[".to_vec();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        json::tail(answer, include, now).write(&answer.url, &mut body);
    }
    body.extend_from_slice(b"]}");
    Ok(json_response(StatusCode::OK, body))
}

/// `GET /api/v1/resolve?url=…`
pub async fn resolve_one(State(gateway): Shared, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let caller = Caller::of(&gateway, &headers).await?;
    let query = Query::of(uri.query().unwrap_or_default())?;
    let connection = own_connection(&gateway, &caller, query.connection.as_deref()).await?;
    let ask = Ask { account: caller.account(), connection: connection.as_ref(), refresh: false };
    if query.include == Include::default() {
        let tail = gateway.unfurl.resolve_one(ask, &query.url).await?;
        return Ok(one(&query.url, &tail, &headers));
    }
    let answers = gateway.unfurl.resolve(ask, &[&query.url]).await?;
    let answer = answers.first().ok_or_else(Problem::unavailable)?;
    Ok(one(&query.url, &json::tail(answer, query.include, gateway.clock.now()), &headers))
}

/// The same for a link whose answer lies ready, for a caller with a known token; `None` when there is work to do.
pub fn resolve_at_once(gateway: &Gateway, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let account = gateway.accounts.of_token_now(bearer(headers)?)?;
    let held = gateway.connect.held_now(&account)?;
    let question = uri.query()?;
    if let Some(ready) = gateway.unfurl.again(&held, question) {
        return Some(one(&ready.url, ready.tail()?, headers));
    }
    let query = Query::of(question).ok()?;
    if query.connection.is_some() || query.include != Include::default() {
        return None;
    }
    let ready = gateway.unfurl.ready_made(&held, &query.url)?;
    held.keep_note(question, ready.clone());
    Some(one(&ready.url, ready.tail()?, headers))
}

/// `GET /api/v1/resolve?…`, read strictly: a parameter that nobody knows is mostly the rest of a link that was not
/// percent-encoded.
#[derive(Debug)]
pub struct Query {
    pub url: String,
    pub include: Include,
    pub connection: Option<String>,
}

impl Query {
    pub fn of(query: &str) -> Result<Self, Problem> {
        let (mut url, mut include_words, mut connection) = (None, String::new(), None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "url" => &mut url,
                "connection" => &mut connection,
                "include" => {
                    include_words = value.into_owned();
                    continue;
                }
                _ => {
                    let detail = "There is an unknown parameter. Percent-encode the link: url=https%3A%2F%2F…";
                    return Err(Problem::invalid_request(detail));
                }
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(Problem::invalid_request("A parameter is given twice."));
            }
        }
        let words = include_words.split(',').filter(|word| !word.is_empty());
        let url = url.ok_or_else(|| Problem::invalid_request("The parameter url is missing."))?;
        Ok(Self { url, include: include(words)?, connection })
    }
}

fn include<'w>(words: impl Iterator<Item = &'w str>) -> Result<Include, Problem> {
    let mut include = Include::default();
    for word in words {
        match word {
            "html" => include.html = true,
            "attributes" => include.attributes = true,
            _ => return Err(Problem::invalid_request("include: the words are html and attributes.")),
        }
    }
    Ok(include)
}

/// A connection that is named must be the caller's own; another account's does not exist.
async fn own_connection(gateway: &Gateway, caller: &Caller, id: Option<&str>) -> Result<Option<ConnectionId>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let id = ConnectionId::parse(id).ok_or_else(no_connection)?;
    let held = gateway.connect.held(caller.account()).await?;
    held.find(&id).map(|it| Some(it.id.clone())).ok_or_else(no_connection)
}

fn no_connection() -> Problem {
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

fn read<T: DeserializeOwned>(
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

fn json_of(status: StatusCode, value: &impl Serialize) -> Response {
    json_response(status, serde_json::to_vec(value).unwrap_or_default())
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

/// 200 with the body, or 304 when the caller has it (RFC 9110 §13.1.2).
pub fn one(url: &str, tail: &Tail, headers: &HeaderMap) -> Response {
    let etag = tail.etag();
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|it| it.to_str().ok());
    let same = known
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == etag);
    let (status, body) = match same {
        true => (StatusCode::NOT_MODIFIED, Body::empty()),
        false => (StatusCode::OK, tail.with_url(url).into()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = HEADERS_OF_ONE.clone();
    let headers = response.headers_mut();
    if same {
        headers.remove(header::CONTENT_TYPE);
    }
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_forms_are() {
        let query = Query::of("&url=https%3A%2F%2Fa.example%2Fbrowse%2FOPS-7&&include=html,attributes").unwrap();
        assert_eq!((query.url.as_str(), query.include.html), ("https://a.example/browse/OPS-7", true));
    }
}
