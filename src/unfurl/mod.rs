//! Link + Connection → Preview: cached, fetched once for many readers, shown stale when Jira is away.

mod ahead;
mod answer;
mod changes;
mod choose;
mod describe;
mod entry;
mod fetch;
mod fields;
mod flight;
mod look;
mod news;
mod offer;
mod packed;
mod pictures;
mod plan;
mod publish;
mod push;
mod rules;
mod tails;
mod words;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::Clock;
use crate::config::Publish;
use crate::connect::{Connect, Held, Work, health};
use crate::jira::change::Change;
use crate::jira::key::SiteUrl;
use crate::link;
use crate::metrics::Metrics;
use crate::preview::{Answer, FactId, ReasonCode, State};
use crate::render::json::{self, Tail};
use crate::secret::Passes;
use crate::store::{self, AccountId, Connection, ConnectionId};

use self::answer::Pages;
use self::changes::Changes;
use self::choose::{Heard, Verdict};
use self::entry::{Entry, project_of};
use self::flight::{Flights, How, Want};
use self::plan::{Object, Plan, Recognised};
use self::tails::Tails;

pub use self::entry::Lifetimes;
pub use self::pictures::{Pictures, Shown};
pub use self::push::{Push, Round};
pub use self::rules::{Rules, SiteRule};

/// How previews are made: what the operator set.
#[derive(Debug, Clone)]
pub struct Settings {
    pub rules: Rules,
    pub lifetimes: Lifetimes,
    /// `GATEWAY_PREVIEW_DESCRIPTION`.
    pub with_description: bool,
    /// Origin of the gateway's own pages, without a trailing slash.
    pub public_url: String,
}

/// Who asks, and how.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub account: &'a AccountId,
    /// Only this connection may be used.
    pub connection: Option<&'a ConnectionId>,
    /// A person pressed *Refresh*: ask Jira again, unless Jira named a time.
    pub refresh: bool,
    pub work: Work,
}

impl<'a> Ask<'a> {
    /// Somebody waits, and any connection will do.
    pub fn by(account: &'a AccountId) -> Self {
        Self { account, connection: None, refresh: false, work: Work::Preview }
    }
}

/// Turns pasted links into answers, each made with the reader's own connections.
#[derive(Debug)]
pub struct Unfurl {
    connect: Arc<Connect>,
    settings: Settings,
    flights: Arc<Flights>,
    pictures: Arc<Pictures>,
    tails: Tails,
    /// (account, site, project) → the connection that last showed something of it.
    proven: Cache<String, ConnectionId>,
    metrics: Arc<Metrics>,
}

/// How long a new connection may keep its person waiting for more than the proof that it works.
const WELCOME: Duration = Duration::from_secs(3);

/// An answer that lies ready.
#[derive(Debug)]
pub struct Ready {
    entry: Arc<Entry>,
    /// The body after `"url":…`.
    pub tail: Arc<Tail>,
}

/// One link on its way to an answer.
enum Step<'a> {
    Done(Box<Answer>),
    Asking(Box<Asking<'a>>),
}

struct Asking<'a> {
    url: &'a str,
    recognised: Recognised,
    object: Object,
    healthy: Vec<Arc<Connection>>,
    waiting: Vec<Arc<Connection>>,
    heard: Vec<(Heard, Arc<Entry>)>,
}

impl Asking<'_> {
    /// The connection to ask next; none once a fresh value is there or everybody was asked.
    fn next(&self) -> Option<&Arc<Connection>> {
        let settled = self.heard.last().is_some_and(|(heard, _)| matches!(heard, Heard::Value { stale: false }));
        self.healthy.get(self.heard.len()).filter(|_| !settled)
    }
}

impl Unfurl {
    /// `passes` are those for pictures.
    pub fn new(connect: Arc<Connect>, clock: Clock, settings: Settings, passes: Passes, metrics: Arc<Metrics>) -> Self {
        let pictures = Pictures::new(
            connect.clone(),
            clock.clone(),
            passes,
            settings.rules.clone(),
            &settings.public_url,
            settings.lifetimes.fresh_for,
        );
        let flights =
            Flights::new(connect.clone(), clock, settings.lifetimes, settings.with_description, metrics.clone());
        let proven = Cache::builder().max_capacity(100_000).build();
        Self {
            connect,
            settings,
            flights: Arc::new(flights),
            pictures: Arc::new(pictures),
            tails: Tails::default(),
            proven,
            metrics,
        }
    }

