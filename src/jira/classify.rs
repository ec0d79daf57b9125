//! What an answer of Jira means, for all deployments (jira-auth-and-rest §5). Pure: status, headers and body in, a
//! [`Verdict`] out. The server's own words are looked at and never passed on.

use std::borrow::Cow;

use url::Url;

use super::Error;
use super::key::SiteUrl;
use super::oauth::Problem;
use crate::outbound::{HeaderMap, Reply, StatusCode, asks_to_wait, retry_after};

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
        // A search that strangers may not make is refused like one for keys that do not exist.
        Ok(()) | Err(Error::BadQuery) => caller == Caller::Anonymous,
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
        if self.status == StatusCode::UNAUTHORIZED && self.plane == Plane::SelfManaged {
            match Problem::in_answer(self.headers, self.body) {
                Some(Problem::Grant) => return Some(Error::BadCredentials),
                Some(Problem::Operator(_)) => return Some(Error::OperatorConfiguration),
                Some(Problem::Again) => return Some(Error::Upstream(401)),
                None => {}
            }
        }
        let failed = self.login_reason("AUTHENTICATED_FAILED") && !self.login_reason("OK");
        let told = self.status == StatusCode::UNAUTHORIZED
            && (self.says("reason : authenticated_failed")
                || self.says("basic authentication with passwords is deprecated"));
        (failed || told).then_some(Error::BadCredentials)
    }

    /// Problems that the status alone tells, whatever the body is.
    pub(super) fn problem_by_status(&self) -> Option<Error> {
        match self.status {
            status if asks_to_wait(status, self.headers) => {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::outbound::{HeaderName, HeaderValue};

    /// An answer as an HTTP/1.1 head and body, the way it is written down.
    fn reply(text: &str) -> Reply {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Reply { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() }
    }

    fn judged(plane: Plane, text: &str) -> Verdict {
        let site = SiteUrl::parse("https://jira.example.org/jira").unwrap();
        classify(plane, &site, Asked::Content, &reply(text))
    }

    const LOGIN: &str = "https://jira.example.org/jira/login.jsp";

    fn captcha(login_url: Option<&str>) -> Verdict {
        Verdict::Refused(Error::Captcha { login_url: login_url.map(str::to_owned) })
    }

    #[test]
    fn every_refusal_says_what_a_caller_can_do() {
        use Plane::{CloudApiHost as Api, CloudSite as Site, SelfManaged as Own};
        let json = "Content-Type: application/json;charset=UTF-8";
        let html = "Content-Type: text/html;charset=UTF-8";
        let refused = Verdict::Refused;
        let table = [
            // Fine.
            (Own, format!("200\n{json}\nX-AUSERNAME: ana\n\n{{}}"), Verdict::Good { signed_in: true }),
            (Own, format!("200\n{json}\n\n{{}}"), Verdict::Good { signed_in: true }),
            (Site, format!("200\n{json}\nX-AAccountId: 5b10\n\n{{}}"), Verdict::Good { signed_in: true }),
            (Site, format!("200\n{json}\n\n{{}}"), Verdict::Good { signed_in: false }),
            (Own, "200\n\n [1]".to_owned(), Verdict::Good { signed_in: true }),
            (
                Own,
                format!("200\n{json}\nX-RateLimit-Remaining: 69\nRetry-After: 0\n\n{{}}"),
                Verdict::Good { signed_in: true },
            ),
            (
                Own,
                format!("200\n{json}\nX-Seraph-LoginReason: AUTHENTICATED_FAILED\nX-Seraph-LoginReason: OK\n\n{{}}"),
                Verdict::Good { signed_in: true },
            ),
            // A bad credential, whatever the status.
            (
                Site,
                format!("404\n{json}\nX-Seraph-LoginReason: AUTHENTICATED_FAILED\n\n{{}}"),
                refused(Error::BadCredentials),
            ),
            (
                Own,
                format!("200\n{json}\nX-Seraph-LoginReason: AUTHENTICATED_FAILED\n\n{{}}"),
                refused(Error::BadCredentials),
            ),
            (
                Site,
                "401\nContent-Type: text/plain\n\nBasic authentication with passwords is deprecated.  For more"
                    .to_owned(),
                refused(Error::BadCredentials),
            ),
            (
                Site,
                "401\nContent-Type: text/plain\n\nClient must be authenticated to access this resource.".to_owned(),
                refused(Error::BadCredentials),
            ),
            (Site, format!("401\n{html}\n\n<html>Unauthorized (401)"), refused(Error::BadCredentials)),
            (
                Api,
                format!("401\n{json}\n\n{{\"code\":401,\"message\":\"Unauthorized\"}}"),
                refused(Error::BadCredentials),
            ),
            (
                Own,
                format!("401\n{html}\n\n<p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p>"),
                refused(Error::BadCredentials),
            ),
            (
                Own,
                format!("401\n{html}\nWWW-Authenticate: OAuth realm=\"https%3A%2F%2Fjira\"\n\n<html>"),
                refused(Error::BadCredentials),
            ),
            // CAPTCHA in all its forms.
            (Own, format!("403\n{html}\nX-Seraph-LoginReason: AUTHENTICATION_DENIED\n\n<html>"), captcha(Some(LOGIN))),
            (
                Own,
                format!(
                    "403\n{html}\nX-Seraph-LoginReason: AUTHENTICATED_FAILED\nX-Authentication-Denied-Reason: \
                CAPTCHA_CHALLENGE; login-url=https://jira.example.org/jira/login.jsp?os_destination=x#y\n\n<html>"
                ),
                captcha(Some(LOGIN)),
            ),
            (
                Own,
                format!(
                    "403\n{html}\nX-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=https://evil.example/login\n\n"
                ),
                captcha(Some(LOGIN)),
            ),
            (
                Own,
                format!(
                    "403\n{html}\nX-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=http://jira.example.org/x\n\n"
                ),
                captcha(Some(LOGIN)),
            ),
            (
                Own,
                format!(
                    "200\n{json}\nX-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=javascript:alert(1)\n\n{{}}"
                ),
                captcha(Some(LOGIN)),
            ),
            (
                Own,
                format!("403\n{html}\n\nBasic Authentication Failure - Reason : AUTHENTICATION_DENIED"),
                captcha(Some(LOGIN)),
            ),
            (Site, format!("403\n{html}\nX-Seraph-LoginReason: AUTHENTICATION_DENIED\n\n"), captcha(None)),
            // Basic authentication switched off.
            (
                Own,
                format!("403\n{html}\n\n<p>Basic authentication has been disabled on this instance."),
                refused(Error::BasicAuthDisabled),
            ),
            (
                Own,
                format!("401\n{json}\n\n{{\"message\":\"You are not allowed to use Basic Authentication\"}}"),
                refused(Error::BasicAuthDisabled),
            ),
            (
                Own,
                format!("403\n{html}\n\n<input disabled>{}Basic authentication", " ".repeat(200)),
                refused(Error::SignInPage),
            ),
            // A sign-in page where JSON was asked.
            (Own, format!("200\n{html}\n\n\n\n<!DOCTYPE html>"), refused(Error::SignInPage)),
            (Own, format!("200\n{json}\n\n <html>"), refused(Error::SignInPage)),
            (Own, format!("401\n{html}\n\n<html>nginx"), refused(Error::SignInPage)),
            (Own, "302\nLocation: https://idp.example/saml".to_owned(), refused(Error::SignInPage)),
            // What the token may not, and what is not there.
            (
                Api,
                format!("401\n{json}\n\n{{\"code\":401,\"message\":\"Unauthorized; scope does not match\"}}"),
                refused(Error::MissingScope),
            ),
            (Own, format!("403\n{json}\nX-AUSERNAME: ana\n\n{{}}"), refused(Error::Forbidden)),
            (Own, format!("404\n{json}\nX-AUSERNAME: ana\n\n{{}}"), refused(Error::NotFound)),
            (Site, format!("404\n{json}\nX-AAccountId: 5b10\n\n{{}}"), refused(Error::NotFound)),
            (Own, format!("400\n{json}\n\n{{}}"), refused(Error::BadQuery)),
            (Site, format!("410\n{html}\n\n<html>"), refused(Error::ApiRemoved)),
            (Own, format!("418\n{json}\n\n{{}}"), refused(Error::Upstream(418))),
            (Own, format!("502\n{html}\n\n<html>nginx"), refused(Error::Upstream(502))),
            (Own, "503\n\n".to_owned(), refused(Error::Upstream(503))),
            (
                Own,
                "503\nRetry-After: 7".to_owned(),
                refused(Error::RateLimited { retry_after: Some(Duration::from_secs(7)) }),
            ),
            (Own, format!("429\n{html}\n\n<html>Tomcat"), refused(Error::RateLimited { retry_after: None })),
            (Own, "200\nContent-Type: text/plain\n\nhello".to_owned(), refused(Error::Malformed)),
            // Perhaps nobody looked at the credential.
            (Own, format!("200\n{json}\nX-AUSERNAME: anonymous\n\n{{}}"), Verdict::Doubt(Ok(()))),
            (Own, format!("404\n{json}\nX-AUSERNAME: anonymous\n\n{{}}"), Verdict::Doubt(Err(Error::NotFound))),
            (Own, format!("403\n{json}\nX-AUSERNAME: anonymous\n\n{{}}"), Verdict::Doubt(Err(Error::Forbidden))),
            (
                Own,
                format!("401\n{json}\n\n{{\"errorMessages\":[\"x\",\"Login Required\"]}}"),
                Verdict::Doubt(Err(Error::NotFound)),
            ),
            (Own, format!("400\n{json}\nX-AUSERNAME: anonymous\n\n{{}}"), Verdict::Doubt(Err(Error::BadQuery))),
            (Site, format!("404\n{json}\n\n{{}}"), Verdict::Doubt(Err(Error::NotFound))),
        ];
        for (plane, text, expected) in table {
            assert_eq!(judged(plane, &text), expected, "{plane:?} {text}");
        }
    }

    #[test]
    fn myself_leaves_no_doubt() {
        let site = SiteUrl::parse("https://jira.example.org").unwrap();
        let table = [
            ("200\nContent-Type: application/json\nX-AUSERNAME: anonymous\n\n{}", Error::BadCredentials),
            ("401\nContent-Type: application/json\n\n{}", Error::BadCredentials),
            ("404\nContent-Type: application/json\nX-AUSERNAME: anonymous\n\n{}", Error::NotFound),
        ];
        for (text, expected) in table {
            assert_eq!(
                classify(Plane::SelfManaged, &site, Asked::Myself, &reply(text)),
                Verdict::Refused(expected),
                "{text}"
            );
        }
    }
}
