//! What an answer of Jira means, for all deployments (jira-auth-and-rest §5). Pure: status, headers and body in, a
//! [`Verdict`] out. The server's own words are looked at and never passed on.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use url::Url;

use super::Error;
use super::key::SiteUrl;
use crate::outbound::{HeaderMap, Reply, StatusCode, header};

/// How a Jira is reached, which decides what its refusals mean (jira-auth-and-rest §0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plane {
    /// `https://SITE.atlassian.net`: e-mail and classic API token.
    CloudSite,
    /// `https://api.atlassian.com/ex/jira/{cloudId}`: scoped tokens and 3LO.
    CloudApiHost,
    /// Data Center and Server.
    SelfManaged,
}

/// What was asked: `/myself` settles doubts, content can leave some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Myself,
    Content,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body is JSON to decode.
    Good {
        /// Whether Jira named the caller. If not, an empty list may be that of an anonymous visitor.
        signed_in: bool,
    },
    Refused(Error),
    /// Jira may have ignored the credential and answered an anonymous visitor. If `/myself` goes well, this holds.
    Doubt(Result<(), Error>),
}

/// Reads one answer. `site` is where it came from: only sign-in pages below that host are ever shown.
pub fn classify(plane: Plane, site: &SiteUrl, asked: Asked, reply: &Reply) -> Verdict {
    let status = reply.status;
    let answer = Answer::new(plane, reply);
    if let Some(error) = answer.credential_problem(site).or_else(|| answer.problem_by_status()) {
        return Verdict::Refused(error);
    }
    if answer.is_html() {
        return Verdict::Refused(match status {
            StatusCode::UNAUTHORIZED if plane != Plane::SelfManaged || answer.is_page_of_jira() => {
                Error::BadCredentials
            }
            _ => Error::SignInPage,
        });
    }
    let caller = answer.caller();
    let outcome = match status {
        StatusCode::UNAUTHORIZED if answer.says("scope does not match") => {
            return Verdict::Refused(Error::MissingScope);
        }
        // The object exists and asks for a log-in (§4.6). With a token this means that the token was ignored.
        StatusCode::UNAUTHORIZED if plane == Plane::SelfManaged && asked == Asked::Content => {
            return Verdict::Doubt(Err(Error::NotFound));
        }
        StatusCode::UNAUTHORIZED => return Verdict::Refused(Error::BadCredentials),
        StatusCode::FORBIDDEN => Err(Error::Forbidden),
        StatusCode::NOT_FOUND => Err(Error::NotFound),
        StatusCode::BAD_REQUEST => Err(Error::BadQuery),
        status if !status.is_success() => Err(Error::Upstream(status.as_u16())),
        _ if !answer.is_json() => Err(Error::Malformed),
        _ => Ok(()),
    };
    let doubtful = match &outcome {
        Ok(()) => caller == Caller::Anonymous,
        Err(Error::NotFound | Error::Forbidden) => caller != Caller::Named,
        Err(_) => false,
    };
    match (outcome, asked) {
        (Ok(()), Asked::Myself) if doubtful => Verdict::Refused(Error::BadCredentials),
        (Ok(()), Asked::Content) if doubtful => Verdict::Doubt(Ok(())),
        (Ok(()), _) => Verdict::Good { signed_in: caller == Caller::Named },
        (Err(error), Asked::Content) if doubtful => Verdict::Doubt(Err(error)),
        (Err(error), _) => Verdict::Refused(error),
    }
}

/// Whom Jira took the caller for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Named,
    Anonymous,
    /// Cloud without `X-AAccountId`: probably anonymous.
    Untold,
}

/// How much of a text is searched for the few phrases that matter.
const SEARCHED: usize = 16 * 1024;

