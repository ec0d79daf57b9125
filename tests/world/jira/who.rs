//! Who is asking: log-ins as Jira judges them, refusals word by word (jira-auth-and-rest §3, §4.1, §4.2, §2.6).

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::data::Data;
use super::exchange::{Answer, Asked, Door};
use super::oauth1::OAuth1;
use super::oauth2::OAuth2;
use super::pages;
use super::people::Person;
use super::personality::{Personality, Version};
use super::route::{Call, Route};

/// How an attempt to log in ended; also what the `X-Seraph-LoginReason` header will say.
#[derive(Clone, Debug)]
pub enum Login {
    /// Nothing was shown, or something that Jira ignores.
    None,
    /// Shown, wrong, and the call goes on without a log-in.
    FailedButServed,
    Basic(Person),
    Token(Person),
    Session(Person),
    Refused(Answer),
}

impl Login {
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Basic(person) | Self::Token(person) | Self::Session(person) => Some(person),
            _ => None,
        }
    }
}

/// What Jira remembers about log-ins, and what an administrator has switched.
#[derive(Default)]
pub struct Gatekeeper {
    /// Failed Basic log-ins in a row, by user name.
    failures: HashMap<String, u32>,
    /// Who must solve a CAPTCHA in the browser first.
    locked: HashSet<String>,
    pub anonymous_degradation: bool,
    /// `None`: as the version has it.
    pub basic_disabled: Option<bool>,
    pub oauth2: OAuth2,
    pub oauth1: OAuth1,
}

pub struct Context<'a> {
    pub personality: &'a Personality,
    pub data: &'a Data,
    pub now: Timestamp,
    /// As people reach the site.
    pub base: &'a str,
}

impl Gatekeeper {
    pub fn lock(&mut self, name: &str) {
        self.locked.insert(name.to_owned());
    }

    pub fn is_locked(&self, name: &str) -> bool {
        self.locked.contains(name)
    }

    /// Somebody signed in with a browser and solved the CAPTCHA.
    pub fn browser_login(&mut self, name: &str) {
        self.locked.remove(name);
        self.failures.remove(name);
    }

    pub fn judge(&mut self, asked: &Asked, route: &Route, context: &Context<'_>) -> Login {
        match (asked.door, context.personality.is_cloud()) {
            (Door::Api | Door::Auth, _) => api_host(asked, route, context),
            (Door::Site, true) => self.cloud_site(asked, route, context),
            (Door::Site, false) => self.self_managed(asked, route, context),
        }
    }

    fn cloud_site(&mut self, asked: &Asked, route: &Route, context: &Context<'_>) -> Login {
        let Some((scheme, value)) = credential(asked) else { return Login::None };
        let shown = basic(&value).filter(|_| scheme == Scheme::Basic);
        if let Some((email, _)) = &shown
            && by_email(email, context).is_some_and(|person| self.locked.contains(&person.name))
        {
            return Login::Refused(Answer::html(403, &pages::forbidden(context.personality)).with(REASON, DENIED));
        }
        let by_token = shown.and_then(|(email, secret)| by_api_token(&email, &secret, context));
        match by_token {
            Some((person, None)) => Login::Basic(person),
            _ if self.anonymous_degradation && route.anonymous_capable() => Login::FailedButServed,
            _ if scheme == Scheme::Basic => Login::Refused(
                Answer::text(401, PASSWORDS).with(REASON, FAILED).with("www-authenticate", &realm(context)),
            ),
            _ => Login::Refused(Answer::json(401, &json!({"code": 401, "message": "Unauthorized"}))),
        }
    }

    fn self_managed(&mut self, asked: &Asked, route: &Route, context: &Context<'_>) -> Login {
        let session = || by_session(asked, context).map_or(Login::None, Login::Session);
        match credential(asked) {
            Some((Scheme::Basic, value)) => match basic(&value) {
                Some((name, password)) => self.password(&name, &password, route, context),
                None => session(),
            },
            // An invalid token is not refused: the call runs without a log-in (§4.2).
            Some((Scheme::Bearer, token)) => by_access_token(&token, context)
                .or_else(|| {
                    let name = self.oauth2.holder(&token, context.now)?;
                    context.data.person(name).filter(|person| person.active).cloned()
                })
                .map_or_else(session, Login::Token),
            Some((Scheme::OAuth, _)) => self.oauth1.judge(asked, context),
            _ => session(),
        }
    }

    fn password(&mut self, name: &str, password: &str, route: &Route, context: &Context<'_>) -> Login {
        let personality = context.personality;
        if self.basic_disabled.unwrap_or_else(|| personality.since(Version::BASIC_OFF)) {
            let body =
                json!({"message": "Basic Authentication has been disabled on this instance.", "status-code": 403});
            return Login::Refused(Answer::json(403, &body));
        }
        if self.locked.contains(name) {
            return Login::Refused(captcha(context));
        }
        match context.data.person(name).filter(|person| person.password == password && person.active) {
            Some(person) => {
                self.failures.remove(name);
                Login::Basic(person.clone())
            }
            None => {
                self.count_failure(name, context);
                match self.anonymous_degradation && route.anonymous_capable() {
                    true => Login::FailedButServed,
                    false => Login::Refused(
                        Answer::html(401, &pages::basic_failure(personality))
                            .with(REASON, FAILED)
                            .with("www-authenticate", &realm(context)),
                    ),
                }
            }
        }
    }

