//! The way of a request through a fake Jira: what stands in front, who asks, what is answered, how it is dressed.

use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

use jiff::Timestamp;

use super::access_tokens;
use super::answers::{self, Desk};
use super::data::Data;
use super::exchange::{Answer, Asked, Door};
use super::faults::{Fault, Faults};
use super::find::Dates;
use super::language::Language;
use super::limits::Bucket;
use super::listener::Host;
use super::log::Log;
use super::pages;
use super::paging::Paging;
use super::people::Person;
use super::personality::{Deployment, Personality, SingleSignOn, Version};
use super::route::{Call, OAuth1Call, OAuth2Call, Route};
use super::shapes::Shape;
use super::webhooks::{self, HookCall, Hooks};
use super::who::{self, Context, Gatekeeper, Login};

/// What the doors share.
pub struct Jira {
    pub personality: Personality,
    /// As people reach it: scheme, host, port and context path.
    pub url: String,
    pub data: RwLock<Data>,
    pub gatekeeper: Mutex<Gatekeeper>,
    pub switches: Mutex<Switches>,
    pub faults: Mutex<Faults>,
    pub log: Mutex<Log>,
    pub hooks: Mutex<Hooks>,
    pub paging: Mutex<Paging>,
}

pub struct Switches {
    pub now: Timestamp,
    pub maintenance: bool,
    /// Data Center's token bucket: headers on every healthy answer.
    pub rate_limit_headers: bool,
    /// What each person may ask; without one, the headers tell of a bucket that nobody empties.
    pub bucket: Option<Bucket>,
    /// More headers of every healthy answer of a Cloud site.
    pub headers: Vec<(String, String)>,
    pub page_rows: usize,
    pub bulk_errors: BTreeMap<String, String>,
    pub dates: Dates,
    /// Seconds by which the index of the search is behind.
    pub index_lag: i64,
}

/// What is known of a request before it is answered.
pub struct Ticket {
    route: Route,
}

impl Host for Jira {
    type Ticket = Ticket;

    fn fault(&self, target: &str) -> Option<Fault> {
        self.faults.lock().unwrap().take(target)
    }

    fn arrived(&self, asked: &Asked) -> Ticket {
        let route = Route::of(asked, &self.personality);
        self.log.lock().unwrap().arrived(asked, &route);
        Ticket { route }
    }

    fn broken(&self, asked: Asked, ticket: Ticket, status: u16) {
        self.log.lock().unwrap().answered(asked, ticket.route, None, status);
    }

    fn sign_in_page(&self) -> String {
        pages::sign_in(&self.personality)
    }

    fn maintenance_page(&self) -> String {
        pages::maintenance(&self.personality)
    }

    fn answer_to(&self, asked: Asked, ticket: Ticket) -> Answer {
        let Ticket { route } = ticket;
        let base = self.personality.base_url.clone().unwrap_or_else(|| self.url.clone());
        let (answer, login) = match (&route.call, asked.method.as_str()) {
            (Call::AccessTokens | Call::AccessToken(_), "POST" | "DELETE") => {
                self.change_access_tokens(&asked, &route, &base)
            }
            (Call::Webhooks(call), _) => self.webhooks(&asked, &route, call, &base),
            _ => self.judge_and_answer(&asked, &route, &base, &self.data.read().unwrap()),
        };
        let now = self.switches.lock().unwrap().now;
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).expect("this century");
        let answer = self.dress(answer, &route, login.as_ref()).with("date", &date);
        self.log.lock().unwrap().answered(asked, route, login.as_ref(), answer.status);
        answer
    }
}

