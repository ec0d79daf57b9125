//! What can go wrong between the gateway and a Jira, switched on by a test and healed by it.

use std::io;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::exchange::Answer;

/// One way to go wrong.
#[derive(Clone)]
pub enum Fault {
    /// 429 with these headers and a body as Tomcat (HTML) or Jira (JSON) writes it.
    TooMany { headers: Vec<(&'static str, String)>, html: bool },
    /// A status of a proxy or of Jira itself, with an HTML page and perhaps a `Retry-After`.
    Status { status: u16, retry_after: Option<String> },
    /// A sign-in page with status 200 instead of data.
    SignInPage,
    /// 302 to this address.
    Redirect(String),
    /// No answer, ever.
    Hang,
    /// The request waits until the gate opens, then goes on as if nothing had been.
    Wait(Gate),
    /// The request is processed; its answer waits until the gate opens.
    Withhold(Gate),
    /// The request is processed; the connection is closed without the answer.
    Lost,
    /// The request is processed; the answer has this status instead of its own.
    Failed(u16),
    /// The request is not processed; this is the answer.
    Instead(Answer),
    /// The request is processed; this is the answer.
    After(Answer),
    /// The head comes at once, the body byte by byte, as the handle lets them through.
    Slow(Drip),
    /// The body ends in the middle and the connection with it.
    Truncated,
    /// A `Content-Length` that promises more than comes.
    LongLength,
    /// JSON without an end: so many bytes.
    Huge(usize),
    /// A small gzip body that unpacks to so many bytes.
    GzipBomb(usize),
    /// Status 200 and this body under this name, whatever was asked for.
    Body(&'static str, Vec<u8>),
    /// The right body under another name.
    ContentType(&'static str),
    /// JSON that breaks off.
    MalformedJson,
    /// The JSON of the answer, changed. See the constructors.
    Edit(Arc<dyn Fn(&mut Value) + Send + Sync>),
    /// The connection is closed without an answer.
    Close,
}

impl Fault {
    /// 429, as Data Center says it.
    pub fn too_many(retry_after: &str) -> Self {
        let headers = [
            ("retry-after", retry_after),
            ("x-ratelimit-limit", "70"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-fillrate", "5"),
            ("x-ratelimit-interval-seconds", "1"),
        ];
        Self::TooMany { headers: headers.map(|(name, value)| (name, value.to_owned())).into(), html: true }
    }

    /// 429 of a Cloud site: its reason, and `Retry-After` where it tells one.
    pub fn too_many_on_cloud(retry_after: Option<&str>, reason: &str) -> Self {
        let mut headers = vec![("ratelimit-reason", reason.to_owned()), ("x-ratelimit-remaining", "0".to_owned())];
        headers.extend(retry_after.map(|value| ("retry-after", value.to_owned())));
        Self::TooMany { headers, html: false }
    }

    /// 429 of Atlassian's API host: without `Retry-After` (jira-auth-and-rest §2.6). At ten in that morning.
    pub fn too_many_at_api_host() -> Self {
        let headers = [
            ("x-failure-category", "FAILURE CLIENT RATE LIMITED"),
            ("x-ratelimit-reset", "2026-11-22T10:01Z"),
            ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
        ];
        Self::TooMany { headers: headers.map(|(name, value)| (name, value.to_owned())).into(), html: false }
    }

    /// 429 of Cloud when an app has used up its points: `jira-quota-global-based` or `jira-quota-tenant-based`, and the
    /// seconds until they come back.
    pub fn out_of_points(reason: &str, seconds: u32) -> Self {
        let name = if reason.contains("tenant") { "tenant-app-quota" } else { "global-app-quota" };
        let headers = vec![
            ("ratelimit-reason", reason.to_owned()),
            ("retry-after", seconds.to_string()),
            ("x-ratelimit-remaining", "0".to_owned()),
            ("ratelimit-policy", format!("\"{name}\";q=65000;w=3600")),
            ("ratelimit", format!("\"{name}\";r=0;t={seconds}")),
        ];
        Self::TooMany { headers, html: false }
    }

    pub fn status(status: u16) -> Self {
        Self::Status { status, retry_after: None }
    }

    pub fn unavailable(retry_after: Option<&str>) -> Self {
        Self::Status { status: 503, retry_after: retry_after.map(str::to_owned) }
    }

    pub fn edit(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Edit(Arc::new(change))
    }

    /// Members that nobody has heard of, everywhere.
    pub fn unknown_fields() -> Self {
        Self::edit(|value| {
            everywhere(value, &|members| {
                members.insert("brandNewThing".into(), serde_json::json!({"since": 2027, "values": [null, {}]}));
            });
        })
    }

    /// Every member of `fields` but the summary is null.
    pub fn null_fields() -> Self {
        Self::edit(|value| {
            fields(value, &|members| {
                members.iter_mut().filter(|(name, _)| *name != "summary").for_each(|(_, it)| *it = Value::Null);
            });
        })
    }

    /// `fields` holds the summary and nothing else.
    pub fn missing_fields() -> Self {
        Self::edit(|value| fields(value, &|members| members.retain(|name, _| name == "summary")))
    }

    /// A status category that Jira has never had.
    pub fn strange_category() -> Self {
        Self::edit(|value| {
            everywhere(value, &|members| {
                if let Some(category) = members.get_mut("statusCategory") {
                    *category = serde_json::json!({"id": 99, "key": "paused", "colorName": "teal", "name": "Paused"});
                }
            });
        })
    }
}

/// Changes every object of a JSON value, the innermost first.
fn everywhere(value: &mut Value, change: &dyn Fn(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|it| everywhere(it, change));
            change(members);
        }
        Value::Array(values) => values.iter_mut().for_each(|it| everywhere(it, change)),
        _ => {}
    }
}

/// Changes the `fields` of issues.
fn fields(value: &mut Value, change: &dyn Fn(&mut serde_json::Map<String, Value>)) {
    everywhere(value, &|members| {
        if let Some(Value::Object(fields)) = members.get_mut("fields") {
            change(fields);
        }
    });
}

/// Holds requests or answers back until it is opened: for stampedes. Clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    state: Arc<watch::Sender<GateState>>,
    waiting: Arc<watch::Sender<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GateState {
    Closed,
    Open,
    Cut,
}

impl Gate {
    pub fn closed() -> Self {
        Self { state: Arc::new(watch::Sender::new(GateState::Closed)), waiting: Arc::new(watch::Sender::new(0)) }
    }

    pub fn open(&self) {
        self.state.send_replace(GateState::Open);
    }

    /// Drops the connections of all that wait, and of all that come until the gate is opened.
    pub fn cut(&self) {
        self.state.send_replace(GateState::Cut);
    }

    /// How many requests have come to the gate so far.
    pub fn arrived(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Returns when at least so many requests have come.
    pub async fn wait_for(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|arrived| *arrived >= count).await.expect("the gate is here");
    }

    /// An error when the gate was cut instead of opened.
    pub(super) async fn pass(&self) -> io::Result<()> {
        self.waiting.send_modify(|count| *count += 1);
        let mut state = self.state.subscribe();
        let state = *state.wait_for(|state| *state != GateState::Closed).await.expect("the gate is here");
        if state == GateState::Cut { Err(io::Error::other("cut by a gate")) } else { Ok(()) }
    }
}

/// Lets the bytes of slow bodies through, as many as it is told. Clones are the same handle.
#[derive(Clone)]
pub struct Drip {
    allowed: Arc<watch::Sender<usize>>,
}

impl Drip {
    pub fn new() -> Self {
        Self { allowed: Arc::new(watch::Sender::new(0)) }
    }

    /// Lets so many more bytes of each slow body through.
    pub fn release(&self, bytes: usize) {
        self.allowed.send_modify(|allowed| *allowed = allowed.saturating_add(bytes));
    }

    pub fn release_all(&self) {
        self.allowed.send_replace(usize::MAX);
    }

    /// Returns when the byte at this position may go.
    pub(super) async fn pass(&self, at: usize) {
        let mut allowed = self.allowed.subscribe();
        allowed.wait_for(|allowed| *allowed > at).await.expect("the handle is here");
    }
}

/// The faults that are switched on, the newest first.
#[derive(Default)]
pub struct Faults(Vec<Rule>);

struct Rule {
    /// Part of the method and path with its query, `POST /rest/api/2/search?`; empty: every request.
    path: String,
    /// Requests of this kind that it lets pass first.
    spared: usize,
    /// How many requests it still hits; `None`: all.
    left: Option<usize>,
    fault: Fault,
}

impl Faults {
    pub fn add(&mut self, path: &str, times: Option<usize>, fault: Fault) {
        self.add_later(path, 0, times, fault);
    }

    /// The same after so many requests of this kind.
    pub fn add_later(&mut self, path: &str, spared: usize, times: Option<usize>, fault: Fault) {
        self.0.insert(0, Rule { path: path.to_owned(), spared, left: times, fault });
    }

    pub fn heal(&mut self) {
        self.0.clear();
    }

    /// The fault for this request, if any.
    pub fn take(&mut self, target: &str) -> Option<Fault> {
        let is_meant = |rule: &&mut Rule| target.contains(&rule.path) && rule.left != Some(0);
        let (mut spared, mut due): (Vec<_>, Vec<_>) =
            self.0.iter_mut().filter(is_meant).partition(|rule| rule.spared > 0);
        spared.iter_mut().for_each(|rule| rule.spared -= 1);
        let rule = due.first_mut()?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }
}