    fn count_failure(&mut self, name: &str, context: &Context<'_>) {
        if context.data.person(name).is_none() {
            return;
        }
        let failures = self.failures.entry(name.to_owned()).or_default();
        *failures += 1;
        if *failures >= context.personality.captcha_after {
            self.locked.insert(name.to_owned());
        }
    }
}

pub const REASON: &str = "x-seraph-loginreason";
pub const FAILED: &str = "AUTHENTICATED_FAILED";
pub const DENIED: &str = "AUTHENTICATION_DENIED";
const PASSWORDS: &str = "Basic authentication with passwords is deprecated.  For more information, see: \
                         https://developer.atlassian.com/cloud/confluence/deprecation-notice-basic-auth/\n";

/// Recorded: 7.x says that the log-in was denied, 8.20 that it failed; both ask for the CAPTCHA.
fn captcha(context: &Context<'_>) -> Answer {
    let version = context.personality.self_managed_version().expect("only self-managed servers ask so");
    let reason = if version.0 == 8 { FAILED } else { DENIED };
    Answer::html(403, &pages::forbidden(context.personality))
        .with(REASON, reason)
        .with("www-authenticate", &realm(context))
        .with("x-authentication-denied-reason", &format!("CAPTCHA_CHALLENGE; login-url={}/login.jsp", context.base))
}

fn realm(context: &Context<'_>) -> String {
    format!("OAuth realm=\"{}\"", utf8_percent_encode(context.base, NON_ALPHANUMERIC))
}

/// Atlassian's API host: scoped tokens and 3LO's only, each call with its scope (jira-auth-and-rest §2.6).
fn api_host(asked: &Asked, route: &Route, context: &Context<'_>) -> Login {
    let refused = |message: &str| Login::Refused(Answer::json(401, &json!({"code": 401, "message": message})));
    let found = match credential(asked) {
        Some((Scheme::Basic, value)) => basic(&value)
            .and_then(|(email, secret)| by_api_token(&email, &secret, context))
            .and_then(|(person, scopes)| Some((Login::Basic(person), scopes?))),
        Some((Scheme::Bearer, _)) => asked.granted.as_ref().and_then(|granted| {
            Some((Login::Token(by_email(&granted.email, context)?.clone()), granted.scopes.clone()))
        }),
        None if route.call == Call::ServerInfo => return Login::None,
        _ => None,
    };
    match found {
        Some((_, scopes)) if !route.scopes().iter().all(|scope| scopes.iter().any(|it| it == scope)) => {
            refused("Unauthorized; scope does not match")
        }
        Some((login, _)) => login,
        None => refused("Unauthorized"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Basic,
    Bearer,
    /// OAuth 1.0a.
    OAuth,
    Other,
}

/// The scheme and the rest of the `Authorization` header.
pub fn credential(asked: &Asked) -> Option<(Scheme, String)> {
    let header = asked.header("authorization")?;
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "basic" => Scheme::Basic,
        "bearer" => Scheme::Bearer,
        "oauth" => Scheme::OAuth,
        _ => Scheme::Other,
    };
    Some((scheme, value.trim().to_owned()))
}

/// User name and password of Basic authentication; text that is not Base64 of UTF-8 is none.
pub fn basic(value: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

fn by_email<'a>(email: &str, context: &Context<'a>) -> Option<&'a Person> {
    context.data.people().iter().find(|person| person.email.eq_ignore_ascii_case(email) && person.active)
}

/// The person and, for a scoped token, its scopes.
fn by_api_token(email: &str, secret: &str, context: &Context<'_>) -> Option<(Person, Option<Vec<String>>)> {
    let person = by_email(email, context)?;
    let valid = |until: Option<Timestamp>| until.is_none_or(|until| until > context.now);
    let token = person.api_tokens.iter().find(|token| token.secret == secret && valid(token.expires))?;
    Some((person.clone(), token.scopes.clone()))
}

fn by_access_token(secret: &str, context: &Context<'_>) -> Option<Person> {
    if !context.personality.since(Version::ACCESS_TOKENS) {
        return None;
    }
    let valid = |until: Option<Timestamp>| until.is_none_or(|until| until > context.now);
    let holds = |person: &&Person| {
        person.active && person.access_tokens.iter().any(|token| token.secret == secret && valid(token.expires))
    };
    context.data.people().iter().find(holds).cloned()
}

/// A client that keeps cookies is logged in by them, as with the real Jira.
fn by_session(asked: &Asked, context: &Context<'_>) -> Option<Person> {
    let cookies = asked.header("cookie")?;
    let value = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("JSESSIONID="))?;
    context.data.people().iter().find(|person| session_id(person) == value).cloned()
}

/// One session per person is enough for a fake.
pub fn session_id(person: &Person) -> String {
    person.name.bytes().fold(format!("{:08X}", person.name.len() * 7919), |mut id, byte| {
        id.push_str(&format!("{:02X}", byte ^ 0x5A));
        id
    })
}
