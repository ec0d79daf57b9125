//! What is said about an answer besides its facts: its name, its state, and what can be done next (paste-experience §5).

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::icon::Icon;
use super::time;
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, Preview, ReasonCode, State};

/// How an object is called when nothing but its link is known: `OPS-7`, `Board 12`, `Jira search`.
///
/// A search's JQL and a person's name stay out. Kind `none` has no name.
pub fn label(kind: Kind, id: &str, canonical_url: Option<&str>) -> Option<String> {
    let numbered = |word: &str| if id.is_empty() { word.to_owned() } else { format!("{word} {id}") };
    let on_issue = |word: &str| match canonical_url.and_then(issue_of_comment) {
        Some(key) => format!("{word} on {key}"),
        None => numbered(word),
    };
    Some(match kind {
        Kind::Issue | Kind::Request | Kind::Idea if is_number(id) => numbered("Issue"),
        Kind::Project if is_number(id) => numbered("Project"),
        Kind::Issue | Kind::Request | Kind::Idea | Kind::Project if !id.is_empty() => id.to_owned(),
        Kind::Issue => "Issue".to_owned(),
        Kind::Request => "Request".to_owned(),
        Kind::Idea => "Idea".to_owned(),
        Kind::Project => "Project".to_owned(),
        Kind::Comment => on_issue("Comment"),
        Kind::Worklog => on_issue("Work log"),
        Kind::Board => numbered("Board"),
        Kind::Sprint => numbered("Sprint"),
        Kind::Filter => numbered("Filter"),
        Kind::Search => "Jira search".to_owned(),
        Kind::Dashboard => numbered("Dashboard"),
        Kind::Version => numbered("Version"),
        Kind::Component => numbered("Component"),
        Kind::User => "Jira profile".to_owned(),
        Kind::Attachment => numbered("Attachment"),
        Kind::Plan => numbered("Plan"),
        Kind::Portal => numbered("Portal"),
        Kind::Queue => numbered("Queue"),
        Kind::Site => canonical_url.map_or("Jira", host).to_owned(),
        Kind::None => return None,
    })
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key in `…/browse/KEY?focusedCommentId=n`.
fn issue_of_comment(canonical_url: &str) -> Option<&str> {
    let (_, rest) = canonical_url.rsplit_once("/browse/")?;
    rest.split_once('?').map(|(key, _)| key).filter(|key| !key.is_empty())
}

/// The identifier of the preview, else the name by the link alone. Empty for kind `none`.
pub fn name(answer: &Answer) -> String {
    match &answer.preview {
        Some(preview) => preview.identifier.clone(),
        None => label(answer.kind, &answer.id, answer.canonical_url.as_deref()).unwrap_or_default(),
    }
}

/// What a reader without any rights is told: `OPS-7 · Jira (acme)` (contract §3, `/preview`).
pub fn redacted(kind: Kind, id: &str, canonical_url: Option<&str>, site_name: &str) -> String {
    match label(kind, id, canonical_url) {
        Some(label) => format!("{label} · Jira ({site_name})"),
        None => "Not a Jira link".to_owned(),
    }
}

/// Host and port of an address, without scheme and path.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The picture of a kind; an issue's is that of its type.
pub fn icon(answer: &Answer) -> Icon {
    match answer.kind {
        Kind::Issue | Kind::Request | Kind::Idea => {
            fact(answer.preview.as_ref(), FactId::Type).map_or(Icon::Issue, Icon::of_type)
        }
        Kind::Comment => Icon::Comment,
        Kind::Worklog => Icon::Clock,
        Kind::Project => Icon::Project,
        Kind::Board => Icon::Board,
        Kind::Sprint => Icon::Sprint,
        Kind::Filter => Icon::Filter,
        Kind::Search => Icon::Search,
        Kind::Dashboard => Icon::Dashboard,
        Kind::Version => Icon::Tag,
        Kind::Component => Icon::Component,
        Kind::User => Icon::Person,
        Kind::Attachment => Icon::Attachment,
        Kind::Plan => Icon::Plan,
        Kind::Portal => Icon::Request,
        Kind::Queue => Icon::Queue,
        Kind::Site => Icon::Site,
        Kind::None => Icon::Link,
    }
}

/// The value of one fact.
pub fn fact(preview: Option<&Preview>, id: FactId) -> Option<&str> {
    preview?.facts.iter().find(|fact| fact.id == id).map(|fact| fact.value.as_str())
}

/// Whether the object is an issue, so that a missing assignee is worth a word.
pub fn is_issue(kind: Kind) -> bool {
    matches!(kind, Kind::Issue | Kind::Request | Kind::Idea | Kind::Comment | Kind::Worklog)
}

/// The accessible name: "Bug ACME-12, Login fails on Safari, status In progress, assigned to Ana" (§9).
pub fn spoken(answer: &Answer) -> String {
    let Some(preview) = &answer.preview else {
        return match (name(answer), headline(answer)) {
            (name, title) if name.is_empty() => title,
            (name, title) if title.is_empty() => name,
            (name, title) => format!("{name}: {title}"),
        };
    };
    let what = match answer.kind {
        Kind::Project => "Project",
        _ => fact(Some(preview), FactId::Type).unwrap_or("Issue"),
    };
    let mut text = format!("{what} {}, {}", preview.identifier, preview.title);
    if let Some(status) = &preview.status {
        text.push_str(", status ");
        text.push_str(&status.name);
    }
    if is_issue(answer.kind) {
        match fact(Some(preview), FactId::Assignee) {
            Some(person) => {
                text.push_str(", assigned to ");
                text.push_str(person);
            }
            None => text.push_str(", unassigned"),
        }
    }
    if answer.stale {
        text.push_str(", last known values");
    }
    text
}

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
    Error,
}

