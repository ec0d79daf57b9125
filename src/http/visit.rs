//! A browser at one of our pages: its session, its forms, the answer it gets.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;

use crate::account::{Named, Session};
use crate::config::SignIn;
use crate::gateway::Gateway;
use crate::render::page::{self, Base, Soon, Theme};
use crate::render::{Html, assets, step};
use crate::store::AccountId;
use crate::{secret, store};

use super::caller::{self, cookie};
use super::{connections, notion_account};

/// 30 days, in seconds: as long as a session can last at all (contract §3).
pub const COOKIE_LIVES: u32 = 2_592_000;

/// Who looks at a page, with the cookie to set when the session is new.
#[derive(Debug)]
pub struct Visit {
    pub session: Session,
    /// How the account is called towards its person: its bare name; else who they are at their first Jira, or at Notion.
    pub name: String,
    pub theme: Theme,
    /// What of the account ends within days.
    soon: Option<Soon>,
    set_cookie: Option<HeaderValue>,
}

/// A page instead of the one that was asked for.
#[derive(Debug)]
pub enum Refused {
    Page(Box<page::Problem>),
    /// Nobody is signed in: first to this path.
    SignIn(String),
}

impl Refused {
    pub fn new(problem: page::Problem) -> Self {
        Self::Page(Box::new(problem))
    }

    /// To the ways to sign in, and then back to this address.
    fn sign_in(uri: &Uri) -> Self {
        let back = uri.path_and_query().and_then(|it| own_path(it.as_str())).unwrap_or("/");
        Self::SignIn(format!("/sign-in?return_to={}", step::encode(back)))
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        tracing::error!(fault = "us", retry = true, %error, "the database failed");
        Self::new(page::Problem::unavailable(Base::default()))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Page(problem) => {
                let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                html(status, problem.html())
            }
            Self::SignIn(path) => see_other(&path),
        }
    }
}

impl Visit {
    /// The visit of whoever is signed in; none when nobody is. A browser without a session gets one where it is known
    /// whose it is: under sign-in `local`, and when the sign-on in front names somebody.
    pub async fn find(gateway: &Gateway, headers: &HeaderMap, uri: &Uri) -> Result<Option<Self>, Refused> {
        if let Some(session) = caller::session(gateway, headers).await? {
            return Self::with(gateway, session, uri, None).await.map(Some);
        }
        if is_embedded(headers) {
            return Ok(None);
        }
        let (account, method) = match caller::named(gateway, headers) {
            _ if gateway.signs_in_locally() => (gateway.local_account().await?, SignIn::Local),
            Named::Account(name) => (gateway.accounts.named(name).await?, SignIn::Proxy),
            Named::Nobody | Named::Unclear => return Ok(None),
        };
        Self::start(gateway, headers, uri, &account, method).await.map(Some)
    }

    /// Signs an account in at this browser: with a fresh cookie, and whatever session it had ends, so that nobody can
    /// have prepared it (performance-and-security 2.3, "rotated at login").
    pub async fn start(
        gateway: &Gateway,
        headers: &HeaderMap,
        uri: &Uri,
        account: &AccountId,
        method: SignIn,
    ) -> Result<Self, Refused> {
        if let Some(old) = cookie(headers, gateway.cookie_name()) {
            gateway.accounts.end_session(old).await?;
        }
        let new = gateway.accounts.start_session(account, method).await?;
        let set_cookie = session_cookie(gateway, new.cookie.expose_secret(), COOKIE_LIVES);
        Self::with(gateway, new.session, uri, set_cookie).await
    }

