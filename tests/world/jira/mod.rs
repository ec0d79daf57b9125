//! A simulated Jira: Cloud (a site and Atlassian's API host), Data Center or Server, on 127.0.0.1.
//!
//! All that it does is in jira-auth-and-rest; `tests/jira.rs` shows each of these facts. Its behaviour is written
//! without `async` ([`answers`], [`who`]); only [`listener`] and [`faults`] wait.

mod access_tokens;
mod agile;
mod answers;
mod boards;
mod clauses;
pub mod content;
mod custom;
mod data;
mod desks;
pub mod exchange;
pub(super) mod faults;
pub mod fields;
mod find;
pub(super) mod front;
mod issue;
mod issues;
mod jql;
mod language;
mod limits;
pub mod listener;
mod log;
mod many;
mod oauth1;
mod oauth2;
mod pages;
mod paging;
mod people;
mod personality;
pub mod pictures;
mod provider;
mod releases;
mod remark_answers;
mod remarks;
mod route;
mod saved;
mod saved_answers;
mod service_desk;
mod shapes;
mod signature;
mod sorted;
pub(super) mod text;
mod tile;
mod together;
pub mod webhooks;
pub(super) mod who;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::Disambiguation;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use boards::{Board, Sprint};
pub use content::{Browse, Component, FixVersion, IssueType, Priority, Project, Status};
pub use custom::Custom;
pub use desks::ServiceDesk;
pub use exchange::{Asked, Door};
pub use faults::{Drip, Fault, Gate};
pub use issue::{BLOCKS, Issue, LinkKind, RELATES};
pub use log::{Calls, Logged};
pub use paging::Tokens;
pub use people::{AccessToken, ApiToken, Person};
pub use personality::{Deployment, MORNING, Personality, SingleSignOn, Version};
pub use provider::OAUTH_2_TOKEN;
pub use remarks::{Attachment, Comment, Worklog};
pub use saved::{Dashboard, Filter, Share};
pub use text::Text;
pub use webhooks::{Delivery, Hook};

use data::Data;
use faults::Faults;
use find::Dates;
use front::{Jira, Switches};
use limits::Bucket;
use log::Log;
use who::Gatekeeper;

/// A running Jira. It stops when it is dropped.
pub struct FakeJira {
    jira: Arc<Jira>,
    api_address: Option<SocketAddr>,
    doors: Vec<JoinHandle<()>>,
}

