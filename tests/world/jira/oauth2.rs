//! Data Center as an OAuth 2.0 provider, from 8.22 (jira-auth-and-rest §4.3): unlike Cloud it wants forms, the
//! redirect URI at every refresh, and kills the old pair at once.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::oauth::{Application, AuthorizeRequest, Codes, Parameters, TokenCounts, mint};
use super::exchange::{Answer, Asked};
use super::pages;
use super::people::Person;
use super::who::Context;

/// Seconds; the sample of the documentation.
const ACCESS_SECONDS: i64 = 7200;
const REFRESH: SignedDuration = SignedDuration::from_secs(7_776_000);
/// `max.client.delay.seconds`
const CODE: SignedDuration = SignedDuration::from_secs(10);
/// Each includes those before it.
const SCOPES: [&str; 4] = ["READ", "WRITE", "ADMIN", "SYSTEM_ADMIN"];

#[derive(Clone, Debug)]
struct Grant {
    client_id: String,
    redirect_uri: String,
    /// User name.
    name: String,
}

struct Pair {
    access: String,
    refresh: String,
    grant: Grant,
    issued: Timestamp,
}

pub struct OAuth2 {
    clients: HashMap<String, Application>,
    codes: Codes<Grant>,
    pairs: Vec<Pair>,
    pub counts: TokenCounts,
}

impl Default for OAuth2 {
    fn default() -> Self {
        let counts = TokenCounts::default();
        Self { clients: HashMap::new(), codes: Codes::living(CODE), pairs: Vec::new(), counts }
    }
}

impl OAuth2 {
    /// An incoming application link.
    pub fn register(&mut self, client_id: &str, secret: &str, redirect_uri: &str) {
        let client = Application { secret: secret.into(), redirect_uris: vec![redirect_uri.into()] };
        self.clients.insert(client_id.into(), client);
    }

    /// The user name behind an access token.
    pub fn holder(&self, access: &str, now: Timestamp) -> Option<&str> {
        let pair = self.pairs.iter().find(|pair| pair.access == access)?;
        let in_time = now.duration_since(pair.issued) < SignedDuration::from_secs(ACCESS_SECONDS);
        in_time.then_some(pair.grant.name.as_str())
    }

    /// The person removes all apps from their profile.
    pub fn revoke(&mut self, name: &str) {
        self.pairs.retain(|pair| pair.grant.name != name);
    }

    /// A request that may go on, or what the browser is told.
    pub fn check(&self, query: &str) -> Result<AuthorizeRequest, Answer> {
        let parameters =
            Parameters::of_form(query).ok_or_else(|| error(400, "invalid_request", "A parameter came twice"))?;
        let request = AuthorizeRequest::of(&parameters)
            .map_err(|name| error(400, "invalid_request", &format!("The parameter {name} is missing or wrong")))?;
        let client = self.clients.get(&request.client_id);
        let client = client.ok_or_else(|| error(400, "invalid_client", "Unknown client"))?;
        if !client.redirect_uris.contains(&request.redirect_uri) {
            return Err(error(400, "invalid_request", "The redirect URI is not the registered one"));
        }
        let known = request.scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
        if request.scopes.is_empty() || !known {
            return Err(Answer::redirect(&request.callback(&[("error", "invalid_scope")])));
        }
        Ok(request)
    }

    /// `/rest/oauth2/latest/authorize`: to the consent page, by way of the sign-in page.
    pub fn authorize(&self, asked: &Asked, person: Option<&Person>, context: &Context<'_>) -> Answer {
        let consent = format!("/plugins/servlet/oauth2/consent?{}", asked.query);
        match (self.check(&asked.query), person) {
            (Err(answer), _) => answer,
            (Ok(_), None) => pages::to_sign_in(context.base, &consent),
            (Ok(_), Some(_)) => Answer::redirect(&format!("{}{consent}", context.base)),
        }
    }

