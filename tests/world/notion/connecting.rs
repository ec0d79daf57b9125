//! From "Connect to Jira" to a row in "My connections", and out again (notion-link-preview §3, §4A).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::oauth::{Parameters, mint};
use super::Notion;
use super::integration::{Integration, LinkPreview};
use super::state::{Account, Attempt, Code, CodeKind, Connection, ConnectionId, PageId, UserId};

impl Notion {
    /// The address to which "Connect" sends this person's browser: the first integration with link previews.
    #[track_caller]
    pub fn begin_connect(&self, user: UserId) -> String {
        self.begin_connect_from(user, None)
    }

    /// The same from a page, to which a browser then comes back.
    #[track_caller]
    pub(super) fn begin_connect_from(&self, user: UserId, page: Option<PageId>) -> String {
        let integration = self.state(|state| state.integrations.iter().find(|it| it.link_preview.is_some()).cloned());
        let integration = integration.expect("an integration with link previews");
        let forms = integration.link_preview.as_ref().expect("it has link previews");
        // Characters that a careless echo changes.
        let (code, state) =
            (mint::uuid("code"), format!("{}@+%= {}", &mint::secret("state")[..8], &mint::secret("state")[..8]));
        let redirect_uri = self.switches().redirect_uri.at_authorize(&self.url);
        let mut query = vec![
            ("code", code.as_str()),
            ("redirect_uri", &redirect_uri),
            ("client_id", &forms.client.0),
            ("response_type", "code"),
            ("state", &state),
        ];
        query.extend(forms.scope.iter().map(|scope| ("scope", scope.as_str())));
        let encoded: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let url = format!("{}?{}", forms.authorize_url, encoded.join("&"));
        let (client, issued) = (integration.client.0.clone(), self.now());
        self.state(|it| {
            let kind = CodeKind::LinkPreview(state.clone());
            it.codes.insert(code.clone(), Code { integration: client.clone(), user, issued, kind });
            it.attempts.push(Attempt {
                state: state.clone(),
                user,
                integration: client,
                redirect_uri,
                page,
                exchanged: None,
            });
        });
        url
    }

    /// The browser of this person follows a redirect of the gateway. An error is what the person then reads.
    pub async fn land(&self, user: UserId, location: &str) -> Result<ConnectionId, String> {
        let (address, query) = location.split_once('?').unwrap_or((location, ""));
        if !self.state(|state| state.attempts.iter().any(|it| it.user == user && it.redirect_uri == address)) {
            return Err(format!("{address} is not where Notion waits"));
        }
        self.come_back(user, query).await
    }

    /// A′, and C when a code came with it.
    pub(super) async fn come_back(&self, user: UserId, query: &str) -> Result<ConnectionId, String> {
        let came = Parameters::of_form(query).ok_or_else(|| "A parameter came twice.".to_owned())?;
        if let Some(error) = came.get("error") {
            // The samples of the documents have no state here.
            self.state(|state| state.attempts.retain(|it| it.user != user || came.get("state") != Some(&it.state)));
            return Err(dialogue(error, came.get("error_description")));
        }
        let attempt = self.state(|state| {
            let own = |it: &Attempt| it.user == user && came.get("state") == Some(&it.state);
            let at = state.attempts.iter().position(own)?;
            Some(state.attempts.remove(at))
        });
        let Some(attempt) = attempt else { return Err("This is not an answer to what you began here.".into()) };
        let code = came.get("code").ok_or_else(|| dialogue("invalid_response", None))?;
        let Some(exchanged) = attempt.exchanged else {
            return Err("The integration did not exchange the code of Notion.".into());
        };
        let integration = self.state(|state| state.integration(&attempt.integration).cloned());
        let Some(Integration { link_preview: Some(forms), .. }) = integration else { return Err("It is gone.".into()) };
        let grant = [("code", code), ("grant_type", "authorization_code")];
        let tokens = self.ask_for_tokens(&forms, &grant, &attempt.redirect_uri).await?;
        let connection = Connection {
            id: ConnectionId(0),
            user,
            integration: attempt.integration,
            external_account: exchanged.1,
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            obtained_at: self.now(),
            expires_in: tokens.expires_in,
            redirect_uri: attempt.redirect_uri,
            grant: exchanged.0,
        };
        let id = self.keep(connection);
        self.fill_in(id, &forms).await;
        Ok(id)
    }

    /// The same account again takes the place of the former one.
    fn keep(&self, mut connection: Connection) -> ConnectionId {
        self.state(|state| {
            let same = |it: &Connection| {
                let Account { key, .. } = &it.external_account;
                it.user == connection.user
                    && it.integration == connection.integration
                    && *key == connection.external_account.key
            };
            match state.connections.iter().position(same) {
                Some(at) => {
                    connection.id = state.connections[at].id;
                    state.connections[at] = connection;
                    state.connections[at].id
                }
                None => {
                    connection.id = ConnectionId(state.number());
                    state.connections.push(connection);
                    state.connections[state.connections.len() - 1].id
                }
            }
        })
    }

    /// What the person pasted before there was a connection.
    async fn fill_in(&self, id: ConnectionId, forms: &LinkPreview) {
        let Some(connection) = self.connection(id) else { return };
        let mut waiting: Vec<String> = self.state(|state| {
            let workspace = state.workspace_of(connection.user);
            let own = state.previews.iter().filter(|it| it.by == connection.user).map(|it| it.uri.clone());
            let theirs =
                own.filter(|uri| state.unfurls(uri).is_some_and(|(it, _)| it.client.0 == connection.integration));
            theirs
                .filter(|uri| state.objects.get(&(workspace, uri.clone())).is_none_or(|it| it.attributes.is_none()))
                .collect()
        });
        waiting.dedup();
        for uri in waiting {
            self.ask_all(connection.user, &connection.integration, forms, &uri).await;
        }
    }

    /// "Disconnect": Notion's tokens end, and the gateway is told (G). Previews stay as they are.
    pub async fn disconnect(&self, user: UserId, id: ConnectionId) {
        let gone = self.state(|state| {
            let at = state.connections.iter().position(|it| it.id == id && it.user == user)?;
            let connection = state.connections.remove(at);
            let bot_id = state.tokens.grant(connection.grant).bot_id.clone();
            let workspace_id = state.workspaces[state.workspace_of(user).0].id.clone();
            state.tokens.end(connection.grant);
            let forms = state.integration(&connection.integration)?.link_preview.clone()?;
            Some((connection, forms.deleted_token_url?, bot_id, workspace_id))
        });
        if let Some((connection, url, bot_id, workspace_id)) = gone {
            self.tell_deleted(&connection, &url, &bot_id, &workspace_id).await;
        }
    }

    /// Notion's access token for a connection becomes worthless without anybody having asked for it.
    pub fn expire_notion_token(&self, id: ConnectionId) {
        self.state(|state| {
            if let Some(grant) = state.connection(id).map(|it| it.grant) {
                state.tokens.expire(grant);
            }
        });
    }
}

/// What a person reads after `error`: a standard dialogue, or the words of the integration (§4A′).
fn dialogue(error: &str, description: Option<&str>) -> String {
    if let Some(words) = description {
        return words.to_owned();
    }
    match error {
        "access_denied" => "Access was denied.",
        "temporarily_unavailable" | "server_error" => "The integration is away. Try again later.",
        "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => {
            "The integration could not be connected."
        }
        _ => "An unknown error occurred.",
    }
    .to_owned()
}
