//! `/api/v1/resolve` (contract §4): the address that is asked for most.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::gateway::Gateway;
use crate::render::json::{self, Include, Tail};
use crate::render::{markdown, plain, tag};
use crate::store::ConnectionId;
use crate::unfurl::{Ask, Ready};

use super::accept::Form;
use super::api::{json_response, no_connection, read};
use super::caller::{Caller, bearer};
use super::problem::Problem;
use super::{protect, rows};

/// Most links in one request.
const URLS_MAX: usize = 100;

/// What every answer to `GET /api/v1/resolve` has: copying is cheaper than making.
static HEADERS_OF_ONE: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(header::ETAG, HeaderValue::from_static(""));
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
pub async fn many(
    State(gateway): Shared,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let request: Resolve = read(&headers, body)?;
    if request.urls.is_empty() || request.urls.len() > URLS_MAX {
        let detail = format!("urls: give 1 to {URLS_MAX} links; there are {}.", request.urls.len());
        return Err(Problem::invalid_request(detail));
    }
    let include = include(request.include.iter().map(String::as_str))?;
    let connection = own_connection(&gateway, &caller, request.connection.as_deref()).await?;
    let ask = Ask { connection: connection.as_ref(), ..Ask::by(caller.account()) };
    let urls: Vec<&str> = request.urls.iter().map(String::as_str).collect();
    let mut answers = gateway.unfurl.resolve(ask, &urls).await?;
    rows::add(&gateway, caller.account(), &mut answers).await?;
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

/// `GET /api/v1/resolve?url=…`: as JSON, Markdown or plain text, whichever is asked for.
pub async fn one(State(gateway): Shared, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let caller = Caller::of(&gateway, &headers).await?;
    let form = Form::wanted(&headers).ok_or_else(Problem::not_acceptable)?;
    let query = Query::of(uri.query().unwrap_or_default())?;
    let connection = own_connection(&gateway, &caller, query.connection.as_deref()).await?;
    let ask = Ask { connection: connection.as_ref(), ..Ask::by(caller.account()) };
    let may_have_rows = gateway.syncs.has_any(caller.account());
    if form == Form::Json && query.include == Include::default() && !may_have_rows {
        let tail = gateway.unfurl.resolve_one(ask, &query.url).await?;
        return Ok(answer_with(&query.url, &tail, &headers));
    }
    let mut answers = gateway.unfurl.resolve(ask, &[&query.url]).await?;
    rows::add(&gateway, caller.account(), &mut answers).await?;
    let answer = answers.first().ok_or_else(Problem::unavailable)?;
    match form {
        Form::Json => Ok(answer_with(&query.url, &json::tail(answer, query.include, gateway.clock.now()), &headers)),
        Form::Plain => text_answer(form, plain::of(answer), &headers),
        Form::Markdown => text_answer(form, markdown::of(answer), &headers),
    }
}

/// The same for a link whose answer lies ready, for a caller with a known token; `None` when there is work to do.
pub fn at_once(gateway: &Gateway, now: Instant, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    if !Form::is_plainly_json(headers) {
        return None;
    }
    let account = gateway.accounts.of_token_now(bearer(headers)?, now)?;
    // Whether an issue has a row is not kept with the answers: it is looked up.
    if gateway.syncs.has_any(&account) {
        return None;
    }
    let held = gateway.connect.held_now(&account, now)?;
    let question = uri.query()?;
    if let Some(said) = held.note::<Said>(question)
        && gateway.unfurl.holds(&said.ready)
    {
        return Some(said.again(headers));
    }
    let query = Query::of(question).ok()?;
    if query.connection.is_some() || query.include != Include::default() {
        return None;
    }
    let said = Arc::new(Said::new(gateway.unfurl.ready_made(&held, &query.url)?, &query.url)?);
    held.keep_note(question, said.clone());
    Some(said.again(headers))
}

/// An answer that may be given again, with what would be made anew for each.
struct Said {
    ready: Ready,
    /// Up to where the tail begins.
    head: Box<[u8]>,
    etag: HeaderValue,
}

impl Said {
    fn new(ready: Ready, url: &str) -> Option<Self> {
        let mut head = Vec::new();
        json::write_head(url, &mut head);
        let etag = HeaderValue::from_str(ready.tail.etag()).ok()?;
        Some(Self { ready, head: head.into(), etag })
    }

    fn again(&self, headers: &HeaderMap) -> Response {
        answer(self.etag.clone(), headers, || [&*self.head, &*self.ready.tail.body].concat())
    }
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

fn answer_with(url: &str, tail: &Tail, headers: &HeaderMap) -> Response {
    match HeaderValue::from_str(tail.etag()) {
        Ok(etag) => answer(etag, headers, || tail.with_url(url)),
        Err(_) => Problem::unavailable().into_response(),
    }
}

fn text_answer(form: Form, text: String, headers: &HeaderMap) -> Result<Response, Problem> {
    let media_type = form.media_type();
    let etag = HeaderValue::from_str(&tag::of_text(media_type, &text)).map_err(|_| Problem::unavailable())?;
    let mut response = answer(etag, headers, || text.into_bytes());
    if let Some(kind) = response.headers_mut().get_mut(header::CONTENT_TYPE) {
        *kind = HeaderValue::try_from(format!("{media_type}; charset=utf-8")).map_err(|_| Problem::unavailable())?;
    }
    // JSON is the contract's, header for header. It is checked anew each time (`no-cache`), and every form has tags of
    // its own, so none is taken for another.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Authorization, Cookie, Accept"));
    Ok(response)
}

/// 200 with the body, or 304 when the caller has it.
fn answer(etag: HeaderValue, headers: &HeaderMap, body: impl FnOnce() -> Vec<u8>) -> Response {
    let same = is_known(&etag, headers);
    let mut response = Response::new(if same { Body::empty() } else { body().into() });
    *response.headers_mut() = HEADERS_OF_ONE.clone();
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    // It stands there already, empty: a copied map has no room for one more.
    if let Some(tag) = response.headers_mut().get_mut(header::ETAG) {
        *tag = etag;
    }
    response
}

/// Whether the caller has what this tag stands for (RFC 9110 §13.1.2).
pub fn is_known(etag: &HeaderValue, headers: &HeaderMap) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|it| it.to_str().ok());
    known
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it).as_bytes() == etag.as_bytes())
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