    /// The consent page and its form.
    pub fn consent(&mut self, asked: &Asked, person: Option<&Person>, context: &Context<'_>) -> Answer {
        let (request, person) = match (self.check(&asked.query), person) {
            (Err(answer), _) => return answer,
            (Ok(_), None) => {
                return pages::to_sign_in(context.base, &format!("/plugins/servlet/oauth2/consent?{}", asked.query));
            }
            (Ok(request), Some(person)) => (request, person),
        };
        if asked.method != "POST" {
            return Answer::html(
                200,
                &pages::consent(context.personality, &request.client_id, person, &request.scopes),
            );
        }
        match asked.field("decision") == "allow" {
            true => Answer::redirect(&self.allow(request, &person.name, context.now)),
            false => Answer::redirect(&denied(&request)),
        }
    }

    /// The way back with a code.
    pub fn allow(&mut self, request: AuthorizeRequest, name: &str, now: Timestamp) -> String {
        let grant = Grant {
            client_id: request.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            name: name.to_owned(),
        };
        let code = self.codes.issue(request.clone(), grant, now);
        request.callback(&[("code", &code)])
    }

    /// `/rest/oauth2/latest/token`: a form in the body, nothing else.
    pub fn token(&mut self, asked: &Asked, now: Timestamp) -> Answer {
        if !asked.header("content-type").is_some_and(|it| it.starts_with("application/x-www-form-urlencoded")) {
            let words = "The @FormParam is utilized when the content type of the request entity is not \
                         application/x-www-form-urlencoded";
            return Answer::json(500, &json!({"message": words, "status-code": 500}));
        }
        let Some(parameters) = Parameters::of_form(&String::from_utf8_lossy(&asked.body)) else {
            return error(400, "invalid_request", "A parameter came twice");
        };
        let client = self.clients.get(parameters.text("client_id"));
        let known = client.is_some_and(|client| parameters.get("client_secret") == Some(&client.secret));
        let refused = || error(401, "invalid_client", "Client authentication failed");
        match parameters.text("grant_type") {
            "authorization_code" => {
                let grant = if known { self.codes.redeem(&parameters, now) } else { None };
                let answer = match (known, grant) {
                    (false, _) => Err(refused()),
                    (true, None) => Err(error(400, "invalid_grant", "Invalid authorization code")),
                    (true, Some(grant)) => Ok(self.give(grant, now)),
                };
                counted(answer, &mut self.counts.exchanges, &mut self.counts.refused_exchanges)
            }
            "refresh_token" => {
                let answer = if known { self.refresh(&parameters, now) } else { Err(refused()) };
                counted(answer, &mut self.counts.refreshes, &mut self.counts.refused_refreshes)
            }
            "" => error(400, "invalid_request", "The parameter grant_type is missing"),
            _ => error(400, "unsupported_grant_type", "This grant type is not supported"),
        }
    }

    fn refresh(&mut self, parameters: &Parameters, now: Timestamp) -> Result<Answer, Answer> {
        let fits = |pair: &Pair| {
            Some(pair.refresh.as_str()) == parameters.get("refresh_token")
                && Some(pair.grant.client_id.as_str()) == parameters.get("client_id")
                && Some(pair.grant.redirect_uri.as_str()) == parameters.get("redirect_uri")
                && now.duration_since(pair.issued) < REFRESH
        };
        let at = self.pairs.iter().position(fits);
        let at = at.ok_or_else(|| error(400, "invalid_grant", "Invalid refresh token"))?;
        let grant = self.pairs.remove(at).grant;
        Ok(self.give(grant, now))
    }

    fn give(&mut self, grant: Grant, now: Timestamp) -> Answer {
        let (access, refresh) = (mint::secret("access"), mint::secret("refresh"));
        let access = format!("eyJhbGciOiJIUzI1NiJ9.{access}");
        let body = json!({
            "access_token": access, "token_type": "bearer", "expires_in": ACCESS_SECONDS, "refresh_token": refresh,
            "created_at": now.as_second(),
        });
        self.pairs.push(Pair { access, refresh, grant, issued: now });
        Answer::ok(&body).with("cache-control", "no-store")
    }
}

/// The way back of "Deny".
pub fn denied(request: &AuthorizeRequest) -> String {
    request.callback(&[("error", "access_denied")])
}

fn counted(answer: Result<Answer, Answer>, good: &mut usize, refused: &mut usize) -> Answer {
    *if answer.is_ok() { good } else { refused } += 1;
    answer.unwrap_or_else(|refusal| refusal)
}

fn error(status: u16, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": code, "error_description": description}))
}
