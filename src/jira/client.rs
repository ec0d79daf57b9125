//! Calls to one Jira as one person: one private `request`, and a one-screen method per call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::auth::Auth;
use super::bulk::{self, Asked as Settled};
use super::classify::{Asked, Plane, Verdict, classify};
use super::endpoint::Endpoint;
use super::key::SiteUrl;
use super::limits::{Gate, Limits};
use super::model::{Issue, Person};
use super::people::Identify;
use super::{Error, answers, cloud, server};
use crate::outbound::{Call, Failure, HeaderName, HeaderValue, Http, Method, Reply, StatusCode, Url, date, header};

pub use super::bulk::Asked as BulkAnswer;

/// Speaks to one Jira with one credential.
#[derive(Clone)]
pub struct Client {
    pub(super) http: Http,
    pub(super) api: SiteUrl,
    pub(super) plane: Plane,
    pub(super) auth: Auth,
    gate: Option<Arc<dyn Gate>>,
    /// Counts the calls, for whoever wants to know how many there are.
    calls: Option<Arc<AtomicU64>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).field("plane", &self.plane).finish_non_exhaustive()
    }
}

/// Which REST API a Jira speaks. It follows from the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// REST v3.
    Cloud,
    /// REST v2: Data Center and Server.
    Server,
}

impl Plane {
    pub fn dialect(self) -> Dialect {
        match self {
            Self::CloudSite | Self::CloudApiHost => Dialect::Cloud,
            Self::SelfManaged => Dialect::Server,
        }
    }
}

/// What is asked of an issue beyond the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub description: bool,
    /// Custom fields by id.
    pub fields: Vec<String>,
}

/// Just what a preview needs; asking for everything costs Jira and the reader ten times as much.
const FIELDS: [&str; 17] = [
    "summary",
    "status",
    "issuetype",
    "priority",
    "assignee",
    "reporter",
    "project",
    "parent",
    "duedate",
    "resolution",
    "fixVersions",
    "labels",
    "created",
    "updated",
    "security",
    "subtasks",
    "votes",
];

/// Decoded bytes of an answer that holds many issues.
const BULK_LIMIT: usize = 8 * 1024 * 1024;

