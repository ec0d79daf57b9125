//! `auth.atlassian.com`: log-in, consent, tokens (jira-auth-and-rest §2.2, §2.3).

use serde_json::json;

use super::super::jira::exchange::{Answer, Asked};
use super::super::oauth::{AuthorizeRequest, Parameters, mint};
use super::pages;
use super::state::{Atlassian, cloud_id, person_at};
use super::tokens::{ACCESS_SECONDS, Given, Grant};

/// An error page instead of a way back: `error`, `error_description`.
pub type Refusal = (&'static str, String);

impl Atlassian {
    pub fn auth(&self, asked: &Asked) -> Answer {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/authorize") => self.authorize(&asked.query),
            ("POST", "/login") => self.log_in(asked),
            ("POST", "/consent") => self.consent(asked),
            ("POST", "/oauth/token") => self.token(asked),
            (_, "/authorize" | "/login" | "/consent" | "/oauth/token") => {
                error(405, "invalid_request", "Method not allowed")
            }
            _ => Answer::html(404, &pages::error("not_found", "There is nothing here")),
        }
    }

    /// What is seen before anybody has logged in: an unknown client is not.
    pub fn check(&self, parameters: &Parameters) -> Result<AuthorizeRequest, Refusal> {
        let request = AuthorizeRequest::of(parameters)
            .map_err(|name| ("invalid_request", format!("The parameter {name} is missing or wrong")))?;
        for (name, value) in [("audience", "api.atlassian.com"), ("prompt", "consent")] {
            if parameters.get(name) != Some(value) {
                return Err(("invalid_request", format!("The parameter {name} must be {value}")));
            }
        }
        if request.state.is_none() {
            return Err(("invalid_request", "The parameter state is missing".into()));
        }
        if request.scopes.is_empty() {
            return Err(("invalid_scope", "No scope was asked for".into()));
        }
        let state = self.state.lock().unwrap();
        match state.apps.get(&request.client_id) {
            Some(app) if !app.redirect_uris.contains(&request.redirect_uri) => Err((
                "unauthorized_client",
                "Callback URL mismatch. The callback URL is not in the allowed callback URLs".into(),
            )),
            _ => Ok(request),
        }
    }

    /// What is seen after the log-in.
    pub fn check_app(&self, request: AuthorizeRequest) -> Result<AuthorizeRequest, Refusal> {
        match self.state.lock().unwrap().apps.contains_key(&request.client_id) {
            true => Ok(request),
            false => Err(("unauthorized_client", "Unknown client".into())),
        }
    }

    fn authorize(&self, query: &str) -> Answer {
        let parameters = Parameters::of_form(query).ok_or(("invalid_request", "A parameter came twice".to_owned()));
        match parameters.and_then(|it| self.check(&it)) {
            Ok(_) => Answer::html(200, &pages::log_in(query, &self.accounts(), None)),
            Err((code, description)) => Answer::html(400, &pages::error(code, &description)),
        }
    }

    /// E-mail addresses of all people of all sites, each once.
    fn accounts(&self) -> Vec<String> {
        let mut emails = Vec::new();
        for site in self.sites() {
            let data = site.data.read().unwrap();
            for person in data.people().iter().filter(|person| person.active) {
                if !emails.contains(&person.email) {
                    emails.push(person.email.clone());
                }
            }
        }
        emails
    }

    /// The form of the log-in page: a password, or a button "Continue as …".
    fn log_in(&self, asked: &Asked) -> Answer {
        let query = asked.field("request");
        let request = Parameters::of_form(&query).ok_or(("invalid_request", String::new()));
        let request = match request.and_then(|it| self.check(&it)) {
            Ok(request) => request,
            Err((code, description)) => return Answer::html(400, &pages::error(code, &description)),
        };
        let (shortcut, email) = (asked.field("as"), asked.field("email"));
        let account = match shortcut.is_empty() {
            false => self.account(&shortcut),
            true => self.account(&email).filter(|person| person.password == asked.field("password")),
        };
        let Some(account) = account else {
            let words = "Incorrect email address or password.";
            return Answer::html(200, &pages::log_in(&query, &self.accounts(), Some(words)));
        };
        match self.check_app(request) {
            Ok(request) => {
                let session = mint::secret("session");
                self.state.lock().unwrap().sessions.insert(session.clone(), account.email.clone());
                self.consent_page(&query, &session, &request, &account.email, None)
            }
            Err((code, description)) => Answer::html(400, &pages::error(code, &description)),
        }
    }

    fn consent_page(
        &self,
        query: &str,
        session: &str,
        request: &AuthorizeRequest,
        email: &str,
        words: Option<&str>,
    ) -> Answer {
        let sites: Vec<_> = self
            .sites()
            .iter()
            .filter(|site| person_at(site, email).is_some())
            .map(|site| (cloud_id(site).to_owned(), site.url.clone()))
            .collect();
        Answer::html(200, &pages::consent(query, session, email, &request.scopes, &sites, words))
    }

    /// The form of the consent page. All sites ticked: a grant of the account, else of these sites.
    fn consent(&self, asked: &Asked) -> Answer {
        let (query, session) = (asked.field("request"), asked.field("session"));
        let request = Parameters::of_form(&query).ok_or(("invalid_request", String::new()));
        let request = request.and_then(|it| self.check(&it)).and_then(|it| self.check_app(it));
        let email = self.state.lock().unwrap().sessions.get(&session).cloned();
        let (request, email) = match (request, email) {
            (Ok(request), Some(email)) => (request, email),
            (Err((code, description)), _) => return Answer::html(400, &pages::error(code, &description)),
            (_, None) => return Answer::html(400, &pages::error("access_denied", "You are not logged in any more")),
        };
        let accepted = asked.field("decision") == "accept";
        let ticked = asked.fields("site");
        if accepted && ticked.is_empty() {
            return self.consent_page(&query, &session, &request, &email, Some("Choose at least one site."));
        }
        self.state.lock().unwrap().sessions.remove(&session);
        if !accepted {
            return Answer::redirect(&denied(&request));
        }
        let own = self.sites().iter().filter(|site| person_at(site, &email).is_some()).count();
        let sites = if ticked.len() == own { None } else { Some(ticked) };
        match self.allow(request, &email, sites) {
            Some(callback) => Answer::redirect(&callback),
            None => Answer::html(400, &pages::error("access_denied", "There is no such account any more")),
        }
    }

    /// The way back with a code. `None`: there is no such account.
    pub fn allow(&self, request: AuthorizeRequest, email: &str, sites: Option<Vec<String>>) -> Option<String> {
        let person = self.account(email)?;
        let grant = Grant {
            client_id: request.client_id.clone(),
            email: person.email,
            password: person.password,
            scopes: request.scopes.clone(),
            sites,
        };
        let mut state = self.state.lock().unwrap();
        let now = state.now;
        let code = state.codes.issue(request.clone(), grant, now);
        Some(request.callback(&[("code", &code)]))
    }

    fn token(&self, asked: &Asked) -> Answer {
        let json = asked.header("content-type").is_some_and(|it| it.starts_with("application/json"));
        let parameters = match json {
            true => Parameters::of_json(&asked.body),
            false => Parameters::of_form(&String::from_utf8_lossy(&asked.body)),
        };
        let Some(parameters) = parameters else { return error(400, "invalid_request", "Malformed request") };
        let answer = match parameters.text("grant_type") {
            "authorization_code" => self.exchange(&parameters),
            "refresh_token" => self.refresh(&parameters),
            "" => error(400, "invalid_request", "Missing grant_type"),
            _ => error(400, "unsupported_grant_type", "Unsupported grant_type"),
        };
        answer.with("cache-control", "no-store")
    }

    /// Whether client and secret belong together.
    fn knows(&self, parameters: &Parameters) -> bool {
        let state = self.state.lock().unwrap();
        let app = parameters.get("client_id").and_then(|id| state.apps.get(id));
        app.is_some_and(|app| parameters.get("client_secret") == Some(&app.secret))
    }

    fn exchange(&self, parameters: &Parameters) -> Answer {
        let answer = if !self.knows(parameters) {
            Err(error(401, "access_denied", "Unauthorized"))
        } else if parameters.get("code").is_none() || parameters.get("redirect_uri").is_none() {
            Err(error(400, "invalid_request", "Missing code or redirect_uri"))
        } else {
            let mut state = self.state.lock().unwrap();
            let now = state.now;
            match state.codes.redeem(parameters, now) {
                Some(grant) => Ok(state.tokens.start(grant, now)),
                None => Err(error(403, "invalid_grant", "Invalid authorization code")),
            }
        };
        let mut state = self.state.lock().unwrap();
        match answer {
            Ok(given) => {
                state.counts.token.exchanges += 1;
                good(&given)
            }
            Err(answer) => {
                state.counts.token.refused_exchanges += 1;
                answer
            }
        }
    }

    fn refresh(&self, parameters: &Parameters) -> Answer {
        let known = self.knows(parameters);
        let mut state = self.state.lock().unwrap();
        let now = state.now;
        let answer = match (known, parameters.get("client_id"), parameters.get("refresh_token")) {
            (false, ..) => Err(error(401, "access_denied", "Unauthorized")),
            (true, Some(client), Some(token)) => {
                let given = state.tokens.refresh(token, client, |grant| self.stands(grant), now);
                given.ok_or_else(|| match state.older_error_shape {
                    true => error(403, "unauthorized_client", "refresh_token is invalid"),
                    false => error(403, "invalid_grant", "Unknown or invalid refresh token."),
                })
            }
            _ => Err(error(400, "invalid_request", "Missing refresh_token")),
        };
        match answer {
            Ok(given) => {
                state.counts.token.refreshes += 1;
                good(&given)
            }
            Err(answer) => {
                state.counts.token.refused_refreshes += 1;
                answer
            }
        }
    }
}

/// The way back of "Cancel".
pub fn denied(request: &AuthorizeRequest) -> String {
    request.callback(&[("error", "access_denied"), ("error_description", "User did not authorize the request")])
}

fn good(given: &Given) -> Answer {
    let mut body = json!({
        "access_token": given.access, "expires_in": ACCESS_SECONDS, "scope": given.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh) = &given.refresh {
        body["refresh_token"] = refresh.as_str().into();
    }
    Answer::ok(&body)
}

fn error(status: u16, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": code, "error_description": description}))
}