impl FakeJira {
    pub async fn start(personality: Personality) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", personality.port)).await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let scheme = if personality.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}:{port}{}", personality.host, personality.context_path);
        let switches = Switches {
            now: personality.now,
            maintenance: false,
            rate_limit_headers: personality.since(Version::RATE_LIMITS),
            bucket: None,
            headers: Vec::new(),
            page_rows: if personality.is_cloud() { 100 } else { personality.most_rows },
            bulk_errors: BTreeMap::new(),
            dates: Dates { doubt: Disambiguation::Compatible, millis: true },
            index_lag: 0,
        };
        let cloud = personality.is_cloud();
        let jira = Arc::new(Jira {
            personality,
            url,
            data: RwLock::default(),
            gatekeeper: Mutex::default(),
            switches: Mutex::new(switches),
            faults: Mutex::default(),
            log: Mutex::default(),
            hooks: Mutex::default(),
            paging: Mutex::default(),
        });
        let mut doors = vec![tokio::spawn(serve(listener, Door::Site, Arc::clone(&jira)))];
        let mut api_address = None;
        if cloud {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
            api_address = Some(listener.local_addr().expect("bound"));
            doors.push(tokio::spawn(serve(listener, Door::Api, Arc::clone(&jira))));
        }
        Self { jira, api_address, doors }
    }

    /// The address that people type: `http://127.0.0.1:40001/jira`.
    pub fn url(&self) -> String {
        self.jira.url.clone()
    }

    /// For Atlassian's hosts, which pass calls on.
    pub(super) fn inner(&self) -> Arc<Jira> {
        Arc::clone(&self.jira)
    }

    /// Whether this text, such as a token of another server, came to it in any request.
    pub fn has_seen(&self, secret: &str) -> bool {
        self.log().iter().any(|logged| logged.asked.contains(secret))
    }

    /// An address below the site: `jira.at("/browse/OPS-7")`.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.jira.url)
    }

    /// Atlassian's API host, for `GATEWAY_ATLASSIAN_API_URL`. Cloud only.
    pub fn api_host_url(&self) -> String {
        let address = self.api_address.expect("only Jira Cloud has an API host");
        let scheme = if self.jira.personality.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}:{}", self.jira.personality.host, address.port())
    }

    pub fn personality(&self) -> &Personality {
        &self.jira.personality
    }

    // People and what they keep.

    /// Adds a person and returns them with the ids that they got.
    pub fn add_person(&self, person: Person) -> Person {
        self.change(|data| data.add_person(person))
    }

    pub fn add_project(&self, project: Project) -> Project {
        self.change(|data| data.add_project(project))
    }

    /// Adds an issue to a project that is there.
    pub fn add_issue(&self, issue: Issue) -> Issue {
        let until = self.indexed_at();
        let issue = self.change(|data| {
            let issue = data.add_issue(issue);
            if let Some(until) = until {
                data.lag(issue.id.clone(), None, until);
            }
            issue
        });
        self.tell("jira:issue_created", &issue, None);
        issue
    }

    pub fn add_issues(&self, issues: impl IntoIterator<Item = Issue>) {
        self.change(|data| issues.into_iter().for_each(|issue| drop(data.add_issue(issue))));
    }

    /// Adds so many issues to a project, no two alike: of all types, with parents, links and values in all fields.
    pub fn add_many(&self, project: &str, count: usize) {
        let now = self.now();
        self.change(|data| many::add(data, project, count, now));
    }

    pub fn add_board(&self, board: Board) {
        self.change(|data| data.boards.push(board));
    }

    pub fn add_filter(&self, filter: Filter) {
        self.change(|data| data.filters.push(filter));
    }

    pub fn change_filter(&self, id: u64, change: impl FnOnce(&mut Filter)) {
        self.change(|data| change(data.filters.iter_mut().find(|it| it.id == id).expect("this filter is here")));
    }

    pub fn remove_filter(&self, id: u64) {
        self.change(|data| data.filters.retain(|it| it.id != id));
    }

    pub fn add_dashboard(&self, dashboard: Dashboard) {
        self.change(|data| data.dashboards.push(dashboard));
    }

    /// Adds a service desk; with the first one Service Management is licensed.
    pub fn add_service_desk(&self, desk: ServiceDesk) {
        self.change(|data| data.desks.push(desk));
    }

    /// Changes a person: new password, token revoked, account closed.
    pub fn change_person(&self, name: &str, change: impl FnOnce(&mut Person)) {
        self.change(|data| change(data.person_mut(name)));
    }

    pub fn change_project(&self, key: &str, change: impl FnOnce(&mut Project)) {
        self.change(|data| change(data.project_mut(key)));
    }

    pub fn change_issue(&self, key: &str, change: impl FnOnce(&mut Issue)) {
        self.index_later(key);
        self.change(|data| data.change_issue(key, change));
        self.tell_of(key, "jira:issue_updated", None);
    }

    /// The same as somebody does it: the issue was updated now.
    pub fn edit_issue(&self, key: &str, change: impl FnOnce(&mut Issue)) {
        let now = self.now();
        self.change_issue(key, |issue| {
            change(issue);
            issue.updated = now;
        });
    }

    /// Links two issues, in the direction of `blocks`.
    pub fn link(&self, kind: LinkKind, from: &str, to: &str) {
        self.edit_issue(from, |issue| issue.links.push(issue::Link { kind, outward: true, key: to.into() }));
        self.edit_issue(to, |issue| issue.links.push(issue::Link { kind, outward: false, key: from.into() }));
    }

    /// Another key for a project. Nothing else changes, not even `updated` of its issues.
    pub fn rename_project(&self, key: &str, new_key: &str) {
        self.change(|data| data.rename_project(key, new_key));
    }

    /// A field that an app has brought, as `/field` tells it; [`Issue::field`] gives it a value.
    pub fn add_field(&self, row: serde_json::Value) {
        self.change(|data| data.fields_of_apps.push(row));
    }

    /// A team of Advanced Roadmaps, or another name for it.
    pub fn name_team(&self, id: u64, name: &str) {
        self.change(|data| drop(data.teams.insert(id, name.to_owned())));
    }

    /// Another name for a priority or a field, by its id. No issue is touched.
    pub fn rename(&self, id: &str, name: &str) {
        self.change(|data| drop(data.names.insert(id.to_owned(), name.to_owned())));
    }

    /// Deletes a custom field, or brings it back.
    pub fn delete_field(&self, id: &str, is_deleted: bool) {
        self.change(|data| {
            if is_deleted {
                data.deleted_fields.insert(id.to_owned());
            } else {
                data.deleted_fields.remove(id);
            }
        });
    }

    /// Into the archive: its issues are in no search, and a query that names it is refused.
    pub fn archive_project(&self, key: &str) {
        self.change_project(key, |project| project.archived = true);
    }

    /// Into the trash of Cloud: as if it had no issues.
    pub fn trash_project(&self, key: &str) {
        self.change_project(key, |project| project.trashed = true);
    }

    pub fn restore_project(&self, key: &str) {
        self.change_project(key, |project| (project.archived, project.trashed) = (false, false));
    }

    /// Jira's "Move": the old key goes on leading to the issue.
    pub fn move_issue(&self, key: &str, new_key: &str) {
        self.index_later(key);
        self.change(|data| data.move_issue(key, new_key));
        self.tell_of(new_key, "jira:issue_updated", None);
    }

    pub fn remove_issue(&self, key: &str) {
        self.tell_of(key, "jira:issue_deleted", None);
        self.change(|data| data.remove_issue(key));
    }

    /// Somebody says something on an issue (`comment_created` and the like).
    pub fn tell_of_comment(&self, key: &str, event: &str, comment: u64) {
        self.tell_of(key, event, Some(comment));
    }

    fn tell_of(&self, key: &str, event: &str, comment: Option<u64>) {
        let issue = self.jira.data.read().unwrap().issue(key).cloned();
        if let Some(issue) = issue {
            self.tell(event, &issue, comment);
        }
    }

    fn tell(&self, event: &str, issue: &Issue, comment: Option<u64>) {
        let (data, now) = (self.jira.data.read().unwrap(), self.now());
        let (personality, base) = (&self.jira.personality, self.jira.url.as_str());
        let nobody = Asked::nothing();
        let desk = webhooks::Desk { asked: &nobody, person: None, data: &data, personality, base, now };
        self.jira.hooks.lock().unwrap().tell(event, issue, comment, &desk);
    }

    /// What is to be told to those who registered, in order. It is told no more.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.jira.hooks.lock().unwrap().take()
    }

    /// The webhooks that are registered and have not ended.
    pub fn webhooks(&self) -> Vec<Hook> {
        let now = self.now();
        let hooks = self.jira.hooks.lock().unwrap();
        hooks.list.iter().filter(|hook| hook.expires.is_none_or(|at| now < at)).cloned().collect()
    }

    pub fn person(&self, name: &str) -> Person {
        self.jira.data.read().unwrap().person(name).expect("this person is here").clone()
    }

    /// All issues, as they are kept.
    pub fn issues(&self) -> Vec<Issue> {
        self.jira.data.read().unwrap().issues().to_vec()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Data) -> T) -> T {
        let mut data = self.jira.data.write().unwrap();
        data.touch();
        change(&mut data)
    }

    /// When the search learns of what changes now; `None`: at once.
    fn indexed_at(&self) -> Option<Timestamp> {
        let switches = self.jira.switches.lock().unwrap();
        (switches.index_lag > 0).then(|| switches.now + SignedDuration::from_secs(switches.index_lag))
    }

    /// This issue is about to change.
    fn index_later(&self, key: &str) {
        let Some(until) = self.indexed_at() else { return };
        self.change(|data| {
            let issue = data.issue(key).expect("this issue is here").clone();
            data.lag(issue.id.clone(), Some(issue), until);
        });
    }

    // Switches of the administrator.

    /// Bad credentials are served as if none had come, wherever Jira answers strangers (jira-auth-and-rest §0.4).
    pub fn set_anonymous_degradation(&self, on: bool) {
        self.jira.gatekeeper.lock().unwrap().anonymous_degradation = on;
    }

    /// Basic authentication off or on; the version decides until this is called.
    pub fn set_basic_disabled(&self, disabled: bool) {
        self.jira.gatekeeper.lock().unwrap().basic_disabled = Some(disabled);
    }

    /// Data Center's rate limiting: on from 8.6 until this is called.
    pub fn set_rate_limit_headers(&self, on: bool) {
        self.jira.switches.lock().unwrap().rate_limit_headers = on;
    }

    /// Data Center lets each person ask so often at once, and so often more after each interval of this many seconds.
    pub fn limit(&self, size: i64, gain: i64, every: i64) {
        assert!(self.personality().since(Version::RATE_LIMITS), "Cloud and older servers have no such limit");
        self.jira.switches.lock().unwrap().bucket = Some(Bucket::new(size, gain, every));
    }

    /// What is left of it to the person of this user name.
    pub fn left_to(&self, person: &str) -> i64 {
        let switches = self.jira.switches.lock().unwrap();
        switches.bucket.as_ref().map_or(i64::MAX, |bucket| bucket.left(person, switches.now))
    }

    /// Every healthy answer of a Cloud site has these too: `X-RateLimit-NearLimit`, `Beta-RateLimit`, …
    pub fn set_headers(&self, headers: &[(&str, &str)]) {
        assert!(self.personality().is_cloud(), "Data Center has headers of its own");
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.jira.switches.lock().unwrap().headers = headers.collect();
    }

    pub fn set_maintenance(&self, on: bool) {
        self.jira.switches.lock().unwrap().maintenance = on;
    }

    /// The longest page that a search gives, however many rows are asked for; on Cloud, if fields are asked for.
    pub fn set_page_rows(&self, rows: usize) {
        self.jira.switches.lock().unwrap().page_rows = rows;
    }

    /// What Cloud's page tokens are.
    pub fn set_page_tokens(&self, tokens: Tokens) {
        self.jira.paging.lock().unwrap().tokens = tokens;
    }

    /// All page tokens that were given end now.
    pub fn expire_page_tokens(&self) {
        self.jira.paging.lock().unwrap().epoch += 1;
    }

    /// How many issues the next pages of Cloud's search have at most, whatever else is true.
    pub fn set_page_sizes(&self, sizes: &[usize]) {
        self.jira.paging.lock().unwrap().sizes = sizes.iter().copied().collect();
    }

    /// So many seconds pass between a change and when the search knows of it.
    pub fn set_index_lag(&self, seconds: i64) {
        self.jira.switches.lock().unwrap().index_lag = seconds;
    }

    /// How queries read local times that come twice or never, and whether they read milliseconds since 1970.
    pub fn set_dates(&self, doubt: Disambiguation, millis: bool) {
        self.jira.switches.lock().unwrap().dates = Dates { doubt, millis };
    }

    /// `bulkfetch` cannot give this issue right now and says so in `issueErrors`.
    pub fn set_bulk_error(&self, key: &str, message: &str) {
        self.jira.switches.lock().unwrap().bulk_errors.insert(key.into(), message.into());
    }

    /// From now on this person must solve a CAPTCHA.
    pub fn demand_captcha(&self, name: &str) {
        self.jira.gatekeeper.lock().unwrap().lock(name);
    }

    /// The person signs in with a browser and solves the CAPTCHA.
    pub fn browser_login(&self, name: &str) {
        self.jira.gatekeeper.lock().unwrap().browser_login(name);
    }

    pub fn wants_captcha(&self, name: &str) -> bool {
        self.jira.gatekeeper.lock().unwrap().is_locked(name)
    }

    pub fn now(&self) -> Timestamp {
        self.jira.switches.lock().unwrap().now
    }

    pub fn set_time(&self, now: Timestamp) {
        self.jira.switches.lock().unwrap().now = now;
    }

    pub fn advance(&self, by: SignedDuration) {
        self.jira.switches.lock().unwrap().now += by;
    }

    // What goes wrong.

    /// Every request fails so, until [`FakeJira::heal`].
    pub fn fault(&self, fault: Fault) {
        self.fault_at("", fault);
    }

    /// The same for requests whose path and query contain this text.
    pub fn fault_at(&self, path: &str, fault: Fault) {
        self.jira.faults.lock().unwrap().add(path, None, fault);
    }

    /// The same for the next so many of them.
    pub fn fault_times(&self, times: usize, path: &str, fault: Fault) {
        self.jira.faults.lock().unwrap().add(path, Some(times), fault);
    }

    /// At the n-th request from now, counted from 1.
    pub fn fault_at_call(&self, number: usize, fault: Fault) {
        self.jira.faults.lock().unwrap().add_later("", number - 1, Some(1), fault);
    }

    /// All faults end; what hangs goes on hanging.
    pub fn heal(&self) {
        self.jira.faults.lock().unwrap().heal();
    }

    // What was asked.

    /// The counters as they stand.
    pub fn calls(&self) -> Calls {
        self.jira.log.lock().unwrap().calls()
    }

    /// The last few thousand requests, with their secrets: for tests that look for leaks.
    pub fn log(&self) -> Vec<Logged> {
        self.jira.log.lock().unwrap().requests()
    }

    pub fn forget_calls(&self) {
        self.jira.log.lock().unwrap().forget();
    }
}

async fn serve(listener: TcpListener, door: Door, jira: Arc<Jira>) {
    let tls = jira.personality.tls.clone();
    listener::serve(listener, door, tls, move |asked| listener::converse(asked, Arc::clone(&jira))).await;
}

impl Drop for FakeJira {
    fn drop(&mut self) {
        self.doors.iter().for_each(JoinHandle::abort);
    }
}