impl Jira {
    fn judge_and_answer(&self, asked: &Asked, route: &Route, base: &str, data: &Data) -> (Answer, Option<Login>) {
        let personality = &self.personality;
        if let Some(instead) = self.in_front(route) {
            return (instead, None);
        }
        let (now, maintenance, page_rows, bulk_errors, dates) = {
            let switches = self.switches.lock().unwrap();
            (switches.now, switches.maintenance, switches.page_rows, switches.bulk_errors.clone(), switches.dates)
        };
        if let (Call::SignIn, "POST") = (&route.call, asked.method.as_str()) {
            return (self.sign_in(asked, data), None);
        }
        let context = Context { personality, data, now, base };
        let login = self.judge(asked, route, &context);
        if let Login::Refused(refusal) = &login {
            return (refusal.clone(), Some(login));
        }
        if let Some(answer) = self.provider(asked, route, login.person(), &context) {
            return (answer, Some(login));
        }
        if let Some(too_many) = self.over_the_limit(route, login.person(), now) {
            return (too_many, Some(login));
        }
        let called = match (asked.door, &personality.deployment) {
            (Door::Api, Deployment::Cloud { cloud_id }) => {
                let scheme = if personality.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{}/ex/jira/{cloud_id}", asked.header("host").unwrap_or_default())
            }
            _ => base.to_owned(),
        };
        let person = login.person();
        let language = Language::of(asked, person);
        let inline = match route.call {
            Call::SearchJql | Call::Search | Call::BulkFetch => 20,
            _ => usize::MAX,
        };
        let version = route.version;
        let shape = Shape { personality, data, person, base, called: &called, version, now, language, inline };
        let paging = &self.paging;
        let desk = Desk { asked, route, shape, maintenance, page_rows, paging, dates, bulk_errors: &bulk_errors };
        (desk.answer(), Some(login))
    }

    fn judge(&self, asked: &Asked, route: &Route, context: &Context<'_>) -> Login {
        match route.call {
            Call::TenantInfo | Call::State | Call::SignIn | Call::UnknownSite => Login::None,
            // Their callers are programs, which prove themselves in their own way.
            Call::OAuth2(OAuth2Call::Token) | Call::OAuth1(OAuth1Call::RequestToken | OAuth1Call::AccessToken) => {
                Login::None
            }
            _ => self.gatekeeper.lock().unwrap().judge(asked, route, context),
        }
    }

    /// What Jira answers as an OAuth provider.
    fn provider(&self, asked: &Asked, route: &Route, person: Option<&Person>, context: &Context<'_>) -> Option<Answer> {
        let mut gatekeeper = self.gatekeeper.lock().unwrap();
        let Gatekeeper { oauth1, oauth2, .. } = &mut *gatekeeper;
        Some(match &route.call {
            Call::OAuth1(OAuth1Call::RequestToken) => oauth1.request_token(asked, context),
            Call::OAuth1(OAuth1Call::Authorize) => oauth1.authorize(asked, person, context),
            Call::OAuth1(OAuth1Call::AccessToken) => oauth1.access_token(asked, context),
            Call::OAuth2(OAuth2Call::Authorize) => oauth2.authorize(asked, person, context),
            Call::OAuth2(OAuth2Call::Consent) => oauth2.consent(asked, person, context),
            Call::OAuth2(OAuth2Call::Token) => oauth2.token(asked, context.now),
            _ => return None,
        })
    }

    /// The calls that change what is kept: new and revoked personal access tokens.
    fn change_access_tokens(&self, asked: &Asked, route: &Route, base: &str) -> (Answer, Option<Login>) {
        let personality = &self.personality;
        if let Some(instead) = self.in_front(route) {
            return (instead, None);
        }
        if !personality.since(Version::ACCESS_TOKENS) {
            return (Answer::html(404, &pages::not_found(personality)), Some(Login::None));
        }
        let now = self.switches.lock().unwrap().now;
        let mut data = self.data.write().unwrap();
        let login = self.judge(asked, route, &Context { personality, data: &data, now, base });
        let answer = match (&login, login.person().map(|person| person.name.clone())) {
            (Login::Refused(refusal), _) => refusal.clone(),
            (_, None) => answers::needs_log_in(personality),
            (_, Some(name)) => match &route.call {
                Call::AccessToken(id) => access_tokens::revoke(data.person_mut(&name), id),
                _ => {
                    let id = data.next_token_id();
                    access_tokens::create(asked, data.person_mut(&name), id, now)
                }
            },
        };
        (answer, Some(login))
    }

    /// The calls about what is told of changes.
    fn webhooks(&self, asked: &Asked, route: &Route, call: &HookCall, base: &str) -> (Answer, Option<Login>) {
        if let Some(instead) = self.in_front(route) {
            return (instead, None);
        }
        let (data, now) = (self.data.read().unwrap(), self.switches.lock().unwrap().now);
        let personality = &self.personality;
        let login = self.judge(asked, route, &Context { personality, data: &data, now, base });
        let answer = match &login {
            Login::Refused(refusal) => refusal.clone(),
            login => {
                let desk = webhooks::Desk { asked, person: login.person(), data: &data, personality, base, now };
                desk.answer(&mut self.hooks.lock().unwrap(), call)
            }
        };
        (answer, Some(login))
    }