impl Tone {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    pub fn icon(self, state: State) -> Icon {
        match (state, self) {
            (State::NotFound, _) => Icon::Lock,
            (State::Unreachable, _) => Icon::CloudOff,
            (State::RateLimited, _) => Icon::Clock,
            (State::Connect | State::ChooseAccount, _) => Icon::Plug,
            (State::Reconnect, _) => Icon::Key,
            (State::Moved, _) => Icon::Moved,
            (State::Blocked, _) => Icon::Ban,
            (_, Self::Error) => Icon::Error,
            (_, Self::Warning) => Icon::Warning,
            (State::Unsupported, _) => Icon::Link,
            _ => Icon::Refresh,
        }
    }
}

/// Why an answer is not simply ready, in two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub title: String,
    pub detail: String,
}

/// The notice of an answer; none when it is ready and fresh.
pub fn notice(answer: &Answer, now: Timestamp) -> Option<Notice> {
    let tone = match answer.state {
        State::Ready if !answer.stale => return None,
        State::Error => Tone::Error,
        State::Connect | State::ChooseAccount | State::Moved | State::Blocked | State::NotFound => Tone::Plain,
        State::Unsupported if !is_missing_right(answer) => Tone::Plain,
        _ => Tone::Warning,
    };
    Some(Notice { tone, title: title(answer, now), detail: detail(answer, now) })
}

fn is_missing_right(answer: &Answer) -> bool {
    matches!(code(answer), Some(ReasonCode::ScopeMissing | ReasonCode::LicenseMissing))
}

fn code(answer: &Answer) -> Option<ReasonCode> {
    answer.reason.as_ref().map(|reason| reason.code)
}

/// The first sentence, where no date is wanted.
fn headline(answer: &Answer) -> String {
    match answer.state {
        State::Ready if !answer.stale => String::new(),
        _ => title(answer, Timestamp::UNIX_EPOCH),
    }
}

fn title(answer: &Answer, now: Timestamp) -> String {
    let checked_on = answer.checked_at.filter(|_| now > Timestamp::UNIX_EPOCH).map(|at| on_day(at, now));
    match answer.state {
        State::Ready => match code(answer) {
            Some(ReasonCode::RateLimited) => wait_title(answer, now),
            Some(ReasonCode::SignInPage) => "Jira sent a sign-in page".to_owned(),
            Some(ReasonCode::UpstreamError) => "Jira has trouble of its own".to_owned(),
            _ => "The gateway cannot reach this Jira".to_owned(),
        },
        State::Connect => "Connect your Jira to see this".to_owned(),
        State::Reconnect => "Your Jira sign-in has ended".to_owned(),
        State::ChooseAccount => "Several of your accounts can open this Jira".to_owned(),
        State::NotFound if code(answer) == Some(ReasonCode::Gone) => match checked_on {
            Some(day) => format!("Not visible in Jira since {day}"),
            None => "Not visible in Jira any more".to_owned(),
        },
        State::NotFound => "Not found, or not visible to you".to_owned(),
        State::Moved => format!("Moved to {}", name(answer)),
        State::Unreachable => "The gateway cannot reach this Jira".to_owned(),
        State::RateLimited => wait_title(answer, now),
        State::Captcha => "Jira wants a CAPTCHA".to_owned(),
        State::Blocked => "Previews are off for this project".to_owned(),
        State::Unsupported => match code(answer) {
            Some(ReasonCode::ScopeMissing) => "This sign-in may not read this".to_owned(),
            Some(ReasonCode::LicenseMissing) => "This needs a Jira product that you have no licence for".to_owned(),
            _ if answer.kind == Kind::None => "Not a Jira link".to_owned(),
            _ => "No preview for this kind of link yet".to_owned(),
        },
        State::Error => match code(answer) {
            Some(ReasonCode::ApiRemoved) => "The gateway needs an update for this Jira".to_owned(),
            Some(ReasonCode::TooLarge) => "Jira's answer was too large".to_owned(),
            Some(ReasonCode::OperatorConfiguration) => "The gateway is not set up for this Jira".to_owned(),
            _ => "Something went wrong on our side".to_owned(),
        },
    }
}

