//! What Atlassian's two hosts share, and the way of a request through them.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, RwLock};

use axum::body::Body;
use hyper::Response;
use jiff::{SignedDuration, Timestamp};

use super::super::jira::exchange::{Answer, Asked, Door};
use super::super::jira::faults::{Fault, Faults};
use super::super::jira::front::Jira;
use super::super::jira::listener::{self, Host};
use super::super::jira::{Deployment, Person};
use super::super::oauth::{Application, Codes, TokenCounts};
use super::pages;
use super::tokens::{Grant, Tokens};

pub struct Atlassian {
    pub auth_url: String,
    pub api_url: String,
    pub sites: RwLock<Vec<Arc<Jira>>>,
    pub state: Mutex<State>,
    pub faults: Mutex<Faults>,
    pub seen: Mutex<Vec<Seen>>,
}

pub struct State {
    pub now: Timestamp,
    pub apps: HashMap<String, Application>,
    pub codes: Codes<Grant>,
    pub tokens: Tokens,
    /// Who is signed in, by the secret of the consent page.
    pub sessions: HashMap<String, String>,
    pub older_error_shape: bool,
    pub counts: Counts,
}

impl State {
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            apps: HashMap::new(),
            codes: Codes::living(SignedDuration::from_mins(5)),
            tokens: Tokens::default(),
            sessions: HashMap::new(),
            older_error_shape: false,
            counts: Counts::default(),
        }
    }
}

/// What Atlassian has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub token: TokenCounts,
    /// Calls to `accessible-resources`, also refused ones.
    pub resources: usize,
}

/// One request at one of the two hosts.
#[derive(Clone, Debug)]
pub struct Seen {
    pub asked: Asked,
    /// 0 when a fault left it without an answer, or when a site answered.
    pub status: u16,
}

impl Atlassian {
    pub fn sites(&self) -> Vec<Arc<Jira>> {
        self.sites.read().unwrap().clone()
    }

    /// The account of this e-mail address, as its first site has it.
    pub fn account(&self, email: &str) -> Option<Person> {
        self.sites().iter().find_map(|site| person_at(site, email))
    }

    /// Whether a grant still has an account with the same password behind it.
    pub fn stands(&self, grant: &Grant) -> bool {
        self.account(&grant.email).is_some_and(|person| person.password == grant.password)
    }
}

pub fn person_at(site: &Jira, email: &str) -> Option<Person> {
    let data = site.data.read().unwrap();
    data.people().iter().find(|person| person.active && person.email.eq_ignore_ascii_case(email)).cloned()
}

pub fn cloud_id(site: &Jira) -> &str {
    match &site.personality.deployment {
        Deployment::Cloud { cloud_id } => cloud_id,
        Deployment::SelfManaged { .. } => unreachable!("add_site saw it"),
    }
}

/// Answers one request: calls of a site are passed on to it, as if they had come to its own API door.
pub async fn converse(atlassian: Arc<Atlassian>, mut asked: Asked) -> io::Result<Response<Body>> {
    match atlassian.site_for(&mut asked) {
        Some(site) => {
            atlassian.seen.lock().unwrap().push(Seen { asked: asked.clone(), status: 0 });
            listener::converse(asked, site).await
        }
        None => listener::converse(asked, atlassian).await,
    }
}

impl Host for Atlassian {
    type Ticket = ();

    fn fault(&self, target: &str) -> Option<Fault> {
        self.faults.lock().unwrap().take(target)
    }

    fn arrived(&self, _: &Asked) {}

    fn broken(&self, asked: Asked, (): (), status: u16) {
        self.seen.lock().unwrap().push(Seen { asked, status });
    }

    fn answer_to(&self, asked: Asked, (): ()) -> Answer {
        let answer = match asked.door {
            Door::Auth => self.auth(&asked),
            Door::Api | Door::Site => self.api(&asked),
        };
        self.seen.lock().unwrap().push(Seen { asked, status: answer.status });
        answer
    }

    fn sign_in_page(&self) -> String {
        pages::error("access_denied", "Log in to continue")
    }

    fn maintenance_page(&self) -> String {
        pages::error("temporarily_unavailable", "Atlassian is away")
    }
}
