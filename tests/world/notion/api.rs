//! What a bearer of Notion may call: pushes of the gateway, and whose token it is (notion-link-preview §4H).

use serde_json::{Value, json};

use super::super::jira::exchange::{Answer, Asked};
use super::super::jira::who::{Scheme, credential};
use super::super::oauth::mint;
use super::state::State;
use super::switches::{PushReply, UnknownUri};
use super::tokens::Grant;
use super::validator::{self, Speech};
use super::{Notion, envelope};

impl Notion {
    pub(super) fn api(&self, asked: &Asked) -> Answer {
        let mut state = self.lock();
        let bearer = match credential(asked) {
            Some((Scheme::Bearer, token)) => state.tokens.bearer(&token).cloned().map(|grant| (token, grant)),
            _ => None,
        };
        let Some((token, grant)) = bearer else { return envelope(401, "unauthorized", "API token is invalid.") };
        if let Some(a_second) = state.switches.pushes_a_second
            && let Err(seconds) = state.pace.pass(&token, a_second, self.now())
        {
            let words = "You have been rate limited. Please try again in a few minutes.";
            return envelope(429, "rate_limited", words).with("retry-after", &seconds.to_string());
        }
        match asked.header("notion-version") {
            None => {
                let words = "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.";
                return envelope(400, "missing_version", words);
            }
            Some(version) if !state.switches.versions.contains(&version) => {
                return envelope(400, "validation_error", "Notion-Version header failed validation.");
            }
            Some(_) => {}
        }
        match (asked.method.as_str(), asked.path.as_str()) {
            ("PATCH", "/v1/external/object") => push(&mut state, asked, &grant),
            ("GET", "/v1/users/me") => Answer::ok(&me(&state, &grant)),
            _ => envelope(400, "invalid_request_url", "Invalid request URL."),
        }
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

/// The bot of a token.
fn me(state: &State, grant: &Grant) -> Value {
    let workspace = &state.workspaces[state.workspace_of(grant.user).0];
    let name = state.integration(&grant.client_id).map(|it| it.name.clone());
    json!({
        "object": "user", "id": grant.bot_id, "name": name, "avatar_url": null, "type": "bot",
        "bot": {
            "owner": {"type": "user", "user": state.user(grant.user).json()},
            "workspace_id": workspace.id, "workspace_name": workspace.name,
            "workspace_limits": {"max_file_upload_size_in_bytes": 5_242_880},
        },
        "request_id": mint::uuid("request"),
    })
}