    async fn with(
        gateway: &Gateway,
        session: Session,
        uri: &Uri,
        set_cookie: Option<HeaderValue>,
    ) -> Result<Self, Refused> {
        let held = gateway.connect.held(&session.account).await?;
        let name = match (&session.name, held.connections.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(first)) => first.label.clone(),
            (None, None) => notion_account::whose(gateway, &session.account).await?,
        };
        let soon = Soon::of(held.connections.iter().map(|it| connections::row(gateway, it)), gateway.clock.now());
        Ok(Self { session, name, theme: theme(uri), soon, set_cookie })
    }

    /// The visit at a page, which nobody sees who is not signed in.
    pub async fn of(gateway: &Gateway, headers: &HeaderMap, uri: &Uri) -> Result<Self, Refused> {
        match Self::find(gateway, headers, uri).await? {
            Some(visit) => Ok(visit),
            // Whoever loads us as a part of another page is led nowhere.
            None if is_embedded(headers) => Err(sign_in_first(uri)),
            None => Err(Refused::sign_in(uri)),
        }
    }

    /// The same where a form was sent: its way back is no page.
    pub async fn of_post(gateway: &Gateway, headers: &HeaderMap, uri: &Uri) -> Result<Self, Refused> {
        Self::find(gateway, headers, uri).await?.ok_or_else(|| sign_in_first(uri))
    }

    /// The same for a form that must carry the session's own CSRF value.
    pub async fn of_form(gateway: &Gateway, headers: &HeaderMap, uri: &Uri, form: &Form) -> Result<Self, Refused> {
        let visit = Self::of_post(gateway, headers, uri).await?;
        if visit.sent(form) { Ok(visit) } else { Err(Refused::new(page::Problem::form_expired(visit.base()))) }
    }

    /// Whether a form comes from a page that we made for this very session.
    pub fn sent(&self, form: &Form) -> bool {
        self.set_cookie.is_none() && secret::same(form.get("csrf"), &self.session.csrf)
    }

    /// Head and foot of a page for this visitor.
    pub fn base(&self) -> Base {
        Base {
            theme: self.theme,
            account: Some(self.name.clone()),
            // Under the others the next page signs in again.
            can_sign_out: matches!(self.session.signed_in_by, SignIn::Jira | SignIn::Notion),
            csrf: self.session.csrf.clone(),
            soon: self.soon.clone(),
        }
    }

    /// This visitor has no such thing.
    pub fn not_found(&self) -> Refused {
        Refused::new(page::Problem::not_found(self.base()))
    }

    /// A page for this visitor.
    pub fn page(self, page: &impl Html) -> Response {
        self.page_with(StatusCode::OK, page)
    }

    pub fn page_with(self, status: StatusCode, page: &impl Html) -> Response {
        self.page_of(status, page.html())
    }

    pub fn page_of(self, status: StatusCode, text: String) -> Response {
        self.with_cookie(html(status, text))
    }

    /// To another page of ours.
    pub fn redirect(self, path: &str) -> Response {
        self.with_cookie(see_other(path))
    }

    fn with_cookie(self, mut response: Response) -> Response {
        if let Some(cookie) = self.set_cookie {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

fn sign_in_first(uri: &Uri) -> Refused {
    Refused::new(page::Problem::sign_in_first(Base { theme: theme(uri), ..Base::default() }, "/"))
}

/// Whether the page of another site loads this one as a part of itself: a picture, a frame, a call of a script. Nobody is
/// there to be signed in, and no link is to be asked for.
pub fn is_embedded(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
    matches!(text("sec-fetch-site"), Some("cross-site" | "same-site"))
        && text("sec-fetch-dest").is_some_and(|part| part != "document")
}

/// `Set-Cookie` for the session; an age of 0 takes it away.
pub fn session_cookie(gateway: &Gateway, value: &str, age: u32) -> Option<HeaderValue> {
    let name = gateway.cookie_name();
    let secure = if gateway.public_url.is_https() { "; Secure" } else { "" };
    let mut value =
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn theme(uri: &Uri) -> Theme {
    Form::of_query(uri).theme()
}

/// No form of ours has as many fields: the longest one has a box for each field of a Jira.
const MOST_FIELDS: usize = 5_000;

/// The fields of a form or of a query. A field that is given twice has its first value.
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().take(MOST_FIELDS).collect())
    }

    pub fn of_query(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// The fields of a form that was sent.
    pub fn of_body(body: Result<Bytes, BytesRejection>) -> Result<Self, Refused> {
        match body {
            Ok(body) => Ok(Self::parse(&body)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refused::new(page::Problem::too_large(Base::default())))
            }
            Err(_) => Err(Refused::new(page::Problem::bad_request(Base::default(), "The form did not arrive whole."))),
        }
    }

    /// Empty when the field is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a field, in the order in which they were sent.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same as a list.
    pub fn every(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    pub fn theme(&self) -> Theme {
        Theme::parse(self.get("theme"))
    }

    /// A path of ours to go back to, or `/`. Anything that a browser could read as another host is dropped.
    pub fn return_to(&self) -> &str {
        own_path(self.get("return_to")).unwrap_or("/")
    }
}

/// `path` if it leads nowhere but to us: a slash, then no second one; printable ASCII without a backslash, which browsers
/// take for a slash, and without a fragment, which would hide what we append.
pub fn own_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let plain = path.bytes().all(|byte| (0x21..0x7f).contains(&byte) && !matches!(byte, b'\\' | b'#'));
    (plain && !rest.starts_with('/') && path.len() <= 8_192).then_some(path)
}

/// 303: the browser asks for the next page by GET (contract §3).
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A page with the headers of every page.
pub fn html(status: StatusCode, text: String) -> Response {
    framed(status, text, "'none'")
}

/// A page that `ancestors` may frame.
pub fn framed(status: StatusCode, text: String, ancestors: &str) -> Response {
    let policy = assets::content_security_policy(ancestors);
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if ancestors == "'none'" {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_ours_are_returned_to() {
        for good in ["/", "/?url=https%3A%2F%2Facme.atlassian.net%2Fbrowse%2FOPS-7", "/connections", "/preview?url=x"] {
            assert_eq!(own_path(good), Some(good));
        }
        let bad = [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " /",
            "/ /evil.example",
            "evil",
            "///evil.example",
            "/a\\..\\b",
            "/connections#x",
            "/%0d%0a\u{e9}",
        ];
        for path in bad {
            assert_eq!(own_path(path), None, "{path:?}");
        }
    }
}