/// RFC 3986 unreserved characters stay as they are in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Client {
    /// `api` is the address that calls go to: the site itself, or its place on Atlassian's API host.
    pub fn new(http: Http, api: SiteUrl, plane: Plane, auth: Auth) -> Self {
        Self { http, api, plane, auth, gate: None, calls: None }
    }

    /// The same Jira with another proof: an access token that took the place of one that has ended.
    pub fn with(&self, auth: Auth) -> Self {
        Self { auth, ..self.clone() }
    }

    /// The same Jira through a gate that every call has to pass.
    pub fn through(self, gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// The same with every call counted.
    pub fn counted(self, calls: Arc<AtomicU64>) -> Self {
        Self { calls: Some(calls), ..self }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.plane.dialect()
    }

    /// How this Jira says who a person is.
    pub(super) fn identify(&self) -> Identify {
        match self.dialect() {
            Dialect::Cloud => cloud::identify,
            Dialect::Server => server::identify,
        }
    }

    /// Asks for content and reads it as JSON.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        answers::parse(&self.request(call).await?.body)
    }

    /// Who the credential belongs to. The only trustworthy proof that Jira accepts it: many other calls answer a bad
    /// credential as if nobody had asked (jira-auth-and-rest §0.4).
    pub async fn myself(&self) -> Result<Person, Error> {
        let (reply, verdict) = self.exchange(Asked::Myself, self.get("myself", "")?).await?;
        match (verdict, self.plane.dialect()) {
            (Verdict::Refused(error), _) => Err(error),
            (Verdict::Doubt(_), _) => Err(Error::BadCredentials),
            (Verdict::Good { .. }, Dialect::Cloud) => cloud::person(&reply.body),
            (Verdict::Good { .. }, Dialect::Server) => server::person(&reply.body),
        }
    }

    /// One issue by key or id. A moved issue comes with its new key.
    pub async fn issue(&self, id_or_key: &str, wish: &Wish) -> Result<Issue, Error> {
        let path = format!("issue/{}", segment(id_or_key)?);
        let query = format!("fields={}&updateHistory=false", fields(wish).join(","));
        let answer = self.request(self.get(&path, &query)?).await?;
        match self.plane.dialect() {
            Dialect::Cloud => cloud::issue(&answer.body),
            Dialect::Server => server::issue(&answer.body),
        }
    }

    /// Many issues, up to a hundred in one call (fifty where only the search can tell), at most one more where Jira
    /// refuses some keys (and one to `/myself` where in doubt). The answers stand in the order of `keys`. An error
    /// concerns all of them; where only the bulk call itself failed, its keys stay open.
    pub async fn issues(&self, keys: &[&str], wish: &Wish) -> Result<Vec<BulkAnswer>, Error> {
        let size = match self.dialect() {
            Dialect::Cloud => 100,
            Dialect::Server => 50,
        };
        let mut answers = Vec::with_capacity(keys.len());
        for asked in keys.chunks(size) {
            let settled = match self.dialect() {
                Dialect::Cloud => self.bulk_fetch(asked, wish).await,
                Dialect::Server => self.search_keys(asked, wish).await,
            };
            match settled {
                Err(error) if error.concerns_one_call() => break,
                settled => answers.extend(settled?),
            }
        }
        answers.resize(keys.len(), Settled::Open);
        Ok(answers)
    }

    /// Cloud's own bulk call. It reads no index, so what it leaves out is missing or hidden.
    async fn bulk_fetch(&self, keys: &[&str], wish: &Wish) -> Result<Vec<Settled>, Error> {
        let body = serde_json::json!({ "issueIdsOrKeys": keys, "fields": fields(wish) });
        let answer = self.request(self.post("issue/bulkfetch", &body)?).await?;
        let settled = bulk::settle(keys, cloud::bulk_issues(&answer.body)?, true);
        if !answer.signed_in && settled.contains(&Settled::NotFound) {
            self.myself().await?;
        }
        Ok(settled)
    }

    /// Data Center and Server have only the search. It checks the keys against the database and names those it does
    /// not know; those are settled, and the others are asked for again without the check. The search itself reads an
    /// index that lags behind, so an issue that it does not find stays open.
    async fn search_keys(&self, keys: &[&str], wish: &Wish) -> Result<Vec<Settled>, Error> {
        let refused = match self.search(keys, wish, true).await {
            Ok(body) => return Ok(bulk::settle(keys, server::bulk_issues(&body)?, false)),
            Err(refused) if refused.error == Error::BadQuery => bulk::named_in_refusal(&refused.body, keys),
            Err(refused) => return Err(refused.error),
        };
        let rest: Vec<&str> =
            keys.iter().zip(&refused).filter(|(_, refused)| !**refused).map(|(key, _)| *key).collect();
        let mut settled = Vec::new();
        if rest.is_empty() {
            // Nothing at all is visible: so it is for a stranger too, whom not every server names.
            if !self.auth.counts_as_login() {
                self.myself().await?;
            }
        } else {
            let body = self.search(&rest, wish, false).await?;
            settled = bulk::settle(&rest, server::bulk_issues(&body)?, false);
        }
        let mut settled = settled.into_iter();
        let answers = refused.iter().map(|refused| match refused {
            true => Settled::NotFound,
            false => settled.next().unwrap_or(Settled::Open),
        });
        Ok(answers.collect())
    }

    async fn search(&self, keys: &[&str], wish: &Wish, validate: bool) -> Result<Vec<u8>, Refused> {
        let body = serde_json::json!({
            "jql": bulk::jql(keys),
            "fields": fields(wish),
            "maxResults": keys.len(),
            "validateQuery": validate,
        });
        Ok(self.request(self.post("search", &body)?).await?.body)
    }

    /// Asks for content, and settles the doubt whether Jira took us for an anonymous visitor.
    pub(super) async fn request(&self, call: Call) -> Result<Answer, Refused> {
        let (reply, verdict) = self.exchange(Asked::Content, call).await?;
        match verdict {
            Verdict::Good { signed_in } => Ok(Answer::of(reply, signed_in)),
            Verdict::Refused(error) => Err(Refused { error, body: reply.body }),
            // A second call with the same password could be the one that locks the account.
            Verdict::Doubt(_) if self.auth.counts_as_login() => Err(Error::BadCredentials.into()),
            Verdict::Doubt(otherwise) => {
                self.myself().await?;
                match otherwise {
                    Ok(()) => Ok(Answer::of(reply, true)),
                    Err(error) => Err(Refused { error, body: reply.body }),
                }
            }
        }
    }

    /// Sends a call with the credential, if the gate lets it out. After a refusal for the number of calls: how long such
    /// calls now have to wait.
    pub(super) async fn send(&self, mut call: Call) -> Result<(Reply, Option<Duration>), Error> {
        call.headers.insert(header::AUTHORIZATION, self.auth.header(&call.method, &call.url)?);
        if let Some(calls) = &self.calls {
            calls.fetch_add(1, Ordering::Relaxed);
        }
        let Some(gate) = &self.gate else { return Ok((self.http.send(call).await?, None)) };
        let path = self.api.strip_context(call.url.path()).unwrap_or_default();
        let endpoint = Endpoint::of(&call.method, path);
        gate.pass(&endpoint).map_err(|wait| Error::RateLimited { retry_after: Some(wait) })?;
        let reply = self.http.send(call).await?;
        let wait = gate.hear(&endpoint, &Limits::of(reply.status, &reply.headers));
        Ok((reply, wait))
    }

    /// The way of all calls but those for pictures.
    pub(super) async fn exchange(&self, asked: Asked, mut call: Call) -> Result<(Reply, Verdict), Error> {
        call.headers.extend(headers_of_every_call());
        if call.method != Method::GET {
            // Jira's XSRF check refuses a change by something that looks like a browser without it.
            call.headers.insert(HeaderName::from_static("x-atlassian-token"), HeaderValue::from_static("no-check"));
        }
        let (reply, wait) = self.send(call).await?;
        let verdict = match classify(self.plane, &self.api, asked, &reply) {
            // Whoever stands in front of Jira may have taken its words away. Sent again and again, a refused password
            // locks the account.
            Verdict::Refused(Error::SignInPage)
                if self.auth.counts_as_login() && reply.status == StatusCode::UNAUTHORIZED =>
            {
                Verdict::Refused(Error::BadCredentials)
            }
            Verdict::Refused(error) => Verdict::Refused(error.with_wait(wait)),
            verdict => verdict,
        };
        Ok((reply, verdict))
    }

    /// A GET of Jira's platform API.
    pub(super) fn get(&self, path: &str, query: &str) -> Result<Call, Error> {
        let version = match self.dialect() {
            Dialect::Cloud => 3,
            Dialect::Server => 2,
        };
        self.below(&format!("/rest/api/{version}/{path}"), query)
    }

    /// A GET of a path and a query, below the address that calls go to.
    pub(super) fn below(&self, path: &str, query: &str) -> Result<Call, Error> {
        let mut call = self.at(path)?;
        call.url.set_query((!query.is_empty()).then_some(query));
        Ok(call)
    }

    /// A GET of a path below the address that calls go to.
    pub(super) fn at(&self, path: &str) -> Result<Call, Error> {
        let url = Url::parse(&self.api.join(path)).map_err(|_| Error::Outbound(Failure::Unreachable))?;
        Ok(Call::get(url))
    }

    pub(super) fn post(&self, path: &str, body: &serde_json::Value) -> Result<Call, Error> {
        Ok(Self::large(with_json(self.get(path, "")?, body)))
    }

    /// The same call for an answer that tells of many things.
    pub(super) fn large(mut call: Call) -> Call {
        call.limit = BULK_LIMIT;
        call
    }
}