    /// Whether what was answered before would be answered again, by the same connections. Counts it as answered.
    pub fn holds(&self, ready: &Ready) -> bool {
        let holds = self.flights.is_current(&ready.entry);
        if holds {
            self.metrics.previews.hits.inc();
        }
        holds
    }

    /// The answer that needs no call and no rendering, or `None` where work is to be done.
    pub fn ready_made(&self, held: &Held, url: &str) -> Option<Ready> {
        let link = link::parse(url, &held.known)?;
        let object = Object::of(&link)?;
        let mut fitting = held.at(link.site());
        let connection = fitting.next().filter(|it| health::may_be_used(it.health))?;
        if fitting.next().is_some() {
            return None;
        }
        // The tail is there only if the whole decision, policy included, was made for this entry before.
        let entry = self.flights.fresh(connection, &object)?;
        let tail = entry.tail.get()?;
        self.metrics.previews.hits.inc();
        Some(Ready { entry, tail })
    }

    /// Answers for `urls`, in their order. One bad link never harms the others.
    pub async fn resolve(&self, ask: Ask<'_>, urls: &[&str]) -> Result<Vec<Answer>, store::Error> {
        Ok(self.resolve_entries(ask, urls).await?.into_iter().map(|(answer, _)| answer).collect())
    }

    /// The JSON answer for one link, but for its first key; what was asked for lately is not made again.
    pub async fn resolve_one(&self, ask: Ask<'_>, url: &str) -> Result<Arc<Tail>, store::Error> {
        let mut resolved = self.resolve_entries(ask, &[url]).await?;
        let (answer, entry) = resolved.pop().unwrap_or_else(|| (answer::not_ours(url), None));
        Ok(match entry {
            Some(entry) => self.tails.of(&entry, || json::without_url(&answer)),
            None => Arc::new(json::without_url(&answer)),
        })
    }

    /// A Jira tells of a change, in a delivery of this name: whatever shows that issue is fetched anew when it is looked at.
    /// Nothing of `body` is kept but which issue it is.
    pub fn hear(&self, site: &SiteUrl, delivery: Option<&str>, body: &[u8]) {
        if let Some(change) = Change::read(body) {
            self.flights.hear(site, delivery, &change);
        }
    }

    /// What of a site may be written into pages.
    pub fn publishes(&self, site: &SiteUrl) -> Publish {
        self.settings.rules.publishes(site)
    }

    /// Issues that may have changed.
    fn changes(&self) -> &Changes {
        &self.flights.changes
    }

    /// Forgets everything that was seen through a connection.
    pub fn forget(&self, connection: &ConnectionId) {
        self.flights.forget(connection);
        self.pictures.forget(connection);
    }

    /// The icons and avatars of answers.
    pub fn pictures(&self) -> &Arc<Pictures> {
        &self.pictures
    }

    /// Forgets the cards that were made through a connection, so that the next ones show what was chosen since.
    pub fn forget_cards(&self, connection: &ConnectionId) {
        self.flights.forget_cards(connection);
    }

    /// Begins anew with connections that were just made: nothing that was seen with another credential stays, and what
    /// every preview needs to know of their Jira is asked now, while the person is on the way back.
    pub async fn welcome(&self, connections: &[&Connection]) {
        connections.iter().for_each(|connection| self.forget(&connection.id));
        let prepare = async {
            for connection in connections {
                self.flights.prepare(connection).await;
            }
        };
        // A slow Jira is asked again with its first link.
        let _ = tokio::time::timeout(WELCOME, prepare).await;
    }

    async fn resolve_entries(
        &self,
        ask: Ask<'_>,
        urls: &[&str],
    ) -> Result<Vec<(Answer, Option<Arc<Entry>>)>, store::Error> {
        let held = self.connect.held(ask.account).await?;
        let mut steps: Vec<Step<'_>> = urls.iter().map(|url| self.begin(ask, url, &held)).collect();
        loop {
            let mut wants = Vec::new();
            let mut asked = Vec::new();
            for (at, step) in steps.iter().enumerate() {
                if let Step::Asking(asking) = step
                    && let Some(connection) = asking.next()
                {
                    wants.push(Want { connection: connection.clone(), object: asking.object.clone() });
                    asked.push(at);
                }
            }
            if wants.is_empty() {
                break;
            }
            let entries = self.flights.entries(&wants, How { refresh: ask.refresh, work: ask.work }).await;
            for (at, entry) in asked.into_iter().zip(entries) {
                if let Step::Asking(asking) = &mut steps[at] {
                    asking.heard.push((hear(&entry), entry));
                }
            }
        }
        Ok(steps.into_iter().map(|step| self.finish(ask, step)).collect())
    }