fn wait_title(answer: &Answer, now: Timestamp) -> String {
    match answer.reason.as_ref().and_then(|reason| reason.retry_at).filter(|_| now > Timestamp::UNIX_EPOCH) {
        Some(at) => format!("Jira asked us to wait. Next try at {}.", time::clock(at, now)),
        None => "Jira asked us to wait.".to_owned(),
    }
}

fn on_day(at: Timestamp, now: Timestamp) -> String {
    time::day(time::date(at), time::date(now))
}

fn detail(answer: &Answer, now: Timestamp) -> String {
    let last_checked = answer.checked_at.map(|at| format!("Last checked {}.", time::clock(at, now)));
    let checked_as = answer.connection.as_ref().map(|via| format!("Checked as {}.", via.label));
    match answer.state {
        State::Ready => match code(answer) {
            Some(ReasonCode::RateLimited) => sentences([last_checked, None]),
            _ => sentences([last_checked, Some("Refreshing…".to_owned())]),
        },
        State::Connect => {
            let host = answer.site.as_ref().map_or("This Jira", |site| host(&site.url));
            format!("{host} is not linked to your account yet.")
        }
        State::Reconnect => sentences([
            answer.checked_at.map(|at| format!("It stopped working on {}.", on_day(at, now))),
            (code(answer) == Some(ReasonCode::SignInPage)).then(|| "Jira sent a sign-in page.".to_owned()),
            Some(match answer.preview {
                Some(_) => "Previews show the last known values.".to_owned(),
                None => "Sign in again and the preview comes back.".to_owned(),
            }),
        ]),
        State::ChooseAccount => "Choose the one to use here. Nothing was asked yet.".to_owned(),
        State::NotFound if code(answer) == Some(ReasonCode::Gone) => "It was deleted or made private.".to_owned(),
        State::NotFound => sentences([checked_as, Some("It may be private, deleted or mistyped.".to_owned())]),
        State::Moved => "The old key still leads here.".to_owned(),
        State::Unreachable => match code(answer) {
            Some(ReasonCode::SignInPage) => {
                "You may still be able to open it yourself. Jira sent a sign-in page instead of data.".to_owned()
            }
            _ => {
                let reason = answer.reason.as_ref().map(|reason| format!("Reason: {}", clause(&reason.message)));
                sentences([Some("You may still be able to open it yourself.".to_owned()), reason])
            }
        },
        State::RateLimited => "The preview appears by itself then.".to_owned(),
        State::Captcha => {
            "We stopped after one try so that your account is not locked. Sign in to Jira in the browser \
                           once, then press Try again."
                .to_owned()
        }
        State::Blocked => "Set by your administrator.".to_owned(),
        State::Unsupported => match code(answer) {
            Some(ReasonCode::ScopeMissing) => {
                "Connect again with a token that may read issues and projects (read:jira-work).".to_owned()
            }
            Some(ReasonCode::LicenseMissing) => "Ask your Jira administrator for access to the product.".to_owned(),
            _ if answer.kind == Kind::None => "It stays as you pasted it.".to_owned(),
            _ => "The link works as before.".to_owned(),
        },
        State::Error => match code(answer) {
            Some(ReasonCode::ApiRemoved) => {
                "Jira has removed the call that we use. Tell whoever runs the gateway.".to_owned()
            }
            Some(ReasonCode::TooLarge) => "We stopped reading so that others are not held up.".to_owned(),
            Some(ReasonCode::OperatorConfiguration) => {
                "Tell whoever runs the gateway; Details says what to pass on.".to_owned()
            }
            other => format!("Reference: {}", other.map_or("error", ReasonCode::as_str)),
        },
    }
}

