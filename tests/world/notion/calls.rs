//! What Notion sends to the gateway: C to G of notion-link-preview §4.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::Notion;
use super::integration::LinkPreview;
use super::log::{Caller, Exchange};
use super::state::{Account, Connection, ConnectionId};
use super::switches::{DeletedToken, Strictness, UnfurlDelete};
use super::validator::{self, Problem, Speech, Update};

/// Somebody who never answers must not stop a test for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the token URL gave.
pub struct GatewayTokens {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_in: Option<i64>,
}

/// An answer of the gateway.
struct Heard {
    status: u16,
    is_json: bool,
    body: String,
    /// Its place in the log.
    at: usize,
}

impl Heard {
    fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

impl Notion {
    async fn call(&self, method: Method, url: &str, headers: &[(&'static str, String)], body: String) -> Heard {
        let mut request = self.client.request(method.clone(), url).timeout(PATIENCE).body(body.clone());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let (mut status, mut is_json, mut answer) = (0, false, String::new());
        if let Ok(response) = request.send().await {
            status = response.status().as_u16();
            let kind = response.headers().get("content-type").and_then(|it| it.to_str().ok());
            is_json = kind.is_some_and(|it| it.starts_with("application/json"));
            answer = response.text().await.unwrap_or_default();
        }
        let at = self.note(Exchange {
            by: Caller::Notion,
            method: method.to_string(),
            target: url.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body,
            status,
            answer: answer.clone(),
            refused: None,
        });
        Heard { status, is_json, body: answer, at }
    }

    /// C and D. An error says what Notion did not like.
    pub(super) async fn ask_for_tokens(
        &self,
        forms: &LinkPreview,
        grant: &[(&str, &str)],
        redirect_uri: &str,
    ) -> Result<GatewayTokens, String> {
        let switches = self.switches();
        let own = [
            ("client_id", forms.client.0.as_str()),
            ("client_secret", &forms.client.1),
            ("redirect_uri", &switches.redirect_uri.at_token(redirect_uri)),
        ];
        let body = Serializer::new(String::new()).extend_pairs(grant).extend_pairs(own).finish();
        let form = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        let heard = self.call(Method::POST, &forms.token_url, &form, body).await;
        let first = grant.iter().any(|(_, value)| *value == "authorization_code");
        let tokens = tokens(&heard, first && switches.strictness == Strictness::Strict);
        tokens.map_err(|why| self.refuse(&heard, &why))
    }

    /// The token of a connection for the next call, renewed when it is due.
    async fn bearer(&self, connection: &Connection, forms: &LinkPreview) -> Result<String, Problem> {
        match connection.is_expired(self.now()) {
            true => self.renew(connection, forms).await,
            false => Ok(connection.access_token.clone()),
        }
    }

    /// D. What the answer leaves out stays as it was.
    async fn renew(&self, connection: &Connection, forms: &LinkPreview) -> Result<String, Problem> {
        let away = || Problem::new(401, "The connection has expired");
        let refresh = connection.refresh_token.as_deref().ok_or_else(away)?;
        let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let tokens = self.ask_for_tokens(forms, &grant, &connection.redirect_uri).await.map_err(|_| away())?;
        let (now, id) = (self.now(), connection.id);
        self.state(|state| {
            if let Some(held) = state.connections.iter_mut().find(|it| it.id == id) {
                held.access_token.clone_from(&tokens.access);
                held.refresh_token = tokens.refresh.or(held.refresh_token.take());
                held.expires_in = tokens.expires_in.or(held.expires_in);
                held.obtained_at = now;
            }
        });
        Ok(tokens.access)
    }

    /// E, with D before it.
    pub(super) async fn unfurl(
        &self,
        connection: &Connection,
        forms: &LinkPreview,
        uri: &str,
    ) -> Result<Update, Problem> {
        let Some(url) = &forms.unfurl_url else { return Err(Problem::new(500, "There is no unfurl URL yet")) };
        let bearer = self.bearer(connection, forms).await?;
        let ask = async |bearer: String| {
            let headers =
                [("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {bearer}"))];
            self.call(Method::POST, url, &headers, json!({"uri": uri}).to_string()).await
        };
        let mut heard = ask(bearer).await;
        if heard.status == 401 && self.switches().refresh_on_401 {
            heard = ask(self.renew(connection, forms).await?).await;
        }
        self.unfurled(&heard, uri)
    }

    fn unfurled(&self, heard: &Heard, uri: &str) -> Result<Update, Problem> {
        let body = heard.json().unwrap_or_default();
        let strictness = self.switches().strictness;
        let read = validator::read(&body, Speech::Unfurl, strictness);
        if heard.status != 200 {
            // An error operation under any status, or as a 401 says it (§4E).
            let message = body["error"]["message"].as_str().unwrap_or_default();
            let problem = read.ok().and_then(|(_, update)| update.error);
            return Err(problem.unwrap_or_else(|| Problem::new(heard.status, message)));
        }
        let broken = |why: &str| Problem::new(500, &self.refuse(heard, why));
        let (echoed, update) = read.map_err(|faults| broken(&faults.join("; ")))?;
        if echoed != uri {
            return Err(broken("body.uri is not the uri that was asked for"));
        }
        if !heard.is_json {
            return Err(broken("the answer is not application/json"));
        }
        match update {
            Update { attributes: None, error: Some(problem) } => Err(problem),
            update => Ok(update),
        }
    }

    /// F.
    pub(super) async fn forget(&self, connection: &Connection, forms: &LinkPreview, uri: &str) {
        let Some(url) = &forms.unfurl_url else { return };
        let way = self.switches().unfurl_delete;
        let mut headers = Vec::new();
        if way != UnfurlDelete::NoAuth
            && let Ok(bearer) = self.bearer(connection, forms).await
        {
            headers.push(("authorization", format!("Bearer {bearer}")));
        }
        let (url, body) = match way {
            UnfurlDelete::UriAndBearer | UnfurlDelete::NoAuth => (url.clone(), json!({"uri": uri}).to_string()),
            UnfurlDelete::Query => {
                let query = Serializer::new(String::new()).append_pair("uri", uri).finish();
                (format!("{url}?{query}"), String::new())
            }
            UnfurlDelete::Empty => (url.clone(), String::new()),
        };
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        self.deleted(Method::DELETE, &url, &headers, body).await;
    }

    /// G. `bot_id` and `workspace_id` are of the connection that is gone.
    pub(super) async fn tell_deleted(&self, connection: &Connection, url: &str, bot_id: &str, workspace_id: &str) {
        let Account { key, name } = &connection.external_account;
        let body = match self.switches().deleted_token {
            DeletedToken::AccessToken => json!({"access_token": connection.access_token}).to_string(),
            DeletedToken::Account => json!({
                "external_account": {"key": key, "name": name}, "bot_id": bot_id, "workspace_id": workspace_id,
            })
            .to_string(),
            DeletedToken::Empty => String::new(),
        };
        let json = [("content-type", "application/json".to_owned())];
        let headers = if body.is_empty() { &[][..] } else { &json[..] };
        self.deleted(Method::DELETE, url, headers, body).await;
    }

    async fn deleted(&self, method: Method, url: &str, headers: &[(&'static str, String)], body: String) {
        let heard = self.call(method, url, headers, body).await;
        if heard.status != 200 {
            self.refuse(&heard, "a deletion should be answered with 200");
        }
    }

    /// Writes into the log why an answer was not good; gives the words back.
    fn refuse(&self, heard: &Heard, why: &str) -> String {
        if let Some(exchange) = self.log.lock().unwrap().get_mut(heard.at) {
            exchange.refused = Some(why.to_owned());
        }
        why.to_owned()
    }

    pub(super) fn note(&self, exchange: Exchange) -> usize {
        let mut log = self.log.lock().unwrap();
        log.push(exchange);
        log.len() - 1
    }

    /// The connection as it is now.
    pub(super) fn connection(&self, id: ConnectionId) -> Option<Connection> {
        self.state(|state| state.connection(id).cloned())
    }
}

fn tokens(heard: &Heard, lifetime_is_due: bool) -> Result<GatewayTokens, String> {
    if heard.status != 200 {
        return Err(format!("the token URL answered {}", heard.status));
    }
    let Some(body) = heard.json().filter(|_| heard.is_json) else { return Err("the answer is not JSON".into()) };
    let Some(access) = body["access_token"].as_str().filter(|it| !it.is_empty()) else {
        return Err("access_token is missing".into());
    };
    let bearer = |kind: &Value| kind.as_str().is_some_and(|it| it.eq_ignore_ascii_case("bearer"));
    if body.get("token_type").is_some_and(|it| !bearer(it)) {
        return Err("token_type should be bearer".into());
    }
    let (refresh, expires_in) = (body["refresh_token"].as_str(), body["expires_in"].as_i64());
    if body.get("expires_in").is_some() && expires_in.is_none_or(|it| it <= 0) {
        return Err("expires_in should be seconds".into());
    }
    if lifetime_is_due && refresh.is_some() && expires_in.is_none() {
        return Err("expires_in is required beside a refresh_token".into());
    }
    Ok(GatewayTokens { access: access.to_owned(), refresh: refresh.map(str::to_owned), expires_in })
}
