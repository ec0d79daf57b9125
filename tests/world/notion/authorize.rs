//! `GET /v1/oauth/authorize`: Notion's own OAuth, where a person of a workspace allows or refuses (notion-rest-api §2).

use url::Url;

use super::super::jira::exchange::{Answer, Asked};
use super::super::oauth::html::{escape, hidden, page};
use super::super::oauth::{Parameters, mint};
use super::Notion;
use super::state::{Code, CodeKind, UserId};

/// What an authorization request asks for.
struct Request {
    client_id: String,
    /// As it came, and where the answer goes.
    redirect_uri: (Option<String>, String),
    state: Option<String>,
}

impl Request {
    fn callback(&self, name: &str, value: &str) -> String {
        let mut url = Url::parse(&self.redirect_uri.1).expect("registered as a URL");
        url.query_pairs_mut().append_pair(name, value).extend_pairs(self.state.iter().map(|state| ("state", state)));
        url.into()
    }
}

impl Notion {
    pub(super) fn authorize(&self, asked: &Asked) -> Answer {
        let query = if asked.method == "POST" { asked.field("request") } else { asked.query.clone() };
        let request = match self.request(&query) {
            Ok(request) => request,
            Err(words) => {
                return Answer::html(400, &page("Something went wrong", &format!("<p>{}</p>", escape(words))));
            }
        };
        if asked.method != "POST" {
            return Answer::html(200, &self.consent_page(&query, &request));
        }
        let chosen = asked.field("user").parse().ok().map(UserId);
        match chosen.filter(|user| self.state(|state| user.0 < state.users.len())) {
            Some(user) => Answer::redirect(&self.allow_request(&request, user)),
            None => Answer::redirect(&request.callback("error", "access_denied")),
        }
    }

    fn request(&self, query: &str) -> Result<Request, &'static str> {
        let came = Parameters::of_form(query).ok_or("A parameter came twice.")?;
        let client_id = came.get("client_id").ok_or("Missing or invalid client_id.")?;
        let registered = self.state(|state| state.integration(client_id).map(|it| it.redirect_uris.clone()));
        let registered = registered.ok_or("Missing or invalid client_id.")?;
        let sent = came.get("redirect_uri").map(str::to_owned);
        let target = match (&sent, &registered[..]) {
            (Some(uri), all) if all.contains(uri) => uri.clone(),
            (None, [only]) => only.clone(),
            _ => return Err("Missing or invalid redirect_uri."),
        };
        if came.get("response_type") != Some("code") {
            return Err("Missing or invalid response_type.");
        }
        if came.get("owner") != Some("user") {
            return Err("Missing or invalid owner.");
        }
        let state = came.get("state").map(str::to_owned);
        Ok(Request { client_id: client_id.to_owned(), redirect_uri: (sent, target), state })
    }

    fn consent_page(&self, query: &str, request: &Request) -> String {
        let (name, people) = self.state(|state| {
            let people: String = state
                .users
                .iter()
                .enumerate()
                .map(|(at, user)| {
                    let workspace = &state.workspaces[user.workspace.0].name;
                    let words = format!("{} ({}), in {workspace}", user.name, user.email);
                    format!("<button name=\"user\" value=\"{at}\">Allow access as {}</button>", escape(&words))
                })
                .collect();
            let name = state.integration(&request.client_id).map(|it| it.name.clone());
            (name.unwrap_or_default(), people)
        });
        page(
            &format!("{name} would like to connect to your Notion workspace"),
            &format!(
                "<p>It will know your name and your e-mail address.</p>\
                 <form method=\"post\" action=\"/v1/oauth/authorize\">{}<p class=\"muted\">This Notion is simulated. \
                 Its people:</p>{people}<button name=\"user\" value=\"\">Cancel</button></form>",
                hidden("request", query)
            ),
        )
    }

    fn allow_request(&self, request: &Request, user: UserId) -> String {
        let code = mint::uuid("code");
        let kind = CodeKind::Public(request.redirect_uri.0.clone());
        let held = Code { integration: request.client_id.clone(), user, issued: self.now(), kind };
        self.state(|state| state.codes.insert(code.clone(), held));
        request.callback("code", &code)
    }

    /// This person allows it; answers with the URL to which the browser goes back.
    #[track_caller]
    pub fn allow(&self, authorize_url: &str, user: UserId) -> String {
        self.allow_request(&self.own_request(authorize_url), user)
    }

    /// Somebody presses "Cancel".
    #[track_caller]
    pub fn refuse_access(&self, authorize_url: &str) -> String {
        self.own_request(authorize_url).callback("error", "access_denied")
    }

    #[track_caller]
    fn own_request(&self, authorize_url: &str) -> Request {
        let own = format!("{}/v1/oauth/authorize?", self.url);
        let query = authorize_url.strip_prefix(&own).expect("our own address");
        self.request(query).unwrap_or_else(|words| panic!("Notion shows an error page: {words}"))
    }
}
