//! The way of a request through a fake Jira: what stands in front, who asks, what is answered, how it is dressed.

use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

use jiff::Timestamp;

use super::answers::Desk;
use super::data::Data;
use super::exchange::{self, Answer, Asked, Door};
use super::faults::Faults;
use super::log::Log;
use super::pages;
use super::personality::{Deployment, Personality, SingleSignOn};
use super::route::{Call, Route};
use super::shapes::Shape;
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
}

pub struct Switches {
    pub now: Timestamp,
    pub maintenance: bool,
    /// Data Center's token bucket: headers on every healthy answer.
    pub rate_limit_headers: bool,
    pub page_rows: usize,
    pub bulk_errors: BTreeMap<String, String>,
}

/// What is known of a request before it is answered.
pub struct Ticket {
    route: Route,
}

impl Jira {
    pub fn arrived(&self, asked: &Asked) -> Ticket {
        let route = Route::of(asked, &self.personality);
        self.log.lock().unwrap().arrived(asked, &route);
        Ticket { route }
    }

    /// A fault spoke instead of Jira.
    pub fn broken(&self, asked: Asked, ticket: Ticket, status: u16) {
        self.log.lock().unwrap().answered(asked, ticket.route, None, status);
    }

    pub fn answer_to(&self, asked: Asked, ticket: Ticket) -> Answer {
        let Ticket { route } = ticket;
        let base = self.personality.base_url.clone().unwrap_or_else(|| self.url.clone());
        let data = self.data.read().unwrap();
        let (answer, login) = self.judge_and_answer(&asked, &route, &base, &data);
        let answer = self.dress(answer, &route, login.as_ref());
        self.log.lock().unwrap().answered(asked, route, login.as_ref(), answer.status);
        answer
    }

    fn judge_and_answer(&self, asked: &Asked, route: &Route, base: &str, data: &Data) -> (Answer, Option<Login>) {
        let personality = &self.personality;
        if let Some(instead) = self.in_front(route) {
            return (instead, None);
        }
        let (now, maintenance, page_rows, bulk_errors) = {
            let switches = self.switches.lock().unwrap();
            (switches.now, switches.maintenance, switches.page_rows, switches.bulk_errors.clone())
        };
        if let (Call::SignIn, "POST") = (&route.call, asked.method.as_str()) {
            return (self.sign_in(asked, data), None);
        }
        let context = Context { personality, data, now, base };
        let login = match route.call {
            Call::TenantInfo | Call::State | Call::SignIn | Call::UnknownSite => Login::None,
            _ => self.gatekeeper.lock().unwrap().judge(asked, route, &context),
        };
        if let Login::Refused(refusal) = &login {
            return (refusal.clone(), Some(login));
        }
        let called = match (asked.door, &personality.deployment) {
            (Door::Api, Deployment::Cloud { cloud_id }) => {
                let scheme = if personality.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{}/ex/jira/{cloud_id}", asked.header("host").unwrap_or_default())
            }
            _ => base.to_owned(),
        };
        let shape = Shape { personality, data, person: login.person(), base, called: &called, version: route.version };
        let desk = Desk { asked, route, shape, now, maintenance, page_rows, bulk_errors: &bulk_errors };
        (desk.answer(), Some(login))
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

    /// The sign-in page with the right password: what a CAPTCHA wants.
    fn sign_in(&self, asked: &Asked, data: &Data) -> Answer {
        let form = exchange::form(&String::from_utf8_lossy(&asked.body));
        let value = |name: &str| form.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value.as_str());
        match data.person(value("os_username")).filter(|person| person.password == value("os_password")) {
            Some(person) => {
                self.gatekeeper.lock().unwrap().browser_login(&person.name);
                Answer::redirect(&format!("{}/secure/MyJiraHome.jspa", self.url))
                    .with("set-cookie", &self.session_cookie(&who::session_id(person)))
            }
            None => Answer::html(200, &pages::sign_in(&self.personality)),
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
            return match person {
                Some(person) => answer.with("x-aaccountid", &person.account_id),
                None => answer,
            };
        }
        let name = person.map_or("anonymous", |person| &person.name);
        let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
        let session = person.map_or_else(|| "ANONYMOUS".to_owned(), who::session_id);
        answer = answer.with("x-ausername", &name).with("set-cookie", &self.session_cookie(&session));
        let limited = self.switches.lock().unwrap().rate_limit_headers && route.call != Call::ServerInfo;
        if limited && person.is_some() && route.version > 0 {
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

    fn calls_so_far(&self) -> usize {
        self.log.lock().unwrap().total()
    }
}
