//! What a bearer of Notion may call: pushes of the gateway, and whose token it is (notion-link-preview §4H).

use serde_json::{Value, json};

use super::super::jira::exchange::{Answer, Asked};
use super::super::jira::who::{Scheme, credential};
use super::own_tokens::PERSONAL;
use super::rest::{self, Id, Refusal, Who};
use super::state::State;
use super::switches::{PushReply, UnknownUri};
use super::tokens::Grant;
use super::validator::{self, Speech};
use super::{Notion, envelope};

impl Notion {
    pub(super) fn api(&self, asked: &Asked) -> Answer {
        let is_rest = super::is_rest(&asked.path);
        let mut state = self.lock();
        let state = &mut *state;
        let bearer = match credential(asked) {
            Some((Scheme::Bearer, token)) => state.tokens.bearer(&token).cloned().map(|grant| (token, grant)),
            _ => None,
        };
        let Some((token, grant)) = bearer else { return envelope(401, "unauthorized", "API token is invalid.") };
        if let Err(refusal) = self.let_pass(state, is_rest, &token, &grant) {
            return refusal.answer();
        }
        match asked.header("notion-version") {
            None => {
                let words = "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.";
                return envelope(400, "missing_version", words);
            }
            Some(version) if !state.switches.versions.contains(&version) => {
                let code = if is_rest { "missing_version" } else { "validation_error" };
                return envelope(400, code, "Notion-Version header failed validation.");
            }
            Some(version) if is_rest && version != rest::VERSION => {
                let words = format!("The simulated Notion speaks version {} here, not {version}.", rest::VERSION);
                return envelope(400, "validation_error", &words);
            }
            Some(_) => {}
        }
        match (asked.method.as_str(), asked.path.as_str()) {
            ("PATCH", super::PUSH) => push(state, asked, &grant),
            _ => {
                let who = Who {
                    user: grant.user,
                    workspace: state.workspace_of(grant.user),
                    author: Id::parse(&grant.bot_id).expect("a UUID was minted"),
                    is_person: false,
                    is_personal_token: grant.client_id == PERSONAL,
                    now: self.now(),
                };
                rest::serve(state, asked, who)
            }
        }
    }

    /// Whether the pace is right.
    fn let_pass(&self, state: &mut State, is_rest: bool, token: &str, grant: &Grant) -> Result<(), Refusal> {
        let now = self.now();
        if is_rest {
            let settings = &state.switches.rest;
            let own = (grant.bot_id.as_str(), settings.allowance);
            let all = (state.workspace_of(grant.user), settings.workspace_allowance);
            return state.rest.allowances.pass(own, all, now);
        }
        let Some(a_second) = state.switches.pushes_a_second else { return Ok(()) };
        state.pace.pass(token, a_second, now).map_err(|seconds| Refusal::rate_limited("connection", seconds))
    }
}

fn push(state: &mut State, asked: &Asked, grant: &Grant) -> Answer {
    if state.integration(&grant.client_id).is_none_or(|it| it.link_preview.is_none()) {
        return envelope(403, "restricted_resource", "Insufficient permissions for this endpoint.");
    }
    let json = asked.header("content-type").is_some_and(|it| it.starts_with("application/json"));
    let body: Option<Value> = serde_json::from_slice(&asked.body).ok().filter(|_| json);
    let Some(body) = body else { return envelope(400, "invalid_json", "Error parsing JSON body.") };
    let (uri, update) = match validator::read(&body, Speech::Push, state.switches.strictness) {
        Ok(update) => update,
        Err(faults) => {
            let words = format!("body failed validation: {}", faults.join("; "));
            return envelope(400, "validation_error", &words);
        }
    };
    let workspace = state.workspace_of(grant.user);
    match state.objects.get_mut(&(workspace, uri)) {
        Some(object) => (object.attributes, object.error) = (update.attributes, update.error),
        None if state.switches.unknown_uri == UnknownUri::Accepted => {}
        None => return envelope(404, "object_not_found", "Could not find this external object."),
    }
    match state.switches.push_reply {
        PushReply::EmptyObject => Answer::ok(&json!({})),
        PushReply::NoContent => Answer::no_content(),
    }
}