fn sentences<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A sentence as it stands after a colon: "The name is unknown" → "the name is unknown." Abbreviations stay.
fn clause(sentence: &str) -> String {
    let sentence = sentence.trim();
    let mut letters = sentence.chars();
    let out = match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && (second.is_lowercase() || second == ' ') => {
            first.to_lowercase().chain(sentence.chars().skip(1)).collect()
        }
        _ => sentence.to_owned(),
    };
    if out.ends_with(['.', '!', '?']) { out } else { out + "." }
}

/// Whether the reader saw this before and it is no longer there.
pub fn is_gone(answer: &Answer) -> bool {
    answer.state == State::NotFound && code(answer) == Some(ReasonCode::Gone)
}

/// The key in the pasted link of a moved issue: the last one that is not the new key.
pub fn moved_from(answer: &Answer) -> Option<String> {
    if answer.state != State::Moved {
        return None;
    }
    let path = answer.url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path)?;
    path.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')))
        .filter(|word| is_key(word))
        .map(str::to_uppercase)
        .rfind(|key| *key != answer.id)
}

fn is_key(word: &str) -> bool {
    word.rsplit_once('-').is_some_and(|(project, number)| {
        project.starts_with(|first: char| first.is_ascii_alphabetic())
            && project.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && is_number(number)
    })
}

/// One thing that a reader can do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub label: &'static str,
    pub href: String,
    /// The one that helps most.
    pub primary: bool,
}

impl Step {
    /// Whether it leaves the gateway.
    pub fn leaves(&self) -> bool {
        !self.href.starts_with('/')
    }
}

/// The steps of an answer's state, besides Open and Plain link. An address that the answer brings (`actions`) wins.
pub fn steps(answer: &Answer) -> Vec<Step> {
    let wanted: &[(&str, &'static str, bool)] = match answer.state {
        State::Ready if answer.stale => &[("refresh", "Refresh", true), ("why", "Why?", false)],
        State::Ready => &[("refresh", "Refresh", false)],
        State::Connect => &[("connect", "Connect", true)],
        State::Reconnect => &[("reconnect", "Reconnect", true), ("why", "Why?", false)],
        State::ChooseAccount => &[("choose_account", "Choose account", true)],
        State::NotFound => &[("connect", "Try another account", false), ("why", "Why?", false)],
        State::Moved => &[("update_link", "Update link", true)],
        State::Unreachable => &[("retry", "Retry", true), ("why", "Details", false)],
        State::RateLimited => &[("why", "Details", false)],
        State::Captcha => &[("sign_in", "Open Jira", true), ("reconnect", "Try again", false), ("why", "Why?", false)],
        State::Blocked => &[("why", "Why?", false)],
        State::Unsupported if code(answer) == Some(ReasonCode::ScopeMissing) => {
            &[("reconnect", "Reconnect", true), ("why", "Why?", false)]
        }
        State::Unsupported => &[("why", "Why?", false)],
        State::Error => &[("retry", "Retry", true), ("why", "Details", false)],
    };
    wanted
        .iter()
        .filter_map(|&(id, label, primary)| {
            let given = answer.actions.iter().find(|action| action.id == id).map(|action| action.href.as_str());
            let href = given.and_then(safe_href).map(str::to_owned).or_else(|| usual_href(answer, id))?;
            Some(Step { label, href, primary })
        })
        .collect()
}

/// Where a step leads when the answer does not say.
fn usual_href(answer: &Answer, id: &str) -> Option<String> {
    let url = encode(answer.canonical_url.as_deref().unwrap_or(&answer.url));
    match id {
        "why" | "choose_account" => Some(format!("/why?url={url}")),
        "refresh" | "retry" | "update_link" => Some(format!("/?url={url}")),
        "connect" | "reconnect" => {
            let site = encode(&answer.site.as_ref()?.url);
            Some(format!("/connect?site={site}&return_to={}", encode(&format!("/?url={url}"))))
        }
        "sign_in" => safe_href(&answer.site.as_ref()?.url).map(str::to_owned),
        _ => None,
    }
}

/// A text as the value of a query parameter.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// An address that may stand in a link: https, http, or a path of ours.
pub fn safe_href(href: &str) -> Option<&str> {
    let is_web = ["https://", "http://"].iter().any(|scheme| href.starts_with(scheme));
    let is_ours = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\");
    (is_web || is_ours).then_some(href).filter(|href| !href.contains(|letter: char| letter.is_control()))
}

/// Where "Open" leads. None for kind `none`: what is not Jira gets no link of ours.
pub fn open_href(answer: &Answer) -> Option<&str> {
    answer.canonical_url.as_deref().and_then(safe_href).filter(|href| !href.starts_with('/'))
}