/// The same as a POST of JSON.
pub(super) fn with_json(mut call: Call, body: &serde_json::Value) -> Call {
    call.method = Method::POST;
    call.body = Some(body.to_string().into_bytes());
    call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    call
}

/// The names of states and types come in one language for all readers, whatever their profile says, so that one preview
/// reads the same in a page; without the force header Jira prefers the profile.
fn headers_of_every_call() -> [(HeaderName, HeaderValue); 4] {
    [
        (header::ACCEPT, HeaderValue::from_static("application/json")),
        (header::ACCEPT_LANGUAGE, HeaderValue::from_static("en")),
        (HeaderName::from_static("x-force-accept-language"), HeaderValue::from_static("true")),
        (header::USER_AGENT, HeaderValue::from_static("jira-notion-gateway")),
    ]
}

pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) signed_in: bool,
    /// What time it was at Jira.
    pub(super) date: Option<Timestamp>,
}

impl Answer {
    fn of(reply: Reply, signed_in: bool) -> Self {
        Self { date: date(&reply.headers), body: reply.body, signed_in }
    }
}

/// A refusal, with the body that came with it.
pub(super) struct Refused {
    error: Error,
    body: Vec<u8>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, body: Vec::new() }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        refused.error
    }
}

fn fields(wish: &Wish) -> Vec<&str> {
    let description = wish.description.then_some("description");
    FIELDS.into_iter().chain(description).chain(wish.fields.iter().map(String::as_str)).collect()
}

/// One path segment. A dot segment, however encoded, would climb to another address.
pub(super) fn segment(text: &str) -> Result<String, Error> {
    match text {
        "" | "." | ".." => Err(Error::NotFound),
        _ => Ok(utf8_percent_encode(text, SEGMENT).to_string()),
    }
}
