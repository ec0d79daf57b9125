//! What a reader can do next, and which addresses may stand in a link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::words::code;
use crate::preview::{Action, Answer, ReasonCode, State};

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
pub fn of(answer: &Answer) -> Vec<Step> {
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
            // What is stale because Jira is away is tried again; to its reader that is a refresh as well.
            let is_it = |given: &str| given == id || (id == "refresh" && given == "retry");
            let given = answer.actions.iter().find(|action| is_it(action.id)).map(|action| action.href.as_str());
            let href = given.and_then(safe_href).map(str::to_owned).or_else(|| usual_href(answer, id))?;
            Some(Step { label, href, primary })
        })
        .collect()
}

/// The step that helps every link of a site at once.
pub(super) fn of_site(answer: &Answer) -> Option<Step> {
    let helps_all = matches!(answer.state, State::Connect | State::Reconnect);
    of(answer).into_iter().next().filter(|_| helps_all)
}

/// The steps of one answer among many: to read it again, and why it is not simply there. What helps the whole site is
/// said elsewhere, once.
pub(super) fn of_many(answer: &Answer) -> Vec<Step> {
    let is_asked = !matches!(answer.state, State::Connect | State::Reconnect | State::Blocked | State::Unsupported);
    let given = answer.actions.iter().find(|action| matches!(action.id, "refresh" | "retry"));
    let href =
        given.and_then(|action| safe_href(&action.href)).map(str::to_owned).or_else(|| usual_href(answer, "refresh"));
    let again = href.filter(|_| is_asked).map(|href| Step { label: "Refresh", href, primary: false });
    let why = of(answer).into_iter().filter(|step| matches!(step.label, "Why?" | "Details" | "Choose account"));
    again.into_iter().chain(why).collect()
}

/// Makes the steps of an answer fit for `/preview`: what reads again stays in the frame (`again`), all else opens a
/// window, because no other page of ours may be framed.
pub fn fit_for_frame(answer: &mut Answer, public_url: &str, again: &str) {
    answer.actions.retain(|action| !matches!(action.id, "refresh" | "retry"));
    answer.actions.extend(["refresh", "retry"].map(|id| Action { id, href: again.to_owned() }));
    for id in ["why", "choose_account", "update_link", "connect", "reconnect"] {
        if !answer.actions.iter().any(|action| action.id == id)
            && let Some(href) = usual_href(answer, id)
        {
            answer.actions.push(Action { id, href: format!("{public_url}{href}") });
        }
    }
}

/// Where a step leads when the answer does not say.
fn usual_href(answer: &Answer, id: &str) -> Option<String> {
    let url = encode(answer.canonical_url.as_deref().unwrap_or(&answer.url));
    match id {
        "why" | "choose_account" => Some(format!("/why?url={url}")),
        "refresh" | "retry" => Some(format!("/?url={url}&refresh=1")),
        "update_link" => Some(format!("/?url={url}")),
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

/// What an issue key holds stays readable; anything else in its place can only be a name, never a path.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// An issue key as a part of a path.
pub fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, KEY).to_string()
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
