//! The REST API of personal access tokens (jira-auth-and-rest §4.2), from 8.14.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::oauth::mint;
use super::exchange::{Answer, Asked};
use super::people::{AccessToken, Person};

/// One's own tokens, never with the secret.
pub fn list(person: &Person) -> Answer {
    Answer::ok(&person.access_tokens.iter().map(row).collect())
}

fn row(token: &AccessToken) -> Value {
    json!({
        "id": token.id, "name": token.name,
        "createdAt": token.created.to_string(), "expiringAt": token.expires.map(|it| it.to_string()),
    })
}

/// `POST`: a new token with its secret, this once.
pub fn create(asked: &Asked, person: &mut Person, id: u64, now: Timestamp) -> Answer {
    if !asked.header("content-type").is_some_and(|it| it.starts_with("application/json")) {
        return Answer::json(415, &json!({"message": "HTTP 415 Unsupported Media Type", "status-code": 415}));
    }
    let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let name = body["name"].as_str().unwrap_or_default().trim();
    let days = match &body["expirationDuration"] {
        Value::Null => Some(None),
        days => days.as_i64().filter(|days| (1..=3650).contains(days)).map(Some),
    };
    let (false, Some(days)) = (name.is_empty(), days) else {
        return Answer::error(400, "A token needs a name, and an expiry of at least one day or none.");
    };
    let secret = mint::access_token();
    let expires = days.map(|days| now + SignedDuration::from_hours(24 * days));
    let token = AccessToken { id, name: name.into(), secret, created: now, expires };
    let mut created = row(&token);
    created["rawToken"] = token.secret.as_str().into();
    person.access_tokens.push(token);
    Answer::json(201, &created)
}

/// `DELETE`: the token is dead at once.
pub fn revoke(person: &mut Person, id: &str) -> Answer {
    let before = person.access_tokens.len();
    person.access_tokens.retain(|token| token.id.to_string() != id);
    match person.access_tokens.len() < before {
        true => Answer::no_content(),
        false => Answer::error(404, &format!("Token with id {id} does not exist.")),
    }
}