    /// What stands between the network and Jira.
    fn in_front(&self, route: &Route) -> Option<Answer> {
        match &self.personality.single_sign_on {
            Some(SingleSignOn::Redirect(to)) => return Some(Answer::redirect(to)),
            Some(SingleSignOn::Page) => return Some(Answer::html(200, &pages::sign_in(&self.personality))),
            None => {}
        }
        let maintenance = self.switches.lock().unwrap().maintenance && route.call != Call::State;
        maintenance.then(|| Answer::html(503, &pages::maintenance(&self.personality)))
    }

    /// The sign-in page with the right password: what a CAPTCHA wants, and the start of a browser's session.
    fn sign_in(&self, asked: &Asked, data: &Data) -> Answer {
        let destination = asked.field("os_destination");
        let known = data.person(&asked.field("os_username")).filter(|person| person.active);
        match known.filter(|person| person.password == asked.field("os_password")) {
            Some(person) => {
                self.gatekeeper.lock().unwrap().browser_login(&person.name);
                // Never to another server.
                let own = destination.starts_with('/') && !destination.starts_with("//");
                let path = if own { &destination } else { "/secure/MyJiraHome.jspa" };
                Answer::redirect(&format!("{}{path}", self.url))
                    .with("set-cookie", &self.session_cookie(&who::session_id(person)))
            }
            None => Answer::html(200, &pages::sign_in_to(&self.personality, &destination)),
        }
    }

    fn session_cookie(&self, value: &str) -> String {
        let path = if self.personality.context_path.is_empty() { "/" } else { &self.personality.context_path };
        format!("JSESSIONID={value}; Path={path}; HttpOnly")
    }

    /// The headers by which Jira tells who was asking (jira-auth-and-rest §3, §4.1, §4.8).
    fn dress(&self, answer: Answer, route: &Route, login: Option<&Login>) -> Answer {
        let Some(login) = login else { return answer };
        let mut answer = answer.with("x-arequestid", &format!("761x{}x1", self.calls_so_far()));
        match login {
            Login::FailedButServed => answer = answer.with(who::REASON, who::FAILED),
            Login::Basic(_) => answer = answer.with(who::REASON, "OK"),
            _ => {}
        }
        let person = login.person();
        if self.personality.is_cloud() {
            answer = answer.with("atl-traceid", "1728226505244e9699d973b3b021d203").with("server", "AtlassianEdge");
            let switches = self.switches.lock().unwrap();
            answer = switches.headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value));
            return match person {
                Some(person) => answer.with("x-aaccountid", &person.account_id),
                None => answer,
            };
        }
        let name = person.map_or("anonymous", |person| &person.name);
        let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
        let session = person.map_or_else(|| "ANONYMOUS".to_owned(), who::session_id);
        answer = answer.with("x-ausername", &name).with("set-cookie", &self.session_cookie(&session));
        let switches = self.switches.lock().unwrap();
        let limited = switches.rate_limit_headers && is_limited(route) && answer.status != 429;
        if let (true, Some(person), Some(bucket)) = (limited, person, &switches.bucket) {
            return bucket.on(answer, &person.name, switches.now);
        }
        if limited && person.is_some() {
            for (name, value) in [
                ("x-ratelimit-limit", "70"),
                ("x-ratelimit-remaining", "69"),
                ("x-ratelimit-fillrate", "5"),
                ("x-ratelimit-interval-seconds", "1"),
                ("retry-after", "0"),
            ] {
                answer = answer.with(name, value);
            }
        }
        answer
    }

    /// Counts a call of a person whose calls are counted.
    fn over_the_limit(&self, route: &Route, person: Option<&Person>, now: Timestamp) -> Option<Answer> {
        let mut switches = self.switches.lock().unwrap();
        let bucket = switches.bucket.as_mut().filter(|_| is_limited(route))?;
        bucket.take(&person?.name, now)
    }

    fn calls_so_far(&self) -> usize {
        self.log.lock().unwrap().total()
    }
}

fn is_limited(route: &Route) -> bool {
    route.version > 0 && route.call != Call::ServerInfo
}
