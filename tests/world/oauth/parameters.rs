//! The parameters of OAuth requests, as strict as RFC 6749 has them.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use super::super::jira::exchange::form;
use super::pkce::Challenge;

/// Parameters by name: each at most once, an empty one as if it had not come (RFC 6749 §3.1, §3.2).
#[derive(Clone, Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Of a query or a form. `None`: a parameter came twice.
    pub fn of_form(text: &str) -> Option<Self> {
        let mut all = BTreeMap::new();
        for (name, value) in form(text).into_iter().filter(|(_, value)| !value.is_empty()) {
            if all.insert(name, value).is_some() {
                return None;
            }
        }
        Some(Self(all))
    }

    /// Of a JSON object of texts.
    pub fn of_json(body: &[u8]) -> Option<Self> {
        let Value::Object(members) = serde_json::from_slice(body).ok()? else { return None };
        let texts = members.into_iter().map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        Some(Self(texts.collect::<Option<_>>()?))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Empty when it did not come.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// What an authorization request asks for.
#[derive(Clone, Debug)]
pub struct AuthorizeRequest {
    pub client_id: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub state: Option<String>,
    pub challenge: Option<Challenge>,
}

impl AuthorizeRequest {
    /// An error names the parameter that makes no sense.
    pub fn of(parameters: &Parameters) -> Result<Self, &'static str> {
        if parameters.get("response_type") != Some("code") {
            return Err("response_type");
        }
        let challenge = match (parameters.get("code_challenge"), parameters.get("code_challenge_method")) {
            (Some(it), Some("S256")) => Some(Challenge::S256(it.to_owned())),
            (Some(it), None | Some("plain")) => Some(Challenge::Plain(it.to_owned())),
            (None, None) => None,
            _ => return Err("code_challenge_method"),
        };
        Ok(Self {
            client_id: parameters.get("client_id").ok_or("client_id")?.to_owned(),
            redirect_uri: parameters.get("redirect_uri").ok_or("redirect_uri")?.to_owned(),
            scopes: parameters.text("scope").split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            state: parameters.get("state").map(str::to_owned),
            challenge,
        })
    }

    /// Where the browser goes back to, with these parameters and the state.
    pub fn callback(&self, answer: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.redirect_uri).expect("registered as a URL");
        url.query_pairs_mut().extend_pairs(answer).extend_pairs(self.state.iter().map(|state| ("state", state)));
        url.into()
    }
}
