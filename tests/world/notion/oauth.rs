//! `POST /v1/oauth/…`: what a code or a refresh token is good for (notion-link-preview §4B, notion-rest-api §2).

use serde_json::{Value, json};

use super::super::jira::exchange::{Answer, Asked};
use super::super::jira::who::{Scheme, basic, credential};
use super::super::oauth::mint;
use super::integration::Integration;
use super::state::{Account, CODE_LIFE, Code, CodeKind, State, UserId};
use super::switches::{OAuthErrors, Owner};
use super::tokens::{Given, GrantId};
use super::{Notion, envelope};

/// Status, code, description.
type Refusal = (u16, &'static str, String);

impl Notion {
    pub(super) fn oauth(&self, asked: &Asked) -> Answer {
        let answer = self.client_of(asked).and_then(|client| {
            let body = body(asked)?;
            match asked.path.as_str() {
                "/v1/oauth/token" => self.token(&client, &body),
                "/v1/oauth/revoke" => self.revoke(&client, &body),
                _ => self.introspect(&client, &body),
            }
        });
        let id = mint::uuid("request");
        let answer = match answer {
            Ok(mut value) => {
                value["request_id"] = json!(id);
                Answer::ok(&value)
            }
            Err((status, code, words)) => match self.switches().oauth_errors {
                OAuthErrors::Rfc => Answer::json(status, &json!({"error": code, "error_description": words})),
                OAuthErrors::Envelope => return envelope(status, code, &words),
            },
        };
        answer.with("x-notion-request-id", &id)
    }

    /// Who asks: HTTP Basic alone.
    fn client_of(&self, asked: &Asked) -> Result<Integration, Refusal> {
        let refused = || (401, "invalid_client", "Client authentication failed.".to_owned());
        let Some((Scheme::Basic, pair)) = credential(asked) else { return Err(refused()) };
        let (id, secret) = basic(&pair).ok_or_else(refused)?;
        self.state(|state| state.integration(&id).filter(|it| it.client.1 == secret).cloned()).ok_or_else(refused)
    }

    fn token(&self, client: &Integration, body: &Value) -> Result<Value, Refusal> {
        match text(body, "grant_type")? {
            "authorization_code" => self.exchange(client, body),
            "refresh_token" => {
                let refresh = text(body, "refresh_token")?;
                let mut state = self.lock();
                let given = state.tokens.rotate(refresh, &client.client.0);
                let given = given.ok_or_else(|| (400, "invalid_grant", "Invalid refresh token.".to_owned()))?;
                let user = state.tokens.grant(given.grant).user;
                Ok(answer(&state, &given, owner_user(&state, user)))
            }
            _ => Err((400, "unsupported_grant_type", "Unsupported grant type.".into())),
        }
    }

    fn exchange(&self, client: &Integration, body: &Value) -> Result<Value, Refusal> {
        let code = text(body, "code")?;
        let now = self.now();
        let mut state = self.lock();
        let invalid = || (400, "invalid_grant", "Invalid code.".to_owned());
        let held = state.codes.get(code).filter(|it| it.integration == client.client.0).cloned().ok_or_else(invalid)?;
        let account = match &held.kind {
            CodeKind::LinkPreview(_) => account(body, state.switches.external_account_required)?,
            CodeKind::Public(sent) => {
                redirect_uri(body, sent.as_deref(), client)?;
                None
            }
        };
        // Used up, in time or not.
        state.codes.remove(code);
        if now.duration_since(held.issued) > CODE_LIFE {
            return Err(invalid());
        }
        let Code { user, kind, .. } = held;
        let given = state.tokens.start(&client.client.0, user);
        let shown = match &kind {
            CodeKind::LinkPreview(_) => state.switches.owner,
            CodeKind::Public(_) => state.switches.public_owner,
        };
        if let CodeKind::LinkPreview(attempt) = kind {
            let account =
                account.unwrap_or_else(|| Account { key: String::new(), name: state.user(user).name.clone() });
            if let Some(attempt) = state.attempts.iter_mut().find(|it| it.state == attempt) {
                attempt.exchanged = Some((given.grant, account));
            }
        }
        let owner = match shown {
            Owner::User => owner_user(&state, user),
            Owner::Workspace => json!({"type": "workspace", "workspace": true}),
        };
        Ok(answer(&state, &given, owner))
    }

    fn revoke(&self, client: &Integration, body: &Value) -> Result<Value, Refusal> {
        let token = text(body, "token")?;
        self.state(|state| {
            if let Some(grant) = state.tokens.find(token, &client.client.0) {
                state.tokens.end(grant);
            }
        });
        Ok(json!({}))
    }

    fn introspect(&self, client: &Integration, body: &Value) -> Result<Value, Refusal> {
        let token = text(body, "token")?;
        let found: Option<GrantId> = self.state(|state| state.tokens.find(token, &client.client.0));
        Ok(json!({ "active": found.is_some() }))
    }
}

/// JSON, and nothing else.
fn body(asked: &Asked) -> Result<Value, Refusal> {
    let invalid = |words: &str| (400, "invalid_request", format!("body failed validation: {words}"));
    if !asked.header("content-type").is_some_and(|it| it.starts_with("application/json")) {
        return Err(invalid("body should be application/json."));
    }
    let body: Value = serde_json::from_slice(&asked.body).map_err(|_| invalid("body is not valid JSON."))?;
    if body.is_object() { Ok(body) } else { Err(invalid("body should be an object.")) }
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    match &body[name] {
        Value::String(text) if !text.is_empty() => Ok(text),
        Value::Null => Err(unfit(&format!("body.{name} should be defined, instead was `undefined`."))),
        other => Err(unfit(&format!("body.{name} should be a string, instead was `{other}`."))),
    }
}

fn unfit(words: &str) -> Refusal {
    (400, "invalid_request", format!("body failed validation: {words}"))
}

/// Of a Link Preview: key and name, and no redirect URI.
fn account(body: &Value, required: bool) -> Result<Option<Account>, Refusal> {
    if !body["redirect_uri"].is_null() {
        return Err(unfit("body.redirect_uri should be not present."));
    }
    match &body["external_account"] {
        Value::Null if !required => Ok(None),
        Value::Null => Err(unfit("body.external_account should be defined, instead was `undefined`.")),
        account => {
            let part = |name| {
                text(account, name).map_err(|_| unfit(&format!("body.external_account.{name} should be a string.")))
            };
            Ok(Some(Account { key: part("key")?.to_owned(), name: part("name")?.to_owned() }))
        }
    }
}

/// Needed if it stood in the authorize URL or several are registered; else not allowed.
fn redirect_uri(body: &Value, sent: Option<&str>, client: &Integration) -> Result<(), Refusal> {
    let needed = sent.or(match &client.redirect_uris[..] {
        [_] => None,
        uris => uris.first().map(String::as_str),
    });
    match body["redirect_uri"].as_str() == needed {
        true => Ok(()),
        false => Err((400, "invalid_grant", "The redirect URI does not fit the code.".into())),
    }
}

fn owner_user(state: &State, user: UserId) -> Value {
    json!({"type": "user", "user": state.user(user).json()})
}

fn answer(state: &State, given: &Given, owner: Value) -> Value {
    let grant = state.tokens.grant(given.grant);
    let workspace = &state.workspaces[state.workspace_of(grant.user).0];
    let refresh = state.switches.refresh_tokens.then(|| given.refresh.clone());
    json!({
        "access_token": given.access, "token_type": "bearer", "refresh_token": refresh, "bot_id": grant.bot_id,
        "workspace_name": workspace.name, "workspace_icon": null, "workspace_id": workspace.id, "owner": owner,
        "duplicated_template_id": null,
    })
}