/// What can be read from an answer without decoding it.
pub(super) struct Answer<'a> {
    plane: Plane,
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(super) fn new(plane: Plane, reply: &'a Reply) -> Self {
        Self { plane, status: reply.status, headers: &reply.headers, body: &reply.body }
    }

    /// CAPTCHA, basic authentication switched off, or a refused credential. These stand above the status: a bad
    /// credential comes with 404 and even 200 (§0.4).
    pub(super) fn credential_problem(&self, site: &SiteUrl) -> Option<Error> {
        let denied = |status| matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let denied_reason = self.header("x-authentication-denied-reason");
        if denied_reason.contains("CAPTCHA_CHALLENGE")
            || self.login_reason("AUTHENTICATION_DENIED")
            || (denied(self.status) && self.says("reason : authentication_denied"))
        {
            let told = denied_reason.split_once("login-url=").map(|(_, url)| url.trim());
            return Some(Error::Captcha { login_url: login_url(self.plane, site, told) });
        }
        if self.plane == Plane::SelfManaged && denied(self.status) && self.says_basic_is_disabled() {
            return Some(Error::BasicAuthDisabled);
        }
        let failed = self.login_reason("AUTHENTICATED_FAILED") && !self.login_reason("OK");
        let told = self.status == StatusCode::UNAUTHORIZED
            && (self.says("reason : authenticated_failed")
                || self.says("basic authentication with passwords is deprecated"));
        (failed || told).then_some(Error::BadCredentials)
    }

    /// Problems that the status alone tells, whatever the body is.
    fn problem_by_status(&self) -> Option<Error> {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => Some(Error::RateLimited { retry_after: retry_after(self.headers) }),
            StatusCode::SERVICE_UNAVAILABLE if self.headers.contains_key(header::RETRY_AFTER) => {
                Some(Error::RateLimited { retry_after: retry_after(self.headers) })
            }
            StatusCode::GONE => Some(Error::ApiRemoved),
            status if status.is_server_error() => Some(Error::Upstream(status.as_u16())),
            status if status.is_redirection() => Some(Error::SignInPage),
            _ => None,
        }
    }

    fn caller(&self) -> Caller {
        match self.plane {
            Plane::SelfManaged if self.header("x-ausername").eq_ignore_ascii_case("anonymous") => Caller::Anonymous,
            Plane::SelfManaged => Caller::Named,
            _ if self.header("x-aaccountid").is_empty() => Caller::Untold,
            _ => Caller::Named,
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether Seraph, Jira's log-in filter, gives this reason; the header can stand more than once.
    fn login_reason(&self, reason: &str) -> bool {
        let values = self.headers.get_all("x-seraph-loginreason").into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(reason))
    }

    pub(super) fn is_html(&self) -> bool {
        let kind = self.header("content-type");
        kind.contains("html") || self.first_byte() == Some(b'<')
    }

    pub(super) fn is_json(&self) -> bool {
        let kind = self.header("content-type");
        kind.contains("json") || (kind.is_empty() && matches!(self.first_byte(), Some(b'{' | b'[')))
    }

    fn first_byte(&self) -> Option<u8> {
        self.body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// Jira's own error pages name it; the page of a proxy in front does not (recorded: Cloud 2019, Data Center 8.20).
    pub(super) fn is_page_of_jira(&self) -> bool {
        self.header("www-authenticate").starts_with("OAuth realm")
            || self.says("name=\"application-name\" content=\"jira\"")
    }

    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body[..self.body.len().min(SEARCHED)])
    }

    /// Whether the beginning of the body contains a phrase, given in lower case.
    pub(super) fn says(&self, phrase: &str) -> bool {
        self.text().to_ascii_lowercase().contains(phrase)
    }

    /// The refusal's exact text is not known (§4.1): it speaks of basic authentication and, close by, of not allowing it.
    fn says_basic_is_disabled(&self) -> bool {
        const REFUSALS: [&str; 7] =
            ["disabled", "not allowed", "not permitted", "not enabled", "not supported", "turned off", "blocked"];
        const NEAR: usize = 80;
        let text: Vec<u8> = self.text().to_ascii_lowercase().into_bytes();
        let starts = text.windows(10).enumerate().filter(|(_, window)| *window == b"basic auth").map(|(at, _)| at);
        starts.take(20).any(|at| {
            let near = String::from_utf8_lossy(&text[at.saturating_sub(NEAR)..text.len().min(at + NEAR)]);
            REFUSALS.iter().any(|refusal| near.contains(refusal))
        })
    }
}

/// Where a person solves the CAPTCHA: the page that Jira names if it lies on the site's own host, else Jira's usual one.
fn login_url(plane: Plane, site: &SiteUrl, told: Option<&str>) -> Option<String> {
    let usual = || (plane == Plane::SelfManaged).then(|| site.join("/login.jsp"));
    let Some(mut url) = told.and_then(|told| Url::parse(told).ok()) else { return usual() };
    // Query and fragment are the server's own words.
    url.set_query(None);
    url.set_fragment(None);
    match SiteUrl::of_url(&url) {
        Ok(page) if page.origin() == site.origin() && page.as_str().len() <= 500 => Some(page.as_str().to_owned()),
        _ => usual(),
    }
}

/// The longest wait that is believed.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How long to wait: seconds, a date, or `X-RateLimit-Reset`. Dates count from the answer's own `Date`, so that a wrong
/// clock on either side does not matter. Data Center sends `Retry-After: 0` with a 429 too; that still waits (§4.8).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text =
        |name| headers.get(name).and_then(|value: &crate::outbound::HeaderValue| value.to_str().ok()).map(str::trim);
    let sent = text("date").and_then(http_date);
    let until = |moment: Timestamp| Some(Duration::try_from(moment.duration_since(sent?)).unwrap_or(Duration::ZERO));
    let wait = match (text("retry-after"), text("x-ratelimit-reset")) {
        (Some(after), _) if after.bytes().all(|byte| byte.is_ascii_digit()) && !after.is_empty() => {
            Some(after.parse().map_or(LONGEST_WAIT, Duration::from_secs))
        }
        (Some(after), reset) => http_date(after).and_then(until).or_else(|| reset.and_then(moment).and_then(until)),
        (None, reset) => reset.and_then(moment).and_then(until),
    };
    wait.map(|wait| wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// ISO 8601, at times without seconds (§10), or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}