    fn begin<'a>(&self, ask: Ask<'_>, url: &'a str, held: &Held) -> Step<'a> {
        let Some(link) = link::parse(url, &held.known) else {
            return Step::Done(Box::new(answer::not_ours(url)));
        };
        let rules = &self.settings.rules;
        let recognised = plan::recognise(link, held, rules);
        match plan::plan(&recognised, held, rules, ask.connection) {
            Plan::Done(state, code) => {
                Step::Done(Box::new(answer::without_asking(url, &recognised, state, code, self.pages())))
            }
            Plan::Ask { object, mut healthy, waiting } => {
                if healthy.len() > 1
                    && let Some(proven) = self.proven.get(&proof(ask.account, &recognised))
                {
                    healthy.sort_by_key(|it| it.id != proven);
                }
                Step::Asking(Box::new(Asking { url, recognised, object, healthy, waiting, heard: Vec::new() }))
            }
        }
    }

    fn finish(&self, ask: Ask<'_>, step: Step<'_>) -> (Answer, Option<Arc<Entry>>) {
        let asking = match step {
            Step::Done(answer) => return (*answer, None),
            Step::Asking(asking) => asking,
        };
        let Asking { url, recognised, object, healthy, waiting, heard } = *asking;
        let pages = self.pages();
        let blocked = || answer::without_asking(url, &recognised, State::Blocked, ReasonCode::Policy, pages);
        let verdict = choose::decide(&heard.iter().map(|(it, _)| *it).collect::<Vec<_>>(), waiting.len());
        match verdict {
            Verdict::Show(at) => {
                let (Some((said, entry)), Some(connection)) = (heard.get(at), healthy.get(at)) else {
                    return (answer::not_ours(url), None);
                };
                if healthy.len() > 1 && matches!(said, Heard::Value { stale: false }) {
                    self.proven.insert(proof(ask.account, &recognised), connection.id.clone());
                }
                match self.shown(url, &recognised, connection, entry) {
                    Some(answer) => (answer, Some(entry.clone())),
                    None => (blocked(), None),
                }
            }
            Verdict::SignIn(at) => match waiting.get(at) {
                Some(connection) => {
                    let want = Want { connection: connection.clone(), object };
                    let entry = self.flights.last_known(&want, health::cause(connection.health));
                    let answer = match entry.found {
                        Some(_) => self.shown(url, &recognised, connection, &entry).unwrap_or_else(blocked),
                        None => answer::needs_person(url, &recognised, connection, pages),
                    };
                    (answer, None)
                }
                None => (answer::not_ours(url), None),
            },
            Verdict::ChooseAccount => {
                let code = ReasonCode::Connect;
                (answer::without_asking(url, &recognised, State::ChooseAccount, code, pages), None)
            }
        }
    }

    /// What an entry says to the reader as far as the operator's rules let it; `None` where they block it: a moved
    /// issue or a numeric id tells its project only once it was found.
    fn shown(&self, url: &str, recognised: &Recognised, connection: &Connection, entry: &Entry) -> Option<Answer> {
        let (rules, site) = (&self.settings.rules, recognised.link.site());
        if entry.found.as_ref().is_some_and(|found| rules.blocks_object(site, found)) {
            return None;
        }
        let blocks = |key: &str| rules.blocks(site, project_of(key));
        let mut answer = answer::of_entry(url, recognised, connection, entry, self.pages());
        if let Some(preview) = &mut answer.preview {
            preview.facts.retain(|fact| fact.id != FactId::Parent || !blocks(&fact.value));
            preview.rows.retain(|row| !blocks(&row.key));
        }
        Some(answer)
    }

    fn pages(&self) -> Pages<'_> {
        Pages { public_url: &self.settings.public_url, pictures: &self.pictures }
    }
}

fn hear(entry: &Entry) -> Heard {
    match (&entry.found, &entry.refusal) {
        (Some(_), None) => Heard::Value { stale: false },
        (Some(_), Some(_)) => Heard::Value { stale: true },
        (None, Some(refusal)) if refusal.state == State::NotFound => Heard::NotFound,
        (None, refusal) => Heard::Trouble(refusal.as_ref().map_or(State::Error, |it| it.state)),
    }
}

fn proof(account: &AccountId, recognised: &Recognised) -> String {
    format!("{account}\n{}\n{}", recognised.link.site(), recognised.link.project_key().unwrap_or_default())
}
